use std::fmt;

use crate::Error;
use crate::error::check_names;

/// How the neighbours of a latent variable weigh in its inner estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Weighting {
    /// By the sign of the correlation: Wold's first scheme.
    Centroid,
    /// By the correlation.
    Factorial,
    /// Predecessors by their regression coefficients, successors by their correlation: respects the direction of the
    /// paths. The default.
    #[default]
    Path,
}

impl fmt::Display for Weighting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Centroid => "centroid",
            Self::Factorial => "factorial",
            Self::Path => "path",
        })
    }
}

impl std::str::FromStr for Weighting {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "centroid" => Ok(Self::Centroid),
            "factorial" => Ok(Self::Factorial),
            "path" => Ok(Self::Path),
            _ => Err(crate::error::out_of_range("scheme", "be centroid, factorial or path", text)),
        }
    }
}

/// In which unit items count before they are weighted.
///
/// Scores always have variance 1; this is about the items. It changes the answer: an item that varies much counts for
/// more as answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Metric {
    /// Every item in its own standard deviations: right for items on different scales. The default.
    #[default]
    Standardised,
    /// In points, as answered: for items that are all on one scale, as in the European and the American index.
    AsAnswered,
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Standardised => "standardised",
            Self::AsAnswered => "as_answered",
        })
    }
}

impl std::str::FromStr for Metric {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "standardised" => Ok(Self::Standardised),
            "as_answered" => Ok(Self::AsAnswered),
            _ => Err(crate::error::out_of_range("metric", "be standardised or as_answered", text)),
        }
    }
}

/// Which questions measure which latent variable, and what leads to what.
///
/// See the [module](crate::path_model) for an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathModel {
    pub(super) latents: Vec<Latent>,
    /// (from, to), in the order given.
    pub(super) paths: Vec<(usize, usize)>,
    pub(super) weighting: Weighting,
    pub(super) metric: Metric,
    /// Every item, block by block.
    pub(super) items: Vec<String>,
}

/// A latent variable: its name, and where its items stand among all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Latent {
    pub(super) name: String,
    pub(super) first: usize,
    pub(super) last: usize,
}

impl PathModel {
    /// Latent variables with their items, and the paths between them as (from, to).
    ///
    /// # Errors
    /// [`Error::Empty`] for no latent variables or one without items; [`Error::Name`] for an empty or repeated name of a
    /// latent variable or an item; [`Error::Unknown`] for a path to or from a latent variable that there is not;
    /// [`Error::Circle`] for paths that lead back; [`Error::Name`] for a path given twice; [`Error::OutOfRange`] for a
    /// latent variable without a path, which nothing could be said about.
    pub fn new(
        latents: &[(impl AsRef<str>, &[impl AsRef<str>])],
        paths: &[(impl AsRef<str>, impl AsRef<str>)],
    ) -> Result<Self, Error> {
        if latents.is_empty() {
            return Err(Error::Empty { field: "latent variables".to_owned() });
        }
        let names: Vec<&str> = latents.iter().map(|(name, _)| name.as_ref()).collect();
        check_names("latent variables", &names)?;
        let mut items = Vec::new();
        let mut blocks = Vec::new();
        for (name, own) in latents {
            let name = name.as_ref().to_owned();
            if own.is_empty() {
                return Err(Error::Empty { field: format!("items of {name}") });
            }
            let first = items.len();
            items.extend(own.iter().map(|item| item.as_ref().to_owned()));
            blocks.push(Latent { name, first, last: items.len() });
        }
        check_names("items", &items)?;
        let place = |wanted: &str| {
            names.iter().position(|name| *name == wanted).ok_or_else(|| Error::Unknown {
                what: "latent variable",
                wanted: wanted.to_owned(),
                known: names.join(", "),
            })
        };
        let mut found = Vec::new();
        for (position, (from, to)) in paths.iter().enumerate() {
            let path = (place(from.as_ref())?, place(to.as_ref())?);
            if found.contains(&path) {
                let value = format!("{} -> {}", from.as_ref(), to.as_ref());
                return Err(Error::Name { field: "paths".to_owned(), value, position });
            }
            found.push(path);
        }
        let model = Self {
            latents: blocks,
            paths: found,
            weighting: Weighting::default(),
            metric: Metric::default(),
            items,
        };
        model.check_paths()?;
        Ok(model)
    }

