//! A machine: work in, the numbers that an agent reads out. The numbers hang together, as a host's do.

use super::random::Random;
use super::work::Work;
use hostward_model::{Batch, Metric};

macro_rules! metrics {
    ($($id:ident = $kind:ident $name:literal [$($label:literal),*];)*) => {
        $(static $id: Metric = Metric::$kind($name, "Simulated.", &[$($label),*]);)*
    };
}

metrics! {
    CPU = counter "node_cpu_seconds_total" ["cpu", "mode"];
    LOAD = gauge "node_load1" [];
    RUNNING = gauge "node_procs_running" [];
    FORKS = counter "node_forks_total" [];
    SWITCHES = counter "node_context_switches_total" [];
    BOOT = gauge "node_boot_time_seconds" [];
    TOTAL = gauge "node_memory_MemTotal_bytes" [];
    AVAILABLE = gauge "node_memory_MemAvailable_bytes" [];
    CACHED = gauge "node_memory_Cached_bytes" [];
    SWAPPED = counter "node_vmstat_pswpout" [];
    KILLED = counter "node_vmstat_oom_kill" [];
    SIZE = gauge "node_filesystem_size_bytes" ["mountpoint"];
    FREE = gauge "node_filesystem_avail_bytes" ["mountpoint"];
    READ = counter "node_disk_read_bytes_total" ["device"];
    WRITTEN = counter "node_disk_written_bytes_total" ["device"];
    BUSY = counter "node_disk_io_time_seconds_total" ["device"];
    RECEIVED = counter "node_network_receive_bytes_total" ["device"];
    SENT = counter "node_network_transmit_bytes_total" ["device"];
    DROPPED = counter "node_network_receive_drop_total" ["device"];
    FILES = gauge "node_filefd_allocated" [];
    WARM = gauge "node_hwmon_temp_celsius" [];
    ENTROPY = gauge "node_entropy_available_bits" [];
    OFFSET = gauge "node_timex_offset_seconds" [];
    REQUESTS = counter "app_requests_total" ["part"];
    ERRORS = counter "app_errors_total" ["part"];
    LATENCY = gauge "app_latency_seconds" ["part"];
    LOGINS = counter "hostward_logins_total" ["result"];
    UNIT = counter "hostward_unit_cpu_seconds_total" ["unit"];
}

const MEMORY_BYTES: f64 = 8e9;
const DISK_BYTES: f64 = 200e9;
/// Of the traffic that it is made for.
const LINE_BYTES: f64 = 60e6;
const MODES: [&str; 5] = ["user", "system", "iowait", "steal", "idle"];

/// How many of each thing a machine has.
#[derive(Clone, Copy)]
pub struct Size {
    pub cpus: usize,
    pub disks: usize,
    pub devices: usize,
    pub parts: usize,
    pub units: usize,
}

impl Size {
    pub const SMALL: Size = Size { cpus: 2, disks: 2, devices: 1, parts: 1, units: 3 };
    /// About a thousand series.
    pub const LARGE: Size = Size { cpus: 48, disks: 24, devices: 16, parts: 100, units: 240 };
}

pub struct Machine {
    size: Size,
    names: Vec<String>,
    counters: Vec<f64>,
    /// How much of the work falls on each of several: some get more than others.
    weights: Vec<f64>,
    load: f64,
    warm: f64,
    free: f64,
    cached: f64,
    offset: f64,
    boot_s: f64,
}

impl Machine {
    pub fn new(size: Size, random: &mut Random) -> Self {
        let most =
            [size.cpus, size.disks, size.devices, size.parts, size.units].into_iter().max().unwrap_or(1);
        Machine {
            size,
            names: (0..most).map(|n| n.to_string()).collect(),
            counters: Vec::new(),
            weights: (0..most).map(|_| random.about(0.4)).collect(),
            load: 0.0,
            warm: 40.0,
            free: 0.6 * DISK_BYTES,
            cached: 0.3,
            offset: 0.0,
            boot_s: 1.767e9,
        }
    }

    /// Counters of the kernel begin at zero.
    pub fn reboot(&mut self, at_s: f64) {
        self.counters.iter_mut().for_each(|counter| *counter = 0.0);
        (self.boot_s, self.cached) = (at_s.round(), 0.05);
    }

