use std::collections::BTreeSet;
use std::fmt;

use super::scheme::check_bins;
use super::{Cell, Place, Scores};
use crate::assignments::check_names;
use crate::{Assignments, Error};

/// One group of a rule set: a name, and the places that belong to it.
///
/// Places are added piece by piece; what a rule adds twice counts as covered twice.
///
/// ```
/// use crm_segmentation::rfm::Rule;
///
/// let best = Rule::new("Best")
///     .with_codes("555 554")?
///     .with_cells(5, |cell| cell.recency() == 4 && cell.frequency_and_monetary() >= 4.5);
/// let codes: Vec<String> = best.places().iter().map(ToString::to_string).collect();
/// assert_eq!(codes, ["555", "554", "445", "454", "455"]);
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Rule {
    name: String,
    places: Vec<Place>,
}

impl Rule {
    /// A group without a place yet.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), places: Vec::new() }
    }

    /// Adds cells by their codes, separated by white space: `555 554 544`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] names the first code that is none.
    pub fn with_codes(mut self, codes: &str) -> Result<Self, Error> {
        for code in codes.split_whitespace() {
            self.places.push(Place::Cell(code.parse()?));
        }
        Ok(self)
    }

    /// Adds all cells with scores from 1 to `bins` that the condition holds for.
    #[must_use]
    pub fn with_cells(mut self, bins: u8, condition: impl Fn(Cell) -> bool) -> Self {
        self.places.extend(Cell::all(bins.min(9)).filter(|cell| condition(*cell)).map(Place::Cell));
        self
    }

    /// Adds the people without an order.
    #[must_use]
    pub fn with_no_order(mut self) -> Self {
        self.places.push(Place::NoOrder);
        self
    }

    /// The group's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The places of the group, in the order in which they were added.
    #[must_use]
    pub fn places(&self) -> &[Place] {
        &self.places
    }
}

/// Names for all cells: every cell, and the people without an order, in exactly one group.
///
/// There is no rule for "everything else": a cell that was forgotten is an error, with the list of all of them, and so
/// is a cell in two groups. [`RuleSet::usual`] and [`RuleSet::shop_platform`] are ready made.
///
/// ```
/// use crm_segmentation::rfm::{Rule, RuleSet};
///
/// let rules = RuleSet::new(2, [
///     Rule::new("good").with_cells(2, |cell| cell.recency() == 2),
///     Rule::new("gone").with_codes("111 112 122")?,
///     Rule::new("prospects").with_no_order(),
/// ]);
/// assert_eq!(
///     rules.unwrap_err().to_string(),
///     "rules must cover every cell exactly once: uncovered 121",
/// );
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Stored", into = "Stored"))]
pub struct RuleSet {
    bins: u8,
    rules: Vec<Rule>,
    /// The rule of every place, by the place's number.
    of_place: Vec<u32>,
}

impl RuleSet {
    /// Checks that the rules put every cell of `bins` scores, and the people without an order, into exactly one group.
    ///
    /// # Errors
    /// [`Error::Rules`] with all [`Faults`]; [`Error::Name`] for an empty or repeated name; [`Error::OutOfRange`] for
    /// a number of scores outside 2..=9.
    pub fn new(bins: u8, rules: impl IntoIterator<Item = Rule>) -> Result<Self, Error> {
        check_bins(bins)?;
        let (set, faults) = Self::checked(bins, rules.into_iter().collect());
        check_names("rules", &set.rules.iter().map(Rule::name).collect::<Vec<_>>())?;
        if faults == Faults::default() { Ok(set) } else { Err(Error::Rules(faults)) }
    }

    /// A rule set with all that is wrong with it.
    pub(crate) fn checked(bins: u8, rules: Vec<Rule>) -> (Self, Faults) {
        let mut groups: Vec<(Place, Vec<usize>)> =
            Place::all(bins).map(|place| (place, Vec::new())).collect();
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
        let name = |&number: &usize| rules.get(number).map_or_else(String::new, |rule| rule.name.clone());
        for (place, covering) in &groups {
            match covering.as_slice() {
                [] => faults.uncovered.push(*place),
                [_] => {}
                several => faults.doubled.push((*place, several.iter().map(name).collect())),
            }
        }
        let first = |(_, covering): &(Place, Vec<usize>)| covering.first().map_or(0, |&number| number as u32);
        let of_place = groups.iter().map(first).collect();
        (Self { bins, rules, of_place }, faults)
    }

    /// The number of scores.
    #[must_use]
    pub fn bins(&self) -> u8 {
        self.bins
    }

