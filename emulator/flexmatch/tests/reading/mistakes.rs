//! Each mistake at its JSON path, with the reason and what would be right: a row for each.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{good, problems, with};

fn check(body: &Value, said: &str) {
    assert_eq!(problems(&body.to_string()), [said]);
}

#[rstest]
#[case("", "$: the rule set has 0 characters; give 1 to 65535")]
#[case("[]", "$: it is a list; give an object in braces")]
#[case(
    "{\"teams\": // two\n[]}",
    "$: it is no JSON: expected value at line 1 column 11; remove the comment: JSON has none"
)]
#[case("{\n\"teams\": [}", "$: it is no JSON: expected value at line 2 column 11; mend line 2: \"teams\": [}")]
#[case(
    "{\n\"name\": \"duel\"\n\n  \"teams\": []}",
    "$: it is no JSON: expected `,` or `}` at line 4 column 3; put a comma after line 2: \"name\": \"duel\""
)]
#[case("{\"teams\": [1,\n2\n}", "$: it is no JSON: expected `,` or `]` at line 3 column 1; mend line 3: }")]
fn bodies(#[case] body: &str, #[case] said: &str) {
    assert_eq!(problems(body), [said]);
}

#[test]
fn a_body_has_a_greatest_length() {
    let mut body = good().to_string();
    body.extend(std::iter::repeat_n(' ', 65_535 - body.len()));
    assert_eq!(problems(&body), Vec::<String>::new());
    body.push(' ');
    assert_eq!(problems(&body), ["$: the rule set has 65536 characters; give 1 to 65535"]);
}

#[rstest]
#[case("/ruleLanguageVersion", "$: ruleLanguageVersion is missing; add it, such as \"ruleLanguageVersion\": \"1.0\"")]
#[case("/playerAttributes/1/type", "$.playerAttributes[1]: type is missing; add it, such as \"type\": \"number\"")]
#[case("/teams/0/maxPlayers", "$.teams[0]: maxPlayers is missing; add it, such as \"maxPlayers\": 4")]
#[case("/rules/2/name", "$.rules[2]: name is missing; add it, such as \"name\": \"FairTeams\"")]
#[case("/rules/2/type", "$.rules[2]: type is missing; add it, such as \"type\": \"distance\"")]
#[case(
    "/rules/1/measurements",
    "$.rules[1]: measurements is missing; add it, such as \"measurements\": [\"avg(teams[*].players.attributes[skill])\"]"
)]
#[case("/rules/0/referenceValue", "$.rules[0]: referenceValue is missing; add it, such as \"referenceValue\": 1000")]
#[case(
    "/rules/1/referenceValue",
    "$.rules[1]: referenceValue is missing; add a referenceValue, or use = or != to compare the values with each other"
)]
#[case("/rules/1/operation", "$.rules[1]: operation is missing; add it, such as \"operation\": \">=\"")]
#[case("/rules/2/operation", "$.rules[2]: operation is missing; add it, such as \"operation\": \"intersection\"")]
#[case(
    "/rules/3/referenceValue",
    "$.rules[3]: referenceValue is missing; add it, such as \"referenceValue\": \"medic\""
)]
#[case("/rules/3/maxCount", "$.rules[3]: minCount and maxCount are missing; add one of them, or both")]
#[case(
    "/rules/5/distanceReference",
    "$.rules[5]: distanceReference is missing; add it, such as \"distanceReference\": \"min\""
)]
#[case(
    "/rules/6/sortDirection",
    "$.rules[6]: sortDirection is missing; add it, such as \"sortDirection\": \"ascending\""
)]
#[case("/rules/6/sortAttribute", "$.rules[6]: sortAttribute is missing; add it, such as \"sortAttribute\": \"skill\"")]
#[case("/rules/7/mapKey", "$.rules[7]: mapKey is missing; add it, such as \"mapKey\": \"maxValue\"")]
#[case("/rules/8/statement", "$.rules[8]: statement is missing; add it, such as \"statement\": \"or(RuleA, RuleB)\"")]
#[case(
    "/expansions/0/target",
    "$.expansions[0]: target is missing; add it, such as \"target\": \"rules[FairTeams].maxDistance\""
)]
#[case(
    "/expansions/0/steps",
    "$.expansions[0]: steps is missing; add it, such as \"steps\": [{\"waitTimeSeconds\": 10, \"value\": 100}]"
)]
#[case(
    "/expansions/0/steps/0/waitTimeSeconds",
    "$.expansions[0].steps[0]: waitTimeSeconds is missing; add it, such as \"waitTimeSeconds\": 10"
)]
#[case("/expansions/0/steps/0/value", "$.expansions[0].steps[0]: value is missing; add it, such as \"value\": 100")]
#[case(
    "/algorithm/sortByAttributes",
    "$.algorithm: sortByAttributes is missing; add it, such as \"sortByAttributes\": [\"skill\"]"
)]
fn missing_members(#[case] pointer: &str, #[case] said: &str) {
    check(&with(pointer, None), said);
}

