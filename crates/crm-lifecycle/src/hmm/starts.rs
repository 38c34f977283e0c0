//! Starting points of the fit: one plain guess, and others drawn around it from a seed.

use crm_numbers::EmptyError;
use crm_statistics::random::RandomStream;

use super::{CountLaw, Counts, Design, HmmModel, Sequences, SpendLaw, Topology};
use crate::Stage;
use crate::error::Error;

/// Returns the random stream of one start.
fn stream(seed: u64, number: usize) -> RandomStream {
    RandomStream::new(seed.wrapping_add((number as u64).wrapping_mul(0x2545_f491_4f6c_dd1d)))
}

fn between(random: &mut RandomStream, low: f64, high: f64) -> f64 {
    low + (high - low) * random.unit()
}

/// The distance between the laws of the states of a drawn start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StartKind {
    /// Rates within a factor of 3 of the usual ones, spend within 1.6 of the mean.
    Usual,
    /// Rates within a factor of 6, spend from 0.3 to 2.7 times the mean, shapes from 0.03.
    Wide,
}

/// Returns the starting model of the given number; number 0 is the plain guess.
pub(super) fn start(
    design: &Design,
    topology: &Topology,
    data: &Sequences,
    seed: u64,
    (number, kind): (usize, StartKind),
) -> Result<HmmModel, Error> {
    let mut random = stream(seed, number);
    let wild = number > 0;
    let size = topology.states();
    let (mean, spend) = means(data);
    let mut before = [0.0; 4];
    let mut count_laws = Vec::with_capacity(size);
    let mut spend_laws = Vec::with_capacity(size);
    for state in 0..size {
        let stage = topology.stage(state).unwrap_or(Stage::Exploration);
        let usual = [1.0, 1.5, 2.5, 0.2];
        let mut factor = usual.get(stage.index()).copied().unwrap_or(1.0);
        // A second state of one stage is a busier one.
        if let Some(before) = before.get_mut(stage.index()) {
            factor *= 1.0 + *before;
            *before += 1.0;
        }
        if wild {
            let reach = if kind == StartKind::Usual { 1.2 } else { 1.8 };
            factor *= between(&mut random, -reach, reach).exp();
        }
        let rate = (mean * factor).clamp(1e-6, 1e6);
        count_laws.push(match design.counts {
            Counts::Poisson => CountLaw::poisson(rate)?,
            Counts::NegativeBinomial => {
                let least = if kind == StartKind::Usual { -0.7 } else { -3.5 };
                let shape = if wild { between(&mut random, least, 2.0).exp() } else { 2.0 };
                CountLaw::negative_binomial(rate, shape)?
            }
        });
        let (low, high) = match kind {
            StartKind::Usual => (-0.5, 0.5),
            StartKind::Wide => (-1.3, 1.0),
        };
        let factor = if wild { between(&mut random, low, high).exp() } else { 0.9 + 0.1 * factor };
        spend_laws.push(SpendLaw::gamma((spend * factor).clamp(1e-6, 1e6), 2.0)?);
    }
    let starts = (0..size).filter(|&state| topology.starts(state)).count() as f64;
    let initial: Vec<f64> =
        (0..size).map(|state| if topology.starts(state) { 1.0 / starts } else { 0.0 }).collect();
    let mut transition = Vec::with_capacity(size * size);
    for from in 0..size {
        let stay = if wild { between(&mut random, 0.6, 0.98) } else { 0.9 };
        let weights: Vec<f64> = (0..size)
            .map(|to| match to != from && topology.allows(from, to) {
                true if wild => between(&mut random, 0.1, 1.0),
                true => 1.0,
                false => 0.0,
            })
            .collect();
        let leaving: f64 = weights.iter().sum();
        transition.extend(weights.iter().enumerate().map(|(to, weight)| match (to == from, leaving > 0.0) {
            (true, true) => stay,
            (true, false) => 1.0,
            (false, true) => (1.0 - stay) * weight / leaving,
            (false, false) => 0.0,
        }));
    }
    let model = HmmModel::new(topology.clone(), &initial, &transition, &count_laws)?;
    if design.spend { model.with_spend(&spend_laws) } else { Ok(model) }
}

