use crm_numbers::{Interval, Level};

use crate::change::{Change, Estimate};
use crate::error::{check_finite, check_length, check_size, check_weights, out_of_range};
use crate::{Column, Error, Survey};

/// Where the zero of a scale lies, for a ratio of two answers.
///
/// On 1 to 5, (perceived 2, expected 4) is 0.5 as the values stand and 0.333 counted from the worst answer. Neither is
/// wrong; they are different questions, and figures of one kind must not be compared with those of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Origin {
    /// The values as they are, as the literature computes the index. The default.
    #[default]
    AsAnswered,
    /// The worst answer counts as 0: `value - min` of the scale. Who expected the worst has no ratio.
    WorstIsZero,
}

/// What respondents perceived and what they had expected, one pair a respondent who answered both.
///
/// See the [module](crate::index) for the meaning of ratio and gap.
#[derive(Debug, Clone, PartialEq)]
pub struct Pairs {
    perceived: Vec<f64>,
    expected: Vec<f64>,
    weights: Option<Vec<f64>>,
    /// The respondent of every pair.
    respondents: Vec<usize>,
    left_out: usize,
}

/// The mean of the respondents' own ratios, and how many have none.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct MeanOfRatios {
    /// The mean.
    pub value: f64,
    /// How many ratios it is the mean of.
    pub respondents: usize,
    /// How many expected nothing (0), so that they have no ratio.
    pub without_expectation: usize,
}

/// Sums that mean and spread of a group follow from.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    pub(super) n: usize,
    pub(super) weight: f64,
    pub(super) perceived: f64,
    pub(super) expected: f64,
}

impl Pairs {
    /// One pair a respondent: what was perceived, what was expected; on a scale that begins at 0.
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::NotFinite`], and [`Error::OutOfRange`] for a value below 0 or above 1e100.
    pub fn new(perceived: &[f64], expected: &[f64]) -> Result<Self, Error> {
        check_length("perceived", "expected", expected.len(), perceived.len())?;
        for (field, values) in [("perceived", perceived), ("expected", expected)] {
            check_finite(field, values)?;
            check_size(field, values)?;
            if let Some(value) = values.iter().find(|value| **value < 0.0) {
                return Err(out_of_range(field, "be at least 0", value));
            }
        }
        Ok(Self {
            perceived: perceived.to_vec(),
            expected: expected.to_vec(),
            weights: None,
            respondents: (0..perceived.len()).collect(),
            left_out: 0,
        })
    }

    /// The pairs of two questions on one scale; who left out one of them is left out and counted.
    ///
    /// # Errors
    /// [`Error::Length`] for questions to different people, [`Error::OutOfRange`] for questions on different scales, or a
    /// scale with values below 0 where the [`Origin`] is [`AsAnswered`](Origin::AsAnswered).
    pub fn of(perceived: &Column, expected: &Column, origin: Origin) -> Result<Self, Error> {
        let scale = perceived.scale();
        check_length(perceived.name(), expected.name(), expected.answers().len(), perceived.answers().len())?;
        let ends = |column: &Column| (column.scale().min(), column.scale().max(), column.scale().good());
        if ends(perceived) != ends(expected) {
            let allowed = format!("have the scale of {}, {}", perceived.name(), scale);
            return Err(out_of_range(expected.name(), allowed, expected.scale()));
        }
        let zero = match origin {
            Origin::AsAnswered if scale.min() < 0 => {
                let allowed = "have a scale from 0 or above, or an origin at the worst answer";
                return Err(out_of_range(perceived.name(), allowed, scale));
            }
            Origin::AsAnswered => 0,
            Origin::WorstIsZero => scale.min(),
        };
        let mut pairs = Self {
            perceived: Vec::new(),
            expected: Vec::new(),
            weights: None,
            respondents: Vec::new(),
            left_out: 0,
        };
        for (respondent, both) in perceived.oriented().zip(expected.oriented()).enumerate() {
            let (Some(got), Some(hoped)) = both else {
                pairs.left_out += 1;
                continue;
            };
            pairs.perceived.push(f64::from(got - zero));
            pairs.expected.push(f64::from(hoped - zero));
            pairs.respondents.push(respondent);
        }
        Ok(pairs)
    }

    /// The pairs of two questions of a survey, with its weights.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a question that there is not, and those of [`of`](Self::of).
    ///
    /// # Examples
    /// ```
    /// use crm_satisfaction::index::{Origin, Pairs};
    /// use crm_satisfaction::{Answer, Column, Scale, Survey};
    ///
    /// let column = |name, values: [i32; 2]| Column::new(name, Scale::zero_to_ten(), &values.map(Answer::Value));
    /// let survey = Survey::new(["a", "b"])
    ///     .with_column(column("got", [4, 9])?)?
    ///     .with_column(column("hoped", [8, 9])?)?
    ///     .with_weights(&[3.0, 1.0])?;
    /// let pairs = Pairs::in_survey(&survey, "got", "hoped", Origin::AsAnswered)?;
    /// // (3 x 4 + 9) / (3 x 8 + 9), worth 16 / 10 respondents.
    /// assert_eq!((pairs.ratio_of_means(), pairs.effective()), (Some(21.0 / 33.0), 1.6));
    /// # Ok::<(), crm_satisfaction::Error>(())
    /// ```
    pub fn in_survey(
        survey: &Survey,
        perceived: &str,
        expected: &str,
        origin: Origin,
    ) -> Result<Self, Error> {
        let pairs = Self::of(survey.column(perceived)?, survey.column(expected)?, origin)?;
        match survey.weights() {
            Some(weights) => pairs.with_weights(weights),
            None => Ok(pairs),
        }
    }

