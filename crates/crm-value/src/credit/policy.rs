use std::fmt;

use rust_decimal::Decimal;

use super::Receivables;
use crate::exact::Sum;
use crate::{Breakdown, DayCount, Error, NonNegative, Rate, Share, exact, text};

/// What all policies that are compared have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct CreditConditions {
    /// Variable cost / sales.
    pub variable_cost_ratio: Share,
    /// What capital costs in a year.
    pub capital_rate: Rate,
    /// How many days the year has.
    pub day_count: DayCount,
}

/// One way to grant credit (信用政策), for a year, and what is expected of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct CreditPolicy {
    /// What it is called.
    pub name: String,
    /// Sold on credit; see [`ExtraSales`] for what easier terms can bring.
    pub credit_sales: NonNegative,
    /// After how many days customers pay, on average.
    pub collection_days: NonNegative,
    /// The part of sales that is never paid.
    pub bad_debt_rate: Share,
    /// What collecting costs.
    pub collection_cost: NonNegative,
    /// The discount for paying early.
    pub cash_discount: Share,
    /// The part of sales on which it is taken.
    pub discount_taken: Share,
}

/// What a policy brings and costs in a year.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct PolicyResult {
    /// The policy's name.
    pub name: String,
    /// Sales less variable cost.
    pub contribution: Decimal,
    /// What the receivables cost: [`Receivables::opportunity_cost`].
    pub opportunity_cost: Decimal,
    /// What collecting costs.
    pub collection_cost: Decimal,
    /// What is never paid.
    pub bad_debt: Decimal,
    /// What is let off for paying early.
    pub cash_discount: Decimal,
    /// contribution - the four costs.
    pub net: Decimal,
}

crate::text::debug!(PolicyResult {
    name,
    contribution,
    opportunity_cost,
    collection_cost,
    bad_debt,
    cash_discount,
    net
});

impl CreditPolicy {
    /// What the policy brings and costs.
    ///
    /// ```
    /// use crm_value::{CreditConditions, CreditPolicy, DayCount, Decimal, NonNegative, Period, Rate, Share};
    ///
    /// let conditions = CreditConditions {
    ///     variable_cost_ratio: Share::percent(60)?,
    ///     capital_rate: Rate::percent(Period::Year, 10)?,
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
    ///
    /// # Errors
    /// [`Error::Period`] unless the capital rate is yearly, [`Error::Overflow`].
    pub fn result(&self, conditions: &CreditConditions) -> Result<PolicyResult, Error> {
        let sales = self.credit_sales.get();
        let CreditConditions { variable_cost_ratio, capital_rate, day_count } = *conditions;
        let earned = exact::sub("contribution ratio", Decimal::ONE, variable_cost_ratio.get())?;
        let contribution = exact::mul("contribution", sales, earned)?;
        let opportunity_cost = Receivables {
            credit_sales: self.credit_sales,
            collection_days: self.collection_days,
            variable_cost_ratio,
            capital_rate,
            day_count,
        }
        .opportunity_cost()?;
        let collection_cost = self.collection_cost.get();
        let bad_debt = exact::mul("bad debt", sales, self.bad_debt_rate.get())?;
        let cash_discount =
            exact::product("cash discount", &[sales, self.discount_taken.get(), self.cash_discount.get()])?;
        let costs = [opportunity_cost, collection_cost, bad_debt, cash_discount];
        let net = costs.into_iter().fold(Sum::of(contribution), Sum::minus).total("net of a policy")?;
        let name = self.name.clone();
        Ok(PolicyResult {
            name,
            contribution,
            opportunity_cost,
            collection_cost,
            bad_debt,
            cash_discount,
            net,
        })
    }

    /// The bad-debt rate at which this policy brings no more than another: `bad-debt rate + gain / credit sales`.
    ///
    /// Below 0 where it would be worse even if everybody paid; above 1 where nobody needs to pay.
    ///
    /// ```
    /// # use crm_value::{CreditConditions, CreditPolicy, DayCount, Decimal, NonNegative, Period, Rate, Share};
    /// # let conditions = CreditConditions {
    /// #     variable_cost_ratio: Share::percent(60)?,
    /// #     capital_rate: Rate::zero(Period::Year),
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
    ///
    /// # Errors
    /// As [`CreditPolicy::result`]; [`Error::DivisionByZero`] without sales.
    pub fn break_even_bad_debt_rate(
        &self,
        other: &Self,
        conditions: &CreditConditions,
    ) -> Result<Decimal, Error> {
        const TERM: &str = "break-even bad-debt rate";
        let gain = exact::sub(TERM, self.result(conditions)?.net, other.result(conditions)?.net)?;
        exact::add(TERM, self.bad_debt_rate.get(), exact::div(TERM, gain, self.credit_sales.get())?)
    }
}

