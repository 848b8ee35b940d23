//! Tickets: what players asked for, and what came of it. This is the record; `starts`, `tickets`, `looks` and `line` write it.
//!
//! A player's newest ticket is the lock of "one live search a player". Nothing unlocks it: the lock holds as long as
//! the ticket has not ended. So the two cannot contradict each other, and it says where a player was last.
//!
//! Only a search for a match locks. A player may start a game session beside it, or several, as GameLift allows: such
//! tickets start beside any other one, and are a player's newest unless a search is open.

use std::time::Duration;

use shared::{Error, hash::hex_sha256};

use crate::{
    records::{
        names::of_player,
        news::{News, Status, Told},
    },
    store::unwritable,
    table::item::{Item, KIND, Key, OPEN, PK, SEEN, STATUS},
};

/// The longest id of a ticket, GameLift's own limit.
const LONGEST_ID: usize = 128;

/// The partitions of the index of open tickets, so that none of them has to take all writes.
pub(crate) const SHARDS: usize = 16;
/// The kinds of partitions of the index.
pub(crate) const OPENED: &str = "OPEN";
/// See [`OPENED`].
pub(crate) const WAITING: &str = "WAITING";

/// What the ticket is in GameLift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A matchmaking ticket.
    Match,
    /// A placement by a queue.
    Placement,
}

impl Kind {
    /// Whether a player can have one open ticket of this kind only.
    pub(crate) const fn locks(self) -> bool {
        matches!(self, Self::Match)
    }

    const ALL: [Self; 2] = [Self::Match, Self::Placement];

    const fn name(self) -> &'static str {
        match self {
            Self::Match => "MATCH",
            Self::Placement => "PLACEMENT",
        }
    }
}

/// A ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// Its players, the caller first. Nobody else may see it.
    pub players: Vec<String>,
    /// All that is needed to send it to GameLift again.
    pub request: String,
    /// When it was started, since 1970; of one that has waited in a line, when it was let out of it.
    pub created: Duration,
    /// The newest that is known of it.
    pub news: News,
    /// When it was last heard of or asked about, since 1970. `None` once it has ended.
    pub seen: Option<Duration>,
    /// How often its news have changed. Of two states of the ticket, the one with the larger number is the later one.
    pub version: u64,
    /// Whether it is to be stopped.
    pub is_to_stop: bool,
    /// Whether no player wants that: the one who has been waiting has gone.
    pub is_given_up: bool,
    /// Since when looks have missed it in GameLift, which knew it, since 1970. `None`: the last look has found it.
    pub missed: Option<Duration>,
    /// Its place in a line, while it waits there.
    pub(crate) place: Option<Place>,
}

/// A place in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Its item.
    pub(crate) key: Key,
    /// How many had come to the line, this one included.
    pub(crate) number: u64,
}

pub(crate) const PREFIX: &str = "TKT#";
const PLAYERS: &str = "players";
const REQUEST: &str = "request";
pub(crate) const CREATED: &str = "created";
pub(crate) const AT: &str = "at";
pub(crate) const RANK: &str = "rank";
/// See [`News::of_match`].
pub(crate) const MATCH: &str = "match";
pub(crate) const TOLD: &str = "told";
pub(crate) const ENDED: &str = "ended";
/// How often its news have changed. Records that are older than this have none.
pub(crate) const VERSION: &str = "version";
/// Who has asked GameLift about it last.
pub(crate) const LOOKER: &str = "looker";
/// That it is to be stopped: [`BY_PLAYER`] or [`GIVEN_UP`].
pub(crate) const STOP: &str = "stop";
pub(crate) const BY_PLAYER: u64 = 1;
pub(crate) const GIVEN_UP: u64 = 2;
/// Since when looks have missed it.
pub(crate) const MISSED: &str = "missed";
/// Until when no look at another ticket takes it along, since 1970. News take it away.
pub(crate) const LEFT: &str = "left";
/// The place in a line: its partition, its item and its number.
pub(crate) const LINE: &str = "line";
pub(crate) const PLACE: &str = "place";
pub(crate) const NUMBER: &str = "number";
/// Of a lock.
pub(crate) const TICKET: &str = "ticket";

pub(crate) fn place(id: &str) -> Key {
    Key::alone(format!("{PREFIX}{id}"))
}

