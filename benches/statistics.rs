//! Rankings, concentration and survival.
#![allow(clippy::unwrap_used, reason = "a benchmark of made-up input fails by panicking")]

use std::sync::LazyLock;
use std::time::Duration;

use criterion::Criterion;
use crm_benches::{Shop, assert_close, checked, outcomes, stays};
use crm_numbers::Share;
use crm_statistics::survival::Lifetimes;
use crm_statistics::{Concentration, Negatives, RankingQuality};

/// Counts are exact; only the last division rounds.
const RELATIVE: f64 = 1e-15;
/// The Gini coefficient is a sum of a million doubles in a fixed order.
const OF_SUMS: f64 = 1e-12;

static SCORED: LazyLock<(Vec<f64>, Vec<bool>)> = LazyLock::new(|| outcomes(1_000_000));
static STAYS: LazyLock<(Vec<f64>, Vec<bool>)> = LazyLock::new(|| stays(1_000_000));
static SHOP: LazyLock<Shop> = LazyLock::new(|| Shop::new(1_000_000, 4));

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("statistics");
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    group.bench_function("auc/1000000", |bencher| {
        let (scores, bought) = &*SCORED;
        let work = || RankingQuality::new(scores, bought).unwrap();
        checked(bencher, work, |quality| {
            assert_close(quality.auc(), 0.833_399_476_818_754_1, RELATIVE, "AUC")
        });
    });
    group.bench_function("gini/1000000", |bencher| {
        let amounts = &SHOP.monetary;
        let work = || {
            let spread = Concentration::new(amounts, Negatives::Refuse).unwrap();
            let gini = spread.gini();
            (spread, gini)
        };
        checked(bencher, work, |(spread, gini)| {
            assert_close(*gini, 0.603_550_245_506_001_9, OF_SUMS, "Gini coefficient");
            assert_eq!(spread.customers_for(Share::EIGHTY_PERCENT), 360_185);
        });
    });
    let whole_days: Vec<i64> = STAYS.0.iter().map(|days| days.ceil() as i64).collect();
    group.bench_function("kaplan_meier/distinct_1000000", |bencher| {
        let (times, lost) = &*STAYS;
        let work = || Lifetimes::new(times, lost).unwrap().kaplan_meier();
        checked(bencher, work, |curve| {
            assert_close(curve.at(365.0), 0.402_133_345_056_266_74, OF_SUMS, "share that stays a year");
        });
    });
    group.bench_function("kaplan_meier/days_1000000", |bencher| {
        let lost = &STAYS.1;
        let work = || Lifetimes::new(&whole_days, lost).unwrap().kaplan_meier();
        checked(bencher, work, |curve| {
            assert_close(curve.at(365.0), 0.402_337_345_233_489_63, OF_SUMS, "share that stays a year");
        });
    });
    group.finish();
    criterion.final_summary();
}
