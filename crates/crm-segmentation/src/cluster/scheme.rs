use std::ops::RangeInclusive;

use crm_numbers::Amount;

use super::choice::{by_gap, by_silhouette, candidates};
use super::k_means::{Points, centres};
use super::scaling::{Scaler, Scaling};
use super::{Features, Fitted};
use crate::Error;
use crate::column::check_length;
use crate::random::Stream;

/// What decides between numbers of clusters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Criterion {
    /// The highest mean silhouette above that of noise: clusters that stand well apart. The
    /// default.
    #[default]
    Silhouette,
    /// Of the numbers whose gap is above that of noise the first that is not beaten by the next by
    /// more than its standard error; the largest where all are.
    Gap,
}

/// How customers are clustered: k-means from several starts, the number of clusters chosen from a range.
///
/// 4 to 10 clusters unless you say otherwise: fewer say nothing new, more cannot be told apart by
/// those who work with them. One cluster is a candidate besides, and is chosen where no number is
/// more than noise ([`Candidate`](super::Candidate)). Money is ranked and all else standardized
/// ([`Scaling`]). Numbers of clusters are compared on a sample of 1 000 customers, with as many
/// starts on even spreads as on customers; the final centres are those of all. The same seed gives
/// the same clusters, on any number of threads and in any order of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Stored", into = "Stored"))]
pub struct Scheme {
    clusters: RangeInclusive<usize>,
    scaling: Scaling,
    criterion: Criterion,
    starts: u32,
    references: u32,
    seed: u64,
}

/// Customers on whom numbers of clusters are compared.
const SAMPLE: usize = 1_000;
/// Fewest even spreads whose standard deviation says anything.
const FEWEST_REFERENCES: u32 = 10;

impl Scheme {
    /// Creates a scheme for a range of numbers of clusters, with one cluster as a further
    /// candidate; `5..=5` gives exactly five, noise or not.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the range holds a number and lies in 1 to 256.
    pub fn new(clusters: RangeInclusive<usize>) -> Result<Self, Error> {
        let (least, most) = (*clusters.start(), *clusters.end());
        if least < 1 || most > 256 || least > most {
            let allowed = "be a range within 1 to 256".to_owned();
            return Err(Error::OutOfRange {
                field: "clusters",
                allowed,
                value: format!("{least} to {most}"),
            });
        }
        Ok(Self { clusters, ..Self::default() })
    }

    /// Another way to make features comparable.
    #[must_use]
    pub fn with_scaling(self, scaling: Scaling) -> Self {
        Self { scaling, ..self }
    }

    /// Another criterion for the number of clusters.
    #[must_use]
    pub fn with_criterion(self, criterion: Criterion) -> Self {
        Self { criterion, ..self }
    }

    /// How many starts k-means takes the best of (10).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for none.
    pub fn with_starts(self, starts: u32) -> Result<Self, Error> {
        if starts == 0 {
            return Err(Error::OutOfRange {
                field: "starts",
                allowed: "be at least 1".to_owned(),
                value: "0".to_owned(),
            });
        }
        Ok(Self { starts, ..self })
    }

    /// Sets the number of even spreads that clusters are held against (20). With none there is no
    /// gap, and a constant for the number of features takes the place of the silhouette of noise,
    /// which saves most of the time.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for 1 to 9, whose standard deviation says too little.
    pub fn with_references(self, references: u32) -> Result<Self, Error> {
        if (1..FEWEST_REFERENCES).contains(&references) {
            let allowed = format!("be 0 or at least {FEWEST_REFERENCES}");
            return Err(Error::OutOfRange { field: "references", allowed, value: references.to_string() });
        }
        Ok(Self { references, ..self })
    }

