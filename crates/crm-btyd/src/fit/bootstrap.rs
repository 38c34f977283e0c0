use std::sync::atomic::{AtomicU32, Ordering};

use crm_numbers::{Interval, Level, check, parallel};

use super::fitted::PurchaseFit;
use super::options::PurchaseOptions;
use super::{draws, search};
use crate::{Error, Histories, History, Horizon, Simulate};

/// Fits to customers made up by a fitted model: how the answer scatters where the model is true.
///
/// It asks nothing of the shape of the likelihood, unlike standard errors, and costs as many fits
/// as there are samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Bootstrap<M> {
    model: M,
    models: Vec<M>,
    failed: u32,
}

impl<M: Simulate<Data = Histories>> PurchaseFit<M> {
    /// Makes up as many customers as were fitted, watched for as long, `samples` times, and fits
    /// the model to each lot.
    ///
    /// Each of these fits begins at the parameters of this one and ends at the maximum that it
    /// reaches from there; only where it does not converge does it search everywhere.
    ///
    /// Equal seeds give the same bits for any number of threads. `progress` is told how many
    /// samples are done, from any thread.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless there are 2 ..= 1e6 samples. Samples to which no model can be fitted
    /// are left out and counted.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_btyd::{PurchaseOptions, Histories, History, Level, Nbd, fit};
    ///
    /// let histories = Histories::weighted([
    ///     (History::new(0, 0.0, 39.0)?, 90),
    ///     (History::new(1, 25.0, 39.0)?, 22),
    ///     (History::new(4, 36.0, 39.0)?, 8),
    /// ]);
    /// let fitted = fit::<Nbd>(&histories, &PurchaseOptions::default())?;
    /// let bootstrap = fitted.bootstrap(&histories, &PurchaseOptions::default(), 200, 7, |_done| {})?;
    /// let interval = bootstrap.interval(Level::default(), |model| model.r() / model.alpha()).unwrap();
    /// assert!(interval.lower < interval.estimate && interval.estimate < interval.upper);
    /// # Ok::<(), crm_btyd::Error>(())
    /// ```
    pub fn bootstrap(
        &self,
        data: &Histories,
        options: &PurchaseOptions,
        samples: u32,
        seed: u64,
        progress: impl Fn(u32) + Sync + Send,
    ) -> Result<Bootstrap<M>, Error> {
        check::range("number of samples", samples, 2..=1_000_000)?;
        let ages: Vec<(Horizon, u64)> = data
            .ages()
            .iter()
            .zip(data.age_weights())
            .map(|(age, weight)| Ok((Horizon::new(*age)?, weight.customers as u64)))
            .collect::<Result<_, Error>>()?;
        let done = AtomicU32::new(0);
        let start = self.model().theta().as_ref().to_vec();
        let refits = parallel::map((0..samples).collect(), |number| {
            let mut random = draws::random(seed, number);
            let lives: Result<Vec<History>, Error> = ages
                .iter()
                .flat_map(|&(age, customers)| (0..customers).map(move |_| age))
                .map(|age| self.model().simulate_history(age, &mut random))
                .collect();
            let refit = lives.and_then(|lives| {
                let (found, terms) =
                    search::from_start(self.model(), &Histories::new(lives), options, &start)?;
                terms.model(&found.top.theta)
            });
            progress(done.fetch_add(1, Ordering::Relaxed) + 1);
            refit.ok()
        });
        let models: Vec<M> = refits.into_iter().flatten().collect();
        let failed = samples - models.len() as u32;
        Ok(Bootstrap { model: *self.model(), models, failed })
    }
}

impl<M: Copy> Bootstrap<M> {
    /// The models fitted to the samples, in order.
    #[must_use]
    pub fn models(&self) -> &[M] {
        &self.models
    }

    /// Samples to which no model could be fitted.
    #[must_use]
    pub fn failed(&self) -> u32 {
        self.failed
    }

    /// An interval for any number that the parameters decide: the quantiles of what the samples
    /// say. `None` with fewer than two samples, or where it is no number for one of them.
    #[must_use]
    pub fn interval(&self, level: Level, of: impl Fn(&M) -> f64) -> Option<Interval> {
        draws::interval(self.models.iter().map(&of).collect(), of(&self.model), level)
    }
}
