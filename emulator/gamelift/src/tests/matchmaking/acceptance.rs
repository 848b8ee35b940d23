//! Matches that players are asked to accept.

use std::time::Duration;

use emulator_core::model::gamelift_rules::{Rules, SilentOnReject};
use rstest::rstest;
use serde_json::json;

use crate::{
    operations::accept_match::AcceptMatch,
    tests::matchmaking::support::{TICK, World},
};

#[test]
fn a_match_that_all_accept_is_complete() {
    let world = World::with_acceptance(Rules::default());
    world.start("ann");
    assert!(world.answer("ann", "ACCEPT").unwrap_err().contains("QUEUED"));
    assert!(world.answer("nobody", "ACCEPT").unwrap_err().starts_with("NotFoundException"));
    world.start("ben");
    world.step(TICK);
    let stranger = json!({ "TicketId": "ann", "PlayerIds": ["ben"], "AcceptanceType": "ACCEPT" });
    assert!(world.call::<AcceptMatch>(stranger).unwrap_err().starts_with("InvalidRequestException"));
    let nobody = json!({ "TicketId": "ann", "PlayerIds": [], "AcceptanceType": "ACCEPT" });
    assert!(world.call::<AcceptMatch>(nobody).unwrap_err().starts_with("InvalidRequestException"));
    world.answer("ann", "ACCEPT").unwrap();
    world.answer("ann", "ACCEPT").unwrap();
    assert_eq!(world.statuses(&["ann", "ben"]), ["REQUIRES_ACCEPTANCE", "REQUIRES_ACCEPTANCE"]);
    world.answer("ben", "ACCEPT").unwrap();
    assert_eq!(world.statuses(&["ann", "ben"]), ["COMPLETED", "COMPLETED"]);
    world.step(Duration::from_secs(10));
    assert_eq!(world.statuses(&["ann", "ben"]), ["COMPLETED", "COMPLETED"], "the time to accept is no matter any more");
    assert!(world.stop("ann").unwrap_err().contains("COMPLETED"));
}

#[rstest]
#[case::a_reject_ends_who_has_not_answered(SilentOnReject::Cancel, &[("ann", "REJECT")], ["CANCELLED", "CANCELLED"])]
#[case::or_lets_them_search(SilentOnReject::Search, &[("ann", "REJECT")], ["CANCELLED", "SEARCHING"])]
#[case::who_accepted_searches(SilentOnReject::Cancel, &[("ben", "ACCEPT"), ("ann", "REJECT")], ["CANCELLED", "SEARCHING"])]
#[case::the_last_answer_counts(SilentOnReject::Cancel, &[("ann", "ACCEPT"), ("ann", "REJECT")], ["CANCELLED", "CANCELLED"])]
#[case::time_ends_who_has_not_answered(SilentOnReject::Search, &[("ann", "ACCEPT")], ["SEARCHING", "CANCELLED"])]
#[case::all_of_them(SilentOnReject::Search, &[], ["CANCELLED", "CANCELLED"])]
fn a_match_that_not_all_accept_is_dissolved(
    #[case] silent_on_reject: SilentOnReject,
    #[case] answers: &[(&str, &str)],
    #[case] expected: [&str; 2],
) {
    let world = World::with_acceptance(Rules { silent_on_reject, ..Rules::default() });
    world.start("ann");
    world.start("ben");
    world.step(TICK);
    for (who, how) in answers {
        world.answer(who, how).unwrap();
    }
    if answers.iter().all(|(_, how)| *how == "ACCEPT") {
        world.step(Duration::from_secs(10) - Duration::from_millis(1));
        assert_eq!(world.statuses(&["ann", "ben"]), ["REQUIRES_ACCEPTANCE", "REQUIRES_ACCEPTANCE"]);
        world.step(Duration::from_millis(1));
    }
    assert_eq!(world.statuses(&["ann", "ben"]), expected);
    world.gamelift.with_state(|state| assert!(state.matches.is_empty()));
}