#[test]
fn a_batch_distance_of_numbers_has_a_distance() {
    let mut body = with("/rules/4/maxDistance", None);
    body["expansions"] = json!([]);
    check(&body, "$.rules[4]: maxDistance is missing; add it: skill is a number");
}

#[rstest]
#[case("/name", json!(1), "$.name: it is a number; give a string")]
#[case("/ruleLanguageVersion", json!("2.0"), "$.ruleLanguageVersion: `2.0` is not known; use one of: 1.0")]
#[case("/ruleLanguageVersion", json!(1.0), "$.ruleLanguageVersion: it is a number; give a string")]
fn values_of_the_set(#[case] pointer: &str, #[case] value: Value, #[case] said: &str) {
    check(&with(pointer, Some(value)), said);
}

#[rstest]
#[case("/playerAttributes/1/type", json!("text"), "$.playerAttributes[1].type: `text` is not known; use one of: string, number, string_list, string_number_map")]
#[case("/playerAttributes/1/default", json!(1), "$.playerAttributes[1].default: it is a number; give a string")]
#[case("/playerAttributes/0/default", json!("ten"), "$.playerAttributes[0].default: it is a string; give a number")]
#[case("/playerAttributes/1/default", json!(""), "$.playerAttributes[1].default: a string has 1 to 100 characters, this one has 0; keep to the limits of a request's attributes")]
#[case("/playerAttributes/2/default", json!("a"), "$.playerAttributes[2].default: it is a string; give a list in brackets")]
#[case("/playerAttributes/2/default", json!([1]), "$.playerAttributes[2].default[0]: it is a number; give a string")]
#[case("/playerAttributes/2/default", json!(vec!["a"; 101]), "$.playerAttributes[2].default: the list has 101 elements; use at most 100")]
#[case("/playerAttributes/3/default", json!({"dune": "x"}), "$.playerAttributes[3].default.dune: it is a string; give a number")]
#[case("/playerAttributes/3/default", json!((0..11).map(|key| (key.to_string(), json!(1))).collect::<serde_json::Map<_, _>>()), "$.playerAttributes[3].default: a map has at most 10 numbers, this one has 11; keep to the limits of a request's attributes")]
#[case("/playerAttributes/-", json!({"name": "skill", "type": "number"}), "$.playerAttributes[4].name: the attribute skill is declared twice; give each a name of its own")]
#[case("/playerAttributes/-", json!({"name": "", "type": "number"}), "$.playerAttributes[4].name: the name is empty; give at least one character")]
#[case("/playerAttributes/-", json!("skill"), "$.playerAttributes[4]: it is a string; give an object in braces")]
fn values_of_attributes(#[case] pointer: &str, #[case] value: Value, #[case] said: &str) {
    check(&with(pointer, Some(value)), said);
}

