use std::fmt;

use rust_decimal::Decimal;

use crate::exact::Sum;
use crate::{Breakdown, Error, exact};

/// One of the five components of lifetime value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Component {
    /// CPV.
    Purchase,
    /// PPV.
    Referral,
    /// CIV.
    Information,
    /// CKV.
    Knowledge,
    /// CTV.
    Transaction,
}

impl Component {
    /// All five, in the order of the sum.
    pub const ALL: [Self; 5] =
        [Self::Purchase, Self::Referral, Self::Information, Self::Knowledge, Self::Transaction];

    /// The abbreviation: `CPV`.
    #[must_use]
    pub fn abbreviation(self) -> &'static str {
        match self {
            Self::Purchase => "CPV",
            Self::Referral => "PPV",
            Self::Information => "CIV",
            Self::Knowledge => "CKV",
            Self::Transaction => "CTV",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Purchase => "purchase value (CPV)",
            Self::Referral => "referral value (PPV)",
            Self::Information => "information value (CIV)",
            Self::Knowledge => "knowledge value (CKV)",
            Self::Transaction => "transaction value (CTV)",
        }
    }
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.abbreviation())
    }
}

/// What is known of a customer's five components; `None` is missing, which is not zero.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Components {
    /// Purchase value.
    pub cpv: Option<Decimal>,
    /// Referral value.
    pub ppv: Option<Decimal>,
    /// Information value.
    pub civ: Option<Decimal>,
    /// Knowledge value.
    pub ckv: Option<Decimal>,
    /// Transaction value.
    pub ctv: Option<Decimal>,
}

crate::text::debug!(Components { cpv, ppv, civ, ckv, ctv });

impl Components {
    /// The number of one component.
    #[must_use]
    pub fn get(&self, component: Component) -> Option<Decimal> {
        match component {
            Component::Purchase => self.cpv,
            Component::Referral => self.ppv,
            Component::Information => self.civ,
            Component::Knowledge => self.ckv,
            Component::Transaction => self.ctv,
        }
    }

    /// Which components are missing.
    pub fn missing(&self) -> impl Iterator<Item = Component> + '_ {
        Component::ALL.into_iter().filter(|component| self.get(*component).is_none())
    }

    /// The sum of those that are known.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    #[inline]
    pub fn lifetime_value(&self) -> Result<LifetimeValue, Error> {
        let mut sum: Option<Sum> = None;
        for value in [self.cpv, self.ppv, self.civ, self.ckv, self.ctv].into_iter().flatten() {
            sum = Some(sum.map_or(Sum::of(value), |sum| sum.plus(value)));
        }
        let clv = sum.map(|sum| sum.total("lifetime value")).transpose()?;
        Ok(LifetimeValue { components: *self, clv })
    }
}

/// What a customer is worth altogether: CLV, with the share of each component and the names of those that are missing.
///
/// `CLV = CPV + PPV + CIV + CKV + CTV`
///
/// ```
/// use crm_value::{Component, Components, Decimal};
///
/// let known = |value: i64| Some(Decimal::from(value));
/// let whole = Components { cpv: known(840), ppv: known(7_200), civ: known(51), ckv: known(420), ctv: known(339) };
/// let value = whole.lifetime_value()?;
/// assert_eq!(value.clv(), known(8_850));
/// assert_eq!(value.share(Component::Referral).unwrap().round_dp(4), Decimal::new(8_136, 4)); // 7200 / 8850
///
/// let without = Components { ckv: None, ..whole }.lifetime_value()?;
/// assert_eq!(without.clv(), known(8_430));
/// assert_eq!(without.missing().collect::<Vec<_>>(), [Component::Knowledge]);
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Components", into = "Components"))]
pub struct LifetimeValue {
    components: Components,
    clv: Option<Decimal>,
}

crate::text::debug!(LifetimeValue { components, clv });

impl LifetimeValue {
    /// CLV; `None` where nothing is known.
    #[must_use]
    pub fn clv(&self) -> Option<Decimal> {
        self.clv
    }

    /// What it is made of.
    #[must_use]
    pub fn components(&self) -> &Components {
        &self.components
    }

    /// Component / CLV; `None` where the component is missing, where CLV is not above 0, of which
    /// there are no shares, and where the share is beyond the largest number.
    ///
    /// A share is beyond 1 where another component is negative. Shares are quotients, rounded to 28 digits.
    #[must_use]
    pub fn share(&self, component: Component) -> Option<Decimal> {
        let clv = self.clv.filter(|clv| *clv > Decimal::ZERO)?;
        exact::div("share of a component", self.components.get(component)?, clv).ok()
    }

    /// Which components are missing.
    pub fn missing(&self) -> impl Iterator<Item = Component> + '_ {
        self.components.missing()
    }

    /// The components by name.
    #[must_use]
    pub fn breakdown(&self) -> Breakdown {
        let terms = Component::ALL.into_iter().fold(Breakdown::of("lifetime value"), |terms, component| {
            terms.plus(component.name(), self.components.get(component))
        });
        terms.equals("CLV", self.clv)
    }
}

/// The components and CLV as a short statement.
impl fmt::Display for LifetimeValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.breakdown().fmt(f)
    }
}

impl TryFrom<Components> for LifetimeValue {
    type Error = Error;

    fn try_from(components: Components) -> Result<Self, Error> {
        components.lifetime_value()
    }
}

