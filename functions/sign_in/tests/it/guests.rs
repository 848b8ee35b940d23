//! Guests, and the fields of a body.

use serde_json::{Value, json};

use crate::support::{Issuer, guest, refresh};

#[tokio::test]
async fn a_new_guest_gets_an_id_a_secret_and_tokens_once() {
    let issuer = Issuer::with_guests();
    let new = issuer.good(&guest()).await;
    let members: Vec<_> = new.as_object().unwrap().keys().collect();
    assert_eq!(members, ["AccessToken", "ExpiresIn", "RefreshToken", "PlayerId", "GuestId", "GuestSecret"]);
    assert_eq!(new["ExpiresIn"], 900);
    assert_eq!(new["PlayerId"], format!("guest:{}", new["GuestId"].as_str().unwrap()));
    assert_eq!(issuer.player(&new).await, new["PlayerId"]);

    let known = json!({ "provider": "guest", "guest_id": new["GuestId"], "guest_secret": new["GuestSecret"] });
    let again = issuer.good(&known).await;
    assert_eq!(again["PlayerId"], new["PlayerId"]);
    assert!(again.get("GuestSecret").is_none() && again.get("GuestId").is_none(), "{again}");
    assert_ne!(issuer.good(&guest()).await["PlayerId"], new["PlayerId"]);
}

#[tokio::test]
async fn every_wrong_guest_is_refused_in_the_same_words() {
    let issuer = Issuer::with_guests();
    let (one, other) = (issuer.good(&guest()).await, issuer.good(&guest()).await);
    let mut refusals = Vec::new();
    for (id, secret) in [
        (one["GuestId"].clone(), other["GuestSecret"].clone()),
        (json!("0".repeat(32)), one["GuestSecret"].clone()),
        (json!("nobody"), json!("x")),
        (one["PlayerId"].clone(), one["GuestSecret"].clone()),
        (json!(one["GuestId"].as_str().unwrap().to_uppercase()), one["GuestSecret"].clone()),
    ] {
        refusals.push(issuer.refused(&json!({ "provider": "guest", "guest_id": id, "guest_secret": secret })).await);
    }
    assert_eq!(refusals[0].0, "SIGN_IN_REFUSED");
    assert!(refusals.iter().all(|refusal| *refusal == refusals[0]), "{refusals:?}");
}

#[tokio::test]
async fn guests_are_off_unless_they_are_switched_on() {
    let issuer = Issuer::new(false, None);
    let known = json!({ "provider": "guest", "guest_id": "0".repeat(32), "guest_secret": "x" });
    for body in [guest(), known] {
        let (code, detail) = issuer.refused(&body).await;
        assert_eq!(code, "SIGN_IN_REFUSED");
        assert!(detail.contains("LIFTGATE_GUESTS"), "{detail}");
    }
}

#[tokio::test]
async fn bad_fields_are_named() {
    let issuer = Issuer::with_guests();
    for (body, fields) in [
        (json!({}), vec!["provider"]),
        (json!({ "provider": "xbox" }), vec!["provider"]),
        (json!({ "provider": 7 }), vec!["provider"]),
        (json!({ "provider": "steam" }), vec!["ticket"]),
        (json!({ "provider": "steam", "ticket": "0" }), vec!["ticket"]),
        (json!({ "provider": "refresh" }), vec!["refresh_token"]),
        (json!({ "provider": "refresh", "refresh_token": "x".repeat(2049) }), vec!["refresh_token"]),
        (json!({ "provider": "guest", "guest_id": "x" }), vec!["guest_secret"]),
        (json!({ "provider": "guest", "guest_secret": "x" }), vec!["guest_id"]),
        // A misspelt name would make a new guest.
        (json!({ "provider": "guest", "guestId": "x", "GuestSecret": "x" }), vec!["guestId", "GuestSecret"]),
    ] {
        let answer = issuer.sign_in(&body).await;
        assert_eq!((answer.status, &answer.body["error"]["code"]), (400, &json!("INVALID_REQUEST")), "{body}");
        let named: Vec<_> = answer.body["errors"].as_array().unwrap().iter().map(|bad| &bad["field"]).collect();
        let mut wanted = fields.clone();
        let mut named: Vec<_> = named.iter().map(|name| name.as_str().unwrap().trim_matches('"')).collect();
        wanted.sort_unstable();
        named.sort_unstable();
        assert_eq!(named, wanted, "{body}");
    }
}

