use crm_numbers::parallel;
use crm_numbers::{EmptyError, check};
use crm_statistics::Termination;
use std::fmt;

use super::alternative::{Alternative, recommended};
use super::climb::{Climb, climb};
use super::decode::check_customers;
use super::diagnosis::diagnoses;
use super::ladder::{ladder, rungs};
use super::maximize::improved;
use super::meaning::Meaning;
use super::screen::screened;
use super::uncertainty::{StandardErrors, standard_errors};
use super::{HmmDiagnosis, HmmModel, Sequences, Topology};
use crate::error::Error;

/// The structure of a model to be fitted: the stages, the law of the counts, and whether spend is
/// included.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Design {
    pub(super) topology: Topology,
    pub(super) counts: Counts,
    pub(super) spend: bool,
}

/// The law of purchases per period in every state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Counts {
    /// Poisson counts, with one rate per state. The default.
    #[default]
    Poisson,
    /// Negative binomial counts, with a mean and a shape per state: for counts whose variance
    /// exceeds their mean.
    NegativeBinomial,
}

crm_numbers::names! {
    Counts, "law of counts" {
        Poisson = "poisson",
        NegativeBinomial = "negative_binomial",
    }
}

impl Design {
    /// Creates a design over these stages, with Poisson counts and without spend.
    #[must_use]
    pub fn new(topology: Topology) -> Self {
        Self { topology, ..Self::default() }
    }

    /// Returns the design with another law of the counts.
    #[must_use]
    pub fn with_counts(self, counts: Counts) -> Self {
        Self { counts, ..self }
    }

    /// Returns the design with a gamma law of the spend in every state; spend per purchase then
    /// helps to distinguish the stages.
    #[must_use]
    pub fn with_spend(self) -> Self {
        Self { spend: true, ..self }
    }
}

/// Options of a fit.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct HmmOptions {
    pub(super) screened: usize,
    starts: usize,
    pub(super) seed: u64,
    pub(super) max_iterations: usize,
    pub(super) tolerance: f64,
}

crm_numbers::gate!(HmmOptions, HmmOptions::checked);

impl Default for HmmOptions {
    /// Returns the default options: 32 screened starts and two of full length, at most 2 000
    /// iterations each, until an iteration gains less than 1e-9 of the log-likelihood.
    fn default() -> Self {
        Self { screened: 32, starts: 2, seed: 1, max_iterations: 2_000, tolerance: 1e-9 }
    }
}

impl HmmOptions {
    /// Returns the options with another number of screened starts, at most 10 000.
    ///
    /// These starts do not depend on the seed: they are compared after 4, 12 and 28 iterations, and
    /// the most promising ones, a sixteenth of them and at least one, run to their end. With spend
    /// there are twice as many, compared after 12, 28 and 50 iterations. Without them a fit is
    /// faster, and more likely to miss the global maximum. The number holds for four stages and
    /// more; for three stages it is multiplied by 1.5, for two by 3/8.
    #[must_use]
    pub fn with_screened(self, screened: usize) -> Self {
        Self { screened, ..self }
    }

    /// Returns the options with another number of starts of full length, at least one: the first is
    /// a plain guess, the others are drawn around it from the seed.
    #[must_use]
    pub fn with_starts(self, starts: usize) -> Self {
        Self { starts, ..self }
    }

    /// Returns the options with another seed for the starts of full length.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Returns the options with another limit of iterations of the Baum-Welch algorithm, at least
    /// one.
    #[must_use]
    pub fn with_max_iterations(self, max_iterations: usize) -> Self {
        Self { max_iterations, ..self }
    }

    /// Returns the options with another tolerance: a run ends when an iteration gains less than
    /// this share of the log-likelihood; with 0 it takes all its iterations.
    #[must_use]
    pub fn with_tolerance(self, tolerance: f64) -> Self {
        Self { tolerance, ..self }
    }

    fn checked(self) -> Result<Self, Error> {
        check::range("number of screened starts", self.screened, ..=10_000)?;
        check::range("number of starts", self.starts, 1..)?;
        check::range("maximum number of iterations", self.max_iterations, 1..)?;
        check::range("tolerance", self.tolerance, 0.0..)?;
        Ok(self)
    }
}

/// A fitted model with its likelihood, the standard errors of its parameters, and findings about
/// it.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct HmmFit {
    model: HmmModel,
    climb: Vec<f64>,
    termination: Termination,
    starts: Vec<f64>,
    errors: StandardErrors,
    alternatives: Vec<Alternative>,
    diagnoses: Vec<HmmDiagnosis>,
    customers: usize,
}

crm_numbers::gate!(HmmFit, HmmFit::checked);

