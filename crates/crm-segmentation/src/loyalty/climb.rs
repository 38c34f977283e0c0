use std::fmt;

use crm_numbers::{EmptyError, Level, check};
use crm_statistics::{Proportion, ProportionMethod};

use crate::assignments::check_names;
use crate::table::write_aligned;
use crate::{Assignments, Error};

/// A level of a ladder or pyramid: the customers on it, those who have reached it, and the
/// conversion from the level below.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct LadderStep {
    /// The level.
    pub name: String,
    /// Number of customers on the level.
    pub here: u64,
    /// Number of customers on the level or above.
    pub reached: u64,
    /// Number of customers who have reached the level below and whose answer about this level is
    /// missing; they are left out of the conversion.
    pub unknown: u64,
    /// Conversion from the level below, as an interval; `None` for the lowest level, and if no
    /// customer on the level below was asked.
    pub conversion: Option<crm_numbers::Interval>,
}

/// Conversion from level to level, for assignments whose groups are levels, the lowest first.
///
/// `conversion = reached this level / reached the level below`, with Wilson's interval: a level
/// that few have reached says little about the next one. Customers who were not asked about a level
/// ([`Assignments::is_asked`]) count on neither side of its conversion.
///
/// # Examples
///
/// ```
/// use crm_segmentation::Assignments;
/// use crm_segmentation::loyalty::Climb;
///
/// let levels = Assignments::new(["prospect", "first-time", "repeat"], [0, 0, 1, 2])?;
/// let climb = Climb::from_levels(&levels, Default::default())?;
/// let [_, first, repeat] = climb.steps() else { unreachable!() };
/// assert_eq!((first.here, first.reached), (1, 2));
/// assert_eq!(first.conversion.as_ref().unwrap().estimate, 0.5); // 2 of 4
/// assert_eq!(repeat.conversion.as_ref().unwrap().estimate, 0.5); // 1 of 2
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Climb {
    steps: Vec<LadderStep>,
}

crm_numbers::gate!(Climb, Climb::checked);

impl Climb {
    /// Counts the levels.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without levels.
    pub fn from_levels(levels: &Assignments, level: Level) -> Result<Self, Error> {
        let counts = levels.counts();
        if counts.is_empty() {
            return Err(EmptyError::new("levels").into());
        }
        let missing = Missing::of(levels);
        let mut steps = Vec::with_capacity(counts.len());
        let mut below = None;
        let mut reached: u64 = counts.iter().sum();
        for (place, (name, here)) in levels.names().iter().zip(counts).enumerate() {
            let (below_unknown, here_unknown) = missing.at(place);
            let known = |below: u64| {
                Proportion::new(reached.saturating_sub(here_unknown), below.saturating_sub(below_unknown))
                    .ok()
            };
            let conversion =
                below.and_then(known).map(|share| share.interval(ProportionMethod::Wilson, level));
            let unknown = if below.is_some() { below_unknown } else { 0 };
            steps.push(LadderStep { name: name.clone(), here, reached, unknown, conversion });
            below = Some(reached);
            reached -= here;
        }
        Ok(Self { steps })
    }

    /// Checks that each level is reached by the customers of the level below that are not there.
    #[cfg_attr(not(feature = "serde"), allow(dead_code, reason = "only reading needs the check"))]
    fn checked(self) -> Result<Self, Error> {
        let names: Vec<&str> = self.steps.iter().map(|step| step.name.as_str()).collect();
        check::not_empty("levels", &names)?;
        check_names("levels", &names)?;
        let mut reached: u64 = self.steps.iter().map(|step| step.here).fold(0, u64::saturating_add);
        let mut below = 0;
        for step in &self.steps {
            let name = format!("customers that reached {:?}", step.name);
            check::range(name, step.reached, reached..=reached)?;
            check::range("unknown answers", step.unknown, ..=below)?;
            below = reached;
            reached = reached.saturating_sub(step.here);
        }
        Ok(self)
    }

    /// Returns the levels, the lowest first.
    #[must_use]
    pub fn steps(&self) -> &[LadderStep] {
        &self.steps
    }
}

/// For each level, two numbers of customers without an answer about it or about the level below:
/// those who have reached the level below, and those who have reached the level itself.
struct Missing(Vec<(u64, u64)>);

