//! Decoding: filtered and smoothed probabilities of the states, and the most probable path.
#![allow(clippy::indexing_slicing, reason = "loops over arrays whose length is the bound")]

use super::expect::{CHUNK, ln_likelihoods, with_states};
use super::kernel::{Scratch, backward, forward, viterbi};
use super::{HmmModel, Sequence, Sequences, Topology};
use crate::error::Error;
use crm_numbers::parallel;
use crm_numbers::{EmptyError, IndexError, check};

/// The probabilities of the states in every period of one customer.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct StagePosterior {
    states: usize,
    /// Probabilities by period, then state.
    probabilities: Vec<f64>,
}

crm_numbers::gate!(StagePosterior, StagePosterior::checked);

impl StagePosterior {
    #[cfg_attr(not(feature = "serde"), allow(dead_code, reason = "only reading needs the check"))]
    fn checked(self) -> Result<Self, Error> {
        check::range("number of states", self.states, 1..=Topology::MOST_STATES)?;
        check::not_empty("probabilities", &self.probabilities)?;
        let whole = self.probabilities.len().next_multiple_of(self.states);
        check::length("probabilities", self.probabilities.len(), whole)?;
        check::range_of_all("probabilities", &self.probabilities, 0.0..=1.0)?;
        Ok(self)
    }

    /// Returns the probabilities by period: one row per period, one probability per state.
    #[must_use]
    pub fn periods(&self) -> impl ExactSizeIterator<Item = &[f64]> + '_ {
        self.probabilities.chunks_exact(self.states)
    }

    /// Returns the probabilities in the last period.
    #[must_use]
    pub fn last(&self) -> &[f64] {
        self.probabilities.rchunks_exact(self.states).next().unwrap_or_default()
    }
}

/// The most probable path of one customer through the states.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Path {
    /// State of every period.
    pub states: Vec<u8>,
    /// Logarithm of the joint probability of this path and the observations.
    pub ln_probability: f64,
}

impl Path {
    /// Returns the number of periods, up to and including the last one, that the customer has been
    /// in the state of the last period.
    #[must_use]
    pub fn since(&self) -> usize {
        let last = self.states.last();
        self.states.iter().rev().take_while(|state| Some(*state) == last).count()
    }
}

impl HmmModel {
    /// Returns the log-likelihood of the data: a sum over customers.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without customers.
    pub fn ln_likelihood(&self, data: &Sequences) -> Result<f64, Error> {
        check_customers(data)?;
        Ok(ln_likelihoods(self, data).iter().sum())
    }

    /// Returns the filtered probabilities of a customer: the probability of each state in every
    /// period, given the periods up to it.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an index that is out of range for the customers.
    pub fn filtered(&self, data: &Sequences, customer: usize) -> Result<StagePosterior, Error> {
        let sequence = sequence(data, customer)?;
        let probabilities = with_states!(self.states(), K => {
            let (chain, emissions) = self.typed::<K>(data.distinct());
            let mut scratch = Scratch::default();
            forward(&chain, &emissions, &sequence, &mut scratch);
            scratch.filtered.concat()
        });
        Ok(StagePosterior { states: self.states(), probabilities })
    }

    /// Returns the smoothed probabilities of a customer: the probability of each state in every
    /// period, given all periods.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an index that is out of range for the customers.
    pub fn smoothed(&self, data: &Sequences, customer: usize) -> Result<StagePosterior, Error> {
        let sequence = sequence(data, customer)?;
        let probabilities = with_states!(self.states(), K => {
            let (chain, emissions) = self.typed::<K>(data.distinct());
            let mut scratch = Scratch::default();
            forward(&chain, &emissions, &sequence, &mut scratch);
            let mut rows = vec![[0.0; K]; sequence.periods()];
            let mut pairs = [[0.0; K]; K];
            backward(&chain, &scratch, 1.0, &mut pairs, |at, smoothed| {
                let sum: f64 = smoothed.iter().sum();
                rows[at] = smoothed.map(|p| p / sum);
            });
            rows.concat()
        });
        Ok(StagePosterior { states: self.states(), probabilities })
    }

    /// Returns the probabilities of the states in the last period: one row per customer, in order.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without customers.
    pub fn standings(&self, data: &Sequences) -> Result<StagePosterior, Error> {
        check_customers(data)?;
        let probabilities = with_states!(self.states(), K => {
            let (chain, emissions) = self.typed::<K>(data.distinct());
            let chunks = parallel::map_ranges(data.customers(), CHUNK, |range| {
                let mut scratch = Scratch::default();
                let last = |sequence| {
                    forward(&chain, &emissions, &sequence, &mut scratch);
                    scratch.filtered.last().copied().unwrap_or(chain.initial)
                };
                range.filter_map(|customer| data.get(customer)).map(last).collect::<Vec<[f64; K]>>()
            });
            chunks.concat().concat()
        });
        Ok(StagePosterior { states: self.states(), probabilities })
    }

    /// Returns the most probable path of a customer through the states, by the Viterbi algorithm.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an index that is out of range for the customers.
    pub fn path(&self, data: &Sequences, customer: usize) -> Result<Path, Error> {
        let sequence = sequence(data, customer)?;
        Ok(with_states!(self.states(), K => {
            let (chain, emissions) = self.typed::<K>(data.distinct());
            let mut states = vec![0; sequence.periods()];
            let ln_probability = viterbi(&chain, &emissions, &sequence, &mut Vec::new(), &mut states);
            Path { states, ln_probability }
        }))
    }

    /// Returns the most probable path of every customer, in order.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without customers.
    pub fn paths(&self, data: &Sequences) -> Result<Vec<Path>, Error> {
        check_customers(data)?;
        Ok(with_states!(self.states(), K => {
            let (chain, emissions) = self.typed::<K>(data.distinct());
            let chunks = parallel::map_ranges(data.customers(), CHUNK, |range| {
                let mut back = Vec::new();
                let path = |sequence: Sequence<'_>| {
                    let mut states = vec![0; sequence.periods()];
                    let ln_probability = viterbi(&chain, &emissions, &sequence, &mut back, &mut states);
                    Path { states, ln_probability }
                };
                range.filter_map(|customer| data.get(customer)).map(path).collect::<Vec<Path>>()
            });
            chunks.into_iter().flatten().collect()
        }))
    }
}

pub(super) fn check_customers(data: &Sequences) -> Result<(), Error> {
    if data.customers() == 0 { Err(EmptyError::new("customers").into()) } else { Ok(()) }
}

fn sequence(data: &Sequences, customer: usize) -> Result<Sequence<'_>, Error> {
    Ok(data.get(customer).ok_or_else(|| IndexError::new("customers", customer, data.customers()))?)
}
