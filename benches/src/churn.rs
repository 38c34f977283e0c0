use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

/// What is known of customers, column by column, and who was lost: about one in four. Columns hang together a little,
/// as real ones do, and have levels and scales of their own.
#[must_use]
pub fn churn(customers: usize, columns: usize) -> (Vec<Vec<f64>>, Vec<bool>) {
    let mut rng = ChaCha8Rng::seed_from_u64(9);
    let mut features = vec![Vec::with_capacity(customers); columns];
    let mut lost = Vec::with_capacity(customers);
    for _ in 0..customers {
        let shared: f64 = StandardNormal.sample(&mut rng);
        let mut logit = -1.4;
        for (place, column) in features.iter_mut().enumerate() {
            let own: f64 = StandardNormal.sample(&mut rng);
            let value = 0.4 * shared + own;
            logit += value * f64::from(place as u32 % 5) * if place % 2 == 0 { 0.15 } else { -0.15 };
            column.push(10.0 * place as f64 + (1.0 + place as f64) * value);
        }
        lost.push(rng.random_bool(1.0 / (1.0 + (-logit).exp())));
    }
    (features, lost)
}
