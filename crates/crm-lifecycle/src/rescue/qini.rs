use crate::error::Error;
use crm_numbers::check;

/// A Qini curve: how well a score finds the customers on whom an action works, by a test with
/// treated and untreated customers.
///
/// # Formula
///
/// `T1 - C1 x T / C`, the additional treated customers who stay among the top of the list, compared
/// with no treatment; `T1` if `C` is 0.
///
/// Customers are ranked by the score, highest first. `T` and `C` are the numbers of treated and
/// untreated customers in the top, of whom `T1` and `C1` stayed. A run of equal scores is a
/// straight line.
///
/// # References
///
/// Radcliffe, N. J. (2007), "Using Control Groups to Target on Predicted Lift", Direct Marketing
/// Analytics Journal 1, 14-21.
///
/// # Examples
///
/// ```
/// use crm_lifecycle::rescue::Qini;
///
/// let score = [0.9, 0.8, 0.7, 0.6, 0.2, 0.1];
/// let treated = [true, false, true, false, true, false];
/// let stayed = [true, false, true, false, false, false];
/// let qini = Qini::new(&score, &treated, &stayed)?;
/// // Of the three treated two stayed, of the three others nobody.
/// assert_eq!(qini.gained(), 2.0);
/// assert_eq!(qini.points()[4].gained, 2.0); // all of it in the first four
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Qini {
    points: Vec<QiniPoint>,
    treated: u64,
}

/// A point of the curve: the end of a run of equal scores.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct QiniPoint {
    /// Share of customers in the top, in 0..=1.
    pub share: f64,
    /// Number of additional treated customers in the top who stayed, compared with no treatment.
    pub gained: f64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Arm {
    customers: u64,
    stayed: u64,
}

impl Qini {
    /// Ranks the customers of a test by `scores`, largest first.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without customers, for columns of different lengths, or for a score that is
    /// not finite; [`Error::OneOutcome`] if all customers, or none, were treated.
    pub fn new(scores: &[f64], treated: &[bool], stayed: &[bool]) -> Result<Self, Error> {
        check::not_empty("scores", scores)?;
        let expected = scores.len();
        for (field, got) in [("treatments", treated.len()), ("outcomes", stayed.len())] {
            check::length(field, got, expected)?;
        }
        check::finite("scores", scores)?;
        let positives = treated.iter().filter(|treated| **treated).count() as u64;
        if positives == 0 || positives == expected as u64 {
            return Err(Error::OneOutcome { name: "treatments", positives, items: expected as u64 });
        }
        let mut ranked: Vec<(f64, bool, bool)> = scores
            .iter()
            .zip(treated)
            .zip(stayed)
            .map(|((score, treated), stayed)| (*score, *treated, *stayed))
            .collect();
        ranked.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let (mut with, mut without) = (Arm::default(), Arm::default());
        let mut points = vec![QiniPoint { share: 0.0, gained: 0.0 }];
        for run in ranked.chunk_by(|a, b| a.0 <= b.0 && b.0 <= a.0) {
            for (_, treated, stayed) in run {
                let arm = if *treated { &mut with } else { &mut without };
                arm.customers += 1;
                arm.stayed += u64::from(*stayed);
            }
            let usual = match without.customers {
                0 => 0.0,
                customers => without.stayed as f64 * with.customers as f64 / customers as f64,
            };
            let share = (with.customers + without.customers) as f64 / expected as f64;
            points.push(QiniPoint { share, gained: with.stayed as f64 - usual });
        }
        Ok(Self { points, treated: positives })
    }

    /// Returns the curve, from no customers to all.
    #[must_use]
    pub fn points(&self) -> &[QiniPoint] {
        &self.points
    }

    /// Returns the number of additional treated customers who stayed, compared with no treatment.
    #[must_use]
    pub fn gained(&self) -> f64 {
        self.points.last().map_or(0.0, |point| point.gained)
    }

    /// Returns the number of additional customers who stay if the top `share` of the list is
    /// treated; linear within a run.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless the share lies in 0..=1.
    pub fn at(&self, share: f64) -> Result<f64, Error> {
        check::range("share", share, 0.0..=1.0)?;
        let after = self.points.partition_point(|point| point.share < share);
        let end = self.points.get(after).or(self.points.last());
        let start = after.checked_sub(1).and_then(|before| self.points.get(before));
        Ok(match (start, end) {
            (Some(start), Some(end)) if end.share > start.share => {
                let part = (share - start.share) / (end.share - start.share);
                start.gained + part * (end.gained - start.gained)
            }
            (_, end) => end.map_or(0.0, |end| end.gained),
        })
    }

    /// Returns the Qini coefficient: the area between the curve and the straight line of random
    /// treatment, per treated customer.
    ///
    /// A coefficient of 0 is no better than chance; a negative one means that the score finds the
    /// wrong customers. Only coefficients of the same test are comparable: the maximum depends on
    /// the effect of the action.
    #[must_use]
    pub fn coefficient(&self) -> f64 {
        let pairs = self.points.iter().zip(self.points.iter().skip(1));
        let area: f64 = pairs.map(|(a, b)| (b.share - a.share) * (a.gained + b.gained) / 2.0).sum();
        (area - self.gained() / 2.0) / self.treated as f64
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;

    #[test]
    fn equal_scores_are_chance() {
        let treated = [true, false, true, false, true, false];
        let stayed = [true, false, true, true, false, false];
        let qini = Qini::new(&[1.0; 6], &treated, &stayed).unwrap();
        assert_eq!((qini.points().len(), qini.gained(), qini.coefficient()), (2, 1.0, 0.0));
        assert_eq!((qini.at(0.5).unwrap(), qini.at(1.0).unwrap(), qini.at(0.0).unwrap()), (0.5, 1.0, 0.0));
    }

    #[test]
    fn errors_name_field_and_value() {
        let text = |scores: &[f64], treated: &[bool], stayed: &[bool]| {
            Qini::new(scores, treated, stayed).unwrap_err().to_string()
        };
        assert_eq!(text(&[], &[], &[]), "scores must not be empty");
        assert_eq!(text(&[1.0], &[], &[]), "expected 1 treatments, got 0");
        assert_eq!(text(&[f64::NAN], &[true], &[true]), "scores[0] must be finite, got NaN");
        assert_eq!(
            text(&[1.0], &[true], &[true]),
            "treatments must include both true and false, got 1 true of 1"
        );
    }
}
