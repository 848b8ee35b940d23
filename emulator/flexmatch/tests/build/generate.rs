//! Random rule sets and pools.

use std::{collections::BTreeMap, time::Duration};

use flexmatch::{
    AttributeValue, Averages, Choices, LatencyBoundary, PartyWeight, Player, RuleSet, StandardDeviation, Ticket,
    TicketKind,
};
use proptest::{
    collection::{btree_map, btree_set, vec},
    option,
    prelude::*,
    sample::select,
};
use serde_json::{Value, json};

/// A rule set with up to four teams for one to three players, and up to four rules.
pub(crate) fn small_rule_set() -> impl Strategy<Value = Value> {
    let teams = vec((0..=2_u32, 1..=3_u32, 1..=2_u32), 1..=2);
    let rules = vec(rule(), 0..=4);
    (teams, rules, small_algorithm(), vec(0..=4_u64, 8)).prop_map(|(teams, rules, algorithm, relaxed)| {
        let teams = teams.iter().enumerate().map(|(place, (min, max, quantity))| {
            json!({"name": (["red", "blue"][place]), "minPlayers": min.min(max), "maxPlayers": max, "quantity": quantity})
        });
        let (teams, mut rules): (Vec<_>, Vec<_>) = (teams.collect(), named(rules));
        if teams[0]["quantity"] == 1 {
            rules.iter_mut().for_each(without_numbered_teams);
        }
        let expansions = expansions(&teams, &rules, &relaxed);
        if relaxed[7].is_multiple_of(2) {
            rules.extend(compound(&rules, &relaxed));
        }
        body(&algorithm, &teams, &rules, &expansions)
    })
}

/// A definition of one team has no team with a number.
fn without_numbered_teams(rule: &mut Value) {
    for measured in rule["measurements"].as_array_mut().into_iter().flatten() {
        *measured = json!(measured.as_str().unwrap().replace("red_1", "red"));
    }
}

/// A rule set for 41 to 65 players in one to four teams, with the rules of large matches.
pub(crate) fn large_rule_set() -> impl Strategy<Value = Value> {
    let teams = vec((0..=20_u32, 0..=6_u32, 1..=2_u32), 1..=2);
    let rules = vec(prop_oneof![batch_distance(), latency(false)], 0..=3);
    (teams, rules, select(vec!["largestPopulation", "fastestRegion"]), vec(0..=4_u64, 8)).prop_map(
        |(teams, rules, batching, relaxed)| {
            let quantities: u32 = teams.iter().map(|(_, _, quantity)| quantity).sum();
            let teams: Vec<_> = teams
                .iter()
                .enumerate()
                .map(|(place, (min, more, quantity))| {
                    let max = 41_u32.div_ceil(quantities) + more;
                    json!({"name": (["red", "blue"][place]), "minPlayers": min.min(&max), "maxPlayers": max,
                           "quantity": quantity})
                })
                .collect();
            let rules = named(rules);
            // Large matches expand their teams and latency only.
            let expanded: Vec<_> = rules.iter().filter(|rule| rule["type"] == "latency").cloned().collect();
            let expansions = expansions(&teams, &expanded, &relaxed);
            let algorithm = json!({
                "strategy": "balanced", "balancedAttribute": "skill", "batchingPreference": batching,
                "expansionAgeSelection": (["newest", "oldest"][relaxed[7] as usize % 2]),
            });
            body(&algorithm, &teams, &rules, &expansions)
        },
    )
}

/// What AWS leaves open, either way.
pub(crate) fn choices() -> impl Strategy<Value = Choices> {
    let boundaries = select(vec![LatencyBoundary::Inclusive, LatencyBoundary::Exclusive]);
    let deviations = select(vec![StandardDeviation::Population, StandardDeviation::Sample]);
    let weights = select(vec![PartyWeight::PerPlayer, PartyWeight::PerParty]);
    let averages = select(vec![Averages::Greedy, Averages::Patient]);
    (boundaries, deviations, weights, averages).prop_map(
        |(latency_boundary, standard_deviation, party_weight, averages)| Choices {
            latency_boundary,
            standard_deviation,
            party_weight,
            averages,
            ..Choices::default()
        },
    )
}

