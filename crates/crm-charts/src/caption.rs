//! What is written about a chart, and the setters for it that all charts share.

use crate::Error;

/// Title, description and id of a chart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Caption {
    /// Drawn as the heading.
    pub(crate) title: String,
    /// Read aloud where the picture is not seen; derived from the numbers if not set.
    pub(crate) description: Option<String>,
    /// The prefix of the ids in the picture; derived from the content if not set.
    pub(crate) id: Option<String>,
}

impl Caption {
    pub(crate) fn new(title: &str) -> Self {
        Self { title: title.to_owned(), description: None, id: None }
    }
}

/// The quantity on an axis or a color scale.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Measure {
    pub(crate) label: String,
    pub(crate) unit: String,
}

impl Measure {
    pub(crate) fn new(label: &str, unit: &str) -> Self {
        Self { label: label.to_owned(), unit: unit.to_owned() }
    }

    /// Label and unit as an axis shows them: `Recency (weeks)`.
    pub(crate) fn heading(&self) -> String {
        match (self.label.trim(), self.unit.trim()) {
            (label, "") => label.to_owned(),
            ("", unit) => unit.to_owned(),
            (label, unit) => format!("{label} ({unit})"),
        }
    }
}

/// A name that may stand in an `id` attribute and in a style sheet.
pub(crate) fn check_id(id: &str) -> Result<(), Error> {
    let starts = |first: char| first.is_ascii_alphabetic() || first == '_';
    let goes_on = |other: char| other.is_ascii_alphanumeric() || matches!(other, '-' | '_');
    if id.starts_with(starts) && id.chars().all(goes_on) {
        Ok(())
    } else {
        Err(Error::Id { value: id.to_owned() })
    }
}

/// The setters of title, description and id, `to_svg` and `Display` for a type with a field
/// `caption` and a method `draw`, which fills a picture and answers what it shows in words; then a
/// setter for each [`Measure`] it has. The second argument is the expression that the examples
/// draw.
macro_rules! chart {
    ($chart:ident, $example:literal $(, $setter:ident($field:ident) $what:literal)* $(,)?) => {
        impl $chart {
            /// Sets the title, shown above the picture and read first by a screen reader. An empty
            /// title leaves the heading out, for a page that has its own; the screen reader then
            /// hears the description alone.
            ///
            /// ```
            /// # use crm_charts::*;
            #[doc = concat!("let chart = ", $example, ".with_title(\"Who buys & how often\");")]
            /// assert!(chart.to_svg().contains("<title id=\"crm-"));
            /// assert!(chart.to_svg().contains("Who buys &amp; how often</title>"));
            /// # Ok::<(), Error>(())
            /// ```
            #[must_use]
            pub fn with_title(mut self, title: &str) -> Self {
                self.caption.title = title.to_owned();
                self
            }

            /// Sets the description of the picture for readers who cannot see it. Without it, a
            /// sentence made from the numbers is used.
            ///
            /// ```
            /// # use crm_charts::*;
            #[doc = concat!("let chart = ", $example, ".with_description(\"Most come back.\");")]
            /// assert!(chart.to_svg().contains("Most come back.</desc>"));
            /// # Ok::<(), Error>(())
            /// ```
            #[must_use]
            pub fn with_description(mut self, description: &str) -> Self {
                self.caption.description = Some(description.to_owned());
                self
            }

            /// Sets the prefix of the ids in the picture, where a page needs names of its own or
            /// shows the same picture twice. Without it the prefix is a hash of the content: `crm-`
            /// and 16 hexadecimal digits.
            ///
            /// # Errors
            ///
            /// [`Error::Id`] if the prefix does not start with an ASCII letter or `_`, or holds
            /// anything but ASCII letters, digits, `-` and `_`.
            ///
            /// ```
            /// # use crm_charts::*;
            #[doc = concat!("let chart = ", $example, ".with_id(\"spring\")?;")]
            /// assert!(chart.to_svg().contains("aria-labelledby=\"spring-title spring-desc\""));
            /// assert!(chart.with_id("no spaces").is_err());
            /// # Ok::<(), Error>(())
            /// ```
            pub fn with_id(mut self, id: &str) -> Result<Self, $crate::Error> {
                $crate::caption::check_id(id)?;
                self.caption.id = Some(id.to_owned());
                Ok(self)
            }

            /// Returns the picture as one SVG element, to be written to a file or put into a page
            /// as it is. The same chart gives the same bytes everywhere.
            ///
            /// ```
            /// # use crm_charts::*;
            #[doc = concat!("let chart = ", $example, ";")]
            /// let svg = chart.to_svg(); assert!(svg.starts_with("<svg ") &&
            /// svg.ends_with("</svg>")); assert_eq!(svg, chart.to_string());
            /// # Ok::<(), Error>(())
            /// ```
            #[must_use]
            pub fn to_svg(&self) -> String {
                let mut picture = $crate::picture::Picture::new(&self.caption);
                let description = self.draw(&mut picture);
                picture.finish(&self.caption, &description)
            }

            $(
                #[doc = concat!("Names ", $what, " and its unit; an empty unit is left out.")]
                ///
                /// ```
                /// # use crm_charts::*;
                #[doc = concat!("let chart = ", $example, ".", stringify!($setter), "(\"Zeal\", \"zeals\");")]
                /// assert!(chart.to_svg().contains("Zeal (zeals)"));
                /// # Ok::<(), Error>(())
                /// ```
                #[must_use]
                pub fn $setter(mut self, label: &str, unit: &str) -> Self {
                    self.$field = $crate::caption::Measure::new(label, unit);
                    self
                }
            )*
        }

        /// Writes the SVG text, as `to_svg` does.
        impl std::fmt::Display for $chart {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(&self.to_svg())
            }
        }
    };
}

/// Defines `with_x_label` and `with_y_label` of a chart with the fields `x_label` and `y_label`. The
/// second argument is the expression that the examples draw.
macro_rules! axis_labels {
    ($chart:ident, $example:literal) => {
        impl $chart {
            $crate::caption::axis_labels!(@setter $example, with_x_label(x_label) "horizontal");
            $crate::caption::axis_labels!(@setter $example, with_y_label(y_label) "vertical");
        }
    };
    (@setter $example:literal, $setter:ident($field:ident) $axis:literal) => {
        #[doc = concat!("Names the ", $axis, " axis.")]
        ///
        /// ```
        /// # use crm_charts::*;
        #[doc = concat!("let chart = ", $example, ".", stringify!($setter), "(\"Share of accounts\");")]
        /// assert!(chart.to_svg().contains(">Share of accounts</text>"));
        /// # Ok::<(), Error>(())
        /// ```
        #[must_use]
        pub fn $setter(mut self, label: &str) -> Self {
            self.$field = label.to_owned();
            self
        }
    };
}

pub(crate) use {axis_labels, chart};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_heading_names_the_unit_if_there_is_one() {
        assert_eq!(Measure::new("Recency", "weeks").heading(), "Recency (weeks)");
        assert_eq!(Measure::new("Customers", "").heading(), "Customers");
        assert_eq!(Measure::new("", "weeks").heading(), "weeks");
    }

    #[test]
    fn ids_are_plain_names() {
        for id in ["a", "_x", "rfm-2026_q1"] {
            assert_eq!(check_id(id), Ok(()));
        }
        for id in ["", "1a", "-a", "a b", "ä", "a\"b"] {
            assert_eq!(check_id(id), Err(Error::Id { value: id.to_owned() }));
        }
    }
}