/// Fits a model to the purchases of customers: the parameters of maximum likelihood among those
/// that give the stages the meaning of their names.
///
/// A topology without a stage has no constraints for it. With several states of decline, the
/// constraints apply to the last one. Initial states and transitions are those of the topology.
///
/// From two stages through three to four, runs start from guesses and from the best model with one
/// stage fewer. Most of them are abandoned early ([`HmmOptions::with_screened`]); the others run
/// until the tolerance is reached, and the best is returned. Screened starts do not depend on the
/// seed, and a start of full length ([`HmmOptions::with_starts`]) is the same whatever their
/// number, so that more of them never give a worse result.
///
/// # Formula
///
/// The log-likelihood is maximized by the algorithm of Baum and Welch under these constraints, for
/// the mean m of purchases per period, the transition probabilities a per period and the
/// probability `P(0 | s)` of a period without a purchase in state s:
///
/// * `m(exploration), m(formation) <= m(stability)`: orders are at their maximum in stability.
/// * `m(decline) <= 0.5 m(s)` for every other stage s: decline has the fewest purchases.
/// * `a(s, s) P(0 | s) <= 0.8 a(decline, decline) P(0 | decline)`: silence leads to decline. Every
///   further silent period divides the odds of a stay in another stage by at least 1.25.
/// * `a(decline, s) P(0 | s) <= 0.02 a(decline, decline) P(0 | decline)`: customers come back with
///   a purchase.
/// * `a(decline, decline) >= 0.5`: decline lasts for two periods or more, on average.
/// * `a(s, decline) >= 0.001` where the topology allows the transition: any relationship may end.
///
/// # Errors
///
/// [`Error::Input`] without customers, or for a likelihood that is not finite;
/// [`Error::NotIdentified`] for a topology in which two states are interchangeable.
///
/// # References
///
/// Baum, L. E. et al. (1970), "A Maximization Technique Occurring in the Statistical Analysis of
/// Probabilistic Functions of Markov Chains", Annals of Mathematical Statistics 41, 164-171.
///
/// # Examples
///
/// ```
/// use crm_lifecycle::hmm::{Design, HmmOptions, Sequences, fit};
///
/// // Three customers who try, buy regularly, and stop.
/// let seen = Sequences::from_counts([
///     [0, 1, 0, 1, 2, 3, 4, 3, 5, 4, 3, 4, 1, 0, 0, 0, 0],
///     [1, 0, 0, 2, 2, 1, 4, 4, 3, 5, 4, 5, 3, 4, 0, 0, 0],
///     [0, 0, 1, 1, 3, 2, 4, 5, 3, 4, 4, 0, 0, 0, 0, 0, 0],
/// ])?;
/// let fitted = fit(&Design::default(), &seen, &HmmOptions::default())?;
/// assert!(fitted.climb().windows(2).all(|pair| pair[1] >= pair[0] - 1e-9));
/// println!("{fitted}");
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
pub fn fit(design: &Design, data: &Sequences, options: &HmmOptions) -> Result<HmmFit, Error> {
    check_customers(data)?;
    options.checked()?;
    design.topology.check_identified()?;
    let collapsed = data.collapsed(design.spend);
    let rungs = rungs(&design.topology)?;
    let mut best: Vec<Option<Climb>> = rungs.iter().map(|_| None).collect();
    let mut starts = Vec::new();
    let climbed = parallel::map_ranges(options.starts, 1, |numbers| {
        numbers.map(|number| ladder(design, &collapsed, options, &rungs, number)).collect::<Vec<_>>()
    });
    let screened = screened(design, &collapsed, options, &rungs);
    for climbs in std::iter::once(screened).chain(climbed.into_iter().flatten()) {
        let climbs = climbs?;
        starts.extend(climbs.iter().last().into_iter().flatten().map(Climb::reached));
        for (best, climbs) in best.iter_mut().zip(climbs) {
            for climb in climbs {
                // The earlier one of equal runs.
                if best.as_ref().is_none_or(|best| climb.reached() > best.reached()) {
                    *best = Some(climb);
                }
            }
        }
    }
    let alternatives: Vec<Alternative> =
        best.iter().flatten().map(|climb| Alternative::of(climb, &collapsed, data.customers())).collect();
    let best = best.pop().flatten().ok_or_else(|| EmptyError::new("starts"))?;
    let meaning = rungs.last().map(|rung| rung.meaning.clone()).unwrap_or_default();
    let diagnoses = diagnoses(&best.model, &meaning, &alternatives);
    Ok(HmmFit { alternatives, diagnoses, ..HmmFit::of(best, data, starts) })
}

/// Fits a model from a given start, which sets the stages and the laws.
///
/// The fit takes plain steps of Baum and Welch. No constraint gives the states the meaning of their
/// names: they mean what the start makes of them. See [`fit`] for stages with a fixed meaning.
///
/// # Errors
///
/// [`Error::Input`] without customers, or for a likelihood that is not finite.
pub fn fit_from(start: &HmmModel, data: &Sequences, options: &HmmOptions) -> Result<HmmFit, Error> {
    check_customers(data)?;
    options.checked()?;
    let climb = climb(start.clone(), &data.collapsed(start.spend().is_some()), options)?;
    let starts = vec![climb.reached()];
    let fitted = HmmFit::of(climb, data, starts);
    let diagnoses = diagnoses(&fitted.model, &Meaning::default(), &fitted.alternatives);
    Ok(HmmFit { diagnoses, ..fitted })
}

