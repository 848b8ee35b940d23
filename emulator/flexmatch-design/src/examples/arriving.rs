//! When example tickets come.

use std::time::Duration;

use flexmatch::Ticket;
use rand::{SeedableRng as _, rngs::StdRng};
use rand_distr::{Distribution as _, Exp};

use crate::{examples::example::Example, synthetic::arrivals::Rate};

/// The tickets by arrival: at their `ArrivalSeconds`, and the others one after the other at a rate. Without a rate these
/// come at once.
#[must_use]
pub fn example_tickets(examples: &[Example], rate: Option<Rate>, seed: u64) -> Vec<Ticket> {
    let mut rng = StdRng::seed_from_u64(seed);
    let gaps = rate.map(|rate| Exp::new(rate.per_second()).expect("a rate is above 0"));
    let mut now = 0.0;
    let mut tickets: Vec<_> = examples
        .iter()
        .map(|example| {
            let arrival = example.arrival.unwrap_or_else(|| {
                now += gaps.map_or(0.0, |gaps| gaps.sample(&mut rng));
                // Far beyond the bounds of a simulation.
                Duration::from_secs_f64(now.min(1e9))
            });
            example.at(arrival)
        })
        .collect();
    tickets.sort_by_key(|ticket| ticket.arrival);
    tickets
}
