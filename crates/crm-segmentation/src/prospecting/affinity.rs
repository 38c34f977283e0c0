#![allow(clippy::indexing_slicing, reason = "categories are checked to be below their number")]

use crm_numbers::{Interval, Level, check};
use crm_statistics::{Proportion, ProportionMethod};

use crate::Error;
use crate::assignments::check_names;

/// Which categories each customer owns, counted pair by pair.
///
/// # Examples
///
/// ```
/// use crm_segmentation::prospecting::Baskets;
///
/// let owned = [vec![0, 1], vec![0, 1], vec![0], vec![2]];
/// let baskets = Baskets::new(["printer", "paper", "desk"], &owned)?;
/// let rule = baskets.affinity(0, 1, Default::default())?;
/// // Two of four have both; two of the three with a printer buy paper; (2 x 4) / (3 x 2).
/// assert_eq!((rule.support.estimate, rule.both), (0.5, 2));
/// assert!((rule.confidence.unwrap().estimate - 2.0 / 3.0).abs() < 1e-12);
/// assert!((rule.lift.unwrap().estimate - 4.0 / 3.0).abs() < 1e-12);
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baskets {
    categories: Vec<String>,
    customers: u64,
    /// Row by row; the diagonal counts who owns the category.
    pairs: Vec<u64>,
}

/// The association of one category with another: the share of owners of the first who own the
/// second.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Affinity {
    /// Index of the owned category.
    pub from: usize,
    /// owns that.
    pub to: usize,
    /// Customers who own both.
    pub both: u64,
    /// `both / all`, with Wilson's interval.
    pub support: Interval,
    /// `both / owners of the first`, with Wilson's interval; `None` if no customer owns the first.
    pub confidence: Option<Interval>,
    /// `confidence / share of owners of the second`; above 1 the categories attract each other. The
    /// interval is that of its logarithm by the delta method, `var ln lift = 1/n_ab - 1/n_a - 1/n_b
    /// + (2 lift - 1)/n`; `None` if no customer owns both.
    pub lift: Option<Interval>,
}

/// A category that the customer does not own yet, with the owned category that suggests it.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Suggestion {
    /// The category.
    pub category: usize,
    /// The owned category that points to it most strongly.
    pub because_of: usize,
    /// The confidence of that rule.
    pub confidence: f64,
}

impl Baskets {
    /// Largest number of categories: every pair of them is counted.
    pub const MAX_CATEGORIES: usize = 1_024;

    /// Counts pairs from the names of the categories and the indices of those that each customer
    /// owns; an index given twice counts once.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an empty or repeated name, without customers, for an index without a
    /// name and for more than [`Baskets::MAX_CATEGORIES`] categories.
    pub fn new<N: Into<String>>(
        categories: impl IntoIterator<Item = N>,
        owned: &[impl AsRef<[usize]>],
    ) -> Result<Self, Error> {
        let categories: Vec<String> = categories.into_iter().map(Into::into).collect();
        check_names("categories", &categories)?;
        check::not_empty("customers", owned)?;
        let n = categories.len();
        check::range("number of categories", n, ..=Self::MAX_CATEGORIES)?;
        let mut pairs = vec![0_u64; n * n];
        for basket in owned {
            let mut basket = basket.as_ref().to_vec();
            basket.sort_unstable();
            basket.dedup();
            if let Some(&last) = basket.last() {
                check::index("categories", last, n)?;
            }
            for from in &basket {
                for to in &basket {
                    pairs[from * n + to] += 1;
                }
            }
        }
        Ok(Self { categories, customers: owned.len() as u64, pairs })
    }

    /// Returns the names of the categories.
    #[must_use]
    pub fn categories(&self) -> &[String] {
        &self.categories
    }

    fn both(&self, from: usize, to: usize) -> u64 {
        let n = self.categories.len();
        if from < n && to < n { self.pairs[from * n + to] } else { 0 }
    }

    /// Computes the affinity of two categories.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a category without a name.
    pub fn affinity(&self, from: usize, to: usize, level: Level) -> Result<Affinity, Error> {
        check::index("categories", from, self.categories.len())?;
        check::index("categories", to, self.categories.len())?;
        let (both, of_from, of_to) = (self.both(from, to), self.both(from, from), self.both(to, to));
        let share = |part, whole| Proportion::new(part, whole).map_err(Error::from);
        let wilson = |share: Proportion| share.interval(ProportionMethod::Wilson, level);
        let support = wilson(share(both, self.customers)?);
        let confidence = (of_from > 0).then(|| share(both, of_from).map(wilson)).transpose()?;
        let lift = (both > 0).then(|| {
            let (n, ab, a, b) = (self.customers as f64, both as f64, of_from as f64, of_to as f64);
            let lift = ab / a * (n / b);
            let variance = (1.0 / ab - 1.0 / a - 1.0 / b + (2.0 * lift - 1.0) / n).max(0.0);
            let away = (level.z() * variance.sqrt()).exp();
            Interval::new(lift / away, lift, lift * away, level)
        });
        Ok(Affinity { from, to, both, support, confidence, lift })
    }

