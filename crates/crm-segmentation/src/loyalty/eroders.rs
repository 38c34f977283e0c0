use crate::column::check_length;
use crate::{Assignments, Error};

/// How much somebody looks around among brands: 0 always the same, 1 all alike.
///
/// The entropy of the purchases over brands, divided by its largest value:
/// `H = -sum p_i ln p_i / ln n`, with n the brands on offer (at least those bought).
///
/// ```
/// use crm_segmentation::loyalty::variety;
///
/// assert_eq!(variety(&[9, 0, 0]), Some(0.0));
/// assert_eq!(variety(&[5, 5]), Some(1.0));
/// assert_eq!(variety(&[0, 0]), None); // nothing bought
/// assert!(variety(&[9, 0, 0]).is_some_and(f64::is_sign_positive));
/// ```
#[must_use]
pub fn variety(purchases: &[u32]) -> Option<f64> {
    let total: f64 = purchases.iter().copied().map(f64::from).sum();
    if total <= 0.0 {
        return None;
    }
    if purchases.len() < 2 {
        return Some(0.0);
    }
    let shares = purchases.iter().filter(|&&bought| bought > 0).map(|&bought| f64::from(bought) / total);
    let entropy: f64 = shares.map(|share| -share * share.ln()).sum();
    // Adding zero turns the -0 of a single brand into 0.
    Some((entropy / (purchases.len() as f64).ln()).clamp(0.0, 1.0) + 0.0)
}

/// What wears loyalty down: parity with rivals, variety seeking, low involvement, alone or together.
///
/// Parity: our mark is not ahead of the best rival's by more than a margin. Variety: [`variety`] of the purchases above a
/// limit. Low involvement: the mark for how much the category matters is below a limit.
///
/// ```
/// use crm_segmentation::loyalty::Eroders;
///
/// let eroders = Eroders::new(0.5, 0.6, 4.0)?;
/// // Lead over the best rival, purchases by brand, involvement.
/// let found = eroders.assign(&[2.0, 0.2], &[vec![9, 1], vec![5, 5]], &[8.0, 8.0])?;
/// assert_eq!((found.name(0), found.name(1)), (Some("none"), Some("parity + variety")));
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "[f64; 3]", into = "[f64; 3]"))]
pub struct Eroders {
    lead: f64,
    variety: f64,
    involvement: f64,
}

impl Eroders {
    /// A lead of at most this is parity, variety above this is seeking, involvement below this is low.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a limit that is not finite, and for a limit of variety outside 0 to 1.
    pub fn new(lead: f64, variety: f64, involvement: f64) -> Result<Self, Error> {
        let refuse = |field, allowed: &str, value: f64| {
            Err(Error::OutOfRange { field, allowed: allowed.to_owned(), value: value.to_string() })
        };
        if !(0.0..=1.0).contains(&variety) {
            return refuse("limit of variety", "lie in 0..=1", variety);
        }
        for (field, value) in [("limit of the lead", lead), ("limit of involvement", involvement)] {
            if !value.is_finite() {
                return refuse(field, "be finite", value);
            }
        }
        Ok(Self { lead, variety, involvement })
    }

    /// What is at work in each customer: one of eight groups. Who has bought nothing seeks no variety.
    ///
    /// # Errors
    /// [`Error::Length`] for columns of different length, [`Error::NotFinite`].
    pub fn assign(
        &self,
        lead: &[f64],
        purchases: &[impl AsRef<[u32]>],
        involvement: &[f64],
    ) -> Result<Assignments, Error> {
        check_length(("purchases", purchases.len()), ("lead", lead.len()))?;
        check_length(("involvement", involvement.len()), ("lead", lead.len()))?;
        crate::column::check_finite("lead", lead)?;
        crate::column::check_finite("involvement", involvement)?;
        let code = |((&lead, bought), &involvement): ((&f64, _), &f64)| {
            let bought: &[u32] = AsRef::as_ref(bought);
            let seeks = variety(bought).is_some_and(|variety| variety > self.variety);
            u8::from(lead <= self.lead) | u8::from(seeks) << 1 | u8::from(involvement < self.involvement) << 2
        };
        let codes = lead.iter().zip(purchases).zip(involvement).map(code).collect();
        let facts = [
            ("parity", format!("lead over rivals at most {}", self.lead)),
            ("variety", format!("variety above {}", self.variety)),
            ("low involvement", format!("involvement below {}", self.involvement)),
        ];
        let at_work = |code: u8| {
            let facts = facts.iter().enumerate();
            facts.filter(move |(bit, _)| code >> bit & 1 == 1).map(|(_, fact)| fact)
        };
        let names = (0..8).map(|code| match code {
            0 => "none".to_owned(),
            _ => at_work(code).map(|(name, _)| *name).collect::<Vec<_>>().join(" + "),
        });
        let reasons = (0..8).map(|code| match code {
            0 => "no limit passed".to_owned(),
            _ => at_work(code).map(|(_, fact)| fact.clone()).collect::<Vec<_>>().join(", "),
        });
        Ok(Assignments::trusted(names, codes).because(reasons))
    }
}

impl TryFrom<[f64; 3]> for Eroders {
    type Error = Error;

    fn try_from([lead, variety, involvement]: [f64; 3]) -> Result<Self, Error> {
        Self::new(lead, variety, involvement)
    }
}

impl From<Eroders> for [f64; 3] {
    fn from(eroders: Eroders) -> Self {
        [eroders.lead, eroders.variety, eroders.involvement]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_may_be_at_work() {
        let eroders = Eroders::new(0.0, 0.5, 5.0).unwrap();
        let found = eroders.assign(&[-1.0, 1.0], &[[3, 3], [0, 0]], &[1.0, 1.0]).unwrap();
        assert_eq!(found.name(0), Some("parity + variety + low involvement"));
        assert_eq!(found.name(1), Some("low involvement"));
        assert_eq!(
            found.reason(0),
            Some("lead over rivals at most 0, variety above 0.5, involvement below 5")
        );
        assert!(Eroders::new(0.0, 1.5, 0.0).is_err() && Eroders::new(f64::NAN, 0.5, 0.0).is_err());
    }

    #[test]
    fn one_brand_on_offer_is_no_variety() {
        assert_eq!(variety(&[7]), Some(0.0));
        // Entropy of 1/2, 1/4, 1/4 is 1.5 bits of log2 3.
        assert!((variety(&[2, 1, 1]).unwrap() - 1.5 / 3.0_f64.log2()).abs() < 1e-12);
    }
}
