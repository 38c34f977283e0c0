//! Benefit, cost and profit of a customer program.

use std::fmt;

use crm_numbers::Decimal;

use crate::exact::{Expr, exact};
use crate::{Breakdown, Error, Margin, NonNegative};

/// A control group: customers outside the program, observed over the same period.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ControlGroup {
    /// Revenue of the group before the program.
    pub before: Decimal,
    /// Revenue during the program.
    pub during: Decimal,
    /// Number of customers.
    pub customers: u32,
    /// Number of customers in the program, to which the change of the control group is scaled.
    pub in_program: u32,
}

crm_numbers::debug!(ControlGroup { before, during, customers, in_program });

impl ControlGroup {
    /// The change of the control group, scaled to the customers of the program.
    fn change(&self) -> Result<Decimal, Error> {
        let change = (exact(self.during) - self.before) * self.in_program / self.customers;
        change.value("change of the control group")
    }
}

/// The revenue gained by a customer program: net benefit of relationship management (客户关系管理净收益).
///
/// It is revenue, not profit: [`Program`] takes the cost of the goods into account. Two readings,
/// by name. [`before_after`](NetBenefit::before_after), as the literature has it: revenue with the
/// program - revenue before it. [`against_control`](NetBenefit::against_control): the same, minus
/// the gain of a control group in the same time without it (difference in differences), scaled to
/// the number of customers.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct NetBenefit {
    /// Revenue of the customers in the program before it.
    pub before: Decimal,
    /// Revenue during the program.
    pub during: Decimal,
    /// Control group, if there is one.
    pub control: Option<ControlGroup>,
}

crm_numbers::debug!(NetBenefit { before, during, control });

impl NetBenefit {
    /// Creates a comparison of revenue with the program and before it.
    ///
    /// # Examples
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

    /// Creates a comparison with the change of a control group.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_value::{ControlGroup, Decimal, NetBenefit};
    ///
    /// // 50 customers without the program went from 200 to 230: of the 300 gained by 100 customers, 60 came by themselves.
    /// let control =
    ///     ControlGroup { before: Decimal::from(200), during: Decimal::from(230), customers: 50, in_program: 100 };
    /// let benefit = NetBenefit::against_control(Decimal::from(500), Decimal::from(800), control);
    /// assert_eq!(benefit.value()?, Decimal::from(240));
    /// # Ok::<(), crm_value::Error>(())
    /// ```
    #[must_use]
    pub fn against_control(before: Decimal, during: Decimal, control: ControlGroup) -> Self {
        Self { before, during, control: Some(control) }
    }

    /// Returns the net benefit; negative if revenue fell.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`]; [`Error::DivisionByZero`] for an empty control group.
    pub fn value(&self) -> Result<Decimal, Error> {
        self.change()?.value("net benefit")
    }

    /// The net benefit, before it is rounded.
    fn change(&self) -> Result<Expr, Error> {
        let change = exact(self.during) - self.before;
        Ok(match &self.control {
            None => change,
            Some(control) => change - control.change()?,
        })
    }

    /// Returns the terms by name.
    ///
    /// # Errors
    ///
    /// As [`NetBenefit::value`].
    pub fn breakdown(&self) -> Result<Breakdown, Error> {
        let mut terms = Breakdown::of(match self.control {
            None => "net benefit, before and after",
            Some(_) => "net benefit, difference in differences",
        })
        .note("revenue with the program", self.during)
        .minus("revenue before it", self.before);
        if let Some(control) = &self.control {
            terms = terms.minus("change of the control group", control.change()?);
        }
        Ok(terms.equals("net benefit", self.value()?))
    }
}

/// The benefit and cost of a program: in revenue, as in the literature, and in contribution, which
/// decides whether the program pays.
///
/// # Formula
///
/// * benefit-cost ratio: `net benefit / cost`, revenue gained per unit of cost;
/// * contribution: `net benefit x unit margin`;
/// * profit: `contribution - cost`; contribution-cost ratio: `contribution / cost`.
///
/// Net benefit is revenue, from which the cost of the goods is still to be paid. A benefit-cost
/// ratio above 1 is therefore no profit; the program pays if the contribution-cost ratio is above
/// 1, that is, for a unit margin above 0, if the benefit-cost ratio is above `1 / unit margin`.
///
/// The source's formula of the customer profit ratio (客户利润率) is lost; both readings are offered by
/// name. Both are ratios of revenue to cost.
///
/// # Examples
///
/// ```
/// use crm_value::{Decimal, Margin, NetBenefit, Program};
///
/// let benefit = NetBenefit::before_after(Decimal::from(500), Decimal::from(800));
/// let program = Program::new(benefit, Decimal::new(24_550, 2).try_into()?); // 300 for 245.50
/// assert_eq!(program.benefit_cost_ratio()?.round_dp(4), Decimal::new(12_220, 4));
/// assert_eq!(program.profit_ratio_of_benefit()?.round_dp(4), Decimal::new(12_220, 4));
/// assert_eq!(program.profit_ratio_after_cost()?.round_dp(4), Decimal::new(2_220, 4));
///
/// // At a margin of 20 % the 300 leave 60, and the program has lost 185.50.
/// let program = program.with_unit_margin(Margin::percent(20)?);
/// assert_eq!(program.contribution()?, Some(Decimal::from(60)));
/// assert_eq!(program.profit()?, Some(Decimal::new(-18_550, 2)));
/// assert_eq!(program.contribution_cost_ratio()?.unwrap().round_dp(4), Decimal::new(2_444, 4));
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Program {
    /// Revenue gained by the program.
    pub benefit: NetBenefit,
    /// Cost of the program: [`RelationshipCost::total`](crate::RelationshipCost::total).
    pub cost: NonNegative,
    /// Share of the revenue gained that is left after the cost of the goods; `None` if unknown.
    #[cfg_attr(feature = "serde", serde(default))]
    pub unit_margin: Option<Margin>,
}

