//! Rankings and concentration.
#![allow(clippy::unwrap_used, reason = "a benchmark of made-up input fails by panicking")]

use std::sync::LazyLock;
use std::time::Duration;

use criterion::Criterion;
use crm_benches::{Shop, assert_close, checked, outcomes};
use crm_statistics::{Concentration, Fraction, Negatives, RankingQuality};

/// Counts are exact; only the last division rounds.
const RELATIVE: f64 = 1e-15;
/// The Gini coefficient is a sum of a million doubles in a fixed order.
const OF_SUMS: f64 = 1e-12;

static SCORED: LazyLock<(Vec<f64>, Vec<bool>)> = LazyLock::new(|| outcomes(1_000_000));
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
            assert_eq!(spread.customers_for(Fraction::EIGHTY_PERCENT), 360_185);
        });
    });
    group.finish();
    criterion.final_summary();
}
