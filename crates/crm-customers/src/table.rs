use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt::{self, Debug};
use std::hash::Hash;

use crm_history::{Customer, Day, Ledger, Observation, Summaries};
use crm_numbers::{Amount, InputError, Share, UnknownNameError};
use crm_segmentation::contact::Due;
use crm_segmentation::{Assignments, Columns, GroupTable};

use crate::columns::ColumnGroup;
use crate::forecast::ForecastColumns;
use crate::groups::{GroupColumn, LoyaltyColumns};
use crate::known::KnownColumn;
use crate::profit::ProfitColumns;
use crate::rescue::RescueColumns;
use crate::rfm::RfmColumns;
use crate::stage::StageColumns;
use crate::{CustomerRow, Error, Joined};

/// One row per customer known at the end of an observation, with or without a purchase, in the
/// order of the ledger.
///
/// Groups of columns are added by the `with_*` methods, in any order unless one needs another; each
/// method refuses to add its columns twice. See the [crate] documentation for the list.
///
/// # Examples
///
/// ```
/// use crm_customers::CustomerTable;
/// use crm_history::{Ledger, NaiveDate, Observation};
///
/// let day = |d| NaiveDate::from_ymd_opt(2024, 3, d).unwrap();
/// let mut orders = Ledger::builder();
/// orders.push("ada", day(1), 1_999_i64)?;
/// orders.push("ada", day(9), 1_001)?;
/// orders.add_prospect("eve", None);
/// let ledger = orders.build();
///
/// let table = CustomerTable::new(&ledger, &Observation::until(day(31)))?
///     .with_attribute("branch", [("ada", "Lyon"), ("zoe", "Metz")])?;
/// assert_eq!(table.len(), 2);
/// assert_eq!(table.find("ada").unwrap().group("branch"), Some("Lyon"));
/// assert_eq!(table.find("eve").unwrap().group("branch"), None);
/// assert_eq!(table.joined("branch").unwrap().strangers, 1); // zoe
/// # Ok::<(), crm_customers::Error>(())
/// ```
pub struct CustomerTable<'l, K, A: Amount> {
    pub(crate) ledger: &'l Ledger<K, A>,
    pub(crate) summaries: Summaries<K, A>,
    /// The customer of each row, ascending.
    pub(crate) customers: Vec<Customer>,
    pub(crate) idle_days: Vec<i32>,
    pub(crate) purchases: Vec<u32>,
    pub(crate) spend: Vec<A>,
    pub(crate) rfm: Option<RfmColumns>,
    pub(crate) wallet: Option<KnownColumn<Share>>,
    pub(crate) referrals: Option<KnownColumn<u32>>,
    pub(crate) loyalty: Option<LoyaltyColumns>,
    pub(crate) contacts: Option<Due>,
    pub(crate) stages: Option<StageColumns>,
    pub(crate) forecast: Option<ForecastColumns>,
    pub(crate) rescue: Option<RescueColumns>,
    pub(crate) profit: Option<ProfitColumns>,
    pub(crate) satisfaction: Option<KnownColumn<f64>>,
    /// ABC classes and groups of the caller.
    pub(crate) group_columns: Vec<GroupColumn>,
    pub(crate) joins: BTreeMap<&'static str, Joined>,
}

impl<'l, K: Debug + Send + Sync, A: Amount> CustomerTable<'l, K, A> {
    /// Summarizes the orders of every customer known at the end of the observation.
    ///
    /// # Errors
    ///
    /// [`Error::History`] if a spend does not fit the type of the amounts.
    pub fn new(ledger: &'l Ledger<K, A>, observation: &Observation) -> Result<Self, Error> {
        let summaries = ledger.summarize(observation)?;
        let Columns { idle_days, frequency: purchases, monetary: spend, .. } =
            Columns::from_summaries(&summaries);
        let customers = summaries.everyone().map(|(customer, ..)| customer).collect();
        Ok(Self {
            ledger,
            summaries,
            customers,
            idle_days,
            purchases,
            spend,
            rfm: None,
            wallet: None,
            referrals: None,
            loyalty: None,
            contacts: None,
            stages: None,
            forecast: None,
            rescue: None,
            profit: None,
            satisfaction: None,
            group_columns: Vec::new(),
            joins: BTreeMap::new(),
        })
    }
}

