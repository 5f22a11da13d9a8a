//! How many requests are answered: a bucket of tokens, as `rate_limit` says.

use super::file::RateLimit;
use std::time::Instant;

/// Holds `burst` tokens; each request takes one, and each interval brings one.
#[derive(Debug)]
pub struct Bucket {
    limit: RateLimit,
    tokens: f64,
    at: Instant,
}

impl Bucket {
    /// A full one.
    pub fn new(limit: RateLimit, now: Instant) -> Self {
        Bucket { limit, tokens: f64::from(limit.burst), at: now }
    }

    /// The limit that it keeps.
    pub fn limit(&self) -> RateLimit {
        self.limit
    }

    /// Whether one more request is answered; it then has its token.
    pub fn take(&mut self, now: Instant) -> bool {
        let interval = self.limit.interval.0.as_secs_f64();
        if interval == 0.0 {
            return true;
        }
        let gained = now.saturating_duration_since(self.at).as_secs_f64() / interval;
        (self.tokens, self.at) = ((self.tokens + gained).min(f64::from(self.limit.burst)), now);
        let is_left = self.tokens >= 1.0;
        if is_left {
            self.tokens -= 1.0;
        }
        is_left
    }
}

#[cfg(test)]
mod tests {
    use super::super::file::rate::Interval;
    use super::*;
    use std::time::Duration;

    fn bucket(interval: Duration, burst: u32, now: Instant) -> Bucket {
        Bucket::new(RateLimit { interval: Interval(interval), burst }, now)
    }

    #[test]
    fn a_burst_is_answered_and_then_one_each_interval() {
        let now = Instant::now();
        let mut bucket = bucket(Duration::from_secs(1), 2, now);
        let taken = [0, 0, 0, 500, 1000, 1100, 9000, 9000, 9000]
            .map(|ms| bucket.take(now + Duration::from_millis(ms)));
        assert_eq!(taken, [true, true, false, false, true, false, true, true, false]);
    }

    #[test]
    fn no_interval_is_no_limit() {
        let now = Instant::now();
        let mut bucket = bucket(Duration::ZERO, 0, now);
        assert!((0..1000).all(|_| bucket.take(now)));
    }
}
