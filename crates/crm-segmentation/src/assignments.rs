#![allow(clippy::indexing_slicing, reason = "codes are checked to be below the number of names")]

use std::collections::BTreeSet;
use std::fmt;

use crm_numbers::{Amount, EmptyError, RangeError, check};

use crate::{CrossTable, Error, GroupTable};

/// Which group every customer is in: what each scheme of this crate answers, and what every table
/// is made from.
///
/// A group is a name and a code; the code of customer i stands at index i. Groups from elsewhere (a
/// branch, an age band, a cluster) become assignments by [`Assignments::new`] and get the same
/// tables.
///
/// Every scheme also says why: [`Assignments::reason`] names the rule or the cut that put a
/// customer where it is. Where groups are levels and a customer was not asked about one of them,
/// [`Assignments::is_asked`] tells so: an unknown answer is no "no".
///
/// # Examples
///
/// ```
/// use crm_segmentation::Assignments;
///
/// let branch = Assignments::new(["Lyon", "Metz"], [0, 1, 0])?;
/// assert_eq!(branch.name(1), Some("Metz"));
/// assert_eq!(branch.counts(), [2, 1]);
/// assert_eq!(branch.members("Lyon").collect::<Vec<_>>(), [0, 2]);
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Assignments {
    names: Vec<String>,
    codes: Vec<u32>,
    /// One text per group, or one per rule.
    reasons: Vec<String>,
    /// The rule of every customer; empty where reasons belong to groups.
    why: Vec<u8>,
    /// Per customer one bit for each of the first eight groups about which nothing is known; empty
    /// where all is known.
    unasked: Vec<u8>,
}

crm_numbers::gate!(Assignments, Assignments::checked);

impl Assignments {
    /// Largest number of groups, and of pairs of groups in a [`CrossTable`]: 2^20.
    pub const MAX_NAMES: usize = 1 << 20;

    /// Groups by name, and the code of every customer: the index of its group's name, from 0.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an empty or repeated name, for more than [`Assignments::MAX_NAMES`]
    /// names, and for a code without one.
    pub fn new<N: Into<String>>(
        names: impl IntoIterator<Item = N>,
        codes: impl Into<Vec<u32>>,
    ) -> Result<Self, Error> {
        Self::trusted(names, codes.into()).checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check_names("names", &self.names)?;
        check_codes("codes", self.codes.iter().map(|code| *code as usize), self.names.len())?;
        if !self.unasked.is_empty() {
            check::length("unasked levels", self.unasked.len(), self.codes.len())?;
        }
        if !self.why.is_empty() {
            check::length("rules of customers", self.why.len(), self.codes.len())?;
            check_codes("why", self.why.iter().map(|rule| usize::from(*rule)), self.reasons.len())?;
        } else if !self.reasons.is_empty() {
            check::length("reasons", self.reasons.len(), self.names.len())?;
        }
        let unasked = self.unasked.clone();
        Ok(self.leaving_unasked(unasked))
    }

    /// Assignments of a scheme, whose names and codes are right by construction.
    pub(crate) fn trusted<N: Into<String>, C: Into<u32>>(
        names: impl IntoIterator<Item = N>,
        codes: Vec<C>,
    ) -> Self {
        let names = names.into_iter().map(Into::into).collect();
        let codes = codes.into_iter().map(Into::into).collect();
        Self { names, codes, reasons: Vec::new(), why: Vec::new(), unasked: Vec::new() }
    }

    /// Adds one reason per group, in the order of the names of the scheme.
    pub(crate) fn because<R: Into<String>>(self, reasons: impl IntoIterator<Item = R>) -> Self {
        Self { reasons: reasons.into_iter().map(Into::into).collect(), ..self }
    }

    /// Assignments by rules: the code of the group that each leads to, and its text; then the rule
    /// of every customer.
    pub(crate) fn by_rule<N: Into<String>>(
        names: impl IntoIterator<Item = N>,
        rules: Vec<(u8, String)>,
        why: Vec<u8>,
    ) -> Self {
        let group = |rule: &u8| rules.get(usize::from(*rule)).map_or(0, |(code, _)| u32::from(*code));
        let codes = why.iter().map(group).collect();
        let names = names.into_iter().map(Into::into).collect();
        let reasons = rules.into_iter().map(|(_, text)| text).collect();
        Self { names, codes, reasons, why, unasked: Vec::new() }
    }

    /// Marks, for each customer, the groups whose membership is unknown: one bit per group.
    pub(crate) fn leaving_unasked(self, unasked: Vec<u8>) -> Self {
        let unasked = if unasked.iter().any(|bits| *bits != 0) { unasked } else { Vec::new() };
        Self { unasked, ..self }
    }

