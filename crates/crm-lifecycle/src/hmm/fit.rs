use std::fmt;

use super::decode::check;
use super::expect::improved;
use super::starts::start;
use super::uncertainty::{StandardErrors, standard_errors};
use super::{Model, Sequences, Topology};
use crate::error::Error;

/// What is to be learnt: the stages, the law of the counts, and whether spend belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Design {
    pub(super) topology: Topology,
    pub(super) counts: Counts,
    pub(super) spend: bool,
}

/// The kind of law that purchases per period follow in every state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Counts {
    /// One rate a state. The default.
    #[default]
    Poisson,
    /// A mean and a shape a state, for counts that vary more than by chance.
    NegativeBinomial,
}

impl Design {
    /// Poisson counts without spend over these stages.
    #[must_use]
    pub fn new(topology: Topology) -> Self {
        Self { topology, ..Self::default() }
    }

    /// The same with another law of the counts.
    #[must_use]
    pub fn with_counts(self, counts: Counts) -> Self {
        Self { counts, ..self }
    }

    /// The same with a gamma law of the spend in every state; spend per purchase then helps to tell the stages apart.
    #[must_use]
    pub fn with_spend(self) -> Self {
        Self { spend: true, ..self }
    }
}

/// How a model is learnt.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FitOptions {
    starts: usize,
    seed: u64,
    most_steps: usize,
    tolerance: f64,
}

impl Default for FitOptions {
    /// Six starts, at most 2 000 steps, until a step gains less than 1e-9 of the log-likelihood.
    fn default() -> Self {
        Self { starts: 6, seed: 1, most_steps: 2_000, tolerance: 1e-9 }
    }
}

impl FitOptions {
    /// The same with so many starts, at least one: the first is a plain guess, the others are drawn around it.
    #[must_use]
    pub fn with_starts(self, starts: usize) -> Self {
        Self { starts: starts.max(1), ..self }
    }

    /// The same with another seed for the starts.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The same with a limit to the steps of Baum-Welch, at least one.
    #[must_use]
    pub fn with_most_steps(self, most_steps: usize) -> Self {
        Self { most_steps: most_steps.max(1), ..self }
    }

    /// The same with another tolerance: the climb ends when a step gains less than this part of the log-likelihood; 0
    /// makes it take all its steps.
    #[must_use]
    pub fn with_tolerance(self, tolerance: f64) -> Self {
        Self { tolerance: tolerance.max(0.0), ..self }
    }
}

/// Why a climb ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Stop {
    /// A step gained less than the tolerance.
    Converged,
    /// The limit of steps was reached.
    MostSteps,
}

/// A model that was learnt, with how well it fits and how sure its parameters are.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Fitted {
    model: Model,
    climb: Vec<f64>,
    stop: Stop,
    starts: Vec<f64>,
    errors: StandardErrors,
    customers: usize,
}

/// Learns a model from what customers did: the parameters under which it is most probable, by the algorithm of Baum and
/// Welch from several starts.
///
/// Every start climbs a few steps, the best two climb on until the tolerance, and the better one is returned. No step
/// ever lowers the likelihood. States keep their numbers, because the topology tells them apart.
///
/// ```
/// use crm_lifecycle::hmm::{Design, FitOptions, Sequences, fit};
///
/// // Three customers who try, buy regularly, and stop.
/// let seen = Sequences::from_counts([
///     [0, 1, 0, 1, 2, 3, 4, 3, 5, 4, 3, 4, 1, 0, 0, 0, 0],
///     [1, 0, 0, 2, 2, 1, 4, 4, 3, 5, 4, 5, 3, 4, 0, 0, 0],
///     [0, 0, 1, 1, 3, 2, 4, 5, 3, 4, 4, 0, 0, 0, 0, 0, 0],
/// ])?;
/// let fitted = fit(&Design::default(), &seen, &FitOptions::default())?;
/// assert!(fitted.climb().windows(2).all(|pair| pair[1] >= pair[0] - 1e-9));
/// println!("{fitted}");
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
///
/// Source: Baum, L. E. et al. (1970), "A Maximization Technique Occurring in the Statistical Analysis of Probabilistic
/// Functions of Markov Chains", Annals of Mathematical Statistics 41, 164-171.
///
/// # Errors
/// [`Error::Empty`] without customers, [`Error::NotIdentified`] for a topology in which two states could change places.
pub fn fit(design: &Design, data: &Sequences, options: &FitOptions) -> Result<Fitted, Error> {
    /// Steps after which a start is judged.
    const TRIAL: usize = 20;
    check(data)?;
    design.topology.check_identified()?;
    let mut tried = Vec::with_capacity(options.starts);
    for number in 0..options.starts {
        let first = start(design, data, options.seed, number)?;
        let short = FitOptions { most_steps: TRIAL.min(options.most_steps), ..*options };
        tried.push(climb(first, data, &short));
    }
    let starts: Vec<f64> = tried.iter().map(Climb::reached).collect();
    // A stable sort: of equal starts the earlier one goes on.
    tried.sort_by(|a, b| b.reached().total_cmp(&a.reached()));
    tried.truncate(2);
    let on = |tried: Climb| match tried.stop {
        Stop::Converged => tried,
        Stop::MostSteps => {
            let left = options.most_steps.saturating_sub(tried.values.len());
            let next = climb(tried.model, data, &FitOptions { most_steps: left, ..*options });
            Climb { values: [tried.values, next.values].concat(), ..next }
        }
    };
    let climbed = tried.into_iter().map(on);
    let best = climbed.reduce(|best, other| if other.reached() > best.reached() { other } else { best });
    let best = best.ok_or(Error::Empty { field: "starts" })?;
    Ok(best.fitted(data, starts))
}

