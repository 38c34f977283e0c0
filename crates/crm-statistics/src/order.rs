//! Order statistics without a full sort.

use crm_numbers::{Amount, IndexError, InputError, check};

use crate::Error;

/// Returns the amounts at the given indices of the ascending order, without sorting all amounts.
///
/// Takes O(n log k) for k indices. The amounts are partly reordered: each requested index then
/// holds the returned amount, with no larger amount before it and no smaller one after it.
///
/// # Errors
///
/// [`Error::Input`] for NaN or an infinity, and for an index beyond the end.
///
/// # Examples
///
/// ```
/// use crm_statistics::order_statistics;
///
/// let mut cents = [500_i64, 100, 400, 200, 300];
/// // The smallest, the middle and the largest.
/// assert_eq!(order_statistics(&mut cents, &[0, 2, 4])?, [100, 300, 500]);
/// # Ok::<(), crm_statistics::Error>(())
/// ```
pub fn order_statistics<T: Amount>(amounts: &mut [T], places: &[usize]) -> Result<Vec<T>, Error> {
    check::amounts("amounts", amounts)?;
    let mut wanted = places.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    place(amounts, 0, &wanted);
    let read = |&place: &usize| {
        let missing = || IndexError::new("amounts", place, amounts.len());
        Ok(amounts.get(place).copied().ok_or_else(|| InputError::from(missing()))?)
    };
    places.iter().map(read).collect()
}

/// Puts into every wanted place what a sort would put there. `places` ascend; `amounts` start at
/// place `offset`.
pub(crate) fn place<T: Amount>(amounts: &mut [T], offset: usize, places: &[usize]) {
    let (first, [middle, last @ ..]) = places.split_at(places.len() / 2) else { return };
    let inside = middle.checked_sub(offset).filter(|&at| at < amounts.len());
    let Some(at) = inside else { return place(amounts, offset, first) };
    let (below, _, above) = amounts.select_nth_unstable_by(at, T::compare);
    place(below, offset, first);
    place(above, middle + 1, last);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crm_numbers::Decimal;

    #[test]
    fn places_come_back_in_the_order_asked() {
        let mut amounts = ["3.0", "1", "2.50"].map(|text| text.parse::<Decimal>().unwrap());
        let found = order_statistics(&mut amounts, &[2, 0, 0, 1]).unwrap();
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), ["3.0", "1", "1", "2.50"]);
        assert_eq!(order_statistics::<i64>(&mut [], &[]).unwrap(), [0; 0]);
    }

    #[test]
    fn a_place_that_there_is_not_is_named() {
        let refused = order_statistics(&mut [1_i64, 2], &[0, 7, 1]).unwrap_err();
        assert_eq!(refused.to_string(), "index 7 is out of range for 2 amounts");
        assert!(order_statistics(&mut [f64::NAN], &[0]).is_err());
    }
}
