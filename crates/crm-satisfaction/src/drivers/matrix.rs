use std::fmt;

use super::Importance;
use crate::error::{check_finite, check_length, out_of_range};
use crate::{Error, Scale};

/// Where the lines of an importance-performance matrix run.
#[derive(Debug, Clone, PartialEq)]
pub enum Cut {
    /// At the mean of the drivers, on both axes: some are always better than others.
    DataMean,
    /// Performance at the middle of the scale, importance at its mean: nothing is called good because the rest is worse.
    ScaleCentre(Scale),
    /// At given values of (importance, performance).
    Given(f64, f64),
}

/// What to do about a driver, by importance and performance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Action {
    /// Important and not good enough.
    ConcentrateHere,
    /// Important and good.
    KeepUp,
    /// Neither important nor good.
    LowPriority,
    /// Good at what does not matter.
    PossibleOverkill,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::ConcentrateHere => "concentrate here",
            Self::KeepUp => "keep it up",
            Self::LowPriority => "low priority",
            Self::PossibleOverkill => "possible overkill",
        })
    }
}

/// One driver in the matrix.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct DriverPoint {
    /// The driver's name.
    pub name: String,
    /// How much it matters.
    pub importance: f64,
    /// How well it is done.
    pub performance: f64,
    /// What follows.
    pub action: Action,
}

/// Where effort is missing and where it is wasted: drivers by importance and performance, cut in four.
///
/// A driver counts as important, or good, if it lies above the line; on the line it does not.
///
/// Source: Martilla, J. A. and James, J. C. (1977), "Importance-Performance Analysis", Journal of Marketing 41 (1), 77-79.
///
/// ```
/// use crm_satisfaction::drivers::{Action, Cut, Drivers, ImportancePerformance};
///
/// let rows = [1., 5., 2., 4., 3., 5., 4., 4., 5., 5.];
/// let drivers = Drivers::new(&["speed", "logo"], &rows, &[1., 2., 3., 4., 5.])?;
/// // Speed goes along with satisfaction and is mediocre, the logo is well liked and does nothing.
/// let matrix = ImportancePerformance::new(&drivers.correlation(), drivers.performance(), &Cut::DataMean)?;
/// assert_eq!(matrix.points()[0].action, Action::ConcentrateHere);
/// assert_eq!(matrix.points()[1].action, Action::PossibleOverkill);
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ImportancePerformance {
    points: Vec<DriverPoint>,
    importance_cut: f64,
    performance_cut: f64,
}

impl ImportancePerformance {
    /// The matrix of drivers with their importance, by any of the four ways, and performance.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::Length`], [`Error::NotFinite`], [`Error::OutOfRange`] for a cut that is not finite.
    pub fn new(importance: &[Importance], performance: &[f64], cut: &Cut) -> Result<Self, Error> {
        if importance.is_empty() {
            return Err(Error::Empty { field: "drivers".to_owned() });
        }
        check_length("performance", "drivers", importance.len(), performance.len())?;
        let values: Vec<f64> = importance.iter().map(|driver| driver.value).collect();
        check_finite("importance", &values)?;
        check_finite("performance", performance)?;
        let mean = |values: &[f64]| values.iter().map(|value| value / values.len() as f64).sum::<f64>();
        let (importance_cut, performance_cut) = match cut {
            Cut::DataMean => (mean(&values), mean(performance)),
            Cut::ScaleCentre(scale) => (mean(&values), scale.centre()),
            Cut::Given(importance, performance) if importance.is_finite() && performance.is_finite() => {
                (*importance, *performance)
            }
            Cut::Given(importance, performance) => {
                return Err(out_of_range("cut", "be finite", format!("{importance} and {performance}")));
            }
        };
        let point = |(driver, &performance): (&Importance, &f64)| {
            let action = match (driver.value > importance_cut, performance > performance_cut) {
                (true, false) => Action::ConcentrateHere,
                (true, true) => Action::KeepUp,
                (false, false) => Action::LowPriority,
                (false, true) => Action::PossibleOverkill,
            };
            DriverPoint { name: driver.name.clone(), importance: driver.value, performance, action }
        };
        let points = importance.iter().zip(performance).map(point).collect();
        Ok(Self { points, importance_cut, performance_cut })
    }

    /// The drivers in the order given.
    #[must_use]
    pub fn points(&self) -> &[DriverPoint] {
        &self.points
    }

    /// Importance above this is important.
    #[must_use]
    pub fn importance_cut(&self) -> f64 {
        self.importance_cut
    }

    /// Performance above this is good.
    #[must_use]
    pub fn performance_cut(&self) -> f64 {
        self.performance_cut
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;

    fn drivers(values: &[f64]) -> Vec<Importance> {
        values.iter().map(|&value| Importance { name: format!("d{value}"), value }).collect()
    }

    #[test]
    fn the_lines_are_a_choice() {
        let (importance, performance) = (drivers(&[0.1, 0.5]), [4.0, 4.5]);
        let by = |cut: &Cut| ImportancePerformance::new(&importance, &performance, cut).unwrap();
        let actions = |cut: &Cut| by(cut).points().iter().map(|point| point.action).collect::<Vec<_>>();
        assert_eq!(actions(&Cut::DataMean), [Action::LowPriority, Action::KeepUp]);
        let five = Scale::new(1, 5).unwrap();
        assert_eq!(actions(&Cut::ScaleCentre(five)), [Action::PossibleOverkill, Action::KeepUp]);
        // On the line is not above it.
        assert_eq!(actions(&Cut::Given(0.5, 4.5)), [Action::LowPriority, Action::LowPriority]);
        assert_eq!(by(&Cut::DataMean).performance_cut(), 4.25);
    }

    #[test]
    fn what_makes_no_matrix_is_refused() {
        let text = |importance: &[f64], performance: &[f64], cut: Cut| {
            ImportancePerformance::new(&drivers(importance), performance, &cut).unwrap_err().to_string()
        };
        assert_eq!(text(&[], &[], Cut::DataMean), "drivers must hold at least one value, got 0");
        assert_eq!(text(&[1.0], &[], Cut::DataMean), "performance must be as many as drivers (1), got 0");
        assert_eq!(text(&[1.0], &[1.0], Cut::Given(f64::NAN, 1.0)), "cut must be finite, got NaN and 1");
    }
}
