//! Invitations: a player's consent to be taken along in a party. The player fetches one, and the leader of the party
//! sends it with the call. So nobody reserves slots for players who did not ask for that.
//!
//! An invitation names nobody. It is the time until which it counts, whether it is for one leader, and a signature
//! (HMAC-SHA256) over these, the member and the leader. Whoever checks it knows whom the call names.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use aws_lc_rs::hmac;

use crate::{
    config::{
        environment::variable,
        secret::{LEAST_SECRET, is_too_short},
    },
    error::Error,
    hash::hex,
};

/// How long an invitation counts: long enough to hand it to the leader and to press the button, too short to keep.
pub const LIFETIME: Duration = Duration::from_secs(120);

/// The most characters of an invitation.
pub const MAX_LENGTH: usize = 128;

/// The variable with the key.
pub const VARIABLE: &str = "LIFTGATE_INVITATION_KEY";

/// Sets these signatures apart from others that a key may be used for.
const PURPOSE: &str = "liftgate-invitation-1";

/// The key with which invitations are signed: the same in all functions of a deployment.
#[derive(Clone)]
pub struct InvitationKey(hmac::Key);

impl InvitationKey {
    /// The key made from a secret text.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` for a text that could be guessed.
    pub fn new(secret: &str) -> Result<Self, Error> {
        if is_too_short(secret) {
            let why = format!("has to have {LEAST_SECRET} characters at least, all of them random.");
            return Err(Error::bad_variable(VARIABLE, why));
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes())))
    }

    /// The key that the environment has, if there is one.
    ///
    /// # Errors
    /// Those of [`InvitationKey::new`].
    pub fn from_env() -> Result<Option<Self>, Error> {
        variable(VARIABLE).as_deref().map(Self::new).transpose()
    }

    /// The error of a deployment without a key.
    pub fn missing() -> Error {
        Error::bad_variable(
            VARIABLE,
            "is not set. Set it to a random secret, the same for all functions. The stack does so where `MaxParty` is above 1 and `Identity` is not trust-body without an issuer.",
        )
    }

    /// The invitation by which `member` agrees to be taken along by `leader`, or by anybody who is given it.
    pub fn invite(&self, member: &str, leader: Option<&str>, now: SystemTime) -> String {
        let until = seconds(now + LIFETIME);
        let kind = if leader.is_some() { Kind::OneLeader } else { Kind::AnyLeader };
        let signature = hmac::sign(&self.0, &signed(until, kind, member, leader.unwrap_or_default()));
        format!("{}.{until}.{}", kind.as_str(), hex(signature.as_ref()))
    }

    /// Whether `invitation` is consent of `member` to be taken along by `leader`, and still counts.
    pub fn is_invited(&self, invitation: &str, member: &str, leader: &str, now: SystemTime) -> bool {
        let Some((kind, until, signature)) = parse(invitation) else { return false };
        let leader = if kind == Kind::OneLeader { leader } else { "" };
        seconds(now) < until && hmac::verify(&self.0, &signed(until, kind, member, leader), &signature).is_ok()
    }
}

/// Says nothing about the key.
impl fmt::Debug for InvitationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvitationKey").finish_non_exhaustive()
    }
}

/// For whom an invitation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// For the leader whom the member named.
    OneLeader,
    /// For whoever has it.
    AnyLeader,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::OneLeader => "one",
            Self::AnyLeader => "any",
        }
    }
}

/// The signed text. Each part's length stands before it, so that no two invitations have the same text.
fn signed(until: u64, kind: Kind, member: &str, leader: &str) -> Vec<u8> {
    let until = until.to_string();
    let mut text = Vec::new();
    for part in [PURPOSE, &until, kind.as_str(), member, leader] {
        text.extend((part.len() as u64).to_be_bytes());
        text.extend(part.as_bytes());
    }
    text
}

/// The parts of an invitation: its kind, until when it counts, and the signature.
fn parse(invitation: &str) -> Option<(Kind, u64, Vec<u8>)> {
    let mut parts = Some(invitation).filter(|text| text.len() <= MAX_LENGTH)?.split('.');
    let kind = match parts.next()? {
        "one" => Kind::OneLeader,
        "any" => Kind::AnyLeader,
        _ => return None,
    };
    let until = parts.next().filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()?;
    let signature = unhex(parts.next()?)?;
    parts.next().is_none().then_some((kind, until, signature))
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    if digits.len() != 64 || !digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok()).collect()
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn key() -> InvitationKey {
        InvitationKey::new(SECRET).unwrap()
    }

    fn now() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_795_238_420)
    }

    #[test]
    fn an_invitation_for_a_leader_counts_for_that_leader_alone() {
        let invitation = key().invite("member", Some("leader"), now());
        assert!(key().is_invited(&invitation, "member", "leader", now()));
        assert!(!key().is_invited(&invitation, "member", "other", now()));
        assert!(!key().is_invited(&invitation, "other", "leader", now()));
        assert!(!key().is_invited(&invitation, "leader", "member", now()));
    }

    #[test]
    fn an_invitation_without_a_leader_counts_for_whoever_has_it() {
        let invitation = key().invite("member", None, now());
        assert!(key().is_invited(&invitation, "member", "leader", now()));
        assert!(key().is_invited(&invitation, "member", "other", now()));
        assert!(!key().is_invited(&invitation, "other", "leader", now()));
    }

    #[test]
    fn an_invitation_counts_for_two_minutes() {
        let invitation = key().invite("member", None, now());
        let after = |seconds| key().is_invited(&invitation, "member", "leader", now() + Duration::from_secs(seconds));
        assert!(after(119) && !after(120) && !after(86_400));
    }

    #[test]
    fn an_invitation_of_another_deployment_does_not_count() {
        let other = InvitationKey::new(&SECRET.replace('0', "1")).unwrap();
        assert!(!key().is_invited(&other.invite("member", None, now()), "member", "leader", now()));
    }

    /// Each of these is one change away from an invitation that counts.
    #[test]
    fn a_changed_invitation_does_not_count() {
        let good = key().invite("member", Some("leader"), now());
        let (head, signature) = good.rsplit_once('.').unwrap();
        let until = head.split('.').nth(1).unwrap();
        let later = (until.parse::<u64>().unwrap() + 60).to_string();
        let changed = [
            good.replace("one.", "any."),
            good.replace(until, &later),
            good.replace(until, &format!("0{until}0")),
            good.replace(until, "18446744073709551616"),
            good.replace(until, &format!("+{until}")),
            format!("{head}.{}", signature.to_uppercase()),
            format!("{head}.{}", &signature[..62]),
            format!("{head}.{}", "0".repeat(64)),
            format!("{head}.{}", "é".repeat(32)),
            format!("{good}."),
            format!(" {good}"),
            head.to_owned(),
            String::new(),
            ".".repeat(200),
        ];
        for invitation in changed {
            assert!(!key().is_invited(&invitation, "member", "leader", now()), "{invitation}");
        }
        assert!(key().is_invited(&good, "member", "leader", now()));
        assert!(good.len() <= MAX_LENGTH);
    }

    #[test]
    fn the_boundary_between_two_ids_counts() {
        let invitation = key().invite("ab", Some("c"), now());
        assert!(!key().is_invited(&invitation, "a", "bc", now()));
    }

    #[test]
    fn a_key_that_could_be_guessed_is_refused_and_none_is_shown() {
        let error = InvitationKey::new("secret").unwrap_err();
        assert_eq!(error.code(), Code::BackendMisconfigured);
        assert!(error.detail().contains(VARIABLE));
        assert_eq!(format!("{:?}", key()), "InvitationKey { .. }");
    }
}
