use rstest::rstest;

use super::*;

fn text_map(name: &'static str, most: usize, key: usize, value: usize) -> Member<TextMap> {
    Member::text_map(name, TextMap { most, name: key, value }, "")
}

fn number_map(name: &'static str, most: usize) -> Member<NumberMap> {
    Member::number_map(name, NumberMap { most, highest: 100.0 }, "")
}

/// Reads a body and a query as a route with an authorizer could; returns the errors' messages.
fn read(body: &str, query: &str) -> Vec<String> {
    let event = serde_json::json!({
        "version": "2.0", "routeKey": "POST /join_session", "rawPath": "/join_session", "rawQueryString": query,
        "headers": { "content-type": "application/json" }, "isBase64Encoded": false, "body": body,
        "requestContext": {
            "http": { "method": "POST", "path": "/join_session", "protocol": "HTTP/1.1", "sourceIp": "203.0.113.17" },
            "requestId": "request-1", "stage": "$default", "timeEpoch": 0,
        },
    });
    let mut fields = Fields::of(&lambda_http::request::from_str(&event.to_string()).unwrap()).unwrap();
    fields.string(&Member::text("GameSessionId", 1..=512, ""));
    fields.string(&Member::text("uuid", 1..=3, ""));
    fields.texts(&Member::texts("uuids", 4, 1..=3, ""));
    fields.text_map(&text_map("game_properties", 3, 32, 4));
    fields.numbers(&number_map("latencies_ms", 3));
    fields.ignore("build_id");
    fields.refuse_as_header("Idempotency-Key");
    if let Some(filter) = fields.texts_of(&Member::object("filter", &[], "")) {
        let mut parameters = crate::parameters::Parameters::new(filter);
        parameters.integer(&Member::integer("min_free_slots", 1..=200, ""));
        fields.errors_in("filter", parameters.into_errors());
    }
    if let Some(mut stream) = fields.open(&Member::object("stream", &[], "")) {
        stream.texts(&Member::texts("locations", 2, 1..=3, ""));
        stream.text_map(&text_map("environment", 3, 3, 3));
        fields.close(stream);
    }
    fields
        .check()
        .err()
        .map_or_else(Vec::new, |error| error.fields().iter().map(|error| error.message().to_owned()).collect())
}

#[rstest]
#[case::case(r#"{"gameSessionId":"a"}"#, "gameSessionId is not known; did you mean GameSessionId?")]
#[case::separators(r#"{"GAME-SESSION ID":"a"}"#, "\"GAME-SESSION ID\" is not known; did you mean GameSessionId?")]
#[case::beside_the_right_one(r#"{"uuid":"a","UUID":"b"}"#, "UUID is not known; did you mean uuid?")]
#[case::of_what_is_ignored(r#"{"buildId":1}"#, "buildId is not known; did you mean build_id?")]
#[case::object(r#"{"gameProperties":{}}"#, "gameProperties is not known; did you mean game_properties?")]
#[case::another_word(r#"{"playerId":"a"}"#, "playerId is not known; did you mean uuid?")]
#[case::another_word_for_null(r#"{"playerId":"a","uuid":null}"#, "playerId is not known; did you mean uuid?")]
#[case::inside(r#"{"stream":{"Locations":[]}}"#, "stream.Locations is not known; did you mean locations?")]
#[case::another_word_inside(r#"{"stream":{"location":"a"}}"#, "stream.location is not known; did you mean locations?")]
#[case::in_a_filter(
    r#"{"filter":{"minFreeSlots":1}}"#,
    "filter.minFreeSlots is not known; did you mean min_free_slots?"
)]
#[case::unknown_in_a_filter(r#"{"filter":{"players":1}}"#, "filter.players is not known; known are min_free_slots.")]
#[case::header(
    r#"{"idempotency_key":"a"}"#,
    "idempotency_key is no member of the body here; send the header Idempotency-Key."
)]
fn a_near_miss_is_refused_with_the_right_name(#[case] body: &str, #[case] message: &str) {
    assert_eq!(read(body, ""), [message]);
}

