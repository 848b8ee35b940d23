//! A match inside a pass.

use std::time::Duration;

use crate::{
    build::{
        field::Field,
        pool::Place,
        proposal::{ProposedPlayer, ProposedTeam, StepInForce},
        tally::Tally,
    },
    candidate::Candidate,
    ids::TeamId,
    rule_set::stage::Stage,
    ticket::TicketKind,
};

/// A ticket's place in the field, and its team. A backfill has none of its own.
pub(crate) type Seat = (usize, Option<TeamId>);

/// A legal match: its seats, and how it came about.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) seats: Vec<Seat>,
    pub(crate) tally: Tally,
}

/// What an anchor came to.
pub(crate) struct Attempt {
    pub(crate) found: Option<Vec<Seat>>,
    pub(crate) tally: Tally,
    /// The bounds were reached before all was tried.
    pub(crate) is_cut: bool,
    /// A rule refuses the anchor alone, and would refuse any match with it.
    pub(crate) is_hopeless: bool,
}

/// A found match without references, so that the pool can change.
#[derive(Clone, Debug)]
pub(crate) struct Sketch {
    pub(crate) teams: Vec<ProposedTeam>,
    pub(crate) tickets: Vec<Place>,
    pub(crate) age: Duration,
    pub(crate) steps: Vec<StepInForce>,
    pub(crate) max_players: u32,
    pub(crate) tally: Tally,
}

/// Seats tickets.
pub(crate) fn seat<'a>(field: &Field<'a>, seats: &[Seat]) -> Candidate<'a> {
    let mut candidate = field.rule_set.candidate();
    seats.iter().for_each(|seat| add(&mut candidate, field, *seat));
    candidate
}

/// Seats one ticket more.
pub(crate) fn add<'a>(candidate: &mut Candidate<'a>, field: &Field<'a>, (ticket, team): Seat) {
    match team {
        Some(team) => candidate.add(field.entrants[ticket], team),
        None => candidate.add_backfill(field.entrants[ticket]),
    }
}

/// Whether a match may start as it is.
pub(crate) fn is_legal(field: &Field<'_>, candidate: &Candidate<'_>) -> bool {
    let stage = field.rule_set.stage_of(candidate, field.now);
    has_newcomers(candidate) && has_room(field, candidate, stage) && stage.is_legal(candidate)
}

/// Whether there is a ticket that is no backfill.
pub(crate) fn has_newcomers(candidate: &Candidate<'_>) -> bool {
    candidate.entrants().any(|(entrant, _)| entrant.kind() == TicketKind::New)
}

/// Whether no team has too many players at that stage, and the free slots stay free.
pub(crate) fn has_room(field: &Field<'_>, candidate: &Candidate<'_>, stage: &Stage) -> bool {
    let caps = field.plan.caps(field.rule_set, stage);
    caps.iter().enumerate().all(|(team, cap)| candidate.size(TeamId(team)) <= *cap)
}

impl Found {
    pub(crate) fn sketch(self, field: &Field<'_>) -> Sketch {
        let candidate = seat(field, &self.seats);
        let age = field.rule_set.age_of(&candidate, field.now);
        let team = |team: TeamId| ProposedTeam {
            name: candidate.team_name(team).to_owned(),
            players: candidate
                .team(team)
                .map(|(entrant, player)| ProposedPlayer { id: player.id().to_owned(), ticket: entrant.id().to_owned() })
                .collect(),
        };
        Sketch {
            teams: field.rule_set.team_ids().map(team).collect(),
            tickets: self.seats.iter().map(|(ticket, _)| field.places[*ticket]).collect(),
            age,
            steps: StepInForce::at(field.rule_set, age),
            max_players: field.rule_set.stage(age).total().max(),
            tally: self.tally,
        }
    }
}
