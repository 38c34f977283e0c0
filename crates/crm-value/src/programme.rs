//! Whether a customer programme paid: what it brought, beside what it cost.

use std::fmt;

use rust_decimal::Decimal;

use crate::{Breakdown, Error, NonNegative, exact};

/// Customers who were not in the programme, for a comparison over the same span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ControlGroup {
    /// Their revenue before the programme.
    pub before: Decimal,
    /// Their revenue while it ran.
    pub during: Decimal,
    /// How many they are.
    pub customers: u32,
    /// How many customers are in the programme: the control group's change is scaled to them.
    pub in_programme: u32,
}

impl ControlGroup {
    /// What the customers of the programme would have gained without it.
    fn change(&self) -> Result<Decimal, Error> {
        const TERM: &str = "change of the control group";
        let change = exact::sub(TERM, self.during, self.before)?;
        exact::div(TERM, exact::mul(TERM, change, self.in_programme.into())?, self.customers.into())
    }
}

/// What a customer programme brought: the net benefit of relationship management (客户关系管理净收益).
///
/// Two readings, by name. [`before_after`](NetBenefit::before_after), as the literature has it: revenue with the
/// programme - revenue before it. [`against_control`](NetBenefit::against_control): the same, minus what a control
/// group gained in the same time without it (difference in differences), scaled to the number of customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct NetBenefit {
    /// Revenue of the customers in the programme before it.
    pub before: Decimal,
    /// Their revenue while it ran.
    pub during: Decimal,
    /// Who shows what would have happened without it.
    pub control: Option<ControlGroup>,
}

impl NetBenefit {
    /// Revenue with the programme against revenue before it.
    ///
    /// ```
    /// use crm_value::{Decimal, NetBenefit};
    ///
    /// let benefit = NetBenefit::before_after(Decimal::from(500), Decimal::from(800));
    /// assert_eq!(benefit.value()?, Decimal::from(300));
    /// # Ok::<(), crm_value::Error>(())
    /// ```
    #[must_use]
    pub fn before_after(before: Decimal, during: Decimal) -> Self {
        Self { before, during, control: None }
    }

    /// The same against a control group.
    ///
    /// ```
    /// use crm_value::{ControlGroup, Decimal, NetBenefit};
    ///
    /// // 50 customers without the programme went from 200 to 230: of the 300 gained by 100 customers, 60 came by themselves.
    /// let control =
    ///     ControlGroup { before: Decimal::from(200), during: Decimal::from(230), customers: 50, in_programme: 100 };
    /// let benefit = NetBenefit::against_control(Decimal::from(500), Decimal::from(800), control);
    /// assert_eq!(benefit.value()?, Decimal::from(240));
    /// # Ok::<(), crm_value::Error>(())
    /// ```
    #[must_use]
    pub fn against_control(before: Decimal, during: Decimal, control: ControlGroup) -> Self {
        Self { before, during, control: Some(control) }
    }

    /// The net benefit; negative where revenue fell.
    ///
    /// # Errors
    /// [`Error::Overflow`]; [`Error::DivisionByZero`] for a control group of nobody.
    pub fn value(&self) -> Result<Decimal, Error> {
        const TERM: &str = "net benefit";
        let change = exact::sub(TERM, self.during, self.before)?;
        match &self.control {
            None => Ok(change),
            Some(control) => exact::sub(TERM, change, control.change()?),
        }
    }

    /// The terms by name.
    ///
    /// # Errors
    /// As [`NetBenefit::value`].
    pub fn breakdown(&self) -> Result<Breakdown, Error> {
        let mut terms = Breakdown::of(match self.control {
            None => "net benefit, before and after",
            Some(_) => "net benefit, difference in differences",
        })
        .note("revenue with the programme", self.during)
        .minus("revenue before it", self.before);
        if let Some(control) = &self.control {
            terms = terms.minus("change of the control group", control.change()?);
        }
        Ok(terms.equals("net benefit", self.value()?))
    }
}

