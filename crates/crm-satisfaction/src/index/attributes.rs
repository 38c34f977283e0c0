#[cfg(doc)]
use crm_numbers::InputError;
use crm_numbers::check;

use super::Pairs;
use crate::Error;
use crate::error::{check_squarable, check_weights};

/// One attribute of a product or service, measured by one or more items, with its weight.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Attribute {
    /// Name of the attribute.
    pub name: String,
    /// Number of items of the questionnaire that measure it.
    pub items: usize,
    /// Weight, as given.
    pub weight: f64,
}

/// Weighted attributes that make up a whole.
///
/// # Examples
///
/// ```
/// use crm_satisfaction::index::{Attributes, Pairs};
///
/// let attributes = Attributes::new(&[("speed", 1, 3.0), ("price", 1, 1.0)])?;
/// let speed = Pairs::new(&[4.0, 6.0], &[8.0, 8.0])?; // 5 of 8
/// let price = Pairs::new(&[9.0, 9.0], &[9.0, 9.0])?; // 9 of 9
/// let index = attributes.index(&[speed, price])?;
/// // (3 x 5 + 1 x 9) / (3 x 8 + 1 x 9) = 24/33; the gap is (3 x -3 + 1 x 0) / 4.
/// assert_eq!((index.ratio, index.gap), (Some(24.0 / 33.0), Some(-2.25)));
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Attributes(Vec<Attribute>);

/// Importance of the five dimensions of SERVQUAL, in points of 100 and in the order of
/// [`Attributes::servqual`]: tangibles 11, reliability 32, responsiveness 22, assurance 19, empathy
/// 16.
///
/// # References
///
/// Zeithaml, V. A., Parasuraman, A. and Berry, L. L. (1990), Delivering Quality Service, chapter 2.
pub const SERVQUAL_WEIGHTS: [f64; 5] = [11.0, 32.0, 22.0, 19.0, 16.0];

impl Attributes {
    /// Creates attributes from their names, numbers of items and weights; only the proportions of
    /// the weights matter.
    ///
    /// # Errors
    ///
    /// [`InputError::Empty`] without attributes; [`InputError::Empty`] and
    /// [`InputError::Duplicate`] for names that are empty or repeated; [`InputError::Range`] for an
    /// attribute without items and for weights that are negative, not finite, greater than 1e100 or
    /// all 0.
    pub fn new(attributes: &[(&str, usize, f64)]) -> Result<Self, Error> {
        check::not_empty("attributes", attributes)?;
        let names: Vec<&str> = attributes.iter().map(|(name, ..)| *name).collect();
        check::names("attributes", &names)?;
        for &(name, items, _) in attributes {
            check::range(format!("items of {name}"), items, 1..)?;
        }
        let attribute =
            |&(name, items, weight): &(&str, usize, f64)| Attribute { name: name.to_owned(), items, weight };
        let weights: Vec<f64> = attributes.iter().map(|(.., weight)| *weight).collect();
        Self(attributes.iter().map(attribute).collect()).with_weights(&weights)
    }

    /// Returns the five dimensions of SERVQUAL with its 22 items in their published order (4, 5, 4,
    /// 4, 5), weighted equally.
    ///
    /// The score of SERVQUAL, perceptions minus expectations, is the gap. See [`SERVQUAL_WEIGHTS`]
    /// for published weights.
    ///
    /// # References
    ///
    /// Parasuraman, A., Zeithaml, V. A. and Berry, L. L. (1988), "SERVQUAL: A Multiple-Item Scale
    /// for Measuring Consumer Perceptions of Service Quality", Journal of Retailing 64, 12-40.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_satisfaction::index::{Attributes, SERVQUAL_WEIGHTS};
    ///
    /// let servqual = Attributes::servqual().with_weights(&SERVQUAL_WEIGHTS)?;
    /// assert_eq!(servqual.attributes().iter().map(|dimension| dimension.items).sum::<usize>(), 22);
    /// # Ok::<(), crm_satisfaction::Error>(())
    /// ```
    #[must_use]
    pub fn servqual() -> Self {
        let dimensions =
            [("tangibles", 4), ("reliability", 5), ("responsiveness", 4), ("assurance", 4), ("empathy", 5)];
        let attribute =
            |(name, items): (&str, usize)| Attribute { name: name.to_owned(), items, weight: 1.0 };
        Self(dimensions.map(attribute).to_vec())
    }

    /// Returns the same attributes with other weights.
    ///
    /// # Errors
    ///
    /// [`InputError::Length`] unless there is one weight per attribute, [`InputError::Range`] for
    /// weights that are negative, not finite, greater than 1e100 or all 0.
    pub fn with_weights(mut self, weights: &[f64]) -> Result<Self, Error> {
        check::length("weights", weights.len(), self.0.len())?;
        check_weights(weights)?;
        check_squarable("weights", weights)?;
        for (attribute, weight) in self.0.iter_mut().zip(weights) {
            attribute.weight = *weight;
        }
        Ok(self)
    }

    /// Returns the attributes in their order.
    #[must_use]
    pub fn attributes(&self) -> &[Attribute] {
        &self.0
    }

