//! Starts that are the same in every fit: many runs are begun, and the most promising ones
//! finished.

use super::climb::{Climb, Climber};
use super::ladder::Rung;
use super::starts::{StartKind, split, start};
use super::{Design, HmmModel, HmmOptions, Sequences};
use crate::error::Error;
use crm_numbers::parallel;

/// Seed of these starts.
const SEED: u64 = 0x6a09_e667_f3bc_c908;

/// Maximum number of screened starts.
const MOST: usize = 10_000;

/// Climbs are compared after so many iterations, and so many of 32 go on. Without spend, the order of
/// the climbs after 13 iterations is all but that of their maxima.
const ROUNDS: [(usize, usize); 3] = [(4, 14), (12, 6), (28, 2)];
/// With spend, the climb to the highest maximum of CDNOW was 50th of 64 after 4 iterations, 15th
/// after 12 and first after 28.
const ROUNDS_WITH_SPEND: [(usize, usize); 3] = [(12, 16), (28, 8), (50, 4)];
const OF: usize = 32;
/// Number of steps from which two runs whose means differ by less than [`SAME`] in their logarithms
/// count as on their way to the same maximum.
const FORMED: usize = 12;
const SAME: f64 = 0.1;

/// Returns the finished runs of every rung: those from guesses, and from the best model of the rung
/// below.
pub(super) fn screened(
    design: &Design,
    data: &Sequences,
    options: &HmmOptions,
    rungs: &[Rung],
) -> Result<Vec<Vec<Climb>>, Error> {
    let mut below: Option<HmmModel> = None;
    let mut all = Vec::with_capacity(rungs.len());
    for rung in rungs {
        // Two states have few maxima, and a step with fewer states is faster.
        let screened = options.screened.min(MOST);
        let number = match rung.topology.states() {
            1 | 2 => (screened * 3).div_ceil(8),
            3 => screened + screened / 2,
            _ => screened,
        };
        let splits = if below.is_some() { number * 3 / 8 } else { 0 };
        let mut starts = Vec::with_capacity(number);
        for at in 0..number {
            starts.push(match &below {
                Some(below) if at < splits => split(below, &rung.topology, &rung.groups, SEED, at)?,
                _ => start(design, &rung.topology, data, SEED, (1 + at, StartKind::Usual))?,
            });
        }
        // The amounts add local maxima: a state with few cheap purchases, and one with few
        // expensive ones.
        if design.spend && rung.topology.states() > 2 {
            for at in number..2 * number {
                starts.push(start(design, &rung.topology, data, SEED, (1 + at, StartKind::Wide))?);
            }
        }
        let rounds = if design.spend { ROUNDS_WITH_SPEND } else { ROUNDS };
        let climbs = finished(&starts, data, rung, options, rounds);
        below = climbs.first().map(|climb| climb.model.clone());
        all.push(climbs);
    }
    Ok(all)
}

/// The climbs that go on to their end, the highest first. Starts at which the data are impossible
/// are left aside.
fn finished(
    starts: &[HmmModel],
    data: &Sequences,
    rung: &Rung,
    options: &HmmOptions,
    rounds: [(usize, usize); 3],
) -> Vec<Climb> {
    let number = starts.len();
    let begun = parallel::map_ranges(number, 1, |range| {
        let starts = starts.get(range).unwrap_or_default();
        let climber = |start: &HmmModel| Climber::new(start.clone(), data, &rung.meaning).ok();
        starts.iter().filter_map(climber).collect::<Vec<_>>()
    });
    let mut climbers: Vec<Climber> = begun.into_iter().flatten().collect();
    for (steps, share) in rounds {
        run(&mut climbers, data, rung, options, steps);
        let most = (number * share).div_ceil(OF).max(1);
        let mut kept: Vec<Climber> = Vec::with_capacity(most);
        for climber in climbers {
            let new = steps < FORMED || !kept.iter().any(|other| alike(other.model(), climber.model()));
            if kept.len() < most && new {
                kept.push(climber);
            }
        }
        climbers = kept;
    }
    run(&mut climbers, data, rung, options, usize::MAX);
    climbers.into_iter().map(Climber::into_climb).collect()
}

/// Continues all runs up to a number of steps, and sorts them: the highest first, and equal ones in
/// the order of their start.
fn run(climbers: &mut Vec<Climber>, data: &Sequences, rung: &Rung, options: &HmmOptions, steps: usize) {
    let mut failed = vec![false; climbers.len()];
    let mut both: Vec<(&mut Climber, &mut bool)> = climbers.iter_mut().zip(&mut failed).collect();
    parallel::for_each(&mut both, |_, (climber, failed)| {
        **failed = climber.run(data, &rung.meaning, options, steps).is_err();
    });
    let mut failed = failed.into_iter();
    climbers.retain(|_| !failed.next().unwrap_or(false));
    climbers.sort_by(|a, b| b.reached().total_cmp(&a.reached()));
}

/// Returns whether two models have laws with nearly the same means.
fn alike(a: &HmmModel, b: &HmmModel) -> bool {
    let means = |model: &HmmModel| -> Vec<f64> {
        let spend = model.spend().unwrap_or_default().iter().map(|law| law.mean().ln());
        model.counts().iter().map(|law| law.mean().ln()).chain(spend).collect()
    };
    means(a).iter().zip(means(b)).all(|(a, b)| (a - b).abs() < SAME)
}
