//! Looks at tickets in GameLift, and tells the store what was seen.
//!
//! A look is for tickets of which no event came. Describing a ticket tells less than its events do: neither the match
//! nor who has accepted it. What the store knows of these stays, as long as the ticket can still be in the same match.

use std::{collections::BTreeMap, time::Duration};

use aws::gamelift::DescribeMatchmaking;
use aws_sdk_gamelift::types::{
    GameSessionConnectionInfo, MatchedPlayerSession, MatchmakingConfigurationStatus, MatchmakingTicket, Player,
};
use aws_smithy_types::DateTime;
use shared::Error;
use store::{
    Store,
    records::{
        news::{Placed, Status, Told},
        ticket::{Kind, Ticket},
        tickets::Heard,
    },
};

/// How long a ticket is quiet before GameLift is asked about it. AWS wants no ticket looked at more often.
pub const QUIET: Duration = Duration::from_secs(10);

/// Whether neither GameLift nor an event has told of the ticket for so long that its event may be lost. A search in its
/// pool and a placement in its queue may wait for minutes without news: the longer one has waited, the longer it may be
/// quiet, so that a wait of minutes costs a handful of looks.
pub(crate) fn is_quiet(store: &Store, ticket: &Ticket) -> bool {
    let waits = match (ticket.kind, ticket.news.status) {
        (Kind::Match, Status::Searching) | (Kind::Placement, Status::Placing) => {
            store.now().saturating_sub(ticket.created)
        }
        _ => Duration::ZERO,
    };
    has_been_quiet(store, ticket, QUIET.max(waits / 2))
}

/// Whether neither GameLift nor an event has told of the ticket for this time.
pub(crate) fn has_been_quiet(store: &Store, ticket: &Ticket, time: Duration) -> bool {
    ticket.seen.is_some_and(|seen| store.now().saturating_sub(seen) >= time)
}

/// Looks at up to ten matchmaking tickets at once, which were read before, and returns them as they are known now. One
/// that is STARTING and that GameLift does not know stays as it is: it may be on its way. Of any other one it is noted
/// that it was missed, and the reconciler ends it: an answer may leave out a ticket that is there. One whose news the
/// store does not take stays as it is too: those of the others count.
///
/// # Errors
/// Those of the look; those of the store, if it has taken no news at all.
pub async fn look(
    gamelift: &impl DescribeMatchmaking,
    store: &Store,
    tickets: &[Ticket],
) -> Result<Vec<Ticket>, Error> {
    let ids: Vec<_> = tickets.iter().filter(|ticket| may_be_known(ticket)).map(|ticket| ticket.id.clone()).collect();
    if ids.is_empty() {
        return Ok(tickets.to_vec());
    }
    let seen = gamelift.describe_matchmaking(&ids).await?;
    let (mut now, mut is_told, mut failure) = (Vec::new(), false, None);
    for ticket in tickets {
        let found = seen.iter().find(|seen| seen.ticket_id() == Some(&ticket.id));
        let told = if ids.contains(&ticket.id) { saw(store, ticket, found).await } else { Ok(ticket.clone()) };
        match told {
            Ok(told) => {
                is_told |= ids.contains(&told.id);
                now.push(told);
            }
            Err(error) => {
                tracing::warn!(code = error.code().as_str(), "the store does not take news of a ticket");
                now.push(ticket.clone());
                failure = Some(error);
            }
        }
    }
    match failure {
        Some(error) if !is_told => Err(error),
        _ => Ok(now),
    }
}

/// Logs that a look has failed: whoever waits goes on without it.
pub(crate) fn failed(error: &Error) {
    tracing::warn!(code = error.code().as_str(), "a look at searches has failed");
}

/// Whether GameLift may know the ticket.
pub(crate) fn may_be_known(ticket: &Ticket) -> bool {
    ticket.kind == Kind::Match && ticket.news.status != Status::Waiting && !ticket.news.status.is_end()
}

