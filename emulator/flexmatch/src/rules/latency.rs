//! `latency`: a location that is near enough for all. It is one of the two kinds that large matches have.
//!
//! The match does not carry the location: the queue that places it may take another one.

use crate::{
    aggregation::{NumberAggregation, fold, mean},
    candidate::Candidate,
    choices::{Averages, Choices, LatencyBoundary},
    entrant::Entrant,
    json::{Members, Report},
    latencies::Latencies,
    rules::reading::{number_aggregation, optional_size},
    standing::Standing,
};

/// The members of such a rule.
pub(crate) const MEMBERS: [&str; 4] = ["maxLatency", "maxDistance", "distanceReference", "partyAggregation"];

/// There is a location that is acceptable to all tickets.
#[derive(Clone, Debug, PartialEq)]
pub struct Latency {
    max_latency: Option<f64>,
    distance: Option<LatencyDistance>,
    aggregation: NumberAggregation,
}

/// How far latencies may be apart in a location.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LatencyDistance {
    /// `maxDistance`, in milliseconds.
    pub max: f64,
    /// `distanceReference`.
    pub reference: DistanceReference,
}

/// `distanceReference`: what the tickets' latencies are compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DistanceReference {
    /// `min`: the lowest of all tickets.
    Min,
    /// `avg`: the average of all tickets.
    Avg,
}

impl Latency {
    /// `maxLatency`, in milliseconds.
    #[must_use]
    pub const fn max_latency(&self) -> Option<f64> {
        self.max_latency
    }

    /// `maxDistance` and `distanceReference`.
    #[must_use]
    pub const fn distance(&self) -> Option<LatencyDistance> {
        self.distance
    }

    /// `partyAggregation`.
    #[must_use]
    pub const fn aggregation(&self) -> NumberAggregation {
        self.aggregation
    }

    /// The locations that are near enough for a ticket, whoever else is in the match: for each player, if it is a
    /// backfill.
    pub fn locations<'a>(&'a self, entrant: &'a Entrant, choices: Choices) -> impl Iterator<Item = &'a str> {
        let is_near =
            move |name: &str| entrant.latencies().iter().all(|of_one| self.accepted(of_one, name, choices).is_some());
        let of_first = entrant.latencies().first().into_iter().flat_map(Latencies::iter);
        of_first.map(|(name, _)| name).filter(move |name| is_near(name))
    }

    pub(crate) fn read(members: &Members<'_>, report: &mut Report) -> Option<Self> {
        let max_latency = optional_size(members, "maxLatency", report);
        let max = optional_size(members, "maxDistance", report);
        if !members.has("maxLatency") && !members.has("maxDistance") {
            report.problem(&members.path, "maxLatency and maxDistance are missing", "add one of them, or both");
        }
        let words = [("min", DistanceReference::Min), ("avg", DistanceReference::Avg)];
        let reference = if members.has("maxDistance") {
            let place = members.required(report, "distanceReference", "\"min\"");
            place.and_then(|place| place.one_of(report, &words))
        } else {
            members.refuse(report, "distanceReference", "it belongs to maxDistance, which is missing");
            None
        };
        let distance = max.zip(reference).map(|(max, reference)| LatencyDistance { max, reference });
        Some(Self { max_latency, distance, aggregation: number_aggregation(members, report)? })
    }

    pub(crate) fn standing(&self, candidate: &Candidate<'_>, choices: Choices) -> Standing {
        let Some(first) = latencies(candidate).next() else { return Standing::Open };
        let standings = first.iter().map(|(location, _)| self.in_location(location, candidate, choices));
        standings.fold(Standing::Broken, Standing::or)
    }

    pub(crate) fn explain(&self, candidate: &Candidate<'_>, choices: Choices) -> String {
        let Some(first) = latencies(candidate).next() else { return "there is no ticket".to_owned() };
        let locations = first.iter().map(|(location, _)| location);
        let acceptable = locations.filter(|location| self.in_location(location, candidate, choices).is_legal());
        match acceptable.collect::<Vec<_>>().as_slice() {
            [] => "no location is acceptable to all".to_owned(),
            locations => format!("acceptable to all: {}", locations.join(", ")),
        }
    }

    fn in_location(&self, location: &str, candidate: &Candidate<'_>, choices: Choices) -> Standing {
        let accepted = |of_ticket: &Latencies| self.accepted(of_ticket, location, choices);
        let Some(distance) = self.distance else {
            let is_near = latencies(candidate).all(|of_ticket| accepted(of_ticket).is_some());
            return if is_near { Standing::HoldsSoFar } else { Standing::Broken };
        };
        let Some(latencies) = latencies(candidate).map(accepted).collect::<Option<Vec<_>>>() else {
            return Standing::Broken;
        };
        let reference = match distance.reference {
            DistanceReference::Min => fold(&latencies, f64::min),
            DistanceReference::Avg => mean(&latencies),
        };
        if latencies.iter().all(|latency| (latency - reference).abs() <= distance.max) {
            return Standing::HoldsSoFar;
        }
        match (distance.reference, choices.averages) {
            (DistanceReference::Avg, Averages::Patient) => Standing::BrokenSoFar,
            _ => Standing::Broken,
        }
    }

    /// The latency in a location, if it is acceptable.
    fn accepted(&self, latencies: &Latencies, location: &str, choices: Choices) -> Option<f64> {
        let latency = latencies.get(location)?.get(self.aggregation);
        let accepts = self.max_latency.is_none_or(|max| match choices.latency_boundary {
            LatencyBoundary::Inclusive => latency <= max,
            LatencyBoundary::Exclusive => latency < max,
        });
        accepts.then_some(latency)
    }
}

/// The latencies of each ticket, or of each player of a backfill.
fn latencies<'a>(candidate: &Candidate<'a>) -> impl Iterator<Item = &'a Latencies> {
    candidate.entrants().flat_map(|(entrant, _)| entrant.latencies())
}
