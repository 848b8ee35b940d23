//! `--state FILE` keeps the emulator's state from one run to the next.
//!
//! The emulator's state is in memory; the file is no database. It is written as a whole when the emulator ends: to a
//! temporary file next to it first, which then replaces it. Its first line has a checksum of the rest. A file that is
//! damaged, or of another version, is an error and is not changed. It holds everything that clients sent, so only its
//! owner may read it.
//!
//! The state of a real server process after a restart of the service is inferred: it has lost its connection, and has
//! the time of three heartbeats to come back, as Server SDKs do by themselves.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use crate::emulator::Emulator;

/// The start of the file's first line. Its number changes with the file's format.
const MAGIC: &str = "gamelift-emulator state 4 sha256:";

/// The reason why a state file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateFileError {
    /// The file exists and cannot be read.
    #[error("the state file {} cannot be read: {source}", .file.display())]
    Read {
        /// The file's path.
        file: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// No emulator of this version has written the content of the file.
    #[error(
        "the state file {} is damaged or not of this version: {reason}. It was left as it is; \
         start without it, or with another --state",
        .file.display()
    )]
    Damaged {
        /// The file's path.
        file: PathBuf,
        /// The reason.
        reason: String,
    },
    /// Another emulator uses the file.
    #[error(
        "the state file {} is in use by another emulator{}, which will write it when it ends. Stop that one \
         first (`gamelift-emulator` in another terminal, or `cargo run` of Liftgate), or give this one another --state",
        .file.display(),
        .process.map(|process| format!(", process {process}")).unwrap_or_default()
    )]
    InUse {
        /// The file's path.
        file: PathBuf,
        /// The other emulator's process id, if it is known.
        process: Option<u32>,
    },
    /// The file cannot be written.
    #[error("the state file {} cannot be written: {source}", .file.display())]
    Write {
        /// The file's path.
        file: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

/// The file without its first line.
#[derive(Serialize, Deserialize)]
struct Content<G, S> {
    time: Timestamp,
    gamelift: G,
    streams: S,
}

/// The lock of a state file. Dropping it unlocks the file.
#[derive(Debug)]
pub struct Lock {
    // Closing the file unlocks it.
    _file: File,
}

/// Locks a state file.
///
/// # Errors
/// Another emulator uses it, or the lock file next to it cannot be written.
pub fn lock(file: &Path) -> Result<Lock, StateFileError> {
    let unusable = |source| StateFileError::Write { file: file.to_owned(), source };
    let mut lock = open_private(&sibling(file, ".lock").map_err(unusable)?, false).map_err(unusable)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            // The process id may be unreadable: some systems close a locked file to others.
            let process = lock.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
            return Err(StateFileError::InUse { file: file.to_owned(), process });
        }
        // Some network file systems have no locks.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
            tracing::warn!(file = %file.display(), "this file system has no locks: let no other emulator use the state file");
        }
        Err(TryLockError::Error(source)) => return Err(unusable(source)),
    }
    let note = |lock: &mut File| {
        lock.set_len(0)?;
        lock.rewind()?;
        writeln!(lock, "{}", std::process::id())
    };
    note(&mut lock).map_err(unusable)?;
    Ok(Lock { _file: lock })
}

/// Brings `emulator` to the state in `file`, if the file exists. The clock continues from the file's time or from now,
/// whichever is later.
///
/// # Errors
/// The file cannot be read or used, or could not be written at the end.
pub fn load(emulator: &Emulator, file: &Path) -> Result<(), StateFileError> {
    // An error now is better than the loss of everything at the end.
    check_writable(file).map_err(|source| StateFileError::Write { file: file.to_owned(), source })?;
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(StateFileError::Read { file: file.to_owned(), source }),
    };
    restore(emulator, &text).map_err(|reason| StateFileError::Damaged { file: file.to_owned(), reason })?;
    tracing::info!(file = %file.display(), "the state was read");
    Ok(())
}

