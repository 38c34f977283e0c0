//! Orders and rosters from files.

mod amounts;
mod filter;
mod ids;
mod roster;
mod watch;

use std::borrow::Cow;
use std::io::Read;
use std::path::Path;

use crm_tables::{CellError, Column, CommaDoubt, DateReader, DecimalMark, Row, Table, TableOptions};

use self::amounts::{AmountSource, Amounts};
use self::filter::{Filter, Filters};
use self::ids::Ids;
use self::watch::Watch;
use crate::{Amount, Day, Error, Ledger, LedgerBuilder, QualityWarning, RefusalReason, RefusedRow};

pub use self::ids::IdFold;
pub use self::roster::CsvRoster;

/// Reads order lines from files of separated values, plain or gzip, in any usual encoding.
///
/// Without settings the columns are found by their usual names, whatever their case:
///
/// | column | names, first found first |
/// |---|---|
/// | customer id | customer_id, customerid, client_id, user_id, account_id, customer, client, id |
/// | date | order_date, purchase_date, transaction_date, invoice_date, date, day, timestamp |
/// | amount | amount, revenue, spend, order_value, total, price, sales, value, spend_usd |
///
/// Dates are ISO dates (`2024-03-15`, with or without a time behind) unless a format is set; there
/// is no guessing of day and month. Rows that do not read are refused, and the builder keeps them
/// with their line and the reason.
///
/// # Examples
///
/// ```
/// use crm_history::{CsvOrders, Decimal, Ledger, RefusalReason};
///
/// let text = "customer_id,date,amount\nada,2024-03-01,19.99\nbob,soon,5\n";
/// let mut builder = Ledger::<String, Decimal>::builder();
/// CsvOrders::new().read(text.as_bytes(), &mut builder)?;
/// let ledger = builder.build();
/// assert_eq!(ledger.rows(), 1);
/// let refused = &ledger.refused()[0];
/// assert_eq!((refused.line, refused.value.as_str()), (3, "soon"));
/// assert!(matches!(refused.reason, RefusalReason::Date { .. }));
/// # Ok::<(), crm_history::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CsvOrders {
    id: Option<String>,
    date: Option<String>,
    amount: AmountSource,
    refunds: Option<String>,
    date_format: Option<String>,
    minor_decimals: u32,
    decimal_mark: Option<DecimalMark>,
    ids: Ids,
    filters: Vec<Filter>,
    options: TableOptions,
}

/// The columns that were read, by their names in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CsvColumns {
    /// Column of the customer id.
    pub id: String,
    /// Column of the date.
    pub date: Option<String>,
    /// Column of the amount, or the columns it is made of, such as `Quantity x Price`; `None` if
    /// there is none and every order counts as one without amount.
    pub amount: Option<String>,
}

const ID_NAMES: [&str; 8] =
    ["customer_id", "customerid", "client_id", "user_id", "account_id", "customer", "client", "id"];
const DATE_NAMES: [&str; 7] =
    ["order_date", "purchase_date", "transaction_date", "invoice_date", "date", "day", "timestamp"];
const AMOUNT_NAMES: [&str; 9] =
    ["amount", "revenue", "spend", "order_value", "total", "price", "sales", "value", "spend_usd"];
const CONTACT_NAMES: [&str; 5] = ["first_contact", "contact_date", "created_at", "date", "day"];

impl Default for CsvOrders {
    fn default() -> Self {
        Self {
            id: None,
            date: None,
            amount: AmountSource::Detected,
            refunds: None,
            date_format: None,
            minor_decimals: 2,
            decimal_mark: None,
            ids: Ids::default(),
            filters: Vec::new(),
            options: TableOptions::default(),
        }
    }
}

impl CsvOrders {
    /// Creates a reader that finds columns by their usual names and reads ISO dates.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the column of the customer id, by name or by number from 1.
    #[must_use]
    pub fn with_id_column(mut self, column: impl Into<String>) -> Self {
        self.id = Some(column.into());
        self
    }

