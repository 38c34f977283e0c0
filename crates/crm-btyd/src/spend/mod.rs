//! Gamma-Gamma: what a purchase is worth, customer by customer.
//!
//! The story: each purchase of a customer has a gamma distribution (shape p, rate ν), and over
//! customers ν has a gamma distribution (shape q, rate gamma). A customer's own mean spend p / ν is
//! learnt from the purchases seen and drawn towards the others' where these are few. How much a
//! customer spends is taken to be unrelated to how often.

mod spends;

pub use self::spends::{RefundRule, Spend, Spends};
use crate::error::{check_parameter, check_parameters};
use crate::special::gamma::{digamma_difference, ln_beta, trigamma, trigamma_difference};
use crate::{
    Error, FitDiagnosis, PurchaseModel,
    fit::Implication,
    models::{Derivatives, Sample},
};
use crm_numbers::parallel;

/// Gamma-Gamma model of spend.
///
/// Fader and Hardie (2013), "The Gamma-Gamma model of monetary value", note 025. Parameters: `p`
/// and `q` in 1e-8 ..= 1e8, without a unit; `gamma` in money, 1e-40 ..= 1e40.
///
/// # Examples
///
/// ```
/// use crm_btyd::{GammaGamma, Spend};
///
/// // Table of the note, CDNOW in dollars: two repeat purchases of 22.35 on average, and nobody's.
/// let model = GammaGamma::new(6.25, 3.74, 15.44)?;
/// let seen = Spend::new(2, 22.35)?;
/// assert!((model.expected_spend(&seen)? - 24.66).abs() < 0.01);
/// assert!((model.mean_spend()? - 35.22).abs() < 0.01);
/// # Ok::<(), crm_btyd::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GammaGamma {
    p: f64,
    q: f64,
    gamma: f64,
}

/// Range of gamma. Any currency fits into it: a fit may end 1e7 times above or below the mean
/// spend.
const MONEY: std::ops::RangeInclusive<f64> = 1e-40..=1e40;

impl GammaGamma {
    /// Creates the model with these parameters.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] for one outside its range.
    pub fn new(p: f64, q: f64, gamma: f64) -> Result<Self, Error> {
        check_parameters(Self::NAME, Self::PARAMETERS, &[p, q])?;
        check_parameter(Self::NAME, "gamma", gamma, MONEY)?;
        Ok(GammaGamma { p, q, gamma })
    }

    /// Returns the shape of the distribution of one customer's purchases.
    #[must_use]
    pub fn p(&self) -> f64 {
        self.p
    }

    /// Returns the shape of the distribution over customers; at most 1 means that their mean spend
    /// has no mean.
    #[must_use]
    pub fn q(&self) -> f64 {
        self.q
    }

    /// Returns the rate of the distribution over customers, in money.
    #[must_use]
    pub fn gamma(&self) -> f64 {
        self.gamma
    }

    /// ln of the density of a mean spend (equation 1a of note 025):
    /// Γ(px+q) / (Γ(px) Γ(q)) gamma^q m^(px-1) x^px / (gamma + x m)^(px+q).
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_btyd::{GammaGamma, Spend};
    ///
    /// // p = q = gamma = x = 1: the density is 1 / (1 + m)^2.
    /// let model = GammaGamma::new(1.0, 1.0, 1.0)?;
    /// assert!((model.ln_likelihood_of(&Spend::new(1, 3.0)?) - (1.0_f64 / 16.0).ln()).abs() < 1e-14);
    /// # Ok::<(), crm_btyd::Error>(())
    /// ```
    #[must_use]
    pub fn ln_likelihood_of(&self, spend: &Spend) -> f64 {
        let (shape, total) = (self.p * f64::from(spend.purchases()), spend.total());
        -ln_beta(shape, self.q)
            - self.q * (total / self.gamma).ln_1p()
            - shape * (self.gamma / total).ln_1p()
            - spend.mean().ln()
    }

    /// Expected value of a purchase to come, for a customer whose spend was seen (equation 5 of
    /// note 025): p (gamma + x m) / (p x + q - 1).
    ///
    /// # Errors
    ///
    /// [`Error::NoMean`] unless p x + q is above 1; [`median_spend_of`](Self::median_spend_of)
    /// exists all the same.
    pub fn expected_spend(&self, spend: &Spend) -> Result<f64, Error> {
        let shape = self.p * f64::from(spend.purchases()) + self.q;
        if shape > 1.0 {
            Ok(self.p * (self.gamma + spend.total()) / (shape - 1.0))
        } else {
            let (model, what) = (Self::NAME, "this customer's spend");
            Err(Error::NoMean { model, what, name: "p x + q", value: shape, bound: 1.0 })
        }
    }

