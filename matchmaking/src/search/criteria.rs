//! Which game sessions a search looks for, and in which order.

use std::cmp::Ordering;

use aws::gamelift::{LOCATION_NAMES, is_location_name};
use aws_sdk_gamelift::types::{GameSession, GameSessionStatus, PlayerSessionCreationPolicy};
use shared::{
    error::FieldError,
    parameters::Parameters,
    request::{
        Member, Members,
        members::{Integer, Keyed, Text, Words},
    },
};

use crate::wanted::{self, CONNECTIONS, GAME_PROPERTIES};

/// The part of every filter. `SearchGameSessions` searches ACTIVE game sessions only.
const JOINABLE: &str = "hasAvailablePlayerSessions=true";

/// The most characters that GameLift takes as a filter expression.
pub(crate) const MAX_FILTER: usize = 1024;

const NAME: Member<Text> =
    Member { name: "name", about: "Only game sessions with exactly this name.", is_required: false, ..wanted::NAME };

/// The parameter whose members ask for game properties.
const PROPERTY: Member<Keyed> = Member::keyed(
    "property",
    Keyed { key: GAME_PROPERTIES.takes.name, value: GAME_PROPERTIES.takes.value },
    "Only game sessions with all of these game properties: `property.<key>` has the value of one.",
);

const MIN_FREE_SLOTS: Member<Integer> = Member {
    name: "min_free_slots",
    about: "Only game sessions with as many free player slots. Left out: 1.",
    is_required: false,
    ..CONNECTIONS
};

const LOCATION: Member<Text> = Member { about: "Only game sessions at this location.", ..wanted::LOCATION };

const SORT: Member<Words<Sort>> = Member::words(
    "sort",
    &[("newest", Sort::Newest), ("fullest", Sort::Fullest), ("emptiest", Sort::Emptiest)],
    "The order of the game sessions.",
);

/// Which game sessions to find, and in which order. Only [`Criteria::read`] and [`Criteria::of`] take a client's
/// values; they refuse keys that could change the meaning of a filter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Criteria {
    /// `name`: only those with exactly this name.
    pub name: Option<String>,
    /// `property.<key>`: only those with all of these game properties, by key.
    pub properties: Vec<(String, String)>,
    /// `min_free_slots`: only those with at least this many free player slots, 1 to 200.
    pub min_free_slots: i32,
    /// `location`: only those at this location.
    pub location: Option<String>,
    /// `sort`: the order.
    pub sort: Sort,
}

impl Criteria {
    /// What [`Criteria::of`] reads.
    pub const MEMBERS: Members = &[&NAME, &PROPERTY, &MIN_FREE_SLOTS, &LOCATION, &SORT];

    /// Every game session that a player can enter.
    pub fn any(sort: Sort) -> Self {
        Self { name: None, properties: Vec::new(), min_free_slots: 1, location: None, sort }
    }

    /// Reads the members of a JSON object. The fields' documentation has their names. `default` is the order without
    /// `sort`.
    ///
    /// # Errors
    /// One error for every member that is unknown or has a bad value.
    pub fn read(pairs: impl IntoIterator<Item = (String, String)>, default: Sort) -> Result<Self, Vec<FieldError>> {
        let mut parameters = Parameters::new(pairs);
        let criteria = Self::of(&mut parameters, default);
        let errors = parameters.into_errors();
        if errors.is_empty() { Ok(criteria) } else { Err(errors) }
    }

    /// Reads the same among the parameters of a query. `parameters` collects the errors; the result is valid only if
    /// there are none.
    pub fn of(parameters: &mut Parameters, default: Sort) -> Self {
        let criteria = Self {
            name: parameters.string(&NAME),
            properties: properties(parameters),
            min_free_slots: parameters.integer(&MIN_FREE_SLOTS).unwrap_or(1),
            location: location(parameters),
            sort: parameters.word(&SORT).unwrap_or(default),
        };
        criteria.check_length(parameters);
        criteria
    }

    /// GameLift's filter expression. It leaves out [`Criteria::min_free_slots`], as GameLift cannot compare two
    /// counts, and the location, which has its own parameter.
    pub fn filter(&self) -> String {
        let mut filter = JOINABLE.to_owned();
        for (_, condition) in self.conditions() {
            filter.push_str(" AND ");
            filter.push_str(&condition);
        }
        filter
    }

