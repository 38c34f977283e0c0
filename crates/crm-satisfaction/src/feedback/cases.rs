use std::collections::BTreeMap;

use chrono::NaiveDate;
use crm_numbers::{Interval, Level};
use crm_statistics::survival::{Curve, Lifetimes};
use crm_statistics::{Proportion, ProportionMethod};

use super::{Case, Key, Kind, Outcome};
use crate::Error;
use crate::error::out_of_range;

/// Complaints, enquiries and suggestions, as known on the day of the report.
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
    /// The group.
    pub label: String,
    /// How many came in.
    pub cases: u64,
    /// How many of them are open.
    pub open: u64,
    /// The share that is resolved, with its Wilson interval at 95 %.
    pub resolved: Interval,
    /// The days by which half of the cases are resolved, open ones censored; none where fewer than half are.
    pub median_days: Option<f64>,
    /// The days by which nine tenths are.
    pub ninety_percent_days: Option<f64>,
}

/// One cause with its share of all cases.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Cause {
    /// The cause.
    pub label: String,
    /// How many cases it has.
    pub cases: u64,
    /// Its share of all.
    pub share: f64,
    /// Its share with those of all more frequent causes.
    pub cumulative: f64,
}

/// How many come back.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Repeats {
    /// Customers with a case.
    pub customers: u64,
    /// Customers with more than one.
    pub repeating: u64,
    /// Cases of a customer about a cause that the customer had a case about before: what was not solved for good. A cause
    /// that was not stated is not the same as another one that was not.
    pub same_cause: u64,
    /// The customers with most cases, and how many; at least two each, most first, then by name.
    pub most: Vec<(String, u64)>,
}

impl Cases {
    /// Cases, as known on the day `as_of`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a case that opens after that day, or is closed before it opens or after that day; it names
    /// the customer.
    pub fn new(cases: impl IntoIterator<Item = Case>, as_of: NaiveDate) -> Result<Self, Error> {
        let cases: Vec<Case> = cases.into_iter().collect();
        for case in &cases {
            if case.opened > as_of {
                let field = format!("opening of the {} of {}", case.kind, case.customer);
                return Err(out_of_range(field, format!("be at most {as_of}"), case.opened));
            }
            if let Some(closed) = case.closed.filter(|closed| *closed < case.opened || *closed > as_of) {
                let field = format!("closing of the {} of {}", case.kind, case.customer);
                return Err(out_of_range(field, format!("lie from {} to {as_of}", case.opened), closed));
            }
        }
        Ok(Self { cases, as_of })
    }

    /// The cases.
    #[must_use]
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// The day of the report.
    #[must_use]
    pub fn as_of(&self) -> NaiveDate {
        self.as_of
    }

    /// The cases of one kind only.
    #[must_use]
    pub fn of_kind(&self, kind: Kind) -> Self {
        let cases = self.cases.iter().filter(|case| case.kind == kind).cloned().collect();
        Self { cases, as_of: self.as_of }
    }

    /// Numbers, resolution and days to resolve by group, in alphabetical order.
    #[must_use]
    pub fn by(&self, key: Key) -> Vec<CaseGroup> {
        let mut groups: BTreeMap<String, Vec<&Case>> = BTreeMap::new();
        for case in &self.cases {
            groups.entry(case.label(key)).or_default().push(case);
        }
        groups.into_iter().filter_map(|(label, cases)| self.group(label, &cases)).collect()
    }

    /// All cases as one group, called `label`; `None` without a case.
    #[must_use]
    pub fn summary(&self, label: &str) -> Option<CaseGroup> {
        self.group(label.to_owned(), &self.cases.iter().collect::<Vec<_>>())
    }

    /// How many cases are still open after so many days: the curve of Kaplan and Meier, open cases censored.
    ///
    /// # Errors
    /// [`Error::Empty`] without a case.
    pub fn resolution(&self) -> Result<Curve, Error> {
        self.curve(&self.cases.iter().collect::<Vec<_>>())
            .ok_or_else(|| Error::Empty { field: "cases".to_owned() })
    }

    /// The causes of cases, the most frequent first (then by name), with cumulative shares: a few make most of them.
    #[must_use]
    pub fn pareto(&self) -> Vec<Cause> {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for case in &self.cases {
            *counts.entry(case.label(Key::Cause)).or_default() += 1;
        }
        let mut ranked: Vec<(String, u64)> = counts.into_iter().collect();
        ranked.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let all = self.cases.len() as f64;
        let mut so_far = 0;
        let cause = |(label, cases): (String, u64)| {
            so_far += cases;
            Cause { label, cases, share: cases as f64 / all, cumulative: so_far as f64 / all }
        };
        ranked.into_iter().map(cause).collect()
    }

