//! Data that are not ours to ship.

use std::path::PathBuf;

/// Returns the path of a file in the folder that `CRM_DATA` names, or `None` after saying that the
/// test is skipped.
///
/// # Panics
///
/// If `CRM_DATA_REQUIRED` is set and there is no folder or no such file.
#[must_use]
#[track_caller]
pub fn data_file(name: &str) -> Option<PathBuf> {
    let file = std::env::var_os("CRM_DATA").map(|folder| PathBuf::from(folder).join(name));
    let found = file.filter(|file| file.exists());
    if found.is_none() {
        assert!(
            std::env::var_os("CRM_DATA_REQUIRED").is_none(),
            "{name} is required in CRM_DATA and not there"
        );
        skip(name);
    }
    found
}

#[allow(clippy::print_stderr, reason = "a test that skips says so")]
fn skip(name: &str) {
    eprintln!("skipped: set CRM_DATA to the folder with {name}");
}
