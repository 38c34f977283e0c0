use std::borrow::Cow;
use std::collections::HashMap;

use crm_numbers::{DuplicateError, EmptyError, InputError, RangeError, check};

use crate::error::{check_weights, unknown};
use crate::{Answer, Error, Scale, Tally};

/// The answers of all respondents to one question, on a declared scale.
///
/// # Examples
///
/// ```
/// use crm_satisfaction::{Answer, Question, Scale};
///
/// let answers = [Answer::Value(4), Answer::Missing, Answer::Value(2), Answer::DoesNotApply];
/// let speed = Question::new("speed", Scale::new(1, 5)?, &answers)?;
/// assert_eq!(speed.tally().mean(), Some(3.0));
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    name: String,
    scale: Scale,
    answers: Vec<Answer>,
}

impl Question {
    /// Creates a column with one answer per respondent.
    ///
    /// # Errors
    ///
    /// [`InputError::Range`] for a value that is not on the scale, with the name of the question
    /// and the index of the respondent.
    pub fn new(name: impl Into<String>, scale: Scale, answers: &[Answer]) -> Result<Self, Error> {
        let name = name.into();
        let values = answers.iter().enumerate().filter_map(|(index, answer)| Some((index, answer.value()?)));
        for (index, value) in values {
            if !scale.contains(value) {
                let error = RangeError::new(name, value, scale.min()..=scale.max()).at(index);
                return Err(InputError::from(error).into());
            }
        }
        Ok(Self { name, scale, answers: answers.to_vec() })
    }

    /// Returns the name of the question.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the scale of the question.
    #[must_use]
    pub fn scale(&self) -> &Scale {
        &self.scale
    }

    /// Returns the answers in the order of the respondents.
    #[must_use]
    pub fn answers(&self) -> &[Answer] {
        &self.answers
    }

    /// Iterates over the values with the good end up, `None` for respondents without a value.
    pub fn oriented(&self) -> impl Iterator<Item = Option<i32>> {
        self.answers.iter().map(|answer| answer.value().map(|value| self.scale.oriented(value)))
    }

    /// Counts the answers by value.
    #[must_use]
    pub fn tally(&self) -> Tally {
        Tally::from_answers(&self.scale, self.answers.iter().copied())
    }
}

/// A division of the respondents into groups, such as product, region or wave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    name: String,
    labels: Vec<String>,
    codes: Vec<u32>,
}

/// Label of the group of respondents, or cases, with an empty label.
pub const NOT_STATED: &str = "not stated";

impl Groups {
    /// Creates groups from one label per respondent.
    ///
    /// Groups are in alphabetical order; an empty label means the group [`NOT_STATED`].
    #[allow(clippy::indexing_slicing, reason = "codes run below the number of labels")]
    pub fn new<S: AsRef<str>>(name: impl Into<String>, labels: impl IntoIterator<Item = S>) -> Self {
        let mut known: HashMap<String, u32> = HashMap::new();
        let mut codes: Vec<u32> = Vec::new();
        for label in labels {
            let label = match label.as_ref().trim() {
                "" => NOT_STATED,
                label => label,
            };
            let next = known.len() as u32;
            codes.push(known.get(label).copied().unwrap_or_else(|| {
                known.insert(label.to_owned(), next);
                next
            }));
        }
        let mut order: Vec<(String, u32)> = known.into_iter().collect();
        order.sort_unstable();
        let mut rank = vec![0; order.len()];
        for (new, (_, old)) in (0..).zip(&order) {
            rank[*old as usize] = new;
        }
        for code in &mut codes {
            *code = rank[*code as usize];
        }
        Self { name: name.into(), labels: order.into_iter().map(|(label, _)| label).collect(), codes }
    }

    /// Returns the name of the division, such as `region`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the labels of the groups, in alphabetical order.
    #[must_use]
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// Returns the index of the group of each respondent.
    #[must_use]
    pub fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// Returns the label of a respondent, if there is such a respondent.
    #[must_use]
    pub fn label(&self, respondent: usize) -> Option<&str> {
        self.labels.get(*self.codes.get(respondent)? as usize).map(String::as_str)
    }

