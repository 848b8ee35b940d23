//! Members that several operations share, with their constraints.

use std::{collections::BTreeMap, fmt};

use emulator_core::model::{error::ServiceError, exceptions::streams::validation, streams::RuntimeType};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// An id or an ARN. The state decides which of the two it is, and whether the resource exists.
#[derive(Serialize, Deserialize, Validate)]
#[serde(transparent)]
#[garde(transparent)]
pub(crate) struct Identifier(
    #[garde(
        length(chars, min = 1, max = 128),
        pattern(r"(^[a-zA-Z0-9-]+$)|(^arn:aws:gameliftstreams:([^: ]*):([0-9]{12}):([^: ]*)$)")
    )]
    pub(crate) String,
);

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The ARN of a resource with tags. The state decides whether it exists.
#[derive(Deserialize, Validate)]
#[serde(transparent)]
#[garde(transparent)]
pub(crate) struct ResourceArn(
    #[garde(length(chars, min = 1, max = 128), pattern(r"^arn:aws:gameliftstreams:([^: ]*):([0-9]{12}):([^: ]*)$"))]
    pub(crate) String,
);

/// Identifies repetitions of a request.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Validate)]
#[serde(transparent)]
#[garde(transparent)]
pub(crate) struct ClientToken(#[garde(length(chars, min = 32, max = 128), pattern(r"^[\x21-\x7E]+$"))] String);

/// A WebRTC offer, or [`SignalRequest::NO_CLIENT`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(transparent)]
#[garde(transparent)]
pub(crate) struct SignalRequest(#[garde(length(chars, min = 1))] pub(crate) String);

impl SignalRequest {
    /// The signal request that starts a session without a waiting client (`StartStreamSession`).
    pub(crate) const NO_CLIENT: &str = "NO_CLIENT_CONNECTION";
}

/// The data transport between client and session.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Protocol {
    #[serde(rename = "WebRTC")]
    WebRtc,
}

/// The members of `StartStreamSession` that every description of the session repeats.
#[skip_serializing_none]
#[derive(Clone, Serialize, Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Details {
    #[garde(inner(length(chars, min = 1, max = 80), pattern(r"^[-a-zA-Z0-9_.!+@/][-a-zA-Z0-9_.!+@/ ]*$")))]
    pub(crate) description: Option<String>,
    #[garde(inner(length(chars, max = 1024), pattern(r"^[-_a-zA-Z0-9/=+]*$")))]
    pub(crate) user_id: Option<String>,
    #[garde(skip)]
    pub(crate) protocol: Protocol,
    #[garde(range(min = 1, max = 3600))]
    #[serde(default = "default_connection_timeout")]
    pub(crate) connection_timeout_seconds: u32,
    #[garde(range(min = 1, max = 86_400))]
    #[serde(default = "default_session_length")]
    pub(crate) session_length_seconds: u32,
    #[garde(inner(length(max = 100)))]
    pub(crate) additional_launch_args: Option<Vec<String>>,
    #[garde(inner(length(max = 50), custom(environment)))]
    pub(crate) additional_environment_variables: Option<BTreeMap<String, String>>,
    #[garde(skip)]
    pub(crate) performance_stats_configuration: Option<PerformanceStatsConfiguration>,
    // Only the prefix of the name is documented; the rest follows IAM's pattern (inferred).
    #[garde(inner(
        length(chars, min = 20, max = 2048),
        pattern(r"^arn:aws[a-zA-Z-]*:iam::[0-9]{12}:role/([^/]+/)*GameLiftStreams-[a-zA-Z0-9_+=,.@-]+$")
    ))]
    pub(crate) role_arn: Option<String>,
    #[garde(dive)]
    pub(crate) display_configuration: Option<DisplayConfiguration>,
}

fn default_connection_timeout() -> u32 {
    120
}

fn default_session_length() -> u32 {
    43_200
}

fn environment(variables: &BTreeMap<String, String>, (): &()) -> garde::Result {
    for (name, value) in variables {
        let starts_well = name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic());
        if !starts_well || name.len() > 256 || !name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric()) {
            return Err(garde::Error::new("a name is not 1 to 256 letters, digits and underscores"));
        }
        // The limit is the newer, wider one; older API models have 1024.
        if value.chars().count() > 4096 {
            return Err(garde::Error::new("a value is longer than 4096 characters"));
        }
    }
    Ok(())
}

#[skip_serializing_none]
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PerformanceStatsConfiguration {
    shared_with_client: Option<bool>,
}

#[skip_serializing_none]
#[derive(Clone, Serialize, Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DisplayConfiguration {
    #[garde(inner(custom(displayable)))]
    resolution: Option<Resolution>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Resolution {
    width: u32,
    height: u32,
}

fn displayable(resolution: &Resolution, (): &()) -> garde::Result {
    let &Resolution { width, height } = resolution;
    let pixels = u64::from(width) * u64::from(height);
    let possible = |length: u32| length.is_multiple_of(2) && (320..=4096).contains(&length);
    if possible(width) && possible(height) && pixels <= 1920 * 1080 {
        Ok(())
    } else {
        Err(garde::Error::new("width and height must be even, from 320 to 4096, with at most 1920 times 1080 pixels"))
    }
}

