//! Allocation of cost pools to customers, in parts that always add up to the whole.

use crm_numbers::{Decimal, DuplicateError, EmptyError, check, wide};

use crate::exact::rows;
use crate::{Error, MoneyUnit, NonNegative};

/// Allocates an amount in proportion to drivers (visits, orders, hours), exact to the unit: the
/// parts add up to the amount.
///
/// It is the method of largest remainders. Customer i has the quota `amount x driver_i / sum of
/// drivers` and gets its whole units; the units that are left go, one each, to the customers with
/// the largest remainders, of equal ones to the first in the input. A customer with a driver of 0
/// gets nothing. An amount below 0 (a refund) is allocated as its opposite. Quotas are computed in
/// whole numbers of 256 bits: rounding never decides where a cent goes.
///
/// # Errors
///
/// * [`InputError::Empty`](crate::InputError::Empty) without drivers, [`Error::NoTotal`] where all
///   are 0;
/// * [`Error::NotWhole`] for an amount that is finer than the unit;
/// * [`Error::Overflow`] where the amount has more than 38 digits in the unit, or a part has more
///   than 28, or the drivers, written out to the finest decimal among them, have more than 38
///   digits together.
///
/// # References
///
/// The method of Hamilton (1792), as in Balinski and Young (1982), "Fair Representation".
///
/// # Examples
///
/// ```
/// use crm_value::{Decimal, NonNegative, MoneyUnit, allocate};
///
/// let equal = [1_u32, 1, 1].map(NonNegative::from);
/// let parts = allocate(Decimal::from(100), &equal, MoneyUnit::CENT)?;
/// assert_eq!(parts.map(|part| part.to_string()).collect::<Vec<_>>(), ["33.34", "33.33", "33.33"]);
/// # Ok::<(), crm_value::Error>(())
/// ```
pub fn allocate(
    amount: Decimal,
    drivers: &[NonNegative],
    unit: MoneyUnit,
) -> Result<impl ExactSizeIterator<Item = Decimal> + use<>, Error> {
    let parts = Weights::new("drivers", drivers)?.share(unit.count("amount", amount)?);
    Ok(amounts("part of an amount", &parts, unit)?.into_iter())
}

/// Converts whole units to amounts; an error names the row.
fn amounts(name: &'static str, parts: &[i128], unit: MoneyUnit) -> Result<Vec<Decimal>, Error> {
    rows(parts.iter(), |part| unit.amount_of(name, *part))
}

/// Drivers as whole numbers of one size.
#[derive(Debug, Clone)]
pub(crate) struct Weights {
    weights: Vec<u128>,
    total: u128,
}

impl Weights {
    /// `name` is the caller's word for the numbers.
    pub(crate) fn new(name: &'static str, drivers: &[NonNegative]) -> Result<Self, Error> {
        check::not_empty(name, drivers)?;
        let finest = drivers.iter().map(|driver| driver.get().normalize().scale()).max().unwrap_or(0);
        let mut total = 0_u128;
        let mut weights = Vec::with_capacity(drivers.len());
        for (row, driver) in drivers.iter().enumerate() {
            let driver = driver.get();
            let weight = whole(driver, finest);
            let sum = weight.and_then(|weight| total.checked_add(weight));
            let (Some(weight), Some(sum)) = (weight, sum) else {
                let operation = format!("{driver} counted in units of 1e-{finest}");
                return Err(Error::Overflow { term: name, operation }.in_row(row));
            };
            total = sum;
            weights.push(weight);
        }
        if total == 0 {
            return Err(Error::NoTotal { name });
        }
        Ok(Self { weights, total })
    }

    /// Weights that are whole already and add up to more than 0 without overflow.
    pub(crate) fn of_whole(weights: Vec<u128>) -> Self {
        let total = weights.iter().sum();
        Self { weights, total }
    }

    /// The weights, one for each driver.
    pub(crate) fn each(&self) -> impl Iterator<Item = u128> + '_ {
        self.weights.iter().copied()
    }

    /// The sum of the weights.
    pub(crate) fn total(&self) -> u128 {
        self.total
    }

    /// Splits `units` into whole units that add up to it.
    pub(crate) fn share(&self, units: i128) -> Vec<i128> {
        let amount = units.unsigned_abs();
        let mut left = amount;
        // A quota is at most the amount, so that it fits.
        let mut parts: Vec<(u128, u128)> = Vec::with_capacity(self.weights.len());
        for &weight in &self.weights {
            let (part, rest) = wide::multiply_divide(amount, weight, self.total).unwrap_or_default();
            left -= part;
            parts.push((part, rest));
        }
        // The rests add up to `left` times the total, and each is below the total: more than `left`
        // customers have one.
        let extra = usize::try_from(left).unwrap_or(usize::MAX);
        if extra > 0 {
            let mut order: Vec<(u128, usize)> =
                parts.iter().enumerate().map(|(place, (_, rest))| (*rest, place)).collect();
            let first =
                |one: &(u128, usize), other: &(u128, usize)| other.0.cmp(&one.0).then(one.1.cmp(&other.1));
            if extra < order.len() {
                order.select_nth_unstable_by(extra, first);
            }
            for &(_, index) in order.iter().take(extra) {
                debug_assert!(index < parts.len(), "an order of the parts");
                #[allow(clippy::indexing_slicing, reason = "the order holds indices of the parts")]
                let (part, _) = &mut parts[index];
                *part += 1;
            }
        }
        let sign = units.signum();
        parts.into_iter().map(|(part, _)| part as i128 * sign).collect()
    }
}

