//! Parameters of the kernel that the configuration names.

use crate::{Fault, Host, Preset, Setting, Spec};
use hostward_model::{Batch, Metric};

static VALUE: Metric = Metric::untyped("node_sysctl_*", "The kernel's parameter of that name.", &[]);
static INDEXED: Metric = Metric::untyped(
    "node_sysctl_*",
    "A field of the kernel's parameter of that name, from 0 on.",
    &["index"],
);
static INFO: Metric = Metric::gauge(
    "node_sysctl_info",
    "A word of a parameter of the kernel, from 0 on; the value is always 1.",
    &["name", "value", "index"],
);

/// More fields of a parameter than this are a fault.
const FIELDS_MAX: usize = 256;

pub static SPEC: Spec = Spec {
    name: "sysctl",
    about: "parameters of the kernel that the configuration names",
    doc: "sysctl(8)",
    reads: &["/proc/sys/NAME"],
    metrics: &[&VALUE, &INDEXED, &INFO],
    every_ms: 10_000,
    enabled: false,
    settings: &[
        Setting {
            name: "include",
            about: "Parameters that are numbers, as vm.swappiness; one of several fields can be given names for \
                    them, as fs.file-nr:total,current,max.",
            default: Preset::List(&[]),
        },
        Setting {
            name: "include_info",
            about: "Parameters that are words, as kernel.seccomp.actions_avail.",
            default: Preset::List(&[]),
        },
    ],
    start: |settings| {
        let distinct = |name| {
            let mut list = settings.list(name).to_vec();
            list.sort_unstable();
            list.dedup();
            list
        };
        let (numbers, words) = (distinct("include"), distinct("include_info"));
        Box::new(move |host: &mut Host, out: &mut Batch| collect(host, &numbers, &words, out))
    },
    // What answers for a parameter may take its time.
    ..Spec::ASIDE
};

fn collect(host: &mut Host, numbers: &[String], words: &[String], out: &mut Batch) -> Result<(), Fault> {
    let numbers = numbers.iter().map(|wanted| {
        let (name, keys) = wanted.split_once(':').unwrap_or((wanted, ""));
        let path = path(name)?;
        parse_numbers(&path, name, keys, host.read(&path)?, out)
    });
    let numbers = numbers.fold(Ok(()), Result::and);
    let words = words.iter().map(|name| {
        let path = path(name)?;
        push_words(name, host.read(&path)?, out);
        Ok(())
    });
    words.fold(numbers, Result::and)
}

/// `net.ipv4.ip_forward`, or with slashes, where a dot is a part of a name: `net/ipv4/conf/eth0.1/mtu`.
fn path(name: &str) -> Result<String, Fault> {
    let slashes = name.find(['.', '/']).is_some_and(|at| name[at..].starts_with('/'));
    let path = if slashes { name.to_owned() } else { name.replace('.', "/") };
    if path.split('/').any(|part| part.is_empty() || part == "." || part == "..") {
        return Err(Fault::malformed("[probes.sysctl] include", 1, name, "the name of a parameter"));
    }
    Ok(format!("/proc/sys/{path}"))
}

fn parse_numbers(path: &str, name: &str, keys: &str, text: &str, out: &mut Batch) -> Result<(), Fault> {
    let words: Vec<&str> = text.split_whitespace().take(FIELDS_MAX + 1).collect();
    let keys: Vec<&str> = keys.split(',').filter(|key| !key.is_empty()).collect();
    if words.is_empty() || words.len() > FIELDS_MAX {
        return Err(Fault::malformed(path, 1, text.trim(), "1 to 256 numbers"));
    }
    if !keys.is_empty() && keys.len() != words.len() {
        return Err(Fault::malformed(path, 1, text.trim(), "as many numbers as names for them"));
    }
    for (at, word) in words.iter().enumerate() {
        let value = number(word).ok_or_else(|| Fault::malformed(path, 1, word, "a whole number"))?;
        match keys.get(at) {
            Some(key) => out.push_named(&VALUE, &format!("{name}_{key}"), &[], value),
            None if words.len() == 1 => out.push_named(&VALUE, name, &[], value),
            None => out.push_named(&INDEXED, name, &[&at.to_string()], value),
        }
    }
    Ok(())
}