/// Learns a model from a start of one's own, which names the stages and the laws.
///
/// # Errors
/// [`Error::Empty`] without customers.
pub fn fit_from(start: &Model, data: &Sequences, options: &FitOptions) -> Result<Fitted, Error> {
    check(data)?;
    let climb = climb(start.clone(), data, options);
    let starts = vec![climb.reached()];
    Ok(climb.fitted(data, starts))
}

impl Model {
    /// One step of Baum-Welch: the log-likelihood of this model, and a model that is at least as good.
    ///
    /// # Errors
    /// [`Error::Empty`] without customers.
    pub fn improved(&self, data: &Sequences) -> Result<(f64, Self), Error> {
        check(data)?;
        Ok(improved(self, data))
    }
}

struct Climb {
    model: Model,
    /// The log-likelihood of each model on the way; the last one is that of `model`.
    values: Vec<f64>,
    stop: Stop,
}

impl Climb {
    fn reached(&self) -> f64 {
        self.values.last().copied().unwrap_or(f64::NEG_INFINITY)
    }

    fn fitted(self, data: &Sequences, starts: Vec<f64>) -> Fitted {
        let errors = standard_errors(&self.model, data);
        let (model, climb, stop) = (self.model, self.values, self.stop);
        Fitted { model, climb, stop, starts, errors, customers: data.customers() }
    }
}

fn climb(start: Model, data: &Sequences, options: &FitOptions) -> Climb {
    let (mut model, mut values) = (start, Vec::new());
    loop {
        let (value, next) = improved(&model, data);
        let gain = values.last().map_or(f64::INFINITY, |before| value - before);
        values.push(value);
        if gain <= options.tolerance * value.abs() {
            return Climb { model, values, stop: Stop::Converged };
        }
        if values.len() > options.most_steps {
            return Climb { model, values, stop: Stop::MostSteps };
        }
        model = next;
    }
}

impl Fitted {
    /// The model.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The logarithm of the probability of everything that was seen.
    #[must_use]
    pub fn ln_likelihood(&self) -> f64 {
        self.climb.last().copied().unwrap_or(f64::NEG_INFINITY)
    }

    /// The log-likelihood before every step and after the last one; it never falls.
    #[must_use]
    pub fn climb(&self) -> &[f64] {
        &self.climb
    }

    /// Why the climb ended.
    #[must_use]
    pub fn stop(&self) -> Stop {
        self.stop
    }

    /// What every start had reached when the best were chosen.
    #[must_use]
    pub fn starts(&self) -> &[f64] {
        &self.starts
    }

    /// How sure the parameters are.
    #[must_use]
    pub fn errors(&self) -> &StandardErrors {
        &self.errors
    }

    /// Akaike's criterion, `2 p - 2 ln L`: the smaller of two models is to be preferred.
    #[must_use]
    pub fn aic(&self) -> f64 {
        2.0 * self.model.parameters() as f64 - 2.0 * self.ln_likelihood()
    }

    /// Schwarz's criterion with customers as the units, `p ln n - 2 ln L`.
    #[must_use]
    pub fn bic(&self) -> f64 {
        self.model.parameters() as f64 * (self.customers as f64).ln() - 2.0 * self.ln_likelihood()
    }
}

impl fmt::Display for Fitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ended = match self.stop {
            Stop::Converged => "converged",
            Stop::MostSteps => "stopped at the limit",
        };
        let steps = self.climb.len().saturating_sub(1);
        writeln!(
            f,
            "{} customers, ln L {:.4}, {ended} after {steps} steps",
            self.customers,
            self.ln_likelihood()
        )?;
        write!(f, "{}", self.model)
    }
}
