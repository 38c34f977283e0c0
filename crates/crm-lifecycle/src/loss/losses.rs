use std::cmp::Reverse;
use std::fmt;

use crm_history::Decimal;
use crm_numbers::{Amount, Interval, Level};
use crm_numbers::{IndexError, OverflowError, UnknownNameError, check};
use crm_statistics::{Proportion, ProportionMethod};

use super::{Catalogue, Family, LossCause};
use crate::error::Error;

/// Lost customers by cause, with their value if it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Losses {
    catalogue: Catalogue,
    counts: Vec<u64>,
    values: Option<Vec<Decimal>>,
}

crm_numbers::gate!(Losses, Losses::checked);

/// The losses to one cause.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Loss {
    /// Name of the cause.
    pub name: String,
    /// Family of the cause.
    pub family: Family,
    /// Whether the loss was avoidable.
    pub avoidable: bool,
    /// Number of customers lost to the cause.
    pub customers: u64,
    /// Their share of all lost customers, with Wilson's limits; `None` without lost customers.
    pub share: Option<Interval>,
    /// Share of lost customers of this cause and those before it in the list.
    pub cumulative: Option<f64>,
    /// Benchmark: the share of the cause in losses elsewhere.
    pub benchmark: Option<f64>,
    /// Whether the benchmark lies outside the limits.
    pub unlike_benchmark: Option<bool>,
    /// Value of the customers lost to the cause, in currency units.
    pub value: Option<Decimal>,
    /// Their share of all lost value; `None` also if no value was lost.
    pub share_of_value: Option<f64>,
}

/// The losses to one family of causes.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct FamilyLoss {
    /// Family of the causes.
    pub family: Family,
    /// Number of customers lost to its causes.
    pub customers: u64,
    /// Their share of all lost customers, with Wilson's limits; `None` without lost customers.
    pub share: Option<Interval>,
    /// Value of these customers, in currency units.
    pub value: Option<Decimal>,
}

impl Losses {
    /// Checks that there is a count for every cause, and a value if values are known, and that they
    /// can be summed.
    #[cfg_attr(not(feature = "serde"), allow(dead_code, reason = "only reading needs the check"))]
    fn checked(self) -> Result<Self, Error> {
        let causes = self.catalogue.causes().len();
        check::length("counts", self.counts.len(), causes)?;
        let total = self.counts.iter().try_fold(0_u64, |total, count| total.checked_add(*count));
        let about = || self.counts.iter().map(|count| *count as f64).sum();
        total.ok_or_else(|| OverflowError::new("number of customers lost", about()))?;
        if let Some(values) = &self.values {
            check::length("values", values.len(), causes)?;
            check::range_of_all("values", values, Decimal::ZERO..)?;
            values
                .iter()
                .try_fold(Decimal::ZERO, |total, value| crate::retention::sum("value lost", total, *value))?;
        }
        Ok(self)
    }

    /// Counts lost customers, given the index of the cause of each.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an index that is out of range for the causes.
    pub fn from_indices(catalogue: &Catalogue, causes: &[usize]) -> Result<Self, Error> {
        let mut counts = vec![0; catalogue.causes().len()];
        for &cause in causes {
            let missing = || IndexError::new("causes", cause, catalogue.causes().len());
            *counts.get_mut(cause).ok_or_else(missing)? += 1;
        }
        Ok(Self { catalogue: catalogue.clone(), counts, values: None })
    }

    /// Counts lost customers, given the name of the cause of each.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an unknown name.
    pub fn from_names<N: AsRef<str>>(catalogue: &Catalogue, causes: &[N]) -> Result<Self, Error> {
        Self::from_indices(catalogue, &numbers(catalogue, causes)?)
    }

    /// Counts lost customers and sums their value, such as the margin of their last year, given the
    /// name of the cause of each.
    ///
    /// # Errors
    ///
    /// Fails like [`from_names`](Self::from_names), and with [`Error::Input`] for columns of
    /// different lengths, a negative value, or a sum that a [`Decimal`] cannot hold.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_history::Decimal;
    /// use crm_lifecycle::loss::{Catalogue, Losses};
    ///
    /// let worth = [500, 20, 30].map(Decimal::from);
    /// let left = ["price", "complaints handled badly", "died"];
    /// let losses = Losses::from_names_with_values(&Catalogue::published(), &left, &worth)?;
    /// assert_eq!(losses.avoidable_value(), Some(Decimal::from(520)));
    /// # Ok::<(), crm_lifecycle::Error>(())
    /// ```
    pub fn from_names_with_values<N: AsRef<str>>(
        catalogue: &Catalogue,
        causes: &[N],
        values: &[Decimal],
    ) -> Result<Self, Error> {
        let numbers = numbers(catalogue, causes)?;
        check::length("values", values.len(), numbers.len())?;
        check::range_of_all("values", values, Decimal::ZERO..)?;
        let losses = Self::from_indices(catalogue, &numbers)?;
        let mut sums = vec![Decimal::ZERO; losses.counts.len()];
        let mut total = Decimal::ZERO;
        for (&cause, &value) in numbers.iter().zip(values) {
            // If the total fits, each part does.
            total = crate::retention::sum("value lost", total, value)?;
            if let Some(slot) = sums.get_mut(cause) {
                *slot = crate::retention::sum("value lost", *slot, value)?;
            }
        }
        Ok(Self { values: Some(sums), ..losses })
    }

