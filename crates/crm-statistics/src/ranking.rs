//! Quality of a ranking, judged by the outcomes that followed.

use crm_numbers::{Amount, Share, check};

use crate::Error;

/// The quality of a ranking of customers by a score (probability of buying, expected purchases),
/// judged by the outcomes that followed.
///
/// The customers are sorted once. Customers with equal scores share their outcomes evenly: a cut
/// through them takes the same share of each, which is the mean over all orders of these customers.
/// The order of the input makes no difference.
///
/// # Examples
///
/// ```
/// use crm_numbers::Share;
/// use crm_statistics::RankingQuality;
///
/// let score = [0.9, 0.8, 0.7, 0.6];
/// let bought = [true, false, true, false];
/// let quality = RankingQuality::new(&score, &bought)?;
/// // Of the 2 x 2 pairs of a buyer and a non-buyer, only (0.7, 0.8) is in the wrong order.
/// assert_eq!(quality.auc(), 0.75);
/// // The first quarter of the list holds one of the two buyers.
/// assert_eq!(quality.capture(Share::percent(25)?), 0.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RankingQuality {
    /// Counts up to and including each run of equal scores, highest score first.
    runs: Vec<Counts>,
    all: Counts,
}

/// Longest table of gains, so that it cannot exhaust the memory.
const MOST_BINS: usize = 1_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Counts {
    items: u64,
    positives: u64,
}

impl RankingQuality {
    /// Ranks customers by `scores`, highest first, with one outcome per customer; for a score of
    /// which low values are good, pass its negative.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without scores, for scores that are not finite, and for another number of
    /// outcomes; [`Error::OneOutcome`] if all or none of them are true.
    pub fn new<T: Amount>(scores: &[T], outcomes: &[bool]) -> Result<Self, Error> {
        check::not_empty("scores", scores)?;
        check::length("outcomes", outcomes.len(), scores.len())?;
        check::amounts("scores", scores)?;
        let mut ranked: Vec<(T, bool)> = scores.iter().copied().zip(outcomes.iter().copied()).collect();
        ranked.sort_unstable_by(|a, b| b.0.compare(&a.0));
        let mut all = Counts::default();
        let runs = ranked
            .chunk_by(|a, b| a.0 == b.0)
            .map(|run| {
                all.items += run.len() as u64;
                all.positives += run.iter().filter(|(_, outcome)| *outcome).count() as u64;
                all
            })
            .collect();
        if all.positives == 0 || all.positives == all.items {
            let Counts { items, positives } = all;
            return Err(Error::OneOutcome { positives, items });
        }
        Ok(Self { runs, all })
    }

    /// Returns the area under the ROC curve: the probability that a customer with the outcome
    /// scores higher than a customer without it.
    ///
    /// 1 is a perfect ranking and 0.5 is no better than chance.
    ///
    /// # Formula
    ///
    /// `AUC = (pairs in the right order + half the tied pairs) / (positives x negatives)`, the
    /// Mann-Whitney statistic over its maximum, counted exactly.
    ///
    /// # References
    ///
    /// Hanley, J. A. and McNeil, B. J. (1982), "The Meaning and Use of the Area under a ROC Curve",
    /// Radiology 143, 29-36.
    #[must_use]
    pub fn auc(&self) -> f64 {
        let negatives = |counts: Counts| u128::from(counts.items - counts.positives);
        let mut before = Counts::default();
        let mut twice = 0_u128;
        for &run in &self.runs {
            let positives = u128::from(run.positives - before.positives);
            let tied = negatives(run) - negatives(before);
            let below = negatives(self.all) - negatives(run);
            twice += positives * (2 * below + tied);
            before = run;
        }
        twice as f64 / (2 * u128::from(self.all.positives) * negatives(self.all)) as f64
    }

    /// Returns the share of all outcomes in the first part of the list: "the top tenth holds 47 %
    /// of the buyers".
    ///
    /// A customer, or a run of equal scores, at the cut counts in proportion.
    #[must_use]
    pub fn capture(&self, top: Share) -> f64 {
        self.captured(top.get().to_f64() * self.all.items as f64)
    }

    /// Returns the rate, lift and cumulative gains of `bins` equal parts of the list, highest
    /// scores first; 10 for deciles.
    ///
    /// If the customers do not divide evenly, or equal scores lie on both sides of a cut, those at
    /// the cut count in proportion.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for no bins, or more than a million.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_statistics::RankingQuality;
    ///
    /// let quality = RankingQuality::new(&[4, 3, 2, 1], &[true, true, false, true])?;
    /// let halves = quality.gains(2)?;
    /// assert_eq!(halves[0].rate, 1.0);
    /// assert_eq!(halves[0].lift, 1.0 / 0.75);
    /// assert_eq!(halves[0].captured, 2.0 / 3.0);
    /// # Ok::<(), crm_statistics::Error>(())
    /// ```
    pub fn gains(&self, bins: usize) -> Result<Vec<Gain>, Error> {
        check::range("bins", bins, 1..=MOST_BINS)?;
        let parts = bins as f64;
        let base_rate = self.all.positives as f64 / self.all.items as f64;
        let mut before = 0.0;
        let gains = (1..=bins).map(|bin| {
            let captured = self.captured(self.all.items as f64 * bin as f64 / parts);
            let lift = (captured - before) * parts;
            before = captured;
            Gain {
                bin,
                rate: (lift * base_rate).min(1.0),
                lift,
                captured,
                cumulative_lift: captured * parts / bin as f64,
            }
        });
        Ok(gains.collect())
    }

