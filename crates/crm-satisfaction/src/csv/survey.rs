use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::io::Read;

use crm_tables::{CellError, Column, Encoding, OtherEncoding, Row, Table, TableOptions};

use super::refused::{Refusal, id_of};
use super::usual::{Answers, does_not_apply, whole};
use super::{AnswerRefusal, FarOff, ID_NAMES, RefusedAnswer};
use crate::error::check_weights;
use crate::{Answer, Error, Groups, Question, Scale, Survey};

/// Reads surveys: wide, one row per respondent and a column per question; or long, one row per
/// answer.
///
/// The id column is found by header or number, or as respondent_id, respondent, customer_id, id. An
/// empty cell is a missing answer; `n/a`, `na`, `does not apply` and `not applicable` say that the
/// question does not apply. An answer that is not a whole number, or not on its scale, refuses the
/// row. Numbers that stand for "no answer", such as 99, are declared by
/// [`with_missing_code`](Self::with_missing_code). Bytes that are not text refuse a row only in a
/// column that is read.
///
/// # Examples
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
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CsvSurvey {
    id: Option<String>,
    weight: Option<String>,
    groups: Vec<String>,
    questions: Vec<(String, Scale)>,
    /// Numbers that stand for no answer: to one question, or to all.
    missing: Vec<(Option<String>, i32)>,
    usual: bool,
    options: TableOptions,
}

/// Answers of a file.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SurveyFile {
    /// The survey.
    pub survey: Survey,
    /// Rows that were not taken.
    pub refused: Vec<RefusedAnswer>,
    /// Number of rows below the header.
    pub rows: u64,
    /// Questions on usual scales with a few answers far off the others, which were not taken for
    /// the end of the scale.
    pub far_off: Vec<FarOff>,
    /// Encoding of the file.
    pub encoding: Encoding,
    /// Cells that were read in another encoding.
    pub other_encoding: Option<OtherEncoding>,
}

impl CsvSurvey {
    /// Creates a reader without questions, with the default [`TableOptions`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the id column, by header or by number from 1.
    #[must_use]
    pub fn with_id_column(self, column: impl Into<String>) -> Self {
        Self { id: Some(column.into()), ..self }
    }

    /// Sets the column of the weight of each respondent; wide files only.
    #[must_use]
    pub fn with_weight_column(self, column: impl Into<String>) -> Self {
        Self { weight: Some(column.into()), ..self }
    }

    /// Adds a column of the group of each respondent; wide files only.
    #[must_use]
    pub fn with_groups(mut self, column: impl Into<String>) -> Self {
        self.groups.push(column.into());
        self
    }

    /// Adds a question with its scale. The last of several scales of one question counts.
    #[must_use]
    pub fn with_question(mut self, column: impl Into<String>, scale: Scale) -> Self {
        let column = column.into();
        self.questions.retain(|(name, _)| *name != column);
        self.questions.push((column, scale));
        self
    }

    /// Adds a number that stands for "no answer" to every question, such as 99 or -1; it is a missing
    /// answer, whatever the scale.
    ///
    /// # Examples
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

    /// Adds a number that stands for "no answer" to one question.
    #[must_use]
    pub fn with_missing_code_of(mut self, question: impl Into<String>, code: i32) -> Self {
        self.missing.push((Some(question.into()), code));
        self
    }

    fn is_missing(&self, question: &str, value: i32) -> bool {
        let applies = |of: &Option<String>| of.as_deref().is_none_or(|of| of == question);
        self.missing.iter().any(|(of, code)| *code == value && applies(of))
    }

    /// Takes every other column of a wide file for a question, too, if more than half of its answers
    /// are whole numbers, on the [usual](Scale::usual) scale that they fit on. The scales are a
    /// guess: show them to the reader.
    #[must_use]
    pub fn with_usual_scales(self) -> Self {
        Self { usual: true, ..self }
    }

    /// Sets the delimiter, the encoding and the limits of records.
    #[must_use]
    pub fn with_table_options(self, options: TableOptions) -> Self {
        Self { options, ..self }
    }

