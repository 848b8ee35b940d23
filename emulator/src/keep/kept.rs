//! The state file and the delivery of events, as the flags say.

use std::{path::PathBuf, time::Duration};

use emulator_core::events::Delivery;

use crate::{
    emulator::Emulator,
    keep::state_file::{Lock, StateFileError, load, lock, save},
};

/// How long the delivery of the last events may take.
const LAST_EVENTS: Duration = Duration::from_secs(2);

/// Where it goes.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Keep {
    /// Keep everything in this file: read at the start if it is there, written at the end
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,

    /// POST every event to this http:// URL
    #[arg(long, value_name = "URL", value_parser = http_url)]
    pub events_url: Option<String>,
}

/// An emulator whose state or events are kept.
#[derive(Debug)]
pub struct Kept {
    emulator: Emulator,
    /// The state file and its lock.
    state: Option<(PathBuf, Lock)>,
    delivery: Option<Delivery>,
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
        let delivery = self.events_url.clone().map(|url| emulator.events.post_to(url));
        Ok(Kept { emulator: emulator.clone(), state, delivery })
    }
}

impl Kept {
    /// Delivers the last events and writes the state file. Must be called after the emulator has served.
    ///
    /// # Errors
    /// The state file cannot be written.
    pub async fn end(mut self) -> Result<(), StateFileError> {
        if let Some(delivery) = &mut self.delivery
            && tokio::time::timeout(LAST_EVENTS, delivery.caught_up()).await.is_err()
        {
            tracing::warn!("the last events were not delivered in time");
        }
        match &self.state {
            Some((file, _lock)) => save(&self.emulator, file),
            None => Ok(()),
        }
    }
}

fn http_url(text: &str) -> Result<String, String> {
    if text.starts_with("http://") && text.len() > "http://".len() {
        return Ok(text.to_owned());
    }
    Err("give an http:// URL; this build speaks no TLS to others".to_owned())
}
