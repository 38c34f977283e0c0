#[cfg(doc)]
use crm_numbers::InputError;
use crm_numbers::check;

use super::Importance;
use crate::{Error, Scale};

/// The position of the cuts of an importance-performance matrix.
#[derive(Debug, Clone, PartialEq)]
pub enum QuadrantCut {
    /// The mean of the drivers on both axes, so that some are always better than others.
    DataMean,
    /// The center of the scale for performance, the mean for importance, so that no driver is good
    /// only because the others are worse.
    ScaleCenter(Scale),
    /// Given values.
    Given {
        /// Cut of the importance.
        importance: f64,
        /// Cut of the performance.
        performance: f64,
    },
}

/// The recommendation for a driver, by importance and performance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DriverAction {
    /// Important, with low performance.
    ConcentrateHere,
    /// Important, with high performance.
    KeepUp,
    /// Unimportant, with low performance.
    LowPriority,
    /// Unimportant, with high performance.
    PossibleOverkill,
}

crm_numbers::names! {
    DriverAction, "action" {
        ConcentrateHere = "concentrate_here",
        KeepUp = "keep_up",
        LowPriority = "low_priority",
        PossibleOverkill = "possible_overkill",
    }
}

/// A driver in an importance-performance matrix.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct DriverPoint {
    /// Name of the driver.
    pub name: String,
    /// Importance of the driver.
    pub importance: f64,
    /// Performance of the driver.
    pub performance: f64,
    /// Recommendation.
    pub action: DriverAction,
}

/// An importance-performance matrix: drivers in four quadrants, which show missing and wasted
/// effort.
///
/// A driver is important, or performs well, if it is above the cut; on the cut it is not.
///
/// # References
///
/// Martilla, J. A. and James, J. C. (1977), "Importance-Performance Analysis", Journal of Marketing
/// 41 (1), 77-79.
///
/// # Examples
///
/// ```
/// use crm_satisfaction::drivers::{DriverAction, Drivers, ImportancePerformance, QuadrantCut};
///
/// let rows = [1., 5., 2., 4., 3., 5., 4., 4., 5., 5.];
/// let drivers = Drivers::new(&["speed", "logo"], &rows, &[1., 2., 3., 4., 5.])?;
/// // Speed matters and is mediocre, the logo is good and does not matter.
/// let matrix =
///     ImportancePerformance::new(&drivers.correlation(), drivers.performance(), &QuadrantCut::DataMean)?;
/// assert_eq!(matrix.points()[0].action, DriverAction::ConcentrateHere);
/// assert_eq!(matrix.points()[1].action, DriverAction::PossibleOverkill);
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
    /// Creates the matrix of drivers from their importance, of any kind, and their performance.
    ///
    /// # Errors
    ///
    /// [`InputError::Empty`] without drivers, [`InputError::Length`] unless there is one
    /// performance per driver, [`InputError::Range`] for figures and cuts that are not finite.
    pub fn new(importance: &[Importance], performance: &[f64], cut: &QuadrantCut) -> Result<Self, Error> {
        check::not_empty("drivers", importance)?;
        check::length("figures of performance", performance.len(), importance.len())?;
        let values: Vec<f64> = importance.iter().map(|driver| driver.value).collect();
        check::finite("importance", &values)?;
        check::finite("performance", performance)?;
        let mean = |values: &[f64]| values.iter().map(|value| value / values.len() as f64).sum::<f64>();
        let (importance_cut, performance_cut) = match cut {
            QuadrantCut::DataMean => (mean(&values), mean(performance)),
            QuadrantCut::ScaleCenter(scale) => (mean(&values), scale.center()),
            QuadrantCut::Given { importance, performance } => (
                check::range("importance cut", *importance, ..)?,
                check::range("performance cut", *performance, ..)?,
            ),
        };
        let point = |(driver, &performance): (&Importance, &f64)| {
            let action = match (driver.value > importance_cut, performance > performance_cut) {
                (true, false) => DriverAction::ConcentrateHere,
                (true, true) => DriverAction::KeepUp,
                (false, false) => DriverAction::LowPriority,
                (false, true) => DriverAction::PossibleOverkill,
            };
            DriverPoint { name: driver.name.clone(), importance: driver.value, performance, action }
        };
        let points = importance.iter().zip(performance).map(point).collect();
        Ok(Self { points, importance_cut, performance_cut })
    }

    /// Returns the drivers in the given order.
    #[must_use]
    pub fn points(&self) -> &[DriverPoint] {
        &self.points
    }

    /// Returns the importance above which a driver is important.
    #[must_use]
    pub fn importance_cut(&self) -> f64 {
        self.importance_cut
    }

    /// Returns the performance above which a driver performs well.
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
        let by = |cut: &QuadrantCut| ImportancePerformance::new(&importance, &performance, cut).unwrap();
        let actions =
            |cut: &QuadrantCut| by(cut).points().iter().map(|point| point.action).collect::<Vec<_>>();
        assert_eq!(actions(&QuadrantCut::DataMean), [DriverAction::LowPriority, DriverAction::KeepUp]);
        let five = Scale::new(1, 5).unwrap();
        assert_eq!(
            actions(&QuadrantCut::ScaleCenter(five)),
            [DriverAction::PossibleOverkill, DriverAction::KeepUp]
        );
        // On the line is not above it.
        assert_eq!(
            actions(&QuadrantCut::Given { importance: 0.5, performance: 4.5 }),
            [DriverAction::LowPriority, DriverAction::LowPriority]
        );
        assert_eq!(by(&QuadrantCut::DataMean).performance_cut(), 4.25);
    }

    #[test]
    fn what_makes_no_matrix_is_refused() {
        let text = |importance: &[f64], performance: &[f64], cut: QuadrantCut| {
            ImportancePerformance::new(&drivers(importance), performance, &cut).unwrap_err().to_string()
        };
        assert_eq!(text(&[], &[], QuadrantCut::DataMean), "drivers must not be empty");
        assert_eq!(text(&[1.0], &[], QuadrantCut::DataMean), "expected 1 figures of performance, got 0");
        assert_eq!(
            text(&[1.0], &[1.0], QuadrantCut::Given { importance: f64::NAN, performance: 1.0 }),
            "importance cut must be finite, got NaN"
        );
    }
}
