//! Decimals as text, with any precision and width.

use std::fmt;

use rust_decimal::Decimal;

use crate::exact;

/// The number, rounded half to even to so many decimals where there are more, with zeros where
/// there are fewer.
///
/// The formatting of [`Decimal`] itself cuts decimals off and panics beyond 32 characters.
pub(crate) fn text(number: Decimal, decimals: Option<usize>) -> String {
    let Some(decimals) = decimals else { return number.to_string() };
    let places = u32::try_from(decimals).unwrap_or(u32::MAX).min(Decimal::MAX_SCALE);
    let number = exact::unsigned_zero(number.round_dp(places));
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

/// Writes the number as the format asks: precision, width, fill, sign.
pub(crate) fn format(number: Decimal, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let text = text(number, f.precision());
    let (positive, digits) = text.strip_prefix('-').map_or((true, text.as_str()), |digits| (false, digits));
    f.pad_integral(positive, "", digits)
}

/// The debug form of a field without precision and width, with which that of [`Decimal`] would
/// panic.
pub(crate) struct Plain<'a, T>(pub(crate) &'a T);

impl<T: fmt::Debug> fmt::Debug for Plain<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() { write!(f, "{:#?}", self.0) } else { write!(f, "{:?}", self.0) }
    }
}

/// What `derive(Debug)` writes, whatever precision and width the format asks for: for types with
/// decimals in them.
macro_rules! debug {
    ($name:ident $(<$lifetime:lifetime>)? { $($field:ident),* }) => {
        impl std::fmt::Debug for $name $(<$lifetime>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let Self { $($field),* } = self;
                let mut fields = f.debug_struct(stringify!($name));
                $(fields.field(stringify!($field), &$crate::text::Plain($field));)*
                fields.finish()
            }
        }
    };
}

pub(crate) use debug;

#[cfg(test)]
mod tests {
    use super::*;

    struct Shown(Decimal);

    impl fmt::Display for Shown {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            format(self.0, f)
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
        debug!(Ours { _amount, _names });
        let derived = Derived { _amount: Some(Decimal::MAX), _names: vec!["a", "b"] };
        let ours = Ours { _amount: Some(Decimal::MAX), _names: vec!["a", "b"] };
        assert_eq!(format!("{ours:?}"), format!("{derived:?}").replace("Derived", "Ours"));
        assert_eq!(format!("{ours:#?}"), format!("{derived:#?}").replace("Derived", "Ours"));
        assert_eq!(format!("{ours:40.9?}"), format!("{ours:?}"));
    }
}
