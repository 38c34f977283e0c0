//! Orders in memory and in files, to ledgers and summaries.
#![allow(clippy::unwrap_used, reason = "a benchmark of made-up input fails by panicking")]

use std::sync::LazyLock;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion};
use crm_benches::{Orders, Totals, checked, orders_of_customers};
use crm_history::{CsvOrders, Ledger, LedgerBuilder, Observation, Summaries, SummaryRules};
use crm_numbers::TimeUnit;

static MILLION: LazyLock<Orders> = LazyLock::new(|| Orders::shuffled(1_000_000));
static TEN_MILLION: LazyLock<Orders> = LazyLock::new(|| Orders::shuffled(10_000_000));

const OF_MILLION: Totals = Totals {
    customers: 99_996,
    purchases: 993_139,
    recency: 58_496_072,
    age: 65_703_661,
    spend: 10_032_391_359,
    first_spend: 1_008_237_376,
};
const OF_TEN_MILLION: Totals = Totals {
    customers: 999_960,
    purchases: 9_932_024,
    recency: 584_848_332,
    age: 657_345_771,
    spend: 100_482_980_574,
    first_spend: 10_118_487_062,
};

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("history");
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    columns_to_summary(&mut group);
    other_ids_to_summary(&mut group);
    distinct(&mut group);
    csv(&mut group);
    group.finish();
    criterion.final_summary();
}

/// Integer ids from a narrow range, which need no hashing.
fn columns_to_summary(group: &mut BenchmarkGroup<'_, WallTime>) {
    for (rows, orders, expected) in
        [(1_000_000, &MILLION, OF_MILLION), (10_000_000, &TEN_MILLION, OF_TEN_MILLION)]
    {
        group.bench_function(BenchmarkId::new("columns_to_summary", rows), |bencher| {
            checked(
                bencher,
                || orders.summarized(&orders.ids),
                |(_, made)| assert_eq!(Totals::of(made), expected),
            );
        });
    }
}

/// Ids that are hashed: integers from everywhere in `u64`, and text.
fn other_ids_to_summary(group: &mut BenchmarkGroup<'_, WallTime>) {
    static WIDE: LazyLock<Vec<u64>> = LazyLock::new(|| MILLION.wide_ids());
    static TEXT: LazyLock<Vec<String>> = LazyLock::new(|| MILLION.text_ids());
    group.bench_function("wide_ids_to_summary/1000000", |bencher| {
        checked(bencher, || MILLION.summarized(&WIDE), |(_, made)| assert_eq!(Totals::of(made), OF_MILLION));
    });
    group.bench_function("text_ids_to_summary/1000000", |bencher| {
        checked(bencher, || MILLION.summarized(&TEXT), |(_, made)| assert_eq!(Totals::of(made), OF_MILLION));
    });
}

/// Equal histories of simulated customers, counted.
fn distinct(group: &mut BenchmarkGroup<'_, WallTime>) {
    static SUMMARIES: LazyLock<Summaries<u64, i64>> = LazyLock::new(|| {
        let (Orders { ids, days, cents }, end) = orders_of_customers(1_000_000);
        let weeks = Observation::until(end).with_rules(SummaryRules::default().with_unit(TimeUnit::Week));
        Ledger::from_columns(&ids, &days, &cents).unwrap().summarize(&weeks).unwrap()
    });
    group.bench_function("distinct/1000000", |bencher| {
        let summaries = &*SUMMARIES;
        checked(
            bencher,
            || summaries.distinct(),
            |rows| {
                let customers: u32 = rows.iter().map(|row| row.customers).sum();
                assert_eq!((rows.len(), customers), (109_557, 1_000_000));
            },
        );
    });
}

/// A file that is in memory already, read into a ledger.
fn csv(group: &mut BenchmarkGroup<'_, WallTime>) {
    static TEXT: LazyLock<String> = LazyLock::new(|| MILLION.csv());
    group.bench_function("csv/1000000", |bencher| {
        let text = TEXT.as_bytes();
        let work = || {
            let mut builder = LedgerBuilder::<String, i64>::new();
            CsvOrders::new().read(text, &mut builder).unwrap();
            builder.build()
        };
        checked(bencher, work, |ledger| {
            let summaries = ledger.summarize(&Orders::observation()).unwrap();
            assert_eq!(Totals::of(&summaries), OF_MILLION);
        });
    });
}
