//! Stages of relationships learnt and decoded; cohorts counted; early warning learnt.
#![allow(clippy::unwrap_used, reason = "a benchmark of made-up input fails by panicking")]

use std::sync::LazyLock;
use std::time::Duration;

use criterion::Criterion;
use crm_benches::{Orders, assert_close, checked, churn, relationships};
use crm_history::{Day, NaiveDate};
use crm_lifecycle::cohort::Triangle;
use crm_lifecycle::hmm::{HmmModel, HmmOptions, Sequences, fit_from};
use crm_lifecycle::logistic;
use crm_numbers::TimeUnit;

/// Log-likelihoods are sums over customers in a fixed order.
const RELATIVE: f64 = 1e-10;

/// 2 000 customers over 104 weeks, as `hmmlearn` gets them, and a start some way off the truth.
static TWO_YEARS: LazyLock<(HmmModel, Sequences)> = LazyLock::new(|| relationships(2_000, 104));
static MANY: LazyLock<(HmmModel, Sequences)> = LazyLock::new(|| relationships(100_000, 26));
/// Orders of two years, in no order, with the numbers of their customers.
static ORDERS: LazyLock<(Vec<u32>, Orders)> = LazyLock::new(|| {
    let orders = Orders::shuffled(10_000_000);
    (orders.ids.iter().map(|&id| id as u32 - 1).collect(), orders)
});
static CHURN: LazyLock<(Vec<Vec<f64>>, Vec<bool>)> = LazyLock::new(|| churn(100_000, 20));

/// Customers of the first month who ordered in the last one, too; and all customers of the first month.
static LOYAL: LazyLock<(u64, u64)> = LazyLock::new(|| {
    let (customers, orders) = &*ORDERS;
    let mut seen = vec![(false, false); 1_000_000];
    let month = |year, month| NaiveDate::from_ymd_opt(year, month, 1).unwrap().into();
    let (february, december): (Day, Day) = (month(2023, 2), month(2024, 12));
    for (&customer, &day) in customers.iter().zip(&orders.days) {
        let (first, last) = seen.get_mut(customer as usize).unwrap();
        *first |= day < february;
        *last |= day >= december;
    }
    let count = |holds: fn(&(bool, bool)) -> bool| seen.iter().filter(|seen| holds(seen)).count() as u64;
    (count(|(first, last)| *first && *last), count(|(first, _)| *first))
});

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("lifecycle");
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    group.bench_function("baum_welch_step/2000x104", |bencher| {
        let (start, data) = &*TWO_YEARS;
        checked(
            bencher,
            || start.improved(data).unwrap(),
            |(ln, _)| {
                assert_close(*ln, -411_102.131_433_514_24, RELATIVE, "log-likelihood of the start");
            },
        );
    });
    group.bench_function("baum_welch_20/2000x104", |bencher| {
        let (start, data) = &*TWO_YEARS;
        let options = HmmOptions::default().with_max_iterations(20).with_tolerance(0.0);
        checked(
            bencher,
            || fit_from(start, data, &options).unwrap(),
            |fitted| {
                assert_eq!(fitted.climb().len(), 21);
                assert_close(
                    fitted.ln_likelihood(),
                    -380_917.159_933_623_9,
                    RELATIVE,
                    "log-likelihood after 20 steps",
                );
            },
        );
    });
    group.bench_function("viterbi/100000", |bencher| {
        let (model, data) = &*MANY;
        checked(
            bencher,
            || model.paths(data).unwrap(),
            |paths| {
                let total: f64 = paths.iter().map(|path| path.ln_probability).sum();
                assert_close(total, -5_008_463.056_797_992, RELATIVE, "log-probability of the paths");
            },
        );
    });
    group.bench_function("cohort_triangle/10000000", |bencher| {
        let (customers, orders) = &*ORDERS;
        checked(
            bencher,
            || {
                let end = Orders::observation().end();
                Triangle::from_orders(customers, &orders.days, &orders.cents, end, TimeUnit::Month).unwrap()
            },
            |triangle| {
                let cells = (0..24).flat_map(|cohort| (0..24 - cohort).map(move |age| (cohort, age)));
                let cells = cells.filter_map(|(cohort, age)| triangle.cell(cohort, age));
                let sums = cells.fold((0, 0, 0), |(customers, orders, revenue), cell| {
                    (customers + cell.customers, orders + cell.orders, revenue + cell.revenue)
                });
                // All orders and cents are in a cell, as the summaries of the same orders have them.
                assert_eq!(sums, (8_178_493, 10_000_000, 100_482_980_574));
                assert_eq!((0..24).map(|cohort| triangle.size(cohort)).sum::<u64>(), 999_960);
                let share = triangle.retention(0, 23).map(|share| (share.successes(), share.trials()));
                assert_eq!(share, Some(*LOYAL), "customers of the first month in the last");
            },
        );
    });
    group.bench_function("logistic/100000x20", |bencher| {
        let (columns, lost) = &*CHURN;
        let names = columns.iter().enumerate().map(|(place, column)| (place.to_string(), &column[..]));
        let features = logistic::Features::new(names).unwrap();
        let options = logistic::LogisticOptions::default();
        checked(
            bencher,
            || logistic::fit(&features, lost, &options).unwrap(),
            |fitted| assert_close(fitted.ln_likelihood(), -43_446.346_253_267_5, RELATIVE, "log-likelihood"),
        );
    });
    group.finish();
    criterion.final_summary();
}
