use std::fmt;

use super::marks::{Mark, contrasts, independent, reason};
use crate::error::{check_finite, check_length, check_names, check_size, out_of_range};
use crate::{Error, Survey};

/// What an attribute does to customers when it is bad, and when it is good.
///
/// Two outcomes are needed to tell the four apart: satisfaction, and the intention to stay.
///
/// | class | | a low level | a high level |
/// |---|---|---|---|
/// | basic 基本因素 | hygiene: get it right or lose people | lowers the intention to stay | |
/// | value-adding 价值因素 | wins people | | raises satisfaction or the intention to stay |
/// | dissatisfying 不满因素 | annoys, but nobody leaves for it | lowers satisfaction, not the intention to stay | |
/// | unimportant 次要因素 | | nothing | nothing |
///
/// An attribute that does several is called by the first in this order; all four tests are in [`Factor`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum FactorClass {
    /// A low level loses customers.
    Basic,
    /// A high level raises either outcome.
    ValueAdding,
    /// A low level lowers satisfaction, and nobody leaves.
    Dissatisfying,
    /// Neither.
    Unimportant,
}

impl fmt::Display for FactorClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Basic => "basic",
            Self::ValueAdding => "value-adding",
            Self::Dissatisfying => "dissatisfying",
            Self::Unimportant => "unimportant",
        })
    }
}

/// How much one level of an attribute moves an outcome, all other attributes being equal.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Contrast {
    /// The change of the outcome against a middling level, in its own points; against the other level where nobody
    /// found the attribute middling, see [`Factor::redundant`].
    pub value: f64,
    /// Its standard error; 0 where the marks explain the outcome to the last digit.
    pub standard_error: f64,
    /// How often chance gives a change this large; two-sided, by Student's distribution. None where the marks explain the
    /// outcome to the last digit: nothing is left that chance could have done.
    pub p_value: Option<f64>,
    /// How many respondents saw that level.
    pub respondents: usize,
}

impl Contrast {
    /// Returns whether the change is more than chance explains at a level of significance such as 0.05; in an exact fit,
    /// whether it is not 0.
    #[must_use]
    pub fn is_significant(&self, alpha: f64) -> bool {
        self.p_value.map_or(self.value.abs() > 0.0, |p_value| p_value <= alpha)
    }
}

/// A mark that was left out of the regression, because the marks before it already determine it.
///
/// What it does cannot be told from what they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Redundant {
    /// Nobody found the attribute middling: whoever did not find it low found it high. The mark "high" is left out, and the
    /// contrast of "low" is the difference between both levels. Whether a low level lowers the outcome or a high one
    /// raises it cannot be told.
    NoMiddle,
    /// The mark "low" follows from marks of attributes before this one.
    Low,
    /// The mark "high" follows from the marks before it.
    High,
    /// Both marks follow from those of attributes before this one.
    Both,
}

impl fmt::Display for Redundant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NoMiddle => "no middling answers",
            Self::Low => "low level follows from other attributes",
            Self::High => "high level follows from other attributes",
            Self::Both => "both levels follow from other attributes",
        })
    }
}

/// One attribute with its four contrasts and its class.
///
/// A contrast is missing where fewer respondents than the analysis asks for saw that level, and where its mark is
/// [`redundant`](Self::redundant).
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Factor {
    /// The attribute's name.
    pub name: String,
    /// What a low level does to satisfaction.
    pub penalty_on_satisfaction: Option<Contrast>,
    /// What a high level does to satisfaction.
    pub reward_on_satisfaction: Option<Contrast>,
    /// What a low level does to the intention to stay.
    pub penalty_on_staying: Option<Contrast>,
    /// What a high level does to the intention to stay.
    pub reward_on_staying: Option<Contrast>,
    /// What the attribute is.
    pub class: FactorClass,
    /// The mark that was left out because others determine it; say so beside the figures.
    pub redundant: Option<Redundant>,
}

