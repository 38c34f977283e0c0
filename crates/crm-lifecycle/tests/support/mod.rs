//! Simulated customers whose stages are known.

use crm_lifecycle::hmm::{CountLaw, HmmModel, Sequences, SpendLaw, Topology};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, Gamma, Poisson};

/// The stated design: rates per period, probabilities of the steps, and with them expected stays of 6.7, 8.3, 20 and 10
/// periods in exploration, formation, stability and decline.
pub(crate) fn truth() -> HmmModel {
    let laws = [0.8, 2.5, 6.0, 0.1].map(|rate| CountLaw::poisson(rate).unwrap());
    HmmModel::new(Topology::default(), &[1.0, 0.0, 0.0, 0.0], &STEPS, &laws).unwrap()
}

/// The same with negative-binomial counts, and spend that differs by stage.
#[allow(dead_code, reason = "not every test file simulates spend")]
pub(crate) fn truth_with_spend() -> HmmModel {
    let laws = [(0.8, 3.0), (2.5, 4.0), (6.0, 8.0), (0.2, 1.0)]
        .map(|(mean, shape)| CountLaw::negative_binomial(mean, shape).unwrap());
    let spend = [20.0, 30.0, 45.0, 15.0].map(|mean| SpendLaw::gamma(mean, 2.5).unwrap());
    let model = HmmModel::new(Topology::default(), &[1.0, 0.0, 0.0, 0.0], &STEPS, &laws).unwrap();
    model.with_spend(&spend).unwrap()
}

const STEPS: [f64; 16] = [
    0.85, 0.10, 0.00, 0.05, //
    0.00, 0.88, 0.08, 0.04, //
    0.00, 0.00, 0.95, 0.05, //
    0.00, 0.06, 0.04, 0.90,
];

/// Customers of 30 to 60 periods, with their true stages; now and then a period is missing.
pub(crate) fn simulate(model: &HmmModel, customers: usize, seed: u64) -> (Sequences, Vec<Vec<u8>>) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut data = Sequences::default();
    let mut paths = Vec::new();
    for _ in 0..customers {
        let periods = rng.random_range(30..=60);
        let (mut counts, mut spend, mut path) = (Vec::new(), Vec::new(), Vec::new());
        let mut weights = model.initial();
        for _ in 0..periods {
            let mut left: f64 = rng.random();
            let state = weights.iter().position(|weight| {
                left -= weight;
                left < 0.0
            });
            let state = state.unwrap_or(model.states() - 1);
            let law = model.counts()[state];
            let rate = law
                .shape()
                .map_or(law.mean(), |shape| Gamma::new(shape, law.mean() / shape).unwrap().sample(&mut rng));
            let count = if rate > 0.0 { Poisson::new(rate).unwrap().sample(&mut rng) as u32 } else { 0 };
            let paid = model.spend().filter(|_| count > 0).map(|laws| {
                let shape = f64::from(count) * laws[state].shape();
                Gamma::new(shape, laws[state].mean() / laws[state].shape()).unwrap().sample(&mut rng)
            });
            counts.push((!rng.random_bool(0.02)).then_some(count));
            spend.push(paid.filter(|_| !rng.random_bool(0.1)));
            path.push(state as u8);
            weights = &model.transition()[state * model.states()..][..model.states()];
        }
        data.push_with_spend(&counts, &spend).unwrap();
        paths.push(path);
    }
    (data, paths)
}

/// The share of periods whose stage is told rightly by the most probable path.
#[allow(dead_code, reason = "not every test file decodes")]
pub(crate) fn decoded(model: &HmmModel, data: &Sequences, paths: &[Vec<u8>]) -> f64 {
    let found = model.paths(data).unwrap();
    let (mut right, mut all) = (0, 0);
    for (found, path) in found.iter().zip(paths) {
        right += found.states.iter().zip(path).filter(|(a, b)| a == b).count();
        all += path.len();
    }
    f64::from(right as u32) / f64::from(all as u32)
}
