//! Each of the other readers of facts, which the first byte chooses together with one of the files that it starts with.
#![no_main]

use hostward_probes::facts::READERS;
use libfuzzer_sys::fuzz_target;

/// A name in a directory, and one for a pattern.
fn file(path: &str) -> String {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        _ if path.contains('*') => path.replace('*', "own"),
        _ if path.ends_with("rules.d") => format!("{path}/own.rules"),
        _ if path.ends_with("systemd/system") => format!("{path}/own.service"),
        _ if path.ends_with("lists") => format!("{path}/own"),
        "d" => format!("{path}/own.conf"),
        _ => path.to_owned(),
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, text)) = bytes.split_first() else { return };
    let places = READERS.iter().flat_map(|reader| reader.reads.iter().map(|path| (reader.area, file(path))));
    let places: Vec<_> = places.filter(|(_, path)| path != "/").collect();
    let (area, path) = &places[usize::from(*choice) % places.len()];
    hostward_fuzz::read(area, path, text);
});
