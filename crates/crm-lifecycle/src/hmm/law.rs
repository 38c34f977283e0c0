//! How many purchases a customer makes in a period of a stage, and what is spent at each: laws of
//! one stage.

use std::fmt;

use libm::lgamma;
use special::Gamma as _;

use super::sequences::Seen;
use crate::error::Error;

/// Rates, means, shapes and spends lie in this range: wide enough for any business, narrow enough
/// for doubles.
const RANGE: std::ops::RangeInclusive<f64> = SMALLEST..=LARGEST;
const SMALLEST: f64 = 1e-9;
const LARGEST: f64 = 1e9;
/// A shape beyond this is that of a Poisson law to every digit that data can show.
const LARGEST_SHAPE: f64 = 1e6;
const SMALLEST_SHAPE: f64 = 1e-3;

/// How many purchases a customer makes in a period of a stage.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Stored", into = "Stored"))]
pub struct CountLaw {
    mean: f64,
    shape: Option<f64>,
}

impl CountLaw {
    /// `P(n) = rate^n e^-rate / n!`: customers in a stage are alike.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the rate, in purchases per period, lies in 1e-9..=1e9.
    pub fn poisson(rate: f64) -> Result<Self, Error> {
        check("rate", rate)?;
        Ok(Self { mean: rate, shape: None })
    }

    /// `P(n) = Gamma(n + r) / (Gamma(r) n!) (r / (r + m))^r (m / (r + m))^n`: periods in a stage
    /// differ, with variance `m + m^2 / r` for the mean m and the shape r.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the mean, in purchases per period, and the shape lie in
    /// 1e-9..=1e9.
    pub fn negative_binomial(mean: f64, shape: f64) -> Result<Self, Error> {
        check("mean", mean)?;
        check("shape", shape)?;
        Ok(Self { mean, shape: Some(shape) })
    }

    /// The mean number of purchases per period.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The shape of a negative-binomial law; `None` for a Poisson law.
    #[must_use]
    pub fn shape(&self) -> Option<f64> {
        self.shape
    }

    /// Returns the logarithm of the probability of n purchases in a whole period.
    #[must_use]
    pub fn ln_probability(&self, n: u32) -> f64 {
        self.ln_probability_of(Seen { count: n, exposure: 1.0 })
    }

    /// The logarithm of the probability of purchases in a part of a period: its mean is the mean of
    /// the law times the exposure, its shape that of the law.
    pub(super) fn ln_probability_of(&self, seen: Seen) -> f64 {
        let (n, count, mean) = (seen.count, f64::from(seen.count), self.mean * seen.exposure);
        match self.shape {
            None => count * mean.ln() - mean - lgamma(count + 1.0),
            Some(shape) => {
                // ln (r / (r + m)) and its counterpart, exact where one side is tiny.
                let stay = -(mean / shape).ln_1p();
                let step = -(shape / mean).ln_1p();
                ln_rising(shape, n) - lgamma(count + 1.0) + shape * stay + count * step
            }
        }
    }

