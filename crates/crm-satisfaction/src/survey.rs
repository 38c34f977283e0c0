use std::borrow::Cow;
use std::collections::HashMap;

use crate::error::{check_length, check_weights, out_of_range};
use crate::{Answer, Error, Scale, Tally};

/// All answers to one question, one a respondent, on a scale that was declared once.
///
/// ```
/// use crm_satisfaction::{Answer, Column, Scale};
///
/// let answers = [Answer::Value(4), Answer::Missing, Answer::Value(2), Answer::DoesNotApply];
/// let speed = Column::new("speed", Scale::new(1, 5)?, &answers)?;
/// assert_eq!(speed.tally().mean(), Some(3.0));
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    name: String,
    scale: Scale,
    answers: Vec<Answer>,
}

impl Column {
    /// A column of answers.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a value that is not on the scale; it names the column and the row, from 0.
    pub fn new(name: impl Into<String>, scale: Scale, answers: &[Answer]) -> Result<Self, Error> {
        let name = name.into();
        let outside = |answer: &Answer| answer.value().is_some_and(|value| !scale.contains(value));
        if let Some(row) = answers.iter().position(outside) {
            let allowed = format!("lie in {}..={} in row {row}", scale.min(), scale.max());
            let value = answers.get(row).and_then(|answer| answer.value()).unwrap_or_default();
            return Err(out_of_range(name, allowed, value));
        }
        Ok(Self { name, scale, answers: answers.to_vec() })
    }

    /// The name of the question.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its scale.
    #[must_use]
    pub fn scale(&self) -> &Scale {
        &self.scale
    }

    /// The answers in the order of the respondents.
    #[must_use]
    pub fn answers(&self) -> &[Answer] {
        &self.answers
    }

    /// The values with the good end up, `None` where there is none.
    pub fn oriented(&self) -> impl Iterator<Item = Option<i32>> {
        self.answers.iter().map(|answer| answer.value().map(|value| self.scale.oriented(value)))
    }

    /// How often every value was answered.
    #[must_use]
    pub fn tally(&self) -> Tally {
        Tally::of(&self.scale, &self.answers)
    }
}

/// Which group every respondent belongs to: product, region, wave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    name: String,
    labels: Vec<String>,
    codes: Vec<u32>,
}

/// What a group is called whose label is empty.
pub const NOT_STATED: &str = "not stated";

impl Groups {
    /// One label a respondent; groups stand in alphabetical order, and an empty label is the group [`NOT_STATED`].
    pub fn new<S: AsRef<str>>(name: impl Into<String>, labels: impl IntoIterator<Item = S>) -> Self {
        let mut known: HashMap<String, u32> = HashMap::new();
        let mut names: Vec<String> = Vec::new();
        let mut codes = Vec::new();
        for label in labels {
            let label = match label.as_ref().trim() {
                "" => NOT_STATED,
                label => label,
            };
            let code = known.get(label).copied().unwrap_or_else(|| {
                let code = names.len() as u32;
                known.insert(label.to_owned(), code);
                names.push(label.to_owned());
                code
            });
            codes.push(code);
        }
        let mut order: Vec<(String, u32)> = names.into_iter().zip(0..).collect();
        order.sort();
        let mut place = vec![0; order.len()];
        for (new, (_, old)) in (0_u32..).zip(&order) {
            if let Some(slot) = place.get_mut(*old as usize) {
                *slot = new;
            }
        }
        for code in &mut codes {
            *code = place.get(*code as usize).copied().unwrap_or(0);
        }
        Self { name: name.into(), labels: order.into_iter().map(|(label, _)| label).collect(), codes }
    }

    /// What the groups are: the name of the column.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The labels of the groups, in alphabetical order.
    #[must_use]
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// For every respondent the place of its label.
    #[must_use]
    pub fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// The label of a respondent.
    #[must_use]
    pub fn label(&self, respondent: usize) -> Option<&str> {
        self.labels.get(*self.codes.get(respondent)? as usize).map(String::as_str)
    }

    /// The respondents of every group, in the order of the labels.
    #[must_use]
    pub fn members(&self) -> Vec<Vec<usize>> {
        let mut members = vec![Vec::new(); self.labels.len()];
        for (respondent, &code) in self.codes.iter().enumerate() {
            if let Some(group) = members.get_mut(code as usize) {
                group.push(respondent);
            }
        }
        members
    }
}

