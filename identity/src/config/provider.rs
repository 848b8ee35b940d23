//! What is known of each provider, so that nobody has to write it.

use jsonwebtoken::Algorithm;

/// A kind of issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// A user pool of Amazon Cognito.
    Cognito,
    /// Epic Online Services, game services: ID tokens of `EOS_Connect_CopyIdToken`. The subject is the Product User ID.
    EosConnect,
    /// Epic Online Services, Epic accounts: ID tokens of `EOS_Auth_CopyIdToken`. The subject is the Epic Account ID.
    EosAuth,
    /// Sign in with Apple.
    Apple,
    /// Google Identity.
    Google,
    /// Any other issuer that speaks OIDC.
    Oidc,
}

/// Which of Cognito's tokens a game sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenUse {
    /// The access token. It is the one that is made for APIs, and has no e-mail address in it.
    Access,
    /// The ID token.
    Id,
}

impl TokenUse {
    /// The value of the claim `token_use`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Id => "id",
        }
    }
}

impl Provider {
    /// Every provider.
    pub const ALL: [Self; 6] = [Self::Cognito, Self::EosConnect, Self::EosAuth, Self::Apple, Self::Google, Self::Oidc];

    /// The provider's name in `LIFTGATE_ISSUERS`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cognito => "cognito",
            Self::EosConnect => "eos-connect",
            Self::EosAuth => "eos-auth",
            Self::Apple => "apple",
            Self::Google => "google",
            Self::Oidc => "oidc",
        }
    }

    /// The provider with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.name() == name)
    }

    /// The issuers of a provider that has the same for everybody.
    pub(crate) const fn issuers(self) -> &'static [&'static str] {
        match self {
            Self::EosConnect | Self::EosAuth => &["https://api.epicgames.dev"],
            Self::Apple => &["https://appleid.apple.com"],
            // Google writes both.
            Self::Google => &["https://accounts.google.com", "accounts.google.com"],
            Self::Cognito | Self::Oidc => &[],
        }
    }

    /// Whether the provider has one issuer for everybody, so that none has to be named.
    pub const fn has_own_issuer(self) -> bool {
        !self.issuers().is_empty()
    }

    /// Whether a token's issuer only begins with the provider's: Epic documents no more.
    pub(crate) const fn is_prefix(self) -> bool {
        matches!(self, Self::EosConnect | Self::EosAuth)
    }

    /// The address of the keys of a provider that has the same for everybody.
    pub(crate) const fn jwks(self) -> Option<&'static str> {
        match self {
            Self::EosConnect => Some("https://api.epicgames.dev/auth/v1/oauth/jwks"),
            Self::EosAuth => Some("https://api.epicgames.dev/epic/oauth/v2/.well-known/jwks.json"),
            Self::Apple => Some("https://appleid.apple.com/auth/keys"),
            Self::Google => Some("https://www.googleapis.com/oauth2/v3/certs"),
            Self::Cognito | Self::Oidc => None,
        }
    }

    /// The algorithms that the provider signs with.
    pub(crate) const fn algorithms(self) -> &'static [Algorithm] {
        match self {
            Self::Oidc => &[Algorithm::RS256, Algorithm::ES256],
            _ => &[Algorithm::RS256],
        }
    }
}
