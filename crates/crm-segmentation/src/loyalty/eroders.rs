use crate::column::check_finite;
use crate::{Assignments, Error};
use crm_numbers::check;

/// Computes the variety of a customer's purchases over brands: 0 for a single brand, 1 for equal
/// numbers of each brand.
///
/// The entropy of the purchases over brands, divided by its largest value: `H = -sum p_i ln p_i /
/// ln n`, with n the brands on offer (at least those bought).
///
/// # Examples
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

/// Forces that erode loyalty: parity with rivals, variety seeking and low involvement, alone or
/// together.
///
/// Parity: our mark is not ahead of the best rival's by more than a margin. Variety: [`variety`] of
/// the purchases above a limit. Low involvement: the mark for how much the category matters is
/// below a limit.
///
/// # Examples
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
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Eroders {
    lead: f64,
    variety: f64,
    involvement: f64,
}

crm_numbers::gate!(Eroders, Eroders::checked);

impl Eroders {
    /// Creates the rule from its limits: a lead up to `lead` is parity, variety above `variety` is
    /// variety seeking, involvement below `involvement` is low.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a limit that is not finite, and for a limit of variety outside 0 to 1.
    pub fn new(lead: f64, variety: f64, involvement: f64) -> Result<Self, Error> {
        Self { lead, variety, involvement }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check::range("limit of variety", self.variety, 0.0..=1.0)?;
        check::range("limit of the lead", self.lead, ..)?;
        check::range("limit of involvement", self.involvement, ..)?;
        Ok(self)
    }

    /// Assigns every customer to one of eight groups by the eroding forces. Customers without
    /// purchases never count as variety seekers.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for columns of different length, for amounts that are not finite.
    pub fn assign(
        &self,
        lead: &[f64],
        purchases: &[impl AsRef<[u32]>],
        involvement: &[f64],
    ) -> Result<Assignments, Error> {
        check::length("baskets of purchases", purchases.len(), lead.len())?;
        check::length("values of involvement", involvement.len(), lead.len())?;
        check_finite("lead", lead)?;
        check_finite("involvement", involvement)?;
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
