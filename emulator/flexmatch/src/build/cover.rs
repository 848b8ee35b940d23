//! What the passes have tried since the pool last changed. The next one goes on where they ended, and does nothing if
//! all was tried.
//!
//! A pool of several batches is cut otherwise in each round, so that any two tickets come into one batch: random
//! batches like the teams of a tournament, in which each plays each, and sorted ones a place further on in each round.
//! A round lasts until every ticket was an anchor, which may take several passes.

use std::time::Duration;

use fastrand::Rng;

use crate::{
    algorithm::{ExhaustiveBatches, Strategy},
    build::{
        field::Field,
        progress::{Progress, Tried},
        settings::Settings,
    },
};

/// How the pool is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// One batch.
    Whole,
    /// So many random ones, of as many tickets as there were.
    Random { batches: usize, tickets: usize },
    /// Neighbours, so many in a batch but for the first one, which has `first` in the first round.
    Sorted { size: usize, first: usize },
}

impl Cut {
    /// How a pool is cut that has changed.
    pub(crate) fn of(field: &Field<'_>, settings: &Settings, rng: &mut Rng) -> Self {
        let tickets = field.entrants.len();
        match field.rule_set.algorithm().strategy() {
            Strategy::Balanced { .. } if field.rule_set.is_large() => Self::Whole,
            Strategy::Balanced { .. } | Strategy::ExhaustiveSearch(ExhaustiveBatches::Random) => {
                let batches = tickets.div_ceil(random_batch(field, settings));
                if batches > 1 { Self::Random { batches, tickets } } else { Self::Whole }
            }
            Strategy::ExhaustiveSearch(ExhaustiveBatches::Sorted(_)) => {
                let size = settings.sorted_batch.max(2 * field.plan.largest_match as usize);
                if tickets > size { Self::Sorted { size, first: rng.usize(1..=size) } } else { Self::Whole }
            }
        }
    }

    /// After how many rounds any two tickets were in one batch that may ever be.
    const fn rounds(self) -> usize {
        match self {
            Self::Whole => 1,
            Self::Random { batches, .. } => 2 * batches - 1,
            Self::Sorted { size, .. } => size,
        }
    }

    /// The number of batches, and the batch of the ticket that stands at `position`.
    pub(crate) const fn batch(self, round: usize, position: usize) -> usize {
        match self {
            Self::Whole => 0,
            Self::Random { batches, tickets } => {
                let halves = 2 * batches;
                let half = ((position + 1) * halves - 1) / tickets;
                // In the first round those meet that stand next to each other.
                let seat = if half.is_multiple_of(2) { half / 2 } else { halves - 1 - half / 2 };
                // One keeps its seat, the others move on by one in each round. Opposite ones meet.
                let seat = if seat == 0 { 0 } else { 1 + (seat - 1 + round) % (halves - 1) };
                if seat < batches { seat } else { halves - 1 - seat }
            }
            Self::Sorted { size, first } => {
                let first = 1 + (first - 1 + round) % size;
                if position < first { 0 } else { 1 + (position - first) / size }
            }
        }
    }
}

/// Rounds over a pool that does not change.
#[derive(Clone, Debug)]
pub(crate) struct Cover {
    cut: Cut,
    round: usize,
    /// Whether bounds have left something out since the first round.
    is_cut_short: bool,
    /// Whether they had when all rounds were over the last time.
    was_cut_short: Option<bool>,
    /// Whether a ticket has left since the last pass.
    has_lost_one: bool,
    /// When the last pass was.
    last: Duration,
}

impl Cover {
    /// Rounds that begin with a pass at `now`.
    pub(crate) const fn begin(cut: Cut, now: Duration) -> Self {
        Self { cut, round: 0, is_cut_short: false, was_cut_short: None, has_lost_one: false, last: now }
    }

    pub(crate) const fn cut(&self) -> Cut {
        self.cut
    }

    pub(crate) const fn round(&self) -> usize {
        self.round
    }

    /// Whether a pass goes on with the rounds: nothing has changed by `now` that can make a match.
    pub(crate) fn holds(&self, field: &Field<'_>, settings: &Settings) -> bool {
        let fits = match self.cut {
            Cut::Whole => true,
            // As many batches as it would be cut into now: tickets may have left.
            Cut::Random { batches, .. } => field.entrants.len().div_ceil(random_batch(field, settings)) == batches,
            Cut::Sorted { size, .. } => field.entrants.len() > size,
        };
        fits && self.last <= field.now && !crosses_a_step(field, self.last)
    }

