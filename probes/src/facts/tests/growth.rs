//! Twice as many lines cost twice as much, whatever they say: time is counted as this thread used it, so that others may
//! be busy meanwhile.

use super::*;
use allocation_counter::measure;
use nix::sys::time::TimeValLike;
use nix::time::{ClockId, clock_gettime};

/// What a line is made of, from its number; all are different, as nobody writes them.
type Shape = fn(usize) -> String;

/// Shapes that some reader nests, compares with what was before or keeps for later.
const SHAPES: [(&str, Shape); 15] = [
    ("words", |n| format!("k{n} v{n}\n")),
    ("same word", |n| format!("KEY v{n}\n")),
    ("settings", |n| format!("k{n} = v;\n")),
    ("sections", |n| format!("[s{n}]\nk{n} = v\nenabled = true\n")),
    ("service", |n| {
        if n == 0 { "[Service]\n".to_owned() } else { format!("CapabilityBoundingSet=CAP_{n}\nX{n}=1\n") }
    }),
    ("server section", |n| if n == 0 { "[mysqld]\n".to_owned() } else { format!("k{n}=1\n") }),
    ("blocks", |n| {
        format!(
            "Match User u{n}\nk{n} v\n<Directory /{n}>\nk v\n</Directory>\n<IfModule m{n}>\n</IfModule>\n"
        )
    }),
    ("hosts", |n| format!("<VirtualHost *:{n}>\nServerName h{n}\nTimeout 1\n</VirtualHost>\n")),
    ("accounts", |n| format!("u{n}:x:{n}:{n}::/home/{n}:/bin/sh\n")),
    ("servers", |n| {
        if n == 0 {
            "http {\n".to_owned()
        } else {
            format!("a{n} 1;\nserver {{ a{n} v; listen {n}; location /{n} {{ }} }}\n")
        }
    }),
    ("chains", |n| {
        format!("chain c{n} {{\n type filter hook input priority {n};\ntcp dport {{ {n}, 22 }} accept\n}}\n")
    }),
    ("rules", |n| {
        format!("u{n}, %g{n} ALL = NOPASSWD: /bin/c{n}, \\\n !/bin/d{n}\nDefaults:u{n} k{n}=\"a, b\"\n")
    }),
    ("paths", |n| format!("/var/log/{n}\n")),
    ("calls", |n| format!("-a always,exit -F path=/{n} -F perm=wa -S c{n},d{n}\n-w /w{n} -p wa\n")),
    ("sockets", |n| {
        format!("   {n}: 0000{n:04X}:{n:04X} 0B00000A:1234 0A 00000000:00000000 00:00000000 0 0 0 {n} 1\n")
    }),
];

/// Lines of the shorter file.
const SHORT: usize = 300;
/// The longer file has so many times as many; what is quadratic takes the square of it as long.
const TIMES: usize = 4;
/// Caches and allocators add to what is linear; what is quadratic is at 16.
const RATIO_MAX: f64 = 10.0;
/// Less than this is too little to be compared.
const LEAST_MICROSECONDS: i64 = 5_000;

/// How much time and memory a reader takes for files of so many lines.
fn cost(reader: &Reader, shape: Shape, lines: usize) -> (i64, u64) {
    let tree = Tree::new(&[]);
    let text: String = (0..lines).map(shape).collect();
    starting_points(&[reader]).iter().for_each(|path| tree.write(path, &text));
    let (host, wanted) = (tree.host(), only(reader));
    let used = || clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap().num_microseconds();
    let begun = used();
    let memory = measure(|| drop(collect(&host, &wanted)));
    (used() - begun, memory.bytes_total)
}

/// Others disturb caches now and then; what is quadratic is so each time.
fn again_if_large(ratio: f64, reader: &Reader, shape: Shape) -> f64 {
    let once = || cost(reader, shape, SHORT * TIMES).0 as f64 / cost(reader, shape, SHORT).0.max(1) as f64;
    let tries = if ratio < RATIO_MAX { 0 } else { 5 };
    (0..tries).map(|_| once()).fold(ratio, f64::min)
}

#[test]
fn twice_as_much_costs_twice_as_much() {
    let mut worst = Vec::new();
    for reader in READERS.iter().filter(|reader| reader.area != "scan") {
        for (name, shape) in SHAPES {
            let (short, long) = (cost(reader, shape, SHORT), cost(reader, shape, SHORT * TIMES));
            let grown = long.1 as f64 / short.1 as f64;
            assert!(grown < 10.0, "{} of {name}: {grown:.1} times the memory", reader.area);
            if long.0 >= LEAST_MICROSECONDS {
                let ratio = again_if_large(long.0 as f64 / short.0.max(1) as f64, reader, shape);
                worst.push((ratio, reader.area, name, long.0));
            }
        }
    }
    worst.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (ratio, area, name, microseconds) in worst.iter().take(12) {
        println!(
            "{TIMES} times the lines take {ratio:.1} times as long: {area} of {name}, {microseconds} µs"
        );
    }
    let (ratio, area, name, _) = worst[0];
    assert!(ratio < RATIO_MAX, "{area} of {name}: {TIMES} times the lines take {ratio:.1} times as long");
}
