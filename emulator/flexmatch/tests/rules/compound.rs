//! `compound`: rules combined by a statement.

use std::time::Duration;

use flexmatch::{
    Choices, RuleKind,
    Standing::{self, Broken, BrokenSoFar, Holds, HoldsSoFar, Open},
};
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Match, rule_set};

/// Parts that stand in every way, in a match without players.
const PARTS: [(&str, Standing); 5] =
    [("Yes", Holds), ("SoFar", HoldsSoFar), ("Nothing", Open), ("NotYet", BrokenSoFar), ("No", Broken)];

fn with_parts(statement: &str) -> Value {
    let rule = |name: &str, measured: &str, operation: &str| {
        json!({"name": name, "type": "comparison", "measurements": [measured], "operation": operation,
               "referenceValue": 1})
    };
    rule_set(&json!([
        rule("Yes", "1", "="),
        rule("SoFar", "count(teams[red].players)", "<"),
        rule("Nothing", "avg(teams[red].players.attributes[skill])", "="),
        rule("NotYet", "count(teams[red].players)", ">="),
        rule("No", "1", "!="),
        {"name": "All", "type": "compound", "statement": statement},
    ]))
}

fn standing(statement: &str) -> Standing {
    Match::new(&with_parts(statement), Choices::default()).explain("All").0
}

#[test]
fn the_parts_stand_as_they_are_meant_to() {
    for (name, expected) in PARTS {
        assert_eq!(standing(name), expected, "{name}");
    }
}

#[rstest]
#[case("and", [true, false, false, false])]
#[case("or", [true, true, true, false])]
#[case("xor", [false, true, true, false])]
fn truth_of_two(#[case] operator: &str, #[case] expected: [bool; 4]) {
    for (place, parts) in ["Yes, Yes", "Yes, No", "No, Yes", "No, No"].into_iter().enumerate() {
        let expected = if expected[place] { Holds } else { Broken };
        assert_eq!(standing(&format!("{operator}({parts})")), expected, "{operator}({parts})");
    }
}

/// With more than two, `xor` is that exactly one holds.
#[test]
fn truth_of_three() {
    for parts in 0..8_u32 {
        let names = [0, 1, 2].map(|bit| if parts >> bit & 1 == 1 { "Yes" } else { "No" }).join(", ");
        let count = parts.count_ones();
        for (operator, holds) in [("and", count == 3), ("or", count > 0), ("xor", count == 1)] {
            let expected = if holds { Holds } else { Broken };
            assert_eq!(standing(&format!("{operator}({names})")), expected, "{operator}({names})");
        }
    }
}

#[rstest]
#[case("not(Yes)", Broken)]
#[case("not(No)", Holds)]
#[case("not(SoFar)", BrokenSoFar)]
#[case("not(NotYet)", HoldsSoFar)]
#[case("not(Nothing)", Open)]
#[case("and(Yes, Nothing)", Open)]
#[case("and(Nothing, No)", Broken)]
#[case("or(No, Nothing)", Open)]
#[case("or(Nothing, Yes)", Holds)]
#[case("or(No, NotYet)", BrokenSoFar)]
#[case("and(SoFar, Yes)", HoldsSoFar)]
#[case("xor(Yes, NotYet)", HoldsSoFar)]
#[case("or(and(Yes, No), xor(No, not(No)))", Holds)]
fn what_is_not_decided_yet(#[case] statement: &str, #[case] expected: Standing) {
    assert_eq!(standing(statement), expected);
}

/// A statement over parts, by their places in [`PARTS`].
#[derive(Clone, Debug)]
enum Tree {
    Part(usize),
    Not(Box<Tree>),
    Of(&'static str, Vec<Tree>),
}

impl Tree {
    fn print(&self) -> String {
        match self {
            Self::Part(place) => PARTS[*place].0.to_owned(),
            Self::Not(part) => format!("not({})", part.print()),
            Self::Of(operator, parts) => {
                format!("{operator}({})", parts.iter().map(Self::print).collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// Its truth, if the parts are as given.
    fn holds(&self, parts: &[bool]) -> bool {
        match self {
            Self::Part(place) => parts[*place],
            Self::Not(part) => !part.holds(parts),
            Self::Of(operator, of) => {
                let count = of.iter().filter(|part| part.holds(parts)).count();
                match *operator {
                    "and" => count == of.len(),
                    "or" => count > 0,
                    _ => count == 1,
                }
            }
        }
    }
}

fn tree(parts: &'static [usize]) -> impl Strategy<Value = Tree> {
    prop::sample::select(parts).prop_map(Tree::Part).prop_recursive(4, 24, 4, |tree| {
        prop_oneof![
            tree.clone().prop_map(|part| Tree::Not(Box::new(part))),
            (prop::sample::select(vec!["and", "or", "xor"]), prop::collection::vec(tree, 2..=4))
                .prop_map(|(operator, parts)| Tree::Of(operator, parts)),
        ]
    })
}

proptest! {
    #![proptest_config(random_cases::config(200))]

    /// Of parts that are true or false, a statement is what logic says. Of parts that may change, it is what it is now,
    /// and it says that it stays so only if it does whatever they become.
    #[test]
    fn statements_are_what_logic_says(tree in tree(&[0, 1, 3, 4])) {
        let standing = standing(&tree.print());
        let futures = [[true, true], [true, false], [false, true], [false, false]]
            .map(|[so_far, not_yet]| tree.holds(&[true, so_far, true, not_yet, false]));
        prop_assert_eq!(standing.is_legal(), futures[1]);
        match standing {
            Holds => prop_assert!(!futures.contains(&false)),
            Broken => prop_assert!(!futures.contains(&true)),
            _ => {}
        }
    }

    #[test]
    fn two_negations_are_none(tree in tree(&[0, 1, 2, 3, 4])) {
        let printed = tree.print();
        prop_assert_eq!(standing(&format!("not(not({printed}))")), standing(&printed));
    }

    #[test]
    fn a_printed_statement_is_the_statement(tree in tree(&[0, 1, 2, 3, 4]), blanks in "[ \t]{0,3}") {
        let printed = tree.print();
        let spelt = printed.replace('(', &format!("{blanks}({blanks}")).replace(',', &format!("{blanks},"));
        let parsed = Match::new(&with_parts(&spelt), Choices::default());
        let RuleKind::Compound(rule) = parsed.rule_set.rules()[5].kind() else { panic!("it is a compound rule") };
        prop_assert_eq!(rule.statement().to_string(), printed);
    }
}

/// The parts need not hold by themselves.
#[test]
fn parts_are_no_conditions() {
    let one = Match::new(&with_parts("or(Yes, No)"), Choices::default());
    let stage = one.rule_set.stage(Duration::ZERO);
    let conditions: Vec<_> = stage.conditions().map(|(_, rule)| rule.name()).collect();
    assert_eq!(conditions, ["SoFar", "Nothing", "NotYet", "All"]);
    assert_eq!(one.explain("All").1, "Yes holds: 1 is 1, 1 is 1; No fails: 1 is 1, 1 is 1");
}
