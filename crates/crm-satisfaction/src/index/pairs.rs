use crm_numbers::{InputError, RangeError, check};

use crate::error::{check_squarable, check_weights};
use crate::{Error, Question, Survey};

/// The zero of a scale, for a ratio of two answers.
///
/// On 1 to 5, (perceived 2, expected 4) is 0.5 with the values as answered and 0.333 counted from
/// the worst answer. Both are right, for different questions; figures of one kind must not be
/// compared with those of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Origin {
    /// The values as answered, as the literature computes the index. The default.
    #[default]
    AsAnswered,
    /// The worst answer counts as 0: `value - min` of the scale. Respondents who expected the worst
    /// have no ratio.
    WorstIsZero,
}

crm_numbers::names! {
    Origin, "origin of a scale" {
        AsAnswered = "as_answered",
        WorstIsZero = "worst_is_zero",
    }
}

/// Perceptions and expectations, one pair per respondent who answered both questions.
///
/// See the [module](crate::index) for the meaning of ratio and gap.
#[derive(Debug, Clone, PartialEq)]
pub struct Pairs {
    perceived: Vec<f64>,
    expected: Vec<f64>,
    weights: Option<Vec<f64>>,
    /// Index of the respondent of each pair.
    respondents: Vec<usize>,
    left_out: usize,
}

/// The mean of the respondents' own ratios.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct MeanOfRatios {
    /// Mean ratio.
    pub value: f64,
    /// Number of respondents with a ratio.
    pub respondents: usize,
    /// Number of respondents without a ratio, because they expected 0.
    pub without_expectation: usize,
}

/// Sums over the pairs of a group.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    pub(super) n: usize,
    pub(super) weight: f64,
    pub(super) perceived: f64,
    pub(super) expected: f64,
}

impl Pairs {
    /// Creates pairs from one perception and one expectation per respondent, on a scale that begins
    /// at 0.
    ///
    /// # Errors
    ///
    /// [`InputError::Length`] for lists of different lengths, [`InputError::Range`] for a value
    /// that is less than 0, greater than 1e100 or not finite.
    pub fn new(perceived: &[f64], expected: &[f64]) -> Result<Self, Error> {
        check::length("perceptions", perceived.len(), expected.len())?;
        for (name, values) in [("perceived", perceived), ("expected", expected)] {
            check::range_of_all(name, values, 0.0..)?;
            check_squarable(name, values)?;
        }
        Ok(Self {
            perceived: perceived.to_vec(),
            expected: expected.to_vec(),
            weights: None,
            respondents: (0..perceived.len()).collect(),
            left_out: 0,
        })
    }

