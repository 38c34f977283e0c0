//! Causes of lost customers, the value of the losses, and the avoidable part (流失原因).
//!
//! # Examples
//!
//! ```
//! use crm_lifecycle::loss::{Catalogue, Losses};
//! use crm_numbers::Level;
//!
//! // Of 20 customers who left, 12 say that their needs were missed, 5 found it cheaper, 3 could not be reached.
//! let catalogue = Catalogue::published();
//! let mut left = vec!["communication and needs missed"; 12];
//! left.extend(vec!["price"; 5]);
//! left.extend(vec!["contact lost"; 3]);
//! let losses = Losses::from_names(&catalogue, &left)?;
//! let worst = &losses.pareto(Level::default())[0];
//! assert_eq!((worst.name.as_str(), worst.share.unwrap().estimate), ("communication and needs missed", 0.6));
//! // 68 % in the published table: no sign that this company is any different.
//! assert_eq!(worst.unlike_benchmark, Some(false));
//! assert_eq!(losses.avoidable(Level::default()).unwrap().to_string(), "0.8500 (0.6396 to 0.9476, 95 %)");
//! # Ok::<(), crm_lifecycle::Error>(())
//! ```

mod cause;
mod losses;

pub use cause::{Catalogue, Family, LossCause};
pub use losses::{FamilyLoss, Loss, Losses};
