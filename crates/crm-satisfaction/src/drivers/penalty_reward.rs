use crm_numbers::{InputError, check};

use super::marks::{Mark, contrasts, independent, redundant};
use crate::error::check_squarable;
use crate::{Error, Survey};

/// The effect of an attribute on customers, at its low and at its high level.
///
/// Two outcomes are needed to separate the four classes: satisfaction, and the intention to stay.
///
/// | class | | a low level | a high level |
/// |---|---|---|---|
/// | basic 基本因素 | hygiene: a failure loses customers | lowers the intention to stay | |
/// | value-adding 价值因素 | wins customers | | raises satisfaction or the intention to stay |
/// | dissatisfying 不满因素 | annoys without losing customers | lowers satisfaction, not the intention to stay | |
/// | unimportant 次要因素 | no effect | nothing | nothing |
///
/// An attribute with several effects has the first class in this order; all four contrasts are in
/// [`Factor`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FactorClass {
    /// A low level loses customers.
    Basic,
    /// A high level raises either outcome.
    ValueAdding,
    /// A low level lowers satisfaction without losing customers.
    Dissatisfying,
    /// Neither level has an effect.
    Unimportant,
}

crm_numbers::names! {
    FactorClass, "class of factors" {
        Basic = "basic",
        ValueAdding = "value_adding" | "value-adding",
        Dissatisfying = "dissatisfying",
        Unimportant = "unimportant",
    }
}

/// The effect of one level of an attribute on an outcome, all other attributes being equal.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Contrast {
    /// Change of the outcome against a middle level, in its own points; against the other level if
    /// the attribute has no middle level, see [`Factor::redundant`].
    pub value: f64,
    /// Standard error; 0 for an exact fit.
    pub standard_error: f64,
    /// Two-sided p-value by Student's distribution; `None` for an exact fit, which leaves nothing
    /// to chance.
    pub p_value: Option<f64>,
    /// Number of respondents at that level.
    pub respondents: usize,
}

impl Contrast {
    /// Returns whether the change is significant at the level `alpha`, such as 0.05; in an exact
    /// fit, whether it is not 0.
    #[must_use]
    pub fn is_significant(&self, alpha: f64) -> bool {
        self.p_value.map_or(self.value.abs() > 0.0, |p_value| p_value <= alpha)
    }
}

/// A mark that was left out of the regression because it follows from the marks before it.
///
/// Its effect cannot be separated from theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RedundantMark {
    /// There are no answers between low and high. The mark "high" is left out, and the contrast of
    /// "low" is the difference between both levels; whether a low level lowers the outcome or a
    /// high one raises it is unknown.
    NoMiddle,
    /// The mark "low" follows from marks of attributes before this one.
    Low,
    /// The mark "high" follows from the marks before it.
    High,
    /// Both marks follow from those of attributes before this one.
    Both,
}

crm_numbers::names! {
    RedundantMark, "redundant mark" {
        NoMiddle = "no_middle",
        Low = "low",
        High = "high",
        Both = "both",
    }
}

impl RedundantMark {
    /// Returns the reason in words, such as `high level follows from other attributes`.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::NoMiddle => "no answers between low and high",
            Self::Low => "low level follows from other attributes",
            Self::High => "high level follows from other attributes",
            Self::Both => "both levels follow from other attributes",
        }
    }
}

/// One attribute with its four contrasts and its class.
///
/// A contrast is missing if fewer respondents than the minimum are at that level, and if its mark
/// is [`redundant`](Self::redundant).
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Factor {
    /// Name of the attribute.
    pub name: String,
    /// Effect of a low level on satisfaction.
    pub penalty_on_satisfaction: Option<Contrast>,
    /// Effect of a high level on satisfaction.
    pub reward_on_satisfaction: Option<Contrast>,
    /// Effect of a low level on the intention to stay.
    pub penalty_on_staying: Option<Contrast>,
    /// Effect of a high level on the intention to stay.
    pub reward_on_staying: Option<Contrast>,
    /// Class of the attribute.
    pub class: FactorClass,
    /// Mark that was left out of the regression, to be shown beside the figures.
    pub redundant: Option<RedundantMark>,
}

/// A penalty-reward contrast analysis: each outcome is regressed on two marks per attribute, "low"
/// and "high".
///
/// # Formula
///
/// `outcome = c + sum over attributes of (penalty x [level <= low] + reward x [level >= high])`. A
/// penalty is a significant negative coefficient of "low", a reward a significant positive one of
/// "high".
///
/// # References
///
/// Brandt, R. D. (1987), "A Procedure for Identifying Value-Enhancing Service Components Using
/// Customer Satisfaction Survey Data", in Add Value to Your Service, American Marketing
/// Association, 61-65; Matzler, K. and Sauerwein, E. (2002), "The Factor Structure of Customer
/// Satisfaction", International Journal of Service Industry Management 13, 314-332.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct PenaltyReward {
    low: f64,
    high: f64,
    alpha: f64,
    minimum: usize,
}