    /// Groups customers by a key such as branch, age band, or region and product. Groups are in the
    /// order of the keys.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an empty key, for more than [`Assignments::MAX_NAMES`] different ones.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_segmentation::Assignments;
    ///
    /// let branch = Assignments::by_key(&["Metz", "Lyon", "Metz"])?;
    /// assert_eq!((branch.names(), branch.codes()), (["Lyon", "Metz"].map(String::from).as_slice(), [1, 0, 1].as_slice()));
    /// # Ok::<(), crm_segmentation::Error>(())
    /// ```
    pub fn by_key(keys: &[impl AsRef<str>]) -> Result<Self, Error> {
        let names: BTreeSet<&str> = keys.iter().map(AsRef::as_ref).collect();
        let names: Vec<&str> = names.into_iter().collect();
        check_names("keys", &names)?;
        // The number of names below a key is its index, as every key is a name.
        let code = |key: &str| names.partition_point(|name| *name < key) as u32;
        let codes: Vec<u32> = keys.iter().map(|key| code(key.as_ref())).collect();
        Ok(Self::trusted(names.iter().copied(), codes))
    }

    /// Sets the reason of each group.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless there is one for each group.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_segmentation::Assignments;
    ///
    /// let bands = Assignments::new(["young", "old"], [1])?.with_reasons(["below 30", "30 and above"])?;
    /// assert_eq!(bands.reason(0), Some("30 and above"));
    /// # Ok::<(), crm_segmentation::Error>(())
    /// ```
    pub fn with_reasons<R: Into<String>>(self, reasons: impl IntoIterator<Item = R>) -> Result<Self, Error> {
        let reasons: Vec<String> = reasons.into_iter().map(Into::into).collect();
        check::length("reasons", reasons.len(), self.names.len())?;
        Ok(Self { reasons, why: Vec::new(), ..self })
    }

    /// Returns the reason why a customer is in its group: the rule or the cut value that decides
    /// it. `None` beyond the last customer, and for groups without reasons.
    #[must_use]
    pub fn reason(&self, customer: usize) -> Option<&str> {
        let text = match self.why.is_empty() {
            true => *self.codes.get(customer)? as usize,
            false => usize::from(*self.why.get(customer)?),
        };
        self.reasons.get(text).map(String::as_str)
    }

    /// Returns whether the input contains the answer on which the membership of a customer in a
    /// group depends.
    ///
    /// Only schemes whose groups are levels may answer `false`
    /// ([`Pyramid`](crate::loyalty::LoyaltyPyramid),
    /// [`ContactLadder`](crate::loyalty::ContactLadder)): a client who was never asked about
    /// referrals is in the group of clients, but says nothing about how many clients become
    /// advocates. [`Climb`](crate::loyalty::Climb) leaves such customers out.
    #[must_use]
    pub fn is_asked(&self, customer: usize, group: usize) -> bool {
        let bits = self.unasked.get(customer).copied().unwrap_or_default();
        u32::try_from(group).ok().and_then(|group| 1_u8.checked_shl(group)).is_none_or(|bit| bits & bit == 0)
    }

    /// Returns whether the answers of all customers are known.
    pub(crate) fn all_asked(&self) -> bool {
        self.unasked.is_empty()
    }

    /// Returns the number of customers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Returns whether there are no customers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// Returns the names of the groups, in the order of the scheme; a group may be empty.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the code of each customer: the index of its group in [`Assignments::names`].
    #[must_use]
    pub fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// Returns the name of a customer's group; `None` beyond the last customer.
    #[must_use]
    pub fn name(&self, customer: usize) -> Option<&str> {
        self.names.get(*self.codes.get(customer)? as usize).map(String::as_str)
    }

