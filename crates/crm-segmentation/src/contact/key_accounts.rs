use crm_statistics::{Direction, Ties, ranks};
use rust_decimal::Decimal;

use crate::{Assignments, Error, abc};

/// What a large customer brings and takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AccountValue {
    /// Revenue.
    pub revenue: Decimal,
    /// Margin before what follows.
    pub margin: Decimal,
    /// What serving this customer costs: visits, small orders, returns, credit.
    pub cost_to_serve: Decimal,
    /// What the capacity that this customer takes would have earned elsewhere.
    pub displaced: Decimal,
}

/// False key accounts 伪大客户: large by revenue, small or negative after cost to serve and displaced capacity.
///
/// `contribution = margin - cost to serve - displaced`. Large means class A of the ABC scheme, by revenue and by
/// contribution: who is large by both is a key account, by revenue alone a false one, by contribution alone a hidden one.
///
/// ```
/// use crm_segmentation::contact::{AccountValue, KeyAccounts};
/// use rust_decimal::Decimal;
///
/// let account = |revenue: i64, margin: i64, cost: i64| AccountValue {
///     revenue: revenue.into(),
///     margin: margin.into(),
///     cost_to_serve: cost.into(),
///     displaced: Decimal::ZERO,
/// };
/// let accounts = [account(900, 200, 230), account(500, 200, 20), account(80, 60, 5), account(20, 4, 1)];
/// let found = KeyAccounts::default().judge(&accounts)?;
/// assert_eq!(found.groups().name(0), Some("false key account"));
/// assert_eq!(found.groups().name(1), Some("key account"));
/// // First by revenue, last by contribution: three places.
/// assert_eq!((found.gaps()[0].contribution, found.gaps()[0].gap), (Decimal::from(-30), 3.0));
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct KeyAccounts {
    large: abc::Scheme,
}

/// One customer ranked both ways.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Gap {
    /// What is left of the margin.
    pub contribution: Decimal,
    /// The rank by revenue, 1 is the largest; ties share a mean rank.
    pub by_revenue: f64,
    /// The rank by contribution.
    pub by_contribution: f64,
    /// How many places the customer falls: positive for those who look better than they are.
    pub gap: f64,
}

/// Key accounts, true and false.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedAccounts {
    gaps: Vec<Gap>,
    groups: Assignments,
}

impl KeyAccounts {
    /// The ABC scheme whose best class is large.
    #[must_use]
    pub fn new(large: abc::Scheme) -> Self {
        Self { large }
    }

    /// Ranks everybody both ways.
    ///
    /// # Errors
    /// [`Error::Empty`] without accounts, [`Error::Overflow`] for a contribution beyond the largest `Decimal`.
    pub fn judge(&self, accounts: &[AccountValue]) -> Result<JudgedAccounts, Error> {
        if accounts.is_empty() {
            return Err(Error::Empty { field: "accounts" });
        }
        let contribution = |account: &AccountValue| {
            let left = account.margin.checked_sub(account.cost_to_serve)?;
            left.checked_sub(account.displaced)
        };
        let overflow =
            || Error::Overflow { field: "contribution", value: format!("beyond {}", Decimal::MAX) };
        let left: Vec<Decimal> = accounts
            .iter()
            .map(|account| contribution(account).ok_or_else(overflow))
            .collect::<Result<_, _>>()?;
        let revenue: Vec<Decimal> = accounts.iter().map(|account| account.revenue).collect();
        let ranked = |amounts: &[Decimal]| {
            ranks(amounts, Ties::Average, Direction::Descending).map_err(Error::of_unit)
        };
        let places = ranked(&revenue)?.into_iter().zip(ranked(&left)?);
        let gap = |(contribution, (by_revenue, by_contribution)): (&Decimal, (f64, f64))| Gap {
            contribution: *contribution,
            by_revenue,
            by_contribution,
            gap: by_contribution - by_revenue,
        };
        let gaps = left.iter().zip(places).map(gap).collect();
        let large = |amounts: &[Decimal]| self.large.fit(amounts)?.assign(amounts);
        let (by_revenue, by_left) = (large(&revenue)?, large(&left)?);
        let pairs = by_revenue.codes().iter().zip(by_left.codes()).zip(&left);
        let rule = |((revenue, contribution), left): ((&u8, &u8), &Decimal)| match (*revenue, *contribution) {
            (0, 0) => 0,
            (0, _) if *left > Decimal::ZERO => 1,
            (0, _) => 2,
            (_, 0) => 3,
            _ => 4,
        };
        let why = pairs.map(rule).collect();
        let rules = vec![
            (0, "large by revenue and by contribution".to_owned()),
            (1, "large by revenue, small by contribution".to_owned()),
            (1, "large by revenue, and costs more than it earns".to_owned()),
            (2, "large by contribution, not by revenue".to_owned()),
            (3, "not large".to_owned()),
        ];
        let names = ["key account", "false key account", "hidden key account", "other"];
        Ok(JudgedAccounts { gaps, groups: Assignments::by_rule(names, rules, why) })
    }
}

impl JudgedAccounts {
    /// Everybody ranked both ways.
    #[must_use]
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// Key account, false, hidden or other.
    #[must_use]
    pub fn groups(&self) -> &Assignments {
        &self.groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_ones_are_found_too() {
        let account = |revenue: i64, margin: i64, displaced: i64| AccountValue {
            revenue: revenue.into(),
            margin: margin.into(),
            cost_to_serve: Decimal::ZERO,
            displaced: displaced.into(),
        };
        let found = KeyAccounts::default()
            .judge(&[account(900, 90, 80), account(50, 45, 0), account(50, 1, 0)])
            .unwrap();
        assert_eq!(
            found.groups().to_string(),
            "key account: 0, false key account: 1, hidden key account: 1, other: 1"
        );
        assert_eq!(found.groups().reason(0), Some("large by revenue, small by contribution"));
        assert!((found.gaps()[1].by_revenue - 2.5).abs() < 1e-12);
        assert_eq!(
            KeyAccounts::default().judge(&[]).unwrap_err().to_string(),
            "accounts must hold at least one value, got 0"
        );
        let refused =
            KeyAccounts::default().judge(&[AccountValue { displaced: Decimal::MIN, ..account(1, 1, 0) }]);
        assert!(refused.unwrap_err().to_string().starts_with("the sum of contribution"));
    }
}
