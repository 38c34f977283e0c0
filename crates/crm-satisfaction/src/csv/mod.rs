//! Surveys, Kano replies and feedback from files of comma-separated values.
//!
//! Rows that do not read are refused with line and reason; the others go on. Nothing is guessed but what a setting says.

mod feedback;
mod kano;
mod lines;
mod records;
mod refused;
mod survey;
mod usual;

pub use feedback::{CsvFeedback, FeedbackFile};
pub use kano::{CsvKano, KanoFile};
pub use refused::{AnswerRefusal, RefusedAnswer};
pub use survey::{CsvSurvey, SurveyFile};
pub use usual::FarOff;