    /// Who comes back, and with what was there before.
    #[must_use]
    pub fn repeats(&self) -> Repeats {
        let mut customers: BTreeMap<&str, u64> = BTreeMap::new();
        let mut causes: BTreeMap<(&str, String), u64> = BTreeMap::new();
        for case in &self.cases {
            *customers.entry(&case.customer).or_default() += 1;
            if !case.cause.trim().is_empty() {
                *causes.entry((&case.customer, case.label(Key::Cause))).or_default() += 1;
            }
        }
        let mut most: Vec<(String, u64)> = customers
            .iter()
            .filter(|(_, count)| **count > 1)
            .map(|(customer, count)| ((*customer).to_owned(), *count))
            .collect();
        most.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        Repeats {
            customers: customers.len() as u64,
            repeating: most.len() as u64,
            same_cause: causes.values().map(|count| count - 1).sum(),
            most,
        }
    }

    /// What became of cases, such as suggestions: how many implemented, rejected, closed without a word, open.
    #[must_use]
    pub fn outcomes(&self) -> [(&'static str, u64); 4] {
        let count =
            |wanted: &dyn Fn(&Case) -> bool| self.cases.iter().filter(|case| wanted(case)).count() as u64;
        [
            ("implemented", count(&|case| case.outcome == Some(Outcome::Implemented))),
            ("rejected", count(&|case| case.outcome == Some(Outcome::Rejected))),
            ("closed", count(&|case| case.closed.is_some() && case.outcome.is_none())),
            ("open", count(&|case| case.closed.is_none() && case.outcome.is_none())),
        ]
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
        Case::new(Kind::Complaint, customer, day(opened))
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
        // One of four on the day itself; at 4 days two are left to be asked (d was seen for 2 only).
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
        assert_eq!(repeats.most, [("a".to_owned(), 3)]);
        let causes = cases.pareto();
        let told: Vec<_> =
            causes.iter().map(|cause| (cause.label.as_str(), cause.cases, cause.cumulative)).collect();
        assert_eq!(told, [("late", 3, 0.6), ("not stated", 1, 0.8), ("rude", 1, 1.0)]);
    }

    #[test]
    fn suggestions_end_in_four_ways_and_groups_have_names() {
        let idea = || Case::new(Kind::Suggestion, "a", day(1)).with_department("shop").with_agent("Kim");
        let cases = Cases::new(
            [
                idea().closed(day(2), Some(Outcome::Implemented)),
                idea().closed(day(2), Some(Outcome::Rejected)),
                idea().closed(day(2), None),
                idea(),
                complaint("b", 1),
            ],
            day(2),
        )
        .unwrap();
        let ideas = cases.of_kind(Kind::Suggestion);
        assert_eq!(ideas.outcomes(), [("implemented", 1), ("rejected", 1), ("closed", 1), ("open", 1)]);
        let labels = |key| cases.by(key).into_iter().map(|group| group.label).collect::<Vec<_>>();
        assert_eq!(labels(Key::Kind), ["complaint", "suggestion"]);
        assert_eq!(labels(Key::Department), ["not stated", "shop"]);
        assert_eq!(
            (labels(Key::Agent), labels(Key::Month)),
            (vec!["Kim".into(), "not stated".into()], vec!["2025-03".to_owned()])
        );
    }

    #[test]
    fn days_in_the_wrong_order_are_refused() {
        let text = |case: Case| Cases::new([case], day(10)).unwrap_err().to_string();
        assert_eq!(
            text(complaint("a", 11)),
            "opening of the complaint of a must be at most 2025-03-10, got 2025-03-11"
        );
        assert_eq!(
            text(complaint("a", 5).closed(day(4), None)),
            "closing of the complaint of a must lie from 2025-03-05 to 2025-03-10, got 2025-03-04"
        );
        let none = Cases::new([], day(1)).unwrap();
        assert_eq!(none.resolution().unwrap_err().to_string(), "cases must hold at least one value, got 0");
        assert!(none.by(Key::Kind).is_empty() && none.pareto().is_empty() && none.summary("all").is_none());
    }
}
