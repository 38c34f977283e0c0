//! The most and the least satisfied respondents: their groups, and the answers that distinguish
//! them.
//!
//! Each end, such as the best and the worst fifth, holds exactly the requested share of all
//! respondents. If the cut goes through equal scores, every respondent with that score belongs to
//! the end in part ([`Member::weight`]), which is the mean over all orders of the equal scores, as
//! in [`RankingQuality`](crm_statistics::RankingQuality). No result depends on the order of the
//! respondents.
//!
//! # Examples
//!
//! ```
//! use crm_satisfaction::extremes::Extremes;
//! use crm_satisfaction::{Groups, Level, Share};
//!
//! let satisfaction = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0];
//! let region = Groups::new("region", ["east", "east", "west", "east", "west", "west", "east", "west", "west", "west"]);
//! let extremes = Extremes::new(&satisfaction, Share::percent(20)?)?;
//! assert_eq!((extremes.worst().len(), extremes.best().len()), (2, 2));
//! // Both of the worst are in the east, and are half of its customers.
//! let east = &extremes.by_groups(&region, Level::default())?[0];
//! assert_eq!((east.label.as_str(), east.worst.estimate, east.respondents), ("east", 0.5, 4));
//!
//! // 3 of 20 answered 1, all others 5: the worst fifth is the ones and 1/17 of each of the others.
//! let mut answers = vec![1.0; 3];
//! answers.resize(20, 5.0);
//! let extremes = Extremes::new(&answers, Share::percent(20)?)?;
//! assert_eq!((extremes.size(), extremes.worst()[0].weight), (4.0, 1.0));
//! assert!((extremes.worst()[3].weight - 1.0 / 17.0).abs() < 1e-12);
//! # Ok::<(), crm_satisfaction::Error>(())
//! ```

use crm_numbers::{Decimal, EmptyError, InputError, Interval, Level, Share, check};

use self::cut::{GroupSums, end, size};
use crate::change::Change;
use crate::error::check_weights;
use crate::scores::Weighted;
use crate::{Error, Groups, Question, Survey};

mod cut;

/// The respondents with the lowest and with the highest scores.
#[derive(Debug, Clone, PartialEq)]
pub struct Extremes {
    /// Weight of each respondent; 0 without a score.
    weights: Vec<f64>,
    worst: Vec<Member>,
    best: Vec<Member>,
    worst_up_to: f64,
    best_from: f64,
    size: f64,
}

/// A respondent at one end of the scores.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Member {
    /// Index of the respondent in the survey.
    pub respondent: usize,
    /// Part of the respondent (of the survey weight, if there is one) that belongs to this end: 1,
    /// or less if the cut goes through equal scores.
    pub weight: f64,
}

/// The shares of a group that are among the best and among the worst.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct GroupShare {
    /// Label of the group.
    pub label: String,
    /// Number of members with a score.
    pub respondents: u64,
    /// Share of the members among the worst, with its Wilson interval.
    pub worst: Interval,
    /// Share of the members among the best, with its Wilson interval.
    pub best: Interval,
    /// Excess of the share of the worst over that of all other respondents, with Newcombe's
    /// interval; `None` if there are no others.
    pub worst_excess: Option<Interval>,
    /// Excess of the share of the best over that of all other respondents, with Newcombe's
    /// interval; `None` if there are no others.
    pub best_excess: Option<Interval>,
}

/// The difference between the best and the worst in the answers to one question.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Distinction {
    /// Name of the question.
    pub question: String,
    /// Mean among the best, good end up.
    pub best: f64,
    /// Mean among the worst, good end up.
    pub worst: f64,
    /// Best minus worst, with Welch's test.
    pub change: Change,
    /// Difference in pooled standard deviations: 0.2 is small, 0.8 large; `None` if both variances
    /// are 0.
    pub effect: Option<f64>,
    /// Effective number of answers of the best.
    pub best_answers: f64,
    /// Effective number of answers of the worst.
    pub worst_answers: f64,
}

