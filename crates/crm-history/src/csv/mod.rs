//! Orders and rosters from files of comma-separated values, plain or gzip.

mod amount;
mod date;
mod lines;
mod records;
mod roster;
mod watch;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use self::amount::Marks;
use self::date::DateReader;
use self::records::{Records, Refusal};
use self::watch::Watch;
use crate::{Amount, Error, Ledger, LedgerBuilder};

pub use self::roster::CsvRoster;

/// Reads order files: a header, then one order line a record.
///
/// Columns are found by their header, or by number from 1. Without a word about them, the first of these names that the file has is
/// taken (upper and lower case alike, and `_`, `-` or a space between words):
///
/// * id: customer_id, customerid, client_id, user_id, account_id, customer, client, id
/// * date: order_date, purchase_date, transaction_date, invoice_date, date, day, timestamp
/// * amount: amount, revenue, spend, order_value, total, price, sales, value, spend_usd
///
/// The amount may be missing: then every amount is zero. Dates read as `YYYY-MM-DD`, with or without a time behind,
/// unless a format is given: day-first and month-first are never guessed. Rows that do not read are refused with line
/// and reason; the others go on. A gzip file is known by its first bytes. A first line `sep=;`, as
/// spreadsheets write it, names the delimiter.
///
/// Line numbers are those of an editor, whatever ends the lines: LF, CR LF or CR, inside quotes or
/// outside, and blank lines count.
///
/// Other columns are not read, but looked at: a status, a second currency or a quantity beside a
/// unit price, an id that never comes twice, ids that differ in case only and an id with far more
/// rows than any customer become a [`QualityWarning`](crate::QualityWarning) in the ledger's
/// data-quality report.
///
/// ```
/// use crm_history::{CsvOrders, Decimal, Ledger, Reason};
///
/// let text = "customer_id,order_date,revenue\nada,2024-01-05,19.99\nada,05/02/2024,7.50\n";
/// let mut builder = Ledger::<String, Decimal>::builder();
/// CsvOrders::new().read(text.as_bytes(), &mut builder)?;
/// let ledger = builder.build();
/// assert_eq!(ledger.rows(), 1);
/// assert_eq!(ledger.refused()[0].line, 3);
/// assert_eq!(ledger.refused()[0].value, "05/02/2024");
/// # Ok::<(), crm_history::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CsvOrders {
    id: Option<String>,
    date: Option<String>,
    amount: AmountColumn,
    date_format: Option<String>,
    minor_decimals: u32,
    decimal_comma: bool,
    layout: Layout,
}

#[derive(Debug, Clone, PartialEq)]
enum AmountColumn {
    Detected,
    Named(String),
    None,
}

/// How a file is cut into fields.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Layout {
    delimiter: Option<u8>,
    record_limit: usize,
    line_limit: u64,
}

impl Default for Layout {
    fn default() -> Self {
        Layout { delimiter: None, record_limit: 1 << 20, line_limit: 20 }
    }
}

/// The columns that a file was read by.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CsvColumns {
    /// Header of the id column.
    pub id: String,
    /// Header of the date column; for a roster, of the first contact.
    pub date: Option<String>,
    /// Header of the amount column.
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
        CsvOrders::new()
    }
}

impl CsvOrders {
    /// Comma-separated, columns found by their usual names, ISO dates, two decimal places in a minor unit.
    #[must_use]
    pub fn new() -> Self {
        CsvOrders {
            id: None,
            date: None,
            amount: AmountColumn::Detected,
            date_format: None,
            minor_decimals: 2,
            decimal_comma: false,
            layout: Layout::default(),
        }
    }

    /// The id column, by header or by number from 1.
    #[must_use]
    pub fn with_id_column(mut self, column: impl Into<String>) -> Self {
        self.id = Some(column.into());
        self
    }

    /// The date column, by header or by number from 1.
    #[must_use]
    pub fn with_date_column(mut self, column: impl Into<String>) -> Self {
        self.date = Some(column.into());
        self
    }

    /// The amount column, by header or by number from 1.
    #[must_use]
    pub fn with_amount_column(mut self, column: impl Into<String>) -> Self {
        self.amount = AmountColumn::Named(column.into());
        self
    }

    /// No amount, whatever the columns are called.
    #[must_use]
    pub fn without_amounts(mut self) -> Self {
        self.amount = AmountColumn::None;
        self
    }

    /// How dates are written, in the notation of `strftime`: `%d/%m/%Y`, `%m/%d/%y`, `%Y%m%d`, `%d.%m.%Y %H:%M`.
    #[must_use]
    pub fn with_date_format(mut self, format: impl Into<String>) -> Self {
        self.date_format = Some(format.into());
        self
    }

