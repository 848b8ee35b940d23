//! Members that several operations share, with the constraints of GameLift's API model.
//!
//! A required member is an `Option` that garde requires. A request without it is then an `InvalidRequestException` that
//! lists the violations, not an undecodable body.
//!
//! Lengths count characters. A pattern of the model that is one bare character class is matched against the whole value
//! (inferred: AWS services do so); the others are taken as they stand.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use emulator_core::model::{error::ServiceError, exceptions::gamelift::invalid_request};
use garde::Validate;
use serde::{Deserialize, Serialize};

/// The reason why unwrapping a member with `#[garde(required)]` cannot fail in `Operation::run`.
pub(crate) const REQUIRED: &str = "an input is validated before it is run";

/// The most players in a game session: a quota that AWS does not raise.
pub(crate) const MAX_PLAYERS: i32 = 200;

/// The most game properties of a game session.
pub(crate) const MAX_PROPERTIES: usize = 16;

/// The page size without a `Limit`, and the largest one (both inferred, AWS does not say).
const DEFAULT_PAGE: usize = 100;
const MAX_PAGE: usize = 1024;

macro_rules! text {
    ($($(#[$doc:meta])* $name:ident($($rules:tt)*);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Deserialize, Validate)]
        #[serde(transparent)]
        #[garde(transparent)]
        pub(crate) struct $name(#[garde($($rules)*)] pub(crate) String);
    )*};
}

text! {
    FleetIdOrArn(
        length(chars, min = 1, max = 512),
        pattern(r"^[a-z]*fleet-[a-zA-Z0-9\-]+$|^arn:.*:[a-z]*fleet/[a-z]*fleet-[a-zA-Z0-9\-]+$")
    );
    FleetId(length(chars, min = 1, max = 128), pattern(r"^[a-z]*fleet-[a-zA-Z0-9\-]+$"));
    AliasIdOrArn(
        length(chars, min = 1, max = 512),
        pattern(r"^(alias-[^ \t\r\n]+|arn:.*:alias/alias-[^ \t\r\n]+)$")
    );
    AliasName(length(chars, min = 1, max = 1024), pattern(r"[^ \t\r\n]"));
    Location(length(chars, min = 1, max = 64), pattern(r"^[A-Za-z0-9\-]+$"));
    CustomLocationName(length(chars, min = 8, max = 64), pattern(r"^custom-[A-Za-z0-9\-]+$"));
    CustomLocationNameOrArn(
        length(chars, min = 1, max = 128),
        pattern(r"^(custom-[A-Za-z0-9\-]+|arn:.*:location/custom-[^ \t\r\n]+)$")
    );
    ComputeName(length(chars, min = 1, max = 128), pattern(r"^[a-zA-Z0-9\-]+(/[a-zA-Z0-9\-]+)?$"));
    ComputeNameOrArn(
        length(chars, max = 1024),
        pattern(
            r"^([a-zA-Z0-9\-]+(/[a-zA-Z0-9\-]+)?|arn:.*:compute/[a-zA-Z0-9\-]+(/[a-zA-Z0-9\-]+)?)$"
        )
    );
    DnsName(length(chars, min = 1, max = 256), pattern(r"^[0-9a-zA-Z_\-\.]+$"));
    IpAddress(length(chars, min = 1, max = 128), pattern(r"^[0-9A-Fa-f\:\.]+$"));
    MetricGroup(length(chars, min = 1, max = 255));
    /// A non-negative number.
    Cost(length(chars, min = 1, max = 11), pattern(r"^[0-9]{1,5}(\.[0-9]{1,5})?$"));
    Protection(pattern("^(NoProtection|FullProtection)$"));
    QueueName(length(chars, min = 1, max = 128), pattern("^[a-zA-Z0-9-]+$"));
    QueueNameOrArn(
        length(chars, min = 1, max = 256),
        pattern("^([a-zA-Z0-9-]+|arn:.*:gamesessionqueue/[a-zA-Z0-9-]+)$")
    );
    /// The name of a rule set or a matchmaking configuration. The model allows none at all; that is refused (inferred).
    MatchmakingName(length(chars, min = 1, max = 128), pattern(r"^[a-zA-Z0-9\-\.]+$"));
    RuleSetNameOrArn(
        length(chars, min = 1, max = 256),
        pattern(r"^([a-zA-Z0-9\-\.]*|arn:.*:matchmakingruleset/[a-zA-Z0-9\-\.]*)$")
    );
    ConfigurationNameOrArn(
        length(chars, min = 1, max = 256),
        pattern(r"^([a-zA-Z0-9\-\.]*|arn:.*:matchmakingconfiguration/[a-zA-Z0-9\-\.]*)$")
    );
    TicketId(length(chars, max = 128), pattern(r"^[a-zA-Z0-9\-\.]*$"));
    RuleSetText(length(chars, min = 1, max = 65_535));
    GroupName(length(chars, min = 1, max = 128), pattern(r"^[a-zA-Z0-9\-\.]+$"));
    GroupNameOrArn(
        length(chars, min = 1, max = 256),
        pattern(r"^([a-zA-Z0-9\-\.]+|arn:.*:gameservergroup/[a-zA-Z0-9\-\.]+)$")
    );
    RoleArn(length(chars, min = 1, max = 256), pattern(r"^arn:.*:role/[a-zA-Z0-9_+=,.@-]+"));
    GameServerId(length(chars, min = 3, max = 128), pattern(r"^[a-zA-Z0-9\-\.]+$"));
    InstanceId(length(chars, min = 19, max = 19), pattern(r"^i-[0-9a-zA-Z]{17}$"));
    ConnectionInfo(length(chars, min = 1, max = 512), pattern(r"[^ \t\r\n]"));
    GameServerData(length(chars, min = 1, max = 1024), pattern(r"[^ \t\r\n]"));
    TagKey(length(chars, min = 1, max = 128));
    TagValue(length(chars, max = 256));
    ResourceArn(length(chars, min = 1, max = 1011));
    /// Any text that is not empty: a name, a creator id, a filter.
    Text(length(chars, min = 1, max = 1024));
    /// The part of a game session id that the caller may choose.
    IdString(length(chars, min = 1, max = 48), pattern("^[a-zA-Z0-9-]+$"));
    Arn(length(chars, min = 1, max = 512), pattern("^[a-zA-Z0-9:/-]+$"));
    GameSessionArn(length(chars, min = 1, max = 512), pattern("^[a-zA-Z0-9:/-]+$"));
    GameSessionData(length(chars, min = 1, max = 262_144));
    CreationPolicy(pattern("^(ACCEPT_ALL|DENY_ALL)$"));
    PlayerId(length(chars, min = 1, max = 1024));
    PlayerData(length(chars, min = 1, max = 2048));
    PlayerSessionId(length(chars, min = 1, max = 128), pattern(r"^psess-[^ \t\r\n]+$"));
}

/// One member of `GameProperties`.
#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GameProperty {
    #[garde(required, length(chars, max = 32))]
    key: Option<String>,
    #[garde(required, length(chars, max = 96))]
    value: Option<String>,
}

/// Returns the properties by key.
///
/// # Errors
/// `InvalidRequestException` if a key occurs twice (inferred).
pub(crate) fn by_key(properties: Vec<GameProperty>) -> Result<BTreeMap<String, String>, ServiceError> {
    let mut by_key = BTreeMap::new();
    for GameProperty { key, value } in properties {
        let (key, value) = (key.expect(REQUIRED), value.expect(REQUIRED));
        if by_key.contains_key(&key) {
            return Err(invalid_request(format!("GameProperties has the key {key:?} more than once.")));
        }
        by_key.insert(key, value);
    }
    Ok(by_key)
}

/// One member of `Tags`.
#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    #[garde(required, dive)]
    key: Option<TagKey>,
    #[garde(required, dive)]
    value: Option<TagValue>,
}

