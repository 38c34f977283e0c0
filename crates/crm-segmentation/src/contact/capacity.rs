#![allow(clippy::indexing_slicing, reason = "rows are those of the demands")]

use std::cmp::Reverse;

use crm_numbers::{Amount, OverflowError, SumUnit, check};
use rust_decimal::Decimal;

use crate::exact::sum_of_products;
use crate::{Assignments, Error};

/// A customer's demand for something scarce, and the margin that a unit of it earns.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Demand {
    /// Units wanted.
    pub units: Decimal,
    /// Margin of one unit; negative where it loses money.
    pub margin_per_unit: Decimal,
}

crm_numbers::debug!(Demand { units, margin_per_unit });

/// An allocation of scarce capacity to customers.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct ContactAllocation {
    /// Units for each customer, in the order of the input.
    pub units: Vec<Decimal>,
    /// Capacity that is not allocated, in units.
    pub left: Decimal,
    /// Margin of the units given: exact while 38 digits suffice, and rounded once to the digits of
    /// a `Decimal`.
    pub margin: Decimal,
    /// Demand that is not served, in units.
    pub unserved: Decimal,
}

crm_numbers::debug!(ContactAllocation { units, left, margin, unserved });

/// Divides a scarce capacity: by class first, best class first, and inside a class by margin per
/// unit.
///
/// Equal customers are served in the order of the input; the last one served may get a part. Who
/// would lose money per unit gets nothing. Parts and what is left add up to the capacity exactly,
/// or the division is refused.
///
/// # Errors
///
/// [`Error::Input`] for another number of demands than customers, for a negative capacity or
/// demand, for a margin beyond the largest `Decimal`, and for units that no `Decimal` can tell
/// apart: a capacity of 29 digits less a hundredth.
///
/// # Examples
///
/// ```
/// use crm_segmentation::Assignments;
/// use crm_segmentation::contact::{Demand, allocate};
/// use rust_decimal::Decimal;
///
/// let want = |units, margin| Demand { units: Decimal::from(units), margin_per_unit: Decimal::from(margin) };
/// let classes = Assignments::new(["A", "B"], [1, 0, 0])?;
/// // 100 units: A customers first, the better margin of them before the other; B gets the rest.
/// let given = allocate(Decimal::from(100), &classes, &[want(50, 9), want(40, 2), want(30, 5)])?;
/// assert_eq!(given.units, [30, 40, 30].map(Decimal::from));
/// assert_eq!((given.left, given.margin, given.unserved), (Decimal::ZERO, Decimal::from(500), Decimal::from(20)));
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
pub fn allocate(
    capacity: Decimal,
    classes: &Assignments,
    demands: &[Demand],
) -> Result<ContactAllocation, Error> {
    check::length("demands", demands.len(), classes.len())?;
    check::range("capacity", capacity, Decimal::ZERO..)?;
    let wanted: Vec<Decimal> = demands.iter().map(|demand| demand.units).collect();
    check::range_of_all("units", &wanted, Decimal::ZERO..)?;
    let mut order: Vec<(usize, u32, Demand)> = classes
        .codes()
        .iter()
        .zip(demands)
        .enumerate()
        .map(|(row, (code, demand))| (row, *code, *demand))
        .collect();
    order.sort_by_key(|(_, code, demand)| (*code, Reverse(demand.margin_per_unit)));
    let unit = SumUnit::of("units", &std::iter::once(capacity).chain(wanted).collect::<Vec<_>>())?;
    let count = |field, amount: Decimal| {
        let units = unit.count(amount);
        let inexact = || OverflowError::new(field, amount.to_f64());
        (unit.amount(units) == amount).then_some(units).ok_or_else(inexact)
    };
    let amount = |field, units: i128| {
        let amount = unit.amount(units);
        let inexact = || OverflowError::new(field, unit.to_f64(units));
        (unit.count(amount) == units).then_some(amount).ok_or_else(inexact)
    };
    let mut left = count("capacity", capacity)?;
    let mut unserved = 0_i128;
    let mut units = vec![Decimal::ZERO; demands.len()];
    for (row, _, demand) in order {
        let wanted = count("units", demand.units)?;
        let part = if demand.margin_per_unit < Decimal::ZERO { 0 } else { wanted.min(left) };
        left -= part;
        unserved += wanted - part;
        units[row] = amount("units", part)?;
    }
    let earned: Vec<(Decimal, Decimal)> =
        units.iter().zip(demands).map(|(units, demand)| (*units, demand.margin_per_unit)).collect();
    let margin = sum_of_products("margin", &earned)?;
    Ok(ContactAllocation {
        units,
        left: amount("capacity left", left)?,
        margin,
        unserved: amount("units unserved", unserved)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loss_makers_get_nothing_and_negative_wants_are_refused() {
        let classes = Assignments::new(["A"], [0, 0]).unwrap();
        let want = |units: i64, margin: i64| Demand { units: units.into(), margin_per_unit: margin.into() };
        let given = allocate(Decimal::TEN, &classes, &[want(5, -1), want(3, 0)]).unwrap();
        assert_eq!(given.units, [Decimal::ZERO, Decimal::from(3)]);
        assert_eq!((given.left, given.unserved), (Decimal::from(7), Decimal::from(5)));
        let text = |capacity: i64, first| {
            allocate(capacity.into(), &classes, &[first, want(0, 0)]).unwrap_err().to_string()
        };
        assert_eq!(text(-1, want(1, 1)), "capacity must be at least 0, got -1");
        assert_eq!(text(1, want(-2, 1)), "units[0] must be at least 0, got -2");
        // Decimal subtraction would round the tenth away and leave parts that add up to more than
        // the capacity.
        let dime = Demand { units: Decimal::new(1, 1), margin_per_unit: Decimal::ONE };
        let refused = allocate(Decimal::MAX, &classes, &[dime, want(0, 0)]).unwrap_err().to_string();
        assert!(refused.starts_with("capacity left, about "), "{refused}");
        let fine = Demand { units: Decimal::new(1, 28), margin_per_unit: Decimal::new(1, 28) };
        let given = allocate(Decimal::ONE, &classes, &[fine, want(1, 3)]).unwrap();
        assert_eq!(given.units.iter().sum::<Decimal>() + given.left, Decimal::ONE);
        assert_eq!(given.units[0] + given.unserved, Decimal::new(1, 28) + fine.units - fine.units);
        let huge = Demand { units: Decimal::MAX, margin_per_unit: Decimal::TEN };
        let refused = allocate(Decimal::MAX, &classes, &[huge, want(0, 0)]).unwrap_err().to_string();
        assert!(refused.starts_with("margin, about "), "{refused}");
    }
}
