//! Customers with a purchase, and their orders.

use crm_analytics::history::{Customer, Day, Decimal, Line, Summaries};

use crate::input::Input;

/// One customer with all orders up to the end of the observation period.
pub(super) struct Buyer {
    pub(super) id: String,
    pub(super) customer: Customer,
    /// Days with a purchase, in ascending order; never empty.
    days: Vec<Day>,
    /// All order lines, including refunds.
    pub(super) lines: Vec<Line<Decimal>>,
}

impl Buyer {
    pub(super) fn first(&self) -> Day {
        self.days.first().copied().unwrap_or(Day::MAX)
    }

    /// Returns the days from the first purchase to a date.
    pub(super) fn age(&self, date: Day) -> f64 {
        f64::from(date.days_since(self.first()))
    }

    /// Returns the days from the first purchase to each purchase up to a date.
    pub(super) fn times(&self, date: Day) -> Vec<f64> {
        let first = self.first();
        let seen = self.days.iter().take_while(|day| **day <= date);
        seen.map(|day| f64::from(day.days_since(first))).collect()
    }

    /// Returns the number of days with a purchase.
    pub(super) fn purchases(&self) -> usize {
        self.days.len()
    }

    /// Returns the number of purchases after one day, up to another.
    pub(super) fn purchases_within(&self, after: Day, until: Day) -> usize {
        self.days.iter().filter(|day| **day > after && **day <= until).count()
    }
}

/// Returns all customers with a purchase by the end.
pub(super) fn of(input: &Input, summaries: &Summaries<String, Decimal>) -> Vec<Buyer> {
    let end = summaries.observation().end();
    let buyer = |(customer, id, _): (Customer, &String, _)| {
        let lines = input.ledger.lines(customer).filter(|line| line.day <= end).collect();
        Buyer { id: id.clone(), customer, days: input.purchase_days(customer, end), lines }
    };
    summaries.buyers().map(buyer).collect()
}
