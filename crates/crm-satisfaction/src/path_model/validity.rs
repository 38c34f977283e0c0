use super::Fitted;
use super::model::Latent;

/// How far two latent variables are the same thing under two names.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Heterotrait {
    /// The first latent variable.
    pub one: String,
    /// The second.
    pub other: String,
    /// The heterotrait-monotrait ratio; below 0.85 (0.90 for like things) is wanted. None where one of both has a single
    /// item, or items without correlation.
    pub ratio: Option<f64>,
}

impl Fitted {
    /// Returns the correlation of every item with the score of every latent variable: one row per item in the order of
    /// [`loadings`](Self::loadings), one column per latent variable in the order of [`latents`](Self::latents).
    ///
    /// An item that is closer to the score of another block than to its own measures something else than was meant.
    ///
    /// # Formula
    /// `sum over items k of block q of w_k r_jk`, w the weights of the standardised items and r their correlations.
    #[must_use]
    pub fn cross_loadings(&self) -> Vec<Vec<f64>> {
        let weights = &self.estimate.weights;
        let with = |item: usize, latent: &Latent| {
            let block = latent.first..latent.last;
            let own = block.clone().zip(weights.get(block).unwrap_or_default());
            own.map(|(other, weight)| weight * self.items.get(item, other)).sum::<f64>().clamp(-1.0, 1.0)
        };
        let row = |item: usize| self.model.latents.iter().map(|latent| with(item, latent)).collect();
        (0..self.model.items.len()).map(row).collect()
    }

    /// Returns the heterotrait-monotrait ratio of every pair of latent variables, in their order.
    ///
    /// # Formula
    /// Mean absolute correlation of the items of one with those of the other, over the geometric mean of the mean absolute
    /// correlations within each. Absolute, so that the wording of an item does not matter.
    ///
    /// # References
    /// Henseler, J., Ringle, C. M. and Sarstedt, M. (2015), "A new criterion for assessing discriminant validity in
    /// variance-based structural equation modeling", Journal of the Academy of Marketing Science 43, 115-135; absolute
    /// correlations as in Ringle, C. M. and others (2023), "A perspective on using partial least squares structural
    /// equation modelling in data articles", Data in Brief 48, 109074.
    #[must_use]
    pub fn heterotrait_monotrait(&self) -> Vec<Heterotrait> {
        let size = |one: usize, other: usize| self.items.get(one, other).abs();
        let mean =
            |sizes: Vec<f64>| (!sizes.is_empty()).then(|| sizes.iter().sum::<f64>() / sizes.len() as f64);
        let within = |latent: &Latent| {
            let block = latent.first..latent.last;
            let pairs = block.flat_map(|i| (latent.first..i).map(move |j| (i, j)));
            mean(pairs.map(|(i, j)| size(i, j)).collect())
        };
        let between = |one: &Latent, other: &Latent| {
            let pairs = (one.first..one.last).flat_map(|i| (other.first..other.last).map(move |j| (i, j)));
            mean(pairs.map(|(i, j)| size(i, j)).collect())
        };
        let latents = self.model.latents.iter();
        let pairs = latents
            .clone()
            .enumerate()
            .flat_map(|(at, one)| self.model.latents.iter().skip(at + 1).map(move |other| (one, other)));
        let ratio = |one: &Latent, other: &Latent| {
            let ratio = between(one, other)? / (within(one)? * within(other)?).sqrt();
            Some(ratio).filter(|ratio| ratio.is_finite())
        };
        pairs
            .map(|(one, other)| Heterotrait {
                one: one.name.clone(),
                other: other.name.clone(),
                ratio: ratio(one, other),
            })
            .collect()
    }
}
