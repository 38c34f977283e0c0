//! Which of two events comes first, where each waits for a time with a Lomax distribution.

use crate::special::quadrature::{LONG, Rule, SHORT};
use crate::special::vector;
use crate::special::walk::{Panel, Precision, walk_to};
use crate::special::work::done;

/// A wait: P(later than t) = (rate / (rate + t))^shape. That of an event whose rate has a gamma
/// distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Lomax {
    pub(crate) shape: f64,
    pub(crate) rate: f64,
}

impl Lomax {
    /// -ln P(later than t).
    pub(crate) fn ln_over(&self, t: f64) -> f64 {
        self.shape * (t / self.rate).ln_1p()
    }

    /// P(later than t).
    pub(crate) fn p_later(&self, t: f64) -> f64 {
        (-self.ln_over(t)).exp()
    }

    /// The time that is exceeded with probability 1 - p.
    pub(crate) fn quantile(&self, p: f64) -> f64 {
        self.rate * (-(-p).ln_1p() / self.shape).exp_m1()
    }
}

/// Two waits that know nothing of each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Race {
    pub(crate) first: Lomax,
    pub(crate) other: Lomax,
}

impl Race {
    /// Probability that the first event comes before the other, and within a time, which may be
    /// infinite:
    ///
    /// ∫_0^t k/c (c / (c + u))^(k+1) (d / (d + u))^l du, (k, c) the first and (l, d) the other.
    pub(crate) fn p_first(&self, t: f64) -> f64 {
        self.p_first_to(Precision::Full, t)
    }

    /// The same, as exact as that.
    pub(crate) fn p_first_to(&self, precision: Precision, t: f64) -> f64 {
        let integrand = self.integrand().to(precision);
        (self.factor() * integrand.integral((t / self.scale()).ln_1p())).min(1.0)
    }

    /// The time within which the first event comes with probability `p` of what it comes with at
    /// all.
    pub(crate) fn quantile(&self, p: f64) -> f64 {
        let integrand = self.integrand();
        let target = p * integrand.integral(f64::INFINITY);
        let (mut low, mut high) = (0.0, 1.0);
        while integrand.integral(high) < target && high < f64::MAX {
            (low, high) = (high, 2.0 * high);
        }
        // Newton's step, or half of the bracket where that leads out of it.
        let mut y = 0.5 * (low + high);
        for _ in 0..200 {
            let missing = target - integrand.integral(y);
            *if missing > 0.0 { &mut low } else { &mut high } = y;
            let newton = y + missing / integrand.ln(y).exp();
            let next = if low < newton && newton < high { newton } else { 0.5 * (low + high) };
            if (next - y).abs() <= 1e-15 * y {
                break;
            }
            y = next;
        }
        self.scale() * y.exp_m1()
    }

    /// The smaller of the two rates: time is measured as y = ln(1 + t / scale).
    pub(crate) fn scale(&self) -> f64 {
        self.first.rate.min(self.other.rate)
    }

    /// Factor of the integral over y.
    pub(crate) fn factor(&self) -> f64 {
        self.first.shape * self.scale() / self.first.rate
    }

    pub(crate) fn integrand(&self) -> Integrand {
        let Race { first, other } = *self;
        let (fall, precision) = (first.shape + other.shape, Precision::Full);
        if first.rate <= other.rate {
            Integrand { near: first.shape, far: other.shape, fall, ratio: first.rate / other.rate, precision }
        } else {
            let ratio = other.rate / first.rate;
            Integrand { near: other.shape - 1.0, far: first.shape + 1.0, fall, ratio, precision }
        }
    }
}

/// e^(-near y) (1 + ratio (e^y - 1))^(-far), for near > -1, far > 0, near + far > 0 and 0 < ratio
/// <= 1: its logarithm is concave, and it is analytic within π of the line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Integrand {
    near: f64,
    far: f64,
    /// near + far, which may be far smaller than either.
    fall: f64,
    ratio: f64,
    precision: Precision,
}

impl Integrand {
    /// The same, integrated as exactly as that.
    pub(crate) fn to(self, precision: Precision) -> Self {
        Integrand { precision, ..self }
    }

    fn ln(&self, y: f64) -> f64 {
        -self.near * y - self.far * (self.ratio * y.exp_m1()).ln_1p()
    }

    fn slope(&self, y: f64) -> f64 {
        -self.near - self.far / (1.0 + (1.0 - self.ratio) / self.ratio * (-y).exp())
    }

