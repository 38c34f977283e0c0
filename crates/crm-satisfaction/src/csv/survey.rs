use std::collections::{HashMap, HashSet};
use std::io::Read;

use super::records::{Records, Refusal, Row};
use super::usual::{Answers, does_not_apply, whole};
use super::{AnswerRefusal, FarOff, RefusedAnswer};
use crate::error::check_weights;
use crate::{Answer, Column, Error, Groups, Scale, Survey};

/// Reads surveys: wide, one row a respondent with a column a question; or long, one row an answer.
///
/// The id column is found by header or number, or as respondent_id, respondent, customer_id, id. An empty cell is a missing
/// answer; `n/a`, `na`, `does not apply` and `not applicable` say that the question does not apply. An answer that is not a
/// whole number, or not on its scale, refuses the row. Numbers that stand for "no answer", such as 99, are declared by
/// [`with_missing_code`](Self::with_missing_code). Bytes that are not UTF-8 text refuse a row only where they stand in a
/// column that is read.
///
/// ```
/// use crm_satisfaction::Scale;
/// use crm_satisfaction::csv::CsvSurvey;
///
/// let text = "respondent_id,region,speed,price\nr1,north,4,5\nr2,south,7,1\nr3,south,,n/a\n";
/// let file = CsvSurvey::new()
///     .with_question("speed", Scale::new(1, 5)?)
///     .with_question("price", Scale::new(1, 5)?)
///     .with_groups("region")
///     .read_wide(text.as_bytes())?;
/// assert_eq!(file.survey.respondents(), ["r1", "r3"]);
/// assert_eq!(file.refused[0].to_string(), "line 3: speed is not on its scale, 1 to 5: \"7\"");
/// let price = file.survey.column("price")?.tally();
/// assert_eq!((price.answered(), price.does_not_apply()), (1, 1));
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CsvSurvey {
    id: Option<String>,
    weight: Option<String>,
    groups: Vec<String>,
    questions: Vec<(String, Scale)>,
    /// Numbers that stand for no answer: to one question, or to all.
    missing: Vec<(Option<String>, i32)>,
    usual: bool,
    delimiter: u8,
}

/// What a file of answers held.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SurveyFile {
    /// The survey.
    pub survey: Survey,
    /// Rows that were not taken.
    pub refused: Vec<RefusedAnswer>,
    /// Rows behind the header.
    pub rows: u64,
    /// Questions on usual scales with a few answers far off the others, which were not taken for the end of the scale.
    pub far_off: Vec<FarOff>,
}

const ID_NAMES: [&str; 4] = ["respondent_id", "respondent", "customer_id", "id"];

impl Default for CsvSurvey {
    fn default() -> Self {
        Self::new()
    }
}

