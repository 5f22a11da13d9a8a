//! A host that has habits, and faults at known times.

use crate::world::random::Random;
use hostward_model::{Batch, Metric};
use std::ops::Range;

static LOAD: Metric = Metric::gauge("sim_load", "Load.", &[]);
static BUSY: Metric = Metric::counter("sim_busy_seconds_total", "Time.", &["cpu"]);
static REQUESTS: Metric = Metric::counter("sim_requests_total", "Requests.", &[]);
static FREE: Metric = Metric::gauge("sim_free_bytes", "Free.", &["mount"]);
static SIZE: Metric = Metric::gauge("sim_size_bytes", "Size.", &["mount"]);
static NAMED: Metric = Metric::gauge("sim_*_items", "Items.", &[]);

const SIZE_BYTES: f64 = 1e9;

pub struct Host {
    minute: u64,
    busy: [f64; 2],
    requests: f64,
    free: f64,
    silent: u64,
    hog: Range<u64>,
    fill: Range<u64>,
}

impl Host {
    pub fn new(random: &mut Random, minutes: u64) -> Self {
        let mut fault = |length: u64| {
            let start = minutes / 4 + random.next() % (minutes / 2);
            start..start + length
        };
        let (hog, fill) = (fault(60), fault(300));
        Host { minute: 0, busy: [0.0; 2], requests: 0.0, free: 0.6 * SIZE_BYTES, silent: 0, hog, fill }
    }

    /// True while nothing is sampled.
    pub fn is_silent(&self) -> bool {
        self.silent > 0
    }

    pub fn step(&mut self, random: &mut Random, out: &mut Batch) {
        self.minute += 1;
        self.silent = self.silent.saturating_sub(1);
        if random.one_in(3000) {
            self.silent = random.next() % 120;
        }
        if random.one_in(5000) {
            (self.busy, self.requests) = ([0.0; 2], 0.0);
        }
        let work = self.rhythm();
        for (cpu, busy) in self.busy.iter_mut().enumerate() {
            let hogged = cpu == 0 && self.hog.contains(&self.minute);
            *busy += if hogged { 59.9 } else { 40.0 * work + 5.0 * random.share() };
        }
        self.requests += 6000.0 * work + 300.0 * random.share();
        self.fill_disk(random);
        self.report(random, work, out);
    }

    /// Busy by day, quiet at night and on two days of the week.
    fn rhythm(&self) -> f64 {
        let (hour, day) = (self.minute as f64 / 60.0 % 24.0, self.minute / 1440 % 7);
        let week = if day < 5 { 1.0 } else { 0.3 };
        week * (0.2 + 0.4 * (1.0 - ((hour - 14.0) / 24.0 * std::f64::consts::TAU).cos().abs()))
    }

    fn fill_disk(&mut self, random: &mut Random) {
        if self.fill.contains(&self.minute) {
            self.free = (self.free - SIZE_BYTES / 400.0).max(0.0);
        } else if self.free < 0.5 * SIZE_BYTES {
            self.free = 0.6 * SIZE_BYTES;
        }
        self.free += random.range(-1000, 1000) as f64;
    }

    fn report(&self, random: &mut Random, work: f64, out: &mut Batch) {
        out.clear();
        let load = match random.next() % 2000 {
            0 => f64::NAN,
            1 => f64::INFINITY,
            _ => 4.0 * work + random.share(),
        };
        out.push(&LOAD, &[], load);
        for (cpu, busy) in ["0", "1"].iter().zip(self.busy) {
            out.push(&BUSY, &[cpu], busy);
        }
        out.push(&REQUESTS, &[], self.requests);
        out.push(&FREE, &["/srv"], self.free.max(0.0));
        out.push(&SIZE, &["/srv"], SIZE_BYTES);
        // A set of series that changes, as top processes do.
        let shown = ["apples", "pears", "plums", "figs"];
        let first = random.next() as usize % shown.len();
        shown[first..].iter().for_each(|name| out.push_named(&NAMED, name, &[], 1.0));
    }
}
