use crm_numbers::{EmptyError, Share, check};

use crate::column::check_finite;
use crate::{Assignments, Error};

/// The published mean of the three groups, in percent: 31 loyal, 21 satisfied, 48 floating.
pub const BENCHMARK: [u32; 3] = [31, 21, 48];

/// Relationship groups: loyal, satisfied, floating, from satisfaction, intention to buy again, and
/// recommendation.
///
/// Loyal are those whose three marks all reach the limit; satisfied those whose satisfaction does,
/// without the other two; the others float: they may go any day.
///
/// # Examples
///
/// ```
/// use crm_segmentation::loyalty::Relationship;
///
/// // Marks from 0 to 10; 8 and more is a yes.
/// let groups = Relationship::new(8.0)?.assign(&[9.0, 9.0, 4.0], &[8.0, 3.0, 9.0], &[10.0, 9.0, 9.0])?;
/// assert_eq!(groups.to_string(), "loyal: 1, satisfied: 1, floating: 1");
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "f64", into = "f64"))]
pub struct Relationship {
    from: f64,
}

impl Relationship {
    /// Creates the rule from the mark at which an answer counts as a yes.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless it is finite.
    pub fn new(from: f64) -> Result<Self, Error> {
        Ok(Self { from: check::range("mark", from, ..)? })
    }

    /// Assigns every customer to a group.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for columns of different length, for amounts that are not finite.
    pub fn assign(
        &self,
        satisfaction: &[f64],
        repurchase: &[f64],
        recommendation: &[f64],
    ) -> Result<Assignments, Error> {
        let fields =
            [("satisfaction", satisfaction), ("repurchase", repurchase), ("recommendation", recommendation)];
        for (field, column) in fields {
            check::length(format!("values of {field}"), column.len(), satisfaction.len())?;
            check_finite(field, column)?;
        }
        let group = |((satisfied, again), refer): ((&f64, &f64), &f64)| match (
            *satisfied >= self.from,
            *again >= self.from && *refer >= self.from,
        ) {
            (true, true) => 0,
            (true, false) => 1,
            (false, _) => 2,
        };
        let codes: Vec<u8> = satisfaction.iter().zip(repurchase).zip(recommendation).map(group).collect();
        let from = self.from;
        let reasons = [
            format!("all three at least {from}"),
            format!("satisfaction at least {from}, another mark below it"),
            format!("satisfaction below {from}"),
        ];
        Ok(Assignments::trusted(["loyal", "satisfied", "floating"], codes).because(reasons))
    }
}

impl TryFrom<f64> for Relationship {
    type Error = Error;

    fn try_from(from: f64) -> Result<Self, Error> {
        Self::new(from)
    }
}

impl From<Relationship> for f64 {
    fn from(relationship: Relationship) -> Self {
        relationship.from
    }
}

/// Three groups beside a benchmark, with a test of the difference.
///
/// `X2 = sum (n_i - n b_i)^2 / (n b_i)`; with three groups it has two degrees of freedom, and `P(X2
/// > x) = exp(-x / 2)`. Source: Pearson, K. (1900), Philosophical Magazine 50, 157-175.
///
/// # Examples
///
/// ```
/// use crm_segmentation::Assignments;
/// use crm_segmentation::loyalty::{BENCHMARK, Benchmark};
///
/// let mut codes = vec![0; 40];
/// codes.extend([1; 20]);
/// codes.extend([2; 40]);
/// let groups = Assignments::new(["loyal", "satisfied", "floating"], codes)?;
/// let test = Benchmark::compare(&groups, BENCHMARK)?;
/// // 9^2 / 31 + 1 / 21 + 8^2 / 48
/// assert!((test.statistic - (81.0 / 31.0 + 1.0 / 21.0 + 64.0 / 48.0)).abs() < 1e-12);
/// assert!((test.p_value - (-test.statistic / 2.0).exp()).abs() < 1e-12);
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Benchmark {
    /// Our shares, in the order of the groups.
    pub shares: [f64; 3],
    /// The shares compared with.
    pub benchmark: [f64; 3],
    /// Pearson's X2.
    pub statistic: f64,
    /// The probability of a difference like this or larger, if our customers were like those of the
    /// benchmark.
    pub p_value: f64,
    /// Whether every expected count is at least 5; otherwise the probability is rough.
    pub enough: bool,
}

impl Benchmark {
    /// Compares three groups with percentages that add up to 100.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless there are three groups, without customers, for percentages that are
    /// 0 or do not add up to 100.
    pub fn compare(groups: &Assignments, percents: [u32; 3]) -> Result<Self, Error> {
        check::length("groups", groups.names().len(), 3)?;
        if groups.is_empty() {
            return Err(EmptyError::new("customers").into());
        }
        check::range_of_all("percentages", &percents, 1..)?;
        let sum: u64 = percents.iter().map(|&percent| u64::from(percent)).sum();
        check::range("sum of percentages", sum, 100..=100)?;
        let whole = groups.len() as f64;
        let mut shares = [0.0; 3];
        let mut benchmark = [0.0; 3];
        let (mut statistic, mut enough) = (0.0, true);
        let slots = shares.iter_mut().zip(&mut benchmark);
        for ((share, expected), (count, percent)) in slots.zip(groups.counts().into_iter().zip(percents)) {
            *share = count as f64 / whole;
            *expected = Share::percent(percent)?.to_f64();
            let wanted = whole * *expected;
            statistic += (count as f64 - wanted).powi(2) / wanted;
            enough &= wanted >= 5.0;
        }
        Ok(Self { shares, benchmark, statistic, p_value: (-statistic / 2.0).exp(), enough })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_like_the_benchmark_do_not_differ() {
        let codes: Vec<u32> =
            [(0, 31), (1, 21), (2, 48)].iter().flat_map(|&(code, n)| vec![code; n]).collect();
        let groups = Assignments::new(["loyal", "satisfied", "floating"], codes).unwrap();
        let test = Benchmark::compare(&groups, BENCHMARK).unwrap();
        assert!(test.statistic < 1e-20 && test.p_value > 1.0 - 1e-12 && test.enough);
        // The critical value of two degrees of freedom at 5 % is 5.991 in every table.
        assert!(((-5.991_464_547_f64 / 2.0).exp() - 0.05).abs() < 1e-9);
    }

    #[test]
    fn what_cannot_be_compared_is_refused() {
        let groups = |names: &[&str], codes: &[u32]| Assignments::new(names.to_vec(), codes).unwrap();
        let text =
            |groups: Assignments, percents| Benchmark::compare(&groups, percents).unwrap_err().to_string();
        assert_eq!(text(groups(&["a"], &[0]), BENCHMARK), "expected 3 groups, got 1");
        assert_eq!(text(groups(&["a", "b", "c"], &[]), BENCHMARK), "customers must not be empty");
        assert_eq!(
            text(groups(&["a", "b", "c"], &[0]), [50, 50, 1]),
            "sum of percentages must be 100, got 101"
        );
    }
}
