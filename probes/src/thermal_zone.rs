//! Temperatures of thermal zones, and how hard the devices work that cool them.

use crate::{Fault, Host, Spec, attributes};
use hostward_model::{Batch, Metric};

static TEMPERATURE: Metric =
    Metric::gauge("node_thermal_zone_temp", "Temperature of the zone in degrees Celsius.", &["zone", "type"]);
static STATE: Metric = Metric::gauge(
    "node_cooling_device_cur_state",
    "How hard the device cools, or throttles, at present: 0 is not at all.",
    &["name", "type"],
);
static STATE_MAX: Metric = Metric::gauge(
    "node_cooling_device_max_state",
    "How hard the device can cool, or throttle.",
    &["name", "type"],
);

const DIRECTORY: &str = "/sys/class/thermal";

pub static SPEC: Spec = Spec {
    name: "thermal_zone",
    about: "temperatures of thermal zones and states of cooling devices",
    doc: "ABI/testing/sysfs-class-thermal",
    reads: &[DIRECTORY],
    metrics: &[&TEMPERATURE, &STATE, &STATE_MAX],
    every_ms: 10_000,
    start: |_| Box::new(collect),
    // The driver asks the firmware or a chip on a slow bus.
    ..Spec::ASIDE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let zones = attributes::numbered(host, DIRECTORY, "thermal_zone", out)?;
    let devices = attributes::numbered(host, DIRECTORY, "cooling_device", out)?;
    if zones.is_empty() && devices.is_empty() {
        return Err(Fault::Missing { what: format!("{DIRECTORY}/*") });
    }
    let zones = zones.iter().map(|zone| collect_zone(host, zone, out)).fold(Ok(()), Result::and);
    devices.iter().map(|device| collect_device(host, device, out)).fold(zones, Result::and)
}

/// A zone whose sensor does not answer has no temperature.
fn collect_zone(host: &mut Host, zone: &str, out: &mut Batch) -> Result<(), Fault> {
    let directory = format!("{DIRECTORY}/thermal_zone{zone}");
    let kind = attributes::label(host, &directory, "type");
    if let Some(millidegrees) = host.number(format_args!("{directory}/temp"))? {
        out.push(&TEMPERATURE, &[zone, &kind], millidegrees / 1000.0);
    }
    Ok(())
}

fn collect_device(host: &mut Host, device: &str, out: &mut Batch) -> Result<(), Fault> {
    let directory = format!("{DIRECTORY}/cooling_device{device}");
    let kind = attributes::label(host, &directory, "type");
    for (file, metric) in [("cur_state", &STATE), ("max_state", &STATE_MAX)] {
        if let Some(state) = host.number(format_args!("{directory}/{file}"))? {
            out.push(metric, &[device, &kind], state);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::SPEC;
    use crate::testing::check_host;
    use expect_test::expect;

    #[test]
    fn zones_and_devices() {
        let files = [
            ("/sys/class/thermal/thermal_zone0/temp", "12376\n"),
            ("/sys/class/thermal/thermal_zone0/type", "cpu-thermal\n"),
            ("/sys/class/thermal/thermal_zone1/temp", "-5000\n"),
            ("/sys/class/thermal/thermal_zone2/temp", "warm\n"),
            ("/sys/class/thermal/cooling_device0/type", "Processor\n"),
            ("/sys/class/thermal/cooling_device0/cur_state", "0\n"),
            ("/sys/class/thermal/cooling_device0/max_state", "3\n"),
        ];
        check_host(
            &SPEC,
            &[],
            &files,
            expect![[r#"
            node_thermal_zone_temp{zone="0",type="cpu-thermal"} 12.376
            node_thermal_zone_temp{zone="1",type=""} -5
            node_cooling_device_cur_state{name="0",type="Processor"} 0
            node_cooling_device_max_state{name="0",type="Processor"} 3
        "#]],
        );
        check_host(
            &SPEC,
            &[],
            &[],
            expect![[r#"
            fault missing: /sys/class/thermal: not on this host
        "#]],
        );
    }
}
