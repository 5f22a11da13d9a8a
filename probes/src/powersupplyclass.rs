//! Batteries and power adapters.

use crate::{Fault, Host, Preset, Setting, Spec, attributes};
use hostward_model::{Batch, Metric};
use regex::Regex;

static INFO: Metric = Metric::gauge(
    "node_power_supply_info",
    "What is not a number in /sys/class/power_supply/<power_supply>; the value is always 1.",
    &[
        "power_supply",
        "capacity_level",
        "charge_type",
        "health",
        "manufacturer",
        "model_name",
        "serial_number",
        "status",
        "technology",
        "type",
        "usb_type",
        "scope",
    ],
);
static NUMBER: Metric = Metric::gauge(
    "node_power_supply_*",
    "The property of /sys/class/power_supply/<power_supply> that the name says, in whole units.",
    &["power_supply"],
);

/// Files, what follows `node_power_supply_`, and what the number is divided by.
const FILES: [(&str, &str, f64); 50] = [
    ("authentic", "authentic", 1.0),
    ("calibrate", "calibrate", 1.0),
    ("capacity", "capacity", 1.0),
    ("capacity_alert_max", "capacity_alert_max", 1.0),
    ("capacity_alert_min", "capacity_alert_min", 1.0),
    ("cycle_count", "cyclecount", 1.0),
    ("online", "online", 1.0),
    ("present", "present", 1.0),
    ("time_to_empty_now", "time_to_empty_seconds", 1.0),
    ("time_to_full_now", "time_to_full_seconds", 1.0),
    ("current_boot", "current_boot", 1e6),
    ("current_max", "current_max", 1e6),
    ("current_now", "current_ampere", 1e6),
    ("energy_empty", "energy_empty", 1e6),
    ("energy_empty_design", "energy_empty_design", 1e6),
    ("energy_full", "energy_full", 1e6),
    ("energy_full_design", "energy_full_design", 1e6),
    ("energy_now", "energy_watthour", 1e6),
    ("voltage_boot", "voltage_boot", 1e6),
    ("voltage_max", "voltage_max", 1e6),
    ("voltage_max_design", "voltage_max_design", 1e6),
    ("voltage_min", "voltage_min", 1e6),
    ("voltage_min_design", "voltage_min_design", 1e6),
    ("voltage_now", "voltage_volt", 1e6),
    ("voltage_ocv", "voltage_ocv", 1e6),
    ("charge_control_limit", "charge_control_limit", 1e6),
    ("charge_control_limit_max", "charge_control_limit_max", 1e6),
    ("charge_counter", "charge_counter", 1e6),
    ("charge_empty", "charge_empty", 1e6),
    ("charge_empty_design", "charge_empty_design", 1e6),
    ("charge_full", "charge_full", 1e6),
    ("charge_full_design", "charge_full_design", 1e6),
    ("charge_now", "charge_ampere", 1e6),
    ("charge_term_current", "charge_term_current", 1e6),
    ("constant_charge_current", "constant_charge_current", 1e6),
    ("constant_charge_current_max", "constant_charge_current_max", 1e6),
    ("constant_charge_voltage", "constant_charge_voltage", 1e6),
    ("constant_charge_voltage_max", "constant_charge_voltage_max", 1e6),
    ("precharge_current", "precharge_current", 1e6),
    ("input_current_limit", "input_current_limit", 1e6),
    ("power_now", "power_watt", 1e6),
    ("temp", "temp_celsius", 10.0),
    ("temp_alert_max", "temp_alert_max_celsius", 10.0),
    ("temp_alert_min", "temp_alert_min_celsius", 10.0),
    ("temp_ambient", "temp_ambient_celsius", 10.0),
    ("temp_ambient_alert_max", "temp_ambient_max_celsius", 10.0),
    ("temp_ambient_alert_min", "temp_ambient_min_celsius", 10.0),
    ("temp_max", "temp_max_celsius", 10.0),
    ("temp_min", "temp_min_celsius", 10.0),
    ("capacity_error_margin", "capacity_error_margin", 1.0),
];

const DIRECTORY: &str = "/sys/class/power_supply";

