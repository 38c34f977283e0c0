use std::fmt;

use crm_numbers::Share;
use rust_decimal::Decimal;

use crate::column::check_length;
use crate::table::write_aligned;
use crate::text::debug;
use crate::{Assignments, Error};

const NAMES: [&str; 6] = ["prospect", "target", "first-time", "repeat", "loyal", "lost"];

/// Customer states of retail: prospect, target, first-time, repeat, loyal, lost.
///
/// A target is a prospect who has been picked out (asked for an offer, fits the profile); a shop
/// that picks nobody out has no such state. A loyal customer has bought often; a lost one has been
/// idle for longer than a customer of this shop is.
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
#[cfg_attr(feature = "serde", serde(try_from = "(u32, u32)", into = "(u32, u32)"))]
pub struct States {
    loyal_purchases: u32,
    lost_after_days: u32,
}

impl States {
    /// From how many purchases a customer is loyal, and after how many idle days one is lost.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for fewer than 3 purchases, and for no days.
    pub fn new(loyal_purchases: u32, lost_after_days: u32) -> Result<Self, Error> {
        let refuse = |field, allowed: &str, value: u32| {
            Err(Error::OutOfRange { field, allowed: allowed.to_owned(), value: value.to_string() })
        };
        if loyal_purchases < 3 {
            return refuse("purchases of a loyal customer", "be at least 3", loyal_purchases);
        }
        if lost_after_days == 0 {
            return refuse("idle days of a lost customer", "be at least 1", lost_after_days);
        }
        Ok(Self { loyal_purchases, lost_after_days })
    }

    /// Assigns each customer a state; without a column of those picked out, there are no targets.
    ///
    /// # Errors
    /// [`Error::Length`] for columns of different length.
    pub fn assign(
        &self,
        purchases: &[u32],
        idle_days: &[i32],
        picked_out: Option<&[bool]>,
    ) -> Result<Assignments, Error> {
        check_length(("idle_days", idle_days.len()), ("purchases", purchases.len()))?;
        if let Some(picked_out) = picked_out {
            check_length(("picked_out", picked_out.len()), ("purchases", purchases.len()))?;
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

impl TryFrom<(u32, u32)> for States {
    type Error = Error;

    fn try_from((loyal_purchases, lost_after_days): (u32, u32)) -> Result<Self, Error> {
        Self::new(loyal_purchases, lost_after_days)
    }
}

impl From<States> for (u32, u32) {
    fn from(states: States) -> Self {
        (states.loyal_purchases, states.lost_after_days)
    }
}

/// How often selling to somebody in a state succeeds.
///
/// The published benchmarks know three cases: 6 % for people who have never bought, 15 % after the first purchase, 50 %
/// for those who keep buying. Lost customers have none: a plan that contacts them needs a rate of yours.
///
/// ```
/// use crm_segmentation::loyalty::SuccessRates;
///
/// let rates = SuccessRates::published();
/// assert_eq!(rates.of("first-time").unwrap().to_string(), "0.15");
/// assert!(rates.of("lost").is_none());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SuccessRates {
    rates: Vec<(String, Share)>,
}

impl SuccessRates {
    /// 6 % for prospects and targets, 15 % for first-time customers, 50 % for repeat and loyal ones.
    #[must_use]
    pub fn published() -> Self {
        let of = |(name, percent): (&str, u32)| Some((name.to_owned(), Share::percent(percent).ok()?));
        let rates = [("prospect", 6), ("target", 6), ("first-time", 15), ("repeat", 50), ("loyal", 50)];
        Self { rates: rates.into_iter().filter_map(of).collect() }
    }

    /// The same with the rate of one state of yours.
    #[must_use]
    pub fn with_rate(mut self, state: &str, rate: Share) -> Self {
        self.rates.retain(|(name, _)| name != state);
        self.rates.push((state.to_owned(), rate));
        self
    }

    /// The rate of a state.
    #[must_use]
    pub fn of(&self, state: &str) -> Option<Share> {
        self.rates.iter().find(|(name, _)| name == state).map(|(_, rate)| *rate)
    }
}

/// Whom to contact, how often, and what a sale is worth: expected deals and sales.
///
/// `expected sales = contacts x success rate x value of a sale`, exact; less the cost of the contacts.
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
pub struct ContactPlan {
    rates: SuccessRates,
    lines: Vec<(String, u64, Decimal)>,
    cost: Decimal,
}

debug!(ContactPlan { rates, lines, cost });

/// One line of what a [`ContactPlan`] brings.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Expected {
    /// The state, or `all`.
    pub state: String,
    /// How many contacts.
    pub contacts: u64,
    /// How many of them are expected to sell.
    pub deals: Decimal,
    /// What these sales are worth.
    pub sales: Decimal,
    /// The same less the cost of all contacts.
    pub after_cost: Decimal,
}

debug!(Expected { state, contacts, deals, sales, after_cost });

impl ContactPlan {
    /// A plan without contacts.
    #[must_use]
    pub fn new(rates: SuccessRates) -> Self {
        Self { rates, lines: Vec::new(), cost: Decimal::ZERO }
    }