fn number(word: &str) -> Option<f64> {
    let unsigned = word.parse::<u64>().map(|value| value as f64);
    unsigned.or_else(|_| word.parse::<i64>().map(|value| value as f64)).ok()
}

fn push_words(name: &str, text: &str, out: &mut Batch) {
    for (at, word) in text.split_whitespace().take(FIELDS_MAX).enumerate() {
        out.push(&INFO, &[name, word, &at.to_string()], 1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;
    use crate::testing::check_host;
    use expect_test::expect;

    const FILES: [(&str, &str); 4] = [
        ("/proc/sys/fs/file-nr", "1024\t0\t1631329\n"),
        ("/proc/sys/kernel/threads-max", "7801\n"),
        ("/proc/sys/kernel/sched_rt_runtime_us", "-1\n"),
        ("/proc/sys/kernel/seccomp/actions_avail", "kill_process trap\n"),
    ];

    fn list(words: &[&str]) -> Value {
        Value::List(words.iter().map(|&word| word.to_owned()).collect())
    }

    #[test]
    fn numbers_and_words() {
        let numbers = [
            "fs.file-nr",
            "fs.file-nr:total,current,max",
            "kernel.threads-max",
            "kernel.threads-max",
            "kernel/sched_rt_runtime_us",
        ];
        let set = [("include", list(&numbers)), ("include_info", list(&["kernel.seccomp.actions_avail"]))];
        check_host(
            &SPEC,
            &set,
            &FILES,
            expect![[r#"
            node_sysctl_fs_file_nr{index="0"} 1024
            node_sysctl_fs_file_nr{index="1"} 0
            node_sysctl_fs_file_nr{index="2"} 1631329
            node_sysctl_fs_file_nr_total 1024
            node_sysctl_fs_file_nr_current 0
            node_sysctl_fs_file_nr_max 1631329
            node_sysctl_kernel_threads_max 7801
            node_sysctl_kernel_sched_rt_runtime_us -1
            node_sysctl_info{name="kernel.seccomp.actions_avail",value="kill_process",index="0"} 1
            node_sysctl_info{name="kernel.seccomp.actions_avail",value="trap",index="1"} 1
        "#]],
        );
    }

    #[test]
    fn what_does_not_fit_is_named_and_hides_nothing_else() {
        let check = |wanted: &str, expect| {
            check_host(&SPEC, &[("include", list(&[wanted, "kernel.threads-max"]))], &FILES, expect);
        };
        check(
            "fs.file-nr:total",
            expect![[r#"
            node_sysctl_kernel_threads_max 7801
            fault malformed: /proc/sys/fs/file-nr:1: expected as many numbers as names for them, found "1024\t0\t1631329"
        "#]],
        );
        check(
            "kernel.seccomp.actions_avail",
            expect![[r#"
            node_sysctl_kernel_threads_max 7801
            fault malformed: /proc/sys/kernel/seccomp/actions_avail:1: expected a whole number, found "kill_process"
        "#]],
        );
        check(
            "kernel.nope",
            expect![[r#"
            node_sysctl_kernel_threads_max 7801
            fault missing: /proc/sys/kernel/nope: not on this host
        "#]],
        );
        check(
            "kernel/../../etc/hostname",
            expect![[r#"
            node_sysctl_kernel_threads_max 7801
            fault malformed: [probes.sysctl] include:1: expected the name of a parameter, found "kernel/../../etc/hostname"
        "#]],
        );
    }

    #[test]
    fn dots_in_names() {
        assert_eq!(path("net.ipv4.ip_forward").unwrap(), "/proc/sys/net/ipv4/ip_forward");
        assert_eq!(path("net/ipv4/conf/eth0.1/mtu").unwrap(), "/proc/sys/net/ipv4/conf/eth0.1/mtu");
        assert!(path("").is_err() && path("a..b").is_err() && path("/a").is_err());
    }
}
