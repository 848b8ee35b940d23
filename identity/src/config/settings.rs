//! All settings of identity.

use shared::{
    claims::ClaimedAttribute,
    config::{
        environment::{switch, variable},
        rates::{STARTS, of_env, rate, starts_from_env},
    },
    error::Error,
    rate::Rate,
};

use crate::config::{
    denied::DeniedPlayers,
    issuers::{IssuerConfig, parse_issuers},
    url::PlainHttp,
};

/// How Liftgate learns who a player is: `LIFTGATE_IDENTITY`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Not at all: everybody is refused. The default, because a deployment that trusts everybody should be meant so.
    #[default]
    Refuse,
    /// By the body's `uuid`: anybody may play as anybody. A request with a token has to have a valid one.
    TrustBody,
    /// By the tokens of the configured issuers.
    Oidc,
    /// By Liftgate's own tokens, which the function `sign_in` hands out, and by those of the configured issuers.
    SignIn,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Self; 4] = [Self::Refuse, Self::TrustBody, Self::Oidc, Self::SignIn];

    /// The mode's name in `LIFTGATE_IDENTITY`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::TrustBody => "trust-body",
            Self::Oidc => "oidc",
            Self::SignIn => "sign-in",
        }
    }

    /// The mode with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

/// The API keys of usage plans over which players are spread by a hash: `LIFTGATE_PLAYER_BUCKETS` and
/// `LIFTGATE_BUCKET_PREFIX`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanKeys {
    /// The number of keys, 1 to 9999.
    pub count: u16,
    /// What each API key begins with.
    pub prefix: String,
}

/// How often one player, and one address without a player, may call. A rate of 0 is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlayerRates {
    /// `LIFTGATE_PLAYER_STARTS_PER_MINUTE`, `LIFTGATE_PLAYER_START_BURST`: of a player, for each of
    /// [`RouteId::STARTS`](shared::RouteId::STARTS), where both that start game sessions are counted together.
    pub starts: Rate,
    /// `LIFTGATE_PLAYER_REQUESTS_PER_MINUTE`, `LIFTGATE_PLAYER_REQUEST_BURST`: of a player, for all other routes
    /// together.
    pub requests: Rate,
    /// `LIFTGATE_GUEST_NETWORK_STARTS_PER_MINUTE`, `LIFTGATE_GUEST_NETWORK_START_BURST`: of all guests of one network,
    /// in the same way.
    pub guest_starts: Rate,
    /// `LIFTGATE_GUEST_NETWORK_REQUESTS_PER_MINUTE`, `LIFTGATE_GUEST_NETWORK_REQUEST_BURST`: of all guests of one
    /// network, for all other routes together, and for refreshes by themselves.
    pub guest_requests: Rate,
    /// `LIFTGATE_ADDRESS_SIGN_INS_PER_MINUTE`, `LIFTGATE_ADDRESS_SIGN_IN_BURST`: of an address, for `/sign_in` without
    /// a valid token of Liftgate's own.
    pub sign_ins: Rate,
    /// `LIFTGATE_ADDRESS_SEARCHES_PER_MINUTE`, `LIFTGATE_ADDRESS_SEARCH_BURST`: of an address, for searches without a
    /// token.
    pub searches: Rate,
}

impl PlayerRates {
    /// No limits.
    pub const OFF: Self = Self {
        starts: Rate::OFF,
        requests: Rate::OFF,
        guest_starts: Rate::OFF,
        guest_requests: Rate::OFF,
        sign_ins: Rate::OFF,
        searches: Rate::OFF,
    };

