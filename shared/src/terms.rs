//! The terms of a client's call: how long the call has, how long the client waits for slow starts, and whether it may
//! repeat the call.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use lambda_http::{Request, http::header::HeaderName};
use tokio::time::Instant;

use crate::{
    deadline::Deadline,
    hash::hex_sha256,
    player::Player,
    request::{
        fields::Fields,
        members::{Member, Text},
    },
};

/// The header that identifies a call, so that it can be repeated.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The same header as the document describes it.
pub const KEY: Member<Text> = Member::text(
    "Idempotency-Key",
    1..=255,
    "Visible ASCII characters, such as a UUID. The same request of the same player with the same key is made once, and is answered with what came of it.",
);

/// The preferences of RFC 7240 that are understood.
pub const PREFERENCES: Member<Text> = Member::text(
    "Prefer",
    0..=usize::MAX,
    "respond-async or wait=<seconds>: the client does not wait longer for a start, and takes a 202.",
);

/// The header of RFC 7240; `respond-async` and `wait` are understood.
const PREFER: HeaderName = HeaderName::from_static("prefer");

/// How many tokens a key has: the first call's, and those of three replacements.
pub const ATTEMPTS: u8 = 4;

/// The longest token that GameLift takes.
const TOKEN_LENGTH: usize = 48;

/// The terms that the client sets beside the body.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The time by which the call has to be answered.
    pub deadline: Deadline,
    /// `Prefer`: how long the client waits for a start. After that it takes a 202.
    pub patience: Option<Deadline>,
    /// `Idempotency-Key`, 1 to 255 visible ASCII characters.
    pub key: Option<String>,
    /// The right to work with the key alone, where the store gives it.
    pub hold: Option<Hold>,
}

/// The right of a call to be the only one that works with its key, as long as it is renewed.
#[derive(Clone, Debug)]
pub struct Hold {
    /// Whether no call with the key has worked before.
    pub is_first: bool,
    until: Arc<Mutex<Instant>>,
}

impl Hold {
    /// A right for this time.
    pub fn new(is_first: bool, time: Duration) -> Self {
        Self { is_first, until: Arc::new(Mutex::new(Instant::now() + time)) }
    }

    /// It counts for this time from now on.
    pub fn renew(&self, time: Duration) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now() + time;
    }

    /// Whether it counts.
    pub fn is_valid(&self) -> bool {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) > Instant::now()
    }
}

impl Terms {
    /// Reads the headers. `fields` collects the errors. An unknown preference is no error, by RFC 7240.
    pub fn read(request: &Request, deadline: Deadline, fields: &mut Fields) -> Self {
        // The wait is limited first, because adding a huge one to the present time would overflow.
        let patience = patience(request).map(|wait| deadline.min(Deadline::after(wait.min(deadline.remaining()))));
        Self { deadline, patience, key: idempotency_key(request, fields), hold: None }
    }

    /// Whether the client can resume after this call, so that a game session that was started may stay.
    pub fn can_resume(&self) -> bool {
        self.patience.is_some() || self.key.is_some()
    }

    /// Whether the same call may be running elsewhere at this moment.
    pub fn may_have_twin(&self) -> bool {
        self.key.is_some() && !self.hold.as_ref().is_some_and(Hold::is_valid)
    }

    /// Whether a call with the key may have worked before.
    pub fn may_be_a_repeat(&self) -> bool {
        self.key.is_some() && !self.hold.as_ref().is_some_and(|hold| hold.is_first)
    }

    /// The token under which AWS knows the result of this call. With a key it is the same for every call of the
    /// player with that key; without one it is random. The first attempt with a key is 0; later ones replace results
    /// that ended before the player got them.
    pub fn token(&self, player: &Player, attempt: u8) -> String {
        match &self.key {
            Some(key) => hex_sha256(&[player.id().as_bytes(), key.as_bytes(), &[attempt]])[..TOKEN_LENGTH].to_owned(),
            None => uuid::Uuid::new_v4().to_string(),
        }
    }
}

