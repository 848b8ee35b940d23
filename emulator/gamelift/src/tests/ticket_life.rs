//! The life of tickets as their changes and events tell it, replayed by the rules of the API.
//!
//! Each change and each event is looked at in its order. Some need another one next: the ticket then owes it. It has to
//! come before the ticket does anything else, and before the end of the step.

use std::{
    collections::{BTreeMap, VecDeque},
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use emulator_core::events::{Event, Read, Reader};
use jiff::Timestamp;
use serde_json::Value;

use crate::{
    resources::matchmaking_ticket::TicketReason::{
        self, DuplicatePlayer, NotAccepted, OthersLeft, OthersNotAccepted, PlacementTimedOut, PlacingFailed, Rejected,
        Replaced, SessionGone, Stopped, TimedOut,
    },
    state::ticket_changes::{self, TicketChange},
    tests::matchmaking::support::World,
};

type Reason = Option<TicketReason>;

/// All changes that a ticket may make, and why. A ticket begins QUEUED; a match without a queue is COMPLETED at once.
const CHANGES: [(&str, &str, &[Reason]); 20] = [
    ("QUEUED", "SEARCHING", &[None]),
    ("QUEUED", "CANCELLED", &[Some(Stopped), Some(DuplicatePlayer), Some(Replaced)]),
    ("QUEUED", "FAILED", &[Some(SessionGone)]),
    ("SEARCHING", "REQUIRES_ACCEPTANCE", &[None]),
    ("SEARCHING", "PLACING", &[None]),
    ("SEARCHING", "COMPLETED", &[None]),
    ("SEARCHING", "CANCELLED", &[Some(Stopped), Some(DuplicatePlayer), Some(Replaced)]),
    ("SEARCHING", "TIMED_OUT", &[Some(TimedOut)]),
    ("SEARCHING", "FAILED", &[Some(SessionGone)]),
    ("REQUIRES_ACCEPTANCE", "SEARCHING", &[Some(OthersNotAccepted), Some(OthersLeft)]),
    ("REQUIRES_ACCEPTANCE", "PLACING", &[None]),
    ("REQUIRES_ACCEPTANCE", "COMPLETED", &[None]),
    (
        "REQUIRES_ACCEPTANCE",
        "CANCELLED",
        &[Some(Stopped), Some(DuplicatePlayer), Some(Replaced), Some(Rejected), Some(NotAccepted)],
    ),
    ("REQUIRES_ACCEPTANCE", "TIMED_OUT", &[Some(TimedOut)]),
    ("REQUIRES_ACCEPTANCE", "FAILED", &[Some(SessionGone)]),
    ("PLACING", "SEARCHING", &[Some(PlacementTimedOut), Some(OthersLeft)]),
    ("PLACING", "COMPLETED", &[None]),
    ("PLACING", "CANCELLED", &[Some(DuplicatePlayer)]),
    ("PLACING", "TIMED_OUT", &[Some(TimedOut)]),
    ("PLACING", "FAILED", &[Some(PlacingFailed), Some(SessionGone)]),
];

/// The answers of a match in which each ticket has a player who accepts, and a party has others who have not answered.
const PART_OF_A_PARTY: &str = "only a part of a party accepts";

const EVENTS: [&str; 10] = [
    "MatchmakingSearching",
    "PotentialMatchCreated",
    "AcceptMatch",
    "AcceptMatchCompleted Accepted",
    "AcceptMatchCompleted Rejected",
    "AcceptMatchCompleted TimedOut",
    "MatchmakingSucceeded",
    "MatchmakingCancelled",
    "MatchmakingTimedOut",
    "MatchmakingFailed",
];

/// How often each change and each event was seen.
pub(crate) type Counts = BTreeMap<String, usize>;

/// The changes and events that were not seen.
pub(crate) fn unseen(counts: &Counts) -> Vec<String> {
    let changes =
        CHANGES.iter().flat_map(|(from, to, reasons)| reasons.iter().map(move |reason| change_name(from, to, *reason)));
    let all = changes.chain(EVENTS.map(str::to_owned)).chain([PART_OF_A_PARTY.to_owned()]);
    all.filter(|name| !counts.contains_key(name)).collect()
}

fn change_name(from: &str, to: &str, reason: Reason) -> String {
    let reason = reason.map(|reason| format!(", {reason:?}")).unwrap_or_default();
    format!("{from} -> {to}{reason}")
}

/// What has to come next of a ticket.
#[derive(Debug)]
enum Owed {
    Event(&'static str),
    /// One of these statuses, for this reason.
    Change(&'static [&'static str], Reason),
}

#[derive(Debug)]
struct Ticket {
    status: &'static str,
    is_backfill: bool,
    players: Vec<String>,
    /// The match of the last proposal.
    proposed: Option<String>,
}

#[derive(Debug)]
struct Match {
    tickets: Vec<String>,
    is_asked: bool,
    /// The players' answers, as they were given.
    answers: BTreeMap<String, bool>,
    has_ended: bool,
}

/// An answer that was taken: the match, the players, and whether they accept.
type Answer = (String, Vec<String>, bool);

pub(crate) struct TicketLife {
    reader: Reader,
    tickets: BTreeMap<String, Ticket>,
    matches: BTreeMap<String, Match>,
    owed: BTreeMap<String, Owed>,
    /// Answers whose event has not come.
    answers: VecDeque<Answer>,
    /// What the last event of a ticket in this step said: its detail, and its part of the ticket.
    told: BTreeMap<String, (Value, Value)>,
    pub(crate) counts: Counts,
}

impl TicketLife {
    pub(crate) fn watch(world: &World) -> Self {
        ticket_changes::watch();
        Self {
            reader: world.events.read(None),
            tickets: BTreeMap::new(),
            matches: BTreeMap::new(),
            owed: BTreeMap::new(),
            answers: VecDeque::new(),
            told: BTreeMap::new(),
            counts: Counts::new(),
        }
    }

    /// Players have answered, and the answer was taken.
    pub(crate) fn answered(&mut self, answer: Answer) {
        self.answers.push_back(answer);
    }

    /// Replays what has happened in a step, and compares its end with the tickets as they are.
    pub(crate) fn check(&mut self, world: &World) {
        // All that is due has happened.
        world.gamelift.with_state(|_| ());
        let mut changes = VecDeque::from(ticket_changes::take());
        for event in read_all(&mut self.reader) {
            while let Some(change) = changes.pop_front_if(|change| change.after < event.number) {
                self.changed(&change);
            }
            if event.detail_type() == "GameLift Matchmaking Event" {
                self.announced(&event);
            }
        }
        changes.iter().for_each(|change| self.changed(change));
        assert!(self.owed.is_empty(), "never came: {:?}", self.owed);
        assert!(self.answers.is_empty(), "no AcceptMatch for {:?}", self.answers);
        self.check_matches();
        self.check_statuses(world);
        for (id, (detail, told)) in std::mem::take(&mut self.told) {
            check_told(&world.ticket(&id), &detail, &told);
        }
    }

    fn changed(&mut self, change: &TicketChange) {
        let (id, reason) = (&change.ticket.id, change.ticket.reason);
        let (from, to) = (change.from.name(), change.ticket.status.name());
        let name = change_name(from, to, reason);
        let is_allowed = CHANGES.iter().any(|it| (it.0, it.1) == (from, to) && it.2.contains(&reason));
        assert!(is_allowed, "ticket {id} went {name}");
        let ticket = self.tickets.entry(id.clone()).or_insert_with(|| Ticket {
            status: "QUEUED",
            is_backfill: change.ticket.backfill.is_some(),
            players: change.ticket.players.iter().map(|player| player.id.clone()).collect(),
            proposed: None,
        });
        assert_eq!(std::mem::replace(&mut ticket.status, to), from, "the status before {name}");
        let was_owed = match self.owed.remove(id) {
            None => false,
            Some(Owed::Change(allowed, because)) => allowed.contains(&to) && because == reason,
            Some(Owed::Event(kind)) => panic!("ticket {id} went {name}, and there was no {kind} before"),
        };
        let is_of_match = matches!((from, to), ("SEARCHING" | "REQUIRES_ACCEPTANCE", "PLACING" | "COMPLETED"));
        let is_of_answers = matches!(reason, Some(Rejected | NotAccepted | OthersNotAccepted));
        let has_cause = to == "REQUIRES_ACCEPTANCE" || is_of_match || is_of_answers;
        assert_eq!(was_owed, has_cause, "ticket {id} went {name} and should not, or should have done something else");
        self.check_cause(change, &name);
        let event = match (to, reason) {
            ("CANCELLED", Some(DuplicatePlayer | Replaced)) | ("SEARCHING", Some(PlacementTimedOut)) => {
                self.told.remove(id);
                None
            }
            ("SEARCHING", _) => Some("MatchmakingSearching"),
            ("COMPLETED", _) => Some("MatchmakingSucceeded"),
            ("CANCELLED", _) => Some("MatchmakingCancelled"),
            ("TIMED_OUT", _) => Some("MatchmakingTimedOut"),
            ("FAILED", _) => Some("MatchmakingFailed"),
            _ => None,
        };
        self.owed.extend(event.map(|kind| (id.clone(), Owed::Event(kind))));
        *self.counts.entry(name).or_default() += 1;
    }

    /// COMPLETED needs all players of the match, and others have left the match of a ticket that says so.
    fn check_cause(&self, change: &TicketChange, name: &str) {
        let (id, to) = (&change.ticket.id, change.ticket.status.name());
        let formed = self.tickets[id].proposed.as_ref().map(|id| &self.matches[id]);
        if to == "COMPLETED" {
            let formed = formed.expect("a match was proposed before");
            assert!(!formed.is_asked || self.all_accept(formed), "{name} without all players: {formed:?}");
            let is_placed = change.from.name() == "PLACING";
            assert_eq!(change.ticket.connection.is_some(), is_placed, "the game session of {name}");
        }
        if change.ticket.reason == Some(OthersLeft) {
            let is_over = |id: &String| matches!(self.tickets[id].status, "CANCELLED" | "TIMED_OUT" | "FAILED");
            assert!(formed.is_some_and(|it| it.tickets.iter().any(is_over)), "{name}, but nobody has left {formed:?}");
        }
    }

    fn announced(&mut self, event: &Event) {
        let detail = serde_json::to_value(event).unwrap()["detail"].take();
        let kind = detail["type"].as_str().unwrap();
        let told: Vec<_> = detail["tickets"].as_array().unwrap().clone();
        let ids: Vec<_> = told.iter().map(|ticket| ticket["ticketId"].as_str().unwrap().to_owned()).collect();
        let match_id = detail["matchId"].as_str();
        if let Some(known) = match_id.filter(|_| kind != "PotentialMatchCreated") {
            let formed = self.matches.get(known).unwrap_or_else(|| panic!("{kind} of a match without a proposal"));
            assert!(ids.iter().all(|id| formed.tickets.contains(id)), "{kind} of {ids:?}, which are not in {formed:?}");
        }
        match kind {
            "PotentialMatchCreated" => self.proposed(match_id.unwrap(), &ids, detail["acceptanceRequired"] == true),
            "AcceptMatch" => self.took_answer(match_id.unwrap(), &told),
            "AcceptMatchCompleted" => self.took_all(match_id.unwrap(), detail["acceptance"].as_str().unwrap()),
            _ => self.announced_change(kind, &ids, &detail),
        }
        let acceptance = detail["acceptance"].as_str().map(|how| format!(" {how}")).unwrap_or_default();
        *self.counts.entry(format!("{kind}{acceptance}")).or_default() += 1;
        self.told.extend(ids.into_iter().zip(told).map(|(id, ticket)| (id, (detail.clone(), ticket))));
    }

    fn proposed(&mut self, id: &str, tickets: &[String], is_asked: bool) {
        let formed = Match { tickets: tickets.to_vec(), is_asked, answers: BTreeMap::new(), has_ended: false };
        assert!(self.matches.insert(id.to_owned(), formed).is_none(), "match {id} is proposed twice");
        let next: &[_] = if is_asked { &["REQUIRES_ACCEPTANCE"] } else { &["PLACING", "COMPLETED"] };
        for ticket in tickets {
            let known = self.tickets.get_mut(ticket).expect("a ticket searches before");
            assert_eq!(known.status, "SEARCHING", "{ticket} is proposed");
            known.proposed = Some(id.to_owned());
            self.owe_change(ticket, next, None);
        }
    }

    fn took_answer(&mut self, id: &str, told: &[Value]) {
        let (of_match, players, accept) = self.answers.pop_front().expect("somebody has answered");
        assert_eq!(of_match, id, "the match that was answered");
        let answers = &mut self.matches.get_mut(id).unwrap().answers;
        answers.extend(players.into_iter().map(|player| (player, accept)));
        for player in told.iter().flat_map(|ticket| ticket["players"].as_array().unwrap()) {
            let answer = answers.get(player["playerId"].as_str().unwrap());
            assert_eq!(player["accepted"].as_bool(), answer.copied(), "{player}");
        }
        let formed = &self.matches[id];
        let mut answers = formed.tickets.iter().map(|ticket| self.answers_of(ticket, id));
        if !self.all_accept(formed) && answers.all(|of| of.is_empty() || of.contains(&Some(true))) {
            *self.counts.entry(PART_OF_A_PARTY.to_owned()).or_default() += 1;
        }
    }

    /// The answers are complete, or their time is over: what becomes of each ticket follows from its players' answers.
    fn took_all(&mut self, id: &str, acceptance: &str) {
        let formed = &self.matches[id];
        assert!(formed.is_asked, "{formed:?}");
        let all_accept = self.all_accept(formed);
        let is_rejected = formed.answers.values().any(|accepts| !accepts);
        let expected = match (all_accept, is_rejected) {
            (true, _) => "Accepted",
            (false, true) => "Rejected",
            (false, false) => "TimedOut",
        };
        assert_eq!(acceptance, expected, "{formed:?}");
        for ticket in formed.tickets.clone() {
            assert_eq!(self.tickets[&ticket].status, "REQUIRES_ACCEPTANCE", "{ticket} when the answers were complete");
            let (next, reason): (&[_], _) = if all_accept {
                (&["PLACING", "COMPLETED"], None)
            } else if self.answers_of(&ticket, id).contains(&Some(false)) {
                (&["CANCELLED"], Some(Rejected))
            } else if self.answers_of(&ticket, id).contains(&None) {
                (&["CANCELLED"], Some(NotAccepted))
            } else {
                (&["SEARCHING"], Some(OthersNotAccepted))
            };
            self.owe_change(&ticket, next, reason);
        }
    }

    /// An event that tells of tickets' new status: each of them owes it.
    fn announced_change(&mut self, kind: &str, ids: &[String], detail: &Value) {
        for id in ids {
            let owed = self.owed.remove(id);
            assert!(matches!(&owed, Some(Owed::Event(due)) if *due == kind), "{kind} of {id}, which owed {owed:?}");
        }
        let is_of_match = kind == "MatchmakingSucceeded" || detail["message"] == PlacingFailed.message();
        if is_of_match {
            let formed = self.matches.get_mut(detail["matchId"].as_str().unwrap()).unwrap();
            assert_eq!(formed.tickets, ids, "{kind} tells of the whole match");
            assert!(!std::mem::replace(&mut formed.has_ended, true), "{formed:?} ends twice");
        } else {
            assert_eq!(ids.len(), 1, "{kind} is of one ticket");
        }
    }

    fn owe_change(&mut self, ticket: &str, next: &'static [&'static str], reason: Reason) {
        let before = self.owed.insert(ticket.to_owned(), Owed::Change(next, reason));
        assert!(before.is_none(), "{ticket} still owes {before:?}");
    }

    /// The answers of a ticket's players to a match. Those of a backfill are not asked.
    fn answers_of(&self, ticket: &str, id: &str) -> Vec<Option<bool>> {
        let (ticket, formed) = (&self.tickets[ticket], &self.matches[id]);
        let asked = ticket.players.iter().filter(|_| !ticket.is_backfill);
        asked.map(|player| formed.answers.get(player).copied()).collect()
    }

    fn all_accept(&self, formed: &Match) -> bool {
        let tickets = formed.tickets.iter().map(|id| &self.tickets[id]).filter(|ticket| !ticket.is_backfill);
        tickets.flat_map(|ticket| &ticket.players).all(|player| formed.answers.get(player) == Some(&true))
    }

    /// The tickets of a match wait for it together.
    fn check_matches(&self) {
        for (id, ticket) in &self.tickets {
            if !matches!(ticket.status, "REQUIRES_ACCEPTANCE" | "PLACING") {
                continue;
            }
            let formed = &self.matches[ticket.proposed.as_ref().unwrap()];
            for other in &formed.tickets {
                assert_eq!(self.tickets[other].status, ticket.status, "{other} and {id} are in one match");
            }
        }
    }

    /// No ticket has changed but as was noted.
    fn check_statuses(&self, world: &World) {
        world.gamelift.with_state(|state| {
            for ticket in state.tickets.values() {
                let known = self.tickets.get(&ticket.id).map_or("QUEUED", |known| known.status);
                assert_eq!(ticket.status.name(), known, "{ticket:?}");
            }
        });
    }
}

