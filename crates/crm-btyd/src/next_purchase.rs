use crm_numbers::check;

use crate::race::{Lomax, Race};
use crate::{Error, Horizon, condensed, gompertz};

/// Distribution of the time to the next purchase of a customer.
///
/// With some probability it never comes, because the customer has dropped out or will do so before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NextPurchase {
    p_alive: f64,
    p_never: f64,
    wait: Wait,
}

/// The wait of an active customer for the next purchase.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Wait {
    /// The purchase comes sooner or later.
    Purchase(Lomax),
    /// Death may come first.
    PurchaseOrDeath(Race),
    /// The purchase comes after a number of stages.
    Stages(condensed::Wait),
    /// Death may come first, the sooner the older the customer.
    PurchaseOrAge(gompertz::Posterior),
}

impl Wait {
    /// Probability that the purchase comes within a time.
    pub(crate) fn p_within(&self, t: f64) -> f64 {
        match self {
            Wait::Purchase(purchase) => -(-purchase.ln_over(t)).exp_m1(),
            Wait::PurchaseOrDeath(race) => race.p_first(t),
            Wait::Stages(stages) => stages.p_within(t),
            Wait::PurchaseOrAge(belief) => belief.p_any_purchase(t),
        }
    }

    /// Probability that death comes first.
    fn p_dies(&self) -> f64 {
        match self {
            Wait::Purchase(_) | Wait::Stages(_) => 0.0,
            Wait::PurchaseOrDeath(race) => {
                Race { first: race.other, other: race.first }.p_first(f64::INFINITY)
            }
            Wait::PurchaseOrAge(belief) => belief.p_dies_first(f64::INFINITY),
        }
    }
}

impl NextPurchase {
    /// Of a customer who is active, or has dropped out, with these probabilities.
    pub(crate) fn new((p_alive, p_dead): (f64, f64), wait: Wait) -> Self {
        NextPurchase { p_alive, p_never: (p_dead + p_alive * wait.p_dies()).min(1.0), wait }
    }

    /// Returns the probability that no purchase will ever come.
    #[must_use]
    pub fn p_never(&self) -> f64 {
        self.p_never
    }

    /// Returns the probability of a purchase within a time.
    #[must_use]
    pub fn p_within(&self, time: Horizon) -> f64 {
        self.p_alive * self.wait.p_within(time.get())
    }

    /// Returns the time by which the purchase has come with probability `p`, given that it comes.
    ///
    /// It is `None` if the time is later than 1e300; it is then `None` for every larger
    /// probability, too.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless `p` is at least 0 and less than 1.
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

    /// Returns the time by which the purchase has come in half of the cases, given that it comes.
    #[must_use]
    pub fn median(&self) -> Option<f64> {
        self.quantile(0.5).ok().flatten()
    }
}

/// Stored as the figures that people ask for.
#[cfg(feature = "serde")]
impl serde::Serialize for NextPurchase {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;

        let mut fields = serializer.serialize_struct("NextPurchase", 2)?;
        fields.serialize_field("p_never", &self.p_never)?;
        fields.serialize_field("median", &self.median())?;
        fields.end()
    }
}

/// Latest time that a quantile may have.
const LATEST: f64 = 1e300;

/// Where a distribution function reaches p, on the scale y = ln(1 + t / scale): Newton's step, or
/// half of the bracket where that leads out of it.
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
