use std::fmt;

use crm_numbers::{Interval, Level};
use crm_numbers::{OverflowError, RangeError, check};
use crm_statistics::{Proportion, ProportionMethod};
use special::Beta;

use crate::error::Error;
use crate::trial::p_value_of_rates;

/// A funnel: the number of candidates who reached each stage on the way to a deal.
///
/// A candidate who reaches a stage has reached all before it, so that the counts never rise.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Funnel {
    names: Vec<String>,
    counts: Vec<u64>,
}

crm_numbers::gate!(Funnel, Funnel::checked);

/// The step from one stage to the next.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct FunnelStep {
    /// Stage before the step.
    pub from: String,
    /// Stage after the step.
    pub to: String,
    /// Number of candidates in the first stage.
    pub entered: u64,
    /// Number of them who reached the second stage.
    pub reached: u64,
    /// Their share, with Wilson's limits; `None` for a stage without candidates.
    pub conversion: Option<Interval>,
}

/// A step of one funnel compared with the same step of another.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct FunnelComparison {
    /// Stage before the step.
    pub from: String,
    /// Stage after the step.
    pub to: String,
    /// Conversion of the first funnel less that of the second, with Newcombe's limits; `None` if
    /// either of them has no candidates in the stage.
    pub difference: Option<Interval>,
    /// Probability of a difference at least as large between funnels with equal conversion.
    pub p_value: Option<f64>,
}

impl Funnel {
    /// Creates a funnel from its stages, the widest first.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for fewer than two stages, or for a count above the one before it.
    pub fn new<N: Into<String>>(stages: impl IntoIterator<Item = (N, u64)>) -> Result<Self, Error> {
        let (names, counts): (Vec<String>, Vec<u64>) =
            stages.into_iter().map(|(name, count)| (name.into(), count)).unzip();
        Self { names, counts }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check::range("number of stages", self.names.len(), 2..)?;
        check::length("counts", self.counts.len(), self.names.len())?;
        let pairs = self.counts.iter().zip(self.counts.iter().skip(1));
        for (at, (&before, &count)) in pairs.enumerate() {
            if count > before {
                return Err(RangeError::new("counts", count, ..=before).at(at + 1).into());
            }
        }
        Ok(self)
    }

    /// Returns the names of the stages.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the number of candidates who reached each stage.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Returns the conversion of each step, one fewer than there are stages.
    #[must_use]
    pub fn steps(&self, level: Level) -> Vec<FunnelStep> {
        let step = |(from, to, entered, reached): (&String, &String, u64, u64)| FunnelStep {
            from: from.clone(),
            to: to.clone(),
            entered,
            reached,
            conversion: interval(reached, entered, level),
        };
        self.pairs().map(step).collect()
    }

    /// Returns the share of candidates who reach the last stage, with Wilson's limits; `None`
    /// without candidates.
    #[must_use]
    pub fn overall(&self, level: Level) -> Option<Interval> {
        let (first, last) = self.ends();
        interval(last, first, level)
    }

    /// Returns the number of candidates needed at each stage for a number of deals, at the observed
    /// conversions; `None` for a funnel without a deal.
    ///
    /// About half of the time this number is too small; see
    /// [`surely_needed_for`](Self::surely_needed_for).
    ///
    /// # Formula
    ///
    /// `deals x count / last count`, rounded up, with the counts of candidates per stage.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a result that cannot be counted.
    pub fn needed_for(&self, deals: u64) -> Result<Option<Vec<u64>>, Error> {
        let (_, last) = self.ends();
        if last == 0 {
            return Ok(None);
        }
        let needed = |&count: &u64| {
            let exact = (u128::from(deals) * u128::from(count)).div_ceil(u128::from(last));
            u64::try_from(exact).map_err(|_| OverflowError::new("candidates needed", exact as f64).into())
        };
        self.counts.iter().map(needed).collect::<Result<_, _>>().map(Some)
    }

    /// Returns the number of candidates that brings at least `deals` deals with the given
    /// certainty, if each candidate reaches the last stage independently at the observed rate;
    /// `None` for a funnel without a deal.
    ///
    /// The rate itself is an estimate; to account for that, give [`candidates_for`] the lower limit
    /// of [`overall`](Self::overall).
    ///
    /// # Formula
    ///
    /// The least `N` with `P(Binomial(N, p) >= deals) >= certainty`, where `p` is the observed
    /// share of candidates who reach the last stage, in 0..=1.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless the certainty lies strictly between 0 and 1, for more than a million
    /// deals, and for a result beyond 1e12.
    pub fn surely_needed_for(&self, deals: u64, certainty: f64) -> Result<Option<u64>, Error> {
        check_certainty(deals, certainty)?;
        let (first, last) = self.ends();
        match last {
            0 => Ok(None),
            last => candidates_for(deals, last as f64 / first as f64, certainty).map(Some),
        }
    }