crm_numbers::gate!(PenaltyReward, PenaltyReward::checked);

impl PenaltyReward {
    /// Creates an analysis in which levels up to `low` are low and levels from `high` on are high;
    /// `alpha` is the significance level of each test.
    ///
    /// # Errors
    ///
    /// [`InputError::Range`] unless `low < high`, both finite, and `alpha` is greater than 0 and
    /// less than 1.
    pub fn new(low: f64, high: f64, alpha: f64) -> Result<Self, Error> {
        const MINIMUM: usize = 5;
        Ok(Self { low, high, alpha, minimum: MINIMUM }.checked()?)
    }

    /// Sets the smallest number of respondents at a level for a contrast; 5 by default.
    ///
    /// # Errors
    ///
    /// [`InputError::Range`] for 0.
    pub fn with_minimum(self, minimum: usize) -> Result<Self, Error> {
        Ok(Self { minimum, ..self }.checked()?)
    }

    fn checked(self) -> Result<Self, InputError> {
        check::range("low", self.low, ..)?;
        check::range("high", self.high, check::above(self.low))?;
        check::range("alpha", self.alpha, check::strictly_between(0.0, 1.0))?;
        check::range("minimum", self.minimum, 1..)?;
        Ok(self)
    }

    /// Returns the highest low level.
    #[must_use]
    pub fn low(self) -> f64 {
        self.low
    }

    /// Returns the lowest high level.
    #[must_use]
    pub fn high(self) -> f64 {
        self.high
    }

    /// Returns the significance level of each test.
    #[must_use]
    pub fn alpha(self) -> f64 {
        self.alpha
    }

    /// Returns the smallest number of respondents at a level for a contrast.
    #[must_use]
    pub fn minimum(self) -> usize {
        self.minimum
    }

    /// Classifies attributes from complete rows, one per respondent, and both outcomes of each
    /// respondent.
    ///
    /// # Errors
    ///
    /// [`InputError::Empty`] without attributes; [`InputError::Empty`] and
    /// [`InputError::Duplicate`] for names that are empty or repeated; [`InputError::Length`] for
    /// lists that do not match; [`InputError::Range`] for values that are not finite, for outcomes
    /// greater than 1e100 in size and for fewer respondents than marks and two; [`Error::Constant`]
    /// for an outcome that does not vary.
    pub fn classify(
        &self,
        names: &[impl AsRef<str>],
        rows: &[f64],
        satisfaction: &[f64],
        staying: &[f64],
    ) -> Result<Vec<Factor>, Error> {
        let n = satisfaction.len();
        check::not_empty("attributes", names)?;
        check::names("attributes", names)?;
        check::length("values of attributes", rows.len(), names.len() * n)?;
        check::length("values of staying", staying.len(), n)?;
        check::finite("attributes", rows)?;
        check_squarable("satisfaction", satisfaction)?;
        check_squarable("staying", staying)?;
        let (marks, dropped) = independent(self.marks(names, rows), n);
        check::range("respondents", n, marks.len() + 2..)?;
        let on_satisfaction = contrasts(&marks, "satisfaction", satisfaction)?;
        let on_staying = contrasts(&marks, "staying", staying)?;
        let find = |contrasts: &[Contrast], attribute: usize, high: bool| {
            let index = marks.iter().position(|mark| mark.attribute == attribute && mark.high == high)?;
            contrasts.get(index).copied()
        };
        let factor = |(attribute, name): (usize, &_)| {
            let mut factor = Factor {
                name: AsRef::<str>::as_ref(name).to_owned(),
                penalty_on_satisfaction: find(&on_satisfaction, attribute, false),
                reward_on_satisfaction: find(&on_satisfaction, attribute, true),
                penalty_on_staying: find(&on_staying, attribute, false),
                reward_on_staying: find(&on_staying, attribute, true),
                class: FactorClass::Unimportant,
                redundant: redundant(attribute, &marks, &dropped, rows, names.len(), (self.low, self.high)),
            };
            factor.class = self.class(&factor);
            factor
        };
        Ok(names.iter().enumerate().map(factor).collect())
    }

