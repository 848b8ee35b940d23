//! Fuzzing: whatever a header and a set of keys hold, there is a decision and no panic; and what was changed in a good
//! token is never let in as somebody else.
//!
//! `LIFTGATE_FUZZ_SECONDS` makes it longer, `LIFTGATE_FUZZ_SEED` repeats a failure.

use std::{
    env,
    sync::Arc,
    time::{Duration, Instant},
};

use identity::authorizer::{Authorizer, Decision};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner},
};
use serde_json::{Value, json};
use testing::tokens::Signer;
use tokio::runtime::{Builder, Runtime};

use crate::world::{Keys, authorizer, decide, own_token};

/// How many cases a short run has.
const CASES: u32 = 2000;

/// One request, and the set of keys that its issuer has.
#[derive(Clone, Debug)]
enum Case {
    /// A header of anything.
    Header(String),
    /// A good token with bytes changed, put in or taken out.
    Bytes(Vec<(usize, u8, u8)>),
    /// A good token with other members, well signed.
    Members(Vec<(bool, String, Value)>),
    /// A good token, and a set of keys with other members.
    Keys(Vec<(String, Value)>, bool),
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
    prop_oneof![
        "(Bearer |bearer |Basic |)[A-Za-z0-9_.=+/ -]{0,200}".prop_map(Case::Header),
        ".{0,200}".prop_map(Case::Header),
        "Bearer ([A-Za-z0-9_-]{0,60}\\.){0,4}[A-Za-z0-9_-]{0,60}".prop_map(Case::Header),
        prop::collection::vec((any::<usize>(), any::<u8>(), 0_u8..3), 1..6).prop_map(Case::Bytes),
        prop::collection::vec((any::<bool>(), name, value()), 1..4).prop_map(Case::Members),
        (prop::collection::vec((member, value()), 0..4), any::<bool>())
            .prop_map(|(members, whole)| Case::Keys(members, whole)),
    ]
}

/// What the cases share.
struct World {
    runtime: Runtime,
    signer: Signer,
    good: String,
    authorizer: Authorizer,
}

impl World {
    fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let signer = Signer::p256();
        let keys = Keys::new(&[signer.jwk("a")]);
        let authorizer = runtime.block_on(async { authorizer(&keys, None) });
        Self { good: own_token("a").sign(&signer), runtime, signer, authorizer }
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
            Case::Bytes(edits) => {
                let token = edited(&self.good, edits);
                let decision = self.decide(&self.authorizer, &format!("Bearer {token}"));
                // Nothing but the signature can be written in two ways, and here not even that.
                assert!(token == self.good || matches!(decision, Decision::Refuse { .. }), "{decision:?}");
            }
            Case::Members(members) => {
                let token = members.iter().fold(own_token("a"), |token, (is_header, name, value)| {
                    if *is_header { token.header(name, value.clone()) } else { token.claim(name, value.clone()) }
                });
                let sub = members.iter().rev().find(|(is_header, name, _)| !is_header && name == "sub");
                let expected = sub.map_or(Some("guest:0123"), |(_, _, value)| value.as_str());
                match self.decide(&self.authorizer, &format!("Bearer {}", token.sign(&self.signer))) {
                    Decision::Allow { player, .. } => assert_eq!(player.as_deref(), expected),
                    Decision::Refuse { .. } => {}
                    Decision::RateLimited => panic!("nobody is limited here"),
                    Decision::KeysUnavailable => panic!("the keys are there"),
                }
            }
            Case::Keys(members, is_alone) => self.keys(members, *is_alone),
        }
    }

    fn keys(&self, members: &[(String, Value)], is_alone: bool) {
        let mut strange = self.signer.jwk("a");
        for (name, value) in members {
            strange[name] = value.clone();
        }
        let mut entries = vec![strange];
        if !is_alone {
            entries.push(Signer::p256().jwk("b"));
        }
        let document = if members.is_empty() { json!(entries) } else { json!({ "keys": entries }) };
        let keys = Keys::new(&[]);
        keys.answer(Ok(document));
        let authorizer = self.runtime.block_on(async { authorizer(&Arc::clone(&keys), None) });
        if let Decision::Allow { player, .. } = self.decide(&authorizer, &format!("Bearer {}", self.good)) {
            assert_eq!(player.as_deref(), Some("guest:0123"));
        }
    }
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
