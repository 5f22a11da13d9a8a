//! Scraps of `/proc/mdstat`, and a small `/sys`.

use super::*;
use crate::testing::{Tree, check};
use expect_test::expect;

#[test]
fn an_array_that_is_rebuilt_onto_a_spare() {
    check(
        parse,
        "Personalities : [raid1]\n\
         md6 : active raid1 sdb2[2](F) sdc[1](S) sda2[0]\n\
         \x20     195310144 blocks [2/1] [U_]\n\
         \x20     [=>...................]  recovery =  8.5% (16775552/195310144) finish=17.0min speed=259783K/sec\n\
         \x20     bitmap: 0/30 pages [0KB], 65536KB chunk\n\n\
         unused devices: <none>\n",
        expect![[r#"
            node_md_state{device="md6",state="active"} 0
            node_md_state{device="md6",state="inactive"} 0
            node_md_state{device="md6",state="recovering"} 1
            node_md_state{device="md6",state="resync"} 0
            node_md_state{device="md6",state="check"} 0
            node_md_disks{device="md6",state="active"} 1
            node_md_disks_required{device="md6"} 2
            node_md_disks{device="md6",state="failed"} 1
            node_md_disks{device="md6",state="spare"} 1
            node_md_blocks{device="md6"} 195310144
            node_md_blocks_synced{device="md6"} 16775552
        "#]],
    );
}

#[test]
fn arrays_without_a_count_and_without_a_level() {
    check(
        parse,
        "Personalities : [raid0]\n\
         md101 : active (read-only) raid0 sdb[2] sdd[1]\n\
         \x20     322560 blocks super external:/md127/0 512k chunks\n\n\
         md219 : inactive sdb[2](S)\n\
         \x20     7932 blocks super external:imsm\n",
        expect![[r#"
            node_md_state{device="md101",state="active"} 1
            node_md_state{device="md101",state="inactive"} 0
            node_md_state{device="md101",state="recovering"} 0
            node_md_state{device="md101",state="resync"} 0
            node_md_state{device="md101",state="check"} 0
            node_md_disks{device="md101",state="active"} 2
            node_md_disks_required{device="md101"} 2
            node_md_disks{device="md101",state="failed"} 0
            node_md_disks{device="md101",state="spare"} 0
            node_md_blocks{device="md101"} 322560
            node_md_blocks_synced{device="md101"} 322560
            node_md_state{device="md219",state="active"} 0
            node_md_state{device="md219",state="inactive"} 1
            node_md_state{device="md219",state="recovering"} 0
            node_md_state{device="md219",state="resync"} 0
            node_md_state{device="md219",state="check"} 0
            node_md_disks{device="md219",state="active"} 0
            node_md_disks_required{device="md219"} 0
            node_md_disks{device="md219",state="failed"} 0
            node_md_disks{device="md219",state="spare"} 1
            node_md_blocks{device="md219"} 7932
            node_md_blocks_synced{device="md219"} 7932
        "#]],
    );
}

#[test]
fn a_reshape_and_a_check_that_waits() {
    check(
        parse,
        "Personalities : [raid5]\n\
         md0 : active raid5 sdb[2] sdd[1] sdc[0]\n\
         \x20     4096 blocks level 5 [3/3] [UUU]\n\
         \x20     [>....................]  reshape =  0.5% (64/4096) finish=1.0min speed=1K/sec\n\n\
         md1 : active raid1 sdb[0] sdc[1]\n\
         \x20     4096 blocks [2/2] [UU]\n\
         \x20     \tresync=REMOTE\n",
        expect![[r#"
            node_md_state{device="md0",state="active"} 0
            node_md_state{device="md0",state="inactive"} 0
            node_md_state{device="md0",state="recovering"} 0
            node_md_state{device="md0",state="resync"} 0
            node_md_state{device="md0",state="check"} 0
            node_md_state{device="md0",state="reshape"} 1
            node_md_disks{device="md0",state="active"} 3
            node_md_disks_required{device="md0"} 3
            node_md_disks{device="md0",state="failed"} 0
            node_md_disks{device="md0",state="spare"} 0
            node_md_blocks{device="md0"} 4096
            node_md_blocks_synced{device="md0"} 64
            node_md_state{device="md1",state="active"} 0
            node_md_state{device="md1",state="inactive"} 0
            node_md_state{device="md1",state="recovering"} 0
            node_md_state{device="md1",state="resync"} 1
            node_md_state{device="md1",state="check"} 0
            node_md_disks{device="md1",state="active"} 2
            node_md_disks_required{device="md1"} 2
            node_md_disks{device="md1",state="failed"} 0
            node_md_disks{device="md1",state="spare"} 0
            node_md_blocks{device="md1"} 4096
        "#]],
    );
}

#[test]
fn a_host_without_arrays_is_no_fault() {
    check(parse, "Personalities : \nunused devices: <none>\n", expect![[r#""#]]);
}

#[test]
fn nonsense_is_named_and_does_not_hide_the_next() {
    check(
        parse,
        "",
        expect![[r#"
        fault malformed: /proc/mdstat:1: expected Personalities, found ""
    "#]],
    );
    check(
        parse,
        "Personalities : [raid1]\n\
         nonsense here\n\
         \x20     4096 blocks [2/2] [UU]\n\
         md1 : active raid0 sdb[0]\n\
         \x20     many blocks\n\
         md2 : active raid1 sdb[0]\n\
         \x20     10 blocks [two/2] [UU]\n\
         \x20     [=>....] check = 8.5% (x/195310144)\n",
        expect![[r#"
            node_md_state{device="md1",state="active"} 1
            node_md_state{device="md1",state="inactive"} 0
            node_md_state{device="md1",state="recovering"} 0
            node_md_state{device="md1",state="resync"} 0
            node_md_state{device="md1",state="check"} 0
            node_md_disks{device="md1",state="active"} 1
            node_md_disks_required{device="md1"} 1
            node_md_disks{device="md1",state="failed"} 0
            node_md_disks{device="md1",state="spare"} 0
            node_md_state{device="md2",state="active"} 0
            node_md_state{device="md2",state="inactive"} 0
            node_md_state{device="md2",state="recovering"} 0
            node_md_state{device="md2",state="resync"} 0
            node_md_state{device="md2",state="check"} 1
            node_md_disks{device="md2",state="failed"} 0
            node_md_disks{device="md2",state="spare"} 0
            node_md_blocks{device="md2"} 10
            fault malformed: /proc/mdstat:2: expected the name of an array and a colon, found "nonsense"
        "#]],
    );
}

#[test]
fn sysfs_tells_what_is_degraded() {
    let tree = Tree::new(&[
        ("/proc/mdstat", "Personalities : \n"),
        ("/sys/block/md0/md/raid_disks", "2\n"),
        ("/sys/block/md5/md/degraded", "1\n"),
        ("/sys/block/md5/md/raid_disks", "3 (2)\n"),
        ("/sys/block/sda/size", "1\n"),
    ]);
    expect![[r#"
        node_md_raid_disks{device="md0"} 2
        node_md_degraded{device="md5"} 1
        node_md_raid_disks{device="md5"} 3
    "#]]
    .assert_eq(&tree.shown(&SPEC));
}
