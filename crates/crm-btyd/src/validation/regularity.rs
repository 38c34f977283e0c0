use std::fmt;

use crm_history::Summaries;
use crm_numbers::{Amount, Interval, Level, check};

use crate::special::gamma::{digamma_difference, ln_gamma, ln_gamma_ratio, trigamma};
use crate::{Error, FitDiagnosis};

/// Times between the purchases of one customer: their number, their sum, and the sum of
/// their logarithms.
///
/// # Examples
///
/// ```
/// use crm_btyd::validation::Gaps;
///
/// // Bought again after 6, and after 8 more days.
/// let gaps = Gaps::new(&[6.0, 8.0])?;
/// assert_eq!((gaps.count(), gaps.sum()), (2, 14.0));
/// assert!((gaps.ln_sum() - 48_f64.ln()).abs() < 1e-15);
/// # Ok::<(), crm_btyd::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gaps {
    count: u32,
    sum: f64,
    ln_sum: f64,
}

impl Gaps {
    /// The gaps themselves.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a gap outside 1e-9 ..= 1e9.
    pub fn new(gaps: &[f64]) -> Result<Self, Error> {
        let mut all = Gaps { count: gaps.len() as u32, sum: 0.0, ln_sum: 0.0 };
        for &gap in gaps {
            check::range("gap", gap, 1e-9..=1e9)?;
            all.sum += gap;
            all.ln_sum += gap.ln();
        }
        Ok(all)
    }

    /// Number of gaps.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Their sum.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.sum
    }

    /// The sum of their logarithms.
    #[must_use]
    pub fn ln_sum(&self) -> f64 {
        self.ln_sum
    }
}

/// Regularity of purchases, from clockwork to random: the shape `k` of the times between purchases.
///
/// k = 1 is pure chance, as the models with NBD in their names take it; the larger k, the more
/// regular, and the more a silence says. Below 1 purchases come in bursts. Two estimates, both free
/// of how often each customer buys:
///
/// * [`wheat_morrison`](Self::wheat_morrison), from pairs of consecutive gaps: the share M of the
///   first gap in both has a beta distribution (k, k), so that k = (1 - 4 v) / (8 v), v = mean (M -
///   1/2)². Wheat and Morrison (1990), "Estimating purchase regularity with two interpurchase
///   times", Journal of Marketing Research 27.
/// * [`k`](Self::k), by maximum likelihood: given their sum, a customer's n gaps are a Dirichlet
///   variable (k, ..., k), ln L = Σ ln Γ(n k) - n ln Γ(k) + (k - 1) (Σ ln gap - n ln sum).
///
/// Both condition on the sum of the gaps, so that neither drop-out nor the end of the observation
/// biases them. Purchases dated by whole days look a little more regular than they are.
///
/// # Examples
///
/// ```
/// use crm_btyd::{Level, validation::{Gaps, Regularity}};
///
/// // Everybody came back after about a month, and after about another one.
/// let gaps = (0..60).map(|n| Gaps::new(&[28.0 + f64::from(n % 7), 28.0 + f64::from(n % 5)]));
/// let regularity = Regularity::new(gaps.collect::<Result<Vec<_>, _>>()?)?;
/// assert!(regularity.k() > 50.0 && regularity.wheat_morrison().unwrap() > 50.0);
/// assert!(!regularity.is_random(Level::default()));
/// # Ok::<(), crm_btyd::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Regularity {
    customers: u64,
    k: f64,
    /// Standard error of ln k.
    ln_error: f64,
    erlang: u32,
    pairs: u64,
    wheat_morrison: Option<(f64, f64)>,
    diagnosis: Vec<FitDiagnosis>,
}

/// Range in which k is looked for.
const RANGE: (f64, f64) = (1e-3, 1e4);
/// Largest whole k that is told.
const MOST_STAGES: u32 = 100;