impl CsvSurvey {
    /// Comma-separated, without a question yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            id: None,
            weight: None,
            groups: Vec::new(),
            questions: Vec::new(),
            missing: Vec::new(),
            usual: false,
            delimiter: b',',
        }
    }

    /// The id column, by header or by number from 1.
    #[must_use]
    pub fn with_id_column(self, column: impl Into<String>) -> Self {
        Self { id: Some(column.into()), ..self }
    }

    /// The column that says how much every respondent counts; wide files only.
    #[must_use]
    pub fn with_weight_column(self, column: impl Into<String>) -> Self {
        Self { weight: Some(column.into()), ..self }
    }

    /// A column that says which group a respondent belongs to; wide files only.
    #[must_use]
    pub fn with_groups(mut self, column: impl Into<String>) -> Self {
        self.groups.push(column.into());
        self
    }

    /// A question with its scale. Said twice, the last scale counts.
    #[must_use]
    pub fn with_question(mut self, column: impl Into<String>, scale: Scale) -> Self {
        let column = column.into();
        self.questions.retain(|(name, _)| *name != column);
        self.questions.push((column, scale));
        self
    }

    /// A number that stands for "no answer" to every question, such as 99 or -1; it is a missing answer, whatever the scale.
    ///
    /// ```
    /// use crm_satisfaction::Scale;
    /// use crm_satisfaction::csv::CsvSurvey;
    ///
    /// let file = CsvSurvey::new()
    ///     .with_question("speed", Scale::new(1, 5)?)
    ///     .with_missing_code(99)
    ///     .read_wide("id,speed\na,4\nb,99\nc,2\n".as_bytes())?;
    /// let tally = file.survey.column("speed")?.tally();
    /// assert_eq!((tally.mean(), tally.missing(), file.refused.len()), (Some(3.0), 1, 0));
    /// # Ok::<(), crm_satisfaction::Error>(())
    /// ```
    #[must_use]
    pub fn with_missing_code(mut self, code: i32) -> Self {
        self.missing.push((None, code));
        self
    }

    /// A number that stands for "no answer" to one question.
    #[must_use]
    pub fn with_missing_code_of(mut self, question: impl Into<String>, code: i32) -> Self {
        self.missing.push((Some(question.into()), code));
        self
    }

    fn is_missing(&self, question: &str, value: i32) -> bool {
        let applies = |of: &Option<String>| of.as_deref().is_none_or(|of| of == question);
        self.missing.iter().any(|(of, code)| *code == value && applies(of))
    }

    /// Takes every other column of a wide file for a question, too, if more than half of its answers are whole numbers, on
    /// the [usual](Scale::usual) scale that they fit on. A guess: show the reader the scales.
    #[must_use]
    pub fn with_usual_scales(self) -> Self {
        Self { usual: true, ..self }
    }

    /// The byte between fields, such as `b';'` or `b'\t'`.
    #[must_use]
    pub fn with_delimiter(self, delimiter: u8) -> Self {
        Self { delimiter, ..self }
    }

    /// Reads a wide file: one row a respondent.
    ///
    /// # Errors
    /// [`Error::EmptyFile`], [`Error::NotText`], [`Error::MissingColumn`], [`Error::OpenQuote`],
    /// [`Error::RecordTooLong`], [`Error::Read`]. A row
    /// that does not read is no error: it is among the refused.
    pub fn read_wide(&self, source: impl Read) -> Result<SurveyFile, Error> {
        let mut records = Records::new(source, self.delimiter)?;
        let id = records.column("respondent id", self.id.as_deref(), &ID_NAMES)?;
        let weight =
            self.weight.as_deref().map(|name| records.column("weight", Some(name), &[])).transpose()?;
        let places = |names: &[String], what| -> Result<Vec<usize>, Error> {
            names.iter().map(|name| records.column(what, Some(name), &[])).collect()
        };
        let groups = places(&self.groups, "group")?;
        let names: Vec<String> = self.questions.iter().map(|(name, _)| name.clone()).collect();
        let declared = places(&names, "question")?;
        let headers = records.headers().to_vec();
        let (mut rows, mut refused, mut seen) = (Vec::new(), Vec::new(), 0);
        while let Some(row) = records.next_of_any_text()? {
            seen += 1;
            match row {
                Ok(row) => rows.push(row),
                Err(row) => refused.push(row),
            }
        }
        let mut questions: Vec<(usize, String, Scale)> = declared
            .iter()
            .zip(&self.questions)
            .map(|(&place, (name, scale))| (place, name.clone(), scale.clone()))
            .collect();
        let mut far_off = Vec::new();
        if self.usual {
            let taken = |place: &usize| {
                *place == id || Some(*place) == weight || groups.contains(place) || declared.contains(place)
            };
            for place in (0..headers.len()).filter(|place| !taken(place)) {
                let Some(name) = headers.get(place) else { continue };
                let answers = Answers::of(rows.iter().map(|row| row.field(place)), |value| {
                    self.is_missing(name, value)
                });
                let found = answers.far_off(name);
                if let Some(scale) = answers.usual_scale(found.as_ref()) {
                    questions.push((place, name.clone(), scale));
                    far_off.extend(found);
                }
            }
            // In the order of the file.
            questions.sort_by_key(|(place, ..)| *place);
        }
        let mut table = Table { columns: vec![Vec::new(); questions.len()], ..Table::default() };
        for row in &rows {
            let line = row.line;
            if let Err(refusal) = table.add(row, self, (id, weight, &groups), &questions) {
                refused.push(refusal.at(line));
            }
        }
        refused.sort_by_key(|row| row.line);
        let kept = |place: usize| -> Vec<&str> {
            table.rows.iter().filter_map(|&row| Some(rows.get(row)?.field(place))).collect()
        };
        let mut survey = Survey::new(table.ids.iter().cloned());
        for ((_, name, scale), answers) in questions.iter().zip(&table.columns) {
            survey = survey.with_column(Column::new(name.as_str(), scale.clone(), answers)?)?;
        }
        for (name, &place) in self.groups.iter().zip(&groups) {
            survey = survey.with_groups(Groups::new(name.as_str(), kept(place)))?;
        }
        if weight.is_some() {
            check_weights(&table.weights)?;
            survey = survey.with_weights(&table.weights)?;
        }
        Ok(SurveyFile { survey, refused, rows: seen, far_off })
    }

    /// Reads a long file: one row an answer, with the columns question and answer (or question_id, value). Every question
    /// has to be declared. The last of several answers of a respondent to a question counts.
    ///
    /// # Errors
    /// As [`read_wide`](Self::read_wide).
    pub fn read_long(&self, source: impl Read) -> Result<SurveyFile, Error> {
        let mut records = Records::new(source, self.delimiter)?;
        let id = records.column("respondent id", self.id.as_deref(), &ID_NAMES)?;
        let question = records.column("question", None, &["question", "question_id", "item"])?;
        let answer = records.column("answer", None, &["answer", "value", "score"])?;
        let scales: HashMap<&str, &Scale> =
            self.questions.iter().map(|(name, scale)| (name.as_str(), scale)).collect();
        let (mut taken, mut refused, mut rows) = (Vec::new(), Vec::new(), 0);
        while let Some(row) = records.next_of_any_text()? {
            rows += 1;
            let row = match row {
                Ok(row) => row,
                Err(row) => {
                    refused.push(row);
                    continue;
                }
            };
            let read = || {
                let name = row.text(question)?;
                let scale = scales.get(name).ok_or_else(|| Refusal::new(AnswerRefusal::Question, name))?;
                Ok::<_, Refusal>((row.id(id)?, name, self.answer(row.text(answer)?, name, scale)?))
            };
            match read() {
                Ok((id, name, answer)) => taken.push((id.to_owned(), name.to_owned(), answer)),
                Err(refusal) => refused.push(refusal.at(row.line)),
            }
        }
        let questions: Vec<(&str, Scale)> =
            self.questions.iter().map(|(name, scale)| (name.as_str(), scale.clone())).collect();
        let answers = taken.iter().map(|(id, name, answer)| (id.as_str(), name.as_str(), *answer));
        let survey = Survey::from_long(&questions, answers)?;
        Ok(SurveyFile { survey, refused, rows, far_off: Vec::new() })
    }
}

