//! Who is happy and who is not: the best and the worst fifth, where they come from, and what sets them apart.
//!
//! ```
//! use crm_satisfaction::Groups;
//! use crm_satisfaction::extremes::Extremes;
//! use crm_statistics::{Fraction, Level};
//!
//! let satisfaction = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0];
//! let region = Groups::new("region", ["east", "east", "west", "east", "west", "west", "east", "west", "west", "west"]);
//! let extremes = Extremes::new(&satisfaction, Fraction::percent(20)?)?;
//! assert_eq!((extremes.worst().len(), extremes.best().len()), (2, 2));
//! // Both of the worst come from the east, a half of whose customers they are.
//! let east = &extremes.by_groups(&region, Level::default())?[0];
//! assert_eq!((east.label.as_str(), east.worst.to_string()), ("east", "2 of 4".to_owned()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crm_statistics::{Fraction, Interval, Level, Proportion, ProportionMethod};

use crate::change::Change;
use crate::error::{check_finite, check_length};
use crate::{Column, Error, Groups, Survey};

/// The respondents with the lowest and with the highest scores.
#[derive(Debug, Clone, PartialEq)]
pub struct Extremes {
    place: Vec<Place>,
    worst: Vec<usize>,
    best: Vec<usize>,
    worst_up_to: f64,
    best_from: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Unknown,
    Worst,
    Middle,
    Best,
}

/// How many of a group are among the best and the worst.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct GroupShare {
    /// The group's label.
    pub label: String,
    /// Members among the worst, of all members with a score.
    pub worst: Proportion,
    /// Members among the best.
    pub best: Proportion,
    /// By how much the share of the worst exceeds that of everybody else, with Newcombe's interval; none where everybody
    /// is in the group.
    pub worst_excess: Option<Interval>,
    /// The same for the best.
    pub best_excess: Option<Interval>,
}

/// How the answers to a question differ between the best and the worst.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Distinction {
    /// The question.
    pub question: String,
    /// Mean among the best, good end up.
    pub best: f64,
    /// Mean among the worst.
    pub worst: f64,
    /// Best minus worst, with a test that does not suppose equal spreads.
    pub change: Change,
    /// The difference in standard deviations (of both groups pooled): 0.2 is small, 0.8 large.
    pub effect: Option<f64>,
    /// Answers of the best and of the worst that it rests on.
    pub answers: (usize, usize),
}

impl Extremes {
    /// The share of all scores at either end, at least one; NaN is not a score, use [`of`](Self::of) for missing ones.
    ///
    /// Equal scores stay together: the ends grow until no score is on both sides of a cut, but never into each other. Where
    /// everybody has the same score, there are no extremes.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::NotFinite`], [`Error::OutOfRange`] for a share that is 0 or above one half.
    pub fn new(scores: &[f64], share: Fraction) -> Result<Self, Error> {
        let scores: Vec<Option<f64>> = scores.iter().copied().map(Some).collect();
        Self::some(&scores, share)
    }

    /// The ends of a question of a survey, good end up; who did not answer belongs nowhere.
    ///
    /// # Errors
    /// [`Error::Empty`] where nobody answered, [`Error::OutOfRange`].
    pub fn of(column: &Column, share: Fraction) -> Result<Self, Error> {
        let scores: Vec<Option<f64>> = column.oriented().map(|value| value.map(f64::from)).collect();
        Self::some(&scores, share)
    }

    fn some(scores: &[Option<f64>], share: Fraction) -> Result<Self, Error> {
        let mut known: Vec<f64> = scores.iter().copied().flatten().collect();
        if known.is_empty() {
            return Err(Error::Empty { field: "scores".to_owned() });
        }
        check_finite("scores", &known)?;
        let half = Fraction::percent(50).unwrap_or(Fraction::ONE);
        if share == Fraction::ZERO || share > half {
            return Err(crate::error::out_of_range("share", "be above 0 and at most 0.5", share));
        }
        known.sort_by(f64::total_cmp);
        // At least one, at most half: both places exist.
        let ends = (share.floor_of(known.len() as u128) as usize).max(1);
        let worst_up_to = known.get(ends - 1).copied().unwrap_or_default();
        let best_from = known.get(known.len() - ends).copied().unwrap_or_default();
        let place = |score: &Option<f64>| match *score {
            None => Place::Unknown,
            Some(_) if worst_up_to >= best_from => Place::Middle,
            Some(score) if score <= worst_up_to => Place::Worst,
            Some(score) if score >= best_from => Place::Best,
            Some(_) => Place::Middle,
        };
        let place: Vec<Place> = scores.iter().map(place).collect();
        let those = |wanted: Place| (0..place.len()).filter(|&at| place.get(at) == Some(&wanted)).collect();
        Ok(Self { worst: those(Place::Worst), best: those(Place::Best), place, worst_up_to, best_from })
    }

