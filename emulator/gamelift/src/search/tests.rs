use std::collections::BTreeMap;

use proptest::prelude::*;
use rstest::rstest;

use crate::search::expression::{Comparator, Facts, Filter, Literal, Operand, Sort};

struct Session {
    name: Option<&'static str>,
    properties: BTreeMap<String, String>,
}

impl Session {
    fn new(name: Option<&'static str>, properties: &[(&str, &str)]) -> Self {
        let properties = properties.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Self { name, properties: properties.collect() }
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            id: "arn:1",
            name: self.name,
            properties: &self.properties,
            maximum: 10,
            created: 1_700_000_000_500,
            players: 3,
            available: true,
        }
    }
}

fn example() -> Session {
    Session::new(Some("Matt's Awesome Game 1"), &[("gameMode", "Ffa"), ("gameMap", "Suzuka")])
}

#[rstest]
#[case::number("maximumSessions = 10", true)]
#[case::no_blanks("maximumSessions>=10", true)]
#[case::less("playerSessionCount<3", false)]
#[case::less_or_equal("playerSessionCount <= 3", true)]
#[case::greater("playerSessionCount > 2", true)]
#[case::not_equal("playerSessionCount <> 3", false)]
#[case::negative("playerSessionCount > -1", true)]
#[case::time("creationTimeMillis>1700000000000", true)]
#[case::flag("hasAvailablePlayerSessions=true", true)]
#[case::not_flag("hasAvailablePlayerSessions <> true", false)]
#[case::id("gameSessionId = 'arn:1'", true)]
#[case::escape(r"gameSessionName = 'Matt\'s Awesome Game 1'", true)]
#[case::escaped_backslash(r"gameSessionName <> 'a\\b'", true)]
#[case::case_sensitive(r"gameSessionProperties.gameMode = 'ffa'", false)]
#[case::property("gameSessionProperties.gameMode = 'Ffa'", true)]
#[case::missing_property("gameSessionProperties.x = 'a'", false)]
#[case::missing_property_is_not_unequal_either("gameSessionProperties.x <> 'a'", false)]
#[case::not_missing_property("NOT gameSessionProperties.x = 'a'", true)]
#[case::not_not("NOT NOT maximumSessions = 10", true)]
#[case::keyword_in_text("gameSessionName = ') AND NOT ('", false)]
#[case::and_before_or("maximumSessions=10 OR maximumSessions=1 AND maximumSessions=2", true)]
#[case::and_before_or_left("maximumSessions=1 AND maximumSessions=2 OR maximumSessions=10", true)]
#[case::parentheses("(maximumSessions=10 OR maximumSessions=1) AND maximumSessions=2", false)]
#[case::not_before_and("NOT maximumSessions=1 AND maximumSessions=10", true)]
#[case::not_parentheses("NOT (maximumSessions=1 OR maximumSessions=10)", false)]
fn filters(#[case] filter: &str, #[case] expected: bool) {
    assert_eq!(Filter::parse(filter).unwrap().matches(&example().facts()), expected, "{filter}");
}

#[rstest]
#[case::empty(" ", "expected an operand at the end")]
#[case::double_quotes(r#"gameSessionName = "a""#, "character 19 is a double quote; texts are in single quotes")]
#[case::open_text("gameSessionName = 'a", "the text that starts at character 19 does not end")]
#[case::open_escape(r"gameSessionName = 'a\", "the text that starts at character 19 does not end")]
#[case::unknown_operand("gamesessionid = 'a'", r#""gamesessionid" at character 1 is not an operand"#)]
#[case::no_key("gameSessionProperties. = 'a'", "the property at character 1 has no key")]
#[case::dotted_key(
    "gameSessionProperties.a.b = 'a'",
    r#"the property key "a.b" at character 1 cannot be searched: it has a dot"#
)]
#[case::no_comparator("maximumSessions 10", r#"expected a comparator (= <> < > <= >=) at character 17, found "10""#)]
#[case::no_value("maximumSessions =", "expected an integer at the end")]
#[case::text_for_number("maximumSessions = '10'", r#"expected an integer at character 19, found the text "10""#)]
#[case::fraction("maximumSessions = 1.5", r#"expected an integer at character 19, found "1.5""#)]
#[case::number_for_property(
    "gameSessionProperties.level = 1",
    r#"expected a text in single quotes at character 31, found "1""#
)]
#[case::text_for_flag(
    "hasAvailablePlayerSessions = 'true'",
    r#"expected true or false at character 30, found the text "true""#
)]
#[case::ordered_text(
    "gameSessionName > 'a'",
    "only = and <> compare texts and booleans, not the comparator at character 17"
)]
#[case::ordered_flag(
    "hasAvailablePlayerSessions >= true",
    "only = and <> compare texts and booleans, not the comparator at character 28"
)]
#[case::open_parenthesis("(maximumSessions = 1", r#"expected ")" at the end"#)]
#[case::close_parenthesis("maximumSessions = 1)", r#"expected nothing more at character 20, found ")""#)]
#[case::lower_case(
    "maximumSessions = 1 and maximumSessions = 2",
    r#"expected nothing more at character 21, found "and""#
)]
#[case::no_right_side("maximumSessions = 1 AND", "expected an operand at the end")]
#[case::characters_not_bytes("gameSessionName = 'äö' )", r#"expected nothing more at character 24, found ")""#)]
fn bad_filters(#[case] filter: &str, #[case] error: &str) {
    assert_eq!(Filter::parse(filter).unwrap_err(), error);
}

