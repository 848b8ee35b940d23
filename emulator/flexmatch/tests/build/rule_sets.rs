//! Rule sets that say what AWS's examples say (`match-examples-1` to `-11`), written for these tests.

use serde_json::{Value, json};

fn set(attributes: &Value, teams: &Value, rules: &Value, expansions: &Value) -> Value {
    json!({
        "ruleLanguageVersion": "1.0", "playerAttributes": attributes, "teams": teams, "rules": rules,
        "expansions": expansions,
    })
}

fn expansion(target: &str, steps: &[(u32, u32)]) -> Value {
    let steps: Vec<_> = steps.iter().map(|(wait, value)| json!({"waitTimeSeconds": wait, "value": value})).collect();
    json!({"target": target, "steps": steps})
}

fn team(name: &str, min: u32, max: u32) -> Value {
    json!({"name": name, "minPlayers": min, "maxPlayers": max})
}

pub(crate) fn two_equal_teams() -> Value {
    set(
        &json!([{"name": "skill", "type": "number", "default": 10}]),
        &json!([team("cowboys", 4, 8), team("aliens", 4, 8)]),
        &json!([
            {"name": "FairSkill", "type": "distance", "measurements": ["avg(teams[*].players.attributes[skill])"],
             "referenceValue": "avg(flatten(teams[*].players.attributes[skill]))", "maxDistance": 10},
            {"name": "EqualSizes", "type": "comparison", "measurements": ["count(teams[cowboys].players)"],
             "referenceValue": "count(teams[aliens].players)", "operation": "="},
        ]),
        &json!([expansion("rules[FairSkill].maxDistance", &[(5, 50), (15, 100)])]),
    )
}

pub(crate) fn hunters_and_monster() -> Value {
    set(
        &json!([
            {"name": "skill", "type": "number", "default": 10},
            {"name": "desiredSkillOfMonster", "type": "number", "default": 10},
            {"name": "wantsToBeMonster", "type": "number", "default": 0},
        ]),
        &json!([team("players", 5, 5), team("monster", 1, 1)]),
        &json!([
            {"name": "Monster", "type": "comparison", "operation": "=", "referenceValue": 1,
             "measurements": ["teams[monster].players.attributes[wantsToBeMonster]"]},
            {"name": "Hunters", "type": "comparison", "operation": "=", "referenceValue": 0,
             "measurements": ["teams[players].players.attributes[wantsToBeMonster]"]},
            {"name": "StrongEnough", "type": "comparison", "operation": ">=",
             "measurements": ["avg(teams[monster].players.attributes[skill])"],
             "referenceValue": "max(teams[players].players.attributes[desiredSkillOfMonster])"},
        ]),
        &json!([expansion("teams[players].minPlayers", &[(30, 4), (60, 3)])]),
    )
}

pub(crate) fn three_teams_and_latency() -> Value {
    set(
        &json!([
            {"name": "skill", "type": "number", "default": 10},
            {"name": "character", "type": "string_list", "default": ["peasant"]},
        ]),
        &json!([{"name": "trio", "minPlayers": 3, "maxPlayers": 5, "quantity": 3}]),
        &json!([
            {"name": "FairSkill", "type": "distance", "measurements": ["avg(teams[*].players.attributes[skill])"],
             "referenceValue": "avg(flatten(teams[*].players.attributes[skill]))", "maxDistance": 10},
            {"name": "CloseSizes", "type": "distance", "measurements": ["max(count(teams[*].players))"],
             "referenceValue": "min(count(teams[*].players))", "maxDistance": 1},
            {"name": "FewMedics", "type": "collection", "operation": "contains", "referenceValue": "medic",
             "measurements": ["flatten(teams[*].players.attributes[character])"], "maxCount": 5},
            {"name": "Fast", "type": "latency", "maxLatency": 50},
        ]),
        &json!([expansion("rules[Fast].maxLatency", &[(10, 100), (20, 150)])]),
    )
}

pub(crate) fn sorted_by_map_and_experience(first: &str) -> Value {
    let mut sorts = [
        json!({"name": "ByMap", "type": "absoluteSort", "sortDirection": "descending", "sortAttribute": "maps",
               "mapKey": "maxValue"}),
        json!({"name": "ByExperience", "type": "distanceSort", "sortDirection": "ascending",
               "sortAttribute": "experience"}),
    ];
    sorts.sort_by_key(|sort| sort["name"] != first);
    set(
        &json!([
            {"name": "experience", "type": "number", "default": 50},
            {"name": "modes", "type": "string_list", "default": ["deathmatch"]},
            {"name": "maps", "type": "string_number_map", "default": {"dune": 100}},
            {"name": "accepted", "type": "string_list", "default": ["dune"]},
        ]),
        &json!([team("red", 3, 3), team("blue", 3, 3)]),
        &json!([
            {"name": "Modes", "type": "collection", "operation": "intersection", "minCount": 1,
             "measurements": ["flatten(teams[*].players.attributes[modes])"]},
            {"name": "Maps", "type": "collection", "operation": "intersection", "minCount": 1,
             "measurements": ["flatten(teams[*].players.attributes[accepted])"]},
            sorts[0], sorts[1],
        ]),
        &json!([]),
    )
}

