//! NBD-Dirichlet: how often people buy in a category, and which of its brands.
//!
//! The story of one consumer: purchases in the category come as a Poisson process, and each is of
//! brand j with a probability of the consumer's own, whatever was bought before. Over consumers,
//! the rate has a gamma distribution (mean M a period, exponent K), and the probabilities a
//! Dirichlet distribution with alpha_j = S share_j, independent of the rate: the smaller S, the
//! more loyal is each to few brands.
//!
//! With n purchases in the category negative binomial and n_j of them of brand j beta-binomial,
//! sums over n are Gauss functions of z = M / (K + M):
//!
//! P(r of brand j) = (1 - z)^K z^r (K)_r (alpha)_r / ((S)_r r!) F(K + r, S - alpha; S + r; z).

mod brand;
mod fit;
#[cfg(feature = "rand")]
mod simulate;

pub use self::brand::BrandBuyers;
use crm_numbers::check;

use crate::Error;
use crate::error::check_parameter;
use crate::special::coin::Coin;
use crate::special::hyp2f1::{Argument, ln_hyp2f1};

/// NBD-Dirichlet: a market of brands, in which nobody is loyal to one alone.
///
/// Goodhardt, Ehrenberg and Chatfield (1984), "The Dirichlet: a comprehensive model of buying
/// behavior", Journal of the Royal Statistical Society A 147. It says what is normal for a brand of
/// a given share, so that what a brand's figures have of their own is seen: how many buy it
/// (penetration), how often they do, how much of what they buy in the category is of that brand,
/// how many buy nothing else, and which brands share their buyers. Small brands suffer twice
/// (double jeopardy): fewer people buy them, and these a little less often.
///
/// Parameters: `mean` M and `exponent` K of the category, `diversity` S, in 1e-6 ..= 1e6; shares of
/// the brands in 1e-4 ..= 0.9999 that add up to 1 or, if some brands are not named, less.
///
/// # Examples
///
/// ```
/// use crm_btyd::brands::NbdDirichlet;
///
/// // 56 % buy toothpaste in a quarter, those 2.6 times; shares of eight brands, and how many buy each.
/// let brands = [(0.25, 0.20), (0.19, 0.17), (0.10, 0.09), (0.10, 0.08), (0.09, 0.08), (0.08, 0.07), (0.03, 0.03), (0.02, 0.02)];
/// let market = NbdDirichlet::from_figures(0.56, 2.6, &brands)?;
/// assert!((market.mean() - 1.456).abs() < 1e-12 && (market.exponent() - 0.7788).abs() < 5e-5);
///
/// let (large, small) = (market.brand(0).unwrap(), market.brand(7).unwrap());
/// // A brand's purchases are its buyers times what each of them buys.
/// assert!((large.penetration() * large.purchases_per_buyer() - 0.25 * 1.456).abs() < 1e-12);
/// assert!(small.penetration() < large.penetration() && small.purchases_per_buyer() < large.purchases_per_buyer());
/// # Ok::<(), crm_btyd::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct NbdDirichlet {
    mean: f64,
    exponent: f64,
    diversity: f64,
    shares: Vec<f64>,
}

/// Ranges of the parameters, and of the shares.
const RANGE: std::ops::RangeInclusive<f64> = 1e-6..=1e6;
const SHARES: std::ops::RangeInclusive<f64> = 1e-4..=0.9999;
/// Shares are rounded figures: their sum may be off by that.
const ROUNDING: f64 = 1e-9;

impl NbdDirichlet {
    pub(crate) const NAME: &'static str = "NBD-Dirichlet";

    /// The market with these parameters.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] for a mean, an exponent or a diversity outside 1e-6 ..= 1e6;
    /// [`Error::Input`] for a share outside 1e-4 ..= 0.9999 and for shares that add up to more than
    /// 1.
    pub fn new(mean: f64, exponent: f64, diversity: f64, shares: &[f64]) -> Result<Self, Error> {
        NbdDirichlet { mean, exponent, diversity, shares: shares.to_vec() }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        for (name, value) in [("mean", self.mean), ("exponent", self.exponent), ("diversity", self.diversity)]
        {
            check_parameter(Self::NAME, name, value, RANGE)?;
        }
        check_shares(self.shares.iter().copied())?;
        Ok(self)
    }

    /// Mean number of purchases in the category, of everybody in a period: M.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Exponent of the category's negative binomial distribution: K, the smaller the more people
    /// differ in how often they buy.
    #[must_use]
    pub fn exponent(&self) -> f64 {
        self.exponent
    }

    /// How much people divide their purchases over brands: S.
    #[must_use]
    pub fn diversity(&self) -> f64 {
        self.diversity
    }

    /// Shares of the brands, in the order in which they were given.
    #[must_use]
    pub fn shares(&self) -> &[f64] {
        &self.shares
    }

