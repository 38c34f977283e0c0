use std::borrow::Cow;

use crm_numbers::{InputError, UnknownNameError};

use super::newton::Point;
use super::options::{NamedPrior, PurchaseOptions};
use super::prior::Prior;
use crate::{Error, PurchaseModel, models::Derivatives};

/// Role of a parameter in a fit.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ParameterRole {
    /// The parameter was fitted.
    Free,
    /// The parameter equals another one, which was fitted.
    Equal(Cow<'static, str>),
    /// The parameter was fixed.
    Fixed,
}

/// The parameters of a model under the terms of a fit: which are searched for, in units of which
/// scales, and what is added to the likelihood.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Terms<M> {
    /// Whatever else distinguishes the model than its parameters.
    kind: M,
    places: Vec<Source>,
    /// The scales of what is searched for.
    pub(super) scales: Vec<f64>,
    priors: Vec<(usize, Prior)>,
}

/// Where a parameter's value comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Source {
    /// The number of what is searched for.
    Free(usize),
    Fixed(f64),
}

#[allow(clippy::indexing_slicing, reason = "indices are those of parameters, and of what is searched for")]
impl<M: PurchaseModel> Terms<M> {
    pub(super) fn new(kind: M, options: &PurchaseOptions, data: &M::Data) -> Result<Self, Error> {
        let n = M::PARAMETERS.len();
        // Parameters that are one have one leader, the first of them.
        let mut leaders: Vec<usize> = (0..n).collect();
        for [one, other] in &options.equal {
            let (one, other) = (number::<M>(one)?, number::<M>(other)?);
            let (a, b) = (leaders[one], leaders[other]);
            leaders.iter_mut().filter(|leader| **leader == a.max(b)).for_each(|leader| *leader = a.min(b));
        }
        let mut known: Vec<Option<f64>> = vec![None; n];
        for (name, value) in &options.fixed {
            let slot = &mut known[leaders[number::<M>(name)?]];
            if let Some(other) = slot.filter(|other| other.to_bits() != value.to_bits()) {
                return Err(Error::FixedTwice {
                    model: M::NAME,
                    name: name.clone(),
                    one: other,
                    other: *value,
                });
            }
            *slot = Some(*value);
        }
        let scales = M::scales(data);
        let mut terms = Terms { kind, places: Vec::new(), scales: Vec::new(), priors: Vec::new() };
        for (i, &leader) in leaders.iter().enumerate() {
            let place = match (known[leader], terms.places.get(leader)) {
                (Some(value), _) => Source::Fixed(value),
                (None, Some(place)) => *place,
                (None, None) => {
                    terms.scales.push(scales[i]);
                    Source::Free(terms.scales.len() - 1)
                }
            };
            terms.places.push(place);
        }
        for NamedPrior { parameter, prior } in &options.priors {
            terms.priors.push((number::<M>(parameter)?, *prior));
        }
        Ok(terms)
    }

    /// The kind of model, with any parameters.
    pub(super) fn kind(&self) -> &M {
        &self.kind
    }

    /// Number of what is searched for.
    pub(super) fn free(&self) -> usize {
        self.scales.len()
    }

    /// Whether nothing but the likelihood decides about every parameter.
    pub(super) fn is_plain(&self) -> bool {
        self.free() == self.places.len() && self.priors.is_empty()
    }

    /// What is searched for, where a search begins at these parameters: of those that are one,
    /// their geometric mean.
    pub(super) fn relative(&self, theta: &[f64]) -> Vec<f64> {
        let mut sums = vec![(0.0, 0.0); self.free()];
        for (place, theta) in self.places.iter().zip(theta) {
            if let Source::Free(i) = *place {
                sums[i] = (sums[i].0 + theta.ln(), sums[i].1 + 1.0);
            }
        }
        sums.iter().zip(&self.scales).map(|(sum, scale)| (sum.0 / sum.1).exp() / scale).collect()
    }

    /// The parameters.
    pub(super) fn theta(&self, relative: &[f64]) -> Vec<f64> {
        let value = |place: &Source| match *place {
            Source::Free(i) => relative[i] * self.scales[i],
            Source::Fixed(value) => value,
        };
        self.places.iter().map(value).collect()
    }

    /// The model, or why there is none.
    pub(super) fn model(&self, relative: &[f64]) -> Result<M, Error> {
        let theta =
            M::Theta::try_from(&self.theta(relative)).map_err(|_| Error::NoStart { model: M::NAME })?;
        self.kind.with_theta(theta)
    }

    /// ln of the priors.
    pub(super) fn ln_prior(&self, theta: &[f64]) -> f64 {
        let of = |(i, prior): &(usize, Prior)| prior.ln_density(theta[*i]);
        self.priors.iter().map(of).sum()
    }

    /// The logarithm of likelihood times priors; `None` where there is no such model.
    pub(super) fn height(&self, relative: &[f64], data: &M::Data) -> Option<f64> {
        let model = self.model(relative).ok()?;
        Some(model.ln_likelihood(data) + self.ln_prior(&self.theta(relative)))
    }

