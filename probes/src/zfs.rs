//! ZFS on Linux: its caches, its log, and its pools.

mod kstat;

use crate::attributes;
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

const POOL: &[&str] = &["zpool"];

const fn module(name: &'static str, help: &'static str) -> Metric {
    Metric::untyped(name, help, &[])
}

static ABD: Metric = module("node_zfs_abd_*", "ZFS buffers of scattered and linear memory (abdstats).");
static ARC: Metric = module("node_zfs_arc_*", "ZFS adaptive replacement cache (arcstats).");
static DBUF: Metric = module("node_zfs_dbuf_*", "ZFS cache of buffers in use (dbufstats).");
static DMU_TX: Metric = module("node_zfs_dmu_tx_*", "ZFS transactions of the data management unit (dmu_tx).");
static DNODE: Metric = module("node_zfs_dnode_*", "ZFS objects in memory (dnodestats).");
static FM: Metric = module("node_zfs_fm_*", "ZFS fault management (fm).");
static VDEV_CACHE: Metric = module(
    "node_zfs_vdev_cache_*",
    "ZFS cache of virtual devices, which newer versions lack (vdev_cache_stats).",
);
static VDEV_MIRROR: Metric =
    module("node_zfs_vdev_mirror_*", "ZFS choice between the sides of mirrors (vdev_mirror_stats).");
static XUIO: Metric = module("node_zfs_xuio_*", "ZFS buffers lent to others (xuio_stats).");
static ZFETCH: Metric = module("node_zfs_zfetch_*", "ZFS prefetching (zfetchstats).");
static ZIL: Metric = module("node_zfs_zil_*", "ZFS intent log (zil).");
static POOL_IO: Metric =
    Metric::untyped("node_zfs_zpool_*", "Requests, bytes and times of a pool (io).", POOL)
        .growing_but(&["rcnt", "wcnt"]);
static DATASET: Metric = Metric::untyped(
    "node_zfs_zpool_dataset_*",
    "Requests and bytes of a dataset (objset).",
    &["dataset", "zpool"],
)
.growing_but(&[]);
static STATE: Metric =
    Metric::gauge("node_zfs_zpool_state", "State of a pool: 1 for the one that holds.", &["state", "zpool"]);

/// Files of the module and their metrics; which are there depends on its version.
static FILES: [(&str, &Metric); 11] = [
    ("/proc/spl/kstat/zfs/abdstats", &ABD),
    ("/proc/spl/kstat/zfs/arcstats", &ARC),
    ("/proc/spl/kstat/zfs/dbufstats", &DBUF),
    ("/proc/spl/kstat/zfs/dmu_tx", &DMU_TX),
    ("/proc/spl/kstat/zfs/dnodestats", &DNODE),
    ("/proc/spl/kstat/zfs/fm", &FM),
    ("/proc/spl/kstat/zfs/vdev_cache_stats", &VDEV_CACHE),
    ("/proc/spl/kstat/zfs/vdev_mirror_stats", &VDEV_MIRROR),
    ("/proc/spl/kstat/zfs/xuio_stats", &XUIO),
    ("/proc/spl/kstat/zfs/zfetchstats", &ZFETCH),
    ("/proc/spl/kstat/zfs/zil", &ZIL),
];

static STATES: [&str; 7] = ["online", "degraded", "faulted", "offline", "removed", "unavail", "suspended"];

const DIRECTORY: &str = "/proc/spl/kstat/zfs";
/// Pools and files of the module.
const NAMES_MAX: usize = 256;
/// Datasets of a pool; a pool may have thousands, and each has six series.
const DATASETS_MAX: usize = 500;

pub static SPEC: Spec = Spec {
    name: "zfs",
    about: "caches, intent log, pools and datasets of ZFS",
    doc: "zfs(4)",
    reads: &[DIRECTORY],
    metrics: &[
        &ABD,
        &ARC,
        &DBUF,
        &DMU_TX,
        &DNODE,
        &FM,
        &VDEV_CACHE,
        &VDEV_MIRROR,
        &XUIO,
        &ZFETCH,
        &ZIL,
        &POOL_IO,
        &DATASET,
        &STATE,
    ],
    // A pool that is suspended or being exported holds locks that its files are read under.
    every_ms: 10_000,
    start: |_| Box::new(collect),
    ..Spec::ASIDE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let names = attributes::names(host, DIRECTORY, NAMES_MAX, |_| true, out)?;
    let mut result = Ok(());
    for (path, metric) in &FILES {
        result = result.and(match host.read(path) {
            Err(Fault::Missing { .. }) => Ok(()),
            Err(fault) => Err(fault),
            Ok(text) => kstat::named(path, text, &mut |name, value| out.push_named(metric, name, &[], value)),
        });
    }
    let pools = names.iter().filter(|name| host.path(&format!("{DIRECTORY}/{name}")).is_dir());
    let pools: Vec<&String> = pools.collect();
    pools.into_iter().map(|pool| push_pool(host, pool, out)).fold(result, Result::and)
}

