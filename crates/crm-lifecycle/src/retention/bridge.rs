use std::fmt;

use crm_history::Decimal;
use crm_numbers::{Amount as _, OverflowError, RangeError, check};
use rust_decimal::RoundingStrategy::MidpointAwayFromZero;

use super::sum;
use crate::error::Error;

/// The activity of a cohort, a segment or a shop in one period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Activity {
    /// Number of customers who ordered.
    pub customers: u64,
    /// Number of their orders.
    pub orders: u64,
    /// Revenue of these orders, in currency units.
    pub revenue: Decimal,
    /// Profit, in currency units; the revenue itself if margins are not known. May be negative.
    pub profit: Decimal,
}

/// The change in profit of one cohort from one period to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct BridgeRow {
    /// Name of the cohort.
    pub name: String,
    /// Profit before the change.
    pub before: Decimal,
    /// Effect of more or fewer customers.
    pub customers: Decimal,
    /// Effect of more or fewer orders per customer.
    pub frequency: Decimal,
    /// Effect of larger or smaller orders.
    pub value: Decimal,
    /// Effect of a higher or lower margin.
    pub margin: Decimal,
    /// Profit after the change: the sum of the profit before and the four effects.
    pub after: Decimal,
}

/// A profit bridge: the effects of customers, frequency, order value and margin on the profit, by
/// cohort, without a remainder.
///
/// # Formula
///
/// `profit = N f v m`: customers x orders per customer x revenue per order x profit per revenue.
/// The four factors are substituted one after the other, in this order (chain substitution, 连环替代法):
///
/// ```text
/// P0 = N0 f0 v0 m0
/// P1 = N1 f0 v0 m0 = P0 N1 / N0       customers = P1 - P0
/// P2 = N1 f1 v0 m0 = P0 O1 / O0       frequency = P2 - P1     (O = N f, orders)
/// P3 = N1 f1 v1 m0 = P0 R1 / R0       value     = P3 - P2     (R = O v, revenue)
/// P4 = N1 f1 v1 m1                    margin    = P4 - P3
/// ```
///
/// P1, P2 and P3 are rounded to the number of decimal places that the caller gives, half away from
/// zero; the effects are differences of these, so that `before + customers + frequency + value +
/// margin = after` exactly. Another order of the factors gives other effects. A cohort without
/// customers before, or after, is an effect of customers alone; if the revenue before was zero, the
/// value effect includes the margin effect, which cannot be separated.
///
/// # Examples
///
/// ```
/// use crm_history::Decimal;
/// use crm_lifecycle::retention::{Activity, Bridge};
///
/// let activity = |customers, orders, revenue: i64, profit: i64| Activity {
///     customers,
///     orders,
///     revenue: revenue.into(),
///     profit: profit.into(),
/// };
/// // 10 customers x 2 orders x 50 x 40 % = 400; then 12 x 2.5 x 40 x 50 % = 600.
/// let bridge = Bridge::new([("all", activity(10, 20, 1_000, 400), activity(12, 30, 1_200, 600))], 2)?;
/// let row = &bridge.rows()[0];
/// // 400 x 12/10 = 480; 400 x 30/20 = 600; 400 x 1200/1000 = 480; 600.
/// assert_eq!([row.customers, row.frequency, row.value, row.margin].map(|effect| effect.to_string()),
///     ["80", "120", "-120", "120"]);
/// assert_eq!(bridge.total().after, Decimal::from(600));
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Bridge {
    rows: Vec<BridgeRow>,
    total: BridgeRow,
}

crm_numbers::gate!(Bridge, Bridge::checked);

