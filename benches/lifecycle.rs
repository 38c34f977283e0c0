//! Stages of relationships learnt and decoded; early warning learnt.
#![allow(clippy::unwrap_used, reason = "a benchmark of made-up input fails by panicking")]

use std::sync::LazyLock;
use std::time::Duration;

use criterion::Criterion;
use crm_benches::{assert_close, checked, churn, relationships};
use crm_lifecycle::hmm::{FitOptions, Model, Sequences, fit_from};
use crm_lifecycle::logistic;

/// Log-likelihoods are sums over customers in a fixed order.
const RELATIVE: f64 = 1e-10;

/// 2 000 customers over 104 weeks, as `hmmlearn` gets them, and a start some way off the truth.
static TWO_YEARS: LazyLock<(Model, Sequences)> = LazyLock::new(|| relationships(2_000, 104));
static MANY: LazyLock<(Model, Sequences)> = LazyLock::new(|| relationships(100_000, 26));
static CHURN: LazyLock<(Vec<Vec<f64>>, Vec<bool>)> = LazyLock::new(|| churn(100_000, 20));

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
        let options = FitOptions::default().with_most_steps(20).with_tolerance(0.0);
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
    group.bench_function("logistic/100000x20", |bencher| {
        let (columns, lost) = &*CHURN;
        let names = columns.iter().enumerate().map(|(place, column)| (place.to_string(), &column[..]));
        let features = logistic::Features::new(names).unwrap();
        let options = logistic::FitOptions::default();
        checked(
            bencher,
            || logistic::fit(&features, lost, &options).unwrap(),
            |fitted| assert_close(fitted.ln_likelihood(), -43_446.346_253_267_5, RELATIVE, "log-likelihood"),
        );
    });
    group.finish();
    criterion.final_summary();
}
