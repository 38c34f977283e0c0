//! One run of the Baum-Welch algorithm: plain, or with extrapolated steps.

use super::maximize::{improved, improved_within};
use super::meaning::Meaning;
use super::{CountLaw, HmmModel, HmmOptions, Sequences, SpendLaw};
use crate::error::Error;
use crm_numbers::check;
use crm_statistics::Termination;

pub(super) struct Climb {
    pub(super) model: HmmModel,
    /// Log-likelihood of each model of the run; the last one is that of `model`.
    pub(super) values: Vec<f64>,
    pub(super) termination: Termination,
}

impl Climb {
    pub(super) fn reached(&self) -> f64 {
        self.values.last().copied().unwrap_or(f64::NEG_INFINITY)
    }
}

/// Returns a log-likelihood, or an error if it is not finite.
fn finite(value: f64) -> Result<f64, Error> {
    Ok(check::range("log-likelihood", value, ..)?)
}

/// Runs plain steps without constraints.
pub(super) fn climb(start: HmmModel, data: &Sequences, options: &HmmOptions) -> Result<Climb, Error> {
    let (mut model, mut values) = (start, Vec::new());
    loop {
        let (value, next) = improved(&model, data);
        let gain = values.last().map_or(f64::INFINITY, |before| value - before);
        values.push(finite(value)?);
        if gain <= options.tolerance * value.abs() {
            return Ok(Climb { model, values, termination: Termination::Converged });
        }
        if values.len() > options.max_iterations {
            return Ok(Climb { model, values, termination: Termination::MaxIterations });
        }
        model = next;
    }
}

/// A run under constraints that can be interrupted: every third step starts from a point
/// extrapolated from the two before it.
///
/// # Formula
///
/// `x = x0 - 2 a r + a^2 v` with `r = x1 - x0`, `v = x2 - 2 x1 + x0` and `a = -|r| / |v|`.
///
/// `x0`, `x1` and `x2` are the logarithms of the parameters after successive plain steps; a plain
/// step from `x` keeps the constraints. If that does not raise the likelihood, the run continues
/// from `x2`.
///
/// # References
///
/// Varadhan, R. and Roland, C. (2008), "Simple and Globally Convergent Methods for Accelerating the
/// Convergence of Any EM Algorithm", Scandinavian Journal of Statistics 35, 335-353, scheme SqS3.
pub(super) struct Climber {
    climb: Climb,
    /// The model one plain step after the last one.
    next: HmmModel,
    multipliers: Vec<f64>,
    steps: usize,
    longest: f64,
    /// Number of successive rounds that gained less than the tolerance.
    quiet: u32,
    ended: bool,
}

impl Climber {
    pub(super) fn new(start: HmmModel, data: &Sequences, meaning: &Meaning) -> Result<Self, Error> {
        let mut multipliers = Vec::new();
        let mut step = |model: &HmmModel| plain(model, data, meaning, &mut multipliers);
        // The first model that keeps the constraints.
        let first = if kept(meaning, &start) { start } else { step(&start)?.1 };
        let (value, next) = step(&first)?;
        let climb = Climb { model: first, values: vec![value], termination: Termination::MaxIterations };
        Ok(Self { climb, next, multipliers, steps: 1, longest: 4.0, quiet: 0, ended: false })
    }

    pub(super) fn model(&self) -> &HmmModel {
        &self.climb.model
    }

    pub(super) fn reached(&self) -> f64 {
        self.climb.reached()
    }

    /// Runs until the tolerance of the options is reached, or until the total number of steps
    /// reaches the limit.
    pub(super) fn run(
        &mut self,
        data: &Sequences,
        meaning: &Meaning,
        options: &HmmOptions,
        max_iterations: usize,
    ) -> Result<(), Error> {
        while !self.ended && self.steps <= max_iterations.min(options.max_iterations) {
            self.ended = self.round(data, meaning, options)?;
        }
        Ok(())
    }

    pub(super) fn into_climb(self) -> Climb {
        let termination = if self.ended { Termination::Converged } else { Termination::MaxIterations };
        Climb { termination, ..self.climb }
    }

    /// Takes two plain steps and an extrapolated one; returns whether the run has ended.
    fn round(&mut self, data: &Sequences, meaning: &Meaning, options: &HmmOptions) -> Result<bool, Error> {
        let Self { climb, next, multipliers, steps, longest, .. } = self;
        let mut step = |model: &HmmModel| {
            *steps += 1;
            plain(model, data, meaning, multipliers)
        };
        let before = climb.reached();
        // Two plain steps: the second one gives the log-likelihood of the first.
        let (value_1, after_next) = step(next)?;
        if value_1 < before {
            // Rounding, or a state without weight.
            return Ok(true);
        }
        climb.values.push(value_1);
        let x0 = std::mem::replace(&mut climb.model, next.clone());
        let mut jump = None;
        if let Some((model, length)) = extrapolated(&x0, &climb.model, &after_next, longest) {
            // Too long a step may end at a model under which the data are impossible: it is not
            // taken then.
            let landed = step(&model).map(|(_, landed)| landed);
            let value_and_next = landed.as_ref().ok().and_then(|landed| step(landed).ok());
            if let (Ok(landed), Some((value, next))) = (landed, value_and_next)
                && value >= value_1
                && kept(meaning, &landed)
            {
                jump = Some((value, landed, next));
                if length >= *longest {
                    *longest *= 4.0;
                }
            } else {
                *longest = (0.25 * *longest).max(4.0);
            }
        }
        let value = match jump {
            Some((value, landed, after_landed)) => {
                climb.model = landed;
                *next = after_landed;
                value
            }
            None => {
                let (value, after) = step(&after_next)?;
                if value < value_1 {
                    return Ok(true);
                }
                climb.model = after_next;
                *next = after;
                value
            }
        };
        climb.values.push(value);
        self.quiet = if value - before <= options.tolerance * value.abs() { self.quiet + 1 } else { 0 };
        Ok(self.quiet >= 2)
    }
}