    /// The law of highest likelihood for the periods of a tally, after a shift of its weights.
    pub(super) fn learnt(&self, tally: &Tally, shift: Shift) -> Self {
        let weight = tally.weight + shift.silent;
        if tally.weight <= f64::MIN_POSITIVE || weight <= f64::MIN_POSITIVE {
            return *self;
        }
        let best = (tally.purchases + shift.purchases) / weight;
        let mean = if best > 0.0 { best.clamp(SMALLEST, LARGEST) } else { SMALLEST };
        let Some(shape) = self.shape else { return Self { mean, shape: None } };
        // For whole periods without a shift the best mean is that of the data, whatever the shape.
        let whole = tally.by_exposure.iter().all(|part| part.exposure >= 1.0);
        let simple = whole && shift == Shift::default();
        let mean_for = |near: f64, shape: f64| match (simple, whole) {
            (true, _) => mean,
            // r (N - m W) / (r + m) + u = 0, with the shift in N and W.
            (false, true) if shape * weight > shift.purchases => {
                let most = shape * (tally.purchases + shift.purchases).max(0.0);
                (most / (shape * weight - shift.purchases)).clamp(SMALLEST, LARGEST)
            }
            (false, true) => near,
            (false, false) => tally.mean(near, shape, shift),
        };
        let near = if simple { mean } else { self.mean };
        // With purchases from elsewhere, the likelihood grows without end where the shape is small and
        // the mean large: the mean stays below twice that of the purchases.
        let least = (2.0 * shift.purchases / weight).clamp(SMALLEST_SHAPE, LARGEST_SHAPE);
        // At the best mean for every shape, the slope by the shape is that of the likelihood itself.
        let slope = |shape: f64| tally.shape_slope(mean_for(near, shape), shape, shift);
        let shape = root_near(shape, least, slope);
        Self { mean: mean_for(near, shape), shape: Some(shape) }
    }

    /// The law with another mean.
    pub(super) fn with_mean(self, mean: f64) -> Self {
        Self { mean: mean.clamp(SMALLEST, LARGEST), ..self }
    }

    /// The derivatives of the log-probability by the logarithms of mean and shape.
    pub(super) fn score(&self, seen: Seen) -> (f64, f64) {
        let mean = self.mean * seen.exposure;
        let excess = f64::from(seen.count) - mean;
        match self.shape {
            None => (excess, 0.0),
            Some(shape) => (excess * shape / (shape + mean), shape * shape_score(seen.count, mean, shape)),
        }
    }
}

/// The expected periods of a state.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    /// Periods by count and exposure.
    seen: Vec<(Seen, f64)>,
    by_exposure: Vec<Part>,
    /// Whole periods, of which parts count in part.
    pub(super) weight: f64,
    pub(super) purchases: f64,
}

/// Periods of one exposure.
#[derive(Debug, Clone, Copy)]
struct Part {
    exposure: f64,
    periods: f64,
    purchases: f64,
}

/// What constraints between the states add to the tally of one: whole periods without a purchase,
/// and purchases. Both may be negative.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Shift {
    pub(super) silent: f64,
    pub(super) purchases: f64,
}

impl Tally {
    pub(super) fn new(seen: impl Iterator<Item = (Seen, f64)>) -> Self {
        let mut tally = Self { seen: seen.filter(|(_, weight)| *weight > 0.0).collect(), ..Self::default() };
        for (Seen { count, exposure }, periods) in &tally.seen {
            let purchases = f64::from(*count) * periods;
            tally.weight += exposure * periods;
            tally.purchases += purchases;
            let same = |part: &&mut Part| part.exposure.to_bits() == exposure.to_bits();
            match tally.by_exposure.iter_mut().find(same) {
                Some(part) => {
                    part.periods += periods;
                    part.purchases += purchases;
                }
                None => tally.by_exposure.push(Part { exposure: *exposure, periods: *periods, purchases }),
            }
        }
        tally
    }

    /// The mean of highest likelihood for a shape, by Newton's method in the logarithm.
    fn mean(&self, near: f64, shape: f64, shift: Shift) -> f64 {
        let whole = Part { exposure: 1.0, periods: shift.silent, purchases: 0.0 };
        // The derivative by ln m, and that of it.
        let slope = |ln: f64| {
            let parts = self.by_exposure.iter().chain(std::iter::once(&whole));
            parts.fold((shift.purchases, 0.0), |(slope, bend), part| {
                let mean = ln.exp() * part.exposure;
                let all = shape + mean;
                (
                    slope + shape * (part.purchases - mean * part.periods) / all,
                    bend - shape / all * mean * (part.purchases + shape * part.periods) / all,
                )
            })
        };
        root_of(near.ln(), (SMALLEST.ln(), LARGEST.ln()), slope).exp()
    }