    fn from_env() -> Result<Self, Error> {
        let defaults = Self::default();
        Ok(Self {
            starts: starts_from_env()?,
            requests: rate(
                ["LIFTGATE_PLAYER_REQUESTS_PER_MINUTE", "LIFTGATE_PLAYER_REQUEST_BURST"].map(of_env),
                defaults.requests,
            )?,
            guest_starts: rate(
                ["LIFTGATE_GUEST_NETWORK_STARTS_PER_MINUTE", "LIFTGATE_GUEST_NETWORK_START_BURST"].map(of_env),
                defaults.guest_starts,
            )?,
            guest_requests: rate(
                ["LIFTGATE_GUEST_NETWORK_REQUESTS_PER_MINUTE", "LIFTGATE_GUEST_NETWORK_REQUEST_BURST"].map(of_env),
                defaults.guest_requests,
            )?,
            sign_ins: rate(
                ["LIFTGATE_ADDRESS_SIGN_INS_PER_MINUTE", "LIFTGATE_ADDRESS_SIGN_IN_BURST"].map(of_env),
                defaults.sign_ins,
            )?,
            searches: rate(
                ["LIFTGATE_ADDRESS_SEARCHES_PER_MINUTE", "LIFTGATE_ADDRESS_SEARCH_BURST"].map(of_env),
                defaults.searches,
            )?,
        })
    }
}

impl Default for PlayerRates {
    /// The defaults of template.yaml's parameters.
    fn default() -> Self {
        Self {
            starts: STARTS,
            requests: Rate::per_minute(60, 20),
            // A school class begins within a minute; its games repeat what was refused.
            guest_starts: Rate::per_minute(30, 20),
            guest_requests: Rate::per_minute(300, 60),
            sign_ins: Rate::per_minute(30, 20),
            // Those who search without a token may be many behind one address.
            searches: Rate::per_minute(300, 60),
        }
    }
}

/// Everything that decides who a player is. The local world makes it without the environment.
#[derive(Clone, Debug, Default)]
pub struct IdentityConfig {
    /// `LIFTGATE_IDENTITY`.
    pub mode: Mode,
    /// `LIFTGATE_ISSUERS`.
    pub issuers: Vec<IssuerConfig>,
    /// `LIFTGATE_ISSUER`: the name of Liftgate's own issuer, which [`Mode::SignIn`] needs.
    pub own_issuer: Option<String>,
    /// `LIFTGATE_MATCHMAKING_CLAIMS`: the attributes of players that matchmaking takes from the token's claims.
    pub attributes: Vec<ClaimedAttribute>,
    /// `LIFTGATE_DENIED_PLAYERS`: players who are refused whatever token they have.
    pub denied_players: DeniedPlayers,
    /// `LIFTGATE_PUBLIC_SEARCH`: whether `find_session` needs no token.
    pub public_search: bool,
    /// The keys of usage plans, if there are any.
    pub plan_keys: Option<PlanKeys>,
    /// How often one player may call.
    pub rates: PlayerRates,
    /// Whether key servers on this machine may be asked by plain http.
    pub plain_http: PlainHttp,
}

impl IdentityConfig {
    /// Reads the settings from the environment.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` for a value that cannot be used, with the correct form, and for a mode that lacks what
    /// it needs.
    pub fn from_env() -> Result<Self, Error> {
        let plain_http = PlainHttp::from_env();
        let config = Self {
            mode: match variable("LIFTGATE_IDENTITY") {
                Some(name) => Mode::named(&name).ok_or_else(|| {
                    Error::bad_variable("LIFTGATE_IDENTITY", "has to be refuse, trust-body, oidc or sign-in.")
                })?,
                None => Mode::default(),
            },
            issuers: match variable("LIFTGATE_ISSUERS") {
                Some(json) => parse_issuers(&json, plain_http)?,
                None => Vec::new(),
            },
            own_issuer: variable("LIFTGATE_ISSUER"),
            attributes: ClaimedAttribute::from_env()?,
            denied_players: DeniedPlayers::from_env()?,
            public_search: switch("LIFTGATE_PUBLIC_SEARCH")?.unwrap_or_default(),
            rates: PlayerRates::from_env()?,
            // The prefix has to be set, so it comes last: whoever reads all errors comes to the others.
            plan_keys: plan_keys(variable("LIFTGATE_PLAYER_BUCKETS"), variable("LIFTGATE_BUCKET_PREFIX"))?,
            plain_http,
        };
        config.checked()
    }

