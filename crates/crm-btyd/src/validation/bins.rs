use crm_numbers::check;

use super::ranked::{Ranked, check_predictions};
use crate::Error;

/// A part of a list of customers, those predicted most in the first: what was predicted for them,
/// and what they did.
///
/// Ten parts are deciles. Predictions are calibrated where `predicted` and `actual` agree in every
/// part, and they tell customers apart where `lift` falls from far above 1 to far below it.
///
/// # Examples
///
/// ```
/// use crm_btyd::validation::Bin;
///
/// // Four customers in two halves: the better half was promised 3 and bought 4 of all 5 purchases.
/// let halves = Bin::cut(&[2.0, 0.5, 1.0, 0.0], &[3, 1, 1, 0], 2)?;
/// assert_eq!((halves[0].predicted, halves[0].actual), (1.5, 2.0)); // a customer
/// assert_eq!((halves[0].lift, halves[0].captured), (2.0 / 1.25, 4.0 / 5.0));
/// # Ok::<(), crm_btyd::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Bin {
    /// The part's number, from 1.
    pub bin: usize,
    /// Mean prediction of a customer in it.
    pub predicted: f64,
    /// Mean number of purchases of a customer in it.
    pub actual: f64,
    /// That mean over the mean of the whole list: 3 means three times as many as by chance; 1 where
    /// nobody bought.
    pub lift: f64,
    /// Share of all purchases made in this part and the ones before it; 0 where nobody bought.
    pub captured: f64,
}

impl Bin {
    /// Cuts customers, ranked by prediction, into that many equal parts.
    ///
    /// Where the customers do not divide evenly, or equal predictions straddle a cut, those on it
    /// count in proportion.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for columns of different lengths; [`Error::Input`] for a prediction that is
    /// no number in 0 ..= 1e100, for no customers and for no parts.
    pub fn cut(predicted: &[f64], actual: &[u32], bins: usize) -> Result<Vec<Bin>, Error> {
        check_predictions(predicted, actual)?;
        check::range("number of bins", bins, 1..=u32::MAX as usize)?;
        let ranked = Ranked::of(predicted, actual);
        let (customers, parts) = (predicted.len() as f64, bins as f64);
        let (all, mut before) = (ranked.up_to(customers), (0.0, 0.0));
        let per_bin = customers / parts;
        Ok((1..=bins)
            .map(|bin| {
                let reached = ranked.up_to(customers * bin as f64 / parts);
                let here = (reached.0 - before.0, reached.1 - before.1);
                before = reached;
                let (lift, captured) =
                    if all.1 > 0.0 { (here.1 * parts / all.1, reached.1 / all.1) } else { (1.0, 0.0) };
                Bin { bin, predicted: here.0 / per_bin, actual: here.1 / per_bin, lift, captured }
            })
            .collect())
    }
}

/// Customers of one number of purchases before the cut: what was predicted for them, and what they
/// did.
///
/// This is the conditional expectation that papers plot. A model may have a right total and still
/// promise too much to those who bought once and too little to the best.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct FrequencyGroup {
    /// Repeat purchases before the cut; of the last group, the least of them.
    pub frequency: u32,
    /// Returns the number of customers.
    pub customers: u64,
    /// Mean prediction.
    pub predicted: f64,
    /// Mean number of purchases.
    pub actual: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_to_the_whole_and_ties_count_in_proportion() {
        let predicted: Vec<f64> = (0..23).map(|n| f64::from(n % 5)).collect();
        let actual: Vec<u32> = (0..23).map(|n| n % 4).collect();
        let (all_predicted, all_actual) =
            (predicted.iter().sum::<f64>(), actual.iter().map(|&n| f64::from(n)).sum::<f64>());
        let bins = Bin::cut(&predicted, &actual, 10).unwrap();
        let sum = |of: fn(&Bin) -> f64| bins.iter().map(of).sum::<f64>() * 2.3;
        assert!((sum(|bin| bin.predicted) - all_predicted).abs() < 1e-12);
        assert!((sum(|bin| bin.actual) - all_actual).abs() < 1e-12);
        assert!((bins[9].captured - 1.0).abs() < 1e-15);
        // Everybody alike: no part differs from the whole, in any order.
        for bin in Bin::cut(&[1.0; 23], &actual, 10).unwrap() {
            assert!((bin.lift - 1.0).abs() < 1e-12 && (bin.captured - bin.bin as f64 / 10.0).abs() < 1e-12);
        }
    }

    #[test]
    fn nobody_bought_and_no_parts() {
        let bins = Bin::cut(&[1.0, 2.0], &[0, 0], 2).unwrap();
        assert!(bins.iter().all(|bin| bin.lift.to_bits() == 1.0_f64.to_bits() && bin.captured <= 0.0));
        let error = Bin::cut(&[1.0], &[1], 0).unwrap_err().to_string();
        assert_eq!(error, "number of bins must be between 1 and 4294967295, got 0");
        assert!(Bin::cut(&[1.0], &[], 2).unwrap_err().to_string().contains("expected 0 predictions, got 1"));
    }
}
