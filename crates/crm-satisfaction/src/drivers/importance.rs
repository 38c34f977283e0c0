#[cfg(doc)]
use crm_numbers::InputError;
use crm_numbers::check;
use crm_statistics::distribution::StudentT;

use crate::error::check_squarable;
use crate::linear::{Cholesky, Symmetric};
use crate::{Error, Survey};

/// Attributes and an outcome of the same respondents, from which importance is computed.
///
/// All figures follow from the correlations of complete rows. Four kinds of importance answer four
/// questions:
///
/// | kind | question | sum |
/// |---|---|---|
/// | stated | what do customers *say* is important? ([`Drivers::stated`]) | |
/// | correlation | what is associated with satisfaction? | |
/// | regression | what moves it, all other attributes being equal? | |
/// | shares: [`relative_weights`](Drivers::relative_weights), [`shapley`](Drivers::shapley) | how much of the explained variance is due to it? | R2 |
///
/// Attributes of one survey are correlated, and regression then gives nearly equal attributes
/// weights of either sign; the shares do not.
#[derive(Debug, Clone, PartialEq)]
pub struct Drivers {
    names: Vec<String>,
    means: Vec<f64>,
    /// Correlations of the drivers.
    pub(super) among: Symmetric,
    /// Correlations of the drivers with the outcome.
    pub(super) with_outcome: Vec<f64>,
    respondents: usize,
}

/// The importance of one driver.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Importance {
    /// Name of the driver.
    pub name: String,
    /// Importance, in the unit of its kind.
    pub value: f64,
}

/// A standardized coefficient of the regression of the outcome on all drivers.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct DriverCoefficient {
    /// Name of the driver.
    pub name: String,
    /// Change of the outcome per standard deviation of the driver, in standard deviations.
    pub value: f64,
    /// Standard error; 0 for an exact fit.
    pub standard_error: f64,
    /// Two-sided p-value by Student's distribution; `None` for an exact fit, which leaves nothing
    /// to chance.
    pub p_value: Option<f64>,
}

impl DriverCoefficient {
    /// Returns whether the coefficient is significant at the level `alpha`, such as 0.05; in an
    /// exact fit, whether it is not 0.
    #[must_use]
    pub fn is_significant(&self, alpha: f64) -> bool {
        self.p_value.map_or(self.value.abs() > 0.0, |p_value| p_value <= alpha)
    }
}

impl Drivers {
    /// Creates drivers from complete rows, one per respondent, and the outcome of each respondent.
    ///
    /// # Errors
    ///
    /// [`InputError::Empty`] without drivers; [`InputError::Empty`] and [`InputError::Duplicate`]
    /// for names that are empty or repeated; [`InputError::Length`] unless there is one value per
    /// name and respondent; [`InputError::Range`] for values that are not finite or greater than
    /// 1e100 in size, and for fewer respondents than drivers and two; [`Error::Constant`] for a
    /// column that does not vary.
    pub fn new(names: &[impl AsRef<str>], rows: &[f64], outcome: &[f64]) -> Result<Self, Error> {
        let width = names.len();
        check::not_empty("drivers", names)?;
        check::names("drivers", names)?;
        check::length("values of drivers", rows.len(), width * outcome.len())?;
        check_squarable("drivers", rows)?;
        check_squarable("outcome", outcome)?;
        check::range("complete respondents", outcome.len(), width + 2..)?;
        let both: Vec<f64> = rows
            .chunks_exact(width)
            .zip(outcome)
            .flat_map(|(row, outcome)| row.iter().chain(std::iter::once(outcome)).copied())
            .collect();
        let (mut means, covariance) = Symmetric::covariance(&both, width + 1, None);
        let mut all_names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        all_names.push("outcome");
        let correlation = covariance.correlation(&means, &all_names)?;
        let drivers: Vec<usize> = (0..width).collect();
        means.truncate(width);
        Ok(Self {
            names: names.iter().map(|name| name.as_ref().to_owned()).collect(),
            means,
            among: correlation.part(&drivers),
            with_outcome: correlation.row(width).iter().copied().take(width).collect(),
            respondents: outcome.len(),
        })
    }

