//! A simulation by time.

use std::time::Duration;

use serde::Serialize;

use crate::simulation::{
    played::Played,
    quality::{AttributeQuality, Quality},
    quantiles::Quantiles,
};

/// The most intervals.
const MOST: f64 = 60.0;

/// An interval of a simulation. Waits are of the tickets that came in it, quality is of the matches that were made in it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// When it begins.
    pub from_seconds: f64,
    /// The tickets that came in it and were matched, now or later.
    pub matched: usize,
    /// How long they waited.
    pub wait_seconds: Option<Quantiles>,
    /// The matches.
    pub matches: usize,
    /// The averages of its matches, one for each attribute that is a number.
    pub attributes: Vec<IntervalAttribute>,
    /// The average latency of its players, each match in the location that suits it best.
    pub latency_ms: Option<f64>,
}

/// An attribute in an interval.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IntervalAttribute {
    /// Its name.
    pub name: String,
    /// The average difference in a team.
    pub within_team: f64,
    /// The average difference between the teams' averages.
    pub between_teams: f64,
}

/// The intervals of a simulation, at most 60 and each of a round length.
pub(crate) fn intervals(played: &Played, names: &[String]) -> Vec<Interval> {
    let last_arrival = played.matched.iter().map(|ticket| ticket.arrival).max();
    let last_match = played.matches.iter().map(|one| one.at).max();
    let Some(end) = last_arrival.max(last_match) else { return Vec::new() };
    let length = round_length(end.as_secs_f64() / MOST);
    let place = |time: Duration| (time.as_secs_f64() / length) as usize;
    let count = place(end) + 1;
    let (mut waits, mut matches) = (vec![Vec::new(); count], vec![Vec::new(); count]);
    for ticket in &played.matched {
        waits[place(ticket.arrival)].push(ticket.wait.as_secs_f64());
    }
    for one in &played.matches {
        matches[place(one.at)].push(&one.quality);
    }
    let intervals = waits.into_iter().zip(matches).enumerate();
    let interval = |(place, (waits, matches)): (usize, (Vec<f64>, Vec<&Quality>))| Interval {
        from_seconds: place as f64 * length,
        matched: waits.len(),
        wait_seconds: Quantiles::of(waits),
        matches: matches.len(),
        attributes: attributes(&matches, names),
        latency_ms: mean(
            matches
                .iter()
                .filter_map(|one| one.latency.as_ref())
                .flat_map(|latency| latency.latencies.iter().copied().map(f64::from)),
        ),
    };
    intervals.map(interval).collect()
}

/// 1, 2 or 5 with zeros, at least a second.
fn round_length(seconds: f64) -> f64 {
    let mut length = 1.0;
    for factor in [2.0, 2.5, 2.0].into_iter().cycle() {
        if length >= seconds {
            break;
        }
        length *= factor;
    }
    length
}

fn attributes(matches: &[&Quality], names: &[String]) -> Vec<IntervalAttribute> {
    let of_attribute = |(place, name): (usize, &String)| {
        let numbers = |want: fn(f64, f64) -> f64| {
            mean(matches.iter().filter_map(|one| match one.attributes.get(place) {
                Some(Some(AttributeQuality::Numbers { within, between })) => Some(want(*within, *between)),
                _ => None,
            }))
        };
        Some(IntervalAttribute {
            name: name.clone(),
            within_team: numbers(|within, _| within)?,
            between_teams: numbers(|_, between| between)?,
        })
    };
    names.iter().enumerate().filter_map(of_attribute).collect()
}

fn mean(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = numbers.fold((0.0, 0), |(sum, count), number| (sum + number, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

#[cfg(test)]
mod tests {
    use super::round_length;

    #[test]
    fn lengths_are_round() {
        let lengths = [0.0, 1.0, 1.5, 2.5, 6.0, 11.0, 45.0, 60.0, 999.0].map(round_length);
        assert_eq!(lengths, [1.0, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 1000.0]);
    }
}
