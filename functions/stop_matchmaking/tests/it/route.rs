//! The route on stored events, on a scripted FlexMatch and a store in memory. Time is Tokio's paused clock.

use aws_sdk_gamelift::types::MatchmakingConfigurationStatus as Seen;
use serde_json::json;
use stop_matchmaking::StopMatchmaking;
use store::records::news::{Status, Told};
use testing::{
    events::{Answered, call, call_event, names, post},
    flexmatch::FlexMatch,
    search::Search,
};

fn route(search: &Search) -> StopMatchmaking<FlexMatch> {
    StopMatchmaking::new(search.flexmatch.clone(), search.store.clone())
}

async fn stopped(search: &Search, player: &str) -> Answered {
    let body = json!({ "TicketId": Search::TICKET, "uuid": player });
    call(route(search), post("stop_matchmaking", &body)).await
}

#[tokio::test(start_paused = true)]
async fn every_stored_event_is_answered_as_before() {
    for name in names("stop_matchmaking") {
        let answered = call_event(route(&Search::of(&["player-1"]).await), &name).await;
        insta::assert_json_snapshot!(name, json!({ "status": answered.status, "body": answered.body }), {
            ".body.requestId" => "[request id]",
        });
    }
}

#[tokio::test(start_paused = true)]
async fn each_player_of_the_ticket_can_stop_it_and_again() {
    let search = Search::of(&["ana", "bob"]).await;
    for player in ["bob", "ana", "bob"] {
        let answer = stopped(&search, player).await;
        assert_eq!(
            (answer.status, answer.body),
            (200, json!({ "TicketId": "t-1", "Status": "CANCELLED", "Version": 2 }))
        );
    }
    assert_eq!(search.flexmatch.count("StopMatchmaking"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stranger_stops_nothing() {
    let search = Search::of(&["ana"]).await;
    let answer = stopped(&search, "eve").await;
    assert_eq!((answer.status, answer.code()), (404, Some("TICKET_NOT_FOUND")));
    assert_eq!(search.flexmatch.count("StopMatchmaking"), 0);
    assert!(!search.store.ticket("t-1").await.unwrap().unwrap().is_to_stop);
}

#[tokio::test(start_paused = true)]
async fn a_match_that_is_made_is_not_stopped() {
    let search = Search::of(&["ana"]).await;
    search.comes_to(2, Seen::Placing, Status::Placing, Told::default()).await;
    let answer = stopped(&search, "ana").await;
    assert_eq!((answer.status, answer.code()), (409, Some("MATCH_ALREADY_PLACING")));
    search.hears(3, Status::Completed, search.placed()).await;
    let answer = stopped(&search, "ana").await;
    assert_eq!((answer.status, &answer.body["GameSessionId"]), (409, &json!("arn:gs-1")));
}
