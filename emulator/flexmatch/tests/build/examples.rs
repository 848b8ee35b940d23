//! AWS's examples of up to 40 players as cases: one test for each row of the specification's section 6.
//! `large_examples` has those with more.

use std::time::Duration;

use flexmatch::{Averages, Choices, PartyWeight, Settings};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    rule_sets::{
        block_list, compound, free_for_all, hunters_and_monster, opponents, sorted_by_map_and_experience,
        three_teams_and_latency, two_equal_teams,
    },
    support::{World, sizes, tickets},
};

pub(crate) type Sizes = Vec<Vec<usize>>;

/// Adds single players who all came at 0.
pub(crate) fn world(body: &Value, players: impl IntoIterator<Item = Value>) -> World {
    let mut world = World::new(body);
    players.into_iter().for_each(|player| world.party(0, &[player]));
    world
}

pub(crate) fn skill(skill: u32) -> Value {
    json!({"skill": skill})
}

pub(crate) fn none() -> Sizes {
    Vec::new()
}

fn sorted(mut sizes: Sizes) -> Sizes {
    sizes.iter_mut().for_each(|teams| teams.sort_unstable());
    sizes
}

mod example_1 {
    use super::*;

    #[rstest]
    #[case(7, &[], 7)]
    #[case(8, &[[4, 4]], 0)]
    #[case(9, &[[4, 4]], 1)]
    #[case(16, &[[8, 8]], 0)]
    fn as_many_as_fit_evenly(#[case] players: usize, #[case] expected: &[[usize; 2]], #[case] rest: usize) {
        let mut world = World::new(&two_equal_teams());
        world.solos(players, skill(20));
        assert_eq!(world.sizes(0), expected);
        assert_eq!(world.rest(), rest);
    }

    #[test]
    fn the_default_skill_matches() {
        assert_eq!(World::new(&two_equal_teams()).solos(8, json!({})).sizes(0), [[4, 4]]);
    }

    #[test]
    fn zeros_and_hundreds_match_in_mixed_teams_only() {
        let choices = Choices { averages: Averages::Patient, ..Choices::default() };
        let mut world = World::with(&two_equal_teams(), Settings::default(), choices);
        world.solos(4, skill(0)).solos(4, skill(100));
        let matches = world.pass(0);
        assert_eq!(sizes(&matches[0]), [4, 4]);
        for team in &matches[0].teams {
            let zeros = team.players.iter().filter(|player| ["t0", "t1", "t2", "t3"].contains(&&*player.ticket));
            assert_eq!(zeros.count(), 2, "{:?}", matches[0].teams);
        }
    }

    #[rstest]
    #[case(100, 4, &[])]
    #[case(100, 5, &[[4, 4]])]
    #[case(130, 14, &[])]
    #[case(130, 15, &[[4, 4]])]
    fn parties_far_apart_wait_for_an_expansion(
        #[case] other: u32,
        #[case] second: u64,
        #[case] expected: &[[usize; 2]],
    ) {
        let mut world = World::new(&two_equal_teams());
        world.party(0, &[(); 4].map(|()| skill(0)));
        world.party(0, &[(); 4].map(|()| skill(other)));
        assert_eq!(world.sizes(second), expected);
    }

    #[test]
    fn the_younger_party_decides_about_the_expansion() {
        let mut world = World::new(&two_equal_teams());
        world.party(0, &[(); 4].map(|()| skill(0)));
        world.party(3, &[(); 4].map(|()| skill(100)));
        assert_eq!(world.sizes(7), none());
        let matches = world.pass(8);
        assert_eq!(matches[0].age, Duration::from_secs(5));
        assert_eq!(matches[0].steps, [flexmatch::StepInForce { expansion: 0, step: 0 }]);
    }

    #[test]
    fn a_party_of_nine_never_matches() {
        let mut world = World::new(&two_equal_teams());
        world.party(0, &[(); 9].map(|()| skill(20)));
        world.solos(9, skill(20));
        assert_eq!(world.pass(1000).len(), 1);
        assert_eq!(world.matchmaker.get("t0").unwrap().unmatchable().len(), 1);
    }

