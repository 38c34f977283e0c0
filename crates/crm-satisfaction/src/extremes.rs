//! Who is happy and who is not: the best and the worst fifth, where they come from, and what sets them apart.
//!
//! A fifth is a fifth: each end holds the share of all respondents that was asked for. Where a cut goes through equal
//! scores, everybody with that score belongs to the end in proportion ([`Member::weight`]), which is the mean over all
//! orders in which they could stand, as in [`RankingQuality`](crm_statistics::RankingQuality). No answer depends on the
//! order of the respondents.
//!
//! ```
//! use crm_satisfaction::Groups;
//! use crm_satisfaction::extremes::Extremes;
//! use crm_numbers::{Level, Share};
//!
//! let satisfaction = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0];
//! let region = Groups::new("region", ["east", "east", "west", "east", "west", "west", "east", "west", "west", "west"]);
//! let extremes = Extremes::new(&satisfaction, Share::percent(20)?)?;
//! assert_eq!((extremes.worst().len(), extremes.best().len()), (2, 2));
//! // Both of the worst come from the east, a half of whose customers they are.
//! let east = &extremes.by_groups(&region, Level::default())?[0];
//! assert_eq!((east.label.as_str(), east.worst.estimate, east.respondents), ("east", 0.5, 4));
//!
//! // 3 of 20 gave a one, all others a five: the worst fifth are the ones and a seventeenth of each of the others.
//! let mut answers = vec![1.0; 3];
//! answers.resize(20, 5.0);
//! let extremes = Extremes::new(&answers, Share::percent(20)?)?;
//! assert_eq!((extremes.size(), extremes.worst()[0].weight), (4.0, 1.0));
//! assert!((extremes.worst()[3].weight - 1.0 / 17.0).abs() < 1e-12);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crm_numbers::{Interval, Level, Share};

use self::cut::{Counts, end, size};
use crate::change::Change;
use crate::error::{check_finite, check_length, check_weights};
use crate::scores::Weighted;
use crate::{Column, Error, Groups, Survey};

mod cut;

/// The respondents with the lowest and with the highest scores.
#[derive(Debug, Clone, PartialEq)]
pub struct Extremes {
    /// By respondent: how much it counts among all; none without a score.
    counted: Vec<Option<f64>>,
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
    /// The place in the survey.
    pub respondent: usize,
    /// The part of the respondent (of its survey weight, where it has one) that belongs to this end; 1 unless the cut goes
    /// through equal scores, then the same part of each.
    pub weight: f64,
}

/// How many of a group are among the best and the worst.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct GroupShare {
    /// The group's label.
    pub label: String,
    /// Members with a score.
    pub respondents: u64,
    /// The share of the members that is among the worst, with its Wilson interval.
    pub worst: Interval,
    /// The share of the members that is among the best.
    pub best: Interval,
    /// By how much the share of the worst exceeds that of everybody else, with Newcombe's interval; none where everybody
    /// is in the group.
    pub worst_excess: Option<Interval>,
    /// By how much the share of the best exceeds that of everybody else.
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
    /// The difference in standard deviations (of both groups pooled): 0.2 is small, 0.8 large; none without a spread.
    pub effect: Option<f64>,
    /// Effective numbers of answers of the best and of the worst that it rests on.
    pub answers: (f64, f64),
}

impl Extremes {
    /// The share of all scores at either end, at least one; NaN is not a score, use [`of`](Self::of) for missing ones.
    ///
    /// # Formula
    /// Each end holds `size = share x n` respondents, or one if that is more. With m scores beyond the cut and e scores
    /// equal to it, those beyond count 1 and the equal ones `(size - m) / e` each. Where everybody has the same score, there
    /// are no extremes.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::NotFinite`], [`Error::OutOfRange`] for a share that is 0 or above one half.
    pub fn new(scores: &[f64], share: Share) -> Result<Self, Error> {
        let scores: Vec<Option<f64>> = scores.iter().copied().map(Some).collect();
        Self::some(&scores, None, share)
    }

    /// The ends of a question of a survey, good end up; respondents without an answer belong nowhere.
    ///
    /// # Errors
    /// [`Error::Empty`] where nobody answered, [`Error::OutOfRange`].
    pub fn of(column: &Column, share: Share) -> Result<Self, Error> {
        let scores: Vec<Option<f64>> = column.oriented().map(|value| value.map(f64::from)).collect();
        Self::some(&scores, None, share)
    }

    /// The ends of a question of a survey with its weights: each holds the share of the sum of the weights.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a question that there is not, [`Error::Empty`] where nobody of any weight answered,
    /// [`Error::OutOfRange`].
    pub fn in_survey(survey: &Survey, question: &str, share: Share) -> Result<Self, Error> {
        let column = survey.column(question)?;
        let scores: Vec<Option<f64>> = column.oriented().map(|value| value.map(f64::from)).collect();
        Self::some(&scores, survey.weights(), share)
    }

