//! The slots that one player takes in game sessions of others.

use std::time::Duration;

use matchmaking::config::LimitConfig;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::limits::game::{Game, creation, id, limits, play, refused};

#[test]
fn a_player_holds_slots_in_five_game_sessions_of_others_at_most() {
    play(async |traffic| {
        let game = Game::with(limits(), |_| (), traffic).await;
        let (others, _connections) = game.hosted(7).await;
        let mut seats = Vec::new();
        for other in &others[..5] {
            seats.push(game.join("eve", other).await);
            sleep(Duration::from_secs(2)).await;
        }
        assert!(seats.iter().all(|seat| seat.status == 200), "{seats:?}");
        let wait = refused(&game.join("eve", &others[5]).await);
        assert!((48..=51).contains(&wait.as_secs()), "until the first slot times out: {wait:?}");
        // The slot that the player has is no other one.
        let again = game.join("eve", &others[0]).await;
        assert_eq!(again.json()["PlayerSessionId"], seats[0].json()["PlayerSessionId"]);
        // The search leads to one of these game sessions too.
        let found = game.call(&[], "find_or_create_session", creation("eve", json!({}))).await;
        assert!(found.status == 200 || refused(&found) > Duration::ZERO);
        // Who comes to a game session has a slot less that is not used.
        let _connection = game.enter(&seats[1]).await;
        assert_eq!(game.join("eve", &others[5]).await.status, 200);
        let wait = refused(&game.join("eve", &others[6]).await);
        sleep(wait).await;
        assert_eq!(game.join("eve", &others[6]).await.status, 200);
    });
}

#[test]
fn a_player_is_in_one_game_session_twice_at_most() {
    play(async |traffic| {
        let game = Game::with(limits(), |_| (), traffic).await;
        let (others, _connections) = game.hosted(1).await;
        // The game crashed, and its game server has not noticed.
        let crashed = game.enter(&game.join("eve", &others[0]).await).await;
        let back = game.call(&[], "join_session", json!({ "uuid": "eve" })).await;
        assert_eq!(id(&back), others[0]);
        let again = game.join("eve", &others[0]).await;
        assert_eq!(again.json()["PlayerSessionId"], back.json()["PlayerSessionId"], "the slot is reserved");
        let _back = game.enter(&back).await;
        for _ in 0..3 {
            let refusal = game.join("eve", &others[0]).await;
            assert_eq!((refused(&refusal), id(&refusal)), (Duration::from_secs(60), others[0].clone()));
        }
        // The search leads elsewhere.
        let found = game.find_or_create("eve", json!({})).await;
        assert!(found.status == 200 && id(&found) != others[0], "{found:?}");
        crashed.close(&game).await;
        assert_eq!(game.join("eve", &others[0]).await.status, 200);
    });
}

#[test]
fn a_player_who_enters_whatever_is_found_holds_four_slots() {
    play(async |traffic| {
        let game = Game::with(limits(), |_| (), traffic).await;
        let mut connections = Vec::new();
        for _ in 0..10 {
            let found = game.find_or_create("eve", json!({})).await;
            if found.status != 200 {
                refused(&found);
                continue;
            }
            connections.push(game.enter(&found).await);
            // A new game session is kept for its creator first.
            sleep(Duration::from_secs(2)).await;
        }
        assert_eq!((game.live().await, game.taken().await), (2, 4));
    });
}

#[test]
fn a_player_is_in_six_game_sessions_of_others_at_most() {
    play(async |traffic| {
        let game = Game::with(limits(), |_| (), traffic).await;
        let (others, _connections) = game.hosted(8).await;
        let mut own = Vec::new();
        for other in &others {
            let seat = game.join("eve", other).await;
            if seat.status == 200 {
                own.push(game.enter(&seat).await);
            } else {
                assert_eq!((own.len(), refused(&seat)), (6, Duration::from_secs(60)));
            }
        }
        assert_eq!(own.len(), 6);
        own.remove(0).close(&game).await;
        assert_eq!(game.join("eve", &others[7]).await.status, 200);
    });
}

#[test]
fn players_who_lead_each_other_in_turns_hold_as_many_slots_as_one_who_leads() {
    play(async |traffic| {
        let game = Game::with(limits(), |_| (), traffic).await;
        let (others, _connections) = game.hosted(8).await;
        let before = game.taken().await;
        let players = ["eve-0", "eve-1", "eve-2", "eve-3", "eve-4"];
        for turn in 0..players.len() {
            let mut party = players.to_vec();
            party.rotate_left(turn);
            for other in &others {
                let body = json!({ "uuid": party[0], "uuids": party, "GameSessionId": other });
                let answer = game.call(&[], "join_session", body).await;
                assert!(answer.status == 200 || refused(&answer) > Duration::ZERO);
            }
        }
        assert_eq!(game.taken().await - before, 25);
    });
}

#[test]
fn slots_that_a_leader_reserves_for_a_player_do_not_count_for_the_player() {
    play(async |traffic| {
        let game = Game::with(LimitConfig { max_unused_slots: 2, ..limits() }, |_| (), traffic).await;
        let (others, _connections) = game.hosted(5).await;
        let party = async |id: &str| {
            let body = json!({ "uuid": "eve", "uuids": ["victim"], "GameSessionId": id });
            game.call(&[], "join_session", body).await
        };
        assert_eq!(party(&others[0]).await.status, 200);
        assert_eq!(party(&others[1]).await.status, 200);
        refused(&party(&others[2]).await);
        // The slot of the party is the victim's to take, and joining another game session is too.
        let seat = game.join("victim", &others[0]).await;
        assert_eq!((seat.status, &seat.json()["PlayerData"]), (200, &Value::Null));
        assert_eq!(game.join("victim", &others[3]).await.status, 200);
        assert_eq!(game.join("victim", &others[4]).await.status, 200);
    });
}

#[test]
fn a_search_leads_into_no_sixth_game_session() {
    play(async |traffic| {
        let game = Game::with(LimitConfig { max_unused_slots: 1, ..limits() }, |_| (), traffic).await;
        let (others, _connections) = game.hosted(2).await;
        assert_eq!(game.join("eve", &others[0]).await.status, 200);
        let filter = json!({ "filter": { "sort": "emptiest" } });
        let find = async || game.call(&[], "find_or_create_session", creation("eve", filter.clone())).await;
        let wait = refused(&find().await);
        assert_eq!(game.live().await, 2, "none is started in its place");
        sleep(wait).await;
        assert_eq!(find().await.status, 200);
    });
}
