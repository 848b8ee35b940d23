//! How many files, and so how many connections, this process may have open.

use gamelift_emulator::Limits;

/// What is left to everything that is no connection: the log, the state file, the sample game servers
/// with their players, a game server that is started.
#[cfg(any(unix, test))]
const SPARE: usize = 256;

/// Raises the limit on open files as far as it goes. Returns the limits that fit below it.
///
/// The usual soft limit is 1,024 for the sake of programs that call `select`, which this is not; game
/// servers that `exec` starts inherit the raised one.
#[cfg(unix)]
pub(crate) fn limits() -> Limits {
    use rustix::process::{Resource, getrlimit, setrlimit};

    let before = getrlimit(Resource::Nofile);
    let mut wanted = before;
    wanted.current = wanted.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, wanted) {
        tracing::warn!(%error, "the limit on open files cannot be raised");
    }
    let files = getrlimit(Resource::Nofile).current;
    let limits = fit(files);
    tracing::info!(files, before = before.current, connections = limits.connections, "limit on open files");
    limits
}

/// There is no such limit.
#[cfg(not(unix))]
pub(crate) fn limits() -> Limits {
    Limits::default()
}

/// The default, with no more connections than `files` leaves room for; `None` is no limit.
#[cfg(any(unix, test))]
fn fit(files: Option<u64>) -> Limits {
    let default = Limits::default();
    let files = files.and_then(|files| usize::try_from(files).ok()).unwrap_or(usize::MAX);
    // With very few, half of them have to do.
    let connections = files.saturating_sub(SPARE.min(files / 2)).min(default.connections);
    Limits { connections, ..default }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_connections_stay_below_the_files() {
        for (files, connections) in [(Some(1024), 768), (Some(100), 50), (Some(1 << 20), 16_384), (None, 16_384)] {
            assert_eq!(fit(files).connections, connections);
        }
    }
}
