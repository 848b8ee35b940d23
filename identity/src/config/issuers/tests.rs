use rstest::rstest;
use serde_json::json;

use super::*;

fn parse(issuers: &Value) -> Result<Vec<IssuerConfig>, Error> {
    parse_issuers(&issuers.to_string(), PlainHttp::Never)
}

fn one(issuer: Value) -> IssuerConfig {
    parse(&json!([issuer])).unwrap().remove(0)
}

const POOL: &str = "https://cognito-idp.us-west-2.amazonaws.com/us-west-2_AbCdEf123";

#[test]
fn presets_know_their_issuers_and_keys() {
    let cognito = one(json!({ "provider": "cognito", "issuer": POOL, "audiences": ["client"] }));
    assert_eq!(cognito.issuers, Issuers::Exactly(vec![POOL.to_owned()]));
    assert_eq!(cognito.keys, KeysFrom::Url(format!("{POOL}/.well-known/jwks.json")));
    assert_eq!((cognito.name.as_str(), cognito.token_use), ("cognito", Some(TokenUse::Access)));
    let google = one(json!({ "provider": "google", "audiences": ["client"] }));
    assert!(google.issuers.has("accounts.google.com") && google.issuers.has("https://accounts.google.com"));
    let oidc = one(json!({ "provider": "oidc", "issuer": "https://id.example.com/", "audiences": ["game"] }));
    assert_eq!(oidc.keys, KeysFrom::Discovery("https://id.example.com/".to_owned()));
    let apple = one(json!({ "provider": "apple", "audiences": ["com.example.game"] }));
    assert_eq!(apple.keys, KeysFrom::Url("https://appleid.apple.com/auth/keys".to_owned()));
}

#[test]
fn epics_issuer_is_a_prefix_that_ends_at_a_path() {
    let epic = one(json!({ "provider": "eos-auth", "audiences": ["client"] }));
    assert!(epic.issuers.has("https://api.epicgames.dev"));
    assert!(epic.issuers.has("https://api.epicgames.dev/auth/v1/oauth"));
    for iss in [
        "https://api.epicgames.dev.evil.example",
        "https://api.epicgames.dev@evil.example/",
        "https://api.epicgames.de",
    ] {
        assert!(!epic.issuers.has(iss), "{iss}");
    }
}

#[rstest]
#[case::no_json("{", "It is no JSON")]
#[case::no_array("{}", "has to be a JSON array")]
#[case::no_object("[1]", "[0] is no object")]
#[case::provider(r#"[{"provider":"steam"}]"#, "[0].provider has to be one of cognito, eos-connect")]
#[case::no_provider("[{}]", "[0].provider has to be one of")]
#[case::no_issuer(r#"[{"provider":"oidc","audiences":["a"]}]"#, "[0].issuer has to be the text")]
#[case::plain(r#"[{"provider":"oidc","issuer":"http://id.example.com","audiences":["a"]}]"#, "https address")]
#[case::local(r#"[{"provider":"oidc","issuer":"http://127.0.0.1:1","audiences":["a"]}]"#, "never on Lambda")]
#[case::no_audiences(r#"[{"provider":"apple"}]"#, "[0].audiences is missing: the bundle ids")]
#[case::audiences(r#"[{"provider":"apple","audiences":"a"}]"#, "[0].audiences has to be an array")]
#[case::deployments(r#"[{"provider":"eos-connect","audiences":["a"],"deployments":"b"}]"#, "[0].deployments has to be")]
#[case::algorithms(r#"[{"provider":"apple","audiences":["a"],"algorithms":["HS256"]}]"#, "RS256, RS384")]
#[case::none(r#"[{"provider":"apple","audiences":["a"],"algorithms":["none"]}]"#, "[0].algorithms")]
#[case::jwks(r#"[{"provider":"apple","audiences":["a"],"jwks":"http://a.example"}]"#, "[0].jwks has to be")]
#[case::misspelt(r#"[{"provider":"apple","audience":"b"}]"#, "\"audience\" is unknown. The members are")]
#[case::unknown(r#"[{"provider":"apple","audiences":["a"],"audience":"b"}]"#, "\"audience\" is unknown")]
#[case::foreign(r#"[{"provider":"apple","audiences":["a"],"token_use":"id"}]"#, "token_use is not for this provider")]
#[case::reserved(r#"[{"provider":"apple","audiences":["a"],"claims":["liftgate"]}]"#, "[0].claims has \"liftgate\"")]
#[case::life(r#"[{"provider":"apple","audiences":["a"],"max_token_seconds":1}]"#, "from 60 to 2678400")]
#[case::name(r#"[{"provider":"apple","audiences":["a"],"name":"A:b"}]"#, "[0].name has to have")]
#[case::one_iss(
    r#"[{"provider":"oidc","issuer":"https://a.example","audiences":["a","b"]},{"provider":"oidc","name":"other","issuer":"https://a.example","audiences":["b","c"]}]"#,
    "two issuers, \"oidc\" and \"other\", with one `iss`"
)]
#[case::one_pool(
    r#"[{"provider":"cognito","issuer":"https://a.example","audiences":["a"]},{"provider":"cognito","name":"id","issuer":"https://a.example","audiences":["a"],"token_use":"id"}]"#,
    "Make them one issuer"
)]
#[case::below_one(
    r#"[{"provider":"eos-connect","audiences":["a"]},{"provider":"oidc","issuer":"https://api.epicgames.dev/auth/v1/oauth","audiences":["a"]}]"#,
    "with one `iss`"
)]
#[case::twice(r#"[{"provider":"apple","audiences":["a"]},{"provider":"apple","audiences":["b"]}]"#, "two issuers")]
fn what_cannot_be_used_is_refused_with_the_right_form(#[case] json: &str, #[case] says: &str) {
    let error = parse_issuers(json, PlainHttp::Never).unwrap_err();
    assert!(error.detail().contains("LIFTGATE_ISSUERS") && error.detail().contains(says), "{error}");
}

#[rstest]
#[case::epics_two_kinds(r#"[{"provider":"eos-connect","audiences":["a"]},{"provider":"eos-auth","audiences":["a"]}]"#)]
#[case::other_audiences(
    r#"[{"provider":"apple","name":"one","audiences":["a"]},{"provider":"apple","name":"two","audiences":["b"]}]"#
)]
#[case::other_issuers(
    r#"[{"provider":"oidc","issuer":"https://a.example","audiences":["a"]},{"provider":"apple","audiences":["a"]}]"#
)]
fn issuers_of_different_players_may_stand_together(#[case] json: &str) {
    assert_eq!(parse_issuers(json, PlainHttp::Never).unwrap().len(), 2);
}
