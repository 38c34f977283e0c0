//! Answers to indices, intervals, shares and path models.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark of made-up input fails by panicking"
)]

use std::sync::LazyLock;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion};
use crm_benches::{assert_close, checked};
use crm_numbers::Level;
use crm_satisfaction::drivers::Drivers;
use crm_satisfaction::index::{MINIMUM_SAMPLE, Origin, Pairs};
use crm_satisfaction::path_model::{PathModel, PathModelFit};
use crm_satisfaction::scores::Nps;
use crm_satisfaction::{Answer, Groups, Question, Scale};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

const RELATIVE: f64 = 1e-9;
const MILLION: usize = 1_000_000;

/// Answers on 0 to 10, the same at every run.
fn column(name: &str, seed: u64) -> Question {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut answer = || match rng.random_range(0..100) {
        0..3 => Answer::Missing,
        _ => Answer::Value(rng.random_range(0..6) + rng.random_range(0..6)),
    };
    let answers: Vec<Answer> = (0..MILLION).map(|_| answer()).collect();
    Question::new(name, Scale::zero_to_ten(), &answers).unwrap()
}

static PERCEIVED: LazyLock<Question> = LazyLock::new(|| column("perceived", 1));
static EXPECTED: LazyLock<Question> = LazyLock::new(|| column("expected", 2));

/// Items of blocks of four, each driven by one mood, and moods that follow one another.
fn items(respondents: usize, width: usize) -> Vec<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let mut rows = Vec::with_capacity(respondents * width);
    for _ in 0..respondents {
        let mut mood: f64 = rng.random();
        for item in 0..width {
            if item % 4 == 0 {
                mood = 0.6 * mood + 0.4 * rng.random::<f64>();
            }
            rows.push((1.0 + 9.0 * (0.6 * mood + 0.4 * rng.random::<f64>())).round());
        }
    }
    rows
}

fn model() -> PathModel {
    let names: Vec<String> = (0..24).map(|item| format!("x{item}")).collect();
    let blocks = ["a", "b", "c", "d", "e", "f"];
    let latents: Vec<(&str, &[String])> = blocks.into_iter().zip(names.chunks(4)).collect();
    let paths = [
        ("a", "b"),
        ("a", "c"),
        ("b", "c"),
        ("c", "d"),
        ("a", "d"),
        ("d", "e"),
        ("c", "e"),
        ("e", "f"),
        ("a", "f"),
    ];
    PathModel::new(&latents, &paths).unwrap()
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("satisfaction");
    group.sample_size(10).measurement_time(Duration::from_secs(5));
    scores(&mut group);
    path_models(&mut group);
    shares(&mut group);
    group.finish();
    criterion.final_summary();
}

fn scores(group: &mut BenchmarkGroup<'_, WallTime>) {
    group.bench_function(BenchmarkId::new("index", MILLION), |bencher| {
        let (perceived, expected) = (&*PERCEIVED, &*EXPECTED);
        let work = || {
            Pairs::from_columns(perceived, expected, Origin::AsAnswered)
                .unwrap()
                .ratio_interval(Level::default())
                .unwrap()
        };
        checked(bencher, work, |interval| assert_close(interval.estimate, INDEX, RELATIVE, "C"));
    });
    group.bench_function(BenchmarkId::new("nps", MILLION), |bencher| {
        let column = &*PERCEIVED;
        checked(bencher, || Nps::from_tally(&column.tally()).unwrap(), |nps| assert_eq!(nps.net(), NET));
    });
    static PAIRS: LazyLock<Pairs> =
        LazyLock::new(|| Pairs::from_columns(&PERCEIVED, &EXPECTED, Origin::AsAnswered).unwrap());
    static GROUPS: LazyLock<Groups> =
        LazyLock::new(|| Groups::new("shop", (0..MILLION).map(|row| format!("{:03}", row * 7 % 1_000))));
    group.bench_function("group_intervals/1000", |bencher| {
        let (pairs, groups) = (&*PAIRS, &*GROUPS);
        let work = || pairs.by_group(groups, MINIMUM_SAMPLE, Level::default());
        checked(bencher, work, |rows| {
            assert_eq!(rows.len(), 1_000);
            let sum: f64 = rows.iter().map(|row| row.ratio_interval.unwrap().upper).sum();
            assert_close(sum, GROUP_SUM, RELATIVE, "sum of upper limits");
        });
    });
}

fn path_models(group: &mut BenchmarkGroup<'_, WallTime>) {
    static SMALL: LazyLock<Vec<f64>> = LazyLock::new(|| items(250, 24));
    static LARGE: LazyLock<Vec<f64>> = LazyLock::new(|| items(10_000, 24));
    for (rows, size, first) in [(&SMALL, "250x24", SMALL_PATH), (&LARGE, "10000x24", LARGE_PATH)] {
        group.bench_function(BenchmarkId::new("path_model", size), |bencher| {
            let (model, rows) = (model(), rows.as_slice());
            checked(
                bencher,
                || model.fit(rows).unwrap(),
                |fitted| {
                    assert_close(fitted.paths()[0].value, first, RELATIVE, "first path");
                },
            );
        });
    }
    static FITTED: LazyLock<PathModelFit> = LazyLock::new(|| model().fit(&SMALL).unwrap());
    group.bench_function("bootstrap/1000x250x24", |bencher| {
        let (fitted, rows) = (&*FITTED, SMALL.as_slice());
        let work = || fitted.bootstrap(rows, 1_000, 1, Level::default()).unwrap();
        checked(bencher, work, |drawn| {
            assert_eq!((drawn.resamples, drawn.failed), (1_000, 0));
            assert_close(drawn.paths[0].lower, LOWER, RELATIVE, "lower limit of the first path");
        });
    });
}

fn shares(group: &mut BenchmarkGroup<'_, WallTime>) {
    static DRIVERS: LazyLock<Drivers> = LazyLock::new(|| {
        let rows = items(1_000, 13);
        let names: Vec<String> = (0..12).map(|driver| format!("d{driver}")).collect();
        let outcome: Vec<f64> = rows.chunks(13).map(|row| row[12]).collect();
        let drivers: Vec<f64> = rows.chunks(13).flat_map(|row| row[..12].to_vec()).collect();
        Drivers::new(&names, &drivers, &outcome).unwrap()
    });
    group.bench_function("shapley/12", |bencher| {
        let drivers = &*DRIVERS;
        checked(
            bencher,
            || drivers.shapley().unwrap(),
            |shares| {
                let sum: f64 = shares.iter().map(|share| share.value).sum();
                assert_close(sum, drivers.r_squared().unwrap(), RELATIVE, "sum of shares");
                assert_close(shares[11].value, LAST_SHARE, RELATIVE, "share of the last driver");
            },
        );
    });
}

const INDEX: f64 = 1.000_783_564_709;
const NET: i64 = -620_231;
const GROUP_SUM: f64 = 1_044.746_654_596_3;
const SMALL_PATH: f64 = 0.538_821_499_247;
const LARGE_PATH: f64 = 0.559_240_414_704;
const LOWER: f64 = 0.456_094_756_993;
const LAST_SHARE: f64 = 0.013_905_682_969;