/// Rules named `r0`, `r1` and so on.
fn named(rules: Vec<Value>) -> Vec<Value> {
    let rules = rules.into_iter().enumerate().map(|(place, mut rule)| {
        rule["name"] = json!(format!("r{place}"));
        rule
    });
    rules.collect()
}

/// The names of the rules that a compound rule may name.
pub(crate) fn parts(rules: &[Value]) -> Vec<&str> {
    let others = ["batchDistance", "absoluteSort", "distanceSort", "compound"];
    let parts = rules.iter().filter(|rule| !others.contains(&rule["type"].as_str().unwrap()));
    parts.map(|rule| rule["name"].as_str().unwrap()).collect()
}

/// A rule over two or three others, if there are as many.
fn compound(rules: &[Value], relaxed: &[u64]) -> Option<Value> {
    let operator = ["or", "and", "xor", "or", "xor"][relaxed[6] as usize];
    let statement = match parts(rules).as_slice() {
        [first, second, third, ..] if relaxed[5].is_multiple_of(2) => {
            format!("{operator}({first}, not({second}), {third})")
        }
        [first, second, ..] => format!("{operator}({first}, not({second}))"),
        _ => return None,
    };
    Some(json!({"name": "c", "type": "compound", "statement": statement}))
}

fn body(algorithm: &Value, teams: &[Value], rules: &[Value], expansions: &[Value]) -> Value {
    json!({
        "ruleLanguageVersion": "1.0", "algorithm": algorithm, "teams": teams, "rules": rules, "expansions": expansions,
        "playerAttributes": [
            {"name": "skill", "type": "number", "default": 3},
            {"name": "mode", "type": "string", "default": "x"},
            {"name": "tags", "type": "string_list", "default": []},
            {"name": "maps", "type": "string_number_map", "default": {"a": 1}},
            {"name": "rank", "type": "number"},
        ],
    })
}

fn small_algorithm() -> impl Strategy<Value = Value> {
    let strategies = vec![
        json!({}),
        json!({"batchingPreference": "sorted", "sortByAttributes": ["mode", "skill"]}),
        json!({"strategy": "balanced", "balancedAttribute": "skill"}),
    ];
    let words = (select(vec!["newest", "oldest"]), select(vec!["normal", "high", "low"]));
    (select(strategies), words).prop_map(|(mut algorithm, (age, priority))| {
        algorithm["expansionAgeSelection"] = json!(age);
        algorithm["backfillPriority"] = json!(priority);
        algorithm
    })
}

/// Steps that relax: teams need fewer players, and rules allow more.
fn expansions(teams: &[Value], rules: &[Value], relaxed: &[u64]) -> Vec<Value> {
    let mut expansions = Vec::new();
    let mut expand = |target: String, at: u64, value: u64| {
        expansions.push(json!({"target": target, "steps": [{"waitTimeSeconds": 5 * at + 5, "value": value}]}));
    };
    if relaxed[0].is_multiple_of(2) {
        expand(format!("teams[{}].minPlayers", teams[0]["name"].as_str().unwrap()), relaxed[0], 0);
    }
    for (rule, by) in rules.iter().zip(&relaxed[1..]) {
        for limit in ["maxDistance", "maxLatency", "maxCount"] {
            if let (Some(value), true) = (rule[limit].as_u64(), by.is_multiple_of(2)) {
                expand(format!("rules[{}].{limit}", rule["name"].as_str().unwrap()), *by, value + 4 * (by + 1));
            }
        }
    }
    expansions
}

fn rule() -> impl Strategy<Value = Value> {
    prop_oneof![comparison(), distance(), batch_distance(), collection(), latency(true), among_each_other(), sort()]
}

fn number() -> impl Strategy<Value = &'static str> {
    select(vec![
        "avg(flatten(teams[*].players.attributes[skill]))",
        "max(flatten(teams[*].players.attributes[skill]))",
        "min(flatten(teams[*].players.attributes[skill]))",
        "sum(flatten(teams[*].players.attributes[skill]))",
        "median(flatten(teams[*].players.attributes[skill]))",
        "stddev(flatten(teams[*].players.attributes[skill]))",
        "max(count(teams[*].players))",
        "min(count(teams[*].players))",
        "max(avg(teams[*].players.attributes[skill]))",
        "count(flatten(teams[*].players))",
    ])
}

