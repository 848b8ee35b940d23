//! The pool of one matchmaking configuration, and passes over it.

use std::{sync::Arc, time::Duration};

use fastrand::Rng;

use crate::{
    build::{
        batches,
        cover::{Cover, Cut},
        field::Field,
        found::Sketch,
        history::History,
        pass::{Pass, Passed},
        plan::{Method, Plan},
        pool::{NotAdded, Place, Pool},
        progress::{Progress, Tried},
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
    /// What was tried since the pool changed. None: it has changed since the last pass.
    cover: Option<Cover>,
    looks: u64,
}

impl Matchmaker {
    /// A matchmaker for whom nobody waits.
    #[must_use]
    pub fn new(rule_set: Arc<RuleSet>, settings: Settings) -> Self {
        let plan = Plan::new(&rule_set, settings.additional_players);
        Self { rule_set, settings, plan, pool: Pool::default(), cover: None, looks: 0 }
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
        if admitted.is_ok() {
            self.cover = None;
        }
        self.pool.add(Waiting { ticket, admitted, history, progress: Progress::default() })
    }

    /// Takes a ticket out of the pool: it was stopped, or its time is over.
    pub fn remove(&mut self, id: &str) -> Option<Waiting> {
        // Who leaves makes no match possible. But those who are sorted come nearer to each other, and by population
        // another part may be the fullest one.
        let by_population = matches!(self.plan.method, Method::Population { .. });
        self.cover.take_if(|cover| by_population || matches!(cover.cut(), Cut::Sorted { .. }));
        self.cover.iter_mut().for_each(Cover::loses_one);
        self.pool.remove(id)
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
    /// the next pass. While nothing changes, passes go on where the last one ended: see [`tried_all`](Self::tried_all).
    pub fn pass(&mut self, now: Duration, rng: &mut Rng) -> Vec<Proposal> {
        let (Passed { sketches, tallies, progress, looks }, mut cover) = self.build(now, rng);
        let matchable = self.pool.iter_mut().filter(|waiting| waiting.admitted.is_ok());
        for (place, (waiting, progress)) in matchable.zip(&progress).enumerate() {
            waiting.history.tally.add_counts(tallies.of(place));
            waiting.history.missed = progress.missed;
            waiting.progress = *progress;
        }
        if sketches.is_empty() && cover.goes_on(now, &progress) {
            self.pool.iter_mut().for_each(|waiting| waiting.progress.tried = Tried::Not);
        }
        // Matches leave the others in smaller batches.
        self.cover = Some(cover).filter(|_| sketches.is_empty());
        self.looks = looks;
        self.hand_out(sketches)
    }

    /// Whether the passes since the last change have tried all that there is: neither their bounds nor the cut of the
    /// pool into batches left anything out. A pass does nothing then, until a ticket comes, or an expansion takes a
    /// step.
    #[must_use]
    pub fn tried_all(&self) -> bool {
        let is_exhaustive = |cover: &Cover| cover.is_exhaustive(self.plan.largest_match);
        self.cover.as_ref().map_or_else(|| self.pool.iter().len() == 0, is_exhaustive)
    }

    /// Whether, in the passes since the last change, every ticket was an anchor in each round: any two tickets that may
    /// be in one batch were. Only another order of chance can find something then, or three tickets that never were in
    /// one batch together.
    #[must_use]
    pub fn tried_all_pairs(&self) -> bool {
        self.tried_all() || self.cover.as_ref().is_some_and(Cover::is_complete)
    }

    /// The work of the last pass, in looks of a rule at a player.
    #[must_use]
    pub const fn looks(&self) -> u64 {
        self.looks
    }

    fn build(&self, now: Duration, rng: &mut Rng) -> (Passed, Cover) {
        let (mut entrants, mut places, mut progress) = (Vec::new(), Vec::new(), Vec::new());
        for (place, waiting) in self.pool.entries() {
            if let Ok(entrant) = &waiting.admitted {
                entrants.push(entrant);
                places.push(place);
                progress.push(Progress { missed: waiting.history.missed, ..waiting.progress });
            }
        }
        let field = Field { rule_set: &self.rule_set, plan: &self.plan, entrants, places, now };
        let kept = self.cover.clone().filter(|cover| cover.holds(&field, &self.settings));
        let mut cover = kept.unwrap_or_else(|| {
            let cut = Cut::of(&field, &self.settings, rng);
            batches::place(&field, cut, &mut progress, rng);
            Cover::begin(cut, now)
        });
        cover.look_again(&mut progress);
        let is_idle = cover.is_exhaustive(self.plan.largest_match);
        let batches = if is_idle { Vec::new() } else { batches::cut(&field, &cover, &progress) };
        let mut pass = Pass::new(field, progress);
        pass.run(&batches, &self.settings, rng);
        (pass.finish(), cover)
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
    use crate::{AttributeValue, Player, RuleSet, Settings, Ticket, TicketKind, build::cover::Cover};

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

    /// Tickets 10 apart, of whom the first and the last are a pair.
    fn with_one_pair(batching: &str, tickets: u32, settings: Settings) -> Matchmaker {
        let mut matchmaker = matchmaker(batching, 1, settings);
        (1..tickets).for_each(|id| add(&mut matchmaker, id, 0, f64::from(10 * id)));
        add(&mut matchmaker, tickets, 0, 10.0);
        matchmaker
    }

    const CUT: Settings =
        Settings { additional_players: 0, batch: 10, sorted_batch: 10, work: 1_000_000, second_thoughts: 200_000 };

    /// Chance could keep them apart for long: 10 batches, so 19 rounds.
    #[test]
    fn the_only_pair_is_found_in_the_rounds_whatever_the_seed() {
        for seed in 0..10 {
            let (mut matchmaker, mut rng) = (with_one_pair(RANDOM, 100, CUT), Rng::with_seed(seed));
            let matches: usize = (0..19).map(|_| pass(&mut matchmaker, 0, &mut rng)).sum();
            assert_eq!(matches, 1, "seed {seed}");
        }
    }

    #[rstest]
    #[case::of_one_batch(RANDOM, 10, 1)]
    #[case::of_random_batches(RANDOM, 100, 19)]
    #[case::of_sorted_batches(SORTED, 100, 10)]
    fn passes_over_an_unchanged_pool_come_to_an_end(
        #[case] batching: &str,
        #[case] tickets: u32,
        #[case] passes: usize,
    ) {
        let (mut matchmaker, mut rng) = (matchmaker(batching, 1, CUT), Rng::with_seed(1));
        (0..tickets).for_each(|id| add(&mut matchmaker, id, 0, f64::from(30 * id)));
        let mut passes_until_all = 0;
        while !matchmaker.tried_all() {
            assert_eq!(pass(&mut matchmaker, 0, &mut rng), 0);
            passes_until_all += 1;
        }
        assert_eq!(passes_until_all, passes);
        let (looks, chance) = (matchmaker.looks(), rng.clone());
        assert!(looks > 0);
        assert_eq!((pass(&mut matchmaker, 29, &mut rng), matchmaker.looks()), (0, 0), "nothing can have changed");
        assert_eq!(rng.get_seed(), chance.get_seed());
        pass(&mut matchmaker, 30, &mut rng);
        assert!(matchmaker.looks() > 0, "the limits have changed");
        assert!(matchmaker.remove("3").is_some());
        add(&mut matchmaker, tickets, 30, 0.5);
        assert!(!matchmaker.tried_all());
        assert!((0..passes).any(|_| pass(&mut matchmaker, 30, &mut rng) == 1), "a ticket has come");
    }

    /// What one pass has not time for, the next ones do: each ticket is an anchor once in a round.
    #[test]
    fn a_round_that_is_cut_short_goes_on() {
        let looks = |work: u64| {
            let mut matchmaker = matchmaker(RANDOM, 1, Settings { work, ..CUT });
            (0..100).for_each(|id| add(&mut matchmaker, id, 0, f64::from(30 * id)));
            let (mut rng, mut all, mut passes) = (Rng::with_seed(1), 0, 0);
            while !matchmaker.tried_all_pairs() {
                pass(&mut matchmaker, 0, &mut rng);
                all += matchmaker.looks();
                passes += 1;
                assert!(passes < 1000, "it does not end");
            }
            (all, passes)
        };
        let (all, passes) = looks(u64::MAX);
        let (in_pieces, pieces) = looks(600);
        assert_eq!(passes, 19);
        assert!(pieces > passes && in_pieces < all * 6 / 5, "{in_pieces} looks in {pieces} passes against {all}");
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
        assert_eq!((matchmaker.tried_all_pairs(), matchmaker.tried_all()), (true, tried_all));
    }

    /// Of four in a match three may never be in one batch.
    #[test]
    fn rounds_of_larger_matches_end_but_do_not_exhaust() {
        let (mut matchmaker, mut rng) = (matchmaker(RANDOM, 2, CUT), Rng::with_seed(1));
        (0..100).for_each(|id| add(&mut matchmaker, id, 0, f64::from(30 * id)));
        (0..19).for_each(|_| assert_eq!(pass(&mut matchmaker, 0, &mut rng), 0));
        assert!(matchmaker.tried_all_pairs() && !matchmaker.tried_all());
        assert!(matchmaker.cover.as_ref().is_some_and(Cover::is_complete));
        pass(&mut matchmaker, 0, &mut rng);
        assert!(matchmaker.looks() > 0);
    }

    /// Twice the tickets are twice the work: batches do not grow, and an anchor looks at its batch once.
    #[rstest]
    #[case::none_can_match(30.0)]
    #[case::some_can_match(0.9)]
    #[case::all_can_match(0.0)]
    fn the_work_of_a_pass_grows_as_the_pool(#[case] apart: f64) {
        let looks = |tickets: u32| {
            let settings = Settings { work: u64::MAX, batch: 100, ..Settings::default() };
            let (mut matchmaker, mut rng) = (matchmaker(RANDOM, 4, settings), Rng::with_seed(1));
            (0..tickets).for_each(|id| add(&mut matchmaker, id, 0, apart * f64::from(id)));
            pass(&mut matchmaker, 0, &mut rng);
            matchmaker.looks() as f64 / f64::from(tickets)
        };
        let (few, many) = (looks(200), looks(1600));
        assert!(many <= 1.1 * few, "{many} looks for each ticket, and {few} in a small pool");
    }
}
