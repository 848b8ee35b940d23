//! The route on stored events and on a scripted GameLift, with Tokio's time paused.

use std::time::Duration;

use find_session::FindSession;
use matchmaking::config::{Candidate, FleetConfig, FleetRef};
use serde_json::{Value, json};
use shared::{Code, Endpoint};
use testing::{
    events::{Answered, call_endpoint, call_event, get, names, trusting},
    stock_client,
};
use tokio::time::advance;

use crate::fake::{Fake, fake};

const TOKEN: &str = "liftgate-next-token";

fn route(gamelift: &Fake) -> FindSession<Fake> {
    FindSession::new(gamelift.clone(), FleetConfig::default())
}

/// A warm function.
fn endpoint(gamelift: &Fake) -> Endpoint<FindSession<Fake>> {
    Endpoint::new(Ok(route(gamelift)), trusting())
}

fn ids(answered: &Answered) -> Vec<&str> {
    answered.body.as_array().unwrap().iter().map(|session| session["GameSessionId"].as_str().unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn every_stored_event_is_answered_as_before() {
    for name in names("find_session") {
        let gamelift = fake(&[
            ("custom-a", &[("old", 10, 0), ("newest", 30, 2), ("full", 40, 4), ("nearly", 5, 3)]),
            ("custom-b", &[("newer", 20, 1)]),
        ]);
        let answered = call_event(route(&gamelift), &name).await;
        let body = if answered.status == 200 {
            assert!(stock_client::sessions(&answered.body.to_string()).is_ok(), "{name}");
            json!(ids(&answered))
        } else {
            answered.body.clone()
        };
        let token: Option<Value> = answered.header(TOKEN).map(Value::from);
        let shown = json!({ "calls": gamelift.calls(), "status": answered.status, "token": token, "body": body });
        insta::assert_json_snapshot!(name, shown, { ".body.requestId" => "[request id]" });
    }
}

#[tokio::test]
async fn no_session_is_an_empty_array() {
    assert_eq!(call_event(route(&fake(&[("custom-a", &[])])), "find_session.no_query").await.body, json!([]));
}

#[tokio::test]
async fn at_most_fifty_are_listed_and_the_rest_is_behind_the_token() {
    let ids: Vec<_> = (0..60).map(|number| &*format!("session-{number:02}").leak()).collect();
    let many: Vec<_> = ids.iter().map(|id| (*id, 10, 0)).collect();
    let endpoint = endpoint(&fake(&[("custom-a", &many)]));
    let first = call_endpoint(&endpoint, get("find_session", &[])).await;
    assert_eq!(self::ids(&first), ids[..50]);
    let rest = call_endpoint(&endpoint, get("find_session", &[("next_token", first.header(TOKEN).unwrap())])).await;
    assert_eq!((self::ids(&rest), rest.header(TOKEN)), (ids[50..].to_vec(), None));
}

#[tokio::test]
async fn a_failed_search_is_an_error_and_never_an_empty_list() {
    let gamelift = fake(&[("custom-a", &[("old", 10, 0)])]);
    gamelift.failures.lock().unwrap().push(Code::RateLimited);
    let endpoint = endpoint(&gamelift);
    let answered = call_endpoint(&endpoint, get("find_session", &[])).await;
    assert_eq!((answered.status, answered.code()), (429, Some("RATE_LIMITED")));
    assert_eq!(call_endpoint(&endpoint, get("find_session", &[])).await.status, 200, "it is not kept");
}

#[tokio::test(start_paused = true)]
async fn all_queries_share_one_search_a_second() {
    let gamelift = fake(&[("custom-a", &[("old", 10, 0), ("new", 20, 0)])]);
    let endpoint = endpoint(&gamelift);
    let find = async |query: &[(&str, &str)]| call_endpoint(&endpoint, get("find_session", query)).await;
    let first = find(&[("limit", "1"), ("property.map", "Forest")]).await;
    assert_eq!(gamelift.calls().len(), 2, "ListFleets and a search");
    assert_eq!(find(&[("property.map", "Forest"), ("limit", "1.0")]).await, first);
    let second =
        find(&[("limit", "1"), ("property.map", "Forest"), ("next_token", first.header(TOKEN).unwrap())]).await;
    assert_eq!(([ids(&first), ids(&second)].concat(), second.header(TOKEN)), (vec!["new", "old"], None));
    assert_eq!(ids(&find(&[("sort", "fullest")]).await).len(), 2);
    assert_eq!(ids(&find(&[("location", "custom-a")]).await).len(), 2);
    assert_eq!(find(&[("name", "Nobody's")]).await.body, json!([]));
    assert_eq!(find(&[("location", "custom-z")]).await.code(), Some("INVALID_REQUEST"));
    assert_eq!(gamelift.calls(), [""; 0]);
    advance(Duration::from_secs(1)).await;
    find(&[]).await;
    assert_eq!(gamelift.calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn fleets_that_are_old_news_are_looked_up_anew() {
    let gamelift = fake(&[("custom-a", &[("old", 10, 0)])]);
    let endpoint = endpoint(&gamelift);
    gamelift.failures.lock().unwrap().push(Code::NoFleet);
    assert_eq!(ids(&call_endpoint(&endpoint, get("find_session", &[])).await), ["old"]);
    let looked_up = gamelift.calls().iter().filter(|call| *call == "ListFleets").count();
    assert_eq!(looked_up, 2);
    gamelift.failures.lock().unwrap().extend([Code::NoFleet, Code::NoFleet]);
    advance(Duration::from_secs(1)).await;
    assert_eq!(call_endpoint(&endpoint, get("find_session", &[])).await.code(), Some("NO_FLEET"));
}

#[tokio::test]
async fn a_search_that_is_understood_in_part_is_refused() {
    let gamelift = fake(&[("custom-a", &[("old", 10, 0)])]);
    for (name, right) in [
        ("minFreeSlots", "min_free_slots"),
        ("property_map", "property.map"),
        ("nextToken", "next_token"),
        ("BuildId", "build_id"),
        ("players", "known are"),
    ] {
        let refused = call_endpoint(&endpoint(&gamelift), get("find_session", &[(name, "99")])).await;
        assert_eq!((refused.status, &refused.body["errors"][0]["field"]), (400, &json!(name)), "{}", refused.body);
        assert!(refused.body["errors"][0]["message"].as_str().unwrap().contains(right), "{}", refused.body);
    }
    assert_eq!(gamelift.calls(), [""; 0]);
}

#[tokio::test]
async fn every_game_version_lists_its_own_fleets() {
    let on = |fleet: &str| {
        vec![Candidate { fleet: FleetRef::Fleet(fleet.to_owned()), locations: vec!["custom-a".to_owned()] }]
    };
    let gamelift = fake(&[("custom-a", &[("old", 10, 0)])]);
    let builds = [(-7, on("fleet-old")), (8, on("fleet-new"))].into();
    let fleets = FleetConfig { builds, ..FleetConfig::default() };
    let endpoint = Endpoint::new(Ok(FindSession::new(gamelift.clone(), fleets)), trusting());
    let find = async |build: &[(&str, &str)]| call_endpoint(&endpoint, get("find_session", build)).await;
    assert_eq!(ids(&find(&[("build_id", "-7")]).await), ["old"]);
    assert_eq!(ids(&find(&[("build_id", "8")]).await), ["old"]);
    assert_eq!(gamelift.calls().len(), 2, "one version's list is not the other's");
    for unknown in [&[("build_id", "9")] as &[_], &[("build_id", "new")], &[]] {
        let refused = find(unknown).await;
        assert_eq!((refused.status, &refused.body["errors"][0]["field"]), (400, &json!("build_id")));
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_game_session_is_kept_for_whoever_has_started_it() {
    let gamelift = fake(&[("custom-a", &[("entered", 995, 1), ("empty", 990, 0), ("old", 900, 0)])]);
    let endpoint = endpoint(&gamelift);
    let find = async |seconds| {
        *gamelift.now.lock().unwrap() = Duration::from_secs(seconds);
        advance(Duration::from_secs(1)).await;
        ids(&call_endpoint(&endpoint, get("find_session", &[])).await)
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(find(1000).await, ["entered", "old"]);
    assert_eq!(find(1014).await, ["entered", "old"]);
    assert_eq!(find(1015).await, ["entered", "empty", "old"]);

    let fleets = FleetConfig { creator_time: Duration::ZERO, ..FleetConfig::default() };
    let endpoint = Endpoint::new(Ok(FindSession::new(gamelift.clone(), fleets)), trusting());
    *gamelift.now.lock().unwrap() = Duration::from_secs(1000);
    assert_eq!(ids(&call_endpoint(&endpoint, get("find_session", &[])).await), ["entered", "empty", "old"]);
}

#[tokio::test]
async fn a_page_says_how_many_places_are_missing() {
    let all = endpoint(&fake(&[("custom-a", &[("old", 10, 0)])]));
    let whole = call_endpoint(&all, get("find_session", &[])).await;
    assert_eq!((ids(&whole), whole.header("liftgate-left-out")), (vec!["old"], None));
    let some = endpoint(&fake(&[("custom-a", &[("old", 10, 0)]), ("custom-broken", &[])]));
    let short = call_endpoint(&some, get("find_session", &[])).await;
    assert_eq!((ids(&short), short.header("liftgate-left-out")), (vec!["old"], Some("1")));
}
