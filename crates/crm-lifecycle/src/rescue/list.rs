use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

use crate::error::{Error, check_probability};

/// What an action does for a customer.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "StoredEffect", into = "StoredEffect"))]
pub struct Effect(Kind);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Success(f64),
    Uplift(f64),
}

impl Effect {
    /// A success rate: so many of those who would be lost are kept by the action.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless it is a probability.
    pub fn success(rate: f64) -> Result<Self, Error> {
        check_probability("success rate", rate)?;
        Ok(Self(Kind::Success(rate)))
    }

    /// An uplift, where a test has told it: the probability to stay with the action less that without it. It may be
    /// negative: there are customers whom a call reminds to leave.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless it lies in -1..=1.
    pub fn uplift(uplift: f64) -> Result<Self, Error> {
        if (-1.0..=1.0).contains(&uplift) {
            Ok(Self(Kind::Uplift(uplift)))
        } else {
            Err(Error::range("uplift", "lie in -1..=1", uplift))
        }
    }

    /// How much likelier a customer is to stay through the action.
    fn kept(self, p_loss: f64) -> f64 {
        match self.0 {
            Kind::Success(rate) => p_loss * rate,
            Kind::Uplift(uplift) => uplift,
        }
    }
}

/// A customer who may be lost, and an action that may save him.
///
/// `value at risk = value x P(loss)`; `expected gain = value x P(loss) x success rate - cost`, or
/// `value x uplift - cost`. Amounts are exact; a probability is taken to nine decimals.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "StoredCandidate", into = "StoredCandidate"))]
pub struct Candidate {
    value: Decimal,
    p_loss: f64,
    effect: Effect,
    cost: Decimal,
    at_risk: Decimal,
    saved: Decimal,
}

impl Candidate {
    /// A customer worth `value` if he stays, lost with probability `p_loss` if nothing is done, and an action with its
    /// effect and cost.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a cost below 0 or a number that is no probability, [`Error::Overflow`] for amounts beyond
    /// a [`Decimal`].
    pub fn new(value: Decimal, p_loss: f64, effect: Effect, cost: Decimal) -> Result<Self, Error> {
        check_probability("probability of a loss", p_loss)?;
        if cost.is_sign_negative() && !cost.is_zero() {
            return Err(Error::range("cost", "be at least 0", cost));
        }
        let at_risk = times(value, p_loss, "value at risk")?;
        let saved = times(value, effect.kept(p_loss), "expected saving")?;
        minus(saved, cost, "expected gain")?;
        Ok(Self { value, p_loss, effect, cost, at_risk, saved })
    }

    /// What the customer is worth if he stays.
    #[must_use]
    pub fn value(&self) -> Decimal {
        self.value
    }

    /// What the action costs.
    #[must_use]
    pub fn cost(&self) -> Decimal {
        self.cost
    }

    /// What is at risk: value x P(loss).
    #[must_use]
    pub fn at_risk(&self) -> Decimal {
        self.at_risk
    }

    /// What the action is expected to save, before its cost.
    #[must_use]
    pub fn saved(&self) -> Decimal {
        self.saved
    }

    /// What the action is expected to bring after its cost. It pays where this is above 0.
    #[must_use]
    pub fn gain(&self) -> Decimal {
        // That it does not overflow was seen when the candidate was made.
        self.saved.saturating_sub(self.cost)
    }
}

/// A customer on the list.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Rescue {
    /// The customer's place in the input, from 0.
    pub customer: usize,
    /// What is at risk with him.
    pub at_risk: Decimal,
    /// What the action costs.
    pub cost: Decimal,
    /// What it is expected to bring after its cost, above 0.
    pub gain: Decimal,
    /// What all actions up to this one cost.
    pub spent: Decimal,
}

/// Whom to save with a budget: everybody for whom the action pays, by expected gain per cost, as far as the money goes.
///
/// Down the list, whoever costs more than is left is passed over and the next one is looked at; equal ones stand in the
/// order of the input. Where all actions cost the same no other choice gains more; where costs differ, a choice that
/// fills the budget better may, by at most the gain of the first who was passed over.
///
/// Source: Dantzig, G. B. (1957), "Discrete-Variable Extremum Problems", Operations Research 5, 266-277.
#[derive(Debug, Clone, PartialEq)]
pub struct RescueList {
    places: Vec<Rescue>,
    budget: Option<Decimal>,
    paying: usize,
    at_risk: Decimal,
    saved_at_risk: Decimal,
    spent: Decimal,
    gain: Decimal,
}