/// A pool that is exported meanwhile takes its files with it, which is no fault.
fn push_pool(host: &mut Host, pool: &str, out: &mut Batch) -> Result<(), Fault> {
    let directory = format!("{DIRECTORY}/{pool}");
    let path = format!("{directory}/io");
    let mut result = Ok(());
    if let Some(text) = host.attribute(format_args!("{path}"))? {
        result = kstat::io(&path, text, &mut |name, value| out.push_named(&POOL_IO, name, &[pool], value));
    }
    if let Some(state) = host.attribute(format_args!("{directory}/state"))? {
        push_state(pool, state, out);
    }
    let is_dataset = |name: &str| name.starts_with("objset-");
    let datasets = attributes::names_if_there(host, &directory, DATASETS_MAX, is_dataset, out)?;
    datasets
        .iter()
        .map(|file| push_dataset(host, &format!("{directory}/{file}"), pool, out))
        .fold(result, Result::and)
}

fn push_state(pool: &str, state: &str, out: &mut Batch) {
    for name in STATES {
        out.push(&STATE, &[name, pool], f64::from(state.eq_ignore_ascii_case(name)));
    }
}

fn push_dataset(host: &mut Host, path: &str, pool: &str, out: &mut Batch) -> Result<(), Fault> {
    let Some(text) = host.attribute(format_args!("{path}"))? else { return Ok(()) };
    // Without its name a dataset could not be told from another.
    let Some(dataset) = kstat::text(text, "dataset_name") else {
        return Err(Fault::malformed(path, 1, "", "the name of a dataset"));
    };
    kstat::named(path, text, &mut |name, value| out.push_named(&DATASET, name, &[dataset, pool], value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;
    use expect_test::expect;

    #[test]
    fn a_pool_with_a_dataset_and_broken_files() {
        let tree = Tree::new(&[
            ("/proc/spl/kstat/zfs/zil", "7 1 0x01\nname type data\nzil_commit_count 4 10\n"),
            ("/proc/spl/kstat/zfs/fm", "7 1 0x01\nname type data\nerpt-dropped 4 many\n"),
            ("/proc/spl/kstat/zfs/tank/state", "SUSPENDED\n"),
            ("/proc/spl/kstat/zfs/tank/io", "12 3 0x00\nnread wcnt\n18 0\n"),
            (
                "/proc/spl/kstat/zfs/tank/objset-0x36",
                "23 1 0x01\nname type data\ndataset_name 7 tank/my data\nwrites 4 3\n",
            ),
            ("/proc/spl/kstat/zfs/tank/objset-0x37", "23 1 0x01\nname type data\nwrites 4 3\n"),
        ]);
        expect![[r#"
            node_zfs_zil_zil_commit_count 10
            node_zfs_zpool_nread{zpool="tank"} 18
            node_zfs_zpool_wcnt{zpool="tank"} 0
            node_zfs_zpool_state{state="online",zpool="tank"} 0
            node_zfs_zpool_state{state="degraded",zpool="tank"} 0
            node_zfs_zpool_state{state="faulted",zpool="tank"} 0
            node_zfs_zpool_state{state="offline",zpool="tank"} 0
            node_zfs_zpool_state{state="removed",zpool="tank"} 0
            node_zfs_zpool_state{state="unavail",zpool="tank"} 0
            node_zfs_zpool_state{state="suspended",zpool="tank"} 1
            node_zfs_zpool_dataset_writes{dataset="tank/my data",zpool="tank"} 3
            fault malformed: /proc/spl/kstat/zfs/fm:3: expected a whole number, found "many"
        "#]]
        .assert_eq(&tree.shown(&SPEC));
    }
}
