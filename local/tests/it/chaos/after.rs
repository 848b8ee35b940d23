//! What has to hold after every cell: of the store's tickets, of GameLift's state, of what clients and sockets were told.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use store::{
    Store,
    records::{
        news::Status,
        ticket::{Kind, Ticket},
    },
};

/// What a client came to know.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    /// Its player.
    pub(crate) player: String,
    /// Whether it waited for the end, and was there for it.
    pub(crate) waited: bool,
    /// The bodies of every answer and message by which it knows that it need not wait any more.
    pub(crate) ends: Vec<Value>,
    /// Answers that no client of its kind may get.
    pub(crate) trouble: Vec<String>,
}

/// A device of a player.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    /// Its player.
    pub(crate) player: String,
    /// Its connection.
    pub(crate) connection: String,
    /// All messages that came over its socket.
    pub(crate) heard: Vec<Value>,
}

/// The end of a cell: everybody has gone, and late events and `reconcile` had their time.
pub(crate) struct After<'a> {
    pub(crate) store: &'a Store,
    /// The emulator's state.
    pub(crate) state: &'a Value,
    pub(crate) reports: &'a [Report],
    pub(crate) devices: &'a [Device],
    /// The most game sessions that all calls may have made together.
    pub(crate) most_sessions: usize,
    /// How often GameLift was asked to begin a search or a placement.
    pub(crate) starts: usize,
}

/// The operations that begin what GameLift does later.
pub(crate) const STARTS: [&str; 2] = ["StartMatchmaking", "StartGameSessionPlacement"];

