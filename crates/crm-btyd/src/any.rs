//! A model of repeat purchases that is chosen at run time.

use crate::fit::StoredFit;
use crate::next_purchase::Wait;
use crate::race::Lomax;
use crate::story::{Belief, Kernel, Story};
use crate::{
    BgCnbd, BgNbd, Error, GompertzNbd, Histories, History, MbgCnbd, MbgNbd, Nbd, ParetoNbd, PurchaseModel,
    PurchaseOptions, beta_geometric, condensed, fit, gompertz, pareto,
};

/// A kind of model of repeat purchases, by its name.
///
/// # Examples
///
/// ```
/// use crm_btyd::{AnyModel, Histories, History, ModelKind, PurchaseOptions};
///
/// let histories = Histories::weighted([
///     (History::new(0, 0.0, 39.0)?, 900),
///     (History::new(1, 25.0, 39.0)?, 270),
///     (History::new(4, 36.0, 39.0)?, 80),
/// ]);
/// let kind: ModelKind = "bg_nbd".parse()?;
/// let fitted = kind.fit(&histories, &PurchaseOptions::default())?;
/// assert!(matches!(fitted.model(), AnyModel::BgNbd(model) if model.r() > 0.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ModelKind {
    /// [`Nbd`]: no drop-out.
    Nbd,
    /// [`BgNbd`]: drop-out after a repeat purchase.
    BgNbd,
    /// [`MbgNbd`]: drop-out after any purchase.
    MbgNbd,
    /// [`BgCnbd`]: regular purchases, drop-out after a repeat purchase.
    BgCnbd,
    /// [`MbgCnbd`]: regular purchases, drop-out after any purchase.
    MbgCnbd,
    /// [`ParetoNbd`]: drop-out at any time.
    ParetoNbd,
    /// [`GompertzNbd`]: drop-out at any time, with a risk that may grow.
    GompertzNbd,
}

crm_numbers::names! {
    ModelKind, "model" {
        Nbd = "nbd",
        BgNbd = "bg_nbd" | "BG/NBD",
        MbgNbd = "mbg_nbd" | "MBG/NBD",
        BgCnbd = "bg_cnbd" | "BG/CNBD",
        MbgCnbd = "mbg_cnbd" | "MBG/CNBD",
        ParetoNbd = "pareto_nbd" | "Pareto/NBD",
        GompertzNbd = "gompertz_nbd" | "GGompertz/NBD",
    }
}

/// A model of repeat purchases whose kind is known at run time only.
///
/// It answers every question of [`Repeat`](crate::Repeat), and is stored as the model that it
/// holds.
///
/// # Examples
///
/// ```
/// use crm_btyd::{AnyModel, History, MbgNbd, Repeat};
///
/// let (model, customer) = (MbgNbd::new(0.525, 6.183, 0.891, 1.614)?, History::new(2, 30.43, 38.86)?);
/// let any = AnyModel::from(model);
/// assert_eq!(any.name(), "MBG/NBD");
/// assert_eq!(any.p_alive(&customer), model.p_alive(&customer));
/// # Ok::<(), crm_btyd::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum AnyModel {
    /// NBD.
    Nbd(Nbd),
    /// BG/NBD.
    BgNbd(BgNbd),
    /// MBG/NBD.
    MbgNbd(MbgNbd),
    /// BG/CNBD-k.
    BgCnbd(BgCnbd),
    /// MBG/CNBD-k.
    MbgCnbd(MbgCnbd),
    /// Pareto/NBD.
    ParetoNbd(ParetoNbd),
    /// GGompertz/NBD.
    GompertzNbd(GompertzNbd),
}

/// The same expression for the model of every kind.
macro_rules! each {
    ($any:expr, $model:ident => $expression:expr) => {
        match $any {
            AnyModel::Nbd($model) => $expression,
            AnyModel::BgNbd($model) => $expression,
            AnyModel::MbgNbd($model) => $expression,
            AnyModel::BgCnbd($model) => $expression,
            AnyModel::MbgCnbd($model) => $expression,
            AnyModel::ParetoNbd($model) => $expression,
            AnyModel::GompertzNbd($model) => $expression,
        }
    };
}

macro_rules! kinds {
    ($($kind:ident),+) => {
        $(impl From<$kind> for AnyModel {
            fn from(model: $kind) -> Self {
                AnyModel::$kind(model)
            }
        })+

        impl ModelKind {
            /// Fits the model of this kind to histories; see [`fit`](crate::fit()).
            ///
            /// # Errors
            ///
            /// As [`fit`](crate::fit()).
            pub fn fit(self, data: &Histories, options: &PurchaseOptions) -> Result<StoredFit, Error> {
                Ok(match self {
                    $(ModelKind::$kind => StoredFit::from(&fit::<$kind>(data, options)?)),+
                })
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for AnyModel {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                use serde::de::Error as _;

                let named = crate::stored::NamedParameters::deserialize(deserializer)?;
                $(if $kind::from_name(&named.model).is_some() {
                    return named.model().map(AnyModel::$kind).map_err(D::Error::custom);
                })+
                let known = ModelKind::ALL;
                Err(D::Error::custom(crm_numbers::UnknownNameError::new("model", named.model, known)))
            }
        }
    };
}

kinds!(Nbd, BgNbd, MbgNbd, BgCnbd, MbgCnbd, ParetoNbd, GompertzNbd);

#[cfg(feature = "serde")]
impl serde::Serialize for AnyModel {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        each!(self, model => model.serialize(serializer))
    }
}

