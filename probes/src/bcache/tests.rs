//! A small tree with one set.

use super::*;
use crate::testing::{Tree, check};
use crate::{Settings, Value};
use expect_test::expect;

#[test]
fn a_set_with_broken_files() {
    let tree = Tree::new(&[
        ("/sys/fs/bcache/register", ""),
        ("/sys/fs/bcache/de-1/tree_depth", "1\n"),
        ("/sys/fs/bcache/de-1/cache_available_percent", "98\n"),
        ("/sys/fs/bcache/de-1/internal/btree_nodes", "some\n"),
        ("/sys/fs/bcache/de-1/bdev0/dirty_data", "1.5k\n"),
        ("/sys/fs/bcache/de-1/bdev0/stats_total/cache_hits", "546\n"),
        (
            "/sys/fs/bcache/de-1/bdev0/writeback_rate_debug",
            "rate:\t\t1.1M/sec\nchange:\t\t-2k/sec\nnext io:\t17ms\n",
        ),
        ("/sys/fs/bcache/de-1/cache0/written", "10.2G\n"),
        ("/sys/fs/bcache/de-1/cache0/priority_stats", "Unused:\t\t99%\nMetadata:\t1%\nQuantiles:\t[0 1]\n"),
    ]);
    let mut settings = Settings::new(SPEC.settings);
    settings.set("priority_stats", Value::Flag(true)).unwrap();
    check(
        |_, out| (SPEC.start)(&settings).collect(&mut tree.host(), out),
        "",
        expect![[r#"
        node_bcache_cache_available_percent{uuid="de-1"} 98
        node_bcache_tree_depth{uuid="de-1"} 1
        node_bcache_dirty_data_bytes{backing_device="bdev0",uuid="de-1"} 1524
        node_bcache_cache_hits_total{backing_device="bdev0",uuid="de-1"} 546
        node_bcache_writeback_rate{backing_device="bdev0",uuid="de-1"} 1150976
        node_bcache_writeback_change{backing_device="bdev0",uuid="de-1"} -2048
        node_bcache_written_bytes_total{cache_device="cache0",uuid="de-1"} 10947133440
        node_bcache_priority_stats_unused_percent{cache_device="cache0",uuid="de-1"} 99
        node_bcache_priority_stats_metadata_percent{cache_device="cache0",uuid="de-1"} 1
        fault malformed: /sys/fs/bcache/de-1/internal/btree_nodes:1: expected a number with or without one of kMGTPEZY, found "some"
    "#]],
    );
    let mut batch = Batch::new();
    let _ = SPEC.instance().collect(&mut tree.host(), &mut batch);
    assert!(!batch.samples().any(|sample| sample.metric == &UNUSED));
}
