use std::fmt;

use crm_statistics::{Level, Proportion, ProportionMethod};

use crate::table::write_aligned;
use crate::{Assignments, Error};

/// A level of a ladder or pyramid: who stands on it, who has come this far, and how many went on from the level below.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Step {
    /// The level.
    pub name: String,
    /// Who stands on it now.
    pub here: u64,
    /// Who stands on it or above.
    pub reached: u64,
    /// The share of those who reached the level below, as an interval; `None` for the lowest, and where nobody did.
    pub conversion: Option<crm_statistics::Interval>,
}

/// How many climb from level to level, for any assignments whose groups are levels, the lowest first.
///
/// `conversion = reached this level / reached the level below`, with Wilson's interval: a level that few have reached says
/// little about the next one.
///
/// ```
/// use crm_segmentation::Assignments;
/// use crm_segmentation::loyalty::Climb;
///
/// let levels = Assignments::new(["prospect", "first-time", "repeat"], [0, 0, 1, 2])?;
/// let climb = Climb::of(&levels, Default::default())?;
/// let [_, first, repeat] = climb.steps() else { unreachable!() };
/// assert_eq!((first.here, first.reached), (1, 2));
/// assert_eq!(first.conversion.as_ref().unwrap().estimate, 0.5); // 2 of 4
/// assert_eq!(repeat.conversion.as_ref().unwrap().estimate, 0.5); // 1 of 2
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Climb {
    steps: Vec<Step>,
}

impl Climb {
    /// Counts the levels.
    ///
    /// # Errors
    /// [`Error::Empty`] without levels.
    pub fn of(levels: &Assignments, level: Level) -> Result<Self, Error> {
        let counts = levels.counts();
        if counts.is_empty() {
            return Err(Error::Empty { field: "levels" });
        }
        let mut steps = Vec::with_capacity(counts.len());
        let mut below = None;
        let mut reached: u64 = counts.iter().sum();
        for (name, here) in levels.names().iter().zip(counts) {
            let share = below.and_then(|below| Proportion::new(reached, below).ok());
            let conversion = share.map(|share| share.interval(ProportionMethod::Wilson, level));
            steps.push(Step { name: name.clone(), here, reached, conversion });
            below = Some(reached);
            reached -= here;
        }
        Ok(Self { steps })
    }

    /// The levels, the lowest first.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}

impl fmt::Display for Climb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["level", "here", "reached", "conversion", "from", "to"].map(str::to_owned).to_vec();
        let percent = |share: f64| format!("{:.1} %", share * 100.0);
        let rows = self.steps.iter().map(|step| {
            let interval = step.conversion.as_ref();
            let cell = |of: fn(&crm_statistics::Interval) -> f64| {
                interval.map_or_else(|| "-".to_owned(), |interval| percent(of(interval)))
            };
            let (share, from, to) = (cell(|i| i.estimate), cell(|i| i.lower), cell(|i| i.upper));
            vec![step.name.clone(), step.here.to_string(), step.reached.to_string(), share, from, to]
        });
        write_aligned(f, &std::iter::once(head).chain(rows).collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_below_is_no_conversion() {
        let levels = Assignments::new(["a", "b"], []).unwrap();
        let climb = Climb::of(&levels, Level::default()).unwrap();
        assert!(climb.steps().iter().all(|step| step.reached == 0 && step.conversion.is_none()));
        assert_eq!(
            climb.to_string(),
            "level  here  reached  conversion  from  to\na         0        0           -     -   -\n\
             b         0        0           -     -   -\n"
        );
        let none = Assignments::new(Vec::<String>::new(), []).unwrap();
        let refused = Climb::of(&none, Level::default()).unwrap_err();
        assert_eq!(refused.to_string(), "levels must hold at least one value, got 0");
    }
}