/// Takes a plain step under constraints; returns the log-likelihood of the model, and the next
/// model.
fn plain(
    model: &HmmModel,
    data: &Sequences,
    meaning: &Meaning,
    multipliers: &mut Vec<f64>,
) -> Result<(f64, HmmModel), Error> {
    let (value, next) = improved_within(model, data, meaning, multipliers);
    Ok((finite(value)?, next))
}

fn kept(meaning: &Meaning, model: &HmmModel) -> bool {
    meaning.kept(model.counts(), model.transition())
}

/// Runs under constraints until the end.
pub(super) fn climb_within(
    start: HmmModel,
    data: &Sequences,
    meaning: &Meaning,
    options: &HmmOptions,
) -> Result<Climb, Error> {
    let mut climber = Climber::new(start, data, meaning)?;
    climber.run(data, meaning, options, options.max_iterations)?;
    Ok(climber.into_climb())
}

/// Returns the extrapolated model and the length of the step; `None` if there is nothing to
/// extrapolate.
fn extrapolated(x0: &HmmModel, x1: &HmmModel, x2: &HmmModel, longest: &mut f64) -> Option<(HmmModel, f64)> {
    let points = [x0, x1, x2].map(coordinates);
    let [a, b, c] = &points;
    let (mut r, mut v) = (0.0, 0.0);
    for ((a, b), c) in a.iter().zip(b).zip(c) {
        r += (b - a).powi(2);
        v += (c - 2.0 * b + a).powi(2);
    }
    if r <= 0.0 || v <= 0.0 {
        return None;
    }
    let length = (r / v).sqrt().min(*longest);
    if length <= 1.0 {
        return None;
    }
    let moved =
        |((a, b), c): ((&f64, &f64), &f64)| a + 2.0 * length * (b - a) + length * length * (c - 2.0 * b + a);
    let point: Vec<f64> = a.iter().zip(b).zip(c).map(moved).collect();
    Some((at(x2, &point)?, length))
}

/// Shares below this count as 0; the extrapolation leaves them unchanged.
const NOTHING: f64 = 1e-100;

/// Returns the logarithms of all parameters; shares of nearly 0 are represented by 0.
fn coordinates(model: &HmmModel) -> Vec<f64> {
    let share = |p: &f64| if *p < NOTHING { NOTHING.ln() } else { p.ln() };
    let counts = model.counts().iter().flat_map(|law| [law.mean().ln(), law.shape().map_or(0.0, f64::ln)]);
    let spend = model.spend().unwrap_or_default().iter().flat_map(|law| [law.mean().ln(), law.shape().ln()]);
    let shares = model.initial().iter().chain(model.transition()).map(share);
    counts.chain(spend).chain(shares).collect()
}

/// Returns the model at a point, with the parameters that `like` has.
fn at(like: &HmmModel, point: &[f64]) -> Option<HmmModel> {
    let mut point = point.iter().map(|ln| ln.exp());
    let mut counts = Vec::with_capacity(like.states());
    for law in like.counts() {
        let (mean, shape) = (point.next()?, point.next()?);
        counts.push(match law.shape() {
            None => CountLaw::poisson(mean.clamp(1e-9, 1e9)).ok()?,
            Some(_) => CountLaw::negative_binomial(mean.clamp(1e-9, 1e9), shape.clamp(1e-3, 1e6)).ok()?,
        });
    }
    let mut spend = Vec::new();
    for _ in like.spend().unwrap_or_default() {
        let (mean, shape) = (point.next()?, point.next()?);
        spend.push(SpendLaw::gamma(mean.clamp(1e-9, 1e9), shape.clamp(1e-3, 1e6)).ok()?);
    }
    let mut shares = |like: &[f64]| -> Option<Vec<f64>> {
        let mut shares = Vec::with_capacity(like.len());
        for p in like {
            let new = point.next()?;
            shares.push(if *p > 0.0 { new.clamp(1e-300, 1e3) } else { 0.0 });
        }
        let sum: f64 = shares.iter().sum();
        (sum > 0.0 && sum.is_finite()).then(|| shares.iter().map(|p| p / sum).collect())
    };
    let initial = shares(like.initial())?;
    let mut transition = Vec::with_capacity(like.transition().len());
    for row in like.transition().chunks(like.states()) {
        transition.extend(shares(row)?);
    }
    Some(like.replaced(initial, transition, counts, like.spend().map(|_| spend)))
}
