//! RFM scores, cells and segments.

use crm_numbers::Amount;
use crm_segmentation::Assignments;
use crm_segmentation::rfm::{RfmCell, RfmFit, RfmPlace, RfmScheme, RuleSet, Scores};

use crate::columns::{ColumnGroup, push_missing};
use crate::{Cell, CustomerTable, Error};

/// Scores and segments of all rows.
pub(crate) struct RfmColumns {
    scores: Scores,
    segments: Assignments,
}

impl RfmColumns {
    pub(crate) fn cell(&self, row: usize) -> Option<RfmCell> {
        match self.scores.place(row)? {
            RfmPlace::Cell(cell) => Some(cell),
            RfmPlace::NoOrder => None,
        }
    }
}

const NAMES: [&str; 5] = ["r_score", "f_score", "m_score", "rfm_cell", "rfm_segment"];

impl<A> ColumnGroup<A> for RfmColumns {
    fn names(&self) -> Vec<&str> {
        NAMES.to_vec()
    }

    fn push_cells<'t>(&'t self, row: usize, cells: &mut Vec<Cell<'t, A>>) {
        match self.cell(row) {
            Some(cell) => {
                let scores = [cell.recency(), cell.frequency(), cell.monetary()];
                cells.extend(scores.map(|score| Cell::Count(u64::from(score))));
                cells.push(Cell::Text(cell.to_string().into()));
            }
            None => push_missing(4, cells),
        }
        cells.push(Cell::maybe(self.segments.name(row), Cell::text));
    }

    fn groups(&self, column: &str) -> Option<&Assignments> {
        (column == "rfm_segment").then_some(&self.segments)
    }
}

impl<K, A: Amount> CustomerTable<'_, K, A> {
    /// Adds RFM scores with cut values fitted to this table, and the segment of each customer.
    ///
    /// # Errors
    ///
    /// [`Error::Segmentation`] if the table has no rows, or the rules are for another number of
    /// bins; [`Error::ColumnTaken`].
    pub fn with_rfm(self, scheme: RfmScheme, rules: &RuleSet) -> Result<Self, Error> {
        let fit = scheme.fit(&self.idle_days, &self.purchases, &self.spend)?;
        self.with_rfm_fit(&fit, rules)
    }

    /// Adds RFM scores by the cut values of an earlier fit, and the segment of each customer: the
    /// same customer keeps its scores from month to month.
    ///
    /// # Errors
    ///
    /// [`Error::Segmentation`] if the rules are for another number of bins;
    /// [`Error::ColumnTaken`].
    pub fn with_rfm_fit(mut self, fit: &RfmFit<A>, rules: &RuleSet) -> Result<Self, Error> {
        self.check_free(&NAMES)?;
        let scores = fit.score(&self.idle_days, &self.purchases, &self.spend)?;
        let segments = rules.assign(&scores)?;
        self.rfm = Some(RfmColumns { scores, segments });
        Ok(self)
    }

    /// Returns the RFM scores of all rows, if the table has them.
    #[must_use]
    pub fn rfm_scores(&self) -> Option<&Scores> {
        self.rfm.as_ref().map(|rfm| &rfm.scores)
    }
}
