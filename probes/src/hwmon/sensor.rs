//! What the files of a chip mean, and the units of what they say.

use super::chip::clean;
use hostward_model::{Batch, Metric};
use std::collections::BTreeMap;
use std::fmt;

/// Files of one chip that are looked at.
pub const FILES_MAX: usize = 4096;

const LABELS: &[&str] = &["chip", "sensor"];

pub static PLAIN: Metric =
    Metric::gauge("node_hwmon_*", "What a sensor or fan says of itself, as the driver gives it.", LABELS);
pub static ENABLED: Metric =
    Metric::gauge("node_hwmon_*_enabled", "Whether the chip beeps when the sensor gives an alarm.", LABELS);
pub static VOLTS: Metric = Metric::gauge("node_hwmon_*_volts", "A voltage, or a limit of it.", LABELS);
pub static CELSIUS: Metric = Metric::gauge(
    "node_hwmon_*_celsius",
    "A temperature, or a limit of it; an alarm has this unit, too, as in node_exporter.",
    LABELS,
);
pub static AMPERES: Metric = Metric::gauge("node_hwmon_*_amps", "A current, or a limit of it.", LABELS);
pub static JOULES: Metric =
    Metric::counter("node_hwmon_*_joule_total", "Energy that was used so far.", LABELS);
pub static WATTS: Metric = Metric::gauge("node_hwmon_*_watt", "A power, or a limit of it.", LABELS);
pub static SECONDS: Metric =
    Metric::gauge("node_hwmon_*_seconds", "An interval at which the chip measures.", LABELS);
pub static REVOLUTIONS: Metric =
    Metric::gauge("node_hwmon_*_rpm", "Revolutions of a fan in a minute, or a limit of them.", LABELS);

/// One sensor of a chip; those whose name has no number get 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sensor {
    kind: &'static str,
    number: u32,
}

/// What the files of one sensor say, by what follows its name: `input`, `crit_alarm`, or nothing.
pub type Readings = BTreeMap<String, String>;

/// What a chip can have.
const KINDS: [&str; 14] = [
    "vrm",
    "beep_enable",
    "update_interval",
    "in",
    "cpu",
    "fan",
    "pwm",
    "temp",
    "curr",
    "power",
    "energy",
    "humidity",
    "intrusion",
    "freq",
];

impl fmt::Display for Sensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.kind, self.number)
    }
}

/// `temp1_crit_alarm` is `crit_alarm` of `temp1`.
pub fn of_file(name: &str) -> Option<(Sensor, &str)> {
    let digits = name.find(|c: char| c.is_ascii_digit()).unwrap_or(name.len());
    let (kind, rest) = name.split_at(digits);
    let kind = KINDS.into_iter().find(|known| *known == kind)?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (number, rest) = rest.split_at(end);
    let number = if number.is_empty() { 0 } else { number.parse().ok()? };
    let element =
        if rest.is_empty() { "" } else { rest.strip_prefix('_').filter(|rest| !rest.is_empty())? };
    Some((Sensor { kind, number }, element))
}

/// Text among the readings, such as the name of a model, gives nothing.
pub fn push(chip: &str, sensor: &Sensor, readings: &Readings, out: &mut Batch) {
    let own = sensor.to_string();
    for (element, text) in readings.iter().filter(|(element, _)| *element != "label") {
        let Some(value) = text.trim().parse().ok().filter(|value: &f64| value.is_finite()) else { continue };
        if (sensor.kind, element.as_str()) == ("freq", "input") {
            let label = readings.get("label").map(|label| clean(label)).filter(|label| !label.is_empty());
            out.push_named(&PLAIN, "freq_freq_mhz", &[chip, label.as_deref().unwrap_or(&own)], value / 1e6);
            continue;
        }
        let (metric, scale) = unit(sensor.kind, element);
        let fill = fill(sensor.kind, element, readings.contains_key(""));
        out.push_named(metric, &fill, &[chip, &own], scale.of(value));
    }
}

/// The unit of a reading; alarms and faults have none.
fn unit(kind: &str, element: &str) -> (&'static Metric, Scale) {
    match (kind, element) {
        ("beep_enable", _) => (&PLAIN, Scale::One),
        ("vrm", _) => (&PLAIN, Scale::One),
        ("update_interval", _) => (&SECONDS, Scale::Milli),
        (_, "fault" | "alarm") => (&PLAIN, Scale::One),
        (_, "beep") => (&ENABLED, Scale::One),
        ("in" | "cpu", _) => (&VOLTS, Scale::Milli),
        ("temp", "type") => (&PLAIN, Scale::One),
        ("temp", _) => (&CELSIUS, Scale::Milli),
        ("curr", _) => (&AMPERES, Scale::Milli),
        ("energy", _) => (&JOULES, Scale::Micro),
        ("power", "accuracy") => (&PLAIN, Scale::Micro),
        ("power", "average_interval" | "average_interval_min" | "average_interval_max") => {
            (&SECONDS, Scale::Milli)
        }
        ("power", _) => (&WATTS, Scale::Micro),
        ("humidity", _) => (&PLAIN, Scale::Micro),
        ("fan", "input" | "min" | "max" | "target") => (&REVOLUTIONS, Scale::One),
        _ => (&PLAIN, Scale::One),
    }
}

