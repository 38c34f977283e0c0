//! Laws of one stage: the number of purchases of a customer in a period, and the spend per
//! purchase.

mod count;
mod roots;
mod special;
mod spend;
mod tally;

#[cfg(test)]
mod tests;

pub use count::CountLaw;
pub(super) use roots::illinois;
pub use spend::SpendLaw;
pub(super) use spend::SpendSeen;
pub(super) use tally::{Shift, Tally};

/// Range of rates, means, shapes and spends: wide enough for any business, narrow enough for
/// doubles.
const RANGE: std::ops::RangeInclusive<f64> = SMALLEST..=LARGEST;
const SMALLEST: f64 = 1e-9;
const LARGEST: f64 = 1e9;
/// Shape above which a law equals a Poisson law to every digit that data can show.
const LARGEST_SHAPE: f64 = 1e6;
const SMALLEST_SHAPE: f64 = 1e-3;
