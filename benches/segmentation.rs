//! Customers in columns to scores, groups and classes.
#![allow(clippy::unwrap_used, reason = "a benchmark of made-up input fails by panicking")]

use std::sync::LazyLock;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion};
use crm_benches::{Shop, Year, assert_close, checked};
use crm_segmentation::cluster::{ClusterFeatures, ClusterScheme, Scaling};
use crm_segmentation::{Assignments, Cuts, rfm};

/// Means and the stability index are sums of doubles in a fixed order.
const RELATIVE: f64 = 1e-10;

static MILLION: LazyLock<Shop> = LazyLock::new(|| Shop::new(1_000_000, 4));
static FIVE_MILLION: LazyLock<Shop> = LazyLock::new(|| Shop::new(5_000_000, 4));

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("segmentation");
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    rfm_and_abc(&mut group);
    group_table(&mut group);
    drift(&mut group);
    migration(&mut group);
    cluster(&mut group);
    group.finish();
    criterion.final_summary();
}

/// Three columns of quintile cuts, scores, the usual groups, and ABC classes.
fn rfm_and_abc(group: &mut BenchmarkGroup<'_, WallTime>) {
    let of_million = (
        [75_732_u64, 72_917, 108_599, 140_355, 106_548, 56_801, 57_884, 136_359, 85_551, 95_816, 63_438, 0],
        [360_186_u64, 316_460, 323_354, 0],
    );
    let of_five_million = (
        [
            379_034, 364_564, 542_573, 701_083, 531_874, 282_341, 288_676, 683_524, 427_015, 480_480,
            318_836, 0,
        ],
        [1_801_232, 1_582_378, 1_616_390, 0],
    );
    for (customers, shop, (groups, classes)) in
        [(1_000_000, &MILLION, of_million), (5_000_000, &FIVE_MILLION, of_five_million)]
    {
        group.bench_function(BenchmarkId::new("rfm_and_abc", customers), |bencher| {
            checked(
                bencher,
                || shop.segmented(),
                |(by_rules, by_value)| {
                    assert_eq!(by_rules.counts(), groups);
                    assert_eq!(by_value.counts(), classes);
                },
            );
        });
    }
}

/// What the groups are worth, with mean idle days and orders.
fn group_table(group: &mut BenchmarkGroup<'_, WallTime>) {
    static GROUPS: LazyLock<Assignments> = LazyLock::new(|| MILLION.segmented().0);
    group.bench_function("group_table/1000000", |bencher| {
        let Shop { idle_days, frequency, monetary } = &*MILLION;
        let groups = &*GROUPS;
        let work = || rfm::table(groups, idle_days, frequency, monetary).unwrap();
        checked(bencher, work, |table| {
            let best = table.get("Champions").unwrap();
            assert_eq!((best.customers, best.value), (75_732, 2_291_863_291));
            assert_close(
                best.means.first().copied().flatten().unwrap(),
                40.144_575_608_725_5,
                RELATIVE,
                "mean idle days",
            );
        });
    });
}

/// How far the customers of another year are from the cuts of this one.
fn drift(group: &mut BenchmarkGroup<'_, WallTime>) {
    static CUTS: LazyLock<Cuts<i64>> = LazyLock::new(|| Cuts::quantile(&MILLION.monetary, 10).unwrap());
    static NEXT_YEAR: LazyLock<Shop> = LazyLock::new(|| Shop::new(1_000_000, 5));
    group.bench_function("drift/1000000", |bencher| {
        let (cuts, shop) = (&*CUTS, &*NEXT_YEAR);
        let work = || cuts.drift(&shop.monetary).unwrap();
        checked(bencher, work, |index| assert_close(*index, 8.286_300_722_8e-6, RELATIVE, "stability index"));
    });
}

/// Who moved between groups from one year to the next: people of both years matched by id, a tenth of them new.
fn migration(group: &mut BenchmarkGroup<'_, WallTime>) {
    static YEARS: LazyLock<[Year; 2]> = LazyLock::new(|| Year::two(1_000_000));
    group.bench_function("migration/1000000", |bencher| {
        let [then, now] = &*YEARS;
        checked(
            bencher,
            || then.migration(now),
            |migration| {
                let moves = migration.moves();
                assert_eq!((moves.entered, moves.left), (100_000, 100_000));
                assert_eq!(moves.stayed + moves.up + moves.down, 900_000);
                let champions = migration.rows().get("Champions").unwrap();
                assert_eq!((champions.customers, champions.value), (75_732, 2_291_863_291));
                let flows = migration.flows().filter(|flow| flow.from == "Champions");
                assert_eq!(flows.map(|flow| flow.value_before).sum::<i128>(), champions.value);
            },
        );
    });
}

/// 4 to 10 clusters of idle days, orders and spend: the number chosen on a sample, the centers found on all.
fn cluster(group: &mut BenchmarkGroup<'_, WallTime>) {
    static SHOP: LazyLock<Shop> = LazyLock::new(|| Shop::new(20_000, 4));
    group.bench_function("cluster/20000", |bencher| {
        let Shop { idle_days, frequency, monetary } = &*SHOP;
        let features = ClusterFeatures::new().with("idle days", idle_days).unwrap();
        let features = features.with("orders", frequency).unwrap().with_money("spend", monetary).unwrap();
        let scheme = ClusterScheme::default().with_scaling(Scaling::Quantiles);
        let work = || scheme.fit(&features, monetary).unwrap();
        checked(bencher, work, |fitted| {
            let sizes = [3_158, 3_293, 1_775, 1_775, 2_267, 2_245, 2_778, 2_709];
            assert!(fitted.centers().iter().map(|center| center.customers).eq(sizes));
        });
    });
}