    /// The same model under another scheme of inner weights.
    #[must_use]
    pub fn with_weighting(self, weighting: Weighting) -> Self {
        Self { weighting, ..self }
    }

    /// The same model with items in another unit.
    #[must_use]
    pub fn with_metric(self, metric: Metric) -> Self {
        Self { metric, ..self }
    }

    /// The unit of the items.
    #[must_use]
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// The names of the latent variables.
    pub fn latents(&self) -> impl Iterator<Item = &str> {
        self.latents.iter().map(|latent| latent.name.as_str())
    }

    /// The items that measure a latent variable.
    #[must_use]
    pub fn items_of(&self, latent: &str) -> &[String] {
        let block = self.latents.iter().find(|block| block.name == latent);
        block.and_then(|block| self.items.get(block.first..block.last)).unwrap_or_default()
    }

    /// All items, in the order in which a row of data holds them.
    #[must_use]
    pub fn items(&self) -> &[String] {
        &self.items
    }

    /// The paths, as names.
    pub fn paths(&self) -> impl Iterator<Item = (&str, &str)> {
        let name = |place: usize| self.latents.get(place).map_or("", |latent| latent.name.as_str());
        self.paths.iter().map(move |&(from, to)| (name(from), name(to)))
    }

    /// The scheme of inner weights.
    #[must_use]
    pub fn weighting(&self) -> Weighting {
        self.weighting
    }

    /// What leads to a latent variable directly.
    pub(super) fn predecessors(&self, latent: usize) -> Vec<usize> {
        self.paths.iter().filter(|(_, to)| *to == latent).map(|(from, _)| *from).collect()
    }

    fn check_paths(&self) -> Result<(), Error> {
        let touched = |place: usize| self.paths.iter().any(|&(from, to)| from == place || to == place);
        if let Some((_, alone)) = self.latents.iter().enumerate().find(|(place, _)| !touched(*place)) {
            let field = format!("paths from or to {}", alone.name);
            return Err(crate::error::out_of_range(field, "be at least one", 0));
        }
        // Takes away, again and again, what nothing leads to; what cannot be taken lies on or behind a circle.
        let mut left: Vec<usize> = (0..self.latents.len()).collect();
        loop {
            let led_to =
                |place: &usize| self.paths.iter().any(|(from, to)| to == place && left.contains(from));
            let stuck: Vec<usize> = left.iter().copied().filter(led_to).collect();
            if stuck.len() == left.len() {
                break;
            }
            left = stuck;
        }
        let Some(&start) = left.first() else { return Ok(()) };
        // Back along the paths until a latent variable comes again.
        let mut walk = vec![start];
        loop {
            let here = walk.last().copied().unwrap_or(start);
            let before = self.predecessors(here).into_iter().find(|from| left.contains(from));
            let Some(before) = before else { break };
            if let Some(seen) = walk.iter().position(|&place| place == before) {
                walk.push(before);
                walk.drain(..seen);
                break;
            }
            walk.push(before);
        }
        let names: Vec<&str> = walk
            .iter()
            .rev()
            .filter_map(|&place| self.latents.get(place).map(|latent| latent.name.as_str()))
            .collect();
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
        assert_eq!(refused(&[], &[]), "latent variables must hold at least one value, got 0");
        assert_eq!(refused(&[("a", &[])], &[]), "items of a must hold at least one value, got 0");
        assert_eq!(refused(&[("a", &["x"])], &[]), "paths from or to a must be at least one, got 0");
        assert_eq!(
            refused(&[("a", &["x"]), ("b", &["x"])], &[("a", "b")]),
            "items must be distinct and not empty, got \"x\" at position 1"
        );
        assert_eq!(
            refused(&[("a", &["x"]), ("b", &["y"])], &[("a", "c")]),
            "no latent variable \"c\"; there are a, b"
        );
        assert_eq!(
            refused(&[("a", &["x"]), ("b", &["y"])], &[("a", "b"), ("a", "b")]),
            "paths must be distinct and not empty, got \"a -> b\" at position 1"
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
        assert_eq!(text, "scheme must be centroid, factorial or path, got pca");
    }
}
