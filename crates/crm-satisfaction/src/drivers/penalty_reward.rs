use std::fmt;

use crate::error::{check_finite, check_length, check_names, out_of_range};
use crate::linear::Symmetric;
use crate::probability::student_two_sided;
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
    /// The change of the outcome against a middling level, in its own points.
    pub value: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// How often chance gives a change this large; two-sided, by Student's distribution.
    pub p_value: f64,
    /// How many respondents saw that level.
    pub respondents: usize,
}

/// One attribute with its four contrasts and its class.
///
/// A contrast is missing where fewer respondents than the analysis asks for saw that level.
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
    /// that does not vary, [`Error::OutOfRange`] for too few respondents, [`Error::Collinear`] where a mark follows from
    /// others, such as "low speed" where everybody who found the price low found the speed low.
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
        let marks = self.marks(names, rows);
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
            contrast.is_some_and(|contrast| contrast.value < 0.0 && contrast.p_value <= self.alpha)
        };
        let reward = |contrast: Option<Contrast>| {
            contrast.is_some_and(|contrast| contrast.value > 0.0 && contrast.p_value <= self.alpha)
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

/// One column of the regression.
struct Mark {
    attribute: usize,
    high: bool,
    name: String,
    carried: Vec<bool>,
    respondents: usize,
}

/// Ordinary least squares of an outcome on marks.
fn contrasts(marks: &[Mark], what: &str, outcome: &[f64]) -> Result<Vec<Contrast>, Error> {
    let k = marks.len();
    let rows: Vec<f64> = outcome
        .iter()
        .enumerate()
        .flat_map(|(respondent, &outcome)| {
            let own = marks
                .iter()
                .map(move |mark| f64::from(u8::from(mark.carried.get(respondent).copied().unwrap_or(false))));
            own.chain([outcome])
        })
        .collect();
    let (means, covariance) = Symmetric::covariance(&rows, k + 1, None);
    let variance = covariance.get(k, k);
    if variance <= 0.0 {
        let value = means.last().copied().unwrap_or_default();
        return Err(Error::Constant { field: what.to_owned(), value });
    }
    let places: Vec<usize> = (0..k).collect();
    let names: Vec<&str> = marks.iter().map(|mark| mark.name.as_str()).collect();
    let factor = covariance.part(&places).cholesky(&names)?;
    let right: Vec<f64> = covariance.row(k).iter().copied().take(k).collect();
    let coefficients = factor.solve(&right);
    let explained: f64 = coefficients.iter().zip(&right).map(|(b, s)| b * s).sum();
    let (n, freedom) = (outcome.len() as f64, (outcome.len() - k - 1) as f64);
    let residual = ((variance - explained).max(0.0) * (n - 1.0) / freedom).max(0.0);
    let contrast = |((mark, &value), inverse): ((&Mark, &f64), f64)| {
        let standard_error = (residual * inverse / (n - 1.0)).sqrt();
        let p_value = if standard_error > 0.0 {
            student_two_sided(value / standard_error, freedom)
        } else {
            f64::from(u8::from(value.abs() <= 0.0))
        };
        Contrast { value, standard_error, p_value, respondents: mark.respondents }
    };
    Ok(marks.iter().zip(&coefficients).zip(factor.inverse_diagonal()).map(contrast).collect())
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
            (reward.value - 2.0).abs() < 1e-12 && (reward.p_value - 0.070_484).abs() < 1e-5,
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
        let rows = [1.0, 1.0, 3.0, 3.0, 3.0, 3.0, 1.0, 1.0];
        assert!(text(&["x", "y"], &rows, &[1.0, 2.0, 3.0, 5.0]).starts_with("low y must not follow from"));
    }
}
