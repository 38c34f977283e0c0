//! The style sheet that each picture carries.
//!
//! Every picture has the same rules for the same class, so that any number of them can stand in one
//! page. Rules are plain (no custom properties), because converters outside browsers read classes
//! and ignore the rest, and then show the light theme. The picture paints its own ground: a page
//! without a dark theme must not get pale text on white.

use std::fmt::Write;

use crate::color::{BLACK_TEXT, DARK, DARK_SERIES, LEVELS, LIGHT, LIGHT_SERIES, Page, RAMP, SERIES};
use crate::text::{BODY, HEADING, SMALL};

/// Faces of about the estimated widths; the general name, which may be a wide face, comes last.
const FONTS: &str = "\"Helvetica Neue\",Helvetica,Arial,\"Liberation Sans\",Roboto,\"Noto Sans\",\
                     \"DejaVu Sans Condensed\",sans-serif";

/// Rules that do not depend on the theme. Line patterns repeat what colors say.
const SHAPES: &str = "\
.crm-heading,.crm-strong{font-weight:600}
.crm-line{fill:none;stroke-width:2.25;stroke-linejoin:round;stroke-linecap:round}
.crm-line.crm-series-2{stroke-dasharray:7 4}
.crm-line.crm-series-3{stroke-dasharray:1 4.5}
.crm-line.crm-series-4{stroke-dasharray:9 4 1 4}
.crm-area{fill-opacity:.16}
.crm-grid,.crm-axis,.crm-mark,.crm-empty,.crm-dot,.crm-ring{fill:none}
.crm-mark{stroke-dasharray:4 3}
.crm-empty{stroke-dasharray:3 3}
.crm-under{stroke-width:3}
.crm-dot,.crm-ring{stroke-linecap:round}
.crm-halo{paint-order:stroke;stroke-width:4px;stroke-linejoin:round}
.crm-cells{shape-rendering:crispEdges}
";

/// The whole sheet; the ramp only where a picture uses it.
pub(crate) fn sheet(with_ramp: bool) -> String {
    let mut sheet = format!(
        ".crm-chart{{max-width:620px;font:{BODY}px {FONTS}}}\n.crm-heading{{font-size:{HEADING}px}}\n\
         .crm-small{{font-size:{SMALL}px}}\n{SHAPES}"
    );
    sheet += &theme(LIGHT, LIGHT_SERIES, with_ramp.then(|| (RAMP.to_vec(), ["#000", "#000", "#fff"])));
    let turned = RAMP.iter().rev().copied().collect();
    let dark = theme(DARK, DARK_SERIES, with_ramp.then_some((turned, ["#fff", "#000", "#000"])));
    sheet + "@media (prefers-color-scheme:dark){\n" + &dark + "}"
}

/// The colors of one theme; with a ramp, those of text on its low, middle and high levels too.
fn theme(page: Page, series: [u32; SERIES], ramp: Option<(Vec<u32>, [&str; 3])>) -> String {
    let Page { ground, ink, muted, grid, axis, empty } = page;
    let mut rules = format!(
        ".crm-chart{{background:#{ground:06x}}}\n.crm-ground{{fill:#{ground:06x}}}\n\
         .crm-halo,.crm-ring{{stroke:#{ground:06x}}}\n.crm-heading,.crm-text,.crm-strong{{fill:#{ink:06x}}}\n\
         .crm-mark,.crm-dot{{stroke:#{ink:06x}}}\n.crm-muted{{fill:#{muted:06x}}}\n\
         .crm-grid{{stroke:#{grid:06x}}}\n.crm-axis{{stroke:#{axis:06x}}}\n.crm-empty{{stroke:#{empty:06x}}}\n"
    );
    let mut rule = |selector: String, declaration: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(rules, "{selector}{{{declaration}}}");
    };
    for (index, color) in series.iter().enumerate() {
        rule(format!(".crm-line.crm-series-{index}"), format!("stroke:#{color:06x}"));
        rule(format!(".crm-fill-{index}"), format!("fill:#{color:06x}"));
    }
    if let Some((levels, texts)) = ramp {
        for (level, color) in levels.iter().enumerate() {
            rule(format!(".crm-level-{level}"), format!("fill:#{color:06x}"));
        }
        for (class, color) in ["low", "mid", "high"].iter().zip(texts) {
            rule(format!(".crm-{class}"), format!("fill:{color}"));
        }
    }
    rules
}

// The three classes of text on the ramp assume that black and white overlap in its middle.
const _: () = assert!(BLACK_TEXT * 2 > LEVELS);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_with_the_ramp_only_adds_rules() {
        let (plain, full) = (sheet(false), sheet(true));
        assert!(plain.lines().all(|line| full.contains(line)));
        assert!(full.contains(".crm-level-23{fill:#0e2654}") && full.contains(".crm-level-23{fill:#fcf5cb}"));
        assert!(!plain.contains("crm-level"));
        assert!(plain.len() < 3000 && full.len() < 5000, "{} and {}", plain.len(), full.len());
    }

    #[test]
    fn every_selector_is_the_crates_own() {
        for line in sheet(true).lines().filter(|line| line.contains('{') && !line.starts_with('@')) {
            let selectors = line.split('{').next().unwrap_or("");
            assert!(selectors.split(',').all(|one| one.starts_with(".crm-")), "{line}");
        }
    }
}
