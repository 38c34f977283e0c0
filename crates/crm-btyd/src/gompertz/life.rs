use crate::race::Lomax;
use crate::special::quadrature::{LONG, Rule, SHORT};
use crate::special::vector;
use crate::special::walk::{Panel, Precision};
use crate::special::work::done;

/// A life whose risk of ending grows like e^(b u), at a rate that has a gamma distribution:
/// P(longer than u) = (beta / (beta + e^(b u) - 1))^s.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Life {
    pub(crate) s: f64,
    pub(crate) beta: f64,
    pub(crate) b: f64,
}

/// Beyond this many times 1 / b, e^(b u) drowns all else.
const FAR: f64 = 600.0;

impl Life {
    /// What is left of a life after a time: another one of the same kind, with 1 + (beta - 1) e^(-b
    /// t) in the place of beta.
    pub(super) fn aged(&self, t: f64) -> Self {
        let left = (-self.b * t).exp();
        Life { beta: -(-self.b * t).exp_m1() + self.beta * left, ..*self }
    }

    /// ln(1 + (e^(b u) - 1) / beta).
    pub(super) fn grown(&self, u: f64) -> f64 {
        let near = (self.b * u).min(FAR);
        (near.exp_m1() / self.beta).ln_1p() + (self.b * u - near)
    }

    /// -ln P(longer than u).
    pub(crate) fn ln_over(&self, u: f64) -> f64 {
        self.s * self.grown(u)
    }

    /// P(longer than u).
    pub(super) fn p_longer(&self, u: f64) -> f64 {
        (-self.ln_over(u)).exp()
    }

    /// e^(b u) / (beta + e^(b u) - 1): from 1 / beta to 1.
    pub(super) fn pace(&self, u: f64) -> f64 {
        1.0 / (-(-self.b * u).exp_m1() + self.beta * (-self.b * u).exp())
    }

    /// [`pace`](Self::pace) to about 1e-8: enough to choose panels by.
    fn about_pace(&self, u: f64) -> f64 {
        let left = (-self.b * u).exp();
        1.0 / ((1.0 - left) + self.beta * left)
    }

    /// The time that is exceeded with probability e^-70: hardly anybody lives longer.
    pub(super) fn longest(&self) -> f64 {
        let over = 70.0 / self.s;
        // Where e^over would overflow, 1 - 1 / beta is nothing beside it.
        let scaled = if over > FAR { over + self.beta.ln() } else { (self.beta * over.exp_m1()).ln_1p() };
        scaled / self.b
    }

    /// Distance from 0 to where the law has its singularity on the negative axis.
    fn behind(&self) -> f64 {
        if self.beta < 1.0 { -(-self.beta).ln_1p() / self.b } else { f64::INFINITY }
    }

    /// How far from u on the rule of 16 points is exact to rounding, for the singularities off the
    /// axis: one period (or half of one, from where e^(b u) = 1 - beta) away from it.
    pub(super) fn smooth(&self, u: f64) -> f64 {
        let less = (self.beta - 1.0).abs();
        if less <= 0.0 || self.b * u > 40.0 + self.beta.ln().max(0.0) {
            return f64::INFINITY;
        }
        let (aside, along) = (std::f64::consts::PI / self.b, (u - less.ln() / self.b).abs());
        if self.beta > 1.0 { aside.max(0.5 * along) } else { (2.0 * aside).max(along) }
    }
}

/// Where the quadrature would err: the singularities of an integrand off the axis, in u and in y.
/// Those in u are one period of e^(b u) apart (from half a period on where beta is above 1), at one
/// time.
#[derive(Debug, Clone, Copy)]
struct Singularities {
    /// How far off the axis the nearest are, in u, and the time at which all are.
    aside: f64,
    time: f64,
    /// Beyond this time e^(b u) drowns them.
    drowned: f64,
    /// ln of the distance of the nearest one from the origin of e^y, and its angle there.
    ln_distance: f64,
    angle: f64,
    /// So long a panel is exact, in units of the distance of singularities aside, ahead and behind.
    exact: [f64; 3],
}

