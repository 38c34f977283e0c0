//! Buy-till-you-die models: fits and predictions.
//!
//! The simulated customers are dated by whole days as those of CDNOW are, so that their histories repeat. A fit reads each
//! distinct one once: `fit_...` is the fit to histories that were collapsed beforehand, `collapse_and_fit_...` is all of it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a benchmark of made-up input fails by panicking, and says what it skips"
)]

use std::cell::LazyCell;
use std::fmt::Display;
use std::sync::LazyLock;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion};
use crm_benches::{
    SPEND, TRUTH, assert_close, cdnow, cdnow_split, checked, checked_into, customers, donations, spends,
};
use crm_btyd::{
    BgNbd, ClvOptions, Discount, GammaGamma, GompertzNbd, Histories, History, Horizon, Level, MbgCnbd,
    MbgNbd, Nbd, ParetoNbd, Prediction, PurchaseFit, PurchaseModel, PurchaseOptions, Repeat, Spend, Spends,
    TimeUnit,
    brands::NbdDirichlet,
    contractual::{BetaDiscreteWeibull, Renewals, ShiftedBetaGeometric},
    fit,
    fit::PosteriorOptions,
    opportunities::{BgBb, DiscreteHistories},
    validation::{Holdout, ModelCandidate, compare},
};

/// A search ends where no more is to be gained; this much of the parameters is then settled.
const PARAMETERS: f64 = 1e-6;
/// Sums over many customers, in a fixed order.
const SUMS: f64 = 1e-11;

static MILLION: LazyLock<Vec<History>> = LazyLock::new(|| customers(1_000_000));
static SPENDS: LazyLock<Vec<Option<Spend>>> = LazyLock::new(|| spends(&MILLION));

type Group<'a> = BenchmarkGroup<'a, WallTime>;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("btyd");
    group.sample_size(10);
    fits_to_cdnow(&mut group);
    group.measurement_time(Duration::from_secs(10));
    fits_to_simulated(&mut group);
    fits_to_periods(&mut group);
    judgements(&mut group);
    predictions(&mut group);
    brands(&mut group);
    group.finish();
    criterion.final_summary();
}

fn fits_to_cdnow(group: &mut Group<'_>) {
    let Some(summaries) = cdnow() else {
        eprintln!("skipped: fits to CDNOW; set CRM_DATA to the folder with its files");
        return;
    };
    let histories = || Histories::from_summaries(&summaries).unwrap();
    let spends = || Spends::from_summaries(&summaries);
    fits::<BgNbd>(
        group,
        "bg_nbd",
        "cdnow",
        histories,
        (-9_582.429_206_674, &[0.242_594_5, 4.413_602, 0.792_922_0, 2.425_907]),
    );
    fits::<MbgNbd>(
        group,
        "mbg_nbd",
        "cdnow",
        histories,
        (-9_582.135_715_554, &[0.524_843_2, 6.183_085, 0.891_359_4, 1.614_002]),
    );
    fits::<ParetoNbd>(
        group,
        "pareto_nbd",
        "cdnow",
        histories,
        (-9_594.976_178_940, &[0.553_277_0, 10.577_683, 0.606_240_0, 11.668_735]),
    );
    fits::<MbgCnbd>(
        group,
        "mbg_cnbd_2",
        "cdnow",
        histories,
        (-9_853.253_128_516, &[0.579_896_2, 2.288_148_8, 1.134_452_7, 1.584_974_2]),
    );
    fits_ggompertz(group, "cdnow", histories, (-9_594.976_18, 0.553_277, 10.577_683));
    fits::<Nbd>(group, "nbd", "cdnow", histories, (-9_763.657_614_673, &[0.384_766_1, 12.072_023]));
    fits::<GammaGamma>(
        group,
        "gamma_gamma",
        "cdnow",
        spends,
        (-4_055.917_694_802, &[6.249_572, 3.744_225, 15.443_52]),
    );
}