    /// A ticket has left, which makes no match possible.
    pub(crate) const fn loses_one(&mut self) {
        self.has_lost_one = true;
    }

    /// Searches that were cut short may get further among fewer tickets.
    pub(crate) fn look_again(&mut self, progress: &mut [Progress]) {
        if !std::mem::take(&mut self.has_lost_one) {
            return;
        }
        self.is_cut_short = false;
        let cut_short = progress.iter_mut().filter(|one| one.tried == Tried::CutShort);
        cut_short.for_each(|one| one.tried = Tried::Not);
    }

    /// A pass at `now` has found nothing. Ends the round if it came to all tickets, and says whether it did.
    pub(crate) fn goes_on(&mut self, now: Duration, progress: &[Progress]) -> bool {
        self.last = now;
        let any = |tried: Tried| progress.iter().any(|one| one.tried == tried);
        self.is_cut_short |= any(Tried::CutShort);
        let is_over = !any(Tried::Not);
        if is_over {
            self.round += 1;
            if self.round == self.cut.rounds() {
                self.was_cut_short = Some(std::mem::take(&mut self.is_cut_short));
                self.round = 0;
            }
        }
        is_over
    }

    /// Whether all rounds are over.
    pub(crate) const fn is_complete(&self) -> bool {
        self.was_cut_short.is_some()
    }

    /// Whether there is nothing that a further pass could try. Three tickets of three random batches may never meet.
    pub(crate) const fn is_exhaustive(&self, largest_match: u32) -> bool {
        let met_all = largest_match <= 2 || !matches!(self.cut, Cut::Random { .. });
        matches!(self.was_cut_short, Some(false)) && met_all
    }
}

/// The most tickets of a random batch.
fn random_batch(field: &Field<'_>, settings: &Settings) -> usize {
    settings.batch.max(field.plan.largest_match as usize).max(1)
}

/// Whether the age of a ticket has reached a step of an expansion since then.
fn crosses_a_step(field: &Field<'_>, last: Duration) -> bool {
    let stage_at = |arrival: Duration, now: Duration| field.rule_set.stage(now.saturating_sub(arrival)).from();
    let crosses = |arrival: Duration| stage_at(arrival, last) != stage_at(arrival, field.now);
    field.rule_set.stages().len() > 1 && field.entrants.iter().any(|entrant| crosses(entrant.arrival()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rstest::rstest;

    use super::Cut;

    #[rstest]
    #[case::two(2, 20)]
    #[case::of_an_odd_number(3, 20)]
    #[case::many(20, 400)]
    fn any_two_tickets_are_in_one_random_batch_in_some_round(#[case] batches: usize, #[case] tickets: usize) {
        let cut = Cut::Random { batches, tickets };
        let mut met = BTreeSet::new();
        for round in 0..cut.rounds() {
            let batch: Vec<_> = (0..tickets).map(|position| cut.batch(round, position)).collect();
            for number in 0..batches {
                let most = tickets.div_ceil(2 * batches) * 2;
                assert!(batch.iter().filter(|of| **of == number).count() <= most, "round {round}");
            }
            met.extend(
                (0..tickets)
                    .flat_map(|one| (one + 1..tickets).map(move |other| (one, other)))
                    .filter(|(one, other)| batch[*one] == batch[*other]),
            );
        }
        assert_eq!(met.len(), tickets * (tickets - 1) / 2);
    }

    #[test]
    fn the_first_round_has_neighbours_in_a_batch() {
        let cut = Cut::Random { batches: 3, tickets: 7 };
        let batches: Vec<_> = (0..7).map(|position| cut.batch(0, position)).collect();
        assert_eq!(batches, [0, 0, 1, 1, 2, 2, 2]);
        let cut = Cut::Sorted { size: 3, first: 2 };
        let batches = |round| (0..7).map(|position| cut.batch(round, position)).collect::<Vec<_>>();
        assert_eq!(batches(0), [0, 0, 1, 1, 1, 2, 2]);
        assert_eq!(batches(1), [0, 0, 0, 1, 1, 1, 2]);
        assert_eq!(batches(2), [0, 1, 1, 1, 2, 2, 2]);
        assert_eq!(cut.rounds(), 3);
    }
}
