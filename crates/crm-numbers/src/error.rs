//! Errors that name an input and its value.

use std::borrow::Cow;
use std::fmt;
use std::ops::{Bound, RangeBounds};

use crate::Number;

/// An input that a function or a type refuses.
///
/// Every variant holds the name of the input and the offending value as data; its `Display` is one
/// line for people.
///
/// # Examples
///
/// ```
/// use crm_numbers::{InputError, Level};
///
/// let refused = Level::new(1.0).unwrap_err();
/// assert_eq!(refused.to_string(), "level must be greater than 0 and less than 1, got 1");
/// let InputError::Range(range) = refused else { panic!("a value outside its range") };
/// assert_eq!((range.name(), range.value().to_f64()), ("level", 1.0));
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// A number outside its range, or one that is not finite.
    #[error(transparent)]
    Range(#[from] RangeError),
    /// Two inputs that belong together and differ in length.
    #[error(transparent)]
    Length(#[from] LengthError),
    /// An index beyond the end.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// A list or a name without content.
    #[error(transparent)]
    Empty(#[from] EmptyError),
    /// A value that may occur once and occurs again.
    #[error(transparent)]
    Duplicate(#[from] DuplicateError),
    /// A name that is not one of the known ones.
    #[error(transparent)]
    UnknownName(#[from] UnknownNameError),
    /// A text that does not spell the number it should.
    #[error(transparent)]
    Unreadable(#[from] UnreadableError),
    /// A sum that its type cannot hold.
    #[error(transparent)]
    Overflow(#[from] OverflowError),
}

impl InputError {
    /// Creates the error of a value outside its bounds; see [`RangeError::new`].
    pub fn range<B: Copy + Into<Number>>(
        name: impl Into<Cow<'static, str>>,
        value: impl Into<Number>,
        bounds: impl RangeBounds<B>,
    ) -> Self {
        RangeError::new(name, value, bounds).into()
    }
}

/// A number outside its range, or one that is not finite.
#[derive(Clone, PartialEq)]
pub struct RangeError(Box<OutOfRange>);

#[derive(Clone, PartialEq)]
struct OutOfRange {
    name: Cow<'static, str>,
    index: Option<usize>,
    value: Number,
    low: Bound<Number>,
    high: Bound<Number>,
    hint: Option<&'static str>,
}

impl RangeError {
    /// Creates the error of a value outside its bounds.
    ///
    /// Bounds that are not of the type of the value, such as a limit that depends on another input,
    /// are fine.
    pub fn new<B: Copy + Into<Number>>(
        name: impl Into<Cow<'static, str>>,
        value: impl Into<Number>,
        bounds: impl RangeBounds<B>,
    ) -> Self {
        let (low, high) = (bounds.start_bound(), bounds.end_bound());
        Self(Box::new(OutOfRange {
            name: name.into(),
            index: None,
            value: value.into(),
            low: low.map(|low| (*low).into()),
            high: high.map(|high| (*high).into()),
            hint: None,
        }))
    }

    /// Adds the index of the value in its list, from 0.
    #[must_use]
    pub fn at(mut self, index: usize) -> Self {
        self.0.index = Some(index);
        self
    }

    /// Adds what to do about it, such as `write 0.1 for 10 %`.
    #[must_use]
    pub fn with_hint(mut self, hint: &'static str) -> Self {
        self.0.hint = Some(hint);
        self
    }

    /// Returns the name of the input.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Returns the index of the value, from 0, if the input is a list.
    #[must_use]
    pub fn index(&self) -> Option<usize> {
        self.0.index
    }

    /// Returns the offending value.
    #[must_use]
    pub fn value(&self) -> Number {
        self.0.value
    }

    /// Returns the bounds that the value should have kept; it should also have been finite.
    #[must_use]
    pub fn bounds(&self) -> (Bound<Number>, Bound<Number>) {
        (self.0.low, self.0.high)
    }
}

impl fmt::Display for RangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let OutOfRange { name, index, value, low, high, hint } = &*self.0;
        f.write_str(name)?;
        if let Some(index) = index {
            write!(f, "[{index}]")?;
        }
        f.write_str(" must be ")?;
        match (low, high) {
            (Bound::Unbounded, Bound::Unbounded) => f.write_str("finite")?,
            (Bound::Included(low), Bound::Included(high)) if low == high => write!(f, "{low}")?,
            (Bound::Included(low), Bound::Included(high)) => write!(f, "between {low} and {high}")?,
            _ => {
                match low {
                    Bound::Included(low) => write!(f, "at least {low}")?,
                    Bound::Excluded(low) => write!(f, "greater than {low}")?,
                    Bound::Unbounded => {}
                }
                if !matches!(low, Bound::Unbounded) && !matches!(high, Bound::Unbounded) {
                    f.write_str(" and ")?;
                }
                match high {
                    Bound::Included(high) => write!(f, "at most {high}")?,
                    Bound::Excluded(high) => write!(f, "less than {high}")?,
                    Bound::Unbounded => {}
                }
                let one_sided = matches!(low, Bound::Unbounded) || matches!(high, Bound::Unbounded);
                if one_sided && !value.is_finite() {
                    f.write_str(" and finite")?;
                }
            }
        }
        write!(f, ", got {value}")?;
        hint.map_or(Ok(()), |hint| write!(f, "; {hint}"))
    }
}

impl fmt::Debug for RangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RangeError({self})")
    }
}

impl std::error::Error for RangeError {}

/// Two inputs that belong together and differ in length.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} {name}, got {got}")]
#[non_exhaustive]
pub struct LengthError {
    /// Items that were counted, in the plural: `score levels`.
    pub name: Cow<'static, str>,
    /// Number of items that the other input asks for.
    pub expected: usize,
    /// Number of items found.
    pub got: usize,
}

impl LengthError {
    /// Creates the error of a list with `got` instead of `expected` items.
    pub fn new(name: impl Into<Cow<'static, str>>, expected: usize, got: usize) -> Self {
        Self { name: name.into(), expected, got }
    }
}

/// An index beyond the end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("index {index} is out of range for {len} {name}")]
#[non_exhaustive]
pub struct IndexError {
    /// Items that are counted, in the plural: `customers`.
    pub name: Cow<'static, str>,
    /// Offending index, from 0.
    pub index: usize,
    /// Number of items.
    pub len: usize,
}

impl IndexError {
    /// Creates the error of an index among `len` items.
    pub fn new(name: impl Into<Cow<'static, str>>, index: usize, len: usize) -> Self {
        Self { name: name.into(), index, len }
    }
}

/// A list or a name without content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}{} must not be empty", Place(*index))]
#[non_exhaustive]
pub struct EmptyError {
    /// Name of the input.
    pub name: Cow<'static, str>,
    /// Index of the empty item, from 0, if the input is a list with one.
    pub index: Option<usize>,
}

impl EmptyError {
    /// Creates the error of an empty list or text.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), index: None }
    }

    /// Adds the index of the empty item in its list, from 0.
    #[must_use]
    pub fn at(self, index: usize) -> Self {
        Self { index: Some(index), ..self }
    }
}

/// An index behind a name: `[2]`, or nothing.
struct Place(Option<usize>);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |index| write!(f, "[{index}]"))
    }
}

