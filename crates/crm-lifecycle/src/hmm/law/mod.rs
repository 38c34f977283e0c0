//! How many purchases a customer makes in a period of a stage, and what is spent at each: laws of
//! one stage.

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

/// Rates, means, shapes and spends lie in this range: wide enough for any business, narrow enough
/// for doubles.
const RANGE: std::ops::RangeInclusive<f64> = SMALLEST..=LARGEST;
const SMALLEST: f64 = 1e-9;
const LARGEST: f64 = 1e9;
/// A shape beyond this is that of a Poisson law to every digit that data can show.
const LARGEST_SHAPE: f64 = 1e6;
const SMALLEST_SHAPE: f64 = 1e-3;