/// What a programme brought beside what it cost.
///
/// The source's formula of the customer profit ratio (客户利润率) is lost; both readings are offered by name.
///
/// ```
/// use crm_value::{Decimal, NetBenefit, Programme};
///
/// let benefit = NetBenefit::before_after(Decimal::from(500), Decimal::from(800));
/// let programme = Programme::new(benefit, Decimal::new(24_550, 2).try_into()?); // 300 for 245.50
/// assert_eq!(programme.benefit_cost_ratio()?.round_dp(4), Decimal::new(12_220, 4));
/// assert_eq!(programme.profit_ratio_of_benefit()?.round_dp(4), Decimal::new(12_220, 4));
/// assert_eq!(programme.profit_ratio_after_cost()?.round_dp(4), Decimal::new(2_220, 4));
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Programme {
    /// What it brought.
    pub benefit: NetBenefit,
    /// What it cost: [`RelationshipCost::total`](crate::RelationshipCost::total).
    pub cost: NonNegative,
}

impl Programme {
    /// A programme with that benefit and cost.
    #[must_use]
    pub fn new(benefit: NetBenefit, cost: NonNegative) -> Self {
        Self { benefit, cost }
    }

    /// net benefit - cost.
    ///
    /// # Errors
    /// As [`NetBenefit::value`].
    pub fn surplus(&self) -> Result<Decimal, Error> {
        exact::sub("surplus of a programme", self.benefit.value()?, self.cost.get())
    }

    /// Benefit-cost ratio: net benefit / cost. Above 1 the programme paid.
    ///
    /// # Errors
    /// As [`NetBenefit::value`]; [`Error::DivisionByZero`] for a cost of 0.
    pub fn benefit_cost_ratio(&self) -> Result<Decimal, Error> {
        exact::div("benefit-cost ratio", self.benefit.value()?, self.cost.get())
    }

    /// Customer profit ratio, first reading: net benefit / cost.
    ///
    /// # Errors
    /// As [`NetBenefit::value`]; [`Error::DivisionByZero`] for a cost of 0.
    pub fn profit_ratio_of_benefit(&self) -> Result<Decimal, Error> {
        exact::div("customer profit ratio", self.benefit.value()?, self.cost.get())
    }

    /// Customer profit ratio, second reading: (net benefit - cost) / cost.
    ///
    /// # Errors
    /// As [`NetBenefit::value`]; [`Error::DivisionByZero`] for a cost of 0.
    pub fn profit_ratio_after_cost(&self) -> Result<Decimal, Error> {
        exact::div("customer profit ratio", self.surplus()?, self.cost.get())
    }

    /// The terms by name.
    ///
    /// # Errors
    /// As [`Programme::benefit_cost_ratio`].
    pub fn breakdown(&self) -> Result<Breakdown, Error> {
        let terms = Breakdown::of("programme")
            .note("net benefit", self.benefit.value()?)
            .minus("cost", self.cost.get())
            .note("benefit-cost ratio", self.benefit_cost_ratio()?)
            .note("customer profit ratio, benefit / cost", self.profit_ratio_of_benefit()?)
            .note("customer profit ratio, (benefit - cost) / cost", self.profit_ratio_after_cost()?);
        Ok(terms.equals("surplus", self.surplus()?))
    }
}

impl fmt::Display for Programme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.breakdown() {
            Ok(terms) => terms.fmt(f),
            Err(error) => write!(f, "programme: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_divided_is_named() {
        let benefit = NetBenefit::before_after(Decimal::ZERO, Decimal::ONE);
        let free = Programme::new(benefit, NonNegative::ZERO);
        assert_eq!(
            free.benefit_cost_ratio().unwrap_err().to_string(),
            "benefit-cost ratio must not be divided by zero, got 1 / 0"
        );
        let nobody =
            ControlGroup { before: Decimal::ZERO, during: Decimal::ONE, customers: 0, in_programme: 5 };
        let text =
            NetBenefit::against_control(Decimal::ZERO, Decimal::ONE, nobody).value().unwrap_err().to_string();
        assert_eq!(text, "change of the control group must not be divided by zero, got 5 / 0");
    }

    #[test]
    fn a_programme_that_lost_revenue_has_a_negative_benefit() {
        let benefit = NetBenefit::before_after(Decimal::from(800), Decimal::from(500));
        let programme = Programme::new(benefit, 100.into());
        assert_eq!(programme.surplus(), Ok(Decimal::from(-400)));
        assert_eq!(programme.profit_ratio_after_cost(), Ok(Decimal::from(-4)));
        assert!(
            programme.to_string().ends_with("= surplus                                        -400"),
            "{programme}"
        );
    }
}
