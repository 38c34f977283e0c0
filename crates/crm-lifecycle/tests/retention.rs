//! Retention, cohorts and bridges: what must hold for any customers.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use crm_history::{Day, Decimal, Ledger, NaiveDate};
use crm_lifecycle::cohort::Triangle;
use crm_lifecycle::retention::{Activity, Bridge, Statement};
use crm_numbers::TimeUnit;
use proptest::collection::vec;
use proptest::prelude::*;

const RELATIVE: f64 = 1e-12;

fn cents() -> impl Strategy<Value = Decimal> {
    let amount = prop_oneof![2 => Just(0), 5 => 1_i64..100_000, 1 => 1_i64..1_000_000_000_000];
    (amount, 0_u32..4).prop_map(|(amount, scale)| Decimal::new(amount, scale))
}

proptest! {
    /// Amounts decompose without a rest; GRR is at most 1 and at most NRR.
    #[test]
    fn revenue_decomposes(rows in vec((cents(), cents(), 0_usize..3), 0..40)) {
        let before: Vec<Decimal> = rows.iter().map(|row| row.0).collect();
        let after: Vec<Decimal> = rows.iter().map(|row| row.1).collect();
        let groups: Vec<usize> = rows.iter().map(|row| row.2).collect();
        let all = Statement::between(&before, &after).unwrap();
        let moved = all.revenue.movements();
        prop_assert_eq!(moved.opening, before.iter().sum::<Decimal>());
        prop_assert_eq!(all.revenue.closing(), after.iter().sum::<Decimal>());
        let net = moved.expansion - moved.contraction - moved.loss;
        prop_assert_eq!(all.revenue.grown() - moved.opening, net);
        prop_assert_eq!(all.revenue.closing() - moved.opening, net + moved.new);
        // Counted one by one.
        let kind = |wanted: fn(Decimal, Decimal) -> bool| {
            rows.iter().filter(|row| wanted(row.0, row.1)).count() as u64
        };
        prop_assert_eq!(all.customers.opening(), kind(|before, _| !before.is_zero()));
        prop_assert_eq!(all.customers.lost(), kind(|before, after| !before.is_zero() && after.is_zero()));
        prop_assert_eq!(all.customers.won(), kind(|before, after| before.is_zero() && !after.is_zero()));
        prop_assert_eq!(all.customers.closing(), kind(|_, after| !after.is_zero()));
        match (all.revenue.gross_retention(), all.revenue.net_retention()) {
            (Some(gross), Some(net_rate)) => {
                prop_assert!(gross <= Decimal::ONE && gross >= Decimal::ZERO && net_rate >= gross);
                let rest = Decimal::ONE + net / moved.opening - net_rate;
                prop_assert!(rest.abs() <= Decimal::new(1, 24) * net_rate.max(Decimal::ONE), "{}", rest);
            }
            none => {
                prop_assert_eq!(none, (None, None));
                prop_assert!(moved.opening.is_zero());
            }
        }
        let by_group = Statement::by_group(&before, &after, &groups, 3).unwrap();
        prop_assert_eq!(Statement::total(&by_group).unwrap(), all);
        for (group, statement) in by_group.iter().enumerate() {
            let of = |column: &[Decimal]| -> Vec<Decimal> {
                column.iter().zip(&groups).filter(|row| *row.1 == group).map(|row| *row.0).collect()
            };
            prop_assert_eq!(*statement, Statement::between(&of(&before), &of(&after)).unwrap());
        }
    }

    /// What one period leaves is what the next one starts with.
    #[test]
    fn periods_are_chained(paid in vec(vec(cents(), 4), 0..12)) {
        let flat: Vec<Decimal> = paid.iter().flatten().copied().collect();
        let statements = Statement::by_period(&flat, 4).unwrap();
        for pair in statements.windows(2) {
            prop_assert_eq!(pair[0].revenue.closing(), pair[1].revenue.movements().opening);
            prop_assert_eq!(pair[0].customers.closing(), pair[1].customers.opening());
        }
        // Back is whoever pays after a pause, new whoever never paid before: counted one by one.
        for (at, statement) in statements.iter().enumerate() {
            let (mut new, mut back) = ((0, Decimal::ZERO), (0, Decimal::ZERO));
            for row in paid.iter().filter(|row| row[at].is_zero() && !row[at + 1].is_zero()) {
                let slot = if row[..at].iter().any(|amount| !amount.is_zero()) { &mut back } else { &mut new };
                *slot = (slot.0 + 1, slot.1 + row[at + 1]);
            }
            let (customers, moved) = (statement.customers, statement.revenue.movements());
            prop_assert_eq!((customers.new_customers(), moved.new), new);
            prop_assert_eq!((customers.returned(), moved.returned), back);
        }
    }

    /// The effects of a bridge add up to the last digit, by cohort and in total.
    #[test]
    fn bridges_add_up(
        cohorts in vec(prop::array::uniform2((0_u64..50, 0_u64..90, cents(), -50_i64..50)), 1..8),
        places in 0_u32..6,
    ) {
        let activity = |(customers, more, revenue, percent): (u64, u64, Decimal, i64)| match customers {
            0 => Activity::default(),
            _ => Activity {
                customers,
                orders: customers + more,
                revenue,
                profit: revenue * Decimal::new(percent, 2),
            },
        };
        let named = cohorts.iter().map(|&[before, after]| ("cohort", activity(before), activity(after)));
        let bridge = Bridge::new(named.clone(), places).unwrap();
        for row in bridge.rows().iter().chain([bridge.total()]) {
            prop_assert_eq!(row.before + row.customers + row.frequency + row.value + row.margin, row.after);
        }
        let profit = |after: bool| -> Decimal {
            named.clone().map(|(_, one, other)| if after { other.profit } else { one.profit }).sum()
        };
        prop_assert_eq!((bridge.total().before, bridge.total().after), (profit(false), profit(true)));
        // Each level is a product of four factors, within its rounding.
        for (row, (_, before, after)) in bridge.rows().iter().zip(named) {
            if before.customers == 0 || after.customers == 0 || before.revenue.is_zero() {
                continue;
            }
            let float = |amount: Decimal| amount.to_string().parse::<f64>().unwrap();
            let (n, f) = (after.customers as f64, before.orders as f64 / before.customers as f64);
            let (v, m) = (float(before.revenue) / before.orders as f64, float(before.profit) / float(before.revenue));
            let level = n * f * v * m;
            let got = float(row.before + row.customers);
            let tolerance = 0.51 * 0.1_f64.powi(places as i32) + RELATIVE * level.abs();
            prop_assert!((got - level).abs() <= tolerance, "{} {}", got, level);
        }
    }
}

