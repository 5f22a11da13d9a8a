//! Small trees of devices.

use super::*;
use crate::Value;
use crate::testing::check_host;
use expect_test::expect;

const FILES: [(&str, &str); 12] = [
    ("/sys/bus/pci/devices/0000:00:02.1/class", "0x010802\n"),
    ("/sys/bus/pci/devices/0000:00:02.1/vendor", "0xc0a9\n"),
    ("/sys/bus/pci/devices/0000:00:02.1/device", "0x540a\n"),
    ("/sys/bus/pci/devices/0000:00:02.1/subsystem_vendor", "0xc0a9\n"),
    ("/sys/bus/pci/devices/0000:00:02.1/subsystem_device", "0x5021\n"),
    ("/sys/bus/pci/devices/0000:00:02.1/revision", "0x01\n"),
    ("/sys/bus/pci/devices/0000:00:02.1/max_link_speed", "16.0 GT/s PCIe\n"),
    ("/sys/bus/pci/devices/0000:00:02.1/current_link_speed", "Unknown\n"),
    ("/sys/bus/pci/devices/0000:00:02.1/current_link_width", "4\n"),
    ("/sys/bus/pci/devices/0000:00:02.1/numa_node", "-1\n"),
    ("/sys/bus/pci/devices/0000:00:02.1/power_state", "D3hot\n"),
    (
        "/usr/share/hwdata/pci.ids",
        "c0a9  Micron/Crucial Technology\n\t540a  P2 NVMe SSD\nC 01  Mass storage controller\n\t08  NVM controller\n",
    ),
];

#[test]
fn a_device() {
    check_host(
        &SPEC,
        &[],
        &FILES,
        expect![[r#"
        node_pcidevice_info{segment="0000",bus="00",device="02",function="1",parent_segment="*",parent_bus="*",parent_device="*",parent_function="*",class_id="0x010802",vendor_id="0xc0a9",device_id="0x540a",subsystem_vendor_id="0xc0a9",subsystem_device_id="0x5021",revision="0x01",vendor_name="",device_name="",subsystem_vendor_name="",subsystem_device_name="",class_name=""} 1
        node_pcidevice_current_link_width{segment="0000",bus="00",device="02",function="1"} 4
        node_pcidevice_max_link_transfers_per_second{segment="0000",bus="00",device="02",function="1"} 16000000000
        node_pcidevice_power_state{segment="0000",bus="00",device="02",function="1",state="D0"} 0
        node_pcidevice_power_state{segment="0000",bus="00",device="02",function="1",state="D1"} 0
        node_pcidevice_power_state{segment="0000",bus="00",device="02",function="1",state="D2"} 0
        node_pcidevice_power_state{segment="0000",bus="00",device="02",function="1",state="D3hot"} 1
        node_pcidevice_power_state{segment="0000",bus="00",device="02",function="1",state="D3cold"} 0
        node_pcidevice_power_state{segment="0000",bus="00",device="02",function="1",state="unknown"} 0
        node_pcidevice_power_state{segment="0000",bus="00",device="02",function="1",state="error"} 0
    "#]],
    );
}

#[test]
fn a_device_with_names() {
    let set = [("names", Value::Flag(true))];
    check_host(
        &SPEC,
        &set,
        &FILES[..6],
        expect![[r#"
        node_pcidevice_info{segment="0000",bus="00",device="02",function="1",parent_segment="*",parent_bus="*",parent_device="*",parent_function="*",class_id="0x010802",vendor_id="0xc0a9",device_id="0x540a",subsystem_vendor_id="0xc0a9",subsystem_device_id="0x5021",revision="0x01",vendor_name="c0a9",device_name="540a",subsystem_vendor_name="c0a9",subsystem_device_name="5021",class_name="Unknown class (010802)"} 1
        fault missing: /usr/share/hwdata/pci.ids: not on this host
    "#]],
    );
    let mut files = FILES[..6].to_vec();
    files.push(FILES[11]);
    check_host(
        &SPEC,
        &set,
        &files,
        expect![[r#"
        node_pcidevice_info{segment="0000",bus="00",device="02",function="1",parent_segment="*",parent_bus="*",parent_device="*",parent_function="*",class_id="0x010802",vendor_id="0xc0a9",device_id="0x540a",subsystem_vendor_id="0xc0a9",subsystem_device_id="0x5021",revision="0x01",vendor_name="Micron/Crucial Technology",device_name="P2 NVMe SSD",subsystem_vendor_name="Micron/Crucial Technology",subsystem_device_name="5021",class_name="NVM controller"} 1
    "#]],
    );
}

#[test]
fn places() {
    assert_eq!(place("10000:e0:1d.0"), Some(["10000", "e0", "1d", "0"]));
    for name in ["pci0000:00", "0000:00:02", "0000:00:0x.1", "0000:00:02.", "a:0:00:02.1", ""] {
        assert_eq!(place(name), None, "{name}");
    }
}