    /// Returns the number of lost customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Returns their value; `None` if it is not known.
    #[must_use]
    pub fn value(&self) -> Option<Decimal> {
        self.value_where(|_| true)
    }

    /// Returns the causes in descending order of lost customers, with cumulative shares (a Pareto
    /// analysis). Causes with equal numbers stay in the order of the list.
    #[must_use]
    pub fn pareto(&self, level: Level) -> Vec<Loss> {
        let all = self.customers();
        let total = self.value().map(Amount::to_f64);
        let mut order: Vec<usize> = (0..self.counts.len()).collect();
        order.sort_by_key(|&cause| Reverse(self.count(cause)));
        let mut so_far = 0;
        let loss = |number: usize| {
            let cause = self.catalogue.causes().get(number)?;
            let customers = self.count(number);
            so_far += customers;
            let (share, cumulative) = (share(customers, all, level), share(so_far, all, level));
            let value = self.values.as_ref().and_then(|values| values.get(number)).copied();
            let benchmark = cause.benchmark().map(|share| share.get().to_f64());
            Some(Loss {
                name: cause.name().to_owned(),
                family: cause.family(),
                avoidable: cause.is_avoidable(),
                customers,
                share,
                cumulative: cumulative.map(|share| share.estimate),
                benchmark,
                unlike_benchmark: share
                    .zip(benchmark)
                    .map(|(share, of_others)| of_others < share.lower || of_others > share.upper),
                value,
                share_of_value: value
                    .zip(total)
                    .filter(|(_, total)| *total > 0.0)
                    .map(|(value, total)| value.to_f64() / total),
            })
        };
        order.into_iter().filter_map(loss).collect()
    }

    /// Returns the three families, in the order of [`Family::ALL`].
    #[must_use]
    pub fn families(&self, level: Level) -> [FamilyLoss; 3] {
        Family::ALL.map(|family| {
            let customers = self.count_where(|cause| cause.family() == family);
            FamilyLoss {
                family,
                customers,
                share: share(customers, self.customers(), level),
                value: self.value_where(|cause| cause.family() == family),
            }
        })
    }

    /// Returns the share of lost customers whose loss was avoidable, with Wilson's limits; `None`
    /// without lost customers.
    #[must_use]
    pub fn avoidable(&self, level: Level) -> Option<Interval> {
        share(self.count_where(LossCause::is_avoidable), self.customers(), level)
    }

    /// Returns the value of these customers; `None` if it is not known.
    #[must_use]
    pub fn avoidable_value(&self) -> Option<Decimal> {
        self.value_where(LossCause::is_avoidable)
    }

    fn count(&self, cause: usize) -> u64 {
        self.counts.get(cause).copied().unwrap_or(0)
    }

    fn count_where(&self, holds: impl Fn(&LossCause) -> bool) -> u64 {
        let counted = self.catalogue.causes().iter().zip(&self.counts);
        counted.filter(|(cause, _)| holds(cause)).map(|(_, count)| count).sum()
    }

    fn value_where(&self, holds: impl Fn(&LossCause) -> bool) -> Option<Decimal> {
        let valued = self.catalogue.causes().iter().zip(self.values.as_ref()?);
        let mut valued = valued.filter(|(cause, _)| holds(cause));
        valued.try_fold(Decimal::ZERO, |sum, (_, value)| sum.checked_add(*value))
    }
}

fn numbers<N: AsRef<str>>(catalogue: &Catalogue, causes: &[N]) -> Result<Vec<usize>, Error> {
    let number = |name: &N| {
        let known = || catalogue.causes().iter().map(LossCause::name);
        let refused = || UnknownNameError::new("cause", name.as_ref(), known());
        Ok(catalogue.find(name.as_ref()).ok_or_else(refused)?)
    };
    causes.iter().map(number).collect()
}

