//! The debug form of types that hold amounts.

use std::fmt;

/// A field without the precision and width of the format, with which a `Decimal` of many digits
/// would panic.
pub(crate) struct Plain<'a, T>(pub(crate) &'a T);

impl<T: fmt::Debug> fmt::Debug for Plain<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() { write!(f, "{:#?}", self.0) } else { write!(f, "{:?}", self.0) }
    }
}

/// Writes what `derive(Debug)` would, whatever precision and width the format asks for.
macro_rules! debug {
    ($name:ident $(<$($parameter:ident),+>)? { $($field:ident),+ }) => {
        impl $(<$($parameter: std::fmt::Debug),+>)? std::fmt::Debug for $name $(<$($parameter),+>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let mut fields = f.debug_struct(stringify!($name));
                $(fields.field(stringify!($field), &$crate::text::Plain(&self.$field));)+
                fields.finish()
            }
        }
    };
}

pub(crate) use debug;

#[cfg(test)]
mod tests {
    use crate::contact::Demand;
    use rust_decimal::Decimal;

    #[test]
    fn any_precision_and_width() {
        let demand = Demand { units: Decimal::MAX, margin_per_unit: Decimal::new(-15, 1) };
        let plain = "Demand { units: 79228162514264337593543950335, margin_per_unit: -1.5 }";
        assert_eq!(format!("{demand:?}"), plain);
        assert_eq!(format!("{demand:400.40?}"), plain);
        assert!(format!("{demand:#.40?}").contains("\n    margin_per_unit: -1.5,\n"));
    }
}
