//! Statements: a result with the terms of its formula.

use std::borrow::Cow;
use std::fmt;

use crm_numbers::{Decimal, text};

/// The effect of a term on the terms above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Adds the amount.
    Plus,
    /// Subtracts the amount.
    Minus,
    /// Multiplies by the amount.
    Times,
    /// Divides by the amount.
    Over,
    /// Shows an input, or a figure derived from the terms above.
    Note,
}

crm_numbers::names! {
    Operation, "operation" {
        Plus = "plus",
        Minus = "minus",
        Times = "times",
        Over = "over",
        Note = "note",
    }
}

impl Operation {
    fn sign(self) -> char {
        match self {
            Self::Plus => '+',
            Self::Minus => '-',
            Self::Times => 'x',
            Self::Over => '/',
            Self::Note => ' ',
        }
    }
}

/// One named figure of a [`Breakdown`].
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct BreakdownTerm {
    /// Name of the figure.
    pub name: Cow<'static, str>,
    /// Effect on the terms above.
    pub operation: Operation,
    /// The figure; `None` if it is missing, which is not zero.
    pub amount: Option<Decimal>,
}

crm_numbers::debug!(BreakdownTerm { name, operation, amount });

/// A result with its named terms, which `Display` prints as a short statement.
///
/// The figures are exact; the statement shows at most four decimals, or the precision of the format
/// (`{:.2}`).
///
/// # Examples
///
/// ```
/// use crm_value::RelationshipCost;
/// use crm_value::Decimal;
///
/// let cost = RelationshipCost {
///     marketing: 120.into(),
///     sales: 80.into(),
///     service: Decimal::new(4_550, 2).try_into()?,
/// };
/// assert_eq!(
///     cost.breakdown()?.to_string(),
///     "cost of relationship\n  marketing    120\n+ sales         80\n+ service    45.50\n= cost      245.50"
/// );
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Breakdown {
    title: Cow<'static, str>,
    terms: Vec<BreakdownTerm>,
    result: BreakdownTerm,
}

impl Breakdown {
    pub(crate) fn of(title: impl Into<Cow<'static, str>>) -> Builder {
        Builder { title: title.into(), terms: Vec::new() }
    }

    /// Returns the title of the statement.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Returns the terms, in the order of the formula.
    #[must_use]
    pub fn terms(&self) -> &[BreakdownTerm] {
        &self.terms
    }

    /// Returns the figure of that name among the terms and the result; `None` also if it is
    /// missing.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Decimal> {
        self.terms.iter().chain([&self.result]).find(|term| term.name == name)?.amount
    }

    /// Returns the result; `None` if all terms are missing.
    #[must_use]
    pub fn result(&self) -> Option<Decimal> {
        self.result.amount
    }
}

impl fmt::Display for Breakdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = || self.terms.iter().chain([&self.result]);
        let shown: Vec<String> = lines().map(|term| readable(term.amount, f.precision())).collect();
        let names = lines().map(|term| term.name.chars().count()).max().unwrap_or(0);
        let widest = shown.iter().map(String::len).max().unwrap_or(0);
        f.write_str(&self.title)?;
        for (index, (term, amount)) in lines().zip(shown).enumerate() {
            let sign = match index {
                0 => ' ',
                last if last == self.terms.len() => '=',
                _ => term.operation.sign(),
            };
            write!(f, "\n{sign} {:names$} {amount:>widest$}", term.name)?;
        }
        Ok(())
    }
}

/// At most four decimals, and two where there are any.
fn readable(amount: Option<Decimal>, decimals: Option<usize>) -> String {
    let Some(amount) = amount else { return "missing".to_owned() };
    if decimals.is_some() {
        return text::decimal(amount, decimals);
    }
    let rounded = amount.round_dp(4).normalize();
    if rounded.is_zero() {
        "0".to_owned()
    } else if rounded.scale() == 1 {
        text::decimal(rounded, Some(2))
    } else {
        rounded.to_string()
    }
}

/// Terms on their way to a breakdown.
pub(crate) struct Builder {
    title: Cow<'static, str>,
    terms: Vec<BreakdownTerm>,
}

impl Builder {
    pub(crate) fn term(
        mut self,
        operation: Operation,
        name: impl Into<Cow<'static, str>>,
        amount: impl Into<Option<Decimal>>,
    ) -> Self {
        self.terms.push(BreakdownTerm { name: name.into(), operation, amount: amount.into() });
        self
    }

    pub(crate) fn plus(self, name: impl Into<Cow<'static, str>>, amount: impl Into<Option<Decimal>>) -> Self {
        self.term(Operation::Plus, name, amount)
    }

    pub(crate) fn minus(self, name: &'static str, amount: Decimal) -> Self {
        self.term(Operation::Minus, name, amount)
    }

    pub(crate) fn times(self, name: &'static str, amount: impl Into<Decimal>) -> Self {
        self.term(Operation::Times, name, amount.into())
    }

    pub(crate) fn over(self, name: &'static str, amount: Decimal) -> Self {
        self.term(Operation::Over, name, amount)
    }

    pub(crate) fn note(self, name: &'static str, amount: impl Into<Decimal>) -> Self {
        self.term(Operation::Note, name, amount.into())
    }

    pub(crate) fn equals(self, name: &'static str, amount: impl Into<Option<Decimal>>) -> Breakdown {
        let result = BreakdownTerm { name: name.into(), operation: Operation::Note, amount: amount.into() };
        Breakdown { title: self.title, terms: self.terms, result }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_what_is_missing_says_so() {
        let show = |text: &str| readable(Some(text.parse().unwrap()), None);
        assert_eq!(
            ["840.0000", "45.5", "1.2219959", "-0.00001", "0.125"].map(show),
            ["840", "45.50", "1.222", "0", "0.125"]
        );
        let parts = Breakdown::of("sum").plus("a", Decimal::ONE).plus("b", None).equals("c", Decimal::ONE);
        assert_eq!(parts.to_string(), "sum\n  a       1\n+ b missing\n= c       1");
        assert_eq!(format!("{parts:.2}"), "sum\n  a    1.00\n+ b missing\n= c    1.00");
        assert_eq!((parts.get("a"), parts.get("b"), parts.get("z")), (Some(Decimal::ONE), None, None));
        assert_eq!((parts.get("c"), parts.result()), (Some(Decimal::ONE), Some(Decimal::ONE)));
        assert_eq!(Breakdown::of("sum").plus("b", None).equals("c", None).result(), None);
    }
}
