//! What both look at: four subjects that do well, but for twenty faults.

use std::fmt::Write;

/// Rules of most kinds of expressions.
pub const RULES: &str = include_str!("rules.yml");
/// Who can have a fault.
const SUBJECTS: [&str; 4] = ["a", "b", "c", "d"];
/// A fault has its slot for itself, and what rules remember of it is over at the end.
pub const SLOT_S: u64 = 90;
/// Requests in a second, by code.
const REQUESTS: [(&str, f64); 2] = [("200", 99.0), ("500", 1.0)];
/// Bounds of the buckets, and how many of a hundred requests are faster: without a fault, and with one.
const BUCKETS: [(&str, f64, f64); 4] =
    [("0.1", 80.0, 10.0), ("0.5", 99.0, 40.0), ("1", 100.0, 90.0), ("+Inf", 100.0, 100.0)];

/// What can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The level is high.
    Level,
    /// It is high for eight seconds of twenty: seen by each evaluation, whenever it comes.
    Flapping,
    /// Every other request fails.
    Errors,
    /// Twice as many requests.
    Busy,
    /// Counters begin anew.
    Restart,
    /// The series of the level are no more.
    Gone,
    /// Requests take long.
    Slow,
    /// The queue grows.
    Queue,
}

const KINDS: [Kind; 8] = [
    Kind::Level,
    Kind::Errors,
    Kind::Gone,
    Kind::Queue,
    Kind::Slow,
    Kind::Restart,
    Kind::Flapping,
    Kind::Busy,
];

/// One fault; seconds since the beginning.
#[derive(Clone, Copy, Debug)]
pub struct Trouble {
    pub kind: Kind,
    pub subject: usize,
    pub from_s: u64,
    pub to_s: u64,
}

impl Trouble {
    /// The same, so much later.
    pub fn after(&self, seconds: u64) -> Trouble {
        Trouble { from_s: self.from_s + seconds, to_s: self.to_s + seconds, ..*self }
    }
}

/// One fault in each slot, of all kinds in turn, at moments and for durations that the `seed` gives.
pub fn troubles(count: u64, seed: u64) -> Vec<Trouble> {
    let trouble = |slot: u64| {
        let drawn = mixed(seed * 1000 + slot);
        let from_s = slot * SLOT_S + 5 + drawn % 15;
        let kind = KINDS[slot as usize % KINDS.len()];
        Trouble {
            kind,
            subject: (drawn >> 8) as usize % SUBJECTS.len(),
            from_s,
            to_s: from_s + 22 + (drawn >> 16) % 12,
        }
    };
    (0..count).map(trouble).collect()
}

