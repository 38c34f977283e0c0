//! What the tests of every crate share; never published.
//!
//! | need | item |
//! |---|---|
//! | A reference table beside the tests | [`GoldenTable`] |
//! | A file of the data that are not ours to ship | [`data_file`] |
//! | A tolerance with a name | [`assert_close`], [`assert_published`] |
//! | The law that every stored type obeys | [`assert_stored`] |

#![allow(clippy::panic, clippy::expect_used, reason = "a test fails by panicking")]

mod close;
mod data;
mod stored;
mod table;

pub use close::{assert_close, assert_published};
pub use data::data_file;
pub use stored::{assert_stored, assert_stored_with_maps};
pub use table::{GoldenRow, GoldenTable};