    /// Compares the conversion of this funnel with another one that has the same stages and other
    /// candidates, step by step, and overall in the last row. The p-values are those of
    /// [`crate::trial::rates`].
    ///
    /// # Errors
    ///
    /// [`Error::Stages`] for a funnel with other stages.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_lifecycle::funnel::Funnel;
    /// use crm_numbers::Level;
    ///
    /// let shop = Funnel::new([("talks", 70), ("deals", 56)])?;
    /// let fair = Funnel::new([("talks", 80), ("deals", 48)])?;
    /// let better = shop.against(&fair, Level::default())?;
    /// assert_eq!(better[0].difference.unwrap().to_string(), "0.2000 (0.0524 to 0.3339, 95 %)");
    /// # Ok::<(), crm_lifecycle::Error>(())
    /// ```
    pub fn against(&self, other: &Self, level: Level) -> Result<Vec<FunnelComparison>, Error> {
        if self.names != other.names {
            return Err(Error::Stages { expected: self.names.clone(), got: other.names.clone() });
        }
        let ends = |funnel: &Self| (funnel.ends().1, funnel.ends().0);
        let first_last = self.names.first().zip(self.names.last());
        let overall = first_last.map(|(from, to)| compare((from, to), ends(self), ends(other), level));
        let steps = self.pairs().zip(other.pairs());
        let steps = steps.map(|((from, to, entered, reached), (.., other_entered, other_reached))| {
            compare((from, to), (reached, entered), (other_reached, other_entered), level)
        });
        Ok(steps.chain(overall).collect())
    }

    fn pairs(&self) -> impl Iterator<Item = (&String, &String, u64, u64)> {
        let names = self.names.iter().zip(self.names.iter().skip(1));
        let counts = self.counts.iter().zip(self.counts.iter().skip(1));
        names.zip(counts).map(|((from, to), (&entered, &reached))| (from, to, entered, reached))
    }

    fn ends(&self) -> (u64, u64) {
        (self.counts.first().copied().unwrap_or(0), self.counts.last().copied().unwrap_or(0))
    }
}

/// Returns the number of candidates that brings at least `deals` deals with the given certainty, if
/// each candidate reaches the last stage independently with probability `share`.
///
/// The share is taken as known. If it is an estimate, compute the number at its lower limit as
/// well: with the lower limit of a 95 % interval the result allows for both sources of error.
///
/// # Formula
///
/// The least `N` with `P(Binomial(N, share) >= deals) >= certainty`.
///
/// # Errors
///
/// [`Error::Input`] unless the share is above 0 and at most 1 and the certainty strictly between 0
/// and 1, for more than a million deals, and for a result beyond 1e12.
///
/// # Examples
///
/// ```
/// use crm_lifecycle::funnel::candidates_for;
///
/// // Ten deals at a share of one half: twenty candidates bring them on average, in 59 % of all cases.
/// assert_eq!(candidates_for(10, 0.5, 0.588)?, 20);
/// assert_eq!(candidates_for(10, 0.5, 0.9)?, 26);
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
pub fn candidates_for(deals: u64, share: f64, certainty: f64) -> Result<u64, Error> {
    const MOST: u64 = 1_000_000_000_000;
    check_certainty(deals, certainty)?;
    check::range("share", share, check::above_to(0.0, 1.0))?;
    if share >= 1.0 || deals == 0 {
        return Ok(deals);
    }
    // P(at least k of N) is the regularized incomplete beta function I_p(k, N - k + 1).
    let enough = |candidates: u64| {
        let (a, b) = (deals as f64, (candidates - deals + 1) as f64);
        share.inc_beta(a, b, a.ln_beta(b)) >= certainty
    };
    let (mut low, mut high) = (deals, deals);
    while !enough(high) {
        check::range("candidates needed", high, ..=MOST)?;
        (low, high) = (high, high * 2);
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if enough(middle) { high = middle } else { low = middle }
    }
    Ok(high)
}

fn check_certainty(deals: u64, certainty: f64) -> Result<(), Error> {
    const MOST_DEALS: u64 = 1_000_000;
    check::range("certainty", certainty, check::strictly_between(0.0, 1.0))?;
    check::range("number of deals", deals, ..=MOST_DEALS)?;
    Ok(())
}

pub(super) fn interval(reached: u64, entered: u64, level: Level) -> Option<Interval> {
    Proportion::new(reached, entered).ok().map(|share| share.interval(ProportionMethod::Wilson, level))
}

