use std::fmt::{self, Debug, Display};

use crm_history::{Customer, Summary};
use crm_lifecycle::Standing;
use crm_numbers::Amount;
use crm_segmentation::rfm::RfmCell;

use crate::columns::push_missing;
use crate::{Cell, CustomerTable, Forecast, Profit, Rescue};

/// Columns of the purchase history, after the id.
pub(crate) const HISTORY: [&str; 10] = [
    "first_purchase",
    "last_purchase",
    "orders",
    "purchase_days",
    "frequency",
    "recency",
    "age",
    "idle_days",
    "spend",
    "mean_repeat_spend",
];

/// One customer of a [`CustomerTable`].
pub struct CustomerRow<'t, K, A: Amount> {
    pub(crate) table: &'t CustomerTable<'t, K, A>,
    pub(crate) index: usize,
    pub(crate) customer: Customer,
    pub(crate) id: &'t K,
}

impl<'t, K, A: Amount> CustomerRow<'t, K, A> {
    /// Returns the id of the customer.
    #[must_use]
    pub fn id(&self) -> &'t K {
        self.id
    }

    /// Returns the index of the row in the table, from 0.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// Returns the purchase history, or `None` without a purchase in the observation.
    #[must_use]
    pub fn summary(&self) -> Option<Summary<A>> {
        self.table.summaries.get(self.customer)
    }

    /// Returns the spend, including refunds without a purchase.
    #[must_use]
    pub fn spend(&self) -> A {
        self.table.summaries.spend(self.customer)
    }

    /// Returns the group of the customer in a column of groups, such as `rfm_segment`; `None` if the
    /// table has no such column or the group is not known.
    #[must_use]
    pub fn group(&self, column: &str) -> Option<&'t str> {
        self.table.column_groups().find_map(|group| group.group(column, self.index))
    }

    /// Returns the RFM cell; `None` without RFM columns or a purchase.
    #[must_use]
    pub fn rfm_cell(&self) -> Option<RfmCell> {
        self.table.rfm.as_ref()?.cell(self.index)
    }

    /// Returns the stage of the relationship; `None` without stage columns or a purchase.
    #[must_use]
    pub fn stage(&self) -> Option<&'t Standing> {
        self.table.stages.as_ref()?.get(self.index)
    }

    /// Returns the forecast; `None` without forecast columns or a purchase.
    #[must_use]
    pub fn forecast(&self) -> Option<&'t Forecast> {
        self.table.forecast.as_ref()?.get(self.index)
    }

    /// Returns the value at risk; `None` without risk columns, or if nothing is known to be at risk.
    #[must_use]
    pub fn rescue(&self) -> Option<&'t Rescue> {
        self.table.rescue.as_ref()?.get(self.index)
    }

    /// Returns the profit; `None` without profit columns, or if the cost is not known.
    #[must_use]
    pub fn profit(&self) -> Option<Profit> {
        self.table.profit.as_ref()?.get(self.index)
    }

    /// Returns the satisfaction from 0 to 100; `None` without a survey or an answer.
    #[must_use]
    pub fn satisfaction(&self) -> Option<f64> {
        self.table.satisfaction.as_ref()?.get(self.index)
    }
}

impl<'t, K: Display, A: Amount> CustomerRow<'t, K, A> {
    /// Returns the cells of the row, one per name of [`CustomerTable::header`].
    #[must_use]
    pub fn cells(&self) -> Vec<Cell<'t, A>> {
        let mut cells = Vec::with_capacity(1 + HISTORY.len());
        cells.push(Cell::Text(self.id.to_string().into()));
        match self.summary() {
            Some(summary) => self.push_history(&summary, &mut cells),
            None => {
                push_missing(2, &mut cells);
                cells.extend([Cell::Count(0), Cell::Count(0)]);
                push_missing(HISTORY.len() - 4, &mut cells);
            }
        }
        for group in self.table.column_groups() {
            group.push_cells(self.index, &mut cells);
        }
        cells
    }

    fn push_history(&self, summary: &Summary<A>, cells: &mut Vec<Cell<'t, A>>) {
        let mean =
            (summary.frequency > 0).then(|| summary.repeat_spend.to_f64() / f64::from(summary.frequency));
        cells.extend([
            Cell::Day(summary.first_purchase),
            Cell::Day(summary.last_purchase),
            Cell::Count(u64::from(summary.orders)),
            Cell::Count(u64::from(summary.purchases)),
            Cell::Count(u64::from(summary.frequency)),
            Cell::Number(summary.recency),
            Cell::Number(summary.age),
            Cell::Count(u64::from(summary.idle_days(self.table.end()))),
            Cell::Amount(summary.spend),
            Cell::maybe(mean, Cell::Number),
        ]);
    }
}

impl<K: Debug, A: Amount> Debug for CustomerRow<'_, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CustomerRow")
            .field("id", &self.id)
            .field("summary", &self.summary())
            .finish_non_exhaustive()
    }
}

/// A map from the names of the columns to the cells.
#[cfg(feature = "serde")]
impl<K: Display, A: Amount + serde::Serialize> serde::Serialize for CustomerRow<'_, K, A> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.table.header().into_iter().zip(self.cells()))
    }
}
