//! Sensors and fans: temperatures, voltages, speeds, powers, and their limits and alarms.
//!
//! What a chip offers is known by the names of its files: `temp1_crit_alarm` is the critical alarm of the first
//! temperature.

mod chip;
mod sensor;

use crate::settings::Filter;
use crate::{Fault, Host, Preset, Setting, Spec, attributes};
use hostward_model::{Batch, Metric};
use sensor::{Readings, Sensor};
use std::collections::BTreeMap;

static CHIP: Metric = Metric::gauge(
    "node_hwmon_chip_names",
    "What the driver calls the chip; the value is always 1.",
    &["chip", "chip_name"],
);
static LABEL: Metric = Metric::gauge(
    "node_hwmon_sensor_label",
    "What the driver says that the sensor measures; the value is always 1.",
    &["chip", "sensor", "label"],
);

const DIRECTORY: &str = "/sys/class/hwmon";

pub static SPEC: Spec = Spec {
    name: "hwmon",
    about: "sensors and fans with their limits and alarms",
    doc: "hwmon/sysfs-interface.rst",
    reads: &[DIRECTORY],
    metrics: &[
        &CHIP,
        &LABEL,
        &sensor::PLAIN,
        &sensor::ENABLED,
        &sensor::VOLTS,
        &sensor::CELSIUS,
        &sensor::AMPERES,
        &sensor::JOULES,
        &sensor::WATTS,
        &sensor::SECONDS,
        &sensor::REVOLUTIONS,
    ],
    every_ms: 10_000,
    settings: &[
        Setting {
            name: "chip_include",
            about: "Which chips are read, by the label chip; all when empty.",
            default: Preset::Pattern(""),
        },
        Setting {
            name: "chip_exclude",
            about: "Which chips are not read, by the label chip.",
            default: Preset::Pattern(""),
        },
        Setting {
            name: "sensor_include",
            about: "Which sensors are told, as chip;sensor; all when empty.",
            default: Preset::Pattern(""),
        },
        Setting {
            name: "sensor_exclude",
            about: "Which sensors are not told, as chip;sensor.",
            default: Preset::Pattern(""),
        },
    ],
    start: |settings| {
        let chips = settings.filter("chip_include", "chip_exclude");
        let sensors = settings.filter("sensor_include", "sensor_exclude");
        Box::new(move |host: &mut Host, out: &mut Batch| collect(host, &chips, &sensors, out))
    },
    // A reading may go over a slow bus, or to firmware.
    ..Spec::ASIDE
};

fn collect(host: &mut Host, chips: &Filter, sensors: &Filter, out: &mut Batch) -> Result<(), Fault> {
    let entries = attributes::entries(host, DIRECTORY, out)?;
    if entries.is_empty() {
        return Err(Fault::Missing { what: format!("{DIRECTORY}/hwmon*") });
    }
    for (entry, chip) in chip::names(host, DIRECTORY, &entries) {
        if chips.takes(&chip) {
            collect_chip(host, &entry, &chip, sensors, out);
        }
    }
    Ok(())
}

fn collect_chip(host: &mut Host, entry: &str, chip: &str, sensors: &Filter, out: &mut Batch) {
    let directory = format!("{DIRECTORY}/{entry}");
    let name = chip::clean(&attributes::label(host, &directory, "name"));
    if !name.is_empty() {
        out.push(&CHIP, &[chip, &name], 1.0);
    }
    // Old drivers put their files beside those of the device.
    let mut found = BTreeMap::new();
    read(host, &directory, chip, sensors, &mut found);
    read(host, &format!("{directory}/device"), chip, sensors, &mut found);
    for (sensor, readings) in &found {
        if let Some(label) = readings.get("label").filter(|label| !label.is_empty()) {
            out.push(&LABEL, &[chip, &sensor.to_string(), label], 1.0);
        }
        sensor::push(chip, sensor, readings, out);
    }
}

/// A file that does not answer is left out: a sensor may have nothing connected to it, and some are write-only.
fn read(
    host: &mut Host,
    directory: &str,
    chip: &str,
    sensors: &Filter,
    found: &mut BTreeMap<Sensor, Readings>,
) {
    for file in host.names(directory, sensor::FILES_MAX).unwrap_or_default() {
        let Some((sensor, element)) = sensor::of_file(&file) else { continue };
        if !sensors.takes(&format!("{chip};{sensor}")) {
            continue;
        }
        if let Ok(Some(text)) = host.attribute(format_args!("{directory}/{file}")) {
            found.entry(sensor).or_default().insert(element.to_owned(), text.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SPEC;
    use crate::Value;
    use crate::testing::check_host;
    use expect_test::expect;

    const FILES: [(&str, &str); 9] = [
        ("/sys/class/hwmon/hwmon0/name", "nct6779\n"),
        ("/sys/class/hwmon/hwmon0/temp1_input", "41500\n"),
        ("/sys/class/hwmon/hwmon0/temp1_label", "CPU left\n"),
        ("/sys/class/hwmon/hwmon0/temp1_type", "4\n"),
        ("/sys/class/hwmon/hwmon0/in0_input", "792\n"),
        ("/sys/class/hwmon/hwmon0/in0_alarm", "0\n"),
        ("/sys/class/hwmon/hwmon1/device/fan2_input", "1098\n"),
        ("/sys/class/hwmon/hwmon1/device/fan2_beep", "1\n"),
        ("/sys/class/hwmon/hwmon1/uevent", "\n"),
    ];

    #[test]
    fn two_chips() {
        check_host(
            &SPEC,
            &[],
            &FILES,
            expect![[r#"
            node_hwmon_chip_names{chip="nct6779",chip_name="nct6779"} 1
            node_hwmon_in_alarm{chip="nct6779",sensor="in0"} 0
            node_hwmon_in_volts{chip="nct6779",sensor="in0"} 0.792
            node_hwmon_sensor_label{chip="nct6779",sensor="temp1",label="CPU left"} 1
            node_hwmon_temp_celsius{chip="nct6779",sensor="temp1"} 41.5
            node_hwmon_temp_type{chip="nct6779",sensor="temp1"} 4
            node_hwmon_fan_beep_enabled{chip="hwmon1",sensor="fan2"} 1
            node_hwmon_fan_rpm{chip="hwmon1",sensor="fan2"} 1098
        "#]],
        );
    }

    #[test]
    fn chips_and_sensors_can_be_chosen() {
        let text = |text: &str| Value::Text(text.to_owned());
        let set = [("chip_include", text("nct.*")), ("sensor_exclude", text("nct6779;in.*"))];
        check_host(
            &SPEC,
            &set,
            &FILES,
            expect![[r#"
            node_hwmon_chip_names{chip="nct6779",chip_name="nct6779"} 1
            node_hwmon_sensor_label{chip="nct6779",sensor="temp1",label="CPU left"} 1
            node_hwmon_temp_celsius{chip="nct6779",sensor="temp1"} 41.5
            node_hwmon_temp_type{chip="nct6779",sensor="temp1"} 4
        "#]],
        );
    }

    #[test]
    fn a_host_without_sensors() {
        check_host(
            &SPEC,
            &[],
            &[],
            expect![[r#"
            fault missing: /sys/class/hwmon: not on this host
        "#]],
        );
    }
}