/// Who answered what: respondents, questions, groups and weights, all of one length.
///
/// ```
/// use crm_satisfaction::{Answer, Column, Groups, Scale, Survey};
///
/// let five = Scale::new(1, 5)?;
/// let survey = Survey::new(["r1", "r2", "r3"])
///     .with_column(Column::new("overall", five, &[4, 5, 3].map(Answer::Value))?)?
///     .with_groups(Groups::new("region", ["north", "south", "north"]))?
///     .with_weights(&[1.0, 2.0, 1.0])?;
/// assert_eq!(survey.groups("region")?.labels(), ["north", "south"]);
/// assert_eq!(survey.column("speed").unwrap_err().to_string(), "no question \"speed\"; there are overall");
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Survey {
    respondents: Vec<String>,
    columns: Vec<Column>,
    groups: Vec<Groups>,
    weights: Option<Vec<f64>>,
}

impl Survey {
    /// A survey of these respondents, without an answer yet.
    pub fn new<S: Into<String>>(respondents: impl IntoIterator<Item = S>) -> Self {
        Self { respondents: respondents.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// A survey from one row an answer, as questionnaires are often stored: respondent, question, answer.
    ///
    /// Respondents stand in the order in which they first appear, questions in that of `questions`; who has no row for a
    /// question has a missing answer to it. Where there are several rows, the last one counts.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a question that was not declared, [`Error::OutOfRange`] for a value off its scale.
    pub fn from_long<'a>(
        questions: &[(&str, Scale)],
        rows: impl IntoIterator<Item = (&'a str, &'a str, Answer)>,
    ) -> Result<Self, Error> {
        let mut places: HashMap<&str, usize> = HashMap::new();
        let mut respondents = Vec::new();
        let mut cells = Vec::new();
        for (respondent, question, answer) in rows {
            let place = *places.entry(respondent).or_insert_with(|| {
                respondents.push(respondent.to_owned());
                respondents.len() - 1
            });
            let Some(column) = questions.iter().position(|(name, _)| *name == question) else {
                let known = questions.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
                return Err(Error::Unknown { what: "question", wanted: question.to_owned(), known });
            };
            cells.push((place, column, answer));
        }
        let mut columns = vec![vec![Answer::Missing; respondents.len()]; questions.len()];
        for (place, column, answer) in cells {
            if let Some(slot) = columns.get_mut(column).and_then(|column| column.get_mut(place)) {
                *slot = answer;
            }
        }
        let mut survey = Self::new(respondents);
        for ((name, scale), answers) in questions.iter().zip(&columns) {
            survey = survey.with_column(Column::new(*name, scale.clone(), answers)?)?;
        }
        Ok(survey)
    }

    /// Adds a question.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one answer a respondent, [`Error::Name`] for an empty name or one given twice.
    pub fn with_column(mut self, column: Column) -> Result<Self, Error> {
        check_length(&column.name, "respondents", self.len(), column.answers.len())?;
        let taken = self.columns.iter().any(|other| other.name == column.name);
        if column.name.is_empty() || taken {
            let position = self.columns.len();
            return Err(Error::Name { field: "questions".to_owned(), value: column.name, position });
        }
        self.columns.push(column);
        Ok(self)
    }

    /// Adds a grouping.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one label a respondent, [`Error::Name`] for an empty name or one given twice.
    pub fn with_groups(mut self, groups: Groups) -> Result<Self, Error> {
        check_length(&groups.name, "respondents", self.len(), groups.codes.len())?;
        let taken = self.groups.iter().any(|other| other.name == groups.name);
        if groups.name.is_empty() || taken {
            let position = self.groups.len();
            return Err(Error::Name { field: "groups".to_owned(), value: groups.name, position });
        }
        self.groups.push(groups);
        Ok(self)
    }

    /// How much every respondent counts, such as how many customers stand behind one.
    ///
    /// Read by [`Weighted`](crate::scores::Weighted) (net promoter score, shares, effort, means), by
    /// [`Pairs::in_survey`](crate::index::Pairs::in_survey) and by
    /// [`Extremes::in_survey`](crate::extremes::Extremes::in_survey). Tallies, drivers, factors and path models count
    /// respondents as they are.
    ///
    /// # Errors
    /// [`Error::Length`]; [`Error::NotFinite`] and [`Error::OutOfRange`] unless the weights are at least 0 and not all 0.
    pub fn with_weights(mut self, weights: &[f64]) -> Result<Self, Error> {
        check_length("weights", "respondents", self.len(), weights.len())?;
        check_weights(weights)?;
        self.weights = Some(weights.to_vec());
        Ok(self)
    }

    /// How many respondents there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.respondents.len()
    }

