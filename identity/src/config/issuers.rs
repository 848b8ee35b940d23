//! The issuers whose tokens are believed: the JSON of `LIFTGATE_ISSUERS`.

use jsonwebtoken::Algorithm;
use serde_json::Value;
use shared::{authorizer::CLAIMS, error::Error};

use crate::config::{
    fields::Fields,
    provider::{Provider, TokenUse},
    url::{self, PlainHttp},
};

const VARIABLE: &str = "LIFTGATE_ISSUERS";

/// The most issuers. Each has keys to load at the start of a function.
const MOST: usize = 10;

/// The members of an issuer.
const KNOWN: [&str; 14] = [
    "provider",
    "issuer",
    "audiences",
    "name",
    "jwks",
    "algorithms",
    "typ",
    "claims",
    "party_claim",
    "max_token_seconds",
    "clients",
    "token_use",
    "deployments",
    "sandboxes",
];

/// The names of context members that claims must not take.
const RESERVED: [&str; 8] =
    ["liftgate", "principalId", "party", CLAIMS, "detail", "claims", "integrationLatency", "usageIdentifierKey"];

/// The longest life of a token that is believed, if nothing else is configured: a day and an hour.
const MAX_TOKEN_SECONDS: u64 = 25 * 60 * 60;

/// The texts that `iss` of a token may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Issuers {
    /// Exactly one of these.
    Exactly(Vec<String>),
    /// This one, or a path below it.
    Below(String),
}

impl Issuers {
    /// Whether `iss` is one of them.
    pub fn has(&self, iss: &str) -> bool {
        match self {
            Self::Exactly(issuers) => issuers.iter().any(|issuer| issuer == iss),
            // A path has to begin behind it, because https://api.epicgames.dev.evil.example begins the same.
            Self::Below(issuer) => {
                iss.strip_prefix(issuer.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
        }
    }

    /// Whether an `iss` could be one of both.
    fn overlap(&self, other: &Self) -> bool {
        match self {
            Self::Exactly(issuers) => issuers.iter().any(|issuer| other.has(issuer)),
            Self::Below(issuer) => match other {
                Self::Exactly(_) => other.overlap(self),
                Self::Below(of_other) => self.has(of_other) || other.has(issuer),
            },
        }
    }
}

/// Where an issuer's keys are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeysFrom {
    /// At this address.
    Url(String),
    /// At the address that the issuer's discovery document names.
    Discovery(String),
    /// In the configuration.
    Pinned(Value),
}

/// An issuer whose tokens are believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerConfig {
    /// The kind of issuer.
    pub provider: Provider,
    /// What its players' ids begin with where there are several issuers.
    pub name: String,
    /// What `iss` has to be.
    pub issuers: Issuers,
    /// Of these, `aud` has to name one. For Cognito's access tokens, `client_id` has to be one.
    pub audiences: Vec<String>,
    /// Where the keys are.
    pub keys: KeysFrom,
    /// The algorithms that a token may be signed with.
    pub algorithms: Vec<Algorithm>,
    /// The values of `typ` that a token may have, in lower case; the empty text is for a token without `typ`.
    pub typ: Vec<String>,
    /// The claims that are passed on to the functions.
    pub claims: Vec<String>,
    /// The claim that names the members of the player's party.
    pub party_claim: Option<String>,
    /// The longest life of a token.
    pub max_token_seconds: u64,
    /// The clients that may have asked for the token (`azp`). Empty: those in `audiences`.
    pub clients: Vec<String>,
    /// Cognito: which of its tokens.
    pub token_use: Option<TokenUse>,
    /// EOS Connect: the deployments (`pfdid`). Empty: any of the client's.
    pub deployments: Vec<String>,
    /// EOS Connect: the sandboxes (`pfsid`). Empty: any.
    pub sandboxes: Vec<String>,
}

impl IssuerConfig {
    /// Whether a token of one player could be taken for both issuers, and by one subject. Epic's two kinds of accounts
    /// have different subjects.
    fn is_of_the_same_players(&self, other: &Self) -> bool {
        let has_epic_accounts = |issuer: &Self| issuer.provider == Provider::EosAuth;
        self.issuers.overlap(&other.issuers)
            && self.audiences.iter().any(|audience| other.audiences.contains(audience))
            && has_epic_accounts(self) == has_epic_accounts(other)
    }
}

