use crm_numbers::{EmptyError, InputError, Level, check};
use crm_statistics::{Proportion, ProportionMethod};

use crate::change::{Change, normal_p_value};
use crate::{Error, Tally, permutation};

/// Returns the customer satisfaction score, CSAT: the share of the `boxes` best answers, such as 2
/// on 1 to 5 (the top-two box).
///
/// [`Proportion`] has the intervals (Wald, Wilson and others).
///
/// # Errors
///
/// [`InputError::Empty`] without answers, [`InputError::Range`] unless `boxes` is at least 1 and
/// less than the number of points.
///
/// # Examples
///
/// ```
/// use crm_satisfaction::scores::csat;
/// use crm_satisfaction::{Level, Scale, Tally};
/// use crm_statistics::ProportionMethod;
///
/// let tally = Tally::new(&Scale::new(1, 5)?, &[20, 62, 100, 50, 31])?;
/// let satisfied = csat(&tally, 2)?;
/// // Newcombe (1998), table I: 81/263 gives 0.2553 to 0.3662.
/// let interval = satisfied.interval(ProportionMethod::Wilson, Level::default());
/// assert_eq!(interval.to_string(), "0.3080 (0.2553 to 0.3662, 95 %)");
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
pub fn csat(tally: &Tally, boxes: usize) -> Result<Proportion, Error> {
    check::range("boxes", boxes, 1..=tally.scale().points() - 1)?;
    let share = Proportion::new(tally.top(boxes), tally.answered());
    Ok(share.map_err(|_| InputError::from(EmptyError::new("answers")))?)
}

/// Returns the excess of a share over that of other respondents: Newcombe's interval, and a test.
///
/// With more than 50 answers in both groups the test is the usual one,
/// `z = (p1 - p2) / sqrt(p (1 - p) (1/n1 + 1/n2))`, `p` the share of both together. With fewer it is
/// exact: the studentized difference under all divisions of the answers into two groups, as for
/// [`Nps::change`](super::Nps::change). The interval is extended to 0 unless the test rejects at
/// its level.
///
/// # References
///
/// Newcombe, R. G. (1998), Statistics in Medicine 17, 873-890, method 10.
///
/// # Examples
///
/// ```
/// use crm_satisfaction::Level;
/// use crm_satisfaction::scores::csat_change;
/// use crm_statistics::Proportion;
///
/// // Newcombe (1998), table II (a): 56/70 - 48/80 gives 0.0524 to 0.3339.
/// let change = csat_change(Proportion::new(56, 70)?, Proportion::new(48, 80)?, Level::default());
/// assert_eq!(change.to_string(), "0.2000 (0.0524 to 0.3339, 95 %), p = 0.0080");
/// # Ok::<(), crm_statistics::Error>(())
/// ```
#[must_use]
pub fn csat_change(now: Proportion, before: Proportion, level: Level) -> Change {
    let difference = now.difference(before, ProportionMethod::Wilson, level);
    let counts = |share: Proportion| [share.successes(), share.trials() - share.successes(), 0];
    let p_value = permutation::two_sided(counts(now), counts(before)).unwrap_or_else(|| {
        let (n1, n2) = (now.trials() as f64, before.trials() as f64);
        let pooled = (now.successes() as f64 + before.successes() as f64) / (n1 + n2);
        let error = (pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n2)).sqrt();
        normal_p_value(difference.estimate, error)
    });
    Change::new(difference, p_value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scale;

    #[test]
    fn boxes_must_leave_something_out() {
        let tally = Tally::new(&Scale::new(1, 5).unwrap(), &[1; 5]).unwrap();
        assert_eq!(csat(&tally, 5).unwrap_err().to_string(), "boxes must be between 1 and 4, got 5");
        assert_eq!(csat(&tally, 0).unwrap_err().to_string(), "boxes must be between 1 and 4, got 0");
        let none = Tally::new(&Scale::new(1, 5).unwrap(), &[0; 5]).unwrap();
        assert_eq!(csat(&none, 2).unwrap_err().to_string(), "answers must not be empty");
    }

    /// Two of two after none of two: chance alone does that once in eight times.
    #[test]
    fn two_answers_a_wave_show_nothing() {
        let change =
            csat_change(Proportion::new(2, 2).unwrap(), Proportion::new(0, 2).unwrap(), Level::default());
        assert!((change.p_value - 1.0 / 3.0).abs() < 1e-12 && change.difference.lower <= 0.0, "{change}");
    }

    #[test]
    fn nobody_and_everybody_do_not_differ_from_themselves() {
        let all = Proportion::new(10, 10).unwrap();
        let change = csat_change(all, all, Level::default());
        assert!((change.p_value - 1.0).abs() < 1e-15 && change.difference.lower < 0.0);
    }
}
