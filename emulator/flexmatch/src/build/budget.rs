//! The bounds of a pass. Work is counted in looks of a rule at a player, so that it is the same on every machine.

use crate::build::settings::Settings;

/// The work that is left.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    work: u64,
    /// The work that was done.
    done: u64,
    second_thoughts: u64,
}

impl Budget {
    pub(crate) const fn new(settings: &Settings) -> Self {
        Self { work: settings.work, done: 0, second_thoughts: settings.second_thoughts }
    }

    /// A batch's share, if so many batches are still to come. What it leaves over is the others'.
    pub(crate) const fn share(&mut self, batches: usize) -> Self {
        let batches = if batches == 0 { 1 } else { batches as u64 };
        let share = Self { work: self.work / batches, done: 0, second_thoughts: self.second_thoughts / batches };
        self.work -= share.work;
        self.second_thoughts -= share.second_thoughts;
        share
    }

    pub(crate) const fn give_back(&mut self, rest: Self) {
        self.work += rest.work;
        self.done += rest.done;
        self.second_thoughts += rest.second_thoughts;
    }

    pub(crate) const fn is_spent(&self) -> bool {
        self.work == 0
    }

    pub(crate) const fn done(&self) -> u64 {
        self.done
    }

    pub(crate) const fn spend(&mut self, looks: u64) {
        self.work = self.work.saturating_sub(looks);
        self.done = self.done.saturating_add(looks);
    }

    /// What one anchor may use for second thoughts: half of what is left, so that no anchor uses up all of it.
    pub(crate) const fn thoughts(&mut self) -> u64 {
        let half = self.second_thoughts.div_ceil(2);
        self.second_thoughts -= half;
        half
    }

    pub(crate) const fn spare_thoughts(&mut self, rest: u64) {
        self.second_thoughts += rest;
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;

    #[test]
    fn what_a_batch_leaves_over_is_the_others() {
        let mut budget = Budget { work: 90, done: 0, second_thoughts: 9 };
        let mut first = budget.share(3);
        assert_eq!((first.work, first.second_thoughts), (30, 3));
        first.spend(40);
        assert!(first.is_spent());
        budget.give_back(first);
        let second = budget.share(2);
        assert_eq!((second.work, second.second_thoughts), (30, 4));
        budget.give_back(second);
        assert_eq!((budget.share(1).work, budget.done()), (60, 40));
    }

    #[test]
    fn an_anchor_has_half_of_the_second_thoughts() {
        let mut budget = Budget { work: 90, done: 0, second_thoughts: 9 };
        assert_eq!((budget.thoughts(), budget.thoughts()), (5, 2));
        budget.spare_thoughts(6);
        assert_eq!(budget.thoughts(), 4);
    }
}