    /// Adds contacts with people of one state, and what a sale to one of them is worth.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a state without a success rate, and for a negative value.
    pub fn with_contacts(mut self, state: &str, contacts: u64, sale: Decimal) -> Result<Self, Error> {
        if self.rates.of(state).is_none() {
            let allowed = "have a success rate".to_owned();
            return Err(Error::OutOfRange { field: "state", allowed, value: format!("{state:?}") });
        }
        check_amount("value of a sale", sale)?;
        self.lines.push((state.to_owned(), contacts, sale));
        Ok(self)
    }

    /// What a contact costs; nothing without it.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a negative cost.
    pub fn with_cost_per_contact(self, cost: Decimal) -> Result<Self, Error> {
        check_amount("cost of a contact", cost)?;
        Ok(Self { cost, ..self })
    }

    /// What each line brings, and all together in a last line.
    ///
    /// # Errors
    /// [`Error::Overflow`] for sales beyond the largest `Decimal`.
    pub fn expected(&self) -> Result<Vec<Expected>, Error> {
        let zero = Decimal::ZERO;
        let mut all =
            Expected { state: "all".to_owned(), contacts: 0, deals: zero, sales: zero, after_cost: zero };
        let mut lines = Vec::with_capacity(self.lines.len() + 1);
        for (state, contacts, sale) in &self.lines {
            let line = || {
                let rate = self.rates.of(state)?.get();
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
            let overflow =
                || Error::Overflow { field: "expected sales", value: format!("{contacts} x {sale}") };
            let (line, next) = line().ok_or_else(overflow)?;
            lines.push(line);
            all = next;
        }
        lines.push(all);
        Ok(lines)
    }
}

fn check_amount(field: &'static str, amount: Decimal) -> Result<(), Error> {
    if amount >= Decimal::ZERO {
        return Ok(());
    }
    Err(Error::OutOfRange { field, allowed: "not be negative".to_owned(), value: amount.to_string() })
}

/// The expected deals and sales, or the word `overflow`.
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
            "state must have a success rate, got \"lost\""
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
            "cost of a contact must not be negative, got -1"
        );
    }

    #[test]
    fn sales_beyond_the_largest_decimal_are_refused() {
        let plan = ContactPlan::new(SuccessRates::published());
        let plan = plan.with_contacts("repeat", u64::MAX, Decimal::MAX).unwrap();
        assert!(plan.expected().unwrap_err().to_string().starts_with("the sum of expected sales must fit"));
    }

    #[test]
    fn settings_that_make_no_states_are_refused() {
        let text = |result: Result<States, Error>| result.unwrap_err().to_string();
        assert_eq!(text(States::new(2, 9)), "purchases of a loyal customer must be at least 3, got 2");
        assert_eq!(text(States::new(3, 0)), "idle days of a lost customer must be at least 1, got 0");
        let short = States::default().assign(&[1], &[], None).unwrap_err().to_string();
        assert_eq!(short, "idle_days must be as many as purchases (1), got 0");
    }
}