    /// Whether the game session meets the criteria and a player can enter it. GameLift's search lags by seconds, so
    /// its results are checked again.
    pub fn matches(&self, session: &GameSession) -> bool {
        session.status() == Some(&GameSessionStatus::Active)
            && session.player_session_creation_policy() == Some(&PlayerSessionCreationPolicy::AcceptAll)
            && free_slots(session) >= self.min_free_slots
            && self.describes(session)
    }

    /// Whether the game session has the name and the properties, open or not.
    pub fn describes(&self, session: &GameSession) -> bool {
        let has = |(key, value): &(String, String)| {
            let property = session.game_properties().iter().find(|property| property.key() == Some(key));
            property.and_then(|property| property.value()) == Some(value)
        };
        self.name.as_deref().is_none_or(|name| session.name() == Some(name)) && self.properties.iter().all(has)
    }

    /// The conditions beyond [`JOINABLE`], each with the key of its game property; the name has none.
    fn conditions(&self) -> Vec<(Option<&str>, String)> {
        let name = self.name.iter().map(|name| (None, equals("gameSessionName", name)));
        let properties = self.properties.iter().map(|(key, value)| {
            let condition = equals(&format!("gameSessionProperties.{key}"), value);
            (Some(key.as_str()), condition)
        });
        name.chain(properties).collect()
    }

    /// Blames a filter that is too long on its longest parameter.
    fn check_length(&self, parameters: &mut Parameters) {
        let length = self.filter().chars().count();
        let longest = self.conditions().into_iter().max_by_key(|(_, condition)| condition.chars().count());
        let message = format!(
            "makes GameLift's filter too long: {length} characters with all parameters, of {MAX_FILTER}; shorten it"
        );
        match longest {
            Some((Some(key), _)) if length > MAX_FILTER => parameters.member_error(PROPERTY.name, key, message),
            Some((None, _)) if length > MAX_FILTER => parameters.error(NAME.name, message),
            _ => {}
        }
    }
}

/// The order in which game sessions are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sort {
    /// `newest`: the last created first.
    Newest,
    /// `fullest`: the one with the most players first.
    Fullest,
    /// `emptiest`: the one with the fewest players first.
    Emptiest,
}

impl Sort {
    /// GameLift's sort expression.
    pub const fn expression(self) -> &'static str {
        match self {
            Self::Newest => "creationTimeMillis DESC",
            Self::Fullest => "playerSessionCount DESC",
            Self::Emptiest => "playerSessionCount ASC",
        }
    }

    /// The order of two game sessions; their ids decide between equals.
    pub fn compare(self, one: &GameSession, other: &GameSession) -> Ordering {
        let players = |session: &GameSession| session.current_player_session_count().unwrap_or_default();
        let order = match self {
            Self::Newest => other.creation_time().cmp(&one.creation_time()),
            Self::Fullest => players(other).cmp(&players(one)),
            Self::Emptiest => players(one).cmp(&players(other)),
        };
        order.then_with(|| one.game_session_id().cmp(&other.game_session_id()))
    }
}

/// The game properties asked for. A key becomes part of the filter unchanged, so it has to be harmless. GameLift
/// cannot search keys with a dot at all.
fn properties(parameters: &mut Parameters) -> Vec<(String, String)> {
    let mut properties = Vec::new();
    for key in parameters.members(&PROPERTY) {
        let searchable = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
        if !(1..=PROPERTY.takes.key).contains(&key.len()) || !key.chars().all(searchable) {
            let message = "cannot be searched for: a key that can has 1 to 32 of A-Z, a-z, 0-9, _ and -";
            parameters.member_error(PROPERTY.name, &key, message);
        } else if let Some(value) = parameters.member(&PROPERTY, &key) {
            properties.push((key, value));
        }
    }
    properties
}

fn location(parameters: &mut Parameters) -> Option<String> {
    let location = parameters.string(&LOCATION)?;
    if is_location_name(&location) {
        return Some(location);
    }
    parameters.error(LOCATION.name, LOCATION_NAMES);
    None
}

fn free_slots(session: &GameSession) -> i32 {
    let count = |count: Option<i32>| count.unwrap_or_default();
    count(session.maximum_player_session_count()).saturating_sub(count(session.current_player_session_count()))
}

/// `operand='value'`, with quotes and backslashes escaped.
fn equals(operand: &str, value: &str) -> String {
    let mut condition = format!("{operand}='");
    for character in value.chars() {
        if matches!(character, '\'' | '\\') {
            condition.push('\\');
        }
        condition.push(character);
    }
    condition.push('\'');
    condition
}

#[cfg(test)]
mod tests;
