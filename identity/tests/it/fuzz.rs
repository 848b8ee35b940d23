//! Fuzzing: whatever a header and a set of keys hold, there is a decision and no panic; and what was changed in a good
//! token is never let in as somebody else. The tokens are of two issuers: Liftgate's own, with ES256, and another one,
//! with RSA and `EdDSA`. A key of one never signs for the other.
//!
//! `LIFTGATE_FUZZ_SECONDS` makes it longer, `LIFTGATE_FUZZ_SEED` repeats a failure.

use std::{
    env,
    time::{Duration, Instant},
};

use identity::authorizer::{Authorizer, Decision};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner},
};
use serde_json::{Value, json};
use testing::tokens::{Signer, Token};
use tokio::runtime::{Builder, Runtime};

use crate::world::{Keys, START, authorizer, decide, own_token, try_authorizer};

/// How many cases a short run has.
const CASES: u32 = 2000;

/// The other issuer.
const ISSUER: &str = "https://id.example.com";

/// A good token by its key: `Own` is of Liftgate's own issuer, the others are of [`ISSUER`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Own,
    Rsa,
    EdDsa,
}

impl Of {
    const ALL: [Self; 3] = [Self::Own, Self::Rsa, Self::EdDsa];

    fn token(self) -> Token {
        match self {
            Self::Own => own_token(self.kid()),
            Self::Rsa | Self::EdDsa => Token::new(ISSUER, "game", self.kid(), "0123").begun_at(START),
        }
    }

    fn kid(self) -> &'static str {
        match self {
            Self::Own => "a",
            Self::Rsa => "key-rsa",
            Self::EdDsa => "key-eddsa",
        }
    }

    /// The player of a token with this subject.
    fn player(self, sub: Option<&str>) -> Option<String> {
        match self {
            Self::Own => Some(sub.unwrap_or("guest:0123").to_owned()),
            Self::Rsa | Self::EdDsa => Some(format!("oidc:{}", sub.unwrap_or("0123"))),
        }
    }

    fn has_the_issuer_of(self, other: Self) -> bool {
        (self == Self::Own) == (other == Self::Own)
    }
}

/// One request, and the set of keys that its issuer has.
#[derive(Clone, Debug)]
enum Case {
    /// A header of anything.
    Header(String),
    /// A good token with bytes changed, put in or taken out.
    Bytes(Of, Vec<(usize, u8, u8)>),
    /// A good token with other members, signed well by the first's key, or by another's that it then names.
    Members(Of, Of, Vec<(bool, String, Value)>),
    /// A good token, and a set of keys with other members.
    Keys(Of, Vec<(String, Value)>, bool),
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        "[A-Za-z0-9_-]{0,90}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-z]{1,5}", inner, 0..4)
                .prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

fn case() -> impl Strategy<Value = Case> {
    let name = prop::sample::select(vec![
        "alg",
        "kid",
        "typ",
        "crit",
        "b64",
        "iss",
        "sub",
        "aud",
        "exp",
        "iat",
        "nbf",
        "azp",
        "jwk",
        "x5c",
        "token_use",
        "scope",
    ])
    .prop_map(str::to_owned);
    let member = prop::sample::select(vec!["kty", "crv", "x", "y", "n", "e", "alg", "use", "key_ops", "kid", "k", "d"])
        .prop_map(str::to_owned);
    let of = || prop::sample::select(Of::ALL.to_vec());
    prop_oneof![
        "(Bearer |bearer |Basic |)[A-Za-z0-9_.=+/ -]{0,200}".prop_map(Case::Header),
        ".{0,200}".prop_map(Case::Header),
        "Bearer ([A-Za-z0-9_-]{0,60}\\.){0,4}[A-Za-z0-9_-]{0,60}".prop_map(Case::Header),
        (of(), prop::collection::vec((any::<usize>(), any::<u8>(), 0_u8..3), 1..6))
            .prop_map(|(of, edits)| Case::Bytes(of, edits)),
        (of(), of(), any::<bool>(), prop::collection::vec((any::<bool>(), name, value()), 0..4))
            .prop_map(|(of, by, is_crossed, members)| Case::Members(of, if is_crossed { by } else { of }, members)),
        (of(), prop::collection::vec((member, value()), 0..4), any::<bool>())
            .prop_map(|(of, members, whole)| Case::Keys(of, members, whole)),
    ]
}

/// What the cases share.
struct World {
    runtime: Runtime,
    /// The keys, in the order of [`Of::ALL`].
    signers: [Signer; 3],
    authorizer: Authorizer,
}