    /// Creates the pairs of two questions on one scale; respondents who left one of them out are
    /// left out and counted.
    ///
    /// # Errors
    ///
    /// [`InputError::Length`] for questions with different numbers of answers,
    /// [`Error::DifferentScales`] for questions on different scales, [`InputError::Range`] for a
    /// scale with values less than 0 under [`Origin::AsAnswered`].
    pub fn from_columns(perceived: &Question, expected: &Question, origin: Origin) -> Result<Self, Error> {
        let scale = perceived.scale();
        let name = format!("answers to {}", perceived.name());
        check::length(name, perceived.answers().len(), expected.answers().len())?;
        let ends =
            |column: &Question| (column.scale().min(), column.scale().max(), column.scale().good_end());
        if ends(perceived) != ends(expected) {
            return Err(Error::DifferentScales {
                perceived: perceived.name().to_owned(),
                perceived_scale: Box::new(scale.clone()),
                expected: expected.name().to_owned(),
                expected_scale: Box::new(expected.scale().clone()),
            });
        }
        let zero = match origin {
            Origin::AsAnswered if scale.min() < 0 => {
                let name = format!("smallest value of {}", perceived.name());
                let error = RangeError::new(name, scale.min(), 0..).with_hint("choose Origin::WorstIsZero");
                return Err(InputError::from(error).into());
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
            let (Some(b), Some(a)) = both else {
                pairs.left_out += 1;
                continue;
            };
            pairs.perceived.push(f64::from(b - zero));
            pairs.expected.push(f64::from(a - zero));
            pairs.respondents.push(respondent);
        }
        Ok(pairs)
    }

    /// Creates the pairs of two questions of a survey, with its weights.
    ///
    /// # Errors
    ///
    /// [`InputError::UnknownName`] for a question that the survey does not have, and the errors of
    /// [`from_columns`](Self::from_columns).
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_satisfaction::index::{Origin, Pairs};
    /// use crm_satisfaction::{Answer, Question, Scale, Survey};
    ///
    /// let column = |name, values: [i32; 2]| Question::new(name, Scale::zero_to_ten(), &values.map(Answer::Value));
    /// let survey = Survey::new(["a", "b"])
    ///     .with_column(column("perceived", [4, 9])?)?
    ///     .with_column(column("expected", [8, 9])?)?
    ///     .with_weights(&[3.0, 1.0])?;
    /// let pairs = Pairs::from_survey(&survey, "perceived", "expected", Origin::AsAnswered)?;
    /// // (3 x 4 + 9) / (3 x 8 + 9), with 16 / 10 effective respondents.
    /// assert_eq!((pairs.ratio_of_means(), pairs.effective()), (Some(21.0 / 33.0), 1.6));
    /// # Ok::<(), crm_satisfaction::Error>(())
    /// ```
    pub fn from_survey(
        survey: &Survey,
        perceived: &str,
        expected: &str,
        origin: Origin,
    ) -> Result<Self, Error> {
        let pairs = Self::from_columns(survey.column(perceived)?, survey.column(expected)?, origin)?;
        match survey.weights() {
            Some(weights) => pairs.with_weights(weights),
            None => Ok(pairs),
        }
    }

    /// Sets the weight of each *respondent*, including those who were left out.
    ///
    /// # Errors
    ///
    /// [`InputError::Length`] unless there is one weight per respondent, [`InputError::Range`] for
    /// weights that are negative, not finite or all 0.
    #[allow(clippy::indexing_slicing, reason = "there is one weight per respondent")]
    pub fn with_weights(mut self, weights: &[f64]) -> Result<Self, Error> {
        check::length("weights", weights.len(), self.perceived.len() + self.left_out)?;
        check_weights(weights)?;
        // Only proportions matter; a power of two keeps every digit, and no square of a weight
        // overflows.
        let largest = weights.iter().copied().fold(0.0, f64::max);
        let unit = if largest > 0.0 {
            2.0_f64.powi(largest.log2().floor().clamp(-1_000.0, 1_000.0) as i32)
        } else {
            1.0
        };
        self.weights = Some(self.respondents.iter().map(|&respondent| weights[respondent] / unit).collect());
        Ok(self)
    }

    /// Returns the number of pairs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.perceived.len()
    }