fn compare(
    (from, to): (&String, &String),
    this: (u64, u64),
    other: (u64, u64),
    level: Level,
) -> FunnelComparison {
    let rates = Proportion::new(this.0, this.1).ok().zip(Proportion::new(other.0, other.1).ok());
    FunnelComparison {
        from: from.clone(),
        to: to.clone(),
        difference: rates.map(|(this, other)| this.difference(other, ProportionMethod::Wilson, level)),
        p_value: rates.map(|(this, other)| p_value_of_rates(this, other)),
    }
}

impl fmt::Display for Funnel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        let mut before = None;
        for (name, &count) in self.names.iter().zip(&self.counts) {
            write!(f, "{name:<width$}  {count:>9}")?;
            if let Some(share) = before.and_then(|before| interval(count, before, Level::default())) {
                write!(f, "  {share}")?;
            }
            writeln!(f)?;
            before = Some(count);
        }
        Ok(())
    }
}

impl TryFrom<Vec<(String, u64)>> for Funnel {
    type Error = Error;

    fn try_from(stages: Vec<(String, u64)>) -> Result<Self, Error> {
        Self::new(stages)
    }
}

impl From<Funnel> for Vec<(String, u64)> {
    fn from(funnel: Funnel) -> Self {
        funnel.names.into_iter().zip(funnel.counts).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published() -> Funnel {
        Funnel::new([("a", 100), ("b", 80), ("c", 50), ("d", 20), ("e", 5)]).unwrap()
    }

    #[test]
    fn the_published_example() {
        let shares: Vec<f64> = published()
            .steps(Level::default())
            .iter()
            .map(|step| step.conversion.unwrap().estimate)
            .collect();
        for (share, published) in shares.iter().zip([0.8, 0.625, 0.4, 0.25]) {
            assert!((share - published).abs() < 1e-15);
        }
        assert_eq!(published().needed_for(3).unwrap(), Some(vec![60, 48, 30, 12, 3]));
    }

    #[test]
    fn funnels_without_deals_say_nothing_about_them() {
        let funnel = Funnel::new([("a", 9), ("b", 0), ("c", 0)]).unwrap();
        assert_eq!((funnel.needed_for(1), funnel.surely_needed_for(1, 0.9)), (Ok(None), Ok(None)));
        assert_eq!(funnel.steps(Level::default())[1].conversion, None);
        assert_eq!(Funnel::new([("a", 0), ("b", 0)]).unwrap().overall(Level::default()), None);
        let compared = funnel.against(&funnel, Level::default()).unwrap();
        assert_eq!((compared[1].difference, compared[1].p_value), (None, None));
        assert_eq!(compared[2].p_value, Some(1.0));
    }

    #[test]
    fn certainty_at_the_ends() {
        let all = Funnel::new([("a", 7), ("b", 7)]).unwrap();
        assert_eq!(all.surely_needed_for(4, 0.999).unwrap(), Some(4));
        assert_eq!(published().surely_needed_for(0, 0.9).unwrap(), Some(0));
        // A certainty below one twentieth takes one candidate.
        assert_eq!(published().surely_needed_for(1, 0.04).unwrap(), Some(1));
    }

    #[test]
    fn errors_name_field_and_value() {
        let text = |stages: &[(&str, u64)]| Funnel::new(stages.iter().copied()).unwrap_err().to_string();
        assert_eq!(text(&[("a", 1)]), "number of stages must be at least 2, got 1");
        assert_eq!(text(&[("a", 1), ("b", 2)]), "counts[1] must be at most 1, got 2");
        let text =
            |deals, certainty| published().surely_needed_for(deals, certainty).unwrap_err().to_string();
        assert_eq!(text(1, 1.0), "certainty must be greater than 0 and less than 1, got 1");
        assert_eq!(text(1_000_001, 0.5), "number of deals must be at most 1000000, got 1000001");
        let refused = published().needed_for(u64::MAX).unwrap_err().to_string();
        assert_eq!(
            refused,
            "candidates needed, about 3.68934881474191e20, is too large or too fine for its type"
        );
        let other = Funnel::new([("a", 2), ("x", 1)]).unwrap();
        let two = Funnel::new([("a", 2), ("b", 1)]).unwrap();
        assert_eq!(
            two.against(&other, Level::default()).unwrap_err().to_string(),
            "expected the stages a, b, got a, x"
        );
        assert_eq!(
            published().against(&two, Level::default()).unwrap_err().to_string(),
            "expected the stages a, b, c, d, e, got a, b"
        );
    }

    #[test]
    fn reads_as_a_table() {
        let text = Funnel::new([("talks", 20), ("deals", 5)]).unwrap().to_string();
        assert_eq!(text, "talks         20\ndeals          5  0.2500 (0.1119 to 0.4687, 95 %)\n");
    }
}
