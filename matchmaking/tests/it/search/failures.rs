//! Targets that cannot be searched, and tokens that cannot be used.

use shared::{
    Code, Error,
    error::{FieldError, Upstream},
};

use crate::search::world::{Trouble, World, criteria, ids, sessions, target};

fn failing(code: Code) -> Trouble {
    Trouble::Fails(Error::new(code, "Scripted."))
}

/// GameLift's refusal of an invalid request.
fn refusal() -> Error {
    let upstream = Upstream {
        operation: "SearchGameSessions",
        exception: Some("InvalidRequestException".to_owned()),
        message: "No.".to_owned(),
        request_id: None,
    };
    Error::new(Code::BackendMisconfigured, "Scripted.").with_upstream(upstream)
}

fn two_fleets(trouble: Vec<(&'static str, Trouble)>) -> World {
    World { trouble, ..World::new([sessions("fleet-0", 30), sessions("fleet-1", 2)].concat()) }
}

fn bad_field(error: &Error) -> &FieldError {
    assert_eq!(error.code(), Code::InvalidRequest);
    &error.fields()[0]
}

#[tokio::test]
async fn a_target_that_fails_is_left_out_and_asked_again_with_the_next_page() {
    let targets = [target("fleet-0"), target("fleet-1")];
    let mut world = two_fleets(vec![("fleet-1", failing(Code::RateLimited))]);
    let first = world.page(&targets, &criteria(&[]), 25, None).await.unwrap();
    assert!(ids(&first).iter().all(|id| id.starts_with("fleet-0")));
    world.trouble.clear();
    let second = world.page(&targets, &criteria(&[]), 25, first.next_token.as_deref()).await.unwrap();
    assert_eq!(ids(&second).len(), 7);
    assert_eq!(second.next_token, None);
}

#[tokio::test]
async fn a_target_that_goes_on_failing_does_not_keep_the_pages_from_ending() {
    let targets = [target("fleet-0"), target("fleet-1")];
    let world = two_fleets(vec![("fleet-0", failing(Code::RateLimited))]);
    let page = world.page(&targets, &criteria(&[]), 25, None).await.unwrap();
    assert_eq!((ids(&page).len(), page.next_token.as_deref()), (2, None));
}

#[tokio::test(start_paused = true)]
async fn a_target_that_hangs_leaves_the_others_their_answer() {
    let targets = [target("fleet-0"), target("fleet-1")];
    let world = two_fleets(vec![("fleet-0", Trouble::Hangs)]);
    assert_eq!(ids(&world.page(&targets, &criteria(&[]), 25, None).await.unwrap()).len(), 2);
}

#[tokio::test]
async fn when_all_fail_the_error_is_the_one_that_shows_old_news() {
    let targets = [target("fleet-0"), target("fleet-1")];
    let world = two_fleets(vec![("fleet-0", failing(Code::RateLimited)), ("fleet-1", failing(Code::NoFleet))]);
    let error = world.page(&targets, &criteria(&[]), 25, None).await.unwrap_err();
    assert_eq!(error.code(), Code::NoFleet);
}

#[tokio::test]
async fn a_page_ends_where_a_target_fails_on_the_way() {
    let targets = [target("fleet-0"), target("fleet-1")];
    let error = Error::new(Code::RateLimited, "Scripted.");
    let mut world = two_fleets(vec![("fleet-0", Trouble::FailsLater(error))]);
    let first = world.page(&targets, &criteria(&[]), 25, None).await.unwrap();
    assert_eq!(ids(&first).len(), 20);
    world.trouble.clear();
    let second = world.page(&targets, &criteria(&[]), 25, first.next_token.as_deref()).await.unwrap();
    assert_eq!([ids(&first), ids(&second)].concat().len(), 32, "nothing is lost");
}

#[tokio::test]
async fn a_token_is_good_for_its_own_search_only() {
    let targets = [target("fleet-0"), target("fleet-1")];
    let world = two_fleets(Vec::new());
    let token = world.page(&targets, &criteria(&[]), 25, None).await.unwrap().next_token.unwrap();
    assert!(token.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, '-' | '_')));
    let message = "next_token belongs to another search, or the fleets have changed; leave it out to start again.";
    for other in
        [("name", "A"), ("property.map", "A"), ("min_free_slots", "2"), ("sort", "fullest"), ("location", "custom-a")]
    {
        let error = world.page(&targets, &criteria(&[other]), 25, Some(&token)).await.unwrap_err();
        assert_eq!(bad_field(&error).message(), message, "{other:?}");
    }
    let error = world.page(&targets[..1], &criteria(&[]), 25, Some(&token)).await.unwrap_err();
    assert_eq!(bad_field(&error).message(), message);

    let reversed = [target("fleet-1"), target("fleet-0")];
    assert!(world.page(&reversed, &criteria(&[]), 3, Some(&token)).await.is_ok(), "order and limit may change");
}

#[tokio::test]
async fn a_token_that_gamelift_refuses_is_the_clients_to_mend() {
    let targets = [target("fleet-0"), target("fleet-1")];
    let mut world = two_fleets(Vec::new());
    let token = world.page(&targets, &criteria(&[]), 25, None).await.unwrap().next_token.unwrap();
    world.trouble = vec![("fleet-0", Trouble::FailsLater(refusal()))];
    let error = world.page(&targets, &criteria(&[]), 25, Some(&token)).await.unwrap_err();
    assert_eq!(bad_field(&error).field(), "next_token");
    let error = world.page(&targets, &criteria(&[]), 25, None).await;
    assert!(error.is_ok(), "a token that GameLift gave in the same call is not the client's");
}

#[tokio::test]
async fn a_location_that_gamelift_refuses_is_the_clients_to_mend() {
    let world = two_fleets(vec![("fleet-0", Trouble::Fails(refusal()))]);
    let elsewhere = criteria(&[("location", "custom-z")]);
    let error = world.page(&[target("fleet-0")], &elsewhere, 25, None).await.unwrap_err();
    assert_eq!(bad_field(&error).field(), "location");
    let error = world.page(&[target("fleet-0")], &criteria(&[]), 25, None).await.unwrap_err();
    assert_eq!(error.code(), Code::BackendMisconfigured);
}
