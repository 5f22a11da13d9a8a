//! What XFS counts for each of its file systems.

use crate::attributes;
use crate::words::{Line, lines, not_empty};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

const fn counter(name: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, help, &["device"])
}

static EXTENTS_ALLOCATED: Metric =
    counter("node_xfs_extent_allocation_extents_allocated_total", "Extents allocated.");
static BLOCKS_ALLOCATED: Metric =
    counter("node_xfs_extent_allocation_blocks_allocated_total", "Blocks allocated.");
static EXTENTS_FREED: Metric = counter("node_xfs_extent_allocation_extents_freed_total", "Extents freed.");
static BLOCKS_FREED: Metric = counter("node_xfs_extent_allocation_blocks_freed_total", "Blocks freed.");
static ALLOCATION_LOOKUPS: Metric =
    counter("node_xfs_allocation_btree_lookups_total", "Lookups in the B-trees of free space.");
static ALLOCATION_COMPARES: Metric =
    counter("node_xfs_allocation_btree_compares_total", "Comparisons in the B-trees of free space.");
static ALLOCATION_INSERTED: Metric = counter(
    "node_xfs_allocation_btree_records_inserted_total",
    "Records inserted in the B-trees of free space.",
);
static ALLOCATION_DELETED: Metric = counter(
    "node_xfs_allocation_btree_records_deleted_total",
    "Records deleted from the B-trees of free space.",
);
static MAPPING_READS: Metric =
    counter("node_xfs_block_mapping_reads_total", "Mappings of blocks for reading.");
static MAPPING_WRITES: Metric =
    counter("node_xfs_block_mapping_writes_total", "Mappings of blocks for writing.");
static MAPPING_UNMAPS: Metric = counter("node_xfs_block_mapping_unmaps_total", "Blocks unmapped (deleted).");
static LIST_INSERTIONS: Metric =
    counter("node_xfs_block_mapping_extent_list_insertions_total", "Insertions in lists of extents.");
static LIST_DELETIONS: Metric =
    counter("node_xfs_block_mapping_extent_list_deletions_total", "Deletions from lists of extents.");
static LIST_LOOKUPS: Metric =
    counter("node_xfs_block_mapping_extent_list_lookups_total", "Lookups in lists of extents.");
static LIST_COMPARES: Metric =
    counter("node_xfs_block_mapping_extent_list_compares_total", "Comparisons in lists of extents.");
static MAP_LOOKUPS: Metric =
    counter("node_xfs_block_map_btree_lookups_total", "Lookups in the B-trees of block maps.");
static MAP_COMPARES: Metric =
    counter("node_xfs_block_map_btree_compares_total", "Comparisons in the B-trees of block maps.");
static MAP_INSERTED: Metric = counter(
    "node_xfs_block_map_btree_records_inserted_total",
    "Records inserted in the B-trees of block maps.",
);
static MAP_DELETED: Metric = counter(
    "node_xfs_block_map_btree_records_deleted_total",
    "Records deleted from the B-trees of block maps.",
);
static DIRECTORY_LOOKUP: Metric = counter(
    "node_xfs_directory_operation_lookup_total",
    "Lookups of names that the kernel's cache of names could not answer.",
);
static DIRECTORY_CREATE: Metric =
    counter("node_xfs_directory_operation_create_total", "Entries of directories created.");
static DIRECTORY_REMOVE: Metric =
    counter("node_xfs_directory_operation_remove_total", "Entries of directories removed.");
static DIRECTORY_GETDENTS: Metric =
    counter("node_xfs_directory_operation_getdents_total", "Listings of directories.");
static INODE_ATTEMPTS: Metric =
    counter("node_xfs_inode_operation_attempts_total", "Searches for an inode in the cache of XFS.");
static INODE_FOUND: Metric = counter("node_xfs_inode_operation_found_total", "Inodes found in the cache.");
static INODE_RECYCLED: Metric =
    counter("node_xfs_inode_operation_recycled_total", "Inodes found in the cache that were being recycled.");
static INODE_MISSED: Metric =
    counter("node_xfs_inode_operation_missed_total", "Inodes that were not in the cache.");
