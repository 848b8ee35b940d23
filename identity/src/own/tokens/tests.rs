use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::Jwk};
use rstest::rstest;
use serde_json::{Value, json};

use super::*;

const NOW: Duration = Duration::from_secs(1_800_000_000);
const DAY: Duration = Duration::from_hours(24);
const NAME: &str = "urn:liftgate:test";

fn issuer() -> OwnIssuer {
    OwnIssuer::new(NAME).unwrap()
}

fn keys_of(letter: &str) -> SigningKeys {
    SigningKeys::new(&letter.repeat(40), None, None).unwrap()
}

fn keys() -> SigningKeys {
    keys_of("a")
}

/// Somebody who is no guest, or one without a network.
fn player(player: &str) -> Bearer<'_> {
    Bearer { player, network: None }
}

fn refresh_token() -> String {
    issuer().refresh_token(&keys(), player("guest:1"), NOW + 30 * DAY, NOW)
}

/// A token of the issuer's own key with this header and these claims.
fn token(header: &Value, claims: &Value) -> String {
    let keys = keys();
    let signed = format!("{}.{}", part(header), part(claims));
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(keys.signing().sign(signed.as_bytes())))
}

fn good_header() -> Value {
    json!({ "alg": "ES256", "typ": "refresh+jwt", "kid": keys().signing().kid() })
}

fn good_claims() -> Value {
    let now = NOW.as_secs();
    json!({ "iss": NAME, "aud": format!("{NAME}/refresh"), "sub": "guest:1", "iat": now, "exp": now + 60, "until": now + 90 })
}

fn with(mut object: Value, member: &str, value: Value) -> Value {
    object[member] = value;
    object
}

fn without(mut object: Value, member: &str) -> Value {
    object.as_object_mut().unwrap().remove(member);
    object
}

fn check(token: &str) -> Option<Refresh> {
    issuer().check_refresh(&keys(), token, NOW)
}

#[test]
fn an_access_token_is_one_that_a_standard_library_takes() {
    let token = issuer().access_token(&keys(), player("steam:76561197960287930"), NOW);
    let header = decode_header(&token).unwrap();
    assert_eq!((header.typ.as_deref(), header.kid.as_deref()), (Some("at+jwt"), Some(keys().signing().kid())));
    let mut rules = Validation::new(Algorithm::ES256);
    rules.set_issuer(&[NAME]);
    rules.set_audience(&[NAME]);
    rules.validate_exp = false;
    let jwk: Jwk = serde_json::from_value(keys().jwks()["keys"][0].clone()).unwrap();
    let claims = decode::<Value>(&token, &DecodingKey::from_jwk(&jwk).unwrap(), &rules).unwrap().claims;
    let now = NOW.as_secs();
    assert_eq!(
        claims,
        json!({ "iss": NAME, "aud": NAME, "sub": "steam:76561197960287930", "iat": now, "exp": now + 900 })
    );
}

#[test]
fn a_refresh_token_is_good_for_its_life() {
    let token = refresh_token();
    let refresh = Refresh { player: "guest:1".to_owned(), network: None, until: NOW + 30 * DAY };
    for (now, expected) in [
        (NOW, Some(refresh.clone())),
        (NOW - Duration::from_secs(30), Some(refresh.clone())),
        (NOW - Duration::from_secs(31), None),
        (NOW + REFRESH_LIFE - Duration::from_secs(1), Some(refresh)),
        (NOW + REFRESH_LIFE, None),
    ] {
        assert_eq!(issuer().check_refresh(&keys(), &token, now), expected, "{now:?}");
    }
    assert_eq!(Refresh::kid(&token).as_deref(), Some(keys().signing().kid()));
}

#[test]
fn no_refresh_token_outlives_the_sign_in() {
    let until = NOW + DAY;
    let token = issuer().refresh_token(&keys(), player("guest:1"), until, NOW);
    assert!(issuer().check_refresh(&keys(), &token, until - Duration::from_secs(1)).is_some());
    assert!(issuer().check_refresh(&keys(), &token, until).is_none());
}

#[test]
fn an_access_token_is_no_refresh_token() {
    assert_eq!(check(&issuer().access_token(&keys(), player("guest:1"), NOW)), None);
    // Neither by its `typ` alone nor by its `aud` alone.
    assert_eq!(check(&token(&with(good_header(), "typ", json!("at+jwt")), &good_claims())), None);
    assert_eq!(check(&token(&good_header(), &with(good_claims(), "aud", json!(NAME)))), None);
    assert!(check(&token(&good_header(), &good_claims())).is_some());
}

#[test]
fn a_token_of_another_key_is_refused_and_one_of_the_previous_key_is_not() {
    let token = refresh_token();
    assert!(issuer().check_refresh(&keys_of("b"), &token, NOW).is_none());
    let rotated = SigningKeys::new(&"b".repeat(40), None, Some(&"a".repeat(40))).unwrap();
    assert!(issuer().check_refresh(&rotated, &token, NOW).is_some());
    // Another key under a known name.
    let theirs = keys_of("b");
    let signed = format!("{}.{}", part(&good_header()), part(&good_claims()));
    let forged = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(theirs.signing().sign(signed.as_bytes())));
    assert_eq!(check(&forged), None);
}