fn read_all(reader: &mut Reader) -> Vec<Arc<Event>> {
    let mut all = Vec::new();
    loop {
        match pin!(reader.next()).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Read::Event(event)) => all.push(event),
            Poll::Ready(Read::Missed(count)) => panic!("{count} events were missed"),
            Poll::Pending => return all,
        }
    }
}

/// Compares what an event says of a ticket with the ticket as it describes itself.
fn check_told(ticket: &Value, detail: &Value, told: &Value) {
    let kind = detail["type"].as_str().unwrap();
    let start: Timestamp = told["startTime"].as_str().unwrap().parse().unwrap();
    let late = ticket["StartTime"].as_f64().unwrap() - start.as_duration().as_secs_f64();
    assert!(late.abs() < 0.001, "{kind}: the start is {late} s off");
    if let Some(reason) = detail["reason"].as_str() {
        assert_eq!((reason, &detail["message"]), (ticket["StatusReason"].as_str().unwrap(), &ticket["StatusMessage"]));
    }
    let info = &ticket["GameSessionConnectionInfo"];
    if kind == "MatchmakingSucceeded" {
        assert_eq!(detail["gameSessionInfo"]["gameSessionArn"], info["GameSessionArn"]);
    }
    let sessions = info["MatchedPlayerSessions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let (seated, described) = (told["players"].as_array().unwrap(), ticket["Players"].as_array().unwrap());
    assert_eq!(seated.len(), described.len(), "{kind}");
    for (seated, player) in seated.iter().zip(described) {
        assert_eq!(seated["playerId"], player["PlayerId"], "{kind}");
        if !matches!(kind, "MatchmakingSearching" | "MatchmakingCancelled") {
            assert_eq!(seated["team"], player["Team"], "{kind}");
        }
        let session = sessions.iter().find(|session| session["PlayerId"] == player["PlayerId"]);
        assert_eq!(seated.get("playerSessionId"), session.map(|it| &it["PlayerSessionId"]), "{kind}");
    }
}
