use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

use crate::error::Error;
use crm_numbers::{Amount as _, OverflowError, check};

/// The effect of an action on a customer.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self"))]
pub struct RescueEffect(Kind);

crm_numbers::gate!(RescueEffect, RescueEffect::checked);

#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
enum Kind {
    Success(f64),
    Uplift(f64),
}

impl RescueEffect {
    /// Creates an effect from a success rate: the share of customers at risk whom the action keeps.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless the rate lies in 0..=1.
    pub fn success(rate: f64) -> Result<Self, Error> {
        Self(Kind::Success(rate)).checked()
    }

    /// Creates an effect from an uplift that a test has shown: the probability to stay with the
    /// action less that without it. It may be negative: a call can remind customers to leave.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless the uplift lies in -1..=1.
    pub fn uplift(uplift: f64) -> Result<Self, Error> {
        Self(Kind::Uplift(uplift)).checked()
    }

    fn checked(self) -> Result<Self, Error> {
        match self.0 {
            Kind::Success(rate) => check::range("success rate", rate, 0.0..=1.0)?,
            Kind::Uplift(uplift) => check::range("uplift", uplift, -1.0..=1.0)?,
        };
        Ok(self)
    }

    /// Returns the gain in the probability to stay.
    fn kept(self, p_loss: f64) -> f64 {
        match self.0 {
            Kind::Success(rate) => p_loss * rate,
            Kind::Uplift(uplift) => uplift,
        }
    }
}

/// A customer who may be lost, and an action that may save them.
///
/// # Formula
///
/// `value at risk = value x P(loss)`; `expected gain = value x P(loss) x success rate - cost`, or
/// `value x uplift - cost`.
///
/// `value` is the value of the customer if retained and `cost` that of the action, in currency
/// units. Amounts are exact; a probability is taken to nine decimals.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct RescueCandidate {
    value: Decimal,
    p_loss: f64,
    effect: RescueEffect,
    cost: Decimal,
    #[cfg_attr(feature = "serde", serde(skip))]
    at_risk: Decimal,
    #[cfg_attr(feature = "serde", serde(skip))]
    saved: Decimal,
}

crm_numbers::gate!(RescueCandidate, RescueCandidate::checked);

impl RescueCandidate {
    /// Creates a candidate: a customer worth `value` if retained and lost with probability `p_loss`
    /// without action, and an action with its effect and cost.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a negative cost, a number that is not a probability, or amounts beyond
    /// a [`Decimal`].
    pub fn new(value: Decimal, p_loss: f64, effect: RescueEffect, cost: Decimal) -> Result<Self, Error> {
        Self { value, p_loss, effect, cost, at_risk: Decimal::ZERO, saved: Decimal::ZERO }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        let Self { value, p_loss, effect, cost, .. } = self;
        check::range("probability of a loss", p_loss, 0.0..=1.0)?;
        check::range("cost", cost, Decimal::ZERO..)?;
        let at_risk = times(value, p_loss, "value at risk")?;
        let saved = times(value, effect.kept(p_loss), "expected saving")?;
        minus(saved, cost, "expected gain")?;
        Ok(Self { at_risk, saved, ..self })
    }

    /// Returns the value of the customer if retained.
    #[must_use]
    pub fn value(&self) -> Decimal {
        self.value
    }

    /// Returns the cost of the action.
    #[must_use]
    pub fn cost(&self) -> Decimal {
        self.cost
    }

    /// Returns the value at risk: value x P(loss).
    #[must_use]
    pub fn at_risk(&self) -> Decimal {
        self.at_risk
    }

    /// Returns the value that the action is expected to save, before its cost.
    #[must_use]
    pub fn saved(&self) -> Decimal {
        self.saved
    }

    /// Returns the expected gain of the action after its cost. The action pays if this is positive.
    #[must_use]
    pub fn gain(&self) -> Decimal {
        // The constructor has checked that it does not overflow.
        self.saved.saturating_sub(self.cost)
    }
}

/// A customer on the list.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct RescueEntry {
    /// Index of the customer in the input, from 0.
    pub customer: usize,
    /// Value at risk, in currency units.
    pub at_risk: Decimal,
    /// Cost of the action, in currency units.
    pub cost: Decimal,
    /// Expected gain after the cost, in currency units; positive.
    pub gain: Decimal,
    /// Cost of all actions up to this one, in currency units.
    pub spent: Decimal,
}

/// The customers to save with a budget: all for whom the action pays, by expected gain per cost,
/// until the budget is spent.
///
/// A customer whose action costs more than the remaining budget is skipped, and the next one is
/// considered; equal ones stay in the order of the input. If all actions cost the same, no other
/// choice gains more; if costs differ, a choice that fills the budget better may gain more, by at
/// most the gain of the first customer skipped.
///
/// # References
///
/// Dantzig, G. B. (1957), "Discrete-Variable Extremum Problems", Operations Research 5, 266-277.
#[derive(Debug, Clone, PartialEq)]
pub struct RescueList {
    places: Vec<RescueEntry>,
    budget: Option<Decimal>,
    paying: usize,
    at_risk: Decimal,
    saved_at_risk: Decimal,
    spent: Decimal,
    gain: Decimal,
}

