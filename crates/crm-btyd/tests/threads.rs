//! The same bits on one thread and on four, for every answer that may be worked out on all cores.
#![cfg(all(feature = "rayon", feature = "rand"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use crm_btyd::{
    BgNbd, Discount, GompertzNbd, Histories, History, Horizon, Level, MbgCnbd, MbgNbd, Nbd, ParetoNbd,
    PurchaseFit, PurchaseModel, PurchaseOptions, Repeat, Simulate, fit,
    opportunities::{BgBb, DiscreteHistory},
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

fn on<R: Send>(threads: usize, work: impl FnOnce() -> R + Send) -> R {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        assert_eq!(rayon::current_num_threads(), threads);
        work()
    })
}

/// So many customers that every kind of work is cut into pieces.
fn customers(count: u32) -> Vec<History> {
    let truth = MbgNbd::new(1.3, 5.0, 0.7, 3.0).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let age = |n: u32| Horizon::new(52.0 - f64::from(n % 1_301) / 100.0).unwrap();
    (0..count).map(|n| truth.simulate_history(age(n), &mut rng).unwrap()).collect()
}

fn answers<M: PurchaseModel<Data = Histories> + Repeat>(model: &M, histories: &[History]) -> Vec<u64> {
    let (t, rate) = (Horizon::new(26.0).unwrap(), Discount::continuous(0.003).unwrap());
    let mut into = vec![0.0; histories.len()];
    let mut bits = Vec::new();
    let mut keep = |into: &[f64]| bits.extend(into.iter().map(|value| value.to_bits()));
    model.p_alive_all(histories, &mut into).unwrap();
    keep(&into);
    model.expected_purchases_all(histories, t, &mut into).unwrap();
    keep(&into);
    model.discounted_purchases_all(histories, t, rate, &mut into).unwrap();
    keep(&into);
    let few = histories.len() / 50;
    model.dert_all(histories.get(..few).unwrap(), rate, into.get_mut(..few).unwrap()).unwrap();
    keep(&into);
    let data: Histories = histories.iter().copied().collect();
    let derivatives = model.derivatives(&data);
    keep(&[derivatives.ln_likelihood]);
    keep(&derivatives.gradient);
    derivatives.hessian.iter().for_each(|row| keep(row));
    bits
}

fn same<M: PurchaseModel<Data = Histories> + Repeat>(model: &M, histories: &[History]) {
    let one = on(1, || answers(model, histories));
    assert!(one == on(4, || answers(model, histories)), "{} differs by the number of threads", M::NAME);
}

#[test]
fn predictions_and_likelihoods_have_the_same_bits_on_any_number_of_threads() {
    let many = customers(70_000);
    same(&BgNbd::new(0.9, 6.0, 0.8, 2.4).unwrap(), &many);
    same(&MbgNbd::new(1.3, 5.0, 0.7, 3.0).unwrap(), &many);
    same(&Nbd::new(0.7, 9.0).unwrap(), &many);
    let some = many.get(..4_000).unwrap();
    same(&ParetoNbd::new(1.1, 6.0, 0.9, 25.0).unwrap(), some);
    same(&GompertzNbd::new(1.1, 6.0, 1.2, 8.0, 0.1).unwrap(), some);
    same(&MbgCnbd::new(2, 1.3, 2.5, 0.7, 3.0).unwrap(), some);
}

#[test]
fn fits_intervals_and_bootstraps_have_the_same_bits_on_any_number_of_threads() {
    let histories = customers(2_000);
    let work = || {
        let data: Histories = histories.iter().copied().collect();
        let fitted: PurchaseFit<MbgNbd> = fit(&data, &PurchaseOptions::default()).unwrap();
        let mut intervals = vec![None; histories.len()];
        let (year, level) = (Horizon::new(52.0).unwrap(), Level::new(0.9).unwrap());
        fitted.predictive_intervals(&histories, year, level, &mut intervals).unwrap();
        let total = fitted.predictive_total(&histories, year, level).unwrap();
        let thetas: Vec<u64> = fitted
            .parameters()
            .flat_map(|(_, theta, error)| [theta.to_bits(), error.unwrap().to_bits()])
            .collect();
        (thetas, intervals, total)
    };
    assert!(on(1, work) == on(4, work));
}

#[test]
fn opportunities_have_the_same_bits_on_any_number_of_threads() {
    let model = BgBb::new(1.204, 0.750, 0.657, 2.783).unwrap();
    let donors: Vec<DiscreteHistory> = (0..40_000)
        .map(|n: u32| {
            let t = n % 7;
            DiscreteHistory::new(t.div_ceil(2), t, 6 + n % 5).unwrap()
        })
        .collect();
    let work = || {
        let mut into = vec![0.0; donors.len()];
        model.expected_purchases_all(&donors, 5, &mut into).unwrap();
        into.into_iter().map(f64::to_bits).collect::<Vec<_>>()
    };
    assert!(on(1, work) == on(4, work));
}
