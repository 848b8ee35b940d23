//! A match in the making: tickets on teams.

use crate::{
    entrant::{Entrant, EntrantPlayer},
    ids::TeamId,
    team::Team,
    ticket::TicketKind,
};

/// A match in the making, begun by [`RuleSet::candidate`](crate::RuleSet::candidate). Tickets are added and taken away as on a stack, so that a matcher can try one.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    names: &'a [Team],
    teams: Vec<Vec<Member<'a>>>,
    entrants: Vec<(&'a Entrant, Option<TeamId>)>,
}

/// A player in a team.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member<'a> {
    pub(crate) entrant: &'a Entrant,
    /// The player's place in the entrant.
    pub(crate) player: usize,
}

impl<'a> Candidate<'a> {
    /// A match without players.
    pub(crate) fn new(teams: &'a [Team]) -> Self {
        Self { names: teams, teams: vec![Vec::new(); teams.len()], entrants: Vec::new() }
    }

    /// The name of a team.
    #[must_use]
    pub fn team_name(&self, team: TeamId) -> &'a str {
        self.names[team.0].name()
    }

    /// Adds all players of a new ticket to `team`. Whether they have room there is for the caller to see.
    ///
    /// # Panics
    /// The ticket is a backfill: its players have teams already.
    pub fn add(&mut self, entrant: &'a Entrant, team: TeamId) {
        assert!(entrant.kind() == TicketKind::New, "players of a backfill have teams already");
        self.teams[team.0].extend((0..entrant.players().len()).map(|player| Member { entrant, player }));
        self.entrants.push((entrant, Some(team)));
    }

    /// Adds the players of a backfill, each to the team in which they play.
    ///
    /// # Panics
    /// The ticket is no backfill.
    pub fn add_backfill(&mut self, entrant: &'a Entrant) {
        assert!(entrant.kind() == TicketKind::Backfill, "only players of a backfill have teams already");
        for (player, member) in entrant.players().iter().enumerate() {
            let team = member.team().expect("an admitted backfill names all teams");
            self.teams[team.0].push(Member { entrant, player });
        }
        self.entrants.push((entrant, None));
    }

    /// Takes the ticket away that was added last.
    pub fn pop(&mut self) -> Option<&'a Entrant> {
        let (entrant, team) = self.entrants.pop()?;
        if let Some(team) = team {
            let rest = self.teams[team.0].len() - entrant.players().len();
            self.teams[team.0].truncate(rest);
        } else {
            for player in entrant.players().iter().rev() {
                self.teams[player.team().expect("an admitted backfill names all teams").0].pop();
            }
        }
        Some(entrant)
    }

    /// The tickets in the order they were added, each with its team. A backfill has none of its own.
    pub fn entrants(&self) -> impl ExactSizeIterator<Item = (&'a Entrant, Option<TeamId>)> {
        self.entrants.iter().copied()
    }

    /// How many players a team has.
    #[must_use]
    pub fn size(&self, team: TeamId) -> u32 {
        self.teams[team.0].len() as u32
    }

    /// How many players the match has.
    #[must_use]
    pub fn players(&self) -> u32 {
        self.teams.iter().map(Vec::len).sum::<usize>() as u32
    }

    /// The players of a team, each with the ticket.
    pub fn team(&self, team: TeamId) -> impl ExactSizeIterator<Item = (&'a Entrant, &'a EntrantPlayer)> {
        self.teams[team.0].iter().map(|member| (member.entrant, &member.entrant.players()[member.player]))
    }

    /// The members of a team.
    pub(crate) fn members(&self, team: TeamId) -> &[Member<'a>] {
        &self.teams[team.0]
    }
}
