use crm_statistics::{Direction, Ties, ranks};

use crate::Error;
use crate::assignments::check_names;
use crate::column::check_length;

/// Weights that add up to 1 but for rounding may miss it by this much.
const SUM_TOLERANCE: f64 = 1e-9;

/// Which end of a scale is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Better {
    /// The high end: quality, reliability.
    #[default]
    Higher,
    /// The low end: price, lead time.
    Lower,
}

/// What an answer that is not there means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Missing {
    /// An error that names the criterion.
    #[default]
    Refuse,
    /// The criterion is left out and the others weigh more, in proportion.
    Reweight,
    /// The worst answer: who does not prove it does not have it.
    Worst,
}

/// One line of a scorecard: what is asked, on which scale, and how much it weighs.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Criterion {
    name: String,
    weight: f64,
    low: f64,
    high: f64,
    better: Better,
}

impl Criterion {
    /// A criterion on a scale from `low` to `high`, of which the high end is good. The [`Scorecard`] checks it.
    #[must_use]
    pub fn new(name: impl Into<String>, weight: f64, low: f64, high: f64) -> Self {
        Self { name: name.into(), weight, low, high, better: Better::Higher }
    }

    /// The same with the good end of the scale given.
    #[must_use]
    pub fn with_better(self, better: Better) -> Self {
        Self { better, ..self }
    }

    /// What is asked.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its share of the whole, once it stands in a scorecard.
    #[must_use]
    pub fn weight(&self) -> f64 {
        self.weight
    }

