use crm_numbers::{Amount, Level};
use crm_numbers::{RangeError, check};
use crm_statistics::Proportion;

use super::{TrialEffect, rates, spend};
use crate::error::{Error, LARGEST_TABLE};

/// Returns the effect on a rate in each of `number` segments, given `bought`, `treated` and the
/// index of the segment, customer by customer. `None` for a segment with an empty arm.
///
/// The intervals hold simultaneously at the level (Bonferroni: each at `1 - (1 - level) /
/// segments`), which guards against trust in the segment that stands out most. The p-values are
/// those of each segment alone.
///
/// # Errors
///
/// [`Error::Input`] for columns of different lengths, for an index that is out of range for the
/// segments, or for more than a million segments.
///
/// # Examples
///
/// ```
/// use crm_lifecycle::trial::rates_by_segment;
/// use crm_numbers::Level;
///
/// let bought = [true, false, true, true, false, false];
/// let treated = [true, false, true, true, false, false];
/// let effects = rates_by_segment(&bought, &treated, &[0, 0, 0, 1, 1, 1], 2, Level::default())?;
/// assert_eq!(effects[0].unwrap().difference.estimate, 1.0); // 2 of 2 against 0 of 1
/// assert!((effects[0].unwrap().difference.level.get() - 0.975).abs() < 1e-12);
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
pub fn rates_by_segment(
    bought: &[bool],
    treated: &[bool],
    segments: &[usize],
    number: usize,
    level: Level,
) -> Result<Vec<Option<TrialEffect>>, Error> {
    check(bought.len(), treated, segments, number)?;
    let level = together(level, number);
    // By segment: buyers and all customers of the control arm, then of the treated arm.
    let mut counts = vec![[[0_u64; 2]; 2]; number];
    for ((&bought, &treated), &segment) in bought.iter().zip(treated).zip(segments) {
        let arm = counts.get_mut(segment).and_then(|arms| arms.get_mut(usize::from(treated)));
        if let Some([successes, trials]) = arm {
            *successes += u64::from(bought);
            *trials += 1;
        }
    }
    let effect = |[control, treated]: [[u64; 2]; 2]| {
        let rate = |[successes, trials]: [u64; 2]| Proportion::new(successes, trials).ok();
        Some(rates(rate(treated)?, rate(control)?, level))
    };
    Ok(counts.into_iter().map(effect).collect())
}

/// Returns the effect on the mean spend in each segment, with intervals as in [`rates_by_segment`];
/// `None` for a segment with fewer than two customers in an arm, or without a spread in both arms.
///
/// # Errors
///
/// Fails like [`rates_by_segment`], and like [`spend`] for amounts.
pub fn spend_by_segment<T: Amount>(
    amounts: &[T],
    treated: &[bool],
    segments: &[usize],
    number: usize,
    level: Level,
) -> Result<Vec<Option<TrialEffect>>, Error> {
    check(amounts.len(), treated, segments, number)?;
    let level = together(level, number);
    let mut arms: Vec<[Vec<T>; 2]> = vec![[Vec::new(), Vec::new()]; number];
    for ((&amount, &treated), &segment) in amounts.iter().zip(treated).zip(segments) {
        if let Some(arm) = arms.get_mut(segment).and_then(|arms| arms.get_mut(usize::from(treated))) {
            arm.push(amount);
        }
    }
    let effect = |[control, treated]: [Vec<T>; 2]| match control.len().min(treated.len()) {
        0 | 1 => None,
        _ => spend(&treated, &control, level).ok(),
    };
    for (at, amount) in amounts.iter().map(|amount| amount.to_f64()).enumerate() {
        if !(-1e100..=1e100).contains(&amount) {
            return Err(RangeError::new("spend", amount, -1e100..=1e100).at(at).into());
        }
    }
    Ok(arms.into_iter().map(effect).collect())
}

fn check(expected: usize, treated: &[bool], segments: &[usize], number: usize) -> Result<(), Error> {
    check::length("treatments", treated.len(), expected)?;
    check::length("segments", segments.len(), expected)?;
    check::range("number of segments", number, ..=LARGEST_TABLE)?;
    for &segment in segments {
        check::index("segments", segment, number)?;
    }
    Ok(())
}

/// Returns the level of each of several intervals that hold simultaneously at a level.
fn together(level: Level, number: usize) -> Level {
    // A level too close to 1 to be distinguished from it stays unchanged.
    Level::new(1.0 - (1.0 - level.get()) / number.max(1) as f64).unwrap_or(level)
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;

    #[test]
    fn segments_are_tests_of_their_own() {
        let (amounts, treated) = ([9, 1, 7, 3, 5, 8], [true, false, true, false, true, false]);
        let effects = spend_by_segment(&amounts, &treated, &[0, 0, 0, 0, 1, 1], 3, Level::default()).unwrap();
        let level = Level::new(1.0 - 0.05 / 3.0).unwrap();
        let expected = spend(&[9, 7], &[1, 3], level).unwrap();
        assert_eq!(effects[0].unwrap().difference.estimate, 6.0);
        assert!((effects[0].unwrap().difference.upper - expected.difference.upper).abs() < 1e-9);
        // One customer in each arm is no evidence, nor is an empty arm.
        assert_eq!(effects[1..], [None, None]);
    }

    #[test]
    fn errors_name_field_and_value() {
        let text = |treated: &[bool], segments: &[usize]| {
            rates_by_segment(&[true], treated, segments, 1, Level::default()).unwrap_err().to_string()
        };
        assert_eq!(text(&[], &[0]), "expected 1 treatments, got 0");
        assert_eq!(text(&[true], &[]), "expected 1 segments, got 0");
        assert_eq!(text(&[true], &[1]), "index 1 is out of range for 1 segments");
    }
}