impl HmmModel {
    /// Takes one step of Baum and Welch without constraints; returns the log-likelihood of this
    /// model, and a model that is at least as good.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without customers.
    pub fn improved(&self, data: &Sequences) -> Result<(f64, Self), Error> {
        check_customers(data)?;
        Ok(improved(self, data))
    }
}

impl HmmFit {
    /// Checks that stored parts are consistent.
    #[cfg_attr(not(feature = "serde"), allow(dead_code, reason = "only reading needs the check"))]
    fn checked(self) -> Result<Self, Error> {
        let Self { model, climb, alternatives, errors, .. } = &self;
        check::not_empty("log-likelihoods", climb)?;
        check::not_empty("alternatives", alternatives)?;
        check::range("number of customers", self.customers, 1..)?;
        errors.check(model.states())?;
        Ok(self)
    }

    fn of(climb: Climb, data: &Sequences, starts: Vec<f64>) -> Self {
        let errors = standard_errors(&climb.model, data);
        let alternatives = vec![Alternative::of(&climb, data, data.customers())];
        let (model, climb, termination) = (climb.model, climb.values, climb.termination);
        Self {
            model,
            climb,
            termination,
            starts,
            errors,
            alternatives,
            diagnoses: Vec::new(),
            customers: data.customers(),
        }
    }
}

impl HmmFit {
    /// Returns the model.
    #[must_use]
    pub fn model(&self) -> &HmmModel {
        &self.model
    }

    /// Returns the log-likelihood of the data.
    #[must_use]
    pub fn ln_likelihood(&self) -> f64 {
        self.climb.last().copied().unwrap_or(f64::NEG_INFINITY)
    }

    /// Returns the log-likelihood before every iteration and after the last one; it never
    /// decreases.
    #[must_use]
    pub fn climb(&self) -> &[f64] {
        &self.climb
    }

    /// Returns the reason why the iteration ended.
    #[must_use]
    pub fn termination(&self) -> Termination {
        self.termination
    }

    /// Returns the log-likelihood that every run with the fitted number of stages reached.
    #[must_use]
    pub fn starts(&self) -> &[f64] {
        &self.starts
    }

    /// Returns the best models of two, three and four stages, the fitted one last; only the fitted
    /// one for a topology in which a stage has no state or several, and for [`fit_from`].
    #[must_use]
    pub fn alternatives(&self) -> &[Alternative] {
        &self.alternatives
    }

    /// Returns the model with as many stages as the data support: among the
    /// [`alternatives`](Self::alternatives) without a rare stage, the one with the smallest
    /// criterion of Schwarz.
    ///
    /// A stage is rare below [`Alternative::least_customers`]; such a stage often holds a handful
    /// of unusual customers. If every alternative has one, this is the model with the fewest
    /// stages. If it is not the fitted model, [`diagnoses`](Self::diagnoses) give the reasons.
    #[must_use]
    pub fn recommended(&self) -> &HmmModel {
        recommended(&self.alternatives).map_or(&self.model, Alternative::model)
    }

    /// Returns findings that limit the use of the stages; empty if there are none.
    #[must_use]
    pub fn diagnoses(&self) -> &[HmmDiagnosis] {
        &self.diagnoses
    }

    /// Returns the standard errors of the parameters.
    #[must_use]
    pub fn errors(&self) -> &StandardErrors {
        &self.errors
    }

    /// Returns Akaike's criterion, `2 p - 2 ln L` for p parameters: the smaller of two models is
    /// preferable.
    #[must_use]
    pub fn aic(&self) -> f64 {
        2.0 * self.model.parameters() as f64 - 2.0 * self.ln_likelihood()
    }

    /// Returns Schwarz's criterion with customers as the units, `p ln n - 2 ln L` for p parameters
    /// and n customers.
    #[must_use]
    pub fn bic(&self) -> f64 {
        self.model.parameters() as f64 * (self.customers as f64).ln() - 2.0 * self.ln_likelihood()
    }
}

impl fmt::Display for HmmFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ended = match self.termination {
            Termination::Converged => "converged",
            _ => "stopped at the limit",
        };
        let steps = self.climb.len().saturating_sub(1);
        writeln!(
            f,
            "{} customers, ln L {:.4}, {ended} after {steps} steps",
            self.customers,
            self.ln_likelihood()
        )?;
        write!(f, "{}", self.model)?;
        for diagnosis in &self.diagnoses {
            writeln!(f, "{diagnosis}")?;
        }
        Ok(())
    }
}
