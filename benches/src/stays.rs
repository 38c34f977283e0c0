use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, Exp};

/// Days until customers are lost or out of sight, and whether they are lost: 400 days on average until the loss, up to
/// three years in sight.
#[must_use]
pub fn stays(customers: usize) -> (Vec<f64>, Vec<bool>) {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let loss = Exp::new(1.0_f64 / 400.0).unwrap();
    let stay = |_| {
        let (lost, seen) = (loss.sample(&mut rng), rng.random_range(0.0..1_095.0));
        (lost.min(seen), lost <= seen)
    };
    (0..customers).map(stay).unzip()
}
