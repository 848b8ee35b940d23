//! The ids and ARNs of resources.

use std::iter::repeat_with;

use emulator_core::settings::Settings;

use crate::types::Identifier;

/// The ARNs of resources of one account in one Region.
pub(crate) struct Arns {
    /// The Region, the primary location of every stream group.
    pub(crate) region: String,
    prefix: String,
}

impl Arns {
    pub(crate) fn new(settings: &Settings) -> Self {
        let Settings { region, account, .. } = settings;
        Self { region: region.clone(), prefix: format!("arn:aws:gameliftstreams:{region}:{account}") }
    }

    pub(crate) fn application(&self, id: &str) -> String {
        format!("{}:application/{id}", self.prefix)
    }

    pub(crate) fn group(&self, id: &str) -> String {
        format!("{}:streamgroup/{id}", self.prefix)
    }

    pub(crate) fn session(&self, group: &str, id: &str) -> String {
        format!("{}:streamsession/{group}/{id}", self.prefix)
    }

    /// Returns the id of the application that an identifier names. An ARN of another account, Region or kind is
    /// returned whole: it is no id, so the application is unknown (inferred).
    pub(crate) fn application_id<'a>(&self, identifier: &'a Identifier) -> &'a str {
        self.id(identifier, ":application/")
    }

    pub(crate) fn group_id<'a>(&self, identifier: &'a Identifier) -> &'a str {
        self.id(identifier, ":streamgroup/")
    }

    pub(crate) fn session_id<'a>(&self, group: &str, identifier: &'a Identifier) -> &'a str {
        self.id(identifier, &format!(":streamsession/{group}/"))
    }

    fn id<'a>(&self, identifier: &'a Identifier, kind: &str) -> &'a str {
        let id = identifier.0.strip_prefix(&self.prefix).and_then(|rest| rest.strip_prefix(kind));
        id.unwrap_or(&identifier.0)
    }
}

/// Returns a random text of letters and digits.
pub(crate) fn random_id(length: usize) -> String {
    repeat_with(fastrand::alphanumeric).take(length).collect()
}
