//! Brings the rows of each customer together, in order of days.
//!
//! Rows are dealt into parts by the low bits of a tag, small enough that a part's work stays in the
//! cache; inside a part two counting sorts, by day and then by customer, keep the order of the
//! input among rows of one day. What bounds it is memory traffic, so a row is packed into 16 bytes
//! where tags and days allow.

use std::cmp::Ordering;
use std::ops::Range;

use hashbrown::HashTable;

use crm_numbers::{Amount, parallel};

/// All rows, customer by customer and day by day.
#[derive(Debug)]
pub(crate) struct Grouped<A> {
    pub(crate) days: Vec<i32>,
    pub(crate) amounts: Vec<A>,
    /// For each customer, where its rows begin and its first row in the input. The order of
    /// customers is arbitrary.
    pub(crate) runs: Vec<Run>,
    pub(crate) duplicates: Tally,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Run {
    pub(crate) start: u32,
    pub(crate) first_row: u32,
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

    fn merge(self, other: Tally) -> Tally {
        let first_row = self.first_row.into_iter().chain(other.first_row).min();
        Tally { count: self.count + other.count, first_row }
    }
}

/// Rows of which the tag says whose they are: every tag is one customer, and none reaches `limit`.
pub(crate) fn group_by_number<A: Amount>(
    tag: impl Fn(usize) -> u32 + Sync,
    limit: u32,
    day: impl Fn(usize) -> i32 + Sync,
    amounts: &[A],
) -> Grouped<A> {
    let input = Input::new(tag, day, amounts);
    // Customers of one part share the low bits, so that the others number them within it.
    let number = |rows: &mut [Vec<Row<A, u32>>], _: &mut Known| highest_tag(rows);
    let number_wide = |rows: &mut [Vec<Row<A, u64>>], _: &mut Known| highest_tag(rows);
    let fits = u32::fits(limit >> input.bits, input.span.days);
    if fits {
        input.group(|tag| tag >> input.bits, number)
    } else {
        input.group(|tag| tag >> input.bits, number_wide)
    }
}

/// Rows of which the tag is a hash: equal tags are one customer where `same` says so of two rows.
pub(crate) fn group_by_hash<A: Amount>(
    tag: impl Fn(usize) -> u32 + Sync,
    same: impl Fn(u32, u32) -> bool + Sync,
    day: impl Fn(usize) -> i32 + Sync,
    amounts: &[A],
) -> Grouped<A> {
    let number = |rows: &mut [Vec<Row<A, u64>>], known: &mut Known| number_by_hash(rows, known, &same);
    Input::new(tag, day, amounts).group(|tag| tag, number)
}

/// Tag and day of a row, packed.
trait Key: Copy + Send + Sync {
    const NONE: Self;

    fn fits(tags: u32, days: u64) -> bool;
    fn new(tag: u32, day: u32) -> Self;
    fn tag(self) -> usize;
    fn day(self) -> usize;
}

impl Key for u32 {
    const NONE: Self = 0;

    fn fits(tags: u32, days: u64) -> bool {
        tags < 1 << 16 && days < 1 << 16
    }

    fn new(tag: u32, day: u32) -> Self {
        tag << 16 | day
    }

    fn tag(self) -> usize {
        (self >> 16) as usize
    }

    fn day(self) -> usize {
        (self & 0xffff) as usize
    }
}

impl Key for u64 {
    const NONE: Self = 0;

    fn fits(_: u32, _: u64) -> bool {
        true
    }

    fn new(tag: u32, day: u32) -> Self {
        u64::from(tag) << 32 | u64::from(day)
    }

    fn tag(self) -> usize {
        (self >> 32) as usize
    }

    fn day(self) -> usize {
        (self & 0xffff_ffff) as usize
    }
}

#[derive(Debug, Clone, Copy)]
struct Row<A, P> {
    key: P,
    row: u32,
    amount: A,
}

/// Customers of one part by hash: tag, first row, number.
type Known = HashTable<(u32, u32, u32)>;

/// About how many rows a part holds: packed rows and their sorted copy then fit the second-level
/// cache.
const ROWS_PER_PART: usize = 1 << 14;
/// Rows dealt by one task.
const ROWS_PER_TASK: usize = 1 << 20;
/// Parts worked off by one task, which reuses its memory from one to the next.
const PARTS_PER_TASK: usize = 8;

struct Input<'a, A, T, D> {
    tag: T,
    day: D,
    amounts: &'a [A],
    bits: u32,
    span: Span,
}

/// First day, and number of days to the last.
#[derive(Debug, Clone, Copy)]
struct Span {
    first: i32,
    days: u64,
}

/// The rows of some neighbouring parts, and the place where they go.
struct Task<'a, A, P> {
    parts: Vec<Vec<Vec<Row<A, P>>>>,
    start: u32,
    days: &'a mut [i32],
    amounts: &'a mut [A],
}

