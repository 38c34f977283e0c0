use crate::Error;
use crm_numbers::{EmptyError, check};

/// Computes the population stability index: the difference between the distribution of current
/// customers over bins or groups and that of a reference date.
///
/// `PSI = sum (a - e) ln(a / e)` over the bins, with e and a the share of customers in the bin then
/// and now. 0 means no change; it is the same in both directions. A bin that is empty on one side
/// counts half a customer there, because the logarithm needs one; a bin empty on both sides counts
/// nothing. Read below 0.1 as stable, from 0.25 on as changed (Siddiqi, N. (2006), Credit Risk
/// Scorecards).
///
/// # Errors
///
/// [`Error::Input`] for counts of different bins, and for a side without customers.
///
/// # Examples
///
/// ```
/// use crm_segmentation::cuts::stability_index;
///
/// assert_eq!(stability_index(&[40, 60], &[20, 30])?, 0.0);
/// // (0.8 - 0.5) ln(0.8 / 0.5) + (0.2 - 0.5) ln(0.2 / 0.5) = 0.3 ln 4
/// assert!((stability_index(&[50, 50], &[80, 20])? - 0.3 * 4.0_f64.ln()).abs() < 1e-15);
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
pub fn stability_index(expected: &[u64], actual: &[u64]) -> Result<f64, Error> {
    check::length("actual counts", actual.len(), expected.len())?;
    for (field, counts) in [("expected", expected), ("actual", actual)] {
        if counts.iter().all(|&count| count == 0) {
            return Err(EmptyError::new(field).into());
        }
    }
    let filled: Vec<(f64, f64)> = expected
        .iter()
        .zip(actual)
        .filter(|(e, a)| **e > 0 || **a > 0)
        .map(|(&e, &a)| ((e as f64).max(0.5), (a as f64).max(0.5)))
        .collect();
    let (then, now) = filled.iter().fold((0.0, 0.0), |(then, now), (e, a)| (then + e, now + a));
    let index: f64 = filled.iter().map(|(e, a)| (a / now - e / then) * ((a * then) / (e * now)).ln()).sum();
    // Adding zero turns -0 into 0.
    Ok(index.max(0.0) + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABSOLUTE: f64 = 1e-12;

    #[test]
    fn empty_bins_count_half_a_customer_on_their_side() {
        // 10 and 0.5 of 10.5 against 5 and 5 of 10.
        let shares = [(10.0 / 10.5, 0.5), (0.5 / 10.5, 0.5)];
        let wanted: f64 = shares.iter().map(|(e, a): &(f64, f64)| (a - e) * (a / e).ln()).sum();
        assert!((stability_index(&[10, 0, 0], &[5, 0, 5]).unwrap() - wanted).abs() < ABSOLUTE);
    }

    #[test]
    fn errors_name_the_side() {
        assert_eq!(
            stability_index(&[1, 2], &[1]).unwrap_err().to_string(),
            "expected 2 actual counts, got 1"
        );
        assert_eq!(stability_index(&[1], &[0]).unwrap_err().to_string(), "actual must not be empty");
    }
}