impl Regularity {
    /// From the gaps of each customer; those with fewer than two say nothing and are left out.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] where nobody has two gaps.
    pub fn new(customers: impl IntoIterator<Item = Gaps>) -> Result<Self, Error> {
        let customers: Vec<Gaps> = customers.into_iter().filter(|gaps| gaps.count >= 2).collect();
        check::not_empty("customers with two times between purchases", &customers)?;
        let likelihood = Likelihood::of(&customers);
        let ln_k = likelihood.top();
        let curvature = likelihood.derivatives(ln_k.exp()).1;
        let shares: Vec<f64> = customers
            .iter()
            .filter(|gaps| gaps.count == 2)
            // With gaps a and b, (M - 1/2)² = 1/4 - a b / (a + b)².
            .map(|gaps| (0.25 - (gaps.ln_sum - 2.0 * gaps.sum.ln()).exp()).clamp(0.0, 0.25))
            .collect();
        let erlang = (1..=MOST_STAGES)
            .map(|k| (k, likelihood.value(f64::from(k))))
            .fold((1, f64::NEG_INFINITY), |best, next| if next.1 > best.1 { next } else { best });
        Ok(Regularity {
            customers: customers.len() as u64,
            k: ln_k.exp(),
            ln_error: if curvature < 0.0 { (-curvature).sqrt().recip() } else { f64::INFINITY },
            erlang: erlang.0,
            pairs: shares.len() as u64,
            wheat_morrison: wheat_morrison(&shares),
            diagnosis: FitDiagnosis::of_size(customers.len() as u64, None),
        })
    }

    /// From a summary: maximum likelihood over everybody with two repeat purchases, Wheat and
    /// Morrison over those with exactly two.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn from_summaries<K, A: Amount>(summaries: &Summaries<K, A>) -> Result<Self, Error> {
        Regularity::new(summaries.buyers().filter_map(|(.., buyer)| {
            Some(Gaps { count: buyer.frequency, sum: buyer.recency, ln_sum: buyer.ln_gap_sum? })
        }))
    }

    /// Number of customers with two gaps or more.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// Shape of the times between purchases, by maximum likelihood.
    #[must_use]
    pub fn k(&self) -> f64 {
        self.k
    }

    /// An interval for it, by its logarithm; `None` where it is at the edge of what is looked for.
    #[must_use]
    pub fn interval(&self, level: Level) -> Option<Interval> {
        let factor = (level.z() * self.ln_error).exp();
        factor.is_finite().then(|| Interval::new(self.k / factor, self.k, self.k * factor, level))
    }

    /// The whole k under which the gaps are most likely, up to 100: what a model with k stages
    /// takes.
    #[must_use]
    pub fn erlang(&self) -> u32 {
        self.erlang
    }

    /// Wheat and Morrison's k; `None` without a customer of exactly two gaps, or where all their
    /// gaps are alike.
    #[must_use]
    pub fn wheat_morrison(&self) -> Option<f64> {
        self.wheat_morrison.map(|(k, _)| k)
    }

    /// Its standard error, by the delta method.
    #[must_use]
    pub fn wheat_morrison_error(&self) -> Option<f64> {
        self.wheat_morrison.map(|(_, error)| error)
    }

    /// Returns whether pure chance, k = 1, is within the interval for k.
    #[must_use]
    pub fn is_random(&self, level: Level) -> bool {
        self.interval(level).is_none_or(|interval| interval.lower <= 1.0 && 1.0 <= interval.upper)
    }

    /// Returns whatever makes the estimate doubtful.
    #[must_use]
    pub fn diagnosis(&self) -> &[FitDiagnosis] {
        &self.diagnosis
    }
}

impl fmt::Display for Regularity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "regularity k = {:.3} by maximum likelihood", self.k)?;
        if let Some(interval) = self.interval(Level::default()) {
            write!(f, " ({:.3} to {:.3}, 95 %)", interval.lower, interval.upper)?;
        }
        write!(f, " over {} customers", self.customers)?;
        if let Some((k, error)) = self.wheat_morrison {
            write!(f, "; {k:.3} by Wheat and Morrison (standard error {error:.3}, {} pairs)", self.pairs)?;
        }
        f.write_str(match self.interval(Level::default()) {
            Some(interval) if interval.lower > 1.0 => "; purchases are more regular than chance",
            Some(interval) if interval.upper < 1.0 => "; purchases come in bursts",
            _ => "; purchases look like chance",
        })?;
        self.diagnosis.iter().try_for_each(|doubt| write!(f, "\ndoubtful: {doubt}"))
    }
}

/// k and its standard error from the (M - 1/2)².
fn wheat_morrison(shares: &[f64]) -> Option<(f64, f64)> {
    let n = shares.len() as f64;
    let v = shares.iter().sum::<f64>() / n;
    if shares.is_empty() || v < 1e-12 {
        return None;
    }
    let scatter = shares.iter().map(|share| (share - v).powi(2)).sum::<f64>() / n;
    Some(((1.0 - 4.0 * v) / (8.0 * v), (scatter / n).sqrt() / (8.0 * v * v)))
}

/// ln L as a function of k: customers by their number of gaps, and one sum over all of them.
struct Likelihood {
    /// Number of gaps, number of customers.
    counts: Vec<(f64, f64)>,
    /// Σ (Σ ln gap - n ln(sum / n)), never above zero.
    logs: f64,
}