impl Singularities {
    fn of(integrand: &Integrand) -> Option<Self> {
        let Life { beta, b, .. } = integrand.life;
        let less = (beta - 1.0).abs();
        if less <= 0.0 {
            return None;
        }
        let turns = if beta > 1.0 { std::f64::consts::PI } else { std::f64::consts::TAU };
        let (aside, time) = (turns / b, less.ln() / b);
        let (re, im) = (1.0 + time / integrand.scale, aside / integrand.scale);
        let drowned = (40.0 + beta.ln().max(0.0)) / b;
        // The rules of 16 and 8 points err by the -32nd and -16th power of the sum of the semi-axes
        // of the ellipse around the panel that meets the singularity, in units of half the panel:
        // 4.2 and 2.6 where it is aside, 5.8 and 3.0 where it is ahead, 5.8 and 3.5 where it is
        // behind.
        let exact = if integrand.precision.is_rough() { [1.8, 0.75, 2.0] } else { [1.0, 0.5, 1.0] };
        Some(Singularities {
            aside,
            time,
            drowned,
            ln_distance: re.hypot(im).ln(),
            angle: im.atan2(re),
            exact,
        })
    }

    /// How long a panel from a place y on is exact, the time there being u, and `reach` that time
    /// and the scale.
    fn smooth(&self, y: f64, u: f64, reach: f64) -> f64 {
        let [beside, before, after] = self.exact;
        let along = |way: f64| if way > 0.0 { before * way } else { -after * way };
        let in_y = (beside * self.angle).max(along(self.ln_distance - y));
        if u > self.drowned {
            return in_y;
        }
        ((beside * self.aside).max(along(self.time - u)) / reach).ln_1p().min(in_y)
    }
}

/// What is integrated over the time u to come, on the scale y = ln(1 + u / scale), up to a factor:
///
/// (e^(b u) P(longer than u)^(1/s))^hump P(longer than u) (1 + u / rate)^(-far) e^(-discount u) du.
#[derive(Debug, Clone, Copy)]
pub(super) struct Integrand {
    life: Life,
    hump: f64,
    rate: f64,
    far: f64,
    discount: f64,
    scale: f64,
    /// Factor of the integral over y.
    factor: f64,
    /// The rest of the integral beyond u is at most P(longer than u) (1 + u / rate)^(-over)
    /// e^(-discount u), times the time left where that is wanted.
    over: f64,
    of_time: bool,
    precision: Precision,
}

/// Most by which the logarithm of the integrand may change over a panel.
const STEEPEST: f64 = 12.0;

impl Integrand {
    /// The same, integrated as exactly as that.
    pub(super) fn to(self, precision: Precision) -> Self {
        Integrand { precision, ..self }
    }

    /// Death comes at u, and no purchase before.
    pub(super) fn death_first(life: Life, purchase: Lomax) -> Self {
        let scale = life.behind().min(purchase.rate);
        Integrand {
            life,
            hump: 1.0,
            rate: purchase.rate,
            far: purchase.shape,
            discount: 0.0,
            scale,
            factor: life.s * life.b * scale / life.beta,
            over: purchase.shape,
            of_time: false,
            precision: Precision::Full,
        }
    }

    /// A purchase comes at u, and death not before.
    pub(super) fn purchase_first(life: Life, purchase: Lomax) -> Self {
        let scale = life.behind().min(purchase.rate);
        Integrand {
            life,
            hump: 0.0,
            rate: purchase.rate,
            far: purchase.shape + 1.0,
            discount: 0.0,
            scale,
            factor: purchase.shape * scale / purchase.rate,
            over: purchase.shape,
            of_time: false,
            precision: Precision::Full,
        }
    }

    /// Time alive, a moment at u worth e^(-discount u).
    pub(super) fn time_alive(life: Life, discount: f64) -> Self {
        let scale = life.behind().min(1.0 / life.b);
        Integrand {
            life,
            hump: 0.0,
            rate: 1.0,
            far: 0.0,
            discount,
            scale,
            factor: scale,
            over: 0.0,
            of_time: true,
            precision: Precision::Full,
        }
    }

