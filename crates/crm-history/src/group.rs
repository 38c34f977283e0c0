//! Brings the rows of each customer together, in order of days.
//!
//! Rows are dealt into parts by the low bits of a tag, small enough that a part's work stays in the cache; inside a
//! part two counting sorts, by day and then by customer, keep the order of the input among rows of one day.

use std::cmp::Ordering;

use hashbrown::HashTable;

use crate::amount::Amount;
use crate::parallel;

/// Rows of one customer: `days` and `amounts` at `start..start + len`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Run {
    /// The customer's first row in the input.
    pub(crate) first_row: u32,
    pub(crate) start: u32,
    pub(crate) len: u32,
}

/// All rows, customer by customer and day by day; the order of customers is arbitrary but reproducible for one tagging.
#[derive(Debug)]
pub(crate) struct Grouped<A> {
    pub(crate) days: Vec<i32>,
    pub(crate) amounts: Vec<A>,
    pub(crate) runs: Vec<Run>,
    pub(crate) duplicates: Tally,
}

/// How many rows, and the first of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) count: u64,
    pub(crate) first_row: Option<u32>,
}

impl Tally {
    #[inline]
    pub(crate) fn add(&mut self, row: u32) {
        self.count += 1;
        self.first_row = Some(self.first_row.map_or(row, |first| first.min(row)));
    }

    pub(crate) fn merge(self, other: Tally) -> Tally {
        Tally {
            count: self.count + other.count,
            first_row: self.first_row.into_iter().chain(other.first_row).min(),
        }
    }
}

/// What tells customers apart.
#[derive(Debug)]
pub(crate) enum Tags<'a, F> {
    /// Equal tags are one customer.
    Exact(&'a [u32]),
    /// Equal tags are one customer where the function says so of two rows.
    Hashed(&'a [u32], F),
}

#[derive(Debug, Clone, Copy)]
struct Row<A> {
    tag: u32,
    row: u32,
    day: i32,
    amount: A,
}

/// About how many rows a part holds: at 24 bytes a row, a part fits the second-level cache.
const ROWS_PER_PART: usize = 1 << 13;
/// Rows dealt by one task.
const ROWS_PER_TASK: usize = 1 << 20;

pub(crate) fn group<A, F>(tags: &Tags<'_, F>, days: &[i32], amounts: &[A]) -> Grouped<A>
where
    A: Amount,
    F: Fn(u32, u32) -> bool + Sync,
{
    let values = match tags {
        Tags::Exact(values) | Tags::Hashed(values, _) => *values,
    };
    let rows = days.len();
    let bits = rows.div_ceil(ROWS_PER_PART).next_power_of_two().trailing_zeros();
    let span = Span::of(days);
    let parts = deal(values, days, amounts, bits);

    let mut grouped_days = vec![0_i32; rows];
    let mut grouped_amounts = vec![A::ZERO; rows];
    let mut places = Vec::with_capacity(parts.len());
    let (mut free_days, mut free_amounts) = (grouped_days.as_mut_slice(), grouped_amounts.as_mut_slice());
    let mut start = 0;
    for part in parts {
        let len: usize = part.iter().map(Vec::len).sum();
        let (part_days, rest) = free_days.split_at_mut(len);
        free_days = rest;
        let (part_amounts, rest) = free_amounts.split_at_mut(len);
        free_amounts = rest;
        places.push(Place { rows: part, start, days: part_days, amounts: part_amounts });
        start += len as u32;
    }
    let grouped = parallel::map(places, |place| place.fill(tags, bits, span));
    let mut runs = Vec::with_capacity(grouped.iter().map(|(runs, _)| runs.len()).sum());
    let mut duplicates = Tally::default();
    for (part_runs, part_duplicates) in grouped {
        runs.extend(part_runs);
        duplicates = duplicates.merge(part_duplicates);
    }
    Grouped { days: grouped_days, amounts: grouped_amounts, runs, duplicates }
}

/// For each part, the rows in order of the input, one list a task.
fn deal<A: Amount>(tags: &[u32], days: &[i32], amounts: &[A], bits: u32) -> Vec<Vec<Vec<Row<A>>>> {
    let parts = 1_usize << bits;
    let mask = parts as u32 - 1;
    let tasks: Vec<usize> = (0..tags.len()).step_by(ROWS_PER_TASK).collect();
    let dealt = parallel::map(tasks, |first| {
        let len = ROWS_PER_TASK.min(tags.len() - first);
        let expected = len / parts;
        let mut lists: Vec<Vec<Row<A>>> =
            (0..parts).map(|_| Vec::with_capacity(expected + expected / 16 + 16)).collect();
        let columns = tags.iter().zip(days).zip(amounts).skip(first).take(len);
        for (row, ((&tag, &day), &amount)) in (first as u32..).zip(columns) {
            if let Some(list) = lists.get_mut((tag & mask) as usize) {
                list.push(Row { tag, row, day, amount });
            }
        }
        lists
    });
    let mut by_part: Vec<Vec<Vec<Row<A>>>> = (0..parts).map(|_| Vec::with_capacity(dealt.len())).collect();
    for lists in dealt {
        for (part, list) in by_part.iter_mut().zip(lists) {
            part.push(list);
        }
    }
    by_part
}

/// First and last day of all rows.
#[derive(Debug, Clone, Copy)]
struct Span {
    first: i32,
    days: usize,
}

impl Span {
    fn of(days: &[i32]) -> Span {
        let first = days.iter().copied().min().unwrap_or(0);
        let last = days.iter().copied().max().unwrap_or(0);
        Span { first, days: (i64::from(last) - i64::from(first)) as usize + 1 }
    }
}

/// One part's rows and the place where they go.
struct Place<'a, A> {
    rows: Vec<Vec<Row<A>>>,
    start: u32,
    days: &'a mut [i32],
    amounts: &'a mut [A],
}

#[allow(
    clippy::indexing_slicing,
    reason = "counting sorts: every index is a row, a day of the span or a customer counted just before"
)]
impl<A: Amount> Place<'_, A> {
    fn fill<F>(mut self, tags: &Tags<'_, F>, bits: u32, span: Span) -> (Vec<Run>, Tally)
    where
        F: Fn(u32, u32) -> bool,
    {
        let customers = match tags {
            Tags::Exact(_) => number_exact(&mut self.rows, bits),
            Tags::Hashed(_, same) => number_hashed(&mut self.rows, same),
        };
        let rows = by_day(self.rows, span);

        // Where each customer's rows begin; moves on as rows are placed, so that it ends where the next ones begin.
        let mut next = vec![0_u32; customers];
        for row in &rows {
            next[row.tag as usize] += 1;
        }
        let mut sum = 0;
        for slot in &mut next {
            sum += std::mem::replace(slot, sum);
        }
        let mut input_rows = vec![0_u32; rows.len()];
        for row in &rows {
            let to = next[row.tag as usize] as usize;
            next[row.tag as usize] += 1;
            self.days[to] = row.day;
            self.amounts[to] = row.amount;
            input_rows[to] = row.row;
        }

        let mut duplicates = Tally::default();
        let mut runs = Vec::with_capacity(customers);
        let mut start = 0;
        for end in next {
            let run = start as usize..end as usize;
            if let Some(&first_row) = input_rows[run.clone()].iter().min() {
                count_repeats(
                    &self.days[run.clone()],
                    &self.amounts[run.clone()],
                    &input_rows[run],
                    &mut duplicates,
                );
                runs.push(Run { first_row, start: self.start + start, len: end - start });
            }
            start = end;
        }
        (runs, duplicates)
    }
}

