use crm_numbers::check;

use crate::{Discount, Error, GammaGamma, History, Horizon, Repeat, Spend};

/// Settings of customer lifetime value (CLV) over a horizon.
///
/// # Formula
///
/// CLV = margin x expected spend per purchase x discounted expected purchases
///
/// The purchases are those still to come, each discounted from the time at which it is expected.
/// Without a discount and with a margin of 1, CLV is expected revenue.
///
/// # Examples
///
/// ```
/// use crm_btyd::{Discount, GammaGamma, History, Horizon, ClvOptions, MbgNbd, Repeat, Spend, TimeUnit};
///
/// let purchases = MbgNbd::new(0.525, 6.183, 0.891, 1.614)?;
/// let spends = GammaGamma::new(6.25, 3.74, 15.44)?;
/// let year = Horizon::new(52.18)?;
/// let options = ClvOptions::new(year, Discount::per_year(0.10, TimeUnit::Week)?).with_margin(0.30)?;
///
/// let (history, spend) = (History::new(2, 30.43, 38.86)?, Spend::new(2, 22.35)?);
/// let value = options.clv(&purchases, &spends, &history, Some(&spend))?;
/// // 1.60 purchases of 24.66 at 30 % margin are 11.85 before discounting.
/// let undiscounted = 0.30 * spends.expected_spend(&spend)? * purchases.expected_purchases(&history, year);
/// assert!((undiscounted - 11.85).abs() < 0.01 && (value - 11.35).abs() < 0.01);
/// # Ok::<(), crm_btyd::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct ClvOptions {
    horizon: Horizon,
    discount: Discount,
    margin: f64,
}

crm_numbers::gate!(ClvOptions, ClvOptions::checked);

impl ClvOptions {
    /// Creates settings for a horizon and a discount, with a margin of 1: value is revenue.
    #[must_use]
    pub fn new(horizon: Horizon, discount: Discount) -> Self {
        ClvOptions { horizon, discount, margin: 1.0 }
    }

    /// Sets the share of revenue that is earned, such as 0.30; negative if purchases lose money.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a margin outside -1000 to 1.
    pub fn with_margin(self, margin: f64) -> Result<Self, Error> {
        ClvOptions { margin, ..self }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check::range("margin", self.margin, -1e3..=1.0)?;
        Ok(self)
    }

    /// Returns the time over which purchases count.
    #[must_use]
    pub fn horizon(&self) -> Horizon {
        self.horizon
    }

    /// Returns the discount of later purchases.
    #[must_use]
    pub fn discount(&self) -> Discount {
        self.discount
    }

    /// Returns the share of revenue that is earned.
    #[must_use]
    pub fn margin(&self) -> f64 {
        self.margin
    }

    /// Returns the lifetime value of one customer.
    ///
    /// For a customer without a known spend, a purchase has the mean value over all customers.
    ///
    /// # Errors
    ///
    /// [`Error::NoMean`] if the expected spend of this customer does not exist.
    pub fn clv<M: Repeat>(
        &self,
        purchases: &M,
        spends: &GammaGamma,
        history: &History,
        spend: Option<&Spend>,
    ) -> Result<f64, Error> {
        let per_purchase = self.per_purchase(spends, spend)?;
        Ok(per_purchase * purchases.discounted_purchases(history, self.horizon, self.discount))
    }

    /// Writes the lifetime values of many customers into a buffer; see [`clv`](Self::clv).
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless there is one place and one entry of `spends_seen` per history;
    /// [`Error::NoMean`] if the expected spend of a customer does not exist.
    pub fn clv_all<M: Repeat>(
        &self,
        purchases: &M,
        spends: &GammaGamma,
        histories: &[History],
        spends_seen: &[Option<Spend>],
        into: &mut [f64],
    ) -> Result<(), Error> {
        check::length("spends", spends_seen.len(), histories.len())?;
        purchases.discounted_purchases_all(histories, self.horizon, self.discount, into)?;
        for (slot, seen) in into.iter_mut().zip(spends_seen) {
            *slot *= self.per_purchase(spends, seen.as_ref())?;
        }
        Ok(())
    }

    fn per_purchase(&self, spends: &GammaGamma, spend: Option<&Spend>) -> Result<f64, Error> {
        let mean = spend.map_or_else(|| spends.mean_spend(), |spend| spends.expected_spend(spend))?;
        Ok(self.margin * mean)
    }
}
