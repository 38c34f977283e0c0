//! Counts of the triangle: one pass over the orders for the first periods, one for the money.

use crm_numbers::parallel;
use crm_numbers::{EmptyError, check};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crm_history::Day;
use crm_numbers::TimeUnit;
use crm_numbers::{Amount, SumUnit};

use crate::error::Error;

/// Minimum number of orders per chunk.
const CHUNK: usize = 1 << 17;
/// Number of customers per chunk.
const CUSTOMERS: usize = 1 << 14;
/// Maximum number of periods: 2 048 weeks are 39 years. Such a triangle has two million cells.
const MOST_PERIODS: i32 = 2_048;
/// Maximum number of words of 64 periods, for all customers: 1 GiB.
const MOST_WORDS: usize = 1 << 27;

/// Orders in columns, with the end of counting.
pub(super) struct Orders<'a, A> {
    pub(super) customers: &'a [u32],
    pub(super) days: &'a [Day],
    pub(super) amounts: &'a [A],
    pub(super) end: Day,
}

/// Counts by cohort and age.
pub(super) struct Counts {
    pub(super) first: Day,
    pub(super) periods: usize,
    pub(super) customers: Vec<u64>,
    pub(super) orders: Vec<u64>,
    pub(super) units: Vec<i128>,
    /// Refunds without a purchase before them.
    pub(super) strays: (u64, i128),
    pub(super) after_end: u64,
}

/// Returns the index of a cohort's first cell: cohorts of `periods`, `periods - 1`, ... ages follow
/// each other.
pub(super) fn start(periods: usize, cohort: usize) -> usize {
    cohort * periods - cohort * cohort.saturating_sub(1) / 2
}

/// Totals of one pass over all orders.
#[derive(Clone, Copy)]
struct Extent {
    first: Day,
    most: u32,
    purchases: u64,
    after_end: u64,
}

impl<A: Amount> Orders<'_, A> {
    pub(super) fn count(&self, unit: TimeUnit, money: SumUnit<A>) -> Result<Counts, Error> {
        let extent = self.extent();
        if extent.purchases == 0 {
            return Err(EmptyError::new("orders up to the end").into());
        }
        let number = |day: Day| i64::from(day.period(unit).index());
        let periods = number(self.end) - number(extent.first) + 1;
        check::range("periods from the first order to the end", periods, ..=i64::from(MOST_PERIODS))?;
        let periods = periods as usize;
        let people = extent.most as usize + 1;
        let words = periods.div_ceil(64);
        check::range("largest index of a customer", extent.most as usize, ..MOST_WORDS / words)?;
        let calendar = Calendar::new(extent.first, self.end, unit, periods);
        let active = self.active(&calendar, people, words);
        let mut counts = Counts {
            first: extent.first,
            periods,
            customers: vec![0; start(periods, periods)],
            orders: Vec::new(),
            units: Vec::new(),
            strays: (0, 0),
            after_end: extent.after_end,
        };
        let cohorts = cohorts(&active, words, &mut counts);
        self.add_up(&calendar, &cohorts, money, &mut counts);
        Ok(counts)
    }

    fn rows(&self, range: std::ops::Range<usize>) -> impl Iterator<Item = (u32, Day, A)> + '_ {
        let customers = self.customers.get(range.clone()).unwrap_or_default();
        let days = self.days.get(range.clone()).unwrap_or_default();
        let amounts = self.amounts.get(range).unwrap_or_default();
        customers.iter().zip(days).zip(amounts).map(|((&customer, &day), &amount)| (customer, day, amount))
    }

    fn extent(&self) -> Extent {
        let none = Extent { first: Day::MAX, most: 0, purchases: 0, after_end: 0 };
        let chunks = parallel::map_ranges(self.days.len(), CHUNK, |range| {
            self.rows(range).fold(none, |mut extent, (customer, day, amount)| {
                if day > self.end {
                    extent.after_end += 1;
                    return extent;
                }
                extent.most = extent.most.max(customer);
                if amount >= A::ZERO {
                    extent.first = extent.first.min(day);
                    extent.purchases += 1;
                }
                extent
            })
        });
        chunks.into_iter().fold(none, |a, b| Extent {
            first: a.first.min(b.first),
            most: a.most.max(b.most),
            purchases: a.purchases + b.purchases,
            after_end: a.after_end + b.after_end,
        })
    }

    /// Returns one bit per customer and period with a purchase. Setting bits gives the same result
    /// in any order.
    fn active(&self, calendar: &Calendar, people: usize, words: usize) -> Vec<AtomicU64> {
        let mut active = Vec::with_capacity(people * words);
        active.resize_with(people * words, || AtomicU64::new(0));
        parallel::map_ranges(self.days.len(), CHUNK, |range| {
            for (customer, day, amount) in self.rows(range) {
                let Some(period) = calendar.period(day).filter(|_| amount >= A::ZERO) else { continue };
                let Some(word) = active.get(customer as usize * words + period / 64) else { continue };
                let bit = 1 << (period % 64);
                // Most orders find their bit set; reading is cheaper than writing.
                if word.load(Relaxed) & bit == 0 {
                    word.fetch_or(bit, Relaxed);
                }
            }
        });
        active
    }

    /// Adds up the orders and the money of each cell. Sums of whole units are the same in any
    /// order.
    fn add_up(&self, calendar: &Calendar, cohorts: &[u16], money: SumUnit<A>, counts: &mut Counts) {
        let periods = counts.periods;
        let starts: Vec<usize> = (0..periods).map(|cohort| start(periods, cohort)).collect();
        let cells = counts.customers.len();
        let chunks = parallel::map_ranges(self.days.len(), CHUNK.max(4 * cells), |range| {
            let (mut sums, mut strays) = (vec![(0_u64, 0_i128); cells], (0_u64, 0_i128));
            for (customer, day, amount) in self.rows(range) {
                if day > self.end {
                    continue;
                }
                let (units, order) = (money.count(amount), u64::from(amount >= A::ZERO));
                let cohort = cohorts.get(customer as usize).copied().unwrap_or(NEVER);
                let age = calendar.period(day).and_then(|period| period.checked_sub(usize::from(cohort)));
                let place = age.and_then(|age| Some(starts.get(usize::from(cohort))? + age));
                match place.and_then(|place| sums.get_mut(place)) {
                    Some((orders, sum)) => {
                        *orders += order;
                        *sum += units;
                    }
                    None => {
                        strays.0 += 1;
                        strays.1 += units;
                    }
                }
            }
            (sums, strays)
        });
        (counts.orders, counts.units) = (vec![0; cells], vec![0; cells]);
        for (sums, strays) in chunks {
            counts.strays.0 += strays.0;
            counts.strays.1 += strays.1;
            for ((orders, units), sum) in counts.orders.iter_mut().zip(&mut counts.units).zip(sums) {
                *orders += sum.0;
                *units += sum.1;
            }
        }
    }
}