    /// Returns the customers in a group, in the order of the input; none for a name that is no
    /// group.
    pub fn members(&self, name: &str) -> impl Iterator<Item = usize> + '_ {
        let code = self.names.iter().position(|known| known == name);
        let places = self.codes.iter().enumerate();
        places.filter(move |(_, found)| Some(**found as usize) == code).map(|(customer, _)| customer)
    }

    /// Returns the number of customers per group, in the order of the names.
    #[must_use]
    pub fn counts(&self) -> Vec<u64> {
        let mut counts = vec![0; self.names.len()];
        for code in &self.codes {
            counts[*code as usize] += 1;
        }
        counts
    }

    /// Combines each group here with each group of `other`: "A X", "A Y" and so on.
    ///
    /// Code = code here x number of groups there + code there.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for another number of customers, for more than [`Assignments::MAX_NAMES`]
    /// pairs.
    pub fn cross(&self, other: &Self) -> Result<Self, Error> {
        check::length("assignments of the other scheme", other.len(), self.len())?;
        let pairs = self.names.len().saturating_mul(other.names.len());
        check::range("number of pairs of groups", pairs, ..=Self::MAX_NAMES)?;
        let names =
            self.names.iter().flat_map(|row| other.names.iter().map(move |column| format!("{row} {column}")));
        let width = other.names.len() as u32;
        let pair = |(row, column): (&u32, &u32)| row * width + column;
        Ok(Self::trusted(names, self.codes.iter().zip(&other.codes).map(pair).collect::<Vec<u32>>()))
    }

    /// Sums an amount per group: number of customers, sum, and both as shares. See [`GroupTable`].
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for another number of amounts than customers, for amounts that are not
    /// finite, where a `Decimal` or `f64` cannot hold a sum.
    pub fn table<T: Amount>(&self, amounts: &[T]) -> Result<GroupTable<T::Sum>, Error> {
        GroupTable::new(self, amounts)
    }

    /// Cross-tabulates these groups with the groups of `other`. See [`CrossTable`].
    ///
    /// # Errors
    ///
    /// As [`Assignments::cross`] and [`Assignments::table`].
    pub fn cross_table<T: Amount>(&self, other: &Self, amounts: &[T]) -> Result<CrossTable<T::Sum>, Error> {
        CrossTable::new(self, other, amounts)
    }
}

/// Refuses names that are empty, repeated or too many.
pub(crate) fn check_names<N: AsRef<str>>(field: &'static str, names: &[N]) -> Result<(), Error> {
    check::range(format!("number of {field}"), names.len(), ..=Assignments::MAX_NAMES)?;
    let trimmed: Vec<&str> = names.iter().map(|name| name.as_ref().trim()).collect();
    match trimmed.iter().position(|name| name.is_empty()) {
        Some(index) => Err(EmptyError::new(field).at(index).into()),
        None => Ok(check::names(field, names)?),
    }
}

/// Refuses codes that are not below a number.
fn check_codes(field: &'static str, codes: impl Iterator<Item = usize>, count: usize) -> Result<(), Error> {
    match codes.enumerate().find(|(_, code)| *code >= count) {
        None => Ok(()),
        Some((index, code)) => Err(RangeError::new(field, code, ..count).at(index).into()),
    }
}

impl fmt::Display for Assignments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.names.iter().zip(self.counts()).map(|(name, count)| format!("{name}: {count}"));
        f.write_str(&counts.collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_coded_row_by_row() {
        let abc = Assignments::new(["A", "B"], [0, 1, 1]).unwrap();
        let xyz = Assignments::new(["X", "Y", "Z"], [2, 0, 1]).unwrap();
        let pairs = abc.cross(&xyz).unwrap();
        assert_eq!(pairs.names(), ["A X", "A Y", "A Z", "B X", "B Y", "B Z"]);
        assert_eq!(pairs.codes(), [2, 3, 4]);
        assert_eq!(pairs.to_string(), "A X: 0, A Y: 0, A Z: 1, B X: 1, B Y: 1, B Z: 0");
    }

    #[test]
    fn nobody_is_fine_and_strangers_are_none() {
        let empty = Assignments::new(["A"], []).unwrap();
        assert!(empty.is_empty());
        assert_eq!((empty.name(0), empty.members("A").count(), empty.members("B").count()), (None, 0, 0));
    }

    #[test]
    fn errors_name_field_and_value() {
        let text = |result: Result<Assignments, Error>| result.unwrap_err().to_string();
        assert_eq!(text(Assignments::new(["A"], [0, 1])), "codes[1] must be less than 1, got 1");
        assert_eq!(text(Assignments::new(["A", "A"], [])), "names[1] repeats \"A\"");
        assert!(text(Assignments::new([" "], [])).contains("names[0] must not be empty"));
        let many = (0..Assignments::MAX_NAMES + 1).map(|n| n.to_string());
        assert_eq!(text(Assignments::new(many, [])), "number of names must be at most 1048576, got 1048577");
        let (one, two) = (Assignments::new(["A"], [0]).unwrap(), Assignments::new(["A"], [0, 0]).unwrap());
        assert_eq!(text(one.cross(&two)), "expected 1 assignments of the other scheme, got 2");
        let wide = Assignments::new((0..1_025).map(|n| n.to_string()), [0]).unwrap();
        assert_eq!(text(wide.cross(&wide)), "number of pairs of groups must be at most 1048576, got 1050625");
    }
}
