//! One gate between a stored value and a type.

/// Lets a type be stored as its fields, and read through the check that its constructors use.
///
/// The type derives `Serialize` and `Deserialize` with `#[serde(remote = "Self")]`, which makes
/// them functions of the type; this macro implements the traits with them. Its argument is the
/// check: a function from the type to a `Result` of the type. Type parameters are given with their
/// bound, as in `gate!(Cuts<T: Amount>, Cuts::checked)`; the derive states the same bound, and
/// `Serialize` or `Deserialize<'de>`, by `#[serde(bound(...))]`.
///
/// # Examples
///
/// ```
/// use crm_numbers::{InputError, check};
/// # #[cfg(feature = "serde")] {
///
/// #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
/// #[serde(remote = "Self", deny_unknown_fields)]
/// struct Window {
///     start: f64,
///     end: f64,
/// }
///
/// crm_numbers::gate!(Window, Window::checked);
///
/// impl Window {
///     fn new(start: f64, end: f64) -> Result<Self, InputError> {
///         Self { start, end }.checked()
///     }
///
///     fn checked(self) -> Result<Self, InputError> {
///         check::range("end", self.end, self.start..)?;
///         Ok(self)
///     }
/// }
///
/// assert_eq!(serde_json::to_string(&Window::new(1.0, 2.0)?).unwrap(), r#"{"start":1.0,"end":2.0}"#);
/// let refused = serde_json::from_str::<Window>(r#"{"start":1.0,"end":0.5}"#).unwrap_err();
/// assert!(refused.to_string().starts_with("end must be at least 1, got 0.5"));
/// # }
/// # Ok::<(), InputError>(())
/// ```
#[macro_export]
macro_rules! gate {
    ($name:ident $(<$($parameter:ident: $bound:path),+>)?, $check:expr) => {
        #[cfg(feature = "serde")]
        impl $(<$($parameter: $bound + ::serde::Serialize),+>)? ::serde::Serialize
            for $name $(<$($parameter),+>)?
        {
            fn serialize<__S: ::serde::Serializer>(
                &self,
                serializer: __S,
            ) -> ::std::result::Result<__S::Ok, __S::Error> {
                <$name $(<$($parameter),+>)?>::serialize(self, serializer)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de, $($($parameter: $bound + ::serde::Deserialize<'de>),+)?> ::serde::Deserialize<'de>
            for $name $(<$($parameter),+>)?
        {
            fn deserialize<__D: ::serde::Deserializer<'de>>(
                deserializer: __D,
            ) -> ::std::result::Result<Self, __D::Error> {
                $check(<$name $(<$($parameter),+>)?>::deserialize(deserializer)?)
                    .map_err(::serde::de::Error::custom)
            }
        }
    };
}
