//! Amounts of order lines: one column, a product or a difference of two, less refunds.

use crm_numbers::{Amount, Decimal, ReadAmountError};
use crm_tables::{Column, CommaDoubt, DecimalMark, NumberReader, Row, Table};

use super::{AMOUNT_NAMES, Refusal};
use crate::{Error, RefusalReason};

/// The columns that the amount of a row is made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum AmountSource {
    /// The column with a usual name, if there is one.
    Detected,
    /// The column with this name.
    Named(String),
    /// Quantity x unit price.
    Product(String, String),
    /// Debit - credit.
    Difference(String, String),
    /// No amounts.
    None,
}

/// A column of numbers, and what its cells say about their decimal mark.
struct NumberColumn {
    column: Column,
    name: String,
    reader: NumberReader,
}

/// The amounts of a table.
pub(super) struct Amounts {
    columns: Vec<NumberColumn>,
    refunds: Option<NumberColumn>,
    kind: Kind,
    minor_decimals: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    None,
    Plain,
    Product,
    Difference,
}

/// The amounts of a row.
pub(super) struct RowAmounts<A> {
    /// The amount; `None` if the table has none.
    pub(super) amount: Option<A>,
    /// Money paid back, not above zero; `None` if there is none.
    pub(super) refund: Option<A>,
}

impl Amounts {
    /// Finds the columns.
    pub(super) fn new(
        table: &Table<'_>,
        source: &AmountSource,
        refunds: Option<&str>,
        mark: Option<DecimalMark>,
        minor_decimals: u32,
    ) -> Result<Self, Error> {
        let number = |column: Column| NumberColumn {
            column,
            name: table.header(column).to_owned(),
            reader: NumberReader::new(mark, minor_decimals),
        };
        let named = |purpose, name: &String| table.column(purpose, Some(name), &[]).map(number);
        let (kind, columns) = match source {
            AmountSource::None => (Kind::None, Vec::new()),
            AmountSource::Detected => match table.column("amount", None, &AMOUNT_NAMES) {
                Ok(column) => (Kind::Plain, vec![number(column)]),
                Err(_) => (Kind::None, Vec::new()),
            },
            AmountSource::Named(name) => (Kind::Plain, vec![named("amount", name)?]),
            AmountSource::Product(quantity, price) => {
                (Kind::Product, vec![named("quantity", quantity)?, named("unit price", price)?])
            }
            AmountSource::Difference(debit, credit) => {
                (Kind::Difference, vec![named("debit", debit)?, named("credit", credit)?])
            }
        };
        let refunds = refunds.map(|name| named("refund", &name.to_owned())).transpose()?;
        if let (Kind::Product | Kind::Difference, [first, second]) = (kind, &columns[..]) {
            table.check_apart(("first factor or term", first.column), ("second", second.column))?;
        }
        Ok(Self { columns, refunds, kind, minor_decimals })
    }

    /// The columns that are read.
    pub(super) fn columns(&self) -> impl Iterator<Item = Column> + '_ {
        self.columns.iter().chain(&self.refunds).map(|number| number.column)
    }

    /// What the amount is, by the names of its columns; `None` without amounts.
    pub(super) fn description(&self) -> Option<String> {
        let names: Vec<&str> = self.columns.iter().map(|number| number.name.as_str()).collect();
        let amount = match self.kind {
            Kind::None => return None,
            Kind::Plain => names.concat(),
            Kind::Product => names.join(" x "),
            Kind::Difference => names.join(" - "),
        };
        Some(match &self.refunds {
            Some(refunds) => format!("{amount}, less {}", refunds.name),
            None => amount,
        })
    }

    /// The name of the one column that is the amount as it stands.
    pub(super) fn plain_name(&self) -> Option<&str> {
        (self.kind == Kind::Plain).then(|| self.columns.first()).flatten().map(|number| number.name.as_str())
    }

    /// Whether rows have amounts.
    pub(super) fn is_known(&self) -> bool {
        self.kind != Kind::None
    }

    pub(super) fn read<A: Amount>(&mut self, row: &Row<'_>) -> Result<RowAmounts<A>, Refusal> {
        let minor_decimals = self.minor_decimals;
        let exact = |value: Option<Decimal>, text: &str| {
            let refuse = |error| Refusal::new(RefusalReason::Amount(error), text);
            let value = value.ok_or_else(|| refuse(ReadAmountError::TooLong))?;
            A::read(&value.to_string(), minor_decimals).map_err(refuse)
        };
        let amount = match (self.kind, &mut self.columns[..]) {
            (Kind::Plain, [number]) => Some(number.read(row)?.0),
            (Kind::Product, [quantity, price]) => {
                let (quantity, text) = quantity.read::<Decimal>(row)?;
                let (price, _) = price.read::<Decimal>(row)?;
                Some(exact(quantity.checked_mul(price), &text)?)
            }
            (Kind::Difference, [debit, credit]) => {
                let (debit, credit) = (debit.read_or_empty(row)?, credit.read_or_empty(row)?);
                if debit.is_none() && credit.is_none() {
                    return Err(Refusal::new(RefusalReason::Amount(ReadAmountError::NotANumber), ""));
                }
                let (debit, credit) = (debit.unwrap_or_default(), credit.unwrap_or_default());
                Some(exact(debit.checked_sub(credit), "debit - credit")?)
            }
            _ => None,
        };
        let refund = match &mut self.refunds {
            None => None,
            Some(refunds) => match refunds.read_or_empty(row)? {
                Some(refund) if !refund.is_zero() => Some(exact(Some(-refund.abs()), "refund")?),
                _ => None,
            },
        };
        Ok(RowAmounts { amount, refund })
    }

    /// Evidence of decimal commas, column by column.
    pub(super) fn doubts(&self) -> impl Iterator<Item = (CommaDoubt, &str)> {
        let columns = self.columns.iter().chain(&self.refunds);
        columns.filter_map(|number| Some((number.reader.doubt()?, number.name.as_str())))
    }
}

impl NumberColumn {
    fn read<'r, A: Amount>(&mut self, row: &Row<'r>) -> Result<(A, std::borrow::Cow<'r, str>), Refusal> {
        let text = row.text(self.column)?;
        match self.reader.read(&text, row.line()) {
            Ok(amount) => Ok((amount, text)),
            Err(error) => Err(Refusal::new(RefusalReason::Amount(error), &text)),
        }
    }

    /// The number of a cell that may be empty.
    fn read_or_empty(&mut self, row: &Row<'_>) -> Result<Option<Decimal>, Refusal> {
        match row.text(self.column)?.is_empty() {
            true => Ok(None),
            false => Ok(Some(self.read(row)?.0)),
        }
    }
}
