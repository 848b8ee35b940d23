//! Totals of teams, and swaps that make them more even.

use std::cmp::Ordering;

/// A ticket that may change its team.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Weight {
    pub(crate) team: usize,
    pub(crate) players: usize,
    /// The total of the balanced attribute over its players.
    pub(crate) total: f64,
}

/// The totals of all teams. `fixed` is what players have who cannot change, by team.
pub(crate) fn totals(weights: &[Weight], fixed: &[f64]) -> Vec<f64> {
    let mut totals = fixed.to_vec();
    weights.iter().for_each(|weight| totals[weight.team] += weight.total);
    totals
}

/// The greatest total less the least one.
pub(crate) fn spread(totals: &[f64]) -> f64 {
    let (least, greatest) = (extreme(totals, Ordering::Less), extreme(totals, Ordering::Greater));
    totals[greatest] - totals[least]
}

/// The swap of two tickets with as many players that makes the two most uneven teams the most even, if there is one.
/// Both come nearer to each other, so that it never widens the spread of all teams.
pub(crate) fn best_swap(weights: &[Weight], totals: &[f64]) -> Option<(usize, usize)> {
    let (low, high) = (extreme(totals, Ordering::Less), extreme(totals, Ordering::Greater));
    let gap = totals[high] - totals[low];
    let in_team = |team: usize| (0..weights.len()).filter(move |place| weights[*place].team == team);
    let by_total = |left: &usize, right: &usize| {
        let (left, right) = (&weights[*left], &weights[*right]);
        left.players.cmp(&right.players).then(left.total.total_cmp(&right.total))
    };
    let mut lows: Vec<_> = in_team(low).collect();
    lows.sort_by(by_total);
    let mut best: Option<(f64, (usize, usize))> = None;
    for from_high in in_team(high) {
        let ideal = weights[from_high].total - gap / 2.0;
        let players = weights[from_high].players;
        // The nearest ones to the ideal, from both sides.
        let at = lows.partition_point(|place| {
            (weights[*place].players, weights[*place].total).partial_cmp(&(players, ideal)) == Some(Ordering::Less)
        });
        for from_low in [at.checked_sub(1), Some(at)].into_iter().flatten().filter_map(|at| lows.get(at)) {
            let moved = weights[from_high].total - weights[*from_low].total;
            let left_over = (gap - 2.0 * moved).abs();
            if weights[*from_low].players == players
                && left_over < gap
                && best.is_none_or(|(least, _)| left_over < least)
            {
                best = Some((left_over, (from_high, *from_low)));
            }
        }
    }
    best.map(|(_, swap)| swap)
}

/// Seats the heaviest first, each in the team with the least total that has room. None: a party found no room.
pub(crate) fn heaviest_first(weights: &[Weight], fixed: &[f64]) -> Option<Vec<Weight>> {
    let mut room = vec![0; fixed.len()];
    weights.iter().for_each(|weight| room[weight.team] += weight.players);
    let mut totals = fixed.to_vec();
    let mut order: Vec<_> = (0..weights.len()).collect();
    order.sort_by(|left, right| {
        let (left, right) = (&weights[*left], &weights[*right]);
        right.players.cmp(&left.players).then(right.total.total_cmp(&left.total))
    });
    let mut seated = weights.to_vec();
    for place in order {
        let weight = &mut seated[place];
        let with_room = (0..room.len()).filter(|team| room[*team] >= weight.players);
        weight.team = with_room.min_by(|left, right| totals[*left].total_cmp(&totals[*right]))?;
        room[weight.team] -= weight.players;
        totals[weight.team] += weight.total;
    }
    Some(seated)
}

/// The first team with the least or the greatest total.
fn extreme(totals: &[f64], wanted: Ordering) -> usize {
    let mut found = 0;
    for (team, total) in totals.iter().enumerate() {
        if total.total_cmp(&totals[found]) == wanted {
            found = team;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Weight, best_swap, heaviest_first, spread, totals};

    const fn solo(team: usize, total: f64) -> Weight {
        Weight { team, players: 1, total }
    }

    #[test]
    fn the_best_swap_is_the_one_that_leaves_the_least() {
        let weights = [solo(0, 9.0), solo(0, 6.0), solo(1, 1.0), solo(1, 4.0)];
        let before = totals(&weights, &[0.0, 0.0]);
        assert_eq!((before.as_slice(), spread(&before)), ([15.0, 5.0].as_slice(), 10.0));
        // 9 and 4, or 6 and 1, both leave 0. Of equal ones it is the first.
        assert_eq!(best_swap(&weights, &before), Some((0, 3)));
        assert_eq!(best_swap(&[solo(0, 5.0), solo(1, 5.0)], &[5.0, 5.0]), None);
    }

    #[test]
    fn only_tickets_with_as_many_players_change_places() {
        let weights = [Weight { team: 0, players: 2, total: 9.0 }, solo(1, 1.0), solo(1, 1.0)];
        assert_eq!(best_swap(&weights, &[9.0, 2.0]), None);
    }

    #[test]
    fn the_heaviest_are_seated_first_and_sizes_stay() {
        let weights = [solo(0, 8.0), solo(0, 7.0), solo(1, 1.0), solo(1, 2.0)];
        let seated = heaviest_first(&weights, &[0.0, 0.0]).unwrap();
        assert_eq!(seated.iter().map(|weight| weight.team).collect::<Vec<_>>(), [0, 1, 0, 1]);
        assert_eq!(totals(&seated, &[0.0, 0.0]), [9.0, 9.0]);
        assert_eq!(totals(&heaviest_first(&weights, &[20.0, 0.0]).unwrap(), &[20.0, 0.0]), [23.0, 15.0]);
    }
}
