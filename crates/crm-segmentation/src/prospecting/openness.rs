use crm_numbers::{RangeError, Share, check};

use crate::{Assignments, Cuts, Error};

const NAMES: [&str; 5] = ["innovator", "early adopter", "early majority", "late majority", "laggard"];

/// Rogers' adopter groups, from the days between launch and first purchase.
///
/// The first 2.5 % are innovators, the next 13.5 % early adopters, 34 % early majority, 34 % late
/// majority, 16 % laggards. Shares are of the customers who will ever buy; customers without a
/// purchase have no group here and is named so. Equal days share a group. Source: Rogers, E. M.
/// (1962), Diffusion of Innovations.
///
/// # Examples
///
/// ```
/// use crm_segmentation::prospecting::Adopters;
///
/// // 200 customers who bought on 200 different days, and one without a purchase.
/// let days: Vec<Option<i32>> = (1..=200).map(Some).chain([None]).collect();
/// let adopters = Adopters::fit(&days)?;
/// let groups = adopters.assign(&days)?;
/// assert_eq!(
///     groups.to_string(),
///     "innovator: 5, early adopter: 27, early majority: 68, late majority: 68, laggard: 32, not yet: 1"
/// );
/// assert_eq!(groups.reason(0), Some("bought up to day 5"));
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Cuts<i32>", into = "Cuts<i32>"))]
pub struct Adopters {
    cuts: Cuts<i32>,
}

impl Adopters {
    /// Finds the days at which Rogers' groups end, over the customers with a purchase.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if there are none, and for a purchase before the launch.
    pub fn fit(days: &[Option<i32>]) -> Result<Self, Error> {
        check_days(days)?;
        let bought: Vec<i32> = days.iter().flatten().copied().collect();
        let ends = [25, 160, 500, 840].map(|thousandths| rust_decimal::Decimal::new(thousandths, 3));
        let ends = ends.map(Share::new).into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(Self { cuts: Cuts::at_shares(&bought, &ends)? })
    }

    /// Returns the last days of the first four groups.
    #[must_use]
    pub fn cuts(&self) -> &Cuts<i32> {
        &self.cuts
    }

    /// Assigns every customer to a group, from the days between launch and first purchase; `None`
    /// for customers without a purchase.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a purchase before the launch.
    pub fn assign(&self, days: &[Option<i32>]) -> Result<Assignments, Error> {
        check_days(days)?;
        let code = |day: &Option<i32>| day.map_or(NAMES.len(), |day| self.cuts.bin(day)) as u8;
        let reasons = self.cuts.reasons().into_iter().map(|bounds| {
            let days = bounds.replace("up to ", "up to day ").replace("above ", "after day ");
            format!("bought {days}")
        });
        let reasons = reasons.chain(["not bought yet".to_owned()]);
        let names = NAMES.into_iter().chain(["not yet"]);
        Ok(Assignments::trusted(names, days.iter().map(code).collect()).because(reasons))
    }
}

fn check_days(days: &[Option<i32>]) -> Result<(), Error> {
    let negative = |(row, day): (usize, &Option<i32>)| day.filter(|day| *day < 0).map(|day| (row, day));
    match days.iter().enumerate().find_map(negative) {
        None => Ok(()),
        Some((row, day)) => Err(RangeError::new("days from launch to purchase", day, 0..).at(row).into()),
    }
}

impl TryFrom<Cuts<i32>> for Adopters {
    type Error = Error;

    fn try_from(cuts: Cuts<i32>) -> Result<Self, Error> {
        check::length("bins", cuts.bins(), NAMES.len())?;
        Ok(Self { cuts })
    }
}

impl From<Adopters> for Cuts<i32> {
    fn from(adopters: Adopters) -> Self {
        adopters.cuts
    }
}

/// Computes the share of new items in all purchases per customer; `None` without purchases.
///
/// # Errors
///
/// [`Error::Input`] for columns of different length, for more new items than items.
///
/// # Examples
///
/// ```
/// use crm_segmentation::prospecting::share_of_new;
///
/// assert_eq!(share_of_new(&[1, 0], &[4, 0])?, [Some(0.25), None]);
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
pub fn share_of_new(new_items: &[u32], items: &[u32]) -> Result<Vec<Option<f64>>, Error> {
    crate::loyalty::brand_loyalty(new_items, items)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share_a_group() {
        let days = [Some(3); 10];
        let groups = Adopters::fit(&days).unwrap().assign(&days).unwrap();
        assert_eq!(groups.members("innovator").count(), 10);
        let text = |days: &[Option<i32>]| Adopters::fit(days).unwrap_err().to_string();
        assert_eq!(text(&[None]), "amounts must not be empty");
        assert_eq!(text(&[Some(1), Some(-1)]), "days from launch to purchase[1] must be at least 0, got -1");
    }
}
