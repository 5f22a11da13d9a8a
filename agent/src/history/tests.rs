//! An engine that runs for hours, its history on disk, and the truth beside them.

use super::evaluate::{self, Steps};
use super::retain::Bounds;
use super::writer::Pen;
use super::{Archive, FLUSH_MS};
use crate::state::testing::Scratch;
use crate::telemetry::HistoryNumbers;
use hostward_engine::labels::Labels;
use hostward_engine::promql::drawn::Drawn;
use hostward_engine::promql::source::Point;
use hostward_engine::promql::{Expr, RangeSeries};
use hostward_engine::{Engine, Excerpt, Input, Settings};
use hostward_model::{Batch, Metric, Now, number};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

static LOAD: Metric = Metric::gauge("load", "Load.", &["cpu"]);
static BYTES: Metric = Metric::counter("bytes_total", "Bytes.", &[]);
const HOUR_MS: i64 = 3_600_000;
/// A multiple of a day.
const BEGIN_MS: i64 = 20_000 * 24 * HOUR_MS;
const BOUNDS: Bounds = Bounds { keep_ms: i64::MAX, bytes_max: u64::MAX };
const TIME_MAX: Duration = Duration::from_secs(20);

struct Host {
    engine: Engine,
    archive: Arc<Archive>,
    pen: Pen,
    now_ms: i64,
    step_ms: i64,
    flushed_ms: i64,
    truth: Drawn,
}

impl Host {
    fn new(dir: &Path, step_ms: i64, bounds: Bounds) -> Self {
        let archive = Arc::new(Archive::new(dir, HistoryNumbers::untold().unwrap()));
        let (pen, _) = Pen::open(archive.clone(), bounds).unwrap();
        let (engine, truth) = (Engine::new(Settings::default()), Drawn::default());
        Host { engine, archive, pen, now_ms: BEGIN_MS, step_ms, flushed_ms: BEGIN_MS, truth }
    }

    fn now(&self) -> Now {
        Now::new(self.now_ms, self.now_ms as u64)
    }

    /// The load of a CPU is there in even hours alone, so that it ends and comes again.
    fn tick(&mut self) {
        self.now_ms += self.step_ms;
        let at = (self.now_ms - BEGIN_MS) / self.step_ms;
        let mut batch = Batch::new();
        batch.push(&BYTES, &[], (at * 1000 + at * at % 7) as f64);
        batch.push(&LOAD, &["0"], (at % 100) as f64 / 4.0);
        let is_even = (self.now_ms - BEGIN_MS) / HOUR_MS % 2 == 0;
        if is_even {
            batch.push(&LOAD, &["1"], (at % 7) as f64);
        }
        self.engine.handle(self.now(), Input::Batch { probe: "test", batch: &batch });
        for sample in batch.samples() {
            let labels = sample.metric.labels.iter().copied().zip(sample.labels());
            let labels = Labels::new(labels.chain([("__name__", sample.metric.full_name("").as_str())]));
            self.truth.push(labels, Point { at_ms: self.now_ms, value: sample.value });
        }
        if !is_even {
            let ended = Labels::new([("__name__", "load"), ("cpu", "1")]);
            let value = hostward_engine::history::stale();
            self.truth.push(ended, Point { at_ms: self.now_ms, value });
        }
    }

    fn run(&mut self, for_ms: i64) {
        let end_ms = self.now_ms + for_ms;
        while self.now_ms < end_ms {
            self.tick();
            if self.now_ms - self.flushed_ms >= FLUSH_MS {
                self.flush();
            }
        }
    }

    fn flush(&mut self) {
        self.flushed_ms = self.now_ms;
        let mark = self.pen.take(&self.engine.fresh(self.now_ms)).unwrap();
        self.engine.set_archived(mark);
        self.pen.tidy(self.now_ms);
    }

    fn range(&self, memory: &Excerpt, expr: &Expr, back_ms: i64, step_ms: i64) -> Vec<RangeSeries> {
        let steps = Steps { from_ms: self.now_ms - back_ms, to_ms: self.now_ms, step_ms };
        evaluate::over(&self.archive, memory, expr, steps, TIME_MAX).unwrap().0
    }

    fn ask(&self, text: &str, back_ms: i64, step_ms: i64) -> Vec<RangeSeries> {
        let expr = Expr::parse(text).unwrap();
        let selectors: Vec<_> = expr.selectors().cloned().collect();
        self.range(&self.engine.excerpt(&selectors), &expr, back_ms, step_ms)
    }