/// Decodes a file, for [`restore`].
fn decode(
    emulator: &Emulator,
    text: &str,
) -> Result<Content<emulator_gamelift::SavedState, emulator_streams::SavedState>, String> {
    let (head, body) = text.split_once('\n').ok_or("it has no first line")?;
    let checksum = head.strip_prefix(MAGIC).ok_or("its first line is not that of a state file of this version")?;
    if checksum != hash(body) {
        return Err("its checksum is wrong".to_owned());
    }
    let Content { time, gamelift, streams } =
        serde_json::from_str::<Content<&RawValue, &RawValue>>(body).map_err(|error| error.to_string())?;
    // Both are decoded before either is restored: a file with one invalid half changes nothing.
    let gamelift = emulator.gamelift.decode_state(gamelift.get())?;
    let streams = emulator.streams.decode_state(streams.get())?;
    Ok(Content { time, gamelift, streams })
}

fn restore(emulator: &Emulator, text: &str) -> Result<(), String> {
    let Content { time, gamelift, streams } = decode(emulator, text)?;
    // Deadlines in the file use the file's clock, which may have been ahead.
    let ahead = Duration::try_from(time.duration_since(emulator.clock.now())).unwrap_or_default();
    if !emulator.clock.step(ahead) {
        return Err(format!("its time, {time}, is past what the clock can show"));
    }
    emulator.gamelift.restore(gamelift);
    emulator.streams.restore(streams);
    Ok(())
}

/// Writes `emulator`'s state to `file`.
///
/// # Errors
/// The file cannot be written; an older file is not changed.
pub fn save(emulator: &Emulator, file: &Path) -> Result<(), StateFileError> {
    let content = Content {
        time: emulator.clock.now(),
        gamelift: emulator.gamelift.encode_state(),
        streams: emulator.streams.encode_state(),
    };
    let body = serde_json::to_string(&content).expect("a state is plain data");
    put(emulator, file, &body).map_err(|source| StateFileError::Write { file: file.to_owned(), source })?;
    tracing::info!(file = %file.display(), "the state was written");
    Ok(())
}

/// Replaces `file` by one with this body, if it can be read again. Otherwise only the next start would notice, after
/// the last good file is gone.
fn put(emulator: &Emulator, file: &Path, body: &str) -> io::Result<()> {
    let text = format!("{MAGIC}{}\n{body}", hash(body));
    if let Err(reason) = decode(emulator, &text) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("it could not be read again: {reason}")));
    }
    replace(file, text.as_bytes())
}

fn check_writable(file: &Path) -> io::Result<()> {
    let temporary = temporary(file)?;
    write(&temporary, b"")?;
    fs::remove_file(temporary)
}

/// Returns the path of a temporary file on the same disk as `file`.
fn temporary(file: &Path) -> io::Result<PathBuf> {
    sibling(file, &format!(".{}.tmp", std::process::id()))
}

/// Returns the path of `file` with `suffix` added to its name.
fn sibling(file: &Path, suffix: &str) -> io::Result<PathBuf> {
    let name = file.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it is no file"))?;
    let mut sibling = name.to_owned();
    sibling.push(suffix);
    Ok(file.with_file_name(sibling))
}

/// Replaces `file` by one with `content`, entirely or not at all.
fn replace(file: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = temporary(file)?;
    let written = write(&temporary, content).and_then(|()| fs::rename(&temporary, file));
    if written.is_err() {
        // Removes the rest of the attempt. The attempt's own error is the one to report.
        drop(fs::remove_file(&temporary));
        return written;
    }
    #[cfg(unix)]
    {
        // The rename itself must survive a crash of the machine.
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn write(file: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = open_private(file, true)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Opens a file that only its owner may read, to write it from its start.
fn open_private(file: &Path, truncate: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(truncate);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}

fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use emulator_core::{clock::Clock, settings::Settings};

    use super::*;

    #[tokio::test]
    async fn what_could_not_be_read_again_takes_no_files_place() {
        let emulator = Emulator::new(&Settings::default(), Clock::stopped());
        let file = std::env::temp_dir().join(format!("gamelift-emulator-{}", uuid::Uuid::new_v4()));
        save(&emulator, &file).unwrap();
        let good = fs::read_to_string(&file).unwrap();
        let (_, body) = good.split_once('\n').unwrap();
        // NaN would be written like this.
        let spoilt = body.replacen("\"next_number\":", "\"next_number\":null,\"was\":", 1);
        assert_ne!(body, spoilt);
        let refused = put(&emulator, &file, &spoilt).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::InvalidData);
        assert_eq!(fs::read_to_string(&file).unwrap(), good);
        fs::remove_file(file).unwrap();
    }
}
