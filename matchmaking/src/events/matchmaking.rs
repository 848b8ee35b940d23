//! The events of FlexMatch.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::Value;
use store::records::news::{News, Placed, Status, Told};

use crate::events::news::TicketNews;

/// The `detail-type`.
pub(crate) const DETAIL_TYPE: &str = "GameLift Matchmaking Event";

/// The ranks of the steps of a match, which has at most 200 answers.
const SEARCHING: u64 = 1;
const FOUND: u64 = 2;
const ANSWER: u64 = 3;
const ANSWERED: u64 = 1000;

/// The rank of an end, of placements too. Of two ends of one moment, the one counts that gives a player more.
pub(crate) const fn rank_of_end(status: Status) -> u64 {
    match status {
        Status::Completed => 9003,
        Status::Cancelled => 9002,
        Status::TimedOut => 9001,
        _ => 9000,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    r#type: String,
    #[serde(default)]
    tickets: Vec<Ticket>,
    match_id: Option<String>,
    /// Seconds, whatever the name says; or `NOT_AVAILABLE`.
    #[serde(default)]
    estimated_wait_millis: Value,
    #[serde(default)]
    acceptance_required: bool,
    acceptance: Option<String>,
    reason: Option<String>,
    message: Option<String>,
    #[serde(default)]
    game_session_info: Session,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ticket {
    ticket_id: String,
    #[serde(default)]
    players: Vec<Player>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Player {
    player_id: String,
    team: Option<String>,
    player_session_id: Option<String>,
    accepted: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Session {
    game_session_arn: Option<String>,
    ip_address: Option<String>,
    dns_name: Option<String>,
    port: Option<u16>,
}

/// What an event of this moment tells of each of its tickets; nothing for a type that is not known. `None` if it
/// cannot be read.
pub(crate) fn news(at: Duration, detail: &Value) -> Option<Vec<TicketNews>> {
    let detail = Detail::deserialize(detail).ok()?;
    let Some((rank, status)) = detail.meaning() else { return Some(Vec::new()) };
    if status == Status::Completed && detail.game_session_info.game_session_arn.is_none() {
        return None;
    }
    let of_ticket = |ticket: &Ticket| TicketNews {
        ticket: ticket.ticket_id.clone(),
        news: News { at, rank, status, told: detail.told(ticket, status, at) },
    };
    Some(detail.tickets.iter().map(of_ticket).collect())
}

impl Detail {
    /// The rank and the status of the type. Among events of one moment and match, a later step is the newer one, and
    /// among answers the one that has more of them.
    fn meaning(&self) -> Option<(u64, Status)> {
        let end = |status| (rank_of_end(status), status);
        Some(match self.r#type.as_str() {
            "MatchmakingSearching" => (SEARCHING, Status::Searching),
            "PotentialMatchCreated" if self.acceptance_required => (FOUND, Status::RequiresAcceptance),
            "PotentialMatchCreated" => (FOUND, Status::Placing),
            "AcceptMatch" => (ANSWER + self.answers().count() as u64, Status::RequiresAcceptance),
            "AcceptMatchCompleted" if self.acceptance.as_deref() == Some("Accepted") => (ANSWERED, Status::Placing),
            // Those who have accepted search again; the others' end comes in an event of its own.
            "AcceptMatchCompleted" => (ANSWERED, Status::Searching),
            "MatchmakingSucceeded" => end(Status::Completed),
            "MatchmakingTimedOut" => end(Status::TimedOut),
            "MatchmakingCancelled" => end(Status::Cancelled),
            "MatchmakingFailed" => end(Status::Failed),
            _ => return None,
        })
    }

    /// The players of all tickets.
    fn players(&self) -> impl Iterator<Item = &Player> {
        self.tickets.iter().flat_map(|ticket| &ticket.players)
    }

    /// The players of the match who have answered.
    fn answers(&self) -> impl Iterator<Item = (String, bool)> {
        self.players().filter_map(|player| Some((player.player_id.clone(), player.accepted?)))
    }

    fn told(&self, ticket: &Ticket, status: Status, at: Duration) -> Told {
        let is_back = status == Status::Searching;
        Told {
            match_id: self.match_id.clone().filter(|_| !is_back),
            left_match: self.match_id.clone().filter(|_| is_back),
            estimated_wait: self.estimated_wait_millis.as_u64(),
            reason: self.message.clone().or(self.reason.clone()).or(self.acceptance.clone().filter(|_| is_back)),
            refused: None,
            refused_fields: Vec::new(),
            accepted: self.answers().filter(|_| !is_back).collect(),
            matched_players: (status == Status::RequiresAcceptance).then(|| self.players().count()),
            teams: teams_of(ticket).filter(|_| !is_back).collect(),
            placed: self.game_session_info.game_session_arn.as_ref().map(|arn| Placed {
                game_session_id: arn.clone(),
                since: Some(at),
                ip_address: self.game_session_info.ip_address.clone(),
                dns_name: self.game_session_info.dns_name.clone(),
                port: self.game_session_info.port,
                // A ticket knows the player sessions of its own players only.
                player_sessions: sessions_of(ticket),
            }),
        }
    }
}

/// A ticket knows the teams of its own players only.
fn teams_of(ticket: &Ticket) -> impl Iterator<Item = (String, String)> {
    ticket.players.iter().filter_map(|player| Some((player.player_id.clone(), player.team.clone()?)))
}

fn sessions_of(ticket: &Ticket) -> BTreeMap<String, String> {
    let session = |player: &Player| Some((player.player_id.clone(), player.player_session_id.clone()?));
    ticket.players.iter().filter_map(session).collect()
}