/// Replaces tags by numbers within the part: the bits above those that the part has in common.
fn number_exact<A>(lists: &mut [Vec<Row<A>>], bits: u32) -> usize {
    let mut highest = 0;
    for row in lists.iter_mut().flatten() {
        row.tag >>= bits;
        highest = highest.max(row.tag);
    }
    highest as usize + 1
}

/// Replaces tags by numbers within the part, in order of appearance.
fn number_hashed<A, F: Fn(u32, u32) -> bool>(lists: &mut [Vec<Row<A>>], same: F) -> usize {
    let rows = lists.iter().map(Vec::len).sum::<usize>();
    let mut known: HashTable<(u32, u32, u32)> = HashTable::with_capacity(rows / 4);
    // The table looks at the highest and the lowest bits; the tag has only 32, so spread them.
    let spread = |tag: u32| u64::from(tag).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for row in lists.iter_mut().flatten() {
        let new = (row.tag, row.row, known.len() as u32);
        let is_known = |&(tag, first_row, _): &(u32, u32, u32)| tag == row.tag && same(first_row, row.row);
        row.tag = known.entry(spread(row.tag), is_known, |known| spread(known.0)).or_insert(new).get().2;
    }
    known.len()
}

/// The rows in order of days, rows of one day in order of the input.
#[allow(clippy::indexing_slicing, reason = "a day of the span, and a place counted for it just before")]
fn by_day<A: Amount>(lists: Vec<Vec<Row<A>>>, span: Span) -> Vec<Row<A>> {
    let rows = lists.iter().map(Vec::len).sum::<usize>();
    // Counting pays while the counters are not many more than the rows.
    if span.days > 4 * rows + 1024 {
        let mut rows = lists.concat();
        rows.sort_by_key(|row| row.day);
        return rows;
    }
    let mut next = vec![0_u32; span.days];
    for row in lists.iter().flatten() {
        next[(row.day - span.first) as usize] += 1;
    }
    let mut sum = 0;
    for slot in &mut next {
        sum += std::mem::replace(slot, sum);
    }
    let mut sorted = vec![Row { tag: 0, row: 0, day: 0, amount: A::ZERO }; rows];
    for row in lists.iter().flatten() {
        let slot = &mut next[(row.day - span.first) as usize];
        sorted[*slot as usize] = *row;
        *slot += 1;
    }
    sorted
}

