#![allow(clippy::indexing_slicing, reason = "the index was found in the same list")]

use std::fmt;

use crm_numbers::{Amount, DuplicateError, OverflowError, Share, UnknownNameError, check};
use rust_decimal::Decimal;

use crate::table::write_aligned;
use crate::{Assignments, Error};

const NAMES: [&str; 6] = ["prospect", "target", "first-time", "repeat", "loyal", "lost"];

/// Customer states of retail: prospect, target, first-time, repeat, loyal, lost.
///
/// A target is a prospect who has been picked out (asked for an offer, fits the profile); a shop
/// that picks no one out has no such state. A loyal customer has bought often; a lost one has been
/// idle for longer than a customer of this shop is.
///
/// # Examples
///
/// ```
/// use crm_segmentation::loyalty::States;
///
/// // Loyal from 5 purchases, lost after 365 days. Columns: purchases, idle days, picked out or not.
/// let states = States::new(5, 365)?;
/// let picked_out = [false, true, false, false, false, false];
/// let found = states.assign(&[0, 0, 1, 3, 8, 2], &[0, 0, 20, 30, 10, 400], Some(&picked_out))?;
/// assert_eq!(found.to_string(), "prospect: 1, target: 1, first-time: 1, repeat: 1, loyal: 1, lost: 1");
/// assert_eq!(found.reason(5), Some("idle for more than 365 days"));
/// let unpicked = states.assign(&[0, 1], &[0, 20], None)?;
/// assert_eq!(unpicked.to_string(), "prospect: 1, first-time: 1, repeat: 0, loyal: 0, lost: 0");
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct States {
    loyal_purchases: u32,
    lost_after_days: u32,
}

crm_numbers::gate!(States, States::checked);

impl States {
    /// Creates the states from the number of purchases of a loyal customer and the number of idle
    /// days after which a customer counts as lost.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for fewer than 3 purchases, and for no days.
    pub fn new(loyal_purchases: u32, lost_after_days: u32) -> Result<Self, Error> {
        Self { loyal_purchases, lost_after_days }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check::range("purchases of a loyal customer", self.loyal_purchases, 3..)?;
        check::range("idle days of a lost customer", self.lost_after_days, 1..)?;
        Ok(self)
    }

    /// Assigns each customer a state; without a column of those picked out, there are no targets.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for columns of different length.
    pub fn assign(
        &self,
        purchases: &[u32],
        idle_days: &[i32],
        picked_out: Option<&[bool]>,
    ) -> Result<Assignments, Error> {
        check::length("values of idle_days", idle_days.len(), purchases.len())?;
        if let Some(picked_out) = picked_out {
            check::length("values of picked_out", picked_out.len(), purchases.len())?;
        }
        let Self { loyal_purchases, lost_after_days } = *self;
        let rules = [
            "no purchase".to_owned(),
            "no purchase, picked out".to_owned(),
            "1 purchase".to_owned(),
            format!("2 to {} purchases", loyal_purchases - 1),
            format!("at least {loyal_purchases} purchases"),
            format!("idle for more than {lost_after_days} days"),
        ];
        let state = |row: usize, (&purchases, &idle): (&u32, &i32)| match purchases {
            0 => u8::from(picked_out.and_then(|picked| picked.get(row)) == Some(&true)),
            _ if i64::from(idle) > i64::from(lost_after_days) => 5,
            1 => 2,
            _ => 3 + u8::from(purchases >= loyal_purchases),
        };
        let states = purchases.iter().zip(idle_days).enumerate().map(|(row, columns)| state(row, columns));
        let Some(_) = picked_out else {
            let kept = |(code, _): &(usize, _)| *code != 1;
            let names = NAMES.into_iter().enumerate().filter(kept).map(|(_, name)| name);
            let rules = rules.into_iter().enumerate().filter(|(code, _)| *code != 1).map(|(_, rule)| rule);
            let codes: Vec<u8> = states.map(|code| code - u8::from(code > 1)).collect();
            return Ok(Assignments::trusted(names, codes).because(rules));
        };
        Ok(Assignments::trusted(NAMES, states.collect::<Vec<u8>>()).because(rules))
    }
}

/// Loyal from four purchases, lost after a year.
impl Default for States {
    fn default() -> Self {
        Self { loyal_purchases: 4, lost_after_days: 365 }
    }
}

