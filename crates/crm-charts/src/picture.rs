//! The frame around every chart: ground, heading, names for screen readers, style sheet and view
//! box.

use svg::Node;
use svg::node::element::{Description, Element, Group, SVG, Style, Title};

use crate::caption::Caption;
use crate::mark::{Anchor, Area, label, rectangle, text, with_tooltip};
use crate::number::coordinate;
use crate::text::{BODY, HEADING, balanced, clean};
use crate::theme;

/// The width of every view box. At 360 CSS pixels, a phone, body text of 13 units is then 10.6
/// pixels high.
pub(crate) const WIDTH: f64 = 440.0;
/// The space at each side.
pub(crate) const PAD: f64 = 16.0;
/// Width between the margins.
pub(crate) const INNER: f64 = WIDTH - 2.0 * PAD;
/// Ratio of the width of bold text to the estimate for plain text.
const BOLD: f64 = 1.07;
/// From one line of body text to the next.
pub(crate) const LINE: f64 = 18.0;

/// A picture that grows downwards part by part.
#[derive(Debug)]
pub(crate) struct Picture {
    nodes: Vec<Element>,
    with_ramp: bool,
    /// Top of the next part.
    pub(crate) top: f64,
}

impl Picture {
    /// A picture with its heading drawn.
    pub(crate) fn new(caption: &Caption) -> Self {
        let mut picture = Self { nodes: Vec::new(), with_ramp: false, top: PAD };
        let title = clean(&caption.title);
        let lines = balanced(&title, HEADING, INNER / BOLD, 2);
        let whole = lines.join(" ") == title.split_whitespace().collect::<Vec<_>>().join(" ");
        for line in &lines {
            let element = text("crm-heading", (PAD, picture.top + 0.8 * HEADING), Anchor::Start, line);
            picture.add(if whole { element } else { with_tooltip(element, &title) });
            picture.top += 1.3 * HEADING;
        }
        if !lines.is_empty() {
            picture.top += 4.0;
        }
        picture
    }

    pub(crate) fn add(&mut self, node: Element) {
        self.nodes.push(node);
    }

    /// Adds nodes under one class.
    pub(crate) fn add_group(&mut self, class: &str, nodes: Vec<Element>) {
        let group = nodes.into_iter().fold(Group::new().set("class", class), Group::add);
        self.nodes.push(group.into());
    }

    /// The style sheet will have the color ramp.
    pub(crate) fn use_ramp(&mut self) {
        self.with_ramp = true;
    }

    /// A line of muted text across the picture, such as the name of an axis, if there is any.
    pub(crate) fn note(&mut self, content: &str) {
        if content.trim().is_empty() {
            return;
        }
        let at = (PAD, self.top + BODY);
        self.add(label("crm-muted", at, Anchor::Start, content, BODY, INNER));
        self.top += LINE;
    }

    /// The SVG text. The description is the caption's, or else the one given, which comes from the
    /// numbers.
    pub(crate) fn finish(self, caption: &Caption, description: &str) -> String {
        let height = (self.top + PAD - 4.0).ceil();
        let title = clean(&caption.title);
        let own = caption.description.as_deref().map(clean).filter(|own| !own.is_empty());
        let description = own.unwrap_or_else(|| clean(description));
        let body: String = self.nodes.iter().map(ToString::to_string).collect();
        let id = match &caption.id {
            Some(id) => id.clone(),
            None => format!("crm-{:016x}", hash(&[&title, &description, &body])),
        };
        let mut picture = SVG::new()
            .set("class", "crm-chart")
            .set("role", "img")
            .set("viewBox", format!("0 0 {} {}", coordinate(WIDTH), coordinate(height)));
        if title.is_empty() {
            picture.assign("aria-labelledby", format!("{id}-desc"));
        } else {
            picture.assign("aria-labelledby", format!("{id}-title {id}-desc"));
            picture.append(Title::new(title).set("id", format!("{id}-title")));
        }
        let described = Description::new().set("id", format!("{id}-desc"));
        picture.append(described.add(svg::node::Text::new(description)));
        picture.append(Style::new(theme::sheet(self.with_ramp)));
        picture.append(rectangle("crm-ground", Area { x: 0.0, y: 0.0, width: WIDTH, height }));
        self.nodes.into_iter().fold(picture, SVG::add).to_string()
    }
}

/// The 64-bit hash of Fowler, Noll and Vo (variant 1a): the same on every machine and in every
/// release.
fn hash(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(caption: &Caption) -> String {
        Picture::new(caption).finish(caption, "in words")
    }

    #[test]
    fn the_id_comes_from_the_content_or_from_the_caller() {
        let (one, other) = (Caption::new("one"), Caption::new("other"));
        assert_eq!(drawn(&one), drawn(&one.clone()));
        let id = |svg: &str| {
            svg.split("-title\"").next().and_then(|head| head.rsplit('"').next()).map(str::to_owned)
        };
        assert_ne!(id(&drawn(&one)), id(&drawn(&other)));
        let named = Caption { id: Some("mine".to_owned()), ..one };
        assert!(drawn(&named).contains("<title id=\"mine-title\">one</title>"));
    }

    #[test]
    fn the_hash_is_the_published_one() {
        // "a" in the tables of the algorithm's authors is af63dc4c8601ec8c; the separator goes on
        // from there.
        let plain = b"a".iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        assert_eq!(plain, 0xaf63_dc4c_8601_ec8c);
        assert_eq!(hash(&["a"]), (plain ^ 0xff).wrapping_mul(0x0100_0000_01b3));
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
    }

    #[test]
    fn an_empty_title_draws_no_heading_and_names_the_description_alone() {
        let svg = drawn(&Caption::new(" "));
        assert!(!svg.contains("<title") && !svg.contains("class=\"crm-heading\""), "{svg}");
        assert!(svg.contains("-desc\"") && svg.contains(">in words</desc>"), "{svg}");
    }

    #[test]
    fn a_long_heading_wraps_and_is_cut_with_a_tooltip() {
        let long = "every customer ".repeat(20);
        let svg = drawn(&Caption::new(&long));
        assert_eq!(svg.matches("class=\"crm-heading\"").count(), 2);
        assert!(svg.contains('…') && svg.matches("<title").count() >= 2, "{svg}");
    }
}