/// Tallies the rows that repeat an earlier row of the same customer: same day, same amount.
fn count_repeats<A: Amount>(days: &[i32], amounts: &[A], rows: &[u32], repeats: &mut Tally) {
    // Most customers have no two rows on a day.
    if !days.iter().zip(days.iter().skip(1)).any(|(a, b)| a == b) {
        return;
    }
    let mut rest = days.iter().zip(amounts).zip(rows).peekable();
    let mut same_day: Vec<(A, u32)> = Vec::new();
    while let Some(((day, &amount), &row)) = rest.next() {
        same_day.clear();
        same_day.push((amount, row));
        while let Some(((_, &amount), &row)) = rest.next_if(|((next, _), _)| *next == day) {
            same_day.push((amount, row));
        }
        if same_day.len() > 1 {
            same_day.sort_by(|a, b| a.0.partial_cmp(&b.0).unwrap_or(Ordering::Equal).then(a.1.cmp(&b.1)));
            for (earlier, later) in same_day.iter().zip(same_day.iter().skip(1)) {
                if earlier.0 == later.0 {
                    repeats.add(later.1);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Lines = Vec<(i32, i64)>;

    fn brute_force(ids: &[u32], days: &[i32], amounts: &[i64]) -> (Vec<(u32, Lines)>, Tally) {
        type Rows = Vec<(i32, u32, i64)>;
        let mut people: Vec<(u32, Rows)> = Vec::new();
        let mut duplicates = Tally::default();
        for (row, ((&id, &day), &amount)) in ids.iter().zip(days).zip(amounts).enumerate() {
            let lines = match people.iter_mut().find(|(known, _)| *known == id) {
                Some((_, lines)) => lines,
                None => {
                    people.push((id, Vec::new()));
                    &mut people.last_mut().unwrap().1
                }
            };
            if lines.iter().any(|&(d, _, a)| d == day && a == amount) {
                duplicates.add(row as u32);
            }
            lines.push((day, row as u32, amount));
        }
        let sorted = |mut lines: Rows| {
            lines.sort_by_key(|&(day, row, _)| (day, row));
            lines.into_iter().map(|(day, _, amount)| (day, amount)).collect()
        };
        (people.into_iter().map(|(id, lines)| (id, sorted(lines))).collect(), duplicates)
    }

    fn people(ids: &[u32], grouped: &Grouped<i64>) -> Vec<(u32, Lines)> {
        let mut runs = grouped.runs.clone();
        runs.sort_by_key(|run| run.first_row);
        let lines = |run: &Run| {
            let range = run.start as usize..(run.start + run.len) as usize;
            grouped.days[range.clone()].iter().copied().zip(grouped.amounts[range].iter().copied()).collect()
        };
        runs.iter().map(|run| (ids[run.first_row as usize], lines(run))).collect()
    }

    #[test]
    fn nothing_groups_to_nothing() {
        let grouped = group::<i64, _>(&Tags::Exact::<fn(u32, u32) -> bool>(&[]), &[], &[]);
        assert!(grouped.runs.is_empty() && grouped.days.is_empty());
    }

    proptest! {
        #[test]
        fn agrees_with_brute_force(
            rows in prop::collection::vec((0_u32..12, 0_i32..9, -2_i64..3), 0..80),
            stretch in prop::sample::select(vec![1_i32, 100_000_000]),
        ) {
            let ids: Vec<u32> = rows.iter().map(|row| row.0).collect();
            let days: Vec<i32> = rows.iter().map(|row| (row.1 - 4) * stretch).collect();
            let amounts: Vec<i64> = rows.iter().map(|row| row.2).collect();
            let (expected, duplicates) = brute_force(&ids, &days, &amounts);

            let exact = group(&Tags::Exact::<fn(u32, u32) -> bool>(&ids), &days, &amounts);
            prop_assert_eq!(people(&ids, &exact), expected.clone());
            prop_assert_eq!(exact.duplicates, duplicates);

            // Tags of two bits collide all the time.
            let clashing: Vec<u32> = ids.iter().map(|id| id % 4).collect();
            let same = |a: u32, b: u32| ids[a as usize] == ids[b as usize];
            let hashed = group(&Tags::Hashed(&clashing, same), &days, &amounts);
            prop_assert_eq!(people(&ids, &hashed), expected);
            prop_assert_eq!(hashed.duplicates, duplicates);
        }
    }

    #[test]
    fn many_parts_and_tasks_keep_the_order_of_the_input() {
        let rows = 40_000;
        let ids: Vec<u32> = (0..rows).map(|n: u32| n.wrapping_mul(2_654_435_761) % 997).collect();
        let days: Vec<i32> = (0..rows as i32).map(|n| n * 7 % 31).collect();
        let amounts: Vec<i64> = (0..rows.into()).collect();
        let (expected, duplicates) = brute_force(&ids, &days, &amounts);
        let grouped = group(&Tags::Exact::<fn(u32, u32) -> bool>(&ids), &days, &amounts);
        assert_eq!(people(&ids, &grouped), expected);
        assert_eq!(grouped.duplicates, duplicates);
        let hashed = group(&Tags::Hashed(&ids, |_, _| true), &days, &amounts);
        assert_eq!(people(&ids, &hashed), expected);
    }
}
