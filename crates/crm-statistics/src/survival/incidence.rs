use super::Lifetimes;
use crm_numbers::{Amount, Interval, Level, check};

use crate::Error;

/// What share of customers is lost to each cause by t, where the first cause to come ends the relationship.
///
/// `F_k(t) = sum over losses up to t of S(t-) d_k / n`, the estimate of Aalen and Johansen: d_k customers are lost to
/// cause k of n at risk, and S(t-) is the share that no cause has taken before t. The causes and those who stay add up
/// to 1. One minus a survival curve that counts the other causes as censored says more than is true.
///
/// Source: Aalen, O. O. and Johansen, S. (1978), "An Empirical Transition Matrix for Non-Homogeneous Markov Chains Based
/// on Censored Observations", Scandinavian Journal of Statistics 5, 141-150.
///
/// ```
/// use crm_statistics::survival::Incidence;
///
/// // Months until customers went to a rival (0) or moved away (1); one is still here.
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

/// There is a cell for every cause at every time of a loss; their number must not exhaust the memory.
const MOST_CAUSES: usize = 1_000;

impl Incidence {
    /// Customers seen from the start of their relationship, with the number of the cause, from 0, that ended it; `None`
    /// for those who are still here.
    ///
    /// # Errors
    ///
    /// As [`Lifetimes::new`], and [`Error::Input`] for a cause that is not below `number_of_causes`, or more than a
    /// thousand causes.
    pub fn new<T: Amount>(
        times: &[T],
        causes: &[Option<usize>],
        number_of_causes: usize,
    ) -> Result<Self, Error> {
        check::length("causes", causes.len(), times.len())?;
        let lifetimes = Lifetimes::new(times, &lost(causes))?;
        Self::of(&lifetimes, times, causes, number_of_causes)
    }

    /// Customers who came into sight late, as in [`Lifetimes::with_entries`].
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

    /// The times at which somebody was lost, ascending.
    #[must_use]
    pub fn times(&self) -> impl ExactSizeIterator<Item = f64> + '_ {
        self.steps.iter().map(|step| step.time)
    }

    /// How many causes there are.
    #[must_use]
    pub fn causes(&self) -> usize {
        self.causes
    }

    /// The share that no cause has taken by `time`.
    #[must_use]
    pub fn stays(&self, time: f64) -> f64 {
        let after = self.steps.partition_point(|step| step.time <= time);
        after.checked_sub(1).and_then(|at| self.steps.get(at)).map_or(1.0, |step| step.stays)
    }

    /// The share lost to a cause by `time`.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a cause that there is not.
    pub fn share(&self, cause: usize, time: f64) -> Result<f64, Error> {
        self.check(cause)?;
        let after = self.steps.partition_point(|step| step.time <= time);
        Ok(after.checked_sub(1).map_or(0.0, |at| self.cell(at, cause).share))
    }

    /// The standard error of that share by the delta method.
    ///
    /// The variance at t is, with sums over losses up to t and F before the loss in `S(t-)`:
    /// `sum (F(t) - F_j)^2 d / (n (n - d)) + sum S^2 d_k (n - d_k) / n^3 - 2 sum (F(t) - F_j) S d_k / n^2`.
    /// Without censoring it is F (1 - F) / n; with one cause it is Greenwood's.
    ///
    /// Source: Marubini, E. and Valsecchi, M. G. (1995), "Analysing Survival Data from Clinical Trials and Observational
    /// Studies", chapter 10.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a cause that there is not.
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

    /// The share lost to a cause by `time` with limits that are symmetric in ln(-ln F): `F^exp(-+ z se / (F ln F))`.
    ///
    /// Where the share is 0 or 1 the limits are the share itself.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a cause that there is not.
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