/// The network in an access token.
async fn network(issuer: &Issuer, tokens: &Value) -> Value {
    issuer.claims(tokens).await["net"].clone()
}

#[tokio::test]
async fn a_guest_keeps_the_network_of_the_first_sign_in_wherever_the_next_is() {
    let issuer = Issuer::with_guests();
    let new = issuer.sign_in_from("203.0.113.17", None, &guest()).await.body;
    let home = network(&issuer, &new).await;
    assert_eq!(home.as_str().unwrap().len(), 22, "a hash, and no address: {home}");
    let known = json!({ "provider": "guest", "guest_id": new["GuestId"], "guest_secret": new["GuestSecret"] });
    for body in [known, refresh(&new["RefreshToken"])] {
        let again = issuer.sign_in_from("198.51.100.7", None, &body).await.body;
        assert_eq!(network(&issuer, &again).await, home, "{again}");
        let refreshed = issuer.sign_in_from("198.51.100.8", None, &refresh(&again["RefreshToken"])).await.body;
        assert_eq!(network(&issuer, &refreshed).await, home, "{refreshed}");
    }
    let neighbour = issuer.sign_in_from("203.0.113.17", None, &guest()).await.body;
    assert_eq!(network(&issuer, &neighbour).await, home);
    let elsewhere = issuer.sign_in_from("198.51.100.7", None, &guest()).await.body;
    assert_ne!(network(&issuer, &elsewhere).await, home);
    assert_eq!(
        network(&issuer, &issuer.good(&guest()).await).await,
        Value::Null,
        "without an address there is no network"
    );
}

#[tokio::test]
async fn a_guest_without_a_network_gets_that_of_the_next_sign_in_or_refresh() {
    let issuer = Issuer::with_guests();
    let new = issuer.good(&guest()).await;
    let known = json!({ "provider": "guest", "guest_id": new["GuestId"], "guest_secret": new["GuestSecret"] });
    let here = network(&issuer, &issuer.sign_in_from("203.0.113.17", None, &guest()).await.body).await;
    assert!(here.is_string());
    for body in [known, refresh(&new["RefreshToken"])] {
        let again = issuer.sign_in_from("203.0.113.17", None, &body).await.body;
        assert_eq!(network(&issuer, &again).await, here, "{body}");
        let elsewhere = issuer.sign_in_from("198.51.100.7", None, &refresh(&again["RefreshToken"])).await.body;
        assert_eq!(network(&issuer, &elsewhere).await, here, "it stays");
    }
}

/// The authorizer has counted such a call as the player's and not as one of the address.
#[tokio::test]
async fn with_a_token_a_player_refreshes_and_does_nothing_else() {
    let issuer = Issuer::with_guests();
    let (ann, ben) = (issuer.good(&guest()).await, issuer.good(&guest()).await);
    let known = json!({ "provider": "guest", "guest_id": ann["GuestId"], "guest_secret": ann["GuestSecret"] });
    let steam = json!({ "provider": "steam", "ticket": "00" });
    let player = ann["PlayerId"].as_str();
    for (body, code) in [
        (refresh(&ann["RefreshToken"]), None),
        (refresh(&ben["RefreshToken"]), Some("PLAYER_MISMATCH")),
        (refresh(&json!("a.b.c")), Some("SIGN_IN_REFUSED")),
        (guest(), Some("INVALID_REQUEST")),
        (known, Some("INVALID_REQUEST")),
        (steam, Some("INVALID_REQUEST")),
    ] {
        let answer = issuer.sign_in_from("203.0.113.17", player, &body).await;
        assert_eq!(answer.code(), code, "{body}: {}", answer.body);
        assert_eq!(answer.body["PlayerId"].as_str().filter(|_| code.is_none()), player.filter(|_| code.is_none()));
    }
}
