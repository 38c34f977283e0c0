//! Columns that nobody asked for and that change what the others mean.

use crate::QualityWarning;

/// Most values that a column of a status or a currency is followed through.
const VALUES: usize = 12;
/// Longest such value in bytes.
const LENGTH: usize = 24;

/// The columns beside those that were read, as long as they hold few values.
pub(super) struct Watch {
    open: Vec<Watched>,
    /// Columns with too many values that mean something by their name.
    closed: Vec<Watched>,
}

#[derive(Debug, Clone)]
struct Watched {
    column: usize,
    name: String,
    kind: Option<Kind>,
    values: Vec<String>,
    more: bool,
    /// The value met last.
    at: usize,
}

/// What a column holds by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Status,
    Currency,
    Quantity,
}

const STATUS_NAMES: [&str; 9] =
    ["status", "cancelled", "canceled", "refunded", "returned", "voided", "bestellstatus", "statut", "stato"];
const CURRENCY_NAMES: [&str; 8] =
    ["currency", "ccy", "curr", "waehrung", "währung", "devise", "moneda", "valuta"];
const QUANTITY_NAMES: [&str; 11] = [
    "quantity",
    "qty",
    "pieces",
    "units",
    "menge",
    "anzahl",
    "cantidad",
    "quantité",
    "quantita",
    "stück",
    "stk",
];
const PRICE_NAMES: [&str; 6] = ["price", "preis", "einzelpreis", "prix", "precio", "prezzo"];
/// A price with one of these is that of the whole row.
const TOTAL_NAMES: [&str; 7] = ["total", "order", "line", "sum", "extended", "full", "gesamt"];
/// Words that tell a status whatever its column is called.
const STATUS_WORDS: [&str; 17] = [
    "cancelled",
    "canceled",
    "refunded",
    "returned",
    "voided",
    "pending",
    "failed",
    "declined",
    "on-hold",
    "on hold",
    "unpaid",
    "abandoned",
    "storniert",
    "annulé",
    "cancelado",
    "refund",
    "return",
];
const CURRENCY_CODES: [&str; 36] = [
    "USD", "EUR", "GBP", "JPY", "CNY", "CHF", "AUD", "CAD", "NZD", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF",
    "RON", "BGN", "TRY", "RUB", "UAH", "INR", "BRL", "MXN", "ARS", "CLP", "COP", "ZAR", "KRW", "TWD", "HKD",
    "SGD", "THB", "IDR", "MYR", "AED", "ILS",
];

/// The words of a header in lower case: `Order_Status` and `orderStatus` have two.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_small = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() || (letter.is_uppercase() && after_small) {
            words.push(String::new());
        }
        after_small = letter.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
    }
    words
}

fn kind(name: &str) -> Option<Kind> {
    let words = words(name);
    // Headers such as `orderstatus` join words.
    let has = |names: &[&str]| words.iter().any(|word| names.contains(&word.as_str()));
    let ends = |ending: &str| words.last().is_some_and(|word| word.ends_with(ending));
    if has(&STATUS_NAMES) || ends("status") {
        Some(Kind::Status)
    } else if has(&CURRENCY_NAMES) || ends("currency") {
        Some(Kind::Currency)
    } else if has(&QUANTITY_NAMES) || ends("quantity") || ends("qty") {
        Some(Kind::Quantity)
    } else {
        None
    }
}

fn is_unit_price(name: &str) -> bool {
    let words = words(name);
    let has = |names: &[&str]| words.iter().any(|word| names.contains(&word.as_str()));
    let is_price = has(&PRICE_NAMES) || words.last().is_some_and(|word| word.ends_with("price"));
    is_price && !has(&TOTAL_NAMES) && !words.iter().any(|word| word.starts_with("total"))
}

impl Watch {
    /// Watches all columns of a header but those that are read.
    pub(super) fn new(headers: &[String], read: &[usize]) -> Self {
        let others = headers.iter().enumerate().filter(|(column, _)| !read.contains(column));
        let watched = |(column, name): (usize, &String)| Watched {
            column,
            name: name.clone(),
            kind: kind(name),
            values: Vec::new(),
            more: false,
            at: 0,
        };
        Watch { open: others.map(watched).collect(), closed: Vec::new() }
    }

