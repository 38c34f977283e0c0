//! The maximization step of the Baum-Welch algorithm: shares of expected transitions, and the laws
//! of maximum likelihood, under the constraints that give the stages their meaning.
//!
//! With the constraints `g_j <= 0` of [`Meaning`], each a difference of logarithms of parameters,
//! the optimal parameters maximize `Q - sum of u_j g_j` for some multipliers `u_j >= 0`, with `u_j
//! = 0` if `g_j < 0`. For given multipliers this is the unconstrained problem with shifted numbers:
//! a multiplier of an order constraint moves u purchases from one state to the other, one of a
//! silence constraint moves u silent transitions to the stay in decline. The multipliers are found
//! one by one, in turn.
//!
//! # References
//!
//! Boyd, S. and Vandenberghe, L. (2004), "Convex Optimization", section 5.5, for the conditions.

use super::expect::{Expected, expected};
use super::law::{CountLaw, Shift, SpendLaw, illinois};
use super::meaning::{Constraint, Meaning};
use super::{HmmModel, Sequences};

/// Maximum number of rounds over all constraints.
const ROUNDS: usize = 30;
/// Tolerance of a constraint, in logarithms: if it is violated by less, it holds.
const EXACT: f64 = 1e-9;

/// Takes one step of the Baum-Welch algorithm without constraints; returns the log-likelihood under
/// a model, and a better model.
pub(super) fn improved(model: &HmmModel, data: &Sequences) -> (f64, HmmModel) {
    improved_within(model, data, &Meaning::default(), &mut Vec::new())
}

/// Takes one step of the Baum-Welch algorithm under constraints. The multipliers are those of the
/// step before, and become those of this one.
pub(super) fn improved_within(
    model: &HmmModel,
    data: &Sequences,
    meaning: &Meaning,
    multipliers: &mut Vec<f64>,
) -> (f64, HmmModel) {
    let expected = expected(model, data);
    multipliers.resize(meaning.constraints().len(), 0.0);
    let problem = Problem { model, expected: &expected, meaning };
    let mut point = problem.solved(multipliers);
    problem.project(&mut point);
    let starts: f64 = expected.initial.iter().sum();
    let initial = match starts > f64::MIN_POSITIVE {
        true => expected.initial.iter().map(|p| p / starts).collect(),
        false => model.initial().to_vec(),
    };
    let spend = model.spend().map(|laws| {
        let learn = |(k, law): (usize, &SpendLaw)| {
            expected.spend.get(k).map_or(*law, |(seen, weighted)| law.learnt(seen, weighted))
        };
        laws.iter().enumerate().map(learn).collect()
    });
    (expected.ln_likelihood, model.replaced(initial, point.transition, point.laws, spend))
}

struct Problem<'a> {
    model: &'a HmmModel,
    expected: &'a Expected,
    meaning: &'a Meaning,
}

/// Laws and transition probabilities.
struct Point {
    laws: Vec<CountLaw>,
    transition: Vec<f64>,
}

