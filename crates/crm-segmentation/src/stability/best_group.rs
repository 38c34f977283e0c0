#![allow(clippy::indexing_slicing, reason = "codes are checked to be below the number of names")]

use crm_numbers::{Amount, OverflowError, check, parallel};

use crate::column::{BATCH, check_finite};
use crate::{Assignments, Error};
use crm_statistics::random::RandomStream;

/// The group with the highest mean, and whether it is more than chance.
///
/// # Examples
///
/// ```
/// use crm_segmentation::Assignments;
/// use crm_segmentation::stability::best_group;
///
/// let region = Assignments::by_key(&["north", "south", "north", "south", "north", "south", "north", "south"])?;
/// let best = best_group(&region, &[80, 50, 90, 40, 85, 45, 95, 55], 999, 1)?;
/// assert_eq!((best.name.as_str(), best.mean, best.lead), ("north", 87.5, 40.0));
/// // Of the 70 ways to deal eight values to two regions two have so large a lead.
/// assert!((best.p_value - 2.0 / 70.0).abs() < 0.02);
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct BestGroup {
    /// The group's name.
    pub name: String,
    /// Its mean.
    pub mean: f64,
    /// By how much that is above the mean of the others together.
    pub lead: f64,
    /// The probability that the best of groups dealt at random leads by as much.
    pub p_value: f64,
}

/// Finds the group (region, branch, broker) with the highest mean of an amount, with a permutation
/// test.
///
/// Amounts are dealt to the groups at random, again and again, keeping their sizes; the p-value is
/// the share of deals whose best group leads by at least as much, `(1 + those) / (1 + rounds)`.
/// That the best of several is looked at is thereby accounted for. Equal means: the first group in
/// the order of the names. Source: Phipson, B., Smyth, G. K. (2010), Permutation p-values should
/// never be zero, Statistical Applications in Genetics and Molecular Biology 9(1), 39.
///
/// # Errors
///
/// [`Error::Input`] for another number of amounts than customers, for amounts that are not finite,
/// for a sum beyond `f64`, without rounds and unless at least two groups have members.
pub fn best_group<T: Amount>(
    groups: &Assignments,
    amounts: &[T],
    rounds: u32,
    seed: u64,
) -> Result<BestGroup, Error> {
    check::length("amounts", amounts.len(), groups.len())?;
    check_finite("amounts", amounts)?;
    let counts = groups.counts();
    let filled = counts.iter().filter(|count| **count > 0).count();
    check::range("number of groups with members", filled, 2..)?;
    check::range("rounds", rounds, 1..)?;
    let mut values: Vec<f64> = amounts.iter().map(|amount| amount.to_f64()).collect();
    let sum: f64 = values.iter().map(|value| value.abs()).sum();
    if !sum.is_finite() {
        return Err(OverflowError::new("sum of amounts", sum).into());
    }
    let (place, mean, lead) = leader(groups.codes(), &values, &counts);
    // Deals start from a fixed order, so that the order of the input does not matter.
    values.sort_unstable_by(f64::total_cmp);
    let labels: Vec<u32> = (0..).zip(&counts).flat_map(|(code, &count)| vec![code; count as usize]).collect();
    // Sums in another order differ in the last bits.
    let slack = 1e-12 * (sum / values.len() as f64).max(lead.abs());
    let deal = |round: usize| {
        let mut stream = RandomStream::replicate(seed, round as u64);
        let mut values = values.clone();
        for last in (1..values.len()).rev() {
            values.swap(last, stream.below(last + 1));
        }
        leader(&labels, &values, &counts).2 >= lead - slack
    };
    let as_far = parallel::batches(rounds as usize, BATCH, deal).filter(|as_far| *as_far).count();
    Ok(BestGroup {
        name: groups.names()[place].clone(),
        mean,
        lead,
        p_value: (1 + as_far) as f64 / (1.0 + f64::from(rounds)),
    })
}

/// The place of the group with the highest mean, that mean, and its lead over all others together.
fn leader(codes: &[u32], values: &[f64], counts: &[u64]) -> (usize, f64, f64) {
    let mut sums = vec![0.0; counts.len()];
    for (code, value) in codes.iter().zip(values) {
        sums[*code as usize] += value;
    }
    let (all, people) = (sums.iter().sum::<f64>(), counts.iter().sum::<u64>());
    let mut best = (0, f64::NEG_INFINITY, 0.0);
    for (place, (&sum, &count)) in sums.iter().zip(counts).enumerate() {
        if count > 0 && sum / count as f64 > best.1 {
            let mean = sum / count as f64;
            best = (place, mean, mean - (all - sum) / (people - count).max(1) as f64);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_leads_are_not_significant() {
        let groups = Assignments::new(["a", "b", "c"], (0..90).map(|i| i % 3).collect::<Vec<u32>>()).unwrap();
        let mut stream = RandomStream::replicate(5, 0);
        let values: Vec<i64> = (0..90).map(|_| stream.below(1000) as i64).collect();
        let best = best_group(&groups, &values, 499, 3).unwrap();
        assert!(best.p_value > 0.05 && best.lead > 0.0, "{best:?}");
        assert_eq!(best, best_group(&groups, &values, 499, 3).unwrap());
    }

    #[test]
    fn one_group_is_not_best_of_anything() {
        let groups = Assignments::new(["a", "b"], [0, 0]).unwrap();
        let text = |amounts: &[f64], rounds| best_group(&groups, amounts, rounds, 1).unwrap_err().to_string();
        assert_eq!(text(&[1.0, 2.0], 9), "number of groups with members must be at least 2, got 1");
        assert_eq!(text(&[1.0], 9), "expected 2 amounts, got 1");
        let two = Assignments::new(["a", "b"], [0, 1]).unwrap();
        assert_eq!(
            best_group(&two, &[1, 2], 0, 1).unwrap_err().to_string(),
            "rounds must be at least 1, got 0"
        );
        assert!(
            best_group(&two, &[f64::MAX, f64::MAX], 9, 1).unwrap_err().to_string().contains("is too large")
        );
    }
}