/// A human-readable description of a resource.
#[derive(Clone, Serialize, Deserialize, Validate)]
#[serde(transparent)]
#[garde(transparent)]
pub(crate) struct Label(
    #[garde(length(chars, min = 1, max = 80), pattern(r"^[-a-zA-Z0-9_.!+@/][-a-zA-Z0-9_.!+@/ ]*$"))] pub(crate) String,
);

/// A location of a stream group: a Region or another place.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(transparent)]
#[garde(transparent)]
pub(crate) struct LocationName(
    #[garde(length(chars, min = 1, max = 20), pattern(r"^[a-zA-Z0-9-]+$"))] pub(crate) String,
);

/// Labels that AWS uses for bills and permissions.
#[derive(Clone, Serialize, Deserialize, Validate)]
#[serde(transparent)]
#[garde(transparent)]
pub(crate) struct Tags(#[garde(length(min = 1, max = 50), custom(tags))] pub(crate) BTreeMap<String, String>);

fn tags(tags: &BTreeMap<String, String>, (): &()) -> garde::Result {
    for (key, value) in tags {
        if !(1..=128).contains(&key.chars().count()) || value.chars().count() > 256 {
            return Err(garde::Error::new("a key is not 1 to 128 characters long, or a value longer than 256"));
        }
    }
    Ok(())
}

/// The runtime of an application.
#[derive(Clone, Serialize, Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RuntimeEnvironment {
    #[garde(skip)]
    pub(crate) r#type: RuntimeType,
    #[garde(length(chars, min = 1, max = 256))]
    pub(crate) version: String,
}

impl RuntimeEnvironment {
    /// Returns the runtime of this type in the newest version that AWS lists.
    pub(crate) fn newest(r#type: RuntimeType) -> Self {
        let version = match r#type {
            RuntimeType::Ubuntu => "22_04_LTS",
            RuntimeType::Windows => "2022",
            RuntimeType::Proton => "20260204",
        };
        Self { r#type, version: version.into() }
    }

    /// Fails if the runtime cannot start the program.
    pub(crate) fn expect_executable(&self, path: &str) -> Result<(), ServiceError> {
        let is_windows = [".exe", ".cmd", ".bat"].iter().any(|end| path.to_ascii_lowercase().ends_with(end));
        if self.r#type == RuntimeType::Ubuntu || is_windows {
            return Ok(());
        }
        Err(validation("The ExecutablePath of a Windows application ends with .exe, .cmd or .bat."))
    }
}

/// The log settings of an application. They are kept and have no effect.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ApplicationLogs {
    #[garde(inner(length(max = 10), inner(length(chars, max = 1024))))]
    pub(crate) application_log_paths: Option<Vec<String>>,
    #[garde(inner(
        length(chars, max = 1024),
        pattern(r"^$|^s3://([a-zA-Z0-9][a-zA-Z0-9._-]{1,61}[a-zA-Z0-9])(/[a-zA-Z0-9._-]+)*/?$")
    ))]
    pub(crate) application_log_output_uri: Option<String>,
}

impl ApplicationLogs {
    /// Fails if there are log paths without an output location.
    pub(crate) fn expect_log_output(&self) -> Result<(), ServiceError> {
        let has_paths = self.application_log_paths.as_ref().is_some_and(|paths| !paths.is_empty());
        if has_paths && self.application_log_output_uri.as_ref().is_none_or(String::is_empty) {
            return Err(validation("ApplicationLogPaths need an ApplicationLogOutputUri."));
        }
        Ok(())
    }
}

/// The wanted capacity of a location.
#[skip_serializing_none]
#[derive(Clone, Serialize, Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LocationConfiguration {
    #[garde(dive)]
    pub(crate) location_name: LocationName,
    #[garde(skip)]
    pub(crate) always_on_capacity: Option<u32>,
    #[garde(skip)]
    pub(crate) on_demand_capacity: Option<u32>,
    #[garde(skip)]
    pub(crate) target_idle_capacity: Option<u32>,
    #[garde(skip)]
    pub(crate) maximum_capacity: Option<u32>,
    #[garde(dive)]
    pub(crate) vpc_transit_configuration: Option<VpcTransitConfiguration>,
}

/// The wanted capacities of several locations.
#[derive(Default, Serialize, Deserialize, Validate)]
#[serde(transparent)]
#[garde(transparent)]
pub(crate) struct LocationConfigurations(
    #[garde(length(min = 1, max = 100), dive)] pub(crate) Vec<LocationConfiguration>,
);

/// A network to connect to a location. It is kept and has no effect.
#[derive(Clone, Serialize, Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct VpcTransitConfiguration {
    #[garde(length(chars, min = 1, max = 32))]
    vpc_id: String,
    #[garde(
        length(min = 1, max = 5),
        inner(pattern(
            r"^(([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])\.){3}([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])/([0-9]|[1-2][0-9]|3[0-2])$"
        ))
    )]
    ipv4_cidr_blocks: Vec<String>,
}
