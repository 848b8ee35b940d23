//! Whose tokens of the rates a request takes, and which requests take none.

use std::{sync::Arc, time::Duration};

use identity::{
    authorizer::{Ask, Authorizer, Covers, Decision},
    config::{IdentityConfig, Mode, PlainHttp, PlayerRates, parse_issuers},
    key_source::KeySource,
};
use serde_json::json;
use shared::{RouteId, rate::Rate};
use testing::tokens::{Signer, Token};
use tokio::time::advance;

use crate::world::{ISSUER, Keys, START, clock, decide, own_token};

/// An authorizer, and a token of the player that [`own_token`] names.
struct Place {
    authorizer: Authorizer,
    signer: Signer,
    token: String,
}

impl Place {
    fn new(config: IdentityConfig) -> Self {
        let signer = Signer::p256();
        let keys = Keys::new(&[signer.jwk("a")]);
        let config = IdentityConfig { own_issuer: Some(ISSUER.to_owned()), ..config };
        let keys = Arc::clone(&keys) as Arc<dyn KeySource>;
        let authorizer = Authorizer::with_clock(config, Some(keys), clock()).unwrap();
        let token = own_token("a").sign(&signer);
        Self { authorizer, signer, token }
    }

    async fn ask(&self, route: RouteId, token: Option<&str>, address: Option<&str>) -> Decision {
        let (bearer, method) = (token.map(|token| format!("Bearer {token}")), route.method());
        let path = format!("/Prod/{}", route.name());
        let ask = Ask {
            authorization: bearer.as_deref().into_iter().collect(),
            method: method.as_str(),
            path: &path,
            address,
            ..Ask::default()
        };
        self.authorizer.decide(&ask).await
    }

    /// How many of 100 requests may pass.
    async fn admitted(&self, route: RouteId, token: Option<&str>, address: Option<&str>) -> usize {
        let mut admitted = 0;
        for _ in 0..100 {
            admitted += usize::from(matches!(self.ask(route, token, address).await, Decision::Allow { .. }));
        }
        admitted
    }

    /// Whether all of 100 requests with the token are refused, and none for being too many.
    async fn is_refused(&self, token: &str) -> bool {
        for _ in 0..100 {
            let decision = self.ask(RouteId::CreateSession, Some(token), Some("203.0.113.17")).await;
            if !matches!(decision, Decision::Refuse { .. }) {
                return false;
            }
        }
        true
    }
}

fn in_mode(mode: Mode) -> IdentityConfig {
    IdentityConfig { mode, ..IdentityConfig::default() }
}