impl Extremes {
    /// Finds the ends of scores, each with a share of all respondents; for missing scores use
    /// [`from_column`](Self::from_column).
    ///
    /// # Formula
    ///
    /// Each end holds `size = share x n` respondents, at least 1. With `m` scores beyond the cut
    /// and `e` scores equal to it, those beyond count 1 and the equal ones `(size - m) / e` each.
    /// If all scores are equal, both ends are empty.
    ///
    /// # Errors
    ///
    /// [`InputError::Empty`] without scores, [`InputError::Range`] for a score that is not finite
    /// and for a share that is 0 or greater than one half.
    pub fn new(scores: &[f64], share: Share) -> Result<Self, Error> {
        let scores: Vec<Option<f64>> = scores.iter().copied().map(Some).collect();
        Self::with_missing(&scores, None, share)
    }

    /// Finds the ends of the answers to a question, good end up; respondents without an answer
    /// belong to neither.
    ///
    /// # Errors
    ///
    /// [`InputError::Empty`] without answers, [`InputError::Range`] for a share that is 0 or
    /// greater than one half.
    pub fn from_column(column: &Question, share: Share) -> Result<Self, Error> {
        let scores: Vec<Option<f64>> = column.oriented().map(|value| value.map(f64::from)).collect();
        Self::with_missing(&scores, None, share)
    }

    /// Finds the ends of the answers to a question of a survey, each with a share of the sum of its
    /// weights.
    ///
    /// # Errors
    ///
    /// [`InputError::UnknownName`] for a question that the survey does not have,
    /// [`InputError::Empty`] without answers of positive weight, [`InputError::Range`] for a share
    /// that is 0 or greater than one half.
    pub fn from_survey(survey: &Survey, question: &str, share: Share) -> Result<Self, Error> {
        let column = survey.column(question)?;
        let scores: Vec<Option<f64>> = column.oriented().map(|value| value.map(f64::from)).collect();
        Self::with_missing(&scores, survey.weights(), share)
    }

    fn with_missing(scores: &[Option<f64>], weights: Option<&[f64]>, share: Share) -> Result<Self, Error> {
        let known: Vec<f64> = scores.iter().copied().flatten().collect();
        check::finite("scores", &known)?;
        check::range("share", share.get(), check::above_to(Decimal::ZERO, Decimal::new(5, 1)))?;
        check_weights(weights.unwrap_or_default())?;
        let weighted = weights.is_some();
        let ones;
        let given = match weights {
            Some(weights) => weights,
            None => {
                ones = vec![1.0; scores.len()];
                &ones
            }
        };
        debug_assert_eq!(given.len(), scores.len(), "one weight per respondent");
        let largest = given.iter().copied().fold(0.0, f64::max);
        let weights: Vec<f64> =
            scores.iter().zip(given).map(|(score, weight)| score.map_or(0.0, |_| weight / largest)).collect();
        // Score, weight and index of every respondent who counts, from the lowest score to the
        // highest.
        let mut ranked: Vec<(f64, f64, usize)> = scores
            .iter()
            .zip(&weights)
            .enumerate()
            .filter_map(|(at, (score, weight))| {
                Some(((*score).filter(|_| *weight > 0.0)? + 0.0, *weight, at))
            })
            .collect();
        if ranked.is_empty() {
            return Err(InputError::from(EmptyError::new("scores")).into());
        }
        ranked.sort_by(|one, other| one.0.total_cmp(&other.0));
        let size = size(&ranked, share, weighted);
        let (worst_up_to, worst) = end(ranked.iter(), size);
        let (best_from, best) = end(ranked.iter().rev(), size);
        let same = ranked.first().zip(ranked.last()).is_none_or(|(low, high)| low.0 >= high.0);
        let (worst, best, size) = if same { (Vec::new(), Vec::new(), 0.0) } else { (worst, best, size) };
        Ok(Self { weights, worst, best, worst_up_to, best_from, size })
    }

    /// Returns the respondents at the low end, in the order of the survey.
    #[must_use]
    pub fn worst(&self) -> &[Member] {
        &self.worst
    }

    /// Returns the respondents at the high end, in the order of the survey.
    #[must_use]
    pub fn best(&self) -> &[Member] {
        &self.best
    }

    /// Returns the number of respondents at each end, including parts; with survey weights, their
    /// sum in units of the largest weight. It is 0 if all scores are equal.
    #[must_use]
    pub fn size(&self) -> f64 {
        self.size
    }

    /// Returns the highest score of the low end and the lowest score of the high end; they are
    /// equal if both cuts go through one score.
    #[must_use]
    pub fn cuts(&self) -> (f64, f64) {
        (self.worst_up_to, self.best_from)
    }