    /// Decimal places of a minor unit, for `i64` amounts: 2 turns `12.34` into 1234.
    #[must_use]
    pub fn with_minor_decimals(mut self, decimals: u32) -> Self {
        self.minor_decimals = decimals;
        self
    }

    /// Reads amounts with a comma before the decimals, such as `12,34`, and points, if anything,
    /// between thousands, such as `1.234,50`.
    #[must_use]
    pub fn with_decimal_comma(mut self) -> Self {
        self.decimal_comma = true;
        self
    }

    /// The byte between fields, such as `b';'` or `b'\t'`; a comma unless set, or what a first line
    /// `sep=;` says.
    #[must_use]
    pub fn with_delimiter(mut self, delimiter: u8) -> Self {
        self.layout.delimiter = Some(delimiter);
        self
    }

    /// Longest record in bytes (a megabyte unless said): a longer one is a broken file, not data.
    #[must_use]
    pub fn with_record_limit(mut self, bytes: usize) -> Self {
        self.layout.record_limit = bytes;
        self
    }

    /// Largest number of lines of a record (20 unless set, at least 1): a longer one is refused,
    /// because a quotation mark that is out of place swallows orders.
    #[must_use]
    pub fn with_line_limit(mut self, lines: u64) -> Self {
        self.layout.line_limit = lines.max(1);
        self
    }

    /// Reads the file at a path into a ledger of its own.
    ///
    /// # Errors
    ///
    /// [`Error::Open`], and those of [`read`](Self::read).
    pub fn read_path<A: Amount>(&self, path: impl AsRef<Path>) -> Result<Ledger<String, A>, Error> {
        let mut builder = LedgerBuilder::new();
        self.read(open(path.as_ref())?, &mut builder)?;
        Ok(builder.build())
    }

    /// Reads records into a builder, so that several files and a roster can share a ledger. Tells which columns were read.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyFile`], [`Error::NotText`], [`Error::MissingColumn`], [`Error::SameColumn`], [`Error::DateFormat`],
    /// [`Error::OpenQuote`], [`Error::HeaderLines`], [`Error::RecordTooLong`], [`Error::Read`],
    /// [`Error::TooManyRows`], and [`Error::DecimalComma`] where amounts such as `1.000` cannot be
    /// told from thousands. A row that does not read is no error: the builder counts it.
    pub fn read<A: Amount>(
        &self,
        source: impl Read,
        builder: &mut LedgerBuilder<String, A>,
    ) -> Result<CsvColumns, Error> {
        let dates = DateReader::new(self.date_format.as_deref())?;
        let mut records = Records::new(source, self.layout)?;
        let id_column = records.column("customer id", self.id.as_deref(), &ID_NAMES)?;
        let date_column = records.column("date", self.date.as_deref(), &DATE_NAMES)?;
        let amount_column = match &self.amount {
            AmountColumn::Named(name) => Some(records.column("amount", Some(name), &[])?),
            AmountColumn::Detected => records.column("amount", None, &AMOUNT_NAMES).ok(),
            AmountColumn::None => None,
        };
        records.check_apart(("customer id", id_column), ("date", date_column))?;
        if let Some(amount_column) = amount_column {
            records.check_apart(("customer id", id_column), ("amount", amount_column))?;
            records.check_apart(("date", date_column), ("amount", amount_column))?;
        }
        let columns = CsvColumns {
            id: records.header(id_column),
            date: Some(records.header(date_column)),
            amount: amount_column.map(|column| records.header(column)),
        };
        let read_columns: Vec<usize> = [id_column, date_column].into_iter().chain(amount_column).collect();
        let mut watch = Watch::new(records.headers(), &read_columns);
        let mut marks = Marks::new(self.decimal_comma, self.minor_decimals);
        while let Some(row) = records.next()? {
            let mut read = || {
                let id = row.id(id_column)?;
                let date = row.field(date_column)?;
                let day = dates.read(date).ok_or_else(|| Refusal::new(dates.reason(), date))?;
                let amount = match amount_column {
                    Some(column) => Some(marks.read(row.field(column)?, row.line)?),
                    None => None,
                };
                Ok::<_, Refusal>((id, day, amount))
            };
            match read() {
                Ok((id, day, amount)) => {
                    watch.note(row.fields());
                    builder.push_line(id, || id.to_owned(), day, amount, row.line)?;
                }
                Err(Refusal { reason, value }) => builder.refuse(row.line, reason, &value),
            }
        }
        let commas = columns.amount.as_deref().map(|column| marks.doubt(column)).transpose()?.flatten();
        let warnings = commas.into_iter().chain(watch.warnings(columns.amount.as_deref()));
        builder.note_columns((&columns.id, String::as_str), warnings);
        Ok(columns)
    }
}

fn open(path: &Path) -> Result<File, Error> {
    File::open(path).map_err(|error| Error::Open { path: path.display().to_string(), why: error.to_string() })
}
