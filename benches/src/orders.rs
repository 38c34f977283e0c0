use std::fmt::{Debug, Write as _};
use std::hash::Hash;

use crm_history::{Day, Ledger, NaiveDate, Observation, Summaries};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Two years of days.
const DAYS: i32 = 731;

/// Order lines in columns.
#[derive(Debug, Clone)]
pub struct Orders {
    /// Who.
    pub ids: Vec<u64>,
    /// When.
    pub days: Vec<Day>,
    /// How much, in cents.
    pub cents: Vec<i64>,
}

impl Orders {
    /// Orders of 2023 and 2024 in no order at all: each of customer 1, 2, ... or `rows` / 10, on any day, for 1.00 to 200.00.
    #[must_use]
    pub fn shuffled(rows: usize) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let first = Day::from(NaiveDate::from_ymd_opt(2023, 1, 1).unwrap());
        let customers = rows as u64 / 10;
        let mut orders = Orders::with_capacity(rows);
        for _ in 0..rows {
            orders.ids.push(rng.random_range(1..=customers));
            orders.days.push(first.saturating_add(rng.random_range(0..DAYS)));
            orders.cents.push(rng.random_range(100..=20_000));
        }
        orders
    }

    pub(crate) fn with_capacity(rows: usize) -> Self {
        Orders {
            ids: Vec::with_capacity(rows),
            days: Vec::with_capacity(rows),
            cents: Vec::with_capacity(rows),
        }
    }

    /// All days of [`shuffled`](Self::shuffled) orders, under the default rules.
    #[must_use]
    pub fn observation() -> Observation {
        Observation::until(NaiveDate::from_ymd_opt(2024, 12, 31).unwrap())
    }

    /// The ids spread over all of `u64`, as surrogate keys from a hash are; different ids stay different.
    #[must_use]
    pub fn wide_ids(&self) -> Vec<u64> {
        self.ids.iter().map(|id| id.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect()
    }

    /// The ids as text, `customer-0000017`.
    #[must_use]
    pub fn text_ids(&self) -> Vec<String> {
        self.ids.iter().map(|id| format!("customer-{id:07}")).collect()
    }

    /// Ledger and summaries of these orders under some of their ids; both live on, as they would in a program.
    #[must_use]
    pub fn summarized<K>(&self, ids: &[K]) -> (Ledger<K, i64>, Summaries<K, i64>)
    where
        K: Clone + Debug + Eq + Hash + Send + Sync + 'static,
    {
        let ledger = Ledger::from_columns(ids, &self.days, &self.cents).unwrap();
        let summaries = ledger.summarize(&Orders::observation()).unwrap();
        (ledger, summaries)
    }

    /// The orders as a file.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut text = String::from("customer_id,order_date,amount\n");
        for ((id, day), cents) in self.ids.iter().zip(&self.days).zip(&self.cents) {
            writeln!(text, "customer-{id:07},{day},{}.{:02}", cents / 100, cents % 100).unwrap();
        }
        text
    }
}

/// What all buyers of a summary add up to: a summary that is wrong anywhere differs in one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Buyers.
    pub customers: u64,
    /// Their purchases.
    pub purchases: u64,
    /// Days from first to last purchases.
    pub recency: u64,
    /// Days from first purchases to the end.
    pub age: u64,
    /// All that was spent, in cents.
    pub spend: i64,
    /// What was spent at first purchases.
    pub first_spend: i64,
}

impl Totals {
    /// Of summaries in days.
    #[must_use]
    pub fn of<K>(summaries: &Summaries<K, i64>) -> Self {
        let mut totals = Totals::default();
        for (.., buyer) in summaries.buyers() {
            totals.customers += 1;
            totals.purchases += u64::from(buyer.purchases);
            totals.recency += buyer.recency as u64;
            totals.age += buyer.age as u64;
            totals.spend += buyer.spend;
            totals.first_spend += buyer.first_spend;
        }
        totals
    }
}
