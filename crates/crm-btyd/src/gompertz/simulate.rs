use rand::Rng;
use rand_distr::{Distribution, Exp1, Gamma};

use super::GompertzNbd;
use crate::{Horizon, Simulate};

impl Simulate for GompertzNbd {
    fn simulate<R: Rng + ?Sized>(&self, exposure: Horizon, rng: &mut R) -> Vec<f64> {
        // The constructors refuse nothing that the law's own constructor accepted.
        let (Ok(rates), Ok(agings)) =
            (Gamma::new(self.r, 1.0 / self.alpha), Gamma::new(self.s, 1.0 / self.beta))
        else {
            return Vec::new();
        };
        let (rate, aging): (f64, f64) = (rates.sample(rng), agings.sample(rng));
        // Death comes where aging (e^(b t) - 1) reaches an exponential number.
        let wait: f64 = Exp1.sample(rng);
        let end = exposure.get().min((wait / aging).ln_1p() / self.b);
        let (mut time, mut times) = (0.0, Vec::new());
        loop {
            let wait: f64 = Exp1.sample(rng);
            time += wait / rate;
            if time.is_nan() || time > end {
                return times;
            }
            times.push(time);
        }
    }
}
