//! What was found.

use health::{Check, Status};

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is, such as `port 3000`.
    pub name: String,
    /// How it is.
    pub status: Status,
    /// A sentence or two, with how to mend it.
    pub detail: String,
    /// Values of settings, and what AWS said: the terminal is the owner's.
    pub causes: Vec<String>,
}

impl Finding {
    pub(crate) fn new(name: impl Into<String>, status: Status, detail: impl Into<String>) -> Self {
        Self { name: name.into(), status, detail: detail.into(), causes: Vec::new() }
    }
}

impl From<&Check> for Finding {
    fn from(check: &Check) -> Self {
        Self { causes: check.causes.clone(), ..Self::new(check.name, check.status, check.details.join(" ")) }
    }
}

/// Whether something has to be mended.
pub fn has_failed(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.status == Status::Unhealthy)
}