#[rstest]
#[case("/algorithm", json!([]), "$.algorithm: it is a list; give an object in braces")]
#[case("/algorithm/strategy", json!("fair"), "$.algorithm.strategy: `fair` is not known; use one of: exhaustiveSearch, balanced")]
#[case("/algorithm/batchingPreference", json!("fastestRegion"), "$.algorithm.batchingPreference: `fastestRegion` is not known; use one of: random, sorted")]
#[case("/algorithm/sortByAttributes", json!([]), "$.algorithm.sortByAttributes: the list is empty; name at least one attribute")]
#[case("/algorithm/sortByAttributes", json!(["rank"]), "$.algorithm.sortByAttributes[0]: the attribute rank is not declared; declare it in playerAttributes, or use one of: skill, mode, tags, maps")]
#[case("/algorithm/sortByAttributes", json!(["maps"]), "$.algorithm.sortByAttributes[0]: the attribute maps is a string_number_map; name an attribute of type number or string")]
#[case("/algorithm/batchingPreference", json!("random"), "$.algorithm.sortByAttributes: it belongs to the batchingPreference sorted; remove it")]
#[case("/algorithm/balancedAttribute", json!("skill"), "$.algorithm.balancedAttribute: it belongs to the strategy balanced; remove it")]
#[case("/algorithm", json!({"strategy": "balanced"}), "$.algorithm: balancedAttribute is missing; add it, such as \"balancedAttribute\": \"skill\"")]
#[case("/algorithm", json!({"strategy": "balanced", "balancedAttribute": "mode"}), "$.algorithm.balancedAttribute: the attribute mode is a string; name an attribute of type number")]
#[case("/algorithm", json!({"strategy": "balanced", "balancedAttribute": "skill", "sortByAttributes": ["skill"]}), "$.algorithm.sortByAttributes: it belongs to exhaustiveSearch with sorted batches; remove it")]
#[case("/algorithm", json!({"strategy": "balanced", "balancedAttribute": "skill", "batchingPreference": "sorted"}), "$.algorithm.batchingPreference: `sorted` is not known; use one of: largestPopulation, fastestRegion")]
#[case("/algorithm/backfillPriority", json!("first"), "$.algorithm.backfillPriority: `first` is not known; use one of: normal, high, low")]
#[case("/algorithm/expansionAgeSelection", json!("both"), "$.algorithm.expansionAgeSelection: `both` is not known; use one of: newest, oldest")]
fn values_of_the_algorithm(#[case] pointer: &str, #[case] value: Value, #[case] said: &str) {
    check(&with(pointer, Some(value)), said);
}

#[rstest]
#[case("/teams/0/minPlayers", json!(5), "$.teams[0]: minPlayers 5 is above maxPlayers 4; lower it")]
#[case("/teams/0/minPlayers", json!(-1), "$.teams[0].minPlayers: -1 cannot stand here; give a whole number from 0 to 200")]
#[case("/teams/1/maxPlayers", json!(1.5), "$.teams[1].maxPlayers: 1.5 cannot stand here; give a whole number from 1 to 200")]
#[case("/teams/1/quantity", json!(0), "$.teams[1].quantity: 0 cannot stand here; give a whole number from 1 to 200")]
#[case("/teams/-", json!({"name": "a b", "minPlayers": 1, "maxPlayers": 1}), "$.teams[2].name: \"a b\" cannot stand in an expression; use a name without blanks, commas and brackets")]
#[case("/teams/-", json!({"name": "*", "minPlayers": 1, "maxPlayers": 1}), "$.teams[2].name: \"*\" cannot stand in an expression; use a name without blanks, commas and brackets")]
#[case("/teams/-", json!({"name": "red", "minPlayers": 1, "maxPlayers": 1}), "$.teams: two teams have the name red; give each a name of its own; a team with a quantity has the names NAME_1, NAME_2 and so on too")]
#[case("/teams/-", json!({"name": "blue_2", "minPlayers": 1, "maxPlayers": 1}), "$.teams: two teams have the name blue_2; give each a name of its own; a team with a quantity has the names NAME_1, NAME_2 and so on too")]
#[case("/teams/-", json!({"name": "all", "minPlayers": 1, "maxPlayers": 189}), "$.teams: the teams take up to 201 players together; lower maxPlayers or quantity: a match has at most 200")]
#[case("/teams/-", json!(1), "$.teams[2]: it is a number; give an object in braces")]
fn values_of_teams(#[case] pointer: &str, #[case] value: Value, #[case] said: &str) {
    check(&with(pointer, Some(value)), said);
}

