//! Validated numbers that every topic of customer analytics shares, and the errors that name a
//! value.
//!
//! | question | item |
//! |---|---|
//! | How likely is it, how large a part is it? | [`Probability`], [`Share`], [`Margin`] |
//! | What may not be negative? | [`NonNegative`] |
//! | How sure is an interval to be, and what does an estimate look like with it? | [`Level`], [`Interval`] |
//! | In which unit is time measured? | [`TimeUnit`] |
//! | How is money added up exactly? | [`Amount`], [`Total`] for running sums, [`SumUnit`] for columns |
//! | What was wrong with an input? | [`InputError`], and [`check`] for the usual checks |
//!
//! # Examples
//!
//! ```
//! use crm_numbers::{Share, SumUnit};
//!
//! // 80 % of the revenue, exactly, in any order of the customers.
//! let revenue = [0.1, 0.2, 0.3];
//! let unit = SumUnit::of("revenue", &revenue)?;
//! let total: i128 = revenue.iter().map(|&amount| unit.count(amount)).sum();
//! let most = Share::EIGHTY_PERCENT.floor_of(total.unsigned_abs());
//! assert!((unit.to_f64(most as i128) - 0.48).abs() < 1e-15);
//! # Ok::<(), crm_numbers::InputError>(())
//! ```
//!
//! # Features
//!
//! * `rayon`: the functions of [`parallel`] use all cores; the answers stay the same, bit for bit.
//! * `serde`: every type can be stored; whatever a constructor refuses, reading refuses.

pub mod check;
pub mod parallel;
pub mod text;
pub mod wide;

mod amount;
mod bounded;
mod error;
mod exact_sum;
mod gate;
mod interval;
mod level;
mod names;
mod number;
mod sum_unit;
mod time_unit;
mod total;

pub use amount::{Amount, ReadAmountError};
pub use bounded::{Margin, NonNegative, Probability, Share};
pub use error::{
    DuplicateError, EmptyError, IndexError, InputError, LengthError, OverflowError, RangeError,
    UnknownNameError, UnreadableError,
};
pub use interval::Interval;
pub use level::Level;
pub use number::Number;
pub use rust_decimal::Decimal;
pub use sum_unit::SumUnit;
pub use time_unit::TimeUnit;
pub use total::Total;
