//! When the next tick is.

/// Part of an interval by which a wake-up may come early and still count as that tick.
const EARLY_PART: i64 = 20;

/// The next multiple of `every_us` on the wall clock after `wall_us`.
pub fn next(wall_us: i64, every_us: i64) -> i64 {
    let passed = wall_us + every_us / EARLY_PART;
    (passed.div_euclid(every_us) + 1) * every_us
}

/// Whether something that runs every `every_us` has its turn in the tick of `wall_us`.
pub fn is_due(wall_us: i64, every_us: i64) -> bool {
    wall_us.rem_euclid(every_us) == 0
}

/// How many whole ticks passed while the sampler was late.
pub fn missed(late_us: u64, period_us: u64) -> u64 {
    late_us / period_us.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;

    #[test]
    fn ticks_lie_on_multiples() {
        assert_eq!(next(12_300_000, 10 * SECOND), 20 * SECOND);
        assert_eq!(next(20 * SECOND, 10 * SECOND), 30 * SECOND);
        assert_eq!(next(-1_500_000, SECOND), -SECOND);
    }

    #[test]
    fn a_wake_up_a_little_early_is_not_followed_by_another() {
        assert_eq!(next(9_999_600, SECOND), 11 * SECOND);
        assert_eq!(next(9_900_000, SECOND), 10 * SECOND);
    }

    #[test]
    fn a_slow_probe_has_its_turn_on_its_own_multiples() {
        let turns: Vec<_> = (1..=7).filter(|tick| is_due(tick * SECOND, 3 * SECOND)).collect();
        assert_eq!(turns, [3, 6]);
    }

    #[test]
    fn only_whole_ticks_are_missed() {
        assert_eq!([0, 999_999, 1_000_000, 3_500_000].map(|late| missed(late, 1_000_000)), [0, 0, 1, 3]);
    }
}