#[tokio::test(start_paused = true)]
async fn one_players_requests_are_counted_and_no_other_players() {
    let place = Place::new(in_mode(Mode::SignIn));
    let token = place.token.clone();
    assert_eq!(place.admitted(RouteId::CreateSession, Some(&token), None).await, 10);
    assert_eq!(place.admitted(RouteId::JoinSession, Some(&token), None).await, 10);
    assert_eq!(place.admitted(RouteId::FindSession, Some(&token), None).await, 20);
    let other = own_token("a").claim("sub", "guest:4567").sign(&place.signer);
    assert_eq!(place.admitted(RouteId::CreateSession, Some(&other), None).await, 10);
    advance(Duration::from_secs(4)).await;
    assert_eq!(place.admitted(RouteId::CreateSession, Some(&token), None).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_costs_nobody_anything() {
    let config =
        IdentityConfig { denied_players: ["guest:banned".to_owned()].into_iter().collect(), ..in_mode(Mode::SignIn) };
    let place = Place::new(config);
    // The player's name, signed by somebody else.
    let forged = own_token("a").sign(&Signer::p256());
    assert!(place.is_refused(&forged).await);
    let banned = own_token("a").claim("sub", "guest:banned").sign(&place.signer);
    assert!(place.is_refused(&banned).await);
    assert_eq!(place.admitted(RouteId::CreateSession, Some(&place.token.clone()), None).await, 10);
}

#[tokio::test(start_paused = true)]
async fn who_signs_in_counts_by_the_address_in_every_mode_and_gets_to_no_other_route() {
    for mode in Mode::ALL.into_iter().filter(|mode| *mode != Mode::Oidc) {
        let place = Place::new(in_mode(mode));
        for token in [None, Some("a.b.c")] {
            let decision = place.ask(RouteId::SignIn, token, Some("203.0.113.17")).await;
            let Decision::Allow { player: None, covers, plan_key: None, .. } = decision else { panic!("{decision:?}") };
            assert_eq!(covers, Covers::Only(RouteId::SignIn));
        }
        assert_eq!(place.admitted(RouteId::SignIn, None, Some("203.0.113.17")).await, 18, "{mode:?}");
        assert_eq!(place.admitted(RouteId::SignIn, None, Some("203.0.113.18")).await, 20, "{mode:?}");
        advance(Duration::from_secs(2)).await;
        assert_eq!(place.admitted(RouteId::SignIn, None, Some("203.0.113.17")).await, 1, "{mode:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn searches_without_a_token_count_by_the_address_and_those_with_one_by_the_player() {
    let place = Place::new(IdentityConfig { public_search: true, ..in_mode(Mode::SignIn) });
    assert_eq!(place.admitted(RouteId::FindSession, None, Some("203.0.113.17")).await, 60);
    assert_eq!(place.admitted(RouteId::FindSession, Some(&place.token.clone()), Some("203.0.113.17")).await, 20);
}

#[tokio::test(start_paused = true)]
async fn where_the_body_is_trusted_only_those_with_a_token_are_counted() {
    let place = Place::new(in_mode(Mode::TrustBody));
    assert_eq!(place.admitted(RouteId::CreateSession, None, Some("203.0.113.17")).await, 100);
    assert_eq!(place.admitted(RouteId::CreateSession, Some(&place.token.clone()), Some("203.0.113.17")).await, 10);
}

/// Behind `{proxy+}` or `$default` a client writes the path as it likes.
#[tokio::test(start_paused = true)]
async fn no_spelling_of_a_path_is_a_way_around_the_rate_of_starts() {
    let place = Place::new(in_mode(Mode::SignIn));
    let bearer = format!("Bearer {}", place.token);
    let admitted = async |path: &str| {
        let mut admitted = 0;
        for _ in 0..100 {
            let ask = Ask { authorization: vec![&bearer], method: "POST", path, ..Ask::default() };
            admitted += usize::from(matches!(place.authorizer.decide(&ask).await, Decision::Allow { .. }));
        }
        admitted
    };
    assert_eq!(admitted("/create_session/").await, 10);
    for path in ["/create_session", "//create_session//", "/Prod/find_or_create_session/", "/create%5Fsession", "/", ""]
    {
        assert_eq!(admitted(path).await, 0, "{path:?}");
    }
    assert_eq!(admitted("/join_session/").await, 10, "another route");
    assert_eq!(admitted("/create_invitation/").await, 20, "no start");
}

#[tokio::test(start_paused = true)]
async fn a_rate_of_zero_is_no_limit() {
    let starts = Rate::per_minute(0, 10);
    let rates = PlayerRates { starts, ..PlayerRates::default() };
    let place = Place::new(IdentityConfig { rates, ..in_mode(Mode::SignIn) });
    assert_eq!(place.admitted(RouteId::CreateSession, Some(&place.token.clone()), None).await, 100);
    assert_eq!(place.admitted(RouteId::FindSession, Some(&place.token.clone()), None).await, 20);
}

/// The token of a guest who was made in this network.
fn guest(place: &Place, guest: &str, net: &str) -> String {
    own_token("a").claim("sub", guest).claim("net", net).sign(&place.signer)
}

#[tokio::test(start_paused = true)]
async fn guests_that_were_made_in_one_network_are_counted_together() {
    let place = Place::new(in_mode(Mode::SignIn));
    let of = |name: &str, net: &str| guest(&place, name, net);
    let admitted = async |token: String, route| place.admitted(route, Some(&token), Some("198.51.100.7")).await;
    assert_eq!(admitted(of("guest:1", "one"), RouteId::CreateSession).await, 10);
    assert_eq!(admitted(of("guest:2", "one"), RouteId::CreateSession).await, 10);
    // Twenty at once.
    assert_eq!(admitted(of("guest:3", "one"), RouteId::CreateSession).await, 0);
    assert_eq!(admitted(of("guest:3", "one"), RouteId::FindOrCreateSession).await, 0);
    assert_eq!(admitted(of("guest:3", "one"), RouteId::JoinSession).await, 10);
    assert_eq!(admitted(of("guest:4", "other"), RouteId::CreateSession).await, 10);
    // Those who are not guests have no network, whatever a token says.
    assert_eq!(admitted(of("steam:1", "one"), RouteId::CreateSession).await, 10);
    // A guest whose token names none counts where the call comes from.
    assert_eq!(admitted(own_token("a").sign(&place.signer), RouteId::CreateSession).await, 0);
    advance(Duration::from_secs(8)).await;
    assert_eq!(admitted(of("guest:5", "one"), RouteId::CreateSession).await, 4);
}

/// The network where guests were made is no way to them from afar.
#[tokio::test(start_paused = true)]
async fn a_flood_from_elsewhere_takes_nothing_from_guests_who_are_where_they_were_made() {
    let place = Place::new(in_mode(Mode::SignIn));
    for route in [RouteId::CreateSession, RouteId::FindSession, RouteId::SignIn] {
        let mut flood = 0;
        for number in 0..10 {
            let token = guest(&place, &format!("guest:{number}"), "school");
            flood += place.admitted(route, Some(&token), Some("198.51.100.7")).await;
        }
        assert_eq!(flood, if route.is_start() { 20 } else { 60 }, "{}", route.name());
        let pupil = guest(&place, &format!("guest:{}", route.name()), "school");
        let own = if route.is_start() { 10 } else { 20 };
        assert_eq!(place.admitted(route, Some(&pupil), Some("203.0.113.17")).await, own, "{}", route.name());
    }
}

/// Whoever uses up a network's rate would use up the rates of its players too.
#[tokio::test(start_paused = true)]
async fn a_call_that_its_network_has_no_room_for_costs_the_guest_nothing() {
    const HERE: Option<&str> = Some("203.0.113.17");
    let place = Place::new(in_mode(Mode::SignIn));
    for number in 0..2 {
        let token = guest(&place, &format!("guest:{number}"), "one");
        assert_eq!(place.admitted(RouteId::CreateSession, Some(&token), HERE).await, 10);
    }
    let patient = guest(&place, "guest:patient", "one");
    assert_eq!(place.admitted(RouteId::CreateSession, Some(&patient), HERE).await, 0);
    // From another network all ten are there.
    assert_eq!(place.admitted(RouteId::CreateSession, Some(&patient), Some("198.51.100.7")).await, 10);
}

/// Who is in a network is Liftgate's own word.
#[tokio::test(start_paused = true)]
async fn another_issuers_claim_of_that_name_is_no_network() {
    let (ours, theirs) = (Signer::p256(), Signer::p256());
    let issuers = json!([{ "provider": "oidc", "issuer": "https://id.example.com", "audiences": ["game"],
        "jwks": { "keys": [theirs.jwk("b")] } }]);
    let config = IdentityConfig {
        mode: Mode::SignIn,
        own_issuer: Some(ISSUER.to_owned()),
        issuers: parse_issuers(&issuers.to_string(), PlainHttp::Never).unwrap(),
        ..IdentityConfig::default()
    };
    let keys = Keys::new(&[ours.jwk("a")]) as Arc<dyn KeySource>;
    let authorizer = Authorizer::with_clock(config, Some(keys), clock()).unwrap();
    let mut admitted = 0;
    for player in 0..30 {
        let token = Token::new("https://id.example.com", "game", "b", &player.to_string()).begun_at(START);
        let decision = decide(&authorizer, &format!("Bearer {}", token.claim("net", "one").sign(&theirs))).await;
        admitted += usize::from(matches!(decision, Decision::Allow { .. }));
    }
    assert_eq!(admitted, 30);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_with_a_valid_token_counts_as_its_player() {
    const ADDRESS: Option<&str> = Some("203.0.113.17");
    for mode in [Mode::SignIn, Mode::TrustBody] {
        let place = Place::new(in_mode(mode));
        assert_eq!(place.admitted(RouteId::SignIn, None, ADDRESS).await, 20);
        // The neighbour has used up the address.
        let ended = own_token("a").begun_at(START - 3600).sign(&place.signer);
        for token in [None, Some(&*ended), Some("a.b.c")] {
            assert_eq!(place.admitted(RouteId::SignIn, token, ADDRESS).await, 0, "{mode:?} {token:?}");
        }
        let decision = place.ask(RouteId::SignIn, Some(&place.token), ADDRESS).await;
        let Decision::Allow { player, .. } = decision else { panic!("{decision:?}") };
        assert_eq!(player.as_deref(), Some("guest:0123"));
        // It is one of the player's other requests.
        assert_eq!(place.admitted(RouteId::FindSession, Some(&place.token), None).await, 19);
        assert_eq!(place.admitted(RouteId::SignIn, Some(&place.token), ADDRESS).await, 0);
    }
}

/// Else the guests of one address, of which it makes 30 a minute, would use up the route for everybody.
#[tokio::test(start_paused = true)]
async fn the_refreshes_of_one_networks_guests_are_counted_together_and_apart_from_their_other_requests() {
    const ADDRESS: Option<&str> = Some("203.0.113.17");
    let place = Place::new(in_mode(Mode::SignIn));
    let tokens: Vec<_> = (0..100).map(|number| guest(&place, &format!("guest:{number}"), "one")).collect();
    let admitted = async |route| {
        let mut admitted = 0;
        for token in &tokens {
            admitted += usize::from(matches!(place.ask(route, Some(token), ADDRESS).await, Decision::Allow { .. }));
        }
        admitted
    };
    assert_eq!(admitted(RouteId::FindSession).await, 60);
    assert_eq!(admitted(RouteId::SignIn).await, 60);
    advance(Duration::from_secs(1)).await;
    assert_eq!(admitted(RouteId::SignIn).await, 5);
    assert_eq!(admitted(RouteId::FindSession).await, 5);
}

#[tokio::test(start_paused = true)]
async fn a_banned_player_signs_in_as_the_address_does() {
    let config =
        IdentityConfig { denied_players: ["guest:0123".to_owned()].into_iter().collect(), ..in_mode(Mode::SignIn) };
    let place = Place::new(config);
    let decision = place.ask(RouteId::SignIn, Some(&place.token), Some("203.0.113.17")).await;
    let Decision::Allow { player: None, covers, .. } = decision else { panic!("{decision:?}") };
    assert_eq!(covers, Covers::Only(RouteId::SignIn));
}