#[test]
fn a_token_of_another_issuer_with_the_same_key_is_refused() {
    let other = OwnIssuer::new("urn:liftgate:other").unwrap();
    assert_eq!(check(&other.refresh_token(&keys(), player("guest:1"), NOW + DAY, NOW)), None);
}

#[rstest]
#[case::none(with(good_header(), "alg", json!("none")))]
#[case::hmac(with(good_header(), "alg", json!("HS256")))]
#[case::no_kid(without(good_header(), "kid"))]
#[case::unknown_kid(with(good_header(), "kid", json!("../../dev/null")))]
#[case::no_type(without(good_header(), "typ"))]
#[case::key_address(with(good_header(), "jku", json!("https://evil.example/")))]
#[case::embedded_key(with(good_header(), "jwk", keys().signing().jwk()))]
#[case::critical(with(good_header(), "crit", json!(["exp"])))]
fn another_header_is_refused(#[case] header: Value) {
    assert_eq!(check(&token(&header, &good_claims())), None);
}

#[rstest]
#[case::no_issuer(without(good_claims(), "iss"))]
#[case::issuers(with(good_claims(), "iss", json!([NAME])))]
#[case::no_audience(without(good_claims(), "aud"))]
#[case::audiences(with(good_claims(), "aud", json!([format!("{NAME}/refresh")])))]
#[case::no_subject(without(good_claims(), "sub"))]
#[case::no_end(without(good_claims(), "exp"))]
#[case::ended(with(good_claims(), "exp", json!(NOW.as_secs())))]
#[case::end_as_text(with(good_claims(), "exp", json!("1900000000")))]
#[case::no_last_end(without(good_claims(), "until"))]
#[case::after_the_last_end(with(good_claims(), "until", json!(NOW.as_secs())))]
#[case::of_tomorrow(with(good_claims(), "iat", json!(NOW.as_secs() + 31)))]
#[case::not_yet(with(good_claims(), "nbf", json!(NOW.as_secs() + 31)))]
fn other_claims_are_refused(#[case] claims: Value) {
    assert_eq!(check(&token(&good_header(), &claims)), None);
}

#[test]
fn other_texts_are_refused() {
    let good = refresh_token();
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let zeros = URL_SAFE_NO_PAD.encode([0; 64]);
    let with_end = |end: &str| format!("{signed}.{end}");
    for bad in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "a.b.c".to_owned(),
        signed.to_owned(),
        with_end(""),
        with_end(&zeros),
        with_end(&format!("{signature}=")),
        with_end(&format!("{signature}.{signature}")),
        format!("{good} "),
        format!("\n{good}"),
        format!("{good}{}", "A".repeat(MAX_LENGTH)),
    ] {
        assert_eq!(check(&bad), None, "{bad}");
    }
}

const MAX_LENGTH: usize = crate::own::refresh::MAX_TOKEN;

#[test]
fn the_longest_player_id_fits_into_a_refresh_token() {
    let longest = format!("steam:{}", "9".repeat(255));
    let issuer = OwnIssuer::new("n".repeat(255)).unwrap();
    let token = issuer.refresh_token(&keys(), player(&longest), NOW + DAY, NOW);
    assert_eq!(issuer.check_refresh(&keys(), &token, NOW).unwrap().player, longest);
}

#[rstest]
#[case::empty("")]
#[case::blank("my issuer")]
#[case::letters("urn:müller")]
fn a_name_that_tokens_cannot_have_is_refused(#[case] name: &str) {
    assert!(OwnIssuer::new(name).unwrap_err().detail().contains("LIFTGATE_ISSUER"));
}

mod random {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_panics_or_is_taken(text in "[A-Za-z0-9_.=-]{0,300}|\\PC{0,60}") {
            prop_assert_eq!(check(&text), None);
        }

        #[test]
        fn no_changed_byte_is_taken(place in 0..300_usize, byte in "[A-Za-z0-9_.-]") {
            let good = refresh_token();
            let mut changed = good.clone();
            let place = place % good.len();
            changed.replace_range(place..=place, &byte);
            if changed != good {
                prop_assert_eq!(check(&changed), None);
            }
        }
    }
}

#[test]
fn a_guests_network_is_in_both_tokens_and_nobody_else_has_one() {
    let guest = Bearer { player: "guest:1", network: Some("AAAA") };
    let refresh = issuer().refresh_token(&keys(), guest, NOW + DAY, NOW);
    assert_eq!(check(&refresh).unwrap().network.as_deref(), Some("AAAA"));
    let claims = |token: &str| -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
    };
    assert_eq!(claims(&issuer().access_token(&keys(), guest, NOW))["net"], "AAAA");
    assert_eq!(claims(&issuer().access_token(&keys(), player("steam:1"), NOW)).get("net"), None);
    assert_eq!(check(&refresh_token()).unwrap().network, None);
}
