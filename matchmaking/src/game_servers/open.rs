//! Finds and lists the open game sessions of a group, as those of fleets.

use std::time::Duration;

use aws::gamelift::{Found, ListGameServers, Search, SearchGameSessions, Target};
use aws_sdk_gamelift::types::{GameProperty, GameServer, GameSession, GameSessionStatus, PlayerSessionCreationPolicy};
use shared::{Error, deadline::Deadline};

use crate::{
    game_servers::{
        address::Address,
        data::Data,
        hosted::{Hosted, enter},
        listed::{all, is_utilized, look},
    },
    party::Party,
    search::{
        criteria::Criteria,
        merge::{Asked, Page},
        shared_search::SharedSearch,
    },
};

/// The game sessions of the group, as [`SharedSearch::page`] returns those of fleets. Each has the id of its game
/// server.
///
/// # Errors
/// `INVALID_REQUEST` for a `next_token` of another search, and for a location; else AWS's errors.
pub async fn page(
    search: &SharedSearch,
    gamelift: &impl ListGameServers,
    group: &str,
    asked: Asked<'_>,
    hold: Duration,
    deadline: Deadline,
) -> Result<Page, Error> {
    check_location(asked.criteria)?;
    let whole_group = [Target { fleet: group.to_owned(), location: None }];
    search.page(&GroupSearch(gamelift), &whole_group, asked, hold, deadline).await
}

/// Puts the party into the first game session on these game servers, in the order of `criteria`, that matches and
/// `fits`.
pub(crate) fn best(
    servers: Vec<GameServer>,
    criteria: &Criteria,
    fits: &(dyn Fn(&GameSession) -> bool + Send + Sync),
    party: &Party,
) -> Option<Hosted> {
    let sessions = servers.into_iter().filter_map(|server| Some((game_session(&server)?, server)));
    let fits = |(session, _): &(GameSession, GameServer)| criteria.matches(session) && fits(session);
    let mut sessions: Vec<_> = sessions.filter(fits).collect();
    sessions.sort_by(|(one, _), (other, _)| criteria.sort.compare(one, other));
    sessions.into_iter().find_map(|(_, server)| enter(server, party).ok())
}

/// # Errors
/// `INVALID_REQUEST` for a location.
pub(crate) fn check_location(criteria: &Criteria) -> Result<(), Error> {
    if criteria.location.is_none() {
        return Ok(());
    }
    Err(Error::invalid_field("location", "cannot be chosen: a game server group has no locations. Leave it out."))
}

/// A group as a target of [`SearchGameSessions`]: one page with all of its game sessions, which [`SharedSearch`] filters
/// and sorts.
struct GroupSearch<'a, G>(&'a G);

impl<G: ListGameServers> SearchGameSessions for GroupSearch<'_, G> {
    async fn search_game_sessions(&self, search: &Search<'_>) -> Result<Found, Error> {
        let servers =
            if search.is_look { look(self.0, search.fleet).await? } else { all(self.0, search.fleet).await? };
        Ok(Found { sessions: servers.iter().filter_map(game_session).collect(), next_token: None })
    }
}

/// The game session on the game server, if its data describes one.
fn game_session(server: &GameServer) -> Option<GameSession> {
    let data = Data::of(server).filter(|_| is_utilized(server))?;
    let address = Address::of(server).ok()?;
    let property = |(key, value): (&String, &String)| GameProperty::builder().key(key).value(value).build();
    let policy =
        if data.is_open() { PlayerSessionCreationPolicy::AcceptAll } else { PlayerSessionCreationPolicy::DenyAll };
    let session = GameSession::builder()
        .game_session_id(server.game_server_id()?)
        .name(&data.name)
        .set_creation_time(server.last_claim_time)
        .current_player_session_count(data.current_player_session_count)
        .maximum_player_session_count(data.maximum_player_session_count)
        .status(GameSessionStatus::Active)
        .set_game_properties(Some(data.game_properties.iter().map(property).collect()))
        .ip_address(address.ip)
        .set_dns_name(address.dns_name)
        .port(address.port.into())
        .player_session_creation_policy(policy);
    Some(session.build())
}