impl After<'_> {
    /// Returns what does not hold.
    pub(crate) async fn broken(&self) -> Vec<String> {
        let tickets = self.tickets().await;
        let mut wrong = self.open(&tickets).await;
        wrong.extend(self.contradicted(&tickets));
        wrong.extend(self.searches());
        wrong.extend(self.sent_again());
        wrong.extend(self.doubled_seats());
        wrong.extend(self.foreign_seats(&tickets));
        wrong.extend(self.orphans(&tickets));
        for Device { player, heard, .. } in self.devices {
            wrong.extend(heard.iter().filter_map(|message| overheard(player, message, &tickets)));
            let ends = heard.iter().filter(|message| is_end(message));
            wrong.extend(ends.filter_map(|end| self.untrue(player, end, &tickets)));
        }
        for report in self.reports {
            wrong.extend(self.misled(report, &tickets));
        }
        wrong
    }

    fn all(&self, name: &str) -> &[Value] {
        self.state["gamelift"][name].as_array().map(Vec::as_slice).unwrap_or_default()
    }

    /// All tickets of which anybody knows, as the store knows them.
    async fn tickets(&self) -> BTreeMap<String, Option<Ticket>> {
        let in_gamelift = self.all("matchmaking_tickets").iter().map(|ticket| &ticket["TicketId"]);
        let placements = self.all("placements").iter().map(|placement| &placement["PlacementId"]);
        let told = self.reports.iter().flat_map(|report| &report.ends).map(|end| &end["TicketId"]);
        let ids = in_gamelift.chain(placements).chain(told).filter_map(Value::as_str);
        let mut ids: BTreeSet<_> = ids.filter(|id| !self.is_of_a_match(id)).map(str::to_owned).collect();
        for report in self.reports {
            ids.extend(self.store.last_ticket_of(&report.player).await.unwrap());
        }
        let mut tickets = BTreeMap::new();
        for id in ids {
            let ticket = self.store.ticket(&id).await.unwrap();
            tickets.insert(id, ticket);
        }
        tickets
    }

    /// Whether FlexMatch has begun the placement, and not Liftgate.
    fn is_of_a_match(&self, id: &str) -> bool {
        self.all("placements")
            .iter()
            .any(|placement| placement["PlacementId"] == id && placement["MatchmakerData"].is_string())
    }

    /// Every ticket has ended.
    async fn open(&self, tickets: &BTreeMap<String, Option<Ticket>>) -> Vec<String> {
        let mut wrong = Vec::new();
        for (id, ticket) in tickets {
            match ticket {
                None => wrong.push(format!("the store does not know the ticket {id}")),
                Some(ticket) if !ticket.news.status.is_end() => {
                    wrong.push(format!("the ticket {id} is {:?} for ever", ticket.news.status));
                }
                Some(_) => {}
            }
        }
        let open = self.store.open_tickets(std::time::Duration::ZERO, 100).await.unwrap();
        let waiting = self.store.waiting_tickets(std::time::Duration::ZERO, 100).await.unwrap();
        wrong.extend(open.iter().chain(&waiting).map(|open| format!("{open:?} is open for ever")));
        wrong
    }

    /// The store says of each ticket what GameLift says.
    fn contradicted(&self, tickets: &BTreeMap<String, Option<Ticket>>) -> Vec<String> {
        let searches = self.all("matchmaking_tickets").iter().map(|one| (&one["TicketId"], &one["Status"]));
        let placements = self.all("placements").iter().map(|one| (&one["PlacementId"], &one["Status"]));
        let known = searches.chain(placements).filter_map(|(id, status)| Some((id.as_str()?, status.as_str()?)));
        let contradicted = known.filter_map(|(id, status)| {
            let ticket = tickets.get(id)?.as_ref()?;
            let is_same = status_of(status) == Some(ticket.news.status);
            (!is_same).then(|| format!("{id} is {status} in GameLift, and {:?} in the store", ticket.news.status))
        });
        contradicted.collect()
    }

    /// Nobody searches twice at the same time.
    fn searches(&self) -> Vec<String> {
        let searches = self.all("matchmaking_tickets").iter().flat_map(|ticket| {
            let players = ticket["Players"].as_array().into_iter().flatten();
            players.map(|player| (text(&player["PlayerId"]), span(ticket, "StartTime", "EndTime")))
        });
        doubled(searches).into_iter().map(|what| format!("two searches at once: {what}")).collect()
    }

    /// Nobody dies who sends a ticket, so each is sent once. GameLift would take it once at any rate: a store that knows
    /// no more who sends it is seen by this alone where only placements are played.
    fn sent_again(&self) -> Option<String> {
        let placements = self.all("placements").iter().filter(|placement| !placement["MatchmakerData"].is_string());
        let (sent, tickets) = (self.starts, self.all("matchmaking_tickets").len() + placements.count());
        (sent != tickets).then(|| format!("{tickets} tickets were sent {sent} times"))
    }

    /// Nobody is in two game sessions at the same time, reservations included.
    fn doubled_seats(&self) -> Vec<String> {
        let seats = self.all("player_sessions").iter();
        let seats = seats.map(|seat| (text(&seat["PlayerId"]), span(seat, "CreationTime", "TerminationTime")));
        doubled(seats).into_iter().map(|what| format!("two places at once: {what}")).collect()
    }

    /// Each player session is of exactly one ticket, of that player.
    fn foreign_seats(&self, tickets: &BTreeMap<String, Option<Ticket>>) -> Vec<String> {
        let mut wrong = Vec::new();
        for seat in self.all("player_sessions") {
            let owners = tickets.values().flatten().filter(|ticket| {
                let placed = ticket.news.told.placed.as_ref();
                let is_there = placed.is_some_and(|placed| placed.game_session_id == seat["GameSessionId"]);
                is_there && ticket.players.iter().any(|player| seat["PlayerId"] == player.as_str())
            });
            let owners: Vec<_> = owners.map(|ticket| &ticket.id).collect();
            if owners.len() != 1 {
                wrong.push(format!("the place {seat} is of the tickets {owners:?}"));
            }
        }
        wrong
    }

    /// No game session lives of which nobody can hear, and there are no more of them than were asked for.
    fn orphans(&self, tickets: &BTreeMap<String, Option<Ticket>>) -> Vec<String> {
        let mut wrong = Vec::new();
        let sessions = self.all("game_sessions");
        if sessions.len() > self.most_sessions {
            wrong.push(format!("{} game sessions were made, for {}", sessions.len(), self.most_sessions));
        }
        for session in sessions.iter().filter(|session| matches!(text(&session["Status"]), "ACTIVE" | "ACTIVATING")) {
            let is_told = |ticket: &Ticket| {
                let placed = ticket.news.told.placed.as_ref();
                placed.is_some_and(|placed| placed.game_session_id == session["GameSessionId"])
            };
            if !tickets.values().flatten().any(is_told) {
                wrong.push(format!("nobody was told of the game session {}", session["GameSessionId"]));
            }
        }
        wrong
    }

    /// What a client was told is what GameLift did, from the first end on.
    fn misled(&self, report: &Report, tickets: &BTreeMap<String, Option<Ticket>>) -> Vec<String> {
        let player = &report.player;
        let mut wrong: Vec<_> = report.trouble.iter().map(|what| format!("{player}: {what}")).collect();
        if report.waited && report.ends.is_empty() {
            wrong.push(format!("{player} has waited in vain"));
        }
        wrong.extend(report.ends.iter().filter_map(|end| self.untrue(player, end, tickets)));
        wrong
    }

    /// Whether the player was told of an end that is none in GameLift.
    fn untrue(&self, player: &str, end: &Value, tickets: &BTreeMap<String, Option<Ticket>>) -> Option<String> {
        let is_true = match (end["PlayerSessionId"].as_str(), end["TicketId"].as_str()) {
            (Some(seat), _) => self.has_seat(player, seat, end),
            (None, Some(id)) => {
                let ticket = tickets.get(id).and_then(Option::as_ref);
                ticket.is_some_and(|ticket| status_of(text(&end["Status"])) == Some(ticket.news.status))
            }
            // The player was told that there is no room.
            (None, None) => !self.all("player_sessions").iter().any(|seat| seat["PlayerId"] == player),
        };
        (!is_true).then(|| format!("{player} was told what is not so: {end}"))
    }

    fn has_seat(&self, player: &str, id: &str, end: &Value) -> bool {
        self.all("player_sessions").iter().any(|seat| {
            let is_it = seat["PlayerSessionId"] == id && seat["PlayerId"] == player;
            is_it && seat["GameSessionId"] == end["GameSessionId"]
        })
    }
}