    /// Whether nobody was asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.respondents.is_empty()
    }

    /// The ids of the respondents.
    #[must_use]
    pub fn respondents(&self) -> &[String] {
        &self.respondents
    }

    /// The questions.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The question of that name.
    ///
    /// # Errors
    /// [`Error::Unknown`] lists the questions there are.
    pub fn column(&self, name: &str) -> Result<&Column, Error> {
        self.columns.iter().find(|column| column.name == name).ok_or_else(|| {
            let known: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
            Error::Unknown { what: "question", wanted: name.to_owned(), known: known.join(", ") }
        })
    }

    /// The grouping of that name.
    ///
    /// # Errors
    /// [`Error::Unknown`] lists the groupings there are.
    pub fn groups(&self, name: &str) -> Result<&Groups, Error> {
        self.groups.iter().find(|groups| groups.name == name).ok_or_else(|| {
            let known: Vec<&str> = self.groups.iter().map(|groups| groups.name.as_str()).collect();
            Error::Unknown { what: "grouping", wanted: name.to_owned(), known: known.join(", ") }
        })
    }

    /// The weights, if the respondents have any.
    #[must_use]
    pub fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    /// The weights, or 1 for everybody where the respondents have none.
    pub(crate) fn weights_or_ones(&self) -> Cow<'_, [f64]> {
        self.weights.as_deref().map_or_else(|| Cow::Owned(vec![1.0; self.len()]), Cow::Borrowed)
    }

    /// Returns the survey of some respondents only, such as the members of a group, with their weights.
    ///
    /// Places that there are not are left out. Groups keep all their labels.
    ///
    /// # Examples
    /// ```
    /// use crm_satisfaction::scores::Weighted;
    /// use crm_satisfaction::{Answer, Column, Groups, Scale, Survey};
    ///
    /// let survey = Survey::new(["a", "b", "c"])
    ///     .with_column(Column::new("overall", Scale::new(1, 5)?, &[5, 2, 1].map(Answer::Value))?)?
    ///     .with_groups(Groups::new("region", ["north", "south", "north"]))?
    ///     .with_weights(&[1.0, 1.0, 3.0])?;
    /// let north = survey.subset(&survey.groups("region")?.members()[0]);
    /// assert_eq!(Weighted::mean_in(&north, "overall")?.value, 2.0);
    /// # Ok::<(), crm_satisfaction::Error>(())
    /// ```
    #[must_use]
    pub fn subset(&self, respondents: &[usize]) -> Self {
        fn pick<T: Clone>(all: &[T], places: &[usize]) -> Vec<T> {
            places.iter().filter_map(|&place| all.get(place).cloned()).collect()
        }
        let column =
            |column: &Column| Column { answers: pick(&column.answers, respondents), ..column.clone() };
        let groups = |groups: &Groups| Groups { codes: pick(&groups.codes, respondents), ..groups.clone() };
        Self {
            respondents: pick(&self.respondents, respondents),
            columns: self.columns.iter().map(column).collect(),
            groups: self.groups.iter().map(groups).collect(),
            weights: self.weights.as_deref().map(|weights| pick(weights, respondents)),
        }
    }

    /// The respondents who answered all of these questions, and their oriented values, one row a respondent.
    ///
    /// What models of several questions work on: who left one out is left out.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a question that there is not.
    pub fn complete(&self, questions: &[impl AsRef<str>]) -> Result<Complete, Error> {
        let columns: Vec<&Column> =
            questions.iter().map(|name| self.column(name.as_ref())).collect::<Result<_, _>>()?;
        let mut complete = Complete { respondents: Vec::new(), values: Vec::new(), width: columns.len() };
        for respondent in 0..self.len() {
            let before = complete.values.len();
            let row = columns.iter().map_while(|column| {
                let value = column.answers.get(respondent)?.value()?;
                Some(f64::from(column.scale.oriented(value)))
            });
            complete.values.extend(row);
            if complete.values.len() - before == columns.len() {
                complete.respondents.push(respondent);
            } else {
                complete.values.truncate(before);
            }
        }
        Ok(complete)
    }
}

