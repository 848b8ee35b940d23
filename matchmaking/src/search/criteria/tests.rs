use aws_sdk_gamelift::types::GameProperty;
use aws_smithy_types::DateTime;
use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn read(pairs: &[(&str, &str)]) -> Result<Criteria, Vec<FieldError>> {
    Criteria::read(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())), Sort::Newest)
}

fn messages(pairs: &[(&str, &str)]) -> Vec<String> {
    read(pairs).unwrap_err().into_iter().map(|error| format!("{}: {}", error.field(), error.message())).collect()
}

#[test]
fn nothing_asked_for_is_every_session_with_a_free_slot() {
    let criteria = read(&[]).unwrap();
    assert_eq!(criteria.filter(), "hasAvailablePlayerSessions=true");
    assert_eq!((criteria.min_free_slots, criteria.sort), (1, Sort::Newest));
}

#[test]
fn everything_asked_for_is_in_the_filter_in_one_order() {
    let asked = [
        ("property.mode", "Ffa"),
        ("name", "Bob's \\ \"Session\""),
        ("property.map", ""),
        ("min_free_slots", "2.0"),
        ("location", "custom-a"),
        ("sort", "fullest"),
    ];
    let criteria = read(&asked).unwrap();
    assert_eq!(
        criteria.filter(),
        "hasAvailablePlayerSessions=true AND gameSessionName='Bob\\'s \\\\ \"Session\"' \
         AND gameSessionProperties.map='' AND gameSessionProperties.mode='Ffa'"
    );
    assert_eq!((criteria.min_free_slots, criteria.sort), (2, Sort::Fullest));
    assert_eq!(criteria.location.as_deref(), Some("custom-a"));
    let reversed: Vec<_> = asked.into_iter().rev().collect();
    assert_eq!(read(&reversed).unwrap(), criteria);
}

#[rstest]
#[case("newest", "creationTimeMillis DESC")]
#[case("fullest", "playerSessionCount DESC")]
#[case("emptiest", "playerSessionCount ASC")]
fn orders_have_names(#[case] name: &str, #[case] expression: &str) {
    assert_eq!(read(&[("sort", name)]).unwrap().sort.expression(), expression);
}

#[test]
fn everything_wrong_is_said_at_once() {
    let long = "x".repeat(97);
    let found = messages(&[
        ("name", ""),
        ("min_free_slots", "0"),
        ("sort", "oldest"),
        ("location", "custom-a'"),
        ("property.a.b", "1"),
        ("property.", "1"),
        ("property.map", &long),
        ("property.mode", "1"),
        ("property.mode", "1"),
        ("limit", "1"),
    ]);
    assert_eq!(
        found,
        [
            "name: name has 0 characters; it takes 1 to 1024.",
            r#"property."": property."" cannot be searched for: a key that can has 1 to 32 of A-Z, a-z, 0-9, _ and -."#,
            r#"property."a.b": property."a.b" cannot be searched for: a key that can has 1 to 32 of A-Z, a-z, 0-9, _ and -."#,
            "property.map: property.map has 97 characters; it takes 0 to 96.",
            "property.mode: property.mode is there 2 times; send it once.",
            "min_free_slots: min_free_slots has to be a whole number from 1 to 200.",
            "location: location takes A-Z, a-z, 0-9 and -, as in custom-home or us-west-2.",
            "sort: sort has to be newest, fullest or emptiest.",
            "limit: limit is not known; known are name, min_free_slots, location, sort, property.<key>.",
        ]
    );
}

#[test]
fn a_filter_that_gamelift_would_not_take_is_refused_by_the_longest_parameter() {
    let fits = "x".repeat(1024 - "hasAvailablePlayerSessions=true AND gameSessionName=''".len());
    assert_eq!(read(&[("name", &fits)]).unwrap().filter().len(), 1024);
    let found = messages(&[("name", &fits), ("property.map", "Forest")]);
    assert_eq!(
        found,
        ["name: name makes GameLift's filter too long: 1063 characters with all parameters, of 1024; shorten it."]
    );
    assert!(read(&[("name", &"'".repeat(600))]).is_err(), "escapes count");
}

