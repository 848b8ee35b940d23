//! The flags that say who the players are.

use std::time::Duration;

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser, ValueParser},
    value_parser,
};
use identity::config::{DeniedPlayers, IssuerConfig, Mode, PlainHttp, Provider, parse_issuers};
use liftgate::{Players, gateway::IdentitySource};
use serde_json::json;
use shared::config::environment::{list, variable};

/// Who the players are.
#[derive(Debug, Args)]
pub(crate) struct PlayerFlags {
    /// How players are told apart: trust-body by the body's uuid, oidc by tokens of the issuers, sign-in by those and
    /// by tokens of `/sign_in`; refuse lets nobody in, as a deployment does where nothing is configured
    #[arg(long, value_name = "MODE", default_value = Mode::TrustBody.name(), value_parser = modes())]
    identity: Mode,

    /// An issuer whose tokens are taken, exactly as their claim `iss` has it; http only for this machine. Can be given
    /// several times
    #[arg(long = "issuer", value_name = "URL")]
    issuers: Vec<String>,

    /// Whom the issuer's tokens are for (`aud`), with commas between several. With several issuers, once for each, in
    /// their order
    #[arg(long = "audience", value_name = "NAME")]
    audiences: Vec<String>,

    /// What kind of issuer it is: `oidc` if left out. With several issuers, once for each, in their order
    #[arg(long = "provider", value_name = "PRESET", value_parser = providers())]
    providers: Vec<Provider>,

    /// Take `find_session` without a token
    #[arg(long)]
    public_search: bool,

    /// Seconds that the authorizer's answers are cached, by the Authorization header. As in API Gateway, a call
    /// without the header is then refused whatever the mode
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = value_parser!(u64).range(0..=3600))]
    authorizer_cache: u64,
}

fn modes() -> ValueParser {
    let named = |name: String| Mode::named(&name).ok_or("an unknown mode");
    PossibleValuesParser::new(Mode::ALL.map(Mode::name)).try_map(named).into()
}

fn providers() -> ValueParser {
    let named = |name: String| Provider::named(&name).ok_or("an unknown provider");
    PossibleValuesParser::new(Provider::ALL.map(Provider::name)).try_map(named).into()
}

/// Flags that do not make an issuer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IssuerError {
    /// Flags of which each issuer needs one.
    #[error(
        "there are {issuers} issuers, and {given} of {flag}: with several issuers, give it once for each, in their order."
    )]
    Count {
        /// The number of issuers.
        issuers: usize,
        /// The flag.
        flag: &'static str,
        /// How often it is given.
        given: usize,
    },
    /// Tokens of issuers, but no issuer.
    #[error("--identity oidc needs an issuer: add --issuer URL --audience NAME, or set LIFTGATE_ISSUERS.")]
    Nobody,
    /// An audience, but no issuer.
    #[error("--audience needs --issuer URL, or a --provider that has its own: whose tokens are for it?")]
    NoIssuer,
    /// A kind of issuer, but no issuer.
    #[error("--provider {0} needs --issuer URL, which the tokens have as `iss`.")]
    NoUrl(&'static str),
    /// An issuer beside a provider that has its own.
    #[error(
        "--provider {0} has its own issuer: leave --issuer out. To name several issuers of different kinds, set LIFTGATE_ISSUERS."
    )]
    Own(&'static str),
    /// An issuer whose tokens may be for anybody.
    #[error("{0} needs --audience NAME: whom its tokens are for (`aud`).")]
    NoAudience(String),
    /// A value that no issuer has.
    #[error("{0}")]
    Wrong(String),
    /// The variable.
    #[error("{}", .0.detail())]
    Variable(shared::Error),
}

impl PlayerFlags {
    /// Returns who the players are. Without `--issuer`, the issuers are those of `LIFTGATE_ISSUERS`.
    pub(crate) fn players(self) -> Result<Players, IssuerError> {
        let (mode, public_search) = (self.identity, self.public_search);
        let time = Duration::from_secs(self.authorizer_cache);
        let issuers = self.issuers()?;
        if mode == Mode::Oidc && issuers.is_empty() {
            return Err(IssuerError::Nobody);
        }
        Ok(Players {
            mode,
            denied: DeniedPlayers::from_env().map_err(IssuerError::Variable)?,
            public_search,
            identity_source: (!time.is_zero()).then(|| IdentitySource::authorization(time)),
            issuers,
        })
    }

