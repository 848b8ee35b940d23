//! What the cells of a row may come to: all of it stands in `ends.txt`, and all that stands there has to happen.
//!
//! A section is of the cells of a row in which the player does the same then, or of the run to which nothing happens. A
//! line of it is an outcome: each ticket with its end and the reason, each game session and stream with its status, its
//! reason and its players, and how many calls to begin something there were beyond one a ticket. So a line tells how many
//! of them a cell may leave. A game session that lives and that nobody has a place in, and a second one of the same
//! players, are orphans, unless the line says `because …`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
};

use serde_json::Value;
use store::records::ticket::Ticket;

use crate::{
    chaos::kills::{
        blow::Blow,
        field::Field,
        rows::{Player, Row},
        searches::HOST,
    },
    faults::scenario::PLAYER,
};

/// The table, from this package's folder.
const FILE: &str = "tests/it/chaos/kills/ends.txt";

/// Who may have a ticket of which GameLift never heard.
const PLAYERS: [&str; 6] = [PLAYER, HOST, "friend", "placed", "unsent", "unwanted"];

/// The outcomes of a row by their sections, of which some have happened.
pub(crate) struct Ends {
    row: &'static str,
    listed: BTreeMap<String, BTreeSet<String>>,
    happened: BTreeMap<String, BTreeSet<String>>,
}

impl Ends {
    /// Reads those of a row.
    pub(crate) fn of(row: &Row) -> Self {
        let path = format!("{}/{FILE}", env!("CARGO_MANIFEST_DIR"));
        let text = fs::read_to_string(path).expect("the table can be read");
        let players = [Player::ComesBack, Player::IsGone];
        let sections = players.map(|player| [false, true].map(|is_struck| section(row.name, player, is_struck)));
        let (mut listed, mut of_row) = (BTreeMap::<_, BTreeSet<_>>::new(), None);
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if line.starts_with('[') {
                of_row = sections.iter().flatten().find(|section| *section == line);
            } else if let Some(section) = of_row {
                let (outcome, reason) = line.split_once(" because ").unwrap_or((line, ""));
                assert!(!reason.is_empty() || !is_odd(outcome), "{}: say why in {FILE}: {line}", row.name);
                listed.entry(section.clone()).or_default().insert(outcome.to_owned());
            }
        }
        Self { row: row.name, listed, happened: BTreeMap::new() }
    }

    /// Notes the outcome of a cell in which the player does this. Returns what is wrong with it.
    pub(crate) fn note(&mut self, player: Player, blow: Option<Blow>, outcome: String) -> Option<String> {
        let section = section(self.row, player, blow.is_some());
        let is_listed = self.listed.get(&section).is_some_and(|listed| listed.contains(&outcome));
        let wrong = format!("{FILE} does not list\n{section}\n{outcome}");
        self.happened.entry(section).or_default().insert(outcome);
        (!is_listed).then_some(wrong)
    }

    /// The outcomes that are listed, and that no cell has come to.
    pub(crate) fn missing(&self) -> Vec<String> {
        let happened = |section: &String, outcome: &String| {
            self.happened.get(section).is_some_and(|happened| happened.contains(outcome))
        };
        let listed = self.listed.iter().flat_map(|(section, ends)| ends.iter().map(move |end| (section, end)));
        let missing = listed.filter(|(section, outcome)| !happened(section, outcome));
        missing.map(|(section, outcome)| format!("no cell comes to {section} {outcome}")).collect()
    }
}

/// All that has happened, as it stands in the table.
impl fmt::Display for Ends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (section, outcomes) in &self.happened {
            writeln!(f, "{section}")?;
            for outcome in outcomes {
                writeln!(f, "{outcome}")?;
            }
        }
        Ok(())
    }
}

fn section(row: &str, player: Player, is_struck: bool) -> String {
    format!("[{row}, {player:?}{}]", if is_struck { "" } else { ", nothing happens" })
}

/// Whether the outcome has a game session that nobody can want.
fn is_odd(outcome: &str) -> bool {
    let mut live = outcome.split("; ").filter(|end| end.starts_with("session ACTIVE"));
    let mut seen = BTreeSet::new();
    live.any(|session| session.ends_with(" of nobody") || !seen.insert(session))
}

/// What the cell has come to.
pub(crate) async fn outcome(field: &Field, state: &Value) -> String {
    let mut ends = Vec::new();
    for id in tickets(field, state).await {
        let ticket = field.store.ticket(&id).await.unwrap();
        ends.push(ticket.map_or_else(|| "placement past the store".to_owned(), |ticket| end_of(&ticket)));
    }
    ends.extend(all(state, "gamelift", "game_sessions").map(|session| {
        let seats = all(state, "gamelift", "player_sessions");
        let seats = seats.filter(|seat| seat["GameSessionId"] == session["GameSessionId"]);
        let mut players: Vec<_> = seats.map(|seat| text(&seat["PlayerId"])).collect();
        players.sort_unstable();
        let players = if players.is_empty() { "nobody".to_owned() } else { players.join("+") };
        format!("{} of {players}", thing("session", session))
    }));
    let streams = all(state, "streams", "stream_sessions");
    ends.extend(streams.map(|stream| format!("{} of {}", thing("stream", stream), text(&stream["UserId"]))));
    ends.sort_unstable();
    let again = field.starts() - tickets_in_gamelift(state).count();
    ends.extend((again > 0).then(|| format!("{again} more calls to begin")));
    if ends.is_empty() { "nothing".to_owned() } else { ends.join("; ") }
}

/// The tickets that Liftgate has sent to GameLift.
fn tickets_in_gamelift(state: &Value) -> impl Iterator<Item = &Value> {
    let searches = all(state, "gamelift", "matchmaking_tickets").map(|ticket| &ticket["TicketId"]);
    searches.chain(placements(state).map(|placement| &placement["PlacementId"]))
}

/// The ids of all tickets, each once.
async fn tickets(field: &Field, state: &Value) -> BTreeSet<String> {
    let mut ids: BTreeSet<_> = tickets_in_gamelift(state).map(|id| text(id).to_owned()).collect();
    for player in PLAYERS {
        ids.extend(field.store.last_ticket_of(player).await.unwrap());
    }
    ids
}

/// The placements that Liftgate has begun. The others are FlexMatch's own.
pub(crate) fn placements(state: &Value) -> impl Iterator<Item = &Value> {
    all(state, "gamelift", "placements").filter(|placement| placement["MatchmakerData"].is_null())
}

fn end_of(ticket: &Ticket) -> String {
    let reason = ticket.news.told.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    format!("{} {:?} {:?}{reason}", ticket.players.join("+"), ticket.kind, ticket.news.status)
}

fn thing(name: &str, of: &Value) -> String {
    let reason = of["StatusReason"].as_str().map(|reason| format!(" ({reason})")).unwrap_or_default();
    format!("{name} {}{reason}", text(&of["Status"]))
}

fn all<'a>(state: &'a Value, service: &str, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    state[service][name].as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