/// The rows of respondents who answered every one of some questions.
#[derive(Debug, Clone, PartialEq)]
pub struct Complete {
    respondents: Vec<usize>,
    values: Vec<f64>,
    width: usize,
}

impl Complete {
    /// Who answered them all: places in the survey.
    #[must_use]
    pub fn respondents(&self) -> &[usize] {
        &self.respondents
    }

    /// Their values with the good end up, row by row.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The values of one question.
    #[must_use]
    pub fn column(&self, question: usize) -> Vec<f64> {
        self.values.chunks_exact(self.width.max(1)).filter_map(|row| row.get(question).copied()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_rows_become_columns() {
        let five = Scale::new(1, 5).unwrap();
        let rows = [
            ("r2", "speed", Answer::Value(4)),
            ("r1", "price", Answer::Value(2)),
            ("r2", "price", Answer::DoesNotApply),
            ("r1", "price", Answer::Value(3)),
        ];
        let questions = [("speed", five.clone()), ("price", five.clone())];
        let survey = Survey::from_long(&questions, rows).unwrap();
        assert_eq!(survey.respondents(), ["r2", "r1"]);
        assert_eq!(survey.column("speed").unwrap().answers(), [Answer::Value(4), Answer::Missing]);
        assert_eq!(survey.column("price").unwrap().answers(), [Answer::DoesNotApply, Answer::Value(3)]);
        let text = |rows: &[(&'static str, &'static str, Answer)]| {
            Survey::from_long(&questions, rows.iter().copied()).unwrap_err().to_string()
        };
        assert_eq!(text(&[("r", "smell", Answer::Missing)]), "no question \"smell\"; there are speed, price");
        assert_eq!(text(&[("r", "speed", Answer::Value(6))]), "speed must lie in 1..=5 in row 0, got 6");
    }

    #[test]
    fn groups_stand_in_alphabetical_order_and_the_empty_label_has_a_name() {
        let groups = Groups::new("region", ["south", "", "north", "south"]);
        assert_eq!(groups.labels(), ["north", NOT_STATED, "south"]);
        assert_eq!(groups.codes(), [2, 1, 0, 2]);
        assert_eq!(groups.members(), [vec![2], vec![1], vec![0, 3]]);
        assert_eq!((groups.label(3), groups.label(4)), (Some("south"), None));
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        let five = Scale::new(1, 5).unwrap();
        let column = |n| Column::new("q", five.clone(), &vec![Answer::Missing; n]).unwrap();
        let survey = Survey::new(["a", "b"]).with_column(column(2)).unwrap();
        let text = |result: Result<Survey, Error>| result.unwrap_err().to_string();
        assert_eq!(
            text(survey.clone().with_column(column(3))),
            "q must be as many as respondents (2), got 3"
        );
        assert_eq!(
            text(survey.clone().with_column(column(2))),
            "questions must be distinct and not empty, got \"q\" at position 1"
        );
        assert_eq!(text(survey.clone().with_weights(&[1.0, -1.0])), "weight must be at least 0, got -1");
        assert_eq!(
            text(survey.with_weights(&[0.0, 0.0])),
            "sum of weights must be positive and finite, got 0"
        );
    }

    #[test]
    fn complete_rows_leave_out_whoever_left_one_out() {
        let five = Scale::new(1, 5).unwrap();
        let turned = five.clone().with_good(crate::Good::Low);
        let column = |name: &str, scale: &Scale, values: [Option<i32>; 3]| {
            Column::new(name, scale.clone(), &values.map(Answer::from)).unwrap()
        };
        let survey = Survey::new(["a", "b", "c"])
            .with_column(column("x", &five, [Some(1), None, Some(3)]))
            .unwrap()
            .with_column(column("y", &turned, [Some(1), Some(2), Some(5)]))
            .unwrap();
        let complete = survey.complete(&["x", "y"]).unwrap();
        assert_eq!(
            (complete.respondents(), complete.values()),
            ([0, 2].as_slice(), [1.0, 5.0, 3.0, 1.0].as_slice())
        );
        assert_eq!(complete.column(1), [5.0, 1.0]);
    }
}
