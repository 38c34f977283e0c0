use crm_numbers::{RangeError, check};
use crm_statistics::{Direction, Ties, ranks};

use crate::Error;
use crate::assignments::check_names;

/// Weights that add up to 1 but for rounding may miss it by this much.
const SUM_TOLERANCE: f64 = 1e-9;

/// Which end of a scale is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Better {
    /// The high end: quality, reliability.
    #[default]
    Higher,
    /// The low end: price, lead time.
    Lower,
}

crm_numbers::names! {
    Better, "better end" {
        Higher = "higher",
        Lower = "lower",
    }
}

/// The rule for missing answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Missing {
    /// An error that names the criterion.
    #[default]
    Refuse,
    /// The criterion is left out and the others weigh more, in proportion.
    Reweight,
    /// The worst answer: who does not prove it does not have it.
    Worst,
}

crm_numbers::names! {
    Missing, "rule for missing answers" {
        Refuse = "refuse",
        Reweight = "reweight",
        Worst = "worst",
    }
}

/// One line of a scorecard: what is asked, on which scale, and how much it weighs.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ScorecardCriterion {
    name: String,
    weight: f64,
    low: f64,
    high: f64,
    better: Better,
}

impl ScorecardCriterion {
    /// Creates a criterion on a scale from `low` to `high`, with `high` as the good end.
    /// [`Scorecard`] checks it.
    #[must_use]
    pub fn new(name: impl Into<String>, weight: f64, low: f64, high: f64) -> Self {
        Self { name: name.into(), weight, low, high, better: Better::Higher }
    }

    /// Sets the good end of the scale.
    #[must_use]
    pub fn with_better(self, better: Better) -> Self {
        Self { better, ..self }
    }

    /// Returns the name of the criterion.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its share of the whole, once it stands in a scorecard.
    #[must_use]
    pub fn weight(&self) -> f64 {
        self.weight
    }