    /// Returns the shares of each group that are among the best and among the worst.
    ///
    /// Groups without a score are left out. Shares count respondents by their weights, intervals by
    /// the effective number of respondents, `sum(w)^2 / sum(w^2)`.
    ///
    /// # Errors
    ///
    /// [`InputError::Length`] for groups of a survey with another number of respondents.
    #[allow(clippy::indexing_slicing, reason = "codes are indices of labels, members of respondents")]
    pub fn by_groups(&self, groups: &Groups, level: Level) -> Result<Vec<GroupShare>, Error> {
        check::length(format!("labels of {}", groups.name()), groups.codes().len(), self.weights.len())?;
        let mut sums = vec![GroupSums::default(); groups.labels().len()];
        let mut all = GroupSums::default();
        let mut add = |respondent: usize, one: GroupSums| {
            all.add(one);
            sums[groups.codes()[respondent] as usize].add(one);
        };
        for (respondent, &weight) in self.weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
            let squares = weight * weight;
            add(respondent, GroupSums { respondents: 1, weight, squares, ..GroupSums::default() });
        }
        let weight = |member: &Member| member.weight * self.weights[member.respondent];
        for member in &self.worst {
            add(member.respondent, GroupSums { worst: weight(member), ..GroupSums::default() });
        }
        for member in &self.best {
            add(member.respondent, GroupSums { best: weight(member), ..GroupSums::default() });
        }
        let share = |(label, own): (&String, &GroupSums)| {
            let others = all.without(own);
            let excess =
                |pick: fn(&GroupSums) -> f64| Some(own.share(pick, level)?.minus(others.share(pick, level)?));
            Some(GroupShare {
                label: label.clone(),
                respondents: own.respondents,
                worst: own.share(|sums| sums.worst, level)?,
                best: own.share(|sums| sums.best, level)?,
                worst_excess: excess(|sums| sums.worst),
                best_excess: excess(|sums| sums.best),
            })
        };
        Ok(groups.labels().iter().zip(&sums).filter_map(share).collect())
    }

    /// Returns the differences between the answers of the best and of the worst, the largest one
    /// (in standard deviations) first.
    ///
    /// Questions for which either end has fewer than two effective answers are left out. A
    /// respondent whose score is cut on both sides belongs to both ends in part, which makes the
    /// test conservative.
    ///
    /// # Formula
    ///
    /// `effect = (mean of best - mean of worst) / sqrt((s_best^2 + s_worst^2) / 2)`, `s` the
    /// standard deviations; the test is Welch's, see [`Mean::change`](crate::scores::Mean::change),
    /// with members counted by their weights.
    ///
    /// # Errors
    ///
    /// [`InputError::UnknownName`] for a question that the survey does not have,
    /// [`InputError::Length`] for a survey with another number of respondents.
    pub fn distinguish(
        &self,
        survey: &Survey,
        questions: &[impl AsRef<str>],
        level: Level,
    ) -> Result<Vec<Distinction>, Error> {
        check::length("respondents", survey.len(), self.weights.len())?;
        let mut found = Vec::new();
        for question in questions {
            let column = survey.column(question.as_ref())?;
            let (best, worst) = (self.answers(column, &self.best), self.answers(column, &self.worst));
            let Some((best, worst)) = best.zip(worst) else { continue };
            let tested = best.estimate().zip(worst.estimate());
            let Some(change) = tested.and_then(|(best, worst)| Change::welch(best, worst, level)) else {
                continue;
            };
            let deviation = f64::midpoint(variance(&best), variance(&worst)).sqrt();
            found.push(Distinction {
                question: question.as_ref().to_owned(),
                best: best.value,
                worst: worst.value,
                change,
                effect: (deviation > 0.0).then(|| change.difference.estimate / deviation),
                best_answers: best.effective,
                worst_answers: worst.effective,
            });
        }
        // Two constant ends have the clearest difference, or none at all.
        let size = |distinction: &Distinction| {
            let difference = distinction.change.difference.estimate.abs();
            distinction.effect.map_or(if difference > 0.0 { f64::MAX } else { 0.0 }, f64::abs)
        };
        found.sort_by(|one, other| size(other).total_cmp(&size(one)));
        Ok(found)
    }

    /// Returns the mean answer of some members, good end up; `None` without an answer.
    #[allow(clippy::indexing_slicing, reason = "the survey has as many respondents as there are weights")]
    fn answers(&self, column: &Question, members: &[Member]) -> Option<Weighted> {
        let scale = column.scale();
        let answer = |member: &Member| {
            let value = column.answers()[member.respondent].value()?;
            Some((f64::from(scale.oriented(value)), member.weight * self.weights[member.respondent]))
        };
        let (values, weights): (Vec<f64>, Vec<f64>) = members.iter().filter_map(answer).unzip();
        Some(Weighted::new(&values, &weights).ok()?.on(scale.ends()))
    }
}

