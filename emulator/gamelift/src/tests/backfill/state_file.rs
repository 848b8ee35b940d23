//! Backfills in a state file.

use serde_json::{Value, json};

use crate::tests::{
    backfill::support::{Game, REPLACED},
    matchmaking::support::{TICK, end},
};

#[test]
fn a_backfill_goes_on_from_a_state_file() {
    let game = Game::new(json!({ "AcceptanceRequired": true, "AcceptanceTimeoutSeconds": 10 }));
    game.backfill("fill");
    game.world.start("cid");
    game.step(TICK);
    let file = game.world.gamelift.encode_state();
    game.world.gamelift.restore(game.world.gamelift.decode_state(&file.to_string()).unwrap());
    game.world.answer("cid", "ACCEPT").unwrap();
    assert_eq!(game.world.statuses(&["fill", "cid"]), ["COMPLETED", "COMPLETED"]);
    assert_eq!(game.slots_taken(), 3);

    game.world.gamelift.restore(game.world.gamelift.decode_state(&file.to_string()).unwrap());
    game.backfill("fill-2");
    assert_eq!(end(&game.world.ticket("fill")), REPLACED);
    assert_eq!(game.world.status("fill-2"), "QUEUED");
    for (place, value) in [
        ("/tickets/fill/backfill", Value::Null),
        ("/tickets/cid/backfill", json!({ "game_session": game.session, "is_automatic": false })),
    ] {
        let mut file = file.clone();
        *file.pointer_mut(place).unwrap() = value;
        assert!(game.world.gamelift.decode_state(&file.to_string()).is_err(), "{place}");
    }
    let mut two = file;
    let second = two["tickets"]["ann"].clone();
    two["tickets"]["ann"] = two["tickets"]["fill"].clone();
    for (member, value) in [
        ("id", json!("ann")),
        ("number", second["number"].clone()),
        ("status", json!("SEARCHING")),
        ("match_id", Value::Null),
    ] {
        two["tickets"]["ann"][member] = value;
    }
    let refused = game.world.gamelift.decode_state(&two.to_string()).err().unwrap();
    assert!(refused.contains("not the only backfill"), "{refused}");
}

#[test]
fn what_a_game_server_has_not_heard_outlives_the_emulator() {
    let game = Game::new(json!({}));
    game.backfill("fill");
    let Game { world, server, session } = game;
    let id = server.id().clone();
    drop(server);
    world.start("cid");
    world.step(TICK);
    world.gamelift.with_state(|_| ());
    assert_eq!(world.statuses(&["fill", "cid"]), ["COMPLETED", "COMPLETED"]);
    let file = world.gamelift.encode_state();
    world.gamelift.restore(world.gamelift.decode_state(&file.to_string()).unwrap());
    let mut game = Game::come_back(world, &id, session);
    let (reason, ticket, session) = game.update();
    assert_eq!((reason, ticket.as_str()), ("MATCHMAKING_DATA_UPDATED", "fill"));
    assert_eq!(serde_json::from_str::<Value>(&session.matchmaker_data.unwrap()).unwrap(), game.data());
    assert!(!game.has_update(), "it hears it once");

    let mut older = file;
    let of_process = |file: &mut Value| file["processes"][&id.0].take();
    let mut process = of_process(&mut older);
    let waiting = process.as_object_mut().unwrap().remove("undelivered").unwrap();
    older["processes"][&id.0] = process.clone();
    assert!(game.world.gamelift.decode_state(&older.to_string()).is_ok(), "an older emulator did not keep them");
    process["undelivered"] = json!(vec![waiting[0].clone(); 17]);
    older["processes"][&id.0] = process;
    let refused = game.world.gamelift.decode_state(&older.to_string()).err().unwrap();
    assert!(refused.contains("more pushes wait for process"), "{refused}");
}
