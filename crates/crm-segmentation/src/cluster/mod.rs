//! Clusters: groups that nobody named beforehand, of customers who are alike in several features at once.
//!
//! 1. [`Features`] are named columns, one value per customer.
//! 2. A [`Scheme`] says how they are scaled and how many clusters to consider; [`Scheme::fit`] finds the centres: [`Fitted`].
//! 3. [`Fitted::assign`] gives every customer, also those of next month, the cluster with the nearest centre.
//!
//! ```
//! use crm_segmentation::cluster::{Features, Scheme};
//!
//! // Three kinds of customers: rare and small, rare and large, frequent.
//! let kinds = [(2.0, 10.0), (2.0, 900.0), (40.0, 300.0)];
//! let near = |kind: usize, i: usize| (kinds[kind].0 + (i % 3) as f64, kinds[kind].1 + (7 * i % 11) as f64);
//! let (orders, spend): (Vec<f64>, Vec<f64>) = (0..90).map(|i| near(i % 3, i)).unzip();
//!
//! let features = Features::new().with("orders", &orders)?.with_money("spend", &spend)?;
//! let fitted = Scheme::new(2..=5)?.fit(&features, &spend)?;
//! assert_eq!(fitted.clusters(), 3);
//! // Cluster 1 is worth most.
//! let clusters = fitted.assign(&features)?;
//! assert_eq!((clusters.name(0), clusters.name(1)), (Some("cluster 3"), Some("cluster 1")));
//! assert_eq!(clusters.counts(), [30, 30, 30]);
//! # Ok::<(), crm_segmentation::Error>(())
//! ```
//!
//! k-means finds k groups in any data, also where there are none. Every number of clusters is
//! therefore held against customers without clusters, spread evenly over the same ranges
//! ([`Candidate`]), and one cluster is always among the candidates: evenly spread customers stay
//! together. A long tail is not an even spread; money is ranked ([`Features::with_money`]) so that
//! a tail alone makes no clusters. Look at [`Fitted::stability`] before a cluster gets a name, but
//! do not take it for existence: evenly spread customers are cut into the same pieces again and
//! again.

mod choice;
mod features;
mod fitted;
mod k_means;
mod noise;
mod scaling;
mod scheme;

pub use choice::Candidate;
pub use features::Features;
pub use fitted::{Centre, Fitted};
pub use scaling::Scaling;
pub use scheme::{Criterion, Scheme};
