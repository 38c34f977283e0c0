use crm_numbers::{Share, check};
use crm_statistics::{Direction, Ties, ranks};
use rust_decimal::Decimal;

use crate::column::top_floor;
use crate::exact::sum_of_products;
use crate::{Assignments, Error};

/// Revenue and cost of a large customer, in currency units.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct AccountValue {
    /// Revenue.
    pub revenue: Decimal,
    /// Margin before what follows.
    pub margin: Decimal,
    /// Cost to serve the customer: visits, small orders, returns, credit.
    pub cost_to_serve: Decimal,
    /// Margin that the capacity used by the customer would have earned elsewhere.
    pub displaced: Decimal,
}

crm_numbers::debug!(AccountValue { revenue, margin, cost_to_serve, displaced });

/// False key accounts 伪大客户: large by revenue, small or negative after cost to serve and displaced
/// capacity.
///
/// `contribution = margin - cost to serve - displaced`, exact. The definition, the same as that of
/// `large_but_poor` in crm-value:
///
/// * **Large** is an account in the top share by revenue, 20 % by default. The number of accounts
///   is rounded up, and all that are tied with the last one are in.
/// * **Poor** is an account with a negative contribution or one in the lower half by contribution:
///   at least as many accounts have a higher contribution as have a lower or equal one.
/// * A large account is a key account, or a false one if it is poor. An account in the top share by
///   a positive contribution that is not large is a hidden key account.
///
/// # Examples
///
/// ```
/// use crm_segmentation::Share;
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
/// let found = KeyAccounts::new(Share::percent(50)?)?.judge(&accounts)?;
/// assert_eq!(found.groups().name(0), Some("false key account"));
/// assert_eq!(found.groups().name(1), Some("key account"));
/// // First by revenue, last by contribution: three places.
/// assert_eq!((found.gaps()[0].contribution, found.gaps()[0].gap), (Decimal::from(-30), 3.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Share", into = "Share"))]
pub struct KeyAccounts {
    top: Share,
}

/// One customer ranked both ways.
#[derive(Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct AccountGap {
    /// Margin less cost to serve and displaced margin, in currency units.
    pub contribution: Decimal,
    /// The rank by revenue, 1 is the largest; ties share a mean rank.
    pub by_revenue: f64,
    /// The rank by contribution.
    pub by_contribution: f64,
    /// Number of ranks that the customer falls: positive if its contribution ranks lower than its
    /// revenue.
    pub gap: f64,
}

crm_numbers::debug!(AccountGap { contribution, by_revenue, by_contribution, gap });

/// Key accounts, true and false.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedAccounts {
    gaps: Vec<AccountGap>,
    groups: Assignments,
}

impl KeyAccounts {
    /// Creates the rule with the share of accounts that are large.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a share of 0.
    pub fn new(top: Share) -> Result<Self, Error> {
        check::range("share of large accounts", top.get(), check::above(Decimal::ZERO))?;
        Ok(Self { top })
    }