/// Tells the store what a look has found of a ticket that was read before. Returns the ticket as it is known now.
pub(crate) async fn saw(store: &Store, ticket: &Ticket, found: Option<&MatchmakingTicket>) -> Result<Ticket, Error> {
    let (status, told) = match found {
        Some(found) => match found.status().and_then(status_of) {
            Some(status) => (status, told(ticket, found, status)),
            // A status that is not known today.
            None => return Ok(ticket.clone()),
        },
        None if ticket.news.status == Status::Starting => return Ok(ticket.clone()),
        None => return store.miss(ticket).await,
    };
    tell(store, ticket, status, told).await
}

/// Tells the store what is known of a ticket that was read before. Returns the ticket as it is known now.
pub(crate) async fn tell(store: &Store, ticket: &Ticket, status: Status, told: Told) -> Result<Ticket, Error> {
    Ok(match store.saw(ticket, status, told).await? {
        Heard::New(now) | Heard::Same(now) | Heard::Old(now) => now,
        Heard::Unknown => ticket.clone(),
    })
}

pub(crate) fn status_of(status: &MatchmakingConfigurationStatus) -> Option<Status> {
    Some(match status {
        MatchmakingConfigurationStatus::Queued | MatchmakingConfigurationStatus::Searching => Status::Searching,
        MatchmakingConfigurationStatus::RequiresAcceptance => Status::RequiresAcceptance,
        MatchmakingConfigurationStatus::Placing => Status::Placing,
        MatchmakingConfigurationStatus::Completed => Status::Completed,
        MatchmakingConfigurationStatus::Failed => Status::Failed,
        MatchmakingConfigurationStatus::Cancelled => Status::Cancelled,
        MatchmakingConfigurationStatus::TimedOut => Status::TimedOut,
        _ => return None,
    })
}

fn told(before: &Ticket, found: &MatchmakingTicket, status: Status) -> Told {
    let known = &before.news.told;
    // A ticket that searches is in no match; before it was in one, it has left that.
    let is_in_match = status != Status::Searching;
    let reason = found.status_message().or(found.status_reason()).filter(|reason| !reason.is_empty());
    let is_own = |player: &String| before.players.contains(player);
    let teams: BTreeMap<_, _> = found.players().iter().filter_map(team_of).filter(|_| is_in_match).collect();
    Told {
        match_id: known.match_id.clone().filter(|_| is_in_match),
        left_match: known.match_id.clone().or(known.left_match.clone()).filter(|_| !is_in_match),
        estimated_wait: found.estimated_wait_time().and_then(|seconds| seconds.try_into().ok()),
        reason: reason.filter(|_| status != Status::Completed).map(str::to_owned),
        accepted: if is_in_match { known.accepted.clone() } else { BTreeMap::new() },
        matched_players: known.matched_players.filter(|_| is_in_match),
        teams: if teams.is_empty() && is_in_match { known.teams.clone() } else { teams },
        placed: found
            .game_session_connection_info()
            .and_then(|info| Some(Placed { since: found.end_time().and_then(since_1970), ..placed(info, is_own)? })),
        refused: None,
        refused_fields: Vec::new(),
    }
}

/// GameLift's time as the store has it.
pub(crate) fn since_1970(time: &DateTime) -> Option<Duration> {
    Some(Duration::new(time.secs().try_into().ok()?, time.subsec_nanos()))
}

fn team_of(player: &Player) -> Option<(String, String)> {
    Some((player.player_id()?.to_owned(), player.team()?.to_owned()))
}

/// The game session, with the player sessions of the ticket's own players.
fn placed(info: &GameSessionConnectionInfo, is_own: impl Fn(&String) -> bool) -> Option<Placed> {
    let sessions = info.matched_player_sessions().iter();
    let session = |session: &MatchedPlayerSession| {
        Some((session.player_id()?.to_owned(), session.player_session_id()?.to_owned()))
    };
    Some(Placed {
        game_session_id: info.game_session_arn()?.to_owned(),
        since: None,
        ip_address: info.ip_address().map(str::to_owned),
        dns_name: info.dns_name().map(str::to_owned),
        port: info.port().and_then(|port| port.try_into().ok()),
        player_sessions: sessions.filter_map(session).filter(|(player, _)| is_own(player)).collect(),
    })
}
