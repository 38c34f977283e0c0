use crm_history::Summaries;

use crate::Amount;

/// Columns for RFM and ABC from the summaries of a ledger: one row per customer, including
/// customers without an order.
///
/// Customers without a purchase in the observation (a roster, or only refunds) have frequency 0,
/// which the schemes know as "no order". Their spend is what the refunds add up to, so that tables
/// of groups add up to the spend of the ledger.
///
/// # Examples
///
/// ```
/// use crm_history::{Ledger, NaiveDate, Observation};
/// use crm_segmentation::{Columns, abc, rfm};
///
/// let day = |d| NaiveDate::from_ymd_opt(2024, 3, d).unwrap();
/// let ledger = Ledger::from_rows([("ada", day(1), 9_000_i64), ("ada", day(28), 9_900), ("bob", day(5), 1_500)])?;
/// let summaries = ledger.summarize(&Observation::until(day(31)))?;
///
/// let columns = Columns::from_summaries(&summaries);
/// assert_eq!(columns.ids, [&"ada", &"bob"]);
/// assert_eq!((columns.idle_days.as_slice(), columns.frequency.as_slice()), ([3, 26].as_slice(), [2, 1].as_slice()));
///
/// let scores = rfm::RfmScheme::default()
///     .fit(&columns.idle_days, &columns.frequency, &columns.monetary)?
///     .score(&columns.idle_days, &columns.frequency, &columns.monetary)?;
/// let groups = rfm::RuleSet::usual().assign(&scores)?;
/// // The better of two customers has the middle score: 533.
/// assert_eq!(groups.name(0), Some("Potential Loyalist"));
/// assert_eq!(abc::AbcScheme::default().fit(&columns.monetary)?.assign(&columns.monetary)?.name(0), Some("A"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Columns<'a, K, A> {
    /// Customer ids.
    pub ids: Vec<&'a K>,
    /// Days from the last order to the end of the observation; 0 without one.
    pub idle_days: Vec<i32>,
    /// Purchases, as the summary's rules count them.
    pub frequency: Vec<u32>,
    /// Spend, refunds as the rules say; negative where only refunds fall into the observation.
    pub monetary: Vec<A>,
}

impl<'a, K, A: Amount + crm_numbers::Amount> Columns<'a, K, A> {
    /// Creates the columns from all customers of a summary, in the order of customer numbers.
    #[must_use]
    pub fn from_summaries(summaries: &'a Summaries<K, A>) -> Self {
        let people = summaries.customers();
        let mut columns = Columns {
            ids: Vec::with_capacity(people),
            idle_days: Vec::with_capacity(people),
            frequency: Vec::with_capacity(people),
            monetary: Vec::with_capacity(people),
        };
        let end = summaries.observation().end();
        for (customer, id, summary) in summaries.everyone() {
            columns.ids.push(id);
            columns.idle_days.push(summary.as_ref().map_or(0, |buyer| end.days_since(buyer.last_purchase)));
            columns.frequency.push(summary.as_ref().map_or(0, |buyer| buyer.purchases));
            columns.monetary.push(summaries.spend(customer));
        }
        columns
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rfm;
    use crm_history::{Day, Ledger, Observation};

    /// 100 spent, 30 refunded for a purchase before the observation: the tables hold 70, not 100.
    #[test]
    fn refunds_without_a_purchase_count() {
        let day = |n| Day::new(n).unwrap();
        let mut builder = Ledger::<&str, i64>::builder();
        for (id, n, amount) in [("ada", 20, 100), ("bob", 3, 30), ("bob", 21, -30)] {
            builder.push(id, day(n), amount).unwrap();
        }
        let observation = Observation::until(day(30)).with_start(day(10)).unwrap();
        let summaries = builder.build().summarize(&observation).unwrap();
        let columns = Columns::from_summaries(&summaries);
        assert_eq!(
            (columns.frequency.as_slice(), columns.monetary.as_slice()),
            ([1, 0].as_slice(), [100, -30].as_slice())
        );
        let groups = crate::Assignments::new(["buyer", "other"], [0, 1]).unwrap();
        let table = rfm::table(&groups, &columns.idle_days, &columns.frequency, &columns.monetary).unwrap();
        let total: i128 = table.groups().iter().map(|group| group.value).sum();
        assert_eq!(total, i128::from(summaries.total_spend().unwrap()));
        assert_eq!(table.groups()[1].value, -30);
    }
}
