use chrono::{Datelike, NaiveDate};

/// The kind of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CaseKind {
    /// A report that something went wrong.
    Complaint,
    /// A question.
    Inquiry,
    /// An idea.
    Suggestion,
}

crm_numbers::names! {
    CaseKind, "kind of case" {
        Complaint = "complaint",
        Inquiry = "inquiry" | "enquiry",
        Suggestion = "suggestion",
    }
}

/// The outcome of a closed case, if it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CaseOutcome {
    /// A suggestion that was carried out.
    Implemented,
    /// A suggestion or claim that was turned down.
    Rejected,
}

crm_numbers::names! {
    CaseOutcome, "outcome of a case" {
        Implemented = "implemented",
        Rejected = "rejected",
    }
}

/// The attribute that cases are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CaseKey {
    /// Complaint, inquiry or suggestion.
    Kind,
    /// Product that the case is about.
    Product,
    /// Cause of the case.
    Cause,
    /// Region of the customer.
    Region,
    /// Agent who handled the case.
    Agent,
    /// Department that handled the case.
    Department,
    /// Month in which the case was opened, such as `2025-03`.
    Month,
}

crm_numbers::names! {
    CaseKey, "key of cases" {
        Kind = "kind",
        Product = "product",
        Cause = "cause",
        Region = "region",
        Agent = "agent",
        Department = "department",
        Month = "month",
    }
}

/// A complaint, inquiry or suggestion.
///
/// Unknown texts are empty, and are grouped as [`NOT_STATED`](crate::NOT_STATED).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Case {
    /// Kind of the case.
    pub kind: CaseKind,
    /// Id of the customer.
    pub customer: String,
    /// Day on which the case was opened.
    pub opened: NaiveDate,
    /// Day on which the case was closed; `None` while it is open.
    pub closed: Option<NaiveDate>,
    /// Outcome of the case.
    pub outcome: Option<CaseOutcome>,
    /// Product that the case is about.
    pub product: String,
    /// Cause of the case.
    pub cause: String,
    /// Region of the customer.
    pub region: String,
    /// Agent who handled the case.
    pub agent: String,
    /// Department that handled the case.
    pub department: String,
}

impl Case {
    /// Creates an open case without further details.
    pub fn new(kind: CaseKind, customer: impl Into<String>, opened: NaiveDate) -> Self {
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

    /// Returns the case closed on a day, with its outcome if that is known.
    #[must_use]
    pub fn closed(self, day: NaiveDate, outcome: Option<CaseOutcome>) -> Self {
        Self { closed: Some(day), outcome, ..self }
    }

    /// Sets the product that the case is about.
    #[must_use]
    pub fn with_product(self, product: impl Into<String>) -> Self {
        Self { product: product.into(), ..self }
    }

    /// Sets the cause of the case.
    #[must_use]
    pub fn with_cause(self, cause: impl Into<String>) -> Self {
        Self { cause: cause.into(), ..self }
    }

    /// Sets the region of the customer.
    #[must_use]
    pub fn with_region(self, region: impl Into<String>) -> Self {
        Self { region: region.into(), ..self }
    }

    /// Sets the agent who handled the case.
    #[must_use]
    pub fn with_agent(self, agent: impl Into<String>) -> Self {
        Self { agent: agent.into(), ..self }
    }

    /// Sets the department that handled the case.
    #[must_use]
    pub fn with_department(self, department: impl Into<String>) -> Self {
        Self { department: department.into(), ..self }
    }

    pub(super) fn label(&self, key: CaseKey) -> String {
        let label = match key {
            CaseKey::Kind => return self.kind.to_string(),
            CaseKey::Month => return format!("{:04}-{:02}", self.opened.year(), self.opened.month()),
            CaseKey::Product => &self.product,
            CaseKey::Cause => &self.cause,
            CaseKey::Region => &self.region,
            CaseKey::Agent => &self.agent,
            CaseKey::Department => &self.department,
        };
        if label.is_empty() { crate::NOT_STATED.to_owned() } else { label.clone() }
    }
}