fn numbers() -> impl Strategy<Value = &'static str> {
    select(vec![
        "avg(teams[*].players.attributes[skill])",
        "count(teams[*].players)",
        "sum(teams[*].players.attributes[skill])",
        "flatten(teams[*].players.attributes[skill])",
        "teams[red].players.attributes[skill]",
        "teams[red_1].players.attributes[skill]",
        "flatten(teams[*].players.attributes[rank])",
    ])
}

fn how() -> impl Strategy<Value = &'static str> {
    select(vec!["min", "max", "avg"])
}

fn comparison() -> impl Strategy<Value = Value> {
    let reference = prop_oneof![number().prop_map(|text| json!(text)), (0..8_u32).prop_map(|number| json!(number))];
    (vec(numbers(), 1..=2), reference, select(vec!["<", "<=", "=", "!=", ">", ">="]), how()).prop_map(
        |(measured, reference, operation, how)| {
            json!({"type": "comparison", "measurements": measured, "referenceValue": reference,
                   "operation": operation, "partyAggregation": how})
        },
    )
}

fn among_each_other() -> impl Strategy<Value = Value> {
    let texts = vec!["flatten(teams[*].players.attributes[mode])", "teams[red].players.attributes[mode]"];
    let numbers = vec!["flatten(teams[*].players.attributes[skill])", "count(teams[*].players)"];
    let measured = prop_oneof![vec(select(texts), 1..=2), vec(select(numbers), 1..=2)];
    (measured, select(vec!["=", "!="])).prop_map(
        |(measured, operation)| json!({"type": "comparison", "measurements": measured, "operation": operation}),
    )
}

fn distance() -> impl Strategy<Value = Value> {
    let limits = prop_oneof![
        3 => (0..6_u32).prop_map(|max| json!({"maxDistance": max})),
        1 => (0..6_u32, 0..2_u32).prop_map(|(max, min)| json!({"minDistance": min.min(max), "maxDistance": max})),
        1 => (0..3_u32).prop_map(|min| json!({"minDistance": min})),
    ];
    (vec(numbers(), 1..=2), number(), limits, how()).prop_map(|(measured, reference, mut rule, how)| {
        rule["type"] = json!("distance");
        rule["measurements"] = json!(measured);
        rule["referenceValue"] = json!(reference);
        rule["partyAggregation"] = json!(how);
        rule
    })
}

fn batch_distance() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({"type": "batchDistance", "batchAttribute": "mode"})),
        (select(vec!["skill", "rank"]), 0..8_u32, how()).prop_map(|(attribute, max, how)| {
            json!({"type": "batchDistance", "batchAttribute": attribute, "maxDistance": max, "partyAggregation": how})
        }),
    ]
}

fn collection() -> impl Strategy<Value = Value> {
    let operations = vec![
        json!({"operation": "intersection"}),
        json!({"operation": "contains", "referenceValue": "p"}),
        json!({"operation": "reference_intersection_count", "referenceValue": ["p", "q"]}),
        json!({"operation": "reference_intersection_count",
               "referenceValue": "set_intersection(flatten(teams[*].players.attributes[tags]))"}),
    ];
    let limits = vec![json!({"minCount": 1}), json!({"maxCount": 1}), json!({"minCount": 0, "maxCount": 2})];
    let (all, red) = ("flatten(teams[*].players.attributes[tags])", "teams[red].players.attributes[tags]");
    let operation = (select(operations), select(vec![vec![all], vec![all, all], vec![red, all]]));
    let limits = (select(limits), select(vec!["union", "intersection"]));
    (operation, limits).prop_map(|((mut rule, measured), (limits, how))| {
        rule["type"] = json!("collection");
        rule["measurements"] = json!(measured);
        rule["partyAggregation"] = json!(how);
        for (name, limit) in limits.as_object().unwrap() {
            rule[name] = limit.clone();
        }
        rule
    })
}

