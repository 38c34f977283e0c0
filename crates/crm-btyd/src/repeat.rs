use std::fmt::Debug;

use crm_numbers::{check, parallel};

use crate::next_purchase::NextPurchase;
use crate::story::{Belief, Kernel, Story};
use crate::{Discount, Error, History, Horizon, memory};

/// Predictions for one customer, by [`Repeat::predict`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Prediction {
    /// Probability that the customer is active at the end of the observation.
    pub p_alive: f64,
    /// Expected number of purchases within the horizon.
    pub expected_purchases: f64,
    /// Expected number of purchases within the horizon, each discounted from its expected time.
    pub discounted_purchases: f64,
    /// Distribution of the time to the next purchase.
    pub next_purchase: NextPurchase,
}

/// Predictions of a model of repeat purchases.
///
/// Every time is in the unit of the histories that the parameters were fitted to. The trait is
/// sealed: it is implemented once, over what each model states about a customer.
///
/// Answers for many customers go into a buffer of the caller. They are computed on all cores where
/// the feature `rayon` is on, with the same bits for any number of threads, and agree with the
/// answer for each customer alone to 1e-12 relative: over customers of all ages, a smooth quantity
/// is interpolated.
pub trait Repeat: Copy + Debug + PartialEq + Send + Sync + sealed::Sealed {
    /// Returns the probability that the customer is active at the end of the observation.
    fn p_alive(&self, history: &History) -> f64;

    /// Returns the probability that the customer is still active after a further time, whatever
    /// they buy until then.
    fn p_alive_later(&self, history: &History, time: Horizon) -> f64;

    /// Returns the probability that the customer is still active after a further time *without a
    /// purchase*.
    fn p_alive_if_silent(&self, history: &History, time: Horizon) -> f64;

    /// Returns the expected number of purchases within the horizon.
    fn expected_purchases(&self, history: &History, horizon: Horizon) -> f64;

    /// Returns the expected number of purchases later than `from` and not later than `to` from now.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if `from` is later than `to`.
    fn expected_purchases_between(&self, history: &History, from: Horizon, to: Horizon)
    -> Result<f64, Error>;

    /// Returns the expected number of repeat purchases of a new customer, from the first purchase
    /// on.
    fn expected_purchases_new(&self, horizon: Horizon) -> f64;

    /// Returns the probability of exactly `count` purchases within the horizon.
    fn pmf(&self, history: &History, horizon: Horizon, count: u32) -> f64;

    /// Returns the probability of at least `count` purchases within the horizon, without a sum over
    /// counts.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_btyd::{BgNbd, History, Horizon, Repeat};
    ///
    /// let model = BgNbd::new(0.9, 6.0, 0.8, 2.4)?;
    /// let (customer, year) = (History::new(4, 30.0, 38.0)?, Horizon::new(52.0)?);
    /// let fewer: f64 = (0..3).map(|count| model.pmf(&customer, year, count)).sum();
    /// assert!((model.p_at_least(&customer, year, 3) - (1.0 - fewer)).abs() < 1e-12);
    /// # Ok::<(), crm_btyd::Error>(())
    /// ```
    fn p_at_least(&self, history: &History, horizon: Horizon, count: u32) -> f64;

    /// Returns the variance of the number of purchases within the horizon.
    ///
    /// It is `None` for a customer with a probability above 1e-7 of more than 100 000 purchases,
    /// and under a CNBD model for a customer who may go through more than about 400 000 stages.
    fn variance(&self, history: &History, horizon: Horizon) -> Option<f64>;

    /// Returns the probability of at least one purchase within the horizon.
    fn p_any_purchase(&self, history: &History, horizon: Horizon) -> f64;

    /// Returns the distribution of the time to the next purchase.
    fn next_purchase(&self, history: &History) -> NextPurchase;

    /// Returns the expected number of purchases within the horizon, each discounted from its time.
    fn discounted_purchases(&self, history: &History, horizon: Horizon, discount: Discount) -> f64;

    /// Returns the expected number of purchases over all time to come, each discounted from its
    /// time (DERT, discounted expected residual transactions).
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a discount below 1e-9 per unit of time, under which the sum may be
    /// infinite.
    fn dert(&self, history: &History, discount: Discount) -> Result<f64, Error>;

