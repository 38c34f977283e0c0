//! Cohort triangles: the orders and revenue of customers acquired in one period, by their age.
//!
//! A cohort is the set of all customers whose first purchase fell into the same calendar period;
//! its age counts periods from then on. The triangle holds, by cohort and age, the number of
//! customers who ordered, their orders and revenue, and the cumulative revenue of the cohort. Cells
//! after the end of the observation are absent, not zero.
//!
//! Records that begin on a day when many customers were already active put all of these into the
//! first cohorts: leave such cohorts out, or give orders from the true beginning.
//!
//! # Examples
//!
//! ```
//! use crm_numbers::TimeUnit;
//! use crm_history::{Ledger, NaiveDate};
//! use crm_lifecycle::cohort::Triangle;
//!
//! let day = |m, d| NaiveDate::from_ymd_opt(2024, m, d).unwrap();
//! let ledger = Ledger::from_rows([
//!     ("ada", day(1, 3), 20_i64),
//!     ("bob", day(1, 9), 30),
//!     ("ada", day(2, 4), 25),
//!     ("cyd", day(2, 20), 40),
//!     ("ada", day(3, 1), 15),
//! ])?;
//! let triangle = Triangle::from_ledger(&ledger, day(3, 31), TimeUnit::Month)?;
//! // Of the two customers of January one bought again in February, and has brought 25 then.
//! let february = triangle.cell(0, 1).unwrap();
//! assert_eq!((triangle.size(0), february.customers, february.revenue), (2, 1, 25));
//! assert_eq!(triangle.value_per_customer(0, 2), Some(45.0)); // 20 + 30 + 25 + 15 over two
//! // March is the second month of the cohort of February; its third is not known yet.
//! assert_eq!(triangle.cell(1, 1).unwrap().customers, 0);
//! assert_eq!(triangle.cell(1, 2), None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod count;
mod triangle;

pub use triangle::{CohortCell, CohortLeftOut, Triangle};
