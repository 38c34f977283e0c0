#![allow(
    clippy::indexing_slicing,
    reason = "ranges of rows lie within the features, and labels below the number of clusters"
)]

use std::fmt;

use crm_numbers::{Amount, EmptyError, check, parallel};

use super::k_means::{Points, centers, nearest};
use super::scaling::Scaler;
use super::scheme::scaled;
use super::{ClusterCandidate, ClusterFeatures, ClusterScheme};
use crate::assignments::check_names;
use crate::column::{BATCH, check_finite, codes};
use crate::table::write_aligned;
use crate::{Assignments, Error};
use crm_statistics::random::RandomStream;

/// A fitted clustering: its centers can be stored and applied to the customers of next month.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct ClusterFit {
    scheme: ClusterScheme,
    features: Vec<String>,
    scalers: Vec<Scaler>,
    /// Scaled, one center after the other.
    places: Vec<f64>,
    centers: Vec<ClusterCenter>,
    candidates: Vec<ClusterCandidate>,
}

crm_numbers::gate!(ClusterFit, ClusterFit::checked);

/// The center of a cluster, in the units of the features.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct ClusterCenter {
    /// `cluster 1`, `cluster 2` and so on; the first has the highest mean value.
    pub name: String,
    /// Number of customers in the cluster at the time of the fit.
    pub customers: u64,
    /// Mean of each feature over these customers, in the order of the features; `None` for an empty
    /// cluster.
    pub means: Vec<Option<f64>>,
}

impl ClusterFit {
    pub(super) fn new<T: Amount>(
        scheme: ClusterScheme,
        (features, all): (&ClusterFeatures, &[f64]),
        scalers: Vec<Scaler>,
        places: Vec<f64>,
        candidates: Vec<ClusterCandidate>,
        value: &[T],
    ) -> Result<Self, Error> {
        let width = scalers.len().max(1);
        let clusters = places.len() / width;
        let names = |clusters: usize| (1..=clusters).map(|number| format!("cluster {number}"));
        let assign = |places: &[f64]| {
            let [rows, centers] = [all, places].map(|values| Points { values, features: width });
            Assignments::trusted(names(clusters), labels(rows, centers))
        };
        // The best cluster comes first; with equal or no means, the order is that of the centers.
        let worth = assign(&places).table(value)?;
        let mut order: Vec<(Option<f64>, &[f64])> =
            worth.groups().iter().map(|group| group.mean_value).zip(places.chunks_exact(width)).collect();
        order.sort_by(|one, other| {
            let by_value = match (one.0, other.0) {
                (Some(one), Some(other)) => other.total_cmp(&one),
                (one, other) => other.is_some().cmp(&one.is_some()),
            };
            let by_place =
                || one.1.iter().zip(other.1).map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne());
            by_value.then_with(|| by_place().unwrap_or(std::cmp::Ordering::Equal))
        });
        let places: Vec<f64> = order.iter().flat_map(|(_, place)| place.iter().copied()).collect();
        let assigned = assign(&places);
        let centers = names(clusters)
            .zip(assigned.counts())
            .zip(0_u32..)
            .map(|((name, customers), code)| {
                // Divided before they are added: a sum of large numbers may not be one. In order of
                // size, so that the order of customers does not matter.
                let mean = |column: &Vec<f64>| {
                    let of_cluster = column.iter().zip(assigned.codes()).filter(|(_, other)| **other == code);
                    let mut parts: Vec<f64> = of_cluster.map(|(x, _)| x / customers as f64).collect();
                    parts.sort_unstable_by(f64::total_cmp);
                    (customers > 0).then(|| parts.iter().sum::<f64>() + 0.0)
                };
                ClusterCenter { name, customers, means: features.columns().iter().map(mean).collect() }
            })
            .collect();
        Ok(Self { scheme, features: features.names().to_vec(), scalers, places, centers, candidates })
    }

    #[cfg_attr(not(feature = "serde"), allow(dead_code, reason = "only reading needs the check"))]
    fn checked(self) -> Result<Self, Error> {
        let Self { features, scalers, places, centers, .. } = &self;
        check::not_empty("features", features)?;
        check::not_empty("clusters", centers)?;
        check_names("features", features)?;
        check_names("clusters", &centers.iter().map(|center| center.name.as_str()).collect::<Vec<_>>())?;
        check::length("scalers", scalers.len(), features.len())?;
        check::length("places", places.len(), centers.len() * features.len())?;
        check_finite("places", places)?;
        for center in centers {
            check::length("means", center.means.len(), features.len())?;
        }
        Ok(self)
    }

    /// Returns the number of clusters.
    #[must_use]
    pub fn clusters(&self) -> usize {
        self.centers.len()
    }

    /// Returns the center of each cluster.
    #[must_use]
    pub fn centers(&self) -> &[ClusterCenter] {
        &self.centers
    }

    /// Returns the candidate numbers of clusters with the evidence for each.
    #[must_use]
    pub fn candidates(&self) -> &[ClusterCandidate] {
        &self.candidates
    }

    /// Returns the settings of the fit.
    #[must_use]
    pub fn scheme(&self) -> &ClusterScheme {
        &self.scheme
    }

    /// Assigns every customer to the cluster with the nearest center; of equally near centers, to
    /// the first.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless the features are those of the fit, in the same order.
    pub fn assign(&self, features: &ClusterFeatures) -> Result<Assignments, Error> {
        let all = self.scaled(features)?;
        let codes = labels(self.points(&all), self.points(&self.places));
        let names = self.centers.iter().map(|center| center.name.clone());
        let reasons = self.centers.iter().map(|center| {
            let means = self.features.iter().zip(&center.means);
            let like: Vec<String> =
                means.filter_map(|(name, mean)| Some(format!("{name} {:.4}", (*mean)?))).collect();
            format!("nearest to {}", like.join(", "))
        });
        Ok(Assignments::trusted(names, codes).because(reasons))
    }

    /// Returns the stability of each cluster under resampling of customers: the mean Jaccard
    /// similarity to its most similar counterpart, 0 to 1.
    ///
    /// As often as `rounds` says, as many customers as there are are drawn with replacement and
    /// clustered anew, and every customer is assigned to the nearest new center. The similarity is
    /// that of Jaccard, `members in both / members in either`. Below 0.6 a cluster is not there,
    /// above 0.85 it comes back. That it comes back does not mean that it stands apart: see
    /// [`ClusterFit::candidates`]. Source: Hennig, C. (2007), Cluster-wise assessment of cluster
    /// stability, Computational Statistics and Data Analysis 52, 258-271.
    ///
    /// # Errors
    ///
    /// As [`ClusterFit::assign`]; [`Error::Input`] for no round; without customers.
    pub fn stability(&self, features: &ClusterFeatures, rounds: u32, seed: u64) -> Result<Vec<f64>, Error> {
        check::range("rounds", rounds, 1..)?;
        let all = self.scaled(features)?;
        let rows = self.points(&all);
        if rows.len() == 0 {
            return Err(EmptyError::new("customers").into());
        }
        let clusters = self.clusters();
        let original = labels(rows, self.points(&self.places));
        let round = |round: usize| {
            let mut stream = RandomStream::replicate(seed, round as u64);
            let width = self.scalers.len();
            let mut drawn = Vec::with_capacity(all.len());
            for _ in 0..rows.len() {
                let place = stream.below(rows.len());
                drawn.extend_from_slice(&all[place * width..][..width]);
            }
            let found = centers(self.points(&drawn), clusters, self.scheme.starts(), seed ^ round as u64)?;
            Ok::<Vec<f64>, Error>(likest(&original, &labels(rows, self.points(&found)), clusters))
        };
        let mut sums = vec![0.0; clusters];
        for similarities in parallel::batches(rounds as usize, BATCH, round) {
            sums.iter_mut().zip(similarities?).for_each(|(sum, similarity)| *sum += similarity);
        }
        Ok(sums.into_iter().map(|sum| sum / f64::from(rounds)).collect())
    }

    fn points<'a>(&self, values: &'a [f64]) -> Points<'a> {
        Points { values, features: self.scalers.len() }
    }

    fn scaled(&self, features: &ClusterFeatures) -> Result<Vec<f64>, Error> {
        if features.names() != self.features {
            let (expected, got) = (self.features.clone(), features.names().to_vec());
            return Err(Error::Features { expected, got });
        }
        Ok(scaled(features, &self.scalers))
    }
}

