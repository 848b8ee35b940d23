//! The pool of one matchmaking configuration, and passes over it.

use std::{sync::Arc, time::Duration};

use fastrand::Rng;

use crate::{
    build::{
        field::Field,
        found::Sketch,
        history::History,
        pass::{Pass, Passed},
        plan::{Method, Plan},
        pool::{NotAdded, Place, Pool},
        proposal::Proposal,
        settings::Settings,
        waiting::Waiting,
    },
    rule_set::{admit::NotAdmitted, set::RuleSet},
    ticket::Ticket,
};

/// Builds matches of one rule set from the tickets that wait. It has no clock: every pass is told the time, in the same
/// time as the tickets' arrivals.
#[derive(Clone, Debug)]
pub struct Matchmaker {
    rule_set: Arc<RuleSet>,
    settings: Settings,
    plan: Plan,
    pool: Pool,
    /// When a pass tried all that there is, in vain. None: none has since the pool changed.
    exhausted: Option<Duration>,
    looks: u64,
}

impl Matchmaker {
    /// A matchmaker for whom nobody waits.
    #[must_use]
    pub fn new(rule_set: Arc<RuleSet>, settings: Settings) -> Self {
        let plan = Plan::new(&rule_set, settings.additional_players);
        Self { rule_set, settings, plan, pool: Pool::default(), exhausted: None, looks: 0 }
    }

    /// The rule set.
    #[must_use]
    pub fn rule_set(&self) -> &RuleSet {
        &self.rule_set
    }

    /// Adds a ticket. One that can be in no match is added too, and waits.
    ///
    /// # Errors
    /// The ticket contradicts the rule set, or it or one of its players waits already.
    pub fn add(&mut self, ticket: Ticket) -> Result<(), NotAdded> {
        let history = History::none(&self.rule_set);
        self.add_back(ticket, history)
    }

    /// Adds a ticket that was in a pool of this rule set before, such as one of a match that did not come about. It has
    /// the place of its arrival, and its history goes on.
    ///
    /// # Errors
    /// As for [`add`](Self::add).
    pub fn add_back(&mut self, ticket: Ticket, history: History) -> Result<(), NotAdded> {
        let admitted = match self.rule_set.admit(&ticket) {
            Ok(entrant) => Ok(entrant),
            Err(NotAdmitted::Unmatchable(reasons)) => Err(reasons),
            Err(NotAdmitted::Invalid(problems)) => return Err(NotAdded::Invalid(problems)),
        };
        let is_matchable = admitted.is_ok();
        self.pool.add(Waiting { ticket, admitted, history })?;
        self.exhausted.take_if(|_| is_matchable);
        Ok(())
    }

    /// Takes a ticket out of the pool: it was stopped, or its time is over.
    pub fn remove(&mut self, id: &str) -> Option<Waiting> {
        let gone = self.pool.remove(id)?;
        // Who leaves makes no match possible, but by population another part may be the fullest one.
        let by_population = matches!(self.plan.method, Method::Population { .. });
        self.exhausted.take_if(|_| by_population && gone.admitted.is_ok());
        Some(gone)
    }

