//! Spreads players over the API keys of usage plans.

use crate::config::settings::PlanKeys;

/// The number of a player's key: the same for the same player in every environment. 0 if there are no keys.
///
/// The keys' prefix is a part of the hash, because no client ever sees it. Otherwise whoever can be many players, as
/// guests can, would find the one who shares a key with somebody else, and use that one up.
pub fn number(keys: &PlanKeys, player: &str) -> u32 {
    let hash = shared::hash::hex_sha256(&[keys.prefix.as_bytes(), player.as_bytes()]);
    let hash = u64::from_str_radix(&hash[..15], 16).unwrap_or_default();
    hash.checked_rem(keys.count.into()).and_then(|number| number.try_into().ok()).unwrap_or_default()
}

/// A player's API key.
pub(crate) fn key(keys: &PlanKeys, player: &str) -> String {
    format!("{}-{:04}", keys.prefix, number(keys, player))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(count: u16) -> PlanKeys {
        PlanKeys { count, prefix: "liftgate-bucket".to_owned() }
    }

    /// Another number would put players behind keys whose usage is another player's.
    #[test]
    fn a_player_stays_with_one_key() {
        assert_eq!(key(&keys(200), "player-1"), "liftgate-bucket-0109");
        assert_eq!(number(&keys(1), "player-1"), 0);
        assert_eq!(number(&keys(0), "player-1"), 0);
    }

    #[test]
    fn players_are_spread_over_all_keys() {
        let mut used: Vec<_> = (0..200).map(|index| number(&keys(16), &format!("player-{index}"))).collect();
        used.sort_unstable();
        used.dedup();
        assert_eq!(used, (0..16).collect::<Vec<_>>());
    }

    #[test]
    fn who_does_not_know_the_prefix_cannot_tell_which_players_share_a_key() {
        let other = PlanKeys { prefix: "another-prefix-1".to_owned(), ..keys(200) };
        let players: Vec<_> = (0..2000).map(|index| format!("player-{index}")).collect();
        let sharing = |keys: &PlanKeys| {
            let victim = number(keys, "victim");
            players.iter().filter(|player| number(keys, player) == victim).cloned().collect::<Vec<_>>()
        };
        let (here, there) = (sharing(&keys(200)), sharing(&other));
        assert!(!here.is_empty() && !there.is_empty());
        let both = here.iter().filter(|player| there.contains(player)).count();
        assert!(both < here.len().min(there.len()), "the same players share a key whatever the prefix is");
    }
}
