use std::collections::BTreeMap;

use chrono::NaiveDate;
use crm_numbers::{EmptyError, InputError, Interval, Level};
use crm_statistics::survival::{Curve, Lifetimes};
use crm_statistics::{Proportion, ProportionMethod};

use super::{Case, CaseKey, CaseKind, CaseOutcome};
use crate::Error;

/// Complaints, inquiries and suggestions, as known on the day of a report.
///
/// See the [module](crate::feedback) for an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cases {
    cases: Vec<Case>,
    as_of: NaiveDate,
}

/// The cases of one kind, product, cause, region, agent, department or month.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct CaseGroup {
    /// Label of the group.
    pub label: String,
    /// Number of cases.
    pub cases: u64,
    /// Number of open cases.
    pub open: u64,
    /// Share of resolved cases, with its Wilson interval at 95 %.
    pub resolved: Interval,
    /// Days until half of the cases are resolved, open ones censored; `None` if fewer are resolved.
    pub median_days: Option<f64>,
    /// Days until 90 % of the cases are resolved, open ones censored; `None` if fewer are resolved.
    pub ninety_percent_days: Option<f64>,
}

/// A cause with its share of all cases.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ComplaintCause {
    /// Name of the cause.
    pub label: String,
    /// Number of cases with the cause.
    pub cases: u64,
    /// Share of all cases.
    pub share: f64,
    /// Share of all cases, together with the more frequent causes.
    pub cumulative: f64,
}

/// The customers with more than one case.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct RepeatCases {
    /// Number of customers with a case.
    pub customers: u64,
    /// Number of customers with more than one case.
    pub repeating: u64,
    /// Number of cases with the same customer and cause as an earlier case. Causes that were not
    /// stated do not count as equal.
    pub same_cause: u64,
    /// Customers with at least two cases, those with most cases first, then by name.
    pub most: Vec<RepeatCustomer>,
}

/// A customer with the number of cases.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct RepeatCustomer {
    /// Id of the customer.
    pub customer: String,
    /// Number of cases of the customer.
    pub cases: u64,
}

/// The number of cases by their outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct CaseOutcomes {
    /// Cases that were implemented.
    pub implemented: u64,
    /// Cases that were rejected.
    pub rejected: u64,
    /// Cases that were closed without a known outcome.
    pub closed: u64,
    /// Cases that are open.
    pub open: u64,
}

impl Cases {
    /// Creates cases as known on the day `as_of`.
    ///
    /// # Errors
    ///
    /// [`Error::OpenedLate`] for a case that was opened after that day, [`Error::ClosedOutside`]
    /// for one that was closed before it was opened or after that day.
    pub fn new(cases: impl IntoIterator<Item = Case>, as_of: NaiveDate) -> Result<Self, Error> {
        let cases: Vec<Case> = cases.into_iter().collect();
        for case in &cases {
            let (kind, opened) = (case.kind, case.opened);
            if opened > as_of {
                return Err(Error::OpenedLate { kind, customer: case.customer.clone(), opened, as_of });
            }
            if let Some(closed) = case.closed.filter(|closed| *closed < opened || *closed > as_of) {
                let customer = case.customer.clone();
                return Err(Error::ClosedOutside { kind, customer, opened, closed, as_of });
            }
        }
        Ok(Self { cases, as_of })
    }

    /// Returns the cases.
    #[must_use]
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// Returns the day of the report.
    #[must_use]
    pub fn as_of(&self) -> NaiveDate {
        self.as_of
    }

    /// Returns the cases of one kind only.
    #[must_use]
    pub fn of_kind(&self, kind: CaseKind) -> Self {
        let cases = self.cases.iter().filter(|case| case.kind == kind).cloned().collect();
        Self { cases, as_of: self.as_of }
    }

    /// Returns numbers, resolution and days to resolution by group, in alphabetical order.
    #[must_use]
    pub fn by(&self, key: CaseKey) -> Vec<CaseGroup> {
        let mut groups: BTreeMap<String, Vec<&Case>> = BTreeMap::new();
        for case in &self.cases {
            groups.entry(case.label(key)).or_default().push(case);
        }
        groups.into_iter().filter_map(|(label, cases)| self.group(label, &cases)).collect()
    }

