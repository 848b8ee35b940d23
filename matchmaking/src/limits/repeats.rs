//! The keys of refused starts that are no repeats.
//!
//! A player who may start no game session may still go on with one by its `Idempotency-Key`. Finding out costs a look at
//! each target. So a key that has led nowhere is remembered for as long as what was seen of a fleet, and so many keys of
//! a player are looked at within that time. With one key, or with a made-up one each time, a client that is refused and
//! asks again costs no more than one without a key.

use std::time::Duration;

use shared::{player::Player, recent::Recent};

/// How long a key is remembered. Nothing starts under it meanwhile: the player may start nothing.
const MEMORY: Duration = Duration::from_secs(1);

/// How many keys of a player are looked at within that time: the one of a start under way, and another.
const MOST_KEYS: u32 = 2;

/// How many keys are remembered, of all players.
const MOST_REMEMBERED: usize = 256;

/// The keys that have led nowhere.
#[derive(Debug)]
pub(crate) struct Repeats {
    /// A player's key, and how many of the player's were remembered with it.
    none: Recent<(Player, String), u32>,
}

impl Repeats {
    pub(crate) fn new() -> Self {
        Self { none: Recent::new(MOST_REMEMBERED) }
    }

    /// Whether it is worth a look what the player has started with this key.
    pub(crate) fn may_be(&self, player: &Player, key: &str) -> bool {
        let is_known = self.none.find(|(known, known_key)| known == player && known_key == key).is_some();
        !is_known && self.count(player) < MOST_KEYS
    }

    /// Remembers that the player has started nothing with this key that still lives.
    pub(crate) fn keep_none(&self, player: &Player, key: &str) {
        let count = self.count(player) + 1;
        self.none.keep((player.clone(), key.to_owned()), count, MEMORY);
    }

    fn count(&self, player: &Player) -> u32 {
        self.none.find(|(known, _)| known == player).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use shared::config::HttpConfig;
    use tokio::time::advance;

    use super::*;

    fn player(id: &str) -> Player {
        let trusting = HttpConfig { trust_body_uuid: true, ..HttpConfig::default() };
        Player::identify(&lambda_http::Request::default(), Some(id.to_owned()), &trusting).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_that_led_nowhere_is_looked_at_once_a_second() {
        let (repeats, ann, ben) = (Repeats::new(), player("ann"), player("ben"));
        repeats.keep_none(&ann, "one");
        assert!(!repeats.may_be(&ann, "one"));
        assert!(repeats.may_be(&ann, "two") && repeats.may_be(&ben, "one"));
        advance(MEMORY).await;
        assert!(repeats.may_be(&ann, "one"));
    }

    #[tokio::test(start_paused = true)]
    async fn made_up_keys_are_no_way_around_it() {
        let (repeats, ann, ben) = (Repeats::new(), player("ann"), player("ben"));
        let looks = |player: &Player| {
            let keys = (0..25).map(|number| number.to_string());
            keys.filter(|key| repeats.may_be(player, key)).inspect(|key| repeats.keep_none(player, key)).count()
        };
        assert_eq!((looks(&ann), looks(&ben), looks(&ann)), (2, 2, 0));
        advance(MEMORY).await;
        assert_eq!(looks(&ann), 2);
    }
}