    /// The same market over so many periods: everybody buys so many times as often, and K, S and
    /// the shares stay.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless it lies in 1e-6 ..= 1e6; [`Error::Parameter`] where M then leaves
    /// its range.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_btyd::brands::NbdDirichlet;
    ///
    /// let quarter = NbdDirichlet::new(1.0, 1.0, 1.0, &[0.5, 0.5])?;
    /// // 1 - 1 / (1 + M) of all buy in the category: half in a quarter, four fifths in a year.
    /// assert!((quarter.penetration() - 0.5).abs() < 1e-15);
    /// assert!((quarter.over(4.0)?.penetration() - 0.8).abs() < 1e-15);
    /// # Ok::<(), crm_btyd::Error>(())
    /// ```
    pub fn over(&self, periods: f64) -> Result<Self, Error> {
        let periods = check::range("number of periods", periods, RANGE)?;
        NbdDirichlet::new(self.mean * periods, self.exponent, self.diversity, &self.shares)
    }

    /// Share of people who buy in the category in a period: 1 - (1 + M / K)^-K.
    #[must_use]
    pub fn penetration(&self) -> f64 {
        -(-self.ln_over()).exp_m1()
    }

    /// Purchases in the category of each who buys in it at all.
    #[must_use]
    pub fn purchases_per_buyer(&self) -> f64 {
        self.mean / self.penetration()
    }

    /// Those who buy a brand, by its place in the list of shares; `None` where there is none.
    #[must_use]
    pub fn brand(&self, brand: usize) -> Option<BrandBuyers> {
        self.shares.get(brand).map(|&share| BrandBuyers::of(self, share))
    }

    /// Share of one brand's buyers who buy another one too (duplication of purchase); `None` unless
    /// there are two such brands.
    ///
    /// It is nearly in proportion to the other brand's penetration, whichever brand's buyers are
    /// asked.
    #[must_use]
    pub fn duplication(&self, of_buyers_of: usize, who_buy: usize) -> Option<f64> {
        if of_buyers_of == who_buy {
            return None;
        }
        let (one, other) = (*self.shares.get(of_buyers_of)?, *self.shares.get(who_buy)?);
        let (p, q) = (self.penetration_of(one), self.penetration_of(other));
        // Two brands together are a brand with both shares.
        let either = self.penetration_of(one + other);
        // Where hardly anybody buys both, the difference has no digits left.
        let both = p + q - either;
        let both = if both > 1e-4 * p.max(q) { both } else { self.both_of(one, other) };
        Some((both / p).clamp(0.0, 1.0))
    }

    /// K ln(1 + M / K).
    fn ln_over(&self) -> f64 {
        self.exponent * (self.mean / self.exponent).ln_1p()
    }

    /// Share of people who buy a brand of that share at least once: the mean of 1 - (1 + p M /
    /// K)^-K over the probability p to choose it, so that nothing cancels where few do.
    fn penetration_of(&self, share: f64) -> f64 {
        let rest = self.diversity * (1.0 - share);
        if rest <= ROUNDING * self.diversity {
            return self.penetration();
        }
        self.choice(self.diversity * share, rest).mean(|p| -(-self.ln_none(p)).exp_m1()).min(1.0)
    }

    /// Nodes for a probability with a beta distribution, for functions of p M (1 + 1 / K).
    fn choice(&self, a: f64, b: f64) -> Coin {
        Coin::new(a, b, self.exponent / self.mean / (1.0 + self.exponent))
    }

    /// -ln of the probability that nothing is bought that each purchase is with probability p: K
    /// ln(1 + p M / K).
    fn ln_none(&self, p: f64) -> f64 {
        self.exponent * (p * self.mean / self.exponent).ln_1p()
    }

    /// Share of people who buy two brands: with x and y what is expected of each over K, the mean
    /// of (1 - (1 + x)^-K) (1 - (1 + y)^-K) + (1 + x + y)^-K - ((1 + x) (1 + y))^-K.
    fn both_of(&self, one: f64, other: f64) -> f64 {
        let per = self.mean / self.exponent;
        let within = self.choice(self.diversity * one, self.diversity * other);
        let both = |all: f64| {
            within.mean(|part| {
                let (p, q) = (all * part, all * (1.0 - part));
                let (x, y) = (p * per, q * per);
                let apart = (-self.ln_none(p)).exp_m1() * (-self.ln_none(q)).exp_m1();
                let together = -(-self.exponent * (x * y / (1.0 + x + y)).ln_1p()).exp_m1();
                apart + (-self.ln_none(all)).exp() * together
            })
        };
        let rest = self.diversity * (1.0 - one - other);
        if rest <= ROUNDING * self.diversity {
            return both(1.0);
        }
        self.choice(self.diversity * (one + other), rest).mean(both)
    }

    /// ln of (1 - z)^(K + 1) F(K + 1, b + 1; S + 1; z).
    fn ln_next(&self, b: f64) -> f64 {
        let ln_f = ln_hyp2f1(self.exponent + 1.0, b + 1.0, self.diversity + 1.0, self.z());
        ln_f - self.ln_over() - (self.mean / self.exponent).ln_1p()
    }

    fn z(&self) -> Argument {
        Argument::ratio(self.mean, self.exponent)
    }
}

/// An error unless every share lies in its range and all add up to 1 at most.
fn check_shares(shares: impl Iterator<Item = f64>) -> Result<(), Error> {
    let mut sum = 0.0;
    for share in shares {
        sum += check::range("share of a brand", share, SHARES)?;
    }
    check::range("sum of shares", sum, 0.0..=1.0 + ROUNDING)?;
    Ok(())
}

crm_numbers::gate!(NbdDirichlet, NbdDirichlet::checked);