/// A value that may occur once and occurs again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}[{index}] repeats {value:?}")]
#[non_exhaustive]
pub struct DuplicateError {
    /// Name of the list.
    pub name: Cow<'static, str>,
    /// The value that occurs again.
    pub value: String,
    /// Index of its second occurrence, from 0.
    pub index: usize,
}

impl DuplicateError {
    /// Creates the error of a value whose second occurrence is at `index`.
    pub fn new(name: impl Into<Cow<'static, str>>, value: impl fmt::Display, index: usize) -> Self {
        Self { name: name.into(), value: value.to_string(), index }
    }
}

/// A name that is not one of the known ones.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {kind} {name:?}; {}", Known(known))]
#[non_exhaustive]
pub struct UnknownNameError {
    /// Kind of thing that was named, in the singular: `time unit`.
    pub kind: Cow<'static, str>,
    /// The unknown name.
    pub name: String,
    /// Known names.
    pub known: Vec<String>,
}

impl UnknownNameError {
    /// Creates the error of a name that is not among the known ones.
    pub fn new(
        kind: impl Into<Cow<'static, str>>,
        name: impl fmt::Display,
        known: impl IntoIterator<Item = impl fmt::Display>,
    ) -> Self {
        let known = known.into_iter().map(|name| name.to_string()).collect();
        Self { kind: kind.into(), name: name.to_string(), known }
    }
}

/// Known names; of a long list the first ones and their number.
struct Known<'a>(&'a [String]);

impl fmt::Display for Known<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 20;
        match self.0 {
            [] => f.write_str("none is known"),
            known if known.len() <= SHOWN => write!(f, "expected one of {}", known.join(", ")),
            known => {
                let first: Vec<&str> = known.iter().take(SHOWN).map(String::as_str).collect();
                write!(f, "expected one of {}, ... ({} names)", first.join(", "), known.len())
            }
        }
    }
}

/// A text that does not spell the number it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} must be {expected}, got {text:?}")]
#[non_exhaustive]
pub struct UnreadableError {
    /// Name of the input.
    pub name: Cow<'static, str>,
    /// Spelling that would be read, with an example: `a number such as 0.3 or 30 %`.
    pub expected: &'static str,
    /// The text.
    pub text: String,
}