impl Bridge {
    /// Creates a bridge of named cohorts, each with its activity before and after.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without cohorts, for negative revenue, for customers without an order, for
    /// orders, revenue or profit without customers, for more than 28 decimal places, and for sums
    /// that a [`Decimal`] cannot hold.
    pub fn new<N: Into<String>>(
        cohorts: impl IntoIterator<Item = (N, Activity, Activity)>,
        places: u32,
    ) -> Result<Self, Error> {
        check::range("number of places", places, ..=Decimal::MAX_SCALE)?;
        let rows: Result<Vec<BridgeRow>, Error> = cohorts
            .into_iter()
            .map(|(name, before, after)| BridgeRow::of(name.into(), before, after, places))
            .collect();
        Self::from_rows(rows?)
    }

    fn from_rows(rows: Vec<BridgeRow>) -> Result<Self, Error> {
        check::not_empty("cohorts", &rows)?;
        let mut total = BridgeRow::empty("total".to_owned());
        for row in &rows {
            let pairs = [
                (&mut total.before, row.before),
                (&mut total.customers, row.customers),
                (&mut total.frequency, row.frequency),
                (&mut total.value, row.value),
                (&mut total.margin, row.margin),
                (&mut total.after, row.after),
            ];
            for (slot, amount) in pairs {
                *slot = sum("profit of all cohorts", *slot, amount)?;
            }
        }
        Ok(Self { rows, total })
    }

    /// Checks that every row and the total add up.
    #[cfg_attr(not(feature = "serde"), allow(dead_code, reason = "only reading needs the check"))]
    fn checked(self) -> Result<Self, Error> {
        for row in &self.rows {
            let parts = [row.customers, row.frequency, row.value, row.margin];
            let after = parts.into_iter().try_fold(row.before, |total, part| sum("profit", total, part))?;
            if after != row.after {
                return Err(Error::Inconsistent { kind: "bridge" });
            }
        }
        let again = Self::from_rows(self.rows.clone())?;
        if again.total == self.total { Ok(self) } else { Err(Error::Inconsistent { kind: "bridge" }) }
    }

    /// Returns the cohorts, in the order of the input.
    #[must_use]
    pub fn rows(&self) -> &[BridgeRow] {
        &self.rows
    }

    /// Returns all cohorts together.
    #[must_use]
    pub fn total(&self) -> &BridgeRow {
        &self.total
    }
}

impl BridgeRow {
    fn empty(name: String) -> Self {
        let zero = Decimal::ZERO;
        Self { name, before: zero, customers: zero, frequency: zero, value: zero, margin: zero, after: zero }
    }

    fn of(name: String, before: Activity, after: Activity, places: u32) -> Result<Self, Error> {
        check(before)?;
        check(after)?;
        let (start, end) = (before.profit, after.profit);
        let scaled = |now: Decimal, then: Decimal| -> Result<Decimal, Error> {
            let refused = || OverflowError::new("profit", start.to_f64() * now.to_f64() / then.to_f64());
            // The quotient first would lose digits; if the product does not fit, it is taken first
            // all the same.
            let product = start.checked_mul(now).and_then(|product| product.checked_div(then));
            let level = product.or_else(|| start.checked_mul(now.checked_div(then)?)).ok_or_else(refused)?;
            Ok(level.round_dp_with_strategy(places, MidpointAwayFromZero))
        };
        let levels = if before.customers == 0 || after.customers == 0 {
            [end; 3]
        } else {
            let by_customers = scaled(after.customers.into(), before.customers.into())?;
            let by_orders = scaled(after.orders.into(), before.orders.into())?;
            let by_revenue =
                if before.revenue.is_zero() { end } else { scaled(after.revenue, before.revenue)? };
            [by_customers, by_orders, by_revenue]
        };
        let [first, second, third] = levels;
        let step = |from: Decimal, to: Decimal| sum("effect", to, -from);
        Ok(Self {
            customers: step(start, first)?,
            frequency: step(first, second)?,
            value: step(second, third)?,
            margin: step(third, end)?,
            before: start,
            after: end,
            name,
        })
    }
}

