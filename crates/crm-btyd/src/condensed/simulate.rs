use rand::{Rng, RngExt};
use rand_distr::{Beta, Distribution, Exp1, Gamma};

use super::CondensedBetaGeometric;
use crate::{Horizon, Simulate};

impl<const TOSSED: bool> Simulate for CondensedBetaGeometric<TOSSED> {
    fn simulate<R: Rng + ?Sized>(&self, exposure: Horizon, rng: &mut R) -> Vec<f64> {
        // The constructors refuse nothing that the law's own constructor accepted.
        let (Ok(rates), Ok(coins)) = (Gamma::new(self.r, 1.0 / self.alpha), Beta::new(self.a, self.b)) else {
            return Vec::new();
        };
        let (rate, drop_out) = (rates.sample(rng), coins.sample(rng));
        let (mut time, mut times) = (0.0, Vec::new());
        let mut tossing = TOSSED;
        loop {
            if tossing && rng.random::<f64>() < drop_out {
                return times;
            }
            let wait: f64 = (0..self.k).map(|_| -> f64 { Exp1.sample(rng) }).sum();
            time += wait / rate;
            if time.is_nan() || time > exposure.get() {
                return times;
            }
            times.push(time);
            tossing = true;
        }
    }
}
