//! The limit on open files, and so on connections.

use emulator_core::limits::Limits;

/// The files for everything except connections: the log, the state file, the sample game servers with their players, a
/// started game server.
const SPARE: usize = 256;

/// The number of files that this process may open; `None` is no limit.
#[derive(Clone, Copy, Debug)]
pub struct Files(Option<usize>);

/// Raises the limit on open files to its maximum.
///
/// The usual soft limit of 1,024 is for programs that call `select`; this program does not. Game servers that `exec`
/// starts inherit the raised limit.
#[cfg(unix)]
pub fn raise() -> Files {
    use rustix::process::{Resource, getrlimit, setrlimit};

    let before = getrlimit(Resource::Nofile);
    let mut wanted = before;
    wanted.current = wanted.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, wanted) {
        tracing::warn!(%error, "the limit on open files cannot be raised");
    }
    let files = getrlimit(Resource::Nofile).current;
    tracing::info!(files, before = before.current, "limit on open files");
    Files(files.map(|files| usize::try_from(files).unwrap_or(usize::MAX)))
}

/// Does nothing: this system has no such limit.
#[cfg(not(unix))]
pub fn raise() -> Files {
    Files(None)
}

impl Files {
    /// Returns the default limits, with at most the connections that one of `shares` equal parts of the files allows. A
    /// program with several listeners, or with one outgoing connection a call, needs several shares.
    #[must_use]
    pub fn limits(self, shares: usize) -> Limits {
        let default = Limits::default();
        let files = self.0.unwrap_or(usize::MAX);
        // With very few files, half of them are spare.
        let connections = files.saturating_sub(SPARE.min(files / 2)) / shares;
        Limits { connections: connections.clamp(1, default.connections), ..default }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_connections_stay_below_the_files() {
        for (files, shares, connections) in [
            (Some(1024), 1, 768),
            (Some(1024), 4, 192),
            (Some(100), 1, 50),
            (Some(1), 4, 1),
            (Some(1 << 20), 4, 16_384),
            (None, 1, 16_384),
        ] {
            assert_eq!(Files(files).limits(shares).connections, connections);
        }
    }
}
