//! AWS's examples of large matches as cases: one test for each row of the specification's section 6.

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    examples::{none, skill, world},
    rule_sets::{hunters_and_monsters, large_by_batch_distance, marauders},
    support::{sizes, tickets},
};

mod example_7 {
    use super::*;

    fn at(latency: u32) -> Value {
        json!({"latency": {"a": latency}})
    }

    #[rstest]
    #[case(174, 0, 0)]
    #[case(175, 0, 175)]
    #[case(150, 9, 0)]
    #[case(150, 10, 150)]
    #[case(201, 0, 200)]
    fn good_players(#[case] players: usize, #[case] second: u64, #[case] expected: usize) {
        let mut world = world(&marauders(), vec![at(40); players]);
        let matched: usize = world.sizes(second).iter().flatten().sum();
        assert_eq!(matched, expected);
        assert_eq!(world.rest(), players - expected);
    }

    #[rstest]
    #[case(0, 0)]
    #[case(10, 165)]
    #[case(12, 175)]
    fn slow_players_are_left_out_until_their_step(#[case] second: u64, #[case] expected: usize) {
        let players = vec![at(180); 10].into_iter().chain(vec![at(40); 165]);
        let matched: usize = world(&marauders(), players).sizes(second).iter().flatten().sum();
        assert_eq!(matched, expected);
    }

    #[rstest]
    #[case(14, &[])]
    #[case(15, &[[100], [100]])]
    fn two_regions_make_two_matches(#[case] second: u64, #[case] expected: &[[usize; 1]]) {
        let (a, b) = (json!({"latency": {"a": 40}}), json!({"latency": {"b": 40}}));
        let players = (0..200).map(|number| if number % 2 == 0 { a.clone() } else { b.clone() });
        assert_eq!(world(&marauders(), players).sizes(second), expected);
    }
}

mod example_8 {
    use super::*;

    #[rstest]
    #[case(124, 0, 0)]
    #[case(125, 0, 12)]
    #[case(105, 14, 0)]
    #[case(105, 15, 10)]
    #[case(84, 20, 0)]
    #[case(85, 20, 8)]
    fn uneven_teams(#[case] players: usize, #[case] second: u64, #[case] hunters: usize) {
        let players = vec![json!({"latency": {"a": 40}}); players];
        let mut expected = vec![5];
        expected.extend([hunters; 10]);
        let expected = if hunters == 0 { none() } else { vec![expected] };
        assert_eq!(world(&hunters_and_monsters(), players).sizes(second), expected);
    }
}

mod example_9 {
    use super::*;

    fn two_hundred(attribute: &str, from: u32, to: u32) -> impl Iterator<Item = Value> {
        (0..200).map(move |number| json!({attribute: from + number % (to - from + 1)}))
    }

    #[rstest]
    #[case("skill", 11, 0, 1)]
    #[case("skill", 12, 0, 0)]
    #[case("skill", 12, 10, 1)]
    #[case("league", 3, 0, 1)]
    #[case("league", 4, 1000, 0)]
    fn spreads(#[case] attribute: &str, #[case] to: u32, #[case] second: u64, #[case] expected: usize) {
        let sizes = world(&large_by_batch_distance(), two_hundred(attribute, 1, to)).sizes(second);
        assert_eq!(sizes, vec![vec![100, 100]; expected]);
    }

    #[rstest]
    #[case(199, &[])]
    #[case(200, &[[100, 100]])]
    fn the_odd_one_stays(#[case] others: usize, #[case] expected: &[[usize; 2]]) {
        let mut world = world(&large_by_batch_distance(), vec![json!({}); others]);
        world.solos(1, json!({"mode": "y"}));
        assert_eq!(world.sizes(0), expected);
        assert!(world.matchmaker.get(&format!("t{others}")).is_some());
    }

    #[test]
    fn two_maps_make_two_matches() {
        let players = (0..400).map(|number| json!({"map": (["a", "b"][number % 2])}));
        let matches = world(&large_by_batch_distance(), players).pass(0);
        assert_eq!(matches.iter().map(sizes).collect::<Vec<_>>(), [[100, 100], [100, 100]]);
        for one in &matches {
            let parity = |id: &str| id[1..].parse::<usize>().unwrap() % 2;
            let ids = tickets(one);
            assert!(ids.iter().all(|id| parity(id) == parity(ids[0])));
        }
    }

    #[test]
    fn too_few_players_do_not_match() {
        assert_eq!(world(&large_by_batch_distance(), vec![json!({}); 199]).sizes(1000), none());
    }

    #[test]
    fn a_party_counts_by_its_average() {
        let mut world = world(&large_by_batch_distance(), vec![skill(15); 198]);
        world.party(0, &[skill(5), skill(25)]);
        assert_eq!(world.sizes(0), [[100, 100]]);
    }
}