/// Five customers over four months; two of them paused and came back, and were counted as new.
#[test]
fn customers_who_come_back_are_not_new() {
    let paid = [
        [10, 0, 12, 12], //
        [20, 20, 0, 25],
        [0, 15, 15, 0],
        [30, 30, 28, 0],
        [0, 0, 0, 40],
    ];
    let paid: Vec<Decimal> = paid.into_iter().flatten().map(Decimal::from).collect();
    let months = Statement::by_period(&paid, 4).unwrap();
    let text: Vec<String> = months.iter().map(|month| month.revenue.to_string()).collect();
    assert!(text[0].starts_with("60 + 0 - 0 - 10 + 15 = 65,"), "{}", text[0]);
    assert!(text[1].starts_with("65 + 0 - 2 - 20 + 0 + 12 back = 55,"), "{}", text[1]);
    assert!(text[2].starts_with("55 + 0 - 0 - 43 + 40 + 25 back = 77,"), "{}", text[2]);
    let sum = |count: fn(&Statement) -> u64| months.iter().map(count).sum::<u64>();
    assert_eq!(sum(|month| month.customers.new_customers()), 2);
    assert_eq!(sum(|month| month.customers.returned()), 2);
    assert_eq!(months[1].customers.to_string(), "3 - 1 + 0 + 1 back = 3 customers, churn 33.3 %");
    let all = Statement::total(&months).unwrap();
    assert_eq!((all.customers.returned(), all.revenue.movements().returned), (2, Decimal::from(37)));
}

/// Customer, day of the observation, cents.
type Order = (u32, i32, i64);

fn start() -> Day {
    NaiveDate::from_ymd_opt(2023, 11, 20).unwrap().into()
}

fn orders() -> impl Strategy<Value = Vec<Order>> {
    let amount = prop_oneof![6 => 1_i64..100_000, 1 => Just(0), 2 => -5_000_i64..0];
    vec((0_u32..12, 0_i32..500, amount), 1..120)
}

fn triangle(rows: &[Order], end: Day, unit: TimeUnit) -> Option<Triangle<i64>> {
    let customers: Vec<u32> = rows.iter().map(|row| row.0).collect();
    let days: Vec<Day> = rows.iter().map(|row| start().saturating_add(row.1)).collect();
    let amounts: Vec<i64> = rows.iter().map(|row| row.2).collect();
    Triangle::from_orders(&customers, &days, &amounts, end, unit).ok()
}