#[test]
fn a_rule_set_has_a_team() {
    let body = json!({"ruleLanguageVersion": "1.0", "teams": []});
    check(&body, "$.teams: there is no team; define at least one");
    let body = json!({"ruleLanguageVersion": "1.0"});
    check(
        &body,
        "$: teams is missing; add it, such as \"teams\": [{\"name\": \"red\", \"minPlayers\": 1, \"maxPlayers\": 2}]",
    );
}

#[rstest]
#[case("/rules/2/name", json!("Fair"), "$.rules[2].name: $.rules[0] has the name Fair too; give each rule a name of its own")]
#[case("/rules/2/type", json!("union"), "$.rules[2].type: `union` is not known; use one of: absoluteSort, batchDistance, collection, comparison, compound, distance, distanceSort, latency")]
#[case("/rules/0/description", json!(1), "$.rules[0].description: it is a number; give a string")]
#[case("/rules/0/maxDistance", json!(-1), "$.rules[0].maxDistance: -1 is negative; give 0 or more")]
#[case("/rules/0/minDistance", json!(11), "$.rules[0]: minDistance 11 is above maxDistance 10; lower it")]
#[case("/rules/0/partyAggregation", json!("union"), "$.rules[0].partyAggregation: `union` is not known; use one of: min, max, avg")]
#[case("/rules/0/referenceValue", json!("avg(teams[*].players.attributes[skill])"), "$.rules[0].referenceValue: it is a list of numbers; give one number, or an expression for one")]
#[case("/rules/0/referenceValue", json!("ten"), "$.rules[0].referenceValue: it is a string; give one number, or an expression for one")]
#[case("/rules/0/referenceValue", json!({}), "$.rules[0].referenceValue: it is no value to compare with; give a number, a string, a list or an expression")]
#[case("/rules/0/measurements", json!([]), "$.rules[0].measurements: the list is empty; give at least one expression")]
#[case("/rules/0/measurements", json!([7]), "$.rules[0].measurements[0]: it is a number; give a string")]
#[case("/rules/0/measurements", json!(["teams[*].players.attributes[mode]"]), "$.rules[0].measurements[0]: its value is a list of lists of strings; measure numbers")]
#[case("/rules/1/measurements", json!(["teams[*].players"]), "$.rules[1].measurements[0]: its value is a list of lists of players; measure numbers or strings")]
#[case("/rules/1/operation", json!("=="), "$.rules[1].operation: `==` is not known; use one of: <, <=, =, !=, >, >=")]
#[case("/rules/1/referenceValue", json!("many"), "$.rules[1].referenceValue: it is a string, and the measurements are numbers; compare with a number")]
#[case("/rules/1/measurements", json!(["count(teams[blue].players)", "teams[red].players.attributes[mode]"]), "$.rules[1].measurements[1]: its values are no numbers, as those of the first; measure one type in one rule")]
#[case("/rules/2/operation", json!("union"), "$.rules[2].operation: `union` is not known; use one of: intersection, contains, reference_intersection_count")]
#[case("/rules/2/minCount", json!(6), "$.rules[2]: minCount 6 is above maxCount 5; lower it")]
#[case("/rules/2/minCount", json!(0.5), "$.rules[2].minCount: 0.5 cannot stand here; give a whole number from 0 to 4294967295")]
#[case("/rules/2/partyAggregation", json!("avg"), "$.rules[2].partyAggregation: `avg` is not known; use one of: union, intersection")]
#[case("/rules/2/referenceValue", json!("a"), "$.rules[2].referenceValue: intersection compares the lists with each other; remove it")]
#[case("/rules/2/measurements", json!(["teams[red].players[playerId]"]), "$.rules[2].measurements[0]: its value is a list of strings; measure lists of strings of several players")]
#[case("/rules/2/measurements", json!(["count(teams[blue].players)"]), "$.rules[2].measurements[0]: its value is a list of numbers; measure lists of strings")]
#[case("/rules/3/referenceValue", json!(["medic"]), "$.rules[3].referenceValue: it is a list of strings; give one string, or an expression for one")]
#[case("/rules/4/batchAttribute", json!("tags"), "$.rules[4].batchAttribute: the attribute tags is a string_list; use a number or a string")]
#[case("/rules/4/batchAttribute", json!("rank"), "$.rules[4].batchAttribute: the attribute rank is not declared; declare it in playerAttributes, or use one of: skill, mode, tags, maps")]
#[case("/rules/4/batchAttribute", json!("mode"), "$.rules[4].maxDistance: strings are equal or not; remove it")]
#[case("/rules/5/distanceReference", json!("max"), "$.rules[5].distanceReference: `max` is not known; use one of: min, avg")]
#[case("/rules/5", json!({"name": "Fast", "type": "latency"}), "$.rules[5]: maxLatency and maxDistance are missing; add one of them, or both")]
#[case("/rules/5", json!({"name": "Fast", "type": "latency", "maxLatency": 9, "distanceReference": "min"}), "$.rules[5].distanceReference: it belongs to maxDistance, which is missing; remove it")]
#[case("/rules/6/sortDirection", json!("up"), "$.rules[6].sortDirection: `up` is not known; use one of: ascending, descending")]
#[case("/rules/6/sortAttribute", json!("mode"), "$.rules[6].sortAttribute: the attribute mode is a string; sort by a number or a map of numbers")]
#[case("/rules/6/mapKey", json!("minValue"), "$.rules[6].mapKey: the attribute is a number, no map; remove it")]
#[case("/rules/7/mapKey", json!("dune"), "$.rules[7].mapKey: `dune` is not known; use one of: minValue, maxValue")]
fn values_of_rules(#[case] pointer: &str, #[case] value: Value, #[case] said: &str) {
    check(&with(pointer, Some(value)), said);
}

