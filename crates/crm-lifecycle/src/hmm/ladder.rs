//! Models with fewer stages, and the starts that they give for more stages.

use super::climb::{Climb, climb_within};
use super::meaning::Meaning;
use super::starts::{StartKind, split, start};
use super::{Design, HmmModel, HmmOptions, Sequences, Topology};
use crate::Stage;
use crate::error::Error;

/// One number of stages.
pub(super) struct Rung {
    pub(super) topology: Topology,
    pub(super) meaning: Meaning,
    /// For each state of the rung below, the states of this rung that split it; empty on the first
    /// rung.
    pub(super) groups: Vec<Vec<usize>>,
}

/// Returns the numbers of stages from few to all: two, three and four if every stage has one state,
/// otherwise only all.
pub(super) fn rungs(topology: &Topology) -> Result<Vec<Rung>, Error> {
    let rung = |topology: &Topology, groups: Vec<Vec<usize>>| Rung {
        topology: topology.clone(),
        meaning: Meaning::of(topology),
        groups,
    };
    let state = |stage: Stage| {
        let mut states = (0..topology.states()).filter(|&state| topology.stage(state) == Some(stage));
        states.next().filter(|_| states.next().is_none())
    };
    let [Some(exploration), Some(formation), Some(stability), Some(decline)] = Stage::EACH.map(state) else {
        return Ok(vec![rung(topology, Vec::new())]);
    };
    let three = [vec![exploration], vec![formation, stability], vec![decline]];
    let two = [vec![exploration, formation, stability], vec![decline]];
    Ok(vec![
        rung(&merged(topology, &two)?, Vec::new()),
        rung(&merged(topology, &three)?, vec![vec![0, 1], vec![2]]),
        rung(topology, three.to_vec()),
    ])
}

/// Returns the topology whose states are groups of states of another one, each named after its last
/// state.
fn merged(topology: &Topology, groups: &[Vec<usize>]) -> Result<Topology, Error> {
    let any = |from: &[usize], to: &[usize]| {
        from.iter().any(|&from| to.iter().any(|&to| topology.allows(from, to)))
    };
    let last = |group: &Vec<usize>| group.last().copied().unwrap_or(0);
    let states = groups
        .iter()
        .map(last)
        .map(|state| (topology.name(state), topology.stage(state).unwrap_or(Stage::Exploration)));
    let numbered = || groups.iter().enumerate();
    let starts: Vec<usize> = numbered()
        .filter(|(_, group)| group.iter().any(|&state| topology.starts(state)))
        .map(|(number, _)| number)
        .collect();
    let steps: Vec<(usize, usize)> = numbered()
        .flat_map(|(from, a)| numbered().filter(move |(_, b)| any(a, b)).map(move |(to, _)| (from, to)))
        .collect();
    Topology::new(states, &starts, &steps)
}

/// Runs one start on every rung: from a guess, and from the better run of the rung below.
pub(super) fn ladder(
    design: &Design,
    data: &Sequences,
    options: &HmmOptions,
    rungs: &[Rung],
    number: usize,
) -> Result<Vec<Vec<Climb>>, Error> {
    let mut below: Option<HmmModel> = None;
    let mut all = Vec::with_capacity(rungs.len());
    for rung in rungs {
        let climb = |start: HmmModel| climb_within(start, data, &rung.meaning, options);
        let mut climbs =
            vec![climb(start(design, &rung.topology, data, options.seed, (number, StartKind::Usual))?)?];
        if let Some(below) = &below {
            climbs.push(climb(split(below, &rung.topology, &rung.groups, options.seed, number)?)?);
        }
        below =
            climbs.iter().max_by(|a, b| a.reached().total_cmp(&b.reached())).map(|climb| climb.model.clone());
        all.push(climbs);
    }
    Ok(all)
}
