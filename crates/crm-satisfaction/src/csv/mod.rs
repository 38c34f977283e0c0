//! Surveys, Kano replies and feedback from files of separated values, in any usual encoding.
//!
//! Rows that do not read are refused with their line and the reason; the others are taken. Only the
//! columns that are read have to be text. Delimiter, encoding and the limits of records are set by
//! [`TableOptions`].

mod feedback;
mod kano;
mod refused;
mod survey;
mod usual;

pub use crm_tables::{Encoding, TableOptions};
pub use feedback::{CsvFeedback, FeedbackFile};
pub use kano::{CsvKano, KanoFile};
pub use refused::{AnswerRefusal, RefusedAnswer};
pub use survey::{CsvSurvey, SurveyFile};
pub use usual::FarOff;

/// Usual names of the column of the respondent.
const ID_NAMES: [&str; 4] = ["respondent_id", "respondent", "customer_id", "id"];
