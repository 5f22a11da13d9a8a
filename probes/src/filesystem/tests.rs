//! Mount tables, and this host's own.

use super::mounts::{self, Mount};
use super::*;
use crate::Value;
use crate::testing::{Tree, exposition};
use expect_test::{Expect, expect};
use proptest::prelude::*;
use std::time::Duration;

fn check(table: &[u8], expect: Expect) {
    let shown = match mounts::parse("/proc/1/mountinfo", table) {
        Ok(mut mounts) => {
            mounts::keep_visible(&mut mounts);
            mounts.iter().map(|mount| show(mount) + "\n").collect()
        }
        Err(fault) => format!("{fault}\n"),
    };
    expect.assert_eq(&shown);
}

fn usual() -> Choice {
    Choice::new(&Settings::new(&choice::SETTINGS))
}

fn show(mount: &Mount) -> String {
    let point = String::from_utf8_lossy(&mount.point);
    let more = [(mount.readonly, " ro"), (!usual().takes(mount), " excluded")];
    let more: String = more.iter().filter(|(holds, _)| *holds).map(|(_, word)| *word).collect();
    format!("{} {} at {point:?} from {:?}{more}", mount.device_id, mount.fstype, mount.source)
}

#[test]
fn a_debian_host() {
    check(
        b"22 27 0:21 / /proc rw,relatime - proc proc rw
25 24 0:23 / /dev/shm rw,relatime - tmpfs tmpfs rw,size=24684092k
27 1 254:0 / / rw,relatime shared:1 master:3 - ext4 /dev/vda rw,discard,resv_strict
28 27 8:1 / /boot rw - vfat /dev/sda1 ro,errors=remount-ro
29 27 8:2 /home /srv ro,nosuid - xfs /dev/sda2 rw
30 27 0:31 / /run/credentials/systemd-sysusers.service ro - ramfs none rw
31 27 0:32 / /var/lib/docker/overlay2/x/merged rw - xfs /dev/sda3 rw
32 27 0:33 / /var/lib/docker rw - xfs /dev/sda3 rw
33 27 0:34 / /devel rw - xfs /dev/sda4 rw
",
        expect![[r#"
            0:21 proc at "/proc" from "proc" excluded
            0:23 tmpfs at "/dev/shm" from "tmpfs" excluded
            254:0 ext4 at "/" from "/dev/vda"
            8:1 vfat at "/boot" from "/dev/sda1" ro
            8:2 xfs at "/srv" from "/dev/sda2" ro
            0:31 ramfs at "/run/credentials/systemd-sysusers.service" from "none" ro excluded
            0:32 xfs at "/var/lib/docker/overlay2/x/merged" from "/dev/sda3" excluded
            0:33 xfs at "/var/lib/docker" from "/dev/sda3"
            0:34 xfs at "/devel" from "/dev/sda4"
        "#]],
    );
}

#[test]
fn hostile_mount_points_and_hidden_ones() {
    check(
        b"40 27 0:40 / /mnt/a\\040b\\011c\\012d\\134e rw - fuse.x \\040odd rw
41 27 0:41 / /mnt/\"quoted\"\\043 rw - tmpfs none rw
42 27 0:42 / /mnt/\xff rw - tmpfs none rw
43 27 0:43 / /mnt/\\9 rw - tmpfs none rw
44 27 0:44 / /mnt/stack rw - tmpfs below rw
45 44 0:45 / /mnt/stack rw - ext4 above rw
46 27 0:46 / /mnt/nosource rw - tmpfs  rw
",
        expect![[r##"
            0:40 fuse.x at "/mnt/a b\tc\nd\\e" from " odd"
            0:41 tmpfs at "/mnt/\"quoted\"#" from "none"
            0:42 tmpfs at "/mnt/�" from "none"
            0:43 tmpfs at "/mnt/\\9" from "none"
            0:45 ext4 at "/mnt/stack" from "above"
            0:46 tmpfs at "/mnt/nosource" from ""
        "##]],
    );
}

#[test]
fn a_broken_table_is_named() {
    check(
        b"22 27 0:21 / /proc rw - proc proc rw\n22 27 0:21 / /x rw shared:1\n",
        expect![[r#"
        /proc/1/mountinfo:2: expected a line of a mount table, found "22 27 0:21 / /x rw shared:1"
    "#]],
    );
    check(
        b"22 27\n",
        expect![[r#"
        /proc/1/mountinfo:1: expected a line of a mount table, found "22 27"
    "#]],
    );
    check(
        b"22 27 0:21 / /x rw -\n",
        expect![[r#"
        /proc/1/mountinfo:1: expected a line of a mount table, found "22 27 0:21 / /x rw -"
    "#]],
    );
}

#[test]
fn a_captured_tree_is_a_gap_and_no_numbers() {
    let tree = Tree::new(&[("/proc/1/mountinfo", "27 1 254:0 / / rw - ext4 /dev/vda rw\n")]);
    expect![[r#"
        gap node_filesystem_*: the mounts of a captured tree cannot be asked ()
    "#]]
    .assert_eq(&tree.shown(&SPEC));
}

#[test]
fn this_host_has_a_root_whose_parts_add_up() {
    let mut batch = Batch::new();
    SPEC.instance().collect(&mut Host::new("/"), &mut batch).unwrap();
    let of_root = |metric: &Metric| {
        let mut samples = batch.samples().filter(|s| s.metric.name == metric.name);
        samples.find(|s| s.labels().nth(2) == Some("/")).map(|s| s.value)
    };
    // Absent in a container, whose root is an overlay.
    if let (Some(size), Some(free), Some(avail)) = (of_root(&SIZE), of_root(&FREE), of_root(&AVAIL)) {
        assert!(size >= free && free >= avail, "{size} {free} {avail}");
        assert_eq!(of_root(&DEVICE_ERROR), Some(0.0));
    }
}

/// Needs root; elsewhere `mount` refuses and there is nothing to see.
#[test]
fn a_real_tmpfs_with_a_hostile_name() {
    use std::process::Command;
    let point = std::env::temp_dir().join(format!("hostward \"tmpfs\"\n\\{}", std::process::id()));
    std::fs::create_dir_all(&point).unwrap();
    let mount =
        Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m,ro", "hostward-test"]).arg(&point).output();
    let mounted = mount.is_ok_and(|output| output.status.success());
    let mut batch = Batch::new();
    let result = SPEC.instance().collect(&mut Host::new("/"), &mut batch);
    if mounted {
        assert!(Command::new("umount").arg(&point).status().unwrap().success());
    }
    std::fs::remove_dir(&point).unwrap();
    result.unwrap();
    let of = |metric: &Metric| {
        let mut samples = batch.samples().filter(|s| s.metric.name == metric.name);
        samples.find(|s| s.labels().nth(2) == point.to_str()).map(|s| s.value)
    };
    let expected = |value: f64| mounted.then_some(value);
    assert_eq!([of(&SIZE), of(&READONLY), of(&DEVICE_ERROR)], [1_048_576.0, 1.0, 0.0].map(expected));
}

#[test]
fn every_answer_has_its_samples() {
    let mount = Mount {
        device_id: "0:9".into(),
        point: b"/srv/a \"b\"\n".to_vec(),
        fstype: "nfs4".into(),
        source: "server:/x".into(),
        readonly: true,
    };
    let space =
        Space { size_bytes: 4096.0, free_bytes: 2048.0, avail_bytes: 1024.0, files: 9.0, files_free: 8.0 };
    let mut batch = Batch::new();
    let took = Some(Duration::from_millis(20));
    push(&mount, &Reply { answer: Answer::Space(space), took }, &mut batch);
    push(&mount, &Reply { answer: Answer::Error("Permission denied".into()), took }, &mut batch);
    push(&mount, &Reply { answer: Answer::Gone("Stale file handle".into()), took }, &mut batch);
    push(&mount, &Answer::Stuck.into(), &mut batch);
    push(&mount, &Answer::NotAsked.into(), &mut batch);
    expect![[r#"
        node_filesystem_readonly{device="server:/x",fstype="nfs4",mountpoint="/srv/a \"b\"\n"} 1
        node_filesystem_mount_info{device="server:/x",major="0",minor="9",mountpoint="/srv/a \"b\"\n"} 1
        node_filesystem_device_error{device="server:/x",fstype="nfs4",mountpoint="/srv/a \"b\"\n"} 0
        hostward_mount_responding{device="server:/x",fstype="nfs4",mountpoint="/srv/a \"b\"\n"} 1
        hostward_mount_response_seconds{device="server:/x",fstype="nfs4",mountpoint="/srv/a \"b\"\n"} 0.02
        node_filesystem_size_bytes{device="server:/x",fstype="nfs4",mountpoint="/srv/a \"b\"\n"} 4096
        node_filesystem_free_bytes{device="server:/x",fstype="nfs4",mountpoint="/srv/a \"b\"\n"} 2048
        node_filesystem_avail_bytes{device="server:/x",fstype="nfs4",mountpoint="/srv/a \"b\"\n"} 1024
        node_filesystem_files{device="server:/x",fstype="nfs4",mountpoint="/srv/a \"b\"\n"} 9
        node_filesystem_files_free{device="server:/x",fstype="nfs4",mountpoint="/srv/a \"b\"\n"} 8
        node_filesystem_readonly{device="server:/x",fstype="nfs4",mountpoint="/srv/a \"b\"\n"} 1
        node_filesystem_mount_info{device="server:/x",major="0",minor="9",mountpoint="/srv/a \"b\"\n"} 1
        node_filesystem_device_error{device="server:/x",fstype="nfs4",mountpoint="/srv/a \"b\"\n"} 1
        hostward_mount_responding{device="server:/x",fstype="nfs4",mountpoint="/srv/a \"b\"\n"} 1
        hostward_mount_response_seconds{device="server:/x",fstype="nfs4",mountpoint="/srv/a \"b\"\n"} 0.02
        node_filesystem_readonly{device="server:/x",fstype="nfs4",mountpoint="/srv/a \"b\"\n"} 1
        node_filesystem_mount_info{device="server:/x",major="0",minor="9",mountpoint="/srv/a \"b\"\n"} 1
        node_filesystem_device_error{device="server:/x",fstype="nfs4",mountpoint="/srv/a \"b\"\n"} 1
        hostward_mount_responding{device="server:/x",fstype="nfs4",mountpoint="/srv/a \"b\"\n"} 0
        hostward_mount_response_seconds{device="server:/x",fstype="nfs4",mountpoint="/srv/a \"b\"\n"} 0.02
        node_filesystem_readonly{device="server:/x",fstype="nfs4",mountpoint="/srv/a \"b\"\n"} 1
        node_filesystem_mount_info{device="server:/x",major="0",minor="9",mountpoint="/srv/a \"b\"\n"} 1
        node_filesystem_device_error{device="server:/x",fstype="nfs4",mountpoint="/srv/a \"b\"\n"} 1
        hostward_mount_responding{device="server:/x",fstype="nfs4",mountpoint="/srv/a \"b\"\n"} 0
        node_filesystem_readonly{device="server:/x",fstype="nfs4",mountpoint="/srv/a \"b\"\n"} 1
        node_filesystem_mount_info{device="server:/x",major="0",minor="9",mountpoint="/srv/a \"b\"\n"} 1
        gap /srv/a "b"
        : Permission denied ()
        gap /srv/a "b"
        : Stale file handle (check the server or unmount it)
        gap /srv/a "b"
        : no answer in 2000 ms (check the server or unmount it)
        gap /srv/a "b"
        : not asked: too many other mounts do not answer ()
    "#]]
    .assert_eq(&exposition(&batch));
}

#[test]
fn other_mounts_may_be_wanted() {
    let mut settings = Settings::new(&choice::SETTINGS);
    settings.set("fs_types_exclude", Value::Text("tmpfs".into())).unwrap();
    settings.set("mount_points_include", Value::Text("/(srv/.*)?".into())).unwrap();
    let choice = Choice::new(&settings);
    let table = "1 1 0:1 / / rw - overlay o rw\n2 1 0:2 / /srv/a rw - tmpfs t rw\n\
                 3 1 0:3 / /srv/b rw - ext4 s rw\n4 1 0:4 / /home rw - ext4 h rw\n";
    let mounts = mounts::parse("x", table.as_bytes()).unwrap();
    let taken: Vec<_> =
        mounts.iter().filter(|mount| choice.takes(mount)).map(|m| m.device_id.as_str()).collect();
    assert_eq!(taken, ["0:1", "0:3"]);
}

proptest! {
    #[test]
    fn no_bytes_break_it(table in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = mounts::parse("x", &table);
    }
}