    /// Predicts everything about one customer in one pass.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_btyd::{Discount, History, Horizon, MbgNbd, Repeat, TimeUnit};
    ///
    /// let model = MbgNbd::new(0.525, 6.183, 0.891, 1.614)?;
    /// let (customer, year) = (History::new(2, 30.43, 38.86)?, Horizon::new(52.18)?);
    /// let prediction = model.predict(&customer, year, Discount::per_year(0.1, TimeUnit::Week)?);
    /// assert_eq!(prediction.p_alive, model.p_alive(&customer));
    /// assert_eq!(prediction.expected_purchases, model.expected_purchases(&customer, year));
    /// assert!(prediction.discounted_purchases < prediction.expected_purchases);
    /// # Ok::<(), crm_btyd::Error>(())
    /// ```
    fn predict(&self, history: &History, horizon: Horizon, discount: Discount) -> Prediction;

    /// Predicts everything about many customers, in their order, with the bits of
    /// [`predict`](Self::predict); equal histories are computed once.
    fn predict_all(&self, histories: &[History], horizon: Horizon, discount: Discount) -> Vec<Prediction>;

    /// Writes the [`p_alive`](Self::p_alive) of many customers into a buffer.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if the buffer is not as long as the histories.
    fn p_alive_all(&self, histories: &[History], into: &mut [f64]) -> Result<(), Error>;

    /// Writes the [`expected_purchases`](Self::expected_purchases) of many customers into a buffer.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if the buffer is not as long as the histories.
    fn expected_purchases_all(
        &self,
        histories: &[History],
        horizon: Horizon,
        into: &mut [f64],
    ) -> Result<(), Error>;

    /// Writes the [`discounted_purchases`](Self::discounted_purchases) of many customers into a
    /// buffer.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if the buffer is not as long as the histories.
    fn discounted_purchases_all(
        &self,
        histories: &[History],
        horizon: Horizon,
        discount: Discount,
        into: &mut [f64],
    ) -> Result<(), Error>;

    /// Writes the [`dert`](Self::dert) of many customers into a buffer.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if the buffer is not as long as the histories, and for a discount below
    /// 1e-9 per unit of time.
    fn dert_all(&self, histories: &[History], discount: Discount, into: &mut [f64]) -> Result<(), Error>;
}

mod sealed {
    pub trait Sealed {}

    impl<M: super::Story> Sealed for M {}
}

/// Largest count that is followed.
pub(crate) const MOST_PURCHASES: u32 = 100_000;

impl<M: Story> Repeat for M {
    fn p_alive(&self, history: &History) -> f64 {
        self.kernel().p_alive(history)
    }

    fn p_alive_later(&self, history: &History, time: Horizon) -> f64 {
        let kernel = self.kernel();
        kernel.p_alive(history) * kernel.belief(history).survival(time.get())
    }

    fn p_alive_if_silent(&self, history: &History, time: Horizon) -> f64 {
        self.kernel().p_alive(&history.aged(time.get()))
    }

    fn expected_purchases(&self, history: &History, horizon: Horizon) -> f64 {
        let kernel = self.kernel();
        kernel.p_alive(history) * kernel.belief(history).purchases(horizon.get())
    }

    fn expected_purchases_between(
        &self,
        history: &History,
        from: Horizon,
        to: Horizon,
    ) -> Result<f64, Error> {
        check::range("start of the window", from.get(), ..=to.get())?;
        Ok((self.expected_purchases(history, to) - self.expected_purchases(history, from)).max(0.0))
    }

    fn expected_purchases_new(&self, horizon: Horizon) -> f64 {
        self.expected_purchases(&History::NEW, horizon)
    }

    fn pmf(&self, history: &History, horizon: Horizon, count: u32) -> f64 {
        let kernel = self.kernel();
        let (alive, dead) = kernel.fate(history);
        let p = alive * kernel.belief(history).pmf(horizon.get(), count);
        if count == 0 { (dead + p).min(1.0) } else { p }
    }

    fn p_at_least(&self, history: &History, horizon: Horizon, count: u32) -> f64 {
        if count == 0 {
            return 1.0;
        }
        let kernel = self.kernel();
        kernel.p_alive(history) * kernel.belief(history).p_at_least(horizon.get(), count)
    }