fn whole(driver: Decimal, finest: u32) -> Option<u128> {
    let (mantissa, scale) = (driver.mantissa().unsigned_abs(), driver.scale());
    if scale <= finest {
        mantissa.checked_mul(10_u128.pow(finest - scale))
    } else {
        // The decimals beyond the finest are zeros.
        Some(mantissa / 10_u128.pow(scale - finest))
    }
}

/// A cost of many customers together, with the driver by which it is allocated.
#[derive(Clone, Copy, PartialEq)]
pub struct CostPool<'a> {
    /// Name of the pool, such as `visits`.
    pub name: &'a str,
    /// Cost, a multiple of the unit of the allocation.
    pub amount: Decimal,
    /// Driver of each customer, in the order of the customers.
    pub drivers: &'a [NonNegative],
}

crm_numbers::debug!(CostPool<'_> { name, amount, drivers });

/// Cost pools allocated to customers.
#[derive(Clone, PartialEq, Eq)]
pub struct Allocation {
    pools: Vec<(String, Vec<Decimal>)>,
    totals: Vec<Decimal>,
}

crm_numbers::debug!(Allocation { pools, totals });

impl Allocation {
    /// Allocates pools of marketing, sales and service cost to customers, each by its own drivers;
    /// see [`allocate`].
    ///
    /// # Errors
    ///
    /// As [`allocate`]; [`InputError::Empty`](crate::InputError::Empty) without pools,
    /// [`InputError::Length`](crate::InputError::Length) where the pools differ in the number of
    /// customers, [`InputError::Duplicate`](crate::InputError::Duplicate) for two pools of one
    /// name.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_value::{Allocation, CostPool, Decimal, NonNegative, MoneyUnit};
    ///
    /// let visits = [3_u32, 1, 0].map(NonNegative::from);
    /// let orders = [1_u32, 1, 1].map(NonNegative::from);
    /// let shared = Allocation::new(
    ///     &[
    ///         CostPool { name: "visits", amount: Decimal::from(1_000), drivers: &visits },
    ///         CostPool { name: "order desk", amount: Decimal::from(100), drivers: &orders },
    ///     ],
    ///     MoneyUnit::CENT,
    /// )?;
    /// assert_eq!(shared.pool("visits").unwrap()[0], Decimal::from(750));
    /// assert_eq!(shared.totals()[2], Decimal::new(33_33, 2));
    /// assert_eq!(shared.totals().iter().sum::<Decimal>(), Decimal::from(1_100));
    /// # Ok::<(), crm_value::Error>(())
    /// ```
    pub fn new(pools: &[CostPool<'_>], unit: MoneyUnit) -> Result<Self, Error> {
        let Some(first) = pools.first() else { return Err(Error::Input(EmptyError::new("pools").into())) };
        let customers = first.drivers.len();
        let mut shared: Vec<(String, Vec<Decimal>)> = Vec::with_capacity(pools.len());
        let mut units = vec![0_i128; customers];
        for (index, pool) in pools.iter().enumerate() {
            check::length("drivers", pool.drivers.len(), customers)?;
            if shared.iter().any(|(name, _)| name == pool.name) {
                return Err(Error::Input(DuplicateError::new("pools", pool.name, index).into()));
            }
            let parts =
                Weights::new("drivers", pool.drivers)?.share(unit.count("amount of a pool", pool.amount)?);
            for (row, (sum, part)) in units.iter_mut().zip(&parts).enumerate() {
                *sum = sum.checked_add(*part).ok_or_else(|| {
                    let operation = format!("{sum} + {part} units of {}", unit.amount());
                    Error::Overflow { term: "cost of all pools", operation }.in_row(row)
                })?;
            }
            shared.push((pool.name.to_owned(), amounts("part of a pool", &parts, unit)?));
        }
        let totals = amounts("cost of all pools", &units, unit)?;
        Ok(Self { pools: shared, totals })
    }

    /// Returns the part of each customer in one pool.
    #[must_use]
    pub fn pool(&self, name: &str) -> Option<&[Decimal]> {
        self.pools.iter().find(|(pool, _)| pool == name).map(|(_, parts)| parts.as_slice())
    }

    /// Returns the pools with their names, in the order given.
    #[must_use]
    pub fn pools(&self) -> impl ExactSizeIterator<Item = (&str, &[Decimal])> {
        self.pools.iter().map(|(name, parts)| (name.as_str(), parts.as_slice()))
    }

    /// Returns the part of each customer in all pools together.
    #[must_use]
    pub fn totals(&self) -> &[Decimal] {
        &self.totals
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(amount: &str, drivers: &[&str], unit: MoneyUnit) -> Result<Vec<String>, String> {
        let drivers: Vec<NonNegative> =
            drivers.iter().map(|text| NonNegative::new(text.parse().unwrap()).unwrap()).collect();
        allocate(amount.parse().unwrap(), &drivers, unit)
            .map(|parts| parts.map(|part| part.to_string()).collect())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn ties_go_to_the_first_and_zeros_get_nothing() {
        assert_eq!(
            parts("0.05", &["1", "0", "1", "1"], MoneyUnit::CENT).unwrap(),
            ["0.02", "0.00", "0.02", "0.01"]
        );
        assert_eq!(parts("-0.05", &["1", "1"], MoneyUnit::CENT).unwrap(), ["-0.03", "-0.02"]);
        assert_eq!(parts("0", &["1", "5"], MoneyUnit::WHOLE).unwrap(), ["0", "0"]);
        // 7 x 1/10, 7 x 3/10 and 7 x 6/10: 0.7, 2.1 and 4.2.
        assert_eq!(parts("7", &["0.1", "0.30", "0.6"], MoneyUnit::WHOLE).unwrap(), ["1", "2", "4"]);
    }

    #[test]
    fn the_largest_amounts_are_shared_to_the_last_unit() {
        let max = Decimal::MAX.to_string();
        assert_eq!(
            parts(&max, &["1", "1"], MoneyUnit::WHOLE).unwrap(),
            ["39614081257132168796771975168", "39614081257132168796771975167"]
        );
        assert_eq!(parts(&max, &[&max, "0.000000001"], MoneyUnit::WHOLE).unwrap()[1], "0");
        // In cents it has two digits more than fit; they are zeros, unless they are shared.
        assert_eq!(parts(&max, &["1"], MoneyUnit::CENT).unwrap(), [max.as_str()]);
        assert_eq!(
            parts(&max, &["1", "1"], MoneyUnit::CENT).unwrap_err(),
            "row 0 (from 0): part of an amount exceeds 7.9e28: \
             3961408125713216879677197516750 x 0.01"
        );
    }

    #[test]
    fn the_finest_unit_shares_what_fits_and_refuses_the_rest() {
        let finest = MoneyUnit::decimals(28).unwrap();
        assert_eq!(
            parts("1", &["1", "1", "1"], finest).unwrap(),
            [
                "0.3333333333333333333333333334",
                "0.3333333333333333333333333333",
                "0.3333333333333333333333333333"
            ]
        );
        // 20 is 2e29 units of 1e-28, more than fit with all decimals.
        assert_eq!(parts("20", &["1", "0"], finest).unwrap()[0], "20.000000000000000000000000000");
        assert!(
            parts("100", &["1", "2"], finest).unwrap_err().starts_with("row 0 (from 0): part of an amount")
        );
        let one = [NonNegative::from(1_u32)];
        let pool = |name, amount: u64| CostPool { name, amount: amount.into(), drivers: &one };
        let shared = Allocation::new(&[pool("a", 10), pool("b", 7)], finest).unwrap();
        assert_eq!(
            (shared.pool("b"), shared.totals()),
            (Some(&[Decimal::from(7)][..]), &[Decimal::from(17)][..])
        );
        let large = 10_000_000_000;
        assert_eq!(
            Allocation::new(&[pool("a", large), pool("b", large)], finest).unwrap_err().to_string(),
            "row 0 (from 0): cost of all pools exceeds 7.9e28: 100000000000000000000000000000000000000 \
             + 100000000000000000000000000000000000000 units of 0.0000000000000000000000000001"
        );
    }

    #[test]
    fn errors_name_field_and_value() {
        assert_eq!(parts("1", &[], MoneyUnit::CENT), Err("drivers must not be empty".to_owned()));
        assert_eq!(
            parts("1", &["0", "0"], MoneyUnit::CENT),
            Err("the sum of drivers must be greater than 0".to_owned())
        );
        assert_eq!(
            parts("1.005", &["1"], MoneyUnit::CENT),
            Err("amount 1.005 is not a multiple of 0.01".to_owned())
        );
        let finest = "0.0000000000000000000000000001";
        let text = parts("1", &[finest, "79228162514264337593543950335"], MoneyUnit::CENT).unwrap_err();
        assert_eq!(
            text,
            "row 1 (from 0): drivers exceeds 7.9e28: 79228162514264337593543950335 counted in units of 1e-28"
        );
        let one = [NonNegative::from(1_u32)];
        let pool = |name, drivers| CostPool { name, amount: Decimal::ONE, drivers };
        let text =
            Allocation::new(&[pool("a", &one), pool("a", &one)], MoneyUnit::CENT).unwrap_err().to_string();
        assert_eq!(text, r#"pools[1] repeats "a""#);
        assert!(Allocation::new(&[pool("a", &one), pool("b", &[])], MoneyUnit::CENT).is_err());
        assert!(Allocation::new(&[], MoneyUnit::CENT).is_err());
    }
}
