//! The lock of "one live search a player".

use store::records::{
    keys::IdempotencyKey,
    news::Status,
    starts::{NewTicket, Started},
    ticket::Kind,
    tickets::Heard,
};

use crate::{
    tickets::support::{news, plain, players, started},
    world::{World, begin, together},
};

pub(crate) async fn a_party_with_a_searching_member_changes_nothing(world: &World) {
    started(world, "t-1", &["bob"]).await;
    let party = players(&["ana", "bob", "cem"]);
    let key = IdempotencyKey { player: "ana", key: "k", request: "hash" };
    let new = NewTicket { key: Some(key), line: Some("line"), ..plain("t-2", &party) };
    let searching = Started::Searching { player: "bob".to_owned(), ticket: "t-1".to_owned() };
    assert_eq!(begin(&world.store, &new).await.unwrap(), searching);
    assert_eq!(world.store.ticket("t-2").await.unwrap(), None);
    assert_eq!(world.store.last_ticket_of("ana").await.unwrap(), None);
    assert_eq!(world.store.last_ticket_of("cem").await.unwrap(), None);
    assert!(world.store.first_in_line("line", 10).await.unwrap().is_empty());
    // The key is as good as unused.
    world.store.hear("t-1", &news(1, 0, Status::Cancelled)).await.unwrap();
    assert!(matches!(begin(&world.store, &new).await.unwrap(), Started::New(_)));
}

pub(crate) async fn of_many_parties_with_one_player_one_starts(world: &World) {
    let starts = together(20, |number| {
        let store = world.store.clone();
        async move {
            let players = vec![format!("p-{number}"), "ana".to_owned(), format!("q-{number}")];
            (number, begin(&store, &plain(&format!("t-{number}"), &players)).await.unwrap())
        }
    });
    let starts = starts.await;
    let winners: Vec<_> = starts.iter().filter(|(_, start)| matches!(start, Started::New(_))).collect();
    assert_eq!(winners.len(), 1, "{starts:?}");
    let winner = winners[0].0;
    for number in 0..20 {
        for player in [format!("p-{number}"), format!("q-{number}")] {
            let ticket = world.store.last_ticket_of(&player).await.unwrap();
            assert_eq!(ticket, (number == winner).then(|| format!("t-{number}")), "{player}");
        }
    }
    assert_eq!(world.store.last_ticket_of("ana").await.unwrap(), Some(format!("t-{winner}")));
}

pub(crate) async fn after_an_end_the_player_may_start_again(world: &World) {
    for (number, end) in
        [Status::Completed, Status::Failed, Status::Cancelled, Status::TimedOut].into_iter().enumerate()
    {
        let id = format!("t-{number}");
        started(world, &id, &["ana"]).await;
        let ana = players(&["ana"]);
        let again = begin(&world.store, &plain("t-x", &ana)).await.unwrap();
        assert_eq!(again, Started::Searching { player: "ana".to_owned(), ticket: id.clone() });
        world.store.hear(&id, &news(1, 0, end)).await.unwrap();
        let last = world.store.last_ticket_of("ana").await.unwrap();
        assert_eq!(last.as_deref(), Some(id.as_str()), "it says where the player was");
    }
    // Of many who start after an end, one does.
    let starts = together(20, |number| {
        let store = world.store.clone();
        async move { begin(&store, &plain(&format!("u-{number}"), &players(&["ana"]))).await.unwrap() }
    });
    let starts = starts.await;
    assert_eq!(starts.iter().filter(|start| matches!(start, Started::New(_))).count(), 1, "{starts:?}");
}

pub(crate) async fn a_placement_starts_beside_any_other_ticket(world: &World) {
    let (ana, both) = (players(&["ana"]), players(&["ana", "bob"]));
    let placement = |id: &'static str| NewTicket { kind: Kind::Placement, ..plain(id, &both) };
    let last = |player: &'static str| async move { world.store.last_ticket_of(player).await.unwrap() };
    assert!(matches!(begin(&world.store, &placement("p-1")).await.unwrap(), Started::New(_)));
    assert_eq!(begin(&world.store, &placement("p-1")).await.unwrap(), Started::Repeated("p-1".to_owned()));
    assert!(matches!(begin(&world.store, &placement("p-2")).await.unwrap(), Started::New(_)));
    assert_eq!(last("ana").await.as_deref(), Some("p-2"));
    // A search begins beside it, and is the lock then.
    started(world, "t-1", &["ana"]).await;
    assert!(matches!(begin(&world.store, &placement("p-3")).await.unwrap(), Started::New(_)));
    assert_eq!((last("ana").await.as_deref(), last("bob").await.as_deref()), (Some("t-1"), Some("p-3")));
    assert!(matches!(begin(&world.store, &plain("t-2", &ana)).await.unwrap(), Started::Searching { .. }));
    for id in ["p-1", "p-3"] {
        assert!(matches!(world.store.hear(id, &news(1, 0, Status::Completed)).await.unwrap(), Heard::New(_)));
        let again = begin(&world.store, &placement(id)).await.unwrap();
        assert!(matches!(again, Started::Repeated(_) | Started::IdUsed), "{again:?}");
    }
}

pub(crate) async fn a_ticket_that_a_player_has_left_behind_is_forgotten(world: &World) {
    let open = started(world, "t-1", &["ana", "bob"]).await;
    world.store.forget_last("ana", &open).await.unwrap();
    assert!(world.store.last_ticket_of("ana").await.unwrap().is_some(), "it is the lock of a search");
    world.store.hear("t-1", &news(1, 0, Status::Completed)).await.unwrap();
    let ended = world.store.ticket("t-1").await.unwrap().unwrap();
    world.store.forget_last("ana", &ended).await.unwrap();
    assert_eq!(world.store.last_ticket_of("ana").await.unwrap(), None);
    started(world, "t-2", &["bob"]).await;
    world.store.forget_last("bob", &ended).await.unwrap();
    assert_eq!(world.store.last_ticket_of("bob").await.unwrap().as_deref(), Some("t-2"), "it is not the last");
}
