//! What NFS mounts do, by operation: bytes, calls, waiting times.

mod metrics;

use crate::words::{Line, lines};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};
use std::collections::BTreeSet;

const STATS: &str = "/proc/self/mountstats";
const MOUNTS: &str = "/proc/self/mountinfo";
/// More NFS mounts than this are left out, and a gap says so.
const MOUNTS_MAX: usize = 256;
/// Some kernels let sums of times fall below zero and print them as huge numbers. The low 53 bits still grow as
/// the sum does, and are exact; node_exporter gives them, too.
const EXACT_BITS: u64 = (1 << 53) - 1;

pub static SPEC: Spec = Spec {
    name: "mountstats",
    about: "NFS mounts: bytes, calls and waiting times by operation",
    doc: "nfsstat(8), mountstats(8)",
    reads: &[STATS, MOUNTS],
    metrics: &metrics::ALL,
    every_ms: 10_000,
    enabled: false,
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let mounts = host.read(MOUNTS)?.to_owned();
    parse(host.read(STATS)?, &mounts, out)
}

/// One mount, and the lines about it with their first words.
struct Mount<'a> {
    export: &'a str,
    mountpoint: &'a str,
    lines: Vec<(&'a str, Line<'a>)>,
}

/// What was told already: an export that is mounted twice has one set of numbers.
#[derive(Default)]
struct Told<'a> {
    numbers: BTreeSet<[&'a str; 3]>,
    places: BTreeSet<[&'a str; 4]>,
}

/// One mount whose lines make no sense does not hide the others.
fn parse(stats: &str, mounts: &str, out: &mut Batch) -> Result<(), Fault> {
    let (all, mut result) = split(stats);
    if all.len() > MOUNTS_MAX {
        out.push_gap(STATS, "the first 256 NFS mounts are watched, the others are not", "");
    }
    let mut told = Told::default();
    for mount in all.iter().take(MOUNTS_MAX) {
        result = result.and(push(mount, mounts, &mut told, out));
    }
    result
}

/// The NFS mounts: `device EXPORT mounted on PLACE with fstype nfs4 statvers=1.1`, then lines about it.
fn split(stats: &str) -> (Vec<Mount<'_>>, Result<(), Fault>) {
    let (mut mounts, mut result) = (Vec::<Mount<'_>>::new(), Ok(()));
    let mut is_nfs = false;
    for mut line in lines(STATS, stats) {
        let Some(word) = line.word() else { continue };
        if word != "device" {
            mounts
                .last_mut()
                .filter(|_| is_nfs)
                .into_iter()
                .for_each(|mount| mount.lines.push((word, line.clone())));
            continue;
        }
        let (export, mountpoint, kind) = (line.word(), line.clone().nth_word(2), line.clone().nth_word(5));
        is_nfs = matches!(kind, Some("nfs" | "nfs4"));
        match (export, mountpoint) {
            (Some(export), Some(mountpoint)) if is_nfs => {
                mounts.push(Mount { export, mountpoint, lines: Vec::new() });
            }
            (Some(_), Some(_)) => {}
            _ => result = result.and(Err(line.fault("", "a device and where it is mounted"))),
        }
    }
    (mounts, result)
}

fn push<'a>(mount: &Mount<'a>, mounts: &'a str, told: &mut Told<'a>, out: &mut Batch) -> Result<(), Fault> {
    // Without a transport, as on a mount without statistics, there are no numbers either.
    let Some(protocol) = mount.line("xprt:").and_then(|mut line| line.word()) else { return Ok(()) };
    let address = mount.address(mounts).unwrap_or("");
    let labels = [mount.export, address, protocol];
    let place = [mount.export, address, protocol, mount.mountpoint];
    if told.places.insert(place) {
        out.push(&metrics::INFO, &place, 1.0);
    }
    if told.numbers.insert(labels) { mount.push_numbers(labels, out) } else { Ok(()) }
}

impl<'a> Mount<'a> {
    fn line(&self, first: &str) -> Option<Line<'a>> {
        self.lines.iter().find(|(word, _)| *word == first).map(|(_, line)| line.clone())
    }

    /// The server's address: an option of the mount, which the kernel prints in one file or in the other.
    fn address(&self, mounts: &'a str) -> Option<&'a str> {
        let own = self.line("opts:").and_then(|mut line| line.word());
        own.and_then(|options| option(options, "mountaddr=")).or_else(|| {
            let mount = mounts.lines().find(|line| line.split(' ').nth(4) == Some(self.mountpoint))?;
            option(mount.rsplit(' ').next()?, "addr=")
        })
    }

    fn push_numbers(&self, labels: [&str; 3], out: &mut Batch) -> Result<(), Fault> {
        let (mut result, mut transport, mut operations) = (Ok(()), 0u32, false);
        for (word, line) in &self.lines {
            let line = line.clone();
            let pushed = match *word {
                "age:" => push_values(line, [Some(&metrics::AGE)], &labels, out),
                "bytes:" => push_values(line, metrics::BYTES.iter().map(Some), &labels, out),
                "events:" => push_values(line, events(), &labels, out),
                "xprt:" => {
                    transport += 1;
                    push_transport(line, labels, transport - 1, out)
                }
                "per-op" => {
                    operations = true;
                    Ok(())
                }
                operation if operations => push_operation(line, labels, operation, out),
                _ => Ok(()),
            };
            result = result.and(pushed);
        }
        result
    }
}

/// The value of an option such as `addr=` in a list with commas.
fn option<'a>(options: &'a str, name: &str) -> Option<&'a str> {
    options.split(',').find_map(|option| option.strip_prefix(name))
}