impl Missing {
    fn of(levels: &Assignments) -> Self {
        // Schemes mark the first eight groups at most.
        let marked = if levels.all_asked() { 0 } else { levels.names().len().min(8) };
        let mut counts = vec![(0, 0); marked];
        for (customer, code) in levels.codes().iter().enumerate() {
            let code = *code as usize;
            for (place, (below, here)) in counts.iter_mut().enumerate().skip(1).take(code + 1) {
                if !levels.is_asked(customer, place) || !levels.is_asked(customer, place - 1) {
                    *below += 1;
                    *here += u64::from(code >= place);
                }
            }
        }
        Self(counts)
    }

    fn at(&self, place: usize) -> (u64, u64) {
        self.0.get(place).copied().unwrap_or_default()
    }
}

impl fmt::Display for Climb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut head = ["level", "here", "reached", "conversion", "from", "to"].map(str::to_owned).to_vec();
        let any_unknown = self.steps.iter().any(|step| step.unknown > 0);
        if any_unknown {
            head.push("unknown".to_owned());
        }
        let percent = |share: f64| format!("{:.1} %", share * 100.0);
        let rows = self.steps.iter().map(|step| {
            let interval = step.conversion.as_ref();
            let cell = |of: fn(&crm_numbers::Interval) -> f64| {
                interval.map_or_else(|| "-".to_owned(), |interval| percent(of(interval)))
            };
            let (share, from, to) = (cell(|i| i.estimate), cell(|i| i.lower), cell(|i| i.upper));
            let row = [step.name.clone(), step.here.to_string(), step.reached.to_string(), share, from, to];
            row.into_iter().chain(any_unknown.then(|| step.unknown.to_string())).collect()
        });
        write_aligned(f, &std::iter::once(head).chain(rows).collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{LoyaltyPyramid, Person, UnknownShare};
    use super::*;
    use crm_numbers::Share;

    /// Nobody asked 345 clients about referrals: "advocates 0.0 % to 1.1 %" would be made up.
    #[test]
    fn referrals_that_nobody_asked_for_are_not_zero() {
        let climb = |asked: usize| {
            let person = |i: usize| Person {
                purchases: 9,
                referrals: (i < asked).then_some(u32::from(i.is_multiple_of(4))),
                ..Person::default()
            };
            let people: Vec<Person> = (0..345).map(person).collect();
            Climb::from_levels(&LoyaltyPyramid::default().assign(&people), Level::default()).unwrap()
        };
        let names: Vec<String> = climb(0).steps().iter().map(|step| step.name.clone()).collect();
        assert_eq!(names, ["prospect", "first-time", "repeat", "client"]);
        // 40 of 345 were asked, 10 of them refer.
        let some = climb(40);
        let advocate = some.steps().last().unwrap();
        assert_eq!((advocate.here, advocate.reached, advocate.unknown), (10, 10, 305));
        let wanted = Proportion::new(10, 40).unwrap().interval(ProportionMethod::Wilson, Level::default());
        assert_eq!(advocate.conversion, Some(wanted));
        assert!(some.to_string().lines().last().unwrap().ends_with("305"), "{some}");
    }

    /// Under the strict rule the share of clients is that among repeat customers whose share of
    /// wallet is known.
    #[test]
    fn an_unknown_share_of_wallet_is_no_small_one() {
        let strict = LoyaltyPyramid::default().with_unknown_share(UnknownShare::Refused);
        let person = |i: u32| Person {
            purchases: 2 + 4 * (i % 2),
            share_of_wallet: (i < 20).then_some(Share::ONE),
            referrals: None,
        };
        let people: Vec<Person> = (0..100).map(person).collect();
        let climb = Climb::from_levels(&strict.assign(&people), Level::default()).unwrap();
        let client = climb.steps().last().unwrap();
        assert_eq!((client.name.as_str(), client.reached, client.unknown), ("client", 10, 80));
        assert!((client.conversion.unwrap().estimate - 0.5).abs() < 1e-12);
    }

    #[test]
    fn nobody_below_is_no_conversion() {
        let levels = Assignments::new(["a", "b"], []).unwrap();
        let climb = Climb::from_levels(&levels, Level::default()).unwrap();
        assert!(climb.steps().iter().all(|step| step.reached == 0 && step.conversion.is_none()));
        assert_eq!(
            climb.to_string(),
            "level  here  reached  conversion  from  to\na         0        0           -     -   -\n\
             b         0        0           -     -   -\n"
        );
        let none = Assignments::new(Vec::<String>::new(), []).unwrap();
        let refused = Climb::from_levels(&none, Level::default()).unwrap_err();
        assert_eq!(refused.to_string(), "levels must not be empty");
    }
}