impl Problem<'_> {
    /// Returns the optimal point, and sets its multipliers.
    fn solved(&self, multipliers: &mut [f64]) -> Point {
        for (multiplier, constraint) in multipliers.iter_mut().zip(self.meaning.constraints()) {
            *multiplier = multiplier.min(0.5 * self.most(constraint));
        }
        let mut point = Point { laws: self.model.counts().to_vec(), transition: Vec::new() };
        self.update(&mut point, multipliers, None);
        for _ in 0..ROUNDS {
            let mut moved = false;
            for (j, constraint) in self.meaning.constraints().iter().enumerate() {
                let now = multipliers.get(j).copied().unwrap_or(0.0);
                let gap = constraint.gap(&point.laws, &point.transition);
                if gap.abs() <= EXACT || (gap < 0.0 && now <= 0.0) || gap.is_nan() {
                    continue;
                }
                let best = self.multiplier(j, constraint, multipliers, &point, gap);
                if let Some(slot) = multipliers.get_mut(j) {
                    *slot = best;
                }
                moved |= (best - now).abs() > 1e-12 * now;
                self.update(&mut point, multipliers, Some(constraint));
            }
            if !moved {
                break;
            }
        }
        point
    }

    /// Returns the multiplier at which a constraint holds with equality, or 0 if it holds without
    /// one; the others are fixed.
    fn multiplier(&self, j: usize, constraint: &Constraint, others: &[f64], from: &Point, gap: f64) -> f64 {
        let most = self.most(constraint);
        if most < 1e-200 {
            return 0.0;
        }
        let now = others.get(j).copied().unwrap_or(0.0);
        let at = |value: f64| {
            let mut multipliers = others.to_vec();
            if let Some(slot) = multipliers.get_mut(j) {
                *slot = value;
            }
            let mut point = Point { laws: from.laws.clone(), transition: from.transition.clone() };
            self.update(&mut point, &multipliers, Some(constraint));
            let gap = constraint.gap(&point.laws, &point.transition);
            if gap.is_nan() { f64::NEG_INFINITY } else { gap }
        };
        // A multiplier below this share of the largest possible one counts as 0.
        let least = 1e-15 * most;
        let mut last = (now, gap);
        let mut width = (0.01 * now).max(if gap > 0.0 { 1e-4 * most } else { least });
        let (low, high) = loop {
            let x = if gap > 0.0 { (last.0 + width).min(most) } else { (last.0 - width).max(0.0) };
            let next = (x, at(x));
            match (gap > 0.0, next.1 > 0.0) {
                (true, false) => break (last, next),
                (false, true) => break (next, last),
                // No multiplier helps: the state has no weight that could be moved.
                (true, true) if x >= most || width <= 0.0 => return 0.0,
                (false, false) if x <= least => return 0.0,
                _ => (last, width) = (next, 4.0 * width),
            }
        };
        illinois(low, high, (1e-15, 0.5 * EXACT), at).0
    }

    /// Returns the largest multiplier: one that moves nearly all of the weight.
    fn most(&self, constraint: &Constraint) -> f64 {
        const PART: f64 = 1.0 - 1e-12;
        let tally = |k: usize| self.expected.tallies.get(k);
        PART * match *constraint {
            Constraint::Order { low, .. } => tally(low).map_or(0.0, |tally| tally.purchases),
            Constraint::Silence { from, to, .. } => {
                let weight = tally(to).map_or(0.0, |tally| tally.weight);
                self.step(from, to).min(weight)
            }
        }
    }

    fn step(&self, from: usize, to: usize) -> f64 {
        self.expected.steps.get(from * self.model.states() + to).copied().unwrap_or(0.0)
    }

    /// Updates the point to the maximum likelihood for these multipliers; if a constraint is given,
    /// only the part that it touches.
    fn update(&self, point: &mut Point, multipliers: &[f64], touched: Option<&Constraint>) {
        let size = self.model.states();
        let (mut laws, mut rows) = (vec![touched.is_none(); size], vec![touched.is_none(); size]);
        let touch = |list: &mut Vec<bool>, k: usize| {
            if let Some(slot) = list.get_mut(k) {
                *slot = true;
            }
        };
        match touched {
            None => point.transition = self.model.transition().to_vec(),
            Some(Constraint::Order { low, high, .. }) => {
                touch(&mut laws, *low);
                touch(&mut laws, *high);
            }
            Some(Constraint::Silence { from, to, decline, .. }) => {
                touch(&mut laws, *to);
                touch(&mut laws, *decline);
                touch(&mut rows, *from);
                touch(&mut rows, *decline);
            }
        }
        let mut shifts = vec![Shift::default(); size];
        let mut steps = self.expected.steps.clone();
        let add = |list: &mut [f64], at: usize, value: f64| {
            if let Some(slot) = list.get_mut(at) {
                *slot += value;
            }
        };
        for (constraint, &u) in self.meaning.constraints().iter().zip(multipliers).filter(|(_, u)| **u > 0.0)
        {
            let mut shift = |k: usize, silent: f64, purchases: f64| {
                if let Some(slot) = shifts.get_mut(k) {
                    slot.silent += silent;
                    slot.purchases += purchases;
                }
            };
            match *constraint {
                Constraint::Order { low, high, .. } => {
                    shift(low, 0.0, -u);
                    shift(high, 0.0, u);
                }
                Constraint::Silence { from, to, decline, .. } => {
                    shift(to, -u, 0.0);
                    shift(decline, u, 0.0);
                    add(&mut steps, from * size + to, -u);
                    add(&mut steps, decline * size + decline, u);
                }
            }
        }
        let tallies = self.expected.tallies.iter().zip(shifts).zip(&mut point.laws).zip(laws);
        for (((tally, shift), law), _) in tallies.filter(|(_, touched)| *touched) {
            *law = law.learnt(tally, shift);
        }
        let new = point.transition.chunks_mut(size).zip(steps.chunks(size)).zip(rows);
        for ((row, steps), _) in new.filter(|(_, touched)| *touched) {
            let sum: f64 = steps.iter().map(|step| step.max(0.0)).sum();
            // A state without transitions out of it keeps its probabilities.
            if sum > f64::MIN_POSITIVE {
                row.iter_mut().zip(steps).for_each(|(p, step)| *p = step.max(0.0) / sum);
            }
        }
        self.meaning.hold(&mut point.transition, size);
    }

    /// Makes a point keep the constraints that no multiplier can enforce, because a state has no
    /// weight that could be moved.
    fn project(&self, point: &mut Point) {
        let size = self.model.states();
        // Decline comes first, so that a mean raised above that of decline raises those above it.
        let orders = self.meaning.constraints().iter().filter_map(|constraint| match *constraint {
            Constraint::Order { low, high, ln_share } => Some((constraint, low, high, ln_share)),
            Constraint::Silence { .. } => None,
        });
        for (constraint, low, high, ln_share) in orders {
            if constraint.gap(&point.laws, &point.transition) > EXACT
                && let Some(mean) = point.laws.get(low).map(CountLaw::mean)
                && let Some(law) = point.laws.get_mut(high)
            {
                *law = law.with_mean(mean / ln_share.exp());
            }
        }
        for constraint in self.meaning.constraints() {
            let gap = constraint.gap(&point.laws, &point.transition);
            let Constraint::Silence { from, to, decline, .. } = *constraint else { continue };
            if gap.is_nan() || gap <= EXACT {
                continue;
            }
            let topology = self.model.topology();
            let Some(row) = point.transition.chunks_mut(size).nth(from) else { continue };
            let cut = row.get(to).map_or(0.0, |p| p * (1.0 - (-gap).exp().max(1e-12)));
            let exit = if topology.allows(from, decline) && to != decline {
                Some(decline)
            } else {
                (0..size).find(|&other| other != to && topology.allows(from, other))
            };
            let Some(exit) = exit else { continue };
            if let Some(p) = row.get_mut(to) {
                *p -= cut;
            }
            if let Some(p) = row.get_mut(exit) {
                *p += cut;
            }
        }
    }
}
