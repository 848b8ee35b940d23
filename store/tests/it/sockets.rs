//! Sockets and their tokens.

use std::time::Duration;

use crate::world::{World, together};

const SECOND: Duration = Duration::from_secs(1);

async fn sockets(world: &World, player: &str) -> Vec<String> {
    world.store.sockets_of(player).await.unwrap()
}

/// Connects sockets one after the other, and returns those that are to be closed.
async fn connect(world: &World, player: &str, ids: &[&str], most: usize) -> Vec<String> {
    let mut closed = Vec::new();
    for id in ids {
        closed.extend(world.store.connect(player, id, most).await.unwrap().expect("it is the newest"));
        world.step(SECOND);
    }
    closed
}

pub(crate) async fn a_token_connects_once(world: &World) {
    let token = world.store.issue_token("ana", 60 * SECOND).await.unwrap();
    let other = world.store.issue_token("bob", 60 * SECOND).await.unwrap();
    assert!(token != other && token.len() >= 32, "nobody guesses one");
    let redeemed = together(20, |_| {
        let (store, token) = (world.store.clone(), token.clone());
        async move { store.redeem_token(&token).await.unwrap() }
    });
    let players: Vec<_> = redeemed.await.into_iter().flatten().collect();
    assert_eq!(players, ["ana"]);
    assert_eq!(world.store.redeem_token(&other).await.unwrap().as_deref(), Some("bob"));
    for token in ["", "made up", &"x".repeat(5000)] {
        assert_eq!(world.store.redeem_token(token).await.unwrap(), None);
    }
}

pub(crate) async fn a_token_is_good_for_its_time(world: &World) {
    let (early, late) = (world.store.issue_token("ana", 60 * SECOND), world.store.issue_token("ana", 60 * SECOND));
    let (early, late) = (early.await.unwrap(), late.await.unwrap());
    world.step(59 * SECOND);
    assert_eq!(world.store.redeem_token(&early).await.unwrap().as_deref(), Some("ana"));
    world.step(SECOND);
    assert_eq!(world.store.redeem_token(&late).await.unwrap(), None);
}

pub(crate) async fn a_player_has_several_sockets(world: &World) {
    assert!(connect(world, "ana", &["z=", "a="], 10).await.is_empty());
    assert!(connect(world, "ana#CONN", &["b="], 10).await.is_empty());
    assert_eq!(sockets(world, "ana").await, ["z=", "a="], "the oldest first");
    assert_eq!(sockets(world, "ana#CONN").await, ["b="]);
    assert!(sockets(world, "bob").await.is_empty());
    for (connection, player) in [("z=", Some("ana")), ("b=", Some("ana#CONN")), ("c=", None)] {
        assert_eq!(world.store.player_of(connection).await.unwrap().as_deref(), player);
    }
}

pub(crate) async fn a_closed_socket_is_forgotten(world: &World) {
    connect(world, "ana", &["a=", "b="], 10).await;
    for _ in 0..2 {
        world.store.disconnect("a=").await.unwrap();
        assert_eq!(sockets(world, "ana").await, ["b="]);
        assert_eq!(world.store.player_of("a=").await.unwrap(), None);
    }
    world.store.disconnect("never there").await.unwrap();
}

pub(crate) async fn the_oldest_sockets_beyond_the_limit_go(world: &World) {
    assert_eq!(connect(world, "ana", &["a", "b", "c", "d"], 3).await, ["a"]);
    world.store.disconnect("a").await.unwrap();
    assert_eq!(sockets(world, "ana").await, ["b", "c", "d"]);
    // Of many at once the newest stay, whoever comes first to closing the others.
    let count = world.at_once();
    let kept = together(count, |number| {
        let store = world.store.clone();
        async move {
            let beyond = store.connect("ana", &format!("s-{number:03}"), 3).await.unwrap();
            for old in beyond.iter().flatten() {
                store.disconnect(old).await.unwrap();
            }
            beyond.map(|_| number)
        }
    });
    let kept: Vec<_> = kept.await.into_iter().flatten().collect();
    let newest: Vec<_> = (count - 3..count).map(|number| format!("s-{number:03}")).collect();
    assert_eq!(sockets(world, "ana").await, newest);
    assert!((count - 3..count).all(|newest| kept.contains(&newest)), "{kept:?}");
}

pub(crate) async fn a_socket_is_not_told_to_close_itself(world: &World) {
    connect(world, "ana", &["a", "b", "c"], 3).await;
    // The clock of the machine that opens the next one is behind.
    world.step_back(10 * SECOND);
    assert_eq!(world.store.connect("ana", "d", 3).await.unwrap(), None, "it is refused");
    assert_eq!(sockets(world, "ana").await, ["a", "b", "c"]);
    assert_eq!(world.store.player_of("d").await.unwrap(), None);
}

pub(crate) async fn a_socket_that_is_being_opened_is_not_forgotten_as_gone(world: &World) {
    connect(world, "ana", &["a"], 3).await;
    world.step(28 * SECOND);
    world.store.forget_gone("a").await.unwrap();
    assert_eq!(sockets(world, "ana").await, ["a"]);
    world.step(SECOND);
    world.store.forget_gone("a").await.unwrap();
    assert!(sockets(world, "ana").await.is_empty());
    assert_eq!(world.store.player_of("a").await.unwrap(), None);
    world.store.forget_gone("never there").await.unwrap();
}

pub(crate) async fn a_socket_whose_close_was_not_told_goes(world: &World) {
    connect(world, "ana", &["a"], 10).await;
    world.step(2 * 60 * 60 * SECOND);
    assert_eq!(sockets(world, "ana").await, ["a"], "API Gateway may keep it for two hours");
    world.step(60 * 60 * SECOND);
    assert!(sockets(world, "ana").await.is_empty());
    assert_eq!(world.store.player_of("a").await.unwrap(), None);
    world.store.disconnect("a").await.unwrap();
}
