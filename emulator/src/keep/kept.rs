//! The state file and the delivery of events, as the flags say.

use std::{ffi::OsStr, path::PathBuf, time::Duration};

use clap::{Arg, Command, builder::TypedValueParser, error::ErrorKind};
use tokio::task::JoinSet;

use crate::{
    emulator::Emulator,
    keep::state_file::{Lock, StateFileError, load, lock, save},
    sinks::target::SinkTarget,
};

/// The most sinks of events.
pub(crate) const MOST_SINKS: usize = 8;

/// How long the delivery of the last events may take.
const LAST_EVENTS: Duration = Duration::from_secs(2);

/// Where it goes.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Keep {
    /// Keep everything in this file: read at the start if it is there, written at the end
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,

    /// POST every event to this http:// URL. FORM is `envelope`, as `EventBridge` has it (the default), `sns-http`, or
    /// `sns-lambda`, what a Lambda function gets from SNS; see docs/emulator/events.md. Can be given up to 8 times
    #[arg(long = "events-url", value_name = "[FORM=]URL", value_parser = SinkParser)]
    pub events_urls: Vec<SinkTarget>,
}

/// Reads a sink. Its errors do not repeat what was given, as clap's own do: a URL may have a password in it.
#[derive(Clone)]
struct SinkParser;

impl TypedValueParser for SinkParser {
    type Value = SinkTarget;

    fn parse_ref(&self, command: &Command, _: Option<&Arg>, value: &OsStr) -> Result<SinkTarget, clap::Error> {
        value.to_string_lossy().parse().map_err(|reason| {
            let message = format!("--events-url cannot be used: {reason}\n");
            clap::Error::raw(ErrorKind::ValueValidation, message).with_cmd(command)
        })
    }
}

/// An emulator whose state or events are kept.
#[derive(Debug)]
pub struct Kept {
    emulator: Emulator,
    /// The state file and its lock.
    state: Option<(PathBuf, Lock)>,
    /// The tasks that deliver events.
    delivering: JoinSet<()>,
}

impl Keep {
    /// Reads the state file and starts to deliver events. Must be called before the emulator serves.
    ///
    /// # Errors
    /// The state file cannot be read or used, or could not be written at the end; or another emulator uses it.
    pub fn begin(&self, emulator: &Emulator) -> Result<Kept, StateFileError> {
        let state = match &self.state {
            Some(file) => {
                let lock = lock(file)?;
                load(emulator, file)?;
                Some((file.clone(), lock))
            }
            None => None,
        };
        let mut delivering = JoinSet::new();
        for target in &self.events_urls {
            let (clock, events) = (&emulator.clock, &emulator.events);
            emulator.sinks.add(target.clone(), &emulator.settings, clock, events, &mut delivering);
        }
        Ok(Kept { emulator: emulator.clone(), state, delivering })
    }
}

impl Kept {
    /// Delivers the last events and writes the state file. Must be called after the emulator has served.
    ///
    /// # Errors
    /// The state file cannot be written.
    pub async fn end(mut self) -> Result<(), StateFileError> {
        self.emulator.sinks.finish(&self.emulator.events, LAST_EVENTS).await;
        self.delivering.shutdown().await;
        match &self.state {
            Some((file, _lock)) => save(&self.emulator, file),
            None => Ok(()),
        }
    }
}
