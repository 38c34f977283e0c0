//! The reader of the reference tables, for tests.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "unit tests and tests/golden.rs use different parts of it")]

use std::collections::HashMap;
use std::path::Path;

/// How near an answer must be to its reference.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tolerance {
    pub(crate) relative: f64,
    pub(crate) absolute: f64,
}

/// Log-likelihoods and logarithms: 1e-9, relative above 1 and absolute below.
pub(crate) const LOG: Tolerance = Tolerance { relative: 1e-9, absolute: 1e-9 };
/// Everything else: 1e-8 relative or 1e-12 absolute.
pub(crate) const VALUE: Tolerance = Tolerance { relative: 1e-8, absolute: 1e-12 };

impl Tolerance {
    pub(crate) fn check(self, value: f64, expected: f64, row: &Row) {
        let error = (value - expected).abs();
        let near = error <= self.absolute || error <= self.relative * expected.abs();
        assert!(value.is_finite() && near, "{value} instead of {expected} in {row:?}");
    }
}

/// One row of a table.
#[derive(Debug)]
pub(crate) struct Row(HashMap<String, String>);

impl Row {
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.get(name).unwrap_or_else(|| panic!("no column {name}"))
    }

    pub(crate) fn number(&self, name: &str) -> f64 {
        self.text(name).parse().unwrap_or_else(|_| panic!("column {name} of {self:?}"))
    }

    pub(crate) fn count(&self, name: &str) -> u32 {
        self.text(name).parse().unwrap_or_else(|_| panic!("column {name} of {self:?}"))
    }
}

/// All rows of a table in `tests/golden`.
pub(crate) fn rows(file: &str) -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(file);
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().map(|row| Row(row.unwrap())).collect()
}