    /// Returns whether there are no pairs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.perceived.is_empty()
    }

    /// Returns the effective number of pairs: Kish's `sum(w)^2 / sum(w^2)`, or [`len`](Self::len)
    /// without weights.
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

    /// Returns the number of respondents who were left out because one of their answers was
    /// missing.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Returns the mean perception; `None` without a pair of positive weight.
    #[must_use]
    pub fn mean_perceived(&self) -> Option<f64> {
        let sums = self.sums();
        (sums.weight > 0.0).then(|| sums.perceived / sums.weight)
    }

    /// Returns the mean expectation; `None` without a pair of positive weight.
    #[must_use]
    pub fn mean_expected(&self) -> Option<f64> {
        let sums = self.sums();
        (sums.weight > 0.0).then(|| sums.expected / sums.weight)
    }

    /// Returns the index of the group, C = mean(b) / mean(a).
    ///
    /// This is the figure to report: respondents with low expectations count little, so that no
    /// single ratio dominates. `None` without a pair or if all expectations are 0.
    #[must_use]
    pub fn ratio_of_means(&self) -> Option<f64> {
        let sums = self.sums();
        Some(sums.perceived / sums.expected).filter(|ratio| ratio.is_finite())
    }

    /// Returns the mean of the respondents' own ratios, mean(b / a), which respondents with low
    /// expectations dominate.
    ///
    /// Respondents who expected 0 have no ratio and are counted separately. `None` if there is no
    /// ratio, or if an expectation is so small that a ratio overflows.
    #[must_use]
    pub fn mean_of_ratios(&self) -> Option<MeanOfRatios> {
        let (mut total, mut sum, mut respondents, mut without) = (0.0, 0.0, 0, 0);
        for (b, a, weight) in self.rows() {
            if a > 0.0 {
                respondents += 1;
                total += weight;
                sum += weight * (b / a);
            } else {
                without += 1;
            }
        }
        let value = sum / total;
        value.is_finite().then_some(MeanOfRatios { value, respondents, without_expectation: without })
    }

    /// Returns the mean gap, mean(b) - mean(a), in points of the scale; `None` without a pair.
    #[must_use]
    pub fn gap(&self) -> Option<f64> {
        let sums = self.sums();
        (sums.weight > 0.0).then(|| (sums.perceived - sums.expected) / sums.weight)
    }

    /// Iterates over the respondents' own indices: the index of the respondent, and C, or `None`
    /// for an expectation of 0.
    ///
    /// The value of one person is noisy; use it to find people to talk to, not to rank them.
    pub fn by_person(&self) -> impl Iterator<Item = (usize, Option<f64>)> {
        self.respondents.iter().zip(self.rows()).map(|(&respondent, (b, a, _))| {
            (respondent, Some(b / a).filter(|ratio| a > 0.0 && ratio.is_finite()))
        })
    }

    /// Returns the index of the respondent of each pair.
    pub(super) fn respondents(&self) -> &[usize] {
        &self.respondents
    }

    /// Returns some of the pairs.
    #[allow(clippy::indexing_slicing, reason = "all columns have one length")]
    pub(super) fn at(&self, indices: &[usize]) -> Self {
        debug_assert!(indices.iter().all(|&index| index < self.len()), "indices of pairs");
        let pick = |column: &[f64]| indices.iter().map(|&index| column[index]).collect();
        Self {
            perceived: pick(&self.perceived),
            expected: pick(&self.expected),
            weights: self.weights.as_deref().map(pick),
            respondents: indices.iter().map(|&index| self.respondents[index]).collect(),
            left_out: 0,
        }
    }

    /// Iterates over perception, expectation and weight of each pair.
    pub(super) fn rows(&self) -> impl Iterator<Item = (f64, f64, f64)> {
        let weights = self.weights.iter().flatten().copied().chain(std::iter::repeat(1.0));
        self.perceived.iter().zip(&self.expected).zip(weights).map(|((&b, &a), weight)| (b, a, weight))
    }

    pub(super) fn sums(&self) -> Sums {
        self.rows().fold(Sums::default(), |sums, (b, a, weight)| Sums {
            n: sums.n + 1,
            weight: sums.weight + weight,
            perceived: sums.perceived + weight * b,
            expected: sums.expected + weight * a,
        })
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use crm_numbers::Level;

    use super::*;
    use crate::{Answer, GoodEnd, Scale};

    const RELATIVE: f64 = 1e-12;

    fn column(name: &str, scale: &Scale, values: &[Option<i32>]) -> Question {
        let answers: Vec<Answer> = values.iter().copied().map(Answer::from).collect();
        Question::new(name, scale.clone(), &answers).unwrap()
    }

    #[test]
    fn the_origin_is_a_choice_that_changes_the_ratio_and_not_the_gap() {
        let five = Scale::new(1, 5).unwrap();
        let (got, hoped) = (column("b", &five, &[Some(2), None]), column("a", &five, &[Some(4), Some(4)]));
        let plain = Pairs::from_columns(&got, &hoped, Origin::AsAnswered).unwrap();
        let shifted = Pairs::from_columns(&got, &hoped, Origin::WorstIsZero).unwrap();
        assert_eq!((plain.ratio_of_means(), shifted.ratio_of_means()), (Some(0.5), Some(1.0 / 3.0)));
        assert_eq!((plain.gap(), shifted.gap()), (Some(-2.0), Some(-2.0)));
        assert_eq!((plain.len(), plain.left_out()), (1, 1));
    }

    #[test]
    fn where_small_is_good_the_values_are_turned() {
        let marks = Scale::new(1, 6).unwrap().with_good_end(GoodEnd::Low);
        let pairs = Pairs::from_columns(
            &column("b", &marks, &[Some(3)]),
            &column("a", &marks, &[Some(1)]),
            Origin::AsAnswered,
        );
        assert_eq!(pairs.unwrap().ratio_of_means(), Some(4.0 / 6.0));
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
        let text = |a: &Question, b: &Question| {
            Pairs::from_columns(a, b, Origin::AsAnswered).unwrap_err().to_string()
        };
        assert_eq!(
            text(&column("b", &five, &[Some(1)]), &column("a", &ten, &[Some(1)])),
            r#""b" (1 to 5, 5 is best) and "a" (1 to 10, 10 is best) must have the same scale"#
        );
        assert_eq!(
            text(&column("b", &five, &[]), &column("a", &five, &[None])),
            "expected 1 answers to b, got 0"
        );
        let signed = Scale::new(-3, 3).unwrap();
        let (b, a) = (column("b", &signed, &[Some(-1)]), column("a", &signed, &[Some(1)]));
        assert_eq!(
            text(&b, &a),
            "smallest value of b must be at least 0, got -3; choose Origin::WorstIsZero"
        );
        assert_eq!(Pairs::from_columns(&b, &a, Origin::WorstIsZero).unwrap().ratio_of_means(), Some(0.5));
        let text = |b: &[f64], a: &[f64]| Pairs::new(b, a).unwrap_err().to_string();
        assert_eq!(text(&[-1.0], &[1.0]), "perceived[0] must be at least 0, got -1");
        assert_eq!(text(&[1.0], &[f64::NAN]), "expected[0] must be at least 0 and finite, got NaN");
    }
}