/// Success rates of sales contacts per state.
///
/// The published benchmarks know three cases: 6 % for prospects without a purchase, 15 % after the
/// first purchase, 50 % for those who keep buying. Lost customers have none: a plan that contacts
/// them needs a rate of its own.
///
/// # Examples
///
/// ```
/// use crm_segmentation::loyalty::SuccessRates;
///
/// let rates = SuccessRates::published();
/// assert_eq!(rates.rate_of("first-time").unwrap().to_string(), "0.15");
/// assert!(rates.rate_of("lost").is_none());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct SuccessRates {
    rates: Vec<SuccessRate>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
struct SuccessRate {
    state: String,
    rate: Share,
}

crm_numbers::gate!(SuccessRates, SuccessRates::checked);

impl SuccessRates {
    /// Returns the published rates: 6 % for prospects and targets, 15 % for first-time customers,
    /// 50 % for repeat and loyal ones.
    #[must_use]
    pub fn published() -> Self {
        let of = |(state, percent): (&str, u32)| {
            Some(SuccessRate { state: state.to_owned(), rate: Share::percent(percent).ok()? })
        };
        let rates = [("prospect", 6), ("target", 6), ("first-time", 15), ("repeat", 50), ("loyal", 50)];
        Self { rates: rates.into_iter().filter_map(of).collect() }
    }

    /// Sets the rate of a state, which may be a new one.
    #[must_use]
    pub fn with_rate(mut self, state: &str, rate: Share) -> Self {
        self.rates.retain(|known| known.state != state);
        self.rates.push(SuccessRate { state: state.to_owned(), rate });
        self
    }

    #[cfg_attr(not(feature = "serde"), allow(dead_code, reason = "only reading needs the check"))]
    fn checked(self) -> Result<Self, Error> {
        // Any text may be the name of a state, but no state has two rates.
        let mut seen = std::collections::HashSet::new();
        match self.rates.iter().position(|rate| !seen.insert(rate.state.as_str())) {
            None => Ok(self),
            Some(index) => Err(DuplicateError::new("states", &self.rates[index].state, index).into()),
        }
    }

    /// Returns the rate of a state; `None` for an unknown one.
    #[must_use]
    pub fn rate_of(&self, state: &str) -> Option<Share> {
        self.rates.iter().find(|known| known.state == state).map(|known| known.rate)
    }
}

/// Numbers of contacts and the value of a sale per state, with the expected deals and sales.
///
/// `expected sales = contacts x success rate x value of a sale`, exact; less the cost of the
/// contacts.
///
/// # Examples
///
/// ```
/// use crm_segmentation::loyalty::{ContactPlan, SuccessRates};
/// use rust_decimal::Decimal;
///
/// let sale = Decimal::from(80);
/// let plan = ContactPlan::new(SuccessRates::published())
///     .with_contacts("prospect", 500, sale)?
///     .with_contacts("first-time", 200, sale)?
///     .with_contacts("repeat", 100, sale)?
///     .with_cost_per_contact(Decimal::from(2))?;
/// // 500 x 6 % + 200 x 15 % + 100 x 50 % = 30 + 30 + 50 deals.
/// let all = plan.expected()?.pop().unwrap();
/// assert_eq!((all.contacts, all.deals, all.sales), (800, Decimal::from(110), Decimal::from(8_800)));
/// assert_eq!(all.after_cost, Decimal::from(7_200));
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct ContactPlan {
    rates: SuccessRates,
    lines: Vec<PlanLine>,
    cost: Decimal,
}

#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
struct PlanLine {
    state: String,
    contacts: u64,
    sale: Decimal,
}

crm_numbers::debug!(PlanLine { state, contacts, sale });
crm_numbers::gate!(ContactPlan, ContactPlan::checked);

crm_numbers::debug!(ContactPlan { rates, lines, cost });

/// One line of what a [`ContactPlan`] brings.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Expected {
    /// The state, or `all`.
    pub state: String,
    /// Number of contacts.
    pub contacts: u64,
    /// Expected number of deals.
    pub deals: Decimal,
    /// Expected sales, in currency units.
    pub sales: Decimal,
    /// Expected sales less the cost of all contacts, in currency units.
    pub after_cost: Decimal,
}

crm_numbers::debug!(Expected { state, contacts, deals, sales, after_cost });

impl ContactPlan {
    /// Creates a plan without contacts.
    #[must_use]
    pub fn new(rates: SuccessRates) -> Self {
        Self { rates, lines: Vec::new(), cost: Decimal::ZERO }
    }

