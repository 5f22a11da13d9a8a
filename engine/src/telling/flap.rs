//! Flapping: an alert that comes and goes so often that each change says nothing new.

/// How far back it is counted.
pub const WINDOW_MS: i64 = 3_600_000;
/// An alert that fired so often within the window flaps.
const BEGIN: usize = 5;
/// It has stopped when it fired less often than this within the window.
const END: usize = 2;
/// Times that are remembered; more say nothing new.
const FIRED_MAX: usize = 2 * BEGIN;

/// Notes that it fired.
pub fn note(fired: &mut Vec<i64>, at_ms: i64) {
    fired.push(at_ms);
    let surplus = fired.len().saturating_sub(FIRED_MAX);
    fired.drain(..surplus);
}

/// Whether it flaps now, given whether it did; times outside of the window are forgotten.
pub fn judge(was: bool, fired: &mut Vec<i64>, now_ms: i64) -> bool {
    fired.retain(|at_ms| now_ms - at_ms < WINDOW_MS);
    fired.len() >= if was { END } else { BEGIN }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_with_the_fifth_and_ends_an_hour_after_the_last_but_one() {
        let (mut fired, mut flapping, mut course) = (Vec::new(), false, String::new());
        for minute in 0..130 {
            if minute < 50 && minute % 10 == 0 {
                note(&mut fired, minute * 60_000);
            }
            let now = judge(flapping, &mut fired, minute * 60_000);
            if now != flapping {
                course += &format!("{minute}:{now} ");
            }
            flapping = now;
        }
        assert_eq!(course, "40:true 90:false ");
        assert!(fired.is_empty());
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut fired = Vec::new();
        (0..1000).for_each(|at_ms| note(&mut fired, at_ms));
        assert_eq!(fired.len(), FIRED_MAX);
    }
}