    /// Returns the ends of the scale.
    #[must_use]
    pub fn scale(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// Returns the good end of the scale.
    #[must_use]
    pub fn better(&self) -> Better {
        self.better
    }

    /// Checks that an answer is on the scale.
    pub(super) fn check(&self, answer: f64) -> Result<(), Error> {
        check::range(format!("answer to {:?}", self.name), answer, self.low..=self.high)?;
        Ok(())
    }

    fn part(&self, answer: f64) -> Result<f64, Error> {
        self.check(answer)?;
        let up = ((answer - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        Ok(match self.better {
            Better::Higher => up,
            Better::Lower => 1.0 - up,
        })
    }
}

/// Weighted criteria that turn answers into a mark from 0 to 100.
///
/// `mark = 100 x sum of w_i p_i / sum of w_i`, with `p_i = (answer - low) / (high - low)`, or 1
/// minus that where lower is better. Weights must add up to 1 ([`Scorecard::new`]) unless they are
/// asked to be divided by their sum ([`Scorecard::normalized`]).
///
/// # Examples
///
/// ```
/// use crm_segmentation::scorecard::{Better, ScorecardCriterion, Scorecard};
///
/// let card = Scorecard::new([
///     ScorecardCriterion::new("quality", 0.6, 1.0, 5.0),
///     ScorecardCriterion::new("lead time in days", 0.4, 0.0, 20.0).with_better(Better::Lower),
/// ])?;
/// // Quality 4 of 1..=5 is 0.75 of the way; 5 of 20 days is 0.75 too: 45 + 30 points.
/// let score = card.score(&[Some(4.0), Some(5.0)])?;
/// assert_eq!((score.total, score.contributions), (Some(75.0), vec![Some(45.0), Some(30.0)]));
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Scorecard {
    criteria: Vec<ScorecardCriterion>,
    missing: Missing,
}

crm_numbers::gate!(Scorecard, Scorecard::checked);

/// A mark, and where it comes from.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct AccountScore {
    /// From 0 to 100; `None` where nothing was answered and answers may be missing.
    pub total: Option<f64>,
    /// The points that each criterion adds, in the order of the scorecard; they add up to the
    /// total.
    pub contributions: Vec<Option<f64>>,
}

impl Scorecard {
    /// Creates a scorecard from criteria whose weights add up to 1.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an empty column, for an empty or repeated name, for a weight that is
    /// negative or not finite, weights that do not add up to 1, and a scale that does not ascend.
    pub fn new(criteria: impl IntoIterator<Item = ScorecardCriterion>) -> Result<Self, Error> {
        Self { criteria: criteria.into_iter().collect(), missing: Missing::default() }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        let sum = checked_sum(&self.criteria)?;
        if (sum - 1.0).abs() <= SUM_TOLERANCE {
            return Ok(self);
        }
        let error = RangeError::new("sum of weights", sum, 1.0..=1.0);
        Err(error.with_hint("`Scorecard::normalized` divides by the sum").into())
    }

    /// Criteria that are right by construction.
    pub(crate) fn trusted(criteria: Vec<ScorecardCriterion>) -> Self {
        Self { criteria, missing: Missing::default() }
    }

    /// Creates a scorecard from criteria, dividing the weights by their sum.
    ///
    /// # Errors
    ///
    /// As [`Scorecard::new`], but for the sum, which must be positive.
    pub fn normalized(criteria: impl IntoIterator<Item = ScorecardCriterion>) -> Result<Self, Error> {
        let mut criteria: Vec<ScorecardCriterion> = criteria.into_iter().collect();
        let sum = check::range("sum of weights", checked_sum(&criteria)?, check::above(0.0))?;
        for criterion in &mut criteria {
            criterion.weight /= sum;
        }
        Ok(Self { criteria, missing: Missing::default() })
    }

    /// Sets the weights, divided by their sum, for example those of
    /// [`Comparisons`](super::Comparisons).
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless there is one for each criterion, else as [`Scorecard::normalized`].
    pub fn reweighted(self, weights: &[f64]) -> Result<Self, Error> {
        check::length("weights", weights.len(), self.criteria.len())?;
        let criteria = self.criteria.into_iter().zip(weights);
        let card = Self::normalized(
            criteria.map(|(criterion, &weight)| ScorecardCriterion { weight, ..criterion }),
        )?;
        Ok(Self { missing: self.missing, ..card })
    }

    /// Sets the rule for missing answers.
    #[must_use]
    pub fn with_missing(self, missing: Missing) -> Self {
        Self { missing, ..self }
    }

    /// Returns the criteria, with the weights in use.
    #[must_use]
    pub fn criteria(&self) -> &[ScorecardCriterion] {
        &self.criteria
    }

    /// Computes the mark of one set of answers, in the order of the criteria.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless there is a place for each criterion, for an answer off its scale and
    /// for a missing one where those are refused.
    pub fn score(&self, answers: &[Option<f64>]) -> Result<AccountScore, Error> {
        check::length("answers", answers.len(), self.criteria.len())?;
        let mut parts = Vec::with_capacity(answers.len());
        for (criterion, answer) in self.criteria.iter().zip(answers) {
            parts.push(match (answer, self.missing) {
                (Some(answer), _) => Some((criterion.weight, criterion.part(*answer)?)),
                (None, Missing::Worst) => Some((criterion.weight, 0.0)),
                (None, Missing::Reweight) => None,
                (None, Missing::Refuse) => {
                    return Err(Error::MissingAnswer { criterion: criterion.name.clone() });
                }
            });
        }
        let weight: f64 = parts.iter().flatten().map(|(weight, _)| weight).sum();
        let points = |(weight_of, part): (f64, f64)| 100.0 * (weight_of / weight) * part;
        let contributions: Vec<Option<f64>> =
            parts.into_iter().map(|part| part.filter(|_| weight > 0.0).map(points)).collect();
        let total = (weight > 0.0).then(|| contributions.iter().flatten().sum::<f64>().min(100.0));
        Ok(AccountScore { total, contributions })
    }

    /// Computes the marks of many sets of answers, one row per set.
    ///
    /// # Errors
    ///
    /// As [`Scorecard::score`].
    pub fn score_all<R: AsRef<[Option<f64>]>>(&self, rows: &[R]) -> Result<Vec<AccountScore>, Error> {
        rows.iter().map(|row| self.score(row.as_ref())).collect()
    }

    /// Ranks scores by their marks: equal marks share the better rank, as in sport; `None` without
    /// a mark.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a mark that is no number.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_segmentation::scorecard::{ScorecardCriterion, Missing, Scorecard};
    ///
    /// let card = Scorecard::new([ScorecardCriterion::new("fit", 1.0, 0.0, 10.0)])?.with_missing(Missing::Reweight);
    /// let scores = card.score_all(&[[Some(4.0)], [Some(9.0)], [None], [Some(4.0)]])?;
    /// assert_eq!(Scorecard::ranking(&scores)?, [Some(2), Some(1), None, Some(2)]);
    /// # Ok::<(), crm_segmentation::Error>(())
    /// ```
    pub fn ranking(scores: &[AccountScore]) -> Result<Vec<Option<usize>>, Error> {
        let totals: Vec<f64> = scores.iter().filter_map(|score| score.total).collect();
        let ranks = ranks(&totals, Ties::Min, Direction::Descending)?;
        let mut ranks = ranks.into_iter().map(|rank| rank as usize);
        Ok(scores.iter().map(|score| score.total.and_then(|_| ranks.next())).collect())
    }
}

fn checked_sum(criteria: &[ScorecardCriterion]) -> Result<f64, Error> {
    check::not_empty("criteria", criteria)?;
    check_names("criteria", &criteria.iter().map(ScorecardCriterion::name).collect::<Vec<&str>>())?;
    for ScorecardCriterion { name, weight, low, high, .. } in criteria {
        check::range(format!("weight of {name:?}"), *weight, 0.0..)?;
        check::range(format!("width of the scale of {name:?}"), high - low, check::above(0.0))?;
    }
    Ok(criteria.iter().map(ScorecardCriterion::weight).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> [ScorecardCriterion; 2] {
        [ScorecardCriterion::new("a", 0.25, 0.0, 10.0), ScorecardCriterion::new("b", 0.75, 0.0, 10.0)]
    }

    #[test]
    fn what_is_missing_follows_the_rule() {
        let card = Scorecard::new(pair()).unwrap();
        let answers = [Some(10.0), None];
        assert_eq!(
            card.score(&answers).unwrap_err().to_string(),
            r#"the answer to "b" is missing; choose another rule for missing answers"#
        );
        let total = |missing| card.clone().with_missing(missing).score(&answers).unwrap().total;
        assert_eq!((total(Missing::Worst), total(Missing::Reweight)), (Some(25.0), Some(100.0)));
        let nothing = card.clone().with_missing(Missing::Reweight).score(&[None, None]).unwrap();
        assert_eq!((nothing.total, nothing.contributions), (None, vec![None, None]));
    }

    #[test]
    fn weights_add_up_or_are_made_to() {
        let text = |result: Result<Scorecard, Error>| result.unwrap_err().to_string();
        let uneven = || pair().into_iter().chain([ScorecardCriterion::new("c", 1.0, 0.0, 1.0)]);
        assert_eq!(
            text(Scorecard::new(uneven())),
            "sum of weights must be 1, got 2; `Scorecard::normalized` divides by the sum"
        );
        let card = Scorecard::normalized(uneven()).unwrap();
        assert_eq!(
            card.criteria().iter().map(ScorecardCriterion::weight).collect::<Vec<_>>(),
            [0.125, 0.375, 0.5]
        );
        assert_eq!(text(Scorecard::normalized([])), "criteria must not be empty");
        let one =
            |weight, low, high| Scorecard::normalized([ScorecardCriterion::new("a", weight, low, high)]);
        assert_eq!(text(one(0.0, 0.0, 1.0)), "sum of weights must be greater than 0, got 0");
        assert_eq!(text(one(-1.0, 0.0, 1.0)), r#"weight of "a" must be at least 0, got -1"#);
        assert_eq!(text(one(1.0, 1.0, 1.0)), "width of the scale of \"a\" must be greater than 0, got 0");
    }

    #[test]
    fn answers_off_the_scale_are_refused() {
        let card = Scorecard::new(pair()).unwrap();
        let text = |answers: &[Option<f64>]| card.score(answers).unwrap_err().to_string();
        assert_eq!(text(&[Some(11.0), None]), r#"answer to "a" must be between 0 and 10, got 11"#);
        assert_eq!(text(&[Some(f64::NAN), None]), "answer to \"a\" must be between 0 and 10, got NaN");
        assert_eq!(text(&[None]), "expected 2 answers, got 1");
    }
}
