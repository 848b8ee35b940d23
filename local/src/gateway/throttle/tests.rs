use std::collections::BTreeSet;

use serde_json::Value;
use shared::problem;
use tokio::time::advance;

use super::*;
use crate::gateway::authorizer::gateway_authorizer::unauthorized;

const TEMPLATE: &str = include_str!("../../../../template.yaml");

/// Returns how many of `calls` at the same moment get through.
fn admitted(throttle: &Throttle, route: RouteId, key: Option<&str>, calls: usize) -> usize {
    (0..calls).filter(|_| throttle.admit(route, &route.method(), key).is_ok()).count()
}

/// Returns the default of a parameter of the template.
fn default(parameter: &str) -> f64 {
    let after = TEMPLATE.split_once(&format!("\n  {parameter}:\n")).expect("the template has the parameter").1;
    let default = after.lines().find_map(|line| line.strip_prefix("    Default: "));
    default.and_then(|default| default.parse().ok()).expect("the parameter's default is a number")
}

/// Returns the rate or the burst (`limit`) that the template takes where the parameter is empty, which is one of
/// `Start`, for the routes that start something, and `Request`. It may depend on whether the body is trusted.
fn where_empty(parameter: &str, limit: &str, trusts_body: bool) -> f64 {
    let values: BTreeSet<_> = TEMPLATE
        .lines()
        .filter_map(|line| line.trim().strip_prefix(&format!("Throttling{limit}Limit: !If [Has{parameter}")))
        .filter_map(|line| {
            Some(line.splitn(3, ", ").nth(2)?.trim_start_matches("!If [TrustsBody, ").trim_end_matches(']'))
        })
        .collect();
    let [values] = values.into_iter().collect::<Vec<_>>()[..] else { panic!("the routes' rates differ") };
    let (trusting, known) = values.split_once(", ").unwrap_or((values, values));
    if trusts_body { trusting } else { known }.parse().expect("the value is a number")
}

/// Returns the template's answer of a gateway response, with a request id.
fn gateway_response(name: &str) -> Value {
    let after = TEMPLATE.split_once(&format!("\n        {name}:\n")).expect("the template has the response").1;
    let text = after.split_once("application/json: >-\n").expect("the response has a body").1;
    let lines = text.lines().take_while(|line| line.starts_with("              "));
    let text = lines.collect::<String>().replace("$context.requestId", "request-1");
    serde_json::from_str(&text).expect("the body is JSON")
}

#[test]
fn the_rates_are_the_defaults_of_the_template() {
    let rate = |per_second: &str, burst: &str| (default(per_second), default(burst));
    let of = |rate: Rate| (f64::from(rate.per_minute) / 60.0, f64::from(rate.burst));
    let empty = |parameter: &str, trusts_body: bool| {
        (where_empty(parameter, "Rate", trusts_body), where_empty(parameter, "Burst", trusts_body))
    };
    let Throttling { routes, open, players, .. } = Throttling::default();
    assert_eq!(of(open), rate("OpenRequestsPerSecond", "OpenRequestBurst"));
    assert_eq!(Throttling::trust_body().open, open);
    let trusting = Throttling::trust_body().routes;
    for (routes, trusts_body) in [(routes, false), (trusting, true)] {
        assert_eq!(of(routes.requests), empty("Request", trusts_body));
        assert_eq!(of(routes.starts), empty("Start", trusts_body));
    }
    assert_eq!(trusting.sign_ins, routes.sign_ins);
    assert_eq!(of(routes.sign_ins), rate("SignInsPerSecond", "SignInBurst"));
    let minutes = |rate: Rate| (f64::from(rate.per_minute), f64::from(rate.burst));
    assert_eq!(minutes(players.starts), rate("PlayerStartsPerMinute", "PlayerStartBurst"));
    assert_eq!(minutes(players.requests), rate("PlayerRequestsPerMinute", "PlayerRequestBurst"));
    assert_eq!(minutes(players.guest_starts), rate("GuestNetworkStartsPerMinute", "GuestNetworkStartBurst"));
    assert_eq!(minutes(players.guest_requests), rate("GuestNetworkRequestsPerMinute", "GuestNetworkRequestBurst"));
    assert_eq!(minutes(players.sign_ins), rate("AddressSignInsPerMinute", "AddressSignInBurst"));
    assert_eq!(minutes(players.searches), rate("AddressSearchesPerMinute", "AddressSearchBurst"));
}

#[tokio::test(start_paused = true)]
async fn a_method_that_a_route_does_not_have_takes_nothing() {
    let throttle = Throttle::new(Throttling::default());
    for _ in 0..5000 {
        throttle.admit(RouteId::JoinSession, &Method::DELETE, None).unwrap();
    }
    let burst = usize::try_from(throttle.throttling.routes.starts.burst).unwrap();
    assert_eq!(admitted(&throttle, RouteId::JoinSession, None, burst + 100), burst);
}

#[test]
fn the_routes_with_rates_of_their_own_are_the_templates() {
    let with = |parameter: &str| -> BTreeSet<_> {
        let settings = TEMPLATE.split("- ResourcePath: /").skip(1);
        let settings = settings.filter(|setting| {
            let rate = setting.lines().find(|line| line.trim().starts_with("ThrottlingRateLimit: "));
            rate.is_some_and(|rate| rate.contains(parameter))
        });
        settings.filter_map(|setting| setting.lines().next()?.strip_prefix("~1")).collect()
    };
    assert_eq!(RouteId::STARTS.map(RouteId::name).into_iter().collect::<BTreeSet<_>>(), with("StartsPerSecond"));
    assert!(with("SignInsPerSecond").is_subset(&BTreeSet::from([RouteId::SignIn.name()])));
}