    /// Sets the column of the date, by name or by number from 1.
    #[must_use]
    pub fn with_date_column(mut self, column: impl Into<String>) -> Self {
        self.date = Some(column.into());
        self
    }

    /// Sets the column of the amount, by name or by number from 1.
    #[must_use]
    pub fn with_amount_column(mut self, column: impl Into<String>) -> Self {
        self.amount = AmountSource::Named(column.into());
        self
    }

    /// Sets the columns of a quantity and a unit price, whose product is the amount of the row;
    /// multiplied exactly.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_history::{CsvOrders, Decimal, IdFold, Ledger, Observation, NaiveDate};
    ///
    /// let text = "\
    /// Invoice,Quantity,InvoiceDate,Price,Customer ID
    /// 500001,12,2010-01-05 07:45:00,2.10,13001.0
    /// C500002,-2,2010-01-20 10:00:00,2.10,13001.0
    /// 500003,1,2010-02-11 09:00:00,2.10,
    /// ";
    /// let mut builder = Ledger::<String, Decimal>::builder();
    /// CsvOrders::new()
    ///     .with_date_column("InvoiceDate")
    ///     .with_quantity_and_price("Quantity", "Price")
    ///     .with_id_folds([IdFold::DecimalZero])
    ///     .with_nobody(["", "0", "guest"])
    ///     .read(text.as_bytes(), &mut builder)?;
    /// let ledger = builder.build();
    /// assert_eq!(ledger.ids(), ["13001"]);
    /// assert_eq!((ledger.quality().refunds.count, ledger.quality().nobody.count), (1, 1));
    /// let end = NaiveDate::from_ymd_opt(2010, 12, 31).unwrap();
    /// let spend = ledger.summarize(&Observation::until(end))?.find("13001").unwrap().spend;
    /// assert_eq!(spend.to_string(), "21.00"); // 12 x 2.10 - 2 x 2.10
    /// # Ok::<(), crm_history::Error>(())
    /// ```
    #[must_use]
    pub fn with_quantity_and_price(
        mut self,
        quantity: impl Into<String>,
        unit_price: impl Into<String>,
    ) -> Self {
        self.amount = AmountSource::Product(quantity.into(), unit_price.into());
        self
    }

    /// Sets the columns of an account statement: the amount is debit - credit. One of the two cells
    /// of a row may be empty.
    #[must_use]
    pub fn with_debit_and_credit(mut self, debit: impl Into<String>, credit: impl Into<String>) -> Self {
        self.amount = AmountSource::Difference(debit.into(), credit.into());
        self
    }

    /// Sets a column of money that was paid back for the order of the row, whatever its sign; it
    /// becomes a refund on the day of the order.
    #[must_use]
    pub fn with_refund_column(mut self, column: impl Into<String>) -> Self {
        self.refunds = Some(column.into());
        self
    }

    /// Reads orders without amounts: every amount is 0.
    #[must_use]
    pub fn without_amounts(mut self) -> Self {
        self.amount = AmountSource::None;
        self
    }