    /// Computes the affinities of all pairs with at least `at_least` owners of both, by lift in
    /// descending order; ties in the order of the categories.
    ///
    /// # Errors
    ///
    /// None beyond those of [`Baskets::affinity`].
    pub fn affinities(&self, at_least: u64, level: Level) -> Result<Vec<Affinity>, Error> {
        let n = self.categories.len();
        let pairs = (0..n).flat_map(|from| (0..n).map(move |to| (from, to))).filter(|(from, to)| from != to);
        let frequent = pairs.filter(|(from, to)| self.both(*from, *to) >= at_least.max(1));
        let mut rules =
            frequent.map(|(from, to)| self.affinity(from, to, level)).collect::<Result<Vec<_>, _>>()?;
        let lift = |rule: &Affinity| rule.lift.map_or(0.0, |lift| lift.estimate);
        rules.sort_by(|a, b| lift(b).total_cmp(&lift(a)));
        Ok(rules)
    }

    /// Suggests the next purchases: every category not owned, with the owned one that points to it
    /// most strongly.
    ///
    /// The most likely first; ties in the order of the categories. Rules of fewer than `at_least`
    /// owners of both are left out.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_segmentation::prospecting::Baskets;
    ///
    /// let owned = [vec![0, 1], vec![0, 1], vec![0], vec![2, 0]];
    /// let next = Baskets::new(["printer", "paper", "desk"], &owned)?.next(&[0], 1);
    /// assert_eq!((next[0].category, next[0].because_of, next[0].confidence), (1, 0, 0.5));
    /// assert_eq!((next[1].category, next[1].confidence), (2, 0.25));
    /// # Ok::<(), crm_segmentation::Error>(())
    /// ```
    #[must_use]
    pub fn next(&self, owned: &[usize], at_least: u64) -> Vec<Suggestion> {
        let missing = (0..self.categories.len()).filter(|category| !owned.contains(category));
        let best = |category: usize| {
            let mut best: Option<Suggestion> = None;
            for &because_of in owned {
                let both = self.both(because_of, category);
                let confidence = both as f64 / self.both(because_of, because_of).max(1) as f64;
                let stronger = best.as_ref().is_none_or(|best| confidence > best.confidence);
                if both >= at_least.max(1) && stronger {
                    best = Some(Suggestion { category, because_of, confidence });
                }
            }
            best
        };
        let mut next: Vec<Suggestion> = missing.filter_map(best).collect();
        next.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The delta method by brute force: the gradient of ln lift over the four cells, and their
    /// multinomial covariance.
    #[test]
    fn the_interval_of_the_lift_is_that_of_its_logarithm() {
        let cells = [30_usize, 20, 10, 40]; // both, first alone, second alone, none
        let kinds = [vec![0, 1], vec![0], vec![1], vec![]];
        let owned: Vec<Vec<usize>> =
            kinds.iter().zip(cells).flat_map(|(kind, n)| vec![kind.clone(); n]).collect();
        let level = Level::default();
        let lift = Baskets::new(["a", "b"], &owned).unwrap().affinity(0, 1, level).unwrap().lift.unwrap();
        let n: f64 = 100.0;
        let p = cells.map(|count| count as f64 / n);
        let ln_lift = |p: [f64; 4]| (p[0] / ((p[0] + p[1]) * (p[0] + p[2]))).ln();
        let step = 1e-6;
        let gradient: Vec<f64> = (0..4)
            .map(|cell| {
                let moved = |by: f64| {
                    let mut p = p;
                    p[cell] += by;
                    ln_lift(p)
                };
                (moved(step) - moved(-step)) / (2.0 * step)
            })
            .collect();
        let mean: f64 = gradient.iter().zip(p).map(|(g, p)| g * p).sum();
        let square: f64 = gradient.iter().zip(p).map(|(g, p)| g * g * p).sum();
        let away = level.z() * ((square - mean * mean) / n).sqrt();
        assert!(((lift.upper / lift.estimate).ln() - away).abs() < 1e-6);
        assert!(((lift.estimate / lift.lower).ln() - away).abs() < 1e-6);
        assert!((lift.estimate - ln_lift(p).exp()).abs() < 1e-12);
    }

    #[test]
    fn never_together_has_no_lift() {
        let baskets = Baskets::new(["a", "b", "c"], &[vec![0, 0], vec![1]]).unwrap();
        let rule = baskets.affinity(0, 1, Level::default()).unwrap();
        assert_eq!((rule.both, rule.lift), (0, None));
        assert_eq!(baskets.affinity(2, 0, Level::default()).unwrap().confidence, None);
        assert!(
            baskets.affinities(1, Level::default()).unwrap().is_empty() && baskets.next(&[0], 1).is_empty()
        );
        let text = |error: Error| error.to_string();
        assert_eq!(
            text(baskets.affinity(0, 3, Level::default()).unwrap_err()),
            "index 3 is out of range for 3 categories"
        );
        assert!(text(Baskets::new(["a"], &[[1]]).unwrap_err()).starts_with("index 1 is out of range"));
        let nobody: [Vec<usize>; 0] = [];
        assert_eq!(text(Baskets::new(["a"], &nobody).unwrap_err()), "customers must not be empty");
    }
}
