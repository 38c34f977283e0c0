//! From a number to a place in the picture.

/// A linear or logarithmic map from `low..=high` onto `from..=to`. What lies outside lands on the
/// nearer end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
    logarithmic: bool,
}

impl Scale {
    pub(crate) fn linear(low: f64, high: f64, from: f64, to: f64) -> Self {
        Self { low, high, from, to, logarithmic: false }
    }

    /// Both ends of the domain are positive.
    pub(crate) fn logarithmic(low: f64, high: f64, from: f64, to: f64) -> Self {
        // The logarithm of the libm crate has the same bits on every machine, the platform's may
        // not.
        Self { low: libm::log10(low), high: libm::log10(high), from, to, logarithmic: true }
    }

    pub(crate) fn at(self, value: f64) -> f64 {
        let value = if self.logarithmic { libm::log10(value) } else { value };
        let span = self.high - self.low;
        let part = if span > 0.0 { ((value - self.low) / span).clamp(0.0, 1.0) } else { 0.5 };
        self.from + part * (self.to - self.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_close(one: f64, other: f64) {
        assert!((one - other).abs() < 1e-9, "{one} is not {other}");
    }

    #[test]
    fn a_linear_scale_is_a_straight_line_and_stays_inside() {
        let scale = Scale::linear(0.0, 10.0, 300.0, 100.0);
        assert_close(scale.at(0.0), 300.0);
        assert_close(scale.at(2.5), 250.0);
        assert_close(scale.at(11.0), 100.0);
        assert_close(Scale::linear(-1e300, 1e300, 0.0, 1.0).at(0.0), 0.5);
        assert_close(Scale::linear(5.0, 5.0, 0.0, 1.0).at(5.0), 0.5);
    }

    #[test]
    fn a_logarithmic_scale_gives_each_decade_the_same_room() {
        let scale = Scale::logarithmic(1.0, 1000.0, 0.0, 300.0);
        assert_close(scale.at(10.0), 100.0);
        assert_close(scale.at(100.0), 200.0);
        assert_close(scale.at(0.0), 0.0);
    }
}