impl Program {
    /// Creates a program from benefit and cost, with an unknown unit margin.
    #[must_use]
    pub fn new(benefit: NetBenefit, cost: NonNegative) -> Self {
        Self { benefit, cost, unit_margin: None }
    }

    /// Sets the unit margin of the revenue gained, from which contribution and profit follow.
    #[must_use]
    pub fn with_unit_margin(self, unit_margin: Margin) -> Self {
        Self { unit_margin: Some(unit_margin), ..self }
    }

    /// Returns the contribution, `net benefit x unit margin`; `None` without a unit margin.
    ///
    /// # Errors
    ///
    /// As [`NetBenefit::value`].
    pub fn contribution(&self) -> Result<Option<Decimal>, Error> {
        let Some(margin) = self.unit_margin else { return Ok(None) };
        (self.benefit.change()? * margin).value("contribution of a program").map(Some)
    }

    /// Returns the profit, `contribution - cost`, negative for a loss; `None` without a unit
    /// margin.
    ///
    /// # Errors
    ///
    /// As [`NetBenefit::value`].
    pub fn profit(&self) -> Result<Option<Decimal>, Error> {
        let Some(margin) = self.unit_margin else { return Ok(None) };
        (self.benefit.change()? * margin - self.cost).value("profit of a program").map(Some)
    }

    /// Returns `contribution / cost`: the program paid if it is above 1. `None` without a unit
    /// margin.
    ///
    /// # Errors
    ///
    /// As [`NetBenefit::value`]; [`Error::DivisionByZero`] for a cost of 0.
    pub fn contribution_cost_ratio(&self) -> Result<Option<Decimal>, Error> {
        let Some(contribution) = self.contribution()? else { return Ok(None) };
        (exact(contribution) / self.cost).value("contribution-cost ratio").map(Some)
    }

    /// Returns `net benefit - cost`: the revenue gained beyond the cost. It is no profit, because
    /// the goods sold are not paid for yet; see [`profit`](Self::profit).
    ///
    /// # Errors
    ///
    /// As [`NetBenefit::value`].
    pub fn revenue_surplus(&self) -> Result<Decimal, Error> {
        (self.benefit.change()? - self.cost).value("revenue surplus of a program")
    }

    /// Returns the benefit-cost ratio, `net benefit / cost`: the revenue gained per unit of cost.
    /// The program paid if it is above `1 / unit margin`; see
    /// [`contribution_cost_ratio`](Self::contribution_cost_ratio).
    ///
    /// # Errors
    ///
    /// As [`NetBenefit::value`]; [`Error::DivisionByZero`] for a cost of 0.
    pub fn benefit_cost_ratio(&self) -> Result<Decimal, Error> {
        (self.benefit.change()? / self.cost).value("benefit-cost ratio")
    }

    /// Returns the customer profit ratio in its first reading, `net benefit / cost`, of revenue.
    ///
    /// # Errors
    ///
    /// As [`NetBenefit::value`]; [`Error::DivisionByZero`] for a cost of 0.
    pub fn profit_ratio_of_benefit(&self) -> Result<Decimal, Error> {
        (self.benefit.change()? / self.cost).value("customer profit ratio")
    }

    /// Returns the customer profit ratio in its second reading, `(net benefit - cost) / cost`, of
    /// revenue.
    ///
    /// # Errors
    ///
    /// As [`NetBenefit::value`]; [`Error::DivisionByZero`] for a cost of 0.
    pub fn profit_ratio_after_cost(&self) -> Result<Decimal, Error> {
        ((self.benefit.change()? - self.cost) / self.cost).value("customer profit ratio")
    }