    /// The rules, in order.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule that a place falls under; `None` for a cell beyond the number of scores.
    #[must_use]
    pub fn rule(&self, place: Place) -> Option<&Rule> {
        if let Place::Cell(cell) = place
            && cell.largest() > self.bins
        {
            return None;
        }
        self.rules.get(*self.of_place.get(place.index(self.bins))? as usize)
    }

    /// The group of everybody. The reason is the place: [`Scores::place`], and [`RuleSet::rule`] for it.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for scores of a scheme with another number of them.
    pub fn assign(&self, scores: &Scores) -> Result<Assignments, Error> {
        let found = scores.scheme().bins();
        if found != self.bins {
            let allowed = format!("be the {} of the rules", self.bins);
            return Err(Error::OutOfRange { field: "number of scores", allowed, value: found.to_string() });
        }
        let groups = Assignments::trusted(self.rules.iter().map(Rule::name), scores.look_up(&self.of_place));
        Ok(groups.because(self.rules.iter().map(Rule::in_words)))
    }
}

impl Rule {
    /// The scores that the rule takes in, dimension by dimension.
    fn in_words(&self) -> String {
        let cells: Vec<Cell> = self.cells().collect();
        let scores = |of: fn(Cell) -> u8| {
            let scores: BTreeSet<u8> = cells.iter().copied().map(of).collect();
            scores.iter().map(u8::to_string).collect::<Vec<_>>().join("/")
        };
        let buyers = (!cells.is_empty()).then(|| {
            let [r, f, m] = [Cell::recency, Cell::frequency, Cell::monetary].map(scores);
            format!("one of {} cells with R {r}, F {f}, M {m}", cells.len())
        });
        let others = (cells.len() < self.places.len()).then(|| "no order".to_owned());
        [buyers, others].into_iter().flatten().collect::<Vec<_>>().join(", or ")
    }

    fn cells(&self) -> impl Iterator<Item = Cell> + '_ {
        self.places.iter().filter_map(|place| match place {
            Place::Cell(cell) => Some(*cell),
            Place::NoOrder => None,
        })
    }
}

/// All that keeps rules from covering every place exactly once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Faults {
    /// Places that no rule covers.
    pub uncovered: Vec<Place>,
    /// Places that are covered more than once, with the names of the rules.
    pub doubled: Vec<(Place, Vec<String>)>,
    /// Cells with a score beyond the scheme's.
    pub outside: Vec<Place>,
    /// Rules without a place.
    pub empty: Vec<String>,
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |places: &[Place]| places.iter().map(Place::to_string).collect::<Vec<_>>().join(" ");
        let doubled = |(place, names): &(Place, Vec<String>)| format!("{place} ({})", names.join(", "));
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

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    bins: u8,
    rules: Vec<Rule>,
}

#[cfg(feature = "serde")]
impl TryFrom<Stored> for RuleSet {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self, Error> {
        Self::new(stored.bins, stored.rules)
    }
}

#[cfg(feature = "serde")]
impl From<RuleSet> for Stored {
    fn from(set: RuleSet) -> Self {
        Self { bins: set.bins, rules: set.rules }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rfm::Scheme;

    #[test]
    fn all_faults_are_listed_at_once() {
        let rules = [
            Rule::new("a").with_codes("111 112 121 113").unwrap(),
            Rule::new("b").with_codes("121 122").unwrap(),
            Rule::new("c"),
            Rule::new("d")
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
        let all = |name: &str| Rule::new(name).with_cells(2, |_| true);
        let text = |result: Result<RuleSet, Error>| result.unwrap_err().to_string();
        assert_eq!(
            text(RuleSet::new(2, [all("x"), Rule::new("x").with_no_order()])),
            "rules must be distinct and not empty, got \"x\" at position 1"
        );
        assert_eq!(text(RuleSet::new(10, [])), "bins must lie in 2..=9, got 10");
        let two = RuleSet::new(2, [all("x"), Rule::new("y").with_no_order()]).unwrap();
        let scores = Scores::new(Scheme::default(), [5], [5], [5]).unwrap();
        assert_eq!(
            text(two.assign(&scores).map(|_| two.clone())),
            "number of scores must be the 2 of the rules, got 5"
        );
        assert_eq!(two.rule(Place::Cell("333".parse().unwrap())), None);
    }

    #[test]
    fn any_number_of_scores() {
        for bins in 2..=9 {
            let high = |cell: Cell| cell.frequency_and_monetary() > f64::from(bins) / 2.0;
            let rules = [
                Rule::new("low").with_cells(bins, |cell| !high(cell)),
                Rule::new("high").with_cells(bins, high),
                Rule::new("none").with_no_order(),
            ];
            let cell = Cell::new(1, bins, 1).unwrap();
            assert_eq!(
                RuleSet::new(bins, rules).unwrap().rule(Place::Cell(cell)).map(Rule::name),
                Some("high")
            );
        }
    }
}