/// How long the client waits, by all its `Prefer` headers; `None` for no limit.
fn patience(request: &Request) -> Option<Duration> {
    let headers = request.headers().get_all(PREFER);
    let preferences = headers.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    let mut patience = None;
    for preference in preferences {
        let preference = preference.split(';').next().unwrap_or_default();
        let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "respond-async" => patience = patience.or(Some(Duration::ZERO)),
            "wait" => {
                let seconds = value.trim().trim_matches('"').parse().ok().map(Duration::from_secs);
                patience = seconds.or(patience);
            }
            _ => {}
        }
    }
    patience
}

fn idempotency_key(request: &Request, fields: &mut Fields) -> Option<String> {
    let Some(value) = request.headers().get(IDEMPOTENCY_KEY) else {
        fields.refuse_as_header(KEY.name);
        return None;
    };
    let visible = value.to_str().ok().filter(|key| key.bytes().all(|byte| byte.is_ascii_graphic()));
    let key = visible.filter(|key| (KEY.takes.least..=KEY.takes.most).contains(&key.len()));
    if key.is_none() {
        let Text { least, most } = KEY.takes;
        fields.error(KEY.name, format_args!("takes {least} to {most} visible ASCII characters; a UUID is a good one"));
    }
    key.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use lambda_http::Body;
    use rstest::rstest;

    use super::*;
    use crate::{config::http::HttpConfig, error::Error};

    fn terms(headers: &[(&str, &str)]) -> Result<Terms, Error> {
        let mut request = Request::new(Body::Text("{}".to_owned()));
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            request.headers_mut().append(name, value.parse().unwrap());
        }
        let mut fields = Fields::of(&request).unwrap();
        let terms = Terms::read(&request, Deadline::after(Duration::from_secs(25)), &mut fields);
        fields.check().map(|()| terms)
    }

    #[rstest]
    #[case::none(&[], None)]
    #[case::at_once(&["respond-async"], Some(0))]
    #[case::a_while(&["wait=7"], Some(7))]
    #[case::both(&["respond-async, wait=7"], Some(7))]
    #[case::both_headers(&["wait=7", "respond-async"], Some(7))]
    #[case::parameter(&["Respond-Async; foo=\"a\""], Some(0))]
    #[case::longer_than_the_call(&["wait=3600"], Some(25))]
    #[case::longer_than_time(&["wait=18446744073709551615"], Some(25))]
    #[case::not_a_number(&["wait=long"], None)]
    #[case::something_else(&["return=minimal"], None)]
    #[tokio::test(start_paused = true)]
    async fn a_preference_limits_the_wait(#[case] prefer: &[&str], #[case] seconds: Option<u64>) {
        let headers: Vec<_> = prefer.iter().map(|value| ("Prefer", *value)).collect();
        let patience = terms(&headers).unwrap().patience.map(Deadline::remaining);
        assert_eq!(patience, seconds.map(Duration::from_secs));
    }

    #[rstest]
    #[case::uuid("c0c2a1a6-4a9c-4f3d-8a52-8f6f4f0f9a51", true)]
    #[case::longest(&"k".repeat(255), true)]
    #[case::too_long(&"k".repeat(256), false)]
    #[case::empty("", false)]
    #[case::blank("a key", false)]
    #[tokio::test(start_paused = true)]
    async fn a_key_is_visible_ascii(#[case] key: &str, #[case] taken: bool) {
        assert_eq!(terms(&[("Idempotency-Key", key)]).is_ok(), taken);
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_of_the_player_and_the_key() {
        let player = |id: &str| {
            let config = HttpConfig { trust_body_uuid: true, ..HttpConfig::default() };
            Player::identify(&Request::new(Body::Empty), Some(id.to_owned()), &config).unwrap()
        };
        let keyed = |key: &str| terms(&[("Idempotency-Key", key)]).unwrap();
        let token = keyed("a").token(&player("1"), 0);
        assert_eq!(token, keyed("a").token(&player("1"), 0));
        for other in [keyed("b").token(&player("1"), 0), keyed("a").token(&player("2"), 0)] {
            assert_ne!(token, other);
        }
        assert_ne!(token, keyed("a").token(&player("1"), 1));
        assert_eq!(token.len(), TOKEN_LENGTH);
        let without = terms(&[]).unwrap();
        assert_ne!(without.token(&player("1"), 0), without.token(&player("1"), 0));
    }
}
