//! The few shapes that pictures are made of, with coordinates written by the crate's own rule.

use svg::Node;
use svg::node::element::{Circle, Element, Line, Path, Rectangle, Title};

use crate::number::coordinate;
use crate::text::{clean, fitted};

/// A rectangle in the view box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Area {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Area {
    pub(crate) fn right(self) -> f64 {
        self.x + self.width
    }

    pub(crate) fn bottom(self) -> f64 {
        self.y + self.height
    }
}

/// Which end of a text stands at its position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

pub(crate) fn rectangle(class: &str, area: Area) -> Element {
    Rectangle::new()
        .set("class", class)
        .set("x", coordinate(area.x))
        .set("y", coordinate(area.y))
        .set("width", coordinate(area.width))
        .set("height", coordinate(area.height))
        .into()
}

pub(crate) fn line(class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) -> Element {
    Line::new()
        .set("class", class)
        .set("x1", coordinate(x1))
        .set("y1", coordinate(y1))
        .set("x2", coordinate(x2))
        .set("y2", coordinate(y2))
        .into()
}

pub(crate) fn circle(class: &str, (x, y): (f64, f64), radius: f64) -> Element {
    Circle::new()
        .set("class", class)
        .set("cx", coordinate(x))
        .set("cy", coordinate(y))
        .set("r", coordinate(radius))
        .into()
}

pub(crate) fn path(class: &str, data: &str) -> Element {
    Path::new().set("class", class).set("d", data).into()
}

/// The path data of a line through points. A single point becomes a line too short to see but for
/// its round ends.
pub(crate) fn polyline(points: &[(f64, f64)]) -> String {
    let mut data = String::new();
    for (index, &(x, y)) in points.iter().enumerate() {
        let command = if index == 0 { "M" } else { "L" };
        data += &format!("{command}{} {}", coordinate(x), coordinate(y));
    }
    if points.len() == 1 { data + "h.01" } else { data }
}

/// Text on one line. The caller has made it short enough.
pub(crate) fn text(class: &str, (x, y): (f64, f64), anchor: Anchor, content: &str) -> Element {
    // The crate's own text element puts its content on separate lines, which pages that keep white
    // space would show.
    let mut element = Element::new("text");
    element.assign("class", class);
    element.assign("x", coordinate(x));
    element.assign("y", coordinate(y));
    match anchor {
        Anchor::Start => {}
        Anchor::Middle => element.assign("text-anchor", "middle"),
        Anchor::End => element.assign("text-anchor", "end"),
    }
    element.append(svg::node::Text::new(clean(content)));
    element
}

/// Text cut to a width, whole in a tooltip if it had to be cut.
pub(crate) fn label(
    class: &str,
    at: (f64, f64),
    anchor: Anchor,
    content: &str,
    size: f64,
    limit: f64,
) -> Element {
    let content = clean(content);
    let shown = fitted(&content, size, limit);
    let element = text(class, at, anchor, &shown);
    if shown == content { element } else { with_tooltip(element, &content) }
}

/// The element with a text that shows while the pointer rests on it.
pub(crate) fn with_tooltip(mut element: Element, tooltip: &str) -> Element {
    // Browsers read the first child as the tooltip.
    element.get_children_mut().insert(0, Box::new(Title::new(clean(tooltip))));
    element
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_written_shortly_and_in_one_order() {
        let area = Area { x: 1.0, y: 2.5, width: 10.0 / 3.0, height: 4.0 };
        assert_eq!(
            rectangle("crm-a", area).to_string(),
            r#"<rect class="crm-a" height="4" width="3.33" x="1" y="2.5"/>"#
        );
        assert_eq!(polyline(&[(1.0, 2.0), (3.0, 4.125)]), "M1 2L3 4.12");
        assert_eq!(polyline(&[(1.0, 2.0)]), "M1 2h.01");
    }

    #[test]
    fn a_cut_label_keeps_its_whole_text_in_a_tooltip() {
        let long =
            label("crm-text", (0.0, 0.0), Anchor::End, "a < b & so on and so forth", 13.0, 60.0).to_string();
        assert!(long.contains("<title>a &lt; b &amp; so on and so forth</title>"), "{long}");
        assert!(long.contains('…') && long.contains(r#"text-anchor="end""#), "{long}");
        let short = label("crm-text", (0.0, 0.0), Anchor::Start, "short", 13.0, 60.0).to_string();
        assert_eq!(short, r#"<text class="crm-text" x="0" y="0">short</text>"#);
    }
}