/// A list of strings with an order, a reference of the wrong depth, and an operation that other members belong to.
#[rstest]
#[case(json!({"name": "R", "type": "comparison", "measurements": ["teams[red].players.attributes[mode]"], "operation": "<", "referenceValue": "x"}), "$.rules[9].operation: strings have no order here; use = or !=")]
#[case(json!({"name": "R", "type": "collection", "measurements": ["flatten(teams[*].players.attributes[tags])"], "operation": "reference_intersection_count", "maxCount": 1, "referenceValue": "teams[*].players.attributes[tags]"}), "$.rules[9].referenceValue: it is a list of lists of lists of strings; give a list of strings, or an expression for one")]
fn further_rules(#[case] rule: Value, #[case] said: &str) {
    check(&with("/rules/-", Some(rule)), said);
}

const FUNCTIONS: &str = "min, max, avg, median, sum, count, stddev, flatten, set_intersection";

#[rstest]
#[case("mean(teams[red].players)", format!("`mean` is neither a path nor a function at character 1; begin with teams[...] or one of the functions {FUNCTIONS}"))]
#[case("", format!("the expression ends at character 1; begin with teams[...] or one of the functions {FUNCTIONS}"))]
#[case("avg(", format!("the expression ends at character 5; begin with teams[...] or one of the functions {FUNCTIONS}"))]
#[case("avg teams[red]", "`t` stands in place of `(` at character 5; write `(` there".to_owned())]
#[case("count(teams[red].players", "the text ends in place of `)` at character 25; write `)` there".to_owned())]
#[case("count(teams[red].players) )", "`)` is too much at character 27; remove it".to_owned())]
#[case("count(teams[red].member)", "`m` stands in place of `players` at character 18; write `players` there".to_owned())]
#[case("count(teams[].players)", "the name of a team is missing at character 13; write the name there".to_owned())]
#[case("count(teams[green].players)", "there is no team green at character 7; use * or one of: red, blue".to_owned())]
#[case("count(teams[red, red].players)", "the team red is named twice at character 7; name each team once".to_owned())]
#[case("teams[red].players.attributes[rank]", "the attribute rank is not declared at character 1; declare it in playerAttributes, or use one of: skill, mode, tags, maps".to_owned())]
#[case("teams[red].players.attributes[maps]", "the attribute maps is a string_number_map, which expressions cannot read at character 1; use an attribute of another type, or a sort rule".to_owned())]
#[case("avg(teams[red].players)", "avg takes a list of numbers, and `teams[red].players` is a list of players at character 1; give avg a list of numbers".to_owned())]
#[case("avg(3)", "avg takes a list of numbers, and `3` is a number at character 1; give avg a list of numbers".to_owned())]
#[case("flatten(teams[red].players)", "flatten takes a list of lists, such as the values of several teams, and `teams[red].players` is a list of players at character 1; give flatten a list of lists, such as the values of several teams".to_owned())]
#[case("set_intersection(teams[red].players[playerId])", "set_intersection takes a list of string lists, and `teams[red].players[playerId]` is a list of strings at character 1; give set_intersection a list of string lists".to_owned())]
#[case("1.2.3", "`1.2.3` is no number at character 1; write it like 12 or -0.5".to_owned())]
#[case("1e999", "`1e999` is no number at character 1; write it like 12 or -0.5".to_owned())]
#[case("[1, 'a']", "a list in brackets has numbers only, or texts only at character 5; write all elements alike".to_owned())]
#[case("'open", "the text ends in place of `'` at character 6; write `'` there".to_owned())]
fn expressions(#[case] expression: &str, #[case] said: String) {
    check(&with("/rules/1/measurements", Some(json!([expression]))), &format!("$.rules[1].measurements[0]: {said}"));
}

