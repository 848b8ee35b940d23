//! What a rule set makes of a ticket.

use std::time::Duration;

use flexmatch::{AttributeValue, NotAdmitted, Player, RuleSet, Ticket, TicketKind, Unmatchable};
use rstest::rstest;

use crate::support::with;

/// The rule set without its latency rule, and no default for skill.
fn rule_set() -> RuleSet {
    let mut body = with("/playerAttributes/0/default", None);
    body["rules"].as_array_mut().unwrap().remove(5);
    RuleSet::parse(&body.to_string()).unwrap()
}

fn skilled(id: &str) -> Player {
    let attributes = [("skill".to_owned(), AttributeValue::Number(5.0))].into();
    Player { id: id.to_owned(), attributes, ..Player::default() }
}

fn ticket(kind: TicketKind, players: Vec<Player>) -> Ticket {
    Ticket { id: "t".to_owned(), arrival: Duration::ZERO, kind, players }
}

fn with_value(name: &str, value: AttributeValue) -> Player {
    let mut player = skilled("ana");
    player.attributes.insert(name.to_owned(), value);
    player
}

#[test]
fn players_have_what_they_lack_from_the_defaults() {
    let set = rule_set();
    let mut player = with_value("tags", AttributeValue::TextList(vec!["b".into(), "a".into(), "b".into()]));
    player.attributes.insert("unknown".to_owned(), AttributeValue::Number(1.0));
    let entrant = set.admit(&ticket(TicketKind::New, vec![player])).unwrap();
    let values = entrant.players()[0].attributes();
    assert_eq!(values[0], AttributeValue::Number(5.0));
    assert_eq!(values[1], AttributeValue::Text("x".to_owned()));
    assert_eq!(values[2], AttributeValue::TextList(vec!["b".into(), "a".into()]), "repeated strings count once");
    assert_eq!(values[3], AttributeValue::NumberMap([("dune".to_owned(), 1.0)].into()));
    assert_eq!(values.len(), 4, "what is not declared is ignored");
}

#[test]
fn a_ticket_that_can_be_in_no_match_is_told_apart() {
    let unmatchable = |players| match rule_set().admit(&ticket(TicketKind::New, players)) {
        Err(NotAdmitted::Unmatchable(reasons)) => reasons,
        other => panic!("{other:?}"),
    };
    let lacking = Player { id: "bo".to_owned(), ..Player::default() };
    let reason = Unmatchable::NoAttribute { player: "bo".to_owned(), attribute: "skill".to_owned() };
    assert_eq!(unmatchable(vec![skilled("ana"), lacking]), [reason]);
    let many: Vec<_> = (0..5).map(|number| skilled(&number.to_string())).collect();
    assert_eq!(unmatchable(many), [Unmatchable::TooLarge { players: 5, largest: 4 }]);
}

#[rstest]
#[case(with_value("skill", AttributeValue::Text("5".into())), "$.players[0].attributes[skill]: it is a string; give a number, as the rule set declares")]
#[case(
    with_value("skill", AttributeValue::Number(f64::NAN)),
    "$.players[0].attributes[skill]: a number is finite; keep to the limit"
)]
#[case(
    with_value("mode", AttributeValue::Text(String::new())),
    "$.players[0].attributes[mode]: a string has 1 to 100 characters, this one has 0; keep to the limit"
)]
#[case(with_value("tags", AttributeValue::TextList(vec!["a".into(); 101])), "$.players[0].attributes[tags]: a list has at most 100 strings, this one has 101; keep to the limit")]
#[case(Player { team: Some("green".into()), ..skilled("ana") }, "$.players[0].team: there is no team green; use one of: red, blue_1, blue_2")]
fn a_ticket_that_contradicts_the_rule_set_is_refused(#[case] player: Player, #[case] said: &str) {
    let refused = rule_set().admit(&ticket(TicketKind::New, vec![player])).unwrap_err();
    assert!(matches!(refused, NotAdmitted::Invalid(_)));
    assert_eq!(refused.to_string(), said);
}

#[rstest]
#[case(TicketKind::New, vec![], "$.players: a ticket has at least one player; name one")]
#[case(TicketKind::New, vec![skilled("ana"), skilled("ana")], "$.players[1].id: the player ana stands twice in it; name each once")]
#[case(TicketKind::Backfill, vec![skilled("ana")], "$.players[0].team: a player of a backfill has a team; name the team that the player plays in")]
fn tickets_as_a_whole(#[case] kind: TicketKind, #[case] players: Vec<Player>, #[case] said: &str) {
    assert_eq!(rule_set().admit(&ticket(kind, players)).unwrap_err().to_string(), said);
}
