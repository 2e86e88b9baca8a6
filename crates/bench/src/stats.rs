//! Middle and tail of measured times.

use std::time::{Duration, Instant};

/// Measured times, sorted.
pub struct Times(Vec<f64>);

impl Times {
    /// Of these, in seconds.
    pub fn new(mut seconds: Vec<f64>) -> Self {
        seconds.sort_by(f64::total_cmp);
        Self(seconds)
    }

    /// The value that this part of all does not exceed.
    pub fn quantile(&self, part: f64) -> f64 {
        let last = self.0.len().saturating_sub(1);
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index into a small list"
        )]
        let at = (last as f64 * part).ceil() as usize;
        self.0.get(at.min(last)).copied().unwrap_or(f64::NAN)
    }

    /// The middle.
    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    /// 99 of 100 are not above.
    pub fn p99(&self) -> f64 {
        self.quantile(0.99)
    }
}

/// How often in a second, when `count` took this long.
#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub fn rate(count: usize, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

/// Repeats `work` in slices until about `long` has passed; gives the rate.
pub fn spin(long: Duration, mut work: impl FnMut()) -> f64 {
    let begun = Instant::now();
    let mut count = 0;
    while begun.elapsed() < long {
        for _ in 0..16 {
            work();
        }
        count += 16;
    }
    rate(count, begun.elapsed())
}