    /// The respondents at the low end: places in the survey.
    #[must_use]
    pub fn worst(&self) -> &[usize] {
        &self.worst
    }

    /// The respondents at the high end.
    #[must_use]
    pub fn best(&self) -> &[usize] {
        &self.best
    }

    /// Up to this score is the low end, from this score on the high end.
    #[must_use]
    pub fn cuts(&self) -> (f64, f64) {
        (self.worst_up_to, self.best_from)
    }

    /// How many of every group are among the best and the worst: products, regions, or both crossed.
    ///
    /// Groups without a score are left out.
    ///
    /// # Errors
    /// [`Error::Length`].
    pub fn by_groups(&self, groups: &Groups, level: Level) -> Result<Vec<GroupShare>, Error> {
        check_length(groups.name(), "scores", self.place.len(), groups.codes().len())?;
        // Per group: scored, worst, best.
        let mut counts = vec![[0_u64; 3]; groups.labels().len()];
        let mut all = [0_u64; 3];
        for (&place, &code) in self.place.iter().zip(groups.codes()) {
            let known = [place != Place::Unknown, place == Place::Worst, place == Place::Best].map(u64::from);
            for count in [Some(&mut all), counts.get_mut(code as usize)].into_iter().flatten() {
                count.iter_mut().zip(known).for_each(|(count, one)| *count += one);
            }
        }
        let share = |(label, [scored, worst, best]): (&String, &[u64; 3])| {
            let [all_scored, all_worst, all_best] = all;
            let excess = |own: Proportion, of_all: u64| {
                let others = Proportion::new(of_all - own.successes(), all_scored - scored).ok()?;
                Some(own.difference(others, ProportionMethod::Wilson, level))
            };
            let (worst, best) =
                (Proportion::new(*worst, *scored).ok()?, Proportion::new(*best, *scored).ok()?);
            Some(GroupShare {
                label: label.clone(),
                worst,
                best,
                worst_excess: excess(worst, all_worst),
                best_excess: excess(best, all_best),
            })
        };
        Ok(groups.labels().iter().zip(&counts).filter_map(share).collect())
    }

    /// What the best and the worst answered differently, the largest difference (in standard deviations) first.
    ///
    /// `effect = (mean of best - mean of worst) / sqrt((s_best^2 + s_worst^2) / 2)`; the test divides the difference by
    /// `sqrt(s_best^2 / n_best + s_worst^2 / n_worst)`. Questions that fewer than two of either end answered are left out.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a question that there is not, [`Error::Length`] for a survey of other people.
    pub fn distinguish(
        &self,
        survey: &Survey,
        questions: &[impl AsRef<str>],
        level: Level,
    ) -> Result<Vec<Distinction>, Error> {
        check_length("respondents", "scores", self.place.len(), survey.len())?;
        let mut found = Vec::new();
        for question in questions {
            let column = survey.column(question.as_ref())?;
            let (best, worst) = (Moments::of(column, &self.best), Moments::of(column, &self.worst));
            if best.n < 2 || worst.n < 2 {
                continue;
            }
            let error = (best.variance / best.n as f64 + worst.variance / worst.n as f64).sqrt();
            let spread = f64::midpoint(best.variance, worst.variance).sqrt();
            found.push(Distinction {
                question: question.as_ref().to_owned(),
                best: best.mean,
                worst: worst.mean,
                change: Change::normal(best.mean - worst.mean, error, level),
                effect: (spread > 0.0).then(|| (best.mean - worst.mean) / spread),
                answers: (best.n, worst.n),
            });
        }
        // No spread at either end is the clearest difference there is, or none at all.
        let size = |distinction: &Distinction| {
            let difference = distinction.change.difference.estimate.abs();
            distinction.effect.map_or(if difference > 0.0 { f64::MAX } else { 0.0 }, f64::abs)
        };
        found.sort_by(|one, other| size(other).total_cmp(&size(one)));
        Ok(found)
    }
}

/// Mean and variance of some answers, good end up.
struct Moments {
    n: usize,
    mean: f64,
    variance: f64,
}

impl Moments {
    fn of(column: &Column, respondents: &[usize]) -> Self {
        let scale = column.scale();
        let values: Vec<f64> = respondents
            .iter()
            .filter_map(|&at| column.answers().get(at)?.value())
            .map(|value| f64::from(scale.oriented(value)))
            .collect();
        let n = values.len();
        let mean = values.iter().sum::<f64>() / n.max(1) as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        Self { n, mean, variance: squares / n.saturating_sub(1).max(1) as f64 }
    }
}

