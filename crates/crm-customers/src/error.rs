use crm_numbers::InputError;

/// An input from which no column, table or comparison can be made.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An input that is out of its range, empty, repeated or unknown.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A group of columns that needs another one first.
    #[error("{group} needs {needed}; call `{call}` first")]
    MissingGroup {
        /// Name of the group that was to be added.
        group: &'static str,
        /// Name of the group that it needs.
        needed: &'static str,
        /// Method that adds the needed group.
        call: &'static str,
    },
    /// A group of columns, or a column, that is in the table already.
    #[error("column {column:?} is already in the table")]
    ColumnTaken {
        /// Name of the column.
        column: String,
    },
    /// Tables of different people or in the wrong order.
    #[error("the earlier table ends on {earlier}, which is not before {later}, the end of the later one")]
    Order {
        /// Last day of the table that should be the earlier one.
        earlier: crm_history::Day,
        /// Last day of the table that should be the later one.
        later: crm_history::Day,
    },
    /// Summaries of the ledger.
    #[error(transparent)]
    History(#[from] crm_history::Error),
    /// RFM, ABC, loyalty or contacts.
    #[error(transparent)]
    Segmentation(#[from] crm_segmentation::Error),
    /// Stages or customers at risk.
    #[error(transparent)]
    Lifecycle(#[from] crm_lifecycle::Error),
    /// Purchase and spend models.
    #[error(transparent)]
    Btyd(#[from] crm_btyd::Error),
    /// Profit.
    #[error(transparent)]
    Value(#[from] crm_value::Error),
    /// A file that cannot be written.
    #[cfg(feature = "csv")]
    #[error(transparent)]
    Csv(#[from] ::csv::Error),
}
