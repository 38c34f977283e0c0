use std::fmt;

use crm_numbers::{Decimal, EmptyError, check, text};

use super::Receivables;
use crate::exact::{Expr, exact, rows};
use crate::{Breakdown, DayCount, Error, NonNegative, Rate, Share};

/// Conditions that all compared policies share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct CreditConditions {
    /// Variable cost / sales.
    pub variable_cost_ratio: Share,
    /// Yearly cost of capital.
    pub capital_rate: Rate,
    /// Number of days of the year.
    pub day_count: DayCount,
}

/// A credit policy (信用政策) with the sales and losses expected of it in a year.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct CreditPolicy {
    /// Name of the policy.
    pub name: String,
    /// Credit sales per year; see [`ExtraSales`] for the effect of easier terms.
    pub credit_sales: NonNegative,
    /// Mean number of days until customers pay.
    pub collection_days: NonNegative,
    /// Share of sales that is never paid.
    pub bad_debt_rate: Share,
    /// Cost of collection.
    pub collection_cost: NonNegative,
    /// Discount for early payment.
    pub cash_discount: Share,
    /// Share of sales on which the discount is taken.
    pub discount_taken: Share,
}

/// Contribution and costs of a policy in a year.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
#[non_exhaustive]
pub struct PolicyResult {
    /// Name of the policy.
    pub name: String,
    /// Sales less variable cost.
    pub contribution: NonNegative,
    /// Cost of the receivables: [`Receivables::opportunity_cost`].
    pub opportunity_cost: Decimal,
    /// Cost of collection.
    pub collection_cost: NonNegative,
    /// Sales that are never paid.
    pub bad_debt: NonNegative,
    /// Discounts granted for early payment.
    pub cash_discount: NonNegative,
    /// Contribution less the four costs.
    pub net: Decimal,
}

crm_numbers::debug!(PolicyResult {
    name,
    contribution,
    opportunity_cost,
    collection_cost,
    bad_debt,
    cash_discount,
    net
});
crm_numbers::gate!(PolicyResult, PolicyResult::checked);

impl CreditPolicy {
    /// Returns contribution and costs of the policy.
    ///
    /// # Errors
    ///
    /// [`Error::TimeUnit`] unless the capital rate is yearly, [`Error::Overflow`].
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_value::{CreditConditions, CreditPolicy, DayCount, Decimal, NonNegative, TimeUnit, Rate, Share};
    ///
    /// let conditions = CreditConditions {
    ///     variable_cost_ratio: Share::percent(60)?,
    ///     capital_rate: Rate::percent(TimeUnit::Year, 10)?,
    ///     day_count: DayCount::Days360,
    /// };
    /// let policy = CreditPolicy {
    ///     name: "net 45".to_owned(),
    ///     credit_sales: 3_600_000.into(),
    ///     collection_days: 45.into(),
    ///     bad_debt_rate: Share::percent(2)?,
    ///     collection_cost: 30_000.into(),
    ///     cash_discount: Share::ZERO,
    ///     discount_taken: Share::ZERO,
    /// };
    /// let result = policy.result(&conditions)?;
    /// // 1 440 000 - 27 000 - 30 000 - 72 000
    /// assert_eq!(result.net, Decimal::from(1_311_000));
    /// # Ok::<(), crm_value::Error>(())
    /// ```
    pub fn result(&self, conditions: &CreditConditions) -> Result<PolicyResult, Error> {
        let sales = || exact(self.credit_sales);
        let CreditConditions { variable_cost_ratio, capital_rate, day_count } = *conditions;
        let receivables = Receivables {
            credit_sales: self.credit_sales,
            collection_days: self.collection_days,
            variable_cost_ratio,
            capital_rate,
            day_count,
        };
        let mut result = PolicyResult {
            name: self.name.clone(),
            contribution: (sales() * (Expr::ONE - variable_cost_ratio)).bounded("contribution")?,
            opportunity_cost: receivables.opportunity_cost()?,
            collection_cost: self.collection_cost,
            bad_debt: (sales() * self.bad_debt_rate).bounded("bad debt")?,
            cash_discount: (sales() * self.discount_taken * self.cash_discount).bounded("cash discount")?,
            net: Decimal::ZERO,
        };
        result.net = result.net_of_costs()?;
        Ok(result)
    }

