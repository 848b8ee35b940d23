//! Small matches: one ticket after the other is tried around the anchor.
//!
//! The first descent is AWS's way as far as it is known: each candidate is tried in the teams with room, the one with
//! the fewest players first, and stays if no rule refuses it. A ticket is judged at the age that the match has with it.
//! If the descent ends without a legal match, second thoughts go back to the last decisions: another team, or without
//! that ticket. They are bounded. Once a legal match is found, it is filled as far as it goes, and the largest legal
//! match on that way is taken.

use std::time::Duration;

use fastrand::Rng;

use crate::{
    build::{
        budget::Budget,
        field::Field,
        found::{self, Attempt, Seat},
        tally::{Tallies, Tally},
    },
    candidate::Candidate,
    ids::TeamId,
    rule_set::stage::Stage,
    ticket::TicketKind,
};

/// A search around one anchor.
pub(crate) struct Search<'s, 'a> {
    field: &'s Field<'a>,
    tallies: &'s mut Tallies,
    budget: &'s mut Budget,
    rng: &'s mut Rng,
    candidate: Candidate<'a>,
    seats: Vec<Seat>,
    has_backfill: bool,
    /// Whether the list has backfills.
    may_backfill: bool,
    tally: Tally,
    /// The tickets to try, in order, and how many players come from each one on.
    list: Vec<usize>,
    players_from: Vec<u32>,
    best: Option<Vec<Seat>>,
    best_players: u32,
    /// What is left for second thoughts. Before the first descent ends there are none.
    thoughts: Option<u64>,
}

/// How a descent went on.
#[derive(Clone, Copy, PartialEq)]
enum End {
    /// Nothing legal here: go back.
    Dead,
    /// A match was found, or the bounds are reached.
    Done,
}

/// How a trial went.
#[derive(Clone, Copy, PartialEq)]
enum Trial {
    Refused,
    /// No further ticket can mend it.
    RefusedForGood,
    Stays,
}

impl<'s, 'a> Search<'s, 'a> {
    pub(crate) fn new(
        field: &'s Field<'a>,
        tallies: &'s mut Tallies,
        budget: &'s mut Budget,
        rng: &'s mut Rng,
    ) -> Self {
        Self {
            tally: Tally::new(field.rule_set.rules().len()),
            candidate: field.rule_set.candidate(),
            seats: Vec::new(),
            has_backfill: false,
            may_backfill: false,
            list: Vec::new(),
            players_from: Vec::new(),
            best: None,
            best_players: 0,
            thoughts: None,
            field,
            tallies,
            budget,
            rng,
        }
    }

    /// The best match around `anchor` with tickets of `rest`.
    pub(crate) fn build(mut self, anchor: usize, rest: &[usize]) -> Attempt {
        self.list = self.order(anchor, rest);
        self.may_backfill = self.list.iter().any(|ticket| self.field.is_backfill(*ticket));
        let mut players = 0;
        self.players_from = vec![0; self.list.len() + 1];
        for (place, ticket) in self.list.iter().enumerate().rev() {
            players += self.field.players(*ticket) as u32;
            self.players_from[place] = players;
        }
        let (end, is_hopeless) = self.seat_anchor(anchor);
        if let Some(thoughts) = self.thoughts {
            self.budget.spare_thoughts(thoughts);
        }
        // Done without a match: the bounds were reached.
        let is_cut = end == End::Done && self.best.is_none();
        Attempt { found: self.best, tally: self.tally, is_cut, is_hopeless }
    }

    /// Candidates in the order of sort rules, and of the batch for equal ones.
    fn order(&mut self, anchor: usize, rest: &[usize]) -> Vec<usize> {
        let mut list: Vec<_> = rest.iter().copied().filter(|ticket| *ticket != anchor).collect();
        let stage = self.field.rule_set.stage(self.field.age(anchor));
        if !stage.sorts() {
            return list;
        }
        self.budget.spend(list.len() as u64);
        let of_anchor = self.field.entrants[anchor];
        list.sort_by_cached_key(|ticket| {
            let keys = stage.sort_keys(of_anchor, self.field.entrants[*ticket]);
            keys.into_iter().map(Ordered).collect::<Vec<_>>()
        });
        list
    }

    /// Tries the anchor in each team. Says also whether rules refuse it in all of them for good.
    fn seat_anchor(&mut self, anchor: usize) -> (End, bool) {
        let mut is_hopeless = true;
        for team in self.teams_for(anchor) {
            let trial = self.attempt(anchor, anchor, team);
            is_hopeless &= trial == Trial::RefusedForGood;
            if trial == Trial::Stays {
                if self.descend(anchor, 0) == End::Done {
                    return (End::Done, false);
                }
                self.take_back();
            }
        }
        (End::Dead, is_hopeless)
    }

    /// Tries the tickets of the list from a place on, with second thoughts.
    fn descend(&mut self, anchor: usize, from: usize) -> End {
        for place in from..self.list.len() {
            if self.is_full() {
                break;
            }
            if self.best.is_none() && self.cannot_fill(place) {
                return self.dead_end();
            }
            let ticket = self.list[place];
            for team in self.teams_for(ticket) {
                if self.is_over() {
                    return End::Done;
                }
                if self.attempt(anchor, ticket, team) == Trial::Stays {
                    if self.descend(anchor, place + 1) == End::Done {
                        return End::Done;
                    }
                    self.take_back();
                }
            }
        }
        if self.best.is_some() { End::Done } else { self.dead_end() }
    }