proptest! {
    /// Every cell by looking at every order: who, how many, how much.
    #[test]
    fn cells_are_direct_counts(
        rows in orders(),
        end in 0_i32..520,
        unit in prop::sample::select(vec![TimeUnit::Day, TimeUnit::Week, TimeUnit::Month, TimeUnit::Quarter, TimeUnit::Year]),
    ) {
        let end = start().saturating_add(end);
        let number = |row: &Order| start().saturating_add(row.1).period(unit).index();
        let seen: Vec<&Order> = rows.iter().filter(|row| start().saturating_add(row.1) <= end).collect();
        let mut born: BTreeMap<u32, i32> = BTreeMap::new();
        for row in seen.iter().filter(|row| row.2 >= 0) {
            let born = born.entry(row.0).or_insert(i32::MAX);
            *born = number(row).min(*born);
        }
        let Some(triangle) = triangle(&rows, end, unit) else {
            prop_assert!(born.is_empty());
            return Ok(());
        };
        let first = *born.values().min().unwrap();
        let periods = triangle.cohorts().len();
        prop_assert_eq!(triangle.cohorts()[0].index(), first);
        prop_assert_eq!(triangle.cohorts()[periods - 1], end.period(unit));
        let mut all = 0;
        for cohort in 0..periods + 2 {
            let mut cumulative = 0;
            for age in 0..periods + 2 {
                let Some(cell) = triangle.cell(cohort, age) else {
                    prop_assert!(cohort + age >= periods);
                    continue;
                };
                prop_assert!(cohort + age < periods);
                let here: Vec<&&Order> = seen
                    .iter()
                    .filter(|row| born.get(&row.0) == Some(&(first + cohort as i32)))
                    .filter(|row| number(row) == first + (cohort + age) as i32)
                    .collect();
                let bought: BTreeSet<u32> = here.iter().filter(|row| row.2 >= 0).map(|row| row.0).collect();
                prop_assert_eq!(cell.customers, bought.len() as u64);
                prop_assert_eq!(cell.orders, here.iter().filter(|row| row.2 >= 0).count() as u64);
                let revenue = here.iter().map(|row| i128::from(row.2)).sum::<i128>();
                cumulative += revenue;
                prop_assert_eq!((cell.revenue, cell.cumulative), (revenue, cumulative));
                let size = born.values().filter(|&&born| born == first + cohort as i32).count();
                prop_assert_eq!(triangle.size(cohort), size as u64);
                let mean = (size > 0).then(|| cumulative as f64 / size as f64);
                prop_assert_eq!(triangle.value_per_customer(cohort, age), mean);
                all += revenue;
            }
        }
        let left_out = triangle.left_out();
        prop_assert_eq!(all + left_out.refunded, seen.iter().map(|row| i128::from(row.2)).sum::<i128>());
        prop_assert_eq!(left_out.after_end, (rows.len() - seen.len()) as u64);
    }

    /// Columns of the triangle are those of the cohorts that were seen at that age, in any order of rows.
    #[test]
    fn columns_are_sums_of_cohorts(rows in orders(), end in 100_i32..520) {
        let end = start().saturating_add(end);
        let Some(of_rows) = triangle(&rows, end, TimeUnit::Month) else { return Ok(()) };
        let backwards: Vec<Order> = rows.iter().rev().copied().collect();
        prop_assert!(triangle(&backwards, end, TimeUnit::Month).as_ref() == Some(&of_rows));
        let periods = of_rows.cohorts().len();
        let whole = periods - usize::from(!of_rows.last_is_whole());
        for age in 0..periods + 1 {
            let cohorts = 0..whole.saturating_sub(age);
            let size: u64 = cohorts.clone().map(|cohort| of_rows.size(cohort)).sum();
            let cells = cohorts.filter_map(|cohort| of_rows.cell(cohort, age));
            let (customers, paid) =
                cells.fold((0, 0), |(customers, paid), cell| (customers + cell.customers, paid + cell.cumulative));
            let share = of_rows.retention_at(age).map(|share| (share.successes(), share.trials()));
            prop_assert_eq!(share, (size > 0).then_some((customers, size)));
            prop_assert_eq!(of_rows.value_at(age), (size > 0).then(|| paid as f64 / size as f64));
        }
    }
}

#[test]
fn a_ledger_and_its_columns_agree() {
    let rows: Vec<Order> =
        (0..500).map(|n: u32| (n * 7 % 31, (n * n % 480) as i32, i64::from(n % 9) * 100 - 100)).collect();
    let end = start().saturating_add(400);
    let lines = rows.iter().map(|row| (row.0, start().saturating_add(row.1).date(), row.2));
    let ledger = Ledger::from_rows(lines).unwrap();
    // The ledger numbers customers in order of appearance; a triangle does not tell.
    let from_ledger = Triangle::from_ledger(&ledger, end, TimeUnit::Month).unwrap();
    assert_eq!(from_ledger, triangle(&rows, end, TimeUnit::Month).unwrap());
}

/// One thread or three: the same bits, for doubles too.
#[test]
#[cfg(feature = "rayon")]
fn threads_do_not_change_a_bit() {
    let customers: Vec<u32> = (0..400_000_u32).map(|n| n.wrapping_mul(2_654_435_761) % 30_011).collect();
    let days: Vec<Day> =
        (0..400_000_u32).map(|n| start().saturating_add((n.wrapping_mul(40_503) % 900) as i32)).collect();
    let amounts: Vec<f64> = (0..400_000_u32).map(|n| f64::from(n % 977) * 0.1 - 3.0).collect();
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let end = start().saturating_add(850);
        pool.install(|| Triangle::from_orders(&customers, &days, &amounts, end, TimeUnit::Week).unwrap())
    };
    assert_eq!(with(1), with(3));
}