fn check(activity: Activity) -> Result<(), Error> {
    let Activity { customers, orders, revenue, profit } = activity;
    check::range("revenue", revenue, Decimal::ZERO..)?;
    check::range("orders", orders, customers..)?;
    let nobody = [("orders", orders.into()), ("revenue", revenue), ("profit", profit)];
    match nobody.into_iter().find(|(_, amount): &(_, Decimal)| customers == 0 && !amount.is_zero()) {
        None => Ok(()),
        Some((field, amount)) => {
            let zero = Decimal::ZERO..=Decimal::ZERO;
            Err(RangeError::new(field, amount, zero).with_hint("there are no customers").into())
        }
    }
}

impl fmt::Display for Bridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.rows.iter().chain([&self.total]).map(|row| row.name.chars().count());
        let width = names.max().unwrap_or(0).max(6);
        let heads = ["before", "customers", "frequency", "value", "margin", "after"];
        write!(f, "{:<width$}", "cohort")?;
        heads.iter().try_for_each(|head| write!(f, "  {head:>14}"))?;
        writeln!(f)?;
        for row in self.rows.iter().chain([&self.total]) {
            write!(f, "{:<width$}", row.name)?;
            let amounts = [row.before, row.customers, row.frequency, row.value, row.margin, row.after];
            amounts.iter().try_for_each(|amount| write!(f, "  {amount:>14}"))?;
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn activity(customers: u64, orders: u64, revenue: i64, profit: i64) -> Activity {
        Activity { customers, orders, revenue: revenue.into(), profit: profit.into() }
    }

    #[test]
    fn cohorts_that_come_or_go_are_effects_of_customers() {
        let (none, some) = (Activity::default(), activity(3, 4, 80, 30));
        let bridge = Bridge::new([("new", none, some), ("gone", some, none)], 2).unwrap();
        for (row, effect) in bridge.rows().iter().zip([30, -30]) {
            let moved = [row.customers, row.frequency, row.value, row.margin];
            assert_eq!(moved, [effect, 0, 0, 0].map(Decimal::from), "{}", row.name);
        }
        assert_eq!(bridge.total().customers, Decimal::ZERO);
    }

    #[test]
    fn free_orders_before_leave_the_rest_to_the_value() {
        let bridge = Bridge::new([("trial", activity(2, 2, 0, -4), activity(2, 4, 100, 20))], 0).unwrap();
        let row = &bridge.rows()[0];
        let moved = [row.customers, row.frequency, row.value, row.margin];
        assert_eq!(moved, [0, -4, 28, 0].map(Decimal::from));
    }

    #[test]
    fn errors_name_field_and_value() {
        let fine = activity(1, 1, 1, 1);
        let text = |odd| Bridge::new([("x", fine, odd)], 2).unwrap_err().to_string();
        assert_eq!(text(activity(1, 1, -1, 1)), "revenue must be at least 0, got -1");
        assert_eq!(text(activity(2, 1, 1, 1)), "orders must be at least 2, got 1");
        assert_eq!(text(activity(0, 1, 1, 1)), "orders must be 0, got 1; there are no customers");
        assert_eq!(text(activity(0, 0, 0, 1)), "profit must be 0, got 1; there are no customers");
        let none: [(&str, Activity, Activity); 0] = [];
        assert_eq!(Bridge::new(none, 2).unwrap_err().to_string(), "cohorts must not be empty");
        assert_eq!(
            Bridge::new([("x", fine, fine)], 29).unwrap_err().to_string(),
            "number of places must be at most 28, got 29"
        );
        let large = Activity { profit: Decimal::MAX, revenue: Decimal::ONE, ..fine };
        let twice = Activity { revenue: Decimal::TWO, ..large };
        assert_eq!(
            Bridge::new([("x", large, twice)], 2).unwrap_err().to_string(),
            "profit, about 1.5845632502852868e29, is too large or too fine for its type"
        );
    }

    #[test]
    fn reads_as_a_table() {
        let text =
            Bridge::new([("2024", activity(1, 1, 10, 4), activity(1, 2, 20, 8))], 2).unwrap().to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[0].starts_with("cohort          before       customers"), "{text}");
        assert!(lines[2].starts_with("total "), "{text}");
    }
}
