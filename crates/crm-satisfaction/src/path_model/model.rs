use std::ops::Range;

use crm_numbers::{DuplicateError, InputError, check};

use crate::Error;
use crate::error::unknown;

/// The scheme of the inner weights: how the neighbors of a latent variable count in its inner
/// estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Weighting {
    /// By the sign of the correlation: Wold's first scheme.
    Centroid,
    /// By the correlation.
    Factorial,
    /// Predecessors by their regression coefficients, successors by their correlation, which
    /// respects the direction of the paths. The default.
    #[default]
    Path,
}

crm_numbers::names! {
    Weighting, "weighting scheme" {
        Centroid = "centroid",
        Factorial = "factorial",
        Path = "path",
    }
}

/// The unit of the items before they are weighted.
///
/// The variance of scores is always 1. The unit of items changes the result: items with a large
/// variance count more as answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Metric {
    /// Standard deviations of each item, for items on different scales. The default.
    #[default]
    Standardized,
    /// Points as answered, for items on one scale, as in the European and the American index.
    AsAnswered,
}

crm_numbers::names! {
    Metric, "metric" {
        Standardized = "standardized" | "standardised",
        AsAnswered = "as_answered",
    }
}

/// A model of latent variables, the items that measure them, and the paths between them.
///
/// See the [module](crate::path_model) for an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathModel {
    pub(super) latents: Vec<Latent>,
    /// Pairs of indices (from, to), in the given order.
    pub(super) paths: Vec<(usize, usize)>,
    pub(super) weighting: Weighting,
    pub(super) metric: Metric,
    /// All items, block by block.
    pub(super) items: Vec<String>,
}

/// A latent variable with the indices of its items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Latent {
    pub(super) name: String,
    pub(super) first: usize,
    /// One more than the index of the last item.
    pub(super) end: usize,
}

impl Latent {
    /// Returns the indices of the items.
    pub(super) fn block(&self) -> Range<usize> {
        self.first..self.end
    }
}

impl PathModel {
    /// Creates a model from latent variables with their items, and the paths between them as (from,
    /// to).
    ///
    /// # Errors
    ///
    /// [`InputError::Empty`] without latent variables and for one without items;
    /// [`InputError::Empty`] and [`InputError::Duplicate`] for names of latent variables or items
    /// that are empty or repeated, and for a repeated path; [`InputError::UnknownName`] for a path
    /// from or to an unknown latent variable; [`Error::Isolated`] for a latent variable without a
    /// path; [`Error::Circle`] for paths that lead back to their start.
    pub fn new(
        latents: &[(impl AsRef<str>, &[impl AsRef<str>])],
        paths: &[(impl AsRef<str>, impl AsRef<str>)],
    ) -> Result<Self, Error> {
        check::not_empty("latent variables", latents)?;
        let names: Vec<&str> = latents.iter().map(|(name, _)| name.as_ref()).collect();
        check::names("latent variables", &names)?;
        let mut items = Vec::new();
        let mut blocks = Vec::new();
        for (name, own) in latents {
            let name = name.as_ref().to_owned();
            check::not_empty(format!("items of {name}"), own)?;
            let first = items.len();
            items.extend(own.iter().map(|item| item.as_ref().to_owned()));
            blocks.push(Latent { name, first, end: items.len() });
        }
        check::names("items", &items)?;
        let index = |name: &str| {
            let found = names.iter().position(|known| *known == name);
            found.ok_or_else(|| unknown("latent variable", name, names.iter().copied()))
        };
        let mut found = Vec::new();
        for (position, (from, to)) in paths.iter().enumerate() {
            let path = (index(from.as_ref())?, index(to.as_ref())?);
            if found.contains(&path) {
                let path = format!("{} -> {}", from.as_ref(), to.as_ref());
                return Err(InputError::from(DuplicateError::new("paths", path, position)).into());
            }
            found.push(path);
        }
        let (weighting, metric) = (Weighting::default(), Metric::default());
        let model = Self { latents: blocks, paths: found, weighting, metric, items };
        model.check_paths()?;
        Ok(model)
    }

    /// Returns the same model with another scheme of inner weights.
    #[must_use]
    pub fn with_weighting(self, weighting: Weighting) -> Self {
        Self { weighting, ..self }
    }

    /// Returns the same model with items in another unit.
    #[must_use]
    pub fn with_metric(self, metric: Metric) -> Self {
        Self { metric, ..self }
    }

    /// Returns the unit of the items.
    #[must_use]
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// Iterates over the names of the latent variables.
    pub fn latents(&self) -> impl Iterator<Item = &str> {
        self.latents.iter().map(|latent| latent.name.as_str())
    }

