//! A flood of requests without a good token: 300 a second on one route, by two who have no account. No rate of one
//! player holds them, so the route's own rate has to be far above what they send.

use bench::attackers::{attack::Attack, gate::Limits};

use crate::faults::attackers::{CROWD, OF_ONE_PLAYER, compare, fared, in_peace};

fn leaves_the_players_served(limits: Limits) {
    let attacked = fared(CROWD, &[Attack::NoToken], limits);
    compare(in_peace(), &attacked);
    let answers = &attacked.attackers;
    assert_eq!(answers.keys().collect::<Vec<_>>(), ["UNAUTHENTICATED of the authorizer"], "{answers:?}");
    assert!(answers.values().sum::<usize>() > 5000, "{answers:?}");
}

#[test]
fn requests_without_a_token_leave_the_players_served() {
    leaves_the_players_served(OF_ONE_PLAYER);
}

/// AWS does not say whether API Gateway counts a request for its route before the authorizer is asked.
#[test]
fn requests_without_a_token_leave_the_players_served_where_the_route_counts_first() {
    leaves_the_players_served(Limits { route_first: true, ..OF_ONE_PLAYER });
}
