//! What the pages of all programs are made of.

use maud::{DOCTYPE, Markup, PreEscaped, html};

/// Type, colors and layout, light and dark, down to a phone.
const STYLE: &str = include_str!("page.css");

/// A page that needs nothing else.
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

/// A number that stands out, and what it counts.
pub(crate) fn tile(value: &str, label: &str) -> Markup {
    html! { div.tile { b { (value) } span { (label) } } }
}

/// A picture with what it shows; nothing where the data cannot fill it.
pub(crate) fn figure(picture: Option<String>, caption: &Markup) -> Markup {
    html! {
        @if let Some(picture) = picture {
            figure { (PreEscaped(picture)) figcaption { (caption) } }
        }
    }
}

/// A table; columns whose head begins with `<` hold words and stand to the left.
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