    #[test]
    fn parties_of_five_leave_the_party_of_four() {
        let mut world = World::new(&two_equal_teams());
        for players in [5, 4, 5] {
            world.party(0, &vec![skill(20); players]);
        }
        let matches = world.pass(0);
        assert_eq!(tickets(&matches[0]), ["t0", "t2"]);
        assert_eq!(world.rest(), 1);
    }
}

mod example_2 {
    use super::*;

    fn hunters(count: usize, desired: u32) -> Vec<Value> {
        vec![json!({"desiredSkillOfMonster": desired}); count]
    }

    fn monster(skill: u32) -> Value {
        json!({"wantsToBeMonster": 1, "skill": skill})
    }

    #[test]
    fn five_hunters_and_a_monster_match() {
        let players = hunters(5, 30).into_iter().chain([monster(30)]);
        assert_eq!(world(&hunters_and_monster(), players).sizes(0), [[5, 1]]);
    }

    #[test]
    fn a_hunter_who_desires_a_stronger_monster_stops_the_match() {
        let players = hunters(4, 30).into_iter().chain(hunters(1, 31)).chain([monster(30)]);
        assert_eq!(world(&hunters_and_monster(), players).sizes(0), none());
    }

    #[test]
    fn without_a_monster_there_is_no_match() {
        assert_eq!(world(&hunters_and_monster(), hunters(6, 30)).sizes(1000), none());
    }

    #[rstest]
    #[case(4, 29, &[])]
    #[case(4, 30, &[[4, 1]])]
    #[case(3, 59, &[])]
    #[case(3, 60, &[[3, 1]])]
    fn fewer_hunters_are_enough_after_a_while(
        #[case] count: usize,
        #[case] second: u64,
        #[case] expected: &[[usize; 2]],
    ) {
        let players = hunters(count, 30).into_iter().chain([monster(30)]);
        assert_eq!(world(&hunters_and_monster(), players).sizes(second), expected);
    }

    #[rstest]
    #[case("newest", &[])]
    #[case("oldest", &[[4, 1]])]
    fn a_young_monster_takes_the_expansion_back(#[case] age: &str, #[case] expected: &[[usize; 2]]) {
        let mut body = hunters_and_monster();
        body["algorithm"] = json!({"expansionAgeSelection": age});
        let mut world = world(&body, hunters(4, 30));
        world.solo_at(39, monster(30));
        assert_eq!(world.sizes(40), expected);
    }

    #[rstest]
    #[case(0, 5)]
    #[case(1000, 3)]
    fn who_half_wants_to_be_the_monster_is_neither(#[case] second: u64, #[case] count: usize) {
        let half = || json!({"wantsToBeMonster": 0.5});
        let players = || hunters(count, 10).into_iter().chain([half()]);
        // Neither the last hunter, nor the monster.
        let mut without_a_monster = world(&hunters_and_monster(), players());
        assert_eq!(without_a_monster.sizes(second), none());
        let mut with_one_hunter_less = world(&hunters_and_monster(), players().skip(1).chain([monster(10)]));
        assert_eq!(with_one_hunter_less.sizes(second), none());
        let matches = world(&hunters_and_monster(), players().chain([monster(10)])).pass(second);
        assert_eq!(sizes(&matches[0]), [count, 1]);
        assert!(!tickets(&matches[0]).contains(&&*format!("t{count}")), "it waits");
    }

    /// With three hunters, who are enough by then, only a monster is missing; with that monster, nobody is.
    #[test]
    fn a_party_of_monster_and_hunter_never_matches() {
        let party = [monster(10), json!({})];
        let mut world = world(&hunters_and_monster(), hunters(3, 10));
        world.party(0, &party);
        assert_eq!(world.sizes(1000), none());
        world.solos(1, monster(10));
        assert_eq!(tickets(&world.pass(2000)[0]), ["t0", "t1", "t2", "t4"]);
        world.solos(2, hunters(1, 10).remove(0)).solos(1, monster(10));
        assert_eq!(world.sizes(4000), none(), "two hunters, and the party's would be the third");
    }

    #[test]
    fn with_all_defaults_nobody_is_the_monster() {
        assert_eq!(world(&hunters_and_monster(), vec![json!({}); 6]).sizes(1000), none());
    }
}

mod example_3 {
    use super::*;

    fn at(latency: u32) -> Value {
        json!({"latency": {"a": latency}})
    }

