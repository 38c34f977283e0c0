#![allow(clippy::indexing_slicing, reason = "numbers of rules come from the list of rules")]

use crm_numbers::check;
use std::collections::BTreeSet;
use std::fmt;

use super::scheme::check_bins;
use super::{RfmCell, RfmPlace, Scores};
use crate::assignments::check_names;
use crate::{Assignments, Error};

/// One group of a rule set: a name, and the places that belong to it.
///
/// Places are added piece by piece; what a rule adds twice counts as covered twice.
///
/// # Examples
///
/// ```
/// use crm_segmentation::rfm::SegmentRule;
///
/// let best = SegmentRule::new("Best")
///     .with_codes("555 554")?
///     .with_cells(5, |cell| cell.recency() == 4 && cell.frequency_and_monetary() >= 4.5);
/// let codes: Vec<String> = best.places().iter().map(ToString::to_string).collect();
/// assert_eq!(codes, ["555", "554", "445", "454", "455"]);
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct SegmentRule {
    name: String,
    places: Vec<RfmPlace>,
}

impl SegmentRule {
    /// Creates a group without places.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), places: Vec::new() }
    }

    /// Adds cells by their codes, separated by white space: `555 554 544`.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] names the first code that is none.
    pub fn with_codes(mut self, codes: &str) -> Result<Self, Error> {
        for code in codes.split_whitespace() {
            self.places.push(RfmPlace::Cell(code.parse()?));
        }
        Ok(self)
    }

    /// Adds all cells with scores from 1 to `bins` that the condition holds for.
    #[must_use]
    pub fn with_cells(mut self, bins: u8, condition: impl Fn(RfmCell) -> bool) -> Self {
        self.places.extend(RfmCell::all(bins.min(9)).filter(|cell| condition(*cell)).map(RfmPlace::Cell));
        self
    }

    /// Adds the customers without an order.
    #[must_use]
    pub fn with_no_order(mut self) -> Self {
        self.places.push(RfmPlace::NoOrder);
        self
    }

    /// Returns the name of the group.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the places of the group, in the order in which they were added.
    #[must_use]
    pub fn places(&self) -> &[RfmPlace] {
        &self.places
    }
}

/// A rule set that names all cells: every cell, and the customers without an order, belong to
/// exactly one group.
///
/// There is no rule for "everything else": a cell that was forgotten is an error, with the list of
/// all of them, and so is a cell in two groups. [`RuleSet::usual`] and [`RuleSet::shop_platform`]
/// are ready made.
///
/// # Examples
///
/// ```
/// use crm_segmentation::rfm::{SegmentRule, RuleSet};
///
/// let rules = RuleSet::new(2, [
///     SegmentRule::new("good").with_cells(2, |cell| cell.recency() == 2),
///     SegmentRule::new("gone").with_codes("111 112 122")?,
///     SegmentRule::new("prospects").with_no_order(),
/// ]);
/// assert_eq!(
///     rules.unwrap_err().to_string(),
///     "rules must cover every cell exactly once: uncovered 121",
/// );
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct RuleSet {
    bins: u8,
    rules: Vec<SegmentRule>,
    /// The rule of every place, by the place's number.
    #[cfg_attr(feature = "serde", serde(skip))]
    of_place: Vec<u32>,
}

crm_numbers::gate!(RuleSet, RuleSet::checked);

impl RuleSet {
    /// Checks that the rules put every cell of `bins` scores, and the customers without an order,
    /// into exactly one group.
    ///
    /// # Errors
    ///
    /// [`Error::Rules`] with all [`Faults`]; [`Error::Input`] for an empty or repeated name; for a
    /// number of scores outside 2..=9.
    pub fn new(bins: u8, rules: impl IntoIterator<Item = SegmentRule>) -> Result<Self, Error> {
        Self { bins, rules: rules.into_iter().collect(), of_place: Vec::new() }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check_bins(self.bins)?;
        let (set, faults) = Self::with_faults(self.bins, self.rules);
        check_names("rules", &set.rules.iter().map(SegmentRule::name).collect::<Vec<_>>())?;
        if faults == Faults::default() { Ok(set) } else { Err(Error::Rules(faults)) }
    }

    /// A rule set with all that is wrong with it.
    pub(crate) fn with_faults(bins: u8, rules: Vec<SegmentRule>) -> (Self, Faults) {
        let mut groups: Vec<(RfmPlace, Vec<usize>)> =
            RfmPlace::all(bins).map(|place| (place, Vec::new())).collect();
        let mut faults = Faults::default();
        for (number, rule) in rules.iter().enumerate() {
            if rule.places.is_empty() {
                faults.empty.push(rule.name.clone());
            }
            for &place in &rule.places {
                match groups.get_mut(place.index(bins)) {
                    Some((known, covering)) if *known == place => covering.push(number),
                    _ => faults.outside.push(place),
                }
            }
        }
        let name = |&number: &usize| rules[number].name.clone();
        for (place, covering) in &groups {
            match covering.as_slice() {
                [] => faults.uncovered.push(*place),
                [_] => {}
                several => faults.doubled.push((*place, several.iter().map(name).collect())),
            }
        }
        let first =
            |(_, covering): &(RfmPlace, Vec<usize>)| covering.first().map_or(0, |&number| number as u32);
        let of_place = groups.iter().map(first).collect();
        (Self { bins, rules, of_place }, faults)
    }

    /// Returns the number of scores.
    #[must_use]
    pub fn bins(&self) -> u8 {
        self.bins
    }

    /// Returns the rules, in order.
    #[must_use]
    pub fn rules(&self) -> &[SegmentRule] {
        &self.rules
    }