/// The penalty-reward contrast analysis: each outcome is regressed on two marks an attribute, "low" and "high".
///
/// `outcome = c + sum over attributes of (penalty x [level <= low] + reward x [level >= high])`. A penalty is a
/// significant negative coefficient of "low", a reward a significant positive one of "high", at the named alpha.
///
/// Sources: Brandt, R. D. (1987), "A Procedure for Identifying Value-Enhancing Service Components Using Customer
/// Satisfaction Survey Data", in Add Value to Your Service, American Marketing Association, 61-65; Matzler, K. and
/// Sauerwein, E. (2002), "The Factor Structure of Customer Satisfaction", International Journal of Service Industry
/// Management 13, 314-332.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct PenaltyReward {
    low: f64,
    high: f64,
    alpha: f64,
    minimum: usize,
}

impl PenaltyReward {
    /// Levels up to `low` count as low, from `high` on as high; `alpha` is the level of every test.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `low < high`, both finite, and alpha lies strictly between 0 and 1.
    pub fn new(low: f64, high: f64, alpha: f64) -> Result<Self, Error> {
        if !(low.is_finite() && high.is_finite() && low < high) {
            return Err(out_of_range("high", format!("be above low ({low}) and finite"), high));
        }
        if !(alpha > 0.0 && alpha < 1.0) {
            return Err(out_of_range("alpha", "lie strictly between 0 and 1", alpha));
        }
        Ok(Self { low, high, alpha, minimum: 5 })
    }

    /// Fewer respondents than this at a level give no contrast (5 unless said, at least 1).
    #[must_use]
    pub fn with_minimum(self, minimum: usize) -> Self {
        Self { minimum: minimum.max(1), ..self }
    }

    /// The classes of attributes in rows, one row a respondent, with both outcomes of each.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::Name`], [`Error::Length`], [`Error::NotFinite`], [`Error::Constant`] for an outcome
    /// that does not vary, [`Error::OutOfRange`] for too few respondents and for outcomes above 1e100 in size.
    pub fn analyse(
        &self,
        names: &[impl AsRef<str>],
        rows: &[f64],
        satisfaction: &[f64],
        staying: &[f64],
    ) -> Result<Vec<Factor>, Error> {
        let (width, n) = (names.len(), satisfaction.len());
        if width == 0 {
            return Err(Error::Empty { field: "attributes".to_owned() });
        }
        check_names("attributes", names)?;
        check_length("values of attributes", "attributes x respondents", width * n, rows.len())?;
        check_length("staying", "satisfaction", n, staying.len())?;
        check_finite("attributes", rows)?;
        check_finite("satisfaction", satisfaction)?;
        check_finite("staying", staying)?;
        check_size("satisfaction", satisfaction)?;
        check_size("staying", staying)?;
        let (marks, redundant) = independent(self.marks(names, rows), n);
        if n < marks.len() + 2 {
            let allowed = format!("be at least {}, two more than marks", marks.len() + 2);
            return Err(out_of_range("respondents", allowed, n));
        }
        let on_satisfaction = contrasts(&marks, "satisfaction", satisfaction)?;
        let on_staying = contrasts(&marks, "staying", staying)?;
        let find = |contrasts: &[Contrast], attribute: usize, high: bool| {
            let place = marks.iter().position(|mark| mark.attribute == attribute && mark.high == high)?;
            contrasts.get(place).copied()
        };
        let factor = |(attribute, name): (usize, &_)| {
            let mut factor = Factor {
                name: AsRef::<str>::as_ref(name).to_owned(),
                penalty_on_satisfaction: find(&on_satisfaction, attribute, false),
                reward_on_satisfaction: find(&on_satisfaction, attribute, true),
                penalty_on_staying: find(&on_staying, attribute, false),
                reward_on_staying: find(&on_staying, attribute, true),
                class: FactorClass::Unimportant,
                redundant: reason(attribute, &marks, &redundant, rows, names.len(), (self.low, self.high)),
            };
            factor.class = self.class(&factor);
            factor
        };
        Ok(names.iter().enumerate().map(factor).collect())
    }

