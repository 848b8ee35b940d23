//! Spreads players over the API keys of usage plans.

use crate::config::settings::PlanKeys;

/// The number of a player's key, below `count`: the same for the same player in every environment. 0 if there are no
/// keys.
pub fn number(player: &str, count: u32) -> u32 {
    let hash = shared::hash::hex_sha256(&[player.as_bytes()]);
    let hash = u64::from_str_radix(&hash[..15], 16).unwrap_or_default();
    hash.checked_rem(count.into()).and_then(|number| number.try_into().ok()).unwrap_or_default()
}

/// A player's API key.
pub(crate) fn key(keys: &PlanKeys, player: &str) -> String {
    format!("{}-{:04}", keys.prefix, number(player, keys.count.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Another number would put players behind keys whose usage is another player's.
    #[test]
    fn a_player_stays_with_one_key() {
        let keys = PlanKeys { count: 200, prefix: "liftgate-bucket".to_owned() };
        assert_eq!(key(&keys, "player-1"), "liftgate-bucket-0048");
        assert_eq!(number("player-1", 1), 0);
        assert_eq!(number("player-1", 0), 0);
    }

    #[test]
    fn players_are_spread_over_all_keys() {
        let mut used: Vec<_> = (0..200).map(|index| number(&format!("player-{index}"), 16)).collect();
        used.sort_unstable();
        used.dedup();
        assert_eq!(used, (0..16).collect::<Vec<_>>());
    }
}