impl<'l, K, A: Amount> CustomerTable<'l, K, A> {
    /// Returns the number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.customers.len()
    }

    /// Returns whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.customers.is_empty()
    }

    /// Returns the last day of the observation.
    #[must_use]
    pub fn end(&self) -> Day {
        self.summaries.observation().end()
    }

    /// Returns the purchase histories behind the table.
    #[must_use]
    pub fn summaries(&self) -> &Summaries<K, A> {
        &self.summaries
    }

    /// Returns the row with the given index, in the order of the ledger.
    #[must_use]
    pub fn row(&self, index: usize) -> Option<CustomerRow<'_, K, A>> {
        let customer = *self.customers.get(index)?;
        Some(CustomerRow { table: self, index, customer, id: self.ledger.id(customer)? })
    }

    /// Iterates over the rows, in the order of the ledger.
    pub fn rows(&self) -> impl Iterator<Item = CustomerRow<'_, K, A>> + '_ {
        (0..self.len()).filter_map(|index| self.row(index))
    }

    /// Returns the row of the customer with the given id.
    #[must_use]
    pub fn find<Q: Eq + Hash + ?Sized>(&self, id: &Q) -> Option<CustomerRow<'_, K, A>>
    where
        K: Eq + Hash + Borrow<Q>,
    {
        self.row(self.index_of(self.ledger.find(id)?)?)
    }

    /// Returns the names of all columns, in order.
    #[must_use]
    pub fn header(&self) -> Vec<&str> {
        let own = ["customer_id"].into_iter().chain(crate::row::HISTORY);
        own.chain(self.column_groups().flat_map(|group| group.names())).collect()
    }

    /// Returns the names of the columns by which [`group_by`](Self::group_by) can sum up.
    #[must_use]
    pub fn groupings(&self) -> Vec<&str> {
        let all = self
            .column_groups()
            .flat_map(|group| group.names().into_iter().filter(move |name| group.groups(name).is_some()));
        all.collect()
    }

    /// Returns the groups by which a column divides the rows.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a column that is not in [`groupings`](Self::groupings).
    pub fn assignments(&self, column: &str) -> Result<&Assignments, Error> {
        self.column_groups().find_map(|group| group.groups(column)).ok_or_else(|| {
            InputError::from(UnknownNameError::new("column of groups", column, self.groupings())).into()
        })
    }

    /// Sums the table up by a column of groups: customers, spend and the means of what is known.
    ///
    /// The means are `purchases` and `idle_days` of customers with a purchase and, where the table
    /// has them, `p_alive`, `expected_purchases`, `clv` and `satisfaction`.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a column that is not in [`groupings`](Self::groupings);
    /// [`Error::Segmentation`] if a sum of the spend does not fit its type.
    pub fn group_by(&self, column: &str) -> Result<GroupTable<A::Sum>, Error> {
        let groups = self.assignments(column)?;
        let bought = |row: usize| self.purchases.get(row).copied().filter(|purchases| *purchases > 0);
        let rows = || 0..self.len();
        let mut table = groups
            .table(&self.spend)?
            .with_mean("purchases", groups, rows().map(|row| bought(row).map(f64::from)))?
            .with_mean(
                "idle_days",
                groups,
                rows().map(|row| bought(row).and_then(|_| self.idle_days.get(row)).copied().map(f64::from)),
            )?;
        if let Some(forecast) = &self.forecast {
            let of = |read: fn(&crate::Forecast) -> Option<f64>| {
                rows().map(move |row| forecast.get(row).and_then(read))
            };
            table = table.with_mean("p_alive", groups, of(|forecast| Some(forecast.p_alive)))?.with_mean(
                "expected_purchases",
                groups,
                of(|forecast| Some(forecast.expected_purchases)),
            )?;
            if forecast.has_value() {
                table = table.with_mean("clv", groups, of(|forecast| forecast.clv))?;
            }
        }
        if let Some(satisfaction) = &self.satisfaction {
            table = table.with_mean("satisfaction", groups, rows().map(|row| satisfaction.get(row)))?;
        }
        Ok(table)
    }

    /// The groups of columns of this table, in order.
    pub(crate) fn column_groups(&self) -> impl Iterator<Item = &dyn ColumnGroup<A>> {
        fn group<A, G: ColumnGroup<A>>(group: &Option<G>) -> Option<&dyn ColumnGroup<A>> {
            group.as_ref().map(|group| group as &dyn ColumnGroup<A>)
        }
        let fixed: [Option<&dyn ColumnGroup<A>>; 10] = [
            group(&self.rfm),
            group(&self.forecast),
            group(&self.wallet),
            group(&self.referrals),
            group(&self.loyalty),
            group(&self.contacts),
            group(&self.stages),
            group(&self.rescue),
            group(&self.profit),
            group(&self.satisfaction),
        ];
        let groups = self.group_columns.iter().map(|group| group as &dyn ColumnGroup<A>);
        fixed.into_iter().flatten().chain(groups)
    }

    pub(crate) fn index_of(&self, customer: Customer) -> Option<usize> {
        self.customers.binary_search(&customer).ok()
    }

    /// Fails if one of the names is that of a column in the table.
    pub(crate) fn check_free(&self, columns: &[&str]) -> Result<(), Error> {
        let header = self.header();
        match columns.iter().find(|column| header.contains(column)) {
            Some(taken) => Err(Error::ColumnTaken { column: (*taken).to_owned() }),
            None => Ok(()),
        }
    }
}

impl<K: Debug, A: Amount> Debug for CustomerTable<'_, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CustomerTable")
            .field("end", &self.end())
            .field("rows", &self.len())
            .field("columns", &self.header())
            .finish_non_exhaustive()
    }
}