/// The rows taken so far.
#[derive(Default)]
struct Table {
    rows: Vec<usize>,
    ids: Vec<String>,
    known: HashSet<String>,
    weights: Vec<f64>,
    columns: Vec<Vec<Answer>>,
    next: usize,
}

impl Table {
    fn add(
        &mut self,
        row: &Row,
        reader: &CsvSurvey,
        (id, weight, groups): (usize, Option<usize>, &[usize]),
        questions: &[(usize, String, Scale)],
    ) -> Result<(), Refusal> {
        let number = self.next;
        self.next += 1;
        let id = row.id(id)?;
        if self.known.contains(id) {
            return Err(Refusal::new(AnswerRefusal::Repeated, id));
        }
        groups.iter().try_for_each(|&place| row.text(place).map(|_| ()))?;
        let weight = match weight.map(|place| row.text(place)).transpose()? {
            None => 1.0,
            Some(text) => match text.parse::<f64>() {
                Ok(weight) if weight >= 0.0 && weight.is_finite() => weight,
                _ => return Err(Refusal::new(AnswerRefusal::Weight, text)),
            },
        };
        let answers: Vec<Answer> = questions
            .iter()
            .map(|(place, name, scale)| reader.answer(row.text(*place)?, name, scale))
            .collect::<Result<_, _>>()?;
        self.known.insert(id.to_owned());
        self.ids.push(id.to_owned());
        self.rows.push(number);
        self.weights.push(weight);
        self.columns.iter_mut().zip(answers).for_each(|(column, answer)| column.push(answer));
        Ok(())
    }
}

