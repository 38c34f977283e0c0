//! Order and roster files read into one ledger, with a progress bar for large files.

use std::io::Read;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crm_analytics::history::{
    self, CsvColumns, CsvOrders, CsvRoster, Customer, Day, Decimal, DecimalMark, Ledger, LedgerBuilder,
    Observation, RefusedRow, Split, Summaries, SummaryRules, TableOptions,
};
use indicatif::{ProgressBar, ProgressStyle};

use crate::options::{Options, refused};
use crate::{Error, files, words};

/// Ledger read from the files, with the columns used and the refused rows.
pub(crate) struct Input {
    pub(crate) ledger: Ledger<String, Decimal>,
    pub(crate) columns: CsvColumns,
    pub(crate) refused_from_roster: Vec<RefusedRow>,
}

impl Input {
    /// Returns whether the orders have amounts.
    pub(crate) fn has_amounts(&self) -> bool {
        self.columns.amount.is_some()
    }

    /// Returns the days with a purchase by the customer up to the end, in ascending order.
    pub(crate) fn purchase_days(&self, customer: Customer, end: Day) -> Vec<Day> {
        let lines = self.ledger.lines(customer);
        let bought = lines.filter(|line| line.day <= end && line.amount >= Decimal::ZERO);
        let mut days: Vec<Day> = bought.map(|line| line.day).collect();
        days.dedup();
        days
    }

    /// Returns the first day with an order and the end of the observation period.
    pub(crate) fn observed(&self, options: &Options) -> Result<(Day, Day), Error> {
        let (Some(start), Some(last)) = (self.ledger.first_day(), self.ledger.last_day()) else {
            return Err(Error::nothing_in(&options.orders, "there is no order"));
        };
        // A mistyped date must not move the end of the observation period into the future.
        let today = today();
        let end = options.end.map_or_else(|| if start > today { last } else { last.min(today) }, Day::from);
        if end < start {
            let why = format!("the first order, {start}, comes after --end {end}");
            return Err(Error::nothing_in(&options.orders, why));
        }
        Ok((start, end))
    }

    /// Returns the first day with an order and the summaries of all customers up to the end of the
    /// observation period; at least one customer has a purchase.
    pub(crate) fn summarized(
        &self,
        options: &Options,
        rules: SummaryRules,
    ) -> Result<(Day, Summaries<String, Decimal>), Error> {
        let (start, end) = self.observed(options)?;
        let observation = Observation::until(end).with_rules(rules);
        let summaries = self.ledger.summarize(&observation).map_err(Error::refused)?;
        if summaries.buyers().next().is_none() {
            let why = format!("there are refunds up to {end}, but no order");
            return Err(Error::nothing_in(&options.orders, why));
        }
        Ok((start, summaries))
    }

    /// Splits an observation after --calibration-end; at least one customer has a purchase by then.
    pub(crate) fn split(&self, observation: &Observation, cut: Day) -> Result<Split<String, Decimal>, Error> {
        let flag = |why: String| refused("--calibration-end", cut.to_string(), why);
        if let Some(first) = self.ledger.first_day().filter(|first| *first > cut) {
            return Err(flag(format!("the first order, {first}, comes after it")));
        }
        let split = self.ledger.split(observation, cut).map_err(|error| flag(error.to_string()))?;
        if split.calibration().buyers().next().is_none() {
            return Err(flag("there are refunds up to it, but no order".to_owned()));
        }
        Ok(split)
    }
}

/// Describes the rows after the end, and why they were excluded if no flag asked for it; `None` if
/// there are none.
pub(crate) fn left_out(summaries: &Summaries<String, Decimal>, options: &Options) -> Option<String> {
    let (rows, end) = (summaries.rows_after(), summaries.observation().end());
    let why =
        if options.end.is_none() { ": they are dated in the future; give --end to keep them" } else { "" };
    let counted = words::counted(rows, &format!("row after {end} was"), &format!("rows after {end} were"));
    (rows > 0).then(|| format!("{counted} left out{why}"))
}

/// Reads the order and roster files given by the flags.
pub(crate) fn read(options: &Options) -> Result<Input, Error> {
    let mut orders = CsvOrders::new();
    let mut roster = CsvRoster::new();
    if let Some(column) = &options.id_column {
        orders = orders.with_id_column(column);
    }
    if let Some(column) = &options.date_column {
        orders = orders.with_date_column(column);
    }
    if let Some(column) = &options.amount_column {
        orders = orders.with_amount_column(column);
    }
    if let Some(format) = &options.date_format {
        orders = orders.with_date_format(format);
        roster = roster.with_date_format(format);
    }
    if let Some(delimiter) = options.delimiter {
        let table = TableOptions::new().with_delimiter(delimiter);
        orders = orders.with_table_options(table);
        roster = roster.with_table_options(table);
    }
    if options.decimal_comma {
        orders = orders.with_decimal_mark(DecimalMark::Comma);
    }
    let mut builder = LedgerBuilder::new().with_today(today());
    let path = &options.orders;
    let columns = orders.read(open(path)?, &mut builder).map_err(|error| match error {
        history::Error::DecimalComma { .. } => {
            Error::in_file(path, format!("{error} (--decimal-mark comma)"))
        }
        error => Error::in_file(path, error),
    })?;
    let refused_from_roster = match &options.roster {
        Some(path) => roster.read(open(path)?, &mut builder).map_err(|error| Error::in_file(path, error))?,
        None => Vec::new(),
    };
    let ledger = builder.build();
    if ledger.rows() == 0 {
        return Err(Error::nothing_in(path, why_nothing(&ledger)));
    }
    Ok(Input { ledger, columns, refused_from_roster })
}

fn why_nothing(ledger: &Ledger<String, Decimal>) -> String {
    match ledger.refused() {
        [] => "there is no order below the header".to_owned(),
        [first, ..] => {
            let hint = match first.reason {
                crm_analytics::history::RefusalReason::Date { .. } => {
                    " (say how dates are written with --date-format)"
                }
                _ => "",
            };
            format!("all {} rows were refused; {first}{hint}", ledger.quality().refused())
        }
    }
}

/// Opens a file behind a progress bar, which appears on a terminal after a short delay.
fn open(path: &Path) -> Result<impl Read, Error> {
    /// Smaller files are read too quickly to need a progress bar.
    const LONG: u64 = 32 << 20;
    let (file, bytes) = files::open(path)?;
    let bar = if bytes >= LONG { ProgressBar::new(bytes) } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("reading {bar:40} {bytes}/{total_bytes}, {eta} left") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    Ok(bar.wrap_read(file))
}

/// Returns today's date in UTC, by the system clock.
fn today() -> Day {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i32::try_from(since_epoch.as_secs() / 86_400)
        .ok()
        .and_then(|days| Day::new(days).ok())
        .unwrap_or(Day::MAX)
}
