use crm_numbers::{Amount, RangeError, SumUnit, check};

use crate::Error;

/// Computes the brand loyalty per customer: purchases of our brand over purchases in the category;
/// `None` without purchases in the category.
///
/// Called once a period it shows loyalty over time.
///
/// # Errors
///
/// [`Error::Input`] for columns of different length, for more purchases of the brand than in the
/// category.
///
/// # Examples
///
/// ```
/// use crm_segmentation::loyalty::brand_loyalty;
///
/// assert_eq!(brand_loyalty(&[3, 0], &[4, 0])?, [Some(0.75), None]);
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
pub fn brand_loyalty(brand: &[u32], category: &[u32]) -> Result<Vec<Option<f64>>, Error> {
    check::length("values of brand", brand.len(), category.len())?;
    let rows = brand.iter().zip(category).enumerate();
    rows.map(|(row, (&brand, &category))| {
        if brand > category {
            return Err(RangeError::new("brand", brand, ..=category).at(row).into());
        }
        Ok((category > 0).then(|| f64::from(brand) / f64::from(category)))
    })
    .collect()
}

/// The split of a customer's spend over suppliers, and our position against the best rival.
///
/// `share of wallet = ours / all`; `relative affinity = ours / best rival's`: above 1 we are first.
/// The same ratio of attitudes comes from marks instead of money.
///
/// # Examples
///
/// ```
/// use crm_segmentation::loyalty::SpendShare;
///
/// // We got 600, two rivals 300 and 100.
/// let split = SpendShare::new(600_i64, &[300, 100])?;
/// assert_eq!((split.share_of_wallet(), split.relative_affinity()), (Some(0.6), Some(2.0)));
/// assert_eq!(split.rival_shares(), Some([0.3, 0.1].as_slice()));
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct SpendShare {
    /// Ours; `None` where nothing is spent.
    own: Option<f64>,
    rivals: Vec<f64>,
}

crm_numbers::gate!(SpendShare, SpendShare::checked);

impl SpendShare {
    /// Creates the split from the customer's spend with us and with each rival, or from the
    /// customer's marks for each.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for amounts that are not finite, for a negative amount.
    pub fn new<T: Amount>(own: T, rivals: &[T]) -> Result<Self, Error> {
        let all: Vec<T> = std::iter::once(own).chain(rivals.iter().copied()).collect();
        let unit = SumUnit::of("amounts", &all)?;
        check::amounts_not_negative("amounts", &all)?;
        // Exact sums, and one division each.
        let total: i128 = all.iter().map(|&amount| unit.count(amount)).sum();
        let share = |amount: &T| unit.count(*amount) as f64 / total as f64;
        if total <= 0 {
            return Ok(Self { own: None, rivals: Vec::new() });
        }
        Ok(Self { own: Some(share(&own)), rivals: rivals.iter().map(share).collect() })
    }

    /// Checks that the shares are shares and add up to 1; without spend there are none.
    #[cfg_attr(not(feature = "serde"), allow(dead_code, reason = "only reading needs the check"))]
    fn checked(self) -> Result<Self, Error> {
        let Some(own) = self.own else {
            check::length("rival shares without spend", self.rivals.len(), 0)?;
            return Ok(self);
        };
        check::range("own share", own, 0.0..=1.0)?;
        check::range_of_all("rival shares", &self.rivals, 0.0..=1.0)?;
        let sum = own + self.rivals.iter().sum::<f64>();
        // Each share is rounded once.
        let slack = f64::EPSILON * (self.rivals.len() + 2) as f64;
        check::range("sum of shares", sum, 1.0 - slack..=1.0 + slack)?;
        Ok(self)
    }

    /// Returns our share of the whole spend, 0 to 1; `None` where nothing is spent.
    #[must_use]
    pub fn share_of_wallet(&self) -> Option<f64> {
        self.own
    }

    /// Returns the share of each rival, in the order given; `None` where nothing is spent.
    #[must_use]
    pub fn rival_shares(&self) -> Option<&[f64]> {
        self.own.map(|_| self.rivals.as_slice())
    }

    /// Ours over the best rival's; `None` where no rival gets anything.
    #[must_use]
    pub fn relative_affinity(&self) -> Option<f64> {
        let best = self.rivals.iter().copied().fold(0.0, f64::max);
        self.own.filter(|_| best > 0.0).map(|own| own / best)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_spent_has_no_share() {
        let split = SpendShare::new(0_i64, &[0]).unwrap();
        assert_eq!((split.share_of_wallet(), split.relative_affinity()), (None, None));
        assert_eq!(split.rival_shares(), None);
        let alone = SpendShare::new(5.0, &[]).unwrap();
        assert_eq!((alone.share_of_wallet(), alone.relative_affinity()), (Some(1.0), None));
        assert_eq!(
            SpendShare::new(1, &[-2]).unwrap_err().to_string(),
            "amounts[1] must be at least 0, got -2"
        );
        assert!(SpendShare::new(f64::NAN, &[]).is_err());
        assert_eq!(brand_loyalty(&[2], &[1]).unwrap_err().to_string(), "brand[0] must be at most 1, got 2");
    }
}
