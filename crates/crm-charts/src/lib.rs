//! Pictures of customer analytics as SVG text: plain numbers in, one self-contained picture out.
//!
//! | chart | question |
//! |---|---|
//! | [`HeatMap`] | which combinations of two scores (RFM) are worth most? |
//! | [`ConcentrationCurve`] | how few customers bring how much of the value (Lorenz, Pareto, ABC)? |
//! | [`FrequencyRecencyMatrix`] | whom does a buy-till-you-die model still believe in? |
//! | [`PurchaseCounts`] | how many customers bought how often, and how many were expected to? |
//! | [`Tracking`] | does a model keep up with purchases after it was fitted? |
//! | [`Histogram`] | how is customer value distributed? |
//! | [`IntervalChart`] | which groups really differ, given how few were asked? |
//! | [`PathDiagram`] | what leads to what, and how strongly? |
//! | [`BarChart`] | how large are the segments? |
//! | [`WhaleCurve`] | who earns the profit, and how much of it do others lose? |
//! | [`Pyramid`] | how many stand on each level, and how many go on? |
//! | [`Flows`] | who went from which group to which? |
//! | [`Quadrants`] | who stands where on two scales that are each cut in two? |
//!
//! A chart is made of slices of numbers and labels, checked once; `with_` setters name what is
//! measured; `to_svg` or `Display` writes the picture. Every picture
//!
//! * has a `<title>` and a `<desc>` for screen readers; without a description of yours, the numbers
//!   in a sentence,
//! * follows the reader's light or dark theme by its own style sheet and paints its own ground,
//! * scales to the width it is given, up to 620 CSS pixels, and is readable from 360,
//! * uses colors that color-blind people can tell apart, and line patterns beside them,
//! * has the same bytes for the same input on every machine, no script, and no reference to
//!   anything outside itself.
//!
//! Any number of pictures can stand inline in one HTML page. All classes begin with `crm-`; a style
//! sheet of the page may override them. The ids begin with a hash of the content: only if a page
//! shows the very same picture twice, `with_id` has to tell them apart.
//!
//! ```
//! use crm_charts::BarChart;
//!
//! let svg = BarChart::new(&["Loyal", "New", "Lost"], &[1200.0, 300.0, 4500.0])?
//!     .with_title("Customers by segment")
//!     .with_value("Customers", "")
//!     .to_svg();
//! assert!(svg.contains("Bar chart, Customers: Loyal 1,200, New 300, Lost 4,500.</desc>"));
//! # Ok::<(), crm_charts::Error>(())
//! ```

mod axis;
mod bar_chart;
mod bins;
mod caption;
mod cells;
mod check;
mod color;
mod concentration;
mod error;
mod flows;
mod frequency_recency;
mod heat_map;
mod histogram;
mod interval_chart;
mod legend;
mod mark;
mod number;
mod path_diagram;
mod picture;
mod purchase_counts;
mod pyramid;
mod quadrants;
mod scale;
mod text;
mod theme;
mod ticks;
mod tracking;
mod whale_curve;

pub use bar_chart::BarChart;
pub use bins::Spacing;
pub use concentration::{ConcentrationCurve, Order};
pub use error::Error;
pub use flows::Flows;
pub use frequency_recency::{FrequencyRecencyMatrix, Quantity};
pub use heat_map::HeatMap;
pub use histogram::Histogram;
pub use interval_chart::IntervalChart;
pub use path_diagram::PathDiagram;
pub use purchase_counts::PurchaseCounts;
pub use pyramid::Pyramid;
pub use quadrants::Quadrants;
pub use tracking::{Tracking, View};
pub use whale_curve::WhaleCurve;