pub(crate) fn opponents() -> Value {
    set(
        &json!([
            {"name": "character", "type": "string_list"},
            {"name": "preferredOpponents", "type": "string_list"},
        ]),
        &json!([team("all", 5, 5)]),
        &json!([{
            "name": "Wanted", "type": "collection", "operation": "reference_intersection_count", "minCount": 1,
            "measurements": ["flatten(teams[*].players.attributes[character])"],
            "referenceValue": "set_intersection(flatten(teams[*].players.attributes[preferredOpponents]))",
        }]),
        &json!([expansion("rules[Wanted].minCount", &[(15, 0)])]),
    )
}

pub(crate) fn free_for_all() -> Value {
    let same = |name: &str, attribute: &str, operation: &str| {
        let measured = format!("flatten(teams[*].players.attributes[{attribute}])");
        json!({"name": name, "type": "comparison", "operation": operation, "measurements": [measured]})
    };
    set(
        &json!([
            {"name": "gameMode", "type": "string", "default": "turn-based"},
            {"name": "gameMap", "type": "number", "default": 1},
            {"name": "character", "type": "number"},
        ]),
        &json!([{"name": "player", "minPlayers": 1, "maxPlayers": 1, "quantity": 2}]),
        &json!([same("Mode", "gameMode", "="), same("Map", "gameMap", "="), same("Characters", "character", "!=")]),
        &json!([]),
    )
}

fn balanced(mut body: Value, batching: &str) -> Value {
    body["algorithm"] = json!({"strategy": "balanced", "balancedAttribute": "skill", "batchingPreference": batching});
    body
}

pub(crate) fn marauders() -> Value {
    let body = set(
        &json!([{"name": "skill", "type": "number", "default": 10}]),
        &json!([team("Marauders", 175, 200)]),
        &json!([{"name": "Fast", "type": "latency", "maxLatency": 150}]),
        &json!([
            expansion("rules[Fast].maxLatency", &[(12, 200)]),
            expansion("teams[Marauders].minPlayers", &[(10, 150), (15, 100)]),
        ]),
    );
    balanced(body, "largestPopulation")
}

pub(crate) fn hunters_and_monsters() -> Value {
    let body = set(
        &json!([{"name": "skill", "type": "number", "default": 10}]),
        &json!([
            team("Monsters", 5, 5),
            {"name": "Hunters", "minPlayers": 12, "maxPlayers": 15, "quantity": 10},
        ]),
        &json!([{"name": "Fast", "type": "latency", "maxLatency": 150}]),
        &json!([expansion("teams[Hunters].minPlayers", &[(15, 10), (20, 8)])]),
    );
    balanced(body, "largestPopulation")
}

pub(crate) fn large_by_batch_distance() -> Value {
    let body = set(
        &json!([
            {"name": "league", "type": "number", "default": 1},
            {"name": "skill", "type": "number", "default": 1},
            {"name": "map", "type": "string", "default": "a"},
            {"name": "mode", "type": "string", "default": "x"},
        ]),
        &json!([team("red", 100, 100), team("blue", 100, 100)]),
        &json!([
            {"name": "Leagues", "type": "batchDistance", "batchAttribute": "league", "maxDistance": 2},
            {"name": "Skills", "type": "batchDistance", "batchAttribute": "skill", "maxDistance": 10},
            {"name": "Map", "type": "batchDistance", "batchAttribute": "map"},
            {"name": "Mode", "type": "batchDistance", "batchAttribute": "mode"},
        ]),
        &json!([expansion("rules[Skills].maxDistance", &[(10, 20), (20, 40)])]),
    );
    balanced(body, "fastestRegion")
}

pub(crate) fn compound() -> Value {
    let spread = |name: &str, attribute: &str, max: u32| {
        json!({"name": name, "type": "distance", "maxDistance": max,
               "measurements": [format!("max(flatten(teams[*].players.attributes[{attribute}]))")],
               "referenceValue": format!("min(flatten(teams[*].players.attributes[{attribute}]))")})
    };
    let same = |name: &str, attribute: &str| {
        json!({"name": name, "type": "comparison", "operation": "=",
               "measurements": [format!("flatten(teams[*].players.attributes[{attribute}])")]})
    };
    let body = set(
        &json!([
            {"name": "map", "type": "string", "default": "a"},
            {"name": "mode", "type": "string", "default": "x"},
            {"name": "skill", "type": "number", "default": 10},
            {"name": "league", "type": "number", "default": 1},
        ]),
        &json!([team("red", 10, 20), team("blue", 10, 20)]),
        &json!([
            same("SameMap", "map"), same("SameMode", "mode"), spread("Skills", "skill", 10),
            spread("Leagues", "league", 2),
            {"name": "Either", "type": "compound", "statement": "or(and(SameMap, SameMode), and(Skills, Leagues))"},
        ]),
        &json!([expansion("rules[Skills].maxDistance", &[(10, 20), (20, 40)])]),
    );
    balanced(body, "largestPopulation")
}

pub(crate) fn block_list() -> Value {
    set(
        &json!([{"name": "blocked", "type": "string_list", "default": []}]),
        &json!([team("maroon", 5, 5), team("gold", 5, 5)]),
        &json!([{
            "name": "NotBlocked", "type": "collection", "operation": "reference_intersection_count", "maxCount": 0,
            "measurements": ["flatten(teams[*].players.attributes[blocked])"],
            "referenceValue": "flatten(teams[*].players[playerId])",
        }]),
        &json!([]),
    )
}