impl<'a, A, T, D> Input<'a, A, T, D>
where
    A: Amount,
    T: Fn(usize) -> u32 + Sync,
    D: Fn(usize) -> i32 + Sync,
{
    fn new(tag: T, day: D, amounts: &'a [A]) -> Self {
        let bits = amounts.len().div_ceil(ROWS_PER_PART).next_power_of_two().trailing_zeros();
        let ends = parallel::map(tasks(amounts.len()), |rows| {
            rows.map(&day).fold((i32::MAX, i32::MIN), |(first, last), day| (first.min(day), last.max(day)))
        });
        let first = ends.iter().map(|ends| ends.0).min().unwrap_or(0);
        let last = ends.iter().map(|ends| ends.1).max().unwrap_or(0);
        let span = Span { first, days: first.abs_diff(last).into() };
        Input { tag, day, amounts, bits, span }
    }

    fn group<P: Key>(
        &self,
        key_tag: impl Fn(u32) -> u32 + Sync,
        number: impl Fn(&mut [Vec<Row<A, P>>], &mut Known) -> usize + Sync,
    ) -> Grouped<A> {
        let mut days = vec![0_i32; self.amounts.len()];
        let mut amounts = vec![A::ZERO; self.amounts.len()];
        let mut tasks = Vec::new();
        let (mut free_days, mut free_amounts) = (days.as_mut_slice(), amounts.as_mut_slice());
        let mut start = 0;
        let mut parts = self.deal(key_tag).into_iter().peekable();
        while parts.peek().is_some() {
            let parts: Vec<_> = parts.by_ref().take(PARTS_PER_TASK).collect();
            let rows = parts.iter().flatten().map(Vec::len).sum();
            let (task_days, rest) = free_days.split_at_mut(rows);
            free_days = rest;
            let (task_amounts, rest) = free_amounts.split_at_mut(rows);
            free_amounts = rest;
            tasks.push(Task { parts, start, days: task_days, amounts: task_amounts });
            start += rows as u32;
        }
        let grouped = parallel::map(tasks, |task| task.run(self.span, &number));
        let mut runs = Vec::with_capacity(grouped.iter().map(|(runs, _)| runs.len()).sum());
        let mut duplicates = Tally::default();
        for (task_runs, task_duplicates) in grouped {
            runs.extend(task_runs);
            duplicates = duplicates.merge(task_duplicates);
        }
        Grouped { days, amounts, runs, duplicates }
    }

    /// For each part, its rows in order of the input, one list a task.
    fn deal<P: Key>(&self, key_tag: impl Fn(u32) -> u32 + Sync) -> Vec<Vec<Vec<Row<A, P>>>> {
        let parts = 1_usize << self.bits;
        let mask = parts as u32 - 1;
        let dealt = parallel::map(tasks(self.amounts.len()), |rows| {
            let expected = rows.len() / parts;
            let room = expected + expected / 8 + 8;
            let mut lists: Vec<Vec<Row<A, P>>> = (0..parts).map(|_| Vec::with_capacity(room)).collect();
            let amounts = self.amounts.get(rows.clone()).unwrap_or_default();
            for (at, &amount) in rows.zip(amounts) {
                let (tag, day) = ((self.tag)(at), (self.day)(at));
                let key = P::new(key_tag(tag), day.abs_diff(self.span.first));
                if let Some(list) = lists.get_mut((tag & mask) as usize) {
                    list.push(Row { key, row: at as u32, amount });
                }
            }
            lists
        });
        let mut by_part: Vec<_> = (0..parts).map(|_| Vec::with_capacity(dealt.len())).collect();
        for lists in dealt {
            for (part, list) in by_part.iter_mut().zip(lists) {
                part.push(list);
            }
        }
        by_part
    }
}

fn tasks(rows: usize) -> Vec<Range<usize>> {
    (0..rows).step_by(ROWS_PER_TASK).map(|first| first..rows.min(first + ROWS_PER_TASK)).collect()
}

/// Memory that a task uses for one part after the other.
struct Scratch<A, P> {
    known: Known,
    counts: Vec<u32>,
    by_day: Vec<Row<A, P>>,
    input_rows: Vec<u32>,
}

impl<A: Amount, P: Key> Task<'_, A, P> {
    fn run(
        mut self,
        span: Span,
        number: impl Fn(&mut [Vec<Row<A, P>>], &mut Known) -> usize,
    ) -> (Vec<Run>, Tally) {
        let (mut runs, mut duplicates) = (Vec::new(), Tally::default());
        let mut scratch = Scratch { known: Known::new(), counts: vec![], by_day: vec![], input_rows: vec![] };
        let mut from = 0;
        for mut part in std::mem::take(&mut self.parts) {
            let to = from + part.iter().map(Vec::len).sum::<usize>();
            let customers = number(&mut part, &mut scratch.known);
            scratch.sort_by_day(&part, span);
            drop(part);
            if let (Some(days), Some(amounts)) = (self.days.get_mut(from..to), self.amounts.get_mut(from..to))
            {
                scratch.place(customers, span.first, days, amounts);
                scratch.tell(self.start + from as u32, days, amounts, &mut runs, &mut duplicates);
            }
            from = to;
        }
        (runs, duplicates)
    }
}

