//! The customers with a purchase, and what they did.

use crm_analytics::history::{Customer, Day, Decimal, Line, Summaries};

use crate::input::Input;

/// One customer up to the end of the observation.
pub(super) struct Buyer {
    pub(super) id: String,
    pub(super) customer: Customer,
    /// The days with a purchase, ascending; never empty.
    days: Vec<Day>,
    /// All lines, with refunds.
    pub(super) lines: Vec<Line<Decimal>>,
}

impl Buyer {
    pub(super) fn first(&self) -> Day {
        self.days.first().copied().unwrap_or(Day::MAX)
    }

    /// Days from the first purchase to a date.
    pub(super) fn age(&self, date: Day) -> f64 {
        f64::from(date.days_since(self.first()))
    }

    /// Days from the first purchase to each one up to a date.
    pub(super) fn times(&self, date: Day) -> Vec<f64> {
        let first = self.first();
        let seen = self.days.iter().take_while(|day| **day <= date);
        seen.map(|day| f64::from(day.days_since(first))).collect()
    }

    /// How many days with a purchase there are.
    pub(super) fn purchases(&self) -> usize {
        self.days.len()
    }

    /// How many purchases come after a day, up to another.
    pub(super) fn purchases_within(&self, after: Day, until: Day) -> usize {
        self.days.iter().filter(|day| **day > after && **day <= until).count()
    }
}

/// Everybody who has bought by the end.
pub(super) fn of(input: &Input, summaries: &Summaries<String, Decimal>) -> Vec<Buyer> {
    let end = summaries.observation().end();
    let buyer = |(customer, id, _): (Customer, &String, _)| {
        let lines = input.ledger.lines(customer).filter(|line| line.day <= end).collect();
        Buyer { id: id.clone(), customer, days: input.purchase_days(customer, end), lines }
    };
    summaries.buyers().map(buyer).collect()
}