    fn integral(&self, end: f64) -> f64 {
        // Beyond this place the function is e^(-(near + far) y) to within rounding.
        let tail = 40.0 - self.ratio.ln();
        let mut sum = 0.0;
        walk_to(
            self.precision,
            |y| self.ln(y),
            |y| self.slope(y),
            end.min(tail),
            |panel| {
                sum += if panel.even { self.sum(&panel, &SHORT) } else { self.sum(&panel, &LONG) };
                sum
            },
        );
        if end > tail {
            sum += self.ln(tail).exp() * -(-self.fall * (end - tail)).exp_m1() / self.fall;
        }
        sum
    }

    fn sum<const N: usize>(&self, panel: &Panel, rule: &Rule<N>) -> f64 {
        let mut sum = 0.0;
        for (weight, value) in rule.weights.iter().zip(self.nodes(panel, rule).value) {
            sum += weight * value;
        }
        panel.length * sum
    }

    /// The function, and what it is made of, at the nodes of a panel; step by step, so that each
    /// becomes vector instructions.
    #[inline]
    pub(crate) fn nodes<const N: usize>(&self, panel: &Panel, rule: &Rule<N>) -> Nodes<N> {
        done(N);
        let mut nodes = Nodes { y: rule.places, grown: [0.0; N], ln_far: [0.0; N], value: [0.0; N] };
        let Nodes { y, grown, ln_far, value } = &mut nodes;
        for (y, grown) in y.iter_mut().zip(grown.iter_mut()) {
            *y = panel.from + panel.length * *y;
            *grown = vector::exp_m1(*y);
        }
        for (ln_far, grown) in ln_far.iter_mut().zip(grown.iter()) {
            *ln_far = vector::ln_1p(self.ratio * grown);
        }
        for ((value, y), ln_far) in value.iter_mut().zip(y.iter()).zip(ln_far.iter()) {
            *value = vector::exp(-self.near * y - self.far * ln_far);
        }
        nodes
    }

    pub(crate) fn ratio(&self) -> f64 {
        self.ratio
    }

    /// Visits the panels up to a finite end; `visit` adds up the function.
    pub(crate) fn walk(&self, end: f64, visit: impl FnMut(Panel) -> f64) {
        walk_to(self.precision, |y| self.ln(y), |y| self.slope(y), end, visit);
    }
}

/// An integrand at the nodes of a panel.
pub(crate) struct Nodes<const N: usize> {
    pub(crate) y: [f64; N],
    /// e^y - 1.
    pub(crate) grown: [f64; N],
    /// ln(1 + ratio (e^y - 1)).
    pub(crate) ln_far: [f64; N],
    pub(crate) value: [f64; N],
}

#[cfg(test)]
mod tests {
    use super::*;

    fn race(first: (f64, f64), other: (f64, f64)) -> Race {
        let lomax = |(shape, rate)| Lomax { shape, rate };
        Race { first: lomax(first), other: lomax(other) }
    }

    const VALUES: [f64; 5] = [1e-6, 0.02, 1.0, 30.0, 1e6];

    #[test]
    fn equal_rates_share_the_wins_in_proportion_to_the_shapes() {
        for k in VALUES {
            for l in VALUES {
                for rate in VALUES {
                    for t in [1e-3, 4.0, 1e6, f64::INFINITY] {
                        let expected = k / (k + l) * -(-(k + l) * (t / rate).ln_1p()).exp_m1();
                        let p = race((k, rate), (l, rate)).p_first(t);
                        assert!((p - expected).abs() <= 2e-14 * expected, "{k} {l} {rate} {t}: {p}");
                    }
                }
            }
        }
    }

    #[test]
    fn one_of_three_things_happens() {
        for k in VALUES {
            for l in VALUES {
                for c in VALUES {
                    for t in [0.0, 1e-3, 4.0, 1e6, f64::INFINITY] {
                        let (one, two) = (race((k, c), (l, 3.0)), race((l, 3.0), (k, c)));
                        let neither = one.first.p_later(t) * one.other.p_later(t);
                        let sum = one.p_first(t) + two.p_first(t) + neither;
                        assert!((sum - 1.0).abs() < 1e-13, "{k} {l} {c} {t}: {sum}");
                    }
                }
            }
        }
    }

    #[test]
    fn quantiles_lie_where_the_probability_is() {
        for (k, l, c) in [(0.4, 3.0, 1.0), (3.0, 0.2, 50.0), (200.0, 1.0, 1e-3), (1e-3, 1e-3, 1e3)] {
            let race = race((k, c), (l, 2.0));
            for p in [1e-9, 0.05, 0.5, 0.99] {
                let t = race.quantile(p);
                if t.is_finite() {
                    let reached = race.p_first(t) / race.p_first(f64::INFINITY);
                    assert!((reached / p - 1.0).abs() < 1e-11, "{k} {l} {c}: {p} {reached}");
                }
            }
        }
    }
}