impl PolicyResult {
    /// What this policy brings more than another: change in contribution - change in the four costs.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn gain_over(&self, other: &Self) -> Result<Decimal, Error> {
        exact::sub("gain of a policy", self.net, other.net)
    }

    /// The terms by name.
    #[must_use]
    pub fn breakdown(&self) -> Breakdown {
        Breakdown::of(format!("credit policy {}", self.name))
            .note("contribution", self.contribution)
            .minus("opportunity cost of receivables", self.opportunity_cost)
            .minus("collection cost", self.collection_cost)
            .minus("bad debt", self.bad_debt)
            .minus("cash discount", self.cash_discount)
            .equals("net", self.net)
    }
}

impl fmt::Display for PolicyResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.breakdown().fmt(f)
    }
}

/// Several policies beside the first, which is the one in force.
#[derive(Clone, PartialEq, Eq)]
pub struct PolicyComparison {
    results: Vec<PolicyResult>,
    gains: Vec<Decimal>,
    best: usize,
}

crate::text::debug!(PolicyComparison { results, gains, best });

impl PolicyComparison {
    /// Compares policies with the first of them.
    ///
    /// # Errors
    /// [`Error::Empty`] without policies; [`Error::Row`] around what went wrong with one.
    pub fn of(policies: &[CreditPolicy], conditions: &CreditConditions) -> Result<Self, Error> {
        let results = exact::rows(policies.iter(), |policy| policy.result(conditions))?;
        let Some(first) = results.first() else { return Err(Error::Empty { field: "policies" }) };
        let gains = exact::rows(results.iter(), |result| result.gain_over(first))?;
        // Of equal ones the first: nothing is changed without a gain.
        let mut best = (0, first.net);
        for (place, result) in results.iter().enumerate() {
            if result.net > best.1 {
                best = (place, result.net);
            }
        }
        Ok(Self { gains, best: best.0, results })
    }

    /// What each policy brings and costs, in the order given.
    #[must_use]
    pub fn results(&self) -> &[PolicyResult] {
        &self.results
    }

    /// What each brings more than the first.
    #[must_use]
    pub fn gains(&self) -> &[Decimal] {
        &self.gains
    }

    /// The place of the policy that brings most; of equal ones the first.
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
            let [net, gain] = [result.net, *gain].map(|amount| text::text(amount, Some(2)));
            write!(f, "\n{:<names$} {net:>16} {gain:>16}", result.name)?;
            f.write_str(if place == self.best { "  best" } else { "" })?;
        }
        Ok(())
    }
}

/// What easier terms can bring: more sales, as demand answers to them, up to what can be made.
///
/// `sales = base + min(base x elasticity x easing, capacity - base)`
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
    /// Sales of a year under the terms in force.
    pub base: NonNegative,
    /// By how many per cent demand rises if the terms are eased by one per cent.
    pub elasticity: NonNegative,
    /// The relative change of the terms, such as days of credit: 0.5 from 30 to 45 days; below 0 where they are
    /// tightened.
    pub easing: Decimal,
    /// The most that can be made and sold in a year.
    pub capacity: NonNegative,
}

crate::text::debug!(ExtraSales { base, elasticity, easing, capacity });

impl ExtraSales {
    /// By how much demand changes.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn demanded(&self) -> Result<Decimal, Error> {
        exact::product("change in demand", &[self.base.get(), self.elasticity.get(), self.easing])
    }

    /// The sales to expect: never below 0, nor beyond the capacity.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a capacity below the base, [`Error::Overflow`].
    pub fn sales(&self) -> Result<NonNegative, Error> {
        if self.capacity < self.base {
            return Err(Error::out_of_range("capacity", "be at least the base", self.capacity));
        }
        let demanded = [self.base.get(), self.elasticity.get(), self.easing];
        let wanted = Sum::of(self.base.get()).plus_product(&demanded).total("sales under new terms")?;
        NonNegative::new(wanted.clamp(Decimal::ZERO, self.capacity.get()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Period;

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
            capital_rate: Rate::percent(Period::Year, 10).unwrap(),
            day_count: DayCount::Days360,
        }
    }

    #[test]
    fn the_best_of_equals_is_the_one_in_force() {
        let policies =
            [policy("strict", 36_000, 30, 1), policy("same", 36_000, 30, 1), policy("easy", 36_000, 60, 9)];
        let compared = PolicyComparison::of(&policies, &conditions()).unwrap();
        assert_eq!((compared.best(), compared.gains()[1]), (0, Decimal::ZERO));
        // 30 days more at 6 a day, and 8 % of 36 000.
        assert_eq!(compared.gains()[2], Decimal::from(-180 - 2_880));
        let text = compared.to_string();
        assert!(text.contains("  best\nsame"), "{text}");
        assert!(PolicyComparison::of(&[], &conditions()).is_err());
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
        assert_eq!(more(1, 5, 99).unwrap_err().to_string(), "capacity must be at least the base, got 99");
    }

    #[test]
    fn the_best_brings_most_wherever_it_stands() {
        let policies =
            [policy("strict", 36_000, 30, 1), policy("easy", 36_000, 60, 9), policy("clean", 36_000, 30, 0)];
        let compared = PolicyComparison::of(&policies, &conditions()).unwrap();
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
