//! What the day of the week adds to the usual course of a day.

use super::Usual;
use super::half::{ABSENT, half, whole};
use hostward_model::time::DAY_MS;
use serde::{Deserialize, Serialize};

const HOURS: i32 = 24;
const WEEK_HOURS: i32 = 7 * HOURS;
const HOUR_MS: i64 = DAY_MS / HOURS as i64;
/// Share of the day's mean that each day is.
const DAY_GAIN: f64 = 1.0 / 7.0;
/// Hours that must have been judged before the week has a say, and over which the misses are averaged.
const JUDGED_MIN: u16 = WEEK_HOURS as u16;
const JUDGED_MAX: u16 = 2 * JUDGED_MIN;
/// The week gets a say when it misses hours by less than this share of what the day misses them by, and keeps it until
/// it misses them by more.
const BETTER: f64 = 0.8;
/// An hour that is further off than so many others counts as these.
const CLIP: f64 = 4.0;
/// A level within so many misses of zero has no logarithm worth comparing.
const NEAR_ZERO: f64 = 4.0;

/// How far the hours of a week were from what the day said of them: the last time, and the time before it that was
/// nearest to that.
///
/// What both agree on is expected of the next: one Tuesday's outage must not make the next Tuesday strange.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Week {
    hours: [[[Off; 2]; HOURS as usize]; 7],
    now: Hour,
    /// The last hour that was learnt.
    learnt: i32,
    judged: u16,
    is_known: bool,
    day_off: f32,
    week_off: f32,
}

/// A distance, as bytes so that it takes two of them in a snapshot, too.
type Off = [u8; 2];

/// The hour that goes on. What the day said as it began is kept, because the day learns meanwhile.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Hour {
    /// Hours since the epoch.
    number: i32,
    count: u32,
    sum: f64,
    day: Option<(f32, f32)>,
}

impl Default for Week {
    fn default() -> Self {
        Week {
            hours: [[[ABSENT.to_le_bytes(); 2]; HOURS as usize]; 7],
            now: Hour { number: i32::MIN, count: 0, sum: 0.0, day: None },
            learnt: i32::MIN,
            judged: 0,
            is_known: false,
            day_off: 0.0,
            week_off: 0.0,
        }
    }
}

impl Week {
    /// Whether the week says more than the day.
    pub fn is_known(&self) -> bool {
        self.is_known
    }

    /// What is usual at a time, of what is usual at that time of any day; `log` gives the logarithm of a distance from the
    /// first value, which is `origin` away from zero.
    pub fn refine(&self, at_ms: i64, day: Usual, origin: f64, log: impl Fn(f64) -> f64) -> Usual {
        if !self.is_known {
            return day;
        }
        let number = number_of(at_ms);
        let Some(off) = self.agreed(number) else { return day };
        let begun = self.now.day.filter(|_| number == self.now.number);
        let day = match begun {
            Some((mean, log_mean)) => Usual { mean: mean.into(), log_mean: Some(log_mean.into()), ..day },
            None => Usual { mean: day.mean + self.drift(number), ..day },
        };
        let mean = day.mean + off;
        let [level, day_level] = [origin + mean, origin + day.mean];
        let far_from_zero = level.abs() > NEAR_ZERO * f64::from(self.week_off);
        let is_ratio = far_from_zero && level.signum() == day_level.signum();
        let ratio = f64::from(self.week_off) / f64::from(self.day_off);
        Usual {
            mean,
            log_mean: day.log_mean.filter(|_| is_ratio).map(|own| own + log(mean) - log(day.mean)),
            // What the week explains of it is taken off.
            deviation: (day.deviation - off.abs()).max(ratio * day.deviation),
            weekly: true,
        }
    }

    /// Learns `count` values that are alike; `day` is what the day says of them.
    pub fn learn(&mut self, at_ms: i64, y: f64, count: u32, day: Option<Usual>) {
        let number = number_of(at_ms);
        if number != self.now.number {
            self.end();
            let day = day.and_then(|day| Some((day.mean as f32, day.log_mean? as f32)));
            self.now = Hour { number, count: 0, sum: 0.0, day };
        }
        self.now.sum += y * f64::from(count);
        self.now.count = self.now.count.saturating_add(count);
    }

    /// The day was moved: nothing is learnt of the hour that goes on.
    pub fn shift(&mut self) {
        self.now.day = None;
    }

    /// What was learnt long ago must prove itself again.
    pub fn doubt(&mut self) {
        (self.judged, self.is_known) = (0, false);
    }

    /// By how much the day will have moved until an hour to come, or has moved since one that is over: each day that
    /// is as the week says takes its mean a seventh of the way.
    fn drift(&self, number: i32) -> f64 {
        let ahead = i64::from(number) - i64::from(self.now.number);
        let days = (ahead.unsigned_abs() / HOURS as u64).min(6) as i32;
        let step = |day: i32| self.agreed(number.saturating_sub(HOURS * day * ahead.signum() as i32));
        // Of hours to come those before this one count, of those that are over this one, too.
        let days = if ahead > 0 { 1..=days } else { 0..=days };
        let sum: f64 = days.filter_map(step).sum();
        if ahead == 0 { 0.0 } else { sum * DAY_GAIN * ahead.signum() as f64 }
    }

