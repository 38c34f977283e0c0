use std::fmt;

use crm_numbers::Share;
use crm_numbers::check;

use crate::error::Error;

/// The family of a cause of loss: the side on which it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Family {
    /// The customer's own life (客户自身原因): nobody is to blame.
    Customer,
    /// Actions or omissions of the company (企业原因).
    Company,
    /// A third party drew the customer away (第三方原因).
    ThirdParty,
}

impl Family {
    /// All three families.
    pub const ALL: [Self; 3] = [Self::Customer, Self::Company, Self::ThirdParty];

    /// Returns the name in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Company => "company",
            Self::ThirdParty => "third party",
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A cause of the loss of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct LossCause {
    name: String,
    family: Family,
    avoidable: bool,
    benchmark: Option<Share>,
}

impl LossCause {
    /// Creates a cause; a cause on the company's side counts as avoidable, the others do not.
    #[must_use]
    pub fn new(name: impl Into<String>, family: Family) -> Self {
        Self { name: name.into(), family, avoidable: family == Family::Company, benchmark: None }
    }

    /// Returns the cause, avoidable or not.
    #[must_use]
    pub fn with_avoidable(self, avoidable: bool) -> Self {
        Self { avoidable, ..self }
    }

    /// Returns the cause with a benchmark: its share of losses elsewhere.
    #[must_use]
    pub fn with_benchmark(self, share: Share) -> Self {
        Self { benchmark: Some(share), ..self }
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the family.
    #[must_use]
    pub fn family(&self) -> Family {
        self.family
    }

    /// Returns whether the company could have avoided the loss.
    #[must_use]
    pub fn is_avoidable(&self) -> bool {
        self.avoidable
    }

    /// Returns the benchmark: the share of losses elsewhere.
    #[must_use]
    pub fn benchmark(&self) -> Option<Share> {
        self.benchmark
    }
}

/// A list of causes of loss, with indices from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self"))]
pub struct Catalogue(Vec<LossCause>);

crm_numbers::gate!(Catalogue, Catalogue::checked);

impl Catalogue {
    /// Creates a list of causes.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without a cause, or for an empty or repeated name.
    pub fn new(causes: impl IntoIterator<Item = LossCause>) -> Result<Self, Error> {
        let causes: Vec<LossCause> = causes.into_iter().collect();
        Self(causes).checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check::not_empty("causes", &self.0)?;
        check::names("names of causes", &self.0.iter().map(LossCause::name).collect::<Vec<_>>())?;
        Ok(self)
    }

    /// Returns the seven causes of the published table, with its shares as the benchmark.
    ///
    /// | family | cause | share |
    /// |---|---|---|
    /// | customer | died | 1 % |
    /// | customer | contact lost | 3 % |
    /// | company | price | 9 % |
    /// | company | complaints handled badly | 10 % |
    /// | company | communication and needs missed | 68 % |
    /// | third party | rivals' activities | 4 % |
    /// | third party | people around the customer | 5 % |
    ///
    /// The table is a benchmark from the literature on customer relationships (流失原因), not a law.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_lifecycle::loss::{Catalogue, Family};
    ///
    /// let published = Catalogue::published();
    /// let company = published.causes().iter().filter(|cause| cause.family() == Family::Company);
    /// let shares = company.filter_map(|cause| cause.benchmark());
    /// assert_eq!(shares.map(|share| share.floor_of(100)).sum::<u128>(), 87);
    /// ```
    #[must_use]
    pub fn published() -> Self {
        let table = [
            ("died", Family::Customer, 1),
            ("contact lost", Family::Customer, 3),
            ("price", Family::Company, 9),
            ("complaints handled badly", Family::Company, 10),
            ("communication and needs missed", Family::Company, 68),
            ("rivals' activities", Family::ThirdParty, 4),
            ("people around the customer", Family::ThirdParty, 5),
        ];
        let cause = |(name, family, percent)| {
            let cause = LossCause::new(name, family);
            Share::percent(percent).map_or(cause.clone(), |share| cause.with_benchmark(share))
        };
        Self(table.map(cause).to_vec())
    }

    /// Returns the causes in order.
    #[must_use]
    pub fn causes(&self) -> &[LossCause] {
        &self.0
    }

    /// Returns the index of the cause with the given name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|cause| cause.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crm_history::Decimal;

    #[test]
    fn the_published_table_has_its_own_names_and_shares() {
        let published = Catalogue::published();
        let rows: Vec<(Family, &str, u128)> = published
            .causes()
            .iter()
            .map(|cause| (cause.family(), cause.name(), cause.benchmark().unwrap().floor_of(100)))
            .collect();
        assert_eq!(
            rows,
            [
                (Family::Customer, "died", 1),
                (Family::Customer, "contact lost", 3),
                (Family::Company, "price", 9),
                (Family::Company, "complaints handled badly", 10),
                (Family::Company, "communication and needs missed", 68),
                (Family::ThirdParty, "rivals' activities", 4),
                (Family::ThirdParty, "people around the customer", 5),
            ]
        );
        let shares = published.causes().iter().map(|cause| cause.benchmark().unwrap().get()).sum();
        assert_eq!(Decimal::ONE, shares);
        assert_eq!(published.find("price"), Some(2));
    }

    #[test]
    fn lists_that_say_nothing_are_refused() {
        assert_eq!(Catalogue::new([]).unwrap_err().to_string(), "causes must not be empty");
        let twice = [LossCause::new("price", Family::Company), LossCause::new("price", Family::ThirdParty)];
        assert_eq!(Catalogue::new(twice).unwrap_err().to_string(), r#"names of causes[1] repeats "price""#);
    }
}