    /// The first dead end is the end of the first descent. What does not hold there counts as failed.
    fn dead_end(&mut self) -> End {
        if self.thoughts.is_none() {
            self.thoughts = Some(self.budget.thoughts());
            for (rule, standing, parts) in self.stage().standings_by_parts(&self.candidate) {
                let broken = parts.into_iter().chain([(rule, standing)]).filter(|(_, standing)| !standing.is_legal());
                broken.for_each(|(rule, _)| self.tally.count(rule, false));
            }
        }
        if self.is_over() { End::Done } else { End::Dead }
    }

    fn is_over(&self) -> bool {
        self.budget.is_spent() || self.thoughts == Some(0) && self.best.is_none()
    }

    /// Whether all slots are taken, at whatever age.
    fn is_full(&self) -> bool {
        self.candidate.players() >= self.field.plan.largest_match
    }

    /// Whether too few players are left for the teams' least sizes, at whatever age.
    fn cannot_fill(&self, place: usize) -> bool {
        let lowest = self.field.plan.lowest_mins.iter().enumerate();
        let missing: u32 = lowest.map(|(team, min)| min.saturating_sub(self.candidate.size(TeamId(team)))).sum();
        missing > self.players_from[place]
    }

    /// The teams with room for a ticket: the fewest players first, and chance among equal ones. Of empty ones that are
    /// alike there is one: what is refused in it would be refused in the others too. A backfill that may still come in
    /// makes them differ, as its players have their teams.
    fn teams_for(&mut self, ticket: usize) -> Vec<Option<TeamId>> {
        if self.field.is_backfill(ticket) {
            return if self.has_backfill { Vec::new() } else { vec![None] };
        }
        let players = self.field.players(ticket) as u32;
        let caps = &self.field.plan.highest_caps;
        let with_room = (0..caps.len()).filter(|team| self.candidate.size(TeamId(*team)) + players <= caps[*team]);
        let mut teams: Vec<_> = with_room.map(|team| Some(TeamId(team))).collect();
        self.rng.shuffle(&mut teams);
        teams.sort_by_key(|team| team.map(|team| self.candidate.size(team)));
        if self.may_backfill && !self.has_backfill {
            return teams;
        }
        let mut has_empty = vec![false; caps.len()];
        let mut is_new = |team: &TeamId| {
            let alike = &mut has_empty[self.field.plan.alike[team.index()]];
            self.candidate.size(*team) > 0 || !std::mem::replace(alike, true)
        };
        teams.retain(|team| team.as_ref().is_none_or(&mut is_new));
        teams
    }

    /// Adds a ticket, and takes it back if the match with it breaks a rule for good or has no room.
    fn attempt(&mut self, anchor: usize, ticket: usize, team: Option<TeamId>) -> Trial {
        found::add(&mut self.candidate, self.field, (ticket, team));
        let looks = self.field.plan.looks(&self.candidate);
        self.budget.spend(looks);
        // Another team for the anchor, or for the first one beside it, is no second thought: who fits nobody could not
        // say so otherwise.
        if let Some(thoughts) = self.thoughts.as_mut().filter(|_| self.seats.len() > 1) {
            *thoughts = thoughts.saturating_sub(looks);
        }
        let stage = self.stage();
        let mut is_legal = stage.has_sizes(&self.candidate) && found::has_newcomers(&self.candidate);
        let mut is_refused = !found::has_room(self.field, &self.candidate, stage);
        let mut is_for_good = false;
        if !is_refused {
            for (rule, standing, parts) in stage.standings_by_parts(&self.candidate) {
                is_refused = standing.refuses();
                is_legal &= standing.is_legal();
                // What further players may mend does not count.
                let decided =
                    parts.into_iter().chain([(rule, standing)]).filter(|(_, it)| it.refuses() || it.is_legal());
                for (rule, standing) in decided {
                    self.tally.count(rule, standing.is_legal());
                    if ticket != anchor {
                        self.tallies.count(ticket, rule, standing.is_legal());
                    }
                }
                if is_refused {
                    is_for_good = self.field.plan.final_rules[rule.index()];
                    break;
                }
            }
        }
        if is_refused {
            self.candidate.pop();
            return if is_for_good { Trial::RefusedForGood } else { Trial::Refused };
        }
        self.seats.push((ticket, team));
        self.has_backfill |= self.field.is_backfill(ticket);
        if is_legal && self.candidate.players() > self.best_players {
            self.best_players = self.candidate.players();
            self.best = Some(self.seats.clone());
        }
        Trial::Stays
    }

    fn take_back(&mut self) {
        let entrant = self.candidate.pop();
        self.seats.pop();
        if entrant.is_some_and(|entrant| entrant.kind() == TicketKind::Backfill) {
            self.has_backfill = false;
        }
    }

    fn stage(&self) -> &'s Stage {
        let age: Duration = self.field.rule_set.age_of(&self.candidate, self.field.now);
        self.field.rule_set.stage(age)
    }
}

/// A sort key. It may be infinite, and is no NaN for attributes that are numbers.
#[derive(Clone, Copy, PartialEq)]
struct Ordered(f64);

impl Eq for Ordered {}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        // -0.0 is 0.
        (self.0 + 0.0).total_cmp(&(other.0 + 0.0))
    }
}
