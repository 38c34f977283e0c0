use std::path::{Path, PathBuf};

/// Why a program stopped, in words for the person who called it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Help or the version, which were asked for.
    #[error("{0}")]
    Help(String),
    /// A flag that is none, or has no value.
    #[error("{0}; see --help")]
    Usage(String),
    /// A value that a flag cannot have.
    #[error("{flag} {value:?}: {why}")]
    Flag {
        /// The flag.
        flag: &'static str,
        /// Its value.
        value: String,
        /// What is wrong with it.
        why: String,
    },
    /// A file that cannot be read.
    #[error("{}: {why}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        why: String,
    },
    /// Nothing to report on.
    #[error("{}: {why}", path.display())]
    NothingUsable {
        /// The file.
        path: PathBuf,
        /// Why nothing is left of it.
        why: String,
    },
    /// A file that cannot be written.
    #[error("cannot write {}: {why}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What went wrong.
        why: String,
    },
    /// A computation that was refused.
    #[error("{0}")]
    Refused(String),
}

impl Error {
    /// A file that cannot be read, or not further.
    pub(crate) fn in_file(path: &Path, why: impl std::fmt::Display) -> Self {
        Error::Read { path: path.to_owned(), why: why.to_string() }
    }

    /// A file that was read, and holds nothing to go by.
    pub(crate) fn nothing_in(path: &Path, why: impl std::fmt::Display) -> Self {
        Error::NothingUsable { path: path.to_owned(), why: why.to_string() }
    }

    /// A library's refusal, in its own words.
    pub(crate) fn refused(error: impl std::fmt::Display) -> Self {
        Error::Refused(error.to_string())
    }
}
