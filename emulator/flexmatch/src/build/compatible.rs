//! Which tickets go together with an anchor in a large match: each rule of large matches keeps the fullest part.
//!
//! No rule of a large match looks at teams, and who leaves breaks none of them. So tickets that pass here make a legal
//! match in any number, as far as rules go.

use std::collections::BTreeMap;

use crate::{
    aggregation::NumberAggregation,
    build::{
        field::Field,
        tally::{Tallies, Tally},
    },
    choices::Choices,
    entrant::Entrant,
    ids::AttributeId,
    rule_set::stage::Stage,
    rules::{
        batch_distance::{self, BatchDistance},
        kind::RuleKind,
        latency::Latency,
    },
};

/// Tickets, the anchor first. Who is not kept is counted for the rule that left it out.
pub(crate) struct Compatible<'s, 'a> {
    pub(crate) field: &'s Field<'a>,
    pub(crate) kept: Vec<usize>,
}

impl Compatible<'_, '_> {
    /// Keeps those that hold all rules of a stage together with the anchor. It ends where the anchor itself is left out.
    pub(crate) fn keep(&mut self, stage: &Stage, tallies: &mut Tallies, of_anchor: &mut Tally) {
        let mut conditions: Vec<_> = stage.conditions().collect();
        // What leaves no choice goes first.
        conditions.sort_by_key(|(_, rule)| match rule.kind() {
            RuleKind::BatchDistance(BatchDistance::Texts { .. }) => 0,
            RuleKind::Latency(_) => 1,
            _ => 2,
        });
        for (id, rule) in conditions {
            let passes = match rule.kind() {
                RuleKind::BatchDistance(BatchDistance::Texts { attribute }) => self.same(*attribute),
                RuleKind::BatchDistance(BatchDistance::Numbers { attribute, max_distance, aggregation }) => {
                    self.window(*attribute, *max_distance, *aggregation)
                }
                RuleKind::Latency(latency) => self.location(latency, stage.choices),
                _ => continue,
            };
            for (ticket, passes) in self.kept.iter().zip(&passes) {
                tallies.count(*ticket, id, *passes);
                of_anchor.count(id, *passes);
            }
            let mut passes = passes.into_iter();
            let anchor = self.kept[0];
            self.kept.retain(|_| passes.next().unwrap_or(false));
            if self.kept.first() != Some(&anchor) {
                return;
            }
        }
    }

    /// Those whose players all have the anchor's text.
    fn same(&self, attribute: AttributeId) -> Vec<bool> {
        let text = self.anchor().text(0, attribute);
        let has = |entrant: &Entrant| (0..entrant.players().len()).all(|one| entrant.text(one, attribute) == text);
        self.entrants().map(has).collect()
    }

    /// Those in the window of that width around the anchor that has the most players.
    fn window(&self, attribute: AttributeId, width: f64, how: NumberAggregation) -> Vec<bool> {
        let bounds: Vec<_> = self.entrants().map(|entrant| bounds(entrant, attribute, how)).collect();
        let Some((anchor_min, anchor_max)) = bounds.first().copied() else { return Vec::new() };
        let mut by_min: Vec<_> = bounds.iter().copied().zip(self.entrants().map(|one| one.players().len())).collect();
        by_min.sort_by(|left, right| left.0.0.total_cmp(&right.0.0));
        let (mut end, mut players, mut fullest) = (0, 0, (0, anchor_min));
        for ((min, _), own) in &by_min {
            while let Some(((next, _), more)) = by_min.get(end).filter(|((next, _), _)| next - min <= width) {
                debug_assert!(next >= min, "they are sorted");
                players += more;
                end += 1;
            }
            if anchor_max - min <= width && *min <= anchor_min && players > fullest.0 {
                fullest = (players, *min);
            }
            // A number that is none opens no window.
            players = players.saturating_sub(*own);
        }
        let from = fullest.1;
        bounds.iter().map(|(min, max)| *min >= from && max - from <= width).collect()
    }

    /// Those who can play in the anchor's location that most players can play in.
    fn location(&self, latency: &Latency, choices: Choices) -> Vec<bool> {
        let mut players: BTreeMap<&str, usize> = BTreeMap::new();
        let of_anchor = latency.locations(self.anchor(), choices);
        of_anchor.for_each(|location| players.extend([(location, 0)]));
        for entrant in self.entrants() {
            for location in latency.locations(entrant, choices) {
                if let Some(count) = players.get_mut(location) {
                    *count += entrant.players().len();
                }
            }
        }
        let fullest = players.into_iter().rev().max_by_key(|(_, count)| *count).map(|(location, _)| location);
        let can = |entrant: &Entrant| latency.locations(entrant, choices).any(|location| Some(location) == fullest);
        self.entrants().map(can).collect()
    }

    fn anchor(&self) -> &Entrant {
        self.field.entrants[self.kept[0]]
    }

    fn entrants(&self) -> impl Iterator<Item = &Entrant> {
        self.kept.iter().map(|ticket| self.field.entrants[*ticket])
    }
}

/// The least and the greatest number of a ticket.
fn bounds(entrant: &Entrant, attribute: AttributeId, how: NumberAggregation) -> (f64, f64) {
    let numbers = batch_distance::numbers(entrant, attribute, how);
    numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(min, max), number| (min.min(number), max.max(number)))
}