    fn shape_slope(&self, mean: f64, shape: f64, shift: Shift) -> f64 {
        let of = |(seen, weight): &(Seen, f64)| weight * shape_score(seen.count, mean * seen.exposure, shape);
        let silent = if shift.silent == 0.0 { 0.0 } else { shift.silent * shape_score(0, mean, shape) };
        self.seen.iter().map(of).sum::<f64>() + silent
    }
}

/// Where a function that falls through zero does so, by Newton's method within limits.
fn root_of(near: f64, (mut low, mut high): (f64, f64), f: impl Fn(f64) -> (f64, f64)) -> f64 {
    let mut x = near.clamp(low, high);
    if f(low).0 <= 0.0 {
        return low;
    }
    for _ in 0..100 {
        let (value, derivative) = f(x);
        if value > 0.0 {
            low = x;
        } else {
            high = x;
        }
        let newton = x - value / derivative;
        let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
        if (next - x).abs() <= 1e-12 || high - low <= 1e-13 {
            return next;
        }
        x = next;
    }
    x
}

/// The shape at which a slope falls through zero, within the limits of shapes, looked for around one
/// that is near the answer.
fn root_near(near: f64, least_shape: f64, slope: impl Fn(f64) -> f64) -> f64 {
    let (least, most) = (least_shape.ln(), LARGEST_SHAPE.ln());
    let f = |ln: f64| slope(ln.exp());
    let start = near.ln().clamp(least, most);
    let at_start = f(start);
    if at_start == 0.0 {
        return start.exp();
    }
    // A bracket: the function is above zero at its low end and not above it at its high end.
    let (mut low, mut high) = ((start, at_start), (start, at_start));
    let mut width = 0.01;
    while low.1 <= 0.0 {
        if low.0 <= least {
            return least_shape;
        }
        high = low;
        let x = (low.0 - width).max(least);
        low = (x, f(x));
        width *= 4.0;
    }
    while high.1 > 0.0 {
        if high.0 >= most {
            return LARGEST_SHAPE;
        }
        low = high;
        let x = (high.0 + width).min(most);
        high = (x, f(x));
        width *= 4.0;
    }
    illinois(low, high, (1e-12, 0.0), f).0.exp()
}

/// The root of a function that falls from `low` to `high`, by false position with Illinois'
/// halving. Returns the end of the last bracket at which the function is not above zero.
pub(super) fn illinois(
    mut low: (f64, f64),
    mut high: (f64, f64),
    (width, exact): (f64, f64),
    f: impl Fn(f64) -> f64,
) -> (f64, f64) {
    let (mut low_weight, mut high_weight) = (low.1, high.1);
    let mut last_was_low = None;
    for step in 0..200 {
        if high.0 - low.0 <= width * high.0.abs() || high.1 >= -exact {
            break;
        }
        let between = low.0 + (high.0 - low.0) * (low_weight / (low_weight - high_weight));
        let inside = between > low.0 && between < high.0 && step % 8 != 7;
        let x = if inside { between } else { 0.5 * (low.0 + high.0) };
        let value = f(x);
        if value > 0.0 {
            low = (x, value);
            low_weight = value;
            if last_was_low == Some(true) {
                high_weight *= 0.5;
            }
        } else {
            high = (x, value);
            high_weight = value;
            if last_was_low == Some(false) {
                low_weight *= 0.5;
            }
        }
        last_was_low = Some(value > 0.0);
    }
    high
}

/// The derivative of the log-probability by the shape.
fn shape_score(n: u32, mean: f64, shape: f64) -> f64 {
    let count = f64::from(n);
    rising_slope(shape, n) - (mean / shape).ln_1p() + (mean - count) / (shape + mean)
}

