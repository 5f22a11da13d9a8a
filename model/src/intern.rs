//! Metrics that only the host's own files and plugins know, made to live as long as the program.
//!
//! A built-in probe declares its metrics as statics. What is read at run time is kept here, each once; it is
//! never freed, so there is a bound, and beyond it a new metric is refused.

use crate::metric::{Kind, Metric};
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

/// Most metrics that are made at run time.
pub const METRICS_MAX: usize = 10_000;
/// Longest help text; the rest is cut.
const HELP_BYTES_MAX: usize = 1024;

type Key = (String, Kind, String, Vec<String>);

static METRICS: LazyLock<Mutex<HashMap<Key, &'static Metric>>> = LazyLock::new(Mutex::default);

/// The metric of that name, kind, help and labels: the same one each time. Nothing when there are already
/// [`METRICS_MAX`] others.
///
/// `name` is that of the family: a histogram or summary gets the `*` that its samples fill with `_bucket`,
/// `_sum` and `_count`.
pub fn intern(name: &str, kind: Kind, help: &str, labels: &[&str]) -> Option<&'static Metric> {
    let help = &help[..help.floor_char_boundary(HELP_BYTES_MAX)];
    let labels_owned = labels.iter().map(|&label| label.to_owned()).collect();
    let key: Key = (name.to_owned(), kind, help.to_owned(), labels_owned);
    let mut metrics = METRICS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(metric) = metrics.get(&key) {
        return Some(metric);
    }
    if metrics.len() >= METRICS_MAX {
        return None;
    }
    let metric = Box::leak(Box::new(made(name, kind, help, labels)));
    metrics.insert(key, metric);
    Some(metric)
}

fn made(name: &str, kind: Kind, help: &str, labels: &[&str]) -> Metric {
    let star = if kind.has_parts() { "*" } else { "" };
    let labels: Vec<&'static str> = labels.iter().map(|label| leaked(label)).collect();
    let grows_but: Option<&[&str]> = (kind == Kind::Counter).then_some(&[]);
    Metric {
        name: leaked(&format!("{name}{star}")),
        kind,
        help: leaked(help),
        labels: labels.leak(),
        grows_but,
        matters_from: 0.0,
    }
}

fn leaked(text: &str) -> &'static str {
    text.to_owned().leak()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_made_once() {
        let made = || intern("job_seconds", Kind::Histogram, "Time.", &["job", "le"]).unwrap();
        assert!(std::ptr::eq(made(), made()));
        assert_eq!(made().full_name("_bucket"), "job_seconds_bucket");
        assert_eq!(made().family(""), "job_seconds");
        let other = intern("job_seconds", Kind::Histogram, "Other.", &["job", "le"]).unwrap();
        assert!(!std::ptr::eq(made(), other));
        assert_eq!(intern("x", Kind::Gauge, &"é".repeat(2000), &[]).unwrap().help.len(), 1024);
    }
}
