//! Predictions for many customers.

use crm_numbers::{check, parallel};
use hashbrown::HashMap;

use super::{BgBb, DiscreteHistory};
use crate::{Discount, Error};

/// Customers worked off by one task.
const PER_TASK: usize = 1 << 14;

impl BgBb {
    /// [`p_alive`](Self::p_alive) of many customers, into a buffer.
    ///
    /// # Errors
    ///
    /// [`Error::Input`].
    pub fn p_alive_all(&self, histories: &[DiscreteHistory], into: &mut [f64]) -> Result<(), Error> {
        fill(histories, into, |history| self.p_alive(history))
    }

    /// [`expected_purchases`](Self::expected_purchases) of many customers, into a buffer.
    ///
    /// # Errors
    ///
    /// [`Error::Input`].
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_btyd::opportunities::{BgBb, DiscreteHistory};
    ///
    /// let model = BgBb::new(1.204, 0.750, 0.657, 2.783)?;
    /// let donors = [DiscreteHistory::new(2, 4, 6)?, DiscreteHistory::new(6, 6, 6)?];
    /// let mut years = [0.0; 2];
    /// model.expected_purchases_all(&donors, 5, &mut years)?;
    /// assert_eq!(years, donors.map(|donor| model.expected_purchases(&donor, 5)));
    /// # Ok::<(), crm_btyd::Error>(())
    /// ```
    pub fn expected_purchases_all(
        &self,
        histories: &[DiscreteHistory],
        opportunities: u32,
        into: &mut [f64],
    ) -> Result<(), Error> {
        fill(histories, into, |history| self.expected_purchases(history, opportunities))
    }

    /// [`discounted_purchases`](Self::discounted_purchases) of many customers, into a buffer.
    ///
    /// # Errors
    ///
    /// [`Error::Input`].
    pub fn discounted_purchases_all(
        &self,
        histories: &[DiscreteHistory],
        opportunities: u32,
        discount: Discount,
        into: &mut [f64],
    ) -> Result<(), Error> {
        fill(histories, into, |history| self.discounted_purchases(history, opportunities, discount))
    }

    /// [`dert`](Self::dert) of many customers, into a buffer.
    ///
    /// # Errors
    ///
    /// [`Error::Input`]; [`Error::Input`] without a discount of at least 1e-9 per opportunity.
    pub fn dert_all(
        &self,
        histories: &[DiscreteHistory],
        discount: Discount,
        into: &mut [f64],
    ) -> Result<(), Error> {
        let rate = discount.perpetual()?;
        fill(histories, into, |history| {
            let (alive, posterior) = self.after(history);
            alive * posterior.purchases_for_ever(rate)
        })
    }
}

/// The function of each history: few are distinct, and what was computed for one customer serves
/// the next with the same.
fn fill(
    histories: &[DiscreteHistory],
    into: &mut [f64],
    f: impl Fn(&DiscreteHistory) -> f64 + Sync + Send,
) -> Result<(), Error> {
    check::length("places in the buffer", into.len(), histories.len())?;
    parallel::for_each_pair(histories, into, PER_TASK, |histories, into| {
        let mut known: HashMap<DiscreteHistory, f64> = HashMap::new();
        for (slot, history) in into.iter_mut().zip(histories) {
            *slot = *known.entry(*history).or_insert_with(|| f(history));
        }
    });
    Ok(())
}