/// ln (r (r + 1) ... (r + n - 1)).
fn ln_rising(r: f64, n: u32) -> f64 {
    if n < 32 {
        // One logarithm of a product that stays within range.
        let (product, ln) = (0..n).fold((1.0_f64, 0.0), |(product, ln), k| {
            let next = product * (r + f64::from(k));
            if (1e-200..1e200).contains(&next) { (next, ln) } else { (1.0, ln + next.ln()) }
        });
        ln + product.ln()
    } else if r < LARGE {
        lgamma(r + f64::from(n)) - lgamma(r)
    } else {
        // Stirling's formula for both, so that nothing large cancels.
        let n = f64::from(n);
        (r - 0.5) * (n / r).ln_1p() + n * (r + n).ln() - n + (1.0 / (r + n) - 1.0 / r) / 12.0
    }
}

/// From here on two terms of Stirling's series are exact.
const LARGE: f64 = 1e4;

/// s ln s - s - ln Gamma(s).
fn stirling_rest(s: f64) -> f64 {
    if s < LARGE {
        s * s.ln() - s - lgamma(s)
    } else {
        0.5 * (s / std::f64::consts::TAU).ln() - 1.0 / (12.0 * s)
    }
}

/// Its derivative, 1/r + 1/(r + 1) + ... + 1/(r + n - 1).
fn rising_slope(r: f64, n: u32) -> f64 {
    if n < 32 {
        (0..n).map(|k| 1.0 / (r + f64::from(k))).sum()
    } else {
        (r + f64::from(n)).digamma() - r.digamma()
    }
}

/// What is spent at each purchase of a stage: a gamma law, so that n purchases bring a total with
/// the law of shape n a.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Stored", into = "Stored"))]
pub struct SpendLaw {
    mean: f64,
    shape: f64,
}

impl SpendLaw {
    /// Spend per purchase with this mean and shape; its variance is `mean^2 / shape`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless both lie in 1e-9..=1e9.
    pub fn gamma(mean: f64, shape: f64) -> Result<Self, Error> {
        check("mean spend", mean)?;
        check("shape of the spend", shape)?;
        Ok(Self { mean, shape })
    }

    /// The mean spend per purchase.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The shape of one purchase.
    #[must_use]
    pub fn shape(&self) -> f64 {
        self.shape
    }

    /// What of the log-density of the total of n purchases does not depend on the total. With s = n
    /// a and u the total over its mean, the density is `exp(s ln s - s - ln Gamma(s)) exp(s (ln u -
    /// u + 1)) / total`.
    pub(super) fn ln_front(&self, n: u32) -> f64 {
        stirling_rest(f64::from(n) * self.shape)
    }

    /// The rest: what depends on the total.
    pub(super) fn ln_rest(&self, n: f64, total: f64, ln_total: f64) -> f64 {
        let off = total / (n * self.mean) - 1.0;
        // ln u - u + 1 for u = 1 + off, also where the total is tiny.
        let ln = if off > -0.5 { off.ln_1p() } else { ln_total - (n * self.mean).ln() };
        n * self.shape * (ln - off) - ln_total
    }

    /// The law of highest likelihood for what was seen with weights.
    pub(super) fn learnt(&self, seen: &SpendSeen, weighted: &[(u32, f64)]) -> Self {
        let purchases: f64 = weighted.iter().map(|(n, weight)| f64::from(*n) * weight).sum();
        if purchases <= f64::MIN_POSITIVE {
            return *self;
        }
        let mean = (seen.total / purchases).clamp(SMALLEST, LARGEST);
        let shape = root_near(self.shape, SMALLEST_SHAPE, |shape| {
            let of_count = |(n, weight): &(u32, f64)| {
                let n = f64::from(*n);
                weight * n * ((shape / mean).ln() + 1.0 - (n * shape).digamma())
            };
            weighted.iter().map(of_count).sum::<f64>() + seen.ln_totals - seen.total / mean
        });
        Self { mean, shape }
    }

    /// The derivatives of the log-density of the total of n purchases by the logarithms of mean and
    /// shape.
    pub(super) fn score(&self, n: u32, total: f64, ln_total: f64) -> (f64, f64) {
        let (n, relative) = (f64::from(n), total / self.mean);
        let by_shape =
            n * ((self.shape / self.mean).ln() + 1.0 - (n * self.shape).digamma() + ln_total) - relative;
        (self.shape * (relative - n), self.shape * by_shape)
    }
}