    /// Returns the indices of the respondents of each group, in the order of the labels.
    #[must_use]
    #[allow(clippy::indexing_slicing, reason = "codes are indices of labels")]
    pub fn members(&self) -> Vec<Vec<usize>> {
        let mut members = vec![Vec::new(); self.labels.len()];
        for (respondent, &code) in self.codes.iter().enumerate() {
            members[code as usize].push(respondent);
        }
        members
    }
}

/// A survey: respondents, questions, groups and weights, all of one length.
///
/// # Examples
///
/// ```
/// use crm_satisfaction::{Answer, Question, Groups, Scale, Survey};
///
/// let five = Scale::new(1, 5)?;
/// let survey = Survey::new(["r1", "r2", "r3"])
///     .with_column(Question::new("overall", five, &[4, 5, 3].map(Answer::Value))?)?
///     .with_groups(Groups::new("region", ["north", "south", "north"]))?
///     .with_weights(&[1.0, 2.0, 1.0])?;
/// assert_eq!(survey.groups("region")?.labels(), ["north", "south"]);
/// let refused = survey.column("speed").unwrap_err();
/// assert_eq!(refused.to_string(), "unknown question \"speed\"; expected one of overall");
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Survey {
    respondents: Vec<String>,
    columns: Vec<Question>,
    groups: Vec<Groups>,
    weights: Option<Vec<f64>>,
}

impl Survey {
    /// Creates a survey of these respondents, without answers.
    pub fn new<S: Into<String>>(respondents: impl IntoIterator<Item = S>) -> Self {
        Self { respondents: respondents.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Creates a survey from a long table: one row per answer, with respondent, question and
    /// answer.
    ///
    /// Respondents are in the order of their first row, questions in that of `questions`.
    /// Respondents without a row for a question get [`Answer::Missing`]; of several rows the last
    /// one counts.
    ///
    /// # Errors
    ///
    /// [`InputError::UnknownName`] for a question that is not among `questions`,
    /// [`InputError::Range`] for a value that is not on the scale.
    #[allow(clippy::indexing_slicing, reason = "each column is resized to the number of respondents first")]
    pub fn from_long<'a>(
        questions: &[(&str, Scale)],
        rows: impl IntoIterator<Item = (&'a str, &'a str, Answer)>,
    ) -> Result<Self, Error> {
        let mut indices: HashMap<&str, usize> = HashMap::new();
        let mut respondents = Vec::new();
        let mut answers: Vec<Vec<Answer>> = vec![Vec::new(); questions.len()];
        for (respondent, question, answer) in rows {
            let index = *indices.entry(respondent).or_insert_with(|| {
                respondents.push(respondent.to_owned());
                respondents.len() - 1
            });
            let of_question = questions.iter().zip(&mut answers).find(|((name, _), _)| *name == question);
            let Some((_, column)) = of_question else {
                return Err(unknown("question", question, questions.iter().map(|(name, _)| *name)));
            };
            column.resize(respondents.len().max(column.len()), Answer::Missing);
            column[index] = answer;
        }
        let mut survey = Self::new(respondents);
        for ((name, scale), mut answers) in questions.iter().zip(answers) {
            answers.resize(survey.len(), Answer::Missing);
            survey = survey.with_column(Question::new(*name, scale.clone(), &answers)?)?;
        }
        Ok(survey)
    }

    /// Adds a question.
    ///
    /// # Errors
    ///
    /// [`InputError::Length`] unless there is one answer per respondent; [`InputError::Empty`] and
    /// [`InputError::Duplicate`] for a name that is empty or taken.
    pub fn with_column(mut self, column: Question) -> Result<Self, Error> {
        check::length(format!("answers to {}", column.name), column.answers.len(), self.len())?;
        check_name("questions", self.columns.iter().map(Question::name), &column.name)?;
        self.columns.push(column);
        Ok(self)
    }

    /// Adds a division into groups.
    ///
    /// # Errors
    ///
    /// [`InputError::Length`] unless there is one label per respondent; [`InputError::Empty`] and
    /// [`InputError::Duplicate`] for a name that is empty or taken.
    pub fn with_groups(mut self, groups: Groups) -> Result<Self, Error> {
        check::length(format!("labels of {}", groups.name), groups.codes.len(), self.len())?;
        check_name("groups", self.groups.iter().map(Groups::name), &groups.name)?;
        self.groups.push(groups);
        Ok(self)
    }

    /// Sets the weight of each respondent, such as the number of customers that it represents.
    ///
    /// Weights are used by [`Weighted`](crate::scores::Weighted) (net promoter score, shares,
    /// effort, means), [`Pairs::from_survey`](crate::index::Pairs::from_survey) and
    /// [`Extremes::from_survey`](crate::extremes::Extremes::from_survey). Tallies, drivers, factors
    /// and path models count each respondent once.
    ///
    /// # Errors
    ///
    /// [`InputError::Length`] unless there is one weight per respondent, [`InputError::Range`]
    /// unless the weights are finite, at least 0 and not all 0.
    pub fn with_weights(mut self, weights: &[f64]) -> Result<Self, Error> {
        check::length("weights", weights.len(), self.len())?;
        check_weights(weights)?;
        self.weights = Some(weights.to_vec());
        Ok(self)
    }

    /// Returns the number of respondents.
    #[must_use]
    pub fn len(&self) -> usize {
        self.respondents.len()
    }

    /// Returns whether there are no respondents.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.respondents.is_empty()
    }