impl RescueList {
    /// The list for a budget; `None` for as much money as pays.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a budget below 0, [`Error::Overflow`] for sums beyond a [`Decimal`].
    pub fn new(candidates: &[Candidate], budget: Option<Decimal>) -> Result<Self, Error> {
        if let Some(budget) = budget.filter(|budget| budget.is_sign_negative() && !budget.is_zero()) {
            return Err(Error::range("budget", "be at least 0", budget));
        }
        let mut at_risk = Decimal::ZERO;
        let mut paying = Vec::new();
        for (customer, candidate) in candidates.iter().enumerate() {
            at_risk = plus(at_risk, candidate.at_risk, "value at risk")?;
            if candidate.gain() > Decimal::ZERO {
                // Who costs nothing stands first.
                let per_cost = match candidate.cost.is_zero() {
                    true => None,
                    false => Some(over(candidate.gain(), candidate.cost)?),
                };
                paying.push((customer, candidate, per_cost));
            }
        }
        // A stable sort; `None` is below every number, and those first come last when turned round.
        paying.sort_by(|a, b| match (a.2, b.2) {
            (Some(a), Some(b)) => b.cmp(&a),
            (a, b) => a.is_some().cmp(&b.is_some()),
        });
        let mut list = Self {
            places: Vec::new(),
            budget,
            paying: paying.len(),
            at_risk,
            saved_at_risk: Decimal::ZERO,
            spent: Decimal::ZERO,
            gain: Decimal::ZERO,
        };
        for (customer, candidate, _) in paying {
            let spent = plus(list.spent, candidate.cost, "cost of the list")?;
            if budget.is_some_and(|budget| spent > budget) {
                continue;
            }
            let &Candidate { at_risk, cost, .. } = candidate;
            list.spent = spent;
            list.gain = plus(list.gain, candidate.gain(), "gain of the list")?;
            list.saved_at_risk = plus(list.saved_at_risk, at_risk, "value at risk")?;
            list.places.push(Rescue { customer, at_risk, cost, gain: candidate.gain(), spent });
        }
        Ok(list)
    }

    /// The customers on it, first to be called first.
    #[must_use]
    pub fn places(&self) -> &[Rescue] {
        &self.places
    }

    /// For how many candidates the action pays, budget or not.
    #[must_use]
    pub fn paying(&self) -> usize {
        self.paying
    }

    /// The value at risk with all candidates.
    #[must_use]
    pub fn at_risk(&self) -> Decimal {
        self.at_risk
    }

    /// What the list costs; never more than the budget.
    #[must_use]
    pub fn spent(&self) -> Decimal {
        self.spent
    }

    /// What it is expected to bring after its cost.
    #[must_use]
    pub fn expected_gain(&self) -> Decimal {
        self.gain
    }
}

impl fmt::Display for RescueList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { places, paying, at_risk, saved_at_risk, spent, gain, budget } = self;
        write!(f, "{} of {paying} who are worth it, for {spent:.2}", places.len())?;
        if let Some(budget) = budget {
            write!(f, " of {budget:.2}")?;
        }
        write!(f, ": expected gain {gain:.2}, value at risk {saved_at_risk:.2} of {at_risk:.2}")
    }
}

/// An amount times a factor within -1..=1, which is taken to nine decimals.
fn times(amount: Decimal, factor: f64, term: &'static str) -> Result<Decimal, Error> {
    let exact = Decimal::from_f64(factor).unwrap_or_default().round_dp(9);
    amount.checked_mul(exact).ok_or_else(|| overflow(term, format!("{amount} x {exact}")))
}

fn plus(a: Decimal, b: Decimal, term: &'static str) -> Result<Decimal, Error> {
    a.checked_add(b).ok_or_else(|| overflow(term, format!("{a} + {b}")))
}

fn minus(a: Decimal, b: Decimal, term: &'static str) -> Result<Decimal, Error> {
    a.checked_sub(b).ok_or_else(|| overflow(term, format!("{a} - {b}")))
}

fn over(a: Decimal, b: Decimal) -> Result<Decimal, Error> {
    a.checked_div(b).ok_or_else(|| overflow("gain per cost", format!("{a} / {b}")))
}