    /// Reads a wide file: one row per respondent.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] for a file that is not a table with these columns, [`Error::Input`] for
    /// weights that are all 0. A row that does not read is no error: it is among the refused.
    pub fn read_wide(&self, source: impl Read) -> Result<SurveyFile, Error> {
        let mut table = Table::new(source, &self.options)?;
        let id = table.column("respondent id", self.id.as_deref(), &ID_NAMES)?;
        let weight =
            self.weight.as_deref().map(|name| table.column("weight", Some(name), &[])).transpose()?;
        let columns = |purpose, names: &mut dyn Iterator<Item = &String>| {
            names.map(|name| table.column(purpose, Some(name), &[])).collect::<Result<Vec<Column>, _>>()
        };
        let groups = columns("group", &mut self.groups.iter())?;
        let declared = columns("question", &mut self.questions.iter().map(|(name, _)| name))?;
        let named: Vec<Column> =
            [id].into_iter().chain(weight).chain(groups.clone()).chain(declared.clone()).collect();
        let open: Vec<Column> = match self.usual {
            true => table.columns().filter(|column| !named.contains(column)).collect(),
            false => Vec::new(),
        };
        let (mut rows, mut refused, mut seen) = (Vec::new(), Vec::new(), 0);
        while let Some(row) = table.next_row()? {
            seen += 1;
            match Cells::new(&row, id, named.iter().chain(&open)) {
                Ok(cells) => rows.push(cells),
                Err(error) => refused.push(Refusal::from(error).at(row.line())),
            }
        }
        let told = declared.iter().zip(&self.questions);
        let mut questions: Vec<(Column, String, Scale)> =
            told.map(|(&column, (name, scale))| (column, name.clone(), scale.clone())).collect();
        let mut far_off = Vec::new();
        for column in open {
            let name = table.header(column);
            let cells = rows.iter().filter_map(|row| row.text(column).ok());
            let answers = Answers::of(cells, |value| self.is_missing(name, value));
            let found = answers.far_off(name);
            if let Some(scale) = answers.usual_scale(found.as_ref()) {
                questions.push((column, name.to_owned(), scale));
                far_off.extend(found);
            }
        }
        if self.usual {
            // In the order of the file.
            questions.sort_by_key(|(column, ..)| *column);
        }
        let mut taken = Taken { columns: vec![Vec::new(); questions.len()], ..Taken::default() };
        for row in &rows {
            if let Err(refusal) = taken.add(row, self, (id, weight, &groups), &questions) {
                refused.push(refusal.at(row.line));
            }
        }
        refused.sort_by_key(|row| row.line);
        let mut survey = Survey::new(taken.ids);
        for ((_, name, scale), answers) in questions.iter().zip(&taken.columns) {
            survey = survey.with_column(Question::new(name.as_str(), scale.clone(), answers)?)?;
        }
        for (name, &column) in self.groups.iter().zip(&groups) {
            let labels = taken.rows.iter().filter_map(|row| row.text(column).ok());
            survey = survey.with_groups(Groups::new(name.as_str(), labels))?;
        }
        if weight.is_some() {
            check_weights(&taken.weights)?;
            survey = survey.with_weights(&taken.weights)?;
        }
        Ok(file(&table, survey, (refused, seen), far_off))
    }