/// Returns the variance of one answer from the standard error of the mean.
fn variance(mean: &Weighted) -> f64 {
    mean.standard_error.map_or(0.0, |error| error * error * mean.effective)
}

/// Crosses two divisions into groups, such as product and region, with labels like `bike, north`.
///
/// # Errors
///
/// [`InputError::Length`] for divisions of different numbers of respondents.
///
/// # Examples
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
    check::length(format!("labels of {}", other.name()), other.codes().len(), one.codes().len())?;
    let label =
        |at: usize| format!("{}, {}", one.label(at).unwrap_or_default(), other.label(at).unwrap_or_default());
    Ok(Groups::new(format!("{}, {}", one.name(), other.name()), (0..one.codes().len()).map(label)))
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;
    use crate::{Answer, Scale};

    fn fifth() -> Share {
        Share::percent(20).unwrap()
    }

    fn parts(members: &[Member]) -> Vec<(usize, f64)> {
        members.iter().map(|member| (member.respondent, member.weight)).collect()
    }

    #[test]
    fn equal_scores_share_what_is_left() {
        let extremes = Extremes::new(&[1.0, 1.0, 1.0, 2.0, 3.0, 4.0, 4.0, 5.0, 5.0, 5.0], fifth()).unwrap();
        let third = 2.0 / 3.0;
        assert_eq!(parts(extremes.worst()), [(0, third), (1, third), (2, third)]);
        assert_eq!(parts(extremes.best()), [(7, third), (8, third), (9, third)]);
        assert_eq!((extremes.cuts(), extremes.size()), ((1.0, 5.0), 2.0));
        let same = Extremes::new(&[3.0; 10], fifth()).unwrap();
        assert!(same.worst().is_empty() && same.best().is_empty() && same.size() == 0.0);
        let one = Extremes::new(&[3.0], fifth()).unwrap();
        assert!(one.worst().is_empty() && one.best().is_empty());
        // A third of three respondents would be less than one.
        let few = Extremes::new(&[1.0, 2.0, 9.0], fifth()).unwrap();
        assert_eq!((parts(few.worst()), parts(few.best())), (vec![(0, 1.0)], vec![(2, 1.0)]));
    }

    /// 15 % ones, the rest fives: the quantiles coincide, and yet there are unhappy people.
    #[test]
    fn coinciding_quantiles_have_a_worst_fifth() {
        let scores: Vec<f64> = (0..100).map(|n| if n < 15 { 1.0 } else { 5.0 }).collect();
        let extremes = Extremes::new(&scores, fifth()).unwrap();
        assert_eq!((extremes.cuts(), extremes.size()), ((5.0, 5.0), 20.0));
        assert!(extremes.worst()[..15].iter().all(|member| member.weight == 1.0));
        let sum = |members: &[Member]| members.iter().map(|member| member.weight).sum::<f64>();
        assert!((sum(extremes.worst()) - 20.0).abs() < 1e-9 && (sum(extremes.best()) - 20.0).abs() < 1e-9);
        assert!(extremes.best().iter().all(|member| member.respondent >= 15));
        let groups = Groups::new("answer", scores.iter().map(|score| format!("{score}")));
        let found = extremes.by_groups(&groups, Level::default()).unwrap();
        assert!((found[0].worst.estimate - 1.0).abs() < 1e-12 && found[0].best.estimate == 0.0);
        assert!((found[1].worst.estimate - 5.0 / 85.0).abs() < 1e-12);
    }

    /// More than half gave the best answer: the best fifth is still a fifth.
    #[test]
    fn a_large_tie_is_cut_to_a_fifth() {
        let scores: Vec<f64> = (0..597).map(|n| if n < 306 { 5.0 } else { f64::from(n % 4) }).collect();
        let extremes = Extremes::new(&scores, fifth()).unwrap();
        assert!((extremes.size() - 119.4).abs() < 1e-9);
        assert!((extremes.best()[0].weight - 119.4 / 306.0).abs() < 1e-12);
    }

    #[test]
    fn weights_are_counted() {
        let column = Question::new("q", Scale::new(1, 5).unwrap(), &[1, 3, 4, 5].map(Answer::Value)).unwrap();
        let survey = Survey::new(["a", "b", "c", "d"]).with_column(column).unwrap();
        let survey = survey.with_weights(&[1.0, 6.0, 2.0, 1.0]).unwrap();
        let extremes = Extremes::from_survey(&survey, "q", Share::percent(25).unwrap()).unwrap();
        // A quarter of 10 is 2.5: the first and 1.5 of the second; 1.5 of the third and the last.
        assert_eq!(parts(extremes.worst()), [(0, 1.0), (1, 0.25)]);
        assert_eq!(parts(extremes.best()), [(2, 0.75), (3, 1.0)]);
    }

    #[test]
    fn what_is_no_score_or_no_end_is_refused() {
        let text = |scores: &[f64], share| Extremes::new(scores, share).unwrap_err().to_string();
        assert_eq!(text(&[], fifth()), "scores must not be empty");
        assert_eq!(text(&[1.0, f64::NAN], fifth()), "scores[1] must be finite, got NaN");
        assert_eq!(text(&[1.0], Share::ZERO), "share must be greater than 0 and at most 0.5, got 0");
        assert_eq!(text(&[1.0], Share::ONE), "share must be greater than 0 and at most 0.5, got 1");
    }

    #[test]
    fn what_sets_them_apart_comes_first() {
        let five = Scale::new(1, 5).unwrap();
        let column = |name: &str, values: [i32; 10]| {
            Question::new(name, five.clone(), &values.map(Answer::Value)).unwrap()
        };
        let survey = Survey::new((0..10).map(|n| n.to_string()))
            .with_column(column("overall", [1, 1, 3, 3, 3, 3, 3, 3, 5, 5]))
            .unwrap()
            .with_column(column("same", [3, 2, 1, 1, 5, 5, 2, 1, 2, 3]))
            .unwrap()
            .with_column(column("apart", [1, 2, 1, 1, 5, 5, 2, 1, 4, 5]))
            .unwrap()
            .with_column(column("constant", [1, 1, 1, 1, 5, 5, 2, 1, 5, 5]))
            .unwrap();
        let extremes = Extremes::from_column(survey.column("overall").unwrap(), fifth()).unwrap();
        let found = extremes.distinguish(&survey, &["same", "apart", "constant"], Level::default()).unwrap();
        // Two fives and two ones look clear, and are one of three ways to divide four answers.
        assert_eq!((found[0].question.as_str(), found[0].effect), ("constant", None));
        assert!((found[0].change.p_value - 1.0 / 3.0).abs() < 1e-12);
        assert!(found[0].change.difference.lower <= 0.0);
        assert_eq!(found[1].question, "apart");
        // Means 4.5 and 1.5, both variances 1/2: 3 points, sqrt(1/2) of error, 2 degrees of
        // freedom: p = 0.05132.
        assert_eq!((found[1].best, found[1].worst), (4.5, 1.5));
        assert!((found[1].effect.unwrap() - 3.0 / 0.5_f64.sqrt()).abs() < 1e-12);
        assert!((found[1].change.p_value - 0.051_316_7).abs() < 1e-6, "{}", found[1].change);
        assert_eq!((found[2].change.difference.estimate, found[2].change.p_value), (0.0, 1.0));
        assert_eq!((found[2].best_answers, found[2].worst_answers), (2.0, 2.0));
    }

    #[test]
    fn a_group_of_everybody_exceeds_nobody() {
        let scores = [1.0, 2.0, 3.0, 4.0, 5.0];
        let extremes = Extremes::new(&scores, fifth()).unwrap();
        let all = extremes.by_groups(&Groups::new("all", ["x"; 5]), Level::default()).unwrap();
        assert_eq!((all[0].worst_excess, all[0].best.estimate), (None, 0.2));
        let two =
            extremes.by_groups(&Groups::new("two", ["x", "x", "y", "y", "y"]), Level::default()).unwrap();
        let excess = two[0].worst_excess.unwrap();
        assert_eq!(excess.estimate, 0.5);
    }
}