    /// Returns the items that measure a latent variable; none if the model does not have it.
    #[must_use]
    pub fn items_of(&self, latent: &str) -> &[String] {
        let found = self.latents.iter().find(|block| block.name == latent);
        found.and_then(|latent| self.items.get(latent.block())).unwrap_or_default()
    }

    /// Returns all items in the order of a row of answers.
    #[must_use]
    pub fn items(&self) -> &[String] {
        &self.items
    }

    /// Iterates over the paths as names (from, to).
    #[allow(clippy::indexing_slicing, reason = "paths hold indices of latent variables")]
    pub fn paths(&self) -> impl Iterator<Item = (&str, &str)> {
        let name = |index: usize| self.latents[index].name.as_str();
        self.paths.iter().map(move |&(from, to)| (name(from), name(to)))
    }

    /// Returns the scheme of inner weights.
    #[must_use]
    pub fn weighting(&self) -> Weighting {
        self.weighting
    }

    /// Returns the indices of the latent variables with a path to this one.
    pub(super) fn predecessors(&self, latent: usize) -> Vec<usize> {
        self.paths.iter().filter(|(_, to)| *to == latent).map(|(from, _)| *from).collect()
    }

    #[allow(clippy::indexing_slicing, reason = "a walk holds indices of latent variables")]
    fn check_paths(&self) -> Result<(), Error> {
        let has_path = |index: usize| self.paths.iter().any(|&(from, to)| from == index || to == index);
        if let Some((_, latent)) = self.latents.iter().enumerate().find(|(index, _)| !has_path(*index)) {
            return Err(Error::Isolated { latent: latent.name.clone() });
        }
        // Repeatedly removes latent variables without a path to them; the rest is on or behind a
        // circle.
        let mut left: Vec<usize> = (0..self.latents.len()).collect();
        loop {
            let has_predecessor =
                |index: &usize| self.paths.iter().any(|(from, to)| to == index && left.contains(from));
            let stuck: Vec<usize> = left.iter().copied().filter(has_predecessor).collect();
            if stuck.len() == left.len() {
                break;
            }
            left = stuck;
        }
        let Some(&start) = left.first() else { return Ok(()) };
        // Back along the paths until a latent variable occurs again.
        let (mut walk, mut here) = (vec![start], start);
        while let Some(before) = self.predecessors(here).into_iter().find(|from| left.contains(from)) {
            let seen = walk.iter().position(|&index| index == before);
            walk.push(before);
            if let Some(seen) = seen {
                walk.drain(..seen);
                break;
            }
            here = before;
        }
        let names: Vec<&str> = walk.iter().rev().map(|&index| self.latents[index].name.as_str()).collect();
        Err(Error::Circle { path: names.join(" -> ") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(latents: &[(&str, &[&str])], paths: &[(&str, &str)]) -> String {
        PathModel::new(latents, paths).unwrap_err().to_string()
    }

    #[test]
    fn a_model_that_says_nothing_or_too_much_is_refused() {
        assert_eq!(refused(&[], &[]), "latent variables must not be empty");
        assert_eq!(refused(&[("a", &[])], &[]), "items of a must not be empty");
        assert_eq!(
            refused(&[("a", &["x"])], &[]),
            r#"latent variable "a" has no path; add one or leave the variable out"#
        );
        assert_eq!(refused(&[("a", &["x"]), ("b", &["x"])], &[("a", "b")]), r#"items[1] repeats "x""#);
        assert_eq!(
            refused(&[("a", &["x"]), ("b", &["y"])], &[("a", "c")]),
            r#"unknown latent variable "c"; expected one of a, b"#
        );
        assert_eq!(
            refused(&[("a", &["x"]), ("b", &["y"])], &[("a", "b"), ("a", "b")]),
            r#"paths[1] repeats "a -> b""#
        );
    }

    #[test]
    fn a_circle_is_named() {
        let latents: &[(&str, &[&str])] = &[("a", &["w"]), ("b", &["x"]), ("c", &["y"]), ("d", &["z"])];
        let text = refused(latents, &[("a", "b"), ("b", "c"), ("c", "b"), ("c", "d")]);
        assert!(text.contains("b -> c -> b") || text.contains("c -> b -> c"), "{text}");
        assert_eq!(refused(&latents[..1], &[("a", "a")]), "paths must not form a circle, got a -> a");
        assert!(PathModel::new(latents, &[("c", "a"), ("b", "c"), ("b", "a"), ("a", "d")]).is_ok());
    }

    #[test]
    fn schemes_go_by_name() {
        for scheme in [Weighting::Centroid, Weighting::Factorial, Weighting::Path] {
            assert_eq!(scheme.to_string().parse(), Ok(scheme));
        }
        let text = "pca".parse::<Weighting>().unwrap_err().to_string();
        assert_eq!(text, r#"unknown weighting scheme "pca"; expected one of centroid, factorial, path"#);
    }
}