/// Reads the JSON of `LIFTGATE_ISSUERS`.
///
/// # Errors
/// `BACKEND_MISCONFIGURED` for what cannot be used. It names the member and its correct form.
pub fn parse_issuers(json: &str, plain: PlainHttp) -> Result<Vec<IssuerConfig>, Error> {
    let wrong = |why: String| Error::bad_variable(VARIABLE, why);
    let form = "has to be a JSON array with an object an issuer, such as [{\"provider\":\"cognito\",\"issuer\":\"https://cognito-idp.us-west-2.amazonaws.com/us-west-2_AbCdEf123\",\"audiences\":[\"<app client id>\"]}]";
    let items = match serde_json::from_str(json) {
        Ok(Value::Array(items)) => items,
        Ok(_) => return Err(wrong(format!("{form}."))),
        Err(error) => return Err(wrong(format!("{form}. It is no JSON: {error}."))),
    };
    if items.len() > MOST {
        return Err(wrong(format!("has {} issuers. At most {MOST} are possible.", items.len())));
    }
    let mut issuers: Vec<IssuerConfig> = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        let Value::Object(members) = item else { return Err(wrong(format!("{form}. [{index}] is no object."))) };
        let fields = Fields::new(VARIABLE, format!("[{index}]"), members).only(&KNOWN)?;
        let issuer = issuer(fields, plain)?;
        if issuers.iter().any(|other| other.name == issuer.name) {
            return Err(wrong(format!(
                "has two issuers with the name {:?}. Give one of them another `name`, such as \"name\":\"other\": their players' ids begin with it.",
                issuer.name
            )));
        }
        if let Some(other) = issuers.iter().find(|other| other.is_of_the_same_players(&issuer)) {
            return Err(wrong(format!(
                "has two issuers, {:?} and {:?}, with one `iss` and an audience in common: a player of both would have two ids, and a ban of one would not be one of the other. Make them one issuer, with all audiences.",
                other.name, issuer.name
            )));
        }
        issuers.push(issuer);
    }
    Ok(issuers)
}

fn issuer(mut fields: Fields, plain: PlainHttp) -> Result<IssuerConfig, Error> {
    let names = Provider::ALL.map(Provider::name).join(", ");
    let provider = fields.text("provider")?.and_then(|name| Provider::named(&name));
    let provider = provider.ok_or_else(|| fields.error("provider", format!("has to be one of {names}")))?;
    let given = fields.text("issuer")?;
    let issuers = allowed_issuers(&fields, provider, given.as_deref(), plain)?;
    let keys = keys(&mut fields, provider, given.as_deref(), plain)?;
    let audiences = fields.texts("audiences")?;
    let audiences = audiences.ok_or_else(|| fields.error("audiences", audiences_of(provider)))?;
    let token_use = token_use(&mut fields, provider)?;
    let (deployments, sandboxes) = deployments(&mut fields, provider)?;
    let (claims, party_claim) = claims(&mut fields)?;
    let issuer = IssuerConfig {
        provider,
        name: name(&mut fields, provider)?,
        issuers,
        audiences,
        keys,
        algorithms: algorithms(&mut fields, provider)?,
        typ: typ(&mut fields)?,
        claims,
        party_claim,
        max_token_seconds: fields.number("max_token_seconds", 60..=31 * 86_400)?.unwrap_or(MAX_TOKEN_SECONDS),
        clients: fields.texts("clients")?.unwrap_or_default(),
        token_use,
        deployments,
        sandboxes,
    };
    fields.finish()?;
    Ok(issuer)
}

/// The rest of a sentence about `audiences`.
const fn audiences_of(provider: Provider) -> &'static str {
    match provider {
        Provider::Cognito => {
            "is missing: the ids of the app clients of the user pool, such as [\"1h57kf5cpq17m0eml12EXAMPLE\"]"
        }
        Provider::EosConnect | Provider::EosAuth => {
            "is missing: the client ids of the game in Epic's Developer Portal, such as [\"xyza7891EXAMPLE\"]"
        }
        Provider::Apple => "is missing: the bundle ids and Services ids of the game, such as [\"com.example.game\"]",
        Provider::Google => {
            "is missing: the OAuth client ids of the game, such as [\"1234-abc.apps.googleusercontent.com\"]"
        }
        Provider::Oidc => {
            "is missing: what the issuer writes into `aud` of tokens for this game, such as [\"https://api.example.com\"]"
        }
    }
}

fn allowed_issuers(
    fields: &Fields,
    provider: Provider,
    given: Option<&str>,
    plain: PlainHttp,
) -> Result<Issuers, Error> {
    let preset = provider.issuers();
    let right = match (given, preset) {
        (None, [only]) if provider.is_prefix() => Some(Issuers::Below((*only).to_owned())),
        (None, [_, ..]) => Some(Issuers::Exactly(preset.iter().map(|&issuer| issuer.to_owned()).collect())),
        (None, []) => None,
        (Some(given), _) => url::parse(given, plain)
            .filter(|uri| uri.query().is_none())
            .map(|_| Issuers::Exactly(vec![given.to_owned()])),
    };
    right.ok_or_else(|| match provider {
        Provider::Cognito => fields.error(
            "issuer",
            "has to be the address of the user pool, such as https://cognito-idp.us-west-2.amazonaws.com/us-west-2_AbCdEf123",
        ),
        _ => fields.error(
            "issuer",
            format!(
                "has to be the text that the issuer's tokens have as `iss`, to the letter (a slash at the end counts): {}",
                url::FORM
            ),
        ),
    })
}