fn overflow(term: &'static str, operation: String) -> Error {
    Error::Overflow { field: term, value: operation }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredEffect {
    Success(f64),
    Uplift(f64),
}

#[cfg(feature = "serde")]
impl TryFrom<StoredEffect> for Effect {
    type Error = Error;

    fn try_from(stored: StoredEffect) -> Result<Self, Error> {
        match stored {
            StoredEffect::Success(rate) => Self::success(rate),
            StoredEffect::Uplift(uplift) => Self::uplift(uplift),
        }
    }
}

#[cfg(feature = "serde")]
impl From<Effect> for StoredEffect {
    fn from(effect: Effect) -> Self {
        match effect.0 {
            Kind::Success(rate) => Self::Success(rate),
            Kind::Uplift(uplift) => Self::Uplift(uplift),
        }
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredCandidate {
    value: Decimal,
    p_loss: f64,
    effect: Effect,
    cost: Decimal,
}

#[cfg(feature = "serde")]
impl TryFrom<StoredCandidate> for Candidate {
    type Error = Error;

    fn try_from(stored: StoredCandidate) -> Result<Self, Error> {
        Self::new(stored.value, stored.p_loss, stored.effect, stored.cost)
    }
}

#[cfg(feature = "serde")]
impl From<Candidate> for StoredCandidate {
    fn from(candidate: Candidate) -> Self {
        let Candidate { value, p_loss, effect, cost, .. } = candidate;
        Self { value, p_loss, effect, cost }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(value: i64, p_loss: f64, success: f64, cost: i64) -> Candidate {
        let (value, cost) = (Decimal::from(value), Decimal::from(cost));
        Candidate::new(value, p_loss, Effect::success(success).unwrap(), cost).unwrap()
    }

    #[test]
    fn amounts_are_exact() {
        let one = candidate(300, 0.1, 0.3, 4);
        assert_eq!(one.at_risk().to_string(), "30.0");
        assert_eq!((one.saved(), one.gain()), (Decimal::from(9), Decimal::from(5)));
        let uplift = Effect::uplift(-0.02).unwrap();
        let reminded = Candidate::new(Decimal::from(1_000), 0.9, uplift, Decimal::ZERO).unwrap();
        assert_eq!(reminded.gain(), Decimal::from(-20));
        // Whom an action drives away, or who is not worth it, is never on a list.
        let list = RescueList::new(&[reminded, candidate(10, 0.5, 0.5, 5)], None).unwrap();
        assert!(list.places().is_empty() && list.paying() == 0);
    }

    #[test]
    fn who_costs_nothing_comes_first_and_who_costs_too_much_is_passed_over() {
        let candidates =
            [candidate(1_000, 1.0, 0.5, 100), candidate(90, 1.0, 0.5, 10), candidate(4, 0.5, 0.5, 0)];
        let list = RescueList::new(&candidates, Some(Decimal::from(50))).unwrap();
        assert_eq!(list.places().iter().map(|place| place.customer).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(
            list.to_string(),
            "2 of 3 who are worth it, for 10.00 of 50.00: expected gain 36.00, value at risk 92.00 of 1092.00"
        );
        assert_eq!(RescueList::new(&candidates, None).unwrap().places().len(), 3);
    }

    #[test]
    fn errors_name_field_and_value() {
        let effect = Effect::success(0.5).unwrap();
        let text = |value, p, cost| Candidate::new(value, p, effect, cost).unwrap_err().to_string();
        let one = Decimal::ONE;
        assert_eq!(text(one, 1.5, one), "probability of a loss must lie in 0..=1, got 1.5");
        assert_eq!(text(one, 0.5, -one), "cost must be at least 0, got -1");
        assert!(text(Decimal::MIN, 1.0, Decimal::MAX).starts_with("expected gain must fit its type, got -"));
        assert_eq!(Effect::uplift(2.0).unwrap_err().to_string(), "uplift must lie in -1..=1, got 2");
        assert_eq!(
            Effect::success(-0.5).unwrap_err().to_string(),
            "success rate must lie in 0..=1, got -0.5"
        );
        let refused = RescueList::new(&[], Some(-one)).unwrap_err().to_string();
        assert_eq!(refused, "budget must be at least 0, got -1");
        let huge = Candidate::new(Decimal::MAX, 1.0, effect, Decimal::ZERO).unwrap();
        let refused = RescueList::new(&[huge; 2], None).unwrap_err().to_string();
        assert!(refused.starts_with("value at risk must fit its type, got 79228162514"), "{refused}");
    }
}
