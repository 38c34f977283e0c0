//! Clusters: groups, unnamed beforehand, of customers who are alike in several features at once.
//!
//! 1. [`ClusterFeatures`] are named columns, one value per customer.
//! 2. A [`ClusterScheme`] says how they are scaled and how many clusters to consider;
//!    [`ClusterScheme::fit`] finds the centers: [`ClusterFit`].
//! 3. [`ClusterFit::assign`] gives every customer, also those of next month, the cluster with the
//!    nearest center.
//!
//! k-means finds k groups in any data, also where there are none. Every number of clusters is
//! therefore held against customers without clusters, spread evenly over the same ranges
//! ([`ClusterCandidate`]), and one cluster is always among the candidates: evenly spread customers
//! stay together. A long tail is not an even spread; money is ranked
//! ([`ClusterFeatures::with_money`]) so that a tail alone makes no clusters. Look at
//! [`ClusterFit::stability`] before a cluster gets a name, but do not take it for existence: evenly
//! spread customers are cut into the same pieces again and again.
//!
//! # Examples
//!
//! ```
//! use crm_segmentation::cluster::{ClusterFeatures, ClusterScheme};
//!
//! // Three kinds of customers: rare and small, rare and large, frequent.
//! let kinds = [(2.0, 10.0), (2.0, 900.0), (40.0, 300.0)];
//! let near = |kind: usize, i: usize| (kinds[kind].0 + (i % 3) as f64, kinds[kind].1 + (7 * i % 11) as f64);
//! let (orders, spend): (Vec<f64>, Vec<f64>) = (0..90).map(|i| near(i % 3, i)).unzip();
//!
//! let features = ClusterFeatures::new().with("orders", &orders)?.with_money("spend", &spend)?;
//! let fitted = ClusterScheme::new(2..=5)?.fit(&features, &spend)?;
//! assert_eq!(fitted.clusters(), 3);
//! // Cluster 1 is worth most.
//! let clusters = fitted.assign(&features)?;
//! assert_eq!((clusters.name(0), clusters.name(1)), (Some("cluster 3"), Some("cluster 1")));
//! assert_eq!(clusters.counts(), [30, 30, 30]);
//! # Ok::<(), crm_segmentation::Error>(())
//! ```

mod choice;
mod features;
mod fitted;
mod k_means;
mod noise;
mod scaling;
mod scheme;

pub use choice::ClusterCandidate;
pub use features::ClusterFeatures;
pub use fitted::{ClusterCenter, ClusterFit};
pub use scaling::Scaling;
pub use scheme::{ClusterCriterion, ClusterScheme};