pub static SPEC: Spec = Spec {
    name: "powersupplyclass",
    about: "batteries and power adapters",
    doc: "ABI/testing/sysfs-class-power",
    reads: &[DIRECTORY],
    metrics: &[&INFO, &NUMBER],
    every_ms: 10_000,
    settings: &[Setting {
        name: "ignored_supplies",
        about: "Which power supplies are left out, by name; none when empty.",
        default: Preset::Pattern(""),
    }],
    start: |settings| {
        let ignored = settings.pattern("ignored_supplies").cloned();
        Box::new(move |host: &mut Host, out: &mut Batch| collect(host, &ignored, out))
    },
    // The driver asks the firmware or the controller of the battery.
    ..Spec::ASIDE
};

fn collect(host: &mut Host, ignored: &Option<Regex>, out: &mut Batch) -> Result<(), Fault> {
    let supplies = attributes::entries(host, DIRECTORY, out)?;
    if supplies.is_empty() {
        return Err(Fault::Missing { what: format!("{DIRECTORY}/*") });
    }
    let wanted = |supply: &&String| ignored.as_ref().is_none_or(|ignored| !ignored.is_match(supply));
    let wanted = supplies.iter().filter(wanted);
    wanted.map(|supply| collect_supply(host, supply, out)).fold(Ok(()), Result::and)
}

/// A supply has a part of the files, and its driver may refuse to answer for some of those.
fn collect_supply(host: &mut Host, supply: &str, out: &mut Batch) -> Result<(), Fault> {
    let directory = format!("{DIRECTORY}/{supply}");
    let there = attributes::entries(host, &directory, out)?;
    for (file, fill, divisor) in FILES.iter().filter(|(file, ..)| there.iter().any(|name| name == file)) {
        if let Ok(Some(value)) = host.number(format_args!("{directory}/{file}")) {
            out.push_named(&NUMBER, fill, &[supply], value / divisor);
        }
    }
    let texts = INFO.labels.iter().map(|label| match *label {
        "power_supply" => supply.to_owned(),
        file => attributes::label(host, &directory, file),
    });
    let texts: Vec<String> = texts.collect();
    out.push(&INFO, &texts.iter().map(String::as_str).collect::<Vec<_>>(), 1.0);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::SPEC;
    use crate::Value;
    use crate::testing::check_host;
    use expect_test::expect;

    const FILES: [(&str, &str); 8] = [
        ("/sys/class/power_supply/AC/online", "0\n"),
        ("/sys/class/power_supply/AC/type", "Mains\n"),
        ("/sys/class/power_supply/BAT0/energy_now", "36580000\n"),
        ("/sys/class/power_supply/BAT0/temp", "-105\n"),
        ("/sys/class/power_supply/BAT0/capacity", "81\n"),
        ("/sys/class/power_supply/BAT0/cycle_count", "many\n"),
        ("/sys/class/power_supply/BAT0/status", "Not charging\n"),
        ("/sys/class/power_supply/BAT0/serial_number", " 38109\n"),
    ];

    #[test]
    fn an_adapter_and_a_battery() {
        check_host(
            &SPEC,
            &[],
            &FILES,
            expect![[r#"
            node_power_supply_online{power_supply="AC"} 0
            node_power_supply_info{power_supply="AC",capacity_level="",charge_type="",health="",manufacturer="",model_name="",serial_number="",status="",technology="",type="Mains",usb_type="",scope=""} 1
            node_power_supply_capacity{power_supply="BAT0"} 81
            node_power_supply_energy_watthour{power_supply="BAT0"} 36.58
            node_power_supply_temp_celsius{power_supply="BAT0"} -10.5
            node_power_supply_info{power_supply="BAT0",capacity_level="",charge_type="",health="",manufacturer="",model_name="",serial_number="38109",status="Not charging",technology="",type="",usb_type="",scope=""} 1
        "#]],
        );
    }

    #[test]
    fn some_are_ignored() {
        let set = [("ignored_supplies", Value::Text("BAT.".to_owned()))];
        check_host(
            &SPEC,
            &set,
            &FILES,
            expect![[r#"
            node_power_supply_online{power_supply="AC"} 0
            node_power_supply_info{power_supply="AC",capacity_level="",charge_type="",health="",manufacturer="",model_name="",serial_number="",status="",technology="",type="Mains",usb_type="",scope=""} 1
        "#]],
        );
        check_host(
            &SPEC,
            &[],
            &[],
            expect![[r#"
            fault missing: /sys/class/power_supply: not on this host
        "#]],
        );
    }
}
