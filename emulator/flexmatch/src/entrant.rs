//! A ticket as a rule set sees it: every attribute has a value, and every name is a place.

use std::{collections::HashSet, time::Duration};

use crate::{
    aggregation::{ListAggregation, NumberAggregation, Spread},
    attribute::AttributeValue,
    ids::{AttributeId, TeamId},
    latencies::Latencies,
    ticket::{Player, Ticket, TicketKind},
};

/// A ticket that a rule set can match: made by [`RuleSet::admit`](crate::RuleSet::admit), good for that rule set only.
#[derive(Clone, Debug, PartialEq)]
pub struct Entrant {
    id: String,
    arrival: Duration,
    kind: TicketKind,
    players: Vec<EntrantPlayer>,
    /// The party's values by attribute. Empty for a single player, and for a backfill, whose players are no party.
    party: Vec<PartyValue>,
    /// Latencies by location: of the party, or of each player of a backfill. A party can play where all its players
    /// can.
    latencies: Vec<Latencies>,
}

/// A player with a value for each declared attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct EntrantPlayer {
    pub(crate) id: String,
    pub(crate) attributes: Vec<AttributeValue>,
    pub(crate) team: Option<TeamId>,
}

/// What a party has in place of its players' values.
#[derive(Clone, Debug, PartialEq)]
enum PartyValue {
    Number(Spread),
    Lists {
        union: Vec<String>,
        intersection: Vec<String>,
    },
    /// Texts and maps stay the players' own.
    Own,
}

impl Entrant {
    /// A ticket with at least one player, each with a value for each attribute.
    pub(crate) fn new(ticket: &Ticket, players: Vec<EntrantPlayer>) -> Self {
        let is_party = ticket.kind == TicketKind::New && players.len() > 1;
        let attributes = if is_party { players[0].attributes.len() } else { 0 };
        let party = (0..attributes).map(|attribute| merge(&players, attribute)).collect();
        let latencies = latencies_of(ticket);
        Self { id: ticket.id.clone(), arrival: ticket.arrival, kind: ticket.kind, players, party, latencies }
    }

    /// The ticket's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// When it was asked for, in the time of its pool.
    #[must_use]
    pub const fn arrival(&self) -> Duration {
        self.arrival
    }

    /// What it is for.
    #[must_use]
    pub const fn kind(&self) -> TicketKind {
        self.kind
    }

    /// Its players, at least one.
    #[must_use]
    pub fn players(&self) -> &[EntrantPlayer] {
        &self.players
    }

    /// The locations that all its players can play in, by name, with one latency of all of them in milliseconds. Without
    /// `how`, the average. Of a backfill it says where the session is near on the whole: a rule judges each player.
    pub fn locations(&self, how: NumberAggregation) -> impl Iterator<Item = (&str, f64)> {
        let latency = move |name: &str| {
            let of_all: Option<Vec<_>> =
                self.latencies.iter().map(|latencies| Some(latencies.get(name)?.get(how))).collect();
            Some(Spread::of(&of_all?).get(how))
        };
        let of_first = self.latencies.first().into_iter().flat_map(Latencies::iter);
        of_first.filter_map(move |(name, _)| Some((name, latency(name)?)))
    }

    /// The latencies of the party, or of each player of a backfill.
    pub(crate) fn latencies(&self) -> &[Latencies] {
        &self.latencies
    }

    /// Whether its players are judged by common values.
    pub(crate) fn is_party(&self) -> bool {
        !self.party.is_empty()
    }

    /// A player's number: the party's, if there is one.
    ///
    /// # Panics
    /// The attribute is no number.
    #[must_use]
    pub fn number(&self, player: usize, attribute: AttributeId, how: NumberAggregation) -> f64 {
        match (self.party.get(attribute.0), &self.players[player].attributes[attribute.0]) {
            (Some(PartyValue::Number(spread)), _) => spread.get(how),
            (_, AttributeValue::Number(number)) => *number,
            _ => unreachable!("the rule set was checked: the attribute is a number"),
        }
    }

    /// A player's text, which is the player's own in a party too.
    pub(crate) fn text(&self, player: usize, attribute: AttributeId) -> &str {
        match &self.players[player].attributes[attribute.0] {
            AttributeValue::Text(text) => text,
            _ => unreachable!("the rule set was checked: the attribute is a string"),
        }
    }

    /// A player's string list: the party's, if there is one.
    pub(crate) fn texts(&self, player: usize, attribute: AttributeId, how: ListAggregation) -> &[String] {
        match (self.party.get(attribute.0), &self.players[player].attributes[attribute.0]) {
            (Some(PartyValue::Lists { union, intersection }), _) => match how {
                ListAggregation::Union => union,
                ListAggregation::Intersection => intersection,
            },
            (_, AttributeValue::TextList(texts)) => texts,
            _ => unreachable!("the rule set was checked: the attribute is a string list"),
        }
    }
}

impl EntrantPlayer {
    /// The player's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The player's own value of an attribute, or its default.
    #[must_use]
    pub fn attribute(&self, attribute: AttributeId) -> &AttributeValue {
        &self.attributes[attribute.0]
    }

    /// The values of all declared attributes, in their order.
    #[must_use]
    pub fn attributes(&self) -> &[AttributeValue] {
        &self.attributes
    }

    /// The team that the request names. Every player of a backfill has one.
    #[must_use]
    pub const fn team(&self) -> Option<TeamId> {
        self.team
    }
}

/// The value of a party for one attribute.
fn merge(players: &[EntrantPlayer], attribute: usize) -> PartyValue {
    let values = || players.iter().map(|player| &player.attributes[attribute]);
    match &players[0].attributes[attribute] {
        AttributeValue::Number(_) => {
            let numbers: Vec<_> = values()
                .map(|value| match value {
                    AttributeValue::Number(number) => *number,
                    _ => unreachable!("all values of an attribute have its type"),
                })
                .collect();
            PartyValue::Number(Spread::of(&numbers))
        }
        AttributeValue::TextList(first) => {
            let lists: Vec<_> = values()
                .map(|value| match value {
                    AttributeValue::TextList(texts) => texts,
                    _ => unreachable!("all values of an attribute have its type"),
                })
                .collect();
            let mut seen = HashSet::new();
            let union = lists.iter().copied().flatten().filter(|text| seen.insert(*text)).cloned().collect();
            let shared = first.iter().filter(|text| lists.iter().all(|list| list.contains(text)));
            PartyValue::Lists { union, intersection: shared.cloned().collect() }
        }
        AttributeValue::Text(_) | AttributeValue::NumberMap(_) => PartyValue::Own,
    }
}

fn latencies_of(ticket: &Ticket) -> Vec<Latencies> {
    let alone = |player: &Player| {
        player.latencies.iter().map(|(name, latency)| (name.clone(), Spread::of(&[f64::from(*latency)]))).collect()
    };
    match (ticket.kind, ticket.players.as_slice()) {
        (TicketKind::New, [first, _, ..]) => {
            let shared = first.latencies.keys().filter_map(|name| {
                let latencies: Option<Vec<_>> =
                    ticket.players.iter().map(|player| player.latencies.get(name).copied().map(f64::from)).collect();
                Some((name.clone(), Spread::of(&latencies?)))
            });
            vec![shared.collect()]
        }
        (_, players) => players.iter().map(alone).collect(),
    }
}