    /// How much every *respondent* counts, also those who were left out.
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::NotFinite`], [`Error::OutOfRange`].
    pub fn with_weights(mut self, weights: &[f64]) -> Result<Self, Error> {
        check_length("weights", "respondents", self.perceived.len() + self.left_out, weights.len())?;
        check_weights(weights)?;
        // Only proportions matter; a power of two keeps every digit, and no square of a weight overflows.
        let largest = weights.iter().copied().fold(0.0, f64::max);
        let unit = if largest > 0.0 {
            2.0_f64.powi(largest.log2().floor().clamp(-1_000.0, 1_000.0) as i32)
        } else {
            1.0
        };
        let weight = |respondent: &usize| weights.get(*respondent).map(|weight| weight / unit);
        let of_pairs = self.respondents.iter().filter_map(weight);
        self.weights = Some(of_pairs.collect());
        Ok(self)
    }

    /// How many pairs there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.perceived.len()
    }

    /// Whether nobody answered both.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.perceived.is_empty()
    }

    /// Returns how many pairs of equal weight these are worth: Kish's `sum(w)^2 / sum(w^2)`; their number without weights.
    #[must_use]
    pub fn effective(&self) -> f64 {
        match &self.weights {
            None => self.len() as f64,
            Some(weights) => {
                let (sum, squares) = weights
                    .iter()
                    .fold((0.0, 0.0), |(sum, squares), weight| (sum + weight, squares + weight * weight));
                if squares > 0.0 { sum * sum / squares } else { 0.0 }
            }
        }
    }

    /// How many respondents were left out because one of the two answers was missing.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// The mean of what was perceived; `None` without a pair of any weight.
    #[must_use]
    pub fn mean_perceived(&self) -> Option<f64> {
        let sums = self.sums();
        (sums.weight > 0.0).then(|| sums.perceived / sums.weight)
    }

    /// The mean of what was expected; `None` without a pair of any weight.
    #[must_use]
    pub fn mean_expected(&self) -> Option<f64> {
        let sums = self.sums();
        (sums.weight > 0.0).then(|| sums.expected / sums.weight)
    }

    /// The index of the group, all perceptions over all expectations: C = mean(b) / mean(a).
    ///
    /// This is the figure to report: a respondent who expected little weighs little, so that nobody's ratio dominates.
    /// `None` where nobody answered both, or everybody expected 0.
    #[must_use]
    pub fn ratio_of_means(&self) -> Option<f64> {
        let sums = self.sums();
        Some(sums.perceived / sums.expected).filter(|ratio| ratio.is_finite())
    }

    /// The mean of everybody's own ratio, mean(b / a): another figure, drawn up by those who expected little.
    ///
    /// Respondents who expected 0 have no ratio and are counted apart. `None` where nobody has one, or where an expectation
    /// is so small that a ratio overflows.
    #[must_use]
    pub fn mean_of_ratios(&self) -> Option<MeanOfRatios> {
        let (mut weight, mut sum, mut respondents, mut without) = (0.0, 0.0, 0, 0);
        for (got, hoped, counts) in self.rows() {
            if hoped > 0.0 {
                respondents += 1;
                weight += counts;
                sum += counts * (got / hoped);
            } else {
                without += 1;
            }
        }
        let value = sum / weight;
        value.is_finite().then_some(MeanOfRatios { value, respondents, without_expectation: without })
    }

    /// The mean gap, mean(b) - mean(a), in points of the scale; `None` without a pair.
    #[must_use]
    pub fn gap(&self) -> Option<f64> {
        let sums = self.sums();
        (sums.weight > 0.0).then(|| (sums.perceived - sums.expected) / sums.weight)
    }

    /// The ratio of means with its interval by the delta method.
    ///
    /// `variance = n / (n - 1) sum(w^2 (b - C a)^2) / sum(w a)^2`, the linearised variance of a ratio; with equal weights
    /// `(s_b^2 - 2 C s_ab + C^2 s_a^2) / (n mean(a)^2)`. Limits by Student's distribution with one degree of freedom less than
    /// [`effective`](Self::effective) pairs, cut at 0. Sensible from about 30 pairs.
    ///
    /// Where everybody answered alike the interval has no width: a sample cannot show a spread that it does not have.
    /// `None` without a ratio, and for pairs that are worth fewer than two.
    ///
    /// Source: Cochran, W. G. (1977), Sampling Techniques, third edition, equations 6.4 and 6.13.
    #[must_use]
    pub fn ratio_interval(&self, level: Level) -> Option<Interval> {
        self.ratio_estimate()?.interval(level)
    }

    /// The standard error of the ratio of means; see [`ratio_interval`](Self::ratio_interval).
    #[must_use]
    pub fn ratio_error(&self) -> Option<f64> {
        let (ratio, sums) = (self.ratio_of_means()?, self.sums());
        let residual = |got: f64, hoped: f64| got - ratio * hoped;
        self.linearised(sums.expected, residual)
    }

    /// The mean gap with Student's interval; `None` for pairs that are worth fewer than two.
    #[must_use]
    pub fn gap_interval(&self, level: Level) -> Option<Interval> {
        self.gap_estimate()?.interval(level)
    }

    /// The standard error of the mean gap.
    #[must_use]
    pub fn gap_error(&self) -> Option<f64> {
        let (gap, sums) = (self.gap()?, self.sums());
        self.linearised(sums.weight, |got, hoped| got - hoped - gap)
    }

    /// Returns by how much the ratio of means exceeds that of other respondents, such as an earlier wave's, with Welch's
    /// test; see [`Mean::change`](crate::scores::Mean::change).
    ///
    /// `None` where one of the two has no standard error or is worth fewer than two pairs.
    #[must_use]
    pub fn ratio_change(&self, before: &Self, level: Level) -> Option<Change> {
        Change::welch(self.ratio_estimate()?, before.ratio_estimate()?, level)
    }

    /// Returns by how much the mean gap exceeds that of other respondents, with Welch's test.
    #[must_use]
    pub fn gap_change(&self, before: &Self, level: Level) -> Option<Change> {
        Change::welch(self.gap_estimate()?, before.gap_estimate()?, level)
    }

    fn ratio_estimate(&self) -> Option<Estimate> {
        let ends = Some((0.0, f64::MAX));
        let (value, error) = (self.ratio_of_means()?, self.ratio_error()?);
        // Without a largest ratio there is no bound on those who were not asked: equal answers have no width.
        let ends = if error > 0.0 { ends } else { None };
        Some(Estimate { value, error, answers: self.effective(), ends })
    }

    fn gap_estimate(&self) -> Option<Estimate> {
        Some(Estimate { value: self.gap()?, error: self.gap_error()?, answers: self.effective(), ends: None })
    }

    /// Everybody's own index: the respondent's place, and C, or `None` where nothing (0) was expected.
    ///
    /// One person's value is noise; it is good for finding people to talk to, not for ranking them.
    pub fn by_person(&self) -> impl Iterator<Item = (usize, Option<f64>)> {
        self.respondents.iter().zip(self.rows()).map(|(&respondent, (got, hoped, _))| {
            (respondent, Some(got / hoped).filter(|ratio| hoped > 0.0 && ratio.is_finite()))
        })
    }

    /// The respondent of every pair.
    pub(super) fn respondents(&self) -> &[usize] {
        &self.respondents
    }

    /// Some of the pairs.
    pub(super) fn at(&self, places: &[usize]) -> Self {
        let pick = |column: &[f64]| places.iter().filter_map(|&place| column.get(place).copied()).collect();
        Self {
            perceived: pick(&self.perceived),
            expected: pick(&self.expected),
            weights: self.weights.as_deref().map(pick),
            respondents: places.iter().filter_map(|&place| self.respondents.get(place).copied()).collect(),
            left_out: 0,
        }
    }

    fn rows(&self) -> impl Iterator<Item = (f64, f64, f64)> {
        let weights = self.weights.iter().flatten().copied().chain(std::iter::repeat(1.0));
        self.perceived
            .iter()
            .zip(&self.expected)
            .zip(weights)
            .map(|((&got, &hoped), weight)| (got, hoped, weight))
    }

    pub(super) fn sums(&self) -> Sums {
        self.rows().fold(Sums::default(), |sums, (got, hoped, weight)| Sums {
            n: sums.n + 1,
            weight: sums.weight + weight,
            perceived: sums.perceived + weight * got,
            expected: sums.expected + weight * hoped,
        })
    }

    /// sqrt(n / (n - 1) sum(w^2 residual^2)) / total, n the pairs with a weight above 0.
    fn linearised(&self, total: f64, residual: impl Fn(f64, f64) -> f64) -> Option<f64> {
        /// Residuals of this share of the answers are rounding: everybody has one ratio, or one gap.
        const ROUNDING: f64 = 1e-12;
        let (mut n, mut squares) = (0.0, 0.0_f64);
        for (got, hoped, weight) in self.rows().filter(|(_, _, weight)| *weight > 0.0) {
            let left = residual(got, hoped);
            n += 1.0;
            if left.abs() > ROUNDING * got.max(hoped) {
                squares += (weight * left).powi(2);
            }
        }
        let error = (n / (n - 1.0) * squares).sqrt() / total;
        (n > 1.0).then_some(error).filter(|error| error.is_finite())
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;
    use crate::{Answer, Good, Scale};

    const RELATIVE: f64 = 1e-12;

    fn column(name: &str, scale: &Scale, values: &[Option<i32>]) -> Column {
        let answers: Vec<Answer> = values.iter().copied().map(Answer::from).collect();
        Column::new(name, scale.clone(), &answers).unwrap()
    }

    #[test]
    fn the_origin_is_a_choice_that_changes_the_ratio_and_not_the_gap() {
        let five = Scale::new(1, 5).unwrap();
        let (got, hoped) = (column("b", &five, &[Some(2), None]), column("a", &five, &[Some(4), Some(4)]));
        let plain = Pairs::of(&got, &hoped, Origin::AsAnswered).unwrap();
        let shifted = Pairs::of(&got, &hoped, Origin::WorstIsZero).unwrap();
        assert_eq!((plain.ratio_of_means(), shifted.ratio_of_means()), (Some(0.5), Some(1.0 / 3.0)));
        assert_eq!((plain.gap(), shifted.gap()), (Some(-2.0), Some(-2.0)));
        assert_eq!((plain.len(), plain.left_out()), (1, 1));
    }

    #[test]
    fn where_small_is_good_the_values_are_turned() {
        let marks = Scale::new(1, 6).unwrap().with_good(Good::Low);
        let pairs =
            Pairs::of(&column("b", &marks, &[Some(3)]), &column("a", &marks, &[Some(1)]), Origin::AsAnswered);
        assert_eq!(pairs.unwrap().ratio_of_means(), Some(4.0 / 6.0));
    }

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

    #[test]
    fn weights_of_two_count_like_two_respondents_in_every_mean() {
        let twice = Pairs::new(&[4.0, 2.0], &[5.0, 4.0]).unwrap().with_weights(&[2.0, 1.0]).unwrap();
        let apart = Pairs::new(&[4.0, 4.0, 2.0], &[5.0, 5.0, 4.0]).unwrap();
        assert_eq!(twice.ratio_of_means(), apart.ratio_of_means());
        assert_eq!(twice.gap(), apart.gap());
        assert!(
            (twice.mean_of_ratios().unwrap().value - apart.mean_of_ratios().unwrap().value).abs() < RELATIVE
        );
        // Equal weights of any size change nothing, the standard error included.
        let scaled = apart.clone().with_weights(&[7.0; 3]).unwrap();
        assert!((scaled.ratio_error().unwrap() / apart.ratio_error().unwrap() - 1.0).abs() < RELATIVE);
    }

    #[test]
    fn every_edge_has_an_answer() {
        let level = Level::default();
        let none = Pairs::new(&[], &[]).unwrap();
        assert_eq!((none.ratio_of_means(), none.gap(), none.mean_of_ratios()), (None, None, None));
        assert_eq!(none.ratio_interval(level), None);
        let one = Pairs::new(&[3.0], &[4.0]).unwrap();
        assert_eq!((one.ratio_of_means(), one.gap()), (Some(0.75), Some(-1.0)));
        assert_eq!((one.ratio_interval(level), one.gap_interval(level)), (None, None));
        let same = Pairs::new(&[3.0; 5], &[4.0; 5]).unwrap().ratio_interval(level).unwrap();
        assert_eq!((same.lower, same.estimate, same.upper), (0.75, 0.75, 0.75));
        let nothing = Pairs::new(&[0.0; 3], &[4.0, 5.0, 3.0]).unwrap();
        assert_eq!(nothing.ratio_interval(level).unwrap().upper, 0.0);
        let no_hope = Pairs::new(&[1.0, 2.0], &[0.0, 0.0]).unwrap();
        assert_eq!((no_hope.ratio_of_means(), no_hope.mean_of_ratios()), (None, None));
        assert_eq!(no_hope.gap(), Some(1.5));
        let mixed = Pairs::new(&[1.0, 2.0], &[0.0, 4.0]).unwrap();
        assert_eq!(mixed.ratio_of_means(), Some(0.75));
        let ratios = mixed.mean_of_ratios().unwrap();
        assert_eq!((ratios.value, ratios.respondents, ratios.without_expectation), (0.5, 1, 1));
        assert_eq!(mixed.by_person().collect::<Vec<_>>(), [(0, None), (1, Some(0.5))]);
        // A tiny expectation overflows one ratio; the ratio of means stands.
        let tiny = Pairs::new(&[5.0, 5.0], &[5e-324, 5.0]).unwrap();
        assert_eq!((tiny.ratio_of_means(), tiny.mean_of_ratios()), (Some(2.0), None));
    }

    #[test]
    fn questions_that_do_not_go_together_are_refused() {
        let (five, ten) = (Scale::new(1, 5).unwrap(), Scale::new(1, 10).unwrap());
        let text = |a: &Column, b: &Column| Pairs::of(a, b, Origin::AsAnswered).unwrap_err().to_string();
        assert_eq!(
            text(&column("b", &five, &[Some(1)]), &column("a", &ten, &[Some(1)])),
            "a must have the scale of b, 1 to 5, 5 is best, got 1 to 10, 10 is best"
        );
        assert_eq!(
            text(&column("b", &five, &[]), &column("a", &five, &[None])),
            "b must be as many as a (1), got 0"
        );
        let signed = Scale::new(-3, 3).unwrap();
        let (b, a) = (column("b", &signed, &[Some(-1)]), column("a", &signed, &[Some(1)]));
        assert_eq!(
            text(&b, &a),
            "b must have a scale from 0 or above, or an origin at the worst answer, got -3 to 3, 3 is best"
        );
        assert_eq!(Pairs::of(&b, &a, Origin::WorstIsZero).unwrap().ratio_of_means(), Some(0.5));
        let text = |b: &[f64], a: &[f64]| Pairs::new(b, a).unwrap_err().to_string();
        assert_eq!(text(&[-1.0], &[1.0]), "perceived must be at least 0, got -1");
        assert_eq!(text(&[1.0], &[f64::NAN]), "expected must be finite, got NaN at position 0");
    }
}
