//! The tickets of a crowd, one after the other.

use std::time::Duration;

use flexmatch::{Player, Ticket, TicketKind};
use rand::{SeedableRng as _, rngs::StdRng};
use rand_distr::{Distribution as _, Exp};

use crate::synthetic::crowd::Crowd;

/// The tickets of a crowd by arrival, made as they are asked for. The time between two of them is exponential: each
/// comes without regard to the others.
#[derive(Debug)]
pub(crate) struct CrowdTickets<'a> {
    crowd: &'a Crowd,
    gaps: Exp<f64>,
    rng: StdRng,
    now: f64,
    tickets: u64,
    players: u64,
}

impl Crowd {
    /// Its tickets by arrival. The same seed has the same tickets.
    pub fn tickets(&self, seed: u64) -> impl Iterator<Item = Ticket> {
        CrowdTickets {
            crowd: self,
            gaps: Exp::new(self.rate.per_second()).expect("a rate is above 0"),
            rng: StdRng::seed_from_u64(seed),
            now: 0.0,
            tickets: 0,
            players: 0,
        }
    }
}

impl Iterator for CrowdTickets<'_> {
    type Item = Ticket;

    fn next(&mut self) -> Option<Ticket> {
        self.now += self.gaps.sample(&mut self.rng);
        let arrival = Duration::try_from_secs_f64(self.now).ok().filter(|arrival| *arrival < self.crowd.period)?;
        self.tickets += 1;
        let size = *self.crowd.parties.choose(&mut self.rng);
        let players = (0..size).map(|_| self.player()).collect();
        Some(Ticket { id: format!("ticket-{}", self.tickets), arrival, kind: TicketKind::New, players })
    }
}

impl CrowdTickets<'_> {
    fn player(&mut self) -> Player {
        self.players += 1;
        let (crowd, rng) = (self.crowd, &mut self.rng);
        let attributes = crowd.attributes.iter().map(|(name, values)| (name.clone(), values.draw(rng))).collect();
        let latencies = crowd.latencies.iter().map(|(location, numbers)| {
            // No latency is negative, and none is 0.
            (location.clone(), numbers.draw(rng).round().max(1.0) as u32)
        });
        Player { id: format!("player-{}", self.players), attributes, latencies: latencies.collect(), team: None }
    }
}