    /// Another seed than 1.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    pub(super) fn starts(&self) -> u32 {
        self.starts
    }

    /// Finds the centres. Cluster 1 has the highest mean value, the last the lowest.
    ///
    /// # Errors
    /// [`Error::Empty`] without features or customers, [`Error::Length`] for another number of values than customers,
    /// [`Error::NotFinite`], [`Error::OutOfRange`] for a feature that is the same for everybody, for fewer different
    /// customers than clusters, and under [`Criterion::Gap`] without references.
    pub fn fit<T: Amount>(&self, features: &Features, value: &[T]) -> Result<Fitted, Error> {
        if features.names().is_empty() {
            return Err(Error::Empty { field: "features" });
        }
        check_length(("value", value.len()), ("customers", features.customers()))?;
        if self.criterion == Criterion::Gap && self.references == 0 {
            let allowed = format!("be at least {FEWEST_REFERENCES} for the gap");
            return Err(Error::OutOfRange { field: "references", allowed, value: "0".to_owned() });
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
        let most = *self.clusters.end();
        let different =
            1 + points.rows().zip(points.rows().skip(1)).filter(|(one, next)| one != next).count();
        if different < most {
            let allowed = format!("be at least {most}, the number of clusters");
            return Err(Error::OutOfRange {
                field: "different customers",
                allowed,
                value: different.to_string(),
            });
        }
        let drawn = sample(points, self.seed);
        let drawn = Points { values: &drawn, features: scalers.len() };
        let effort = (self.starts, self.references);
        let exactly = self.clusters.start() == self.clusters.end();
        let one = (!exactly && !self.clusters.contains(&1)).then_some(1);
        let numbers: Vec<usize> = one.into_iter().chain(self.clusters.clone()).collect();
        let candidates = candidates(drawn, &numbers, effort, self.seed);
        let chosen = match self.criterion {
            _ if exactly => most,
            Criterion::Silhouette => by_silhouette(&candidates),
            Criterion::Gap => by_gap(&candidates),
        };
        let centres = centres(points, chosen, self.starts, self.seed)?;
        Fitted::new(self.clone(), (features, &all), scalers, centres, candidates, value)
    }
}

/// 4 to 10 clusters.
impl Default for Scheme {
    fn default() -> Self {
        let (scaling, criterion) = (Scaling::default(), Criterion::default());
        Self { clusters: 4..=10, scaling, criterion, starts: 10, references: 20, seed: 1 }
    }
}

/// Customers one after the other, each with all features.
pub(super) fn scaled(features: &Features, scalers: &[Scaler]) -> Vec<f64> {
    let mut values = vec![0.0; features.customers() * scalers.len()];
    for (place, (column, scaler)) in features.columns().iter().zip(scalers).enumerate() {
        for (row, x) in values.chunks_exact_mut(scalers.len()).zip(column) {
            if let Some(slot) = row.get_mut(place) {
                *slot = scaler.scale(*x);
            }
        }
    }
    values
}

/// The same rows in an order that is their own.
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
    let mut stream = Stream::new(seed, u64::MAX);
    let mut places: Vec<usize> = (0..points.len()).collect();
    for taken in 0..SAMPLE {
        places.swap(taken, taken + stream.below(points.len() - taken));
    }
    places.truncate(SAMPLE);
    places.sort_unstable();
    let row = |place: &usize| points.values.get(place * points.features..(place + 1) * points.features);
    places.iter().filter_map(row).flatten().copied().collect()
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    least: usize,
    most: usize,
    scaling: Scaling,
    criterion: Criterion,
    starts: u32,
    references: u32,
    seed: u64,
}

#[cfg(feature = "serde")]
impl TryFrom<Stored> for Scheme {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self, Error> {
        let scheme = Self::new(stored.least..=stored.most)?.with_starts(stored.starts)?;
        let scheme = scheme.with_references(stored.references)?.with_seed(stored.seed);
        Ok(scheme.with_scaling(stored.scaling).with_criterion(stored.criterion))
    }
}

#[cfg(feature = "serde")]
impl From<Scheme> for Stored {
    fn from(scheme: Scheme) -> Self {
        let Scheme { clusters, scaling, criterion, starts, references, seed } = scheme;
        let (least, most) = clusters.into_inner();
        Self { least, most, scaling, criterion, starts, references, seed }
    }
}
