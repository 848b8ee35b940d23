//! Placements on scripted queues, and on a store in memory.

use std::time::Duration;

use aws::upstream::Operation::{DescribeGameSessionPlacement, StartGameSessionPlacement};
use aws_sdk_gamelift::types::{GameSessionPlacement, GameSessionPlacementState as State};
use rstest::rstest;
use shared::{Code, clock::Clock};
use store::records::starts::{NewTicket, Started};
use testing::{
    outcome::{Outcome, refusal, throttled, unanswered},
    queues::Queues,
};

use super::*;

const START: &str = "StartGameSessionPlacement pl-1";
const LOOK: &str = "DescribeGameSessionPlacement pl-1";
const STOP: &str = "StopGameSessionPlacement pl-1";

/// A placement in the store that is STARTING, and queues that have none.
async fn starting() -> (Queues, Store, Ticket) {
    let store = Store::in_memory(Clock::with_tokio(Duration::from_secs(1_772_359_200)));
    let (request, players) = (r#"{"queue":"players","name":"A game","slots":4}"#, ["ana".to_owned()]);
    let (id, kind) = ("pl-1", Kind::Placement);
    let new = NewTicket { id, kind, players: &players, request, line: None, key: None, holder: "" };
    let Started::New(ticket) = store.start(&new, seconds(5)).await.unwrap() else { panic!("a new one") };
    (Queues::default(), store, *ticket)
}

fn seconds(seconds: u64) -> Deadline {
    Deadline::after(Duration::from_secs(seconds))
}

fn placement(state: State) -> GameSessionPlacement {
    let placement = GameSessionPlacement::builder().placement_id("pl-1").status(state.clone());
    placement.set_game_session_arn((state == State::Fulfilled).then(|| "arn:gs".to_owned())).build()
}

/// No passing failure, and none that tells what became of the call.
fn expired(operation: aws::upstream::Operation) -> Outcome {
    Outcome::Failed(refusal(operation, "ExpiredTokenException"))
}

async fn sent(queues: &Queues, store: &Store, ticket: &Ticket, tries: Tries) -> Result<Sent, Error> {
    send_placement(queues, store, ticket, tries, seconds(10)).await
}

async fn status(store: &Store) -> Status {
    store.ticket("pl-1").await.unwrap().unwrap().news.status
}

#[rstest]
#[case::throttled(vec![Outcome::Failed(throttled()); 3], vec![START; 4])]
#[case::lost(vec![Outcome::Lost], vec![START, LOOK])]
#[case::not_arrived(vec![Outcome::Failed(unanswered())], vec![START, LOOK, START])]
#[case::throttled_after_that(vec![Outcome::Failed(unanswered()), Outcome::Failed(throttled())], vec![START, LOOK, START, START])]
#[tokio::test(start_paused = true)]
async fn only_a_lost_answer_costs_a_look(#[case] starts: Vec<Outcome>, #[case] calls: Vec<&str>) {
    let (queues, store, ticket) = starting().await;
    queues.starts(starts);
    sent(&queues, &store, &ticket, Tries::First).await.unwrap();
    assert_eq!(
        (queues.calls(), status(&store).await),
        (calls.into_iter().map(str::to_owned).collect(), Status::Placing)
    );
}

#[rstest]
#[case::content("InvalidRequestException", vec![START, LOOK])]
#[case::permission("UnauthorizedException", vec![START])]
#[tokio::test(start_paused = true)]
async fn a_refused_placement_has_failed(#[case] exception: &str, #[case] calls: Vec<&str>) {
    let (queues, store, ticket) = starting().await;
    queues.starts([Outcome::Failed(refusal(StartGameSessionPlacement, exception))]);
    let error = sent(&queues, &store, &ticket, Tries::First).await.unwrap_err();
    assert_eq!((&error.members()["PlacementId"], status(&store).await), (&"pl-1".into(), Status::Failed));
    assert_eq!(queues.calls(), calls);
}

#[rstest]
#[case::sent_by_another(vec![], Tries::Again, false)]
#[case::sent_by_another_and_not_wanted(vec![], Tries::Again, true)]
#[case::lost(vec![Outcome::Lost], Tries::First, false)]
#[case::id_taken(vec![Outcome::Failed(refusal(StartGameSessionPlacement, "InvalidRequestException"))], Tries::First, false)]
#[tokio::test(start_paused = true)]
async fn while_no_look_tells_whether_gamelift_has_it_a_placement_stays_open(
    #[case] starts: Vec<Outcome>,
    #[case] tries: Tries,
    #[case] is_to_stop: bool,
) {
    let (queues, store, mut ticket) = starting().await;
    ticket.is_to_stop = is_to_stop;
    queues.starts(starts);
    queues.looks([expired(DescribeGameSessionPlacement)]);
    let sent = sent(&queues, &store, &ticket, tries).await;
    let Ok(Sent::Later(_, error)) = sent else { panic!("{sent:?}") };
    assert_eq!((error.code(), status(&store).await), (Code::CredentialsExpired, Status::Starting));
}

#[tokio::test(start_paused = true)]
async fn a_look_that_finds_nothing_lets_a_refusal_count() {
    let (queues, store, ticket) = starting().await;
    queues.starts([expired(StartGameSessionPlacement)]);
    sent(&queues, &store, &ticket, Tries::Again).await.unwrap_err();
    assert_eq!((queues.calls(), status(&store).await), (vec![LOOK.to_owned(), START.to_owned()], Status::Failed));
}

#[rstest]
#[case::pending(State::Pending, Status::Placing, vec![LOOK, STOP])]
#[case::unknown(State::from("PONDERED"), Status::Starting, vec![LOOK, STOP])]
#[case::fulfilled(State::Fulfilled, Status::Completed, vec![LOOK])]
#[case::failed(State::Failed, Status::Failed, vec![LOOK])]
#[tokio::test(start_paused = true)]
async fn a_placement_that_nobody_wants_is_stopped_if_another_has_sent_it_and_it_goes_on(
    #[case] state: State,
    #[case] known: Status,
    #[case] calls: Vec<&str>,
) {
    for is_over in [false, true] {
        let (queues, store, mut ticket) = starting().await;
        queues.has("pl-1", placement(state.clone()));
        if is_over {
            ticket.request = ticket.request.replace(r#"{"queue""#, r#"{"until":1,"queue""#);
        } else {
            ticket = store.ask_stop("pl-1").await.unwrap().unwrap();
        }
        sent(&queues, &store, &ticket, Tries::Again).await.unwrap();
        assert_eq!(
            (queues.calls(), status(&store).await),
            (calls.iter().map(|call| (*call).to_owned()).collect(), known)
        );
    }
}

#[rstest]
#[case::cancelled(State::Cancelled)]
#[case::failed(State::Failed)]
#[tokio::test(start_paused = true)]
async fn a_placement_that_has_ended_is_not_stopped(#[case] state: State) {
    let (queues, store, ticket) = starting().await;
    queues.has("pl-1", placement(state));
    sent(&queues, &store, &ticket, Tries::Again).await.unwrap();
    assert_eq!(queues.calls(), [LOOK]);
}
