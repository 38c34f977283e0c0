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

/// What is to be learnt: the stages, the law of the counts, and whether spend belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Design {
    pub(super) topology: Topology,
    pub(super) counts: Counts,
    pub(super) spend: bool,
}

/// The kind of law that purchases per period follow in every state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Counts {
    /// One rate per state. The default.
    #[default]
    Poisson,
    /// A mean and a shape per state, for counts that vary more than by chance.
    NegativeBinomial,
}

crm_numbers::names! {
    Counts, "law of counts" {
        Poisson = "poisson",
        NegativeBinomial = "negative_binomial",
    }
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

    /// The same with a gamma law of the spend in every state; spend per purchase then helps to tell
    /// the stages apart.
    #[must_use]
    pub fn with_spend(self) -> Self {
        Self { spend: true, ..self }
    }
}

/// How a model is learnt.
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
    /// 32 screened starts and two of full length, at most 2 000 steps each, until a step gains less
    /// than 1e-9 of the log-likelihood.
    fn default() -> Self {
        Self { screened: 32, starts: 2, seed: 1, max_iterations: 2_000, tolerance: 1e-9 }
    }
}

impl HmmOptions {
    /// The same with so many screened starts, which are the same whatever the seed: they are
    /// compared after 4, 12 and 28 steps, and the most promising ones, a sixteenth of them and at
    /// least one, climb to their end. Without them a fit is quick, and more likely to miss the best
    /// optimum. The number is that for four stages and more; for three stages it is half as many
    /// again, for two three eighths. More than 10 000 are 10 000.
    #[must_use]
    pub fn with_screened(self, screened: usize) -> Self {
        Self { screened, ..self }
    }

    /// The same with so many starts of full length, at least one: the first is a plain guess, the
    /// others are drawn around it from the seed.
    #[must_use]
    pub fn with_starts(self, starts: usize) -> Self {
        Self { starts, ..self }
    }

    /// The same with another seed for the starts of full length.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The same with a limit to the steps of Baum-Welch, at least one.
    #[must_use]
    pub fn with_max_iterations(self, max_iterations: usize) -> Self {
        Self { max_iterations, ..self }
    }

    /// The same with another tolerance: the climb ends when a step gains less than this part of the
    /// log-likelihood; 0 makes it take all its steps.
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

/// Learns a model from the purchases of customers: the parameters of highest likelihood among those
/// that keep the stages what their names say.
///
/// # Formula
///
/// The log-likelihood is maximized by the algorithm of Baum and Welch under these constraints, for
/// the mean m of purchases per period, the probabilities a of the steps and `P(0 | s)` of a period
/// without a purchase:
///
/// * `m(exploration), m(formation) <= m(stability)`: orders are at their height in stability.
/// * `m(decline) <= 0.5 m(s)` for every other stage s: decline has the fewest purchases.
/// * `a(s, s) P(0 | s) <= 0.8 a(decline, decline) P(0 | decline)`: silence leads to decline. Every
///   further period of it divides the odds of a stay in another stage by at least 1.25.
/// * `a(decline, s) P(0 | s) <= 0.02 a(decline, decline) P(0 | decline)`: customers come back with
///   a purchase.
/// * `a(decline, decline) >= 0.5`: decline lasts for two periods or more, on average.
/// * `a(s, decline) >= 0.001` where the topology allows the step: any relationship may end.
///
/// A topology without a stage has no constraints for it. Of several states of decline, the last one
/// is meant. Starts and steps are those of the topology.
///
/// From two stages through three to four, climbs begin with guesses and with the best model of one
/// stage less. Most of them are left early ([`HmmOptions::with_screened`]); the others climb until
/// the tolerance, and the best is returned. Screened starts do not depend on the seed, and a start
/// of full length ([`HmmOptions::with_starts`]) is the same whatever their number, so that more of
/// them are never worse.
///
/// # Errors
///
/// [`Error::Input`] without customers, [`Error::NotIdentified`] for a topology in which two states
/// could change places, [`Error::Input`] for a likelihood that is not finite.
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
                // Of equal climbs the earlier one.
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

/// Learns a model from a start of one's own, which names the stages and the laws.
///
/// These are plain steps of Baum and Welch. No constraint keeps the states what their names say:
/// they mean what the start makes of them. See [`fit`] for stages that do.
///
/// # Errors
///
/// [`Error::Input`] without customers, [`Error::Input`] for a likelihood that is not finite.
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
    /// One step of Baum and Welch without constraints: the log-likelihood of this model, and a
    /// model that is at least as good.
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
    /// Checks that stored parts belong together.
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
    /// The model.
    #[must_use]
    pub fn model(&self) -> &HmmModel {
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
    pub fn termination(&self) -> Termination {
        self.termination
    }

    /// The log-likelihood that every climb of the fitted number of stages reached.
    #[must_use]
    pub fn starts(&self) -> &[f64] {
        &self.starts
    }

    /// The best models of two, three and four stages, this one last; only this one for a topology
    /// in which a stage has no state or several, and for [`fit_from`].
    #[must_use]
    pub fn alternatives(&self) -> &[Alternative] {
        &self.alternatives
    }

    /// The model with as many stages as can be learnt from the data: of the
    /// [`alternatives`](Self::alternatives) without a rare stage the one with the smallest
    /// criterion of Schwarz.
    ///
    /// A stage is rare below [`Alternative::least_customers`]; such a stage often holds a handful
    /// of unusual customers. Where every alternative has one, this is the model of the fewest
    /// stages. [`diagnoses`](Self::diagnoses) say where and why it is not the fitted model.
    #[must_use]
    pub fn recommended(&self) -> &HmmModel {
        recommended(&self.alternatives).map_or(&self.model, Alternative::model)
    }

    /// Findings that limit the use of the stages; empty if there are none.
    #[must_use]
    pub fn diagnoses(&self) -> &[HmmDiagnosis] {
        &self.diagnoses
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
