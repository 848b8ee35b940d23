//! What players can do through the HTTP API of a world.

use gamelift_emulator::seed::Seed;
use matchmaking::config::TicketConfig;

/// What the routes have something to work with for. The banner prints no call that cannot succeed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offers {
    /// Whether there are fleets or a game server group for game sessions.
    pub game_sessions: bool,
    /// Whether there is a stream group.
    pub streams: bool,
    /// The matchmaking configurations that a client may name, the default first. Empty where nobody can search.
    pub configurations: Vec<Configuration>,
}

/// A matchmaking configuration that a client may name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// Its name.
    pub name: String,
    /// Its rule set, if the emulator's seed has it.
    pub rule_set: Option<String>,
    /// Whether its matches have no game session (`STANDALONE`), so that a search ends in `BACKEND_MISCONFIGURED`.
    pub is_standalone: bool,
}

impl Offers {
    /// The first configuration whose matches have a game session, and whether it is the default.
    pub fn search(&self) -> Option<(&Configuration, bool)> {
        let index = self.configurations.iter().position(|configuration| !configuration.is_standalone)?;
        Some((&self.configurations[index], index == 0))
    }

    /// Says in the log which configurations have no game session for players, as soon as it can be known.
    pub(crate) fn warn(&self) {
        for Configuration { name, .. } in self.configurations.iter().filter(|configuration| configuration.is_standalone)
        {
            tracing::warn!(
                "The matchmaking configuration {name} has no queue (STANDALONE). Its matches have no game session, so /start_matchmaking answers BACKEND_MISCONFIGURED. Give it a queue, or name the others in LIFTGATE_MATCHMAKING_CONFIGURATIONS."
            );
        }
    }
}

/// The configurations of `tickets`. Those that the seed of an emulator does not have may be made by a call later.
pub(crate) fn configurations(tickets: &TicketConfig, seed: Option<&Seed>) -> Vec<Configuration> {
    let seeded = seed.map(|seed| seed.matchmaking_configurations.as_slice()).unwrap_or_default();
    let of_name = |name: &String| {
        let known = seeded.iter().find(|configuration| configuration.name == *name);
        Configuration {
            name: name.clone(),
            rule_set: known.map(|configuration| configuration.rule_set.clone()),
            is_standalone: known.is_some_and(|configuration| configuration.queue.is_none()),
        }
    };
    tickets.configurations.iter().map(of_name).collect()
}
