use super::PathModelFit;
use super::model::Latent;

/// The heterotrait-monotrait ratio of two latent variables, which is high if they measure the same.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Heterotrait {
    /// First latent variable.
    pub one: String,
    /// Second latent variable.
    pub other: String,
    /// Ratio; should be below 0.85 (0.90 for similar concepts). `None` if one of the two has a
    /// single item, or items without correlation.
    pub ratio: Option<f64>,
}

impl PathModelFit {
    /// Returns the correlation of each item with the score of each latent variable: one row per
    /// item in the order of [`loadings`](Self::loadings), one column per latent variable in the
    /// order of [`latents`](Self::latents).
    ///
    /// An item with a higher correlation with the score of another block than with that of its own
    /// measures something else than intended.
    ///
    /// # Formula
    ///
    /// `sum over items k of block q of w_k r_jk`, `w` the weights of the standardized items and `r`
    /// their correlations.
    #[must_use]
    #[allow(clippy::indexing_slicing, reason = "blocks are ranges of items")]
    pub fn cross_loadings(&self) -> Vec<Vec<f64>> {
        let weights = &self.estimate.weights;
        let with = |item: usize, latent: &Latent| {
            let own = latent.block().zip(&weights[latent.block()]);
            own.map(|(other, weight)| weight * self.items.get(item, other)).sum::<f64>().clamp(-1.0, 1.0)
        };
        let row = |item: usize| self.model.latents.iter().map(|latent| with(item, latent)).collect();
        (0..self.model.items.len()).map(row).collect()
    }

    /// Returns the heterotrait-monotrait ratio of each pair of latent variables, in their order.
    ///
    /// # Formula
    ///
    /// Mean absolute correlation of the items of one with those of the other, over the geometric
    /// mean of the mean absolute correlations within each. Absolute, so that the direction of the
    /// wording has no influence.
    ///
    /// # References
    ///
    /// Henseler, J., Ringle, C. M. and Sarstedt, M. (2015), "A new criterion for assessing
    /// discriminant validity in variance-based structural equation modeling", Journal of the
    /// Academy of Marketing Science 43, 115-135; absolute correlations as in Ringle, C. M. and
    /// others (2023), "A perspective on using partial least squares structural equation modelling
    /// in data articles", Data in Brief 48, 109074.
    #[must_use]
    pub fn heterotrait_monotrait(&self) -> Vec<Heterotrait> {
        let size = |one: usize, other: usize| self.items.get(one, other).abs();
        let mean =
            |sizes: Vec<f64>| (!sizes.is_empty()).then(|| sizes.iter().sum::<f64>() / sizes.len() as f64);
        let within = |latent: &Latent| {
            let pairs = latent.block().flat_map(|i| (latent.first..i).map(move |j| (i, j)));
            mean(pairs.map(|(i, j)| size(i, j)).collect())
        };
        let between = |one: &Latent, other: &Latent| {
            let pairs = one.block().flat_map(|i| other.block().map(move |j| (i, j)));
            mean(pairs.map(|(i, j)| size(i, j)).collect())
        };
        let ratio = |one: &Latent, other: &Latent| {
            let ratio = between(one, other)? / (within(one)? * within(other)?).sqrt();
            Some(ratio).filter(|ratio| ratio.is_finite())
        };
        let latents = &self.model.latents;
        let pairs = latents
            .iter()
            .enumerate()
            .flat_map(|(index, one)| latents.iter().skip(index + 1).map(move |other| (one, other)));
        pairs
            .map(|(one, other)| Heterotrait {
                one: one.name.clone(),
                other: other.name.clone(),
                ratio: ratio(one, other),
            })
            .collect()
    }
}
