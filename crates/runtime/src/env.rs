//! The machine's own clock and random source.

use std::sync::Arc;
use std::time::{Duration, Instant};

use doorward_core::{Clock, Env, Rng, Timestamp};

struct SystemClock {
    started: Instant,
}

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the clock that everybody else takes")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let micros = since.map(|d| d.as_micros()).unwrap_or(0);
        Timestamp::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
    }

    fn running(&self) -> Duration {
        self.started.elapsed()
    }
}

struct OsRng;

impl Rng for OsRng {
    fn fill(&self, out: &mut [u8]) {
        if aws_lc_rs::rand::fill(out).is_err() {
            // Predictable keys are worse than no process.
            std::process::abort();
        }
    }
}

/// The real environment: the system's clock and its CSPRNG.
#[allow(clippy::disallowed_methods, reason = "this is the clock that everybody else takes")]
pub fn env() -> Env {
    Env::new(Arc::new(SystemClock { started: Instant::now() }), Arc::new(OsRng))
}
