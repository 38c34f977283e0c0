#![allow(clippy::indexing_slicing, reason = "codes are checked to be below the number of names")]

use crate::column::BATCH;
use crate::{Assignments, Error};
use crm_numbers::{EmptyError, check, parallel};
use crm_statistics::random::RandomStream;

/// The stability of an assignment: agreement of the groups when customers are resampled.
///
/// Each replicate draws as many customers as there are, with replacement (the bootstrap), fits the
/// scheme to them, and assigns the original customers by what was fitted. A group is stable when it
/// keeps its members: the mean Jaccard similarity, `members in both / members in either`, of the
/// group and its namesake. Read below 0.6 as a group that is not there, above 0.85 as a firm one.
/// Source: Hennig, C. (2007), Cluster-wise assessment of cluster stability, Computational
/// Statistics and Data Analysis 52, 258-271.
///
/// The same seed gives the same bits on any number of threads.
///
/// # Examples
///
/// ```
/// use crm_segmentation::Cuts;
/// use crm_segmentation::stability::stability;
///
/// // Two halves with nothing between them.
/// let spend: Vec<i64> = (0..100).map(|i| if i < 50 { i } else { 10_000 + i }).collect();
/// let halves = |rows: &[usize]| {
///     let drawn: Vec<i64> = rows.iter().map(|&row| spend[row]).collect();
///     Cuts::equal_width(&drawn, 2)?.assign(&spend)
/// };
/// let original = Cuts::equal_width(&spend, 2)?.assign(&spend)?;
/// let stability = stability(&original, 50, 7, halves)?;
/// assert_eq!(stability.groups, [Some(1.0), Some(1.0)]);
/// assert_eq!(stability.agreement, 1.0);
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Stability {
    /// The mean Jaccard similarity of each group, in the order of the names; `None` for a group
    /// that was empty throughout.
    pub groups: Vec<Option<f64>>,
    /// For each customer the share of replicates that leave them in their group, 0 to 1.
    pub customers: Vec<f64>,
    /// The mean of that over all customers.
    pub agreement: f64,
}

/// Resamples, fits and assigns; see [`Stability`].
///
/// `scheme` gets the rows drawn, fits what it fits to them, and assigns all original customers.
///
/// # Errors
///
/// [`Error::Input`] without customers, without replicates, when the scheme assigns another number
/// of customers or other groups, and the first error of the scheme itself.
pub fn stability(
    original: &Assignments,
    rounds: u32,
    seed: u64,
    scheme: impl Fn(&[usize]) -> Result<Assignments, Error> + Sync,
) -> Result<Stability, Error> {
    let people = original.len();
    if people == 0 {
        return Err(EmptyError::new("customers").into());
    }
    check::range("rounds", rounds, 1..)?;
    let round = |round: usize| {
        let mut stream = RandomStream::replicate(seed, round as u64);
        let rows: Vec<usize> = (0..people).map(|_| stream.below(people)).collect();
        let found = scheme(&rows)?;
        check::length("assignments of a round", found.len(), people)?;
        check::length("groups of a round", found.names().len(), original.names().len())?;
        Ok::<_, Error>(found)
    };
    let mut kept = vec![0_u32; people];
    let mut jaccard = vec![(0_u32, 0.0); original.names().len()];
    let sizes = original.counts();
    // Rounds are taken up in order, a few at a time, so that sums have the same bits on any number
    // of threads.
    for found in parallel::batches(rounds as usize, BATCH, round) {
        let found = found?;
        let mut both = vec![0_u64; sizes.len()];
        for ((kept, before), after) in kept.iter_mut().zip(original.codes()).zip(found.codes()) {
            if before == after {
                *kept += 1;
                both[*before as usize] += 1;
            }
        }
        for (((rounds, sum), both), (before, after)) in
            jaccard.iter_mut().zip(both).zip(sizes.iter().zip(found.counts()))
        {
            let either = before + after - both;
            if either > 0 {
                *rounds += 1;
                *sum += both as f64 / either as f64;
            }
        }
    }
    let share = |kept: u32| f64::from(kept) / f64::from(rounds);
    let all: u64 = kept.iter().map(|&kept| u64::from(kept)).sum();
    Ok(Stability {
        groups: jaccard
            .into_iter()
            .map(|(rounds, sum)| (rounds > 0).then(|| sum / f64::from(rounds)))
            .collect(),
        customers: kept.into_iter().map(share).collect(),
        agreement: all as f64 / f64::from(rounds) / people as f64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cuts;

    #[test]
    fn a_seed_repeats_and_another_one_does_not() {
        let spend: Vec<i64> = (0..200).map(|i| i * i % 997).collect();
        let quintiles = |rows: &[usize]| {
            let drawn: Vec<i64> = rows.iter().map(|&row| spend[row]).collect();
            Cuts::quantile(&drawn, 5)?.assign(&spend)
        };
        let original = Cuts::quantile(&spend, 5).unwrap().assign(&spend).unwrap();
        let run = |seed| stability(&original, 40, seed, quintiles).unwrap();
        let one = run(3);
        assert_eq!(one, run(3));
        assert_ne!(one.customers, run(4).customers);
        // Who stands at an edge changes sides, who stands in the middle does not.
        assert!(one.agreement > 0.7 && one.agreement < 1.0, "{}", one.agreement);
        assert!(one.groups.iter().all(|group| group.is_some_and(|share| (0.5..1.0).contains(&share))));
    }

    #[test]
    fn refusals_come_from_here_or_from_the_scheme() {
        let original = Assignments::new(["a"], [0, 0]).unwrap();
        let text = |rounds, found: Result<Assignments, Error>| {
            stability(&original, rounds, 1, |_| found.clone()).unwrap_err().to_string()
        };
        assert_eq!(text(0, Ok(original.clone())), "rounds must be at least 1, got 0");
        let short = Assignments::new(["a"], [0]);
        assert_eq!(text(1, short), "expected 2 assignments of a round, got 1");
        let wide = Assignments::new(["a", "b"], [0, 1]);
        assert_eq!(text(1, wide), "expected 1 groups of a round, got 2");
        assert_eq!(text(1, Err(EmptyError::new("x").into())), "x must not be empty");
        let nobody = Assignments::new(["a"], []).unwrap();
        let refused = stability(&nobody, 1, 1, |_| Ok(nobody.clone())).unwrap_err().to_string();
        assert_eq!(refused, "customers must not be empty");
    }
}
