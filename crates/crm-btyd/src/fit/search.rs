//! The search for the highest of several local maxima.
//!
//! A likelihood of these models often has more than one maximum: one explanation of the data by early
//! drop-out, say, and another by rare purchases. A climb ends at the maximum of the basin it begins in,
//! so that a search
//!
//! 1. evaluates the log-likelihood at every starting point of the model ([`Model::starts`], a grid over
//!    purchase rates and drop-out);
//! 2. takes the best that lie apart from each other, and the optima of the simpler model
//!    ([`Model::simpler`]);
//! 3. climbs from each of them, and keeps every maximum that it finds.
//!
//! Where there are many distinct rows, all of this happens on a smaller sample of about the same
//! likelihood ([`Sample::coarse`]); the maxima found there are then climbed from on all rows.

use super::Stop;
use super::newton::{self, Point, Search};
use super::options::FitOptions;
use super::terms::Terms;
use crate::{Error, Model, Sample, Simpler};

/// Number of starting points that are climbed from.
const CLIMBS: usize = 4;
/// Starting points are apart where a parameter of one is this many times that of the other, in
/// logarithms.
const APART: f64 = 1.0;
/// A climb this near to a known maximum, in logarithms of parameters, leads there.
const NEAR: f64 = 0.02;
/// The promise of gain at which a climb on a coarse sample ends: the next one is on all rows. Maxima whose
/// heights differ by a few times as much are one there.
const ENOUGH_OF_COARSE: f64 = 0.03;
/// Heights of one maximum that two climbs reach differ by less.
pub(super) const AGREEMENT: f64 = 0.01;
/// A maximum of a coarse sample that lies this far below the best one is not climbed from on all rows.
const COARSE: f64 = 25.0;
/// On all rows, a climb from a maximum of the coarse sample gains at most so much in ln L, or so many
/// times what the first such climb has gained.
const GAIN_ON_ALL: (f64, f64) = (5.0, 3.0);
/// Where a larger model gains no more than this on the simpler one, its maximum may be near there.
const CLOSE: f64 = 2.0;

/// The maxima that a search has found, the highest first.
#[derive(Debug, Clone)]
pub(super) struct Maxima {
    found: Vec<Search>,
    /// Heights of one maximum that two climbs reach differ by less.
    agreement: f64,
    /// A climb this near to a maximum, in logarithms of parameters, leads there.
    near: f64,
}

impl Maxima {
    /// The highest, and the others.
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

    /// Adds the end of a climb, unless it is a maximum known already.
    fn add(&mut self, search: Search) {
        let height = search.top.ln_likelihood;
        let agreement = self.agreement;
        let same = |other: &&mut Search| (other.top.ln_likelihood - height).abs() <= agreement;
        if let Some(other) = self.found.iter_mut().find(same) {
            let gain = height - other.top.ln_likelihood;
            let arrives = search.stop == Stop::Converged && other.stop != Stop::Converged;
            // Of two climbs to one maximum, the one that has arrived, and then the higher one.
            if gain > 1e-7 || (arrives && gain >= -1e-7) {
                *other = search;
            }
        } else {
            self.found.push(search);
        }
        self.found.sort_by(|a, b| b.top.ln_likelihood.total_cmp(&a.top.ln_likelihood));
    }

    fn leads_here(&self, point: &Point) -> bool {
        self.found.iter().any(|known| {
            known.stop == Stop::Converged
                && known.top.is_near(point, self.near)
                && point.ln_likelihood <= known.top.ln_likelihood
        })
    }
}

/// A climb from one start on all rows; the global search where it does not converge.
pub(super) fn from_start<M: Model>(
    data: &M::Data,
    options: &FitOptions,
    start: &[f64],
) -> Result<(Search, Terms), Error> {
    let terms = checked_terms::<M>(data, options)?;
    check_start::<M>(start)?;
    let from = terms.relative(start);
    terms.model::<M>(&from)?;
    let search = newton::search(&from, options.max_iterations, |theta| terms.point::<M>(theta, data));
    match search {
        Some(search) if search.stop == Stop::Converged => Ok((search, terms)),
        _ => {
            let options = options.clone().with_start(start);
            let maxima = everywhere::<M>(data, &options, &terms, M::simpler(data).as_ref())?;
            let (best, _) = maxima.split().ok_or(Error::NoStart { model: M::NAME })?;
            Ok((best, terms))
        }
    }
}

/// The terms of a fit to data that exist.
pub(super) fn checked_terms<M: Model>(data: &M::Data, options: &FitOptions) -> Result<Terms, Error> {
    if data.customers() == 0 {
        return Err(Error::NoData { model: M::NAME, what: M::Data::WHAT });
    }
    Terms::of::<M>(options, data)
}