    fn medic() -> Value {
        json!({"latency": {"a": 40}, "character": ["medic"]})
    }

    #[rstest]
    #[case(9, [3, 3, 3])]
    #[case(10, [3, 3, 4])]
    #[case(11, [3, 4, 4])]
    fn teams_differ_by_one_at_most(#[case] players: usize, #[case] expected: [usize; 3]) {
        let mut world = world(&three_teams_and_latency(), vec![at(40); players]);
        let matches = world.pass(0);
        assert_eq!(matches[0].teams.iter().map(|team| &*team.name).collect::<Vec<_>>(), ["trio_1", "trio_2", "trio_3"]);
        assert_eq!(sorted(vec![sizes(&matches[0])]), [expected]);
    }

    #[test]
    fn six_medics_of_nine_are_too_many() {
        let players = vec![medic(); 6].into_iter().chain(vec![at(40); 3]);
        assert_eq!(world(&three_teams_and_latency(), players).sizes(0), none());
    }

    #[test]
    fn of_six_medics_one_is_left() {
        let players = vec![medic(); 6].into_iter().chain(vec![at(40); 4]);
        let mut world = world(&three_teams_and_latency(), players);
        assert_eq!(world.sizes(0), [[3, 3, 3]]);
        assert_eq!(world.rest(), 1);
        assert!(world.matchmaker.get("t5").is_some());
    }

    #[rstest]
    #[case(9, 0)]
    #[case(10, 1)]
    fn slower_players_match_after_a_while(#[case] second: u64, #[case] matches: usize) {
        assert_eq!(world(&three_teams_and_latency(), vec![at(80); 9]).pass(second).len(), matches);
    }

    #[test]
    fn all_need_a_location_in_common() {
        let near_a = vec![json!({"latency": {"a": 40, "b": 90}}); 5];
        let near_b = vec![json!({"latency": {"a": 90, "b": 40}}); 4];
        assert_eq!(world(&three_teams_and_latency(), near_a.into_iter().chain(near_b)).sizes(0), none());
    }

    #[test]
    fn who_told_no_latency_never_matches() {
        let players = vec![at(40); 8].into_iter().chain([json!({})]);
        let mut world = world(&three_teams_and_latency(), players);
        assert_eq!(world.sizes(1000), none());
        assert_eq!(world.matchmaker.get("t8").unwrap().unmatchable().len(), 1);
    }

    #[test]
    fn three_parties_of_three_have_a_team_each() {
        let mut world = World::new(&three_teams_and_latency());
        (0..3).for_each(|_| world.party(0, &vec![at(40); 3]));
        assert_eq!(world.sizes(0), [[3, 3, 3]]);
    }

    #[rstest]
    #[case(4, 5, None)]
    #[case(4, 6, Some([3, 3, 4]))]
    #[case(3, 6, Some([3, 3, 3]))]
    fn a_party_first_and_singles_then(
        #[case] party: usize,
        #[case] singles: usize,
        #[case] expected: Option<[usize; 3]>,
    ) {
        let mut world = World::new(&three_teams_and_latency());
        world.party(0, &vec![at(40); party]);
        world.solos(singles, at(40));
        let expected: Sizes = expected.iter().map(|sizes| sizes.to_vec()).collect();
        assert_eq!(sorted(world.sizes(0)), expected);
    }
}

mod example_4 {
    use super::*;

    fn dune(value: u32) -> Value {
        json!({"maps": {"dune": value}})
    }

    #[test]
    fn who_likes_the_anchors_map_most_comes_first() {
        let mut world = World::new(&sorted_by_map_and_experience("ByMap"));
        world.solo_at(0, dune(90));
        (0..3).for_each(|_| _ = world.solo_at(1, dune(10)));
        (0..5).for_each(|_| _ = world.solo_at(2, dune(80)));
        assert_eq!(tickets(&world.pass(2)[0]), ["t0", "t4", "t5", "t6", "t7", "t8"]);
    }

    #[test]
    fn of_equal_ones_the_nearest_experience_comes_first() {
        let experiences = [50, 90, 55, 51, 91, 54, 52, 53];
        let players = experiences.map(|experience| json!({"experience": experience}));
        let matches = world(&sorted_by_map_and_experience("ByMap"), players).pass(0);
        assert_eq!(tickets(&matches[0]), ["t0", "t2", "t3", "t5", "t6", "t7"]);
    }

