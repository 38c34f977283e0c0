//! The rules that every constructor applies to its numbers, so that no drawing code meets a number
//! it cannot place.

use crate::Error;

/// Sums and differences of a few such numbers stay finite, and no picture needs a larger one.
pub(crate) const LARGEST: f64 = 1e300;

/// The name of one item of a slice, as errors show it.
fn item(field: &str, index: usize) -> String {
    format!("{field}[{index}]")
}

pub(crate) fn not_empty(field: &str, got: usize) -> Result<(), Error> {
    if got == 0 { Err(Error::Empty { field: field.to_owned() }) } else { Ok(()) }
}

pub(crate) fn length(field: &str, expected: usize, got: usize) -> Result<(), Error> {
    if expected == got { Ok(()) } else { Err(Error::Length { field: field.to_owned(), expected, got }) }
}

pub(crate) fn at_most(field: &str, limit: usize, got: usize) -> Result<(), Error> {
    if got <= limit { Ok(()) } else { Err(Error::TooMany { field: field.to_owned(), limit, got }) }
}

/// Finite, and small enough that differences stay finite.
pub(crate) fn number(field: &str, value: f64) -> Result<(), Error> {
    if !value.is_finite() {
        return Err(Error::NotFinite { field: field.to_owned(), value });
    }
    within(field, value, -LARGEST, LARGEST)
}

/// A number between two bounds, both allowed.
pub(crate) fn within(field: &str, value: f64, least: f64, most: f64) -> Result<(), Error> {
    if !value.is_finite() {
        return Err(Error::NotFinite { field: field.to_owned(), value });
    }
    if value >= least && value <= most {
        return Ok(());
    }
    let requirement = if value < least && most >= LARGEST {
        format!("at least {}", bound(least))
    } else {
        format!("between {} and {}", bound(least), bound(most))
    };
    Err(Error::OutOfRange { field: field.to_owned(), requirement, value })
}

/// A bound as a person writes it: `1e300`, and `1` rather than `1.0`.
fn bound(value: f64) -> String {
    let plain = value == 0.0 || (1e-6..1e6).contains(&value.abs());
    if plain { format!("{value}") } else { format!("{value:e}") }
}

/// Each item finite and at least zero.
pub(crate) fn amounts(field: &str, values: &[f64]) -> Result<(), Error> {
    each_within(field, values, 0.0, LARGEST)
}

/// [`within`] for each item.
pub(crate) fn each_within(field: &str, values: &[f64], least: f64, most: f64) -> Result<(), Error> {
    for (index, &value) in values.iter().enumerate() {
        // The name is only spelled out for a value that is refused: the slice may have millions of
        // items.
        if !(value >= least && value <= most) {
            return within(&item(field, index), value, least, most);
        }
    }
    Ok(())
}

/// Each item at least the one before it; more than it where `strictly` is set.
pub(crate) fn ascending(field: &str, values: &[f64], strictly: bool) -> Result<(), Error> {
    let pairs = values.iter().zip(values.iter().skip(1)).enumerate();
    for (index, (&previous, &value)) in pairs {
        if value < previous || (strictly && value <= previous) {
            let requirement = if strictly { "more than" } else { "at least" };
            return Err(Error::Decreasing { field: item(field, index + 1), requirement, previous, value });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(result: Result<(), Error>) -> String {
        result.expect_err("refused").to_string()
    }

    #[test]
    fn errors_name_the_item_and_the_value() {
        assert_eq!(text(amounts("values", &[1.0, f64::NAN])), "values[1] must be finite, got NaN");
        assert_eq!(text(number("value", f64::INFINITY)), "value must be finite, got inf");
        assert_eq!(text(number("value", 1e301)), "value must be between -1e300 and 1e300, got 1e301");
        assert_eq!(text(amounts("counts", &[0.0, -2.0])), "counts[1] must be at least 0, got -2.0");
        assert_eq!(text(amounts("counts", &[2e300])), "counts[0] must be between 0 and 1e300, got 2e300");
        assert_eq!(text(within("share", 1.5, 0.0, 1.0)), "share must be between 0 and 1, got 1.5");
        assert_eq!(text(not_empty("rows", 0)), "rows must not be empty");
        assert_eq!(text(length("rows", 3, 2)), "expected 3 items in rows, got 2");
        assert_eq!(text(at_most("rows", 3, 4)), "expected at most 3 items in rows, got 4");
    }

    #[test]
    fn ascending_may_or_may_not_allow_a_level_stretch() {
        assert_eq!(ascending("edges", &[1.0, 1.0, 2.0], false), Ok(()));
        assert_eq!(
            text(ascending("edges", &[1.0, 1.0], true)),
            "edges[1] must be more than the number before it, 1.0, got 1.0"
        );
        assert_eq!(
            text(ascending("actual", &[3.0, 2.0], false)),
            "actual[1] must be at least the number before it, 3.0, got 2.0"
        );
    }
}