    /// The share of positives in the first `position` places, linear within a run of equal scores.
    fn captured(&self, position: f64) -> f64 {
        let at = self.runs.partition_point(|run| (run.items as f64) < position);
        let end = self.runs.get(at).copied().unwrap_or(self.all);
        let start = at.checked_sub(1).and_then(|last| self.runs.get(last)).copied().unwrap_or_default();
        let width = (end.items - start.items) as f64;
        let inside = if width > 0.0 { (position - start.items as f64) / width } else { 0.0 };
        let positives = start.positives as f64 + (end.positives - start.positives) as f64 * inside;
        positives / self.all.positives as f64
    }
}

/// One part of a ranked list.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Gain {
    /// Number of the part, from 1 for the highest scores.
    pub bin: usize,
    /// Share of the customers in this part with the outcome, between 0 and 1.
    pub rate: f64,
    /// `rate` over the rate of the whole list: 3 means three times as many as by chance.
    pub lift: f64,
    /// Share of all outcomes in this part and the parts before it, between 0 and 1 (cumulative
    /// gains).
    pub captured: f64,
    /// Rate of this part and the parts before it over the rate of the whole list.
    pub cumulative_lift: f64,
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;

    const ABSOLUTE: f64 = 1e-12;

    #[test]
    fn all_tied_is_chance() {
        let quality = RankingQuality::new(&[1; 20], &[[true, false].as_slice(); 10].concat()).unwrap();
        assert_eq!(quality.auc(), 0.5);
        for gain in quality.gains(10).unwrap() {
            assert!((gain.lift - 1.0).abs() < ABSOLUTE, "{gain:?}");
            assert!((gain.captured - gain.bin as f64 / 10.0).abs() < ABSOLUTE, "{gain:?}");
            assert!((gain.rate - 0.5).abs() < ABSOLUTE, "{gain:?}");
        }
    }

    #[test]
    fn perfect_and_reversed() {
        let outcomes = [true, true, false, false, false];
        assert_eq!(RankingQuality::new(&[5, 4, 3, 2, 1], &outcomes).unwrap().auc(), 1.0);
        assert_eq!(RankingQuality::new(&[1, 2, 3, 4, 5], &outcomes).unwrap().auc(), 0.0);
    }

    #[test]
    fn a_run_across_a_cut_counts_in_proportion() {
        // Places 2 to 4 are tied and hold one outcome: the first half takes the first place and a
        // third of the run.
        let quality = RankingQuality::new(&[9, 5, 5, 5], &[true, false, true, false]).unwrap();
        let halves = quality.gains(2).unwrap();
        assert!((halves[0].captured - (1.0 + 1.0 / 3.0) / 2.0).abs() < ABSOLUTE);
        assert_eq!(halves[1].captured, 1.0);
        // Three parts of four customers: a third of the list is place 1 and a third of place 2.
        let thirds = quality.gains(3).unwrap();
        assert!((thirds[0].captured - (1.0 + 1.0 / 9.0) / 2.0).abs() < ABSOLUTE);
        assert!((thirds[0].rate - (1.0 + 1.0 / 9.0) / (4.0 / 3.0)).abs() < ABSOLUTE);
    }

    #[test]
    fn the_whole_list_captures_everything() {
        let quality = RankingQuality::new(&[3, 2, 1], &[false, true, false]).unwrap();
        assert_eq!(quality.capture(Share::percent(0).unwrap()), 0.0);
        assert_eq!(quality.capture(Share::percent(100).unwrap()), 1.0);
        assert_eq!(quality.gains(1).unwrap()[0].lift, 1.0);
    }

    #[test]
    fn errors_name_field_and_value() {
        let text = |scores: &[f64], outcomes: &[bool]| {
            RankingQuality::new(scores, outcomes).unwrap_err().to_string()
        };
        assert_eq!(text(&[1.0], &[]), "expected 1 outcomes, got 0");
        assert_eq!(text(&[], &[]), "scores must not be empty");
        assert_eq!(
            text(&[1.0, 2.0], &[true; 2]),
            "outcomes must include both true and false, got 2 true of 2"
        );
        assert_eq!(text(&[f64::NAN, 2.0], &[true, false]), "scores[0] must be finite, got NaN");
        let quality = RankingQuality::new(&[1, 2], &[true, false]).unwrap();
        assert_eq!(quality.gains(0).unwrap_err().to_string(), "bins must be between 1 and 1000000, got 0");
        assert_eq!(
            quality.gains(usize::MAX).unwrap_err().to_string(),
            format!("bins must be between 1 and 1000000, got {}", usize::MAX)
        );
    }
}