    #[test]
    fn only_the_anchors_favourite_map_counts() {
        let anchor = json!({"maps": {"a": 1, "b": 9}});
        let others = (1..=7).map(|a| json!({"maps": {"a": 10 - a, "b": 5}}));
        let matches = world(&sorted_by_map_and_experience("ByMap"), [anchor].into_iter().chain(others)).pass(0);
        assert_eq!(tickets(&matches[0]), ["t0", "t1", "t2", "t3", "t4", "t5"]);
    }

    #[test]
    fn modes_without_a_common_one_do_not_match() {
        let players = (0..6).map(|mode| json!({"modes": [mode.to_string()]}));
        assert_eq!(world(&sorted_by_map_and_experience("ByMap"), players).sizes(0), none());
    }

    #[test]
    fn all_defaults_match() {
        assert_eq!(world(&sorted_by_map_and_experience("ByMap"), vec![json!({}); 6]).sizes(0), [[3, 3]]);
    }

    #[test]
    fn the_rule_that_stands_first_decides() {
        let anchor = json!({"maps": {"dune": 90}, "experience": 50});
        let fond = vec![json!({"maps": {"dune": 80}, "experience": 99}); 5];
        let alike = vec![json!({"maps": {"dune": 10}, "experience": 50}); 5];
        let players = || [anchor.clone()].into_iter().chain(fond.clone()).chain(alike.clone());
        let matches = world(&sorted_by_map_and_experience("ByMap"), players()).pass(0);
        assert_eq!(tickets(&matches[0]), ["t0", "t1", "t2", "t3", "t4", "t5"]);
        let matches = world(&sorted_by_map_and_experience("ByExperience"), players()).pass(0);
        assert_eq!(tickets(&matches[0]), ["t0", "t6", "t7", "t8", "t9", "t10"]);
    }
}

mod example_5 {
    use super::*;

    fn plays(character: &str, opponents: &[&str]) -> Value {
        json!({"character": [character], "preferredOpponents": opponents})
    }

    #[test]
    fn wanted_characters_match() {
        assert_eq!(world(&opponents(), vec![plays("k", &["k", "m"]); 5]).sizes(0), [[5]]);
        let players = vec![plays("k", &["k", "m"]); 4].into_iter().chain([plays("m", &["k", "m"])]);
        assert_eq!(world(&opponents(), players).sizes(0), [[5]]);
    }

    #[rstest]
    #[case(14, &[])]
    #[case(15, &[[5]])]
    fn an_unwanted_character_waits_for_the_expansion(#[case] second: u64, #[case] expected: &[[usize; 1]]) {
        let players = vec![plays("k", &["k", "m"]); 4].into_iter().chain([plays("k", &["m"])]);
        assert_eq!(world(&opponents(), players).sizes(second), expected);
    }

    #[test]
    fn who_prefers_nobody_never_matches() {
        let players = vec![plays("k", &["k"]); 4].into_iter().chain([json!({"character": ["k"]})]);
        let mut world = world(&opponents(), players);
        assert_eq!(world.sizes(1000), none());
        world.solos(1, plays("k", &["k"]));
        assert_eq!(tickets(&world.pass(1000)[0]), ["t0", "t1", "t2", "t3", "t5"]);
    }

    #[test]
    fn a_party_is_wanted_if_one_of_its_characters_is() {
        let choices = Choices { party_weight: PartyWeight::PerParty, ..Choices::default() };
        let mut world = World::with(&opponents(), Settings::default(), choices);
        world.party(0, &[plays("k", &["k"]), plays("m", &["k"])]);
        world.solos(3, plays("k", &["k"]));
        assert_eq!(world.sizes(0), [[5]]);
    }
}

mod example_6 {
    use super::*;