#[rstest]
#[case("and(Fair", "the text ends in place of `)` at character 9; write `)` there")]
#[case("and(Fair)", "`and` has 1 arguments at character 1; give it at least two")]
#[case("not(Fair, Even)", "`not` has 2 arguments at character 1; give it one")]
#[case("nor(Fair, Even)", "`nor` is no operator at character 1; use and, or, xor or not")]
#[case("or(Fair, Odd)", "there is no rule Odd at character 10; name a rule that stands earlier in rules")]
#[case(
    "or(Fair, Either)",
    "the rule Either does not stand before this one at character 10; move it to before the compound rule"
)]
#[case("or(Fair, Near)", "Near is a batchDistance rule at character 10; use a distance or comparison rule")]
#[case("or(Fair, First)", "First is a absoluteSort rule at character 10; remove it: it neither holds nor fails")]
#[case("or(Fair, Even) Shared", "`Shared` is too much at character 16; remove it")]
#[case("or(, Even)", "the name of a rule or an operator is missing at character 4; write the name there")]
fn statements(#[case] statement: &str, #[case] said: &str) {
    check(&with("/rules/8/statement", Some(json!(statement))), &format!("$.rules[8].statement: {said}"));
}

#[test]
fn a_compound_rule_is_no_part() {
    let rule = json!({"name": "Or", "type": "compound", "statement": "or(Fair, Either)"});
    let said = "$.rules[9].statement: Either is a compound rule at character 10; write its statement here";
    check(&with("/rules/-", Some(rule)), said);
}