/// Returns the mean purchases of a whole period, and the mean spend per purchase.
fn means(data: &Sequences) -> (f64, f64) {
    let (mut periods, mut purchases, mut paid, mut spend) = (0.0, 0.0, 0.0, 0.0);
    for (customer, sequence) in data.iter().enumerate() {
        let weight = data.weight(customer);
        for (at, (count, exposure)) in sequence.counts().zip(sequence.exposures()).enumerate() {
            let Some(count) = count else { continue };
            periods += weight * exposure;
            purchases += weight * f64::from(count);
            if let Some(known) = sequence.spend.get(at).filter(|spend| spend.known()) {
                paid += weight * f64::from(count);
                spend += weight * known.amount;
            }
        }
    }
    let share = |sum: f64, of: f64| if of > 0.0 && sum > 0.0 { sum / of } else { 1.0 };
    (share(purchases, periods), share(spend, paid))
}

/// Returns a start for a model from one with fewer states: `groups` holds, for each state of that
/// one, the states that split it. They start with its law, moved apart, and with its transition
/// probabilities.
pub(super) fn split(
    below: &HmmModel,
    topology: &Topology,
    groups: &[Vec<usize>],
    seed: u64,
    number: usize,
) -> Result<HmmModel, Error> {
    let mut random = stream(seed ^ 0x5851_f42d_4c95_7f2d, number);
    let wild = number > 0;
    let size = topology.states();
    let group = |state: usize| groups.iter().position(|group| group.contains(&state)).unwrap_or(0);
    let mut laws = Vec::with_capacity(size);
    let mut spend = Vec::with_capacity(size);
    for state in 0..size {
        let alone = groups.get(group(state)).is_none_or(|group| group.len() < 2);
        let usual = match topology.stage(state) {
            Some(Stage::Stability) => 1.5,
            _ => 0.7,
        };
        let factor = match (alone, wild) {
            (true, _) => 1.0,
            (false, false) => usual,
            (false, true) => usual * between(&mut random, -0.7, 0.7).exp(),
        };
        let law = below.counts().get(group(state)).ok_or_else(|| EmptyError::new("laws"))?;
        let mean = (law.mean() * factor).clamp(1e-9, 1e9);
        laws.push(match law.shape() {
            None => CountLaw::poisson(mean)?,
            Some(shape) => CountLaw::negative_binomial(mean, shape)?,
        });
        if let Some(law) = below.spend().and_then(|laws| laws.get(group(state))) {
            spend.push(*law);
        }
    }
    // Shares of a split state among its parts.
    let mut shared = |p: f64, to: usize, allowed: &dyn Fn(usize) -> bool, stays: bool| {
        let group = groups.get(group(to)).map(Vec::as_slice).unwrap_or_default();
        let open = group.iter().filter(|&&state| allowed(state)).count();
        let share = match (allowed(to), open, stays) {
            (false, ..) => 0.0,
            (true, 0 | 1, _) => 1.0,
            (true, _, true) => {
                if wild {
                    between(&mut random, 0.6, 0.98)
                } else {
                    0.9
                }
            }
            (true, _, false) => {
                if wild {
                    between(&mut random, 0.05, 0.5)
                } else {
                    0.1
                }
            }
        };
        // An allowed transition must be possible.
        if allowed(to) { share * p + 1e-3 } else { 0.0 }
    };
    let normal = |row: Vec<f64>| {
        let sum: f64 = row.iter().sum();
        row.into_iter().map(|p| p / sum).collect::<Vec<f64>>()
    };
    let of = |values: &[f64], at: usize| values.get(at).copied().unwrap_or(0.0);
    let initial = (0..size)
        .map(|to| shared(of(below.initial(), group(to)), to, &|state| topology.starts(state), true))
        .collect();
    let mut transition = Vec::with_capacity(size * size);
    for from in 0..size {
        let row = (0..size)
            .map(|to| {
                let p = of(below.transition(), group(from) * below.states() + group(to));
                shared(p, to, &|state| topology.allows(from, state), from == to)
            })
            .collect();
        transition.extend(normal(row));
    }
    let model = HmmModel::new(topology.clone(), &normal(initial), &transition, &laws)?;
    if below.spend().is_some() { model.with_spend(&spend) } else { Ok(model) }
}