/// Marsaglia's xorshift, after a multiplication that spreads small seeds.
fn mixed(seed: u64) -> u64 {
    let mut state = (seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    state ^= state << 13;
    state ^= state >> 7;
    state ^ state << 17
}

/// The counters and the queue of one subject.
#[derive(Clone, Copy, Default)]
struct Standing {
    requests: [f64; REQUESTS.len()],
    buckets: [f64; BUCKETS.len()],
    queue: f64,
}

/// The state of all subjects, from second to second.
#[derive(Default)]
pub struct World {
    second: u64,
    standing: [Standing; SUBJECTS.len()],
}

impl World {
    /// Lets a second pass and gives the page of its end.
    pub fn step(&mut self, troubles: &[Trouble]) -> String {
        let second = self.second;
        self.second += 1;
        let has = |subject: usize, kind: Kind| {
            let on = |trouble: &Trouble| (trouble.from_s..trouble.to_s).contains(&second);
            troubles.iter().any(|trouble| trouble.subject == subject && trouble.kind == kind && on(trouble))
        };
        for (subject, own) in self.standing.iter_mut().enumerate() {
            own.step(&|kind| has(subject, kind), second);
        }
        let level = |subject| {
            let high = has(subject, Kind::Level) || has(subject, Kind::Flapping) && second % 20 < 8;
            (!has(subject, Kind::Gone)).then_some(if high { 95.0 } else { 40.0 + (second % 7) as f64 })
        };
        self.page(level)
    }

    fn page(&self, level: impl Fn(usize) -> Option<f64>) -> String {
        let mut page = String::new();
        let _ = writeln!(page, "# TYPE agree_level gauge");
        for (subject, name) in SUBJECTS.iter().enumerate() {
            if let Some(level) = level(subject) {
                let _ = writeln!(page, "agree_level{{subject=\"{name}\"}} {level}");
            }
        }
        for (metric, kind) in [
            ("requests_total", "counter"),
            ("seconds", "histogram"),
            ("queue", "gauge"),
            ("queue_limit", "gauge"),
        ] {
            let _ = writeln!(page, "# TYPE agree_{metric} {kind}");
            for (standing, name) in self.standing.iter().zip(SUBJECTS) {
                standing.write(&mut page, metric, name);
            }
        }
        page
    }
}

impl Standing {
    fn step(&mut self, has: &dyn Fn(Kind) -> bool, second: u64) {
        if has(Kind::Restart) && second.is_multiple_of(10) {
            self.requests = Default::default();
        }
        let times = if has(Kind::Busy) { 2.0 } else { 1.0 };
        for (count, (code, each)) in self.requests.iter_mut().zip(REQUESTS) {
            let failing = has(Kind::Errors) && code == "500";
            *count += if failing { 50.0 } else { each * times };
        }
        for (count, (_, well, ill)) in self.buckets.iter_mut().zip(BUCKETS) {
            *count += if has(Kind::Slow) { ill } else { well };
        }
        self.queue = if has(Kind::Queue) { self.queue + 5.0 } else { (self.queue - 50.0).max(5.0) };
    }

    fn write(&self, page: &mut String, metric: &str, subject: &str) {
        let mut line = |name: &str, more: &str, value: f64| {
            let _ = writeln!(page, "agree_{name}{{subject=\"{subject}\"{more}}} {value}");
        };
        match metric {
            "requests_total" => {
                for ((code, _), count) in REQUESTS.iter().zip(self.requests) {
                    line(metric, &format!(",code=\"{code}\""), count);
                }
            }
            "seconds" => {
                for ((le, ..), count) in BUCKETS.iter().zip(self.buckets) {
                    line("seconds_bucket", &format!(",le=\"{le}\""), count);
                }
                line("seconds_count", "", self.buckets[BUCKETS.len() - 1]);
                line("seconds_sum", "", self.buckets[0]);
            }
            "queue" => line(metric, "", self.queue),
            _ => line(metric, "", 100.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hostward_engine::rules::RuleSet;

    #[test]
    fn the_rules_are_rules() {
        let (rules, errors) = RuleSet::parse(&[("agree.yml".to_owned(), RULES.to_owned())]);
        assert_eq!((rules.rules().count(), errors.len()), (12, 0));
    }

    #[test]
    fn each_fault_shows_on_the_page_and_has_its_slot_for_itself() {
        let all = troubles(20, 1);
        assert!(all.iter().enumerate().all(|(slot, one)| {
            one.from_s >= slot as u64 * SLOT_S && one.to_s < (slot as u64 + 1) * SLOT_S
        }));
        for kind in KINDS {
            assert!(all.iter().any(|trouble| trouble.kind == kind));
        }
        let (mut well, mut ill) = (World::default(), World::default());
        let level = [Trouble { kind: Kind::Gone, subject: 1, from_s: 0, to_s: 1 }];
        assert!(well.step(&[]).contains("agree_level{subject=\"b\"} 40"));
        assert!(!ill.step(&level).contains("agree_level{subject=\"b\"}"));
        assert!(ill.step(&level).contains("agree_level{subject=\"b\"} 41"));
    }
}
