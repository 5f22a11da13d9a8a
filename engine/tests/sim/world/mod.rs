//! Simulated hosts: ten kinds with habits, and faults at times that are known.
//!
//! A kind says what its host is asked to do at a moment, a fault spoils that, and a machine turns it into the
//! numbers that an agent reads. `cargo xtask sim` runs the same hosts for longer.

pub mod fault;
pub mod kinds;
pub mod machine;
pub mod moment;
pub mod random;
pub mod shares;
pub mod told;
pub mod trial;
pub mod watch;
pub mod work;

use fault::Fault;
use hostward_model::Batch;
use kinds::{Kind, Tick};
use machine::{Machine, Size};
use moment::Moment;
use random::Random;

/// After a fault everything must settle before anything else is planted or counted.
pub const SETTLE_MINUTES: u64 = 180;

/// How fast logs grow, in a second.
const LOGS_BYTES: f64 = 2e3;

/// A fault at its time, in minutes of the life.
#[derive(Clone, Copy, Debug)]
pub struct Planted {
    pub fault: Fault,
    pub from: u64,
    pub to: u64,
}

impl Planted {
    pub fn has(&self, minute: u64) -> bool {
        (self.from..=self.to).contains(&minute)
    }
}

/// A host that lives.
pub struct Host {
    kind: &'static Kind,
    seed: u64,
    machine: Machine,
    random: Random,
    mood: f64,
    step_s: u64,
    steps: u64,
    first_day: u64,
    pub planted: Vec<Planted>,
}

impl Host {
    pub fn new(kind: &'static Kind, seed: u64, size: Size, step_s: u64) -> Self {
        let mut random = Random::new(seed);
        let machine = Machine::new(size, &mut random);
        Host { kind, seed, machine, random, mood: 0.0, step_s, steps: 0, first_day: 0, planted: Vec::new() }
    }

    /// Begins on another day of its habits than the first, a Monday.
    pub fn on_day(self, first_day: u64) -> Self {
        Host { first_day, ..self }
    }

    /// Plants each of the kind's faults once, in an order and at times of the seed's choice, while nobody sleeps.
    pub fn plant(&mut self, from_day: u64, to_day: u64) {
        let mut faults = self.kind.faults.to_vec();
        let slot = (to_day - from_day) * 1440 / faults.len() as u64;
        for index in 0..self.kind.faults.len() as u64 {
            let fault = faults.swap_remove(self.random.next() as usize % faults.len());
            let room = slot - fault.minutes() - SETTLE_MINUTES;
            let mut from = from_day * 1440 + index * slot + self.random.next() % room;
            while self.is_asleep(from) || self.is_asleep(from + fault.minutes()) {
                from += 30;
            }
            self.planted.push(Planted { fault, from, to: from + fault.minutes() });
        }
    }

    fn is_asleep(&mut self, minute: u64) -> bool {
        self.work(minute as f64).asleep
    }

    fn work(&mut self, minutes: f64) -> work::Work {
        let at = Moment((self.first_day * 24) as f64 + minutes / 60.0);
        (self.kind.work)(&mut Tick { at, seed: self.seed, mood: self.mood, random: &mut self.random })
    }

    /// Minutes since the life began.
    pub fn minute(&self) -> u64 {
        self.steps * self.step_s / 60
    }

    /// Lives for one step and reports; false when nobody looked.
    pub fn step(&mut self, out: &mut Batch) -> bool {
        self.steps += 1;
        let minutes = (self.steps * self.step_s) as f64 / 60.0;
        let inertia = (-(self.step_s as f64) / 1200.0).exp();
        self.mood = inertia * self.mood + (1.0 - inertia * inertia).sqrt() * self.random.normal();
        let mut work = self.work(minutes);
        let now = self.minute();
        for planted in self.planted.iter().filter(|planted| planted.has(now)) {
            planted.fault.spoil(&mut work, minutes - planted.from as f64);
        }
        // Logs grow and are rotated at midnight.
        let rotated = minutes % 1440.0 < self.step_s as f64 / 60.0;
        work.kept_bytes += if rotated { -86_400.0 / self.step_s as f64 } else { 1.0 } * LOGS_BYTES;
        self.machine.step(&work, self.step_s as f64, &mut self.random, out);
        !work.asleep
    }

    /// The host starts anew.
    pub fn reboot(&mut self) {
        self.machine.reboot(moment::BEGIN_MS as f64 / 1000.0 + (self.steps * self.step_s) as f64);
    }
}
