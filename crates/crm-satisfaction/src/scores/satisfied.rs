use crm_statistics::{Level, Proportion, ProportionMethod};

use super::effort::share;
use crate::change::{Change, p_value};
use crate::{Error, Tally};

/// How many are satisfied? CSAT: the share of the `boxes` best answers, such as 2 on 1 to 5 (the top-two box).
///
/// The answer is a count of a count; [`Proportion`] has its intervals (Wald, Wilson and others).
///
/// # Errors
/// [`Error::Empty`] where nobody answered, [`Error::OutOfRange`] unless boxes are at least 1 and fewer than the points.
///
/// ```
/// use crm_satisfaction::{Scale, Tally};
/// use crm_satisfaction::scores::csat;
/// use crm_statistics::{Level, ProportionMethod};
///
/// let tally = Tally::new(&Scale::new(1, 5)?, &[20, 62, 100, 50, 31])?;
/// let satisfied = csat(&tally, 2)?;
/// // Newcombe (1998), table I: 81/263 gives 0.2553 to 0.3662.
/// let interval = satisfied.interval(ProportionMethod::Wilson, Level::default());
/// assert_eq!(interval.to_string(), "0.3080 (0.2553 to 0.3662, 95 %)");
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
pub fn csat(tally: &Tally, boxes: usize) -> Result<Proportion, Error> {
    share(tally, boxes)
}

/// By how much a share exceeds that of other respondents: Newcombe's interval, and the z-test with the pooled share.
///
/// Sources: Newcombe, R. G. (1998), Statistics in Medicine 17, 873-890, method 10; the test is that of every textbook,
/// `z = (p1 - p2) / sqrt(p (1 - p) (1/n1 + 1/n2))` with p the share of both together.
///
/// ```
/// use crm_satisfaction::scores::csat_change;
/// use crm_statistics::{Level, Proportion};
///
/// // Newcombe (1998), table II (a): 56/70 - 48/80 gives 0.0524 to 0.3339.
/// let change = csat_change(Proportion::new(56, 70)?, Proportion::new(48, 80)?, Level::default());
/// assert_eq!(change.to_string(), "0.2000 (0.0524 to 0.3339, 95 %), p = 0.0080");
/// # Ok::<(), crm_statistics::Error>(())
/// ```
#[must_use]
pub fn csat_change(now: Proportion, before: Proportion, level: Level) -> Change {
    let difference = now.difference(before, ProportionMethod::Wilson, level);
    let (n1, n2) = (now.trials() as f64, before.trials() as f64);
    let pooled = (now.successes() as f64 + before.successes() as f64) / (n1 + n2);
    let error = (pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n2)).sqrt();
    Change { difference, p_value: p_value(difference.estimate, error) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scale;

    #[test]
    fn boxes_must_leave_something_out() {
        let tally = Tally::new(&Scale::new(1, 5).unwrap(), &[1; 5]).unwrap();
        assert_eq!(csat(&tally, 5).unwrap_err().to_string(), "boxes must lie in 1..=4, got 5");
        assert_eq!(csat(&tally, 0).unwrap_err().to_string(), "boxes must lie in 1..=4, got 0");
        let none = Tally::new(&Scale::new(1, 5).unwrap(), &[0; 5]).unwrap();
        assert_eq!(csat(&none, 2).unwrap_err().to_string(), "answers must hold at least one value, got 0");
    }

    #[test]
    fn nobody_and_everybody_do_not_differ_from_themselves() {
        let all = Proportion::new(10, 10).unwrap();
        let change = csat_change(all, all, Level::default());
        assert!((change.p_value - 1.0).abs() < 1e-15 && change.difference.lower < 0.0);
    }
}