    /// Expected value of a purchase of a customer of whom nothing was seen: p gamma / (q - 1).
    ///
    /// # Errors
    ///
    /// [`Error::NoMean`] unless q is above 1; [`median_spend`](Self::median_spend) exists all the
    /// same.
    pub fn mean_spend(&self) -> Result<f64, Error> {
        if self.q > 1.0 {
            Ok(self.p * self.gamma / (self.q - 1.0))
        } else {
            let (model, what) = (Self::NAME, "spend over customers");
            Err(Error::NoMean { model, what, name: "q", value: self.q, bound: 1.0 })
        }
    }

    /// The mean spend that half of all customers exceed; `None` where no double can hold it.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_btyd::GammaGamma;
    ///
    /// // q = 1: mean spend is p gamma / (an exponential variable), whose median is ln 2.
    /// let model = GammaGamma::new(2.0, 1.0, 15.0)?;
    /// assert!((model.median_spend().unwrap() - 30.0 / 2f64.ln()).abs() < 1e-9);
    /// assert!(model.mean_spend().is_err());
    /// # Ok::<(), crm_btyd::Error>(())
    /// ```
    #[must_use]
    pub fn median_spend(&self) -> Option<f64> {
        self.median(self.q, self.gamma)
    }

    /// The value that a customer's own mean spend exceeds with probability one half, after what was
    /// seen.
    #[must_use]
    pub fn median_spend_of(&self, spend: &Spend) -> Option<f64> {
        self.median(self.p * f64::from(spend.purchases()) + self.q, self.gamma + spend.total())
    }

    /// Median of p / ν where ν has a gamma distribution.
    fn median(&self, shape: f64, rate: f64) -> Option<f64> {
        let spend = (self.p.ln() + rate.ln() - ln_gamma_median(shape)).exp();
        spend.is_finite().then_some(spend)
    }
}

/// ln of the median of the gamma distribution of that shape.
fn ln_gamma_median(shape: f64) -> f64 {
    if shape > 1e3 {
        // Choi (1994), "On the medians of gamma distributions and an equation of Ramanujan": the
        // next term is below 1e-12.
        return (shape - 1.0 / 3.0 + 8.0 / (405.0 * shape) + 184.0 / (25_515.0 * shape * shape)).ln();
    }
    if shape < 1e-3 {
        // Below the median the density is x^(shape-1) / Γ(shape) to within the square of it.
        return (0.5_f64.ln() + libm::lgamma(1.0 + shape)) / shape;
    }
    // The median lies below the mean, and not further below than where x^shape / Γ(shape + 1)
    // reaches one half.
    let (mut low, mut high) = ((0.5_f64.ln() + libm::lgamma(1.0 + shape)) / shape, shape.ln());
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        *if special::Gamma::inc_gamma(middle.exp(), shape) < 0.5 { &mut low } else { &mut high } = middle;
    }
    0.5 * (low + high)
}

#[cfg(feature = "rand")]
impl GammaGamma {
    /// Values of that many purchases of one customer, drawn at random.
    pub fn simulate<R: rand::Rng + ?Sized>(&self, purchases: usize, rng: &mut R) -> Vec<f64> {
        use rand_distr::{Distribution, Gamma};

        // The constructors refuse nothing that the law's own constructor accepted.
        let Ok(rates) = Gamma::new(self.q, 1.0 / self.gamma) else { return Vec::new() };
        let rate: f64 = rates.sample(rng);
        let Ok(values) = Gamma::new(self.p, 1.0 / rate.max(f64::MIN_POSITIVE)) else { return Vec::new() };
        (0..purchases).map(|_| values.sample(rng)).collect()
    }
}

impl PurchaseModel for GammaGamma {
    type Data = Spends;
    type Theta = [f64; 3];