    #[rstest]
    #[case(json!({"character": 1}), json!({"character": 2}), 1)]
    #[case(json!({"character": 1}), json!({"character": 1}), 0)]
    #[case(json!({"character": 1, "gameMap": 1}), json!({"character": 2, "gameMap": 2}), 0)]
    #[case(json!({"character": 1}), json!({}), 0)]
    #[case(json!({"character": 1, "gameMode": "turn-based", "gameMap": 1}), json!({"character": 2}), 1)]
    fn pairs(#[case] left: Value, #[case] right: Value, #[case] expected: usize) {
        let matches = world(&free_for_all(), [left, right]).pass(0);
        assert_eq!(matches.len(), expected);
        if let Some(one) = matches.first() {
            assert_eq!(one.teams.iter().map(|team| &*team.name).collect::<Vec<_>>(), ["player_1", "player_2"]);
        }
    }

    #[test]
    fn a_party_of_two_never_matches() {
        let mut world = World::new(&free_for_all());
        world.party(0, &[json!({"character": 1}), json!({"character": 2})]);
        assert_eq!(world.sizes(1000), none());
    }
}

mod example_10 {
    use super::*;

    fn twenty(of: impl Fn(u32) -> Value) -> Vec<Value> {
        (0..20).map(of).collect()
    }

    #[rstest]
    #[case(twenty(|number| json!({"skill": (number * 5)})), 0, 1)]
    #[case(twenty(|number| json!({"map": (["a", "b"][number as usize % 2]), "skill": number % 11, "league": number % 3})), 0, 1)]
    #[case(twenty(|number| json!({"map": (["a", "b"][number as usize % 2]), "skill": number % 16})), 9, 0)]
    #[case(twenty(|number| json!({"map": (["a", "b"][number as usize % 2]), "skill": number % 16})), 10, 1)]
    #[case(twenty(|number| json!({"map": (["a", "b"][number as usize % 2]), "league": number % 4})), 1000, 0)]
    #[case(twenty(|number| json!({"mode": (["x", "y"][number as usize % 2]), "skill": number * 5})), 0, 0)]
    fn either_alike_or_near(#[case] players: Vec<Value>, #[case] second: u64, #[case] expected: usize) {
        assert_eq!(world(&compound(), players).sizes(second), vec![vec![10, 10]; expected]);
    }
}

mod example_11 {
    use super::*;

    fn blocks(id: &str) -> Value {
        json!({"blocked": [id]})
    }

    #[rstest]
    #[case(json!({}), 10, 1)]
    #[case(blocks("t1.0"), 11, 1)]
    #[case(blocks("t1.0"), 10, 0)]
    #[case(blocks("t0.0"), 10, 0)]
    #[case(blocks("somebody"), 10, 1)]
    fn blocked_players_are_kept_apart(#[case] first: Value, #[case] players: usize, #[case] expected: usize) {
        for second in [0, 1000] {
            let mut world = world(&block_list(), [first.clone()]);
            world.solos(players - 1, json!({}));
            let matches = world.pass(second);
            assert_eq!(matches.iter().map(sizes).collect::<Vec<_>>(), vec![vec![5, 5]; expected], "at {second}");
            assert!(players == 10 || !(tickets(&matches[0]).contains(&"t0") && tickets(&matches[0]).contains(&"t1")));
        }
    }

    #[test]
    fn who_blocks_themselves_is_left_out_of_every_match() {
        let mut world = world(&block_list(), [blocks("t0.0")]);
        world.solos(10, json!({}));
        let matches = world.pass(1000);
        assert_eq!(matches.iter().map(sizes).collect::<Vec<_>>(), [[5, 5]]);
        assert!(world.matchmaker.get("t0").is_some());
    }

    #[test]
    fn a_party_that_blocks_itself_never_matches() {
        let mut world = World::new(&block_list());
        world.party(0, &[blocks("t0.1"), json!({})]);
        world.solos(8, json!({}));
        assert_eq!(world.sizes(1000), none());
        world.solos(2, json!({}));
        assert_eq!(world.sizes(1000), [[5, 5]], "the others match without it");
    }

    #[test]
    fn an_expansion_lets_one_blocked_player_in() {
        let mut body = block_list();
        let step = json!({"waitTimeSeconds": 20, "value": 1});
        body["expansions"] = json!([{"target": "rules[NotBlocked].maxCount", "steps": [step]}]);
        let mut world = world(&body, [blocks("t1.0")]);
        world.solos(9, json!({}));
        assert_eq!(world.sizes(19), none());
        assert_eq!(world.sizes(20), [[5, 5]]);
    }
}
