//! Input files, and those of the sample company, which are embedded in the program.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::Error;

/// Prefix of the names of files of the sample company.
const SAMPLE: &str = "sample:";

macro_rules! samples {
    ($($name:literal),* $(,)?) => {
        /// Files of the sample company by name.
        pub(crate) const SAMPLES: &[(&str, &[u8])] =
            &[$(($name, include_bytes!(concat!("../../../examples/data/", $name)))),*];
    };
}

samples!(
    "costs.csv",
    "feedback.csv",
    "kano.csv",
    "opportunities.csv",
    "orders.csv",
    "path_model.toml",
    "relationships.csv",
    "roster.csv",
    "satisfaction.csv",
    "subscribers.csv",
    "survey.csv",
);

/// Returns the path of a file of the sample company, such as `sample:orders.csv`.
pub(crate) fn sample(name: &str) -> PathBuf {
    PathBuf::from(format!("{SAMPLE}{name}"))
}

/// Returns the content of a file of the sample company.
fn embedded(path: &Path) -> Option<Result<&'static [u8], Error>> {
    let name = path.to_str()?.strip_prefix(SAMPLE)?;
    let found = SAMPLES.iter().find(|(known, _)| *known == name);
    Some(found.map(|(_, content)| *content).ok_or_else(|| {
        let names: Vec<&str> = SAMPLES.iter().map(|(name, _)| *name).collect();
        Error::in_file(path, format!("the files of the sample company are {}", names.join(", ")))
    }))
}

/// Opens a file and returns its length in bytes.
pub(crate) fn open(path: &Path) -> Result<(Box<dyn Read>, u64), Error> {
    if let Some(content) = embedded(path) {
        let content = content?;
        return Ok((Box::new(content), content.len() as u64));
    }
    let cannot = |error: std::io::Error| Error::in_file(path, error);
    let file = File::open(path).map_err(cannot)?;
    let metadata = file.metadata().map_err(cannot)?;
    if metadata.is_dir() {
        return Err(Error::in_file(path, "this is a folder, not a file"));
    }
    Ok((Box::new(file), metadata.len()))
}

/// Reads a whole file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let (mut file, _) = open(path)?;
    let mut content = Vec::new();
    file.read_to_end(&mut content).map_err(|error| Error::in_file(path, error))?;
    Ok(content)
}

/// Returns the text of a file of the sample company.
#[cfg(test)]
pub(crate) fn shipped(name: &str) -> String {
    String::from_utf8(read(&sample(name)).unwrap()).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_company_needs_no_files() {
        assert!(read(&sample("orders.csv")).unwrap().starts_with(b"order_id,customer_id,"));
        let unknown = read(Path::new("sample:nothing.csv")).unwrap_err().to_string();
        assert!(
            unknown.starts_with(
                "sample:nothing.csv: the files of the sample company are costs.csv, feedback.csv"
            )
        );
    }
}
