use std::path::{Path, PathBuf};

/// Reason why a program stopped, worded for the user.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Help or version text, as requested.
    #[error("{0}")]
    Help(String),
    /// An unknown flag, or one without a value.
    #[error("{0}; see --help")]
    Usage(String),
    /// An invalid value of a flag.
    #[error("{flag} {value:?}: {why}")]
    Flag {
        /// Name of the flag.
        flag: &'static str,
        /// Value given.
        value: String,
        /// Reason for the refusal.
        why: String,
    },
    /// A file that cannot be read.
    #[error("{}: {why}", path.display())]
    Read {
        /// Path of the file.
        path: PathBuf,
        /// Reason for the failure.
        why: String,
    },
    /// A file without usable data.
    #[error("{}: {why}", path.display())]
    NothingUsable {
        /// Path of the file.
        path: PathBuf,
        /// Reason why no data are left.
        why: String,
    },
    /// A file that cannot be written.
    #[error("cannot write {}: {why}", path.display())]
    Write {
        /// Path of the file or folder.
        path: PathBuf,
        /// Reason for the failure.
        why: String,
    },
    /// A computation that failed.
    #[error("{0}")]
    Refused(String),
}

impl Error {
    /// Returns an error for a file that cannot be read, or only in part.
    pub(crate) fn in_file(path: &Path, why: impl std::fmt::Display) -> Self {
        Error::Read { path: path.to_owned(), why: why.to_string() }
    }

    /// Returns an error for a file without usable data.
    pub(crate) fn nothing_in(path: &Path, why: impl std::fmt::Display) -> Self {
        Error::NothingUsable { path: path.to_owned(), why: why.to_string() }
    }

    /// Returns the error of a library, in its own words.
    pub(crate) fn refused(error: impl std::fmt::Display) -> Self {
        Error::Refused(error.to_string())
    }
}
