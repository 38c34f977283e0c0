use rand::Rng;
use rand_distr::{Distribution, Exp1, Gamma};

use super::ParetoNbd;
use crate::{Horizon, Simulate};

impl Simulate for ParetoNbd {
    fn simulate<R: Rng + ?Sized>(&self, exposure: Horizon, rng: &mut R) -> Vec<f64> {
        // The constructors refuse nothing that the law's own constructor accepted.
        let (Ok(rates), Ok(deaths)) =
            (Gamma::new(self.r, 1.0 / self.alpha), Gamma::new(self.s, 1.0 / self.beta))
        else {
            return Vec::new();
        };
        let (rate, death): (f64, f64) = (rates.sample(rng), deaths.sample(rng));
        let wait: f64 = Exp1.sample(rng);
        let end = exposure.get().min(wait / death);
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
