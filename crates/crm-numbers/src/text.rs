//! Numbers as text: any precision, any width, no panic.
//!
//! The formatting of [`Decimal`] itself cuts decimals off and panics beyond 32 characters, also
//! inside a derived `Debug`; types with decimals write themselves through this module.

use std::fmt::{self, Alignment, Write as _};

use rust_decimal::Decimal;

use crate::{InputError, UnreadableError};

/// Returns the number with that many decimals, rounded half to even where it has more and with
/// zeros where it has fewer.
///
/// # Examples
///
/// ```
/// use crm_numbers::{Decimal, text};
///
/// assert_eq!(text::decimal(Decimal::new(10_625, 4), Some(3)), "1.062");
/// ```
#[must_use]
pub fn decimal(number: Decimal, decimals: Option<usize>) -> String {
    let Some(decimals) = decimals else { return number.to_string() };
    let places = u32::try_from(decimals).unwrap_or(u32::MAX).min(Decimal::MAX_SCALE);
    let number = unsigned_zero(number.round_dp(places));
    let mut text = number.to_string();
    if decimals > 0 {
        let written = number.scale() as usize;
        if written == 0 {
            text.push('.');
        }
        text.extend(std::iter::repeat_n('0', decimals.saturating_sub(written)));
    }
    text
}

/// Writes a decimal as the formatter asks: precision, width, fill, sign.
///
/// # Errors
///
/// The error of the writer.
pub fn format_decimal(number: Decimal, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let text = decimal(number, f.precision());
    let (positive, digits) = text.strip_prefix('-').map_or((true, text.as_str()), |digits| (false, digits));
    f.pad_integral(positive, "", digits)
}

/// Writes a text with the width, fill and alignment of the formatter, without cutting it.
///
/// Unlike [`Formatter::pad`](fmt::Formatter::pad) it takes a precision to be a number of decimals
/// that the text already has.
///
/// # Errors
///
/// The error of the writer.
pub fn pad(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let missing = f.width().unwrap_or(0).saturating_sub(text.chars().count());
    let before = match f.align() {
        None | Some(Alignment::Left) => 0,
        Some(Alignment::Center) => missing / 2,
        Some(Alignment::Right) => missing,
    };
    let fill = f.fill();
    (0..before).try_for_each(|_| f.write_char(fill))?;
    f.write_str(text)?;
    (before..missing).try_for_each(|_| f.write_char(fill))
}

/// A value whose `Debug` ignores precision and width, with which that of [`Decimal`] would panic.
pub struct Plain<'a, T>(pub &'a T);

impl<T: fmt::Debug> fmt::Debug for Plain<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() { write!(f, "{:#?}", self.0) } else { write!(f, "{:?}", self.0) }
    }
}

/// Implements `Debug` for a struct with decimals: the output of the derive, whatever precision and
/// width the format asks for. Type parameters are named, as in `debug!(Flow<S> { value })`.
///
/// # Examples
///
/// ```
/// use crm_numbers::Decimal;
///
/// struct Cost {
///     amount: Decimal,
/// }
///
/// crm_numbers::debug!(Cost { amount });
///
/// assert_eq!(format!("{:40.9?}", Cost { amount: Decimal::MAX }), format!("Cost {{ amount: {} }}", Decimal::MAX));
/// ```
#[macro_export]
macro_rules! debug {
    ($name:ident<$lifetime:lifetime> { $($field:ident),* $(,)? }) => {
        impl ::std::fmt::Debug for $name<$lifetime> {
            $crate::debug!(@fields $name, $($field),*);
        }
    };
    ($name:ident $(<$parameter:ident>)? { $($field:ident),* $(,)? }) => {
        impl $(<$parameter: ::std::fmt::Debug>)? ::std::fmt::Debug for $name $(<$parameter>)? {
            $crate::debug!(@fields $name, $($field),*);
        }
    };
    (@fields $name:ident, $($field:ident),*) => {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            let Self { $($field),* } = self;
            let mut fields = f.debug_struct(stringify!($name));
            $(fields.field(stringify!($field), &$crate::text::Plain($field));)*
            fields.finish()
        }
    };
    ($name:ident <$($parameter:ident),+> { $($field:ident),* $(,)? }) => {
        impl<$($parameter: ::std::fmt::Debug),+> ::std::fmt::Debug for $name<$($parameter),+> {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                let Self { $($field),* } = self;
                let mut fields = f.debug_struct(stringify!($name));
                $(fields.field(stringify!($field), &$crate::text::Plain($field));)*
                fields.finish()
            }
        }
    };
}

