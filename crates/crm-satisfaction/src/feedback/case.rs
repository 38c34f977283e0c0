use std::fmt;

use chrono::{Datelike, NaiveDate};

/// What somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Kind {
    /// Something went wrong.
    Complaint,
    /// A question.
    Enquiry,
    /// An idea.
    Suggestion,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Complaint => "complaint",
            Self::Enquiry => "enquiry",
            Self::Suggestion => "suggestion",
        })
    }
}

impl std::str::FromStr for Kind {
    type Err = crate::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "complaint" => Ok(Self::Complaint),
            "enquiry" => Ok(Self::Enquiry),
            "suggestion" => Ok(Self::Suggestion),
            _ => Err(crate::error::out_of_range("kind", "be complaint, enquiry or suggestion", text)),
        }
    }
}

/// What became of a case that was closed, where it matters how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Outcome {
    /// A suggestion that was carried out.
    Implemented,
    /// A suggestion or claim that was turned down.
    Rejected,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Implemented => "implemented",
            Self::Rejected => "rejected",
        })
    }
}

impl std::str::FromStr for Outcome {
    type Err = crate::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "implemented" => Ok(Self::Implemented),
            "rejected" => Ok(Self::Rejected),
            _ => Err(crate::error::out_of_range("outcome", "be implemented or rejected", text)),
        }
    }
}

/// What cases are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// Complaint, enquiry, suggestion.
    Kind,
    /// What it is about.
    Product,
    /// Why.
    Cause,
    /// Where.
    Region,
    /// Who dealt with it.
    Agent,
    /// The department it went to.
    Department,
    /// The month in which it came in, as `2025-03`.
    Month,
}

/// One complaint, enquiry or suggestion.
///
/// What is not known stays empty, and is grouped as [`NOT_STATED`](crate::NOT_STATED).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Case {
    /// What somebody wants.
    pub kind: Kind,
    /// Who.
    pub customer: String,
    /// The day it came in.
    pub opened: NaiveDate,
    /// The day it was settled; none while it is open.
    pub closed: Option<NaiveDate>,
    /// What became of it.
    pub outcome: Option<Outcome>,
    /// What it is about.
    pub product: String,
    /// Why.
    pub cause: String,
    /// Where.
    pub region: String,
    /// Who dealt with it.
    pub agent: String,
    /// The department it went to.
    pub department: String,
}

impl Case {
    /// An open case of which no more is known.
    pub fn new(kind: Kind, customer: impl Into<String>, opened: NaiveDate) -> Self {
        Self {
            kind,
            customer: customer.into(),
            opened,
            closed: None,
            outcome: None,
            product: String::new(),
            cause: String::new(),
            region: String::new(),
            agent: String::new(),
            department: String::new(),
        }
    }

    /// Settled on a day, with what became of it where that matters.
    #[must_use]
    pub fn closed(self, day: NaiveDate, outcome: Option<Outcome>) -> Self {
        Self { closed: Some(day), outcome, ..self }
    }

    /// What it is about.
    #[must_use]
    pub fn with_product(self, product: impl Into<String>) -> Self {
        Self { product: product.into(), ..self }
    }

    /// Why.
    #[must_use]
    pub fn with_cause(self, cause: impl Into<String>) -> Self {
        Self { cause: cause.into(), ..self }
    }

    /// Where.
    #[must_use]
    pub fn with_region(self, region: impl Into<String>) -> Self {
        Self { region: region.into(), ..self }
    }

    /// Who dealt with it.
    #[must_use]
    pub fn with_agent(self, agent: impl Into<String>) -> Self {
        Self { agent: agent.into(), ..self }
    }

    /// The department it went to.
    #[must_use]
    pub fn with_department(self, department: impl Into<String>) -> Self {
        Self { department: department.into(), ..self }
    }

    pub(super) fn label(&self, key: Key) -> String {
        let label = match key {
            Key::Kind => return self.kind.to_string(),
            Key::Month => return format!("{:04}-{:02}", self.opened.year(), self.opened.month()),
            Key::Product => &self.product,
            Key::Cause => &self.cause,
            Key::Region => &self.region,
            Key::Agent => &self.agent,
            Key::Department => &self.department,
        };
        if label.is_empty() { crate::NOT_STATED.to_owned() } else { label.clone() }
    }
}
