use crate::special::beta::incomplete_beta;
use crate::special::gamma::ln_beta;

/// Most stages that there can be between two purchases.
pub(super) const STAGES: usize = 12;

/// A wait of k stages, each exponential with one rate that has a gamma distribution; a silence of
/// it is over already.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Wait {
    pub(crate) k: u32,
    /// Shape and rate of the distribution of rates when the wait began.
    pub(crate) shape: f64,
    pub(crate) rate: f64,
    pub(crate) silence: f64,
}

/// Stages that may have elapsed in a silence, for a customer who is alive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Elapsed {
    /// Σ_{j < k} (shape)_j / j! z^j, z = silence / (rate + silence).
    pub(super) sum: f64,
    /// Probabilities of 0, 1, ... elapsed stages; zero from k on.
    pub(super) weights: [f64; STAGES],
}

impl Wait {
    pub(super) fn elapsed(&self) -> Elapsed {
        let z = self.silence / (self.rate + self.silence);
        let mut weights = [0.0; STAGES];
        let (mut term, mut sum) = (1.0, 0.0);
        for (j, weight) in weights.iter_mut().enumerate().take(self.k as usize) {
            *weight = term;
            sum += term;
            term *= (self.shape + j as f64) / (j as f64 + 1.0) * z;
        }
        for weight in &mut weights {
            *weight /= sum;
        }
        Elapsed { sum, weights }
    }

    /// ln of the probability that fewer than k stages elapse in the silence.
    pub(super) fn ln_silent(&self) -> f64 {
        let ln_none = -self.shape * (self.silence / self.rate).ln_1p();
        (self.elapsed().sum.ln() + ln_none).min(0.0)
    }

    /// Returns the rate of the distribution of rates after the silence.
    pub(super) fn rate_now(&self) -> f64 {
        self.rate + self.silence
    }

    /// Probability that the wait ends within a time t from now on: at least as many stages elapse
    /// as are missing.
    ///
    /// That is what the silence would lose by t more of it; where that is little, a sum that does
    /// not cancel.
    pub(crate) fn p_within(&self, t: f64) -> f64 {
        const LITTLE: f64 = 0.1;
        let later = Wait { silence: self.silence + t, ..*self };
        let lost = -(later.ln_silent() - self.ln_silent()).exp_m1();
        if lost > LITTLE {
            return lost.min(1.0);
        }
        let weights = self.elapsed().weights;
        let at_least = |(missing, shape): (f64, f64)| incomplete_beta(missing, shape, t, self.rate_now());
        self.stages().zip(weights).map(|(stage, weight)| weight * at_least(stage)).sum::<f64>().min(1.0)
    }

    /// Density of the end of the wait after a time t from now on: Γ(shape + k) / (Γ(shape) (k -
    /// 1)!) rate^shape w^(k - 1) / (rate + w)^(shape + k), w = silence + t, over the probability of
    /// the silence.
    pub(crate) fn density(&self, t: f64) -> f64 {
        let (k, waited) = (f64::from(self.k), self.silence + t);
        // (k - 1) ln 0 is 0 for k = 1.
        let ln_power = if self.k == 1 { 0.0 } else { (k - 1.0) * (waited / (self.rate + waited)).ln() };
        let ln_start = -ln_beta(self.shape, k) - self.shape * (waited / self.rate).ln_1p();
        (ln_start + ln_power - (self.rate + waited).ln() - self.ln_silent()).exp()
    }

    /// For 0, 1, ... elapsed stages, how many are missing and the shape of the distribution of
    /// rates.
    pub(super) fn stages(&self) -> impl Iterator<Item = (f64, f64)> {
        let (k, shape) = (f64::from(self.k), self.shape);
        (0..self.k).map(f64::from).map(move |j| (k - j, shape + j))
    }
}
