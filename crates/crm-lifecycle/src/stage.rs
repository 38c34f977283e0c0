use std::fmt;

/// The four stages of a customer relationship: exploration 考察期, formation 形成期, stability 稳定期, decline 退化期.
///
/// Source: Dwyer, F. R., Schurr, P. H. and Oh, S. (1987), "Developing Buyer-Seller Relationships", Journal of Marketing
/// 51 (2), 11-27, for the idea; the four stages are those of the Chinese literature on customer relationships.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Stage {
    /// 考察期: both sides try each other; orders are few and cannot be relied on.
    Exploration,
    /// 形成期: the relationship pays; orders grow.
    Formation,
    /// 稳定期: orders are at their height and come regularly.
    Stability,
    /// 退化期: orders fade, or have stopped.
    Decline,
}

impl Stage {
    /// All four, in the order of a relationship.
    pub const ALL: [Self; 4] = [Self::Exploration, Self::Formation, Self::Stability, Self::Decline];

    /// Its place in [`ALL`](Self::ALL).
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }

    /// Its name in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exploration => "exploration",
            Self::Formation => "formation",
            Self::Stability => "stability",
            Self::Decline => "decline",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