fn events() -> impl Iterator<Item = Option<&'static Metric>> {
    let (before, after) = metrics::EVENTS.split_at(metrics::EVENT_UNUSED);
    before.iter().map(Some).chain([None]).chain(after.iter().map(Some))
}

/// Values that an older kernel does not print are absent.
fn push_values(
    mut line: Line<'_>,
    metrics: impl IntoIterator<Item = Option<&'static Metric>>,
    labels: &[&str],
    out: &mut Batch,
) -> Result<(), Fault> {
    for metric in metrics {
        let Some(value) = line.next_count() else { break };
        let value = value?;
        metric.into_iter().for_each(|metric| out.push(metric, labels, value));
    }
    Ok(())
}

/// `tcp 832 0 1 …`
fn push_transport(
    mut line: Line<'_>,
    [export, address, protocol]: [&str; 3],
    index: u32,
    out: &mut Batch,
) -> Result<(), Fault> {
    let word = line.word().unwrap_or("");
    let metrics = metrics::transport(word).ok_or_else(|| line.fault(word, "tcp, udp or rdma"))?;
    push_values(line, metrics.iter().copied(), &[export, address, protocol, &index.to_string()], out)
}

/// `READ: 1298 1298 0 207680 1210292152 6 79386 79407`
fn push_operation(
    mut line: Line<'_>,
    [export, address, protocol]: [&str; 3],
    operation: &str,
    out: &mut Batch,
) -> Result<(), Fault> {
    let labels = [export, address, protocol, operation.trim_end_matches(':')];
    for (metric, divisor) in &metrics::OPERATIONS {
        let Some(word) = line.word() else { break };
        let value: u64 = word.parse().map_err(|_| line.fault(word, "a whole number"))?;
        out.push(
            metric,
            &labels,
            (if *divisor == 1.0 { value } else { value & EXACT_BITS }) as f64 / divisor,
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::Fault;
    use crate::testing::check;
    use expect_test::expect;
    use hostward_model::Batch;

    const MOUNTS: &str = "194 21 0:42 / /mnt rw shared:144 - nfs4 10.0.0.1:/srv rw,vers=4.0,addr=10.0.0.1\n";

    fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
        super::parse(text, MOUNTS, out)
    }

    #[test]
    fn one_export_mounted_twice() {
        check(
            parse,
            "device /dev/sda1 mounted on / with fstype ext4\n\
             device 10.0.0.1:/srv mounted on /mnt with fstype nfs4 statvers=1.1\n\topts:\trw,vers=4.0\n\tage:\t13968\n\
             \tcaps:\tcaps=0x1\n\tevents:\t1 2\n\tbytes:\t3 4\n\txprt:\ttcp 832 0 1 11 7 6428 6427 0 1 2\n\
             \tper-op statistics\n\t NULL: 0 0\n\t READ: 5 5 0 20 30 6 79386 18446743919241604546 1\n\n\
             device 10.0.0.1:/srv mounted on /again with fstype nfs4 statvers=1.1\n\
             \topts:\trw,mountaddr=10.0.0.1\n\tage:\t9\n\txprt:\ttcp 832\n",
            expect![[r#"
                node_mountstats_nfs_mountpoint_info{export="10.0.0.1:/srv",mountaddr="10.0.0.1",protocol="tcp",mountpoint="/mnt"} 1
                node_mountstats_nfs_age_seconds_total{export="10.0.0.1:/srv",mountaddr="10.0.0.1",protocol="tcp"} 13968
                node_mountstats_nfs_event_inode_revalidate_total{export="10.0.0.1:/srv",mountaddr="10.0.0.1",protocol="tcp"} 1
                node_mountstats_nfs_event_dnode_revalidate_total{export="10.0.0.1:/srv",mountaddr="10.0.0.1",protocol="tcp"} 2
                node_mountstats_nfs_read_bytes_total{export="10.0.0.1:/srv",mountaddr="10.0.0.1",protocol="tcp"} 3
                node_mountstats_nfs_write_bytes_total{export="10.0.0.1:/srv",mountaddr="10.0.0.1",protocol="tcp"} 4
                node_mountstats_nfs_transport_bind_total{export="10.0.0.1:/srv",mountaddr="10.0.0.1",protocol="tcp",transport="0"} 0
                node_mountstats_nfs_transport_connect_total{export="10.0.0.1:/srv",mountaddr="10.0.0.1",protocol="tcp",transport="0"} 1
                node_mountstats_nfs_transport_idle_time_seconds{export="10.0.0.1:/srv",mountaddr="10.0.0.1",protocol="tcp",transport="0"} 7
                node_mountstats_nfs_transport_sends_total{export="10.0.0.1:/srv",mountaddr="10.0.0.1",protocol="tcp",transport="0"} 6428
                node_mountstats_nfs_transport_receives_total{export="10.0.0.1:/srv",mountaddr="10.0.0.1",protocol="tcp",transport="0"} 6427
                node_mountstats_nfs_transport_bad_transaction_ids_total{export="10.0.0.1:/srv",mountaddr="10.0.0.1",protocol="tcp",transport="0"} 0
                node_mountstats_nfs_transport_backlog_queue_total{export="10.0.0.1:/srv",mountaddr="10.0.0.1",protocol="tcp",transport="0"} 2
                node_mountstats_nfs_operations_requests_total{export="10.0.0.1:/srv",mountaddr="10.0.0.1",protocol="tcp",operation="NULL"} 0
                node_mountstats_nfs_operations_transmissions_total{export="10.0.0.1:/srv",mountaddr="10.0.0.1",protocol="tcp",operation="NULL"} 0
                node_mountstats_nfs_operations_requests_total{export="10.0.0.1:/srv",mountaddr="10.0.0.1",protocol="tcp",operation="READ"} 5
                node_mountstats_nfs_operations_transmissions_total{export="10.0.0.1:/srv",mountaddr="10.0.0.1",protocol="tcp",operation="READ"} 5
                node_mountstats_nfs_operations_major_timeouts_total{export="10.0.0.1:/srv",mountaddr="10.0.0.1",protocol="tcp",operation="READ"} 0
                node_mountstats_nfs_operations_sent_bytes_total{export="10.0.0.1:/srv",mountaddr="10.0.0.1",protocol="tcp",operation="READ"} 20
                node_mountstats_nfs_operations_received_bytes_total{export="10.0.0.1:/srv",mountaddr="10.0.0.1",protocol="tcp",operation="READ"} 30
                node_mountstats_nfs_operations_queue_time_seconds_total{export="10.0.0.1:/srv",mountaddr="10.0.0.1",protocol="tcp",operation="READ"} 0.006
                node_mountstats_nfs_operations_response_time_seconds_total{export="10.0.0.1:/srv",mountaddr="10.0.0.1",protocol="tcp",operation="READ"} 79.386
                node_mountstats_nfs_operations_request_time_seconds_total{export="10.0.0.1:/srv",mountaddr="10.0.0.1",protocol="tcp",operation="READ"} 9007044786793.922
                node_mountstats_nfs_operations_errors_total{export="10.0.0.1:/srv",mountaddr="10.0.0.1",protocol="tcp",operation="READ"} 1
                node_mountstats_nfs_mountpoint_info{export="10.0.0.1:/srv",mountaddr="10.0.0.1",protocol="tcp",mountpoint="/again"} 1
            "#]],
        );
    }

    #[test]
    fn udp_knows_no_connections() {
        check(
            parse,
            "device x mounted on /x with fstype nfs statvers=1.1\nxprt: udp 832 1 6428 6427\n",
            expect![[r#"
                node_mountstats_nfs_mountpoint_info{export="x",mountaddr="",protocol="udp",mountpoint="/x"} 1
                node_mountstats_nfs_transport_bind_total{export="x",mountaddr="",protocol="udp",transport="0"} 1
                node_mountstats_nfs_transport_sends_total{export="x",mountaddr="",protocol="udp",transport="0"} 6428
                node_mountstats_nfs_transport_receives_total{export="x",mountaddr="",protocol="udp",transport="0"} 6427
            "#]],
        );
    }

    #[test]
    fn nonsense_is_named_and_hides_nothing() {
        check(
            parse,
            "device\ndevice x mounted on /x with fstype nfs statvers=1.1\nage: old\nbytes: 1\nxprt: pigeon 1\n",
            expect![[r#"
                node_mountstats_nfs_mountpoint_info{export="x",mountaddr="",protocol="pigeon",mountpoint="/x"} 1
                node_mountstats_nfs_read_bytes_total{export="x",mountaddr="",protocol="pigeon"} 1
                fault malformed: /proc/self/mountstats:1: expected a device and where it is mounted, found ""
            "#]],
        );
    }
}
