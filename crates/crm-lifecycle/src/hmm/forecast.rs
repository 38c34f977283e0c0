use super::HmmModel;
use crate::error::{Error, check_sum};
use crm_numbers::check;

/// A forecast for one customer, period by period.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct StageForecast {
    /// Future periods, the next one first.
    pub periods: Vec<Outlook>,
}

/// The forecast for one future period.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Outlook {
    /// Probability of each state in the period.
    pub states: Vec<f64>,
    /// Expected number of purchases in the period.
    pub purchases: f64,
    /// Expected spend in the period; `None` for a model without spend.
    pub spend: Option<f64>,
    /// Probability of no purchase from the next period until the end of this one.
    pub silent: f64,
}

impl StageForecast {
    /// Returns the expected number of purchases over all periods.
    #[must_use]
    pub fn purchases(&self) -> f64 {
        self.periods.iter().map(|period| period.purchases).sum()
    }

    /// Returns the probability of no purchase in any of the periods.
    #[must_use]
    pub fn silent(&self) -> f64 {
        self.periods.last().map_or(1.0, |period| period.silent)
    }
}

impl HmmModel {
    /// Returns the forecast for a customer over the next periods: stages, purchases, spend, and the
    /// probability of silence.
    ///
    /// `now` holds the probability of each state in the last observed period, as
    /// [`standings`](Self::standings) gives it.
    ///
    /// # Formula
    ///
    /// The states after h periods have the probabilities `now A^h`; silence for h periods has
    /// probability `now (A D)^h 1`.
    ///
    /// `A` is the matrix of transition probabilities per period, `D` is the diagonal matrix with
    /// the probabilities `P(0 | state)`, and `1` is a vector of ones.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if `now` has not one probability per state, or for a number outside 0..=1;
    /// [`Error::Probabilities`] if they do not sum to 1.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_lifecycle::Stage;
    /// use crm_lifecycle::hmm::{CountLaw, HmmModel, Topology};
    ///
    /// let topology = Topology::new([("active", Stage::Stability), ("gone", Stage::Decline)], &[0], &[(0, 1)])?;
    /// let laws = [CountLaw::poisson(2.0)?, CountLaw::poisson(1e-9)?];
    /// let model = HmmModel::new(topology, &[1.0, 0.0], &[0.8, 0.2, 0.0, 1.0], &laws)?;
    /// let next = model.forecast(&[1.0, 0.0], 2)?;
    /// assert!((next.purchases() - (1.6 + 1.28)).abs() < 1e-8);
    /// // Silent next period: still there and not buying, or gone.
    /// assert!((next.periods[0].silent - (0.8 * f64::exp(-2.0) + 0.2)).abs() < 1e-8);
    /// # Ok::<(), crm_lifecycle::Error>(())
    /// ```
    pub fn forecast(&self, now: &[f64], periods: usize) -> Result<StageForecast, Error> {
        let size = self.states();
        check::length("probabilities now", now.len(), size)?;
        check::range_of_all("probabilities now", now, 0.0..=1.0)?;
        check_sum(|| "probabilities now".to_owned(), now)?;
        let zero: Vec<f64> = self.counts().iter().map(|law| law.ln_probability(0).exp()).collect();
        let step = |from: &[f64]| -> Vec<f64> {
            let mut to = vec![0.0; size];
            for (p, row) in from.iter().zip(self.transition().chunks(size)) {
                for (to, step) in to.iter_mut().zip(row) {
                    *to += p * step;
                }
            }
            to
        };
        let (mut states, mut quiet) = (now.to_vec(), now.to_vec());
        let mut outlook = |_| {
            states = step(&states);
            quiet = step(&quiet);
            for (quiet, zero) in quiet.iter_mut().zip(&zero) {
                *quiet *= zero;
            }
            let mean = |of: &dyn Fn(usize) -> f64| states.iter().enumerate().map(|(k, p)| p * of(k)).sum();
            let purchases = |k: usize| self.counts().get(k).map_or(0.0, |law| law.mean());
            Outlook {
                purchases: mean(&purchases),
                spend: self
                    .spend()
                    .map(|laws| mean(&|k| purchases(k) * laws.get(k).map_or(0.0, |law| law.mean()))),
                silent: quiet.iter().sum::<f64>().min(1.0),
                states: states.clone(),
            }
        };
        Ok(StageForecast { periods: (0..periods).map(&mut outlook).collect() })
    }
}

#[cfg(test)]
mod tests {
    use crate::hmm::{CountLaw, HmmModel, Topology};

    #[test]
    fn errors_name_field_and_value() {
        let laws = [1.0, 2.0, 3.0, 0.1].map(|rate| CountLaw::poisson(rate).unwrap());
        let stay: Vec<f64> = (0..16).map(|step| if step % 5 == 0 { 1.0 } else { 0.0 }).collect();
        let model = HmmModel::new(Topology::default(), &[1.0, 0.0, 0.0, 0.0], &stay, &laws).unwrap();
        let text = |now: &[f64]| model.forecast(now, 1).unwrap_err().to_string();
        assert_eq!(text(&[1.0]), "expected 4 probabilities now, got 1");
        assert_eq!(text(&[0.5, 0.0, 0.0, 0.0]), "probabilities now must sum to 1, got 0.5");
        assert_eq!(text(&[2.0, -1.0, 0.0, 0.0]), "probabilities now[0] must be between 0 and 1, got 2");
        assert!((model.forecast(&[1.0, 0.0, 0.0, 0.0], 0).unwrap().silent() - 1.0).abs() < 1e-15);
    }
}