impl CsvSurvey {
    fn answer(&self, text: &str, name: &str, scale: &Scale) -> Result<Answer, Refusal> {
        if text.is_empty() {
            return Ok(Answer::Missing);
        }
        if does_not_apply(text) {
            return Ok(Answer::DoesNotApply);
        }
        match whole(text) {
            None => Err(Refusal::new(AnswerRefusal::NotWhole { column: name.to_owned() }, text)),
            Some(value) if self.is_missing(name, value) => Ok(Answer::Missing),
            Some(value) if scale.contains(value) => Ok(Answer::Value(value)),
            Some(_) => {
                let (min, max) = (scale.min(), scale.max());
                Err(Refusal::new(AnswerRefusal::OffScale { column: name.to_owned(), min, max }, text))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_its_line_and_reason() {
        let text = "id,w,q\na,1,4.0\n,1,4\na,1,5\nb,-1,5\nc,1,four\nd,1,4.5\ne,1\nf,2,does not apply\n";
        let file = CsvSurvey::new()
            .with_weight_column("w")
            .with_question("q", Scale::new(1, 5).unwrap())
            .read_wide(text.as_bytes())
            .unwrap();
        let told: Vec<String> = file.refused.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "line 3: id is missing: \"\"",
                "line 4: id had a row before: \"a\"",
                "line 5: weight is not a number of at least 0: \"-1\"",
                "line 6: q is not a whole number: \"four\"",
                "line 7: q is not a whole number: \"4.5\"",
                "line 8: row has 2 fields, the header has 3: \"e,1\"",
            ]
        );
        assert_eq!((file.rows, file.survey.respondents()), (8, ["a".to_owned(), "f".to_owned()].as_slice()));
        assert_eq!(file.survey.weights(), Some([1.0, 2.0].as_slice()));
        let answers = [Answer::Value(4), Answer::DoesNotApply];
        assert_eq!(file.survey.column("q").unwrap().answers(), answers);
    }

    #[test]
    fn usual_scales_leave_words_and_large_numbers_alone() {
        let text = "respondent_id;region;q1;q2;city;postcode\n1;n;1;0;X;10115\n2;s;5;10;Y;80331\n3;n;oops;;Z;20095\n";
        let file = CsvSurvey::new()
            .with_delimiter(b';')
            .with_groups("region")
            .with_usual_scales()
            .read_wide(text.as_bytes())
            .unwrap();
        let scales: Vec<String> = file
            .survey
            .columns()
            .iter()
            .map(|column| format!("{} {}", column.name(), column.scale()))
            .collect();
        assert_eq!(scales, ["q1 1 to 5, 5 is best", "q2 0 to 10, 10 is best"]);
        assert_eq!(file.refused[0].to_string(), "line 4: q1 is not a whole number: \"oops\"");
        assert_eq!(file.survey.groups("region").unwrap().labels(), ["n", "s"]);
    }

    /// Comments in Latin-1 are nobody's business; a group or an answer that is no text is refused with its line.
    #[test]
    fn bytes_that_are_no_text_matter_where_they_are_read() {
        let text = b"id,q,region,comment\na,5,north,tr\xe8s bien\nb,4,Z\xfcrich,ok\nc,\xb2,south,ok\n";
        let reader = CsvSurvey::new().with_question("q", Scale::new(1, 5).unwrap());
        let file = reader.clone().read_wide(text.as_slice()).unwrap();
        assert_eq!(file.survey.respondents(), ["a", "b"]);
        let file = reader.with_groups("region").read_wide(text.as_slice()).unwrap();
        assert_eq!(file.survey.respondents(), ["a"]);
        let told: Vec<String> = file.refused.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "line 3: row is not UTF-8 text: \"Z\u{fffd}rich\"",
                "line 4: row is not UTF-8 text: \"\u{fffd}\""
            ]
        );
    }

    #[test]
    fn codes_are_missing_answers_or_far_off() {
        let mut text = String::from("id,speed,price,percent\n");
        for n in 0..20 {
            let (speed, price) =
                (if n % 7 == 3 { 99 } else { 1 + n % 5 }, if n == 4 { -1 } else { 1 + n % 4 });
            text.push_str(&format!("r{n},{speed},{price},{}\n", 5 * n));
        }
        let reader = CsvSurvey::new().with_usual_scales();
        let file = reader.clone().read_wide(text.as_bytes()).unwrap();
        let told: Vec<String> = file.far_off.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "speed: 3 answers of 99 lie far off the others, 1 to 5",
                "price: 1 answer of -1 lies far off the others, 1 to 4",
            ]
        );
        assert_eq!((file.far_off[0].is_repeated(), file.far_off[1].is_repeated()), (true, false));
        assert_eq!(file.refused[0].to_string(), "line 5: speed is not on its scale, 1 to 5: \"99\"");
        let file = reader
            .with_missing_code(99)
            .with_missing_code_of("price", -1)
            .read_wide(text.as_bytes())
            .unwrap();
        let tally = file.survey.column("speed").unwrap().tally();
        assert_eq!((tally.answered(), tally.missing(), tally.scale().max()), (17, 3, 5));
        assert_eq!((file.refused.len(), file.far_off.len(), file.survey.columns().len()), (0, 0, 3));
        assert_eq!(file.survey.column("percent").unwrap().scale().max(), 100);
    }

    #[test]
    fn long_files_are_turned() {
        let text = "respondent,question,answer\nb,speed,3\na,speed,9\na,smell,1\na,price,na\n";
        let five = Scale::new(1, 5).unwrap();
        let file = CsvSurvey::new()
            .with_question("speed", five.clone())
            .with_question("price", five)
            .read_long(text.as_bytes())
            .unwrap();
        let told: Vec<String> = file.refused.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "line 3: speed is not on its scale, 1 to 5: \"9\"",
                "line 4: question was not declared: \"smell\""
            ]
        );
        assert_eq!(file.survey.respondents(), ["b", "a"]);
        assert_eq!(file.survey.column("price").unwrap().answers(), [Answer::Missing, Answer::DoesNotApply]);
    }

    #[test]
    fn files_that_are_none_are_refused() {
        let text =
            |bytes: &[u8]| CsvSurvey::new().with_groups("shop").read_wide(bytes).unwrap_err().to_string();
        assert_eq!(text(b""), "the file is empty");
        assert_eq!(text(b"PK\x03\x04\x00"), "the file is not UTF-8 text: a zero byte at byte 4");
        assert_eq!(
            text(b"who,q\n"),
            "no respondent id column (respondent_id, respondent, customer_id, id); the columns are who, q"
        );
        assert_eq!(text(b"id,q\n"), "no group column \"shop\"; the columns are id, q");
        let endless = format!("id,shop\n\"{}", "x".repeat(3 << 20));
        assert!(text(endless.as_bytes()).contains("is longer than 1048576 bytes"));
        assert_eq!(
            text(b"id,shop,q\na,x,1\nb,\"y,2\nc,x,3\n"),
            "the record that starts in line 3 runs to the end of the file in line 4: a quotation mark is opened and \
             not closed"
        );
        assert!(text(b"id;shop\na;x\n").ends_with("\"id;shop\" (one column: is ';' the delimiter?)"));
        let empty = CsvSurvey::new().read_wide("id,q\n".as_bytes()).unwrap();
        assert!(empty.survey.is_empty() && empty.rows == 0);
    }
}
