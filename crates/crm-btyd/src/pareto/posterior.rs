use crate::next_purchase::Wait;
use crate::race::{Lomax, Race};
use crate::special::gamma::ln_beta;
use crate::special::walk::{ln_integral_up_to, walk};
use crate::special::{one_over_one_plus_exp, softplus};
use crate::story::Belief;

/// A customer who is alive: the rates of purchases and of death have gamma distributions,
/// independent of each other, because both processes were watched for the whole age.
///
/// Everything is what a new customer with these parameters would do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Posterior {
    pub(super) purchase: Lomax,
    pub(super) death: Lomax,
}

impl Posterior {
    /// Expected purchases per unit of time while alive.
    pub(super) fn mean_rate(&self) -> f64 {
        self.purchase.shape / self.purchase.rate
    }

    /// Expected time alive within a time t, ∫ P(alive at u) du = beta / (s - 1) (1 - (beta / (beta
    /// + t))^(s - 1)), continuous at s = 1.
    fn time_alive(&self, t: f64) -> f64 {
        let Lomax { shape, rate } = self.death;
        let y = (t / rate).ln_1p();
        let z = (shape - 1.0) * y;
        let share = if z.abs() > 0.0 { -(-z).exp_m1() / z } else { 1.0 };
        rate * y * share
    }

    /// The same with each moment worth exp(-discount u), up to a time which may be infinite. On the
    /// scale y = ln(1 + u / beta) the logarithm of the integrand is concave.
    fn discounted_time_alive(&self, t: f64, discount: f64) -> f64 {
        if discount <= 0.0 {
            return self.time_alive(t);
        }
        let Lomax { shape, rate } = self.death;
        let per_unit = discount * rate;
        let ln = |y: f64| (1.0 - shape) * y - per_unit * y.exp_m1();
        let mut sum = 0.0;
        walk(
            ln,
            |y| 1.0 - shape - per_unit * y.exp(),
            (t / rate).ln_1p(),
            |panel| {
                sum += panel.integrate(|y| ln(y).exp());
                sum
            },
        );
        rate * sum
    }

    /// E[N (N - 1)] of the number N of purchases in a time t: the mean square of the rate times
    /// that of the time alive, 2 ∫ u P(alive at u) du.
    fn pairs(&self, t: f64) -> f64 {
        let Lomax { shape, rate } = self.death;
        let mut sum = 0.0;
        walk(
            |y| (2.0 - shape) * y,
            |_| 2.0 - shape,
            (t / rate).ln_1p(),
            |panel| {
                sum += panel.integrate(|y| y.exp_m1() * ((1.0 - shape) * y).exp());
                sum
            },
        );
        let square =
            self.purchase.shape * (self.purchase.shape + 1.0) / (self.purchase.rate * self.purchase.rate);
        2.0 * square * rate * rate * sum
    }
}

impl Belief for Posterior {
    /// Probability to be alive after a time.
    fn survival(&self, t: f64) -> f64 {
        self.death.p_later(t)
    }

    /// Probability of exactly n purchases in a time t: they come within it and neither the next one
    /// nor death does, or death comes after so many of them.
    fn pmf(&self, t: f64, n: u32) -> f64 {
        let (purchase, death) = (self.purchase, self.death);
        if n == 0 {
            let died = Race { first: death, other: purchase }.p_first(t);
            return ((-purchase.ln_over(t) - death.ln_over(t)).exp() + died).min(1.0);
        }
        if t <= 0.0 {
            return 0.0;
        }
        let n = f64::from(n);
        // With a = ln(u / rate of purchases), n purchases in a time u have the negative binomial
        // probability Γ(shape + n) / (Γ(shape) n!) (1 + e^-a)^-n (1 + e^a)^-shape.
        let ln_count = |a: f64| -n * softplus(-a) - purchase.shape * softplus(a);
        let ln_ways = -ln_beta(purchase.shape, n) - n.ln();
        let (to_a, to_b) = (-purchase.rate.ln(), -death.rate.ln());
        let ln = |w: f64| ln_count(w + to_a) + (w + to_b) - (death.shape + 1.0) * softplus(w + to_b);
        let slope = |w: f64| {
            n * one_over_one_plus_exp(w + to_a) - purchase.shape * one_over_one_plus_exp(-w - to_a) + 1.0
                - (death.shape + 1.0) * one_over_one_plus_exp(-w - to_b)
        };
        let alive = ln_count(t.ln() + to_a) - death.ln_over(t);
        let died = death.shape.ln() + ln_integral_up_to(ln, slope, t.ln());
        ((ln_ways + alive).exp() + (ln_ways + died).exp()).min(1.0)
    }

    /// Probability of at least n purchases in a time t: the n-th comes within it, and before death.
    fn p_at_least(&self, t: f64, n: u32) -> f64 {
        if n == 0 || t <= 0.0 {
            return if n == 0 { 1.0 } else { 0.0 };
        }
        let (purchase, death, n) = (self.purchase, self.death, f64::from(n));
        let (to_a, to_b) = (-purchase.rate.ln(), -death.rate.ln());
        // The log-odds a = ln(u / rate) of the n-th purchase have the density e^(n a) (1 + e^a)^-(n
        // + shape) / B(n, shape).
        let ln = |w: f64| {
            let a = w + to_a;
            -n * softplus(-a) - purchase.shape * softplus(a) - death.shape * softplus(w + to_b)
        };
        let slope = |w: f64| {
            n * one_over_one_plus_exp(w + to_a)
                - purchase.shape * one_over_one_plus_exp(-w - to_a)
                - death.shape * one_over_one_plus_exp(-w - to_b)
        };
        (ln_integral_up_to(ln, slope, t.ln()) - ln_beta(purchase.shape, n)).exp().min(1.0)
    }

    fn purchases(&self, t: f64) -> f64 {
        self.mean_rate() * self.time_alive(t)
    }

    fn moments(&self, t: f64) -> Option<(f64, f64)> {
        Some((self.purchases(t), self.pairs(t)))
    }

    fn discounted(&self, t: f64, rate: f64) -> f64 {
        self.mean_rate() * self.discounted_time_alive(t, rate)
    }

    fn for_ever(&self, rate: f64) -> f64 {
        self.discounted(f64::INFINITY, rate)
    }

    fn wait(&self) -> Wait {
        Wait::PurchaseOrDeath(Race { first: self.purchase, other: self.death })
    }
}
