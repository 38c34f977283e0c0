#![allow(clippy::indexing_slicing, reason = "a row has one place per feature")]

use std::ops::RangeInclusive;

use crm_numbers::{Amount, RangeError, check};

use super::choice::{by_gap, by_silhouette, candidates};
use super::k_means::{Points, centers};
use super::scaling::{Scaler, Scaling};
use super::{ClusterFeatures, ClusterFit};
use crate::Error;
use crm_statistics::random::RandomStream;

/// The criterion that decides the number of clusters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ClusterCriterion {
    /// The highest mean silhouette above that of noise: clusters that stand well apart. The
    /// default.
    #[default]
    Silhouette,
    /// The smallest number whose gap exceeds that of noise and is not exceeded by that of the next
    /// number by more than its standard error; the largest number if every gap is exceeded.
    Gap,
}

crm_numbers::names! {
    ClusterCriterion, "criterion" {
        Silhouette = "silhouette",
        Gap = "gap",
    }
}

/// Settings of a clustering: k-means from several starts, with the number of clusters chosen from a
/// range.
///
/// 4 to 10 clusters by default: fewer say nothing new, more cannot be told apart by those who work
/// with them. One cluster is a candidate besides, and is chosen where no number is more than noise
/// ([`ClusterCandidate`](super::ClusterCandidate)). Money is ranked and all else standardized
/// ([`Scaling`]). Numbers of clusters are compared on a sample of 1 000 customers, with as many
/// starts on even spreads as on customers; the final centers are those of all. The same seed gives
/// the same clusters, on any number of threads and in any order of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct ClusterScheme {
    least: usize,
    most: usize,
    scaling: Scaling,
    criterion: ClusterCriterion,
    starts: u32,
    references: u32,
    seed: u64,
}

crm_numbers::gate!(ClusterScheme, ClusterScheme::checked);

/// Customers on whom numbers of clusters are compared.
const SAMPLE: usize = 1_000;
/// Fewest even spreads whose standard deviation says anything.
const FEWEST_REFERENCES: u32 = 10;

/// The most clusters that are looked for.
const MOST_CLUSTERS: usize = 256;

impl ClusterScheme {
    /// Creates a scheme for a range of numbers of clusters, with one cluster as a further
    /// candidate; `5..=5` gives exactly five, noise or not.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless the range holds a number and lies in 1 to 256.
    pub fn new(clusters: RangeInclusive<usize>) -> Result<Self, Error> {
        let (least, most) = clusters.into_inner();
        Self { least, most, ..Self::default() }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check::range("smallest number of clusters", self.least, 1..=MOST_CLUSTERS)?;
        check::range("largest number of clusters", self.most, self.least..=MOST_CLUSTERS)?;
        check::range("starts", self.starts, 1..)?;
        if (1..FEWEST_REFERENCES).contains(&self.references) {
            let error = RangeError::new("references", self.references, FEWEST_REFERENCES..);
            return Err(error.with_hint("0 draws none").into());
        }
        Ok(self)
    }

    /// Sets the scaling of the features.
    #[must_use]
    pub fn with_scaling(self, scaling: Scaling) -> Self {
        Self { scaling, ..self }
    }

    /// Sets the criterion for the number of clusters.
    #[must_use]
    pub fn with_criterion(self, criterion: ClusterCriterion) -> Self {
        Self { criterion, ..self }
    }

    /// Sets the number of starts of k-means, of which the best is kept (default 10).
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for none.
    pub fn with_starts(self, starts: u32) -> Result<Self, Error> {
        Self { starts, ..self }.checked()
    }

    /// Sets the number of even spreads that clusters are held against (20). With none there is no
    /// gap, and a constant for the number of features takes the place of the silhouette of noise,
    /// which saves most of the time.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for 1 to 9, whose standard deviation says too little.
    pub fn with_references(self, references: u32) -> Result<Self, Error> {
        Self { references, ..self }.checked()
    }

