//! Where each customer relationship stands, and what comes next.
//!
//! ```
//! use crm_lifecycle::hmm::Topology;
//!
//! assert_eq!(Topology::default().names().collect::<Vec<_>>(), ["exploration", "formation", "stability", "decline"]);
//! ```
//!
//! Features: `rayon` (all cores, same bits), `serde` (models and settings can be stored; what a constructor refuses,
//! reading refuses too).

pub mod hmm;

mod error;
mod parallel;
mod stage;

pub use error::Error;
pub use stage::Stage;
