//! Round numbers along an axis: multiples of 1, 2 or 5 times a power of ten.

use crate::number::{Exact, axis_labels};

/// Below this a span or a number counts as zero: its reciprocal would overflow.
const SMALLEST: f64 = 1e-300;
/// A span smaller than this part of its ends cannot be divided into distinct numbers.
const RELATIVE: f64 = 1e-9;

/// A step of 1, 2 or 5 times ten to the `exponent`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Step {
    mantissa: i64,
    exponent: i32,
}

impl Step {
    /// The smallest such step that is at least `size`, which is positive.
    pub(crate) fn at_least(size: f64) -> Self {
        // Read from the decimal text: a logarithm may be off by one at a power of ten.
        let text = format!("{size:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or(("1", "0"));
        let mantissa: f64 = mantissa.parse().unwrap_or(1.0);
        let exponent = exponent.parse().unwrap_or(0);
        let within = |limit: f64| mantissa <= limit * (1.0 + RELATIVE);
        match mantissa {
            _ if within(1.0) => Self { mantissa: 1, exponent },
            _ if within(2.0) => Self { mantissa: 2, exponent },
            _ if within(5.0) => Self { mantissa: 5, exponent },
            _ => Self { mantissa: 1, exponent: exponent + 1 },
        }
    }

    /// A step of at least one, for an axis that counts things.
    fn whole(self) -> Self {
        if self.exponent < 0 { Self { mantissa: 1, exponent: 0 } } else { self }
    }

    fn value(self) -> f64 {
        Exact { digits: self.mantissa, exponent: self.exponent }.value()
    }
}

/// Consecutive multiples of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ticks {
    step: Step,
    first: i64,
    last: i64,
}

impl Ticks {
    /// About `count` steps that reach from at or below `low` to at or above `high`.
    pub(crate) fn covering(low: f64, high: f64, count: u32) -> Self {
        let (low, high) = spread(low, high);
        Self::covering_by(low, high, Step::at_least((high - low) / f64::from(count)))
    }

    /// As [`Ticks::covering`] in whole numbers.
    pub(crate) fn covering_whole(low: f64, high: f64, count: u32) -> Self {
        let (low, high) = spread(low, high);
        Self::covering_by(low, high, Step::at_least((high - low) / f64::from(count)).whole())
    }

    /// Multiples of a given step that reach over both ends.
    pub(crate) fn covering_by(low: f64, high: f64, step: Step) -> Self {
        Self { step, first: steps(low, step).floor() as i64, last: steps(high, step).ceil() as i64 }
    }

    /// At most about `count` ticks that lie between the ends. There may be none.
    pub(crate) fn inside(low: f64, high: f64, count: u32) -> Self {
        if !differ(low, high) {
            return Self { step: Step { mantissa: 1, exponent: 0 }, first: 1, last: 0 };
        }
        let step = Step::at_least((high - low) / f64::from(count));
        Self { step, first: steps(low, step).ceil() as i64, last: steps(high, step).floor() as i64 }
    }

    /// As [`Ticks::inside`] in whole numbers.
    pub(crate) fn inside_whole(low: f64, high: f64, count: u32) -> Self {
        let step = Step::at_least(((high - low) / f64::from(count)).max(1.0)).whole();
        Self { step, first: steps(low, step).ceil() as i64, last: steps(high, step).floor() as i64 }
    }

    pub(crate) fn low(self) -> f64 {
        self.exact(self.first).value()
    }

    pub(crate) fn high(self) -> f64 {
        self.exact(self.last).value()
    }

    fn exact(self, index: i64) -> Exact {
        Exact { digits: index * self.step.mantissa, exponent: self.step.exponent }
    }

    /// The numbers.
    pub(crate) fn values(self) -> impl Iterator<Item = f64> {
        (self.first..=self.last).map(move |index| self.exact(index).value())
    }