    /// Creates drivers from questions of a survey; respondents who left one out are left out.
    ///
    /// # Errors
    ///
    /// [`InputError::UnknownName`] for a question that the survey does not have, and the errors of
    /// [`new`](Self::new).
    pub fn from_survey(survey: &Survey, drivers: &[impl AsRef<str>], outcome: &str) -> Result<Self, Error> {
        let names: Vec<&str> = drivers.iter().map(AsRef::as_ref).chain([outcome]).collect();
        let complete = survey.complete_rows(&names)?;
        let (mut rows, mut outcomes) = (Vec::new(), Vec::new());
        for row in complete.values().chunks_exact(names.len()) {
            if let [own @ .., last] = row {
                rows.extend_from_slice(own);
                outcomes.push(*last);
            }
        }
        Self::new(drivers, &rows, &outcomes)
    }

    /// Returns the names of the drivers.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the number of complete rows.
    #[must_use]
    pub fn respondents(&self) -> usize {
        self.respondents
    }

    /// Returns the performance of each driver: its mean.
    #[must_use]
    pub fn performance(&self) -> &[f64] {
        &self.means
    }

    /// Returns the stated importance of each driver, such as the mean answer to "how important is
    /// it to you?".
    ///
    /// # Errors
    ///
    /// [`InputError::Length`] unless there is one figure per driver, [`InputError::Range`] for a
    /// figure that is not finite.
    pub fn stated(&self, importance: &[f64]) -> Result<Vec<Importance>, Error> {
        check::length("figures of importance", importance.len(), self.names.len())?;
        check::finite("importance", importance)?;
        Ok(self.named(importance.to_vec()))
    }

    /// Returns the correlation of each driver with the outcome, from -1 to 1.
    #[must_use]
    pub fn correlation(&self) -> Vec<Importance> {
        self.named(self.with_outcome.clone())
    }

    /// Returns the standardized coefficients of the regression of the outcome on all drivers.
    ///
    /// A coefficient below the rounding of the computation is 0. If 1 - R2 is, the fit is exact:
    /// standard errors are 0 and there are no p-values.
    ///
    /// # Formula
    ///
    /// `beta = R^-1 r`, `error_j^2 = (1 - R2) / (n - k - 1) (R^-1)_jj`, `R` the correlations of the
    /// `k` drivers and `r` theirs with the outcome.
    ///
    /// # Errors
    ///
    /// [`Error::Collinear`] for a driver that follows from those before it.
    pub fn regression(&self) -> Result<Vec<DriverCoefficient>, Error> {
        let factor = self.factor()?;
        let betas = factor.solve(&self.with_outcome);
        let freedom = (self.respondents - self.names.len() - 1) as f64;
        let student = StudentT::new(freedom)?;
        let unexplained = (1.0 - self.explained(&betas)).max(0.0);
        let rounding = factor.rounding();
        let exact = unexplained <= rounding;
        let coefficient = |((name, value), inverse): ((&String, f64), f64)| {
            let value = if value.abs() <= rounding { 0.0 } else { value };
            let standard_error = if exact { 0.0 } else { (unexplained / freedom * inverse).sqrt() };
            let p_value = (!exact).then(|| student.two_sided(value / standard_error));
            DriverCoefficient { name: name.clone(), value, standard_error, p_value }
        };
        Ok(self.names.iter().zip(betas).zip(factor.inverse_diagonal()).map(coefficient).collect())
    }

    /// Returns R2, the share of the variance of the outcome that all drivers explain together.
    ///
    /// # Errors
    ///
    /// [`Error::Collinear`] for a driver that follows from those before it.
    pub fn r_squared(&self) -> Result<f64, Error> {
        Ok(self.explained(&self.factor()?.solve(&self.with_outcome)))
    }