fn fits_to_simulated(group: &mut Group<'_>) {
    let histories = |n: usize| move || Histories::new(MILLION.iter().take(n).copied());
    let spends = |n: usize| move || Spends::new(SPENDS.iter().take(n).flatten().copied());
    let (few, many) = (100_000, 1_000_000);
    fits::<BgNbd>(
        group,
        "bg_nbd",
        few,
        histories(few),
        (-401_843.991_231_2, &[0.246_302_0, 4.685_956, 0.789_180_8, 2.469_942]),
    );
    fits::<BgNbd>(
        group,
        "bg_nbd",
        many,
        histories(many),
        (-4_039_864.156_964, &[0.248_597_2, 4.685_840, 0.775_579_4, 2.403_262]),
    );
    fits::<MbgNbd>(
        group,
        "mbg_nbd",
        few,
        histories(few),
        (-401_946.158_351_2, &[0.475_588_6, 6.156_493, 0.942_210_8, 1.975_507]),
    );
    fits::<MbgNbd>(
        group,
        "mbg_nbd",
        many,
        histories(many),
        (-4_041_087.466_936, &[0.479_788_8, 6.173_280, 0.946_838_5, 1.995_351]),
    );
    fits::<ParetoNbd>(
        group,
        "pareto_nbd",
        few,
        histories(few),
        (-402_578.930_059_1, &[0.499_625_8, 10.227_022, 1.138_320, 33.358_52]),
    );
    fits::<ParetoNbd>(
        group,
        "pareto_nbd",
        many,
        histories(many),
        (-4_047_770.503_308, &[0.508_397_7, 10.310_351, 1.017_263_2, 28.751_009]),
    );
    fits::<MbgCnbd>(
        group,
        "mbg_cnbd_2",
        few,
        histories(few),
        (-535_811.538_727_92, &[0.553_881_4, 2.368_344_8, 1.169_357_6, 1.748_306_4]),
    );
    for (n, answer) in
        [(10_000, (-39_862.500_88, 0.474_407, 9.866_605)), (few, (-402_578.930_09, 0.499_625_8, 10.227_022))]
    {
        fits_ggompertz(group, n, histories(n), answer);
    }
    fits::<Nbd>(group, "nbd", many, histories(many), (-4_108_344.588_086, &[0.380_096_0, 11.848_250]));
    fits::<GammaGamma>(
        group,
        "gamma_gamma",
        few,
        spends(few),
        (-171_403.677_186_6, &[6.033_479, 3.806_104, 16.393_80]),
    );
    fits::<GammaGamma>(
        group,
        "gamma_gamma",
        many,
        spends(many),
        (-1_727_258.582_066, &[6.261_394, 3.724_039, 15.335_14]),
    );
}

/// It becomes the Pareto/NBD for all of these: only ln L, r and alpha mean anything.
fn fits_ggompertz(
    group: &mut Group<'_>,
    size: impl Display,
    collapse: impl Fn() -> Histories,
    (ln_likelihood, r, alpha): (f64, f64, f64),
) {
    let data = LazyCell::new(collapse);
    group.bench_function(BenchmarkId::new("fit_ggompertz_nbd", size), |bencher| {
        let data = &*data;
        let work = || fit::<GompertzNbd>(data, &PurchaseOptions::default()).unwrap();
        checked(bencher, work, |fitted| {
            assert_close(fitted.ln_likelihood(), ln_likelihood, 1e-9, "ln L");
            assert_close(fitted.model().r(), r, 1e-5, "r");
            assert_close(fitted.model().alpha(), alpha, 1e-5, "alpha");
        });
    });
}

/// Donors with one campaign a year, and a cohort under contract.
fn fits_to_periods(group: &mut Group<'_>) {
    if let Some(donors) = donations() {
        let answer = (-33_225.581_274_347, [1.203_522_352, 0.749_716_358_2, 0.656_718_208_4, 2.783_442_233]);
        let histories = || DiscreteHistories::weighted(donors.iter().copied());
        fits::<BgBb>(group, "bg_bb", "donations", histories, (answer.0, &answer.1));
    } else {
        eprintln!("skipped: fits to donations; set CRM_DATA to the folder with their files");
    }
    // Regular subscribers of Fader and Hardie (2007).
    let cohort = || Renewals::from_cohorts(&[&[1_000, 631, 468, 382, 326, 289, 262, 241]]).unwrap();
    fits::<ShiftedBetaGeometric>(
        group,
        "sbg",
        1_000,
        cohort,
        (-1_680.265_188_463, &[0.704_077_3, 1.182_043]),
    );
    fits::<BetaDiscreteWeibull>(
        group,
        "bdw",
        1_000,
        cohort,
        (-1_679.602_832_907, &[0.455_614_0, 0.779_325_5, 1.283_451_3]),
    );
}