    /// ln of likelihood times priors, with its derivatives by the logarithms of what is searched
    /// for; `None` where it is not finite.
    pub(super) fn point(&self, relative: &[f64], data: &M::Data) -> Option<Point> {
        let model = self.model(relative).ok()?;
        let theta = self.theta(relative);
        self.weighed(relative, &theta, in_logarithms(model.derivatives(data), &theta))
    }

    /// A place in a search: adds the priors to derivatives by the logarithms of all parameters, and
    /// takes together what is searched for as one. What the derivatives have beyond the parameters
    /// is searched for as it is.
    pub(super) fn weighed(&self, place: &[f64], theta: &[f64], derivatives: Derivatives) -> Option<Point> {
        let Derivatives { mut ln_likelihood, mut gradient, mut hessian } = derivatives;
        for (i, prior) in &self.priors {
            let (ln, slope, bend) = prior.with_slopes(theta[*i]);
            ln_likelihood += ln;
            gradient[*i] += slope;
            hessian[*i][*i] += bend;
        }
        let finite = ln_likelihood.is_finite()
            && gradient.iter().chain(hessian.iter().flatten()).all(|derivative| derivative.is_finite());
        if !finite {
            return None;
        }
        if self.free() < self.places.len() {
            (gradient, hessian) = self.reduced(&gradient, &hessian);
        }
        Some(Point { theta: place.to_vec(), ln_likelihood, gradient, hessian })
    }

    /// Sums over the parameters that are one, without those that are known.
    fn reduced(&self, gradient: &[f64], hessian: &[Vec<f64>]) -> (Vec<f64>, Vec<Vec<f64>>) {
        let beyond = gradient.len().saturating_sub(self.places.len());
        let n = self.free() + beyond;
        let places: Vec<Source> =
            self.places.iter().copied().chain((self.free()..n).map(Source::Free)).collect();
        let (mut slopes, mut bends) = (vec![0.0; n], vec![vec![0.0; n]; n]);
        for ((place, slope), row) in places.iter().zip(gradient).zip(hessian) {
            let Source::Free(i) = *place else { continue };
            slopes[i] += slope;
            for (place, entry) in places.iter().zip(row) {
                if let Source::Free(j) = *place {
                    bends[i][j] += entry;
                }
            }
        }
        (slopes, bends)
    }

    /// A matrix over all parameters from one over what is searched for: zero where one of two is
    /// known.
    pub(super) fn expanded(&self, matrix: &[Vec<Option<f64>>]) -> Vec<Vec<Option<f64>>> {
        let entry = |one: &Source, other: &Source| match (*one, *other) {
            (Source::Free(i), Source::Free(j)) => matrix[i][j],
            _ => Some(0.0),
        };
        self.places.iter().map(|one| self.places.iter().map(|other| entry(one, other)).collect()).collect()
    }

    /// Role of each parameter.
    pub(super) fn roles(&self) -> Vec<ParameterRole> {
        let role = |(i, place): (usize, &Source)| match place {
            Source::Fixed(_) => ParameterRole::Fixed,
            Source::Free(_) => match self.places.iter().position(|other| other == place) {
                Some(first) if first < i => ParameterRole::Equal(M::PARAMETERS[first].into()),
                _ => ParameterRole::Free,
            },
        };
        self.places.iter().enumerate().map(role).collect()
    }

    /// The name of what is searched for: that of the first of its parameters.
    pub(super) fn name(&self, free: usize) -> &'static str {
        let first = self.places.iter().position(|place| *place == Source::Free(free));
        first.map_or("", |first| M::PARAMETERS[first])
    }
}

/// The number of a parameter by its name.
pub(super) fn number<M: PurchaseModel>(name: &str) -> Result<usize, Error> {
    M::PARAMETERS.iter().position(|known| *known == name).ok_or_else(|| {
        let kind = format!("parameter of {}", M::NAME);
        InputError::from(UnknownNameError::new(kind, name, M::PARAMETERS)).into()
    })
}

/// Derivatives by the logarithms of the parameters.
#[allow(clippy::indexing_slicing, reason = "there is a derivative per parameter")]
pub(super) fn in_logarithms(derivatives: Derivatives, theta: &[f64]) -> Derivatives {
    let Derivatives { ln_likelihood, mut gradient, mut hessian } = derivatives;
    debug_assert_eq!(gradient.len(), theta.len());
    for (i, row) in hessian.iter_mut().enumerate() {
        for (j, entry) in row.iter_mut().enumerate() {
            *entry *= theta[i] * theta[j];
            if i == j {
                *entry += gradient[i] * theta[i];
            }
        }
    }
    gradient.iter_mut().zip(theta).for_each(|(slope, theta)| *slope *= theta);
    Derivatives { ln_likelihood, gradient, hessian }
}