    fn issuers(self) -> Result<Vec<IssuerConfig>, IssuerError> {
        // Some providers have the same issuer for everybody, and need none.
        let count = self.issuers.len().max(self.providers.len());
        if count == 0 {
            return match variable("LIFTGATE_ISSUERS") {
                _ if !self.audiences.is_empty() => Err(IssuerError::NoIssuer),
                Some(json) => parse_issuers(&json, PlainHttp::OnLoopback).map_err(IssuerError::Variable),
                None => Ok(Vec::new()),
            };
        }
        let one_each = |flag, given: usize| match given {
            0 => Ok(()),
            given if given == count => Ok(()),
            given => Err(IssuerError::Count { issuers: count, flag, given }),
        };
        self.fit_their_providers()?;
        one_each("--issuer", self.issuers.len())?;
        one_each("--provider", self.providers.len())?;
        let audiences: Vec<_> = match self.audiences.as_slice() {
            several if count == 1 => vec![several.iter().flat_map(|names| list(names)).collect::<Vec<_>>()],
            several => several.iter().map(|names| list(names)).collect(),
        };
        one_each("--audience", audiences.len())?;
        if let Some(index) = (0..count).find(|&index| audiences.get(index).is_none_or(Vec::is_empty)) {
            return Err(IssuerError::NoAudience(self.flag(index)));
        }
        let described = (0..count).map(|index| {
            let provider = self.providers.get(index).map_or(Provider::Oidc.name(), |provider| provider.name());
            json!({
                "provider": provider,
                "name": self.name(index, provider),
                "issuer": self.issuers.get(index),
                "audiences": audiences.get(index),
            })
        });
        let json = serde_json::Value::Array(described.collect()).to_string();
        parse_issuers(&json, PlainHttp::OnLoopback).map_err(|error| IssuerError::Wrong(self.told(error.detail())))
    }

    /// Refuses addresses beside a provider that has its own, and a provider that lacks one.
    fn fit_their_providers(&self) -> Result<(), IssuerError> {
        let of = |has_own| self.providers.iter().find(|provider| provider.has_own_issuer() == has_own);
        match (of(true), of(false)) {
            (Some(own), _) if !self.issuers.is_empty() => Err(IssuerError::Own(own.name())),
            (_, Some(other)) if self.issuers.is_empty() => Err(IssuerError::NoUrl(other.name())),
            _ => Ok(()),
        }
    }

    /// What is wrong with the variable's value that the flags make, in terms of the flags: nobody has set the variable.
    fn told(&self, detail: &str) -> String {
        let why = detail.strip_prefix("The environment variable LIFTGATE_ISSUERS ").unwrap_or(detail);
        let member = why.strip_prefix("has a wrong member: [").and_then(|member| member.split_once("]."));
        let member = member.and_then(|(index, rest)| Some((index.parse().ok()?, rest.split_once(' ')?)));
        match member {
            Some((index, ("issuer", why))) => format!("{} {why}", self.flag(index)),
            Some((_, ("audiences", why))) => format!("--audience {why}"),
            _ => format!("--issuer, --audience and --provider make a list of issuers that cannot be used: it {why}"),
        }
    }

    /// Returns the flag that names an issuer.
    fn flag(&self, index: usize) -> String {
        match self.issuers.get(index) {
            Some(url) => format!("--issuer {url}"),
            None => format!("--provider {}", self.providers[index].name()),
        }
    }