/// The most tags in one request.
pub(crate) const MAX_TAGS: usize = 200;

/// Returns the tags by key.
///
/// # Errors
/// `InvalidRequestException` if a key occurs twice (inferred).
pub(crate) fn tags_by_key(tags: Option<Vec<Tag>>) -> Result<BTreeMap<String, String>, ServiceError> {
    let mut by_key = BTreeMap::new();
    for Tag { key, value } in tags.unwrap_or_default() {
        let (TagKey(key), TagValue(value)) = (key.expect(REQUIRED), value.expect(REQUIRED));
        if by_key.contains_key(&key) {
            return Err(invalid_request(format!("Tags has the key {key:?} more than once.")));
        }
        by_key.insert(key, value);
    }
    Ok(by_key)
}

/// The most results in one answer.
#[derive(Clone, Copy, Deserialize, Validate)]
#[serde(transparent)]
#[garde(transparent)]
pub(crate) struct Limit(#[garde(range(min = 1))] pub(crate) i32);

/// The start of the next page, opaque to the caller.
#[derive(Clone, Serialize, Deserialize, Validate)]
#[serde(transparent)]
#[garde(transparent)]
pub(crate) struct NextToken(#[garde(length(chars, min = 1, max = 1024))] String);

/// One page of a list.
pub(crate) struct Page {
    offset: usize,
    size: usize,
    /// The seed of a shuffled list: all its pages come from one order.
    pub(crate) seed: u64,
}

impl Page {
    /// Returns the page at `token`, or the first one with the given `seed`. The page is at most `most` items long.
    pub(crate) fn new(
        limit: Option<Limit>,
        token: Option<NextToken>,
        seed: u64,
        most: usize,
    ) -> Result<Self, ServiceError> {
        let size = limit.map_or(DEFAULT_PAGE, |limit| usize::try_from(limit.0).unwrap_or(MAX_PAGE)).min(most);
        let Some(NextToken(token)) = token else {
            return Ok(Self { offset: 0, size, seed });
        };
        let (offset, seed) = decode_token(&token).ok_or_else(foreign_token)?;
        Ok(Self { offset, size, seed })
    }

    /// Returns this page of `items`, and the token of the next page if there is one.
    pub(crate) fn cut<T>(&self, items: impl IntoIterator<Item = T>) -> (Vec<T>, Option<NextToken>) {
        let mut rest = items.into_iter().skip(self.offset);
        let page: Vec<T> = rest.by_ref().take(self.size).collect();
        let more = rest.next().is_some();
        (page, more.then(|| NextToken(format!("{:016x}{:016x}", self.offset + self.size, self.seed))))
    }
}

fn foreign_token() -> ServiceError {
    invalid_request("NextToken is not one that an earlier call returned.")
}

fn decode_token(token: &str) -> Option<(usize, u64)> {
    if token.len() != 32 || !token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let (offset, seed) = token.split_at(16);
    // The limit is far above the length of any list and far below an overflow.
    let offset = u32::from_str_radix(offset.strip_prefix("00000000")?, 16).ok()?;
    Some((usize::try_from(offset).ok()?, u64::from_str_radix(seed, 16).ok()?))
}

/// Returns the page of `items` that `limit` and `token` ask for.
pub(crate) fn paginate<T>(
    items: impl IntoIterator<Item = T>,
    limit: Option<Limit>,
    token: Option<NextToken>,
) -> Result<(Vec<T>, Option<NextToken>), ServiceError> {
    paginate_at_most(MAX_PAGE, items, limit, token)
}

/// Like [`paginate`], with at most `most` items a page.
pub(crate) fn paginate_at_most<T>(
    most: usize,
    items: impl IntoIterator<Item = T>,
    limit: Option<Limit>,
    token: Option<NextToken>,
) -> Result<(Vec<T>, Option<NextToken>), ServiceError> {
    // These lists are not shuffled. A hash of the item type takes the place of the seed: a token is only valid for
    // lists of the same type.
    let mut hasher = DefaultHasher::new();
    std::any::type_name::<T>().hash(&mut hasher);
    let kind = hasher.finish();
    let page = Page::new(limit, token, kind, most)?;
    if page.seed != kind {
        return Err(foreign_token());
    }
    Ok(page.cut(items))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_cover_the_list_once() {
        let mut token = None;
        let mut seen = Vec::new();
        loop {
            let (page, next) = paginate(0..7, Some(Limit(3)), token).unwrap();
            assert!(page.len() <= 3);
            seen.extend(page);
            token = next;
            if token.is_none() {
                break;
            }
        }
        assert_eq!(seen, (0..7).collect::<Vec<_>>());
        assert!(paginate(0..3, Some(Limit(3)), None).unwrap().1.is_none(), "no token without more");
    }

    #[test]
    fn a_token_of_another_list_is_refused() {
        let (_, token) = paginate(0..7, Some(Limit(3)), None).unwrap();
        assert!(paginate(["a", "b", "c", "d"], None, token.clone()).is_err());
        assert!(paginate(0..7, None, token).is_ok());
    }

    #[test]
    fn a_foreign_token_is_refused() {
        for token in ["x", "+0000000000000010000000000000000", "ffffffffffffffff0000000000000000"] {
            assert!(paginate(0..3, None, Some(NextToken(token.into()))).is_err(), "{token}");
        }
    }

    #[test]
    fn lengths_count_characters() {
        assert!(PlayerId("ä".repeat(1024)).validate().is_ok());
        assert!(PlayerId("ä".repeat(1025)).validate().is_err());
        assert!(PlayerId(String::new()).validate().is_err());
    }
}