pub(crate) fn lock_of(player: &str) -> Key {
    Key { pk: of_player(player), sk: "LAST".to_owned() }
}

pub(crate) fn is_id(id: &str) -> bool {
    (1..=LONGEST_ID).contains(&id.len())
}

/// The partition of the index for a ticket that GameLift may know.
pub(crate) fn shard_of(id: &str) -> String {
    shard_name(OPENED, shard_number(id))
}

fn shard_number(id: &str) -> usize {
    let digit = hex_sha256(&[id.as_bytes()]).chars().next().and_then(|digit| digit.to_digit(16));
    digit.unwrap_or_default() as usize % SHARDS
}

/// The partitions of tickets in a line are others, so that these do not stand before the open ones.
pub(crate) fn shard_name(kind: &str, shard: usize) -> String {
    format!("{kind}#{shard}")
}

pub(crate) fn item(ticket: &Ticket, until: Duration) -> Result<Item, Error> {
    let players = serde_json::to_string(&ticket.players).map_err(|_| unwritable())?;
    let item = Item::until(until).and(KIND, ticket.kind.name()).and(PLAYERS, players);
    let item = item.and(REQUEST, ticket.request.as_str()).and(CREATED, ticket.created);
    let item = with_news(item, &ticket.news)?;
    let item = item.and(SEEN, ticket.created);
    Ok(match &ticket.place {
        Some(place) => {
            let shard = shard_name(WAITING, shard_number(&ticket.id));
            let item = item.and(OPEN, shard).and(NUMBER, place.number);
            item.and(LINE, place.key.pk.as_str()).and(PLACE, place.key.sk.as_str())
        }
        None => item.and(OPEN, shard_of(&ticket.id)),
    })
}

pub(crate) fn with_news(item: Item, news: &News) -> Result<Item, Error> {
    let item = item.and(AT, news.at).and(RANK, news.rank).and(STATUS, news.status.name());
    let item = item.and(TOLD, text_of(&news.told)?);
    Ok(match news.of_match() {
        Some(match_id) => item.and(MATCH, match_id),
        None => item,
    })
}

/// What was told, as an attribute.
pub(crate) fn text_of(told: &Told) -> Result<String, Error> {
    serde_json::to_string(told).map_err(|_| unwritable())
}

/// The ticket of an item. One that cannot be read is as good as unknown: its players must not be locked out until it is
/// forgotten.
pub(crate) fn ticket(item: &Item) -> Option<Ticket> {
    let read = || {
        let text = |name: &str| item.text(name).map(str::to_owned);
        Some(Ticket {
            id: id_of(item)?,
            kind: kind_of(item)?,
            players: serde_json::from_str(item.text(PLAYERS)?).ok()?,
            request: text(REQUEST)?,
            created: item.time(CREATED)?,
            news: News {
                at: item.time(AT)?,
                rank: item.number(RANK)?,
                status: status_of(item)?,
                told: serde_json::from_str(item.text(TOLD)?).ok()?,
            },
            seen: item.time(SEEN),
            version: item.number(VERSION).unwrap_or_default(),
            is_to_stop: item.number(STOP).is_some(),
            is_given_up: item.number(STOP) == Some(GIVEN_UP),
            missed: item.time(MISSED),
            place: place_of(item),
        })
    };
    let ticket = read();
    if ticket.is_none() {
        tracing::error!("a ticket of the store cannot be read: another version of Liftgate may have written it");
    }
    ticket
}

/// The place in a line of the item of a ticket.
pub(crate) fn place_of(item: &Item) -> Option<Place> {
    let (pk, sk) = (item.text(LINE)?.to_owned(), item.text(PLACE)?.to_owned());
    Some(Place { key: Key { pk, sk }, number: item.number(NUMBER).unwrap_or_default() })
}

pub(crate) fn id_of(item: &Item) -> Option<String> {
    item.text(PK)?.strip_prefix(PREFIX).map(str::to_owned)
}

pub(crate) fn kind_of(item: &Item) -> Option<Kind> {
    let name = item.text(KIND)?;
    Kind::ALL.into_iter().find(|kind| kind.name() == name)
}

pub(crate) fn status_of(item: &Item) -> Option<Status> {
    let name = item.text(STATUS)?;
    Status::ALL.into_iter().find(|status| status.name() == name)
}
