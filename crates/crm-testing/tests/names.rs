//! One name, one thing: public types of the workspace, and the names that two crates still share.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Names that mean two things and are to be told apart. A name that is gone from the code has to go
/// from here, too; none may come.
const SHARED: [&str; 2] = ["Column", "Direction"];

/// Every crate has its own `Error`.
const OF_EVERY_CRATE: &str = "Error";

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

/// The name of the type or trait that a line declares as public; the lint `unreachable_pub` makes
/// sure that whatever is declared so can be reached.
fn declared(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix("pub ")?;
    let rest = ["struct ", "enum ", "trait ", "type "].iter().find_map(|kind| rest.strip_prefix(kind))?;
    let name = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()?;
    // A macro declares what it is given.
    (!name.is_empty()).then_some(name)
}

#[test]
fn no_two_crates_use_one_name_for_two_things() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned();
    let mut homes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in fs::read_dir(&crates).unwrap() {
        let home = entry.unwrap().path();
        let name = home.file_name().unwrap().to_string_lossy().into_owned();
        for file in files(&home.join("src")) {
            let text = fs::read_to_string(&file).unwrap();
            let public = text.split("#[cfg(test)]").next().unwrap();
            for item in public.lines().filter_map(declared) {
                homes.entry(item.to_owned()).or_default().insert(name.clone());
            }
        }
    }
    assert!(homes.len() > 300, "only {} public names were found", homes.len());
    homes.retain(|item, homes| homes.len() > 1 && item != OF_EVERY_CRATE);
    let names: Vec<&str> = homes.keys().map(String::as_str).collect();
    assert_eq!(names, SHARED, "public types of one name in more than one crate: {homes:?}");
}
