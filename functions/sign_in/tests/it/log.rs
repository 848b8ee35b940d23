//! No key, ticket, token, id or secret is in any line of the log, at any level.

use emulated_steam::{Player, Reply, SteamServer, Ticket};
use serde_json::{Value, json};
use testing::log::{Log, deaf};
use tracing::{Level, instrument::WithSubscriber as _};

use crate::support::{APP_ID, IDENTITY, Issuer, guest, refresh, versions};

const TICKET: &str = "14000000f00dfeed";
const ID: &str = "76561197960287930";
const ADDRESS: &str = "203.0.113.17";

async fn everything(steam: &SteamServer) -> Vec<String> {
    let issuer = Issuer::new(true, Some(steam));
    let ticket = json!({ "provider": "steam", "ticket": TICKET });
    let good = async |body: &Value| {
        let answer = issuer.sign_in_from(ADDRESS, None, body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    };
    let (new, player) = (good(&guest()).await, good(&ticket).await);
    let network = issuer.claims(&new).await["net"].as_str().unwrap().to_owned();
    let known = json!({ "provider": "guest", "guest_id": new["GuestId"], "guest_secret": new["GuestSecret"] });
    let again = good(&refresh(&new["RefreshToken"])).await;
    good(&known).await;
    for body in [
        refresh(&new["AccessToken"]),
        json!({ "provider": "guest", "guest_id": new["GuestId"], "guest_secret": "Secret0f0thers" }),
        json!({ "provider": TICKET, "ticket": TICKET }),
        json!({ "provider": "steam", "ticket": format!("{TICKET}&key=1") }),
    ] {
        issuer.sign_in_from(ADDRESS, None, &body).await;
    }
    for reply in [Reply::Error(101), Reply::Error(-1), Reply::Status(403), Reply::Status(500), Reply::CutOff] {
        steam.will(reply);
        issuer.sign_in_from(ADDRESS, None, &ticket).await;
    }
    issuer.signing.set(Ok(versions("", "a", "short")));
    let of = |tokens: &Value| -> Vec<String> {
        let members = tokens.as_object().unwrap().values();
        members.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let secrets = ["a".repeat(40), "g".repeat(40), SteamServer::KEY.to_owned(), TICKET.to_owned(), ID.to_owned()];
    let others = ["Secret0f0thers", "SCRIPTED", ADDRESS, &network].map(str::to_owned);
    [of(&new), of(&player), of(&again)].concat().into_iter().chain(secrets).chain(others).collect()
}

#[tokio::test]
async fn nothing_secret_is_logged() {
    let steam = SteamServer::start().await.unwrap();
    steam.give(TICKET, Ticket::new(APP_ID, IDENTITY, Player::new(ID)));
    let log = Log::default();
    let _second = deaf();
    let lines =
        tracing_subscriber::fmt().with_max_level(Level::TRACE).with_ansi(false).with_writer(log.clone()).finish();
    let secrets = everything(&steam).with_subscriber(lines).await;
    let text = log.text();
    assert!(text.contains("answered") && text.contains("SIGN_IN_REFUSED"), "{text}");
    for secret in secrets {
        let found: Vec<_> = text.lines().filter(|line| line.contains(&secret)).collect();
        assert!(found.is_empty(), "{secret} is in {found:?}");
    }
}
