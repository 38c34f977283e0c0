//! Reasons why an iterative fit ends.

/// Reason why an iterative fit ended.
///
/// Only a fit that [`Converged`](Self::Converged) is at an optimum; every other value is a warning
/// that the caller passes on.
///
/// # Examples
///
/// ```
/// use crm_statistics::Termination;
///
/// assert_eq!(Termination::MaxIterations.to_string(), "max_iterations");
/// assert_eq!("converged".parse(), Ok(Termination::Converged));
/// assert!(Termination::Converged.is_converged() && !Termination::NoProgress.is_converged());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Termination {
    /// No iteration promises a gain above the tolerance.
    Converged,
    /// No step improves the objective, although the gradient promises a gain.
    NoProgress,
    /// The limit of iterations was reached.
    MaxIterations,
}

crm_numbers::names! {
    Termination, "termination" {
        Converged = "converged",
        NoProgress = "no_progress",
        MaxIterations = "max_iterations",
    }
}

impl Termination {
    /// Returns whether the fit ended at an optimum.
    #[must_use]
    pub fn is_converged(self) -> bool {
        self == Self::Converged
    }
}
