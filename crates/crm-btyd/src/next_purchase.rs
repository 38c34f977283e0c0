use crm_numbers::check;

use crate::race::{Lomax, Race};
use crate::{Error, Horizon, condensed, gompertz};

/// The next purchase of a customer: with some probability it never comes, because the customer is gone or will be before;
/// if it comes, its time has a distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct NextPurchase {
    p_alive: f64,
    p_never: f64,
    wait: Wait,
}

/// How long a living customer waits.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
enum Wait {
    /// Whoever is alive buys sooner or later.
    Purchase(Lomax),
    /// Death may come first.
    PurchaseOrDeath(Race),
    /// The same, after so many stages.
    Stages(condensed::Wait),
    /// Death may come first, and the sooner the older the customer.
    PurchaseOrAge(gompertz::Posterior),
}

impl NextPurchase {
    /// Of a customer who, if alive, waits that long.
    pub(crate) fn certain(p_alive: f64, p_dead: f64, purchase: Lomax) -> Self {
        NextPurchase { p_alive, p_never: p_dead, wait: Wait::Purchase(purchase) }
    }

    /// Of a customer who, if alive, may die while waiting.
    pub(crate) fn unless_dead(p_alive: f64, p_dead: f64, purchase: Lomax, death: Lomax) -> Self {
        let p_dies = Race { first: death, other: purchase }.p_first(f64::INFINITY);
        let wait = Wait::PurchaseOrDeath(Race { first: purchase, other: death });
        NextPurchase { p_alive, p_never: (p_dead + p_alive * p_dies).min(1.0), wait }
    }

    /// Of a customer who, if alive, waits in stages.
    pub(crate) fn in_stages(p_alive: f64, p_dead: f64, wait: condensed::Wait) -> Self {
        NextPurchase { p_alive, p_never: p_dead, wait: Wait::Stages(wait) }
    }

    /// Of a customer who, if alive, may die while waiting, and ages.
    pub(crate) fn while_ageing(p_alive: f64, p_dead: f64, posterior: gompertz::Posterior) -> Self {
        let p_dies = posterior.p_dies_first(f64::INFINITY);
        let wait = Wait::PurchaseOrAge(posterior);
        NextPurchase { p_alive, p_never: (p_dead + p_alive * p_dies).min(1.0), wait }
    }

    /// Probability that no purchase will ever come.
    #[must_use]
    pub fn p_never(&self) -> f64 {
        self.p_never
    }

    /// Probability that it comes within a time.
    #[must_use]
    pub fn p_within(&self, time: Horizon) -> f64 {
        let p = match &self.wait {
            Wait::Purchase(purchase) => -(-purchase.ln_over(time.get())).exp_m1(),
            Wait::PurchaseOrDeath(race) => race.p_first(time.get()),
            Wait::Stages(stages) => stages.p_within(time.get()),
            Wait::PurchaseOrAge(posterior) => posterior.p_any_purchase(time.get()),
        };
        self.p_alive * p
    }

    /// The time by which it has come with probability `p`, given that it comes; `None` where that is later than 1e300, which is about the largest
    /// number that a double can hold: once a probability has no time, no larger one has.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless `p` lies in 0 ..= 1 and below 1.
    pub fn quantile(&self, p: f64) -> Result<Option<f64>, Error> {
        let p = check::range("probability", p, 0.0..1.0)?;
        let time = match &self.wait {
            Wait::Purchase(purchase) => purchase.quantile(p),
            Wait::PurchaseOrDeath(race) => race.quantile(p),
            Wait::Stages(stages) => {
                invert(p, stages.rate + stages.silence, |t| stages.p_within(t), |t| stages.density(t))
            }
            Wait::PurchaseOrAge(posterior) => {
                let target = p * posterior.p_any_purchase(f64::INFINITY);
                let within = |t: f64| posterior.p_any_purchase(t);
                invert(target, posterior.purchase.rate, within, |t| posterior.density(t))
            }
        };
        Ok((time <= LATEST).then_some(time))
    }

    /// The time by which it has come in half of the cases, given that it comes.
    #[must_use]
    pub fn median(&self) -> Option<f64> {
        self.quantile(0.5).ok().flatten()
    }
}

/// The latest time that a quantile may have.
const LATEST: f64 = 1e300;

/// Where a distribution function reaches p, on the scale y = ln(1 + t / scale): Newton's step, or half of the bracket where that leads out of it.
fn invert(p: f64, scale: f64, p_within: impl Fn(f64) -> f64, density: impl Fn(f64) -> f64) -> f64 {
    let time = |y: f64| scale * y.exp_m1();
    if p <= 0.0 {
        return 0.0;
    }
    let most = (LATEST / scale).ln_1p();
    let (mut low, mut high) = (0.0, most.min(1.0));
    while p_within(time(high)) < p {
        if high >= most {
            return f64::INFINITY;
        }
        (low, high) = (high, (2.0 * high).min(most));
    }
    let mut y = 0.5 * (low + high);
    for _ in 0..200 {
        let missing = p - p_within(time(y));
        *if missing > 0.0 { &mut low } else { &mut high } = y;
        let newton = y + missing / (density(time(y)) * scale * y.exp());
        let next = if low < newton && newton < high { newton } else { 0.5 * (low + high) };
        if (next - y).abs() <= 1e-15 * y {
            break;
        }
        y = next;
    }
    time(y)
}