    fn files(&self) -> Vec<String> {
        let blocks = self.archive.blocks().unwrap();
        let hours = |s: i64| number::brief((s + 5 - BEGIN_MS / 1000) as f64 / 3600.0);
        blocks.iter().map(|own| format!("{}-{}", hours(own.name.from_s), hours(own.name.to_s))).collect()
    }
}

fn shown(series: &[RangeSeries]) -> String {
    let point =
        |point: &Point| format!(" {}@{}", number::brief(point.value), (point.at_ms - BEGIN_MS) / 1000);
    series
        .iter()
        .map(|own| format!("{}{}\n", own.labels, own.points.iter().map(point).collect::<String>()))
        .collect()
}

const EXPRS: [&str; 7] = [
    "load",
    "bytes_total",
    "rate(bytes_total[5m])",
    "count_over_time(load[1h])",
    "sum(max_over_time(load[10m] offset 30m))",
    "increase(bytes_total[2h])",
    "avg_over_time(load{cpu=\"1\"}[3h])",
];

#[test]
fn memory_and_disk_are_one_and_say_the_truth() {
    let scratch = Scratch::new("history");
    let mut host = Host::new(scratch.path(), 10_000, BOUNDS);
    host.run(7 * HOUR_MS + 5 * 60_000);
    for expr in EXPRS.map(|text| Expr::parse(text).unwrap()) {
        for (back_ms, step_ms) in [(600_000, 10_000), (6 * HOUR_MS, 70_000), (7 * HOUR_MS, 600_000)] {
            let steps = (host.now_ms - back_ms, host.now_ms);
            let wanted = expr.eval_range(&host.truth, steps.0, steps.1, step_ms).unwrap();
            assert_eq!(shown(&host.ask(expr.text(), back_ms, step_ms)), shown(&wanted), "{}", expr.text());
        }
    }
}

#[test]
fn a_crash_costs_what_was_not_written_and_an_orderly_end_nothing() {
    let scratch = Scratch::new("history-crash");
    let mut host = Host::new(scratch.path(), 10_000, BOUNDS);
    host.run(2 * HOUR_MS);
    let saved = host.engine.save(hostward_engine::Scope::Whole);
    host.run(5 * 60_000);
    let gone = shown(&host.ask("count_over_time(bytes_total[3h])", 0, 10_000));
    host.engine = Engine::new(Settings::default());
    let left = shown(&host.ask("count_over_time(bytes_total[3h])", 0, 10_000));
    assert_eq!((gone.as_str(), left.as_str()), ("{} 750@7500\n", "{} 719@7500\n"));
    let mut host = Host { now_ms: BEGIN_MS + 2 * HOUR_MS, ..host };
    host.engine = Engine::restore(Settings::default(), &saved).unwrap();
    let (pen, end_ms) = Pen::open(host.archive.clone(), BOUNDS).unwrap();
    host.pen = pen;
    host.engine.resume_archive(end_ms);
    host.run(HOUR_MS);
    assert_eq!(shown(&host.ask("count_over_time(bytes_total[3h])", 0, 10_000)), "{} 1080@10800\n");
}

#[test]
fn of_a_second_the_last_in_each_slot_stays_and_counters_are_exact() {
    let scratch = Scratch::new("history-second");
    let mut host = Host::new(scratch.path(), 1_000, BOUNDS);
    host.run(2 * HOUR_MS);
    let memory = Excerpt::default();
    let expr = Expr::parse("last_over_time(bytes_total[10s])").unwrap();
    let on_disk = &host.range(&memory, &expr, HOUR_MS, 600_000)[0].points;
    let wanted = expr.eval_range(&host.truth, host.now_ms - HOUR_MS, host.now_ms, 600_000).unwrap();
    for (own, true_one) in on_disk.iter().zip(&wanted[0].points) {
        assert!(
            (true_one.value - own.value) <= 6_100.0,
            "the last sample of a slot is at most half of one old"
        );
    }
    assert_eq!(
        shown(&host.ask("count_over_time(bytes_total[1h])", 0, 1000)),
        "{} 361@7200\n",
        "slots that the range cuts"
    );
    assert_eq!(
        shown(&host.ask("count_over_time(bytes_total[5m])", 0, 1000)),
        "{} 300@7200\n",
        "all are in memory"
    );
    let growth = host.ask("increase(bytes_total[1h])", 0, 1000)[0].points[0].value;
    assert!((growth - 3_600_000.0).abs() < 50.0, "{growth}");
}

