//! Building blocks of all pages.

use maud::{DOCTYPE, Markup, PreEscaped, html};

/// Type, colors and layout, light and dark, down to the width of a phone.
const STYLE: &str = include_str!("page.css");

/// Returns a self-contained page.
pub(crate) fn page(title: &str, content: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { main { (content) } }
        }
    };
    page.into_string()
}

/// Renders a key figure with its label.
pub(crate) fn tile(value: &str, label: &str) -> Markup {
    html! { div.tile { b { (value) } span { (label) } } }
}

/// Renders a chart with its caption; nothing if there is no data for it.
pub(crate) fn figure(picture: Option<String>, caption: &Markup) -> Markup {
    html! {
        @if let Some(picture) = picture {
            figure { (PreEscaped(picture)) figcaption { (caption) } }
        }
    }
}

/// Renders a table; columns whose heading begins with `<` contain text and are left-aligned.
pub(crate) fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Markup {
    let class = |column: usize| head.get(column).is_some_and(|name| name.starts_with('<')).then_some("text");
    html! {
        div.scroll {
            table {
                thead { tr { @for (column, name) in head.iter().enumerate() { th class=[class(column)] { (name.trim_start_matches('<')) } } } }
                tbody { @for row in rows { tr { @for (column, cell) in row.iter().enumerate() { td class=[class(column)] { (cell) } } } } }
            }
        }
    }
}
