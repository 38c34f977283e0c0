use std::collections::HashSet;
use std::io::Read;

use crm_tables::{Column, Encoding, Row, Table, TableOptions};

use super::refused::{Refusal, id_of};
use super::{AnswerRefusal, ID_NAMES, RefusedAnswer};
use crate::Error;
use crate::kano::{KanoFeature, KanoReply};

/// Reads replies to Kano questionnaires: one row per respondent and feature, with the columns
/// respondent_id, feature_id, functional and dysfunctional; replies are 1 like, 2 must be,
/// 3 neutral, 4 live with, 5 dislike.
///
/// # Examples
///
/// ```
/// use crm_satisfaction::csv::CsvKano;
///
/// let text = "respondent_id,feature_id,functional,dysfunctional\nr1,lock,3,5\nr2,lock,6,5\n";
/// let file = CsvKano::new().read(text.as_bytes())?;
/// assert_eq!(file.features[0].category().letter(), 'M');
/// assert_eq!(file.refused[0].to_string(), "line 3: functional is not on its scale, 1 to 5: \"6\"");
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CsvKano {
    options: TableOptions,
}

/// Replies of a file, by feature.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct KanoFile {
    /// Features in the order in which they first appear.
    pub features: Vec<KanoFeature>,
    /// Rows that were not taken.
    pub refused: Vec<RefusedAnswer>,
    /// Number of rows below the header.
    pub rows: u64,
    /// Encoding of the file.
    pub encoding: Encoding,
}

impl CsvKano {
    /// Creates a reader with the default [`TableOptions`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the delimiter, the encoding and the limits of records.
    #[must_use]
    pub fn with_table_options(self, options: TableOptions) -> Self {
        Self { options }
    }

    /// Reads a file. A second reply of a respondent about a feature is refused.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] for a file that is not a table with these columns.
    pub fn read(&self, source: impl Read) -> Result<KanoFile, Error> {
        let mut table = Table::new(source, &self.options)?;
        let respondent = table.column("respondent id", None, &ID_NAMES)?;
        let feature = table.column("feature id", None, &["feature_id", "feature"])?;
        let functional = table.column("functional reply", None, &["functional"])?;
        let dysfunctional = table.column("dysfunctional reply", None, &["dysfunctional"])?;
        let mut replies: Vec<(String, Vec<(KanoReply, KanoReply)>)> = Vec::new();
        let (mut known, mut refused, mut rows) = (HashSet::new(), Vec::new(), 0);
        while let Some(row) = table.next_row()? {
            rows += 1;
            let mut read = || {
                let (id, name) = (id_of(&row, respondent)?, id_of(&row, feature)?);
                let both = (
                    read_reply("functional", &row, functional)?,
                    read_reply("dysfunctional", &row, dysfunctional)?,
                );
                if !known.insert((id.clone().into_owned(), name.clone().into_owned())) {
                    return Err(Refusal::new(AnswerRefusal::Repeated, &format!("{id}, {name}")));
                }
                Ok((name, both))
            };
            match read() {
                Ok((name, both)) => match replies.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, list)) => list.push(both),
                    None => replies.push((name.into_owned(), vec![both])),
                },
                Err(refusal) => refused.push(refusal.at(row.line())),
            }
        }
        let features = replies
            .into_iter()
            .map(|(name, replies)| KanoFeature::new(name, &replies))
            .collect::<Result<_, _>>()?;
        Ok(KanoFile { features, refused, rows, encoding: table.encoding() })
    }
}

fn read_reply(name: &str, row: &Row<'_>, column: Column) -> Result<KanoReply, Refusal> {
    let (text, name) = (row.text(column)?, || name.to_owned());
    let number: i32 =
        text.parse().map_err(|_| Refusal::new(AnswerRefusal::NotWhole { column: name() }, &text))?;
    KanoReply::from_number(number)
        .map_err(|_| Refusal::new(AnswerRefusal::OffScale { column: name(), min: 1, max: 5 }, &text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_collected_and_bad_rows_named() {
        let text = "respondent_id,feature_id,functional,dysfunctional\n\
                    r1,lock,3,5\nr1,radio,1,3\nr2,lock,1,5\nr1,lock,1,1\n,lock,1,1\nr3,,1,1\nr3,lock,one,1\n";
        let file = CsvKano::new().read(text.as_bytes()).unwrap();
        let names: Vec<&str> = file.features.iter().map(KanoFeature::name).collect();
        assert_eq!((names, file.rows), (vec!["lock", "radio"], 7));
        assert_eq!(file.features[0].counts().respondents(), 2);
        let told: Vec<String> = file.refused.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "line 5: id had a row before: \"r1, lock\"",
                "line 6: id is missing: \"\"",
                "line 7: id is missing: \"\"",
                "line 8: functional is not a whole number: \"one\"",
            ]
        );
        let missing = CsvKano::new().read("respondent_id,feature_id\n".as_bytes()).unwrap_err().to_string();
        assert_eq!(
            missing,
            "no functional reply column (functional); the columns are respondent_id, feature_id"
        );
    }
}
