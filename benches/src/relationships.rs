use crm_lifecycle::hmm::{CountLaw, HmmModel, Sequences, Topology};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, Poisson};

/// Customers who go through the four stages, with their purchases by period, and a model some way off the truth.
#[must_use]
pub fn relationships(customers: usize, periods: usize) -> (HmmModel, Sequences) {
    let truth = model([0.8, 2.5, 6.0, 0.1], [0.85, 0.88, 0.95, 0.90]);
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let mut data = Sequences::default();
    let mut counts = vec![None; periods];
    for _ in 0..customers {
        let mut weights = truth.initial();
        for slot in &mut counts {
            let mut left: f64 = rng.random();
            let state = weights.iter().position(|weight| {
                left -= weight;
                left < 0.0
            });
            let state = state.unwrap_or(3);
            let rate = truth.counts().get(state).unwrap().mean();
            *slot = Some(Poisson::new(rate).unwrap().sample(&mut rng) as u32);
            weights = truth.transition().chunks(4).nth(state).unwrap();
        }
        data.push(&counts).unwrap();
    }
    (model([1.2, 2.0, 4.5, 0.3], [0.8, 0.8, 0.9, 0.8]), data)
}

/// The usual topology with these rates and probabilities to stay.
fn model(rates: [f64; 4], stay: [f64; 4]) -> HmmModel {
    let laws = rates.map(|rate| CountLaw::poisson(rate).unwrap());
    let [e, f, s, d] = stay;
    let steps = [
        [e, (1.0 - e) * 0.75, 0.0, (1.0 - e) * 0.25],
        [0.0, f, (1.0 - f) * 0.75, (1.0 - f) * 0.25],
        [0.0, 0.0, s, 1.0 - s],
        [0.0, (1.0 - d) * 0.5, (1.0 - d) * 0.5, d],
    ];
    HmmModel::new(Topology::default(), &[1.0, 0.0, 0.0, 0.0], &steps.concat(), &laws).unwrap()
}