impl UnreadableError {
    /// Creates the error of a text that is not `expected`.
    pub fn new(name: impl Into<Cow<'static, str>>, expected: &'static str, text: impl Into<String>) -> Self {
        Self { name: name.into(), expected, text: text.into() }
    }
}

/// A sum that its type cannot hold without loss.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{name}, about {approximately:e}, is too large or too fine for its type")]
#[non_exhaustive]
pub struct OverflowError {
    /// Name of the sum.
    pub name: Cow<'static, str>,
    /// The sum to about 15 digits.
    pub approximately: f64,
}

impl OverflowError {
    /// Creates the error of a sum that is about this large.
    pub fn new(name: impl Into<Cow<'static, str>>, approximately: f64) -> Self {
        Self { name: name.into(), approximately }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    fn range<B: Copy + Into<Number>>(value: impl Into<Number>, bounds: impl RangeBounds<B>) -> String {
        RangeError::new("age", value, bounds).to_string()
    }

    #[test]
    fn bounds_read_as_people_say_them() {
        assert_eq!(range(3, 5..), "age must be at least 5, got 3");
        assert_eq!(range(3, ..=2), "age must be at most 2, got 3");
        assert_eq!(range(3, ..3), "age must be less than 3, got 3");
        assert_eq!(range(1.5, 0.0..=1.0), "age must be between 0 and 1, got 1.5");
        assert_eq!(range(1, 0..1), "age must be at least 0 and less than 1, got 1");
        assert_eq!(range(0.7, 1.0..=1.0), "age must be 1, got 0.7");
        let above = (Bound::Excluded(0), Bound::Unbounded);
        assert_eq!(range(0, above), "age must be greater than 0, got 0");
        let above = (Bound::Excluded(0), Bound::Included(10));
        assert_eq!(range(11, above), "age must be greater than 0 and at most 10, got 11");
    }

    #[test]
    fn numbers_that_are_not_finite_are_said_to_be_so() {
        assert_eq!(range::<f64>(f64::NAN, ..), "age must be finite, got NaN");
        assert_eq!(range(f64::INFINITY, 0.0..), "age must be at least 0 and finite, got inf");
        assert_eq!(range(f64::NEG_INFINITY, 0.0..=1.0), "age must be between 0 and 1, got -inf");
    }

    #[test]
    fn an_error_keeps_what_it_was_made_from() {
        let error = RangeError::new("margin", 1.2, ..=1.0).at(7).with_hint("write 0.3 for 30 %");
        assert_eq!(error.to_string(), "margin[7] must be at most 1, got 1.2; write 0.3 for 30 %");
        assert_eq!((error.name(), error.index(), error.value()), ("margin", Some(7), Number::Float(1.2)));
        assert_eq!(error.bounds(), (Bound::Unbounded, Bound::Included(Number::Float(1.0))));
        assert!(error.source().is_none());
        assert_eq!(format!("{error:?}"), format!("RangeError({error})"));
    }

    #[test]
    fn every_shape_has_its_sentence() {
        let text = |error: InputError| error.to_string();
        assert_eq!(text(LengthError::new("score levels", 2, 5).into()), "expected 2 score levels, got 5");
        assert_eq!(text(IndexError::new("amounts", 7, 2).into()), "index 7 is out of range for 2 amounts");
        assert_eq!(text(EmptyError::new("amounts").into()), "amounts must not be empty");
        assert_eq!(text(EmptyError::new("names").at(2).into()), "names[2] must not be empty");
        assert_eq!(text(DuplicateError::new("names", "price", 3).into()), r#"names[3] repeats "price""#);
        let unknown = |known: &[&str]| UnknownNameError::new("time unit", "eon", known);
        assert_eq!(
            text(unknown(&["day", "week"]).into()),
            r#"unknown time unit "eon"; expected one of day, week"#
        );
        assert_eq!(text(unknown(&[]).into()), r#"unknown time unit "eon"; none is known"#);
        assert!(text(unknown(&["x"; 21]).into()).ends_with("x, ... (21 names)"));
        let unreadable = UnreadableError::new("share", "a number such as 0.3 or 30 %", "much");
        assert_eq!(text(unreadable.into()), r#"share must be a number such as 0.3 or 30 %, got "much""#);
        let overflow = OverflowError::new("total spend", 1.5e29);
        assert_eq!(text(overflow.into()), "total spend, about 1.5e29, is too large or too fine for its type");
    }

    #[test]
    fn errors_are_small() {
        assert!(size_of::<InputError>() <= 80, "{}", size_of::<InputError>());
    }
}
