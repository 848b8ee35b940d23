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

/// An application that stream groups stream. It is READY.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct StreamApplication {
    /// For example `a-Local0001`.
    #[garde(length(chars, max = 32), pattern(r"^a-[a-zA-Z0-9]+$"))]
    pub id: String,
    /// Left out, it is `UBUNTU`.
    #[garde(skip)]
    pub runtime: Option<RuntimeType>,
    /// Free text.
    #[garde(inner(length(chars, min = 1, max = 80), pattern(r"^[-a-zA-Z0-9_.!+@/][-a-zA-Z0-9_.!+@/ ]*$")))]
    pub description: Option<String>,
}

/// A stream group with the applications it streams. It is ACTIVE.
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
    /// Left out, it is one that runs the application, with one session a machine.
    #[garde(skip)]
    pub stream_class: Option<StreamClass>,
    /// How many stream sessions it runs at once in the emulator's Region, if it has no
    /// [`StreamGroup::locations`]. Left out, it is [`Settings::stream_capacity`](crate::settings::Settings::stream_capacity).
    #[garde(inner(range(max = MAX_INTEGER)))]
    pub capacity: Option<u32>,
    /// What that capacity runs on. Left out, it is [`Settings::stream_compute`](crate::settings::Settings::stream_compute).
    #[garde(skip)]
    pub compute: Option<StreamCompute>,
    /// Where it streams from. The emulator's Region is always one of them, without capacity if it is not
    /// listed. Left out, there is only that one.
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
    /// How many sessions have instances that are there at all times.
    #[serde(default)]
    #[garde(range(max = MAX_INTEGER))]
    pub always_on: u32,
    /// How many sessions it runs at most; the others' instances are started on demand. Left out, there are none.
    #[garde(inner(range(max = MAX_INTEGER)))]
    pub maximum: Option<u32>,
    /// How many instances beyond those in use are held ready.
    #[serde(default)]
    #[garde(range(max = MAX_INTEGER))]
    pub target_idle: u32,
}
