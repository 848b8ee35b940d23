//! Sinks: URLs to which every event goes, in the form in which AWS's services deliver it.
//!
//! - `target`: the form and the URL of a sink, the value of `--events-url`;
//! - `topic`: the one SNS topic and a sink's subscription to it; `message`: the request of each form;
//! - `sink`: what is known of a sink; `delivery`: the task that delivers to it; `set`: all sinks.
//!
//! A sink has a task of its own and a separate position among the events: a slow one delays neither the emulator nor
//! other sinks. Its first attempts are in the order of the events, one after the other. An event that is not taken is
//! sent again after [`delivery::INTERVAL`] of the emulator's time, while later events go on.

pub(crate) mod delivery;
pub(crate) mod message;
pub(crate) mod set;
pub(crate) mod sink;
pub(crate) mod target;
pub(crate) mod topic;