    /// Returns the terms by name: down to the profit with a unit margin, to the revenue surplus
    /// without.
    ///
    /// # Errors
    ///
    /// As [`Program::benefit_cost_ratio`].
    pub fn breakdown(&self) -> Result<Breakdown, Error> {
        let mut terms = Breakdown::of("program")
            .note("net benefit (revenue)", self.benefit.value()?)
            .note("benefit-cost ratio (revenue)", self.benefit_cost_ratio()?)
            .note("customer profit ratio, benefit / cost", self.profit_ratio_of_benefit()?)
            .note("customer profit ratio, (benefit - cost) / cost", self.profit_ratio_after_cost()?);
        let (Some(margin), Some(contribution), Some(ratio), Some(profit)) =
            (self.unit_margin, self.contribution()?, self.contribution_cost_ratio()?, self.profit()?)
        else {
            return Ok(terms
                .minus("cost", self.cost.get())
                .equals("revenue surplus", self.revenue_surplus()?));
        };
        terms = terms
            .times("unit margin", margin)
            .note("contribution-cost ratio, above 1 if it paid", ratio)
            .note("contribution", contribution)
            .minus("cost", self.cost.get());
        Ok(terms.equals("profit", profit))
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.breakdown() {
            Ok(terms) => terms.fmt(f),
            Err(error) => write!(f, "program: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_divided_is_named() {
        let benefit = NetBenefit::before_after(Decimal::ZERO, Decimal::ONE);
        let free = Program::new(benefit, NonNegative::ZERO);
        assert_eq!(
            free.benefit_cost_ratio().unwrap_err().to_string(),
            "benefit-cost ratio is undefined: 1 / 0"
        );
        let nobody =
            ControlGroup { before: Decimal::ZERO, during: Decimal::ONE, customers: 0, in_program: 5 };
        let text =
            NetBenefit::against_control(Decimal::ZERO, Decimal::ONE, nobody).value().unwrap_err().to_string();
        assert_eq!(text, "change of the control group is undefined: 5 / 0");
    }

    #[test]
    fn a_program_that_lost_revenue_has_a_negative_benefit() {
        let benefit = NetBenefit::before_after(Decimal::from(800), Decimal::from(500));
        let program = Program::new(benefit, 100.into());
        assert_eq!(program.revenue_surplus(), Ok(Decimal::from(-400)));
        assert_eq!(program.profit_ratio_after_cost(), Ok(Decimal::from(-4)));
        assert!(
            program.to_string().ends_with("= revenue surplus                                -400"),
            "{program}"
        );
        assert_eq!((program.contribution(), program.profit()), (Ok(None), Ok(None)));
        assert_eq!(program.contribution_cost_ratio(), Ok(None));
    }

    #[test]
    fn revenue_that_covers_the_cost_may_still_be_a_loss() {
        let benefit = NetBenefit::before_after(Decimal::from(500), Decimal::from(800));
        let cost = NonNegative::new(Decimal::new(24_550, 2)).unwrap();
        let at = |percent| Program::new(benefit, cost).with_unit_margin(Margin::percent(percent).unwrap());
        assert!(at(20).benefit_cost_ratio().unwrap() > Decimal::ONE);
        assert_eq!(at(20).profit(), Ok(Some(Decimal::new(-18_550, 2))));
        assert_eq!(
            at(20)
                .to_string()
                .lines()
                .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
                .collect::<Vec<_>>(),
            [
                "program",
                "net benefit (revenue) 300",
                "benefit-cost ratio (revenue) 1.222",
                "customer profit ratio, benefit / cost 1.222",
                "customer profit ratio, (benefit - cost) / cost 0.222",
                "x unit margin 0.20",
                "contribution-cost ratio, above 1 if it paid 0.2444",
                "contribution 60",
                "- cost 245.50",
                "= profit -185.50",
            ]
        );
        // 245.50 / 300 is 81.83 %: there it begins to pay.
        for percent in [81, 82] {
            let paid = at(percent).contribution_cost_ratio().unwrap().unwrap() > Decimal::ONE;
            assert_eq!(
                (paid, at(percent).profit().unwrap().unwrap() > Decimal::ZERO),
                (percent == 82, percent == 82)
            );
        }
    }

    #[test]
    fn with_a_control_group_the_surplus_is_that_of_the_difference() {
        let control = ControlGroup {
            before: Decimal::from(200),
            during: Decimal::from(230),
            customers: 50,
            in_program: 100,
        };
        let benefit = NetBenefit::against_control(Decimal::from(500), Decimal::from(800), control);
        let program = Program::new(benefit, 100.into()).with_unit_margin(Margin::percent(50).unwrap());
        assert_eq!(program.revenue_surplus(), Ok(Decimal::from(140)));
        assert_eq!(program.profit(), Ok(Some(Decimal::from(20))));
        let text = benefit.breakdown().unwrap().to_string();
        assert!(
            text.contains("- change of the control group  60\n= net benefit                 240"),
            "{text}"
        );
    }
}
