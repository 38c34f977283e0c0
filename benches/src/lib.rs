//! What the benchmarks share: made-up customers, the same at every run and on every machine, and a clock that asserts.
//!
//! Every benchmark asserts a reference value on the very output that was timed, so that `cargo bench -p crm-benches -- --test`
//! fails when an answer changes. The programs `peers_data` and `peers_time` give the same customers and the same clock to
//! the side-by-side scripts in `peers`.
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "made-up input that is refused is a mistake in this crate"
)]

mod cdnow;
mod churn;
mod clock;
mod customers;
mod donations;
mod orders;
mod relationships;
mod shop;
mod stays;

pub use cdnow::{cdnow, cdnow_split};
pub use churn::churn;
pub use clock::{assert_close, checked, checked_into, timed};
pub use customers::{SPEND, TRUTH, customers, orders_of_customers, spends};
pub use donations::donations;
pub use orders::{Orders, Totals};
pub use relationships::relationships;
pub use shop::{Shop, Year, outcomes};
pub use stays::stays;