    /// Returns the bad-debt rate at which this policy earns no more than another, `bad-debt rate +
    /// gain / credit sales`.
    ///
    /// It is below 0 if the policy is worse even without bad debt, and above 1 if it is better even
    /// without payment.
    ///
    /// # Errors
    ///
    /// As [`CreditPolicy::result`]; [`Error::DivisionByZero`] without sales.
    ///
    /// # Examples
    ///
    /// ```
    /// # use crm_value::{CreditConditions, CreditPolicy, DayCount, Decimal, NonNegative, TimeUnit, Rate, Share};
    /// # let conditions = CreditConditions {
    /// #     variable_cost_ratio: Share::percent(60)?,
    /// #     capital_rate: Rate::zero(TimeUnit::Year),
    /// #     day_count: DayCount::Days360,
    /// # };
    /// # let policy = |sales: u32, bad_debt| Ok::<_, crm_value::Error>(CreditPolicy {
    /// #     name: String::new(),
    /// #     credit_sales: sales.into(),
    /// #     collection_days: NonNegative::ZERO,
    /// #     bad_debt_rate: Share::percent(bad_debt)?,
    /// #     collection_cost: NonNegative::ZERO,
    /// #     cash_discount: Share::ZERO,
    /// #     discount_taken: Share::ZERO,
    /// # });
    /// // 1 000 sold without loss bring 400; 1 250 bring 500 less bad debt.
    /// let (strict, easy) = (policy(1_000, 0)?, policy(1_250, 4)?);
    /// assert_eq!(easy.break_even_bad_debt_rate(&strict, &conditions)?, Decimal::new(8, 2)); // 100 / 1 250
    /// # Ok::<(), crm_value::Error>(())
    /// ```
    pub fn break_even_bad_debt_rate(
        &self,
        other: &Self,
        conditions: &CreditConditions,
    ) -> Result<Decimal, Error> {
        let gain = exact(self.result(conditions)?.net) - other.result(conditions)?.net;
        (gain / self.credit_sales + self.bad_debt_rate).value("break-even bad-debt rate")
    }
}

impl PolicyResult {
    /// Returns the gain over another policy: change in contribution - change in the four costs.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    pub fn gain_over(&self, other: &Self) -> Result<Decimal, Error> {
        (exact(self.net) - other.net).value("gain of a policy")
    }

    fn net_of_costs(&self) -> Result<Decimal, Error> {
        let Self { contribution, opportunity_cost, collection_cost, bad_debt, cash_discount, .. } = *self;
        let net = exact(contribution) - opportunity_cost - collection_cost - bad_debt - cash_discount;
        net.value("net of a policy")
    }

    #[cfg(feature = "serde")]
    fn checked(self) -> Result<Self, Error> {
        crate::exact::follows("net", self.net, self.net_of_costs()?)?;
        Ok(self)
    }

    /// Returns the terms by name.
    #[must_use]
    pub fn breakdown(&self) -> Breakdown {
        Breakdown::of(format!("credit policy {}", self.name))
            .note("contribution", self.contribution)
            .minus("opportunity cost of receivables", self.opportunity_cost)
            .minus("collection cost", self.collection_cost.get())
            .minus("bad debt", self.bad_debt.get())
            .minus("cash discount", self.cash_discount.get())
            .equals("net", self.net)
    }
}

impl fmt::Display for PolicyResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.breakdown().fmt(f)
    }
}

/// A comparison of policies with the first, which is the one in force.
#[derive(Clone, PartialEq, Eq)]
pub struct PolicyComparison {
    results: Vec<PolicyResult>,
    gains: Vec<Decimal>,
    best: usize,
}

crm_numbers::debug!(PolicyComparison { results, gains, best });

