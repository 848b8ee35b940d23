//! Sending tickets.

use std::time::Duration;

use aws::upstream::Operation;
use aws_sdk_gamelift::types::{AttributeValue, MatchmakingConfigurationStatus};
use matchmaking::{
    attributes::Attribute,
    tickets::{SearchRequest, Sent, Tries, send},
};
use shared::{Code, Error};
use store::records::{
    news::{Status, Told},
    ticket::Ticket,
};
use testing::flexmatch::{Outcome, refusal, throttled, unanswered};
use tokio::{join, time::sleep};

use crate::tickets::support::{World, request, seconds};

async fn sent(world: &World, ticket: &Ticket, tries: Tries) -> Result<Sent, Error> {
    send(&world.flexmatch, &world.store, ticket, tries, seconds(20)).await
}

async fn known(world: &World, ticket: &Ticket, tries: Tries) -> Ticket {
    match sent(world, ticket, tries).await {
        Ok(Sent::Known(ticket)) => ticket,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_ticket_is_sent_once_with_all_that_was_asked_for() {
    let world = World::new();
    let mut request = request(&["ana", "bob"]);
    request.players[0].latencies = [("eu-west-1".to_owned(), 20)].into();
    request.players[0].attributes = [
        ("mode".to_owned(), Attribute::Text("ranked".to_owned())),
        ("skill".to_owned(), Attribute::Number(12.5)),
        ("maps".to_owned(), Attribute::Texts(vec!["moon".to_owned()])),
        ("wishes".to_owned(), Attribute::Numbers([("healer".to_owned(), 1.0)].into())),
    ]
    .into();
    let ticket = world.started("t-1", &request).await;
    assert_eq!(known(&world, &ticket, Tries::First).await.news.status, Status::Searching);
    assert_eq!(world.status("t-1").await, Status::Searching);
    assert_eq!(world.flexmatch.calls(), ["StartMatchmaking t-1"]);
    let seen = world.flexmatch.ticket("t-1").unwrap();
    let [ana, bob] = seen.players() else { panic!("two players") };
    assert_eq!((seen.configuration_name(), ana.player_id(), bob.player_id()), (Some("duel"), Some("ana"), Some("bob")));
    assert_eq!(ana.latency_in_ms().unwrap()["eu-west-1"], 20);
    assert_eq!(ana.player_attributes().unwrap()["maps"], AttributeValue::builder().sl("moon").build());
    assert_eq!(ana.player_attributes().unwrap()["skill"], AttributeValue::builder().n(12.5).build());
    assert_eq!(bob.player_attributes(), None);

    let again = known(&world, &world.ticket("t-1").await, Tries::Again).await;
    assert_eq!((again.news.status, world.flexmatch.calls().len()), (Status::Searching, 1), "it is not STARTING");
}

#[tokio::test(start_paused = true)]
async fn a_throttled_ticket_is_sent_again_and_stays_starting_until_then() {
    let world = World::new();
    let ticket = world.started("t-1", &request(&["ana"])).await;
    world.flexmatch.starts(vec![Outcome::Failed(throttled()); 3]);
    let seen = async {
        sleep(Duration::from_millis(500)).await;
        world.status("t-1").await
    };
    let (ticket, meanwhile) = join!(known(&world, &ticket, Tries::First), seen);
    assert_eq!((meanwhile, ticket.news.status), (Status::Starting, Status::Searching));
    assert_eq!((world.flexmatch.count("StartMatchmaking"), world.flexmatch.calls().len()), (4, 4), "without a look");
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_is_throttled_to_the_end_is_for_another_to_send() {
    let world = World::new();
    let ticket = world.started("t-1", &request(&["ana"])).await;
    world.flexmatch.starts(vec![Outcome::Failed(throttled()); 100]);
    let Ok(Sent::Later(ticket, error)) = sent(&world, &ticket, Tries::First).await else { panic!("no room") };
    assert_eq!((ticket.news.status, error.code()), (Status::Starting, Code::RateLimited));
    assert_eq!(world.status("t-1").await, Status::Starting);
    let later = World { flexmatch: testing::flexmatch::FlexMatch::default(), ..world };
    assert_eq!(known(&later, &ticket, Tries::Again).await.news.status, Status::Searching);
}

#[tokio::test(start_paused = true)]
async fn a_ticket_whose_answer_was_lost_is_found_and_one_that_was_not_taken_is_sent_again() {
    for (outcome, calls) in [
        (Outcome::Lost, vec!["StartMatchmaking t-1", "DescribeMatchmaking t-1"]),
        (
            Outcome::Failed(unanswered()),
            vec!["StartMatchmaking t-1", "DescribeMatchmaking t-1", "StartMatchmaking t-1"],
        ),
    ] {
        let world = World::new();
        let ticket = world.started("t-1", &request(&["ana"])).await;
        world.flexmatch.starts([outcome]);
        assert_eq!(known(&world, &ticket, Tries::First).await.news.status, Status::Searching);
        assert_eq!(world.flexmatch.calls(), calls);
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_whose_ticket_arrives_after_the_look_makes_no_second_ticket() {
    let world = World::new();
    let ticket = world.started("t-1", &request(&["ana"])).await;
    // The look does not see it yet, and the next start finds its id taken.
    world.flexmatch.starts([Outcome::Lost]);
    world.flexmatch.looks([Outcome::Failed(throttled())]);
    assert_eq!(known(&world, &ticket, Tries::First).await.news.status, Status::Searching);
    assert_eq!(known(&world, &ticket, Tries::Again).await.news.status, Status::Searching, "its id is taken");
    assert_eq!(world.flexmatch.ids(), ["t-1"]);
}

fn with_attribute() -> SearchRequest {
    let mut request = request(&["ana"]);
    request.players[0].attributes.insert("skill".to_owned(), Attribute::Text("high".to_owned()));
    request
}

#[tokio::test(start_paused = true)]
async fn a_refused_search_has_failed_and_is_blamed_on_whoever_can_mend_it() {
    let invalid = || refusal(Operation::StartMatchmaking, "InvalidRequestException");
    let unknown = || refusal(Operation::StartMatchmaking, "NotFoundException");
    let forbidden = || refusal(Operation::StartMatchmaking, "AccessDeniedException");
    for (request, refusal, code, looks) in [
        (with_attribute(), invalid(), Code::InvalidRequest, 1),
        (request(&["ana"]), invalid(), Code::BackendMisconfigured, 1),
        // Nobody can have started it, so there is nothing to look for.
        (with_attribute(), unknown(), Code::BackendMisconfigured, 0),
        (with_attribute(), forbidden(), Code::BackendNotPermitted, 0),
    ] {
        let world = World::new();
        let ticket = world.started("t-1", &request).await;
        world.flexmatch.starts([Outcome::Failed(refusal)]);
        let error = sent(&world, &ticket, Tries::First).await.unwrap_err();
        assert_eq!((error.code(), &error.members()["TicketId"]), (code, &"t-1".into()));
        assert_eq!(world.flexmatch.count("DescribeMatchmaking"), looks);
        let names_types = error.detail().contains("a string, a number, a list of strings or an object of numbers");
        assert_eq!(names_types, code == Code::InvalidRequest, "who can mend it hears which types there are");
        let ended = world.ticket("t-1").await.news;
        assert_eq!(ended.status, Status::Failed);
        assert_eq!(ended.told.refused.as_deref(), Some(code.as_str()));
        assert_eq!(ended.told.reason.as_deref(), Some(error.detail()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_an_id_that_is_taken_is_none() {
    let world = World::new();
    let ticket = world.started("t-1", &with_attribute()).await;
    known(&world, &ticket, Tries::First).await;
    world.flexmatch.completes("t-1");
    // The caller still has the ticket as it was before.
    let again = known(&world, &ticket, Tries::Again).await;
    assert_eq!(again.news.status, Status::Searching, "the store has had news since the ticket was read");
    assert_eq!(world.flexmatch.ids(), ["t-1"]);
}

#[tokio::test(start_paused = true)]
async fn while_nobody_knows_whether_it_is_there_a_ticket_stays_open() {
    let world = World::new();
    let ticket = world.started("t-1", &request(&["ana"])).await;
    world.flexmatch.starts(vec![Outcome::Lost]);
    world.flexmatch.looks(vec![Outcome::Failed(unanswered()); 100]);
    let Ok(Sent::Later(..)) = sent(&world, &ticket, Tries::First).await else { panic!("unclear") };
    assert_eq!(world.status("t-1").await, Status::Starting);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_was_faster_than_the_answer_counts() {
    let world = World::new();
    let ticket = world.started("t-1", &request(&["ana"])).await;
    let event = async {
        sleep(Duration::from_millis(10)).await;
        world.hears("t-1", 1, Status::RequiresAcceptance, Told::default()).await;
    };
    let (ticket, ()) = join!(known(&world, &ticket, Tries::First), event);
    assert_eq!(ticket.news.status, Status::RequiresAcceptance);
    assert_eq!(world.status("t-1").await, Status::RequiresAcceptance);
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_is_stopped_before_it_is_sent_is_not_sent() {
    let world = World::new();
    let ticket = world.started("t-1", &request(&["ana"])).await;
    world.store.ask_stop("t-1").await.unwrap();
    let mut wanted_no_more = ticket;
    wanted_no_more.is_to_stop = true;
    let ticket = known(&world, &wanted_no_more, Tries::First).await;
    assert_eq!((ticket.news.status, world.flexmatch.calls().len()), (Status::Cancelled, 0));
    // While it waits for its turn.
    let ticket = world.started("t-2", &request(&["ana"])).await;
    world.flexmatch.starts(vec![Outcome::Failed(throttled()); 100]);
    let stop = async {
        sleep(Duration::from_secs(2)).await;
        world.store.ask_stop("t-2").await.unwrap();
    };
    let (ticket, _) = join!(known(&world, &ticket, Tries::First), stop);
    assert_eq!((ticket.news.status, world.flexmatch.ids().len()), (Status::Cancelled, 0));
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_is_stopped_while_it_is_sent_is_stopped_after() {
    let world = World::new();
    let ticket = world.started("t-1", &request(&["ana"])).await;
    let stop = async {
        sleep(Duration::from_millis(10)).await;
        world.store.ask_stop("t-1").await.unwrap();
    };
    let (ticket, _) = join!(known(&world, &ticket, Tries::First), stop);
    assert_eq!(ticket.news.status, Status::Cancelled);
    assert_eq!(world.status("t-1").await, Status::Cancelled);
    let in_gamelift = world.flexmatch.ticket("t-1").unwrap().status;
    assert_eq!(in_gamelift, Some(MatchmakingConfigurationStatus::Cancelled));
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_another_may_have_sent_is_looked_for_before_it_counts_as_stopped() {
    let world = World::new();
    let ticket = world.started("t-1", &request(&["ana"])).await;
    world.flexmatch.starts([Outcome::Lost]);
    world.flexmatch.looks(vec![Outcome::Failed(unanswered()); 100]);
    sent(&world, &ticket, Tries::First).await.unwrap();
    world.store.ask_stop("t-1").await.unwrap();
    let world = World { flexmatch: world.flexmatch.without_script(), ..world };
    let ticket = known(&world, &world.ticket("t-1").await, Tries::Again).await;
    assert_eq!(ticket.news.status, Status::Cancelled);
    assert_eq!(world.flexmatch.count("StopMatchmaking"), 1, "GameLift had it");
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_was_given_up_on_its_way_is_stopped_in_gamelift() {
    let world = World::new();
    let ticket = world.started("t-1", &request(&["ana"])).await;
    world.store.saw(&ticket, Status::Failed, Told::default()).await.unwrap();
    assert_eq!(known(&world, &ticket, Tries::First).await.news.status, Status::Failed);
    let seen = world.flexmatch.ticket("t-1").unwrap();
    assert_eq!(seen.status(), Some(&MatchmakingConfigurationStatus::Cancelled), "nobody would hear of its match");
}