fn latency(with_distance: bool) -> impl Strategy<Value = Value> {
    (20..90_u32, option::of((5..60_u32, select(vec!["min", "avg"]))), how()).prop_map(move |(max, distance, how)| {
        let mut rule = json!({"type": "latency", "maxLatency": max, "partyAggregation": how});
        if let (Some((distance, reference)), true) = (distance, with_distance) {
            rule["maxDistance"] = json!(distance);
            rule["distanceReference"] = json!(reference);
        }
        rule
    })
}

/// A rule that sorts by a number, or by the anchor's map.
pub(crate) fn sort() -> impl Strategy<Value = Value> {
    let attributes = vec![
        json!({"sortAttribute": "skill"}),
        json!({"sortAttribute": "maps", "mapKey": "minValue"}),
        json!({"sortAttribute": "maps", "mapKey": "maxValue"}),
    ];
    let words = (select(vec!["absoluteSort", "distanceSort"]), select(vec!["ascending", "descending"]));
    (select(attributes), words, how()).prop_map(|(mut rule, (kind, direction), how)| {
        rule["type"] = json!(kind);
        rule["sortDirection"] = json!(direction);
        rule["partyAggregation"] = json!(how);
        rule
    })
}

/// Tickets of one to three players who came within 20 seconds. Some are backfills, whose teams have to be
/// [numbered](number_teams).
pub(crate) fn pool(most: usize) -> impl Strategy<Value = Vec<Ticket>> {
    let ticket = (vec(player(), 1..=3), 0..=20_u64, prop::bool::weighted(0.15));
    vec(ticket, 1..=most).prop_map(|tickets| {
        let named = tickets.into_iter().enumerate().map(|(place, (mut players, arrival, is_backfill))| {
            for (number, player) in players.iter_mut().enumerate() {
                player.id = format!("t{place}.{number}");
                if is_backfill {
                    player.team = Some(["red", "blue"][number % 2].to_owned());
                }
            }
            let kind = if is_backfill { TicketKind::Backfill } else { TicketKind::New };
            Ticket { id: format!("t{place}"), arrival: Duration::from_secs(arrival), kind, players }
        });
        named.collect()
    })
}

/// Gives the players of a backfill teams that a rule set has, where its definitions have a quantity.
pub(crate) fn number_teams(rule_set: &RuleSet, ticket: &mut Ticket) {
    for (place, player) in ticket.players.iter_mut().enumerate() {
        let Some(name) = player.team.take_if(|name| rule_set.team(name).is_none()) else { continue };
        player.team = Some(format!("{name}_{}", 1 + (place + ticket.arrival.as_secs() as usize) % 2));
    }
}

fn player() -> impl Strategy<Value = Player> {
    let skill = option::weighted(0.9, 0..8_u32).prop_map(|skill| skill.map(|one| AttributeValue::Number(one.into())));
    let mode =
        option::of(select(vec!["x", "x", "y"])).prop_map(|mode| mode.map(|one| AttributeValue::Text(one.to_owned())));
    let tags = btree_set(select(vec!["p", "q", "r"]), 0..=3)
        .prop_map(|tags| Some(AttributeValue::TextList(tags.into_iter().map(str::to_owned).collect())));
    let latencies = btree_map(select(vec!["a".to_owned(), "b".to_owned()]), 10..100_u32, 0..=2);
    let rank = option::weighted(0.97, 0..8_u32).prop_map(|rank| rank.map(|one| AttributeValue::Number(one.into())));
    let maps = option::of(btree_map(select(vec!["a".to_owned(), "b".to_owned()]), 0..6_u32, 0..=2)).prop_map(|map| {
        map.map(|map| AttributeValue::NumberMap(map.into_iter().map(|(key, value)| (key, value.into())).collect()))
    });
    (skill, mode, tags, (rank, maps), latencies).prop_map(|(skill, mode, tags, (rank, maps), latencies)| {
        let given = [("skill", skill), ("mode", mode), ("tags", tags), ("rank", rank), ("maps", maps)];
        let attributes: BTreeMap<_, _> =
            given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        Player { id: String::new(), attributes, latencies, team: None }
    })
}