#[test]
fn nesting_is_limited() {
    let nested = |depth: usize| format!("{}maximumSessions = 1{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Filter::parse(&nested(64)).is_ok());
    assert_eq!(Filter::parse(&nested(65)).unwrap_err(), "it is nested more than 64 deep");
    assert!(Filter::parse(&"NOT ".repeat(100_000)).is_err());
}

#[rstest]
#[case("gameSessionName ASC", &[Some("a"), Some("b"), None])]
#[case("gameSessionName DESC", &[Some("b"), Some("a"), None])]
fn sorting_puts_nulls_last(#[case] sort: &str, #[case] expected: &[Option<&str>]) {
    let mut sessions = [Session::new(None, &[]), Session::new(Some("b"), &[]), Session::new(Some("a"), &[])];
    let sort = Sort::parse(sort).unwrap();
    sessions.sort_by(|one, other| sort.compare(&one.facts(), &other.facts()));
    assert_eq!(sessions.map(|session| session.name), expected);
}

#[rstest]
#[case("", "expected an operand at the end")]
#[case("maximumSessions", "expected ASC or DESC at the end")]
#[case("maximumSessions asc", r#"expected ASC or DESC at character 17, found "asc""#)]
#[case("maximumSessions ASC, gameSessionId ASC", r#"expected ASC or DESC at character 17, found "ASC,""#)]
fn bad_sorts(#[case] sort: &str, #[case] error: &str) {
    assert_eq!(Sort::parse(sort).unwrap_err(), error);
}

/// Prints parentheses around every inner AND and OR.
fn print(filter: &Filter) -> String {
    let inner = |filter: &Filter| match filter {
        Filter::And(..) | Filter::Or(..) => format!("({})", print(filter)),
        _ => print(filter),
    };
    match filter {
        Filter::Compare { operand, comparator, value } => print_comparison(operand, *comparator, value),
        Filter::Not(negated) => format!("NOT {}", inner(negated)),
        Filter::And(left, right) => format!("{} AND {}", inner(left), inner(right)),
        Filter::Or(left, right) => format!("{} OR {}", inner(left), inner(right)),
    }
}

fn print_comparison(operand: &Operand, comparator: Comparator, value: &Literal) -> String {
    let operand = match operand {
        Operand::GameSessionId => "gameSessionId".into(),
        Operand::GameSessionName => "gameSessionName".into(),
        Operand::Property(key) => format!("gameSessionProperties.{key}"),
        Operand::MaximumSessions => "maximumSessions".into(),
        Operand::CreationTimeMillis => "creationTimeMillis".into(),
        Operand::PlayerSessionCount => "playerSessionCount".into(),
        Operand::HasAvailablePlayerSessions => "hasAvailablePlayerSessions".into(),
    };
    let comparator = match comparator {
        Comparator::Equal => "=",
        Comparator::NotEqual => "<>",
        Comparator::Less => "<",
        Comparator::Greater => ">",
        Comparator::LessOrEqual => "<=",
        Comparator::GreaterOrEqual => ">=",
    };
    let value = match value {
        Literal::Text(text) => format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'")),
        Literal::Number(number) => number.to_string(),
        Literal::Flag(flag) => flag.to_string(),
    };
    format!("{operand}{comparator}{value}")
}

fn any_filter() -> impl Strategy<Value = Filter> {
    let equality = || prop_oneof![Just(Comparator::Equal), Just(Comparator::NotEqual)];
    let order = prop_oneof![
        equality(),
        Just(Comparator::Less),
        Just(Comparator::Greater),
        Just(Comparator::LessOrEqual),
        Just(Comparator::GreaterOrEqual),
    ];
    let text = (
        prop_oneof![
            Just(Operand::GameSessionId),
            Just(Operand::GameSessionName),
            "[^\\s()=<>'\".]{1,8}".prop_map(Operand::Property)
        ],
        equality(),
        ".{0,8}".prop_map(Literal::Text),
    );
    let number = (
        prop_oneof![
            Just(Operand::MaximumSessions),
            Just(Operand::CreationTimeMillis),
            Just(Operand::PlayerSessionCount)
        ],
        order,
        any::<i64>().prop_map(Literal::Number),
    );
    let flag = (Just(Operand::HasAvailablePlayerSessions), equality(), any::<bool>().prop_map(Literal::Flag));
    let comparison = prop_oneof![text, number, flag].prop_map(|(operand, comparator, value)| Filter::Compare {
        operand,
        comparator,
        value,
    });
    comparison.prop_recursive(5, 32, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| Filter::Not(Box::new(inner))),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| Filter::And(Box::new(left), Box::new(right))),
            (inner.clone(), inner).prop_map(|(left, right)| Filter::Or(Box::new(left), Box::new(right))),
        ]
    })
}

proptest! {
    #![proptest_config(random_cases::config(256))]

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC*") {
        drop(Filter::parse(&text));
        drop(Sort::parse(&text));
    }

    #[test]
    fn no_sequence_of_tokens_makes_the_parser_panic(
        tokens in prop::collection::vec(
            prop::sample::select(vec![
                "AND", "OR", "NOT", "(", ")", "=", "<>", ">=", "'a'", "'", "\\", "1", "true", "gameSessionId",
                "gameSessionProperties.x", "maximumSessions", "hasAvailablePlayerSessions", "ASC",
            ]),
            0..40,
        ),
    ) {
        drop(Filter::parse(&tokens.join(" ")));
        drop(Sort::parse(&tokens.join(" ")));
    }

    #[test]
    fn a_printed_filter_parses_back(filter in any_filter()) {
        prop_assert_eq!(Filter::parse(&print(&filter)), Ok(filter));
    }
}
