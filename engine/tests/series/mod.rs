//! Series for tests, written as in Prometheus' own tests.

use hostward_engine::promql::drawn;

/// One series a line, the first value at time 0, then one each `step_ms`.
pub fn drawn(step_ms: i64, text: &str) -> drawn::Drawn {
    let mut drawn = drawn::Drawn::default();
    draw(&mut drawn, step_ms, text);
    drawn
}

/// More series, with another step.
pub fn draw(drawn: &mut drawn::Drawn, step_ms: i64, text: &str) {
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (labels, values) = drawn::labels(line).unwrap();
        drawn.draw(labels, &drawn::values(values).unwrap(), 0, step_ms);
    }
}
