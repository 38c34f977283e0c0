//! Reads a picture back and checks what must hold for every one.

#![allow(clippy::panic, clippy::indexing_slicing, reason = "a check fails by panicking")]

use std::collections::{BTreeMap, HashSet};

use roxmltree::{Document, Node};

/// Coordinates are rounded to two decimals.
const ROUNDING: f64 = 0.02;

/// The width and height of a view box that starts at the origin.
#[derive(Clone, Copy)]
struct Frame {
    width: f64,
    height: f64,
}

impl Frame {
    fn of(svg: &Node) -> Self {
        let numbers: Vec<f64> = attribute(svg, "viewBox").split(' ').map(number).collect();
        let [x, y, width, height] = numbers[..] else { panic!("four numbers in {numbers:?}") };
        assert!(x.abs() + y.abs() <= 0.0 && width > 0.0 && height > 0.0, "{numbers:?}");
        Self { width, height }
    }

    #[track_caller]
    fn check(self, x: f64, y: f64, node: &Node) {
        let inside = (-ROUNDING..=self.width + ROUNDING).contains(&x)
            && (-ROUNDING..=self.height + ROUNDING).contains(&y);
        assert!(inside, "({x}, {y}) is outside: {node:?}");
    }
}

/// Panics unless the text is a well-formed, named, self-contained picture with every coordinate inside its
/// view box, no overlapping labels in a row, and every number finite.
pub(crate) fn check(svg: &str) {
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "a number that is none: {svg}");
    assert!(!svg.contains("<script") && !svg.contains("href") && !svg.contains("url("), "{svg}");
    let document = Document::parse(svg).unwrap_or_else(|error| panic!("{error}: {svg}"));
    let root = document.root_element();
    assert_eq!(attribute(&root, "role"), "img");

    let ids: Vec<&str> = document.descendants().filter_map(|node| node.attribute("id")).collect();
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "ids are unique: {ids:?}");
    for name in attribute(&root, "aria-labelledby").split(' ') {
        let named = document.descendants().find(|node| node.attribute("id") == Some(name));
        assert!(
            named.and_then(|node| node.text()).is_some_and(|text| !text.is_empty()),
            "{name} says something"
        );
    }
    assert!(root.children().any(|node| node.has_tag_name("desc") || node.has_tag_name((SVG, "desc"))));
    for node in document.descendants().filter(Node::is_element) {
        let frame = node.ancestors().find(|above| *above != node && above.tag_name().name() == "svg");
        shape(&node, &frame.map_or(Frame::of(&root), |frame| Frame::of(&frame)));
    }
    rows_of_labels(&root);
}

const SVG: &str = "http://www.w3.org/2000/svg";

fn attribute<'a>(node: &Node<'a, '_>, name: &str) -> &'a str {
    node.attribute(name).unwrap_or_else(|| panic!("{name} of {node:?}"))
}

fn number(text: &str) -> f64 {
    let number: f64 = text.parse().unwrap_or_else(|error| panic!("{error}: {text:?}"));
    assert!(number.is_finite(), "{text}");
    number
}

/// Checks the corners of one element.
fn shape(node: &Node, frame: &Frame) {
    let get = |name: &str| number(attribute(node, name));
    match node.tag_name().name() {
        "rect" => {
            let (width, height) = (get("width"), get("height"));
            assert!(width >= 0.0 && height >= 0.0, "{node:?}");
            frame.check(get("x"), get("y"), node);
            frame.check(get("x") + width, get("y") + height, node);
        }
        "svg" if node.parent_element().is_some() => {
            frame.check(get("x"), get("y"), node);
            frame.check(get("x") + get("width"), get("y") + get("height"), node);
        }
        "line" => {
            frame.check(get("x1"), get("y1"), node);
            frame.check(get("x2"), get("y2"), node);
        }
        "circle" => {
            frame.check(get("cx") - get("r"), get("cy") - get("r"), node);
            frame.check(get("cx") + get("r"), get("cy") + get("r"), node);
        }
        "text" => frame.check(get("x"), get("y"), node),
        "path" => path(attribute(node, "d"), frame, node),
        "svg" | "g" | "style" | "title" | "desc" => {}
        other => panic!("an unexpected element {other}"),
    }
}

/// Walks along a path of the commands that the crate writes.
fn path(data: &str, frame: &Frame, node: &Node) {
    let (mut x, mut y) = (0.0, 0.0);
    let mut rest = data;
    while let Some(command) = rest.chars().next() {
        let end =
            rest[1..].find(|letter: char| letter.is_ascii_alphabetic()).map_or(rest.len(), |end| end + 1);
        let numbers: Vec<f64> = rest[1..end].split_whitespace().map(number).collect();
        rest = &rest[end..];
        match (command, numbers.as_slice()) {
            ('M' | 'L', [to_x, to_y]) => (x, y) = (*to_x, *to_y),
            ('C', [.., to_x, to_y]) => (x, y) = (*to_x, *to_y),
            ('h', [by]) => x += by,
            ('v', [by]) => y += by,
            ('z' | 'Z', []) => {}
            other => panic!("an unexpected command {other:?} in {data}"),
        }
        frame.check(x, y, node);
    }
}

/// Labels must stay in the picture and, at one height, must not overlap: by an estimate that is on the narrow
/// side.
fn rows_of_labels(root: &Node) {
    let frame = Frame::of(root);
    let mut rows: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
    for node in root.descendants().filter(|node| node.tag_name().name() == "text") {
        let shown = node.children().find(Node::is_text).and_then(|text| text.text()).unwrap_or("");
        let narrow = |letter: char| if letter.is_ascii_digit() { 0.55 } else { 0.25 };
        let small = attribute(&node, "class").contains("crm-small");
        let width = shown.chars().map(narrow).sum::<f64>() * if small { 11.0 } else { 13.0 };
        let (x, y) = (number(attribute(&node, "x")), number(attribute(&node, "y")));
        if let Some(turned) = node.attribute("transform") {
            assert!(turned.starts_with("rotate(-45 "), "{turned}");
            let reach = width * std::f64::consts::FRAC_1_SQRT_2;
            frame.check(x - reach, y + reach, &node);
            continue;
        }
        let start = match node.attribute("text-anchor") {
            None => x,
            Some("middle") => x - width / 2.0,
            Some(_) => x - width,
        };
        frame.check(start, y, &node);
        frame.check(start + width, y, &node);
        rows.entry(attribute(&node, "y").to_owned()).or_default().push((start, start + width));
    }
    for (height, mut spans) in rows {
        spans.sort_by(|one, other| one.0.total_cmp(&other.0));
        assert!(
            spans.windows(2).all(|pair| pair[0].1 <= pair[1].0),
            "labels overlap at height {height}: {spans:?}"
        );
    }
}
