//! Attributes of every form, from clients and from claims.

use lambda_http::{Body, Request};
use rstest::rstest;
use serde_json::json;

use super::*;
use crate::config::{AdmissionConfig, LookConfig};

fn config(attributes: &[&str], claims: &str) -> TicketConfig {
    TicketConfig {
        configurations: vec!["duel".to_owned()],
        attributes: attributes.iter().map(|&name| name.to_owned()).collect(),
        claims: ClaimedAttribute::parse(claims).unwrap(),
        admission: AdmissionConfig::default(),
        looks: LookConfig::default(),
    }
}

/// What the body's attributes are read as, or the messages.
fn read(attributes: &Value, config: &TicketConfig) -> Result<Attributes, Vec<String>> {
    let body = json!({ "attributes": attributes }).to_string();
    let mut fields = Fields::of(&Request::new(Body::Text(body))).unwrap();
    let read = sent(&mut fields, config);
    match fields.check() {
        Ok(()) => Ok(read),
        Err(error) => Err(error.fields().iter().map(|field| field.message().to_owned()).collect()),
    }
}

#[test]
fn every_form_reaches_gamelift_and_comes_back_from_the_store() {
    let sent = json!({
        "mode": "duel", "skill": 12, "offset": -0.5, "maps": ["dune", "cave"], "none": [], "wishes": { "dune": 9, "cave": 1.5 },
        "later": null,
    });
    let read = read(&sent, &config(&["mode", "skill", "offset", "maps", "none", "wishes", "later"], "")).unwrap();
    assert_eq!(read["skill"], Attribute::Number(12.0));
    assert_eq!(read["none"], Attribute::Texts(Vec::new()));
    assert!(!read.contains_key("later"));
    let stored: Attributes = serde_json::from_str(&serde_json::to_string(&read).unwrap()).unwrap();
    assert_eq!(stored, read);
    assert_eq!(read["mode"].to_value(), AttributeValue::builder().s("duel").build());
    assert_eq!(read["offset"].to_value(), AttributeValue::builder().n(-0.5).build());
    assert_eq!(read["maps"].to_value(), AttributeValue::builder().sl("dune").sl("cave").build());
    assert_eq!(read["none"].to_value(), AttributeValue::builder().set_sl(Some(Vec::new())).build());
    assert_eq!(read["wishes"].to_value(), AttributeValue::builder().sdm("dune", 9.0).sdm("cave", 1.5).build());
}

#[test]
fn what_is_at_gamelifts_bounds_is_taken() {
    let text = "ä".repeat(100);
    let numbers: BTreeMap<_, _> = (0..10).map(|number| (format!("{number}{}", "n".repeat(99)), number)).collect();
    let sent = json!({ "text": text, "texts": vec![&text; 100], "numbers": numbers });
    assert_eq!(read(&sent, &config(&["text", "texts", "numbers"], "")).unwrap().len(), 3);
}

#[rstest]
#[case::switch(json!(true), "has to be a string, a number, a list of strings or an object of numbers.")]
#[case::empty(json!(""), "has 0 characters; it takes 1 to 100.")]
#[case::long(json!("a".repeat(101)), "has 101 characters; it takes 1 to 100.")]
#[case::many_texts(json!(vec!["a"; 101]), "has 101 items; it takes at most 100.")]
#[case::number_in_texts(json!(["a", 1]), "has to be a list of strings, and item 1 is none.")]
#[case::empty_in_texts(json!(["a", ""]), "has an item 1 that has 0 characters; it takes 1 to 100.")]
#[case::text_in_numbers(json!({ "dune": "9" }), "has to have numbers only.")]
#[case::null_in_numbers(json!({ "dune": null }), "has to have numbers only.")]
#[case::empty_name(json!({ "": 9 }), "has a member whose name has 0 characters; it takes 1 to 100.")]
#[case::many_numbers(
    json!((0..11).map(|number| (number.to_string(), number)).collect::<BTreeMap<_, _>>()),
    "has 11 members; it takes at most 10."
)]
fn another_form_is_refused_with_the_right_one(#[case] value: Value, #[case] why: &str) {
    let messages = read(&json!({ "mode": value }), &config(&["mode"], "")).unwrap_err();
    assert_eq!(messages, [format!("attributes.mode {why}")]);
}

#[test]
fn the_operator_decides_what_a_client_may_send() {
    let refused = read(&json!({ "skill": 3000, "clan": "red" }), &config(&["mode", "maps"], "clan=clan")).unwrap_err();
    assert_eq!(
        refused,
        [
            "attributes.skill is no attribute that a client may send here; the operator decides which (LIFTGATE_MATCHMAKING_ATTRIBUTES), and these are taken: mode, maps.",
            "attributes.clan comes from the player's sign-in and from no client; leave it out.",
        ]
    );
    let nothing = read(&json!({ "secret\nname": "secret value" }), &config(&[], "")).unwrap_err();
    assert!(nothing[0].starts_with("attributes.\"secret\\nname\" is no attribute"), "{nothing:?}");
    assert!(nothing[0].ends_with("none are taken now."), "{nothing:?}");
    assert!(!nothing[0].contains("secret value"));
}

#[test]
fn all_attributes_together_are_as_many_as_gamelift_takes() {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
    let sent: BTreeMap<_, _> = names.iter().map(|name| (name, 1)).collect();
    let refused = read(&json!(sent), &config(&names, "skill=skill,clan=clan")).unwrap_err();
    assert_eq!(refused, ["attributes has 9 members; it takes at most 8."]);
    assert_eq!(read(&json!(sent), &config(&names, "skill=skill")).unwrap().len(), 9);
}

#[test]
fn a_claim_in_a_wrong_form_is_the_operators_to_mend() {
    let claimed = ClaimedAttribute::parse("skill=custom:skill").unwrap().remove(0);
    let of = |value: Value| of_claim(&claimed, value);
    assert_eq!(of(json!(12.5)).unwrap(), Attribute::Number(12.5));
    assert_eq!(of(json!(true)).unwrap(), Attribute::Text("true".to_owned()));
    for wrong in [json!([1]), json!({ "a": [] }), json!("secret".repeat(20))] {
        let error = of(wrong).unwrap_err();
        assert_eq!(error.code(), Code::BackendMisconfigured);
        assert!(error.detail().contains("\"custom:skill\"") && error.detail().contains(VARIABLE), "{error}");
        assert!(!error.detail().contains("secret"), "{error}");
    }
}

#[test]
fn latencies_are_whole_and_never_zero() {
    let body = json!({ "latencies_ms": { "us-west-2": 0, "eu-west-1": 20.4, "eu-north-1": "99.5" } }).to_string();
    let mut fields = Fields::of(&Request::new(Body::Text(body))).unwrap();
    let read: Vec<_> = latencies(&mut fields).into_iter().collect();
    fields.check().unwrap();
    assert_eq!(read, [("eu-north-1".to_owned(), 100), ("eu-west-1".to_owned(), 20), ("us-west-2".to_owned(), 1)]);
}