fn session() -> aws_sdk_gamelift::types::builders::GameSessionBuilder {
    GameSession::builder()
        .game_session_id("arn:1")
        .name("A")
        .status(GameSessionStatus::Active)
        .player_session_creation_policy(PlayerSessionCreationPolicy::AcceptAll)
        .current_player_session_count(2)
        .maximum_player_session_count(4)
        .game_properties(GameProperty::builder().key("map").value("Forest").build())
}

#[rstest]
#[case::any(&[], true)]
#[case::name(&[("name", "A")], true)]
#[case::other_name(&[("name", "a")], false)]
#[case::property(&[("property.map", "Forest")], true)]
#[case::other_value(&[("property.map", "Desert")], false)]
#[case::missing_property(&[("property.mode", "Ffa")], false)]
#[case::slots(&[("min_free_slots", "2")], true)]
#[case::too_few_slots(&[("min_free_slots", "3")], false)]
fn what_gamelift_found_is_looked_at_again(#[case] asked: &[(&str, &str)], #[case] expected: bool) {
    let criteria = read(asked).unwrap();
    assert_eq!(criteria.matches(&session().build()), expected);
}

#[test]
fn only_sessions_that_a_player_can_enter_match() {
    let criteria = read(&[]).unwrap();
    let full = session().current_player_session_count(4).build();
    let closed = session().player_session_creation_policy(PlayerSessionCreationPolicy::DenyAll).build();
    let ending = session().status(GameSessionStatus::Terminating).build();
    for session in [full, closed, ending] {
        assert!(!criteria.matches(&session), "{session:?}");
    }
}

#[test]
fn ids_decide_where_the_order_does_not() {
    let at = |id: &str, seconds| session().game_session_id(id).creation_time(DateTime::from_secs(seconds)).build();
    let players = |id: &str, players| session().game_session_id(id).current_player_session_count(players).build();
    let sorted = |sort: Sort, mut sessions: Vec<GameSession>| {
        sessions.sort_by(|one, other| sort.compare(one, other));
        sessions.iter().filter_map(GameSession::game_session_id).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(sorted(Sort::Newest, vec![at("a", 1), at("c", 2), at("b", 2)]), "b c a");
    assert_eq!(sorted(Sort::Fullest, vec![players("a", 1), players("c", 2), players("b", 2)]), "b c a");
    assert_eq!(sorted(Sort::Emptiest, vec![players("c", 1), players("a", 2), players("b", 1)]), "b c a");
}

/// The conditions of a filter, parsed by GameLift's rules: pairs of operand and text, joined by AND.
fn conditions(filter: &str) -> Option<Vec<(String, String)>> {
    let mut rest = filter.strip_prefix(JOINABLE)?;
    let mut conditions = Vec::new();
    while !rest.is_empty() {
        let (operand, text) = rest.strip_prefix(" AND ")?.split_once("='")?;
        let mut value = String::new();
        let mut characters = text.chars();
        loop {
            match characters.next()? {
                '\'' => break,
                '\\' => value.push(characters.next()?),
                character => value.push(character),
            }
        }
        conditions.push((operand.to_owned(), value));
        rest = characters.as_str();
    }
    Some(conditions)
}

/// Texts that try to get out of their quotes, among others.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::collection::vec(
            proptest::sample::select(vec!["'", "\\", "\"", " OR ", " AND ", "=", "(", ")", "\n", "a", "ä", "🎮"]),
            0..20
        )
        .prop_map(|pieces| pieces.concat()),
        ".{0,96}",
    ]
}

proptest! {
    #[test]
    fn no_value_gets_out_of_its_quotes(name in hostile(), value in hostile(), key in "[A-Za-z0-9_-]{1,32}") {
        let asked = [("name".to_owned(), name.clone()), (format!("property.{key}"), value.clone())];
        if let Ok(criteria) = Criteria::read(asked, Sort::Newest) {
            let expected = vec![("gameSessionName".to_owned(), name), (format!("gameSessionProperties.{key}"), value)];
            prop_assert_eq!(conditions(&criteria.filter()), Some(expected));
        }
    }

    #[test]
    fn no_key_changes_the_filter(key in hostile()) {
        if let Ok(criteria) = Criteria::read([(format!("property.{key}"), "x".to_owned())], Sort::Newest) {
            let expected = vec![(format!("gameSessionProperties.{key}"), "x".to_owned())];
            prop_assert_eq!(conditions(&criteria.filter()), Some(expected));
        }
    }
}
