//! Spend, and what customers are worth.

use crm_btyd::{ClvOptions, Discount, GammaGamma, MbgNbd, PurchaseModel, Repeat, Spend};
use proptest::prelude::*;

use crate::{histories, horizon, integral, log_uniform, parameters};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn spend(p in log_uniform(1e-6, 1e6), q in log_uniform(1e-6, 1e6), gamma in log_uniform(1e-6, 1e6), x in 1..100_000_u32, mean in log_uniform(1e-6, 1e6)) {
        let (model, spend) = (GammaGamma::new(p, q, gamma).unwrap(), Spend::new(x, mean).unwrap());
        prop_assert!(model.ln_likelihood_of(&spend).is_finite());
        if let Ok(expected) = model.expected_spend(&spend) {
            prop_assert!(expected > 0.0 && expected.is_finite());
        }
        // Seen spend draws the expectation away from everybody's mean and never beyond what was seen.
        if let (Ok(expected), Ok(everybody)) = (model.expected_spend(&spend), model.mean_spend()) {
            let (low, high) = (mean.min(everybody), mean.max(everybody));
            prop_assert!(expected >= low * (1.0 - 1e-9) && expected <= high * (1.0 + 1e-9), "{expected} {low} {high}");
        }
    }

    /// Lifetime value against the sum by hand: margin, the published mean of a purchase, and each purchase discounted when it is expected.
    #[test]
    fn value_is_margin_times_spend_times_discounted_purchases(
        theta in parameters(0.1, 10.0), history in histories(20, 50.0), margin in -1.0..1.0_f64, rate in log_uniform(1e-4, 0.1),
        p in log_uniform(0.5, 20.0), q in log_uniform(1.5, 20.0), gamma in log_uniform(1.0, 100.0), x in 1..20_u32, mean in log_uniform(1.0, 1e3), length in log_uniform(1.0, 100.0),
    ) {
        let (purchases, spends) = (MbgNbd::from_theta(theta).unwrap(), GammaGamma::new(p, q, gamma).unwrap());
        let spend = Spend::new(x, mean).unwrap();
        let value = ClvOptions::new(horizon(length), Discount::continuous(rate).unwrap()).with_margin(margin).unwrap();
        let of = |seen: Option<&Spend>| value.clv(&purchases, &spends, &history, seen).unwrap();
        // By parts; on the scale of the time to a purchase.
        let soon = (theta[1] + history.age()) / (1.0 + theta[0] + f64::from(history.frequency()));
        let end = (length / soon).ln_1p();
        let inside = rate * end * integral(12, |place| {
            let t = soon * (end * place).exp_m1();
            (-rate * t).exp() * purchases.expected_purchases(&history, horizon(t)) * (soon + t)
        });
        let discounted = inside + (-rate * length).exp() * purchases.expected_purchases(&history, horizon(length));
        let per_purchase = p * (gamma + f64::from(x) * mean) / (p * f64::from(x) + q - 1.0);
        let close = |left: f64, right: f64| (left - right).abs() <= 1e-6 * right.abs();
        prop_assert!(close(of(Some(&spend)), margin * per_purchase * discounted), "{} {}", of(Some(&spend)), margin * per_purchase * discounted);
        prop_assert!(close(of(None), margin * p * gamma / (q - 1.0) * discounted));
    }
}