    /// Reads a long file: one row per answer, with the columns question and answer (or question_id
    /// and value). Every question has to be declared. The last of several answers of a respondent to
    /// a question counts.
    ///
    /// # Errors
    ///
    /// As [`read_wide`](Self::read_wide).
    pub fn read_long(&self, source: impl Read) -> Result<SurveyFile, Error> {
        let mut table = Table::new(source, &self.options)?;
        let id = table.column("respondent id", self.id.as_deref(), &ID_NAMES)?;
        let question = table.column("question", None, &["question", "question_id", "item"])?;
        let answer = table.column("answer", None, &["answer", "value", "score"])?;
        let scales: HashMap<&str, &Scale> =
            self.questions.iter().map(|(name, scale)| (name.as_str(), scale)).collect();
        let (mut taken, mut refused, mut rows) = (Vec::new(), Vec::new(), 0);
        while let Some(row) = table.next_row()? {
            rows += 1;
            let read = || {
                let name = row.text(question)?;
                let scale = scales.get(&*name).ok_or_else(|| Refusal::new(AnswerRefusal::Question, &name))?;
                let answer = self.answer(&row.text(answer)?, &name, scale)?;
                Ok::<_, Refusal>((id_of(&row, id)?.into_owned(), name.into_owned(), answer))
            };
            match read() {
                Ok(answer) => taken.push(answer),
                Err(refusal) => refused.push(refusal.at(row.line())),
            }
        }
        let questions: Vec<(&str, Scale)> =
            self.questions.iter().map(|(name, scale)| (name.as_str(), scale.clone())).collect();
        let answers = taken.iter().map(|(id, name, answer)| (id.as_str(), name.as_str(), *answer));
        let survey = Survey::from_long(&questions, answers)?;
        Ok(file(&table, survey, (refused, rows), Vec::new()))
    }
}

fn file(
    table: &Table<'_>,
    survey: Survey,
    (refused, rows): (Vec<RefusedAnswer>, u64),
    far_off: Vec<FarOff>,
) -> SurveyFile {
    let (encoding, other_encoding) = (table.encoding(), table.other_encoding());
    SurveyFile { survey, refused, rows, far_off, encoding, other_encoding }
}

/// The cells of a row that may be needed.
struct Cells {
    line: u64,
    cells: Vec<(Column, Result<String, CellError>)>,
}

impl Cells {
    /// Keeps some columns of a row, in which the id has to be readable.
    fn new<'c>(
        row: &Row<'_>,
        id: Column,
        columns: impl Iterator<Item = &'c Column>,
    ) -> Result<Self, CellError> {
        row.id(id)?;
        let mut cells: Vec<_> =
            columns.map(|&column| (column, row.text(column).map(Cow::into_owned))).collect();
        cells.sort_by_key(|(column, _)| *column);
        Ok(Self { line: row.line(), cells })
    }

    fn text(&self, column: Column) -> Result<&str, CellError> {
        let found = self.cells.binary_search_by_key(&column, |(column, _)| *column);
        debug_assert!(found.is_ok(), "only columns that were kept are asked for");
        match found.ok().and_then(|at| self.cells.get(at)) {
            Some((_, Ok(text))) => Ok(text),
            Some((_, Err(error))) => Err(error.clone()),
            None => Ok(""),
        }
    }
}

/// The rows taken so far.
#[derive(Default)]
struct Taken<'r> {
    rows: Vec<&'r Cells>,
    ids: Vec<String>,
    known: HashSet<&'r str>,
    weights: Vec<f64>,
    columns: Vec<Vec<Answer>>,
}

impl<'r> Taken<'r> {
    fn add(
        &mut self,
        row: &'r Cells,
        reader: &CsvSurvey,
        (id, weight, groups): (Column, Option<Column>, &[Column]),
        questions: &[(Column, String, Scale)],
    ) -> Result<(), Refusal> {
        let id = row.text(id)?;
        if id.is_empty() {
            return Err(Refusal::new(AnswerRefusal::MissingId, ""));
        }
        if self.known.contains(id) {
            return Err(Refusal::new(AnswerRefusal::Repeated, id));
        }
        groups.iter().try_for_each(|&column| row.text(column).map(|_| ()))?;
        let weight = match weight.map(|column| row.text(column)).transpose()? {
            None => 1.0,
            Some(text) => match text.parse::<f64>() {
                Ok(weight) if weight >= 0.0 && weight.is_finite() => weight,
                _ => return Err(Refusal::new(AnswerRefusal::Weight, text)),
            },
        };
        let answers: Vec<Answer> = questions
            .iter()
            .map(|(column, name, scale)| reader.answer(row.text(*column)?, name, scale))
            .collect::<Result<_, _>>()?;
        self.known.insert(id);
        self.ids.push(id.to_owned());
        self.rows.push(row);
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
mod tests;
