//! What both sort rules have: an attribute, a direction, and for a map the key.
//!
//! Sort rules order a batch relative to its oldest ticket, the anchor. They refuse no ticket.

use std::collections::BTreeMap;

use crate::{
    aggregation::{NumberAggregation, Spread},
    attribute::{AttributeType, AttributeValue},
    entrant::Entrant,
    ids::AttributeId,
    json::{Members, Report},
    rule_set::declared::Declared,
    rules::reading::number_aggregation,
};

/// The members of such a rule.
pub(crate) const MEMBERS: [&str; 4] = ["sortDirection", "sortAttribute", "mapKey", "partyAggregation"];

/// `sortDirection`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// `ascending`: the least value first.
    Ascending,
    /// `descending`: the greatest value first.
    Descending,
}

/// `mapKey`: which key of the anchor's map is read in every ticket's map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapKey {
    /// `minValue`: that of the lowest number.
    Min,
    /// `maxValue`: that of the highest number.
    Max,
}

/// What tickets are sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    direction: Direction,
    attribute: AttributeId,
    /// There if the attribute is a map.
    map_key: Option<MapKey>,
    aggregation: NumberAggregation,
}

impl Sort {
    /// `sortDirection`.
    #[must_use]
    pub const fn direction(&self) -> Direction {
        self.direction
    }

    /// `sortAttribute`.
    #[must_use]
    pub const fn attribute(&self) -> AttributeId {
        self.attribute
    }

    /// `mapKey`.
    #[must_use]
    pub const fn map_key(&self) -> Option<MapKey> {
        self.map_key
    }

    pub(crate) fn read(members: &Members<'_>, declared: &Declared<'_>, report: &mut Report) -> Option<Self> {
        let directions = [("ascending", Direction::Ascending), ("descending", Direction::Descending)];
        let direction = members.required(report, "sortDirection", "\"ascending\"");
        let direction = direction.and_then(|place| place.one_of(report, &directions));
        let aggregation = number_aggregation(members, report);
        let place = members.required(report, "sortAttribute", "\"skill\"")?;
        let name = place.name(report)?;
        let (attribute, kind) =
            declared.attribute(name).map_err(|(reason, remedy)| report.problem(&place.path, reason, remedy)).ok()?;
        let keys = [("minValue", MapKey::Min), ("maxValue", MapKey::Max)];
        let map_key = match kind {
            AttributeType::NumberMap => {
                let place = members.required(report, "mapKey", "\"maxValue\"");
                Some(place.and_then(|place| place.one_of(report, &keys))?)
            }
            AttributeType::Number => {
                members.refuse(report, "mapKey", "the attribute is a number, no map");
                None
            }
            AttributeType::Text | AttributeType::TextList => {
                let reason = format!("the attribute {name} is a {kind}");
                report.problem(&place.path, reason, "sort by a number or a map of numbers");
                return None;
            }
        };
        Some(Self { direction: direction?, attribute, map_key, aggregation: aggregation? })
    }

    /// The values of the anchor and of another ticket. A ticket whose map lacks the key has none.
    pub(crate) fn values(&self, anchor: &Entrant, entrant: &Entrant) -> (Option<f64>, Option<f64>) {
        let Some(map_key) = self.map_key else {
            return (Some(self.number(anchor)), Some(self.number(entrant)));
        };
        let of_anchor = self.map(anchor);
        let by_value = |left: &(&String, &f64), right: &(&String, &f64)| left.1.total_cmp(right.1);
        let key = match map_key {
            MapKey::Min => of_anchor.iter().min_by(by_value),
            // Of equal ones the first key, as above.
            MapKey::Max => of_anchor.iter().rev().max_by(by_value),
        };
        let Some((key, value)) = key else { return (None, None) };
        (Some(*value), self.map(entrant).get(key).copied())
    }

    /// A number by which the ticket comes first if it is least.
    pub(crate) fn directed(&self, value: Option<f64>) -> f64 {
        match (value, self.direction) {
            (None, _) => f64::INFINITY,
            (Some(value), Direction::Ascending) => value,
            (Some(value), Direction::Descending) => -value,
        }
    }

    fn number(&self, entrant: &Entrant) -> f64 {
        let own = |player| entrant.number(player, self.attribute, self.aggregation);
        let numbers: Vec<_> = (0..entrant.players().len()).map(own).collect();
        Spread::of(&numbers).get(self.aggregation)
    }

    /// The map of a ticket: for each key, one number of the players who have it.
    fn map(&self, entrant: &Entrant) -> BTreeMap<String, f64> {
        let mut all: BTreeMap<&String, Vec<f64>> = BTreeMap::new();
        for player in entrant.players() {
            if let AttributeValue::NumberMap(map) = player.attribute(self.attribute) {
                map.iter().for_each(|(key, number)| all.entry(key).or_default().push(*number));
            }
        }
        all.into_iter().map(|(key, numbers)| (key.clone(), Spread::of(&numbers).get(self.aggregation))).collect()
    }
}