impl PolicyComparison {
    /// Compares policies with the first of them.
    ///
    /// # Errors
    ///
    /// [`InputError::Empty`](crate::InputError::Empty) without policies; [`Error::Row`] around what
    /// went wrong with one.
    pub fn new(policies: &[CreditPolicy], conditions: &CreditConditions) -> Result<Self, Error> {
        let results = rows(policies.iter(), |policy| policy.result(conditions))?;
        let Some(first) = results.first() else {
            return Err(Error::Input(EmptyError::new("policies").into()));
        };
        let gains = rows(results.iter(), |result| result.gain_over(first))?;
        // Of equal ones the first: nothing is changed without a gain.
        let mut best = (0, first.net);
        for (place, result) in results.iter().enumerate() {
            if result.net > best.1 {
                best = (place, result.net);
            }
        }
        Ok(Self { gains, best: best.0, results })
    }

    /// Returns contribution and costs of each policy, in the order given.
    #[must_use]
    pub fn results(&self) -> &[PolicyResult] {
        &self.results
    }

    /// Returns the gain of each policy over the first.
    #[must_use]
    pub fn gains(&self) -> &[Decimal] {
        &self.gains
    }

    /// Returns the index of the best policy; of equal ones the first.
    #[must_use]
    pub fn best(&self) -> usize {
        self.best
    }
}

impl fmt::Display for PolicyComparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.results.iter().map(|result| result.name.chars().count()).max().unwrap_or(0).max(6);
        write!(f, "{:<names$} {:>16} {:>16}", "policy", "net", "gain")?;
        for (place, (result, gain)) in self.results.iter().zip(&self.gains).enumerate() {
            let [net, gain] = [result.net, *gain].map(|amount| text::decimal(amount, Some(2)));
            write!(f, "\n{:<names$} {net:>16} {gain:>16}", result.name)?;
            f.write_str(if place == self.best { "  best" } else { "" })?;
        }
        Ok(())
    }
}

/// Sales under easier terms: demand responds to them, up to the capacity.
///
/// # Formula
///
/// `sales = base + min(base x elasticity x easing, capacity - base)`
///
/// # Examples
///
/// ```
/// use crm_value::{Decimal, ExtraSales};
///
/// // From 30 to 45 days of credit: eased by half. Demand rises by 0.3 % for one per cent.
/// let more = ExtraSales {
///     base: 1_000_000.into(),
///     elasticity: Decimal::new(3, 1).try_into()?,
///     easing: Decimal::new(5, 1),
///     capacity: 1_100_000.into(),
/// };
/// assert_eq!(more.demanded()?, Decimal::from(150_000));
/// assert_eq!(more.sales()?.get(), Decimal::from(1_100_000));
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ExtraSales {
    /// Sales per year under the terms in force.
    pub base: NonNegative,
    /// Percentage increase in demand if the terms are eased by one percent.
    pub elasticity: NonNegative,
    /// Relative change of the terms, such as days of credit: 0.5 from 30 to 45 days; below 0 if
    /// they are tightened.
    pub easing: Decimal,
    /// Maximum of yearly sales.
    pub capacity: NonNegative,
}

crm_numbers::debug!(ExtraSales { base, elasticity, easing, capacity });