    /// Ranks all accounts both ways and groups them.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without accounts, for a contribution beyond the largest `Decimal`.
    pub fn judge(&self, accounts: &[AccountValue]) -> Result<JudgedAccounts, Error> {
        check::not_empty("accounts", accounts)?;
        let contribution = |account: &AccountValue| {
            let (plus, minus) = (Decimal::ONE, Decimal::NEGATIVE_ONE);
            sum_of_products(
                "contribution",
                &[(account.margin, plus), (account.cost_to_serve, minus), (account.displaced, minus)],
            )
        };
        let left: Vec<Decimal> = accounts.iter().map(contribution).collect::<Result<_, _>>()?;
        let revenue: Vec<Decimal> = accounts.iter().map(|account| account.revenue).collect();
        let ranked =
            |amounts: &[Decimal]| ranks(amounts, Ties::Average, Direction::Descending).map_err(Error::from);
        let places = ranked(&revenue)?.into_iter().zip(ranked(&left)?);
        let gap = |(contribution, (by_revenue, by_contribution)): (&Decimal, (f64, f64))| AccountGap {
            contribution: *contribution,
            by_revenue,
            by_contribution,
            gap: by_contribution - by_revenue,
        };
        let gaps = left.iter().zip(places).map(gap).collect();
        let higher = ranks(&left, Ties::Min, Direction::Descending)?;
        let half = accounts.len() as f64 / 2.0;
        let (large, rich) = (top_floor(&revenue, self.top), top_floor(&left, self.top));
        let reaches = |amount: Decimal, floor: Option<Decimal>| floor.is_some_and(|floor| amount >= floor);
        // The best rank of tied accounts is one more than the number of accounts with a higher
        // contribution.
        let rule = |((revenue, left), rank): ((&Decimal, &Decimal), f64)| match reaches(*revenue, large) {
            true if *left < Decimal::ZERO => 2,
            true if rank - 1.0 >= half => 1,
            true => 0,
            false if *left > Decimal::ZERO && reaches(*left, rich) => 3,
            false => 4,
        };
        let why = revenue.iter().zip(&left).zip(higher).map(rule).collect();
        let rules = vec![
            (0, "large by revenue, not poor by contribution".to_owned()),
            (1, "large by revenue, in the lower half by contribution".to_owned()),
            (1, "large by revenue, and costs more than it earns".to_owned()),
            (2, "large by contribution, not by revenue".to_owned()),
            (3, "not large".to_owned()),
        ];
        let names = ["key account", "false key account", "hidden key account", "other"];
        Ok(JudgedAccounts { gaps, groups: Assignments::by_rule(names, rules, why) })
    }
}

/// The top 20 % by revenue are large.
impl Default for KeyAccounts {
    fn default() -> Self {
        Self { top: Share::percent(20).unwrap_or(Share::ONE) }
    }
}

impl TryFrom<Share> for KeyAccounts {
    type Error = Error;

    fn try_from(top: Share) -> Result<Self, Error> {
        Self::new(top)
    }
}

impl From<KeyAccounts> for Share {
    fn from(accounts: KeyAccounts) -> Self {
        accounts.top
    }
}

impl JudgedAccounts {
    /// Returns both ranks of each customer.
    #[must_use]
    pub fn gaps(&self) -> &[AccountGap] {
        &self.gaps
    }

    /// Returns the group of each customer: key account, false, hidden or other.
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
            .judge(&[account(900, 90, 89), account(50, 45, 0), account(50, 2, 0), account(9, 0, 0)])
            .unwrap();
        assert_eq!(
            found.groups().to_string(),
            "key account: 0, false key account: 1, hidden key account: 1, other: 2"
        );
        assert_eq!(found.groups().reason(0), Some("large by revenue, in the lower half by contribution"));
        // Second of four by contribution: large, and not poor.
        let found = KeyAccounts::default()
            .judge(&[account(900, 90, 80), account(50, 45, 0), account(50, 2, 0), account(9, 0, 0)])
            .unwrap();
        assert_eq!(found.groups().name(0), Some("key account"));
        assert!((found.gaps()[1].by_revenue - 2.5).abs() < 1e-12);
        assert_eq!(KeyAccounts::default().judge(&[]).unwrap_err().to_string(), "accounts must not be empty");
        // All accounts tied with the last of the top are large, in whatever order they stand.
        let tied = KeyAccounts::default()
            .judge(&[account(50, 9, 0), account(50, -1, 0), account(50, 1, 0), account(1, 0, 0)])
            .unwrap();
        assert_eq!(tied.groups().codes(), [0, 1, 0, 3]);
        let losses = KeyAccounts::default().judge(&[account(1, -1, 0), account(0, -2, 0)]).unwrap();
        assert_eq!(losses.groups().codes(), [1, 3]);
        // No digit of the three terms is lost.
        let wide = AccountValue {
            margin: Decimal::MAX,
            cost_to_serve: Decimal::MAX,
            displaced: Decimal::new(1, 28),
            ..account(1, 1, 0)
        };
        let gap = KeyAccounts::default().judge(&[wide]).unwrap().gaps()[0];
        assert_eq!(gap.contribution, Decimal::new(-1, 28));
        let refused =
            KeyAccounts::default().judge(&[AccountValue { displaced: Decimal::MIN, ..account(1, 1, 0) }]);
        assert!(refused.unwrap_err().to_string().starts_with("contribution, about "));
    }
}
