//! Output files that appear completely or not at all.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::Error;

/// A set of output files for one folder, none of which is visible before all have been written.
pub(crate) struct Files<'a> {
    folder: &'a Path,
    written: Vec<(NamedTempFile, &'a str)>,
}

impl<'a> Files<'a> {
    /// Returns an empty set for a folder, which is created if it does not exist.
    pub(crate) fn in_folder(folder: &'a Path) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(|error| cannot_write(folder, &error))?;
        Ok(Files { folder, written: Vec::new() })
    }

    /// Returns a set with a single written file, in its own folder.
    pub(crate) fn of(
        path: &'a Path,
        write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    ) -> Result<Self, Error> {
        let (folder, name) = place(path)?;
        let mut files = Files::in_folder(folder)?;
        files.add(name, write)?;
        Ok(files)
    }

    /// Writes one file under a temporary name in the same folder.
    pub(crate) fn add(
        &mut self,
        name: &'a str,
        write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    ) -> Result<(), Error> {
        let add = || {
            let file = temporary().tempfile_in(self.folder)?;
            let mut writer = BufWriter::new(file);
            write(&mut writer)?;
            let file = writer.into_inner().map_err(std::io::IntoInnerError::into_error)?;
            file.as_file().sync_all()?;
            self.written.push((file, name));
            Ok(())
        };
        add().map_err(|error| cannot_write(&self.folder.join(name), &error))
    }

    /// Publishes all files under their names, after checking that each name is available.
    pub(crate) fn publish(self) -> Result<(), Error> {
        for (_, name) in &self.written {
            let path = self.folder.join(name);
            if path.is_dir() {
                return Err(Error::Write { path, why: "there is a folder of that name".to_owned() });
            }
        }
        for (file, name) in self.written {
            let path = self.folder.join(name);
            file.persist(&path).map_err(|error| cannot_write(&path, &error.error))?;
        }
        Ok(())
    }
}

/// Returns the folder and the name of an output file.
fn place(file: &Path) -> Result<(&Path, &str), Error> {
    let cannot = || Error::Write { path: file.to_owned(), why: "this is no name of a file".to_owned() };
    let name = file.file_name().and_then(|name| name.to_str()).ok_or_else(cannot)?;
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    Ok((folder, name))
}

/// Creates temporary files that are kept and have the permissions of any new file.
fn temporary() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Error {
    Error::Write { path: path.to_owned(), why: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_behind_when_one_file_fails() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = Files::in_folder(folder.path()).unwrap();
        files.add("first.txt", |file| file.write_all(b"whole")).unwrap();
        let error =
            files.add("second.txt", |_| Err(std::io::Error::other("disk full"))).unwrap_err().to_string();
        assert!(error.starts_with("cannot write ") && error.ends_with("second.txt: disk full"), "{error}");
        drop(files);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn an_older_file_is_replaced_only_by_a_whole_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.txt");
        fs::write(&path, "old").unwrap();
        let mut files = Files::in_folder(folder.path()).unwrap();
        files.add("report.txt", |file| file.write_all(b"new")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        files.publish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    }

    #[test]
    fn a_folder_that_is_a_file_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = Files::in_folder(file.path()).err().unwrap().to_string();
        assert!(error.starts_with(&format!("cannot write {}: ", file.path().display())), "{error}");
    }
}