/// What follows a fit to CDNOW: comparison on a holdout, intervals of counts, profile and bootstrap.
fn judgements(group: &mut Group<'_>) {
    let Some(split) = cdnow_split() else {
        eprintln!("skipped: judgements on CDNOW; set CRM_DATA to the folder with its files");
        return;
    };
    let holdout = Holdout::from_split(&split).unwrap();
    let options = PurchaseOptions::default();
    let candidates = [
        ModelCandidate::new::<BgNbd>(),
        ModelCandidate::new::<MbgNbd>(),
        ModelCandidate::new::<ParetoNbd>(),
        ModelCandidate::new::<Nbd>(),
    ];
    group.bench_function("compare/cdnow", |bencher| {
        let work = || compare(&holdout, &candidates, &options).unwrap();
        checked(bencher, work, |comparison| {
            let ranking = comparison.ranked(crm_btyd::validation::RankingCriterion::Rmse);
            let best = &ranking.places()[0];
            assert_eq!(best.name, "Pareto/NBD");
            assert_close(best.mean, 1.602_8, 5e-5, "RMSE");
        });
    });
    let histories = holdout.calibration();
    let fitted = fit::<MbgNbd>(histories, &options).unwrap();
    group.bench_function("predictive_intervals_mbg_nbd/cdnow", |bencher| {
        let level = Level::new(0.9).unwrap();
        let work = || {
            let mut into = vec![None; holdout.customers().len()];
            fitted.predictive_intervals(holdout.customers(), holdout.horizon(), level, &mut into).unwrap();
            into
        };
        checked(bencher, work, |intervals| {
            let most: u32 = intervals.iter().flatten().map(|interval| interval.upper).sum();
            assert_eq!(most, PREDICTED_AT_MOST);
        });
    });
    group.bench_function("posterior_bg_nbd/cdnow_2000", |bencher| {
        let fitted = fit::<BgNbd>(histories, &options).unwrap();
        let sampling = PosteriorOptions::default();
        let work = || fitted.posterior(histories, &options, &sampling).unwrap();
        checked(bencher, work, |posterior| {
            assert!(posterior.models().len() == 2_000 && posterior.is_settled(), "{posterior}");
            let [r, alpha] = [0, 1].map(|i| posterior.parameters()[i].mean);
            assert_close(r, 0.243_4, 0.01, "mean r");
            assert_close(alpha, 4.444, 0.01, "mean alpha");
        });
    });
    group.bench_function("profile_interval_mbg_nbd/cdnow", |bencher| {
        let work = || fitted.profile_interval(histories, &options, "b", Level::default()).unwrap();
        checked(bencher, work, |interval| {
            assert_close(interval.lower.unwrap(), PROFILE_OF_B.0, 1e-4, "lower");
            assert_close(interval.upper.unwrap(), PROFILE_OF_B.1, 1e-4, "upper");
        });
    });
    group.bench_function("bootstrap_mbg_nbd/cdnow_20", |bencher| {
        let work = || fitted.bootstrap(histories, &options, 20, 1, |_| {}).unwrap();
        checked(bencher, work, |bootstrap| {
            let mean = bootstrap.models().iter().map(MbgNbd::r).sum::<f64>() / 20.0;
            assert_close(mean, BOOTSTRAPPED_R, PARAMETERS, "mean r");
        });
    });
}

/// Sum of the upper bounds at 90 % of CDNOW's customers in the holdout; profile interval of b; mean r of 20 samples.
const PREDICTED_AT_MOST: u32 = 5995;
const PROFILE_OF_B: (f64, f64) = (0.925_805_4, 3.375_085);
const BOOTSTRAPPED_R: f64 = 0.560_609_723_9;

