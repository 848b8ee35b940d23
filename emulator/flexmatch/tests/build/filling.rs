//! How large teams fill, against a list of their seats.

use std::{
    cell::Cell,
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use proptest::{collection::vec, prelude::*};
use random_cases::run;
use serde_json::{Value, json};

use crate::support::{World, sizes};

const CASES: u32 = 150;

/// The least and the greatest size of a team, and how many teams are so.
type Definition = (u32, u32, u32);

/// Definitions for 41 to 200 players.
fn definitions() -> impl Strategy<Value = Vec<Definition>> {
    let definition = (0..=20_u32, 1..=60_u32, 1..=4_u32);
    vec(definition.prop_map(|(min, max, quantity)| (min.min(max), max, quantity)), 1..=4)
        .prop_filter("41 to 200 players", |all| (41..=200).contains(&all.iter().map(|one| one.1 * one.2).sum::<u32>()))
}

fn body(definitions: &[Definition]) -> Value {
    let team = |(place, (min, max, quantity)): (usize, &Definition)| json!({"name": format!("t{place}"), "minPlayers": min, "maxPlayers": max, "quantity": quantity});
    json!({
        "ruleLanguageVersion": "1.0",
        "playerAttributes": [{"name": "skill", "type": "number"}],
        "algorithm": {"strategy": "balanced", "balancedAttribute": "skill"},
        "teams": definitions.iter().enumerate().map(team).collect::<Vec<_>>(),
    })
}

/// All seats of all teams stand in one list: those that make up a least size first, then by the slots that are open
/// before somebody sits down, then by the teams' order. Players take the first ones.
fn filled(teams: &[(u32, u32)], players: usize) -> Vec<usize> {
    let seats = teams
        .iter()
        .enumerate()
        .flat_map(|(team, (min, max))| (0..*max).map(move |seat| (seat >= *min, Reverse(max - seat), team)));
    let taken: BTreeSet<_> = seats.collect();
    let mut sizes = vec![0; teams.len()];
    taken.into_iter().take(players).for_each(|(_, _, team)| sizes[team] += 1);
    sizes
}

#[test]
fn large_teams_fill_from_the_least_sizes_on_by_open_slots() {
    let (matches, uneven) = (Cell::new(0), Cell::new(0));
    let players = vec(0..1000_u32, 1..=220);
    let cases = run(CASES, (definitions(), players), |(definitions, skills)| {
        let teams: Vec<_> =
            definitions.iter().flat_map(|(min, max, quantity)| vec![(*min, *max); *quantity as usize]).collect();
        let mut world = World::new(&body(&definitions));
        skills.iter().for_each(|skill| world.party(0, &[json!({"skill": skill})]));
        let first = world.pass(0).first().map(sizes);
        let least: u32 = teams.iter().map(|team| team.0).sum();
        let expected = (least as usize <= skills.len()).then(|| filled(&teams, skills.len()));
        prop_assert_eq!(&first, &expected);
        let mut alike: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (team, size) in teams.iter().zip(first.into_iter().flatten()) {
            alike.entry(*team).or_default().push(size);
        }
        for (team, sizes) in &alike {
            let (fewest, most) = (sizes.iter().min().unwrap(), sizes.iter().max().unwrap());
            prop_assert!(most - fewest <= 1, "teams for {:?} have {:?}", team, sizes);
        }
        matches.set(matches.get() + u32::from(!alike.is_empty()));
        uneven.set(uneven.get() + u32::from(alike.len() > 1));
        Ok(())
    });
    let (matches, uneven) = (matches.get(), uneven.get());
    assert!(matches > cases / 2, "{matches} matches in {cases} cases are too few to show anything");
    assert!(uneven > cases / 4, "{uneven} matches of unlike teams are too few to show anything");
}
