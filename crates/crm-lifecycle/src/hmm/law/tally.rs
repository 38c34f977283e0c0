use super::roots::root_of;
use super::special::shape_score;
use super::{LARGEST, SMALLEST};
use crate::hmm::sequences::Seen;

/// The expected periods of a state.
#[derive(Debug, Clone, Default)]
pub(in crate::hmm) struct Tally {
    /// Periods by count and exposure.
    seen: Vec<(Seen, f64)>,
    pub(super) by_exposure: Vec<Part>,
    /// Number of whole periods, in which parts count in part.
    pub(in crate::hmm) weight: f64,
    pub(in crate::hmm) purchases: f64,
}

/// The periods of one exposure.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) exposure: f64,
    periods: f64,
    purchases: f64,
}

/// The change that constraints between the states make to the tally of one state: whole periods
/// without a purchase, and purchases. Both may be negative.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(in crate::hmm) struct Shift {
    pub(in crate::hmm) silent: f64,
    pub(in crate::hmm) purchases: f64,
}

impl Tally {
    pub(in crate::hmm) fn new(seen: impl Iterator<Item = (Seen, f64)>) -> Self {
        let mut tally = Self { seen: seen.filter(|(_, weight)| *weight > 0.0).collect(), ..Self::default() };
        for (Seen { count, exposure }, periods) in &tally.seen {
            let purchases = f64::from(*count) * periods;
            tally.weight += exposure * periods;
            tally.purchases += purchases;
            let same = |part: &&mut Part| part.exposure.to_bits() == exposure.to_bits();
            match tally.by_exposure.iter_mut().find(same) {
                Some(part) => {
                    part.periods += periods;
                    part.purchases += purchases;
                }
                None => tally.by_exposure.push(Part { exposure: *exposure, periods: *periods, purchases }),
            }
        }
        tally
    }

    /// Returns the mean of maximum likelihood for a shape, by Newton's method in the logarithm.
    pub(super) fn mean(&self, near: f64, shape: f64, shift: Shift) -> f64 {
        let whole = Part { exposure: 1.0, periods: shift.silent, purchases: 0.0 };
        // First and second derivatives by ln m.
        let slope = |ln: f64| {
            let parts = self.by_exposure.iter().chain(std::iter::once(&whole));
            parts.fold((shift.purchases, 0.0), |(slope, bend), part| {
                let mean = ln.exp() * part.exposure;
                let all = shape + mean;
                (
                    slope + shape * (part.purchases - mean * part.periods) / all,
                    bend - shape / all * mean * (part.purchases + shape * part.periods) / all,
                )
            })
        };
        root_of(near.ln(), (SMALLEST.ln(), LARGEST.ln()), slope).exp()
    }

    pub(super) fn shape_slope(&self, mean: f64, shape: f64, shift: Shift) -> f64 {
        let of = |(seen, weight): &(Seen, f64)| weight * shape_score(seen.count, mean * seen.exposure, shape);
        let silent = if shift.silent == 0.0 { 0.0 } else { shift.silent * shape_score(0, mean, shape) };
        self.seen.iter().map(of).sum::<f64>() + silent
    }
}
