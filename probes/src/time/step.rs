//! Tells a clock that was set from one that runs, for those who ask the host. The engine tells for itself, from one of its
//! inputs to the next, when to move what it remembers.

/// A clock that is corrected while it runs moves by less from one sample to the next: by 0.5 ms in a second at most
/// (adjtimex(2)), in chrony's hands by 83 ms (`maxslewrate`).
const STEP_S_MIN: f64 = 1.0;

/// Clocks that were read further apart than that, because the processor was taken away meanwhile, say nothing.
const APART_S_MAX: f64 = 0.1;

/// By how much the clock was set, in seconds, since the first reading.
#[derive(Debug, Default)]
pub struct Steps {
    pub forward: f64,
    pub backward: f64,
    /// What the clock said when the host booted, by the last reading.
    booted: Option<f64>,
}

impl Steps {
    /// Takes a reading of the clock, and of the time since boot `before` and `after` it; all in seconds.
    pub fn observe(&mut self, before: f64, clock: f64, after: f64) {
        if after - before > APART_S_MAX {
            return;
        }
        let booted = clock - after;
        let Some(last) = self.booted.replace(booted) else { return };
        match booted - last {
            by if by >= STEP_S_MIN => self.forward += by,
            by if by <= -STEP_S_MIN => self.backward -= by,
            _ => (),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each reading is the time since boot and the clock.
    fn steps(readings: &[(f64, f64)]) -> (f64, f64) {
        let mut steps = Steps::default();
        readings.iter().for_each(|&(boot, clock)| steps.observe(boot, clock, boot));
        (steps.forward, steps.backward)
    }

    #[test]
    fn only_what_is_set_counts() {
        // A night of sleep, and 0.4 s too little.
        assert_eq!(steps(&[(10.0, 1000.0), (30_010.0, 31_000.0), (30_011.0, 31_000.6)]), (0.0, 0.0));
        assert_eq!(steps(&[(10.0, 1000.0), (11.0, 1601.0), (12.0, 1602.0), (13.0, 1003.0)]), (600.0, 600.0));
        assert_eq!(steps(&[(10.0, 1000.0), (11.0, -500.0)]), (0.0, 1501.0));
    }

    #[test]
    fn what_was_read_with_a_pause_in_between_says_nothing() {
        let mut steps = Steps::default();
        for (before, clock, after) in [(10.0, 1000.0, 10.0), (11.0, 1001.0, 14.0), (15.0, 1005.0, 15.0)] {
            steps.observe(before, clock, after);
        }
        assert_eq!((steps.forward, steps.backward), (0.0, 0.0));
    }
}
