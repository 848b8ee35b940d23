//! The resources of GameLift Streams.

use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    model::{
        stream_compute::Compute as StreamCompute,
        streams::{RuntimeType, StreamClass},
    },
    seed::limits::MAX_INTEGER,
};

/// An application of a stream group. It is READY.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct StreamApplication {
    /// For example `a-Local0001`.
    #[garde(length(chars, max = 32), pattern(r"^a-[a-zA-Z0-9]+$"))]
    pub id: String,
    /// `UBUNTU` by default.
    #[garde(skip)]
    pub runtime: Option<RuntimeType>,
    /// Free text.
    #[garde(inner(length(chars, min = 1, max = 80), pattern(r"^[-a-zA-Z0-9_.!+@/][-a-zA-Z0-9_.!+@/ ]*$")))]
    pub description: Option<String>,
}

/// A stream group with its applications. It is ACTIVE.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct StreamGroup {
    /// For example `sg-Local0001`.
    #[garde(length(chars, max = 32), pattern(r"^sg-[a-zA-Z0-9]+$"))]
    pub id: String,
    /// The default application's id, for example `a-Local0001`.
    #[garde(length(chars, max = 32), pattern(r"^a-[a-zA-Z0-9]+$"))]
    pub application: String,
    /// The ids of further applications.
    #[serde(default)]
    #[garde(length(max = 99), inner(length(chars, max = 32), pattern(r"^a-[a-zA-Z0-9]+$")))]
    pub applications: Vec<String>,
    /// Free text.
    #[garde(inner(length(chars, min = 1, max = 80), pattern(r"^[-a-zA-Z0-9_.!+@/][-a-zA-Z0-9_.!+@/ ]*$")))]
    pub description: Option<String>,
    /// By default a class that runs the application, with one session on each machine.
    #[garde(skip)]
    pub stream_class: Option<StreamClass>,
    /// Number of stream sessions that it runs at once in the emulator's Region, if it has no
    /// [`StreamGroup::locations`]. By default
    /// [`Settings::stream_capacity`](crate::settings::Settings::stream_capacity).
    #[garde(inner(range(max = MAX_INTEGER)))]
    pub capacity: Option<u32>,
    /// The machines of that capacity. By default
    /// [`Settings::stream_compute`](crate::settings::Settings::stream_compute).
    #[garde(skip)]
    pub compute: Option<StreamCompute>,
    /// The locations that it streams from. The emulator's Region is always one of them, without capacity if it is not
    /// listed. By default it is the only one.
    #[serde(default)]
    #[garde(length(max = 100), dive)]
    pub locations: Vec<StreamLocation>,
}

/// A location of a stream group with its capacity. It is ACTIVE.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct StreamLocation {
    /// For example `eu-central-1`.
    #[garde(length(chars, min = 1, max = 20), pattern(r"^[a-zA-Z0-9-]+$"))]
    pub name: String,
    /// Number of sessions whose instances always run.
    #[serde(default)]
    #[garde(range(max = MAX_INTEGER))]
    pub always_on: u32,
    /// Most sessions that it runs; the instances of those above `always_on` are started on demand. By default none are.
    #[garde(inner(range(max = MAX_INTEGER)))]
    pub maximum: Option<u32>,
    /// Number of idle instances that are kept ready.
    #[serde(default)]
    #[garde(range(max = MAX_INTEGER))]
    pub target_idle: u32,
}
