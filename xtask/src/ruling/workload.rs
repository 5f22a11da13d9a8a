//! A hundred rules and 2,000 series: those of the engine's own benchmark.

use std::fmt::Write;

/// One expression a line; `#` is a number.
const SHAPES: &str = include_str!("../../../engine/benches/shapes.txt");
/// Rules.
pub const RULES: usize = 100;
/// Series of each of three metrics.
const EACH: u64 = 667;

/// The rules as a file.
pub fn rules() -> String {
    let shapes: Vec<_> = SHAPES.lines().collect();
    let rule = |index: usize| {
        let expr = shapes[index % shapes.len()].replace('#', &(index / shapes.len()).to_string());
        format!("  - alert: A{index}\n    expr: '{expr}'\n    for: 1m\n")
    };
    format!("groups:\n- name: bench\n  rules:\n{}", (0..RULES).map(rule).collect::<String>())
}

/// The metrics as a page, other values for each `tick`.
pub fn page(tick: u64) -> String {
    let mut page = String::new();
    for (name, kind) in [("bench_total", "counter"), ("bench_level", "gauge"), ("bench_size_bytes", "gauge")]
    {
        _ = writeln!(page, "# TYPE {name} {kind}");
        for index in 0..EACH {
            let noise = (index.wrapping_mul(2_654_435_761) ^ tick.wrapping_mul(40_503)) % 1000;
            let value = match name {
                "bench_total" => (tick * 1000 + noise) as f64,
                "bench_level" => 50.0 + noise as f64 / 100.0,
                _ => 1e9,
            };
            _ = writeln!(page, "{name}{{device=\"d{}\",mode=\"m{}\"}} {value}", index / 10, index % 10);
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use hostward_engine::rules::RuleSet;

    #[test]
    fn the_rules_are_rules_and_the_page_is_a_page() {
        let (rules, errors) = RuleSet::parse(&[("bench.yml".to_owned(), rules())]);
        assert_eq!((rules.rules().count(), errors.len()), (RULES, 0));
        let samples = page(7).lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(samples, 3 * EACH as usize);
    }
}