    /// Classifies questions of a survey; respondents who left one of them or an outcome out are
    /// left out.
    ///
    /// # Errors
    ///
    /// [`InputError::UnknownName`] for a question that the survey does not have, and the errors of
    /// [`classify`](Self::classify).
    pub fn classify_survey(
        &self,
        survey: &Survey,
        attributes: &[impl AsRef<str>],
        satisfaction: &str,
        staying: &str,
    ) -> Result<Vec<Factor>, Error> {
        let names: Vec<&str> = attributes.iter().map(AsRef::as_ref).chain([satisfaction, staying]).collect();
        let complete = survey.complete_rows(&names)?;
        let (mut rows, mut first, mut second) = (Vec::new(), Vec::new(), Vec::new());
        for row in complete.values().chunks_exact(names.len()) {
            if let [own @ .., one, other] = row {
                rows.extend_from_slice(own);
                first.push(*one);
                second.push(*other);
            }
        }
        self.classify(attributes, &rows, &first, &second)
    }

    fn class(&self, factor: &Factor) -> FactorClass {
        let penalty = |contrast: Option<Contrast>| {
            contrast.is_some_and(|contrast| contrast.value < 0.0 && contrast.is_significant(self.alpha))
        };
        let reward = |contrast: Option<Contrast>| {
            contrast.is_some_and(|contrast| contrast.value > 0.0 && contrast.is_significant(self.alpha))
        };
        if penalty(factor.penalty_on_staying) {
            FactorClass::Basic
        } else if reward(factor.reward_on_satisfaction) || reward(factor.reward_on_staying) {
            FactorClass::ValueAdding
        } else if penalty(factor.penalty_on_satisfaction) {
            FactorClass::Dissatisfying
        } else {
            FactorClass::Unimportant
        }
    }

