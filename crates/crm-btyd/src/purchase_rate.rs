//! Terms of the log-likelihood that models share whose customers have rates of their own, spread by
//! a gamma distribution.
//!
//! With r and alpha the shape and the rate of that distribution, x purchases at given times within
//! T have the density (r)_x alpha^r / (alpha + T)^(r + x).

use crate::special::gamma::{digamma_difference, ln_gamma_ratio, trigamma_difference};
use crate::special::vector;
use crate::{Histories, models::Derivatives};

/// Adds r ln alpha - (r + x) ln(alpha + T) of all customers, one visit per distinct age; with x = 0
/// where the events are not purchases.
///
/// `numbers` are those of the parameters r and alpha.
pub(crate) fn add_waits(
    data: &Histories,
    numbers: (usize, usize),
    (r, alpha): (f64, f64),
    purchases: bool,
    sums: &mut Derivatives,
) {
    let ln_alpha = alpha.ln();
    for (age, weight) in data.ages().iter().zip(data.age_weights()) {
        let (n, x) = (weight.customers, if purchases { weight.purchases } else { 0.0 });
        let ln_share = vector::ln_1p(age / alpha);
        let later = 1.0 / (alpha + age);
        let now = 1.0 / alpha;
        sums.ln_likelihood -= n * r * ln_share + x * (ln_alpha + ln_share);
        sums.add_gradient(numbers.0, -n * ln_share);
        sums.add_gradient(numbers.1, n * r * (now - later) - x * later);
        sums.add_hessian(numbers.0, numbers.1, n * (now - later));
        sums.add_hessian(numbers.1, numbers.1, (n * r + x) * later * later - n * r * now * now);
    }
}

/// ln (r)_x + r ln alpha - (r + x) ln(alpha + T) of all customers.
pub(crate) fn ln_purchases(data: &Histories, (r, alpha): (f64, f64)) -> f64 {
    let ln_alpha = alpha.ln();
    let waits = data.ages().iter().zip(data.age_weights()).map(|(age, weight)| {
        let grown = vector::ln_1p(age / alpha);
        weight.customers * r * grown + weight.purchases * (ln_alpha + grown)
    });
    let repeated = data.groups().iter().filter(|group| group.frequency > 0.0);
    let counts = repeated.map(|group| group.customers * ln_gamma_ratio(r, group.frequency));
    counts.sum::<f64>() - waits.sum::<f64>()
}

/// Adds ln (r)_x of all customers, one visit a distinct frequency.
pub(crate) fn add_counts(data: &Histories, numbers: (usize, usize), r: f64, sums: &mut Derivatives) {
    for group in data.groups().iter().filter(|group| group.frequency > 0.0) {
        let (n, x) = (group.customers, group.frequency);
        sums.ln_likelihood += n * ln_gamma_ratio(r, x);
        sums.add_gradient(numbers.0, n * digamma_difference(r, x));
        sums.add_hessian(numbers.0, numbers.0, n * trigamma_difference(r, x));
    }
}

/// Purchase rates that data suggest, per unit of time, as starting points for a fit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rates {
    /// Of customers who are all active until the end of the observation.
    pub(crate) steady: f64,
    /// Of customers who all drop out right after their last purchase.
    pub(crate) active: f64,
}

impl Rates {
    pub(crate) fn of(data: &Histories) -> Self {
        let customers = (data.customers() as f64).max(1.0);
        let time = data.mean_age().clamp(1e-6, 1e6);
        let purchases = (data.repeat_purchases() as f64 / customers).max(1e-3);
        let active: f64 = data.iter().map(|(history, n)| history.recency() * n as f64).sum();
        let rate = |time: f64| (purchases / time).clamp(1e-6, 1e6);
        let steady = rate(time);
        let active = if active > 0.0 { rate(active / customers) } else { steady };
        Rates { steady, active: active.max(steady) }
    }

    /// The geometric mean of both rates.
    pub(crate) fn middle(&self) -> f64 {
        (self.steady * self.active).sqrt()
    }
}

/// The alpha that gives a mean rate with this r.
pub(crate) fn alpha_for(r: f64, rate: f64) -> f64 {
    (r / rate).clamp(1e-6, 1e6)
}