#[test]
fn small_blocks_become_large_ones_and_the_oldest_go() {
    let scratch = Scratch::new("history-blocks");
    let mut host = Host::new(scratch.path(), 60_000, BOUNDS);
    host.run(27 * HOUR_MS);
    let files = host.files();
    assert_eq!(files[..2], ["0.0166667-23.9861", "24-25.9861"], "{files:?}");
    assert_eq!(files.len(), 8, "{files:?}");
    let day = shown(&host.ask("count_over_time(bytes_total[26h])", 0, 10_000));
    assert_eq!(day, "{} 1560@97200\n");
    let bytes: u64 = host.archive.blocks().unwrap().iter().map(|block| block.bytes).sum();
    host.pen = Pen::open(host.archive.clone(), Bounds { bytes_max: bytes - 1, ..BOUNDS }).unwrap().0;
    host.flush();
    assert_eq!(host.files()[0], "24-25.9861");
    host.pen = Pen::open(host.archive.clone(), Bounds { keep_ms: HOUR_MS, ..BOUNDS }).unwrap().0;
    host.flush();
    assert_eq!(host.files()[0], "26-26.1528", "what is too old goes, too");
}

#[test]
fn a_crash_in_the_middle_of_a_compaction_doubles_nothing() {
    let scratch = Scratch::new("history-twice");
    let mut host = Host::new(scratch.path(), 10_000, BOUNDS);
    host.run(2 * HOUR_MS + FLUSH_MS - 20_000);
    let small: Vec<_> = host.archive.blocks().unwrap();
    let bytes: Vec<_> = small.iter().map(|block| fs::read(&block.path).unwrap()).collect();
    host.run(30_000);
    assert_eq!(host.files().len(), 2);
    small.iter().zip(bytes).for_each(|(block, bytes)| fs::write(&block.path, bytes).unwrap());
    let counted = |host: &Host| shown(&host.ask("count_over_time(bytes_total[2h])", 0, 10_000));
    assert_eq!(counted(&host), format!("{{}} 720@{}\n", (host.now_ms - BEGIN_MS) / 1000));
    host.pen.tidy(host.now_ms);
    assert_eq!(host.files().len(), 2);
}

#[test]
fn damage_costs_itself_and_is_counted() {
    let scratch = Scratch::new("history-damage");
    let mut host = Host::new(scratch.path(), 10_000, BOUNDS);
    host.run(HOUR_MS);
    let blocks = host.archive.blocks().unwrap();
    let change = |block: &super::Block, change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = fs::read(&block.path).unwrap();
        change(&mut bytes);
        fs::write(&block.path, bytes).unwrap();
    };
    // The first column after the times is of the first series, bytes_total.
    let begin = |bytes: &mut Vec<u8>| bytes[8..200].iter_mut().for_each(|byte| *byte ^= 0x55);
    change(&blocks[0], &begin);
    change(&blocks[1], &|bytes| bytes.truncate(bytes.len() - 1));
    let memory = Excerpt::default();
    let expr = Expr::parse("count_over_time({__name__=~\"load|bytes_total\",cpu!=\"1\"}[1h])").unwrap();
    let count = shown(&host.range(&memory, &expr, 0, 10_000));
    assert!(!count.contains("360@") && count.contains("239@") || count.contains("240@"), "{count}");
    assert_eq!(host.archive.numbers.damaged.get(), 2);
    host.run(FLUSH_MS);
    let names: Vec<String> = fs::read_dir(&host.archive.dir)
        .unwrap()
        .map(|own| own.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names.iter().filter(|name| name.contains(".damaged-")).count(), 1, "{names:?}");
    host.range(&memory, &expr, 0, 10_000);
    assert_eq!(host.archive.numbers.damaged.get(), 2, "each is told once");
}

#[test]
fn what_costs_too_much_is_refused() {
    let scratch = Scratch::new("history-cost");
    let mut host = Host::new(scratch.path(), 10_000, BOUNDS);
    host.run(HOUR_MS);
    let expr = Expr::parse("load").unwrap();
    let steps = Steps { from_ms: BEGIN_MS, to_ms: host.now_ms, step_ms: 10_000 };
    let slow = evaluate::over(&host.archive, &Excerpt::default(), &expr, steps, Duration::ZERO);
    assert_eq!(
        slow.unwrap_err().to_string(),
        "the query took longer than 0 s: narrow the selectors or the range"
    );
    let look = host.archive.look(super::Budget { samples_max: 100, time_max: TIME_MAX });
    assert!(look.fetch(expr.as_selector().unwrap(), BEGIN_MS, host.now_ms).is_empty());
    assert!(look.fault().unwrap().to_string().starts_with("more than 100 samples"));
    let steps = Steps { step_ms: 1, ..steps };
    let long = evaluate::over(&host.archive, &Excerpt::default(), &expr, steps, TIME_MAX);
    assert!(long.unwrap_err().to_string().contains("11000 steps"));
}