    /// Does `work` for `seconds` and reports.
    pub fn step(&mut self, work: &Work, seconds: f64, random: &mut Random, out: &mut Batch) {
        out.clear();
        let mut pen = Pen { counters: &mut self.counters, next: 0, seconds, out };
        let busy = (work.cpu + work.wait + work.steal).min(1.0);
        let tasks = self.size.cpus as f64 * (work.cpu + work.wait) * random.about(0.15);
        if !work.stuck {
            self.load += (1.0 - (-seconds / 60.0).exp()) * (tasks - self.load);
        }
        self.warm += (1.0 - (-seconds / 120.0).exp()) * (38.0 + 40.0 * busy - self.warm);
        self.offset = 0.9 * self.offset + 2e-5 * random.normal();
        self.cached += (0.5 * (1.0 - work.memory) - self.cached) * (seconds / 7200.0).min(1.0);
        let kept = work.kept_bytes * seconds;
        // What logs add in a day is removed at night; a full disk is cleaned by somebody.
        self.free = if self.free < 0.05 * DISK_BYTES { 0.6 * DISK_BYTES } else { self.free - kept };
        for cpu in 0..self.size.cpus {
            pen.cpu(&self.names[cpu], work, random);
        }
        pen.gauge(&LOAD, &[], (100.0 * self.load).round() / 100.0);
        pen.gauge(&RUNNING, &[], (1.0 + tasks).round());
        pen.counter(&FORKS, &[], random.count((2.0 + 40.0 * work.cpu) * seconds), false);
        pen.counter(
            &SWITCHES,
            &[],
            (900.0 + 2e4 * busy + 10.0 * work.requests) * seconds * random.about(0.05),
            false,
        );
        pen.gauge(&BOOT, &[], self.boot_s);
        pen.gauge(&TOTAL, &[], MEMORY_BYTES);
        let available = (1.0 - work.memory).clamp(0.01, 1.0) * MEMORY_BYTES * random.about(0.004);
        pen.gauge(&AVAILABLE, &[], pages(available));
        pen.gauge(&CACHED, &[], pages(self.cached * MEMORY_BYTES));
        pen.counter(&SWAPPED, &[], if work.memory > 0.9 { random.count(50.0 * seconds) } else { 0.0 }, false);
        pen.counter(&KILLED, &[], 0.0, false);
        pen.disks(self.size.disks, &self.names, &self.weights, self.free, work, random);
        pen.network(self.size.devices, &self.names, &self.weights, work, random);
        pen.gauge(&FILES, &[], (work.open_files * random.about(0.01) / 32.0).round() * 32.0);
        pen.gauge(&WARM, &[], self.warm.round());
        pen.gauge(&ENTROPY, &[], 256.0);
        pen.gauge(&OFFSET, &[], self.offset);
        pen.parts(self.size.parts, &self.names, &self.weights, work, random);
        pen.counter(&LOGINS, &["failed"], random.count(work.failed_logins * seconds), false);
        pen.counter(&LOGINS, &["accepted"], random.count(seconds / 1800.0), false);
        let units = self.size.units as f64;
        for (name, weight) in self.names.iter().zip(&self.weights).take(self.size.units) {
            let used = work.cpu * weight / units * self.size.cpus as f64 * seconds;
            pen.counter(&UNIT, &[name], hundredths(used * random.about(0.2)), false);
        }
    }
}

/// Writes one report; counters go on where they were.
struct Pen<'a> {
    counters: &'a mut Vec<f64>,
    next: usize,
    seconds: f64,
    out: &'a mut Batch,
}

impl Pen<'_> {
    fn gauge(&mut self, metric: &'static Metric, labels: &[&str], value: f64) {
        self.out.push(metric, labels, value);
    }

    fn counter(&mut self, metric: &'static Metric, labels: &[&str], grown: f64, restarted: bool) {
        if self.counters.len() == self.next {
            self.counters.push(0.0);
        }
        let counter = &mut self.counters[self.next];
        *counter = if restarted { grown } else { *counter + grown };
        self.out.push(metric, labels, *counter);
        self.next += 1;
    }

    fn cpu(&mut self, cpu: &str, work: &Work, random: &mut Random) {
        let mut of = |share: f64, spread: f64| (share * random.about(spread)).min(1.0) * self.seconds;
        let user = of(0.75 * work.cpu, 0.12);
        let used = [user, of(0.25 * work.cpu, 0.12), of(work.wait, 0.4), of(work.steal, 0.3)];
        let idle = (self.seconds - used.iter().sum::<f64>()).max(0.0);
        for (mode, share) in MODES.iter().zip(used.into_iter().chain([idle])) {
            self.counter(&CPU, &[cpu, mode], hundredths(share), false);
        }
    }

    fn disks(
        &mut self,
        disks: usize,
        names: &[String],
        weights: &[f64],
        free: f64,
        work: &Work,
        random: &mut Random,
    ) {
        for (index, (name, weight)) in names.iter().zip(weights).take(disks).enumerate() {
            let (read, written) = (work.read_bytes * weight, work.written_bytes * weight);
            let (read, written) = (read * random.heavy() / 1.7, written * random.about(0.3));
            self.gauge(&SIZE, &[name], DISK_BYTES);
            let shown = if index == 0 { free } else { 0.5 * DISK_BYTES * weight };
            self.gauge(&FREE, &[name], pages(shown.max(0.0)));
            self.counter(&READ, &[name], pages(read * self.seconds), false);
            self.counter(&WRITTEN, &[name], pages(written * self.seconds), false);
            let busy = ((read + written) / 150e6 + work.wait).min(1.0);
            self.counter(&BUSY, &[name], (1000.0 * busy * self.seconds).round() / 1000.0, false);
        }
    }

    fn network(
        &mut self,
        devices: usize,
        names: &[String],
        weights: &[f64],
        work: &Work,
        random: &mut Random,
    ) {
        for (name, weight) in names.iter().zip(weights).take(devices) {
            let received = work.received_bytes * weight * random.about(0.15);
            let sent = work.sent_bytes * weight * random.about(0.15);
            self.counter(&RECEIVED, &[name], (received * self.seconds).round(), false);
            self.counter(&SENT, &[name], (sent * self.seconds).round(), false);
            let dropped = (received - LINE_BYTES).max(0.0) / 1500.0 * self.seconds;
            self.counter(&DROPPED, &[name], dropped.round(), false);
        }
    }

    fn parts(&mut self, parts: usize, names: &[String], weights: &[f64], work: &Work, random: &mut Random) {
        for (name, weight) in names.iter().zip(weights).take(parts) {
            let requests = random.count(work.requests * weight / parts as f64 * self.seconds);
            self.counter(&REQUESTS, &[name], requests, work.restarted);
            self.counter(&ERRORS, &[name], random.count(requests * work.errors), work.restarted);
            self.gauge(&LATENCY, &[name], work.latency_s * random.about(0.1));
        }
    }
}

/// As the kernel counts: in ticks.
fn hundredths(seconds: f64) -> f64 {
    (100.0 * seconds).round() / 100.0
}

fn pages(bytes: f64) -> f64 {
    (bytes / 4096.0).round() * 4096.0
}
