//! Table with one row per customer, read strictly: a cell is a number or missing.

use std::path::{Path, PathBuf};

use crm_analytics::value::{Decimal, Margin, NonNegative, Probability, Share};

use crate::{Error, sheet};

/// Column names, in the order of the sample.
pub(crate) const COLUMNS: [&str; 14] = [
    "customer_id",
    "spending_capacity",
    "share_of_wallet",
    "unit_margin",
    "influence",
    "reach",
    "influenced_purchase_value",
    "information_value",
    "knowledge_value",
    "transaction_value",
    "marketing_cost",
    "sales_cost",
    "service_cost",
    "revenue",
];

/// Known values of one customer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Account {
    pub(super) id: String,
    pub(super) spending_capacity: Option<NonNegative>,
    pub(super) share_of_wallet: Option<Share>,
    pub(super) unit_margin: Option<Margin>,
    pub(super) influence: Option<Probability>,
    pub(super) reach: Option<NonNegative>,
    pub(super) influenced_purchase_value: Option<Decimal>,
    pub(super) information_value: Option<Decimal>,
    pub(super) knowledge_value: Option<Decimal>,
    pub(super) transaction_value: Option<Decimal>,
    pub(super) marketing_cost: Option<NonNegative>,
    pub(super) sales_cost: Option<NonNegative>,
    pub(super) service_cost: Option<NonNegative>,
    pub(super) revenue: Option<Decimal>,
}

/// Customers of one file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Accounts {
    pub(super) path: PathBuf,
    pub(super) rows: Vec<Account>,
    /// Number of empty cells per column.
    pub(super) missing: Vec<(&'static str, usize)>,
}

impl Accounts {
    /// Reads a file; stops at the first invalid cell, with its line.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let mut accounts = Self { path: path.to_owned(), rows: Vec::new(), missing: Vec::new() };
        let mut missing = [0_usize; COLUMNS.len()];
        for line in sheet::read(path, &COLUMNS)? {
            for (count, cell) in missing.iter_mut().zip(&line.cells) {
                *count += usize::from(cell.is_empty());
            }
            let account = account(&line.cells)
                .map_err(|why| Error::in_file(path, format!("line {}: {why}", line.number)))?;
            accounts.rows.push(account);
        }
        accounts.missing = COLUMNS.into_iter().zip(missing).filter(|(_, count)| *count > 0).collect();
        Ok(accounts)
    }
}

fn account(cells: &[String]) -> Result<Account, String> {
    let mut cells = COLUMNS.into_iter().zip(cells.iter().map(String::as_str));
    let id = cells.next().map_or("", |(_, id)| id).to_owned();
    // In the order of `COLUMNS`.
    let mut next = || cells.next().map_or(Ok(None), |(column, cell)| number(column, cell));
    Ok(Account {
        id,
        spending_capacity: checked(next()?, NonNegative::new)?,
        share_of_wallet: checked(next()?, Share::new)?,
        unit_margin: checked(next()?, Margin::new)?,
        influence: checked(next()?, Probability::new)?,
        reach: checked(next()?, NonNegative::new)?,
        influenced_purchase_value: next()?.map(|(_, number)| number),
        information_value: next()?.map(|(_, number)| number),
        knowledge_value: next()?.map(|(_, number)| number),
        transaction_value: next()?.map(|(_, number)| number),
        marketing_cost: checked(next()?, NonNegative::new)?,
        sales_cost: checked(next()?, NonNegative::new)?,
        service_cost: checked(next()?, NonNegative::new)?,
        revenue: next()?.map(|(_, number)| number),
    })
}

/// A number with the name of its column.
pub(crate) type Cell = Option<(&'static str, Decimal)>;

pub(crate) fn number(column: &'static str, cell: &str) -> Result<Cell, String> {
    if cell.is_empty() {
        return Ok(None);
    }
    match Decimal::from_str_exact(cell) {
        Ok(number) => Ok(Some((column, number))),
        Err(_) => Err(format!("{column} does not read as a decimal number: {cell:?}")),
    }
}

pub(crate) fn checked<T>(
    cell: Cell,
    check: impl Fn(Decimal) -> Result<T, crm_analytics::value::InputError>,
) -> Result<Option<T>, String> {
    let Some((column, number)) = cell else { return Ok(None) };
    check(number).map(Some).map_err(|error| format!("{column}: {error}"))
}
