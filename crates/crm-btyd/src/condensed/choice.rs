use super::CondensedBetaGeometric;
use crate::{Error, Histories, PurchaseOptions, fit};

/// Regularity of purchases: the k under which their histories are most likely.
///
/// With k stages between two purchases, gaps scatter by 1 / √k of their length: k = 1 is pure
/// chance, k = 4 half of that. Purchases that keep time make a silence tell more.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct StageChoice {
    ln_likelihoods: Vec<f64>,
}

impl StageChoice {
    /// The most likely k.
    #[must_use]
    pub fn k(&self) -> u32 {
        let best = self.ln_likelihoods.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
        best.map_or(1, |(place, _)| place as u32 + 1)
    }

    /// The largest log-likelihood under k = 1, 2 and so on.
    #[must_use]
    pub fn ln_likelihoods(&self) -> &[f64] {
        &self.ln_likelihoods
    }
}

/// Fits the BG/CNBD-k for k = 1, 2 and so on until the likelihood falls (the MBG/CNBD-k with
/// `TOSSED`), at most to k = 12.
///
/// A fit of a CNBD model does so by itself, unless the options state k.
///
/// # Examples
///
/// ```
/// use crm_btyd::{PurchaseOptions, Histories, History, Horizon, MbgCnbd, Repeat, fit, models::choose_k};
///
/// // Everyone who stays buys every five weeks, give or take one.
/// let histories = Histories::weighted([
///     (History::new(0, 0.0, 39.0)?, 300),
///     (History::new(2, 10.0, 39.0)?, 100),
///     (History::new(7, 36.0, 39.0)?, 200),
/// ])
/// .with_ln_gap_sum(1_600.0 * 5.0_f64.ln())?;
/// let choice = choose_k::<true>(&histories, &PurchaseOptions::default())?;
/// assert_eq!(choice.k(), 12);
/// let fitted = fit::<MbgCnbd>(&histories, &PurchaseOptions::default())?;
/// assert_eq!(fitted.model().k(), 12);
/// assert!((fitted.ln_likelihood() - choice.ln_likelihoods()[11]).abs() < 1e-9);
/// // Twelve weeks of silence after five weeks: gone.
/// assert!(fitted.model().p_alive(&History::new(2, 10.0, 22.0)?) < 0.05);
/// # Ok::<(), crm_btyd::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::NoGaps`] where the histories do not know the gaps between purchases; those of [`fit`](crate::fit()).
pub fn choose_k<const TOSSED: bool>(
    data: &Histories,
    options: &PurchaseOptions,
) -> Result<StageChoice, Error> {
    if data.ln_gap_sum().is_none() {
        return Err(Error::NoGaps);
    }
    let mut ln_likelihoods: Vec<f64> = Vec::new();
    for k in super::STAGES {
        let options = options.clone().with_stages(k);
        let here = fit::<CondensedBetaGeometric<TOSSED>>(data, &options)?.ln_likelihood();
        let falls = ln_likelihoods.last().is_some_and(|before| here < *before);
        ln_likelihoods.push(here);
        if falls {
            break;
        }
    }
    Ok(StageChoice { ln_likelihoods })
}