    /// Takes note of a row that is accepted.
    pub(super) fn note<'c>(&mut self, cell: impl Fn(usize) -> &'c [u8]) {
        let mut too_many = false;
        for watched in &mut self.open {
            watched.note(cell(watched.column));
            too_many |= watched.more;
        }
        if too_many {
            let (closed, open) = std::mem::take(&mut self.open).into_iter().partition(|watched| watched.more);
            self.open = open;
            let closed: Vec<Watched> = closed;
            self.closed.extend(closed.into_iter().filter(|watched| watched.kind.is_some()));
        }
    }

    /// What the columns tell about amounts in a column of that name.
    pub(super) fn warnings(self, amount: Option<&str>) -> Vec<QualityWarning> {
        let mut found = Vec::new();
        let mut columns = [self.open, self.closed].concat();
        columns.sort_by_key(|watched| watched.column);
        for Watched { name, kind, values, more, .. } in columns {
            let several = more || values.len() > 1;
            let is_money =
                kind.is_none() && values.iter().all(|value| CURRENCY_CODES.contains(&value.as_str()));
            let is_status =
                || values.iter().any(|value| STATUS_WORDS.contains(&value.to_lowercase().as_str()));
            match (kind, amount) {
                (Some(Kind::Quantity), Some(amount)) => {
                    let is_one =
                        |value: &String| matches!(value.as_str(), "1" | "1.0" | "1.00" | "1,0" | "1,00");
                    if is_unit_price(amount) && (more || !values.iter().all(is_one)) {
                        found.push(QualityWarning::UnitPrice { amount: amount.to_owned(), quantity: name });
                    }
                }
                (Some(Kind::Currency), Some(_)) if several => {
                    found.push(QualityWarning::CurrencyColumn { column: name, values, more });
                }
                (None, Some(_)) if several && is_money => {
                    found.push(QualityWarning::CurrencyColumn { column: name, values, more });
                }
                (Some(Kind::Status), _) if several => {
                    found.push(QualityWarning::StatusColumn { column: name, values, more });
                }
                (None, _) if several && is_status() => {
                    found.push(QualityWarning::StatusColumn { column: name, values, more });
                }
                _ => {}
            }
        }
        found
    }
}

impl Watched {
    fn note(&mut self, field: &[u8]) {
        let field = field.trim_ascii();
        if field.is_empty() || self.values.get(self.at).is_some_and(|value| value.as_bytes() == field) {
            return;
        }
        match self.values.iter().position(|value| value.as_bytes() == field) {
            Some(at) => self.at = at,
            None if self.values.len() == VALUES || field.len() > LENGTH => self.more = true,
            None => {
                self.at = self.values.len();
                self.values.push(String::from_utf8_lossy(field).into_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(header: &[&str], rows: &[&[&str]], amount: Option<&str>) -> Vec<QualityWarning> {
        let headers: Vec<String> = header.iter().map(|&name| name.to_owned()).collect();
        let mut watch = Watch::new(&headers, &[0]);
        rows.iter().for_each(|row| watch.note(|index| row[index].as_bytes()));
        watch.warnings(amount)
    }

    #[test]
    fn names_are_told_by_their_words() {
        for name in
            ["Status", "order_status", "Financial Status", "orderStatus", "orderstatus", "is-cancelled"]
        {
            assert_eq!(kind(name), Some(Kind::Status), "{name}");
        }
        for name in ["Currency", "currencyCode", "order-currency", "CCY"] {
            assert_eq!(kind(name), Some(Kind::Currency), "{name}");
        }
        assert_eq!(kind("Lineitem quantity"), Some(Kind::Quantity));
        for name in ["state", "statusquo", "unit", "occurrence", "amount", ""] {
            assert_eq!(kind(name), None, "{name}");
        }
        for name in ["Price", "unit_price", "UnitPrice", "item price"] {
            assert!(is_unit_price(name), "{name}");
        }
        for name in ["total_price", "TotalPrice", "line_price", "totalprice", "amount", "priced"] {
            assert!(!is_unit_price(name), "{name}");
        }
    }

    #[test]
    fn a_status_is_told_by_its_values_too_and_one_value_is_no_doubt() {
        let rows: [&[&str]; 3] = [&["a", "Refunded"], &["b", "done"], &["c", "done"]];
        let [warning] = told(&["id", "x"], &rows, None).try_into().unwrap();
        assert_eq!(
            warning.to_string(),
            "column \"x\" has 2 values (Refunded, done); every order counts, whatever its status"
        );
        assert_eq!(told(&["id", "x"], &rows[1..], None), []);
        assert_eq!(told(&["id", "status"], &rows[1..], None), []);
    }

    #[test]
    fn a_column_with_many_values_counts_by_its_name_only() {
        let rows: Vec<[String; 3]> =
            (0..20).map(|n| ["a".to_owned(), format!("s{n}"), format!("t{n}")]).collect();
        let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
        let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
        let [warning] = told(&["id", "status", "returned goods"][..], &rows, None)
            .into_iter()
            .take(1)
            .collect::<Vec<_>>()
            .try_into()
            .unwrap();
        assert!(warning.to_string().starts_with("column \"status\" has more than 12 values (s0, s1, s2"));
        assert_eq!(told(&["id", "x", "y"], &rows, None), []);
    }

    #[test]
    fn currencies_matter_where_there_are_amounts_and_prices_where_pieces_are_many() {
        let rows: [&[&str]; 2] = [&["1", "EUR", "1"], &["2", "SEK", "1.0"]];
        assert_eq!(told(&["total", "money", "qty"], &rows, None), []);
        let [warning] = told(&["price", "money", "qty"], &rows, Some("price")).try_into().unwrap();
        assert!(matches!(warning, QualityWarning::CurrencyColumn { more: false, .. }));
        let rows: [&[&str]; 1] = [&["1", "EUR", "-2"]];
        let [warning] = told(&["price", "money", "qty"], &rows, Some("price")).try_into().unwrap();
        assert_eq!(
            warning.to_string(),
            "the amount is column \"price\", and there is a column \"qty\"; a price per unit is not the amount of a row"
        );
        assert_eq!(told(&["total", "money", "qty"], &rows, Some("total")), []);
    }
}
