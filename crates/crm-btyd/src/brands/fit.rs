use crm_numbers::check;

use super::{NbdDirichlet, RANGE, check_shares};
use crate::Error;

impl NbdDirichlet {
    /// The market with a category's penetration (share of people who buy) and purchases per buyer,
    /// and with its brands' shares and penetrations, all in one period.
    ///
    /// M is penetration times purchases per buyer, K solves penetration = 1 - (1 + M / K)^-K. Each
    /// brand has an S under which its penetration is what was seen; S of the market is their mean,
    /// weighted by share, as in the paper.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a figure that no such market has, with the range of those that there
    /// are: a penetration outside 0 ..= 1; fewer purchases per buyer than if everybody were alike,
    /// -ln(1 - penetration) / penetration; a brand that has fewer buyers than if each bought one
    /// brand only, or more than if each bought all brands in proportion; shares as in
    /// [`new`](Self::new). [`Error::Input`] without brands.
    pub fn from_figures(
        penetration: f64,
        purchases_per_buyer: f64,
        brands: &[(f64, f64)],
    ) -> Result<Self, Error> {
        check::not_empty("brands", brands)?;
        check_shares(brands.iter().map(|brand| brand.0))?;
        let (mean, exponent) = category(penetration, purchases_per_buyer)?;
        let (mut sum, mut weights) = (0.0, 0.0);
        for &(share, seen) in brands {
            sum += share * diversity(mean, exponent, share, seen)?;
            weights += share;
        }
        let shares: Vec<f64> = brands.iter().map(|brand| brand.0).collect();
        NbdDirichlet::new(mean, exponent, sum / weights, &shares)
    }
}

/// M and K of a category.
fn category(penetration: f64, purchases_per_buyer: f64) -> Result<(f64, f64), Error> {
    check::range("penetration of the category", penetration, 1e-6..=1.0 - 1e-6)?;
    let per_buyer = |ln_k: f64| {
        // -ln(1 - b) = K ln(1 + M / K) for a given K decides M.
        let k = ln_k.exp();
        k * (-(-penetration).ln_1p() / k).exp_m1() / penetration
    };
    let (low, high) = (RANGE.start().ln(), RANGE.end().ln());
    // The more alike people are, the fewer purchases; the least K that keeps M in range bounds them
    // above.
    let most = per_buyer(low).min(*RANGE.end());
    check::range("purchases per buyer", purchases_per_buyer, per_buyer(high)..=most)?;
    let ln_k = root((low, high), |ln_k| per_buyer(ln_k) - purchases_per_buyer);
    Ok((penetration * purchases_per_buyer, ln_k.exp()))
}

/// S under which a brand of that share has that penetration.
fn diversity(mean: f64, exponent: f64, share: f64, seen: f64) -> Result<f64, Error> {
    let penetration = |ln_s: f64| {
        let model = NbdDirichlet { mean, exponent, diversity: ln_s.exp(), shares: Vec::new() };
        model.penetration_of(share)
    };
    let (low, high) = (RANGE.start().ln(), RANGE.end().ln());
    check::range("penetration of a brand", seen, penetration(low)..=penetration(high))?;
    Ok(root((low, high), |ln_s| seen - penetration(ln_s)).exp())
}

/// Where a falling function is 0, by bisection to the last digit.
fn root((mut low, mut high): (f64, f64), f: impl Fn(f64) -> f64) -> f64 {
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        *if f(middle) > 0.0 { &mut low } else { &mut high } = middle;
    }
    0.5 * (low + high)
}
