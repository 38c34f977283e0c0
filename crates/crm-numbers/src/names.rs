//! One spelling per value of an enum: for people, for files and for stored values.

/// Gives an enum its names: `ALL`, `name`, `Display`, `FromStr` and, where the calling crate has a
/// feature `serde`, reading and writing, all with the same spelling.
///
/// The first name is the one that is written, in `snake_case`; the others are read as well. ASCII
/// letters are compared without case.
///
/// # Examples
///
/// ```
/// #[derive(Debug, Clone, Copy, PartialEq)]
/// enum Season {
///     Summer,
///     Winter,
/// }
///
/// crm_numbers::names! {
///     Season, "season" {
///         Summer = "summer" | "high",
///         Winter = "winter",
///     }
/// }
///
/// assert_eq!("High".parse(), Ok(Season::Summer));
/// assert_eq!(Season::Winter.to_string(), "winter");
/// let refused = "spring".parse::<Season>().unwrap_err();
/// assert_eq!(refused.to_string(), r#"unknown season "spring"; expected one of summer, winter"#);
/// ```
#[macro_export]
macro_rules! names {
    ($name:ident, $kind:literal { $($variant:ident = $written:literal $(| $read:literal)*),+ $(,)? }) => {
        impl $name {
            /// All values, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the name that is printed, read and stored.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $written),+
                }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.name())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::UnknownNameError;

            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                const NAMES: &[(&str, $name)] =
                    &[$(($written, $name::$variant) $(, ($read, $name::$variant))*),+];
                NAMES
                    .iter()
                    .find(|(name, _)| name.eq_ignore_ascii_case(text))
                    .map(|(_, value)| *value)
                    .ok_or_else(|| {
                        $crate::UnknownNameError::new($kind, text, Self::ALL)
                    })
            }
        }

        #[cfg(feature = "serde")]
        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                let text = <::std::borrow::Cow<'de, str> as ::serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(::serde::de::Error::custom)
            }
        }
    };
}