impl ExtraSales {
    /// Returns the change in demand.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    pub fn demanded(&self) -> Result<Decimal, Error> {
        self.change().value("change in demand")
    }

    fn change(&self) -> Expr {
        exact(self.base) * self.elasticity * self.easing
    }

    /// Returns the expected sales: at least 0 and at most the capacity.
    ///
    /// # Errors
    ///
    /// [`InputError::Range`](crate::InputError::Range) for a capacity below the base,
    /// [`Error::Overflow`].
    pub fn sales(&self) -> Result<NonNegative, Error> {
        check::range("capacity", self.capacity.get(), self.base.get()..)?;
        let wanted = (self.change() + self.base).value("sales under new terms")?;
        Ok(NonNegative::new(wanted.clamp(Decimal::ZERO, self.capacity.get()))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TimeUnit;

    fn policy(name: &str, sales: u32, days: u32, bad_debt: i64) -> CreditPolicy {
        CreditPolicy {
            name: name.to_owned(),
            credit_sales: sales.into(),
            collection_days: days.into(),
            bad_debt_rate: Share::percent(bad_debt).unwrap(),
            collection_cost: 100.into(),
            cash_discount: Share::percent(2).unwrap(),
            discount_taken: Share::percent(50).unwrap(),
        }
    }

    fn conditions() -> CreditConditions {
        CreditConditions {
            variable_cost_ratio: Share::percent(60).unwrap(),
            capital_rate: Rate::percent(TimeUnit::Year, 10).unwrap(),
            day_count: DayCount::Days360,
        }
    }

    #[test]
    fn the_best_of_equals_is_the_one_in_force() {
        let policies =
            [policy("strict", 36_000, 30, 1), policy("same", 36_000, 30, 1), policy("easy", 36_000, 60, 9)];
        let compared = PolicyComparison::new(&policies, &conditions()).unwrap();
        assert_eq!((compared.best(), compared.gains()[1]), (0, Decimal::ZERO));
        // 30 days more at 6 a day, and 8 % of 36 000.
        assert_eq!(compared.gains()[2], Decimal::from(-180 - 2_880));
        let text = compared.to_string();
        assert!(text.contains("  best\nsame"), "{text}");
        assert!(PolicyComparison::new(&[], &conditions()).is_err());
    }

    #[test]
    fn at_the_break_even_rate_both_bring_the_same() {
        let (strict, easy) = (policy("strict", 36_000, 30, 1), policy("easy", 45_000, 60, 3));
        let rate = easy.break_even_bad_debt_rate(&strict, &conditions()).unwrap();
        let there = CreditPolicy { bad_debt_rate: Share::new(rate).unwrap(), ..easy };
        let results = [there, strict].map(|policy| policy.result(&conditions()).unwrap());
        let gap = results[0].gain_over(&results[1]).unwrap().abs();
        assert!(gap < Decimal::from_i128_with_scale(1, 20), "{gap}");
    }

    #[test]
    fn sales_stay_between_nothing_and_capacity() {
        let more = |elasticity: u32, easing: i64, capacity: u32| {
            let [base, elasticity, capacity] = [100, elasticity, capacity].map(NonNegative::from);
            ExtraSales { base, elasticity, easing: Decimal::new(easing, 1), capacity }.sales()
        };
        assert_eq!(more(1, 5, 120).unwrap(), 120.into());
        assert_eq!(more(1, 1, 120).unwrap(), 110.into());
        assert_eq!(more(2, -9, 120).unwrap(), NonNegative::ZERO);
        assert_eq!(more(1, 5, 99).unwrap_err().to_string(), "capacity must be at least 100, got 99");
    }

    #[test]
    fn the_best_brings_most_wherever_it_stands() {
        let policies =
            [policy("strict", 36_000, 30, 1), policy("easy", 36_000, 60, 9), policy("clean", 36_000, 30, 0)];
        let compared = PolicyComparison::new(&policies, &conditions()).unwrap();
        assert_eq!(compared.best(), 2);
        // No bad debt saves 1 % of 36 000.
        assert_eq!(compared.gains(), [0, -180 - 2_880, 360].map(Decimal::from));
        let names: Vec<&str> = compared.results().iter().map(|result| result.name.as_str()).collect();
        assert_eq!(names, ["strict", "easy", "clean"]);
        let text = compared.to_string();
        let best: Vec<&str> = text.lines().filter(|line| line.ends_with("  best")).collect();
        assert_eq!(best.len(), 1, "{text}");
        assert!(best[0].starts_with("clean "), "{text}");
    }

    #[test]
    fn demand_answers_to_easier_terms() {
        let [base, elasticity, capacity] = [100, 2, 500].map(NonNegative::from);
        let more = |easing| ExtraSales { base, elasticity, easing: Decimal::new(easing, 1), capacity };
        assert_eq!(more(5).demanded(), Ok(Decimal::from(100)));
        assert_eq!(more(-5).demanded(), Ok(Decimal::from(-100)));
        assert_eq!(more(5).sales(), Ok(200.into()));
    }
}