/// Two groupings crossed, such as product and region: labels read `product, region`.
///
/// # Errors
/// [`Error::Length`] for groupings of different people.
///
/// ```
/// use crm_satisfaction::Groups;
/// use crm_satisfaction::extremes::crossed;
///
/// let product = Groups::new("product", ["bike", "bike"]);
/// let region = Groups::new("region", ["north", "south"]);
/// assert_eq!(crossed(&product, &region)?.labels(), ["bike, north", "bike, south"]);
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
pub fn crossed(one: &Groups, other: &Groups) -> Result<Groups, Error> {
    check_length(other.name(), one.name(), one.codes().len(), other.codes().len())?;
    let label =
        |at: usize| format!("{}, {}", one.label(at).unwrap_or_default(), other.label(at).unwrap_or_default());
    Ok(Groups::new(format!("{}, {}", one.name(), other.name()), (0..one.codes().len()).map(label)))
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;
    use crate::{Answer, Scale};

    fn fifth() -> Fraction {
        Fraction::percent(20).unwrap()
    }

    #[test]
    fn equal_scores_stay_together_and_the_ends_never_meet() {
        let extremes = Extremes::new(&[1.0, 1.0, 1.0, 2.0, 3.0, 4.0, 4.0, 5.0, 5.0, 5.0], fifth()).unwrap();
        assert_eq!((extremes.worst(), extremes.best()), ([0, 1, 2].as_slice(), [7, 8, 9].as_slice()));
        assert_eq!(extremes.cuts(), (1.0, 5.0));
        let same = Extremes::new(&[3.0; 10], fifth()).unwrap();
        assert!(same.worst().is_empty() && same.best().is_empty());
        let one = Extremes::new(&[3.0], fifth()).unwrap();
        assert!(one.worst().is_empty() && one.best().is_empty());
    }

    #[test]
    fn what_is_no_score_or_no_end_is_refused() {
        let text = |scores: &[f64], share| Extremes::new(scores, share).unwrap_err().to_string();
        assert_eq!(text(&[], fifth()), "scores must hold at least one value, got 0");
        assert_eq!(text(&[1.0, f64::NAN], fifth()), "scores must be finite, got NaN at position 1");
        assert_eq!(text(&[1.0], Fraction::ZERO), "share must be above 0 and at most 0.5, got 0");
        assert_eq!(text(&[1.0], Fraction::ONE), "share must be above 0 and at most 0.5, got 1");
    }

    #[test]
    fn what_sets_them_apart_comes_first() {
        let five = Scale::new(1, 5).unwrap();
        let column = |name: &str, values: [i32; 10]| {
            Column::new(name, five.clone(), &values.map(Answer::Value)).unwrap()
        };
        let survey = Survey::new((0..10).map(|n| n.to_string()))
            .with_column(column("overall", [1, 1, 3, 3, 3, 3, 3, 3, 5, 5]))
            .unwrap()
            .with_column(column("same", [3, 2, 1, 1, 5, 5, 2, 1, 2, 3]))
            .unwrap()
            .with_column(column("apart", [1, 2, 1, 1, 5, 5, 2, 1, 4, 5]))
            .unwrap();
        let extremes = Extremes::of(survey.column("overall").unwrap(), fifth()).unwrap();
        let found = extremes.distinguish(&survey, &["same", "apart"], Level::default()).unwrap();
        assert_eq!(found[0].question, "apart");
        // Means 4.5 and 1.5, both variances 1/2: 3 points, sqrt(1/2) of error.
        assert_eq!((found[0].best, found[0].worst), (4.5, 1.5));
        assert!((found[0].effect.unwrap() - 3.0 / 0.5_f64.sqrt()).abs() < 1e-12);
        assert_eq!((found[1].change.difference.estimate, found[1].change.p_value), (0.0, 1.0));
    }

    #[test]
    fn a_group_of_everybody_exceeds_nobody() {
        let scores = [1.0, 2.0, 3.0, 4.0, 5.0];
        let extremes = Extremes::new(&scores, fifth()).unwrap();
        let all = extremes.by_groups(&Groups::new("all", ["x"; 5]), Level::default()).unwrap();
        assert_eq!((all[0].worst_excess, all[0].best.to_string().as_str()), (None, "1 of 5"));
        let two =
            extremes.by_groups(&Groups::new("two", ["x", "x", "y", "y", "y"]), Level::default()).unwrap();
        let excess = two[0].worst_excess.unwrap();
        assert_eq!(excess.estimate, 0.5);
    }
}
