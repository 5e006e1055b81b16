//! The clock: what gives elements their time and says when windows fire. Nothing else asks for the time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Milliseconds since the epoch (of the machine, or of a virtual run: 0 is when element 0 arrives).
pub type Time = i64;

/// Processing time, as a job sees it.
pub trait Clock: Send + Sync {
    /// Now; the virtual clock has none of its own and goes by ticks.
    fn now(&self) -> Time;
    /// When the elements of a tick arrive, in a wave that began at `now`.
    fn arrival(&self, tick: u64, now: Time) -> Time;
    /// How far the clock has come when all ticks below `next_tick` are done.
    fn reached(&self, next_tick: u64, now: Time) -> Time;
    /// The tick before whose elements a timer goes off, in a wave whose first tick is `first_tick`.
    fn timer_tick(&self, time: Time, first_tick: u64) -> u64;
    /// How long to wait for a timer while no element arrives; `None` if only elements move the clock.
    fn until(&self, time: Time) -> Option<Duration>;
    /// True if sources that keep others waiting are taken by arrival, not in step.
    fn is_live(&self) -> bool;
}

/// The machine's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Time {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Time::try_from(since.as_millis()).unwrap_or(Time::MAX)
    }

    fn arrival(&self, _tick: u64, now: Time) -> Time {
        now
    }

    fn reached(&self, _next_tick: u64, now: Time) -> Time {
        now
    }

    fn timer_tick(&self, _time: Time, first_tick: u64) -> u64 {
        first_tick
    }

    fn until(&self, time: Time) -> Option<Duration> {
        Some(Duration::from_millis(u64::try_from(time.saturating_sub(self.now())).unwrap_or(0)))
    }

    fn is_live(&self) -> bool {
        true
    }
}

/// Element k of a source arrives at k x step milliseconds.
pub struct VirtualClock {
    /// Milliseconds, at least 1.
    pub step: u64,
}

impl VirtualClock {
    fn at(&self, tick: u64) -> Time {
        Time::try_from(tick.saturating_mul(self.step)).unwrap_or(Time::MAX)
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Time {
        0
    }

    fn arrival(&self, tick: u64, _now: Time) -> Time {
        self.at(tick)
    }

    fn reached(&self, next_tick: u64, _now: Time) -> Time {
        self.at(next_tick)
    }

    fn timer_tick(&self, time: Time, _first_tick: u64) -> u64 {
        u64::try_from(time).unwrap_or(0).div_ceil(self.step)
    }

    fn until(&self, _time: Time) -> Option<Duration> {
        None
    }

    fn is_live(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_virtual_timer_goes_off_before_the_first_element_at_or_after_it() {
        let clock = VirtualClock { step: 7 };
        assert_eq!(clock.timer_tick(50, 0), 8);
        assert_eq!(clock.arrival(8, 0), 56);
        assert_eq!(clock.timer_tick(49, 0), 7);
        assert_eq!(clock.timer_tick(-20, 0), 0);
    }
}