#[rstest]
#[case(
    "Near.maxDistance",
    "`Near.maxDistance` is neither a rule nor a team; write rules[NAME].MEMBER, teams[NAME].minPlayers or teams[NAME].maxPlayers"
)]
#[case("rules[Far].maxDistance", "there is no rule Far; name one of rules")]
#[case("rules[Near]", "the text ends in place of `.` at character 12; write `.` there")]
#[case(
    "rules[Near].maxLatency",
    "a batchDistance rule has no maxLatency; use one of: batchAttribute, maxDistance, partyAggregation"
)]
#[case("rules[Either].statement", "Either is a compound rule; expand the rules that its statement names")]
#[case("teams[green].minPlayers", "teams defines no green; use one of: red, blue")]
#[case("teams[blue_1].minPlayers", "teams defines no blue_1; use one of: red, blue")]
#[case("teams[red].quantity", "a team has no quantity; use minPlayers or maxPlayers")]
#[case("teams[red].minPlayers", "another expansion changes the same value; write all steps in one expansion")]
fn targets(#[case] target: &str, #[case] said: &str) {
    let path = if target == "teams[red].minPlayers" { 1 } else { 0 };
    check(&with("/expansions/0/target", Some(json!(target))), &format!("$.expansions[{path}].target: {said}"));
}

#[rstest]
#[case("/expansions/0/steps", json!([]), "$.expansions[0].steps: there is no step; give at least one")]
#[case("/expansions/0/steps/1/waitTimeSeconds", json!(5), "$.expansions[0].steps[1].waitTimeSeconds: it is not longer than that of the step before; sort the steps by their times")]
#[case("/expansions/0/steps/1/waitTimeSeconds", json!(-5), "$.expansions[0].steps[1].waitTimeSeconds: -5 is negative; give 0 or more")]
#[case("/expansions/0/steps/1/waitTimeSeconds", json!(1e9), "$.expansions[0].steps[1].waitTimeSeconds: 1000000000 seconds are more than a year; give a shorter time")]
#[case("/expansions/0/steps/1/value", json!("far"), "$.expansions[0].steps[1].value: after 10 s, $.rules[4].maxDistance: it is a string; give a number")]
#[case("/expansions/1/steps/0/value", json!(5), "$.expansions[1].steps[0].value: after 5 s, the team red has minPlayers 5 above maxPlayers 4; change both together")]
#[case("/expansions/1/steps/0/value", json!(-1), "$.expansions[1].steps[0].value: -1 cannot stand here; give a whole number from 0 to 200")]
fn steps(#[case] pointer: &str, #[case] value: Value, #[case] said: &str) {
    check(&with(pointer, Some(value)), said);
}

/// Of several steps at one time, each mistake is at its own.
#[test]
fn a_mistake_is_at_the_step_that_made_it() {
    let mut body = with("/expansions/0/steps/0/value", Some(json!("far")));
    body["expansions"][1]["steps"][0]["value"] = json!(5);
    let paths: Vec<_> =
        flexmatch::RuleSet::parse(&body.to_string()).unwrap_err().into_iter().map(|problem| problem.path).collect();
    assert_eq!(paths, ["$.expansions[0].steps[0].value", "$.expansions[1].steps[0].value"]);
}

#[test]
fn an_expansion_makes_no_match_too_large() {
    let steps = json!([{"waitTimeSeconds": 5, "value": 193}]);
    let body = with("/expansions/-", Some(json!({"target": "teams[red].maxPlayers", "steps": steps})));
    let said = problems(&body.to_string());
    let path = "$.expansions[2].steps[0].value";
    assert_eq!(
        said[0],
        format!("{path}: after 5 s, the teams take up to 201 players together; a match has at most 200")
    );
}

/// Large matches, by their teams or by an expansion of these.
#[rstest]
#[case(json!([]), 41, Some("$.algorithm: matches of more than 40 players are built by another strategy; set the strategy to balanced, and name the balancedAttribute"))]
#[case(json!([]), 40, None)]
fn large_matches_are_balanced(#[case] rules: Value, #[case] max: u32, #[case] said: Option<&str>) {
    let body = json!({"ruleLanguageVersion": "1.0", "rules": rules,
                      "teams": [{"name": "all", "minPlayers": 1, "maxPlayers": max}]});
    assert_eq!(problems(&body.to_string()), said.into_iter().collect::<Vec<_>>());
}

