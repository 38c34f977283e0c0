//! Shares lost to competing causes.

use super::Lifetimes;
use crm_numbers::{Amount, Interval, Level, check};

use crate::Error;

/// The cumulative incidence of competing causes of loss: the share of customers lost to each cause
/// by t, of which the first to occur ends the relationship.
///
/// The shares lost to the causes and the share that stays add up to 1. One minus a survival curve
/// that treats the other causes as censored overstates the share lost.
///
/// # Formula
///
/// `F_k(t) = sum over losses up to t of S(t-) d_k / n`, the Aalen-Johansen estimate: d_k customers
/// are lost to cause k of n at risk, and S(t-) is the share that is left before t.
///
/// # References
///
/// Aalen, O. O. and Johansen, S. (1978), "An Empirical Transition Matrix for Non-Homogeneous Markov
/// Chains Based on Censored Observations", Scandinavian Journal of Statistics 5, 141-150.
///
/// # Examples
///
/// ```
/// use crm_statistics::survival::Incidence;
///
/// // Months until customers went to a competitor (0) or moved away (1); one is still active.
/// let months = [1, 2, 3, 4];
/// let causes = [Some(0), None, Some(1), Some(0)];
/// let lost = Incidence::new(&months, &causes, 2)?;
/// // 1/4 at month 1; of the 3/4 that stay half at month 3, the rest at month 4.
/// assert_eq!((lost.share(0, 3.0)?, lost.share(1, 3.0)?, lost.stays(3.0)), (0.25, 0.375, 0.375));
/// assert_eq!((lost.share(0, 4.0)?, lost.stays(4.0)), (0.625, 0.0));
/// # Ok::<(), crm_statistics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Incidence {
    causes: usize,
    steps: Vec<Step>,
    /// By step and cause.
    cells: Vec<Cell>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Step {
    time: f64,
    at_risk: u64,
    losses: u64,
    before: f64,
    stays: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Cell {
    losses: u64,
    share: f64,
}

/// Largest number of causes; there is a cell for each cause at each time of a loss.
const MOST_CAUSES: usize = 1_000;

impl Incidence {
    /// Creates the incidence from customers observed since the start of their relationship, each
    /// with the index of the cause that ended it, or `None` if the customer is still active.
    ///
    /// # Errors
    ///
    /// As [`Lifetimes::new`], and [`Error::Input`] for a cause that is not below
    /// `number_of_causes`, or more than a thousand causes.
    pub fn new<T: Amount>(
        times: &[T],
        causes: &[Option<usize>],
        number_of_causes: usize,
    ) -> Result<Self, Error> {
        check::length("causes", causes.len(), times.len())?;
        let lifetimes = Lifetimes::new(times, &lost(causes))?;
        Self::of(&lifetimes, times, causes, number_of_causes)
    }

    /// Creates the incidence from customers who entered observation late; see
    /// [`Lifetimes::with_entries`].
    ///
    /// # Errors
    ///
    /// As [`Lifetimes::with_entries`] and [`new`](Self::new).
    pub fn with_entries<T: Amount>(
        entries: &[T],
        times: &[T],
        causes: &[Option<usize>],
        number_of_causes: usize,
    ) -> Result<Self, Error> {
        check::length("causes", causes.len(), times.len())?;
        let lifetimes = Lifetimes::with_entries(entries, times, &lost(causes))?;
        Self::of(&lifetimes, times, causes, number_of_causes)
    }

    fn of<T: Amount>(
        lifetimes: &Lifetimes,
        times: &[T],
        causes: &[Option<usize>],
        number_of_causes: usize,
    ) -> Result<Self, Error> {
        check::range("number of causes", number_of_causes, ..=MOST_CAUSES)?;
        for &cause in causes.iter().flatten() {
            check::index("causes", cause, number_of_causes)?;
        }
        let known = times.iter().zip(causes).filter_map(|(time, cause)| Some((time.to_f64(), (*cause)?)));
        let mut losses: Vec<(f64, usize)> = known.collect();
        losses.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut losses = losses.into_iter().peekable();
        let mut row = vec![Cell::default(); number_of_causes];
        let (mut steps, mut cells) = (Vec::new(), Vec::new());
        let mut before = 1.0;
        for (at_risk, exit) in lifetimes.risks().filter(|(_, exit)| exit.losses > 0) {
            row.iter_mut().for_each(|cell| cell.losses = 0);
            while let Some((_, cause)) = losses.next_if(|(time, _)| *time <= exit.time) {
                if let Some(cell) = row.get_mut(cause) {
                    cell.losses += 1;
                }
            }
            let n = at_risk as f64;
            for cell in &mut row {
                cell.share = (cell.share + before * (cell.losses as f64 / n)).min(1.0);
            }
            cells.extend_from_slice(&row);
            let stays = before * ((at_risk - exit.losses) as f64 / n);
            steps.push(Step { time: exit.time, at_risk, losses: exit.losses, before, stays });
            before = stays;
        }
        Ok(Self { causes: number_of_causes, steps, cells })
    }

    /// Returns the times at which customers were lost, in ascending order.
    #[must_use]
    pub fn times(&self) -> impl ExactSizeIterator<Item = f64> + '_ {
        self.steps.iter().map(|step| step.time)
    }

    /// Returns the number of causes.
    #[must_use]
    pub fn causes(&self) -> usize {
        self.causes
    }

    /// Returns the share of customers not lost to any cause by `time`.
    #[must_use]
    pub fn stays(&self, time: f64) -> f64 {
        let after = self.steps.partition_point(|step| step.time <= time);
        after.checked_sub(1).and_then(|at| self.steps.get(at)).map_or(1.0, |step| step.stays)
    }

    /// Returns the share of customers lost to a cause by `time`.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for the index of a cause that does not exist.
    pub fn share(&self, cause: usize, time: f64) -> Result<f64, Error> {
        self.check(cause)?;
        let after = self.steps.partition_point(|step| step.time <= time);
        Ok(after.checked_sub(1).map_or(0.0, |at| self.cell(at, cause).share))
    }

    /// Returns the standard error of the share lost to a cause by `time`, by the delta method.
    ///
    /// # Formula
    ///
    /// The variance at t is, with sums over losses up to t and S the share left before each loss:
    /// `sum (F(t) - F_j)^2 d / (n (n - d)) + sum S^2 d_k (n - d_k) / n^3 - 2 sum (F(t) - F_j) S d_k
    /// / n^2`. Without censoring it is F (1 - F) / n; with one cause it is Greenwood's.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for the index of a cause that does not exist.
    ///
    /// # References
    ///
    /// Marubini, E. and Valsecchi, M. G. (1995), "Analysing Survival Data from Clinical Trials and
    /// Observational Studies", chapter 10.
    pub fn standard_error(&self, cause: usize, time: f64) -> Result<f64, Error> {
        let share = self.share(cause, time)?;
        let mut variance = 0.0;
        for (at, step) in self.steps.iter().enumerate().take_while(|(_, step)| step.time <= time) {
            let cell = self.cell(at, cause);
            let (n, d, own) = (step.at_risk as f64, step.losses as f64, cell.losses as f64);
            let to_come = share - cell.share;
            if n > d {
                variance += to_come * to_come * d / (n * (n - d));
            }
            let drop = step.before * own / n;
            variance += drop * step.before * (n - own) / (n * n) - 2.0 * to_come * drop / n;
        }
        Ok(variance.max(0.0).sqrt())
    }

    /// Returns the share lost to a cause by `time` with limits that are symmetric in ln(-ln F):
    /// `F^exp(-+ z se / (F ln F))`.
    ///
    /// If the share is 0 or 1, the limits are the share itself.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for the index of a cause that does not exist.
    pub fn interval(&self, cause: usize, time: f64, level: Level) -> Result<Interval, Error> {
        let share = self.share(cause, time)?;
        if share <= 0.0 || share >= 1.0 {
            return Ok(Interval::new(share, share, share, level));
        }
        let ln = share.ln();
        let spread = (level.z() * self.standard_error(cause, time)? / (share * ln)).abs();
        Ok(Interval::new((ln * spread.exp()).exp(), share, (ln * (-spread).exp()).exp(), level))
    }

    fn check(&self, cause: usize) -> Result<(), Error> {
        check::index("causes", cause, self.causes)?;
        Ok(())
    }

    fn cell(&self, step: usize, cause: usize) -> Cell {
        self.cells.get(step * self.causes + cause).copied().unwrap_or_default()
    }
}

fn lost(causes: &[Option<usize>]) -> Vec<bool> {
    causes.iter().map(Option::is_some).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_field_and_value() {
        let text = |causes: &[Option<usize>]| Incidence::new(&[1, 2], causes, 2).unwrap_err().to_string();
        assert_eq!(text(&[Some(2), None]), "index 2 is out of range for 2 causes");
        assert_eq!(text(&[None]), "expected 2 causes, got 1");
        let lost = Incidence::new(&[1, 2], &[Some(1), None], 2).unwrap();
        assert_eq!(lost.share(5, 1.0).unwrap_err().to_string(), "index 5 is out of range for 2 causes");
        assert_eq!((lost.causes(), lost.times().len()), (2, 1));
        let interval = lost.interval(0, 1.0, Level::default()).unwrap();
        assert_eq!(interval.to_string(), "0.0000 (0.0000 to 0.0000, 95 %)");
    }
}