    /// These settings, if the mode has what it needs.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` with the variable that is missing or in the way.
    pub fn checked(self) -> Result<Self, Error> {
        match self.mode {
            Mode::Oidc if self.issuers.is_empty() => Err(Error::bad_variable(
                "LIFTGATE_ISSUERS",
                "has to name at least one issuer when LIFTGATE_IDENTITY is oidc, such as [{\"provider\":\"oidc\",\"issuer\":\"https://id.example.com\",\"audiences\":[\"my-game\"]}].",
            )),
            Mode::SignIn if self.own_issuer.is_none() => Err(Error::bad_variable(
                "LIFTGATE_ISSUER",
                "has to name Liftgate's own issuer when LIFTGATE_IDENTITY is sign-in, such as urn:liftgate:my-stack.",
            )),
            Mode::SignIn => match self.issuers.iter().find(|issuer| OWN_NAMES.contains(&issuer.name.as_str())) {
                Some(issuer) => Err(Error::bad_variable(
                    "LIFTGATE_ISSUERS",
                    format!(
                        "has the name {:?}, with which Liftgate's own players begin. Give the issuer another `name`.",
                        issuer.name
                    ),
                )),
                None => Ok(self),
            },
            _ => Ok(self),
        }
    }

    /// Whether the ids of an issuer's players begin with its name: as soon as two issuers could have the same one.
    pub fn has_prefixes(&self) -> bool {
        self.issuers.len() > 1 || self.mode == Mode::SignIn
    }
}

/// The names with which the ids of Liftgate's own issuer begin.
const OWN_NAMES: [&str; 2] = ["guest", "steam"];

fn plan_keys(count: Option<String>, prefix: Option<String>) -> Result<Option<PlanKeys>, Error> {
    let Some(count) = count else { return Ok(None) };
    let count = count.parse().ok().filter(|count| *count <= 9999).ok_or_else(|| {
        Error::bad_variable("LIFTGATE_PLAYER_BUCKETS", "has to be a number from 0 to 9999; 0 means none.")
    })?;
    if count == 0 {
        return Ok(None);
    }
    // API Gateway takes keys of 20 to 128 characters; the number has five of them.
    let fits = |prefix: &String| {
        (15..=100).contains(&prefix.len())
            && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    match prefix.filter(fits) {
        Some(prefix) => Ok(Some(PlanKeys { count, prefix })),
        None => Err(Error::bad_variable(
            "LIFTGATE_BUCKET_PREFIX",
            "has to have 15 to 100 letters, digits, hyphens or underscores when LIFTGATE_PLAYER_BUCKETS is set.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_settings_everybody_is_refused() {
        assert_eq!(IdentityConfig::default().mode, Mode::Refuse);
    }

    #[test]
    fn a_mode_without_what_it_needs_is_refused_with_the_variable() {
        for (mode, variable) in [(Mode::Oidc, "LIFTGATE_ISSUERS"), (Mode::SignIn, "LIFTGATE_ISSUER ")] {
            let error = IdentityConfig { mode, ..IdentityConfig::default() }.checked().unwrap_err();
            assert!(error.detail().contains(variable), "{error}");
        }
    }

    #[test]
    fn plan_keys_have_a_prefix_that_api_gateway_takes() {
        let prefix = || Some("liftgate-bucket-of-a-stack".to_owned());
        assert_eq!(plan_keys(None, prefix()).unwrap(), None);
        assert_eq!(plan_keys(Some("0".to_owned()), None).unwrap(), None);
        assert_eq!(plan_keys(Some("64".to_owned()), prefix()).unwrap().unwrap().count, 64);
        for (count, prefix) in [("64", None), ("64", Some("short")), ("many", None), ("10000", None), ("-1", None)] {
            assert!(plan_keys(Some(count.to_owned()), prefix.map(str::to_owned)).is_err(), "{count} {prefix:?}");
        }
    }
}