impl From<LifetimeValue> for Components {
    fn from(value: LifetimeValue) -> Self {
        value.components
    }
}

/// The lifetime value of every customer: [`Components::lifetime_value`] row by row.
///
/// # Errors
/// [`Error::Row`] around what went wrong in a row.
pub fn lifetime_values(components: &[Components]) -> Result<Vec<LifetimeValue>, Error> {
    exact::rows(components.iter(), Components::lifetime_value)
}

/// The mean of one component over the customers of whom it is known.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct ComponentMean {
    /// Which component.
    pub component: Component,
    /// The mean over those known; `None` where it is known of nobody.
    pub mean: Option<Decimal>,
    /// Of how many customers it is known.
    pub known: usize,
    /// Of how many it is missing.
    pub missing: usize,
}

crate::text::debug!(ComponentMean { component, mean, known, missing });

/// What each component is worth on average: over the customers of whom it is known, because missing is not zero.
///
/// ```
/// use crm_value::{Components, Decimal, component_means};
///
/// let with = |ckv: Option<i64>| Components { ckv: ckv.map(Decimal::from), ..Components::default() };
/// let means = component_means(&[with(Some(300)), with(None), with(Some(100))])?;
/// assert_eq!(means[3].mean, Some(Decimal::from(200))); // not 400 / 3
/// assert_eq!((means[3].known, means[3].missing), (2, 1));
/// assert_eq!(means[0].mean, None);
/// # Ok::<(), crm_value::Error>(())
/// ```
///
/// # Errors
/// [`Error::Overflow`].
pub fn component_means(customers: &[Components]) -> Result<[ComponentMean; 5], Error> {
    let of = |component: Component| {
        let known = || customers.iter().filter_map(|customer| customer.get(component));
        let number = known().count();
        let sum = exact::sum("sum of a component", known())?;
        let mean = if number == 0 {
            None
        } else {
            Some(exact::div("mean of a component", sum, exact::count(number))?)
        };
        Ok(ComponentMean { component, mean, known: number, missing: customers.len() - number })
    };
    let [purchase, referral, information, knowledge, transaction] = Component::ALL.map(of);
    Ok([purchase?, referral?, information?, knowledge?, transaction?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_known_is_no_value_and_zero_is_one() {
        let nothing = Components::default().lifetime_value().unwrap();
        assert_eq!((nothing.clv(), nothing.missing().count()), (None, 5));
        let zero = Components { civ: Some(Decimal::ZERO), ..Components::default() }.lifetime_value().unwrap();
        assert_eq!((zero.clv(), zero.missing().count()), (Some(Decimal::ZERO), 4));
        assert_eq!(zero.share(Component::Information), None);
    }

    #[test]
    fn a_statement_says_what_is_missing() {
        let value = Components {
            cpv: Some(Decimal::from(-20)),
            ctv: Some(Decimal::from(5)),
            ..Components::default()
        };
        assert_eq!(
            value.lifetime_value().unwrap().to_string(),
            "lifetime value\n  purchase value (CPV)        -20\n+ referral value (PPV)    missing\n\
             + information value (CIV) missing\n+ knowledge value (CKV)   missing\n\
             + transaction value (CTV)       5\n= CLV                         -15"
        );
    }

    #[test]
    fn the_row_of_an_overflow_is_named() {
        let large = Components { cpv: Some(Decimal::MAX), ppv: Some(Decimal::MAX), ..Components::default() };
        let text = lifetime_values(&[Components::default(), large]).unwrap_err().to_string();
        assert!(
            text.starts_with("row 1 (from 0): lifetime value must stay below 7.9e28, got 1.58e29"),
            "{text}"
        );
    }

    #[test]
    fn shares_exist_where_the_value_is_above_zero() {
        let with = |cpv: i64, ppv: i64| {
            let known = |value: i64| Some(Decimal::from(value));
            Components { cpv: known(cpv), ppv: known(ppv), ..Components::default() }.lifetime_value().unwrap()
        };
        let shares = |value: LifetimeValue| Component::ALL.map(|component| value.share(component));
        let [quarter, rest] = [25, 75].map(|percent| Some(Decimal::new(percent, 2)));
        assert_eq!(shares(with(10, 30)), [quarter, rest, None, None, None]);
        // 30 of 20, because the other component costs 10.
        assert_eq!(shares(with(30, -10))[..2], [15, -5].map(|tenths| Some(Decimal::new(tenths, 1))));
        assert_eq!(shares(with(-10, -30)), [None; 5]);
        assert_eq!(shares(with(10, -10)), [None; 5]);
    }

    #[test]
    fn a_mean_counts_the_customers_of_whom_the_component_is_known() {
        let with = |ckv: Option<i64>| Components { ckv: ckv.map(Decimal::from), ..Components::default() };
        let means = component_means(&[with(Some(300)), with(None), with(Some(100)), with(None), with(None)]);
        let rows = means.unwrap().map(|row| (row.component, row.mean, row.known, row.missing));
        assert_eq!(rows[3], (Component::Knowledge, Some(Decimal::from(200)), 2, 3));
        assert_eq!(rows[0], (Component::Purchase, None, 0, 5));
        let nobody = component_means(&[]).unwrap().map(|row| (row.mean, row.known, row.missing));
        assert_eq!(nobody, [(None, 0, 0); 5]);
    }
}
