//! The findings of a run, and the answer that they make.

use std::time::Duration;

use lambda_http::http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use shared::{Answer, Error};

/// How long a report is kept.
pub const KEPT: Duration = Duration::from_secs(30);

/// How well something works, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It works, or is not configured.
    Ok,
    /// It works for players, and something about it should be mended.
    Degraded,
    /// It keeps players from something.
    Unhealthy,
}

impl Status {
    /// The name in an answer.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Degraded => "DEGRADED",
            Self::Unhealthy => "UNHEALTHY",
        }
    }
}

/// What was found about one part of the deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The part, such as `fleets`.
    pub name: &'static str,
    /// The worst finding.
    pub status: Status,
    /// The findings, each a sentence or two, with how to mend it.
    pub details: Vec<String>,
    /// What only the owner may see: values of settings, and what AWS said.
    pub causes: Vec<String>,
}

impl Check {
    /// A check without findings.
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, status: Status::Ok, details: Vec::new(), causes: Vec::new() }
    }

    /// A check with one finding.
    pub(crate) fn of(name: &'static str, status: Status, detail: impl Into<String>) -> Self {
        let mut check = Self::new(name);
        check.find(status, detail);
        check
    }

    /// Adds a finding. One that was found already counts once.
    pub(crate) fn find(&mut self, status: Status, detail: impl Into<String>) {
        let detail = detail.into();
        self.status = self.status.max(status);
        if !self.details.contains(&detail) {
            self.details.push(detail);
        }
    }

    /// Adds what only the owner may see.
    pub(crate) fn because(&mut self, error: &Error) {
        self.cause(error.detail());
        if let Some(upstream) = error.upstream() {
            let exception = upstream.exception.as_deref().unwrap_or("no exception");
            self.cause(format!("{}: {exception}: {}", upstream.operation, upstream.message));
        }
    }

    pub(crate) fn cause(&mut self, cause: impl Into<String>) {
        let cause = cause.into();
        if !self.causes.contains(&cause) {
            self.causes.push(cause);
        }
    }

    /// The check, with this sentence if nothing was found.
    pub(crate) fn or_fine(mut self, sentence: impl Into<String>) -> Self {
        if self.details.is_empty() {
            self.details.push(sentence.into());
        }
        self
    }
}

/// What a run has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The checks, in the order in which they are shown.
    pub checks: Vec<Check>,
}

impl Report {
    /// The worst status of a check.
    pub fn status(&self) -> Status {
        self.checks.iter().map(|check| check.status).max().unwrap_or(Status::Ok)
    }

    /// The check of this name.
    pub fn check(&self, name: &str) -> Option<&Check> {
        self.checks.iter().find(|check| check.name == name)
    }

    /// The answer: 200, or 503 with the time after which there may be another report.
    pub(crate) fn answer(&self, age: Duration) -> Answer {
        let checks: Vec<Value> = self.checks.iter().map(shown).collect();
        let body = json!({ "Status": self.status().name(), "AgeSeconds": age.as_secs(), "Checks": checks });
        let mut answer = Answer::ok(body);
        answer.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status() == Status::Unhealthy {
            answer.status = StatusCode::SERVICE_UNAVAILABLE;
            let left = KEPT.saturating_sub(age).max(Duration::from_secs(1));
            return answer.with_retry_after(left);
        }
        answer
    }

    /// Logs what should be mended, with what only the owner may see.
    pub(crate) fn log(&self) {
        for check in self.checks.iter().filter(|check| check.status != Status::Ok) {
            let (status, causes) = (check.status.name(), check.causes.join(" "));
            tracing::warn!(check = check.name, status, causes, "{}", check.details.join(" "));
        }
    }
}

fn shown(check: &Check) -> Value {
    json!({ "Name": check.name, "Status": check.status.name(), "Detail": check.details.join(" ") })
}