impl Likelihood {
    fn of(customers: &[Gaps]) -> Self {
        let mut counts = std::collections::BTreeMap::<u32, f64>::new();
        let mut logs = 0.0;
        for gaps in customers {
            *counts.entry(gaps.count).or_default() += 1.0;
            let n = f64::from(gaps.count);
            logs += (gaps.ln_sum - n * (gaps.sum / n).ln()).min(0.0);
        }
        Likelihood { counts: counts.into_iter().map(|(n, many)| (f64::from(n), many)).collect(), logs }
    }

    /// ln L without what does not depend on k.
    fn value(&self, k: f64) -> f64 {
        let of = |&(n, many): &(f64, f64)| {
            // ln Γ(n k) - n ln Γ(k) - n k ln n, the first two from one another for a k far from
            // zero.
            many * (ln_gamma_ratio(k, (n - 1.0) * k) - (n - 1.0) * ln_gamma(k) - n * k * n.ln())
        };
        self.counts.iter().map(of).sum::<f64>() + k * self.logs
    }

    /// First and second derivative by ln k.
    fn derivatives(&self, k: f64) -> (f64, f64) {
        let (mut first, mut second) = (self.logs, 0.0);
        for &(n, many) in &self.counts {
            first += many * n * (digamma_difference(k, (n - 1.0) * k) - n.ln());
            second += many * n * (n * trigamma(n * k) - trigamma(k));
        }
        (k * first, k * k * second + k * first)
    }

    /// ln of the k at the top: ln L is concave in k, so that its slope changes sign once.
    fn top(&self) -> f64 {
        let (mut low, mut high) = (RANGE.0.ln(), RANGE.1.ln());
        for _ in 0..100 {
            let middle = 0.5 * (low + high);
            *if self.derivatives(middle.exp()).0 > 0.0 { &mut low } else { &mut high } = middle;
        }
        0.5 * (low + high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_gaps_by_hand() {
        // Shares 1/4 and 3/4: v = 1/16, k = (1 - 1/4) / (1/2) = 3/2.
        let gaps = [[1.0, 3.0], [9.0, 3.0]].map(|gaps| Gaps::new(&gaps).unwrap());
        let regularity = Regularity::new(gaps).unwrap();
        assert!((regularity.wheat_morrison().unwrap() - 1.5).abs() < 1e-12);
        assert!(regularity.wheat_morrison_error().unwrap() < 1e-12);
        // The likelihood of a share m is that of beta(k, k): the slope is 2 (psi(2k) - psi(k)) + ln
        // m (1 - m), zero at k.
        let k = regularity.k();
        let slope = 2.0 * digamma_difference(k, k) + (3.0_f64 / 16.0).ln();
        assert!(slope.abs() < 1e-10, "{slope} at {k}");
    }

    #[test]
    fn derivatives_are_those_of_the_value() {
        let gaps = [[1.0, 3.0, 2.0].as_slice(), &[9.0, 3.0], &[4.0, 1.0, 1.0, 2.0]];
        let likelihood = Likelihood::of(&gaps.map(|gaps| Gaps::new(gaps).unwrap()));
        for ln_k in [-2.0, 0.3, 2.5_f64] {
            let h = 1e-4;
            let at = |ln_k: f64| likelihood.value(ln_k.exp());
            let (first, second) = likelihood.derivatives(ln_k.exp());
            assert!(((at(ln_k + h) - at(ln_k - h)) / (2.0 * h) - first).abs() < 1e-6 * (1.0 + first.abs()));
            let bend = (at(ln_k + h) - 2.0 * at(ln_k) + at(ln_k - h)) / (h * h);
            assert!((bend - second).abs() < 1e-5 * (1.0 + second.abs()), "{bend} {second}");
        }
    }

    #[test]
    fn clockwork_is_at_the_edge_and_nobody_is_an_error() {
        let same = Regularity::new([Gaps::new(&[7.0, 7.0]).unwrap()]).unwrap();
        assert!(same.k() > 9_000.0 && same.wheat_morrison().is_none() && same.erlang() == 100);
        let nobody = Regularity::new([Gaps::new(&[7.0]).unwrap()]).unwrap_err().to_string();
        assert_eq!(nobody, "customers with two times between purchases must not be empty");
        assert_eq!(
            Gaps::new(&[0.0]).unwrap_err().to_string(),
            "gap must be between 1e-9 and 1000000000, got 0"
        );
    }
}
