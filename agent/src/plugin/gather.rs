//! What a plugin that speaks when it likes has said lately: each burst holds some of its series, and all that are fresh count.

use hostward_formats::exposition::{Family, Labels};
use hostward_formats::{Report, Service};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// The latest of each series and service, and when it was said.
#[derive(Debug, Default)]
pub struct Gathered {
    families: BTreeMap<String, (Family, BTreeMap<Labels, Instant>)>,
    services: BTreeMap<String, (Service, Instant)>,
}

impl Gathered {
    /// Takes a burst, and leaves in the report everything that was said in the last `fresh`; of what is new there is room for
    /// `series_max`.
    pub fn add(&mut self, report: &mut Report, at: Instant, fresh: Duration, series_max: usize) {
        let mut room = series_max.saturating_sub(self.families.values().map(|(_, seen)| seen.len()).sum());
        for family in report.families.drain(..) {
            let empty = Family { samples: Vec::new(), ..family.clone() };
            let (own, seen) =
                self.families.entry(family.name.clone()).or_insert_with(|| (empty, BTreeMap::new()));
            for sample in family.samples {
                match own
                    .samples
                    .iter_mut()
                    .find(|own| own.labels == sample.labels && own.name == sample.name)
                {
                    Some(own) => *own = sample.clone(),
                    None if room == 0 => {
                        report.dropped.series += 1;
                        continue;
                    }
                    None => {
                        own.samples.push(sample.clone());
                        room -= 1;
                    }
                }
                seen.insert(sample.labels, at);
            }
        }
        for service in report.services.drain(..) {
            self.services.insert(service.name.clone(), (service, at));
        }
        self.forget(at, fresh);
        report.families = self.families.values().map(|(family, _)| family.clone()).collect();
        report.services = self.services.values().map(|(service, _)| service.clone()).collect();
    }

    fn forget(&mut self, at: Instant, fresh: Duration) {
        let is_fresh = |said: &Instant| at.duration_since(*said) <= fresh;
        self.families.retain(|_, (family, seen)| {
            seen.retain(|_, said| is_fresh(said));
            family.samples.retain(|sample| seen.contains_key(&sample.labels));
            !family.samples.is_empty()
        });
        self.services.retain(|_, (_, said)| is_fresh(said));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hostward_formats::{Exit, Format, Limits, Output};

    #[test]
    fn what_is_fresh_counts_and_the_rest_goes() {
        let mut gathered = Gathered::default();
        let begun = Instant::now();
        let mut say = |text: &str, second: u64| {
            let output = Output {
                name: "p",
                stdout: text.as_bytes(),
                stderr: b"",
                exit: Exit::Running,
                declared: b"",
            };
            let mut report = Format::Influx.read(&output, &Limits::default());
            let (second, fresh) = (Duration::from_secs(second), Duration::from_secs(30));
            gathered.add(&mut report, begun + second, fresh, 2);
            let samples = report.families.iter().flat_map(|family| &family.samples);
            let told = samples.map(|sample| format!("{} {}", sample.labels[0].1, sample.value));
            (told.collect::<Vec<_>>(), report.dropped.series)
        };
        assert_eq!(say("m,d=a v=1\n", 0), (vec!["a 1".to_owned()], 0));
        assert_eq!(say("m,d=b v=2\n", 10), (vec!["a 1".to_owned(), "b 2".to_owned()], 0));
        assert_eq!(say("m,d=c v=3\n", 11).1, 1);
        assert_eq!(say("m,d=b v=4\n", 31), (vec!["b 4".to_owned()], 0));
    }
}
