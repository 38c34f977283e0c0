//! Customers in the order of their predictions.

use crm_numbers::check;

use crate::Error;

/// Largest prediction: the square of it, summed over all customers that there can be, is a number.
const MOST: f64 = 1e100;

/// Checks that there is a possible prediction for each outcome, and an outcome.
pub(super) fn check_predictions(predicted: &[f64], actual: &[u32]) -> Result<(), Error> {
    check::length("predictions", predicted.len(), actual.len())?;
    check::not_empty("predictions", predicted)?;
    Ok(check::range_of_all("predictions", predicted, 0.0..=MOST)?)
}

/// Sums of predictions and purchases up to and including each run of equal predictions, best first.
pub(super) struct Ranked(Vec<(f64, f64, f64)>);

impl Ranked {
    pub(super) fn of(predicted: &[f64], actual: &[u32]) -> Self {
        let mut ranked: Vec<(f64, f64)> = predicted
            .iter()
            .zip(actual)
            .map(|(&predicted, &actual)| (predicted, f64::from(actual)))
            .collect();
        ranked.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let mut sums = (0.0, 0.0, 0.0);
        let runs = ranked.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()).map(|run| {
            sums.0 += run.len() as f64;
            sums.1 += run.iter().map(|row| row.0).sum::<f64>();
            sums.2 += run.iter().map(|row| row.1).sum::<f64>();
            sums
        });
        Ranked(runs.collect())
    }

    #[allow(clippy::indexing_slicing, reason = "there is a run, because there is a prediction")]
    /// Predictions and purchases of the first so many customers, linear within a run.
    pub(super) fn up_to(&self, position: f64) -> (f64, f64) {
        let at = self.0.partition_point(|run| run.0 < position).min(self.0.len().saturating_sub(1));
        let end = self.0[at];
        let start = if at > 0 { self.0[at - 1] } else { (0.0, 0.0, 0.0) };
        let width = end.0 - start.0;
        let inside = if width > 0.0 { ((position - start.0) / width).clamp(0.0, 1.0) } else { 0.0 };
        (start.1 + (end.1 - start.1) * inside, start.2 + (end.2 - start.2) * inside)
    }
}