/// What a message says that its hearer may not know: each is about a ticket of the player's, names nobody who is not on
/// it, and has nobody else's place.
fn overheard(player: &str, message: &Value, tickets: &BTreeMap<String, Option<Ticket>>) -> Option<String> {
    let ticket = message["TicketId"].as_str().and_then(|id| tickets.get(id)).and_then(Option::as_ref);
    let own = ticket.map(|ticket| ticket.players.as_slice()).unwrap_or_default();
    let is_of_match = ticket.is_some_and(|ticket| ticket.kind == Kind::Match);
    let is_own = message["TicketId"].is_null() || is_of_match && own.iter().any(|other| other == player);
    let players = tickets.values().flatten().flat_map(|ticket| &ticket.players).filter(|other| !own.contains(other));
    let placed = tickets.values().flatten().filter_map(|ticket| ticket.news.told.placed.as_ref());
    let seats = placed.flat_map(|placed| &placed.player_sessions).filter(|(of, _)| *of != player);
    let mut secrets = players.filter(|other| *other != player).chain(seats.map(|(_, seat)| seat));
    let text = message.to_string();
    let is_private = secrets.all(|secret| !text.contains(&format!("\"{secret}\"")));
    (!is_own || !is_private).then(|| format!("{player} has heard what is of others: {message}"))
}

/// Whether nothing comes after this answer or message.
pub(crate) fn is_end(body: &Value) -> bool {
    let is_over = matches!(body["Status"].as_str(), Some("FAILED" | "CANCELLED" | "TIMED_OUT"));
    body["PlayerSessionId"].is_string() || is_over || body["error"]["code"] == "NO_CAPACITY"
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The status of a ticket that has this one in GameLift, if that is an end.
pub(crate) fn status_of(name: &str) -> Option<Status> {
    Some(match name {
        "COMPLETED" | "FULFILLED" => Status::Completed,
        "FAILED" => Status::Failed,
        "CANCELLED" => Status::Cancelled,
        "TIMED_OUT" => Status::TimedOut,
        _ => return None,
    })
}

/// From when until when something was there, in seconds.
fn span(of: &Value, from: &str, until: &str) -> (f64, f64) {
    (of[from].as_f64().expect("everything has begun"), of[until].as_f64().unwrap_or(f64::MAX))
}

/// The players who have two spans that overlap.
fn doubled<'a>(spans: impl Iterator<Item = (&'a str, (f64, f64))>) -> Vec<String> {
    let mut of_players: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    for (player, span) in spans {
        of_players.entry(player).or_default().push(span);
    }
    let mut doubled = Vec::new();
    for (player, mut spans) in of_players {
        spans.sort_by(|one, other| one.0.total_cmp(&other.0));
        if spans.windows(2).any(|pair| pair[1].0 < pair[0].1) {
            doubled.push(format!("{player} at {spans:?}"));
        }
    }
    doubled
}
