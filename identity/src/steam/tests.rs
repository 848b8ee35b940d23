use aws::secrets::InMemory;
use emulated_steam::{Player, Reply, SteamServer, Ticket};
use rstest::rstest;

use super::*;

const TICKET: &str = "14000000f00d";
const ID: &str = "76561197960287930";
const OTHER: &str = "76561197960287931";

fn ticket(identity: &str, player: Player) -> Ticket {
    Ticket::new(480, identity, player)
}

fn config(server: &SteamServer) -> SteamConfig {
    SteamConfig { base: server.url().parse().unwrap(), ..SteamConfig::new(480, "my-game").unwrap() }
}

fn steam(config: SteamConfig) -> Steam {
    let fetch = Fetch::new(None).unwrap().with_plain_loopback();
    Steam::new(config, fetch, Arc::new(InMemory::new(SteamServer::KEY)), Clock::system())
}

async fn ask(config: SteamConfig, ticket: &str) -> Result<String, Error> {
    steam(config).player(ticket, Deadline::after(Duration::from_secs(10))).await
}

/// Whatever comes, nothing of the call is in what is shown.
fn shows_nothing(error: &Error) {
    let shown = format!("{error} {error:?}");
    for secret in [SteamServer::KEY, TICKET, "errordesc", "SCRIPTED"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[tokio::test]
async fn a_good_ticket_is_the_players() {
    let server = SteamServer::start().await.unwrap();
    server.give(TICKET, ticket("my-game", Player::new(ID)));
    assert_eq!(ask(config(&server), TICKET).await.unwrap(), ID);
    assert_eq!(
        server.asked(),
        [format!(
            "/ISteamUserAuth/AuthenticateUserTicket/v1/?key={}&appid=480&ticket={TICKET}&identity=my-game",
            SteamServer::KEY
        )]
    );
}

#[tokio::test]
async fn a_ticket_for_another_site_or_an_unknown_one_is_refused() {
    let server = SteamServer::start().await.unwrap();
    server.give(TICKET, ticket("another-game", Player::new(ID)));
    for ticket in [TICKET, "14000000ff"] {
        let error = ask(config(&server), ticket).await.unwrap_err();
        assert_eq!(error.code(), Code::SignInRefused, "{error}");
        assert!(error.detail().contains("LIFTGATE_STEAM_IDENTITY"), "{error}");
    }
    let other_game = SteamConfig { app_id: 481, ..config(&server) };
    let error = ask(other_game, TICKET).await.unwrap_err();
    assert!(error.detail().contains("LIFTGATE_STEAM_APP_ID"), "{error}");
}

#[rstest]
#[case::vac(Player { vac_banned: true, ..Player::new(ID) })]
#[case::publisher(Player { publisher_banned: true, ..Player::new(ID) })]
#[case::borrowed(Player { owner: OTHER.to_owned(), ..Player::new(ID) })]
#[tokio::test]
async fn a_policy_decides_about_bans_and_borrowed_copies(#[case] player: Player) {
    let server = SteamServer::start().await.unwrap();
    let is_borrowed = player.owner != player.id;
    server.give(TICKET, ticket("my-game", player));
    assert_eq!(ask(config(&server), TICKET).await.unwrap_err().code(), Code::SignInRefused);
    let banned = SteamConfig { banned: Policy::Allow, ..config(&server) };
    assert_eq!(ask(banned, TICKET).await.is_ok(), !is_borrowed);
    let borrowed = SteamConfig { borrowed: Policy::Allow, ..config(&server) };
    assert_eq!(ask(borrowed, TICKET).await.ok().as_deref(), is_borrowed.then_some(ID));
}

#[rstest]
#[case::invalid_parameter(3, "in hexadecimal, two digits each")]
#[case::invalid_ticket(101, "made for another identity than LIFTGATE_STEAM_IDENTITY")]
#[case::other_game(102, "for another game")]
#[case::unknown_error(-7, "refuses the ticket")]
#[tokio::test]
async fn each_error_of_steams_refuses_the_ticket_with_a_sentence_and_its_number(
    #[case] number: i64,
    #[case] sentence: &str,
) {
    let server = SteamServer::start().await.unwrap();
    server.will(Reply::Error(number));
    let error = ask(config(&server), TICKET).await.unwrap_err();
    assert_eq!(error.code(), Code::SignInRefused, "{error}");
    assert!(error.detail().contains(sentence) && error.detail().contains(&format!("({number})")), "{error}");
    shows_nothing(&error);
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn a_failure_without_an_answer_is_told_in_fixed_sentences() {
    let reason = "SCRIPTED by the other server".to_owned();
    let mut details = std::collections::BTreeSet::new();
    for (failure, code) in [
        (FetchError::Timeout, Code::UpstreamUnavailable),
        (FetchError::TooLarge, Code::UpstreamUnavailable),
        (FetchError::Unreachable(reason), Code::UpstreamUnavailable),
        (FetchError::Url, Code::BackendMisconfigured),
    ] {
        let error = unanswered(failure);
        assert_eq!(error.code(), code, "{error}");
        shows_nothing(&error);
        details.insert(error.detail().to_owned());
    }
    assert_eq!(details.len(), 4);
}

#[rstest]
#[case::wrong_key(Reply::Status(403), Code::BackendMisconfigured)]
#[case::throttled(Reply::Status(429), Code::UpstreamUnavailable)]
#[case::internal(Reply::Status(500), Code::UpstreamUnavailable)]
#[case::down(Reply::Status(503), Code::UpstreamUnavailable)]
#[case::redirect(Reply::Redirect, Code::UpstreamError)]
#[case::html(Reply::Body("<html>SCRIPTED</html>".to_owned()), Code::UpstreamError)]
#[case::empty(Reply::Body(String::new()), Code::UpstreamError)]
#[case::no_answer(Reply::Body("{\"response\":{}}".to_owned()), Code::UpstreamError)]
#[case::list(Reply::Body("[]".to_owned()), Code::UpstreamError)]
#[case::not_ok(Reply::Body(params("Fail", ID)), Code::UpstreamError)]
#[case::no_number(Reply::Body(params("OK", "me")), Code::UpstreamError)]
#[case::no_person(Reply::Body(params("OK", "103582791429521412x")), Code::UpstreamError)]
#[case::zero(Reply::Body(params("OK", "0")), Code::UpstreamError)]
#[case::plus(Reply::Body(params("OK", "+76561197960287930")), Code::UpstreamError)]
#[case::endless(Reply::Endless, Code::UpstreamUnavailable)]
#[case::cut_off(Reply::CutOff, Code::UpstreamUnavailable)]
#[tokio::test]
async fn each_answer_has_its_meaning(#[case] reply: Reply, #[case] code: Code) {
    let server = SteamServer::start().await.unwrap();
    server.will(reply);
    let error = ask(config(&server), TICKET).await.unwrap_err();
    assert_eq!(error.code(), code, "{error}");
    shows_nothing(&error);
    assert_eq!(server.asked().len(), 1);
}

fn params(result: &str, id: &str) -> String {
    format!(
        r#"{{"response":{{"params":{{"result":"{result}","steamid":"{id}","ownersteamid":"{ID}","vacbanned":false,"publisherbanned":false}}}}}}"#
    )
}

#[tokio::test]
async fn an_answer_with_both_a_player_and_an_error_is_a_refusal() {
    let server = SteamServer::start().await.unwrap();
    let both = params("OK", ID).replace("}}}", r#"},"error":{"errorcode":101}}}"#);
    server.will(Reply::Body(both));
    assert_eq!(ask(config(&server), TICKET).await.unwrap_err().code(), Code::SignInRefused);
}

#[tokio::test]
async fn a_slow_answer_ends_with_the_calls_time() {
    let server = SteamServer::start().await.unwrap();
    server.will(Reply::Silent);
    let error = steam(config(&server)).player(TICKET, Deadline::after(Duration::from_millis(60))).await.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamUnavailable);
    shows_nothing(&error);
}

#[tokio::test]
async fn nobody_there_shows_nothing() {
    let server = SteamServer::start().await.unwrap();
    let config = config(&server);
    drop(server);
    let error = ask(config, TICKET).await.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamUnavailable, "{error}");
    shows_nothing(&error);
}

#[tokio::test]
async fn a_ticket_that_is_too_new_is_sent_again_twice_and_no_other_is() {
    let server = SteamServer::start().await.unwrap();
    server.give(TICKET, ticket("my-game", Player::new(ID)));
    server.once([Reply::Error(103), Reply::Error(103)]);
    assert_eq!(ask(config(&server), TICKET).await.unwrap(), ID);
    assert_eq!(server.asked().len(), 3);
    server.will(Reply::Error(103));
    let error = ask(config(&server), TICKET).await.unwrap_err();
    assert_eq!((error.code(), server.asked().len()), (Code::UpstreamUnavailable, 6));
    // No time is left for a second try.
    let steam = steam(config(&server));
    assert!(steam.player(TICKET, Deadline::after(Duration::from_millis(200))).await.is_err());
    assert_eq!(server.asked().len(), 7);
}

#[rstest]
#[case::empty("")]
#[case::odd("abc")]
#[case::not_hexadecimal("zz")]
#[case::more_parameters("00&key=mine")]
#[case::encoded("00%26")]
#[case::letters("ÿÿ")]
#[case::too_long(&"0".repeat(2 * MAX_TICKET + 2))]
#[tokio::test]
async fn what_is_no_ticket_is_not_sent(#[case] ticket: &str) {
    let server = SteamServer::start().await.unwrap();
    assert_eq!(ask(config(&server), ticket).await.unwrap_err().code(), Code::InvalidRequest);
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_secret_that_is_no_key_is_not_sent() {
    let server = SteamServer::start().await.unwrap();
    for key in ["", "{\"key\":\"x\"}", "a&appid=1", "a b"] {
        let fetch = Fetch::new(None).unwrap().with_plain_loopback();
        let steam = Steam::new(config(&server), fetch, Arc::new(InMemory::new(key)), Clock::system());
        let error = steam.player(TICKET, Deadline::after(Duration::from_secs(1))).await.unwrap_err();
        assert!(error.detail().contains("LIFTGATE_STEAM_KEY_SECRET"), "{error}");
    }
    assert!(server.asked().is_empty());
}

#[rstest]
#[case::none("")]
#[case::blank("my game")]
#[case::more_parameters("a&b")]
fn an_identity_that_would_change_the_url_is_refused(#[case] identity: &str) {
    assert!(SteamConfig::new(480, identity).unwrap_err().detail().contains("LIFTGATE_STEAM_IDENTITY"));
}