    /// Returns the name of an issuer, with which its players' ids begin if there are several: the provider's, and a
    /// number from its second issuer on.
    fn name(&self, index: usize, provider: &str) -> String {
        let same = |earlier: usize| self.providers.get(earlier).is_none_or(|other| other.name() == provider);
        match (0..index).filter(|&earlier| same(earlier)).count() {
            0 => provider.to_owned(),
            earlier => format!("{provider}-{}", earlier + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use identity::config::Issuers;
    use rstest::rstest;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        flags: PlayerFlags,
    }

    fn players(flags: &str) -> Result<Players, String> {
        let line = Line::try_parse_from(["liftgate"].into_iter().chain(flags.split_whitespace()));
        line.map_err(|error| error.to_string())?.flags.players().map_err(|error| error.to_string())
    }

    #[test]
    fn without_flags_the_body_is_trusted() {
        assert_eq!(format!("{:?}", players("").unwrap()), format!("{:?}", Players::default()));
    }

    #[test]
    fn every_mode_can_be_named() {
        for mode in Mode::ALL {
            let flags = format!("--identity {} --issuer https://id.example.com --audience a", mode.name());
            assert_eq!(players(&flags).unwrap().mode, mode);
        }
        assert!(players("--identity nobody").is_err());
    }

    #[test]
    fn one_issuer_has_all_audiences() {
        let players = players("--issuer https://id.example.com/ --audience a --audience b,c").unwrap();
        let [issuer] = players.issuers.as_slice() else { panic!("{players:?}") };
        assert_eq!(issuer.issuers, Issuers::Exactly(vec!["https://id.example.com/".to_owned()]));
        assert_eq!(
            (issuer.name.as_str(), issuer.audiences.as_slice()),
            ("oidc", ["a", "b", "c"].map(str::to_owned).as_slice())
        );
    }

    #[test]
    fn of_several_issuers_each_has_its_own_audience_and_provider() {
        let flags = "--issuer https://one.example --audience a,b --provider oidc \
                     --issuer https://two.example --audience c --provider cognito \
                     --issuer http://127.0.0.1:9 --audience d --provider oidc";
        let players = players(flags).unwrap();
        let seen: Vec<_> =
            players.issuers.iter().map(|issuer| (issuer.name.as_str(), issuer.audiences.join(" "))).collect();
        assert_eq!(seen, [("oidc", "a b".to_owned()), ("cognito", "c".to_owned()), ("oidc-2", "d".to_owned())]);
    }

    #[test]
    fn a_provider_with_one_issuer_needs_none() {
        let players = players("--provider google --audience web-client").unwrap();
        assert_eq!(players.issuers[0].name, "google");
    }

    #[test]
    fn cached_answers_have_the_authorization_header_as_their_source() {
        let source = players("--authorizer-cache 300").unwrap().identity_source;
        assert_eq!(source, Some(IdentitySource::authorization(Duration::from_secs(300))));
        assert!(players("--authorizer-cache 3601").is_err());
    }

    #[rstest]
    #[case::no_audience("--issuer https://id.example.com", "--issuer https://id.example.com needs --audience NAME")]
    #[case::no_audience_of_a_provider("--provider google", "--provider google needs --audience NAME")]
    #[case::empty_audience("--issuer https://id.example.com --audience ,", "needs --audience NAME")]
    #[case::no_url("--provider oidc --audience a", "--provider oidc needs --issuer URL")]
    #[case::own_issuer_and_another(
        "--provider google --audience web --issuer https://id.example.com --audience my-game",
        "set LIFTGATE_ISSUERS"
    )]
    #[case::nobody("--identity oidc", "--issuer URL --audience NAME")]
    #[case::no_issuer("--audience a", "--audience needs --issuer URL")]
    #[case::plain_http(
        "--issuer http://id.example.com --audience a",
        "--issuer http://id.example.com has to be the text that the issuer's tokens have as `iss`"
    )]
    #[case::plain_http_of_the_second(
        "--issuer https://a.example --audience a --issuer http://b.example --audience b",
        "--issuer http://b.example has to be the text"
    )]
    #[case::one_twice(
        "--issuer https://a.example --audience a --issuer https://a.example --audience a",
        "cannot be used: it has two issuers"
    )]
    #[case::two_but_one_audience(
        "--issuer https://a.example --issuer https://b.example --audience a",
        "1 of --audience"
    )]
    #[case::two_but_one_provider(
        "--issuer https://a.example --issuer https://b.example --audience a --audience b --provider oidc",
        "1 of --provider"
    )]
    #[case::unknown_provider("--provider steam --audience a", "eos-connect")]
    fn what_makes_no_issuer_is_refused_with_the_reason(#[case] flags: &str, #[case] reason: &str) {
        let error = players(flags).unwrap_err();
        assert!(error.contains(reason) && !error.contains("BACKEND_MISCONFIGURED"), "{error}");
        assert!(!error.contains("The environment variable"), "nobody has set one: {error}");
    }
}
