use std::cmp::Ordering;

use crm_numbers::wide;

use crate::allocation::Weights;
use crate::exact::rows;
use crate::{Error, MoneyUnit, NonNegative};

/// An applicant for credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Applicant {
    /// Credit score: credit is in proportion to it, and 0 gets none.
    pub score: NonNegative,
    /// Largest credit that the customer asks for, or may have; a multiple of the unit of the
    /// limits.
    pub requested: NonNegative,
}

/// Computes credit limits in proportion to scores, within a total: no limit exceeds the request,
/// and credit that one applicant leaves goes to the others, again by score.
///
/// The limits add up to the total or to the requests of all applicants with a score, whichever is
/// less, exact to the unit; remainders are treated as in [`allocate`](crate::allocate).
///
/// # Errors
///
/// * [`Error::NotWhole`] for a total or a request that is finer than the unit;
/// * [`InputError::Empty`](crate::InputError::Empty) without applicants, [`Error::NoTotal`] where
///   all scores are 0;
/// * [`Error::Overflow`] as [`allocate`](crate::allocate), for scores in place of drivers.
///
/// # Examples
///
/// ```
/// use crm_value::{Applicant, MoneyUnit, NonNegative, credit_limits};
///
/// let applicant = |score: u32, requested: u32| Applicant { score: score.into(), requested: requested.into() };
/// let applicants = [applicant(3, 200), applicant(2, 900), applicant(1, 900), applicant(0, 900)];
/// // By score alone 450, 300 and 150; the first asks for 200, and leaves 250 to share 2 : 1.
/// let limits = credit_limits(&applicants, 900.into(), MoneyUnit::CENT)?;
/// assert_eq!(limits, ["200", "466.67", "233.33", "0"].map(|limit| limit.parse::<NonNegative>().unwrap()));
/// # Ok::<(), crm_value::Error>(())
/// ```
#[allow(clippy::indexing_slicing, reason = "the order holds indices of the applicants")]
pub fn credit_limits(
    applicants: &[Applicant],
    total: NonNegative,
    unit: MoneyUnit,
) -> Result<Vec<NonNegative>, Error> {
    let scores: Vec<NonNegative> = applicants.iter().map(|applicant| applicant.score).collect();
    let weights = Weights::new("scores", &scores)?;
    let requested =
        rows(applicants.iter(), |applicant| unit.count("requested credit", applicant.requested.get()))?;
    let mut left = unit.count("total credit", total.get())?;
    let mut limits = vec![0_i128; applicants.len()];
    // Those who are content with the least credit per point of score come first: once one of them
    // is not, none is.
    let mut order: Vec<(usize, u128, i128)> = weights
        .each()
        .zip(&requested)
        .enumerate()
        .filter(|(_, (weight, _))| *weight > 0)
        .map(|(place, (weight, requested))| (place, weight, *requested))
        .collect();
    order.sort_by(|one, other| {
        wide::compare_products((one.2.unsigned_abs(), other.1), (other.2.unsigned_abs(), one.1))
    });
    let mut open = weights.total();
    let mut content = 0;
    for (place, weight, requested) in &order {
        let quota = (left.unsigned_abs(), *weight);
        if wide::compare_products(quota, (requested.unsigned_abs(), open)) == Ordering::Less {
            break;
        }
        debug_assert!(*place < limits.len(), "an applicant for each limit");
        limits[*place] = *requested;
        left -= requested;
        open -= weight;
        content += 1;
    }
    let mut rest = order.split_off(content);
    if !rest.is_empty() {
        rest.sort_unstable_by_key(|(place, ..)| *place);
        let parts = Weights::of_whole(rest.iter().map(|(_, weight, _)| *weight).collect()).share(left);
        for ((place, ..), part) in rest.into_iter().zip(parts) {
            limits[place] = part;
        }
    }
    rows(limits.into_iter(), |limit| Ok(NonNegative::new(unit.amount_of("credit limit", limit)?)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Decimal;

    fn limits(applicants: &[(u32, u32)], total: u32) -> Vec<NonNegative> {
        let applicants: Vec<Applicant> = applicants
            .iter()
            .map(|(score, requested)| Applicant { score: (*score).into(), requested: (*requested).into() })
            .collect();
        credit_limits(&applicants, total.into(), MoneyUnit::WHOLE).unwrap()
    }

    #[test]
    fn enough_for_all_gives_everybody_what_they_ask_for() {
        assert_eq!(limits(&[(1, 10), (9, 20), (0, 50)], 1_000), [10, 20, 0].map(NonNegative::from));
        assert_eq!(limits(&[(1, 10), (9, 20)], 30), [10, 20].map(NonNegative::from));
        assert_eq!(limits(&[(1, 10), (9, 20)], 0), [0, 0].map(NonNegative::from));
    }

    #[test]
    fn an_odd_unit_never_exceeds_a_request() {
        // 10 over three equal scores: 4, 3, 3, but the first asks for 3.
        assert_eq!(limits(&[(1, 3), (1, 9), (1, 9)], 10), [3, 4, 3].map(NonNegative::from));
    }

    #[test]
    fn errors_name_field_and_value() {
        let half = NonNegative::new(Decimal::new(5, 1)).unwrap();
        let applicant = Applicant { score: 1.into(), requested: half };
        let text = |applicants: &[Applicant], total| {
            credit_limits(applicants, total, MoneyUnit::WHOLE).unwrap_err().to_string()
        };
        assert_eq!(
            text(&[applicant], 1.into()),
            "row 0 (from 0): requested credit 0.5 is not a multiple of 1"
        );
        assert_eq!(
            text(&[Applicant { requested: 1.into(), ..applicant }], half),
            "total credit 0.5 is not a multiple of 1"
        );
        assert_eq!(text(&[], 1.into()), "scores must not be empty");
        let nobody = Applicant { score: NonNegative::ZERO, requested: 1.into() };
        assert_eq!(text(&[nobody], 1.into()), "the sum of scores must be greater than 0");
        let scores = [Decimal::MAX, Decimal::new(1, 28)];
        let both =
            scores.map(|score| Applicant { score: NonNegative::new(score).unwrap(), requested: 1.into() });
        assert_eq!(
            text(&both, 1.into()),
            "row 0 (from 0): scores exceeds 7.9e28: 79228162514264337593543950335 counted in units of 1e-28"
        );
    }
}