    /// Sets the seed of the random numbers (default 1).
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    pub(super) fn starts(&self) -> u32 {
        self.starts
    }

    /// Finds the centers. Cluster 1 has the highest mean value, the last the lowest.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without features or customers, for another number of values than customers,
    /// for amounts that are not finite, for a constant feature, for fewer different customers than
    /// clusters, and under [`ClusterCriterion::Gap`] without references.
    pub fn fit<T: Amount>(&self, features: &ClusterFeatures, value: &[T]) -> Result<ClusterFit, Error> {
        check::not_empty("features", features.names())?;
        check::length("values", value.len(), features.customers())?;
        if self.criterion == ClusterCriterion::Gap {
            check::range("references for the gap", self.references, FEWEST_REFERENCES..)?;
        }
        let scalers = features
            .names()
            .iter()
            .zip(features.columns())
            .zip(features.money())
            .map(|((name, column), money)| Scaler::of(name, column, self.scaling, *money))
            .collect::<Result<Vec<Scaler>, Error>>()?;
        let all = scaled(features, &scalers);
        let points = sorted(&all, scalers.len());
        let points = Points { values: &points, features: scalers.len() };
        let (least, most) = (self.least, self.most);
        let different =
            1 + points.rows().zip(points.rows().skip(1)).filter(|(one, next)| one != next).count();
        check::range("number of different customers", different, most..)?;
        let drawn = sample(points, self.seed);
        let drawn = Points { values: &drawn, features: scalers.len() };
        let effort = (self.starts, self.references);
        let exactly = least == most;
        let one = (!exactly && least > 1).then_some(1);
        let numbers: Vec<usize> = one.into_iter().chain(least..=most).collect();
        let candidates = candidates(drawn, &numbers, effort, self.seed);
        let chosen = match self.criterion {
            _ if exactly => most,
            ClusterCriterion::Silhouette => by_silhouette(&candidates),
            ClusterCriterion::Gap => by_gap(&candidates),
        };
        let centers = centers(points, chosen, self.starts, self.seed)?;
        ClusterFit::new(self.clone(), (features, &all), scalers, centers, candidates, value)
    }
}

/// 4 to 10 clusters.
impl Default for ClusterScheme {
    fn default() -> Self {
        let (scaling, criterion) = (Scaling::default(), ClusterCriterion::default());
        Self { least: 4, most: 10, scaling, criterion, starts: 10, references: 20, seed: 1 }
    }
}

/// Customers one after the other, each with all features.
pub(super) fn scaled(features: &ClusterFeatures, scalers: &[Scaler]) -> Vec<f64> {
    let mut values = vec![0.0; features.customers() * scalers.len()];
    for (place, (column, scaler)) in features.columns().iter().zip(scalers).enumerate() {
        for (row, x) in values.chunks_exact_mut(scalers.len()).zip(column) {
            row[place] = scaler.scale(*x);
        }
    }
    values
}

/// Sorts the rows, so that their order in the input does not matter.
fn sorted(values: &[f64], features: usize) -> Vec<f64> {
    let mut rows: Vec<&[f64]> = values.chunks_exact(features.max(1)).collect();
    rows.sort_unstable_by(|one, other| {
        let differ = one.iter().zip(*other).map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne());
        differ.unwrap_or(std::cmp::Ordering::Equal)
    });
    rows.concat()
}

/// Rows drawn without replacement; all of them where there are few.
fn sample(points: Points<'_>, seed: u64) -> Vec<f64> {
    if points.len() <= SAMPLE {
        return points.values.to_vec();
    }
    let mut stream = RandomStream::replicate(seed, u64::MAX);
    let mut places: Vec<usize> = (0..points.len()).collect();
    for taken in 0..SAMPLE {
        places.swap(taken, taken + stream.below(points.len() - taken));
    }
    places.truncate(SAMPLE);
    places.sort_unstable();
    let row = |place: &usize| points.values.get(place * points.features..(place + 1) * points.features);
    places.iter().filter_map(row).flatten().copied().collect()
}
