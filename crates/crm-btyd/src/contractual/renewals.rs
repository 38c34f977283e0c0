use crm_numbers::TimeUnit;

use crate::{Error, FitDiagnosis, models::Sample};

/// Customers under contract, by renewal: how many left at each, and how many were still there when
/// they were last seen.
///
/// # Examples
///
/// ```
/// use crm_btyd::contractual::Renewals;
///
/// // A cohort of 1 000, seen for three renewals, and a younger one seen for one.
/// let renewals = Renewals::from_cohorts(&[&[1_000, 631, 468, 382], &[500, 320]])?;
/// assert_eq!((renewals.customers(), renewals.lost(1), renewals.kept(3)), (1_500, 549, 382));
///
/// let error = Renewals::from_cohorts(&[&[1_000, 631, 640]]).unwrap_err();
/// assert_eq!(error.to_string(), "cohort grows from 631 to 640 customers at renewal 2");
/// # Ok::<(), crm_btyd::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Renewals {
    /// By the number of the renewal, from 0.
    periods: Vec<Period>,
}

/// Customers who have renewed equally often, by their fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Period {
    /// They left at this renewal.
    pub(super) lost: u64,
    /// They renewed here and were not seen any further.
    pub(super) kept: u64,
}

impl Renewals {
    /// Cohorts as they survive: the number of customers won, then the number left after each
    /// renewal.
    ///
    /// # Errors
    ///
    /// [`Error::CohortGrows`] where a number is larger than the one before it.
    pub fn from_cohorts(cohorts: &[&[u32]]) -> Result<Self, Error> {
        let mut renewals = Renewals::default();
        for cohort in cohorts {
            for (renewal, pair) in (1..).zip(cohort.windows(2)) {
                if let &[before, after] = pair {
                    let lost =
                        before.checked_sub(after).ok_or(Error::CohortGrows { renewal, before, after })?;
                    renewals.add(renewal, Period { lost: u64::from(lost), kept: 0 });
                }
            }
            if let Some(&left) = cohort.last() {
                renewals.add(cohort.len() - 1, Period { lost: 0, kept: u64::from(left) });
            }
        }
        Ok(renewals)
    }

    /// Returns the number of customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.periods.iter().map(|period| period.lost + period.kept).sum()
    }

    /// Customers who left at that renewal, from 1.
    #[must_use]
    pub fn lost(&self, renewal: usize) -> u64 {
        self.periods.get(renewal).map_or(0, |period| period.lost)
    }

    /// Customers who were last seen after that renewal, still customers; 0 for those who were seen
    /// at none.
    #[must_use]
    pub fn kept(&self, renewal: usize) -> u64 {
        self.periods.get(renewal).map_or(0, |period| period.kept)
    }

    pub(super) fn periods(&self) -> &[Period] {
        &self.periods
    }

    #[allow(clippy::indexing_slicing, reason = "the list was made long enough")]
    fn add(&mut self, renewal: usize, period: Period) {
        if self.periods.len() <= renewal {
            self.periods.resize(renewal + 1, Period::default());
        }
        let slot = &mut self.periods[renewal];
        slot.lost += period.lost;
        slot.kept += period.kept;
    }
}

impl Sample for Renewals {
    const WHAT: &'static str = "customers";

    fn customers(&self) -> u64 {
        self.customers()
    }

    fn unit(&self) -> Option<TimeUnit> {
        None
    }

    fn diagnose(&self) -> Vec<FitDiagnosis> {
        FitDiagnosis::of_size(self.customers(), None)
    }
}