#[allow(
    clippy::indexing_slicing,
    reason = "counting sorts: every index is a row, a day of the span or a customer counted just before"
)]
impl<A: Amount, P: Key> Scratch<A, P> {
    /// Fills `by_day` with the rows of a part, rows of one day in order of the input.
    fn sort_by_day(&mut self, part: &[Vec<Row<A, P>>], span: Span) {
        let rows = part.iter().map(Vec::len).sum::<usize>();
        self.by_day.clear();
        // Counting pays while the counters are not many more than the rows.
        if span.days > 4 * rows as u64 + 1024 {
            self.by_day.extend(part.iter().flatten().copied());
            self.by_day.sort_by_key(|row| row.key.day());
            return;
        }
        self.by_day.resize(rows, Row { key: P::NONE, row: 0, amount: A::ZERO });
        self.counts.clear();
        self.counts.resize(span.days as usize + 1, 0);
        for row in part.iter().flatten() {
            self.counts[row.key.day()] += 1;
        }
        starts_from_counts(&mut self.counts);
        for row in part.iter().flatten() {
            let slot = &mut self.counts[row.key.day()];
            self.by_day[*slot as usize] = *row;
            *slot += 1;
        }
    }

    /// Writes the columns in order of customers; leaves in `counts` where each customer's rows end.
    fn place(&mut self, customers: usize, first_day: i32, days: &mut [i32], amounts: &mut [A]) {
        self.counts.clear();
        self.counts.resize(customers, 0);
        for row in &self.by_day {
            self.counts[row.key.tag()] += 1;
        }
        starts_from_counts(&mut self.counts);
        self.input_rows.clear();
        self.input_rows.resize(self.by_day.len(), 0);
        for row in &self.by_day {
            let slot = &mut self.counts[row.key.tag()];
            let to = *slot as usize;
            *slot += 1;
            days[to] = first_day.wrapping_add_unsigned(row.key.day() as u32);
            amounts[to] = row.amount;
            self.input_rows[to] = row.row;
        }
    }

    fn tell(&self, start: u32, days: &[i32], amounts: &[A], runs: &mut Vec<Run>, duplicates: &mut Tally) {
        let mut from = 0;
        for &end in &self.counts {
            let run = from as usize..end as usize;
            let input_rows = &self.input_rows[run.clone()];
            if let Some(&first_row) = input_rows.iter().min() {
                count_repeats(&days[run.clone()], &amounts[run], input_rows, duplicates);
                runs.push(Run { start: start + from, first_row });
            }
            from = end;
        }
    }
}

/// Turns counts into the places where each begins.
fn starts_from_counts(counts: &mut [u32]) {
    let mut sum = 0;
    for slot in counts {
        sum += std::mem::replace(slot, sum);
    }
}

fn highest_tag<A, P: Key>(lists: &[Vec<Row<A, P>>]) -> usize {
    lists.iter().flatten().map(|row| row.key.tag() + 1).max().unwrap_or(0)
}

/// Replaces hashes by numbers within the part, in order of appearance.
fn number_by_hash<A>(
    lists: &mut [Vec<Row<A, u64>>],
    known: &mut Known,
    same: impl Fn(u32, u32) -> bool,
) -> usize {
    // The table looks at the highest and the lowest bits; the tag has only 32, so spread them.
    let spread = |tag: u32| u64::from(tag).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    known.clear();
    for row in lists.iter_mut().flatten() {
        let tag = row.key.tag() as u32;
        let new = (tag, row.row, known.len() as u32);
        let is_known = |&(known_tag, first_row, _): &_| known_tag == tag && same(first_row, row.row);
        let number = known.entry(spread(tag), is_known, |known| spread(known.0)).or_insert(new).get().2;
        row.key = Key::new(number, row.key.day() as u32);
    }
    known.len()
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
            let after = grouped.runs.iter().map(|run| run.start).filter(|&start| start > run.start).min();
            let range = run.start as usize..after.map_or(grouped.days.len(), |end| end as usize);
            grouped.days[range.clone()].iter().copied().zip(grouped.amounts[range].iter().copied()).collect()
        };
        runs.iter().map(|run| (ids[run.first_row as usize], lines(run))).collect()
    }

    #[test]
    fn nothing_groups_to_nothing() {
        let grouped = group_by_number::<i64>(|_| 0, 0, |_| 0, &[]);
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

            let exact = group_by_number(|row| ids[row], 12, |row| days[row], &amounts);
            prop_assert_eq!(people(&ids, &exact), expected.clone());
            prop_assert_eq!(exact.duplicates, duplicates);

            // Tags of two bits collide all the time.
            let clashing: Vec<u32> = ids.iter().map(|id| id % 4).collect();
            let same = |a: u32, b: u32| ids[a as usize] == ids[b as usize];
            let hashed = group_by_hash(|row| clashing[row], same, |row| days[row], &amounts);
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
        let grouped = group_by_number(|row| ids[row], 997, |row| days[row], &amounts);
        assert_eq!(people(&ids, &grouped), expected);
        assert_eq!(grouped.duplicates, duplicates);
        let hashed = group_by_hash(|row| ids[row], |_, _| true, |row| days[row], &amounts);
        assert_eq!(people(&ids, &hashed), expected);
    }
}