/// Those for which nobody shows a token.
#[tokio::test(start_paused = true)]
async fn preflights_and_the_keys_have_a_rate_of_their_own_as_in_the_template() {
    let settings = TEMPLATE.split("- ResourcePath: /~1").skip(1);
    let open = settings
        .filter(|setting| setting.lines().any(|line| line.trim() == "ThrottlingRateLimit: !Ref OpenRequestsPerSecond"));
    let open: BTreeSet<_> = open
        .map(|setting| {
            let mut lines = setting.lines();
            let path = lines.next().expect("a setting has a path");
            (path, lines.next().expect("a setting has a method").trim().trim_start_matches("HttpMethod: "))
        })
        .collect();
    let of_players = RouteId::ALL.iter().filter(|route| route.has_authorizer() || route.is_public());
    let mut wanted: BTreeSet<_> = of_players.map(|route| (route.name(), "OPTIONS")).collect();
    wanted.insert((RouteId::Jwks.name(), "GET"));
    assert_eq!(open, wanted);

    let throttle = Throttle::new(Throttling::default());
    for (route, method) in wanted {
        let (route, method) = (RouteId::named(route).unwrap(), method.parse().unwrap());
        let admitted = (0..2000).filter(|_| throttle.admit(route, &method, None).is_ok()).count();
        assert_eq!(admitted, 400, "{route:?} {method}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_state_of_the_deployment_has_a_low_rate_as_in_the_template() {
    let setting = TEMPLATE.split("- ResourcePath: /~1health\n          HttpMethod: GET\n").nth(1).unwrap();
    let limit = |name: &str| {
        let line = setting.lines().find_map(|line| line.trim().strip_prefix(&format!("Throttling{name}Limit: ")));
        line.unwrap().parse::<f64>().unwrap()
    };
    assert_eq!((limit("Rate"), limit("Burst")), (f64::from(HEALTH.per_minute) / 60.0, f64::from(HEALTH.burst)));
    let throttle = Throttle::new(Throttling::default());
    assert_eq!(admitted(&throttle, RouteId::Health, None, 100), 10);
}

#[test]
fn the_answers_are_the_templates() {
    let throttle = Throttle::new(Throttling::trust_body());
    let of_route = (0..100).find_map(|_| throttle.admit(RouteId::CreateSession, &Method::POST, None).err()).unwrap();
    for (error, name, wait) in [(of_route, "THROTTLED", "1"), (unauthorized(), "UNAUTHORIZED", "4")] {
        let response = problem::response(&error, "request-1", true);
        let answer: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(answer, gateway_response(name));
        assert_eq!((response.status().as_u16(), response.headers()["retry-after"].to_str().unwrap()), (429, wait));
    }
}

#[tokio::test(start_paused = true)]
async fn a_route_takes_its_burst_at_once_and_its_rate_from_then_on() {
    let throttle = Throttle::new(Throttling::trust_body());
    assert_eq!(admitted(&throttle, RouteId::CreateSession, None, 100), 10);
    advance(Duration::from_secs(1)).await;
    assert_eq!(admitted(&throttle, RouteId::CreateSession, None, 100), 5);
    advance(Duration::from_millis(100)).await;
    assert_eq!(admitted(&throttle, RouteId::CreateSession, None, 100), 0, "half a token is none");
    advance(Duration::from_hours(1)).await;
    assert_eq!(admitted(&throttle, RouteId::CreateSession, None, 100), 10, "a bucket holds no more than its burst");
    assert_eq!(admitted(&throttle, RouteId::FindSession, None, 1000), 200, "another route has another bucket");
}

#[tokio::test(start_paused = true)]
async fn preflights_have_a_bucket_of_their_own() {
    let throttle = Throttle::new(Throttling::trust_body());
    let preflight = || throttle.admit(RouteId::JoinSession, &Method::OPTIONS, Some("key-1"));
    assert_eq!((0..2000).filter(|_| preflight().is_ok()).count(), 400, "and take nothing from a key");
    assert_eq!(admitted(&throttle, RouteId::JoinSession, None, 1), 1);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_calls_too_often_shuts_the_route_for_no_other_key() {
    let throttle = Throttle::new(Throttling::trust_body());
    for _ in 0..60 {
        assert!(admitted(&throttle, RouteId::CreateSession, Some("key-1"), 100) <= 5);
        advance(Duration::from_secs(1)).await;
    }
    assert_eq!(admitted(&throttle, RouteId::CreateSession, Some("key-2"), 1), 1);
    assert_eq!(admitted(&throttle, RouteId::CreateSession, Some("key-1"), 100), 1, "a second fills one token");
}

#[tokio::test(start_paused = true)]
async fn a_key_has_one_bucket_for_each_route_with_the_rates_for_starts_and_one_for_the_others() {
    let throttle = Throttle::new(Throttling::trust_body());
    let admitted = |route| admitted(&throttle, route, Some("key-1"), 100);
    assert_eq!((admitted(RouteId::CreateSession), admitted(RouteId::ReconnectStream)), (5, 5));
    assert_eq!((admitted(RouteId::FindSession), admitted(RouteId::GameServers)), (10, 0));
}

#[tokio::test(start_paused = true)]
async fn made_up_keys_take_up_a_bounded_memory_and_hurt_no_known_one() {
    let throttle = Throttle::new(Throttling::default());
    for number in 0..2 * MOST_KEY_BUCKETS {
        let _ = throttle.admit(RouteId::FindSession, &Method::GET, Some(&number.to_string()));
    }
    assert!(throttle.keys.kept() <= MOST_KEY_BUCKETS);
    advance(Duration::from_secs(2)).await;
    assert_eq!(admitted(&throttle, RouteId::FindSession, Some("known"), 1), 1);
}