/// What the driver's number is of the unit.
#[derive(Clone, Copy)]
enum Scale {
    One,
    Milli,
    Micro,
}

impl Scale {
    /// Multiplied and divided as node_exporter does, so that the last digit is the same.
    fn of(self, value: f64) -> f64 {
        match self {
            Scale::One => value,
            Scale::Milli => value * 0.001,
            Scale::Micro => value / 1e6,
        }
    }
}

/// The part of the name before the unit. `input` is the value itself, unless a file without a word is there, too.
fn fill(kind: &str, element: &str, has_plain: bool) -> String {
    match (kind, element) {
        ("beep_enable", _) => "beep_enabled".to_owned(),
        ("vrm", _) => "voltage_regulator_version".to_owned(),
        (_, "") => kind.to_owned(),
        (_, "input") if !has_plain => kind.to_owned(),
        _ => format!("{kind}_{}", clean(element)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;
    use expect_test::expect;

    #[test]
    fn files_of_sensors() {
        let cases = [
            ("temp1_crit_alarm", Some(("temp1", "crit_alarm"))),
            ("in0_input", Some(("in0", "input"))),
            ("pwm1", Some(("pwm1", ""))),
            ("pwm1_auto_point1_pwm", Some(("pwm1", "auto_point1_pwm"))),
            ("update_interval", Some(("update_interval0", ""))),
            ("power", Some(("power0", ""))),
            ("uevent", None),
            ("bogus1_input", None),
            ("temp99999999999_input", None),
            ("temp1x", None),
            ("temp1_", None),
            ("", None),
        ];
        for (name, expected) in cases {
            let found = of_file(name).map(|(sensor, element)| (sensor.to_string(), element));
            assert_eq!(
                found.as_ref().map(|(sensor, element)| (sensor.as_str(), *element)),
                expected,
                "{name}"
            );
        }
    }

    #[test]
    fn units() {
        let parse = |text: &str, out: &mut Batch| {
            let mut found = BTreeMap::<Sensor, Readings>::new();
            for (name, value) in text.lines().filter_map(|line| line.split_once(' ')) {
                let (sensor, element) = of_file(name).unwrap();
                found.entry(sensor).or_default().insert(element.to_owned(), value.to_owned());
            }
            found.iter().for_each(|(sensor, readings)| push("x", sensor, readings, out));
            Ok(())
        };
        check(
            parse,
            "vrm 90\nbeep_enable 1\nupdate_interval 1000\nin1_max 1744\ncpu0_vid 1325\ntemp1_input 55000\ntemp1_fault 1\n\
             temp1_type 4\ncurr1_input 1500\nenergy1_input 2500000\npower1_average 1000000\npower1_accuracy 900000\n\
             power1_average_interval 300\npower1_model_number text\nhumidity1_input 43100\nfan1_input 1200\n\
             fan1_pulses 2\nfan1_beep 0\nintrusion0_alarm 1\nfreq1_input 214000000\nfreq2_input 300000000\n\
             freq2_label M-Clk\npwm1 128\npwm1_input 7\nin2_input nan\n",
            expect![[r#"
                node_hwmon_beep_enabled{chip="x",sensor="beep_enable0"} 1
                node_hwmon_cpu_vid_volts{chip="x",sensor="cpu0"} 1.325
                node_hwmon_curr_amps{chip="x",sensor="curr1"} 1.5
                node_hwmon_energy_joule_total{chip="x",sensor="energy1"} 2.5
                node_hwmon_fan_beep_enabled{chip="x",sensor="fan1"} 0
                node_hwmon_fan_rpm{chip="x",sensor="fan1"} 1200
                node_hwmon_fan_pulses{chip="x",sensor="fan1"} 2
                node_hwmon_freq_freq_mhz{chip="x",sensor="freq1"} 214
                node_hwmon_freq_freq_mhz{chip="x",sensor="m_clk"} 300
                node_hwmon_humidity{chip="x",sensor="humidity1"} 0.0431
                node_hwmon_in_max_volts{chip="x",sensor="in1"} 1.744
                node_hwmon_intrusion_alarm{chip="x",sensor="intrusion0"} 1
                node_hwmon_power_accuracy{chip="x",sensor="power1"} 0.9
                node_hwmon_power_average_watt{chip="x",sensor="power1"} 1
                node_hwmon_power_average_interval_seconds{chip="x",sensor="power1"} 0.3
                node_hwmon_pwm{chip="x",sensor="pwm1"} 128
                node_hwmon_pwm_input{chip="x",sensor="pwm1"} 7
                node_hwmon_temp_fault{chip="x",sensor="temp1"} 1
                node_hwmon_temp_celsius{chip="x",sensor="temp1"} 55
                node_hwmon_temp_type{chip="x",sensor="temp1"} 4
                node_hwmon_update_interval_seconds{chip="x",sensor="update_interval0"} 1
                node_hwmon_voltage_regulator_version{chip="x",sensor="vrm0"} 90
            "#]],
        );
    }
}
