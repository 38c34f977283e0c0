//! The law of stored types.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// Checks that a value is read as it was written, and that reading refuses whatever a constructor
/// refuses.
///
/// Every field of the stored value is changed in many ways, left out, and joined by a field that
/// does not exist. Unknown fields must be refused; whatever else is read must satisfy `accepts`,
/// which builds the value again from its parts by the public constructors.
///
/// # Panics
///
/// If the law is broken, with the stored text.
#[track_caller]
pub fn assert_stored<T>(value: &T, accepts: impl Fn(&T) -> bool)
where
    T: Serialize + DeserializeOwned + PartialEq + Debug,
{
    assert_stored_with_maps(value, &[], accepts);
}

/// Checks the law of [`assert_stored`] for a type of which some fields are maps, whose keys are
/// data.
///
/// # Panics
///
/// If the law is broken, with the stored text.
#[track_caller]
pub fn assert_stored_with_maps<T>(value: &T, maps: &[&str], accepts: impl Fn(&T) -> bool)
where
    T: Serialize + DeserializeOwned + PartialEq + Debug,
{
    let text = serde_json::to_string(value).expect("every stored type is written");
    let back: T =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text} is not read back: {error}"));
    assert_eq!(&back, value, "{text} is read back as another value");
    assert!(accepts(&back), "the constructors refuse {text}, which was written");

    let stored: Value = serde_json::from_str(&text).expect("text that was just written");
    let read = |changed: &Value| serde_json::from_str::<T>(&changed.to_string());
    for changed in unknown_fields(&stored, maps) {
        assert!(read(&changed).is_err(), "an unknown field is read: {changed}");
    }
    for changed in changes(&stored) {
        if let Ok(value) = read(&changed) {
            assert!(accepts(&value), "the constructors refuse {changed}, which is read as {value:?}");
        }
    }
}

/// The value with a field too many in each of its objects in turn, except in maps.
fn unknown_fields(value: &Value, maps: &[&str]) -> Vec<Value> {
    let mut all = Vec::new();
    match value {
        Value::Object(fields) => {
            let mut more = fields.clone();
            more.insert("no_such_field".to_owned(), json!(1));
            all.push(Value::Object(more));
            for (name, inner) in fields {
                let inside = match inner {
                    Value::Object(map) if maps.contains(&name.as_str()) => inside_map(map, maps),
                    inner => unknown_fields(inner, maps),
                };
                all.extend(inside.into_iter().map(|inner| with_field(fields, name, inner)));
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                let inside = unknown_fields(inner, maps);
                all.extend(inside.into_iter().map(|inner| with_item(items, index, inner)));
            }
        }
        _ => {}
    }
    all
}

fn inside_map(map: &Map<String, Value>, maps: &[&str]) -> Vec<Value> {
    let inside = |(key, inner): (&String, &Value)| {
        unknown_fields(inner, maps).into_iter().map(|inner| with_field(map, key, inner)).collect::<Vec<_>>()
    };
    map.iter().flat_map(inside).collect()
}

/// The value with one of its parts changed or left out.
fn changes(value: &Value) -> Vec<Value> {
    let mut all = replacements();
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                all.extend(changes(inner).into_iter().map(|inner| with_field(fields, name, inner)));
                let mut fewer = fields.clone();
                fewer.remove(name);
                all.push(Value::Object(fewer));
            }
        }
        Value::Array(items) => {
            /// Long lists are changed at their ends.
            const ENDS: usize = 3;
            for (index, inner) in items.iter().enumerate() {
                if index < ENDS || index + ENDS >= items.len() {
                    all.extend(changes(inner).into_iter().map(|inner| with_item(items, index, inner)));
                }
            }
            all.push(items.iter().skip(1).cloned().collect());
            all.push(items.iter().rev().cloned().collect());
            all.push(items.iter().chain(items.last()).cloned().collect());
        }
        Value::Number(number) => {
            if let Some(number) = number.as_f64() {
                all.extend([json!(-number), json!(number + 1.0), json!(number / 2.0), json!(number * 1e9)]);
            }
        }
        _ => {}
    }
    all
}

fn replacements() -> Vec<Value> {
    let numbers = [json!(0), json!(1), json!(2), json!(-1), json!(0.5), json!(u64::MAX), json!(i64::MIN)];
    let extremes = [1e308, -1e308, f64::MIN_POSITIVE, 1.0 + f64::EPSILON, -1e-9].map(|number| json!(number));
    let texts = ["", " ", "no such name", "-0.01", "0", "1.01", "79228162514264337593543950335", "1e400"];
    let others = [Value::Null, json!(true), json!([]), json!({})];
    numbers.into_iter().chain(extremes).chain(texts.map(|text| json!(text))).chain(others).collect()
}

fn with_field(fields: &Map<String, Value>, name: &str, value: Value) -> Value {
    let mut fields = fields.clone();
    fields.insert(name.to_owned(), value);
    Value::Object(fields)
}

fn with_item(items: &[Value], index: usize, value: Value) -> Value {
    items
        .iter()
        .enumerate()
        .map(|(at, item)| if at == index { value.clone() } else { item.clone() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Rates {
        yearly: f64,
        names: Vec<String>,
    }

    fn rates() -> Rates {
        Rates { yearly: 0.5, names: vec!["a".to_owned(), "b".to_owned()] }
    }

    #[test]
    fn a_type_without_rules_accepts_anything_of_its_shape() {
        assert_stored(&rates(), |_| true);
    }

    #[test]
    #[should_panic(expected = "the constructors refuse")]
    fn a_gate_that_is_missing_is_found() {
        assert_stored(&rates(), |rates| rates.yearly >= 0.0);
    }

    #[test]
    #[should_panic(expected = "the constructors refuse")]
    fn a_repeated_name_is_found() {
        assert_stored(&rates(), |rates| rates.names.first() != rates.names.get(1) && rates.names.len() < 3);
    }

    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Open {
        yearly: f64,
    }

    #[test]
    #[should_panic(expected = "an unknown field is read")]
    fn a_field_that_is_ignored_is_found() {
        assert_stored(&Open { yearly: 0.5 }, |_| true);
    }

    #[test]
    fn shared_numbers_obey_the_law() {
        use crm_numbers::{Decimal, Interval, Level, Margin, NonNegative, Probability, Share, TimeUnit};

        let level = Level::default();
        assert_stored(&level, |level| Level::new(level.get()).is_ok());
        assert_stored(&Interval::new(0.2, 0.3, 0.4, level), |interval| {
            interval.lower <= interval.estimate && interval.estimate <= interval.upper
        });
        assert_stored(&Share::EIGHTY_PERCENT, |share| Share::new(share.get()).is_ok());
        assert_stored(&Probability::ONE, |probability| Probability::new(probability.get()).is_ok());
        assert_stored(&Margin::ONE, |margin| Margin::new(margin.get()).is_ok());
        assert_stored(&NonNegative::from(3), |amount| amount.get() >= Decimal::ZERO);
        TimeUnit::ALL.iter().for_each(|unit| assert_stored(unit, |_| true));
    }
}