    /// An hour is over: what was expected of it is judged, then it is learnt, unless a clock that was set back brought it
    /// a second time.
    fn end(&mut self) {
        let Hour { number, count, sum, day } = self.now;
        let again = (self.learnt.saturating_sub(WEEK_HOURS)..=self.learnt).contains(&number);
        let Some((day, _)) = day.filter(|_| count > 0 && !again) else { return };
        let off = sum / f64::from(count) - f64::from(day);
        let [last, other] = self.of(number);
        if let Some(last) = last {
            let expected = other.map_or(last, |other| agreement(last, other));
            // What goes on as yesterday is a trend, and no matter of the week.
            let yesterday = self.of(number.saturating_sub(HOURS))[0].unwrap_or(0.0);
            self.judge(off.abs().min((off - yesterday).abs()), (off - expected).abs());
        }
        let kept =
            [last, other].into_iter().flatten().min_by(|a, b| (a - off).abs().total_cmp(&(b - off).abs()));
        let (day, hour) = place(number);
        self.hours[day][hour] = [half(off), kept.map_or(ABSENT, half)].map(u16::to_le_bytes);
        self.learnt = number;
    }

    fn judge(&mut self, day_off: f64, week_off: f64) {
        self.judged = self.judged.saturating_add(1).min(JUDGED_MAX);
        let most = if i32::from(self.judged) > HOURS { CLIP * f64::from(self.day_off) } else { f64::MAX };
        let gain = 1.0 / f64::from(self.judged);
        for (mean, off) in [(&mut self.day_off, day_off), (&mut self.week_off, week_off)] {
            let old = if self.judged == 1 { 0.0 } else { f64::from(*mean) };
            *mean = (old + gain * (off.min(most) - old)) as f32;
        }
        let share = if self.is_known { 1.0 } else { BETTER };
        self.is_known =
            self.judged >= JUDGED_MIN && f64::from(self.week_off) < share * f64::from(self.day_off);
    }

    /// What is expected of an hour beside the day.
    fn agreed(&self, number: i32) -> Option<f64> {
        let [last, other] = self.of(number);
        Some(agreement(last?, other?))
    }

    fn of(&self, number: i32) -> [Option<f64>; 2] {
        let (day, hour) = place(number);
        self.hours[day][hour].map(|off| whole(u16::from_le_bytes(off)))
    }
}

/// The smaller of two distances to the same side.
fn agreement(a: f64, b: f64) -> f64 {
    if a.signum() != b.signum() {
        0.0
    } else if a.abs() < b.abs() {
        a
    } else {
        b
    }
}

fn number_of(at_ms: i64) -> i32 {
    at_ms.div_euclid(HOUR_MS).clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32
}

fn place(number: i32) -> (usize, usize) {
    let hour = number.rem_euclid(WEEK_HOURS);
    ((hour / HOURS) as usize, (hour % HOURS) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Usual = Usual { mean: 10.0, log_mean: Some(2.0), deviation: 4.0, weekly: false };
    const WEEK: i64 = WEEK_HOURS as i64;

    /// What an hour of a week is off by: the first day by `apart`.
    fn off(hour: i64, apart: f64) -> f64 {
        let noise = (hour as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56;
        0.004 * (noise as f64 - 128.0) + if hour % WEEK < 24 { apart } else { 0.0 }
    }

    fn after(hours: i64, off: impl Fn(i64) -> f64) -> Week {
        let mut week = Week::default();
        (0..hours).for_each(|hour| week.learn(hour * HOUR_MS, 10.0 + off(hour), 1, Some(DAY)));
        week
    }

    fn usual(week: &Week, hour: i64) -> Usual {
        week.refine(hour * HOUR_MS, DAY, 0.0, |y| y)
    }

    #[test]
    fn a_weekday_has_a_say_after_a_week_that_it_foretold() {
        let apart = |hour| off(hour, 6.0);
        assert!(!after(2 * WEEK, apart).is_known());
        let week = after(4 * WEEK, apart);
        let weekend = usual(&week, 4 * WEEK);
        assert!((15.5..16.5).contains(&weekend.mean) && weekend.deviation < 4.0, "{weekend:?}");
        assert_eq!(weekend.log_mean.map(|log| log - 2.0), Some(weekend.mean - 10.0));
    }

    #[test]
    fn one_odd_hour_is_expected_of_no_week_after_it() {
        for odd in [5, 50] {
            let apart = |hour| off(hour, 6.0) + if hour == 3 * WEEK + odd { -900.0 } else { 0.0 };
            let [before, after, later] =
                [3, 4, 5].map(|weeks| usual(&after(weeks * WEEK + odd, apart), weeks * WEEK + odd).mean);
            assert!((after - before).abs() < 6.5 && (later - before).abs() < 0.5, "{before} {after} {later}");
        }
    }

    #[test]
    fn days_that_are_alike_need_no_week_nor_does_what_always_grows() {
        for growth in [0.0, 0.3, 3.0] {
            let week = after(8 * WEEK, |hour| off(hour, 0.0) + growth);
            assert!(!week.is_known(), "{week:?}");
            assert_eq!(usual(&week, 8 * WEEK), DAY);
        }
    }

    #[test]
    fn hours_that_come_again_teach_nothing() {
        let mut week = after(4 * WEEK, |hour| off(hour, 6.0));
        let again =
            |week: &mut Week, hour: i64| week.learn((4 * WEEK - 48 + hour) * HOUR_MS, -500.0, 1, Some(DAY));
        again(&mut week, 0);
        let before = week.hours;
        (0..48).for_each(|hour| again(&mut week, hour));
        assert_eq!(week.hours, before);
    }

    #[test]
    fn extremes_are_borne() {
        let mut week = after(4 * WEEK, |hour| off(hour, 6.0));
        for (at_ms, y) in [(i64::MAX, 1e36), (i64::MIN, -1e36), (0, 1e36), (i64::MAX, -1e36), (5, 0.0)] {
            week.learn(at_ms, y, u32::MAX, Some(Usual { mean: -y, ..DAY }));
            for at_ms in [i64::MIN, 0, i64::MAX] {
                assert!(week.refine(at_ms, DAY, 0.0, |y| y).mean.is_finite());
            }
        }
    }
}
