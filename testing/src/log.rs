//! Log lines, collected for a test.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

use tracing::{Dispatch, subscriber::NoSubscriber};
use tracing_subscriber::fmt::MakeWriter;

/// Collects log lines. Clones share the same text.
#[derive(Clone, Debug, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Returns everything that has been logged so far.
    ///
    /// # Panics
    /// When the log is not UTF-8.
    pub fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        String::from_utf8(bytes).expect("a log is text")
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// A second subscriber, which hears nothing. Hold it while a subscriber of one thread collects lines.
///
/// With one subscriber in the program, tracing asks the current thread's whether a line is of interest, and remembers
/// the answer for all threads. A thread of another test, which has none, would silence the line.
pub fn deaf() -> Dispatch {
    Dispatch::new(NoSubscriber::default())
}