    const NAME: &'static str = "Gamma-Gamma";
    const PARAMETERS: &'static [&'static str] = &["p", "q", "gamma"];

    fn from_theta([p, q, gamma]: [f64; 3]) -> Result<Self, Error> {
        GammaGamma::new(p, q, gamma)
    }

    fn theta(&self) -> [f64; 3] {
        [self.p, self.q, self.gamma]
    }

    fn starts(&self, data: &Spends) -> Vec<Self> {
        let seen = data.median_of_means();
        // Each start has the data's median: the one of gamma = 1 is that of p / ν.
        let start = |p: f64, q: f64| {
            let median = GammaGamma::new(p, q, 1.0).ok()?.median_spend()?;
            GammaGamma::new(p, q, seen / median).ok()
        };
        let mut starts: Vec<Self> = GammaGamma::new(1.0, 1.0, 1.0).into_iter().collect();
        for p in [0.5, 5.0, 100.0] {
            starts.extend([0.5, 2.0, 8.0, 100.0].into_iter().filter_map(|q| start(p, q)));
        }
        starts
    }

    fn scales(data: &Spends) -> Vec<f64> {
        vec![1.0, 1.0, data.mean()]
    }

    fn derivatives(&self, data: &Spends) -> Derivatives {
        let (p, q) = (self.p, self.q);
        let mut sums = Derivatives::zero(3);
        for group in data.groups() {
            let (x, n) = (f64::from(group.purchases), group.totals.len() as f64);
            let shape = p * x;
            let rows = RowSums::of(self.gamma, shape, q, &group.totals);
            sums.ln_likelihood += rows.value - n * ln_beta(shape, q) - group.ln_means;
            sums.add_gradient(0, x * (n * digamma_difference(shape, q) - rows.ln_above));
            sums.add_gradient(1, n * digamma_difference(q, shape) - rows.ln_below);
            sums.add_gradient(2, rows.slope);
            sums.add_hessian(0, 0, n * x * x * trigamma_difference(shape, q));
            sums.add_hessian(0, 1, n * x * trigamma(shape + q));
            sums.add_hessian(1, 1, n * trigamma_difference(q, shape));
            sums.add_hessian(0, 2, -x * rows.inverse);
            sums.add_hessian(1, 2, n / self.gamma - rows.inverse);
            sums.add_hessian(2, 2, (shape + q) * rows.inverse_square - n * q / (self.gamma * self.gamma));
        }
        sums.times(data.weight())
    }

    fn implies(&self, _data: &Spends) -> Option<Implication> {
        Implication::new("median spend over customers", self.median_spend()?)
    }

    fn diagnose(&self, data: &Spends) -> Vec<FitDiagnosis> {
        /// Rank correlation from which spend is no longer taken for unrelated to frequency, where
        /// chance does not explain it.
        const RELATED: f64 = 0.3;
        const CHANCE: f64 = 0.01;
        let mut doubts = Vec::new();
        if self.q <= 1.0 {
            doubts.push(FitDiagnosis::NoMeanSpend { q: self.q });
        }
        if let Some(correlation) = data.rank_correlation() {
            // Of ranks that know nothing of each other, the correlation times √(n - 1) is about
            // standard normal.
            let z = correlation.abs() * (Sample::customers(data) as f64 - 1.0).max(0.0).sqrt();
            let p_value = libm::erfc(z / std::f64::consts::SQRT_2);
            if correlation.abs() > RELATED && p_value < CHANCE {
                doubts.push(FitDiagnosis::SpendGoesWithFrequency { correlation, p_value });
            }
        }
        doubts
    }
}

/// Sums over customers with one number of purchases, of total spend z = x m each.
#[derive(Debug, Clone, Copy, Default)]
struct RowSums {
    /// -q ln(1 + z / gamma) - px ln(1 + gamma / z).
    value: f64,
    /// ln(1 + z / gamma).
    ln_below: f64,
    /// ln(1 + gamma / z).
    ln_above: f64,
    /// Derivative of `value` by gamma.
    slope: f64,
    /// 1 / (gamma + z).
    inverse: f64,
    inverse_square: f64,
}

impl RowSums {
    fn of(gamma: f64, shape: f64, q: f64, totals: &[f64]) -> Self {
        /// Rows summed by one task.
        const ROWS_PER_TASK: usize = 1 << 12;
        let parts = parallel::map(totals.chunks(ROWS_PER_TASK).collect(), |totals| {
            let mut sums = RowSums::default();
            for total in totals {
                let (below, above) = ((total / gamma).ln_1p(), (gamma / total).ln_1p());
                let inverse = 1.0 / (gamma + total);
                sums.value -= q * below + shape * above;
                sums.ln_below += below;
                sums.ln_above += above;
                sums.slope += (q * total / gamma - shape) * inverse;
                sums.inverse += inverse;
                sums.inverse_square += inverse * inverse;
            }
            sums
        });
        parts.into_iter().fold(RowSums::default(), |sum, part| RowSums {
            value: sum.value + part.value,
            ln_below: sum.ln_below + part.ln_below,
            ln_above: sum.ln_above + part.ln_above,
            slope: sum.slope + part.slope,
            inverse: sum.inverse + part.inverse,
            inverse_square: sum.inverse_square + part.inverse_square,
        })
    }
}

crate::stored::stored_model!(GammaGamma);

#[cfg(test)]
mod tests {
    use num_dual::{DualNum, HyperDual64};

    use super::*;
    use crate::derivative_check::{check, ln_gamma as dual_ln_gamma};