    /// Adds contacts with the customers of one state, and the value of a sale to one of them.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a state without a success rate, and for a negative value.
    pub fn with_contacts(mut self, state: &str, contacts: u64, sale: Decimal) -> Result<Self, Error> {
        self.lines.push(PlanLine { state: state.to_owned(), contacts, sale });
        self.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        for PlanLine { state, sale, .. } in &self.lines {
            if self.rates.rate_of(state).is_none() {
                let known = self.rates.rates.iter().map(|rate| &rate.state);
                return Err(UnknownNameError::new("state", state, known).into());
            }
            check::range("value of a sale", *sale, Decimal::ZERO..)?;
        }
        check::range("cost per contact", self.cost, Decimal::ZERO..)?;
        Ok(self)
    }

    /// Sets the cost per contact (default 0).
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a negative cost.
    pub fn with_cost_per_contact(self, cost: Decimal) -> Result<Self, Error> {
        Self { cost, ..self }.checked()
    }

    /// Computes the expected deals and sales per line, and their totals in a last line.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for sales beyond the largest `Decimal`.
    pub fn expected(&self) -> Result<Vec<Expected>, Error> {
        let zero = Decimal::ZERO;
        let mut all =
            Expected { state: "all".to_owned(), contacts: 0, deals: zero, sales: zero, after_cost: zero };
        let mut lines = Vec::with_capacity(self.lines.len() + 1);
        for PlanLine { state, contacts, sale } in &self.lines {
            let line = || {
                let rate = self.rates.rate_of(state)?.get();
                let deals = Decimal::from(*contacts).checked_mul(rate)?;
                let sales = deals.checked_mul(*sale)?;
                let after_cost = sales.checked_sub(Decimal::from(*contacts).checked_mul(self.cost)?)?;
                let contacts = *contacts;
                let next = Expected {
                    state: all.state.clone(),
                    contacts: all.contacts.checked_add(contacts)?,
                    deals: all.deals.checked_add(deals)?,
                    sales: all.sales.checked_add(sales)?,
                    after_cost: all.after_cost.checked_add(after_cost)?,
                };
                Some((Expected { state: state.clone(), contacts, deals, sales, after_cost }, next))
            };
            let overflow = || {
                let about = *contacts as f64 * sale.to_f64();
                OverflowError::new("expected sales", about)
            };
            let (line, next) = line().ok_or_else(overflow)?;
            lines.push(line);
            all = next;
        }
        lines.push(all);
        Ok(lines)
    }
}

impl fmt::Display for ContactPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(lines) = self.expected() else { return writeln!(f, "overflow") };
        let head = ["state", "contacts", "deals", "sales", "after cost"].map(str::to_owned).to_vec();
        let rows = lines.into_iter().map(|line| {
            let Expected { state, contacts, deals, sales, after_cost } = line;
            // Rounded first: a precision alone would cut digits off.
            let money = |amount: Decimal| format!("{:.2}", amount.round_dp(2));
            vec![state, contacts.to_string(), deals.normalize().to_string(), money(sales), money(after_cost)]
        });
        write_aligned(f, &std::iter::once(head).chain(rows).collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_customer_has_no_published_rate() {
        let plan = || ContactPlan::new(SuccessRates::published());
        let text = |result: Result<ContactPlan, Error>| result.unwrap_err().to_string();
        assert_eq!(
            text(plan().with_contacts("lost", 10, Decimal::ONE)),
            r#"unknown state "lost"; expected one of prospect, target, first-time, repeat, loyal"#
        );
        let own = SuccessRates::published().with_rate("lost", Share::percent(3).unwrap());
        let plan = ContactPlan::new(own).with_contacts("lost", 100, Decimal::TEN).unwrap();
        assert_eq!(
            plan.to_string(),
            "state  contacts  deals  sales  after cost\nlost        100      3  30.00       30.00\n\
             all         100      3  30.00       30.00\n"
        );
        assert_eq!(
            text(plan.with_cost_per_contact(-Decimal::ONE)),
            "cost per contact must be at least 0, got -1"
        );
    }

    #[test]
    fn sales_beyond_the_largest_decimal_are_refused() {
        let plan = ContactPlan::new(SuccessRates::published());
        let plan = plan.with_contacts("repeat", u64::MAX, Decimal::MAX).unwrap();
        assert!(plan.expected().unwrap_err().to_string().starts_with("expected sales, about "));
    }

    #[test]
    fn settings_that_make_no_states_are_refused() {
        let text = |result: Result<States, Error>| result.unwrap_err().to_string();
        assert_eq!(text(States::new(2, 9)), "purchases of a loyal customer must be at least 3, got 2");
        assert_eq!(text(States::new(3, 0)), "idle days of a lost customer must be at least 1, got 0");
        let short = States::default().assign(&[1], &[], None).unwrap_err().to_string();
        assert_eq!(short, "expected 1 values of idle_days, got 0");
    }
}