/// Cohort of customers without a purchase.
const NEVER: u16 = u16::MAX;

/// Returns the cohort of every customer, and counts the customers with an order by cohort and age.
fn cohorts(active: &[AtomicU64], words: usize, counts: &mut Counts) -> Vec<u16> {
    let periods = counts.periods;
    let cells = counts.customers.len();
    let people = active.len() / words;
    let chunks = parallel::map_ranges(people, CUSTOMERS.max(cells / 8), |range| {
        let mut customers = vec![0_u64; cells];
        let mut cohorts = Vec::with_capacity(range.len());
        let bits = active.get(range.start * words..range.end * words).unwrap_or_default();
        for bits in bits.chunks_exact(words) {
            let mut cohort = None;
            for (at, word) in bits.iter().enumerate() {
                let mut word = word.load(Relaxed);
                while word != 0 {
                    let period = at * 64 + word.trailing_zeros() as usize;
                    let first = *cohort.get_or_insert(period);
                    if let Some(count) = customers.get_mut(start(periods, first) + period - first) {
                        *count += 1;
                    }
                    word &= word - 1;
                }
            }
            cohorts.push(cohort.map_or(NEVER, |cohort| cohort as u16));
        }
        (customers, cohorts)
    });
    let mut all = Vec::with_capacity(people);
    for (customers, cohorts) in chunks {
        all.extend(cohorts);
        for (sum, count) in counts.customers.iter_mut().zip(customers) {
            *sum += count;
        }
    }
    all
}

/// The period of every day from the start of the first period to the end, as an index from 0.
struct Calendar {
    first: i32,
    periods: Vec<u16>,
}

impl Calendar {
    fn new(first_purchase: Day, end: Day, unit: TimeUnit, periods: usize) -> Self {
        let mut period = first_purchase.period(unit);
        let first = period.first_day();
        let mut table = Vec::with_capacity(end.days_since(first) as usize + 1);
        for number in 0..periods as u16 {
            let days = period.last_day().min(end).days_since(first) as usize + 1;
            table.resize(days, number);
            period = period.next();
        }
        Self { first: first.since_epoch(), periods: table }
    }

    #[inline]
    fn period(&self, day: Day) -> Option<usize> {
        let offset = day.since_epoch().wrapping_sub(self.first);
        self.periods.get(usize::try_from(offset).ok()?).map(|period| usize::from(*period))
    }
}