    /// A ticket that waits.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Waiting> {
        self.pool.get(id)
    }

    /// All tickets that wait, the oldest first.
    pub fn waiting(&self) -> impl ExactSizeIterator<Item = &Waiting> {
        self.pool.iter()
    }

    /// Builds what matches there are at `now`. Chance decides the random batches and which of equal teams is tried
    /// first: the same seed has the same matches.
    ///
    /// A pass is bounded by [`Settings::work`], whatever the pool and the rule set. What it did not come to is first in
    /// the next pass. Once all was [tried](Self::tried_all), a pass does nothing until something changes.
    pub fn pass(&mut self, now: Duration, rng: &mut Rng) -> Vec<Proposal> {
        if self.exhausted.is_some_and(|last| last <= now && !self.crosses_a_step(last, now)) {
            self.looks = 0;
            return Vec::new();
        }
        let Passed { sketches, tallies, missed, tried_all, looks } = self.build(now, rng);
        let matchable = self.pool.iter_mut().filter(|waiting| waiting.admitted.is_ok());
        for (place, (waiting, missed)) in matchable.zip(missed).enumerate() {
            waiting.history.tally.add_counts(tallies.of(place));
            waiting.history.missed = missed;
        }
        let is_exhaustive = self.plan.has_final_refusals || matches!(self.plan.method, Method::Population { .. });
        self.exhausted = (tried_all && is_exhaustive && sketches.is_empty()).then_some(now);
        self.looks = looks;
        self.hand_out(sketches)
    }

    /// Whether nobody waits, or the last pass has shown that there is no match: the pool was one batch, the bounds cut
    /// no search short, and what is refused stays refused whoever joins. A pass does nothing then until a ticket comes,
    /// an expansion takes a step, or a ticket leaves a pool of large matches.
    ///
    /// Where rules judge averages at once, or age may mend a refusal, no pass shows that.
    #[must_use]
    pub fn tried_all(&self) -> bool {
        self.exhausted.is_some() || self.pool.iter().len() == 0
    }

    /// The work of the last pass, in looks of a rule at a player.
    #[must_use]
    pub const fn looks(&self) -> u64 {
        self.looks
    }

    fn build(&self, now: Duration, rng: &mut Rng) -> Passed {
        let (mut entrants, mut places, mut missed) = (Vec::new(), Vec::new(), Vec::new());
        for (place, waiting) in self.pool.entries() {
            if let Ok(entrant) = &waiting.admitted {
                entrants.push(entrant);
                places.push(place);
                missed.push(waiting.history.missed);
            }
        }
        let field = Field { rule_set: &self.rule_set, plan: &self.plan, entrants, places, now };
        let mut pass = Pass::new(field, missed);
        pass.run(&self.settings, rng);
        pass.finish()
    }

    /// Whether the age of a ticket has reached a step of an expansion between two times.
    fn crosses_a_step(&self, last: Duration, now: Duration) -> bool {
        let stage_at = |arrival: Duration, now: Duration| self.rule_set.stage(now.saturating_sub(arrival)).from();
        let crosses = |arrival: Duration| stage_at(arrival, last) != stage_at(arrival, now);
        self.rule_set.stages().len() > 1 && self.pool.iter().any(|waiting| crosses(waiting.ticket.arrival))
    }

    /// Takes the tickets of all matches out of the pool: in its order, in which they also lie in memory.
    fn hand_out(&mut self, sketches: Vec<Sketch>) -> Vec<Proposal> {
        let mut places: Vec<_> = sketches.iter().flat_map(|sketch| &sketch.tickets).copied().collect();
        places.sort_unstable();
        let take = |place: &Place| self.pool.take(*place).map(|waiting| (waiting.ticket, waiting.history));
        let mut taken: Vec<_> = places.iter().map(take).collect();
        let mut of_place = |place: &Place| taken[places.binary_search(place).ok()?].take();
        let propose = |sketch: Sketch| {
            let (tickets, histories) = sketch.tickets.iter().filter_map(&mut of_place).unzip();
            Proposal {
                tickets,
                histories,
                teams: sketch.teams,
                age: sketch.age,
                steps: sketch.steps,
                max_players: sketch.max_players,
                metrics: sketch.tally.metrics(&self.rule_set),
            }
        };
        sketches.into_iter().map(propose).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, sync::Arc, time::Duration};

    use fastrand::Rng;
    use rstest::rstest;

    use super::Matchmaker;
    use crate::{AttributeValue, Player, RuleSet, Settings, Ticket, TicketKind};

    /// Pairs whose skills are at most 1 apart, from 30 s on 20, in teams of so many players.
    fn matchmaker(batching: &str, team: u32, settings: Settings) -> Matchmaker {
        let body = format!(
            r#"{{"ruleLanguageVersion": "1.0", "playerAttributes": [{{"name": "skill", "type": "number"}}],
                "algorithm": {{{batching}}},
                "teams": [{{"name": "t", "minPlayers": {team}, "maxPlayers": {team}, "quantity": 2}}],
                "rules": [{{"name": "Near", "type": "batchDistance", "batchAttribute": "skill", "maxDistance": 1}}],
                "expansions": [{{"target": "rules[Near].maxDistance",
                                 "steps": [{{"waitTimeSeconds": 30, "value": 20}}]}}]}}"#
        );
        Matchmaker::new(Arc::new(RuleSet::parse(&body).unwrap()), settings)
    }

    const RANDOM: &str = "";
    const SORTED: &str = r#""batchingPreference": "sorted", "sortByAttributes": ["skill"]"#;

    fn add(matchmaker: &mut Matchmaker, id: u32, second: u64, skill: f64) {
        let attributes = BTreeMap::from([("skill".to_owned(), AttributeValue::Number(skill))]);
        let players = vec![Player { id: id.to_string(), attributes, ..Player::default() }];
        let arrival = Duration::from_secs(second);
        matchmaker.add(Ticket { id: id.to_string(), arrival, kind: TicketKind::New, players }).unwrap();
    }

    fn pass(matchmaker: &mut Matchmaker, second: u64, rng: &mut Rng) -> usize {
        matchmaker.pass(Duration::from_secs(second), rng).len()
    }

    const CUT: Settings =
        Settings { additional_players: 0, batch: 10, sorted_batch: 10, work: 1_000_000, second_thoughts: 200_000 };

    #[test]
    fn passes_over_an_unchanged_pool_of_one_batch_come_to_an_end() {
        let (mut matchmaker, mut rng) = (matchmaker(RANDOM, 1, CUT), Rng::with_seed(1));
        (0..10).for_each(|id| add(&mut matchmaker, id, 0, f64::from(30 * id)));
        assert!(!matchmaker.tried_all());
        assert_eq!(pass(&mut matchmaker, 0, &mut rng), 0);
        assert!(matchmaker.tried_all() && matchmaker.looks() > 0);
        let chance = rng.clone();
        assert_eq!((pass(&mut matchmaker, 29, &mut rng), matchmaker.looks()), (0, 0), "nothing can have changed");
        assert_eq!(rng.get_seed(), chance.get_seed());
        pass(&mut matchmaker, 30, &mut rng);
        assert!(matchmaker.looks() > 0, "the limits have changed");
        assert!(matchmaker.remove("3").is_some());
        assert!(matchmaker.tried_all(), "who leaves makes no match possible");
        add(&mut matchmaker, 10, 30, 0.5);
        assert!(!matchmaker.tried_all());
        assert_eq!(pass(&mut matchmaker, 30, &mut rng), 1, "a ticket has come");
    }

    #[rstest]
    #[case::of_random_batches(RANDOM)]
    #[case::of_sorted_batches(SORTED)]
    fn passes_over_several_batches_have_no_end(#[case] batching: &str) {
        let (mut matchmaker, mut rng) = (matchmaker(batching, 1, CUT), Rng::with_seed(1));
        (0..11).for_each(|id| add(&mut matchmaker, id, 0, f64::from(30 * id)));
        for _ in 0..100 {
            assert_eq!(pass(&mut matchmaker, 0, &mut rng), 0);
            assert!(matchmaker.looks() > 0 && !matchmaker.tried_all());
        }
    }

    /// Three go together, and there is no fourth.
    #[rstest]
    #[case::searched_to_its_end(1000, true)]
    #[case::cut_short(1, false)]
    fn second_thoughts_that_were_cut_short_leave_something_out(#[case] second_thoughts: u64, #[case] tried_all: bool) {
        let settings = Settings { second_thoughts, batch: 500, ..CUT };
        let (mut matchmaker, mut rng) = (matchmaker(RANDOM, 2, settings), Rng::with_seed(1));
        (0..3).for_each(|id| add(&mut matchmaker, id, 0, 0.0));
        (3..9).for_each(|id| add(&mut matchmaker, id, 0, f64::from(30 * id)));
        assert_eq!(pass(&mut matchmaker, 0, &mut rng), 0);
        assert_eq!(matchmaker.tried_all(), tried_all);
    }

    /// Twice the tickets are twice the work: batches do not grow, and an anchor looks at its batch once, if second
    /// thoughts are as many as by default.
    #[rstest]
    #[case::none_can_match(30.0, 100, 200_000)]
    #[case::some_can_match(0.9, 100, 200_000)]
    #[case::all_can_match(0.0, 100, 200_000)]
    #[case::none_can_match_on_second_thoughts(30.0, 16, u64::MAX)]
    #[case::some_can_match_on_second_thoughts(0.9, 16, u64::MAX)]
    fn the_work_of_a_pass_grows_as_the_pool(#[case] apart: f64, #[case] batch: usize, #[case] second_thoughts: u64) {
        let looks = |batches: u32| {
            let settings = Settings { work: u64::MAX, batch, second_thoughts, ..Settings::default() };
            let (mut matchmaker, mut rng) = (matchmaker(RANDOM, 4, settings), Rng::with_seed(1));
            let tickets = batches * batch as u32;
            (0..tickets).for_each(|id| add(&mut matchmaker, id, 0, apart * f64::from(id)));
            pass(&mut matchmaker, 0, &mut rng);
            matchmaker.looks() as f64 / f64::from(tickets)
        };
        let (few, many) = (looks(2), looks(16));
        assert!(many <= 1.1 * few, "{many} looks for each ticket, and {few} in a small pool");
    }

    /// Each batch may go on to the end of a look at a match.
    #[rstest]
    #[case::of_one_batch(500)]
    #[case::of_many(50)]
    fn a_pass_ends_with_its_work(#[case] batch: usize) {
        let (work, tickets) = (20_000, 400);
        let settings = Settings { work, batch, ..CUT };
        let (mut matchmaker, mut rng) = (matchmaker(RANDOM, 4, settings), Rng::with_seed(1));
        (0..tickets).for_each(|id| add(&mut matchmaker, id, 0, 30.0 * f64::from(id)));
        pass(&mut matchmaker, 0, &mut rng);
        let one_look = 1 + 8;
        let most = work + u64::from(tickets).div_ceil(batch as u64) * one_look;
        assert!((work..=most).contains(&matchmaker.looks()), "{} looks", matchmaker.looks());
    }
}