/// Weighted sums over periods with purchases and known spend.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SpendSeen {
    /// Of the totals.
    pub(super) total: f64,
    /// Of purchases times the logarithm of the total.
    pub(super) ln_totals: f64,
}

fn check(field: &'static str, value: f64) -> Result<(), Error> {
    if RANGE.contains(&value) { Ok(()) } else { Err(Error::range(field, "lie in 1e-9..=1e9", value)) }
}

impl fmt::Display for CountLaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.shape {
            None => write!(f, "{:.4} purchases", self.mean),
            Some(shape) => write!(f, "{:.4} purchases (shape {shape:.3})", self.mean),
        }
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    mean: f64,
    shape: Option<f64>,
}

#[cfg(feature = "serde")]
impl TryFrom<Stored> for CountLaw {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self, Error> {
        match stored.shape {
            None => Self::poisson(stored.mean),
            Some(shape) => Self::negative_binomial(stored.mean, shape),
        }
    }
}

#[cfg(feature = "serde")]
impl From<CountLaw> for Stored {
    fn from(law: CountLaw) -> Self {
        Self { mean: law.mean, shape: law.shape }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<Stored> for SpendLaw {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self, Error> {
        let shape = stored.shape.ok_or_else(|| Error::range("shape of the spend", "be given", "none"))?;
        Self::gamma(stored.mean, shape)
    }
}

#[cfg(feature = "serde")]
impl From<SpendLaw> for Stored {
    fn from(law: SpendLaw) -> Self {
        Self { mean: law.mean, shape: Some(law.shape) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64, relative: f64) -> bool {
        (a - b).abs() <= relative * b.abs().max(1.0)
    }

    #[test]
    fn probabilities_add_up_and_have_their_mean() {
        let laws = [
            CountLaw::poisson(3.2).unwrap(),
            CountLaw::negative_binomial(3.2, 0.7).unwrap(),
            CountLaw::negative_binomial(0.01, 40.0).unwrap(),
        ];
        for law in laws {
            let p = |n| law.ln_probability(n).exp();
            assert!(near((0..400).map(p).sum(), 1.0, 1e-10), "{law}");
            assert!(near((0..400).map(|n| p(n) * f64::from(n)).sum(), law.mean(), 1e-9), "{law}");
        }
    }

    #[test]
    fn a_large_shape_is_a_poisson_law() {
        let (law, limit) = (CountLaw::negative_binomial(2.0, 1e9).unwrap(), CountLaw::poisson(2.0).unwrap());
        for n in [0, 1, 5, 31, 32, 40] {
            assert!(near(law.ln_probability(n), limit.ln_probability(n), 1e-6), "{n}");
        }
    }

    /// Slopes against differences of the function.
    #[test]
    fn scores_are_derivatives() {
        let step = 1e-6;
        let law = |m: f64, r: f64| CountLaw::negative_binomial(m.exp(), r.exp()).unwrap();
        let (m, r) = (1.3_f64.ln(), 2.1_f64.ln());
        for n in [0, 1, 7, 45] {
            let at = |m, r| law(m, r).ln_probability(n);
            let (by_mean, by_shape) = law(m, r).score(whole(n));
            assert!(near(by_mean, (at(m + step, r) - at(m - step, r)) / (2.0 * step), 1e-6));
            assert!(near(by_shape, (at(m, r + step) - at(m, r - step)) / (2.0 * step), 1e-6));
        }
        let law = |m: f64, a: f64| SpendLaw::gamma(m.exp(), a.exp()).unwrap();
        let (m, a, total) = (30.0_f64.ln(), 1.7_f64.ln(), 71.0_f64);
        let at = |m, a| law(m, a).ln_front(3) + law(m, a).ln_rest(3.0, total, total.ln());
        let (by_mean, by_shape) = law(m, a).score(3, total, total.ln());
        assert!(near(by_mean, (at(m + step, a) - at(m - step, a)) / (2.0 * step), 1e-6));
        assert!(near(by_shape, (at(m, a + step) - at(m, a - step)) / (2.0 * step), 1e-6));
    }

    fn whole(count: u32) -> Seen {
        Seen { count, exposure: 1.0 }
    }

    #[test]
    fn learnt_laws_have_no_slope_left() {
        let weighted = [(0, 30.0), (1, 12.0), (2, 6.5), (5, 3.0), (40, 0.5)];
        let parts = [(0, 0.5, 11.0), (1, 0.25, 2.5), (7, 0.75, 0.4)];
        let seen = weighted.iter().map(|&(n, weight)| (whole(n), weight));
        let parts = parts.map(|(count, exposure, weight)| (Seen { count, exposure }, weight));
        let start = CountLaw::negative_binomial(1.0, 1.0).unwrap();
        for seen in [seen.clone().collect(), seen.chain(parts).collect::<Vec<_>>()] {
            for shift in [(0.0, 0.0), (-6.0, 0.0), (9.0, -2.0), (0.0, 4.5)] {
                let shift = Shift { silent: shift.0, purchases: shift.1 };
                let law = start.learnt(&Tally::new(seen.iter().copied()), shift);
                let slope = |by: fn((f64, f64)) -> f64| {
                    let sum: f64 = seen.iter().map(|(seen, weight)| weight * by(law.score(*seen))).sum();
                    sum + shift.silent * by(law.score(whole(0)))
                };
                let by_mean = slope(|score| score.0) + shift.purchases;
                let by_shape = slope(|score| score.1);
                assert!(by_mean.abs() < 1e-7 && by_shape.abs() < 1e-7, "{law}: {by_mean}, {by_shape}");
            }
        }
        // Fewer large counts than by chance: the shape grows without end and stops at the limit.
        let learnt = |law: CountLaw, n, weight| {
            law.learnt(&Tally::new(std::iter::once((whole(n), weight))), Shift::default())
        };
        assert!(near(learnt(start, 1, 10.0).shape().unwrap(), LARGEST_SHAPE, 1e-9));
        assert!(near(learnt(CountLaw::poisson(2.0).unwrap(), 0, 5.0).mean(), SMALLEST, 1e-9));
    }

    #[test]
    fn a_part_of_a_period_brings_its_part() {
        let seen = [(0, 0.25, 3.0), (1, 0.5, 1.0), (2, 1.0, 2.0)];
        let seen = seen.map(|(count, exposure, weight)| (Seen { count, exposure }, weight));
        let learnt = CountLaw::poisson(7.0).unwrap().learnt(&Tally::new(seen.into_iter()), Shift::default());
        assert!(near(learnt.mean(), 5.0 / (0.75 + 0.5 + 2.0), 1e-12));
        let (law, half) =
            (CountLaw::negative_binomial(3.0, 1.5).unwrap(), CountLaw::negative_binomial(1.5, 1.5).unwrap());
        for count in [0, 1, 9, 60] {
            let part = law.ln_probability_of(Seen { count, exposure: 0.5 });
            assert!(near(part, half.ln_probability(count), 1e-13));
        }
    }

    #[test]
    fn errors_name_field_and_value() {
        assert_eq!(
            CountLaw::poisson(f64::NAN).unwrap_err().to_string(),
            "rate must lie in 1e-9..=1e9, got NaN"
        );
        let refused = CountLaw::negative_binomial(1.0, 0.0).unwrap_err();
        assert_eq!(refused.to_string(), "shape must lie in 1e-9..=1e9, got 0");
        let refused = SpendLaw::gamma(0.0, 1.0).unwrap_err();
        assert_eq!(refused.to_string(), "mean spend must lie in 1e-9..=1e9, got 0");
    }
}