impl RescueList {
    /// Creates the list for a budget; `None` for an unlimited budget.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a negative budget, or sums beyond a [`Decimal`].
    pub fn new(candidates: &[RescueCandidate], budget: Option<Decimal>) -> Result<Self, Error> {
        budget.map_or(Ok(Decimal::ZERO), |budget| check::range("budget", budget, Decimal::ZERO..))?;
        let mut at_risk = Decimal::ZERO;
        let mut paying = Vec::new();
        for (customer, candidate) in candidates.iter().enumerate() {
            at_risk = plus(at_risk, candidate.at_risk, "value at risk")?;
            if candidate.gain() > Decimal::ZERO {
                // Actions without a cost come first.
                let per_cost = match candidate.cost.is_zero() {
                    true => None,
                    false => Some(over(candidate.gain(), candidate.cost)?),
                };
                paying.push((customer, candidate, per_cost));
            }
        }
        // A stable sort; `None` is below every number, so that these come last in ascending order
        // and first when it is reversed.
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
            let &RescueCandidate { at_risk, cost, .. } = candidate;
            list.spent = spent;
            list.gain = plus(list.gain, candidate.gain(), "gain of the list")?;
            list.saved_at_risk = plus(list.saved_at_risk, at_risk, "value at risk")?;
            list.places.push(RescueEntry { customer, at_risk, cost, gain: candidate.gain(), spent });
        }
        Ok(list)
    }

    /// Returns the customers on the list, in the order of calls.
    #[must_use]
    pub fn places(&self) -> &[RescueEntry] {
        &self.places
    }

    /// Returns the number of candidates for whom the action pays, whatever the budget.
    #[must_use]
    pub fn paying(&self) -> usize {
        self.paying
    }

    /// Returns the value at risk of all candidates.
    #[must_use]
    pub fn at_risk(&self) -> Decimal {
        self.at_risk
    }

    /// Returns the cost of the list; never more than the budget.
    #[must_use]
    pub fn spent(&self) -> Decimal {
        self.spent
    }

    /// Returns the expected gain of the list after its cost.
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

/// Returns an amount times a factor within -1..=1, which is taken to nine decimals.
fn times(amount: Decimal, factor: f64, field: &'static str) -> Result<Decimal, Error> {
    let exact = Decimal::from_f64(factor).unwrap_or_default().round_dp(9);
    let about = || amount.to_f64() * exact.to_f64();
    Ok(amount.checked_mul(exact).ok_or_else(|| OverflowError::new(field, about()))?)
}

fn plus(a: Decimal, b: Decimal, field: &'static str) -> Result<Decimal, Error> {
    Ok(a.checked_add(b).ok_or_else(|| OverflowError::new(field, a.to_f64() + b.to_f64()))?)
}

fn minus(a: Decimal, b: Decimal, field: &'static str) -> Result<Decimal, Error> {
    plus(a, -b, field)
}

fn over(a: Decimal, b: Decimal) -> Result<Decimal, Error> {
    Ok(a.checked_div(b).ok_or_else(|| OverflowError::new("gain per cost", a.to_f64() / b.to_f64()))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(value: i64, p_loss: f64, success: f64, cost: i64) -> RescueCandidate {
        let (value, cost) = (Decimal::from(value), Decimal::from(cost));
        RescueCandidate::new(value, p_loss, RescueEffect::success(success).unwrap(), cost).unwrap()
    }

    #[test]
    fn amounts_are_exact() {
        let one = candidate(300, 0.1, 0.3, 4);
        assert_eq!(one.at_risk().to_string(), "30.0");
        assert_eq!((one.saved(), one.gain()), (Decimal::from(9), Decimal::from(5)));
        let uplift = RescueEffect::uplift(-0.02).unwrap();
        let reminded = RescueCandidate::new(Decimal::from(1_000), 0.9, uplift, Decimal::ZERO).unwrap();
        assert_eq!(reminded.gain(), Decimal::from(-20));
        // Customers whom the action drives away, or for whom it does not pay, are never on a list.
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
        let effect = RescueEffect::success(0.5).unwrap();
        let text = |value, p, cost| RescueCandidate::new(value, p, effect, cost).unwrap_err().to_string();
        let one = Decimal::ONE;
        assert_eq!(text(one, 1.5, one), "probability of a loss must be between 0 and 1, got 1.5");
        assert_eq!(text(one, 0.5, -one), "cost must be at least 0, got -1");
        assert!(text(Decimal::MIN, 1.0, Decimal::MAX).starts_with("expected gain, about -"));
        assert_eq!(
            RescueEffect::uplift(2.0).unwrap_err().to_string(),
            "uplift must be between -1 and 1, got 2"
        );
        assert_eq!(
            RescueEffect::success(-0.5).unwrap_err().to_string(),
            "success rate must be between 0 and 1, got -0.5"
        );
        let refused = RescueList::new(&[], Some(-one)).unwrap_err().to_string();
        assert_eq!(refused, "budget must be at least 0, got -1");
        let huge = RescueCandidate::new(Decimal::MAX, 1.0, effect, Decimal::ZERO).unwrap();
        let refused = RescueList::new(&[huge; 2], None).unwrap_err().to_string();
        assert!(refused.starts_with("value at risk, about 1.58456325028528"), "{refused}");
    }
}
