//! The settings that keep one player from spoiling it for all.

use shared::{
    Error,
    authorizer::MAX_PARTY,
    config::environment::{switch, variable},
    invitation::InvitationKey,
};

/// The limits per player. docs/fairness.md says which attack each of them holds.
#[derive(Clone, Debug)]
pub struct LimitConfig {
    /// `LIFTGATE_CREATOR_ID`: whether `CreateGameSession` is told who creates, as a hash of the player. GameLift then
    /// limits the game sessions per player. Left out: true.
    pub creator_id: bool,
    /// `LIFTGATE_MAX_UNCLAIMED_SESSIONS`: how many live game sessions a player may have started that no other
    /// player came to; 0 for any number, 4 at most. Left out: 2.
    pub max_unclaimed_sessions: usize,
    /// `LIFTGATE_MAX_UNUSED_SLOTS`: how many slots a player may have in other game sessions at the same time,
    /// reserved or in use, before joining another one. One that is in use does not count. 0 for any number, also in one
    /// game session, where a player has two slots at most otherwise; 100 at most. Left out: 5.
    pub max_unused_slots: usize,
    /// `LIFTGATE_MAX_PARTY`: the most players of a party, the caller included, 1 to 25. 1 switches parties off. Left
    /// out: 5.
    pub max_party: usize,
    /// `LIFTGATE_INVITATION_KEY`: the secret with which invitations into parties are signed, 32 characters at least.
    /// Left out: there are no invitations.
    pub invitation_key: Option<InvitationKey>,
}

/// The most game sessions that `LIFTGATE_MAX_UNCLAIMED_SESSIONS` takes. The check looks at game sessions one by
/// one, and all players share GameLift's 20 looks a second.
pub(crate) const MOST_UNCLAIMED: usize = 4;

const UNCLAIMED: &str = "LIFTGATE_MAX_UNCLAIMED_SESSIONS";

const SLOTS: &str = "LIFTGATE_MAX_UNUSED_SLOTS";

/// The most that `LIFTGATE_MAX_UNUSED_SLOTS` takes.
const MOST_UNUSED_SLOTS: usize = 100;

const PARTY: &str = "LIFTGATE_MAX_PARTY";

impl Default for LimitConfig {
    fn default() -> Self {
        Self { creator_id: true, max_unclaimed_sessions: 2, max_unused_slots: 5, max_party: 5, invitation_key: None }
    }
}

impl LimitConfig {
    /// No limits but GameLift's.
    pub fn none() -> Self {
        Self {
            creator_id: false,
            max_unclaimed_sessions: 0,
            max_unused_slots: 0,
            max_party: MAX_PARTY,
            invitation_key: None,
        }
    }

    /// The key of invitations.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` if there is none.
    pub fn invitation_key(self) -> Result<InvitationKey, Error> {
        self.invitation_key.ok_or_else(InvitationKey::missing)
    }

    /// Reads the settings from the environment.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` for a value that a variable does not take.
    pub fn from_env() -> Result<Self, Error> {
        Self::default().overridden_by_env()
    }

    /// These settings, overridden by the variables that are set.
    ///
    /// # Errors
    /// As [`LimitConfig::from_env`].
    pub fn overridden_by_env(self) -> Result<Self, Error> {
        let Self { creator_id, max_unclaimed_sessions, max_unused_slots, max_party, invitation_key } = self;
        Ok(Self {
            creator_id: switch("LIFTGATE_CREATOR_ID")?.unwrap_or(creator_id),
            max_unclaimed_sessions: match variable(UNCLAIMED) {
                Some(value) => number(UNCLAIMED, &value, 0, MOST_UNCLAIMED)?,
                None => max_unclaimed_sessions,
            },
            max_unused_slots: match variable(SLOTS) {
                Some(value) => number(SLOTS, &value, 0, MOST_UNUSED_SLOTS)?,
                None => max_unused_slots,
            },
            max_party: match variable(PARTY) {
                Some(value) => number(PARTY, &value, 1, MAX_PARTY)?,
                None => max_party,
            },
            invitation_key: InvitationKey::from_env()?.or(invitation_key),
        })
    }
}

fn number(name: &'static str, value: &str, least: usize, most: usize) -> Result<usize, Error> {
    let number = value.parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| Error::bad_variable(name, format!("takes a whole number from {least} to {most}.")))
}

#[cfg(test)]
mod tests {
    use shared::Code;

    use super::*;

    #[test]
    fn no_more_unclaimed_game_sessions_are_allowed_than_one_check_looks_at() {
        assert_eq!(number(UNCLAIMED, "4", 0, MOST_UNCLAIMED).unwrap(), 4);
        let error = number(UNCLAIMED, "5", 0, MOST_UNCLAIMED).unwrap_err();
        assert!(error.detail().contains("0 to 4"), "{error}");
    }

    #[test]
    fn a_number_out_of_range_is_named_with_its_range() {
        assert_eq!(number(PARTY, "25", 1, MAX_PARTY).unwrap(), 25);
        assert_eq!(number(UNCLAIMED, "0", 0, MOST_UNCLAIMED).unwrap(), 0);
        for bad in ["0", "26", "-1", "five", "2.5", ""] {
            let error = number(PARTY, bad, 1, MAX_PARTY).unwrap_err();
            assert_eq!(error.code(), Code::BackendMisconfigured);
            assert!(error.detail().contains("LIFTGATE_MAX_PARTY") && error.detail().contains("1 to 25"), "{error}");
        }
    }
}