    /// Returns all cases as one group with the given label; `None` without cases.
    #[must_use]
    pub fn summary(&self, label: &str) -> Option<CaseGroup> {
        self.group(label.to_owned(), &self.cases.iter().collect::<Vec<_>>())
    }

    /// Returns the Kaplan-Meier curve of the days to resolution, with open cases censored.
    ///
    /// # Errors
    ///
    /// [`InputError::Empty`] without cases.
    pub fn resolution(&self) -> Result<Curve, Error> {
        let curve = self.curve(&self.cases.iter().collect::<Vec<_>>());
        Ok(curve.ok_or_else(|| InputError::from(EmptyError::new("cases")))?)
    }

    /// Returns the causes of cases with cumulative shares, the most frequent first, then by name.
    #[must_use]
    pub fn pareto(&self) -> Vec<ComplaintCause> {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for case in &self.cases {
            *counts.entry(case.label(CaseKey::Cause)).or_default() += 1;
        }
        let mut ranked: Vec<(String, u64)> = counts.into_iter().collect();
        ranked.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let all = self.cases.len() as f64;
        let mut so_far = 0;
        let cause = |(label, cases): (String, u64)| {
            so_far += cases;
            ComplaintCause { label, cases, share: cases as f64 / all, cumulative: so_far as f64 / all }
        };
        ranked.into_iter().map(cause).collect()
    }

    /// Returns the customers with more than one case, and the cases with a cause that the customer
    /// had before.
    #[must_use]
    pub fn repeats(&self) -> RepeatCases {
        let mut customers: BTreeMap<&str, u64> = BTreeMap::new();
        let mut causes: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for case in &self.cases {
            *customers.entry(&case.customer).or_default() += 1;
            if !case.cause.trim().is_empty() {
                *causes.entry((&case.customer, &case.cause)).or_default() += 1;
            }
        }
        let mut most: Vec<RepeatCustomer> = customers
            .iter()
            .filter(|(_, cases)| **cases > 1)
            .map(|(customer, cases)| RepeatCustomer { customer: (*customer).to_owned(), cases: *cases })
            .collect();
        most.sort_by_key(|customer| std::cmp::Reverse(customer.cases));
        RepeatCases {
            customers: customers.len() as u64,
            repeating: most.len() as u64,
            same_cause: causes.values().map(|count| count - 1).sum(),
            most,
        }
    }

    /// Returns the number of cases by outcome, such as those of suggestions.
    #[must_use]
    pub fn outcomes(&self) -> CaseOutcomes {
        let mut outcomes = CaseOutcomes::default();
        for case in &self.cases {
            match (case.outcome, case.closed) {
                (Some(CaseOutcome::Implemented), _) => outcomes.implemented += 1,
                (Some(CaseOutcome::Rejected), _) => outcomes.rejected += 1,
                (None, Some(_)) => outcomes.closed += 1,
                (None, None) => outcomes.open += 1,
            }
        }
        outcomes
    }

    fn group(&self, label: String, cases: &[&Case]) -> Option<CaseGroup> {
        let (all, closed) =
            (cases.len() as u64, cases.iter().filter(|case| case.closed.is_some()).count() as u64);
        let level = Level::default();
        let resolved = Proportion::new(closed, all).ok()?.interval(ProportionMethod::Wilson, level);
        let curve = self.curve(cases)?;
        let quantile =
            |share| curve.quantile(share, crm_statistics::survival::Limits::default(), level).ok()?.estimate;
        Some(CaseGroup {
            label,
            cases: all,
            open: all - closed,
            resolved,
            median_days: curve.median(),
            ninety_percent_days: quantile(0.9),
        })
    }

