//! Tail probabilities that the tests of this crate need.

use special::{Beta, Error as _};

/// How often a standard normal variable lies at least as far from 0 as `z`, on either side.
pub(crate) fn normal_two_sided(z: f64) -> f64 {
    (z.abs() / std::f64::consts::SQRT_2).compl_error().clamp(0.0, 1.0)
}

/// The value that a standard normal variable stays below with probability `p`, strictly between 0 and 1.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    std::f64::consts::SQRT_2 * (2.0 * p - 1.0).inv_error()
}

/// How often Student's t with `freedom` degrees lies at least as far from 0 as `t`, on either side.
pub(crate) fn student_two_sided(t: f64, freedom: f64) -> f64 {
    let (a, b) = (freedom / 2.0, 0.5);
    (freedom / (freedom + t * t)).inc_beta(a, b, a.ln_beta(b)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables of the normal and of Student's distribution.
    #[test]
    fn points_of_published_tables() {
        let near = |got: f64, wanted: f64| assert!((got - wanted).abs() < 1e-7, "{got}, not {wanted}");
        near(normal_two_sided(1.959_963_985), 0.05);
        near(normal_two_sided(-2.575_829_304), 0.01);
        near(normal_quantile(0.8), 0.841_621_234);
        near(student_two_sided(2.228_138_852, 10.0), 0.05);
        near(student_two_sided(12.706_204_74, 1.0), 0.05);
        near(student_two_sided(0.0, 5.0), 1.0);
    }
}