    fn variance(&self, history: &History, horizon: Horizon) -> Option<f64> {
        /// Probability of larger counts that is neglected.
        const NEGLIGIBLE: f64 = 1e-7;
        let (kernel, t) = (self.kernel(), horizon.get());
        let (alive, belief) = (kernel.p_alive(history), kernel.belief(history));
        if alive * belief.p_at_least(t, MOST_PURCHASES + 1) > NEGLIGIBLE {
            return None;
        }
        let (mean, pairs) = belief.moments(t)?;
        let mean = alive * mean;
        Some((alive * pairs + mean - mean * mean).max(0.0))
    }

    fn p_any_purchase(&self, history: &History, horizon: Horizon) -> f64 {
        let kernel = self.kernel();
        kernel.p_alive(history) * kernel.belief(history).wait().p_within(horizon.get())
    }

    fn next_purchase(&self, history: &History) -> NextPurchase {
        let kernel = self.kernel();
        NextPurchase::new(kernel.fate(history), kernel.belief(history).wait())
    }

    fn discounted_purchases(&self, history: &History, horizon: Horizon, discount: Discount) -> f64 {
        let kernel = self.kernel();
        kernel.p_alive(history) * kernel.belief(history).discounted(horizon.get(), discount.rate())
    }

    fn dert(&self, history: &History, discount: Discount) -> Result<f64, Error> {
        let (kernel, rate) = (self.kernel(), discount.perpetual()?);
        Ok(kernel.p_alive(history) * kernel.belief(history).for_ever(rate))
    }

    fn predict(&self, history: &History, horizon: Horizon, discount: Discount) -> Prediction {
        predict(&self.kernel(), history, (horizon.get(), discount.rate()))
    }

    fn predict_all(&self, histories: &[History], horizon: Horizon, discount: Discount) -> Vec<Prediction> {
        const PER_TASK: usize = 64;
        let kernel = self.kernel();
        memory::map_distinct(histories, |distinct| {
            let ask = |history: &History| predict(&kernel, history, (horizon.get(), discount.rate()));
            let pieces = parallel::map(distinct.chunks(PER_TASK).collect(), |piece: &[History]| {
                piece.iter().map(ask).collect::<Vec<_>>()
            });
            pieces.concat()
        })
    }

    fn p_alive_all(&self, histories: &[History], into: &mut [f64]) -> Result<(), Error> {
        check_buffer(histories, into)?;
        self.kernel().p_alive_all(histories, into);
        Ok(())
    }

    fn expected_purchases_all(
        &self,
        histories: &[History],
        horizon: Horizon,
        into: &mut [f64],
    ) -> Result<(), Error> {
        check_buffer(histories, into)?;
        self.kernel().p_alive_times(histories, into, |belief| belief.purchases(horizon.get()));
        Ok(())
    }

    fn discounted_purchases_all(
        &self,
        histories: &[History],
        horizon: Horizon,
        discount: Discount,
        into: &mut [f64],
    ) -> Result<(), Error> {
        check_buffer(histories, into)?;
        let (t, rate) = (horizon.get(), discount.rate());
        self.kernel().p_alive_times(histories, into, |belief| belief.discounted(t, rate));
        Ok(())
    }

    fn dert_all(&self, histories: &[History], discount: Discount, into: &mut [f64]) -> Result<(), Error> {
        check_buffer(histories, into)?;
        let rate = discount.perpetual()?;
        self.kernel().p_alive_times(histories, into, |belief| belief.for_ever(rate));
        Ok(())
    }
}

fn predict(kernel: &impl Kernel, history: &History, (t, rate): (f64, f64)) -> Prediction {
    let ((alive, dead), belief) = (kernel.fate(history), kernel.belief(history));
    Prediction {
        p_alive: alive,
        expected_purchases: alive * belief.purchases(t),
        discounted_purchases: alive * belief.discounted(t, rate),
        next_purchase: NextPurchase::new((alive, dead), belief.wait()),
    }
}

/// Checks that there is one place for every history.
pub(crate) fn check_buffer<T>(histories: &[History], into: &[T]) -> Result<(), Error> {
    Ok(check::length("places in the buffer", into.len(), histories.len())?)
}