/// Times the fit of a model, without and with the making of its data; the answer is ln L and the parameters.
fn fits<M: PurchaseModel>(
    group: &mut Group<'_>,
    model: &str,
    size: impl Display,
    collapse: impl Fn() -> M::Data,
    (ln_likelihood, theta): (f64, &[f64]),
) {
    let check = |fitted: &PurchaseFit<M>| {
        assert_close(fitted.ln_likelihood(), ln_likelihood, SUMS, "ln L");
        assert_eq!(fitted.parameters().count(), theta.len());
        for ((name, value, _), expected) in fitted.parameters().zip(theta) {
            assert_close(value, *expected, PARAMETERS, name);
        }
    };
    let collapsed = LazyCell::new(&collapse);
    group.bench_function(BenchmarkId::new(format!("fit_{model}"), &size), |bencher| {
        let data = &*collapsed;
        checked(bencher, || fit::<M>(data, &PurchaseOptions::default().with_stages(2)).unwrap(), check);
    });
    group.bench_function(BenchmarkId::new(format!("collapse_and_fit_{model}"), &size), |bencher| {
        LazyLock::force(&MILLION);
        let work = || {
            let data = collapse();
            (fit::<M>(&data, &PurchaseOptions::default().with_stages(2)).unwrap(), data)
        };
        checked(bencher, work, |(fitted, _)| check(fitted));
    });
}

/// All into a buffer of the caller's.
fn predictions(group: &mut Group<'_>) {
    let [r, alpha, a, b] = TRUTH;
    let model = BgNbd::new(r, alpha, a, b).unwrap();
    let mut into = vec![0.0; 1_000_000];
    let sum = |values: &[f64]| values.iter().sum::<f64>();
    let weeks = Horizon::new(39.0).unwrap();

    group.bench_function("p_alive/1000000", |bencher| {
        let histories = &*MILLION;
        let work = |into: &mut [f64]| model.p_alive_all(histories, into).unwrap();
        checked_into(bencher, &mut into, work, |p| {
            assert_close(sum(p), 814_887.610_078, SUMS, "customers alive")
        });
    });
    group.bench_function("expected_purchases/1000000", |bencher| {
        let histories = &*MILLION;
        let work = |into: &mut [f64]| model.expected_purchases_all(histories, weeks, into).unwrap();
        checked_into(bencher, &mut into, work, |x| assert_close(sum(x), 707_315.176_775, SUMS, "purchases"));
    });

    let pareto = ParetoNbd::new(0.5533, 10.5777, 0.6062, 11.6687).unwrap();
    group.bench_function("p_alive_pareto_nbd/1000000", |bencher| {
        let histories = &*MILLION;
        let work = |into: &mut [f64]| pareto.p_alive_all(histories, into).unwrap();
        checked_into(bencher, &mut into, work, |p| {
            assert_close(sum(p), 450_308.604_241_5, SUMS, "customers alive")
        });
    });
    group.bench_function("expected_purchases_pareto_nbd/1000000", |bencher| {
        let histories = &*MILLION;
        let work = |into: &mut [f64]| pareto.expected_purchases_all(histories, weeks, into).unwrap();
        checked_into(bencher, &mut into, work, |x| {
            assert_close(sum(x), 714_121.949_636_6, SUMS, "purchases")
        });
    });

    let gompertz = GompertzNbd::new(0.5533, 10.5777, 0.9, 1.5, 0.05).unwrap();
    group.bench_function("p_alive_ggompertz_nbd/1000000", |bencher| {
        let histories = &*MILLION;
        let work = |into: &mut [f64]| gompertz.p_alive_all(histories, into).unwrap();
        checked_into(bencher, &mut into, work, |p| {
            assert_close(sum(p), 331_588.343_503_82, SUMS, "customers alive")
        });
    });
    group.bench_function("expected_purchases_ggompertz_nbd/1000000", |bencher| {
        let histories = &*MILLION;
        let work = |into: &mut [f64]| gompertz.expected_purchases_all(histories, weeks, into).unwrap();
        checked_into(bencher, &mut into, work, |x| {
            assert_close(sum(x), 342_403.193_489_01, SUMS, "purchases")
        });
    });
    let regular = MbgCnbd::new(2, 0.525, 3.1, 0.891, 1.614).unwrap();
    group.bench_function("expected_purchases_mbg_cnbd_2/1000000", |bencher| {
        let histories = &*MILLION;
        let work = |into: &mut [f64]| regular.expected_purchases_all(histories, weeks, into).unwrap();
        checked_into(bencher, &mut into, work, |x| {
            assert_close(sum(x), 665_589.174_261_73, SUMS, "purchases")
        });
    });

    let discount = Discount::per_year(0.10, TimeUnit::Week).unwrap();
    group.bench_function("dert_pareto_nbd/1000000", |bencher| {
        let histories = &*MILLION;
        let work = |into: &mut [f64]| pareto.dert_all(histories, discount, into).unwrap();
        checked_into(bencher, &mut into, work, |x| {
            assert_close(sum(x), 3_860_179.823_142, SUMS, "discounted purchases")
        });
    });
    predictions_of_few(group);
    group.bench_function("clv/1000000", |bencher| {
        let (histories, spends_seen) = (&*MILLION, &*SPENDS);
        let [p, q, gamma] = SPEND;
        let spends = GammaGamma::new(p, q, gamma).unwrap();
        let value = ClvOptions::new(weeks, discount).with_margin(0.3).unwrap();
        let work = |into: &mut [f64]| value.clv_all(&model, &spends, histories, spends_seen, into).unwrap();
        checked_into(bencher, &mut into, work, |values| {
            assert_close(sum(values), 7_232_178.898_29, SUMS, "value")
        });
    });
    group.bench_function("dert/1000000", |bencher| {
        let histories = &*MILLION;
        let work = |into: &mut [f64]| model.dert_all(histories, discount, into).unwrap();
        checked_into(bencher, &mut into, work, |x| {
            assert_close(sum(x), 3_535_593.793_857, SUMS, "discounted purchases")
        });
    });
}