    #[test]
    fn gradient_and_hessian_equal_automatic_differentiation() {
        let spends = [(1, 12.5), (1, 80.0), (2, 22.35), (5, 9.0), (5, 31.0), (40, 17.0)];
        let spends: Vec<Spend> = spends.into_iter().map(|(x, m)| Spend::new(x, m).unwrap()).collect();
        let as_published = |theta: &[HyperDual64]| {
            let [p, q, gamma] = <[HyperDual64; 3]>::try_from(theta).unwrap();
            let mut sum = HyperDual64::from(0.0);
            for spend in &spends {
                let (x, m) = (f64::from(spend.purchases()), spend.mean());
                let px = p * x;
                sum += dual_ln_gamma(px + q) - dual_ln_gamma(px) - dual_ln_gamma(q)
                    + q * gamma.ln()
                    + (px - 1.0) * m.ln()
                    + px * x.ln()
                    - (px + q) * (gamma + x * m).ln();
            }
            sum
        };
        let data = Spends::new(spends.iter().copied());
        for (p, q, gamma) in [(6.25, 3.74, 15.44), (0.1, 0.4, 900.0), (120.0, 30.0, 0.5)] {
            check(&GammaGamma::new(p, q, gamma).unwrap(), &data, as_published);
        }
    }

    #[test]
    fn medians_halve_the_distribution_at_any_shape() {
        // Exponential: ln 2. Near zero: x^q / Γ(q + 1) = 1/2. The three routes meet where one hands
        // over to another.
        assert!((ln_gamma_median(1.0) - 2f64.ln().ln()).abs() < 1e-14);
        for shape in [1e-3, 1e3_f64] {
            let (below, above) =
                (ln_gamma_median(shape * (1.0 - 1e-9)), ln_gamma_median(shape * (1.0 + 1e-9)));
            assert!((below / above - 1.0).abs() < 1e-8, "{shape}: {below} {above}");
        }
        for shape in [0.01, 0.3, 2.0, 40.0, 800.0] {
            let half = special::Gamma::inc_gamma(ln_gamma_median(shape).exp(), shape);
            assert!((half - 0.5).abs() < 1e-11, "{shape}: {half}");
        }
    }

    #[test]
    fn without_a_mean_there_is_an_error_and_a_median() {
        let model = GammaGamma::new(0.1, 0.8, 10.0).unwrap();
        let once = Spend::new(1, 5.0).unwrap();
        assert_eq!(
            model.expected_spend(&once).unwrap_err().to_string(),
            "Gamma-Gamma: this customer's spend has no mean because p x + q is 0.9, not above 1; use the median"
        );
        assert!(model.mean_spend().unwrap_err().to_string().contains("because q is 0.8"));
        assert!(model.median_spend().unwrap() > 0.0 && model.median_spend_of(&once).unwrap() > 0.0);
        assert_eq!(GammaGamma::new(1.0, 1e-8, 1.0).unwrap().median_spend(), None);
    }

    #[test]
    fn a_parameter_out_of_range_is_named() {
        let error = GammaGamma::new(1.0, 0.0, 1.0).unwrap_err().to_string();
        assert_eq!(error, "Gamma-Gamma: q must be between 1e-8 and 100000000, got 0");
        assert!(GammaGamma::new(f64::NAN, 1.0, 1.0).is_err());
    }

    #[test]
    fn rank_correlation_is_spearmans() {
        let spends = |rows: &[(u32, f64)]| Spends::new(rows.iter().map(|&(x, m)| Spend::new(x, m).unwrap()));
        assert_eq!(spends(&[(1, 5.0), (2, 5.0)]).rank_correlation(), None);
        let rising = spends(&[(1, 1.0), (2, 10.0), (3, 100.0)]).rank_correlation().unwrap();
        assert!((rising - 1.0).abs() < 1e-15);
        // Ranks 1.5 1.5 3 and 1 3 2: 1 - rho^2 by hand gives 0 for the sum of products.
        let mixed = spends(&[(1, 1.0), (1, 3.0), (2, 2.0)]).rank_correlation().unwrap();
        assert!(mixed.abs() < 1e-15, "{mixed}");
    }

    #[cfg(feature = "serde")]
    #[test]
    fn parameters_are_stored_with_the_name_of_the_model_and_nothing_else() {
        let model = GammaGamma::new(6.25, 3.74, 15.44).unwrap();
        let text = serde_json::to_string(&model).unwrap();
        assert_eq!(text, r#"{"model":"Gamma-Gamma","p":6.25,"q":3.74,"gamma":15.44}"#);
        assert_eq!(serde_json::from_str::<GammaGamma>(&text).unwrap(), model);
        assert!(serde_json::from_str::<GammaGamma>(&text.replace("3.74", "-1")).is_err());
        let other = serde_json::from_str::<GammaGamma>(&text.replace("Gamma-Gamma", "BG/NBD")).unwrap_err();
        assert!(
            other.to_string().contains("expected parameters of Gamma-Gamma, got those of BG/NBD"),
            "{other}"
        );
    }
}
