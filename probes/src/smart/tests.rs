//! Scraps of smartctl's reports, and a small `/sys`.

use super::*;
use crate::testing::{Tree, check};
use expect_test::expect;

fn read(text: &str, out: &mut Batch) -> Result<(), Fault> {
    Report::read("/dev/sda", text).map(|report| report.push("sda", out))
}

#[test]
fn an_ata_disk_that_is_failing() {
    check(
        read,
        r#"{"smartctl":{"version":[7,3],"exit_status":88},"device":{"name":"/dev/sda","type":"sat","protocol":"ATA"},
            "model_name":"WDC WD40EFRX-68N32N0","serial_number":"WD-WCC7K0","firmware_version":"82.00A82",
            "smart_support":{"available":true,"enabled":true},"smart_status":{"passed":false},
            "ata_smart_attributes":{"revision":16,"table":[
                {"id":5,"name":"Reallocated_Sector_Ct","value":1,"raw":{"value":1966080012,"string":"12 (0 30)"}},
                {"id":194,"name":"Temperature_Celsius","value":118,"raw":{"value":32,"string":"32 (Min/Max 20/45)"}},
                {"id":197,"name":"Current_Pending_Sector","value":200,"raw":{"value":8,"string":"8"}},
                {"id":198,"name":"Offline_Uncorrectable","value":100,"raw":{"value":0,"string":"-"}}]},
            "power_on_time":{"hours":30123},"temperature":{"current":32}}"#,
        expect![[r#"
            hostward_smart_info{device="sda",firmware="82.00A82",model="WDC WD40EFRX-68N32N0",protocol="ATA",serial="WD-WCC7K0"} 1
            hostward_smart_healthy{device="sda",model="WDC WD40EFRX-68N32N0"} 0
            hostward_smart_temperature_celsius{device="sda",model="WDC WD40EFRX-68N32N0"} 32
            hostward_smart_power_on_seconds_total{device="sda",model="WDC WD40EFRX-68N32N0"} 108442800
            hostward_smart_reallocated_sectors{device="sda",model="WDC WD40EFRX-68N32N0"} 12
            hostward_smart_pending_sectors{device="sda",model="WDC WD40EFRX-68N32N0"} 8
        "#]],
    );
}

#[test]
fn an_nvme_disk_that_is_worn() {
    check(
        read,
        r#"{"smartctl":{"exit_status":0},"device":{"name":"/dev/nvme0n1","type":"nvme","protocol":"NVMe"},
            "model_name":"Samsung SSD 970 PRO 512GB","serial_number":"S463","firmware_version":"1B2QEXP7",
            "smart_status":{"passed":true,"nvme":{"value":0}},
            "nvme_smart_health_information_log":{"critical_warning":4,"temperature":41,"available_spare":97,
                "available_spare_threshold":10,"percentage_used":103,"data_units_read":1,"media_errors":2,
                "power_on_hours":10},
            "temperature":{"current":41},"power_on_time":{"hours":10}}"#,
        expect![[r#"
            hostward_smart_info{device="sda",firmware="1B2QEXP7",model="Samsung SSD 970 PRO 512GB",protocol="NVMe",serial="S463"} 1
            hostward_smart_healthy{device="sda",model="Samsung SSD 970 PRO 512GB"} 1
            hostward_smart_temperature_celsius{device="sda",model="Samsung SSD 970 PRO 512GB"} 41
            hostward_smart_power_on_seconds_total{device="sda",model="Samsung SSD 970 PRO 512GB"} 36000
            hostward_smart_media_errors_total{device="sda",model="Samsung SSD 970 PRO 512GB"} 2
            hostward_smart_endurance_used_ratio{device="sda",model="Samsung SSD 970 PRO 512GB"} 1.03
            hostward_smart_available_spare_ratio{device="sda",model="Samsung SSD 970 PRO 512GB"} 0.97
            hostward_smart_available_spare_threshold_ratio{device="sda",model="Samsung SSD 970 PRO 512GB"} 0.1
            hostward_smart_critical_warning{device="sda",model="Samsung SSD 970 PRO 512GB"} 4
        "#]],
    );
}

#[test]
fn a_scsi_disk() {
    check(
        read,
        r#"{"smartctl":{"exit_status":0},"device":{"protocol":"SCSI"},"scsi_model_name":"SEAGATE ST4000",
            "smart_status":{"passed":true},"temperature":{"current":30,"drive_trip":60},"scsi_grown_defect_list":7,
            "scsi_error_counter_log":{"read":{"total_uncorrected_errors":1},"write":{"total_uncorrected_errors":2}}}"#,
        expect![[r#"
            hostward_smart_info{device="sda",firmware="",model="SEAGATE ST4000",protocol="SCSI",serial=""} 1
            hostward_smart_healthy{device="sda",model="SEAGATE ST4000"} 1
            hostward_smart_temperature_celsius{device="sda",model="SEAGATE ST4000"} 30
            hostward_smart_reallocated_sectors{device="sda",model="SEAGATE ST4000"} 7
            hostward_smart_media_errors_total{device="sda",model="SEAGATE ST4000"} 3
        "#]],
    );
}

#[test]
fn reports_that_say_why_there_is_nothing() {
    let open = |message: &str| {
        format!(
            r#"{{"smartctl":{{"exit_status":2,"messages":[{{"string":"{message}","severity":"error"}}]}}}}"#
        )
    };
    check(
        read,
        &open("Smartctl open device: /dev/sda failed: Permission denied"),
        expect![[r#"
            fault permission: /dev/sda: permission denied (mkdir -p /etc/systemd/system/hostward.service.d && printf '[Service]\nPrivateDevices=no\nDevicePolicy=auto\nSupplementaryGroups=disk\nCapabilityBoundingSet=CAP_SYS_RAWIO CAP_SYS_ADMIN\nAmbientCapabilities=CAP_SYS_RAWIO CAP_SYS_ADMIN\n' > /etc/systemd/system/hostward.service.d/smart.conf && systemctl daemon-reload && systemctl restart hostward)
        "#]],
    );
    for hidden in ["No such device", "Operation not permitted"] {
        let report =
            Report::read("/dev/sda", &open(&format!("Smartctl open device: /dev/sda failed: {hidden}")));
        assert_eq!(report.unwrap_err().reason(), "permission", "{hidden}");
    }
    check(
        read,
        &open("/dev/sda: Unable to detect device type"),
        expect![[r#"
        fault unreadable: /dev/sda: /dev/sda: Unable to detect device type
    "#]],
    );
    check(
        read,
        &open("Device is in STANDBY mode, exit(2)"),
        expect![[r#"
        fault unreadable: /dev/sda: Device is in STANDBY mode, exit(2)
    "#]],
    );
    check(
        read,
        r#"{"smartctl":{"exit_status":4},"smart_support":{"available":false}}"#,
        expect![[r#"
        fault unreadable: /dev/sda: smartctl has nothing to say of it
    "#]],
    );
    check(
        read,
        "",
        expect![[r#"
        fault malformed: /dev/sda:1: expected a report of smartctl in JSON, found ""
    "#]],
    );
    check(
        read,
        "smartctl: not\njson",
        expect![[r#"
        fault malformed: /dev/sda:1: expected a report of smartctl in JSON, found "smartctl: not"
    "#]],
    );
    check(
        read,
        r#"{"smartctl":7,"smart_status":{"passed":"yes"},"temperature":[]}"#,
        expect![[r#"
        hostward_smart_info{device="sda",firmware="",model="",protocol="",serial=""} 1
    "#]],
    );
}

#[test]
fn temperatures_without_the_program() {
    let tree = Tree::new(&[
        ("/sys/block/nvme0n1/device/hwmon3/temp1_input", "41850\n"),
        ("/sys/block/nvme0n1/device/model", "Samsung SSD  \n"),
        ("/sys/block/sda/device/hwmon/hwmon4/temp1_input", "29000\n"),
        ("/sys/block/sdb/device/model", "QEMU\n"),
        ("/sys/block/loop0/device/hwmon9/temp1_input", "1\n"),
    ]);
    expect![[r#"
        hostward_smart_temperature_celsius{device="nvme0n1",model="Samsung SSD"} 41.85
        hostward_smart_temperature_celsius{device="sda",model=""} 29
        fault missing: smartctl: not on this host
    "#]]
    .assert_eq(&tree.shown(&SPEC));
}

#[test]
fn a_host_without_such_disks_has_nothing_to_ask() {
    let tree = Tree::new(&[("/sys/block/vda/size", "1\n"), ("/sys/block/sda;id/size", "1\n")]);
    expect![[r#"
        fault missing: /sys/block: a disk with SMART: not on this host
    "#]]
    .assert_eq(&tree.shown(&SPEC));
}