    fn some(scores: &[Option<f64>], weights: Option<&[f64]>, share: Share) -> Result<Self, Error> {
        let known: Vec<f64> = scores.iter().copied().flatten().collect();
        check_finite("scores", &known)?;
        let half = Share::percent(50).unwrap_or(Share::ONE);
        if share == Share::ZERO || share > half {
            return Err(crate::error::out_of_range("share", "be above 0 and at most 0.5", share));
        }
        check_weights(weights.unwrap_or_default())?;
        let largest = weights.map_or(1.0, |weights| weights.iter().copied().fold(0.0, f64::max));
        let weight =
            |at: usize| weights.map_or(1.0, |weights| weights.get(at).copied().unwrap_or(0.0) / largest);
        let counted: Vec<Option<f64>> = scores
            .iter()
            .enumerate()
            .map(|(at, score)| score.map(|_| weight(at)).filter(|weight| *weight > 0.0))
            .collect();
        // Score, weight and place of everybody who counts, from the lowest score to the highest.
        let mut ranked: Vec<(f64, f64, usize)> = scores
            .iter()
            .zip(&counted)
            .enumerate()
            .filter_map(|(at, (score, weight))| Some(((*score)? + 0.0, (*weight)?, at)))
            .collect();
        if ranked.is_empty() {
            return Err(Error::Empty { field: "scores".to_owned() });
        }
        ranked.sort_by(|one, other| one.0.total_cmp(&other.0));
        let size = size(&ranked, share, weights.is_some());
        let (worst_up_to, worst) = end(ranked.iter(), size);
        let (best_from, best) = end(ranked.iter().rev(), size);
        let same = ranked.first().zip(ranked.last()).is_none_or(|(low, high)| low.0 >= high.0);
        let (worst, best) = if same { (Vec::new(), Vec::new()) } else { (worst, best) };
        Ok(Self { counted, worst, best, worst_up_to, best_from, size: if same { 0.0 } else { size } })
    }

    /// The respondents at the low end, in the order of the survey.
    #[must_use]
    pub fn worst(&self) -> &[Member] {
        &self.worst
    }

    /// The respondents at the high end, in the order of the survey.
    #[must_use]
    pub fn best(&self) -> &[Member] {
        &self.best
    }

    /// How many respondents each end holds, parts included; in weights (the largest one counting 1) where the survey has
    /// some. 0 where all scores are equal.
    #[must_use]
    pub fn size(&self) -> f64 {
        self.size
    }

    /// Up to this score is the low end, from this score on the high end; where both cuts go through one score they are
    /// equal.
    #[must_use]
    pub fn cuts(&self) -> (f64, f64) {
        (self.worst_up_to, self.best_from)
    }

    /// How many of every group are among the best and the worst: products, regions, or both crossed.
    ///
    /// Groups without a score are left out. Shares count respondents by their weights, intervals by the effective number of
    /// respondents, `sum(w)^2 / sum(w^2)`.
    ///
    /// # Errors
    /// [`Error::Length`].
    pub fn by_groups(&self, groups: &Groups, level: Level) -> Result<Vec<GroupShare>, Error> {
        check_length(groups.name(), "scores", self.counted.len(), groups.codes().len())?;
        let mut counts = vec![Counts::default(); groups.labels().len()];
        let mut all = Counts::default();
        let code = |respondent: usize| groups.codes().get(respondent).map(|code| *code as usize);
        let mut add = |respondent: usize, one: Counts| {
            all.add(one);
            if let Some(group) = code(respondent).and_then(|code| counts.get_mut(code)) {
                group.add(one);
            }
        };
        let weight = |respondent: usize| self.counted.get(respondent).copied().flatten().unwrap_or(0.0);
        for (respondent, weight) in self.counted.iter().enumerate() {
            if let Some(weight) = *weight {
                let squares = weight * weight;
                add(respondent, Counts { respondents: 1, weight, squares, ..Counts::default() });
            }
        }
        for member in &self.worst {
            let worst = member.weight * weight(member.respondent);
            add(member.respondent, Counts { worst, ..Counts::default() });
        }
        for member in &self.best {
            let best = member.weight * weight(member.respondent);
            add(member.respondent, Counts { best, ..Counts::default() });
        }
        let share = |(label, own): (&String, &Counts)| {
            let others = all.without(own);
            let excess =
                |pick: fn(&Counts) -> f64| Some(own.share(pick, level)?.minus(others.share(pick, level)?));
            Some(GroupShare {
                label: label.clone(),
                respondents: own.respondents,
                worst: own.share(|counts| counts.worst, level)?,
                best: own.share(|counts| counts.best, level)?,
                worst_excess: excess(|counts| counts.worst),
                best_excess: excess(|counts| counts.best),
            })
        };
        Ok(groups.labels().iter().zip(&counts).filter_map(share).collect())
    }