fn share(part: u64, all: u64, level: Level) -> Option<Interval> {
    Proportion::new(part, all).ok().map(|share| share.interval(ProportionMethod::Wilson, level))
}

/// Prints the causes in descending order of lost customers, with the families below.
impl fmt::Display for Losses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let losses = self.pareto(Level::default());
        let width = losses.iter().map(|loss| loss.name.chars().count()).max().unwrap_or(0).max(11);
        let percent = |share: Option<f64>| {
            share.map_or_else(|| "-".to_owned(), |share| format!("{:.1} %", share * 100.0))
        };
        for loss in &losses {
            let (name, customers) = (&loss.name, loss.customers);
            let share = percent(loss.share.map(|share| share.estimate));
            write!(f, "{name:<width$}  {:<11}  {customers:>9}  {share:>7}", loss.family)?;
            write!(f, "  {:>7}", percent(loss.benchmark))?;
            if let Some(value) = loss.value {
                write!(f, "  {value:>14}")?;
            }
            writeln!(f)?;
        }
        for of in self.families(Level::default()) {
            let share = percent(of.share.map(|share| share.estimate));
            writeln!(
                f,
                "{:<width$}  {:<11}  {:>9}  {share:>7}",
                of.family.name(),
                "all causes",
                of.customers
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crm_numbers::Share;

    #[test]
    fn the_table_itself_is_like_its_benchmark() {
        let published = Catalogue::published();
        let names: Vec<String> = published
            .causes()
            .iter()
            .flat_map(|cause| {
                vec![cause.name().to_owned(); cause.benchmark().unwrap().floor_of(100) as usize]
            })
            .collect();
        let losses = Losses::from_names(&published, &names).unwrap();
        let order: Vec<u64> = losses.pareto(Level::default()).iter().map(|loss| loss.customers).collect();
        assert_eq!(order, [68, 10, 9, 5, 4, 3, 1]);
        assert!(losses.pareto(Level::default()).iter().all(|loss| loss.unlike_benchmark == Some(false)));
        let last = losses.pareto(Level::default())[6].cumulative.unwrap();
        assert!((last - 1.0).abs() < 1e-15);
        assert_eq!(losses.families(Level::default()).map(|of| of.customers), [4, 87, 9]);
        assert_eq!(losses.avoidable_value(), None);
    }

    #[test]
    fn a_share_far_from_that_of_others_is_told() {
        let others = Share::percent(50).unwrap();
        let causes = [
            LossCause::new("price", Family::Company).with_benchmark(others).with_avoidable(false),
            LossCause::new("rival", Family::ThirdParty).with_avoidable(true),
        ];
        let losses = Losses::from_indices(&Catalogue::new(causes).unwrap(), &[1; 30]).unwrap();
        let rows = losses.pareto(Level::default());
        assert_eq!((rows[0].name.as_str(), rows[0].unlike_benchmark), ("rival", None));
        assert_eq!(rows[1].unlike_benchmark, Some(true));
        assert!((losses.avoidable(Level::default()).unwrap().estimate - 1.0).abs() < 1e-15);
    }

    #[test]
    fn nobody_lost_has_no_shares() {
        let none: [&str; 0] = [];
        let losses = Losses::from_names_with_values(&Catalogue::published(), &none, &[]).unwrap();
        let rows = losses.pareto(Level::default());
        assert_eq!((rows[0].name.as_str(), rows[0].share, rows[0].share_of_value), ("died", None, None));
        assert_eq!((losses.avoidable(Level::default()), losses.value()), (None, Some(Decimal::ZERO)));
        assert!(
            losses
                .to_string()
                .starts_with("died                            customer             0        -    1.0 %")
        );
    }

    #[test]
    fn errors_name_field_and_value() {
        let published = Catalogue::published();
        assert_eq!(
            Losses::from_indices(&published, &[7]).unwrap_err().to_string(),
            "index 7 is out of range for 7 causes"
        );
        assert_eq!(
            Losses::from_names(&published, &["weather"]).unwrap_err().to_string(),
            "unknown cause \"weather\"; expected one of died, contact lost, price, complaints handled badly, \
             communication and needs missed, rivals' activities, people around the customer"
        );
        let text = |values: &[Decimal]| {
            Losses::from_names_with_values(&published, &["price"], values).unwrap_err().to_string()
        };
        assert_eq!(text(&[]), "expected 1 values, got 0");
        assert_eq!(text(&[Decimal::NEGATIVE_ONE]), "values[0] must be at least 0, got -1");
    }
}