    /// Returns the ids of the respondents.
    #[must_use]
    pub fn respondents(&self) -> &[String] {
        &self.respondents
    }

    /// Returns the questions.
    #[must_use]
    pub fn columns(&self) -> &[Question] {
        &self.columns
    }

    /// Returns the question with a name.
    ///
    /// # Errors
    ///
    /// [`InputError::UnknownName`] lists the questions of the survey.
    pub fn column(&self, name: &str) -> Result<&Question, Error> {
        let found = self.columns.iter().find(|column| column.name == name);
        found.ok_or_else(|| unknown("question", name, self.columns.iter().map(Question::name)))
    }

    /// Returns the division into groups with a name.
    ///
    /// # Errors
    ///
    /// [`InputError::UnknownName`] lists the divisions of the survey.
    pub fn groups(&self, name: &str) -> Result<&Groups, Error> {
        let found = self.groups.iter().find(|groups| groups.name == name);
        found.ok_or_else(|| unknown("grouping", name, self.groups.iter().map(Groups::name)))
    }

    /// Returns the weights of the respondents, if there are any.
    #[must_use]
    pub fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    /// Returns the weights, or 1 for every respondent if there are none.
    pub(crate) fn weights_or_ones(&self) -> Cow<'_, [f64]> {
        self.weights.as_deref().map_or_else(|| Cow::Owned(vec![1.0; self.len()]), Cow::Borrowed)
    }

    /// Returns the survey of some respondents only, such as the members of a group, with their
    /// weights.
    ///
    /// Indices beyond the end are left out. Groups keep all their labels.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_satisfaction::scores::Weighted;
    /// use crm_satisfaction::{Answer, Question, Groups, Scale, Survey};
    ///
    /// let survey = Survey::new(["a", "b", "c"])
    ///     .with_column(Question::new("overall", Scale::new(1, 5)?, &[5, 2, 1].map(Answer::Value))?)?
    ///     .with_groups(Groups::new("region", ["north", "south", "north"]))?
    ///     .with_weights(&[1.0, 1.0, 3.0])?;
    /// let north = survey.subset(&survey.groups("region")?.members()[0]);
    /// assert_eq!(Weighted::mean_in(&north, "overall")?.value, 2.0);
    /// # Ok::<(), crm_satisfaction::Error>(())
    /// ```
    #[must_use]
    pub fn subset(&self, respondents: &[usize]) -> Self {
        fn pick<T: Clone>(all: &[T], indices: &[usize]) -> Vec<T> {
            indices.iter().filter_map(|&index| all.get(index).cloned()).collect()
        }
        let column =
            |column: &Question| Question { answers: pick(&column.answers, respondents), ..column.clone() };
        let groups = |groups: &Groups| Groups { codes: pick(&groups.codes, respondents), ..groups.clone() };
        Self {
            respondents: pick(&self.respondents, respondents),
            columns: self.columns.iter().map(column).collect(),
            groups: self.groups.iter().map(groups).collect(),
            weights: self.weights.as_deref().map(|weights| pick(weights, respondents)),
        }
    }

    /// Returns the oriented values of the respondents who answered all of the questions.
    ///
    /// Models of several questions use these rows; respondents who left one question out are left
    /// out.
    ///
    /// # Errors
    ///
    /// [`InputError::UnknownName`] for a question that the survey does not have.
    pub fn complete_rows(&self, questions: &[impl AsRef<str>]) -> Result<CompleteRows, Error> {
        let columns: Vec<&Question> =
            questions.iter().map(|name| self.column(name.as_ref())).collect::<Result<_, _>>()?;
        let mut complete = CompleteRows { respondents: Vec::new(), values: Vec::new(), width: columns.len() };
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

/// Checks that a name is neither empty nor among those before it.
fn check_name<'a>(
    list: &'static str,
    mut taken: impl ExactSizeIterator<Item = &'a str>,
    name: &str,
) -> Result<(), InputError> {
    let index = taken.len();
    if name.is_empty() {
        return Err(EmptyError::new(list).at(index).into());
    }
    if taken.any(|other| other == name) {
        return Err(DuplicateError::new(list, name, index).into());
    }
    Ok(())
}

