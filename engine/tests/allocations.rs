//! Most ticks on which nothing happens take at most one piece of memory, however many series there are; the history takes it in
//! pieces of many values, in the other ticks.

#![allow(clippy::unwrap_used)]

use hostward_engine::{Engine, Input, Settings};
use hostward_model::{Batch, Metric, Now};

static LOAD: Metric = Metric::gauge("load", "Load.", &["part"]);
static WORK: Metric = Metric::counter("work_total", "Work.", &["part"]);

const SERIES: u64 = 200;
const STEP_MS: u64 = 1000;

struct Host {
    engine: Engine,
    now: Now,
    batch: Batch,
    names: Vec<String>,
    seconds: u64,
}

impl Host {
    fn new() -> Self {
        // Few bytes of history are full soon, and what is dropped makes room for what comes.
        let settings = Settings { history_bytes_max: 64 << 10, ..Settings::default() };
        let names = (0..SERIES / 2).map(|part| part.to_string()).collect();
        let now = Now::new(1_767_225_600_000, 1 << 40);
        Host { engine: Engine::new(settings), now, batch: Batch::new(), names, seconds: 0 }
    }

    fn tick(&mut self) {
        self.now.wall_ms += STEP_MS as i64;
        self.now.mono_ms += STEP_MS;
        self.seconds += 1;
        self.batch.clear();
        for (part, name) in self.names.iter().enumerate() {
            let wave = ((self.seconds + 7 * part as u64) % 11) as f64;
            self.batch.push(&LOAD, &[name], wave);
            self.batch.push(&WORK, &[name], (100 * self.seconds) as f64 + wave);
        }
        self.engine.handle(self.now, Input::Batch { probe: "sim", batch: &self.batch });
        self.engine.handle(self.now, Input::Ticked { next_ms: STEP_MS });
        while self.engine.poll().is_some() {}
    }
}

#[test]
fn most_quiet_ticks_take_at_most_one_piece_of_memory() {
    let mut host = Host::new();
    (0..1800).for_each(|_| host.tick());
    let ticks: Vec<u64> = (0..300).map(|_| allocation_counter::measure(|| host.tick()).count_total).collect();
    let quiet = ticks.iter().filter(|count| **count <= 1).count();
    println!("{quiet} of {} ticks of {SERIES} series: {ticks:?}", ticks.len());
    assert!(quiet * 2 >= ticks.len());
}