    pub(super) fn factor(&self) -> Result<Cholesky, Error> {
        self.among.cholesky(&self.names)
    }

    pub(super) fn named(&self, values: Vec<f64>) -> Vec<Importance> {
        self.names.iter().cloned().zip(values).map(|(name, value)| Importance { name, value }).collect()
    }

    fn explained(&self, betas: &[f64]) -> f64 {
        let sum: f64 = betas.iter().zip(&self.with_outcome).map(|(beta, r)| beta * r).sum();
        sum.clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_driver_is_its_correlation() {
        // x 1..5, y: r = 0.8 (sum of products 8, sums of squares 10 and 10).
        let drivers = Drivers::new(&["x"], &[1.0, 2.0, 3.0, 4.0, 5.0], &[1.0, 3.0, 2.0, 5.0, 4.0]).unwrap();
        let near = |got: f64, wanted: f64| assert!((got - wanted).abs() < 1e-12, "{got} {wanted}");
        near(drivers.correlation()[0].value, 0.8);
        near(drivers.r_squared().unwrap(), 0.64);
        let beta = &drivers.regression().unwrap()[0];
        near(beta.value, 0.8);
        // t = 0.8 sqrt(3 / 0.36) = 2.3094 on 3 degrees of freedom: p = 0.10409.
        near(beta.standard_error, (0.36_f64 / 3.0).sqrt());
        assert!((beta.p_value.unwrap() - 0.104_088).abs() < 1e-5, "{beta:?}");
        near(drivers.shapley().unwrap()[0].value, 0.64);
        near(drivers.relative_weights().unwrap()[0].value, 0.64);
    }

    /// The outcome is the mean of two drivers; the third and the fourth have nothing to do with it,
    /// and 1e-16 is not something.
    #[test]
    fn rounding_is_no_effect() {
        let (mut rows, mut outcome) = (Vec::new(), Vec::new());
        for n in 0..256 {
            let level = |power: u32| f64::from(1 + n / 4_i32.pow(power) % 4) * 0.1;
            rows.extend([level(0), level(1), level(2), level(3)]);
            outcome.push(f64::midpoint(level(0), level(1)));
        }
        let found = Drivers::new(&["a", "b", "c", "d"], &rows, &outcome).unwrap().regression().unwrap();
        for (coefficient, wanted) in found.iter().zip([0.5_f64.sqrt(), 0.5_f64.sqrt(), 0.0, 0.0]) {
            assert!((coefficient.value - wanted).abs() < 1e-12, "{coefficient:?}");
            assert_eq!((coefficient.p_value, coefficient.standard_error), (None, 0.0));
            assert_eq!(coefficient.is_significant(0.05), wanted > 0.0, "{coefficient:?}");
        }
    }

    #[test]
    fn input_that_says_nothing_is_refused_by_name() {
        let text = |names: &[&str], rows: &[f64], outcome: &[f64]| {
            Drivers::new(names, rows, outcome).unwrap_err().to_string()
        };
        assert_eq!(text(&[], &[], &[]), "drivers must not be empty");
        assert_eq!(text(&["x"], &[1.0, 2.0], &[1.0, 2.0]), "complete respondents must be at least 3, got 2");
        assert_eq!(text(&["x"], &[3.0; 4], &[1.0, 2.0, 3.0, 4.0]), "x must vary, got 3 everywhere");
        assert_eq!(text(&["x"], &[1.0, 2.0, 3.0], &[7.0; 3]), "outcome must vary, got 7 everywhere");
        let rows = [1.0, 2.0, 2.0, 4.0, 3.0, 6.0, 5.0, 10.0];
        let twice = Drivers::new(&["x", "double"], &rows, &[1.0, 2.0, 3.0, 3.0]).unwrap();
        assert!(
            twice
                .regression()
                .unwrap_err()
                .to_string()
                .starts_with("double follows from the columns before it")
        );
        assert!(twice.shapley().is_err() && twice.r_squared().is_err());
    }
}
