//! The cuts at both ends of a ranking, and the parts of groups beyond them.

use crm_numbers::{Interval, Level, Share};
use crm_statistics::share_interval;

use super::Member;

/// Returns the weight of each end.
pub(super) fn size(ranked: &[(f64, f64, usize)], share: Share, weighted: bool) -> f64 {
    let n = ranked.len();
    let total: f64 = ranked.iter().map(|(_, weight, _)| weight).sum();
    let exact = if weighted {
        (share.to_f64() * total).max(total / n as f64)
    } else {
        let size = share.to_f64() * n as f64;
        // 0.07 x 100 is 7, although it is 7.000000000000001 as `f64`.
        let whole = share.floor_of(n as u128) == share.ceil_of(n as u128);
        if whole { size.round().max(1.0) } else { size.max(1.0) }
    };
    exact.min(total)
}

/// Returns the score at the cut and the members of the end that `ranked` begins with, in the order
/// of the survey.
pub(super) fn end<'a>(ranked: impl Iterator<Item = &'a (f64, f64, usize)>, size: f64) -> (f64, Vec<Member>) {
    /// Remainder of a size that is due to the rounding of sums of weights.
    const ROUNDING: f64 = 1e-12;
    let ranked: Vec<&(f64, f64, usize)> = ranked.collect();
    let (mut left, mut cut, mut members) = (size, 0.0, Vec::new());
    for tied in ranked.chunk_by(|one, other| one.0.total_cmp(&other.0).is_eq()) {
        if left <= ROUNDING * size {
            break;
        }
        let weight: f64 = tied.iter().map(|(_, weight, _)| weight).sum();
        let part = if weight <= left * (1.0 + ROUNDING) { 1.0 } else { left / weight };
        members
            .extend(tied.iter().map(|(_, _, respondent)| Member { respondent: *respondent, weight: part }));
        cut = tied.first().map_or(cut, |(score, ..)| *score);
        left -= weight;
    }
    members.sort_by_key(|member| member.respondent);
    (cut, members)
}

/// Sums over the members of a group.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct GroupSums {
    pub(super) respondents: u64,
    pub(super) weight: f64,
    pub(super) squares: f64,
    pub(super) worst: f64,
    pub(super) best: f64,
}

impl GroupSums {
    pub(super) fn add(&mut self, other: Self) {
        self.respondents += other.respondents;
        self.weight += other.weight;
        self.squares += other.squares;
        self.worst += other.worst;
        self.best += other.best;
    }

    pub(super) fn without(&self, part: &Self) -> Self {
        Self {
            respondents: self.respondents - part.respondents,
            weight: self.weight - part.weight,
            squares: self.squares - part.squares,
            worst: self.worst - part.worst,
            best: self.best - part.best,
        }
    }

    /// Returns a share of the weight with its interval; `None` without members.
    pub(super) fn share(&self, pick: impl Fn(&Self) -> f64, level: Level) -> Option<Interval> {
        if self.respondents == 0 {
            return None;
        }
        let share = (pick(self) / self.weight).clamp(0.0, 1.0);
        share_interval(share, self.weight * self.weight / self.squares, level).ok()
    }
}