    fn curve(&self, cases: &[&Case]) -> Option<Curve> {
        let days = |case: &&Case| {
            let end = case.closed.unwrap_or(self.as_of);
            i32::try_from((end - case.opened).num_days()).unwrap_or(i32::MAX)
        };
        let days: Vec<i32> = cases.iter().map(days).collect();
        let closed: Vec<bool> = cases.iter().map(|case| case.closed.is_some()).collect();
        Some(Lifetimes::new(&days, &closed).ok()?.kaplan_meier())
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2025, 3, day).unwrap()
    }

    fn complaint(customer: &str, opened: u32) -> Case {
        Case::new(CaseKind::Complaint, customer, day(opened))
    }

    #[test]
    fn open_cases_are_censored_and_not_zero() {
        let cases = Cases::new(
            [
                complaint("a", 1).closed(day(1), None),
                complaint("b", 1).closed(day(5), None),
                complaint("c", 3),
                complaint("d", 8),
            ],
            day(10),
        )
        .unwrap();
        let curve = cases.resolution().unwrap();
        // One of four on the day itself; at 4 days two are left to be asked (d was seen for 2
        // only).
        assert_eq!((curve.at(0.0), curve.at(3.0), curve.at(4.0)), (0.75, 0.75, 0.375));
        let all = cases.summary("all").unwrap();
        assert_eq!((all.cases, all.open, all.resolved.estimate), (4, 2, 0.5));
        assert_eq!((all.median_days, all.ninety_percent_days), (Some(4.0), None));
    }

    #[test]
    fn who_and_what_comes_back() {
        let cases = Cases::new(
            [
                complaint("a", 1).with_cause("late"),
                complaint("a", 2).with_cause("late"),
                complaint("a", 3).with_cause("rude"),
                complaint("b", 1).with_cause("late"),
                complaint("c", 1),
            ],
            day(10),
        )
        .unwrap();
        // Two causes that nobody stated need not be one.
        let unknown = Cases::new([complaint("c", 1), complaint("c", 2)], day(10)).unwrap().repeats();
        assert_eq!((unknown.repeating, unknown.same_cause), (1, 0));
        let repeats = cases.repeats();
        assert_eq!((repeats.customers, repeats.repeating, repeats.same_cause), (3, 1, 1));
        assert_eq!(repeats.most, [RepeatCustomer { customer: "a".to_owned(), cases: 3 }]);
        let causes = cases.pareto();
        let told: Vec<_> =
            causes.iter().map(|cause| (cause.label.as_str(), cause.cases, cause.cumulative)).collect();
        assert_eq!(told, [("late", 3, 0.6), ("not stated", 1, 0.8), ("rude", 1, 1.0)]);
    }

    #[test]
    fn suggestions_end_in_four_ways_and_groups_have_names() {
        let idea = || Case::new(CaseKind::Suggestion, "a", day(1)).with_department("shop").with_agent("Kim");
        let cases = Cases::new(
            [
                idea().closed(day(2), Some(CaseOutcome::Implemented)),
                idea().closed(day(2), Some(CaseOutcome::Rejected)),
                idea().closed(day(2), None),
                idea(),
                complaint("b", 1),
            ],
            day(2),
        )
        .unwrap();
        let ideas = cases.of_kind(CaseKind::Suggestion);
        assert_eq!(ideas.outcomes(), CaseOutcomes { implemented: 1, rejected: 1, closed: 1, open: 1 });
        let labels = |key| cases.by(key).into_iter().map(|group| group.label).collect::<Vec<_>>();
        assert_eq!(labels(CaseKey::Kind), ["complaint", "suggestion"]);
        assert_eq!(labels(CaseKey::Department), ["not stated", "shop"]);
        assert_eq!(
            (labels(CaseKey::Agent), labels(CaseKey::Month)),
            (vec!["Kim".into(), "not stated".into()], vec!["2025-03".to_owned()])
        );
    }

    #[test]
    fn days_in_the_wrong_order_are_refused() {
        let text = |case: Case| Cases::new([case], day(10)).unwrap_err().to_string();
        assert_eq!(
            text(complaint("a", 11)),
            r#"the complaint of "a" was opened on 2025-03-11, after the day of the report, 2025-03-10"#
        );
        assert_eq!(
            text(complaint("a", 5).closed(day(4), None)),
            r#"the complaint of "a" was closed on 2025-03-04; expected a day between 2025-03-05 (opened) and 2025-03-10 (report)"#
        );
        let none = Cases::new([], day(1)).unwrap();
        assert_eq!(none.resolution().unwrap_err().to_string(), "cases must not be empty");
        assert!(
            none.by(CaseKey::Kind).is_empty() && none.pareto().is_empty() && none.summary("all").is_none()
        );
    }
}
