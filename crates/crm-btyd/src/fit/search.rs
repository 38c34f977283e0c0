//! Search for the highest of several local maxima.
//!
//! A likelihood of these models often has more than one maximum, such as one explanation of the
//! data by early drop-out and another by rare purchases. A climb ends at the maximum of the basin
//! in which it starts, so that a search
//!
//! 1. evaluates the log-likelihood at every starting point of the model ([`PurchaseModel::starts`],
//!    a grid over purchase rates and drop-out);
//! 2. takes the best that lie apart from each other, and the optima of the simpler model
//!    ([`PurchaseModel::simpler`]);
//! 3. climbs from each of them, and keeps every maximum that it finds.
//!
//! If there are many distinct rows, all of this happens on a smaller sample of about the same
//! likelihood ([`Sample::coarse`]); climbs on all rows then start from the maxima found there, the
//! highest first, except if a maximum on all rows lies in the same basin of the smaller sample.
//!
//! A climb ends early if its next step leads to a known maximum, or if its potential gain leaves it
//! below anything of interest.

use crm_numbers::{EmptyError, InputError, check};

use super::newton::{self, Ahead, Point, Search};
use super::options::PurchaseOptions;
use super::terms::Terms;
use crate::{
    Error, PurchaseModel,
    models::{Sample, Simpler},
};
use crm_statistics::Termination;

/// Number of starting points for climbs.
const CLIMBS: usize = 4;
/// Number of starting points for climbs if rows are few, and a climb is cheap.
const CLIMBS_OF_FEW: usize = 8;
/// Starting points are distinct if a parameter of one is this many times that of the other, in
/// logarithms.
const APART: f64 = 1.0;
/// A climb within this distance of a known maximum, in logarithms of parameters, leads there.
const NEAR: f64 = 0.02;
/// Predicted gain at which a climb on a coarse sample ends, because the next climb is on all rows.
/// Maxima whose heights differ by a few times as much count as one there.
const ENOUGH_OF_COARSE: f64 = 0.03;
/// Maximum difference between the heights at which two climbs reach the same maximum.
pub(super) const AGREEMENT: f64 = 0.01;
/// Maximum number of iterations of a climb on a coarse sample.
const MOST_ON_COARSE: u32 = 25;
/// No climb on all rows starts from a maximum of a coarse sample that is this far below the best
/// one.
const COARSE: f64 = 25.0;
/// On all rows, a climb from a maximum of the coarse sample gains at most this much in ln L, or
/// this many times the gain of the first such climb.
const GAIN_ON_ALL: (f64, f64) = (5.0, 3.0);
/// A climb gains at most this many times the predicted gain of its next step, plus a little.
const GAIN_OF_CLIMB: (f64, f64) = (4.0, 0.5);
/// Iterations after which the predicted gain of a step indicates how a climb continues.
const SETTLED: u32 = 1;
/// If a larger model gains no more than this over the simpler one, its maximum may be near there.
const CLOSE: f64 = 2.0;

/// Maxima found by a search, the highest first.
#[derive(Debug, Clone)]
pub(super) struct Maxima {
    found: Vec<Search>,
    /// Maximum difference between the heights at which two climbs reach the same maximum.
    agreement: f64,
    /// A climb within this distance of a maximum, in logarithms of parameters, leads there.
    near: f64,
}

impl Maxima {
    /// Returns the highest maximum, and the others.
    pub(super) fn split(self) -> Option<(Search, Vec<Search>)> {
        let mut all = self.found.into_iter();
        all.next().map(|best| (best, all.collect()))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Search> {
        self.found.iter()
    }

    pub(super) fn best(&self) -> Option<&Search> {
        self.found.first()
    }

    fn none_yet(agreement: f64, near: f64) -> Self {
        Maxima { found: Vec::new(), agreement, near }
    }

    fn height(&self) -> f64 {
        self.best().map_or(f64::NEG_INFINITY, |best| best.top.ln_likelihood)
    }

    /// Adds the end of a climb, unless it is a known maximum.
    fn add(&mut self, search: Search) {
        let height = search.top.ln_likelihood;
        let agreement = self.agreement;
        let same = |other: &&mut Search| (other.top.ln_likelihood - height).abs() <= agreement;
        if let Some(other) = self.found.iter_mut().find(same) {
            let gain = height - other.top.ln_likelihood;
            let arrives =
                search.termination == Termination::Converged && other.termination != Termination::Converged;
            // Of two climbs to one maximum, the one that has converged takes precedence, then the
            // higher one.
            if gain > 1e-7 || (arrives && gain >= -1e-7) {
                *other = search;
            }
        } else {
            self.found.push(search);
        }
        self.found.sort_by(|a, b| b.top.ln_likelihood.total_cmp(&a.top.ln_likelihood));
    }

    /// Returns whether a step leads to a known maximum: it starts near it, or is predicted to end
    /// there.
    fn leads_here(&self, ahead: &Ahead<'_>) -> bool {
        let Ahead { here, theta, promised, whole, .. } = *ahead;
        self.found.iter().any(|known| {
            let below = known.top.ln_likelihood - here.ln_likelihood;
            let ends_there = whole
                && newton::distance(&known.top.theta, theta) <= self.near
                && (below - promised).abs() <= self.agreement + 0.2 * promised;
            known.termination == Termination::Converged
                && below >= 0.0
                && (ends_there || newton::distance(&known.top.theta, &here.theta) <= self.near)
        })
    }
}

/// Climbs on one sample.
struct Climber<'a, M: PurchaseModel> {
    data: &'a M::Data,
    terms: &'a Terms<M>,
    /// Maximum number of iterations, and the predicted gain at which a climb ends.
    limits: (u32, f64),
    maxima: Maxima,
    /// Maxima below this are of no interest.
    floor: f64,
}

