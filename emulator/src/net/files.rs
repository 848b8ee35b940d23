//! How many files, and so how many connections, a program may have open.

use emulator_core::limits::Limits;

/// What is left to everything that is no connection: the log, the state file, the sample game servers
/// with their players, a game server that is started.
const SPARE: usize = 256;

/// The files that this process may have open; without a number there is no limit.
#[derive(Clone, Copy, Debug)]
pub struct Files(Option<usize>);

/// Raises the limit on open files as far as it goes.
///
/// The usual soft limit is 1,024 for the sake of programs that call `select`, which this is not; game
/// servers that `exec` starts inherit the raised one.
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

/// There is no such limit.
#[cfg(not(unix))]
pub fn raise() -> Files {
    Files(None)
}

impl Files {
    /// The default limits, with no more connections than one of `shares` equal parts of the files leaves
    /// room for: a program with several listeners, or that connects somewhere for every call, needs several.
    #[must_use]
    pub fn limits(self, shares: usize) -> Limits {
        let default = Limits::default();
        let files = self.0.unwrap_or(usize::MAX);
        // With very few, half of them have to do.
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
