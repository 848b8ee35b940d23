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
