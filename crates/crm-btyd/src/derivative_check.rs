//! Hand-written derivatives against automatic differentiation, for tests.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use num_dual::{DualNum, HyperDual64};

use crate::{PurchaseModel, models::Derivatives};

/// ln Γ for dual numbers: shifted to where Stirling's series holds.
pub(crate) fn ln_gamma(z: HyperDual64) -> HyperDual64 {
    let (mut z, mut shift) = (z, HyperDual64::from(0.0));
    while z.re < 20.0 {
        shift += z.ln();
        z += 1.0;
    }
    let inverse = z.recip();
    let square = inverse * inverse;
    let series = [-691.0 / 360_360.0, 1.0 / 1188.0, -1.0 / 1680.0, 1.0 / 1260.0, -1.0 / 360.0, 1.0 / 12.0]
        .into_iter()
        .fold(HyperDual64::from(0.0), |sum, c| sum * square + c);
    (z - 0.5) * z.ln() - z + inverse * series - shift + 0.5 * std::f64::consts::TAU.ln()
}

/// Compares a model's gradient and Hessian with those of `ln_likelihood`, which computes the same
/// number by another route.
pub(crate) fn check<M: PurchaseModel>(
    model: &M,
    data: &M::Data,
    ln_likelihood: impl Fn(&[HyperDual64]) -> HyperDual64,
) {
    /// Of a sum over several customers, relative to the size of its terms.
    const RELATIVE: f64 = 1e-9;
    let Derivatives { ln_likelihood: value, gradient, hessian } = model.derivatives(data);
    let theta = model.theta().as_ref().to_vec();
    let assert_close = |left: f64, right: f64, scale: f64, what: String| {
        assert!(
            (left - right).abs() <= RELATIVE * (scale + right.abs()),
            "{what} of {model:?}: {left} against {right}"
        );
    };
    for i in 0..theta.len() {
        for j in 0..theta.len() {
            let mut dual: Vec<HyperDual64> = theta.iter().map(|&theta| HyperDual64::from(theta)).collect();
            dual[i].eps1 = 1.0;
            dual[j].eps2 = 1.0;
            let both = ln_likelihood(&dual);
            let (by_i, by_j) = (1.0 / theta[i], 1.0 / theta[j]);
            assert_close(value, both.re, 1.0, "ln L".to_owned());
            assert_close(gradient[i], both.eps1, by_i, format!("slope {i}"));
            assert_close(hessian[i][j], both.eps1eps2, by_i * by_j, format!("curvature {i} {j}"));
        }
    }
}