#[rstest]
#[case::unknown(r#"{"session_mode":"a","extra":{"uuid":1},"x_uuid":1}"#)]
#[case::null(r#"{"gameSessionId":null,"playerId":null,"idempotency-key":null,"stream":{"Locations":null}}"#)]
#[case::another_word_beside_the_right_one(r#"{"uuid":"a","playerId":"b"}"#)]
#[case::ignored(r#"{"build_id":[]}"#)]
#[case::keys_of_the_client(r#"{"game_properties":{"UUID":"a","uuid":"b","map":"c"}}"#)]
#[case::nulls_of_a_filter(r#"{"filter":{"min_free_slots":null}}"#)]
fn others_are_ignored(#[case] body: &str) {
    assert_eq!(read(body, "v=1&page=2"), [""; 0]);
}

#[test]
fn what_belongs_into_the_body_is_not_read_from_the_query() {
    for name in ["GameSessionId", "game_session_id"] {
        let message = format!("{name} is no parameter of the query here; send GameSessionId in the body.");
        assert_eq!(read("{}", &format!("{name}=a")), [message]);
    }
}

#[rstest]
#[case::item(r#"{"uuids":["a","b","","abcd",7]}"#, &["uuids has 5 items; it takes at most 4."])]
#[case::items(
    r#"{"uuids":["a","","abcd",7]}"#,
    &["uuids[1] has 0 characters; it takes 1 to 3.", "uuids[2] has 4 characters; it takes 1 to 3.",
      "uuids[3] has to be a string, not a number."])]
#[case::values(
    r#"{"game_properties":{"map":1,"mode":"12345","odd.\nkey":null}}"#,
    &["game_properties.map has to be a string, not a number.",
      "game_properties.mode has 5 characters; it takes up to 4.",
      "game_properties.\"odd.\\nkey\" has to be a string, not null."])]
#[case::numbers(
    r#"{"latencies_ms":{"us-west-2":-1,"mars!":1}}"#,
    &["latencies_ms.us-west-2 has to be a number from 0 to 100.",
      "latencies_ms.\"mars!\" is no Region: its name has 1 to 64 of A-Z, a-z, 0-9 and -."])]
#[case::inside(
    r#"{"stream":{"locations":["abcd"],"environment":{"abcd":"","A":"1234"}}}"#,
    &["stream.locations[0] has 4 characters; it takes 1 to 3.",
      "stream.environment.abcd has a name of 4 characters; it takes up to 3.",
      "stream.environment.A has 4 characters; it takes up to 3."])]
#[case::filter(
    r#"{"filter":{"min_free_slots":0,"name":{}}}"#,
    &["filter.name has to be a string or a number, not an object.",
      "filter.min_free_slots has to be a whole number from 1 to 200."])]
fn an_error_names_the_whole_path(#[case] body: &str, #[case] messages: &[&str]) {
    assert_eq!(read(body, ""), messages);
}

#[test]
fn the_log_has_liftgates_own_names() {
    let error = FieldError::part("game_properties", ".secret", "is wrong").inside("stream");
    assert_eq!((error.name(), error.field()), ("stream.game_properties", "stream.game_properties.secret"));
}

fn fields(body: &str) -> Result<Fields, Error> {
    Fields::of(&Request::new(Body::Text(body.to_owned())))
}

#[rstest]
#[case::integer("4", Some(4))]
#[case::double("4.0", Some(4))]
#[case::string("\"4\"", Some(4))]
#[case::string_of_a_double("\"4.0\"", Some(4))]
#[case::smallest("1", Some(1))]
#[case::largest("200", Some(200))]
#[case::zero("0", None)]
#[case::negative("-1", None)]
#[case::too_large("201", None)]
#[case::huge("1e9", None)]
#[case::fraction("2.5", None)]
#[case::word("\"abc\"", None)]
#[case::not_a_number("\"NaN\"", None)]
#[case::infinite("\"inf\"", None)]
#[case::empty("\"\"", None)]
#[case::boolean("true", None)]
#[case::null("null", None)]
fn whole_numbers_come_in_three_spellings(#[case] spelling: &str, #[case] expected: Option<i32>) {
    let mut fields = fields(&format!("{{\"n\":{spelling}}}")).unwrap();
    assert_eq!(fields.integer(&Member::integer("n", 1..=200, "").required()), expected);
    assert_eq!(fields.check().is_ok(), expected.is_some());
}

