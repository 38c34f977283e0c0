//! How the tests of all programs run them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ffi::OsString;
use std::fs;

use tempfile::TempDir;

/// A program, and the flag of the file that it reads.
pub(crate) struct Program {
    pub(crate) run: fn(Vec<OsString>) -> Result<String, crm_cli::Error>,
    pub(crate) flag: &'static str,
}

/// What a run left behind: its result, the folder (with the answers in `out`) and the file's name.
pub(crate) type Outcome = (Result<String, String>, TempDir, String);

impl Program {
    pub(crate) fn run(&self, args: &[&str]) -> Result<String, String> {
        (self.run)(args.iter().map(OsString::from).collect()).map_err(|error| error.to_string())
    }

    /// Runs on a file with that content.
    pub(crate) fn run_on(&self, content: impl AsRef<[u8]>, more: &[&str]) -> Outcome {
        let folder = tempfile::tempdir().unwrap();
        let (file, out) = (folder.path().join("input.csv"), folder.path().join("out"));
        fs::write(&file, content).unwrap();
        let name = file.display().to_string();
        let mut args = vec![self.flag, &name, "--out", out.to_str().unwrap()];
        args.extend(more);
        let result = self.run(&args);
        (result, folder, name)
    }

    /// The error on such a file, which is called FILE in it; nothing may have been written.
    pub(crate) fn refusal(&self, content: impl AsRef<[u8]>, more: &[&str]) -> String {
        let (result, folder, name) = self.run_on(content, more);
        let message = result.unwrap_err();
        assert!(!folder.path().join("out").exists(), "something was written: {message}");
        message.replace(&name, "FILE")
    }
}