    /// The ends of the scale.
    #[must_use]
    pub fn scale(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// Which end of the scale is good.
    #[must_use]
    pub fn better(&self) -> Better {
        self.better
    }

    /// How much of the way from the worst to the best answer, 0 to 1.
    fn part(&self, answer: f64) -> Result<f64, Error> {
        if !(answer >= self.low && answer <= self.high) {
            let allowed = format!("lie in {}..={} for {}", self.low, self.high, self.name);
            return Err(Error::OutOfRange { field: "answer", allowed, value: answer.to_string() });
        }
        let up = ((answer - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        Ok(match self.better {
            Better::Higher => up,
            Better::Lower => 1.0 - up,
        })
    }
}

/// Weighted criteria that turn answers into a mark from 0 to 100.
///
/// `mark = 100 x sum of w_i p_i / sum of w_i`, with `p_i = (answer - low) / (high - low)`, or 1 minus that where lower is
/// better. Weights must add up to 1 ([`Scorecard::new`]) unless they are asked to be divided by their sum
/// ([`Scorecard::normalised`]).
///
/// ```
/// use crm_segmentation::scorecard::{Better, Criterion, Scorecard};
///
/// let card = Scorecard::new([
///     Criterion::new("quality", 0.6, 1.0, 5.0),
///     Criterion::new("lead time in days", 0.4, 0.0, 20.0).with_better(Better::Lower),
/// ])?;
/// // Quality 4 of 1..=5 is 0.75 of the way; 5 of 20 days is 0.75 too: 45 + 30 points.
/// let score = card.score(&[Some(4.0), Some(5.0)])?;
/// assert_eq!((score.total, score.contributions), (Some(75.0), vec![Some(45.0), Some(30.0)]));
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Stored", into = "Stored"))]
pub struct Scorecard {
    criteria: Vec<Criterion>,
    missing: Missing,
}

/// A mark, and where it comes from.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Score {
    /// From 0 to 100; `None` where nothing was answered and answers may be missing.
    pub total: Option<f64>,
    /// The points that each criterion adds, in the order of the scorecard; they add up to the total.
    pub contributions: Vec<Option<f64>>,
}

impl Scorecard {
    /// Criteria whose weights add up to 1.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::Name`], [`Error::OutOfRange`] for a weight that is negative or not finite, weights that
    /// do not add up to 1, and a scale that does not ascend.
    pub fn new(criteria: impl IntoIterator<Item = Criterion>) -> Result<Self, Error> {
        let (criteria, sum) = checked(criteria)?;
        if (sum - 1.0).abs() > SUM_TOLERANCE {
            let allowed = "be 1 (or ask for normalised weights)".to_owned();
            return Err(Error::OutOfRange { field: "sum of weights", allowed, value: sum.to_string() });
        }
        Ok(Self { criteria, missing: Missing::default() })
    }

    /// Criteria that are right by construction.
    pub(crate) fn trusted(criteria: Vec<Criterion>) -> Self {
        Self { criteria, missing: Missing::default() }
    }

    /// Criteria whose weights are divided by their sum.
    ///
    /// # Errors
    /// As [`Scorecard::new`], but for the sum, which must be positive.
    pub fn normalised(criteria: impl IntoIterator<Item = Criterion>) -> Result<Self, Error> {
        let (mut criteria, sum) = checked(criteria)?;
        if sum <= 0.0 || !sum.is_finite() {
            let allowed = "be positive and finite".to_owned();
            return Err(Error::OutOfRange { field: "sum of weights", allowed, value: sum.to_string() });
        }
        for criterion in &mut criteria {
            criterion.weight /= sum;
        }
        Ok(Self { criteria, missing: Missing::default() })
    }

    /// The same criteria with other weights, divided by their sum: those of [`Comparisons`](super::Comparisons), say.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one for each criterion, else as [`Scorecard::normalised`].
    pub fn reweighted(self, weights: &[f64]) -> Result<Self, Error> {
        check_length(("weights", weights.len()), ("criteria", self.criteria.len()))?;
        let criteria = self.criteria.into_iter().zip(weights);
        let card = Self::normalised(criteria.map(|(criterion, &weight)| Criterion { weight, ..criterion }))?;
        Ok(Self { missing: self.missing, ..card })
    }

    /// The same with another rule for answers that are not there.
    #[must_use]
    pub fn with_missing(self, missing: Missing) -> Self {
        Self { missing, ..self }
    }

    /// The criteria, with the weights that count.
    #[must_use]
    pub fn criteria(&self) -> &[Criterion] {
        &self.criteria
    }

    /// The mark of one set of answers, in the order of the criteria.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is a place for each criterion, [`Error::OutOfRange`] for an answer off its scale
    /// and for a missing one where those are refused.
    pub fn score(&self, answers: &[Option<f64>]) -> Result<Score, Error> {
        check_length(("answers", answers.len()), ("criteria", self.criteria.len()))?;
        let mut parts = Vec::with_capacity(answers.len());
        for (criterion, answer) in self.criteria.iter().zip(answers) {
            parts.push(match (answer, self.missing) {
                (Some(answer), _) => Some((criterion.weight, criterion.part(*answer)?)),
                (None, Missing::Worst) => Some((criterion.weight, 0.0)),
                (None, Missing::Reweight) => None,
                (None, Missing::Refuse) => {
                    let allowed = format!("be there for {}", criterion.name);
                    return Err(Error::OutOfRange { field: "answer", allowed, value: "none".to_owned() });
                }
            });
        }
        let weight: f64 = parts.iter().flatten().map(|(weight, _)| weight).sum();
        let points = |(weight_of, part): (f64, f64)| 100.0 * (weight_of / weight) * part;
        let contributions: Vec<Option<f64>> =
            parts.into_iter().map(|part| part.filter(|_| weight > 0.0).map(points)).collect();
        let total = (weight > 0.0).then(|| contributions.iter().flatten().sum::<f64>().min(100.0));
        Ok(Score { total, contributions })
    }

    /// The marks of many, one row of answers each.
    ///
    /// # Errors
    /// As [`Scorecard::score`].
    pub fn score_all<R: AsRef<[Option<f64>]>>(&self, rows: &[R]) -> Result<Vec<Score>, Error> {
        rows.iter().map(|row| self.score(row.as_ref())).collect()
    }

    /// Who is first, second, third by marks: equal marks share the better place, as in sport; `None` without a mark.
    ///
    /// ```
    /// use crm_segmentation::scorecard::{Criterion, Missing, Scorecard};
    ///
    /// let card = Scorecard::new([Criterion::new("fit", 1.0, 0.0, 10.0)])?.with_missing(Missing::Reweight);
    /// let scores = card.score_all(&[[Some(4.0)], [Some(9.0)], [None], [Some(4.0)]])?;
    /// assert_eq!(Scorecard::ranking(&scores)?, [Some(2), Some(1), None, Some(2)]);
    /// # Ok::<(), crm_segmentation::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFinite`] for a mark that is no number.
    pub fn ranking(scores: &[Score]) -> Result<Vec<Option<usize>>, Error> {
        let totals: Vec<f64> = scores.iter().filter_map(|score| score.total).collect();
        let ranks = ranks(&totals, Ties::Min, Direction::Descending).map_err(Error::from)?;
        let mut ranks = ranks.into_iter().map(|rank| rank as usize);
        Ok(scores.iter().map(|score| score.total.and_then(|_| ranks.next())).collect())
    }
}

fn checked(criteria: impl IntoIterator<Item = Criterion>) -> Result<(Vec<Criterion>, f64), Error> {
    let criteria: Vec<Criterion> = criteria.into_iter().collect();
    if criteria.is_empty() {
        return Err(Error::Empty { field: "criteria" });
    }
    let names: Vec<&str> = criteria.iter().map(Criterion::name).collect();
    check_names("criteria", &names)?;
    for Criterion { name, weight, low, high, .. } in &criteria {
        let refuse = |field, allowed: String, value: String| Err(Error::OutOfRange { field, allowed, value });
        if !(*weight >= 0.0 && weight.is_finite()) {
            return refuse("weight", format!("be at least 0 and finite for {name}"), weight.to_string());
        }
        if !(high - low > 0.0 && (high - low).is_finite()) {
            return refuse("scale", format!("ascend for {name}"), format!("{low}..={high}"));
        }
    }
    let sum = criteria.iter().map(Criterion::weight).sum();
    Ok((criteria, sum))
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    criteria: Vec<Criterion>,
    missing: Missing,
}

#[cfg(feature = "serde")]
impl TryFrom<Stored> for Scorecard {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self, Error> {
        Ok(Self::new(stored.criteria)?.with_missing(stored.missing))
    }
}

#[cfg(feature = "serde")]
impl From<Scorecard> for Stored {
    fn from(card: Scorecard) -> Self {
        Self { criteria: card.criteria, missing: card.missing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> [Criterion; 2] {
        [Criterion::new("a", 0.25, 0.0, 10.0), Criterion::new("b", 0.75, 0.0, 10.0)]
    }

    #[test]
    fn what_is_missing_follows_the_rule() {
        let card = Scorecard::new(pair()).unwrap();
        let answers = [Some(10.0), None];
        assert_eq!(card.score(&answers).unwrap_err().to_string(), "answer must be there for b, got none");
        let total = |missing| card.clone().with_missing(missing).score(&answers).unwrap().total;
        assert_eq!((total(Missing::Worst), total(Missing::Reweight)), (Some(25.0), Some(100.0)));
        let nothing = card.clone().with_missing(Missing::Reweight).score(&[None, None]).unwrap();
        assert_eq!((nothing.total, nothing.contributions), (None, vec![None, None]));
    }

    #[test]
    fn weights_add_up_or_are_made_to() {
        let text = |result: Result<Scorecard, Error>| result.unwrap_err().to_string();
        let uneven = || pair().into_iter().chain([Criterion::new("c", 1.0, 0.0, 1.0)]);
        assert_eq!(
            text(Scorecard::new(uneven())),
            "sum of weights must be 1 (or ask for normalised weights), got 2"
        );
        let card = Scorecard::normalised(uneven()).unwrap();
        assert_eq!(card.criteria().iter().map(Criterion::weight).collect::<Vec<_>>(), [0.125, 0.375, 0.5]);
        assert_eq!(text(Scorecard::normalised([])), "criteria must hold at least one value, got 0");
        let one = |weight, low, high| Scorecard::normalised([Criterion::new("a", weight, low, high)]);
        assert_eq!(text(one(0.0, 0.0, 1.0)), "sum of weights must be positive and finite, got 0");
        assert_eq!(text(one(-1.0, 0.0, 1.0)), "weight must be at least 0 and finite for a, got -1");
        assert_eq!(text(one(1.0, 1.0, 1.0)), "scale must ascend for a, got 1..=1");
    }

    #[test]
    fn answers_off_the_scale_are_refused() {
        let card = Scorecard::new(pair()).unwrap();
        let text = |answers: &[Option<f64>]| card.score(answers).unwrap_err().to_string();
        assert_eq!(text(&[Some(11.0), None]), "answer must lie in 0..=10 for a, got 11");
        assert_eq!(text(&[Some(f64::NAN), None]), "answer must lie in 0..=10 for a, got NaN");
        assert_eq!(text(&[None]), "answers must be as many as criteria (2), got 1");
    }
}