#[rstest]
#[case::one(r#"{"w":"b"}"#, Some(2), &[])]
#[case::none("{}", None, &[])]
#[case::another(r#"{"w":"B"}"#, None, &["w has to be a, b or c; choose one."])]
#[case::number(r#"{"w":1}"#, None, &["w has to be a string, not a number."])]
fn a_word_has_a_meaning(#[case] body: &str, #[case] meaning: Option<i32>, #[case] messages: &[&str]) {
    const WORD: Member<Words<i32>> = Member::words("w", &[("a", 1), ("b", 2), ("c", 3)], "").or("; choose one");
    let mut fields = fields(body).unwrap();
    assert_eq!(fields.word(&WORD), meaning);
    let errors = fields.check().err().map(|error| error.fields().to_vec()).unwrap_or_default();
    assert_eq!(errors.iter().map(FieldError::message).collect::<Vec<_>>(), messages);
}

#[rstest]
#[case::none("{}", true)]
#[case::several(r#"{"a":0,"b":"90.5"}"#, true)]
#[case::too_large(r#"{"a":101}"#, false)]
#[case::not_a_number(r#"{"a":"NaN"}"#, false)]
#[case::no_name(r#"{"":1}"#, false)]
#[case::longest_name(&format!(r#"{{"{}":1}}"#, "a".repeat(64)), true)]
#[case::too_long_a_name(&format!(r#"{{"{}":1}}"#, "a".repeat(65)), false)]
#[case::list("[1]", false)]
#[case::too_many(r#"{"a":1,"b":1,"c":1}"#, false)]
fn numbers_have_names_that_gamelift_takes(#[case] numbers: &str, #[case] taken: bool) {
    let mut fields = fields(&format!("{{\"n\":{numbers}}}")).unwrap();
    fields.numbers(&number_map("n", 2));
    assert_eq!(fields.check().is_ok(), taken);
}

#[test]
fn every_bad_field_is_reported_at_once() {
    let mut fields = fields(r#"{"name":"", "count":"x", "map":[1]}"#).unwrap();
    fields.string(&Member::text("name", 1..=3, "").required());
    fields.string(&Member::text("uuid", 1..=3, "").required());
    fields.integer(&Member::integer("count", 1..=2, "").required());
    fields.text_map(&text_map("map", 16, 32, 96));
    let error = fields.check().unwrap_err();
    let messages: Vec<_> = error.fields().iter().map(|field| field.message()).collect();
    assert_eq!(
        messages,
        [
            "name has 0 characters; it takes 1 to 3.",
            "uuid is required.",
            "count has to be a whole number from 1 to 2.",
            "map has to be an object, not an array.",
        ]
    );
}

#[rstest]
#[case::truncated(r#"{"a":"#, Code::InvalidJson)]
#[case::array("[]", Code::InvalidJson)]
#[case::string("\"a\"", Code::InvalidJson)]
#[case::empty("", Code::InvalidJson)]
#[case::nested_too_deep(&"[".repeat(100_000), Code::InvalidJson)]
#[case::twice(r#"{"a":1,"a":1}"#, Code::InvalidJson)]
#[case::too_large(&" ".repeat(MAX_BODY + 1), Code::BodyTooLarge)]
fn a_body_has_to_be_a_json_object(#[case] body: &str, #[case] code: Code) {
    assert_eq!(fields(body).unwrap_err().code(), code);
}

#[rstest]
#[case("application/json", true)]
#[case("Application/JSON; charset=utf-8", true)]
#[case("application/problem+json", true)]
#[case("application/x-www-form-urlencoded", false)]
#[case("text/plain", false)]
#[case("", false)]
fn the_content_type_has_to_be_json(#[case] content_type: &str, #[case] taken: bool) {
    let mut request = Request::new(Body::Text("{}".to_owned()));
    request.headers_mut().insert(header::CONTENT_TYPE, content_type.parse().unwrap());
    assert_eq!(Fields::of(&request).is_ok(), taken);
}

#[test]
fn a_body_without_a_type_is_json_unless_a_web_page_sends_it() {
    let mut request = Request::new(Body::Text("{}".to_owned()));
    assert!(Fields::of(&request).is_ok());
    request.headers_mut().insert(header::ORIGIN, "https://play.example.com".parse().unwrap());
    assert_eq!(Fields::of(&request).unwrap_err().code(), Code::UnsupportedMediaType);
    request.headers_mut().insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
    assert!(Fields::of(&request).is_ok());
}