impl<M: PurchaseModel> Climber<'_, M> {
    /// Climbs from a starting point; does nothing if that leads to a known maximum, or to one that
    /// is too low.
    fn climb(&mut self, start: &[f64]) {
        if let Some(here) = self.terms.point(start, self.data) {
            self.climb_from(here);
        }
    }

    /// Climbs from a starting point with known derivatives.
    fn climb_from(&mut self, here: Point) {
        let at = |theta: &[f64]| self.terms.point(theta, self.data);
        let is_low = |ahead: &Ahead<'_>| {
            let most = GAIN_OF_CLIMB.0 * ahead.promised + GAIN_OF_CLIMB.1;
            ahead.iterations >= SETTLED && ahead.here.ln_likelihood + most < self.floor
        };
        let useless = |ahead: &Ahead<'_>| is_low(ahead) || self.maxima.leads_here(ahead);
        if let Some(found) = newton::search_from(here, self.limits, at, useless) {
            self.maxima.add(found);
        }
    }

    /// Returns whether a climb from a starting point leads to this maximum.
    fn leads_to(&self, start: &[f64], sketch: &Search) -> bool {
        let Maxima { agreement, near, .. } = self.maxima;
        let target = Maxima { found: vec![sketch.clone()], agreement, near };
        let at = |theta: &[f64]| self.terms.point(theta, self.data);
        let end = newton::search_unless(start, self.limits, at, |ahead| target.leads_here(ahead));
        end.is_none_or(|end| (end.top.ln_likelihood - sketch.top.ln_likelihood).abs() <= agreement)
    }
}

/// Climbs from one starting point on all rows; runs the global search if it does not converge.
pub(super) fn from_start<M: PurchaseModel>(
    kind: &M,
    data: &M::Data,
    options: &PurchaseOptions,
    start: &[f64],
) -> Result<(Search, Terms<M>), Error> {
    let terms = checked_terms(kind, data, options)?;
    check_start::<M>(start)?;
    let from = terms.relative(start);
    terms.model(&from)?;
    let search = newton::search(&from, options.max_iterations, |theta| terms.point(theta, data));
    match search {
        Some(search) if search.termination == Termination::Converged => Ok((search, terms)),
        _ => {
            let options = options.clone().with_start(start);
            let maxima = everywhere::<M>(data, &options, &terms, kind.simpler(data).as_ref())?;
            let (best, _) = maxima.split().ok_or(Error::NoStart { model: M::NAME })?;
            Ok((best, terms))
        }
    }
}

/// Returns the terms of a fit, after checking that there are data.
pub(super) fn checked_terms<M: PurchaseModel>(
    kind: &M,
    data: &M::Data,
    options: &PurchaseOptions,
) -> Result<Terms<M>, Error> {
    if data.customers() == 0 {
        return Err(InputError::from(EmptyError::new(M::Data::WHAT)).into());
    }
    options.check()?;
    Terms::new(*kind, options, data)
}

fn check_start<M: PurchaseModel>(start: &[f64]) -> Result<(), Error> {
    Ok(check::length("parameters of a start", start.len(), M::PARAMETERS.len())?)
}

/// Returns the maxima reached by climbs from every basin and from the starting points of the
/// options; if rows are many, without those far below the highest.
pub(super) fn everywhere<M: PurchaseModel>(
    data: &M::Data,
    options: &PurchaseOptions,
    terms: &Terms<M>,
    simpler: Option<&Simpler<M>>,
) -> Result<Maxima, Error> {
    options.starts.iter().try_for_each(|start| check_start::<M>(start))?;
    let relative = |model: &M| terms.relative(model.theta().as_ref());
    let own: Vec<Vec<f64>> = options.starts.iter().map(|start| terms.relative(start)).collect();
    let nested: Vec<Vec<f64>> =
        simpler.iter().flat_map(|simpler| simpler.starts.iter().map(relative)).collect();
    let grid = grid::<M>(data, terms);
    // Options that the model cannot have are reported before the search.
    if let Some(start) = own.first().or(grid.first()) {
        terms.model(start)?;
    }

    // Maxima of a larger model below the simpler one explain nothing.
    let simplest = simpler.filter(|_| terms.is_plain()).map_or(f64::NEG_INFINITY, |it| it.ln_likelihood);
    let limits = (options.max_iterations, newton::NO_GAIN);
    let maxima = Maxima::none_yet(AGREEMENT, NEAR);
    let mut climber = Climber::<M> { data, terms, limits, maxima, floor: f64::NEG_INFINITY };
    // If there are few starting points, climbs start from all of them.
    let screens = grid.len() > CLIMBS;
    let mut climbed = 0;
    if let Some(coarse) = screens.then(|| data.coarse()).flatten() {
        climbed = by_sketch(&mut climber, &coarse, &grid, &nested, simplest);
    } else {
        let chosen = if screens { promising::<M>(&grid, terms, data, CLIMBS_OF_FEW) } else { grid };
        chosen.iter().chain(&nested).for_each(|start| climber.climb(start));
    }
    climber.floor = f64::NEG_INFINITY;
    own.iter().for_each(|start| climber.climb(start));
    // A model is never below the simpler one that it contains, and may be a little above it.
    if climber.maxima.height() < simplest + CLOSE {
        nested.iter().skip(climbed).for_each(|start| climber.climb(start));
    }
    Ok(climber.maxima)
}