impl AnyModel {
    /// Returns the name of the model, such as `MBG/CNBD-2`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        each!(self, model => model.name())
    }

    /// Returns the names and values of the parameters, in their order.
    pub fn parameters(&self) -> impl Iterator<Item = (&'static str, f64)> + use<> {
        let named = each!(self, model => named(model));
        named.into_iter()
    }
}

fn named<M: PurchaseModel>(model: &M) -> Vec<(&'static str, f64)> {
    M::PARAMETERS.iter().copied().zip(model.theta().as_ref().iter().copied()).collect()
}

/// The kernel of any model.
#[derive(Debug, Clone, Copy)]
pub(crate) enum AnyKernel {
    Nbd(Nbd),
    BetaGeometric(beta_geometric::Kernel),
    Condensed(condensed::Kernel),
    Pareto(pareto::Kernel),
    Gompertz(gompertz::Kernel),
}

/// The belief of any model.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::large_enum_variant, reason = "one at a time, on the stack")]
pub(crate) enum AnyBelief {
    Nbd(Lomax),
    BetaGeometric(beta_geometric::Posterior),
    Condensed(condensed::Posterior),
    Pareto(pareto::Posterior),
    Gompertz(gompertz::Posterior),
}

impl Story for AnyModel {
    type Kernel = AnyKernel;

    fn kernel(&self) -> AnyKernel {
        match self {
            AnyModel::Nbd(model) => AnyKernel::Nbd(model.kernel()),
            AnyModel::BgNbd(model) => AnyKernel::BetaGeometric(model.kernel()),
            AnyModel::MbgNbd(model) => AnyKernel::BetaGeometric(model.kernel()),
            AnyModel::BgCnbd(model) => AnyKernel::Condensed(model.kernel()),
            AnyModel::MbgCnbd(model) => AnyKernel::Condensed(model.kernel()),
            AnyModel::ParetoNbd(model) => AnyKernel::Pareto(model.kernel()),
            AnyModel::GompertzNbd(model) => AnyKernel::Gompertz(model.kernel()),
        }
    }
}

/// The same expression for the kernel or belief of every kind, as `$inner`, with its variant.
macro_rules! dispatch {
    ($type:ident, $any:expr, $inner:ident, $variant:ident => $expression:expr) => {
        match $any {
            $type::Nbd($inner) => dispatch!(@ $variant Nbd $expression),
            $type::BetaGeometric($inner) => dispatch!(@ $variant BetaGeometric $expression),
            $type::Condensed($inner) => dispatch!(@ $variant Condensed $expression),
            $type::Pareto($inner) => dispatch!(@ $variant Pareto $expression),
            $type::Gompertz($inner) => dispatch!(@ $variant Gompertz $expression),
        }
    };
    (@ $variant:ident $name:ident $expression:expr) => {{
        #[allow(unused_variables, reason = "some expressions build a belief, some do not")]
        let $variant = AnyBelief::$name;
        $expression
    }};
}

impl Kernel for AnyKernel {
    type Belief = AnyBelief;

    fn ln_odds_dead(&self, history: &History) -> f64 {
        dispatch!(AnyKernel, self, kernel, any => kernel.ln_odds_dead(history))
    }

    fn belief(&self, history: &History) -> AnyBelief {
        dispatch!(AnyKernel, self, kernel, any => any(kernel.belief(history)))
    }

    fn p_alive_all(&self, histories: &[History], into: &mut [f64]) {
        dispatch!(AnyKernel, self, kernel, any => kernel.p_alive_all(histories, into));
    }

    fn p_alive_times(
        &self,
        histories: &[History],
        into: &mut [f64],
        purchases: impl Fn(&AnyBelief) -> f64 + Sync + Send,
    ) {
        dispatch!(AnyKernel, self, kernel, any => {
            kernel.p_alive_times(histories, into, |belief| purchases(&any(*belief)));
        });
    }
}

impl Belief for AnyBelief {
    fn survival(&self, t: f64) -> f64 {
        dispatch!(AnyBelief, self, belief, any => belief.survival(t))
    }

    fn purchases(&self, t: f64) -> f64 {
        dispatch!(AnyBelief, self, belief, any => belief.purchases(t))
    }

    fn pmf(&self, t: f64, n: u32) -> f64 {
        dispatch!(AnyBelief, self, belief, any => belief.pmf(t, n))
    }

    fn p_at_least(&self, t: f64, n: u32) -> f64 {
        dispatch!(AnyBelief, self, belief, any => belief.p_at_least(t, n))
    }

    fn moments(&self, t: f64) -> Option<(f64, f64)> {
        dispatch!(AnyBelief, self, belief, any => belief.moments(t))
    }

    fn discounted(&self, t: f64, rate: f64) -> f64 {
        dispatch!(AnyBelief, self, belief, any => belief.discounted(t, rate))
    }

    fn for_ever(&self, rate: f64) -> f64 {
        dispatch!(AnyBelief, self, belief, any => belief.for_ever(rate))
    }

    fn wait(&self) -> Wait {
        dispatch!(AnyBelief, self, belief, any => belief.wait())
    }
}