/// The respondents who answered every one of some questions, with their values.
#[derive(Debug, Clone, PartialEq)]
pub struct CompleteRows {
    respondents: Vec<usize>,
    values: Vec<f64>,
    width: usize,
}

impl CompleteRows {
    /// Returns the indices of the respondents in the survey.
    #[must_use]
    pub fn respondents(&self) -> &[usize] {
        &self.respondents
    }

    /// Returns the values with the good end up, one row per respondent.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Returns the values of the question with this index, from 0.
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
        assert_eq!(
            text(&[("r", "smell", Answer::Missing)]),
            r#"unknown question "smell"; expected one of speed, price"#
        );
        assert_eq!(text(&[("r", "speed", Answer::Value(6))]), "speed[0] must be between 1 and 5, got 6");
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
        let column = |n| Question::new("q", five.clone(), &vec![Answer::Missing; n]).unwrap();
        let survey = Survey::new(["a", "b"]).with_column(column(2)).unwrap();
        let text = |result: Result<Survey, Error>| result.unwrap_err().to_string();
        assert_eq!(text(survey.clone().with_column(column(3))), "expected 2 answers to q, got 3");
        assert_eq!(text(survey.clone().with_column(column(2))), r#"questions[1] repeats "q""#);
        assert_eq!(text(survey.clone().with_weights(&[1.0, -1.0])), "weights[1] must be at least 0, got -1");
        assert_eq!(text(survey.with_weights(&[0.0, 0.0])), "sum of weights must be greater than 0, got 0");
    }

    #[test]
    fn complete_rows_leave_out_whoever_left_one_out() {
        let five = Scale::new(1, 5).unwrap();
        let turned = five.clone().with_good_end(crate::GoodEnd::Low);
        let column = |name: &str, scale: &Scale, values: [Option<i32>; 3]| {
            Question::new(name, scale.clone(), &values.map(Answer::from)).unwrap()
        };
        let survey = Survey::new(["a", "b", "c"])
            .with_column(column("x", &five, [Some(1), None, Some(3)]))
            .unwrap()
            .with_column(column("y", &turned, [Some(1), Some(2), Some(5)]))
            .unwrap();
        let complete = survey.complete_rows(&["x", "y"]).unwrap();
        assert_eq!(
            (complete.respondents(), complete.values()),
            ([0, 2].as_slice(), [1.0, 5.0, 3.0, 1.0].as_slice())
        );
        assert_eq!(complete.column(1), [5.0, 1.0]);
    }
}