impl World {
    fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let signers = [Signer::p256(), Signer::rsa(), Signer::ed25519()];
        let own = Keys::new(&[signers[0].jwk(Of::Own.kid())]);
        let theirs = json!({ "keys": [signers[1].jwk(Of::Rsa.kid()), signers[2].jwk(Of::EdDsa.kid())] });
        let authorizer = runtime.block_on(async { authorizer(&own, Some(&issuers(&theirs))) });
        Self { runtime, signers, authorizer }
    }

    fn signer(&self, of: Of) -> &Signer {
        &self.signers[of as usize]
    }

    fn good(&self, of: Of) -> String {
        of.token().sign(self.signer(of))
    }

    fn decide(&self, authorizer: &Authorizer, authorization: &str) -> Decision {
        self.runtime.block_on(decide(authorizer, authorization))
    }

    fn check(&self, case: &Case) {
        match case {
            Case::Header(header) => {
                let decision = self.decide(&self.authorizer, header);
                assert!(matches!(decision, Decision::Refuse { .. }), "{decision:?}");
            }
            Case::Bytes(of, edits) => {
                let good = self.good(*of);
                let token = edited(&good, edits);
                let decision = self.decide(&self.authorizer, &format!("Bearer {token}"));
                // Nothing but the signature can be written in two ways, and here not even that.
                assert!(token == good || matches!(decision, Decision::Refuse { .. }), "{decision:?}");
            }
            Case::Members(of, by, members) => self.members(*of, *by, members),
            Case::Keys(of, members, is_alone) => self.keys(*of, members, *is_alone),
        }
    }

    fn members(&self, of: Of, by: Of, members: &[(bool, String, Value)]) {
        let token = members.iter().fold(of.token().header("kid", by.kid()), |token, (is_header, name, value)| {
            if *is_header { token.header(name, value.clone()) } else { token.claim(name, value.clone()) }
        });
        let sub = members.iter().rev().find(|(is_header, name, _)| !is_header && name == "sub");
        let expected = match sub {
            Some((_, _, value)) => value.as_str().and_then(|sub| of.player(Some(sub))),
            None => of.player(None),
        };
        match self.decide(&self.authorizer, &format!("Bearer {}", token.sign(self.signer(by)))) {
            Decision::Allow { player, .. } => {
                assert!(of.has_the_issuer_of(by), "{by:?} has signed for the other issuer");
                assert_eq!(player, expected);
            }
            Decision::Refuse { .. } => {
                assert!(!of.has_the_issuer_of(by) || !members.is_empty(), "a good token of {of:?} is refused");
            }
            Decision::RateLimited => panic!("nobody is limited here"),
            Decision::KeysUnavailable => panic!("the keys are there"),
        }
    }

    fn keys(&self, of: Of, members: &[(String, Value)], is_alone: bool) {
        let mut strange = self.signer(of).jwk(of.kid());
        for (name, value) in members {
            strange[name] = value.clone();
        }
        let mut entries = vec![strange];
        if !is_alone {
            entries.push(Signer::p256().jwk("b"));
        }
        let document = if members.is_empty() { json!(entries) } else { json!({ "keys": entries }) };
        let own = Keys::new(&[Signer::p256().jwk("b")]);
        let made = self.runtime.block_on(async {
            if of == Of::Own {
                own.answer(Ok(document));
                return try_authorizer(&own, None);
            }
            try_authorizer(&own, Some(&issuers(&document)))
        });
        // Keys in the configuration that cannot be used are refused there.
        let Ok(authorizer) = made else {
            assert_ne!(of, Of::Own, "the keys are asked for later");
            return;
        };
        if let Decision::Allow { player, .. } = self.decide(&authorizer, &format!("Bearer {}", self.good(of))) {
            assert_eq!(player, of.player(None));
        }
    }
}

/// The other issuer's settings, with its keys.
fn issuers(keys: &Value) -> String {
    let issuer = json!({ "provider": "oidc", "issuer": ISSUER, "audiences": ["game"], "jwks": keys,
        "algorithms": ["RS256", "EdDSA", "ES256"] });
    json!([issuer]).to_string()
}

fn edited(token: &str, edits: &[(usize, u8, u8)]) -> String {
    let mut bytes = token.as_bytes().to_vec();
    for (place, byte, kind) in edits {
        let place = place % bytes.len().max(1);
        match kind {
            0 => bytes[place] = *byte,
            1 => bytes.insert(place, *byte),
            _ => drop(bytes.remove(place)),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
#[expect(clippy::print_stdout, reason = "a long run tells how many cases it had")]
fn whatever_comes_there_is_a_decision() {
    let number =
        |name: &str| env::var(name).ok().filter(|text| !text.is_empty()).map(|text| text.parse::<u64>().unwrap());
    let seconds = number("LIFTGATE_FUZZ_SECONDS").map(Duration::from_secs);
    let first = number("LIFTGATE_FUZZ_SEED").unwrap_or(12);
    let (world, begun, mut done) = (World::new(), Instant::now(), 0);
    for seed in first.. {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
        let result = runner.run(&case(), |case| {
            world.check(&case);
            Ok(())
        });
        if let Err(TestError::Fail(reason, case)) = result {
            panic!("{reason}\nLIFTGATE_FUZZ_SEED={seed} has it.\n{case:#?}");
        }
        done += CASES;
        if seconds.is_none_or(|seconds| begun.elapsed() >= seconds) {
            break;
        }
    }
    println!("{done} cases in {:?}", begun.elapsed());
}