    /// The classes of questions of a survey; who left one of them or an outcome out is left out.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a question that there is not, and those of [`analyse`](Self::analyse).
    pub fn of(
        &self,
        survey: &Survey,
        attributes: &[impl AsRef<str>],
        satisfaction: &str,
        staying: &str,
    ) -> Result<Vec<Factor>, Error> {
        let names: Vec<&str> = attributes.iter().map(AsRef::as_ref).chain([satisfaction, staying]).collect();
        let complete = survey.complete(&names)?;
        let (mut rows, mut first, mut second) = (Vec::new(), Vec::new(), Vec::new());
        for row in complete.values().chunks_exact(names.len()) {
            if let [own @ .., one, other] = row {
                rows.extend_from_slice(own);
                first.push(*one);
                second.push(*other);
            }
        }
        self.analyse(attributes, &rows, &first, &second)
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

    /// The marks that enough, and not too many, respondents carry.
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

    /// Every combination of three levels of four attributes, and outcomes built from what each class says.
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
            .analyse(&names, &rows, &satisfaction, &staying)
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

    /// One attribute that is only ever low or high: the contrast is the difference of two means, and its test Student's
    /// for two samples: means 2 and 4, pooled variance 1, error sqrt(2/3), t = 2.449 on 4 degrees: p = 0.0705.
    #[test]
    fn two_levels_are_the_two_sample_test() {
        let rows = [1.0, 1.0, 1.0, 3.0, 3.0, 3.0];
        let outcome = [1.0, 2.0, 3.0, 3.0, 4.0, 5.0];
        let analysis = PenaltyReward::new(0.0, 3.0, 0.05).unwrap().with_minimum(2);
        let factors = analysis.analyse(&["x"], &rows, &outcome, &outcome).unwrap();
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
        assert_eq!(text(3.0, 3.0, 0.05), "high must be above low (3) and finite, got 3");
        assert_eq!(text(2.0, 4.0, 0.0), "alpha must lie strictly between 0 and 1, got 0");
        let analysis = PenaltyReward::new(2.0, 4.0, 0.1).unwrap().with_minimum(1);
        let text = |names: &[&str], rows: &[f64], outcome: &[f64]| {
            analysis.analyse(names, rows, outcome, outcome).unwrap_err().to_string()
        };
        assert_eq!(
            text(&["x"], &[1.0, 3.0, 5.0], &[2.0; 3]),
            "respondents must be at least 4, two more than marks, got 3"
        );
        assert_eq!(
            text(&["x"], &[1.0, 3.0, 5.0, 3.0], &[2.0; 4]),
            "satisfaction must vary, got 2 everywhere"
        );
    }

    /// Without the noise both outcomes follow from the marks: what is not 0 is an effect, and rounding is 0.
    #[test]
    fn an_exact_fit_has_effects_and_no_chance() {
        let (rows, mut satisfaction, mut staying) = story();
        for (n, (satisfied, stays)) in satisfaction.iter_mut().zip(&mut staying).enumerate() {
            let noise = 0.1 * f64::from((n as i32 / 81 % 3) * 2 - 2);
            (*satisfied, *stays) = (*satisfied - noise, *stays + noise);
        }
        let names = ["basic", "value", "annoying", "nothing"];
        let analysis = PenaltyReward::new(2.0, 4.0, 0.05).unwrap();
        let factors = analysis.analyse(&names, &rows, &satisfaction, &staying).unwrap();
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

    /// One attribute without middling answers, one that repeats another: the rest of the analysis stands.
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
        let plain = analysis.analyse(&names[..4], &rows, &satisfaction, &staying).unwrap();
        let found = analysis.analyse(&names, &more, &satisfaction, &staying).unwrap();
        for (plain, found) in plain.iter().zip(&found) {
            assert_eq!((plain.class, found.redundant), (found.class, None));
        }
        assert_eq!(
            (found[4].redundant, found[5].redundant),
            (Some(Redundant::NoMiddle), Some(Redundant::Both))
        );
        // Low against high, the other mark being gone.
        assert!(found[4].penalty_on_staying.is_some() && found[4].reward_on_staying.is_none());
        assert_eq!((found[5].penalty_on_staying, found[5].class), (None, FactorClass::Unimportant));
        assert_eq!(Redundant::NoMiddle.to_string(), "no middling answers");
    }
}
