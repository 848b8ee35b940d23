//! The shared search's lists, compared with those of GameLift's own filter language as the emulator reads it.

use std::{collections::BTreeSet, time::Duration};

use aws::gamelift::{CreateGameSession, CreatePlayerSessions, NewGameSession, Target};
use aws_sdk_gamelift::{Client, types::GameSession};
use gamelift_emulator::{Clock, Settings};
use matchmaking::search::{Asked, Criteria, Manner, Page, SharedSearch, Sort, page};
use proptest::{prelude::*, sample::select, strategy::ValueTree as _, test_runner::TestRunner};
use shared::deadline::Deadline;
use testing::emulator::{self, client};

/// Two of GameLift's pages, and a third that is not full.
const SESSIONS: usize = 45;

/// Texts that a filter language could misread.
const TEXTS: [&str; 8] = ["a", "A", "a'", "a\\", "' OR 'a'='a", "a\" b", "ä🎮", "a' AND NOT ("];

const KEYS: [&str; 3] = ["map", "Map", "game-mode_2"];

fn wishes() -> impl Strategy<Value = Vec<(String, String)>> {
    let text = || select(TEXTS.to_vec());
    let name = proptest::option::weighted(0.3, text());
    let properties = proptest::collection::vec((select(KEYS.to_vec()), text()), 0..3);
    let slots = proptest::option::weighted(0.5, 1..=4);
    let location = proptest::option::weighted(0.3, Just(Settings::LOCATION));
    let sort = select(vec!["newest", "fullest", "emptiest"]);
    (name, properties, slots, location, sort).prop_map(|(name, properties, slots, location, sort)| {
        let mut wishes = vec![("sort".to_owned(), sort.to_owned())];
        wishes.extend(name.map(|name| ("name".to_owned(), name.to_owned())));
        wishes.extend(slots.map(|slots: i32| ("min_free_slots".to_owned(), slots.to_string())));
        wishes.extend(location.map(|location| ("location".to_owned(), location.to_owned())));
        for (key, value) in properties {
            let key = format!("property.{key}");
            if !wishes.iter().any(|(known, _)| *known == key) {
                wishes.push((key, value.to_owned()));
            }
        }
        wishes
    })
}

async fn create(gamelift: &Client, target: &Target, number: usize) {
    let text = |step: usize| TEXTS[number / step % TEXTS.len()];
    let properties: Vec<_> = KEYS.iter().take(number % 4).map(|key| ((*key).to_owned(), text(3).to_owned())).collect();
    let new = NewGameSession {
        idempotency_token: &format!("token-{number}"),
        target,
        name: text(1),
        maximum_player_session_count: 4,
        game_properties: &properties,
        game_session_data: None,
        creator_id: None,
    };
    CreateGameSession::create_game_session(gamelift, &new).await.unwrap();
}

fn found(page: &Page) -> BTreeSet<&str> {
    page.sessions.iter().filter_map(GameSession::game_session_id).collect()
}

#[tokio::test]
async fn every_list_is_the_one_that_gamelifts_filter_gives() {
    let settings = Settings {
        game_servers: SESSIONS.try_into().unwrap(),
        activation_delay: Duration::ZERO,
        ..Settings::default()
    };
    let (_emulator, endpoint) = emulator::start(&settings, Clock::new(1.0)).await;
    let gamelift = client(&endpoint).await;
    let home = Target { fleet: Settings::FLEET_ID.to_owned(), location: Some(Settings::LOCATION.to_owned()) };
    for number in 0..SESSIONS {
        create(&gamelift, &home, number).await;
    }
    let targets = [Target { location: None, ..home }];
    let manner = Manner { hold: Duration::ZERO, is_look: false };
    let by_gamelift = async |criteria: &Criteria| {
        page(&gamelift, &targets, criteria, manner, 100, None, Deadline::after(Duration::from_secs(12))).await.unwrap()
    };
    let all = loop {
        let all = by_gamelift(&Criteria::any(Sort::Newest)).await;
        if all.sessions.len() == SESSIONS {
            break all;
        }
    };
    for (number, session) in all.sessions.iter().enumerate() {
        let players: Vec<_> = (0..number % 5).map(|player| format!("player-{player}")).collect();
        if !players.is_empty() {
            let id = session.game_session_id().unwrap();
            CreatePlayerSessions::create_player_sessions(&gamelift, id, &players, "player-0").await.unwrap();
        }
    }
    let (shared, mut runner, mut hits) = (SharedSearch::new(), TestRunner::deterministic(), 0);
    for _ in 0..150 {
        let wishes = wishes().new_tree(&mut runner).unwrap().current();
        let criteria = Criteria::read(wishes, Sort::Newest).unwrap();
        let asked = Asked { criteria: &criteria, limit: 100, next_token: None };
        let deadline = Deadline::after(Duration::from_secs(12));
        let ours = shared.page(&gamelift, &targets, asked, Duration::ZERO, deadline).await.unwrap();
        let theirs = by_gamelift(&criteria).await;
        assert_eq!(found(&ours), found(&theirs), "{criteria:?}");
        assert!(ours.sessions.is_sorted_by(|one, other| criteria.sort.compare(one, other).is_le()), "{criteria:?}");
        assert_eq!((ours.next_token, ours.left_out), (None, 0));
        hits += usize::from(!theirs.sessions.is_empty());
    }
    assert!((40..140).contains(&hits), "{hits} lists with game sessions prove something");
}