    /// Computes the index of each attribute and of the whole, from one set of pairs per item: first
    /// the items of the first attribute, then those of the second.
    ///
    /// An attribute with an item that nobody answered is left out of the whole.
    ///
    /// # Formula
    ///
    /// With `b` and `a` the mean perception and expectation of an attribute (the means over its
    /// items) and `w` its weight: `ratio = sum(w b) / sum(w a)`,
    /// `mean_of_ratios = sum(w b/a) / sum(w)`, `gap = sum(w (b - a)) / sum(w)`.
    ///
    /// # Errors
    ///
    /// [`InputError::Length`] unless there is one set of pairs per item.
    pub fn index(&self, items: &[Pairs]) -> Result<AttributeIndex, Error> {
        check::length("sets of pairs", items.len(), self.0.iter().map(|attribute| attribute.items).sum())?;
        let mut rest = items;
        let mut scores = Vec::new();
        for attribute in &self.0 {
            let (own, others) = rest.split_at(attribute.items.min(rest.len()));
            rest = others;
            let means: Option<Vec<(f64, f64)>> =
                own.iter().map(|pairs| Some((pairs.mean_perceived()?, pairs.mean_expected()?))).collect();
            let mean = |pick: fn(&(f64, f64)) -> f64| {
                means.as_ref().map(|means| means.iter().map(pick).sum::<f64>() / means.len() as f64)
            };
            let (perceived, expected) = (mean(|pair| pair.0), mean(|pair| pair.1));
            let ratio = perceived.zip(expected).map(|(b, a)| b / a).filter(|ratio| ratio.is_finite());
            scores.push(AttributeScore {
                name: attribute.name.clone(),
                weight: attribute.weight,
                respondents: own.iter().map(Pairs::len).min().unwrap_or(0),
                perceived,
                expected,
                ratio,
                gap: perceived.zip(expected).map(|(b, a)| b - a),
            });
        }
        Ok(AttributeIndex::new(scores))
    }
}

/// Index and gap of one attribute.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct AttributeScore {
    /// Name of the attribute.
    pub name: String,
    /// Weight, as given.
    pub weight: f64,
    /// Number of pairs of the item with the fewest.
    pub respondents: usize,
    /// Mean perception; `None` if nobody answered one of the items.
    pub perceived: Option<f64>,
    /// Mean expectation.
    pub expected: Option<f64>,
    /// Perceived over expected.
    pub ratio: Option<f64>,
    /// Perceived minus expected.
    pub gap: Option<f64>,
}

/// Index and gap of each attribute and of the whole.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct AttributeIndex {
    /// One score per attribute.
    pub attributes: Vec<AttributeScore>,
    /// Weighted sum of perceptions over weighted sum of expectations.
    pub ratio: Option<f64>,
    /// Weighted mean of the ratios of the attributes.
    pub mean_of_ratios: Option<f64>,
    /// Weighted mean of the gaps.
    pub gap: Option<f64>,
}

impl AttributeIndex {
    fn new(attributes: Vec<AttributeScore>) -> Self {
        // Sum of weights and weighted sum over the attributes that have the figure.
        let sum = |figure: fn(&AttributeScore) -> Option<f64>| {
            attributes
                .iter()
                .filter_map(|score| Some((score.weight, figure(score)?)))
                .fold((0.0, 0.0), |(weights, sum), (weight, value)| (weights + weight, sum + weight * value))
        };
        let mean = |(weights, sum): (f64, f64)| (weights > 0.0).then(|| sum / weights);
        let (perceived, expected) = (sum(|score| score.perceived).1, sum(|score| score.expected).1);
        let ratio = Some(perceived / expected).filter(|ratio| ratio.is_finite());
        let mean_of_ratios = mean(sum(|score| score.ratio));
        let gap = mean(sum(|score| score.gap));
        Self { attributes, ratio, mean_of_ratios, gap }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;

    fn pairs(b: f64, a: f64) -> Pairs {
        Pairs::new(&[b, b], &[a, a]).unwrap()
    }

    #[test]
    fn servqual_takes_22_items_in_five_dimensions() {
        let items: Vec<Pairs> = (0..22).map(|item| pairs(if item < 4 { 3.0 } else { 6.0 }, 6.0)).collect();
        let index = Attributes::servqual().index(&items).unwrap();
        assert_eq!(index.attributes[0].gap, Some(-3.0));
        assert_eq!((index.gap, index.mean_of_ratios), (Some(-0.6), Some(0.9)));
        let text = Attributes::servqual().index(&items[1..]).unwrap_err().to_string();
        assert_eq!(text, "expected 22 sets of pairs, got 21");
    }

    #[test]
    fn both_means_differ_and_an_unanswered_attribute_is_left_out() {
        let attributes = Attributes::new(&[("x", 1, 1.0), ("y", 1, 1.0), ("z", 1, 5.0)]).unwrap();
        let index =
            attributes.index(&[pairs(1.0, 1.0), pairs(1.0, 4.0), Pairs::new(&[], &[]).unwrap()]).unwrap();
        assert_eq!((index.ratio, index.mean_of_ratios, index.gap), (Some(0.4), Some(0.625), Some(-1.5)));
        assert_eq!((index.attributes[2].ratio, index.attributes[2].respondents), (None, 0));
    }

    #[test]
    fn attributes_that_make_no_whole_are_refused() {
        let text = |list: &[(&str, usize, f64)]| Attributes::new(list).unwrap_err().to_string();
        assert_eq!(text(&[]), "attributes must not be empty");
        assert_eq!(text(&[("x", 1, 1.0), ("x", 1, 1.0)]), r#"attributes[1] repeats "x""#);
        assert_eq!(text(&[("x", 0, 1.0)]), "items of x must be at least 1, got 0");
        assert_eq!(text(&[("x", 1, 0.0)]), "sum of weights must be greater than 0, got 0");
    }
}
