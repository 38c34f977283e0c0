//! Matrices: two scores cut against each other, with a name for each region.

use crate::assignments::check_names;
use crate::column::check_finite;
use crate::{Assignments, Cuts, Error};
use crm_numbers::check;

/// Two scores with a named cut line on each: who is satisfied and loyal, valuable and at risk,
/// small and promising.
///
/// A score equal to a cut line lies below it, as with all [`Cuts`]. Regions are named row by row,
/// from the lowest row of the vertical score, and in each row from the left.
///
/// # Examples
///
/// ```
/// use crm_segmentation::matrix::Matrix;
///
/// let matrix = Matrix::satisfaction_loyalty(60.0, 50.0)?;
/// let regions = matrix.assign(&[90.0, 90.0, 20.0], &[80.0, 10.0, 70.0])?;
/// assert_eq!((0..3).map(|i| regions.name(i).unwrap()).collect::<Vec<_>>(), ["apostle", "mercenary", "hostage"]);
/// assert_eq!(regions.reason(1), Some("satisfaction above 60, loyalty up to 50"));
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Matrix {
    x: Axis,
    y: Axis,
    regions: Vec<String>,
}

crm_numbers::gate!(Matrix, Matrix::checked);

/// A score with its cut lines.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Axis {
    name: String,
    cuts: Cuts<f64>,
}

impl Axis {
    /// Creates an axis from a score's name and its cuts: given points, the middle of a scale, or
    /// the median ([`Cuts::quantile`] with two bins).
    #[must_use]
    pub fn new(name: impl Into<String>, cuts: Cuts<f64>) -> Self {
        Self { name: name.into(), cuts }
    }

    /// Returns the name of the score.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the cuts of the score.
    #[must_use]
    pub fn cuts(&self) -> &Cuts<f64> {
        &self.cuts
    }
}

impl Matrix {
    /// Creates a matrix from two cut scores, the horizontal one first, and the names of its
    /// regions.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless there is a name for each region, for an empty or repeated name.
    pub fn new<N: Into<String>>(
        x: Axis,
        y: Axis,
        regions: impl IntoIterator<Item = N>,
    ) -> Result<Self, Error> {
        Self { x, y, regions: regions.into_iter().map(Into::into).collect() }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        let Self { x, y, regions } = &self;
        check_names("axes", &[&x.name, &y.name])?;
        check::length("regions", regions.len(), x.cuts.bins() * y.cuts.bins())?;
        check_names("regions", regions)?;
        Ok(self)
    }

    /// Creates the matrix of satisfaction by loyalty 满意度与忠诚度矩阵: defector, mercenary, hostage,
    /// apostle.
    ///
    /// Source: Jones, T. O., Sasser, W. E. (1995), Why satisfied customers defect, Harvard Business
    /// Review 73(6), 88-99.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a cut line that is no number.
    pub fn satisfaction_loyalty(satisfaction: f64, loyalty: f64) -> Result<Self, Error> {
        let names = ["defector", "mercenary", "hostage", "apostle"];
        Self::quadrants(("satisfaction", satisfaction), ("loyalty", loyalty), names)
    }

    /// Creates the matrix of value by risk of loss, which shows the customers worth a rescue.
    ///
    /// # Errors
    ///
    /// As [`Matrix::satisfaction_loyalty`].
    pub fn value_risk(value: f64, risk: f64) -> Result<Self, Error> {
        Self::quadrants(("value", value), ("risk", risk), ["let be", "keep", "let go", "rescue"])
    }

    /// Creates the matrix of current value by potential, which shows the customers to keep, to
    /// develop, and to serve at low cost.
    ///
    /// # Errors
    ///
    /// As [`Matrix::satisfaction_loyalty`].
    pub fn value_potential(value: f64, potential: f64) -> Result<Self, Error> {
        let names = ["serve cheaply", "maintain", "develop", "invest"];
        Self::quadrants(("current value", value), ("potential", potential), names)
    }

    /// Creates a matrix from two scores with one cut each; regions: lower left, lower right, upper
    /// left, upper right.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a cut line that is no number, for an empty or repeated name.
    pub fn quadrants(x: (&str, f64), y: (&str, f64), regions: [&str; 4]) -> Result<Self, Error> {
        let axis = |(name, cut): (&str, f64)| Ok::<_, Error>(Axis::new(name, Cuts::new(&[cut])?));
        Self::new(axis(x)?, axis(y)?, regions)
    }

    /// Returns the horizontal score.
    #[must_use]
    pub fn x(&self) -> &Axis {
        &self.x
    }

    /// Returns the vertical score.
    #[must_use]
    pub fn y(&self) -> &Axis {
        &self.y
    }

    /// Returns the regions, row by row from the lowest.
    #[must_use]
    pub fn regions(&self) -> &[String] {
        &self.regions
    }

    /// Assigns every customer to a region.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for columns of different length, for amounts that are not finite.
    pub fn assign(&self, x: &[f64], y: &[f64]) -> Result<Assignments, Error> {
        check::length("values of y", y.len(), x.len())?;
        check_finite("x", x)?;
        check_finite("y", y)?;
        let columns = self.x.cuts.bins();
        let region = |(&x, &y): (&f64, &f64)| (self.y.cuts.bin(y) * columns + self.x.cuts.bin(x)) as u32;
        let codes: Vec<u32> = x.iter().zip(y).map(region).collect();
        let across = self.x.cuts.reasons();
        let reasons = self.y.cuts.reasons().into_iter().flat_map(|up| {
            across
                .iter()
                .map(move |across| format!("{} {across}, {} {up}", self.x.name, self.y.name))
                .collect::<Vec<_>>()
        });
        Ok(Assignments::trusted(self.regions.iter().cloned(), codes).because(reasons))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_on_a_line_is_below_it() {
        let matrix = Matrix::value_risk(100.0, 0.5).unwrap();
        let regions = matrix.assign(&[100.0, 100.5, 100.0, 100.5], &[0.5, 0.5, 0.6, 0.6]).unwrap();
        assert_eq!(regions.to_string(), "let be: 1, keep: 1, let go: 1, rescue: 1");
        assert_eq!(regions.codes(), [0, 1, 2, 3]);
    }

    #[test]
    fn nine_fields_need_nine_names() {
        let axis = |name| Axis::new(name, Cuts::new(&[1.0, 2.0]).unwrap());
        let text =
            |names: &[&str]| Matrix::new(axis("a"), axis("b"), names.to_vec()).unwrap_err().to_string();
        assert_eq!(text(&["one"]), "expected 9 regions, got 1");
        assert!(text(&["one"; 9]).starts_with("regions[1] repeats"));
        let twice = Matrix::new(axis("a"), axis("a"), ["x"; 9]).unwrap_err();
        assert_eq!(twice.to_string(), "axes[1] repeats \"a\"");
        let short = Matrix::value_potential(1.0, 1.0).unwrap().assign(&[1.0], &[]).unwrap_err();
        assert_eq!(short.to_string(), "expected 1 values of y, got 0");
    }
}