    /// Reads only the rows with one of these values in a column, such as `paid` and `completed` in
    /// `status`; without regard to case and to blanks around them. All other rows are counted as
    /// [`filtered`](crate::DataQuality::filtered).
    #[must_use]
    pub fn with_only(
        mut self,
        column: impl Into<String>,
        values: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Self {
        self.filters.push(Filter::new(column, values, true));
        self
    }

    /// Leaves out the rows with one of these values in a column, such as `cancelled`; see
    /// [`with_only`](Self::with_only).
    #[must_use]
    pub fn with_not(
        mut self,
        column: impl Into<String>,
        values: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Self {
        self.filters.push(Filter::new(column, values, false));
        self
    }

    /// Sets which differences in the spelling of an id make no other customer.
    #[must_use]
    pub fn with_id_folds(mut self, folds: impl IntoIterator<Item = IdFold>) -> Self {
        self.ids.folds = folds.into_iter().collect();
        self
    }

    /// Sets the ids that stand for nobody, such as `0`, `guest` or the empty one, without regard to
    /// case. Their rows are left out and counted as [`nobody`](crate::DataQuality::nobody).
    #[must_use]
    pub fn with_nobody(mut self, ids: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.ids.nobody = ids.into_iter().map(|id| id.as_ref().trim().to_lowercase()).collect();
        self
    }

    /// Sets the format of dates: a pattern of `strftime` such as `%d/%m/%Y`, `spreadsheet`, `epoch`
    /// or `epoch_ms`; see [`DateReader`].
    #[must_use]
    pub fn with_date_format(mut self, format: impl Into<String>) -> Self {
        self.date_format = Some(format.into());
        self
    }

    /// Sets the decimals of a minor unit, for `i64` amounts: 2 turns `12.34` into 1234.
    #[must_use]
    pub fn with_minor_decimals(mut self, decimals: u32) -> Self {
        self.minor_decimals = decimals;
        self
    }

    /// Declares the decimal mark of amounts; the other mark may then stand between thousands, as in
    /// `1.234,50` with a comma.
    #[must_use]
    pub fn with_decimal_mark(mut self, mark: DecimalMark) -> Self {
        self.decimal_mark = Some(mark);
        self
    }

    /// Sets the delimiter, the encoding and the limits of records.
    #[must_use]
    pub fn with_table_options(mut self, options: TableOptions) -> Self {
        self.options = options;
        self
    }

    /// Reads a file into a ledger of its own.
    ///
    /// # Errors
    ///
    /// As [`CsvOrders::read`], and [`Error::Table`] for a file that cannot be opened.
    pub fn read_path<A: Amount>(&self, path: impl AsRef<Path>) -> Result<Ledger<String, A>, Error> {
        let mut builder = LedgerBuilder::new();
        self.read_table(Table::open(path, &self.options)?, &mut builder)?;
        Ok(builder.build())
    }

    /// Reads order lines into a builder, so that several files and a roster can share a ledger, and
    /// returns the columns that were read.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] for a file that is not a table with these columns, [`Error::TooManyRows`],
    /// and [`Error::DecimalComma`] if amounts such as `1.000` cannot be told from thousands. A row
    /// that does not read is no error: the builder counts it.
    pub fn read<A: Amount>(
        &self,
        source: impl Read,
        builder: &mut LedgerBuilder<String, A>,
    ) -> Result<CsvColumns, Error> {
        self.read_table(Table::new(source, &self.options)?, builder)
    }

    fn read_table<A: Amount>(
        &self,
        mut table: Table<'_>,
        builder: &mut LedgerBuilder<String, A>,
    ) -> Result<CsvColumns, Error> {
        let dates = DateReader::new(self.date_format.as_deref())?;
        let id = table.column("customer id", self.id.as_deref(), &ID_NAMES)?;
        let date = table.column("date", self.date.as_deref(), &DATE_NAMES)?;
        let mut amounts = Amounts::new(
            &table,
            &self.amount,
            self.refunds.as_deref(),
            self.decimal_mark,
            self.minor_decimals,
        )?;
        let filters = Filters::new(&table, &self.filters)?;
        table.check_apart(("customer id", id), ("date", date))?;
        for amount in amounts.columns() {
            table.check_apart(("customer id", id), ("amount", amount))?;
            table.check_apart(("date", date), ("amount", amount))?;
        }
        let columns = CsvColumns {
            id: table.header(id).to_owned(),
            date: Some(table.header(date).to_owned()),
            amount: amounts.description(),
        };
        let others = amounts.columns().chain(filters.columns());
        let read: Vec<usize> = [id, date].into_iter().chain(others).map(Column::index).collect();
        let mut watch = Watch::new(table.headers(), &read);
        while let Some(row) = table.next_row()? {
            let mut order = || {
                if !filters.keep(&row)? {
                    return Ok(Order::Filtered);
                }
                let id = self.ids.fold(row.id(id)?);
                if self.ids.is_nobody(&id) {
                    return Ok(Order::Nobody);
                }
                if id.is_empty() {
                    return Err(Refusal::new(RefusalReason::MissingId, ""));
                }
                Ok(Order::Line(id, day_of(&row, date, &dates)?, amounts.read(&row)?))
            };
            match order() {
                Ok(Order::Line(id, (day, is_ambiguous), amounts)) => {
                    watch.note(|index| row.bytes(index));
                    let make = || id.clone().into_owned();
                    builder.push_line(&*id, make, (day, is_ambiguous), amounts.amount, row.line())?;
                    if let Some(refund) = amounts.refund {
                        builder.push_refund(&*id, day, refund, row.line())?;
                    }
                }
                Ok(Order::Filtered) => builder.leave_out(row.line(), |quality| &mut quality.filtered),
                Ok(Order::Nobody) => builder.leave_out(row.line(), |quality| &mut quality.nobody),
                Err(refusal) => builder.refuse(row.line(), refusal.reason, &refusal.value),
            }
        }
        let commas: Vec<QualityWarning> = amounts
            .doubts()
            .map(|(doubt, column)| decimal_commas(doubt, column))
            .collect::<Result<_, _>>()?;
        let amount = if amounts.is_known() { Some(amounts.plain_name().unwrap_or_default()) } else { None };
        let other = table.other_encoding().map(|other| QualityWarning::OtherEncoding {
            encoding: other.encoding.to_string(),
            cells: other.cells,
            line: other.first_line,
        });
        let warnings = other.into_iter().chain(commas).chain(watch.warnings(amount));
        builder.note_columns((&columns.id, String::as_str), warnings);
        Ok(columns)
    }
}

/// What became of a row.
enum Order<'r, A> {
    Line(Cow<'r, str>, (Day, bool), amounts::RowAmounts<A>),
    Filtered,
    Nobody,
}

/// A row that is refused, and the text that shows why.
struct Refusal {
    reason: RefusalReason,
    value: String,
}

impl Refusal {
    fn new(reason: RefusalReason, value: &str) -> Self {
        Self { reason, value: crm_tables::shortened(value) }
    }

    fn at(self, line: u64) -> RefusedRow {
        RefusedRow { line, reason: self.reason, value: self.value }
    }
}

impl From<CellError> for Refusal {
    fn from(error: CellError) -> Self {
        match error {
            CellError::Fields { expected, got, text } => {
                Self::new(RefusalReason::Fields { expected, got }, &text)
            }
            CellError::Lines { last, text } => Self::new(RefusalReason::Lines { last }, &text),
            CellError::NotText { text, .. } => Self::new(RefusalReason::NotText, &text),
            other => Self::new(RefusalReason::NotText, &other.to_string()),
        }
    }
}

fn id_of<'r>(row: &Row<'r>, column: Column) -> Result<Cow<'r, str>, Refusal> {
    let id = row.id(column)?;
    if id.is_empty() { Err(Refusal::new(RefusalReason::MissingId, "")) } else { Ok(id) }
}

/// The day of a cell, and whether day and month could change places.
fn day_of(row: &Row<'_>, column: Column, dates: &DateReader) -> Result<(Day, bool), Refusal> {
    let text = row.text(column)?;
    let refusal = || Refusal::new(RefusalReason::Date { format: dates.format().to_owned() }, &text);
    let (date, is_ambiguous) = dates.read(&text).ok_or_else(refusal)?;
    Ok((date.into(), is_ambiguous))
}

/// A warning of decimal commas, or an error if an amount may have been read as another number.
fn decimal_commas(doubt: CommaDoubt, column: &str) -> Result<QualityWarning, Error> {
    let CommaDoubt { cells, comma, comma_line, misread, .. } = doubt;
    let column = column.to_owned();
    match misread {
        Some((grouped, grouped_line)) => {
            Err(Error::DecimalComma { column, comma, comma_line, grouped, grouped_line })
        }
        None => Ok(QualityWarning::DecimalCommas { column, rows: cells, line: comma_line, value: comma }),
    }
}