fn keys(fields: &mut Fields, provider: Provider, issuer: Option<&str>, plain: PlainHttp) -> Result<KeysFrom, Error> {
    match (fields.value("jwks"), issuer) {
        (Some(Value::String(address)), _) if url::parse(&address, plain).is_some() => Ok(KeysFrom::Url(address)),
        (Some(pinned @ Value::Object(_)), _) if pinned["keys"].is_array() => Ok(KeysFrom::Pinned(pinned)),
        (Some(_), _) => {
            Err(fields.error("jwks", format!("has to be {}, or the keys themselves as {{\"keys\":[...]}}", url::FORM)))
        }
        // `issuer` of a provider with one for everybody is there for tests, and for another spelling.
        (None, issuer) => match (provider.jwks(), issuer) {
            (Some(preset), _) => Ok(KeysFrom::Url(preset.to_owned())),
            (None, Some(issuer)) if provider == Provider::Cognito => {
                Ok(KeysFrom::Url(format!("{issuer}/.well-known/jwks.json")))
            }
            (None, issuer) => Ok(KeysFrom::Discovery(issuer.unwrap_or_default().to_owned())),
        },
    }
}

fn name(fields: &mut Fields, provider: Provider) -> Result<String, Error> {
    let name = fields.text("name")?.unwrap_or_else(|| provider.name().to_owned());
    let takes = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.len() <= 32 && name.bytes().all(takes) {
        return Ok(name);
    }
    Err(fields.error("name", "has to have 1 to 32 lower-case letters, digits or hyphens"))
}

/// The algorithms with a public key. With the others, everybody who can check a token could make one.
const ALGORITHMS: [(&str, Algorithm); 9] = [
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
    ("PS256", Algorithm::PS256),
    ("PS384", Algorithm::PS384),
    ("PS512", Algorithm::PS512),
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("EdDSA", Algorithm::EdDSA),
];

fn algorithms(fields: &mut Fields, provider: Provider) -> Result<Vec<Algorithm>, Error> {
    let Some(names) = fields.texts("algorithms")? else { return Ok(provider.algorithms().to_vec()) };
    let named = |name: &String| ALGORITHMS.iter().find(|(known, _)| known == name).map(|(_, algorithm)| *algorithm);
    names.iter().map(named).collect::<Option<_>>().ok_or_else(|| {
        let known = ALGORITHMS.map(|(name, _)| name).join(", ");
        fields.error("algorithms", format!("has to be an array of {known}"))
    })
}

/// `typ` in the one form in which types are compared: lower case, without `application/`.
pub(crate) fn normal_typ(typ: &str) -> String {
    let typ = typ.to_ascii_lowercase();
    typ.strip_prefix("application/").map(str::to_owned).unwrap_or(typ)
}

fn typ(fields: &mut Fields) -> Result<Vec<String>, Error> {
    Ok(match fields.texts("typ")? {
        Some(types) => types.iter().map(|typ| normal_typ(typ)).collect(),
        None => vec![String::new(), "jwt".to_owned()],
    })
}

fn token_use(fields: &mut Fields, provider: Provider) -> Result<Option<TokenUse>, Error> {
    if provider != Provider::Cognito {
        return Ok(None);
    }
    match fields.text("token_use")?.as_deref() {
        None | Some("access") => Ok(Some(TokenUse::Access)),
        Some("id") => Ok(Some(TokenUse::Id)),
        Some(_) => {
            Err(fields
                .error("token_use", "has to be access (the default) or id: which of Cognito's tokens the game sends"))
        }
    }
}

fn deployments(fields: &mut Fields, provider: Provider) -> Result<(Vec<String>, Vec<String>), Error> {
    if provider != Provider::EosConnect {
        return Ok((Vec::new(), Vec::new()));
    }
    Ok((fields.texts("deployments")?.unwrap_or_default(), fields.texts("sandboxes")?.unwrap_or_default()))
}

fn claims(fields: &mut Fields) -> Result<(Vec<String>, Option<String>), Error> {
    let claims = fields.texts("claims")?.unwrap_or_default();
    // API Gateway makes a variable of each: `$context.authorizer.<name>`.
    let is_name = |name: &str| {
        name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':'))
    };
    if let Some(name) = claims.iter().find(|name| !is_name(name) || RESERVED.contains(&name.as_str())) {
        return Err(fields.error(
            "claims",
            format!(
                "has {name:?}: a claim that is passed on has a name of letters, digits, _, - and :, and none of {}",
                RESERVED.join(", ")
            ),
        ));
    }
    Ok((claims, fields.text("party_claim")?))
}

#[cfg(test)]
mod tests;
