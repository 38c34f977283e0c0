use std::fmt;

use crm_numbers::check;
use crm_numbers::{Amount, Interval, Level};

use crate::Stage;
use crate::error::Error;
use crate::trial::{Arm, Welch};

/// The value of each stage: the mean spend of its customers in the time after they were known to be
/// in it.
///
/// Take a day in the past (the cut) and a period after it (the horizon). The stage of each customer
/// is the one that was known on that day, from data up to it: by rules or P(alive) as of the cut,
/// or by the filtered (not the smoothed) states of a hidden Markov model that was fitted to the
/// data up to the cut. A stage assigned with hindsight already contains the spend after the cut,
/// and so does its value.
///
/// The value of a stage is the mean amount per customer and year, over all its customers, including
/// those without a purchase. It describes the customers in the stage. It is not the gain from
/// moving a customer from one stage to another: customers of different stages differ in other ways,
/// too.
///
/// [`back_test`](Self::back_test) compares the values with the later spend of other customers, or
/// of the same ones. Report it beside them.
///
/// # Examples
///
/// ```
/// use crm_lifecycle::{Stage::*, StageValues};
/// use crm_numbers::Level;
///
/// // Stages of six customers two years ago, and what they brought in the year after; then of six a year ago.
/// let (known, brought) = ([Stability, Stability, Stability, Decline, Decline, Decline], [90, 100, 140, 0, 0, 30]);
/// let values = StageValues::new(&known, &brought, 1.0, Level::default())?;
/// assert_eq!((values.of(Stability).per_year, values.of(Decline).per_year), (Some(110.0), Some(10.0)));
/// assert_eq!(values.of(Exploration).per_year, None); // nobody was there, which is not the same as nothing
///
/// let test = values.back_test(&[Stability, Stability, Decline, Decline], &[80, 120, 0, 10], 1.0)?;
/// let decline = test.of(Decline);
/// assert_eq!((decline.predicted, decline.actual), (Some(10.0), Some(5.0)));
/// // 2 x 110 + 2 x 10 were predicted, 210 came: 60 and 52.5 per customer and year.
/// assert_eq!((test.predicted, test.actual), (Some(60.0), Some(52.5)));
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct StageValues {
    level: Level,
    arms: [Option<Arm>; 4],
}

/// The value of one stage.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct StageValue {
    /// Stage.
    pub stage: Stage,
    /// Number of customers known to be in the stage at the cut.
    pub customers: u64,
    /// Mean amount per customer and year; `None` for a stage without customers.
    pub per_year: Option<f64>,
    /// Mean amount per customer and year, with the limits of Student's t; `None` for fewer than two
    /// customers, and if all spent the same, so that the spread is unknown.
    pub interval: Option<Interval>,
}

/// The value of one stage compared with actual spend.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct StageBackTest {
    /// Stage.
    pub stage: Stage,
    /// Number of customers of the test who were known to be in the stage.
    pub customers: u64,
    /// Predicted amount per customer and year; `None` for a stage without a value.
    pub predicted: Option<f64>,
    /// Actual amount per customer and year; `None` for a stage without customers.
    pub actual: Option<f64>,
    /// Actual amount less the predicted one, with the limits of Welch's t; `None` for fewer than
    /// two customers on either side, or if neither side has a spread.
    pub difference: Option<Interval>,
}

/// The values of all stages compared with actual spend.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct BackTest {
    /// Results by stage, in the order of [`Stage::ALL`].
    pub stages: [StageBackTest; 4],
    /// Predicted amount per customer and year, over all customers of the test whose stage has a
    /// value; `None` without one.
    pub predicted: Option<f64>,
    /// Actual amount per customer and year of the same customers.
    pub actual: Option<f64>,
}

impl StageValues {
    /// Creates the values from the stage of each customer as known at the cut and the amount that
    /// the customer spent in the `years` after it.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without customers, for columns of different lengths, for amounts that are
    /// not finite or beyond 1e100, and unless the years lie in 1e-6..=1e6.
    pub fn new<T: Amount>(known: &[Stage], brought: &[T], years: f64, level: Level) -> Result<Self, Error> {
        Ok(Self { level, arms: arms(known, brought, years)? })
    }

    /// Returns the value of a stage.
    #[must_use]
    pub fn of(&self, stage: Stage) -> StageValue {
        let arm = self.arms.get(stage.index()).copied().flatten();
        StageValue {
            stage,
            customers: arm.map_or(0, |arm| arm.size as u64),
            per_year: arm.map(|arm| arm.mean),
            interval: arm.and_then(|arm| arm.interval(self.level)),
        }
    }

    /// Returns the values of all stages, in the order of [`Stage::ALL`].
    #[must_use]
    pub fn all(&self) -> [StageValue; 4] {
        Stage::EACH.map(|stage| self.of(stage))
    }