    /// Returns the marks that at least the minimum of respondents have, and as many do not have.
    fn marks(&self, names: &[impl AsRef<str>], rows: &[f64]) -> Vec<Mark> {
        let mut marks = Vec::new();
        for (attribute, name) in names.iter().enumerate() {
            for high in [false, true] {
                let levels = rows.iter().skip(attribute).step_by(names.len());
                let carried: Vec<bool> =
                    levels.map(|&level| if high { level >= self.high } else { level <= self.low }).collect();
                let respondents = carried.iter().filter(|carried| **carried).count();
                if respondents >= self.minimum && carried.len() - respondents >= self.minimum {
                    let word = if high { "high" } else { "low" };
                    let name = format!("{word} {}", name.as_ref());
                    marks.push(Mark { attribute, high, name, carried, respondents });
                }
            }
        }
        marks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every combination of three levels of four attributes, and outcomes built from what each
    /// class says.
    fn story() -> (Vec<f64>, Vec<f64>, Vec<f64>) {
        let (mut rows, mut satisfaction, mut staying) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..243 {
            let level = |power: u32| f64::from(1 + 2 * (number / 3_i32.pow(power) % 3));
            let (basic, value, annoying, nothing) = (level(0), level(1), level(2), level(3));
            // A small disturbance that belongs to no attribute.
            let noise = 0.1 * (level(4) - 3.0);
            let low = |level: f64| f64::from(u8::from(level < 2.0));
            let high = |level: f64| f64::from(u8::from(level > 4.0));
            rows.extend([basic, value, annoying, nothing]);
            satisfaction.push(3.0 - low(annoying) + 0.8 * high(value) + noise);
            staying.push(4.0 - 1.5 * low(basic) - noise);
        }
        (rows, satisfaction, staying)
    }

    #[test]
    fn the_four_classes_are_found_with_their_sizes() {
        let (rows, satisfaction, staying) = story();
        let names = ["basic", "value", "annoying", "nothing"];
        let factors = PenaltyReward::new(2.0, 4.0, 0.05)
            .unwrap()
            .classify(&names, &rows, &satisfaction, &staying)
            .unwrap();
        let classes: Vec<FactorClass> = factors.iter().map(|factor| factor.class).collect();
        assert_eq!(
            classes,
            [
                FactorClass::Basic,
                FactorClass::ValueAdding,
                FactorClass::Dissatisfying,
                FactorClass::Unimportant
            ]
        );
        let near = |contrast: Option<Contrast>, wanted: f64| {
            let value = contrast.unwrap().value;
            assert!((value - wanted).abs() < 1e-10, "{value} {wanted}");
        };
        near(factors[0].penalty_on_staying, -1.5);
        near(factors[0].reward_on_staying, 0.0);
        near(factors[1].reward_on_satisfaction, 0.8);
        near(factors[2].penalty_on_satisfaction, -1.0);
        near(factors[2].penalty_on_staying, 0.0);
        assert_eq!(factors[3].penalty_on_staying.unwrap().respondents, 81);
    }

    /// One attribute that is only ever low or high: the contrast is the difference of two means,
    /// and its test Student's for two samples: means 2 and 4, pooled variance 1, error sqrt(2/3), t
    /// = 2.449 on 4 degrees: p = 0.0705.
    #[test]
    fn two_levels_are_the_two_sample_test() {
        let rows = [1.0, 1.0, 1.0, 3.0, 3.0, 3.0];
        let outcome = [1.0, 2.0, 3.0, 3.0, 4.0, 5.0];
        let analysis = PenaltyReward::new(0.0, 3.0, 0.05).unwrap().with_minimum(2).unwrap();
        let factors = analysis.classify(&["x"], &rows, &outcome, &outcome).unwrap();
        let reward = factors[0].reward_on_satisfaction.unwrap();
        assert!(
            (reward.value - 2.0).abs() < 1e-12 && (reward.p_value.unwrap() - 0.070_484).abs() < 1e-5,
            "{reward:?}"
        );
        assert_eq!((factors[0].penalty_on_satisfaction, factors[0].class), (None, FactorClass::Unimportant));
    }

    #[test]
    fn settings_and_data_that_tell_nothing_are_refused() {
        let text = |low, high, alpha| PenaltyReward::new(low, high, alpha).unwrap_err().to_string();
        assert_eq!(text(3.0, 3.0, 0.05), "high must be greater than 3, got 3");
        assert!(PenaltyReward::new(2.0, 4.0, 0.05).unwrap().with_minimum(0).is_err());
        assert_eq!(text(2.0, 4.0, 0.0), "alpha must be greater than 0 and less than 1, got 0");
        let analysis = PenaltyReward::new(2.0, 4.0, 0.1).unwrap().with_minimum(1).unwrap();
        let text = |names: &[&str], rows: &[f64], outcome: &[f64]| {
            analysis.classify(names, rows, outcome, outcome).unwrap_err().to_string()
        };
        assert_eq!(text(&["x"], &[1.0, 3.0, 5.0], &[2.0; 3]), "respondents must be at least 4, got 3");
        assert_eq!(
            text(&["x"], &[1.0, 3.0, 5.0, 3.0], &[2.0; 4]),
            "satisfaction must vary, got 2 everywhere"
        );
    }

    /// Without the noise both outcomes follow from the marks: what is not 0 is an effect, and
    /// rounding is 0.
    #[test]
    fn an_exact_fit_has_effects_and_no_chance() {
        let (rows, mut satisfaction, mut staying) = story();
        for (n, (satisfied, stays)) in satisfaction.iter_mut().zip(&mut staying).enumerate() {
            let noise = 0.1 * f64::from((n as i32 / 81 % 3) * 2 - 2);
            (*satisfied, *stays) = (*satisfied - noise, *stays + noise);
        }
        let names = ["basic", "value", "annoying", "nothing"];
        let analysis = PenaltyReward::new(2.0, 4.0, 0.05).unwrap();
        let factors = analysis.classify(&names, &rows, &satisfaction, &staying).unwrap();
        let classes: Vec<FactorClass> = factors.iter().map(|factor| factor.class).collect();
        assert_eq!(
            classes,
            [
                FactorClass::Basic,
                FactorClass::ValueAdding,
                FactorClass::Dissatisfying,
                FactorClass::Unimportant
            ]
        );
        let nothing = factors[3].reward_on_satisfaction.unwrap();
        assert_eq!((nothing.value, nothing.standard_error, nothing.p_value), (0.0, 0.0, None));
    }

    /// One attribute without middling answers, one that repeats another: the rest of the analysis
    /// stands.
    #[test]
    fn redundant_marks_are_left_out_and_told() {
        let (rows, satisfaction, staying) = story();
        let names = ["basic", "value", "annoying", "nothing", "split", "copy"];
        let more: Vec<f64> = rows
            .chunks_exact(4)
            .enumerate()
            .flat_map(|(n, row)| {
                let split = if n % 2 == 0 { 1.0 } else { 5.0 };
                [row[0], row[1], row[2], row[3], split, row[0]]
            })
            .collect();
        let analysis = PenaltyReward::new(2.0, 4.0, 0.05).unwrap();
        let plain = analysis.classify(&names[..4], &rows, &satisfaction, &staying).unwrap();
        let found = analysis.classify(&names, &more, &satisfaction, &staying).unwrap();
        for (plain, found) in plain.iter().zip(&found) {
            assert_eq!((plain.class, found.redundant), (found.class, None));
        }
        assert_eq!(
            (found[4].redundant, found[5].redundant),
            (Some(RedundantMark::NoMiddle), Some(RedundantMark::Both))
        );
        // Low against high, the other mark being gone.
        assert!(found[4].penalty_on_staying.is_some() && found[4].reward_on_staying.is_none());
        assert_eq!((found[5].penalty_on_staying, found[5].class), (None, FactorClass::Unimportant));
        assert_eq!(RedundantMark::NoMiddle.description(), "no answers between low and high");
    }
}