    /// What the best and the worst answered differently, the largest difference (in standard deviations) first.
    ///
    /// # Formula
    /// `effect = (mean of best - mean of worst) / sqrt((s_best^2 + s_worst^2) / 2)`; the test is Welch's, see
    /// [`Mean::change`](crate::scores::Mean::change), with members counted by their weights. Questions for which either end
    /// is worth fewer than two answers are left out. A respondent whose score is cut on both sides belongs to both ends in
    /// part, which makes the test cautious.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a question that there is not, [`Error::Length`] for a survey of other people.
    pub fn distinguish(
        &self,
        survey: &Survey,
        questions: &[impl AsRef<str>],
        level: Level,
    ) -> Result<Vec<Distinction>, Error> {
        check_length("respondents", "scores", self.counted.len(), survey.len())?;
        let mut found = Vec::new();
        for question in questions {
            let column = survey.column(question.as_ref())?;
            let (Some(best), Some(worst)) =
                (self.answers(column, &self.best), self.answers(column, &self.worst))
            else {
                continue;
            };
            let tested = best.estimate().zip(worst.estimate());
            let Some(change) = tested.and_then(|(best, worst)| Change::welch(best, worst, level)) else {
                continue;
            };
            let spread = f64::midpoint(variance(&best), variance(&worst)).sqrt();
            let difference = change.difference.estimate;
            found.push(Distinction {
                question: question.as_ref().to_owned(),
                best: best.value,
                worst: worst.value,
                change,
                effect: (spread > 0.0).then(|| difference / spread),
                answers: (best.effective, worst.effective),
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

    /// The answers of some members, good end up; `None` without one.
    fn answers(&self, column: &Column, members: &[Member]) -> Option<Weighted> {
        let scale = column.scale();
        let answer = |member: &Member| {
            let value = column.answers().get(member.respondent)?.value()?;
            let weight = member.weight * self.counted.get(member.respondent).copied().flatten()?;
            Some((f64::from(scale.oriented(value)), weight))
        };
        let (values, weights): (Vec<f64>, Vec<f64>) = members.iter().filter_map(answer).unzip();
        let ends = (f64::from(scale.min()), f64::from(scale.max()));
        Some(Weighted::new(&values, &weights).ok()?.on(ends))
    }
}

/// The variance of one answer, from the error of the mean: with equal weights that over n - 1.
fn variance(mean: &Weighted) -> f64 {
    mean.standard_error.map_or(0.0, |error| error * error * mean.effective)
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
        let column = Column::new("q", Scale::new(1, 5).unwrap(), &[1, 3, 4, 5].map(Answer::Value)).unwrap();
        let survey = Survey::new(["a", "b", "c", "d"]).with_column(column).unwrap();
        let survey = survey.with_weights(&[1.0, 6.0, 2.0, 1.0]).unwrap();
        let extremes = Extremes::in_survey(&survey, "q", Share::percent(25).unwrap()).unwrap();
        // A quarter of 10 is 2.5: the first and 1.5 of the second; 1.5 of the third and the last.
        assert_eq!(parts(extremes.worst()), [(0, 1.0), (1, 0.25)]);
        assert_eq!(parts(extremes.best()), [(2, 0.75), (3, 1.0)]);
    }

    #[test]
    fn what_is_no_score_or_no_end_is_refused() {
        let text = |scores: &[f64], share| Extremes::new(scores, share).unwrap_err().to_string();
        assert_eq!(text(&[], fifth()), "scores must hold at least one value, got 0");
        assert_eq!(text(&[1.0, f64::NAN], fifth()), "scores must be finite, got NaN at position 1");
        assert_eq!(text(&[1.0], Share::ZERO), "share must be above 0 and at most 0.5, got 0");
        assert_eq!(text(&[1.0], Share::ONE), "share must be above 0 and at most 0.5, got 1");
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
            .unwrap()
            .with_column(column("constant", [1, 1, 1, 1, 5, 5, 2, 1, 5, 5]))
            .unwrap();
        let extremes = Extremes::of(survey.column("overall").unwrap(), fifth()).unwrap();
        let found = extremes.distinguish(&survey, &["same", "apart", "constant"], Level::default()).unwrap();
        // Two fives and two ones look clear, and are one of three ways to divide four answers.
        assert_eq!((found[0].question.as_str(), found[0].effect), ("constant", None));
        assert!((found[0].change.p_value - 1.0 / 3.0).abs() < 1e-12);
        assert!(found[0].change.difference.lower <= 0.0);
        assert_eq!(found[1].question, "apart");
        // Means 4.5 and 1.5, both variances 1/2: 3 points, sqrt(1/2) of error, 2 degrees of freedom: p = 0.05132.
        assert_eq!((found[1].best, found[1].worst), (4.5, 1.5));
        assert!((found[1].effect.unwrap() - 3.0 / 0.5_f64.sqrt()).abs() < 1e-12);
        assert!((found[1].change.p_value - 0.051_316_7).abs() < 1e-6, "{}", found[1].change);
        assert_eq!((found[2].change.difference.estimate, found[2].change.p_value), (0.0, 1.0));
        assert_eq!(found[2].answers, (2.0, 2.0));
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
