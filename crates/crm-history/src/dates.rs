//! Dates far from all others.

use crate::{Day, QualityWarning};

/// Days without a row that set dates apart: five years.
const GAP: i32 = 1_826;
/// At most one row in so many stands apart.
const ONE_IN: usize = 100;
/// Fewer other rows than this say nothing about which dates are usual.
const OTHERS: usize = 4;
/// Width of the buckets of a first look; a gap holds more than two of them, so that one is empty.
const BUCKET: i32 = 512;

/// Doubts about the days of `rows` rows, given where each row came from.
pub(crate) fn warnings(
    rows: usize,
    day: impl Fn(usize) -> i32,
    line: impl Fn(u32) -> u64,
) -> Vec<QualityWarning> {
    let days = || (0..rows).map(&day);
    // The epoch itself is what a missing date becomes.
    let (early, first, last) =
        days().fold((0_u64, i32::MAX, i32::MIN), |(early, first, last), day| match day <= 0 {
            true => (early + 1, first, last),
            false => (early, first.min(day), last.max(day)),
        });
    let first_where = |holds: &dyn Fn(i32) -> bool| {
        let row = days().position(holds).unwrap_or_default();
        (line(row as u32), Day::saturating_new(day(row)))
    };
    let mut found = Vec::new();
    if early > 0 {
        let (line, day) = first_where(&|day| day <= 0);
        found.push(QualityWarning::EarlyDates { rows: early, line, day });
    }
    if early == rows as u64 || last - first <= GAP {
        return found;
    }
    let Some(apart) = Apart::of(days().filter(|day| *day > 0), (first, last), rows) else { return found };
    let (usual, until) = (Day::saturating_new(apart.usual.0), Day::saturating_new(apart.usual.1));
    let sides: [(u64, &dyn Fn(i32) -> bool); 2] =
        [(apart.before, &|day| day > 0 && day < apart.usual.0), (apart.after, &|day| day > apart.usual.1)];
    for (rows, holds) in sides {
        if rows > 0 {
            let (line, day) = first_where(holds);
            found.push(QualityWarning::DistantDates { rows, line, day, first: usual, last: until });
        }
    }
    found
}

/// How many days lie apart on each side of the usual ones.
struct Apart {
    before: u64,
    after: u64,
    usual: (i32, i32),
}

impl Apart {
    fn of(days: impl Iterator<Item = i32> + Clone, (first, last): (i32, i32), rows: usize) -> Option<Self> {
        let allowed = (rows / ONE_IN).max(1);
        let bucket = |day: i32| ((day - first) / BUCKET) as usize;
        let mut counts = vec![0_usize; bucket(last) + 1];
        for day in days.clone() {
            if let Some(count) = counts.get_mut(bucket(day)) {
                *count += 1;
            }
        }
        // Most histories have no such gap, and this look is enough.
        if !is_gap_within(counts.iter(), allowed) && !is_gap_within(counts.iter().rev(), allowed) {
            return None;
        }
        let mut sorted: Vec<i32> = days.collect();
        sorted.sort_unstable();
        let is_gap = |pair: &[i32]| matches!(pair, [a, b] if b - a > GAP);
        let before = sorted.windows(2).take(allowed).rposition(is_gap).map_or(0, |at| at + 1);
        let after = sorted.windows(2).rev().take(allowed).rposition(is_gap).map_or(0, |at| at + 1);
        let others =
            sorted.get(before..sorted.len().checked_sub(after)?).filter(|others| others.len() >= OTHERS)?;
        let usual = (*others.first()?, *others.last()?);
        (before + after > 0).then_some(Apart { before: before as u64, after: after as u64, usual })
    }
}

/// Whether an empty bucket comes before more than the allowed number of rows.
fn is_gap_within<'a>(counts: impl Iterator<Item = &'a usize>, allowed: usize) -> bool {
    let mut rows = 0;
    for count in counts {
        rows += count;
        if rows > allowed {
            return false;
        }
        if *count == 0 {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(days: &[i32]) -> Vec<QualityWarning> {
        warnings(days.len(), |row| days[row], |row| u64::from(row) + 2)
    }

    fn day(n: i32) -> Day {
        Day::new(n).unwrap()
    }

    #[test]
    fn one_date_far_before_or_after_all_others_is_named_with_its_line() {
        let days = [20_100, 20_150, 20_160, 9_000, 20_170, 47_000, 20_180];
        let (first, last) = (day(20_100), day(20_180));
        assert_eq!(
            told(&days),
            [
                QualityWarning::DistantDates { rows: 1, line: 5, day: day(9_000), first, last },
                QualityWarning::DistantDates { rows: 1, line: 7, day: day(47_000), first, last },
            ]
        );
    }

    #[test]
    fn a_history_that_paused_or_began_slowly_is_not_apart() {
        // Two of six rows are no slip.
        assert_eq!(told(&[9_000, 9_010, 20_100, 20_110, 20_120, 20_130]), []);
        // Five years to the day are not more than five years.
        assert_eq!(told(&[10_000, 11_826, 11_830, 11_840, 11_850, 11_860]), []);
        assert_eq!(told(&[10_000, 11_827, 11_830, 11_840, 11_850, 11_860]).len(), 1);
        assert_eq!(told(&[10_000, 20_000]), []);
        assert_eq!(told(&[]), []);
    }

    #[test]
    fn dates_up_to_the_epoch_are_told_apart_from_the_distant_ones() {
        let days = [20_100, 0, 20_160, -25_567, 20_170, 20_190, 20_180, 1];
        let [early, distant] = told(&days).try_into().unwrap();
        assert_eq!(early, QualityWarning::EarlyDates { rows: 2, line: 3, day: day(0) });
        assert!(matches!(distant, QualityWarning::DistantDates { rows: 1, line: 9, .. }));
        assert!(matches!(told(&[-5, -9_000])[..], [QualityWarning::EarlyDates { rows: 2, line: 2, .. }]));
        assert!(told(&[Day::MIN.since_epoch(), Day::MAX.since_epoch(), 5, 6, 7, 8]).len() == 2);
    }

    proptest! {
        /// Draws days from clusters up to ten years apart, in any order: against the definition.
        #[test]
        fn what_is_apart_is_what_the_definition_says(
            days in prop::collection::vec((0_i32..6, 1_i32..900), 1..260),
        ) {
            let days: Vec<i32> = days.iter().map(|(cluster, day)| cluster * cluster * 150 + day + 1).collect();
            let mut sorted = days.clone();
            sorted.sort_unstable();
            let allowed = (days.len() / 100).max(1);
            let low = (1..=allowed.min(days.len() - 1)).rev().find(|&n| sorted[n] - sorted[n - 1] > 1_826).unwrap_or(0);
            let n = days.len();
            let high = (1..=allowed.min(n - 1)).rev().find(|&k| sorted[n - k] - sorted[n - k - 1] > 1_826).unwrap_or(0);
            let expected: Vec<u64> = match n.checked_sub(low + high) {
                Some(4..) => [low, high].into_iter().filter(|&rows| rows > 0).map(|rows| rows as u64).collect(),
                _ => Vec::new(),
            };
            let found: Vec<u64> = told(&days).iter().map(|warning| match warning {
                QualityWarning::DistantDates { rows, .. } => *rows,
                _ => u64::MAX,
            }).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
