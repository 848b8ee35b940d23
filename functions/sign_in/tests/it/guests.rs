//! Guests, and the fields of a body.

use serde_json::json;

use crate::support::{Issuer, guest};

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