/// Returns the number without the sign of a zero.
#[must_use]
#[inline]
pub fn unsigned_zero(mut number: Decimal) -> Decimal {
    if number.is_zero() {
        number.set_sign_positive(true);
    }
    number
}

/// Reads `0.3`, `30 %` and `30%`; the range is left to the caller.
pub(crate) fn read_share(name: &'static str, text: &str) -> Result<Decimal, InputError> {
    const EXPECTED: &str = "a number such as 0.3 or 30 %";
    let trimmed = text.trim();
    let read = match trimmed.strip_suffix('%') {
        Some(percent) => number(percent.trim_end()).and_then(|number| number.checked_mul(Decimal::new(1, 2))),
        None => number(trimmed),
    };
    read.ok_or_else(|| UnreadableError::new(name, EXPECTED, text).into())
}

/// Reads a decimal without loss.
pub(crate) fn number(text: &str) -> Option<Decimal> {
    if text.contains('_') {
        return None;
    }
    Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Shown(Decimal);

    impl fmt::Display for Shown {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            format_decimal(self.0, f)
        }
    }

    fn shown(text: &str) -> Shown {
        Shown(text.parse().unwrap())
    }

    #[test]
    fn any_number_has_any_number_of_decimals() {
        let max = Decimal::MAX.to_string();
        assert_eq!(format!("{:.5}", Shown(Decimal::MAX)), format!("{max}.00000"));
        assert_eq!(format!("{:.30}", Shown(Decimal::MIN)), format!("-{max}.{}", "0".repeat(30)));
        assert_eq!(format!("{:.3}", shown("1.0625")), "1.062");
        assert_eq!(format!("{:.3}", shown("1.0635")), "1.064");
        assert_eq!(format!("{:.1}", shown("7")), "7.0");
        assert_eq!(format!("{:.0}", shown("-0.4")), "0");
        assert_eq!(format!("{:.4}", shown("-0.25")), "-0.2500");
        assert_eq!(format!("{}", shown("-0.250")), "-0.250");
    }

    #[test]
    fn width_fill_and_sign_are_those_of_the_format() {
        assert_eq!(
            format!("{:>8.1}|{:<8}|{:^9.2}|", shown("1.25"), shown("-3"), shown("4")),
            "     1.2|-3      |  4.00   |"
        );
        assert_eq!(format!("{:+09.2}", shown("5")), "+00005.00");
    }

    #[test]
    fn the_debug_form_is_that_of_derive() {
        #[derive(Debug)]
        struct Derived {
            _amount: Option<Decimal>,
            _names: Vec<&'static str>,
        }
        struct Ours {
            _amount: Option<Decimal>,
            _names: Vec<&'static str>,
        }
        crate::debug!(Ours { _amount, _names });
        let derived = Derived { _amount: Some(Decimal::MAX), _names: vec!["a", "b"] };
        let ours = Ours { _amount: Some(Decimal::MAX), _names: vec!["a", "b"] };
        assert_eq!(format!("{ours:?}"), format!("{derived:?}").replace("Derived", "Ours"));
        assert_eq!(format!("{ours:#?}"), format!("{derived:#?}").replace("Derived", "Ours"));
        assert_eq!(format!("{ours:40.9?}"), format!("{ours:?}"));
    }
}
