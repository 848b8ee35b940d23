//! In which team the next ticket of a large match goes (`match-design-rulesets-large-teams`).

use std::cmp::Reverse;

/// How full the teams are.
#[derive(Clone, Debug)]
pub(crate) struct Slots {
    pub(crate) sizes: Vec<u32>,
    pub(crate) mins: Vec<u32>,
    pub(crate) caps: Vec<u32>,
}

impl Slots {
    /// Seats so many players: in the team with the most open slots, of those below their least size if there are any.
    /// The first of equal ones. None: no team has room for all of them.
    pub(crate) fn take(&mut self, players: u32) -> Option<usize> {
        let open = |team: usize| self.caps[team].saturating_sub(self.sizes[team]);
        let with_room = || (0..self.sizes.len()).filter(|team| open(*team) >= players);
        let below_min = with_room().filter(|team| self.sizes[*team] < self.mins[*team]);
        let by_room = |team: &usize| Reverse(open(*team));
        let team = below_min.min_by_key(by_room).or_else(|| with_room().min_by_key(by_room))?;
        self.sizes[team] += players;
        Some(team)
    }

    pub(crate) fn is_full(&self) -> bool {
        self.sizes.iter().zip(&self.caps).all(|(size, cap)| size >= cap)
    }

    pub(crate) fn has_mins(&self) -> bool {
        self.sizes.iter().zip(&self.mins).all(|(size, min)| size >= min)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Slots;

    /// Section 1.7 of the specification: teams as (max, min), players, and the sizes that come out.
    #[rstest]
    #[case(&[(10, 5), (10, 5), (3, 2)], 10, &[5, 5, 0])]
    #[case(&[(10, 5), (10, 5), (3, 2)], 12, &[5, 5, 2])]
    #[case(&[(10, 5), (10, 5), (3, 2)], 20, &[9, 9, 2])]
    #[case(&[(10, 5), (10, 5), (3, 2)], 23, &[10, 10, 3])]
    #[case(&[(60, 1), (30, 1)], 32, &[31, 1])]
    fn teams_fill_as_the_guide_says(#[case] teams: &[(u32, u32)], #[case] players: u32, #[case] expected: &[u32]) {
        assert_eq!(sizes(teams, players), expected);
    }

    /// Ten teams of hunters and one of monsters, as in Example 8.
    #[rstest]
    #[case(100, 10, 0)]
    #[case(111, 11, 1)]
    #[case(122, 12, 2)]
    #[case(125, 12, 5)]
    #[case(155, 15, 5)]
    fn hunters_and_monsters_fill_as_in_example_8(#[case] players: u32, #[case] hunters: u32, #[case] monsters: u32) {
        let mut teams = vec![(15, 12); 10];
        teams.push((5, 5));
        let mut expected = vec![hunters; 10];
        expected.push(monsters);
        assert_eq!(sizes(&teams, players), expected);
    }

    #[test]
    fn a_party_goes_where_all_of_it_has_room() {
        let mut slots = Slots { sizes: vec![3, 0], mins: vec![4, 0], caps: vec![4, 3] };
        assert_eq!(slots.take(2), Some(1));
        assert_eq!(slots.take(2), None);
        assert!(!slots.has_mins());
        assert_eq!((slots.take(1), slots.take(1)), (Some(0), Some(1)));
        assert!(slots.is_full() && slots.has_mins());
    }

    fn sizes(teams: &[(u32, u32)], players: u32) -> Vec<u32> {
        let (caps, mins) = teams.iter().copied().unzip();
        let mut slots = Slots { sizes: vec![0; teams.len()], mins, caps };
        (0..players).for_each(|_| assert!(slots.take(1).is_some()));
        slots.sizes
    }
}
