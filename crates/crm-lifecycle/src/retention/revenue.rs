use std::fmt;

use crm_history::Decimal;
use crm_numbers::check;

use super::sum;
use crate::error::Error;

/// The movements of recurring revenue from the start of a period to its end; none of them is
/// negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Movements {
    /// Revenue at the start, in currency units.
    pub opening: Decimal,
    /// Increase from customers who stayed.
    pub expansion: Decimal,
    /// Decrease from customers who stayed.
    pub contraction: Decimal,
    /// Revenue at the start from customers who were lost.
    pub loss: Decimal,
    /// Revenue from new customers.
    pub new: Decimal,
    /// Revenue from customers who had left and came back; they are not new.
    #[cfg_attr(feature = "serde", serde(default))]
    pub returned: Decimal,
}

/// Gross and net revenue retention (GRR and NRR), decomposed without a remainder.
///
/// ```text
/// kept    = opening - contraction - loss        GRR = kept / opening, at most 1
/// grown   = kept + expansion                    NRR = grown / opening = 1 + (expansion - contraction - loss) / opening
/// closing = grown + new + returned
/// ```
///
/// Amounts are exact: a sum that would have to be rounded is refused. The two rates are one
/// division each, to 28 digits.
///
/// # Examples
///
/// ```
/// use crm_history::Decimal;
/// use crm_lifecycle::retention::{Movements, Revenue};
///
/// let movements = Movements {
///     opening: Decimal::from(1_000),
///     expansion: Decimal::from(150),
///     contraction: Decimal::from(40),
///     loss: Decimal::from(60),
///     new: Decimal::from(200),
///     ..Movements::default()
/// };
/// let year = Revenue::new(movements)?;
/// assert_eq!(year.gross_retention(), Some(Decimal::new(90, 2)));
/// assert_eq!(year.net_retention(), Some(Decimal::new(105, 2)));
/// assert_eq!(year.closing(), Decimal::from(1_250));
/// // Who starts from nothing has no rate.
/// assert_eq!(Revenue::new(Movements::default())?.net_retention(), None);
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Movements", into = "Movements"))]
pub struct Revenue {
    movements: Movements,
    kept: Decimal,
    grown: Decimal,
    closing: Decimal,
}

impl Revenue {
    /// Creates the statement of some movements.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a negative amount, for contraction and loss above the revenue at the
    /// start, or for sums beyond 28 digits.
    pub fn new(movements: Movements) -> Result<Self, Error> {
        let Movements { opening, expansion, contraction, loss, new, returned } = movements;
        let named = [
            ("opening", opening),
            ("expansion", expansion),
            ("contraction", contraction),
            ("loss", loss),
            ("new", new),
            ("returned", returned),
        ];
        for (field, amount) in named {
            check::range(field, amount, Decimal::ZERO..)?;
        }
        let less = sum("contraction and loss", contraction, loss)?;
        check::range("contraction and loss", less, ..=opening)?;
        let kept = sum("revenue kept", opening, -less)?;
        let grown = sum("revenue kept and grown", kept, expansion)?;
        let closing = sum("closing revenue", sum("closing revenue", grown, new)?, returned)?;
        Ok(Self { movements, kept, grown, closing })
    }

    /// Returns the movements.
    #[must_use]
    pub fn movements(self) -> Movements {
        self.movements
    }

    /// Returns the revenue at the start less contraction and loss.
    #[must_use]
    pub fn kept(self) -> Decimal {
        self.kept
    }

    /// Returns the revenue at the end from the customers of the start: [`kept`](Self::kept) plus
    /// expansion.
    #[must_use]
    pub fn grown(self) -> Decimal {
        self.grown
    }

    /// Returns the revenue at the end, including new and returned customers.
    #[must_use]
    pub fn closing(self) -> Decimal {
        self.closing
    }

    /// Returns the gross revenue retention (GRR): the share of the revenue at the start that is
    /// left, without growth; from 0 to 1. `None` without revenue at the start.
    #[must_use]
    pub fn gross_retention(self) -> Option<Decimal> {
        self.kept.checked_div(self.movements.opening)
    }

    /// Returns the net revenue retention (NRR): the revenue at the end from the customers of the
    /// start, as a share of their revenue at the start; above 1 if growth exceeds all losses.
    /// `None` without revenue at the start, or if the growth from a tiny revenue has more than 28
    /// digits.
    #[must_use]
    pub fn net_retention(self) -> Option<Decimal> {
        self.grown.checked_div(self.movements.opening)
    }
}

impl TryFrom<Movements> for Revenue {
    type Error = Error;

    fn try_from(movements: Movements) -> Result<Self, Error> {
        Self::new(movements)
    }
}

impl From<Revenue> for Movements {
    fn from(revenue: Revenue) -> Self {
        revenue.movements
    }
}

impl fmt::Display for Revenue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Movements { opening, expansion, contraction, loss, new, returned } = self.movements;
        let percent = |rate: Option<Decimal>| match rate {
            Some(rate) => format!("{:.1} %", rate.saturating_mul(Decimal::ONE_HUNDRED)),
            None => "none".to_owned(),
        };
        write!(f, "{opening} + {expansion} - {contraction} - {loss} + {new}")?;
        if !returned.is_zero() {
            write!(f, " + {returned} back")?;
        }
        write!(f, " = {}", self.closing)?;
        let (gross, net) = (percent(self.gross_retention()), percent(self.net_retention()));
        write!(f, ", GRR {gross}, NRR {net}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(movements: Movements) -> String {
        Revenue::new(movements).unwrap_err().to_string()
    }

    #[test]
    fn impossible_movements_are_refused_by_name() {
        let ten = Movements { opening: Decimal::TEN, ..Movements::default() };
        assert_eq!(
            text(Movements { expansion: Decimal::NEGATIVE_ONE, ..ten }),
            "expansion must be at least 0, got -1"
        );
        assert_eq!(
            text(Movements { loss: Decimal::from(6), contraction: Decimal::from(5), ..ten }),
            "contraction and loss must be at most 10, got 11"
        );
        let large = Movements { opening: Decimal::MAX, new: Decimal::new(1, 1), ..Movements::default() };
        assert_eq!(
            text(large),
            "closing revenue, about 7.922816251426434e28, is too large or too fine for its type"
        );
    }

    #[test]
    fn reads_as_a_statement() {
        let movements = Movements { opening: Decimal::TEN, loss: Decimal::ONE, ..Movements::default() };
        let revenue = Revenue::new(movements).unwrap();
        assert_eq!(revenue.to_string(), "10 + 0 - 0 - 1 + 0 = 9, GRR 90.0 %, NRR 90.0 %");
        let empty = Revenue::default();
        assert_eq!(empty.to_string(), "0 + 0 - 0 - 0 + 0 = 0, GRR none, NRR none");
        assert_eq!(empty, Revenue::new(Movements::default()).unwrap());
    }
}