    /// Returns the rule that covers a place; `None` for a cell beyond the number of scores.
    #[must_use]
    pub fn rule(&self, place: RfmPlace) -> Option<&SegmentRule> {
        if let RfmPlace::Cell(cell) = place
            && cell.largest() > self.bins
        {
            return None;
        }
        self.rules.get(*self.of_place.get(place.index(self.bins))? as usize)
    }

    /// Assigns every customer to a group. The reason is the place: see [`Scores::place`] and
    /// [`RuleSet::rule`].
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for scores of a scheme with another number of them.
    pub fn assign(&self, scores: &Scores) -> Result<Assignments, Error> {
        let found = scores.scheme().bins();
        check::length("score levels", found.into(), self.bins.into())?;
        let groups =
            Assignments::trusted(self.rules.iter().map(SegmentRule::name), scores.look_up(&self.of_place));
        Ok(groups.because(self.rules.iter().map(SegmentRule::in_words)))
    }
}

impl SegmentRule {
    /// The scores that the rule takes in, dimension by dimension.
    fn in_words(&self) -> String {
        let cells: Vec<RfmCell> = self.cells().collect();
        let scores = |of: fn(RfmCell) -> u8| {
            let scores: BTreeSet<u8> = cells.iter().copied().map(of).collect();
            scores.iter().map(u8::to_string).collect::<Vec<_>>().join("/")
        };
        let buyers = (!cells.is_empty()).then(|| {
            let [r, f, m] = [RfmCell::recency, RfmCell::frequency, RfmCell::monetary].map(scores);
            format!("one of {} cells with R {r}, F {f}, M {m}", cells.len())
        });
        let others = (cells.len() < self.places.len()).then(|| "no order".to_owned());
        [buyers, others].into_iter().flatten().collect::<Vec<_>>().join(", or ")
    }

    fn cells(&self) -> impl Iterator<Item = RfmCell> + '_ {
        self.places.iter().filter_map(|place| match place {
            RfmPlace::Cell(cell) => Some(*cell),
            RfmPlace::NoOrder => None,
        })
    }
}

/// All that keeps rules from covering every place exactly once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Faults {
    /// Places that no rule covers.
    pub uncovered: Vec<RfmPlace>,
    /// Places that are covered more than once, with the names of the rules.
    pub doubled: Vec<(RfmPlace, Vec<String>)>,
    /// Cells with a score beyond the scheme's.
    pub outside: Vec<RfmPlace>,
    /// Rules without a place.
    pub empty: Vec<String>,
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |places: &[RfmPlace]| places.iter().map(RfmPlace::to_string).collect::<Vec<_>>().join(" ");
        let doubled = |(place, names): &(RfmPlace, Vec<String>)| format!("{place} ({})", names.join(", "));
        let mut parts = Vec::new();
        if !self.uncovered.is_empty() {
            parts.push(format!("uncovered {}", list(&self.uncovered)));
        }
        if !self.doubled.is_empty() {
            let all: Vec<String> = self.doubled.iter().map(doubled).collect();
            parts.push(format!("covered more than once {}", all.join(" ")));
        }
        if !self.outside.is_empty() {
            parts.push(format!("beyond the scores {}", list(&self.outside)));
        }
        if !self.empty.is_empty() {
            parts.push(format!("rules without a cell {}", self.empty.join(", ")));
        }
        f.write_str(&parts.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rfm::RfmScheme;

    #[test]
    fn all_faults_are_listed_at_once() {
        let rules = [
            SegmentRule::new("a").with_codes("111 112 121 113").unwrap(),
            SegmentRule::new("b").with_codes("121 122").unwrap(),
            SegmentRule::new("c"),
            SegmentRule::new("d")
                .with_cells(2, |cell| cell.recency() == 2 && cell.monetary() == 2)
                .with_codes("222")
                .unwrap(),
        ];
        assert_eq!(
            RuleSet::new(2, rules).unwrap_err().to_string(),
            "rules must cover every cell exactly once: uncovered no order 211 221; \
             covered more than once 121 (a, b) 222 (d, d); beyond the scores 113; rules without a cell c"
        );
    }

    #[test]
    fn names_and_sizes_are_checked() {
        let all = |name: &str| SegmentRule::new(name).with_cells(2, |_| true);
        let text = |result: Result<RuleSet, Error>| result.unwrap_err().to_string();
        assert_eq!(
            text(RuleSet::new(2, [all("x"), SegmentRule::new("x").with_no_order()])),
            r#"rules[1] repeats "x""#
        );
        assert_eq!(text(RuleSet::new(10, [])), "number of score levels must be between 2 and 9, got 10");
        let two = RuleSet::new(2, [all("x"), SegmentRule::new("y").with_no_order()]).unwrap();
        let scores = Scores::new(RfmScheme::default(), [5], [5], [5]).unwrap();
        assert_eq!(text(two.assign(&scores).map(|_| two.clone())), "expected 2 score levels, got 5");
        assert_eq!(two.rule(RfmPlace::Cell("333".parse().unwrap())), None);
    }

    #[test]
    fn any_number_of_scores() {
        for bins in 2..=9 {
            let high = |cell: RfmCell| cell.frequency_and_monetary() > f64::from(bins) / 2.0;
            let rules = [
                SegmentRule::new("low").with_cells(bins, |cell| !high(cell)),
                SegmentRule::new("high").with_cells(bins, high),
                SegmentRule::new("none").with_no_order(),
            ];
            let cell = RfmCell::new(1, bins, 1).unwrap();
            assert_eq!(
                RuleSet::new(bins, rules).unwrap().rule(RfmPlace::Cell(cell)).map(SegmentRule::name),
                Some("high")
            );
        }
    }
}
