//! Standard errors, intervals and changes of ratio and gap.

use crm_numbers::{Interval, Level};

use super::Pairs;
use crate::change::{Change, Estimate};

impl Pairs {
    /// Returns the ratio of means with its interval by the delta method.
    ///
    /// Limits follow Student's distribution with one degree of freedom less than the
    /// [`effective`](Self::effective) number of pairs, and are cut at 0. Use it for about 30 pairs
    /// or more. If all respondents have one ratio, the interval has no width. `None` without a
    /// ratio, and for fewer than two effective pairs.
    ///
    /// # Formula
    ///
    /// `variance = n / (n - 1) sum(w^2 (b - C a)^2) / sum(w a)^2`, the linearized variance of a
    /// ratio; with equal weights `(s_b^2 - 2 C s_ab + C^2 s_a^2) / (n mean(a)^2)`.
    ///
    /// # References
    ///
    /// Cochran, W. G. (1977), Sampling Techniques, third edition, equations 6.4 and 6.13.
    #[must_use]
    pub fn ratio_interval(&self, level: Level) -> Option<Interval> {
        self.ratio_estimate()?.interval(level)
    }

    /// Returns the standard error of the ratio of means; see
    /// [`ratio_interval`](Self::ratio_interval).
    #[must_use]
    pub fn ratio_error(&self) -> Option<f64> {
        let (ratio, sums) = (self.ratio_of_means()?, self.sums());
        self.linearized_error(sums.expected, |b, a| b - ratio * a)
    }

    /// Returns the mean gap with Student's interval; `None` for fewer than two effective pairs.
    #[must_use]
    pub fn gap_interval(&self, level: Level) -> Option<Interval> {
        self.gap_estimate()?.interval(level)
    }

    /// Returns the standard error of the mean gap.
    #[must_use]
    pub fn gap_error(&self) -> Option<f64> {
        let (gap, sums) = (self.gap()?, self.sums());
        self.linearized_error(sums.weight, |b, a| b - a - gap)
    }

    /// Returns the excess of the ratio of means over that of other respondents, such as an earlier
    /// wave, with Welch's test; see [`Mean::change`](crate::scores::Mean::change).
    ///
    /// `None` if one of the two has no standard error or fewer than two effective pairs.
    #[must_use]
    pub fn ratio_change(&self, before: &Self, level: Level) -> Option<Change> {
        Change::welch(self.ratio_estimate()?, before.ratio_estimate()?, level)
    }

    /// Returns the excess of the mean gap over that of other respondents, with Welch's test.
    ///
    /// `None` if one of the two has fewer than two effective pairs.
    #[must_use]
    pub fn gap_change(&self, before: &Self, level: Level) -> Option<Change> {
        Change::welch(self.gap_estimate()?, before.gap_estimate()?, level)
    }

    fn ratio_estimate(&self) -> Option<Estimate> {
        let (value, error) = (self.ratio_of_means()?, self.ratio_error()?);
        // There is no largest ratio to bound a constant sample by: its interval has no width.
        let ends = if error > 0.0 { Some((0.0, f64::MAX)) } else { None };
        Some(Estimate { value, error, answers: self.effective(), ends })
    }

    fn gap_estimate(&self) -> Option<Estimate> {
        Some(Estimate { value: self.gap()?, error: self.gap_error()?, answers: self.effective(), ends: None })
    }

    /// Returns `sqrt(n / (n - 1) sum(w^2 residual^2)) / total`, n the pairs with a positive weight.
    fn linearized_error(&self, total: f64, residual: impl Fn(f64, f64) -> f64) -> Option<f64> {
        /// Residuals below this share of the answers are rounding.
        const ROUNDING: f64 = 1e-12;
        let (mut n, mut squares) = (0.0, 0.0_f64);
        for (b, a, weight) in self.rows().filter(|(_, _, weight)| *weight > 0.0) {
            let left = residual(b, a);
            n += 1.0;
            if left.abs() > ROUNDING * b.max(a) {
                squares += (weight * left).powi(2);
            }
        }
        let error = (n / (n - 1.0) * squares).sqrt() / total;
        (n > 1.0).then_some(error).filter(|error| error.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RELATIVE: f64 = 1e-12;

    #[test]
    fn the_delta_method_by_its_textbook_formula() {
        let (b, a) = ([6.0, 9.0, 9.0, 4.0], [8.0, 10.0, 6.0, 8.0]);
        let pairs = Pairs::new(&b, &a).unwrap();
        let mean = |values: [f64; 4]| values.iter().sum::<f64>() / 4.0;
        let cov = |x: [f64; 4], y: [f64; 4]| {
            x.iter().zip(y).map(|(x0, y0)| (x0 - mean(x)) * (y0 - mean(y))).sum::<f64>() / 3.0
        };
        let c = mean(b) / mean(a);
        let variance = (cov(b, b) - 2.0 * c * cov(a, b) + c * c * cov(a, a)) / (4.0 * mean(a).powi(2));
        assert!((pairs.ratio_error().unwrap() / variance.sqrt() - 1.0).abs() < RELATIVE);
        let gap = (cov(b, b) - 2.0 * cov(a, b) + cov(a, a)) / 4.0;
        assert!((pairs.gap_error().unwrap() / gap.sqrt() - 1.0).abs() < RELATIVE);
    }
}
