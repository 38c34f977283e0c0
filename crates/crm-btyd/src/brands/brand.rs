use super::NbdDirichlet;
use crate::special::gamma::{ln_beta, ln_gamma_ratio};
use crate::special::hyp2f1::{Argument, ln_hyp2f1};

/// Those who buy one brand in a period, as is normal for its share.
///
/// # Examples
///
/// ```
/// use crm_btyd::brands::NbdDirichlet;
///
/// // M = K = S = 1 and two brands of one half: 1 - (1/2) F(1, 1/2; 1; 1/2) = 1 - 1 / √2 of all buy each.
/// let market = NbdDirichlet::new(1.0, 1.0, 1.0, &[0.5, 0.5])?;
/// let brand = market.brand(0).unwrap();
/// assert!((brand.penetration() - (1.0 - 0.5_f64.sqrt())).abs() < 1e-14);
/// // Half of all buy in the category: whoever does not buy the other brand buys this one only.
/// let only = brand.penetration() + 0.5_f64 - 2.0 * brand.penetration();
/// assert!((brand.penetration() * brand.sole_buyers() - only).abs() < 1e-14);
/// # Ok::<(), crm_btyd::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct BrandBuyers {
    share: f64,
    penetration: f64,
    purchases_per_buyer: f64,
    share_of_requirements: f64,
    sole_buyers: f64,
    purchases_per_sole_buyer: f64,
    /// M, K and S.
    market: (f64, f64, f64),
}

impl BrandBuyers {
    pub(super) fn of(model: &NbdDirichlet, share: f64) -> Self {
        let NbdDirichlet { mean, exponent, diversity, .. } = *model;
        let alpha = diversity * share;
        let penetration = model.penetration_of(share);
        // Of all purchases of other brands in the category, those of people who buy the brand too.
        let beside = -model.ln_next(diversity - alpha).min(0.0).exp_m1();
        let ln_only = ln_hyp2f1(exponent, alpha, diversity, model.z());
        let ln_sole = if ln_only < 1.0 {
            // Of consumers who choose another brand with probability q: (1 + q M / K)^-K - (1 + M /
            // K)^-K, over the latter.
            let sole = |q: f64| {
                let ratio = -exponent * (-(1.0 - q) * mean / (exponent + mean)).ln_1p();
                ratio.min(700.0).exp_m1()
            };
            model.choice(diversity - alpha, alpha).mean(sole).ln() - model.ln_over()
        } else if ln_only < 40.0 {
            ln_only.exp_m1().ln() - model.ln_over()
        } else {
            // Where the exponential would overflow, what is taken off it is nothing.
            ln_only - model.ln_over()
        };
        let ln_bought = (mean * share).ln() + model.ln_next(alpha);
        BrandBuyers {
            share,
            penetration,
            // The mean of a number that is at least 1.
            purchases_per_buyer: (mean * share / penetration).max(1.0),
            share_of_requirements: share / (share + (1.0 - share) * beside),
            sole_buyers: (ln_sole.exp() / penetration).min(1.0),
            purchases_per_sole_buyer: (ln_bought - ln_sole).exp().max(1.0),
            market: (mean, exponent, diversity),
        }
    }

    /// The brand's share of all purchases in the category.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.share
    }

    /// Share of people who buy the brand at least once.
    #[must_use]
    pub fn penetration(&self) -> f64 {
        self.penetration
    }

    /// Purchases of the brand by each of its buyers, at least 1.
    #[must_use]
    pub fn purchases_per_buyer(&self) -> f64 {
        self.purchases_per_buyer
    }

    /// Purchases in the whole category by each buyer of the brand.
    #[must_use]
    pub fn category_purchases_per_buyer(&self) -> f64 {
        self.purchases_per_buyer / self.share_of_requirements
    }

    /// Of all that the brand's buyers buy in the category, the part that is of the brand (share of
    /// category requirements).
    #[must_use]
    pub fn share_of_requirements(&self) -> f64 {
        self.share_of_requirements
    }

    /// Of the brand's buyers, the part that buys nothing else in the category (100 % loyal).
    #[must_use]
    pub fn sole_buyers(&self) -> f64 {
        self.sole_buyers
    }

    /// Purchases by each of those.
    #[must_use]
    pub fn purchases_per_sole_buyer(&self) -> f64 {
        self.purchases_per_sole_buyer
    }

    /// Probability that somebody, buyer or not, buys the brand exactly that many times.
    #[must_use]
    pub fn pmf(&self, count: u32) -> f64 {
        let (mean, k, s) = self.market;
        let (alpha, r) = (s * self.share, f64::from(count));
        if count == 0 {
            return 1.0 - self.penetration;
        }
        let ln_f = ln_hyp2f1(k + r, s - alpha, s + r, Argument::ratio(mean, k));
        // (K)_r / r! is 1 / (r B(K, r)).
        let ln_ways = -ln_beta(k, r) - r.ln() + ln_gamma_ratio(alpha, r) - ln_gamma_ratio(s, r);
        (ln_ways - k * (mean / k).ln_1p() - r * (k / mean).ln_1p() + ln_f).min(0.0).exp()
    }
}