    /// Compares the values with actual amounts: of customers who were not used for the values, or
    /// after a later cut.
    ///
    /// # Errors
    ///
    /// Fails like [`new`](Self::new).
    pub fn back_test<T: Amount>(
        &self,
        known: &[Stage],
        brought: &[T],
        years: f64,
    ) -> Result<BackTest, Error> {
        let tested = arms(known, brought, years)?;
        let of_stage = |stage: Stage| {
            let of = |arms: &[Option<Arm>; 4]| arms.get(stage.index()).copied().flatten();
            (of(&self.arms), of(&tested))
        };
        let stages = Stage::EACH.map(|stage| {
            let (value, came) = of_stage(stage);
            let welch = value.zip(came).and_then(|(value, came)| Welch::of(&came, &value));
            StageBackTest {
                stage,
                customers: came.map_or(0, |came| came.size as u64),
                predicted: value.map(|value| value.mean),
                actual: came.map(|came| came.mean),
                difference: welch.map(|welch| welch.interval(self.level)),
            }
        });
        let both: Vec<(Arm, Arm)> = Stage::EACH
            .into_iter()
            .filter_map(|stage| {
                let (value, came) = of_stage(stage);
                value.zip(came)
            })
            .collect();
        let customers: f64 = both.iter().map(|(_, came)| came.size).sum();
        let mean = |amount: fn(&(Arm, Arm)) -> f64| {
            (customers > 0.0).then(|| both.iter().map(|pair| amount(pair) * (pair.1.size / customers)).sum())
        };
        Ok(BackTest { stages, predicted: mean(|(value, _)| value.mean), actual: mean(|(_, came)| came.mean) })
    }
}

impl BackTest {
    /// Returns the test of one stage.
    #[must_use]
    pub fn of(&self, stage: Stage) -> StageBackTest {
        let [exploration, formation, stability, decline] = self.stages;
        match stage {
            Stage::Exploration => exploration,
            Stage::Formation => formation,
            Stage::Stability => stability,
            Stage::Decline => decline,
        }
    }
}

impl StageBackTest {
    /// Returns whether the predicted amount lies within the limits of the actual one; `None`
    /// without an interval.
    #[must_use]
    pub fn agrees(&self) -> Option<bool> {
        self.difference.map(|difference| difference.lower <= 0.0 && difference.upper >= 0.0)
    }
}

/// Returns the amounts per year by stage.
fn arms<T: Amount>(known: &[Stage], brought: &[T], years: f64) -> Result<[Option<Arm>; 4], Error> {
    check::not_empty("stages known", known)?;
    check::length("amounts brought", brought.len(), known.len())?;
    check::range("years", years, 1e-6..=1e6)?;
    let amounts: Vec<f64> = brought.iter().map(|amount| amount.to_f64()).collect();
    check::range_of_all("amounts brought", &amounts, -1e100..=1e100)?;
    Ok(Stage::EACH.map(|stage| {
        let of_stage = known.iter().zip(&amounts).filter(|(known, _)| **known == stage);
        let values: Vec<f64> = of_stage.map(|(_, amount)| amount / years).collect();
        (!values.is_empty()).then(|| Arm::of_values(&values))
    }))
}

impl fmt::Display for StageValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.all().iter().try_for_each(|value| {
            write!(f, "{:<11}  {:>9}", value.stage, value.customers)?;
            match (value.interval, value.per_year) {
                (Some(interval), _) => writeln!(f, "  {interval}"),
                (None, Some(per_year)) => writeln!(f, "  {per_year:.4}"),
                (None, None) => writeln!(f, "  -"),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Stage::{Decline, Exploration, Formation, Stability};
    use super::*;

    fn values(known: &[Stage], brought: &[f64]) -> StageValues {
        StageValues::new(known, brought, 0.5, Level::default()).unwrap()
    }

    #[test]
    fn half_a_year_counts_twice_and_the_limits_are_those_of_student() {
        let values = values(&[Decline, Formation, Decline, Decline], &[1.0, 50.0, 2.0, 3.0]);
        let decline = values.of(Decline).interval.unwrap();
        // 4 -+ 4.302653 x 2 / sqrt(3) with 2 degrees of freedom.
        assert!((decline.estimate - 4.0).abs() < 1e-12);
        assert!((decline.upper - 8.968_275_4).abs() < 1e-6, "{decline}");
        // One customer has a mean and no limits.
        assert_eq!(values.of(Formation).per_year, Some(100.0));
        assert_eq!(values.of(Formation).interval, None);
        assert_eq!(values.of(Stability).customers, 0);
        let text = values.to_string();
        assert!(text.starts_with("exploration          0  -\nformation            1  100.0000\n"), "{text}");
    }

    #[test]
    fn a_back_test_says_where_the_values_fail() {
        let values = values(&[Decline; 6], &[120.0, 124.0, 126.0, 122.0, 125.0, 127.0]);
        let test = values.back_test(&[Decline, Decline, Decline, Exploration], &[10.0, 0.0, 20.0, 3.0], 0.5);
        let test = test.unwrap();
        let decline = test.of(Decline);
        assert_eq!((decline.predicted, decline.actual, decline.customers), (Some(248.0), Some(20.0), 3));
        assert_eq!(decline.agrees(), Some(false));
        // A stage without a value is in neither mean.
        assert_eq!((test.predicted, test.actual), (Some(248.0), Some(20.0)));
        assert_eq!(test.of(Exploration).agrees(), None);
        let again = values.back_test(&[Decline; 3], &[119.0, 128.0, 124.0], 0.5).unwrap();
        assert_eq!(again.of(Decline).agrees(), Some(true));
    }

    #[test]
    fn errors_name_field_and_value() {
        let text = |known: &[Stage], brought: &[f64], years| {
            StageValues::new(known, brought, years, Level::default()).unwrap_err().to_string()
        };
        assert_eq!(text(&[], &[], 1.0), "stages known must not be empty");
        assert_eq!(text(&[Decline], &[], 1.0), "expected 1 amounts brought, got 0");
        assert_eq!(text(&[Decline], &[1.0], 0.0), "years must be between 1e-6 and 1000000, got 0");
        assert_eq!(
            text(&[Decline], &[f64::NAN], 1.0),
            "amounts brought[0] must be between -1e100 and 1e100, got NaN"
        );
    }
}