#[rstest]
#[case(json!({"type": "comparison", "measurements": ["count(teams[all].players)"], "operation": "="}), "type: matches of more than 40 players have no rules of type comparison")]
#[case(json!({"type": "absoluteSort", "sortDirection": "ascending", "sortAttribute": "skill"}), "type: matches of more than 40 players have no rules of type absoluteSort")]
#[case(json!({"type": "latency", "maxDistance": 10, "distanceReference": "min"}), "maxDistance: matches of more than 40 players have no maxDistance in a latency rule")]
fn large_matches_have_two_kinds_of_rules(#[case] mut rule: Value, #[case] said: &str) {
    rule["name"] = json!("R");
    let body = json!({
        "ruleLanguageVersion": "1.0",
        "playerAttributes": [{"name": "skill", "type": "number"}],
        "algorithm": {"strategy": "balanced", "balancedAttribute": "skill"},
        "teams": [{"name": "all", "minPlayers": 1, "maxPlayers": 41}],
        "rules": [rule],
    });
    let remedy = "use batchDistance, or latency with maxLatency, or make the teams smaller";
    check(&body, &format!("$.rules[0].{said}; {remedy}"));
}

/// The limits of our own: AWS documents none.
#[rstest]
#[case("/rules", json!(vec![json!({}); 101]), "$.rules: the list has 101 elements; use at most 100")]
#[case("/playerAttributes", json!(vec![json!({}); 101]), "$.playerAttributes: the list has 101 elements; use at most 100")]
#[case("/teams", json!(vec![json!({}); 201]), "$.teams: the list has 201 elements; use at most 200")]
#[case("/expansions", json!(vec![json!({}); 101]), "$.expansions: the list has 101 elements; use at most 100")]
#[case("/expansions/0/steps", json!(vec![json!({}); 101]), "$.expansions[0].steps: the list has 101 elements; use at most 100")]
#[case("/rules/0/measurements", json!(vec![json!("1"); 101]), "$.rules[0].measurements: the list has 101 elements; use at most 100")]
fn lists_have_a_greatest_length(#[case] pointer: &str, #[case] value: Value, #[case] said: &str) {
    let said_first = problems(&with(pointer, Some(value)).to_string());
    assert_eq!(said_first[0], said);
}

#[rstest]
#[case(16, 0)]
#[case(17, 1)]
fn nesting_has_a_greatest_depth(#[case] depth: usize, #[case] expected: usize) {
    let statement = format!("{}Fair{}", "not(".repeat(depth), ")".repeat(depth));
    let found = problems(&with("/rules/8/statement", Some(json!(statement))).to_string());
    assert_eq!(found.len(), expected, "{found:?}");
    assert!(found.iter().all(|said| said.contains("nested more than 16 deep")));
    // Flattened once too often in any case.
    let expression = format!("{}teams[red].players{}", "flatten(".repeat(depth), ")".repeat(depth));
    let found = problems(&with("/rules/1/measurements", Some(json!([expression]))).to_string());
    assert_eq!(found[0].contains("nested more than 16 deep"), expected == 1, "{found:?}");
}

#[test]
fn an_expression_has_a_greatest_length() {
    let expression = format!("count(teams[red].players{})", " ".repeat(4096));
    let said = "$.rules[1].measurements[0]: the expression is longer than 4096 bytes at character 1; shorten it";
    check(&with("/rules/1/measurements", Some(json!([expression]))), said);
}

#[test]
fn everything_wrong_is_said_at_once() {
    let mut body = with("/teams/0/minPlayers", Some(json!(9)));
    body["rules"][0]["maxDistance"] = json!(-1);
    body["expansions"][0]["steps"][0]["waitTimeSeconds"] = json!("soon");
    let paths: Vec<_> =
        flexmatch::RuleSet::parse(&body.to_string()).unwrap_err().into_iter().map(|problem| problem.path).collect();
    assert_eq!(paths, ["$.teams[0]", "$.rules[0].maxDistance", "$.expansions[0].steps[0].waitTimeSeconds"]);
}
