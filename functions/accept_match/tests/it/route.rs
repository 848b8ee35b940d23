//! The route on stored events, on a scripted FlexMatch and a store in memory. Time is Tokio's paused clock.

use accept_match::AcceptMatch;
use aws_sdk_gamelift::types::MatchmakingConfigurationStatus as Seen;
use serde_json::json;
use store::records::news::{Status, Told};
use testing::{
    events::{Answered, call, call_event, names, post},
    flexmatch::FlexMatch,
    search::Search,
};

fn route(search: &Search) -> AcceptMatch<FlexMatch> {
    AcceptMatch::new(search.flexmatch.clone(), search.store.clone())
}

async fn matched(players: &[&str]) -> Search {
    let search = Search::of(players).await;
    let told = Told { match_id: Some("m-1".to_owned()), ..Told::default() };
    search.comes_to(2, Seen::RequiresAcceptance, Status::RequiresAcceptance, told).await;
    search
}

async fn says(search: &Search, player: &str, accept: bool) -> Answered {
    let body = json!({ "TicketId": Search::TICKET, "uuid": player, "accept": accept });
    call(route(search), post("accept_match", &body)).await
}

#[tokio::test(start_paused = true)]
async fn every_stored_event_is_answered_as_before() {
    for name in names("accept_match") {
        let answered = call_event(route(&matched(&["player-1"]).await), &name).await;
        insta::assert_json_snapshot!(name, json!({ "status": answered.status, "body": answered.body }), {
            ".body.requestId" => "[request id]",
        });
    }
}

#[tokio::test(start_paused = true)]
async fn a_player_accepts_for_nobody_else() {
    let search = matched(&["ana", "bob"]).await;
    let answer = says(&search, "ana", true).await;
    assert_eq!((answer.status, &answer.body["Accepted"]), (200, &json!({ "ana": true })));
    assert_eq!(says(&search, "eve", true).await.code(), Some("TICKET_NOT_FOUND"));
    assert_eq!(search.flexmatch.calls().last().unwrap(), "AcceptMatch t-1 ana true");
}

#[tokio::test(start_paused = true)]
async fn a_rejection_is_told_as_one() {
    let search = matched(&["ana", "bob"]).await;
    assert_eq!(says(&search, "bob", false).await.status, 200);
    assert_eq!(search.flexmatch.calls()[1], "AcceptMatch t-1 bob false");
}

#[tokio::test(start_paused = true)]
async fn without_a_match_nothing_is_accepted() {
    let search = Search::of(&["ana"]).await;
    let answer = says(&search, "ana", true).await;
    assert_eq!((answer.status, answer.code()), (409, Some("NO_MATCH_TO_ACCEPT")));
}