/// The code of the nearest center of every row.
fn labels(rows: Points<'_>, centers: Points<'_>) -> Vec<u32> {
    codes(rows.len(), |range, codes| {
        let values = &rows.values[range.start * rows.features..range.end * rows.features];
        let part = Points { values, features: rows.features };
        for (code, row) in codes.iter_mut().zip(part.rows()) {
            *code = nearest(centers, row).0 as u32;
        }
    })
}

/// For every cluster of the first labels the highest Jaccard similarity with one of the second.
fn likest(one: &[u32], other: &[u32], clusters: usize) -> Vec<f64> {
    let mut both = vec![0_u64; clusters * clusters];
    for (one, other) in one.iter().zip(other) {
        debug_assert!((*one.max(other) as usize) < clusters, "labels below {clusters}");
        both[*one as usize * clusters + *other as usize] += 1;
    }
    let rows: Vec<u64> = both.chunks_exact(clusters).map(|row| row.iter().sum()).collect();
    let columns: Vec<u64> =
        (0..clusters).map(|column| both.iter().skip(column).step_by(clusters).sum()).collect();
    let similarity = |(count, column): (&u64, &u64), row: u64| {
        let either = row + column - count;
        if either > 0 { *count as f64 / either as f64 } else { 0.0 }
    };
    both.chunks_exact(clusters)
        .zip(&rows)
        .map(|(counts, row)| {
            counts.iter().zip(&columns).map(|pair| similarity(pair, *row)).fold(0.0, f64::max)
        })
        .collect()
}

impl fmt::Display for ClusterFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["cluster", "customers"].into_iter().chain(self.features.iter().map(String::as_str));
        let rows = self.centers.iter().map(|center| {
            let means = center
                .means
                .iter()
                .map(|mean| mean.map_or_else(|| "-".to_owned(), |mean| format!("{mean:.2}")));
            [center.name.clone(), center.customers.to_string()].into_iter().chain(means).collect()
        });
        write_aligned(f, &std::iter::once(head.map(str::to_owned).collect()).chain(rows).collect::<Vec<_>>())
    }
}
