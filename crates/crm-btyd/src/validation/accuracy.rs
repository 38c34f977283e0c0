use crm_statistics::RankingQuality;

use super::ranked::{Ranked, check_predictions};
use crate::Error;

/// Accuracy of predictions over a holdout.
///
/// No single figure tells a good forecast: a forecast of zero for everybody has a mean absolute
/// error of 0.80 on CDNOW, near the best models'. Look at the total, at the squared errors and at
/// the ranking together, and beside naive rules.
///
/// # Examples
///
/// ```
/// use crm_btyd::validation::Accuracy;
///
/// let accuracy = Accuracy::new(&[0.5, 2.0, 0.0], &[1, 2, 0])?;
/// assert_eq!((accuracy.predicted_total, accuracy.actual_total), (2.5, 3));
/// assert_eq!(accuracy.bias, -0.5 / 3.0); // a sixth too few
/// assert_eq!(accuracy.mae, 0.5 / 3.0);
/// assert_eq!(accuracy.auc, Some(1.0)); // the two who bought were put before the one who did not
/// # Ok::<(), crm_btyd::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Accuracy {
    /// Returns the number of customers.
    pub customers: u64,
    /// Sum of the predictions.
    pub predicted_total: f64,
    /// Sum of what happened.
    pub actual_total: u64,
    /// (predicted - actual) / actual total; 0 where both are 0, the predicted total where only the
    /// actual is.
    pub bias: f64,
    /// Mean absolute error per customer.
    pub mae: f64,
    /// Root of the mean squared error.
    pub rmse: f64,
    /// Mean squared difference of ln(1 + predicted) and ln(1 + actual).
    pub msle: f64,
    /// Probability that a customer who bought was predicted more than one who did not, ties
    /// counting half; `None` where all or none bought.
    pub auc: Option<f64>,
    /// Share of all purchases made by the tenth of customers that was predicted most; `None` where
    /// nobody bought.
    pub top_decile: Option<f64>,
}

impl Accuracy {
    /// Compares predicted with actual purchases, one of each per customer.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for columns of different lengths; [`Error::Input`] for a prediction that is
    /// no number in 0 ..= 1e100, and without customers.
    pub fn new(predicted: &[f64], actual: &[u32]) -> Result<Self, Error> {
        check_predictions(predicted, actual)?;
        let n = predicted.len() as f64;
        let pairs =
            || predicted.iter().zip(actual).map(|(&predicted, &actual)| (predicted, f64::from(actual)));
        let mean = |error: fn(f64, f64) -> f64| {
            pairs().map(|(predicted, actual)| error(predicted, actual)).sum::<f64>() / n
        };
        let (predicted_total, actual_total) =
            (predicted.iter().sum::<f64>(), actual.iter().map(|&count| u64::from(count)).sum::<u64>());
        let active: Vec<bool> = actual.iter().map(|&count| count > 0).collect();
        Ok(Accuracy {
            customers: predicted.len() as u64,
            predicted_total,
            actual_total,
            bias: (predicted_total - actual_total as f64) / (actual_total as f64).max(1.0),
            mae: mean(|predicted, actual| (predicted - actual).abs()),
            rmse: mean(|predicted, actual| (predicted - actual).powi(2)).sqrt(),
            msle: mean(|predicted, actual| (predicted.ln_1p() - actual.ln_1p()).powi(2)),
            auc: RankingQuality::new(predicted, &active).ok().map(|quality| quality.auc()),
            top_decile: top_decile(predicted, actual),
        })
    }
}

/// Purchases of the tenth predicted most, as a share of all; customers of equal predictions at its
/// end count in proportion.
fn top_decile(predicted: &[f64], actual: &[u32]) -> Option<f64> {
    let (ranked, customers) = (Ranked::of(predicted, actual), predicted.len() as f64);
    let (tenth, all) = (ranked.up_to(0.1 * customers).1, ranked.up_to(customers).1);
    (all > 0.0).then(|| tenth / all)
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these figures are exact")]
mod tests {
    use super::*;

    #[test]
    fn figures_by_hand() {
        let accuracy = Accuracy::new(&[3.0, 1.0, 0.0, 0.0], &[1, 1, 2, 0]).unwrap();
        assert_eq!((accuracy.predicted_total, accuracy.actual_total, accuracy.bias), (4.0, 4, 0.0));
        assert_eq!((accuracy.mae, accuracy.rmse), (1.0, 2f64.sqrt()));
        let msle = ((4f64.ln() - 2f64.ln()).powi(2) + 3f64.ln().powi(2)) / 4.0;
        assert!((accuracy.msle - msle).abs() < 1e-15);
        // Three buyers against one who did not: two are above, one is tied.
        assert_eq!(accuracy.auc, Some(2.5 / 3.0));
        // A tenth of four customers is 0.4 of the first, who bought 1 of 4.
        assert!((accuracy.top_decile.unwrap() - 0.1).abs() < 1e-15);
    }

    #[test]
    fn a_holdout_in_which_nothing_happened_has_no_ranking() {
        let accuracy = Accuracy::new(&[0.5, 0.25], &[0, 0]).unwrap();
        assert_eq!((accuracy.auc, accuracy.top_decile, accuracy.bias), (None, None, 0.75));
    }

    #[test]
    fn ties_at_the_cut_count_in_proportion_in_any_order() {
        let mut actual = vec![0; 20];
        actual[7] = 10;
        assert_eq!(Accuracy::new(&[1.0; 20], &actual).unwrap().top_decile, Some(0.1));
        actual.reverse();
        assert_eq!(Accuracy::new(&[1.0; 20], &actual).unwrap().top_decile, Some(0.1));
    }

    #[test]
    fn what_cannot_be_compared_is_refused() {
        assert!(Accuracy::new(&[1.0], &[1, 2]).is_err());
        assert!(
            Accuracy::new(&[], &[]).unwrap_err().to_string().starts_with("predictions must not be empty")
        );
        assert!(Accuracy::new(&[f64::NAN], &[1]).unwrap_err().to_string().ends_with("got NaN"));
        assert!(Accuracy::new(&[-0.5], &[1]).is_err());
    }
}
