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
    columns: AmountColumns,
    refunds: Option<NumberColumn>,
    minor_decimals: u32,
}

enum AmountColumns {
    None,
    Plain(NumberColumn),
    /// Quantity and unit price.
    Product([NumberColumn; 2]),
    /// Debit and credit.
    Difference([NumberColumn; 2]),
}

impl AmountColumns {
    fn all(&self) -> &[NumberColumn] {
        match self {
            Self::None => &[],
            Self::Plain(number) => std::slice::from_ref(number),
            Self::Product(pair) | Self::Difference(pair) => pair,
        }
    }
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
        let named = |purpose, name: &str| table.column(purpose, Some(name), &[]);
        let pair = |[first, second]: [(&'static str, &str); 2]| {
            let (one, other) = (named(first.0, first.1)?, named(second.0, second.1)?);
            table.check_apart((first.0, one), (second.0, other))?;
            Ok::<_, Error>([number(one), number(other)])
        };
        let columns = match source {
            AmountSource::None => AmountColumns::None,
            AmountSource::Detected => match table.column("amount", None, &AMOUNT_NAMES) {
                Ok(column) => AmountColumns::Plain(number(column)),
                Err(_) => AmountColumns::None,
            },
            AmountSource::Named(name) => AmountColumns::Plain(number(named("amount", name)?)),
            AmountSource::Product(quantity, price) => {
                AmountColumns::Product(pair([("quantity", quantity), ("unit price", price)])?)
            }
            AmountSource::Difference(debit, credit) => {
                AmountColumns::Difference(pair([("debit", debit), ("credit", credit)])?)
            }
        };
        let refunds = refunds.map(|name| named("refund", name).map(number)).transpose()?;
        Ok(Self { columns, refunds, minor_decimals })
    }

    /// The columns that are read.
    pub(super) fn columns(&self) -> impl Iterator<Item = Column> + '_ {
        self.columns.all().iter().chain(&self.refunds).map(|number| number.column)
    }

    /// What the amount is, by the names of its columns; `None` without amounts.
    pub(super) fn description(&self) -> Option<String> {
        let amount = match &self.columns {
            AmountColumns::None => return None,
            AmountColumns::Plain(number) => number.name.clone(),
            AmountColumns::Product([quantity, price]) => format!("{} x {}", quantity.name, price.name),
            AmountColumns::Difference([debit, credit]) => format!("{} - {}", debit.name, credit.name),
        };
        Some(match &self.refunds {
            Some(refunds) => format!("{amount}, less {}", refunds.name),
            None => amount,
        })
    }

    /// The name of the one column that is the amount as it stands.
    pub(super) fn plain_name(&self) -> Option<&str> {
        match &self.columns {
            AmountColumns::Plain(number) => Some(&number.name),
            _ => None,
        }
    }

    /// Whether rows have amounts.
    pub(super) fn is_known(&self) -> bool {
        !matches!(self.columns, AmountColumns::None)
    }

    pub(super) fn read<A: Amount>(&mut self, row: &Row<'_>) -> Result<RowAmounts<A>, Refusal> {
        let minor_decimals = self.minor_decimals;
        let exact = |value: Option<Decimal>, text: &str| {
            let refuse = |error| Refusal::new(RefusalReason::Amount(error), text);
            let value = value.ok_or_else(|| refuse(ReadAmountError::TooLong))?;
            A::read(&value.to_string(), minor_decimals).map_err(refuse)
        };
        let amount = match &mut self.columns {
            AmountColumns::None => None,
            AmountColumns::Plain(number) => Some(number.read(row)?.0),
            AmountColumns::Product([quantity, price]) => {
                let (quantity, text) = quantity.read::<Decimal>(row)?;
                let (price, _) = price.read::<Decimal>(row)?;
                Some(exact(quantity.checked_mul(price), &text)?)
            }
            AmountColumns::Difference([debit, credit]) => {
                let (debit, credit) = (debit.read_or_empty(row)?, credit.read_or_empty(row)?);
                if debit.is_none() && credit.is_none() {
                    return Err(Refusal::new(RefusalReason::Amount(ReadAmountError::NotANumber), ""));
                }
                let (debit, credit) = (debit.unwrap_or_default(), credit.unwrap_or_default());
                Some(exact(debit.checked_sub(credit), "debit - credit")?)
            }
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
        let columns = self.columns.all().iter().chain(&self.refunds);
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
