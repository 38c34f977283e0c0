use rand::{Rng, RngExt};
use rand_distr::{Distribution, Exp1, Gamma};

use super::NbdDirichlet;

impl NbdDirichlet {
    /// What one consumer buys in a period: purchases of each brand, and last those of brands that
    /// are not named.
    pub fn simulate<R: Rng + ?Sized>(&self, rng: &mut R) -> Vec<u32> {
        let mut counts = vec![0; self.shares.len() + 1];
        // The constructor refuses nothing that the law's own constructor accepted.
        let Ok(rates) = Gamma::new(self.exponent, self.mean / self.exponent) else { return counts };
        let rate: f64 = rates.sample(rng);
        let named: f64 = self.shares.iter().sum();
        let rest = (1.0 - named).max(0.0);
        // Gamma variables over their sum have a Dirichlet distribution.
        let tastes: Vec<f64> = self
            .shares
            .iter()
            .chain([&rest])
            .map(|share| Gamma::new(self.diversity * share, 1.0).map_or(0.0, |gamma| gamma.sample(rng)))
            .collect();
        let all: f64 = tastes.iter().sum();
        let mut time: f64 = Exp1.sample(rng);
        while time <= rate {
            let mut left = rng.random::<f64>() * all;
            let chosen = tastes.iter().position(|taste| {
                left -= taste;
                left < 0.0
            });
            if let Some(count) = chosen.and_then(|brand| counts.get_mut(brand)) {
                *count += 1;
            }
            let wait: f64 = Exp1.sample(rng);
            time += wait;
        }
        counts
    }
}