static INODE_DUPLICATES: Metric = counter(
    "node_xfs_inode_operation_duplicates_total",
    "Inodes that another process put into the cache in the meantime.",
);
static INODE_RECLAIMS: Metric =
    counter("node_xfs_inode_operation_reclaims_total", "Inodes taken from the cache to make room.");
static INODE_ATTRIBUTES: Metric = counter(
    "node_xfs_inode_operation_attribute_changes_total",
    "Explicit changes of the attributes of an inode.",
);
static WRITES: Metric = counter("node_xfs_write_calls_total", "Calls of write(2).");
static READS: Metric = counter("node_xfs_read_calls_total", "Calls of read(2).");
static VNODE_ACTIVE: Metric = counter("node_xfs_vnode_active_total", "Vnodes that are not on a free list.");
static VNODE_ALLOCATE: Metric = counter("node_xfs_vnode_allocate_total", "Vnodes allocated.");
static VNODE_GET: Metric = counter("node_xfs_vnode_get_total", "Vnodes taken.");
static VNODE_HOLD: Metric = counter("node_xfs_vnode_hold_total", "Vnodes held.");
static VNODE_RELEASE: Metric = counter("node_xfs_vnode_release_total", "Vnodes released.");
static VNODE_RECLAIM: Metric = counter("node_xfs_vnode_reclaim_total", "Vnodes reclaimed.");
static VNODE_REMOVE: Metric = counter("node_xfs_vnode_remove_total", "Vnodes removed.");

/// Rows of the file by their first word, and the metrics of their columns.
static ROWS: [(&str, &[&Metric]); 8] = [
    ("extent_alloc", &[&EXTENTS_ALLOCATED, &BLOCKS_ALLOCATED, &EXTENTS_FREED, &BLOCKS_FREED]),
    ("abt", &[&ALLOCATION_LOOKUPS, &ALLOCATION_COMPARES, &ALLOCATION_INSERTED, &ALLOCATION_DELETED]),
    (
        "blk_map",
        &[
            &MAPPING_READS,
            &MAPPING_WRITES,
            &MAPPING_UNMAPS,
            &LIST_INSERTIONS,
            &LIST_DELETIONS,
            &LIST_LOOKUPS,
            &LIST_COMPARES,
        ],
    ),
    ("bmbt", &[&MAP_LOOKUPS, &MAP_COMPARES, &MAP_INSERTED, &MAP_DELETED]),
    ("dir", &[&DIRECTORY_LOOKUP, &DIRECTORY_CREATE, &DIRECTORY_REMOVE, &DIRECTORY_GETDENTS]),
    (
        "ig",
        &[
            &INODE_ATTEMPTS,
            &INODE_FOUND,
            &INODE_RECYCLED,
            &INODE_MISSED,
            &INODE_DUPLICATES,
            &INODE_RECLAIMS,
            &INODE_ATTRIBUTES,
        ],
    ),
    // The kernel counts writes first.
    ("rw", &[&WRITES, &READS]),
    (
        "vnodes",
        &[
            &VNODE_ACTIVE,
            &VNODE_ALLOCATE,
            &VNODE_GET,
            &VNODE_HOLD,
            &VNODE_RELEASE,
            &VNODE_RECLAIM,
            &VNODE_REMOVE,
        ],
    ),
];

const DIRECTORY: &str = "/sys/fs/xfs";
const FILESYSTEMS_MAX: usize = 1024;

