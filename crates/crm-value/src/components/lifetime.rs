use std::fmt;

use crm_numbers::Decimal;

use crate::exact::{Expr, exact, rows};
use crate::{Breakdown, Error};

/// One of the five components of lifetime value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Component {
    /// Purchase value, CPV.
    Purchase,
    /// Referral value, PPV.
    Referral,
    /// Information value, CIV.
    Information,
    /// Knowledge value, CKV.
    Knowledge,
    /// Transaction value, CTV.
    Transaction,
}

crm_numbers::names! {
    Component, "component" {
        Purchase = "purchase" | "cpv",
        Referral = "referral" | "ppv",
        Information = "information" | "civ",
        Knowledge = "knowledge" | "ckv",
        Transaction = "transaction" | "ctv",
    }
}

impl Component {
    /// Returns the abbreviation, such as `CPV`.
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
}

/// The five components of a customer as far as they are known; `None` is missing, which is not
/// zero.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Components {
    /// Purchase value, CPV.
    pub cpv: Option<Decimal>,
    /// Referral value, PPV.
    pub ppv: Option<Decimal>,
    /// Information value, CIV.
    pub civ: Option<Decimal>,
    /// Knowledge value, CKV.
    pub ckv: Option<Decimal>,
    /// Transaction value, CTV.
    pub ctv: Option<Decimal>,
}

crm_numbers::debug!(Components { cpv, ppv, civ, ckv, ctv });

impl Components {
    /// Returns the value of one component.
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

    /// Returns the components that are missing.
    pub fn missing(&self) -> impl Iterator<Item = Component> + '_ {
        Component::ALL.iter().copied().filter(|component| self.get(*component).is_none())
    }

    /// Returns the sum of the components that are known.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    #[inline]
    pub fn lifetime_value(&self) -> Result<ComponentValue, Error> {
        let known = [self.cpv, self.ppv, self.civ, self.ckv, self.ctv].into_iter().flatten();
        let sum = known.map(exact).reduce(|sum, value| sum + value);
        let clv = sum.map(|sum| sum.value("lifetime value")).transpose()?;
        Ok(ComponentValue { components: *self, clv })
    }
}

/// A customer's lifetime value, CLV, as the sum of its components, of which some may be missing.
///
/// # Formula
///
/// `CLV = CPV + PPV + CIV + CKV + CTV`
///
/// # Examples
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
pub struct ComponentValue {
    components: Components,
    clv: Option<Decimal>,
}

crm_numbers::debug!(ComponentValue { components, clv });

impl ComponentValue {
    /// Returns CLV; `None` if no component is known.
    #[must_use]
    pub fn clv(&self) -> Option<Decimal> {
        self.clv
    }

    /// Returns the components.
    #[must_use]
    pub fn components(&self) -> &Components {
        &self.components
    }

    /// Returns component / CLV; `None` if the component is missing, if CLV is not above 0, or if
    /// the share exceeds the largest decimal.
    ///
    /// A share exceeds 1 if another component is negative. Shares are quotients, rounded to 28
    /// digits.
    #[must_use]
    pub fn share(&self, component: Component) -> Option<Decimal> {
        let clv = self.clv.filter(|clv| *clv > Decimal::ZERO)?;
        (exact(self.components.get(component)?) / clv).value("share of a component").ok()
    }

    /// Returns the components that are missing.
    pub fn missing(&self) -> impl Iterator<Item = Component> + '_ {
        self.components.missing()
    }

    /// Returns the components by name.
    #[must_use]
    pub fn breakdown(&self) -> Breakdown {
        let terms = Component::ALL.iter().fold(Breakdown::of("lifetime value"), |terms, component| {
            let name = format!("{component} value ({})", component.abbreviation());
            terms.plus(name, self.components.get(*component))
        });
        terms.equals("CLV", self.clv)
    }
}

/// Writes the components and CLV as a short statement.
impl fmt::Display for ComponentValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.breakdown().fmt(f)
    }
}

impl TryFrom<Components> for ComponentValue {
    type Error = Error;

    fn try_from(components: Components) -> Result<Self, Error> {
        components.lifetime_value()
    }
}

impl From<ComponentValue> for Components {
    fn from(value: ComponentValue) -> Self {
        value.components
    }
}

/// Computes the lifetime value of each customer; see [`Components::lifetime_value`].
///
/// # Errors
///
/// [`Error::Row`] around the error of a row.
pub fn lifetime_values(components: &[Components]) -> Result<Vec<ComponentValue>, Error> {
    rows(components.iter(), Components::lifetime_value)
}

/// The mean of one component over the customers for whom it is known.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
#[non_exhaustive]
pub struct ComponentMean {
    /// The component.
    pub component: Component,
    /// Mean over the customers for whom it is known; `None` without such customers.
    pub mean: Option<Decimal>,
    /// Number of customers for whom it is known.
    pub known: usize,
    /// Number of customers for whom it is missing.
    pub missing: usize,
}

crm_numbers::debug!(ComponentMean { component, mean, known, missing });
crm_numbers::gate!(ComponentMean, ComponentMean::checked);

impl ComponentMean {
    /// Checks that a component has a mean if and only if at least one customer has a value for it.
    #[cfg(feature = "serde")]
    fn checked(self) -> Result<Self, Error> {
        let least = usize::from(self.mean.is_some());
        crm_numbers::check::range("known", self.known, least..=least * usize::MAX)?;
        Ok(self)
    }
}

/// Computes the mean of each component over the customers for whom it is known, because missing is
/// not zero.
///
/// # Errors
///
/// [`Error::Overflow`].
///
/// # Examples
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
pub fn component_means(customers: &[Components]) -> Result<Vec<ComponentMean>, Error> {
    let mean_of = |&component: &Component| {
        let values = || customers.iter().filter_map(|customer| customer.get(component));
        let known = values().count();
        let mean = (known > 0).then(|| (values().sum::<Expr>() / known).value("mean of a component"));
        Ok(ComponentMean { component, mean: mean.transpose()?, known, missing: customers.len() - known })
    };
    Component::ALL.iter().map(mean_of).collect()
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
        assert!(text.starts_with("row 1 (from 0): lifetime value exceeds 7.9e28: 1.58e29"), "{text}");
    }

    #[test]
    fn shares_exist_where_the_value_is_above_zero() {
        let with = |cpv: i64, ppv: i64| {
            let known = |value: i64| Some(Decimal::from(value));
            Components { cpv: known(cpv), ppv: known(ppv), ..Components::default() }.lifetime_value().unwrap()
        };
        let shares = |value: ComponentValue| {
            Component::ALL.iter().map(|&component| value.share(component)).collect::<Vec<_>>()
        };
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
        let rows = means.unwrap();
        let rows: Vec<_> = rows.iter().map(|row| (row.component, row.mean, row.known, row.missing)).collect();
        assert_eq!(rows[3], (Component::Knowledge, Some(Decimal::from(200)), 2, 3));
        assert_eq!(rows[0], (Component::Purchase, None, 0, 5));
        let nobody = component_means(&[]).unwrap();
        let nobody: Vec<_> = nobody.iter().map(|row| (row.mean, row.known, row.missing)).collect();
        assert_eq!(nobody, [(None, 0, 0); 5]);
    }
}