/// Climbs on a coarse sample, and on all rows from the maxima found there; also from a number of
/// the optima of the simpler model.
fn by_sketch<M: PurchaseModel>(
    all: &mut Climber<'_, M>,
    coarse: &M::Data,
    grid: &[Vec<f64>],
    nested: &[Vec<f64>],
    simplest: f64,
) -> usize {
    let terms = all.terms;
    let limits = (all.limits.0.min(MOST_ON_COARSE), ENOUGH_OF_COARSE);
    let maxima = Maxima::none_yet(5.0 * ENOUGH_OF_COARSE, 5.0 * NEAR);
    let mut sketch = Climber::<M> { data: coarse, terms, limits, maxima, floor: f64::NEG_INFINITY };
    promising::<M>(grid, terms, coarse, CLIMBS).iter().for_each(|start| sketch.climb(start));
    // If the simpler model is far worse, its optima are poor starting points.
    for start in nested {
        let height = terms.height(start, coarse);
        if height.is_some_and(|height| sketch.maxima.height() - height <= COARSE) {
            sketch.climb(start);
        }
    }
    let competes = |found: &&Search| sketch.maxima.height() - found.top.ln_likelihood <= COARSE;
    // Possible starting points of a climb: their derivatives give their height, and serve the first
    // step.
    let begin = |found: &'_ Search| Some((terms.point(&found.top.theta, all.data)?, Some(found.clone())));
    let mut begun: Vec<(Point, Option<Search>)> =
        sketch.maxima.iter().filter(competes).filter_map(begin).collect();
    // The optimum of the simpler model is exact on all rows, whereas that of a coarse sample may be
    // off.
    let highest = begun.iter().map(|begun| begun.0.ln_likelihood).fold(f64::NEG_INFINITY, f64::max);
    let first = nested.first().filter(|_| highest - simplest <= COARSE);
    begun.extend(first.and_then(|start| Some((terms.point(start, all.data)?, None))));
    begun.sort_by(|a, b| b.0.ln_likelihood.total_cmp(&a.0.ln_likelihood));
    let (mut climbed, mut most) = (0, None::<f64>);
    for (start, sketched) in begun {
        let height = start.ln_likelihood;
        if most.is_some_and(|most| height + most < all.maxima.height()) {
            break;
        }
        let known =
            |sketched: &Search| all.maxima.iter().any(|found| sketch.leads_to(&found.top.theta, sketched));
        let is_sketch = sketched.is_some();
        if sketched.is_some_and(|sketched| known(&sketched)) {
            continue;
        }
        all.climb_from(start);
        climbed += usize::from(!is_sketch);
        if all.maxima.best().is_some() {
            all.floor = (simplest + AGREEMENT).max(all.maxima.height() - COARSE);
        }
        if is_sketch {
            most.get_or_insert((GAIN_ON_ALL.1 * (all.maxima.height() - height)).max(GAIN_ON_ALL.0));
        }
    }
    climbed
}

/// Returns the starting points of the model, in the form used by the search.
pub(super) fn grid<M: PurchaseModel>(data: &M::Data, terms: &Terms<M>) -> Vec<Vec<f64>> {
    terms.kind().starts(data).iter().map(|start| terms.relative(start.theta().as_ref())).collect()
}

/// Returns the best of the distinct starting points.
pub(super) fn promising<M: PurchaseModel>(
    grid: &[Vec<f64>],
    terms: &Terms<M>,
    data: &M::Data,
    most: usize,
) -> Vec<Vec<f64>> {
    let mut screened: Vec<(f64, &Vec<f64>)> = grid
        .iter()
        .filter_map(|start| Some((terms.height(start, data)?, start)))
        .filter(|(height, _)| height.is_finite())
        .collect();
    screened.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut chosen: Vec<Vec<f64>> = Vec::new();
    for (_, start) in screened {
        if chosen.len() >= most {
            break;
        }
        if chosen.iter().all(|other| newton::distance(start, other) >= APART) {
            chosen.push(start.clone());
        }
    }
    chosen
}
