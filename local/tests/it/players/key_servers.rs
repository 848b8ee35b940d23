//! Servers of keys that are gone, slow, endless or hostile, and a token that comes often, through the local gateway.
//! The function `authorize` has the same rows.

use identity::config::{Mode, PlainHttp, parse_issuers};
use liftgate::Players;
use serde_json::json;
use shared::RouteId;
use testing::tokens::{Hostile, KeyServer, Signer, Token};

use crate::players::support::{FORMATS, Issuer, oidc, send, world};

#[tokio::test]
async fn rows_120_to_123_and_129_to_133_a_server_without_usable_keys_is_a_failure_that_passes() {
    let (server, signer) = (KeyServer::start_plain().await, Signer::p256());
    let Hostile { issuers, names } = Hostile::on(&server, &signer);
    let issuers = parse_issuers(&issuers.to_string(), PlainHttp::OnLoopback).unwrap();
    let (audience, kid) = Hostile::AUDIENCE_AND_KID;
    for events in FORMATS {
        let players = Players { mode: Mode::Oidc, issuers: issuers.clone(), ..Players::default() };
        let place = world(events, players).await;
        for (name, issuer) in &names {
            let token = Token::new(issuer, audience, kid, "player-1").sign(&signer);
            let answer = place.create_with(&token).await;
            assert_eq!(answer.error(), (503, "UPSTREAM_UNAVAILABLE".to_owned()), "{name}: {answer:?}");
            assert_eq!(answer.json()["error"]["retryable"], true, "{name}");
            // Without keys too, a token of nobody is refused for good.
            let token = Token::new("https://nobody.example.com", audience, kid, "player-1").sign(&signer);
            assert_eq!(place.create_with(&token).await.error(), (401, "UNAUTHENTICATED".to_owned()), "{name}");
        }
    }
    assert_eq!(server.asked("/target"), 0, "a redirect or a foreign document was followed");
}

#[tokio::test]
async fn row_134_a_token_may_come_as_often_as_it_likes() {
    let issuer = Issuer::new("a");
    for events in FORMATS {
        let place = world(events, oidc(issuer.pinned())).await;
        let token = issuer.token("ann");
        for _ in 0..300 {
            let answer = send(place.call(RouteId::FindSession, &json!(null)).bearer_auth(&token)).await;
            assert_eq!(answer.status, 200, "{answer:?}");
        }
    }
}