    /// The numbers with their labels.
    pub(crate) fn labeled(self) -> Vec<(f64, String)> {
        let exact: Vec<Exact> = (self.first..=self.last).map(|index| self.exact(index)).collect();
        self.values().zip(axis_labels(&exact)).collect()
    }
}

/// Returns the number of steps from zero, exact where it is a multiple up to rounding.
fn steps(value: f64, step: Step) -> f64 {
    let steps = value / step.value();
    let nearest = steps.round();
    if (steps - nearest).abs() <= RELATIVE * nearest.abs().max(1.0) { nearest } else { steps }
}

/// Returns whether numbers between two ends can be told apart.
pub(crate) fn differ(low: f64, high: f64) -> bool {
    high - low > (low.abs().max(high.abs()) * RELATIVE).max(SMALLEST)
}

/// Two ends that differ: a single number is seen from zero, and zero from zero to one.
fn spread(low: f64, high: f64) -> (f64, f64) {
    if differ(low, high) {
        (low, high)
    } else if low.abs().max(high.abs()) < SMALLEST {
        (0.0, 1.0)
    } else {
        (low.min(0.0), high.max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: Ticks) -> Vec<String> {
        ticks.labeled().into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn steps_are_one_two_five() {
        for (size, mantissa, exponent) in
            [(1.0, 1, 0), (1.1, 2, 0), (2.0, 2, 0), (3.0, 5, 0), (5.1, 1, 1), (0.3, 5, -1), (1e300, 1, 300)]
        {
            assert_eq!(Step::at_least(size), Step { mantissa, exponent }, "{size}");
        }
    }

    #[test]
    fn covering_reaches_over_both_ends() {
        assert_eq!(labels(Ticks::covering(0.0, 9.0, 5)), ["0", "2", "4", "6", "8", "10"]);
        assert_eq!(labels(Ticks::covering(-0.3, 0.4, 4)), ["−0.4", "−0.2", "0", "0.2", "0.4"]);
        assert_eq!(labels(Ticks::covering(0.0, 1_240_000.0, 5)), ["0", "0.5M", "1.0M", "1.5M"]);
        assert_eq!(labels(Ticks::covering(0.0, 0.3, 3)), ["0", "0.1", "0.2", "0.3"]);
        assert_eq!(labels(Ticks::covering_whole(0.0, 2.0, 5)), ["0", "1", "2"]);
    }

    #[test]
    fn inside_stays_between_the_ends() {
        assert_eq!(labels(Ticks::inside(1.0, 78.0, 5)), ["20", "40", "60"]);
        assert_eq!(labels(Ticks::inside_whole(0.0, 3.0, 8)), ["0", "1", "2", "3"]);
        assert_eq!(labels(Ticks::inside_whole(1.0, 1.0, 8)), ["1"]);
        assert_eq!(labels(Ticks::inside(7.0, 7.0, 5)), Vec::<String>::new());
    }

    #[test]
    fn equal_ends_and_extreme_ends_have_an_axis() {
        assert_eq!(labels(Ticks::covering(0.0, 0.0, 4)), ["0", "0.5", "1.0"]);
        assert_eq!(labels(Ticks::covering(7.0, 7.0, 4)), ["0", "2", "4", "6", "8"]);
        for (low, high) in [(-1e300, 1e300), (0.0, 1e-300), (0.0, 5e-324), (1e300, 1e300), (1e16, 1e16 + 2.0)]
        {
            let ticks = Ticks::covering(low, high, 5);
            let size = low.abs().max(high.abs()).max(SMALLEST);
            // Divided first: the difference of the ends may be beyond the largest float.
            assert!(ticks.low() / size <= low / size + RELATIVE, "{low:e} {high:e} {ticks:?}");
            assert!(ticks.high() / size >= high / size - RELATIVE, "{low:e} {high:e} {ticks:?}");
            assert!((2..=12).contains(&ticks.values().count()), "{low:e} {high:e} {ticks:?}");
            assert!(ticks.values().zip(ticks.values().skip(1)).all(|(one, next)| one < next), "{ticks:?}");
        }
    }
}