    /// The integral up to a time, which may be infinite.
    pub(super) fn integral(&self, end: f64) -> f64 {
        let mut sum = 0.0;
        self.walk(end, |panel| {
            sum += if panel.even { self.sum(&panel, &SHORT) } else { self.sum(&panel, &LONG) };
            sum
        });
        self.factor * sum
    }

    /// The integral of the time u times the integrand, up to a finite time.
    pub(super) fn first_moment(&self, end: f64) -> f64 {
        let mut sum = 0.0;
        self.walk(end, |panel| {
            sum += if panel.even { self.moment(&panel, &SHORT) } else { self.moment(&panel, &LONG) };
            // What is left is at most `end` times what is left of the integral.
            sum / end
        });
        self.factor * sum
    }

    fn moment<const N: usize>(&self, panel: &Panel, rule: &Rule<N>) -> f64 {
        let nodes = self.nodes(panel, rule);
        let values = rule.weights.iter().zip(nodes.value.iter().zip(&nodes.u));
        panel.length * values.map(|(weight, (value, u))| weight * value * u).sum::<f64>()
    }

    pub(super) fn factor(&self) -> f64 {
        self.factor
    }

    fn sum<const N: usize>(&self, panel: &Panel, rule: &Rule<N>) -> f64 {
        let mut sum = 0.0;
        for (weight, value) in rule.weights.iter().zip(self.nodes(panel, rule).value) {
            sum += weight * value;
        }
        panel.length * sum
    }

    /// Visits panels from now to `end` until what is left makes no difference. `visit` adds up the
    /// integrand and returns the sum so far.
    ///
    /// On the scale y all is analytic within π of the axis, but for what [`Singularities`] knows.
    pub(super) fn walk(&self, end: f64, mut visit: impl FnMut(Panel) -> f64) {
        let end_y = (end / self.scale).ln_1p();
        let singular = Singularities::of(self);
        let (longest, rough) = (self.precision.longest(), self.precision.is_rough());
        let mut from = 0.0;
        let (mut u, mut pace) = (0.0, self.life.about_pace(0.0));
        while from < end_y {
            let reach = u + self.scale;
            let smooth = singular.map_or(f64::INFINITY, |singular| singular.smooth(from, u, reach));
            let mut length = longest.min(smooth).min(end_y - from);
            let (mut steepest, mut at) = self.steepest(pace, from + length);
            while length * steepest > STEEPEST {
                length = (0.5 * length).max(0.999 * STEEPEST / steepest);
                (steepest, at) = self.steepest(pace, from + length);
            }
            let even = rough || (length <= 1.0_f64.min(smooth / 3.0) && length * steepest <= 2.0);
            let sum = visit(Panel { from, length, even });
            from = if length < end_y - from { from + length } else { end_y };
            if from < end_y {
                u = self.scale * from.exp_m1();
                pace = at;
                if self.rest(u, end) <= self.precision.negligible() * self.factor * sum {
                    return;
                }
            }
        }
    }

    /// At most so much changes the logarithm of the integrand per unit of y, from a time with this
    /// pace up to a place; and the pace there.
    fn steepest(&self, pace: f64, to: f64) -> (f64, f64) {
        let reach = self.scale * to.exp();
        let end = reach - self.scale;
        let bend = |pace: f64| (self.hump * (1.0 - pace) - self.life.s * pace).abs();
        let at_end = self.life.about_pace(end);
        let of_life = self.life.b * bend(pace).max(bend(at_end));
        (1.0 + reach * (of_life + self.discount) + self.far * reach / (self.rate + end), at_end)
    }

    /// Bound of the integral beyond a time.
    fn rest(&self, u: f64, end: f64) -> f64 {
        let longer = (-self.life.ln_over(u) - self.over * (u / self.rate).ln_1p() - self.discount * u).exp();
        if self.of_time {
            let worth = if self.discount > 0.0 { 1.0 / self.discount } else { f64::INFINITY };
            longer * worth.min(end - u)
        } else {
            longer
        }
    }