/// Everything about a thousand different customers, one by one and at once.
fn predictions_of_few(group: &mut Group<'_>) {
    let mut seen = std::collections::HashSet::new();
    let differs = |history: &&History| {
        seen.insert((history.frequency(), history.recency().to_bits(), history.age().to_bits()))
    };
    let few: Vec<History> = MILLION.iter().filter(differs).take(1_000).copied().collect();
    let (weeks, discount) = (Horizon::new(39.0).unwrap(), Discount::per_year(0.10, TimeUnit::Week).unwrap());
    fn both<M: Repeat>(
        group: &mut Group<'_>,
        model: &M,
        (name, sum): (&str, f64),
        (few, weeks, discount): (&[History], Horizon, Discount),
    ) {
        let check = |all: &Vec<Prediction>| {
            assert_eq!(all.len(), few.len());
            let total: f64 = all.iter().map(|one| one.discounted_purchases).sum();
            assert_close(total, sum, SUMS, "discounted purchases");
        };
        group.bench_function(format!("predict_one_by_one_{name}/{}", few.len()), |bencher| {
            let one = |history: &History| model.predict(history, weeks, discount);
            checked(bencher, || few.iter().map(one).collect(), check);
        });
        group.bench_function(format!("predict_all_{name}/{}", few.len()), |bencher| {
            checked(bencher, || model.predict_all(few, weeks, discount), check);
        });
    }
    let asked = (few.as_slice(), weeks, discount);
    let mbg = MbgNbd::new(0.525, 6.183, 0.891, 1.614).unwrap();
    both(group, &mbg, ("mbg_nbd", PREDICTED_OF_FEW.0), asked);
    let pareto = ParetoNbd::new(0.5533, 10.5777, 0.6062, 11.6687).unwrap();
    both(group, &pareto, ("pareto_nbd", PREDICTED_OF_FEW.1), asked);
}

/// Discounted purchases of a thousand different customers, by the MBG/NBD and the Pareto/NBD.
const PREDICTED_OF_FEW: (f64, f64) = (1_237.543_676_769, 1_375.560_909_720);

/// A market of eight brands, and what is normal for each.
fn brands(group: &mut Group<'_>) {
    let figures = [
        (0.25, 0.20),
        (0.19, 0.17),
        (0.10, 0.09),
        (0.10, 0.08),
        (0.09, 0.08),
        (0.08, 0.07),
        (0.03, 0.03),
        (0.02, 0.02),
    ];
    group.bench_function("nbd_dirichlet/8", |bencher| {
        let work = || {
            let market = NbdDirichlet::from_figures(0.56, 2.6, &figures).unwrap();
            let buyers: Vec<_> = (0..figures.len()).filter_map(|brand| market.brand(brand)).collect();
            (market, buyers)
        };
        checked(bencher, work, |(market, buyers)| {
            assert_close(market.diversity(), 1.549_943_525_058, SUMS, "S");
            let penetrations: f64 = buyers.iter().map(|buyers| buyers.penetration()).sum();
            assert_close(penetrations, 0.745_448_665_152, SUMS, "penetrations");
        });
    });
}
