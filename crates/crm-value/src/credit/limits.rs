use std::cmp::Ordering;

use rust_decimal::Decimal;

use crate::allocation::Weights;
use crate::{Error, NonNegative, Unit, exact, wide};

/// Somebody who wants credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Applicant {
    /// How well the customer is rated: credit is in proportion to it, and 0 gets none.
    pub score: NonNegative,
    /// The most that the customer asks for, or may have; whole in the unit of the limits.
    pub requested: NonNegative,
}

/// Credit limits by score, that together stay under a total: nobody gets more than asked for, and what one leaves
/// goes to the others, again by score.
///
/// The limits add up to the total, or to all that was asked for by those with a score, whichever is less; to the
/// unit, by largest remainder as in [`allocate`](crate::allocate).
///
/// ```
/// use crm_value::{Applicant, Decimal, Unit, credit_limits};
///
/// let applicant = |score: u32, requested: u32| Applicant { score: score.into(), requested: requested.into() };
/// let applicants = [applicant(3, 200), applicant(2, 900), applicant(1, 900), applicant(0, 900)];
/// // By score alone 450, 300 and 150; the first asks for 200, and leaves 250 to share 2 : 1.
/// let limits = credit_limits(&applicants, 900.into(), Unit::CENT)?;
/// assert_eq!(limits, ["200", "466.67", "233.33", "0"].map(|limit| limit.parse::<Decimal>().unwrap()));
/// # Ok::<(), crm_value::Error>(())
/// ```
///
/// # Errors
/// * [`Error::NotWhole`] for a total or a request that is finer than the unit;
/// * [`Error::Empty`] without applicants, [`Error::NoTotal`] where all scores are 0;
/// * [`Error::Overflow`] as [`allocate`](crate::allocate), for scores in place of drivers.
pub fn credit_limits(
    applicants: &[Applicant],
    total: NonNegative,
    unit: Unit,
) -> Result<Vec<Decimal>, Error> {
    let scores: Vec<NonNegative> = applicants.iter().map(|applicant| applicant.score).collect();
    let weights = Weights::new("scores", &scores)?;
    let requested = exact::rows(applicants.iter(), |applicant| {
        unit.count("requested credit", applicant.requested.get())
    })?;
    let mut left = unit.count("total credit", total.get())?;
    let mut limits = vec![0_i128; applicants.len()];
    // Those who are content with the least credit per point of score come first: once one of them is not, none is.
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
        if let Some(limit) = limits.get_mut(*place) {
            *limit = *requested;
        }
        left -= requested;
        open -= weight;
        content += 1;
    }
    let mut rest = order.split_off(content);
    if !rest.is_empty() {
        rest.sort_unstable_by_key(|(place, ..)| *place);
        let parts = Weights::of_whole(rest.iter().map(|(_, weight, _)| *weight).collect()).share(left);
        for ((place, ..), part) in rest.into_iter().zip(parts) {
            if let Some(limit) = limits.get_mut(place) {
                *limit = part;
            }
        }
    }
    exact::rows(limits.into_iter(), |limit| unit.of("credit limit", limit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(applicants: &[(u32, u32)], total: u32) -> Vec<Decimal> {
        let applicants: Vec<Applicant> = applicants
            .iter()
            .map(|(score, requested)| Applicant { score: (*score).into(), requested: (*requested).into() })
            .collect();
        credit_limits(&applicants, total.into(), Unit::WHOLE).unwrap()
    }

    #[test]
    fn enough_for_all_gives_everybody_what_they_ask_for() {
        assert_eq!(limits(&[(1, 10), (9, 20), (0, 50)], 1_000), [10, 20, 0].map(Decimal::from));
        assert_eq!(limits(&[(1, 10), (9, 20)], 30), [10, 20].map(Decimal::from));
        assert_eq!(limits(&[(1, 10), (9, 20)], 0), [0, 0].map(Decimal::from));
    }

    #[test]
    fn an_odd_unit_never_exceeds_a_request() {
        // 10 over three equal scores: 4, 3, 3, but the first asks for 3.
        assert_eq!(limits(&[(1, 3), (1, 9), (1, 9)], 10), [3, 4, 3].map(Decimal::from));
    }

    #[test]
    fn errors_name_field_and_value() {
        let half = NonNegative::new(Decimal::new(5, 1)).unwrap();
        let applicant = Applicant { score: 1.into(), requested: half };
        let text = |applicants: &[Applicant], total| {
            credit_limits(applicants, total, Unit::WHOLE).unwrap_err().to_string()
        };
        assert_eq!(
            text(&[applicant], 1.into()),
            "row 0 (from 0): requested credit must be whole in units of 1, got 0.5"
        );
        assert_eq!(
            text(&[Applicant { requested: 1.into(), ..applicant }], half),
            "total credit must be whole in units of 1, got 0.5"
        );
        assert_eq!(text(&[], 1.into()), "scores must hold at least one value, got 0");
        let nobody = Applicant { score: NonNegative::ZERO, requested: 1.into() };
        assert_eq!(text(&[nobody], 1.into()), "scores must add up to more than 0, got 0");
        let scores = [Decimal::MAX, Decimal::new(1, 28)];
        let both =
            scores.map(|score| Applicant { score: NonNegative::new(score).unwrap(), requested: 1.into() });
        assert_eq!(
            text(&both, 1.into()),
            "row 0 (from 0): scores must stay below 7.9e28, got 79228162514264337593543950335 counted in units of 1e-28"
        );
    }
}
