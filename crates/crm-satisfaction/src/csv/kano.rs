use std::collections::HashSet;
use std::io::Read;

use super::records::{Records, Refusal};
use super::{AnswerRefusal, RefusedAnswer};
use crate::Error;
use crate::kano::{KanoFeature, KanoReply};

/// Reads replies to Kano questionnaires: one row a respondent and feature, with the columns respondent_id, feature_id,
/// functional and dysfunctional; replies are 1 like, 2 must be, 3 neutral, 4 live with, 5 dislike.
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvKano {
    delimiter: u8,
}

/// What a file of replies held.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct KanoFile {
    /// The features in the order in which they first appear.
    pub features: Vec<KanoFeature>,
    /// Rows that were not taken.
    pub refused: Vec<RefusedAnswer>,
    /// Rows behind the header.
    pub rows: u64,
}

impl Default for CsvKano {
    fn default() -> Self {
        Self::new()
    }
}

impl CsvKano {
    /// Comma-separated.
    #[must_use]
    pub fn new() -> Self {
        Self { delimiter: b',' }
    }

    /// The byte between fields, such as `b';'` or `b'\t'`.
    #[must_use]
    pub fn with_delimiter(self, delimiter: u8) -> Self {
        Self { delimiter }
    }

    /// Reads a file. A second reply of a respondent about a feature is refused.
    ///
    /// # Errors
    /// [`Error::EmptyFile`], [`Error::NotText`], [`Error::MissingColumn`], [`Error::OpenQuote`],
    /// [`Error::RecordTooLong`], [`Error::Read`].
    pub fn read(&self, source: impl Read) -> Result<KanoFile, Error> {
        let mut records = Records::new(source, self.delimiter)?;
        let respondent =
            records.column("respondent id", None, &["respondent_id", "respondent", "customer_id", "id"])?;
        let feature = records.column("feature id", None, &["feature_id", "feature"])?;
        let functional = records.column("functional reply", None, &["functional"])?;
        let dysfunctional = records.column("dysfunctional reply", None, &["dysfunctional"])?;
        let mut replies: Vec<(String, Vec<(KanoReply, KanoReply)>)> = Vec::new();
        let (mut known, mut refused, mut rows) = (HashSet::new(), Vec::new(), 0);
        while let Some(row) = records.next()? {
            rows += 1;
            let row = match row {
                Ok(row) => row,
                Err(row) => {
                    refused.push(row);
                    continue;
                }
            };
            let mut read = || {
                let (id, name) = (row.id(respondent)?, row.id(feature)?);
                let both = (
                    read_reply("functional", row.field(functional))?,
                    read_reply("dysfunctional", row.field(dysfunctional))?,
                );
                if !known.insert((id.to_owned(), name.to_owned())) {
                    return Err(Refusal::new(AnswerRefusal::Repeated, &format!("{id}, {name}")));
                }
                Ok((name, both))
            };
            match read() {
                Ok((name, both)) => match replies.iter_mut().find(|(known, _)| known == name) {
                    Some((_, list)) => list.push(both),
                    None => replies.push((name.to_owned(), vec![both])),
                },
                Err(refusal) => refused.push(refusal.at(row.line)),
            }
        }
        let features = replies
            .into_iter()
            .map(|(name, replies)| KanoFeature::new(name, &replies))
            .collect::<Result<_, _>>()?;
        Ok(KanoFile { features, refused, rows })
    }
}

fn read_reply(column: &str, text: &str) -> Result<KanoReply, Refusal> {
    let number: i32 = text
        .parse()
        .map_err(|_| Refusal::new(AnswerRefusal::NotWhole { column: column.to_owned() }, text))?;
    KanoReply::from_number(number).map_err(|_| {
        Refusal::new(AnswerRefusal::OffScale { column: column.to_owned(), min: 1, max: 5 }, text)
    })
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
