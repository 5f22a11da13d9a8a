//! What a configuration can set of a probe: each value is refused with a reason, or the probe starts with it.
#![no_main]

use hostward_probes::{PROBES, Settings, Value};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, u8, u8, u64, String)| {
    let (probe, setting, kind, number, text) = input;
    let spec = PROBES[usize::from(probe) % PROBES.len()];
    let Some(chosen) = spec.settings.get(usize::from(setting) % spec.settings.len().max(1)) else { return };
    let value = match kind % 4 {
        0 => Value::Flag(number % 2 == 1),
        1 => Value::Number(number),
        2 => Value::Text(text),
        _ => Value::List(text.lines().map(str::to_owned).collect()),
    };
    let mut settings = Settings::new(spec.settings);
    match settings.set(chosen.name, value) {
        Ok(()) => drop((spec.start)(&settings)),
        Err(reason) => assert!(!reason.is_empty()),
    }
});