pub static SPEC: Spec = Spec {
    name: "xfs",
    about: "allocations, lookups, inodes and calls of each XFS file system",
    doc: "admin-guide/xfs",
    reads: &[DIRECTORY],
    metrics: &[
        &EXTENTS_ALLOCATED,
        &BLOCKS_ALLOCATED,
        &EXTENTS_FREED,
        &BLOCKS_FREED,
        &ALLOCATION_LOOKUPS,
        &ALLOCATION_COMPARES,
        &ALLOCATION_INSERTED,
        &ALLOCATION_DELETED,
        &MAPPING_READS,
        &MAPPING_WRITES,
        &MAPPING_UNMAPS,
        &LIST_INSERTIONS,
        &LIST_DELETIONS,
        &LIST_LOOKUPS,
        &LIST_COMPARES,
        &MAP_LOOKUPS,
        &MAP_COMPARES,
        &MAP_INSERTED,
        &MAP_DELETED,
        &DIRECTORY_LOOKUP,
        &DIRECTORY_CREATE,
        &DIRECTORY_REMOVE,
        &DIRECTORY_GETDENTS,
        &INODE_ATTEMPTS,
        &INODE_FOUND,
        &INODE_RECYCLED,
        &INODE_MISSED,
        &INODE_DUPLICATES,
        &INODE_RECLAIMS,
        &INODE_ATTRIBUTES,
        &WRITES,
        &READS,
        &VNODE_ACTIVE,
        &VNODE_ALLOCATE,
        &VNODE_GET,
        &VNODE_HOLD,
        &VNODE_RELEASE,
        &VNODE_RECLAIM,
        &VNODE_REMOVE,
    ],
    every_ms: 10_000,
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

/// Beside a directory for each file system there are `stats` for all and `debug`.
fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let wanted = |name: &str| !["stats", "debug"].contains(&name);
    let devices = attributes::names(host, DIRECTORY, FILESYSTEMS_MAX, wanted, out)?;
    let mut read = |device: &String| {
        let path = format!("{DIRECTORY}/{device}/stats/stats");
        let text = host.attribute(format_args!("{path}"))?;
        text.map_or(Ok(()), |text| parse(&path, device, text, out))
    };
    devices.iter().map(&mut read).fold(Ok(()), Result::and)
}

/// A row for each part of XFS; newer kernels have more of them and longer ones.
fn parse(path: &str, device: &str, text: &str, out: &mut Batch) -> Result<(), Fault> {
    let before = out.len();
    for mut line in lines(path, text) {
        let word = line.word().unwrap_or("");
        if let Some((_, columns)) = ROWS.iter().find(|(name, _)| *name == word) {
            parse_row(device, columns, &mut line, out)?;
        }
    }
    not_empty(path, before, out, "rows of counters")
}

fn parse_row(
    device: &str,
    columns: &[&'static Metric],
    line: &mut Line<'_>,
    out: &mut Batch,
) -> Result<(), Fault> {
    columns.iter().try_for_each(|metric| {
        out.push(metric, &[device], line.count()?);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;
    use expect_test::expect;

    fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
        super::parse("/sys/fs/xfs/sda1/stats/stats", "sda1", text, out)
    }

    #[test]
    fn rows_that_are_known() {
        check(
            parse,
            "extent_alloc 1 872 0 4\ntrans 4 40 0\nrw 28 7\nvnodes 4 0 0 0 1 1 1 0\nxpc 3571712 3568056 0\n",
            expect![[r#"
                node_xfs_extent_allocation_extents_allocated_total{device="sda1"} 1
                node_xfs_extent_allocation_blocks_allocated_total{device="sda1"} 872
                node_xfs_extent_allocation_extents_freed_total{device="sda1"} 0
                node_xfs_extent_allocation_blocks_freed_total{device="sda1"} 4
                node_xfs_write_calls_total{device="sda1"} 28
                node_xfs_read_calls_total{device="sda1"} 7
                node_xfs_vnode_active_total{device="sda1"} 4
                node_xfs_vnode_allocate_total{device="sda1"} 0
                node_xfs_vnode_get_total{device="sda1"} 0
                node_xfs_vnode_hold_total{device="sda1"} 0
                node_xfs_vnode_release_total{device="sda1"} 1
                node_xfs_vnode_reclaim_total{device="sda1"} 1
                node_xfs_vnode_remove_total{device="sda1"} 1
            "#]],
        );
    }

    #[test]
    fn nonsense_is_named() {
        check(
            parse,
            "rw 28\n",
            expect![[r#"
            node_xfs_write_calls_total{device="sda1"} 28
            fault malformed: /sys/fs/xfs/sda1/stats/stats:1: expected a whole number, found ""
        "#]],
        );
        check(
            parse,
            "rw 28 x\n",
            expect![[r#"
            node_xfs_write_calls_total{device="sda1"} 28
            fault malformed: /sys/fs/xfs/sda1/stats/stats:1: expected a whole number, found "x"
        "#]],
        );
        check(
            parse,
            "nothing known\n",
            expect![[r#"
            fault malformed: /sys/fs/xfs/sda1/stats/stats:1: expected rows of counters, found ""
        "#]],
        );
    }
}