    /// The integrand, and what it is made of, at the nodes of a panel; step by step, so that each
    /// becomes vector instructions.
    #[inline]
    pub(super) fn nodes<const N: usize>(&self, panel: &Panel, rule: &Rule<N>) -> Nodes<N> {
        // Two exponentials more than elsewhere.
        done(2 * N);
        let zeros = [0.0; N];
        let mut nodes = Nodes { u: zeros, ln_far: zeros, risen: zeros, grown: zeros, value: zeros };
        let Nodes { u, ln_far, risen, grown, value } = &mut nodes;
        let Life { s, beta, b } = self.life;
        let mut y = rule.places;
        for (y, u) in y.iter_mut().zip(u.iter_mut()) {
            *y = panel.from + panel.length * *y;
            *u = self.scale * vector::exp_m1(*y);
        }
        for (ln_far, u) in ln_far.iter_mut().zip(u.iter()) {
            *ln_far = vector::ln_1p(u / self.rate);
        }
        for (risen, u) in risen.iter_mut().zip(u.iter()) {
            *risen = vector::exp_m1((b * u).min(FAR));
        }
        for (grown, risen) in grown.iter_mut().zip(risen.iter()) {
            *grown = vector::ln_1p(risen / beta);
        }
        for (((value, y), (grown, ln_far)), u) in
            value.iter_mut().zip(&y).zip(grown.iter_mut().zip(ln_far.iter())).zip(u.iter())
        {
            let near = (b * u).min(FAR);
            let hump = near - *grown;
            *grown += b * u - near;
            *value = vector::exp(y + self.hump * hump - s * *grown - self.far * ln_far - self.discount * u);
        }
        nodes
    }
}

/// An integrand at the nodes of a panel.
pub(super) struct Nodes<const N: usize> {
    pub(super) u: [f64; N],
    /// ln(1 + u / rate).
    pub(super) ln_far: [f64; N],
    /// e^(b u) - 1, as far as it matters.
    pub(super) risen: [f64; N],
    /// ln(1 + (e^(b u) - 1) / beta).
    pub(super) grown: [f64; N],
    pub(super) value: [f64; N],
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: [f64; 5] = [1e-6, 0.02, 1.0, 30.0, 1e6];

    /// What the rule errs by, confirmed by what must add up.
    #[test]
    fn one_of_three_things_happens() {
        for s in VALUES {
            for beta in VALUES {
                for b in VALUES {
                    for (shape, rate) in [(1e-3, 1.0), (0.6, 1e-4), (2.0, 3e3), (500.0, 40.0)] {
                        let (life, purchase) = (Life { s, beta, b }, Lomax { shape, rate });
                        for t in [0.0, 1e-3, 4.0, 1e5, f64::INFINITY] {
                            let first = Integrand::death_first(life, purchase).integral(t);
                            let second = Integrand::purchase_first(life, purchase).integral(t);
                            let neither = life.p_longer(t) * purchase.p_later(t);
                            let sum = first + second + neither;
                            assert!((sum - 1.0).abs() < 1e-12, "{life:?} {purchase:?} {t}: {sum}");
                        }
                    }
                }
            }
        }
    }

    /// Time alive where the integral is elementary: for s = 1 it is t - G(t) / b, divided by 1 - 1
    /// / beta.
    #[test]
    fn time_alive_of_one_rate_is_elementary() {
        for beta in [1e-6, 0.2, 1.0 + 1e-6, 40.0, 1e6] {
            for b in [1e-3, 1.0, 50.0] {
                for t in [0.5, 7.0, 300.0] {
                    let life = Life { s: 1.0, beta, b };
                    let expected = beta / (beta - 1.0) * (t - life.grown(t) / b);
                    // The difference loses digits where there is little of it.
                    let slack = 1e-13 + 1e-15 * (t * beta / (beta - 1.0) / expected).abs();
                    let time = Integrand::time_alive(life, 0.0).integral(t);
                    assert!(
                        (time / expected - 1.0).abs() < 10.0 * slack,
                        "{beta} {b} {t}: {time} {expected}"
                    );
                }
            }
        }
    }
}