fn check_start<M: Model>(start: &[f64]) -> Result<(), Error> {
    let wrong =
        start.len() != M::PARAMETERS.len() || start.iter().any(|theta| !theta.is_finite() || *theta <= 0.0);
    if wrong { Err(Error::Start { model: M::NAME, start: start.to_vec() }) } else { Ok(()) }
}

/// The maxima that climbs from every basin reach, and those from the starts of the options; where rows
/// are many, without those that lie far below the highest.
pub(super) fn everywhere<M: Model>(
    data: &M::Data,
    options: &FitOptions,
    terms: &Terms,
    simpler: Option<&Simpler<M>>,
) -> Result<Maxima, Error> {
    options.starts.iter().try_for_each(|start| check_start::<M>(start))?;
    let relative = |model: &M| terms.relative(model.theta().as_ref());
    let own: Vec<Vec<f64>> = options.starts.iter().map(|start| terms.relative(start)).collect();
    let nested: Vec<Vec<f64>> =
        simpler.iter().flat_map(|simpler| simpler.starts.iter().map(relative)).collect();
    let grid = grid::<M>(data, terms);
    // Terms that the model cannot have are told, and not searched around.
    if let Some(start) = own.first().or(grid.first()) {
        terms.model::<M>(start)?;
    }

    let mut maxima = Maxima::none_yet(AGREEMENT, NEAR);
    let climb = |start: &[f64], (data, enough): (&M::Data, f64), maxima: &mut Maxima| {
        let at = |theta: &[f64]| terms.point::<M>(theta, data);
        let limits = (options.max_iterations, enough);
        if let Some(found) = newton::search_unless(start, limits, at, |here| maxima.leads_here(here)) {
            maxima.add(found);
        }
    };
    let all = (data, newton::NO_GAIN);
    // Few starting points are climbed from as they are.
    let coarse = if grid.len() > CLIMBS { data.coarse() } else { None };
    if let Some(coarse) = coarse {
        let mut sketched = Maxima::none_yet(5.0 * ENOUGH_OF_COARSE, 5.0 * NEAR);
        for start in promising::<M>(&grid, terms, &coarse, CLIMBS) {
            climb(&start, (&coarse, ENOUGH_OF_COARSE), &mut sketched);
        }
        // Where the simpler model is far from enough, its optima are no place to begin.
        for start in &nested {
            let height = terms.height::<M>(start, &coarse);
            if height.is_some_and(|height| sketched.height() - height <= COARSE) {
                climb(start, (&coarse, ENOUGH_OF_COARSE), &mut sketched);
            }
        }
        let competes = |sketch: &&Search| sketched.height() - sketch.top.ln_likelihood <= COARSE;
        let height =
            |sketch: &Search| Some((terms.height::<M>(&sketch.top.theta, data)?, sketch.top.theta.clone()));
        let mut begun: Vec<(f64, Vec<f64>)> = sketched.iter().filter(competes).filter_map(height).collect();
        begun.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut most: Option<f64> = None;
        for (height, start) in begun {
            if most.is_some_and(|most| height + most < maxima.height()) {
                break;
            }
            climb(&start, all, &mut maxima);
            most.get_or_insert((GAIN_ON_ALL.1 * (maxima.height() - height)).max(GAIN_ON_ALL.0));
        }
    } else if grid.len() > CLIMBS {
        for start in promising::<M>(&grid, terms, data, CLIMBS).iter().chain(&nested) {
            climb(start, all, &mut maxima);
        }
    } else {
        for start in grid.iter().chain(&nested) {
            climb(start, all, &mut maxima);
        }
    }
    for start in &own {
        climb(start, all, &mut maxima);
    }
    // A model is never below the simpler one that it contains, and may be a little above it.
    let height = maxima.height();
    if terms.is_plain() && simpler.is_some_and(|simpler| height < simpler.ln_likelihood + CLOSE) {
        for start in &nested {
            climb(start, all, &mut maxima);
        }
    }
    Ok(maxima)
}

/// The model's own starting points, as what is searched for.
pub(super) fn grid<M: Model>(data: &M::Data, terms: &Terms) -> Vec<Vec<f64>> {
    M::starts(data).iter().map(|start| terms.relative(start.theta().as_ref())).collect()
}

/// The best of the starting points that lie apart from each other.
pub(super) fn promising<M: Model>(
    grid: &[Vec<f64>],
    terms: &Terms,
    data: &M::Data,
    most: usize,
) -> Vec<Vec<f64>> {
    let mut screened: Vec<(f64, &Vec<f64>)> = grid
        .iter()
        .filter_map(|start| Some((terms.height::<M>(start, data)?, start)))
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
