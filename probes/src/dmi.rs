//! What the machine says it is: vendor, product, firmware, serial numbers.

use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

static INFO: Metric = Metric::gauge(
    "node_dmi_info",
    "What the firmware says of the machine; the value is always 1.",
    &[
        "bios_date",
        "bios_release",
        "bios_vendor",
        "bios_version",
        "board_asset_tag",
        "board_name",
        "board_serial",
        "board_vendor",
        "board_version",
        "chassis_asset_tag",
        "chassis_serial",
        "chassis_vendor",
        "chassis_version",
        "product_family",
        "product_name",
        "product_serial",
        "product_sku",
        "product_uuid",
        "product_version",
        "system_vendor",
    ],
);

const DIRECTORY: &str = "/sys/class/dmi/id";
/// Serial numbers and the UUID are for root alone.
const GRANT: &str = "printf 'z /sys/class/dmi/id/*_serial 0440 root hostward\\nz /sys/class/dmi/id/product_uuid \
                     0440 root hostward\\n' >/etc/tmpfiles.d/hostward-dmi.conf && systemd-tmpfiles --create";

pub static SPEC: Spec = Spec {
    name: "dmi",
    about: "vendor, product, firmware and serial numbers of the machine",
    doc: "ABI/testing/sysfs-firmware-dmi-entries",
    reads: &[DIRECTORY],
    metrics: &[&INFO],
    every_ms: 60_000,
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let mut denied = Vec::new();
    let texts: Vec<String> = INFO.labels.iter().map(|label| text(host, label, &mut denied)).collect();
    if texts.iter().all(String::is_empty) && denied.is_empty() {
        return Err(Fault::Missing { what: DIRECTORY.to_owned() });
    }
    out.push(&INFO, &texts.iter().map(String::as_str).collect::<Vec<_>>(), 1.0);
    if !denied.is_empty() {
        out.push_gap(&format!("{DIRECTORY}/{{{}}}", denied.join(",")), "permission", GRANT);
    }
    Ok(())
}

/// What a machine does not tell is an empty label, which is the same as none.
fn text(host: &mut Host, label: &'static str, denied: &mut Vec<&'static str>) -> String {
    let file = if label == "system_vendor" { "sys_vendor" } else { label };
    match host.attribute(format_args!("{DIRECTORY}/{file}")) {
        Ok(text) => text.unwrap_or_default().trim().to_owned(),
        Err(_) => {
            denied.push(file);
            String::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SPEC;
    use crate::testing::check_host;
    use expect_test::expect;

    #[test]
    fn a_server() {
        let files = [
            ("/sys/class/dmi/id/sys_vendor", "Dell Inc.\n"),
            ("/sys/class/dmi/id/product_name", "PowerEdge R6515 \n"),
            ("/sys/class/dmi/id/chassis_type", "23\n"),
        ];
        check_host(
            &SPEC,
            &[],
            &files,
            expect![[r#"
            node_dmi_info{bios_date="",bios_release="",bios_vendor="",bios_version="",board_asset_tag="",board_name="",board_serial="",board_vendor="",board_version="",chassis_asset_tag="",chassis_serial="",chassis_vendor="",chassis_version="",product_family="",product_name="PowerEdge R6515",product_serial="",product_sku="",product_uuid="",product_version="",system_vendor="Dell Inc."} 1
        "#]],
        );
        check_host(
            &SPEC,
            &[],
            &[("/sys/class/dmi/id/uevent", "")],
            expect![[r#"
            fault missing: /sys/class/dmi/id: not on this host
        "#]],
        );
    }
}
