//! The exact rate of one player before each route that starts something, as the store counts it. The authorizer has no
//! rates here.

use futures_util::future::join_all;
use serde_json::json;
use shared::{RouteId, config::rates::STARTS};
use tokio::time::Instant;

use crate::players::support::{Answer, FORMATS, Issuer, Place, oidc, send, world};

/// More calls than a player may send at once.
const CALLS: usize = 30;

/// Calls of one player at the same moment. The route itself refuses each, because of its body, so none takes long.
async fn at_once(place: &Place, route: RouteId, token: Option<&str>) -> Vec<Answer> {
    let call = || {
        let call = place.call(route, &json!([]));
        send(token.into_iter().fold(call, |call, token| call.bearer_auth(token)))
    };
    join_all((0..CALLS).map(|_| call())).await
}

/// How many calls came to the route. The others have heard why not, and when to come back.
fn passed(answers: &[Answer]) -> usize {
    let (limited, passed): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 429);
    assert!(passed.iter().all(|answer| answer.error() == (400, "INVALID_JSON".to_owned())), "{passed:?}");
    for answer in limited {
        assert!(answer.text.contains("This player has started too much in too short a time."), "{answer:?}");
        assert!(answer.retry_after.is_some(), "{answer:?}");
    }
    passed.len()
}

#[tokio::test]
async fn a_player_with_a_token_has_the_rate_before_each_route_that_starts_something() {
    let issuer = Issuer::new("a");
    let burst = usize::try_from(STARTS.burst).unwrap();
    for route in RouteId::STARTS {
        let place = world(FORMATS[0], oidc(issuer.pinned())).await;
        let begun = Instant::now();
        let came = passed(&at_once(&place, route, Some(&issuer.token("ann"))).await);
        // A call comes back for each interval that the calls take.
        let more = begun.elapsed().div_duration_f64(STARTS.interval().unwrap()) as usize;
        assert!((burst..=burst + more).contains(&came), "{}: {came}", route.name());
        let others = passed(&at_once(&place, route, Some(&issuer.token("ben"))).await);
        assert!(others >= burst, "{}: another player has {others}", route.name());
    }
}

#[tokio::test]
async fn the_calls_that_start_game_sessions_share_one_rate() {
    let issuer = Issuer::new("a");
    let place = world(FORMATS[0], oidc(issuer.pinned())).await;
    let (begun, token) = (Instant::now(), issuer.token("ann"));
    let mut came = 0;
    for route in [RouteId::CreateSession, RouteId::FindOrCreateSession] {
        came += passed(&at_once(&place, route, Some(&token)).await);
    }
    let more = begun.elapsed().div_duration_f64(STARTS.interval().unwrap()) as usize;
    assert!(came <= usize::try_from(STARTS.burst).unwrap() + more, "{came}");
}

#[tokio::test]
async fn whom_only_the_body_names_has_no_rate() {
    let place = world(FORMATS[0], liftgate::Players::default()).await;
    for route in RouteId::STARTS {
        assert_eq!(passed(&at_once(&place, route, None).await), CALLS, "{}", route.name());
    }
}
