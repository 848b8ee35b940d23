//! From a request to the authorizer's answer.

use std::{fmt, pin::Pin, sync::Arc, time::Duration};

use axum::http::{HeaderMap, HeaderName, header, request::Parts};
use identity::authorizer::{Ask, Authorizer, Covers, Decision, is_token_parameter};
use serde_json::{Map, Value};
use shared::{Code, Error, RouteId, authorizer::MEMBER};

use crate::gateway::{authorizer::cache::AnswerCache, event};

/// The details of template.yaml's gateway responses, which a test compares.
const UNAUTHORIZED: &str = "Too many requests of this player, or of all guests of one network together; or, at /sign_in and in a search without a token, of this address.";
const ACCESS_DENIED: &str = "The caller is not let in. ";
const AUTHORIZER_FAILURE: &str = "The token cannot be checked now: the keys of its issuer are out of reach, or the authorizer failed. The log of the function authorize says why.";

/// What the UNAUTHORIZED gateway response tells clients to wait.
const WAIT: Duration = Duration::from_secs(4);

/// The header without which API Gateway refuses a call before it asks the authorizer, and how long it keeps the answer
/// for one value of it. template.yaml has none: then the authorizer is asked about every call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentitySource {
    /// The header.
    pub header: HeaderName,
    /// How long an answer is kept: at most an hour; zero keeps none.
    pub time: Duration,
}

impl IdentitySource {
    /// The `Authorization` header.
    pub fn authorization(time: Duration) -> Self {
        Self { header: header::AUTHORIZATION, time }
    }
}

/// The event of a REQUEST authorizer, as far as ours reads it.
#[derive(Clone, Debug)]
struct Asked {
    authorization: Vec<String>,
    token_in_query: bool,
    method: String,
    path: String,
    address: Option<String>,
}

type Decide = Arc<dyn Fn(Asked) -> Pin<Box<dyn Future<Output = Decision> + Send>> + Send + Sync>;

/// The authorizer, and what API Gateway does around it.
#[derive(Clone)]
pub struct GatewayAuthorizer {
    decide: Decide,
    source: Option<Arc<(HeaderName, AnswerCache<Decision>)>>,
}

/// An authorizer's Allow, as the event has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Allowed {
    /// The player's id, or the word for a call without a player.
    pub principal_id: String,
    /// The other members.
    pub context: Map<String, Value>,
    /// The API key of the usage plan.
    pub api_key: Option<String>,
}

impl GatewayAuthorizer {
    /// `authorizer`, asked about every call or as `source` says.
    pub fn new(authorizer: Arc<Authorizer>, source: Option<IdentitySource>) -> Self {
        let decide = move |asked: Asked| -> Pin<Box<dyn Future<Output = Decision> + Send>> {
            let authorizer = Arc::clone(&authorizer);
            Box::pin(async move {
                let ask = Ask {
                    authorization: asked.authorization.iter().map(String::as_str).collect(),
                    token_in_query: asked.token_in_query,
                    method: &asked.method,
                    path: &asked.path,
                    address: asked.address.as_deref(),
                };
                authorizer.decide(&ask).await
            })
        };
        Self::with(Arc::new(decide), source)
    }

    fn with(decide: Decide, source: Option<IdentitySource>) -> Self {
        let source = source.map(|source| Arc::new((source.header, AnswerCache::new(source.time))));
        Self { decide, source }
    }

    /// Returns the authorizer's Allow; `None` for calls that have no authorizer in front: preflights, methods that the
    /// route does not have, and routes of others than players.
    ///
    /// # Errors
    /// What API Gateway answers in place of the function.
    pub(crate) async fn admit(&self, route: RouteId, parts: &Parts) -> Result<Option<Allowed>, Error> {
        if parts.method != route.method() || !route.has_authorizer() {
            return Ok(None);
        }
        let decision = match self.source.as_deref() {
            None => self.ask(route, parts).await,
            Some((header, cache)) => {
                let source = source(&parts.headers, header).ok_or_else(unauthorized)?;
                match cache.get(&source) {
                    Some(kept) => kept,
                    None => {
                        let decision = self.ask(route, parts).await;
                        // API Gateway keeps policies and not failures.
                        if !matches!(decision, Decision::RateLimited | Decision::KeysUnavailable) {
                            cache.keep(&source, decision.clone());
                        }
                        decision
                    }
                }
            }
        };
        Allowed::by(decision, route).map(Some)
    }

    async fn ask(&self, route: RouteId, parts: &Parts) -> Decision {
        let text = |value: &header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let asked = Asked {
            authorization: parts.headers.get_all(header::AUTHORIZATION).iter().map(text).collect(),
            token_in_query: event::query(parts).iter().any(|(name, _)| is_token_parameter(name)),
            method: parts.method.to_string(),
            path: format!("/{}", route.name()),
            address: Some(event::source_ip(parts)),
        };
        // A separate task: on Lambda, a client that hangs up does not stop the authorizer, and a panic is a failure.
        let decide = Arc::clone(&self.decide);
        tokio::spawn(async move { decide(asked).await }).await.unwrap_or(Decision::KeysUnavailable)
    }
}

impl fmt::Debug for GatewayAuthorizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GatewayAuthorizer").field("source", &self.source).finish_non_exhaustive()
    }
}

/// Returns the values of the identity source, if there are any.
fn source(headers: &HeaderMap, name: &HeaderName) -> Option<Vec<u8>> {
    let values: Vec<_> = headers.get_all(name).iter().map(header::HeaderValue::as_bytes).collect();
    Some(values.join(&b","[..])).filter(|source| !source.is_empty())
}

impl Allowed {
    /// Evaluates the authorizer's answer for a route. An Allow covers every route or one alone; a kept one is evaluated
    /// too.
    ///
    /// # Errors
    /// What API Gateway answers in place of the function.
    pub fn by(decision: Decision, route: RouteId) -> Result<Self, Error> {
        match decision {
            Decision::Allow { covers: Covers::Only(only), .. } if route != only => Err(access_denied("")),
            Decision::Allow { player, context, plan_key, .. } => {
                let context: Map<_, _> = context.into_iter().map(|(name, value)| (name, value.into())).collect();
                let principal_id = player.unwrap_or_else(|| {
                    // A call without a player has the context's word for it in place of an id.
                    context.get(MEMBER).and_then(Value::as_str).unwrap_or_default().to_owned()
                });
                Ok(Self { principal_id, context, api_key: plan_key })
            }
            Decision::Refuse { detail } => Err(access_denied(detail)),
            Decision::RateLimited => Err(unauthorized()),
            Decision::KeysUnavailable => Err(Error::new(Code::UpstreamUnavailable, AUTHORIZER_FAILURE)),
        }
    }
}

/// Says what template.yaml's `UNAUTHORIZED` does: the authorizer has refused one request too many. API Gateway has the
/// same answer for a call without the identity source, which template.yaml does not have.
pub(crate) fn unauthorized() -> Error {
    Error::new(Code::RateLimited, UNAUTHORIZED).with_retry_after(WAIT)
}

/// Says what template.yaml's `ACCESS_DENIED` does. The authorizer's detail has a value only if the authorizer refuses.
fn access_denied(detail: &str) -> Error {
    Error::new(Code::Unauthenticated, format!("{ACCESS_DENIED}{detail}"))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::http::Request;
    use rstest::rstest;
    use tokio::time::advance;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    /// An authorizer that says what it is told to, and how often it was asked.
    struct Scripted {
        authorizer: GatewayAuthorizer,
        asked: Arc<AtomicUsize>,
    }

    impl Scripted {
        fn new(source: Option<IdentitySource>, decide: impl Fn(Asked) -> Decision + Send + Sync + 'static) -> Self {
            let asked = Arc::new(AtomicUsize::new(0));
            let count = Arc::clone(&asked);
            let decide = move |asked| -> Pin<Box<dyn Future<Output = Decision> + Send>> {
                count.fetch_add(1, Ordering::Relaxed);
                let decision = decide(asked);
                Box::pin(std::future::ready(decision))
            };
            Self { authorizer: GatewayAuthorizer::with(Arc::new(decide), source), asked }
        }

        fn asked(&self) -> usize {
            self.asked.load(Ordering::Relaxed)
        }

        async fn admit(&self, route: RouteId, authorization: Option<&str>) -> Result<Option<Allowed>, Error> {
            self.authorizer.admit(route, &parts(route.method().as_str(), "/", authorization)).await
        }

        /// Returns the detail of the refusal.
        async fn refused(&self, route: RouteId, authorization: Option<&str>) -> String {
            self.admit(route, authorization).await.unwrap_err().detail().to_owned()
        }
    }

    fn parts(method: &str, uri: &str, authorization: Option<&str>) -> Parts {
        let request = Request::builder().method(method).uri(uri);
        let request = authorization.into_iter().fold(request, |request, value| request.header("authorization", value));
        request.body(()).unwrap().into_parts().0
    }

    fn cached() -> Option<IdentitySource> {
        Some(IdentitySource::authorization(MINUTE))
    }

    fn allow(player: &str, covers: Covers) -> Decision {
        let context = vec![("liftgate".to_owned(), "player".to_owned())];
        Decision::Allow { player: Some(player.to_owned()), context, plan_key: None, covers }
    }

    /// Allows those who send their name.
    fn by_name(asked: Asked) -> Decision {
        match asked.authorization.first().map(String::as_str) {
            Some("mallory") => Decision::Refuse { detail: "Not you." },
            Some(name) => allow(name, Covers::Everything),
            None => Decision::Allow {
                player: None,
                context: vec![("liftgate".to_owned(), "trust-body".to_owned())],
                plan_key: None,
                covers: Covers::Everything,
            },
        }
    }

    #[rstest]
    #[case::preflight(RouteId::JoinSession, "OPTIONS")]
    #[case::wrong_method(RouteId::JoinSession, "DELETE")]
    #[case::game_servers(RouteId::RegisterGameServer, "POST")]
    #[case::of_operators(RouteId::GameServers, "GET")]
    #[tokio::test]
    async fn some_calls_have_no_authorizer_in_front(#[case] route: RouteId, #[case] method: &str) {
        for source in [None, cached()] {
            let scripted = Scripted::new(source, |_| Decision::Refuse { detail: "Nobody." });
            assert_eq!(scripted.authorizer.admit(route, &parts(method, "/", None)).await.unwrap(), None);
            assert_eq!(scripted.asked(), 0);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn without_an_identity_source_the_authorizer_is_asked_about_every_call() {
        let scripted = Scripted::new(None, by_name);
        for _ in 0..3 {
            let ann = scripted.admit(RouteId::JoinSession, Some("ann")).await.unwrap().unwrap();
            assert_eq!((ann.principal_id.as_str(), &ann.context["liftgate"]), ("ann", &"player".into()));
        }
        let nobody = scripted.admit(RouteId::JoinSession, None).await.unwrap().unwrap();
        assert_eq!(nobody.principal_id, "trust-body");
        assert_eq!(scripted.refused(RouteId::JoinSession, Some("mallory")).await, "The caller is not let in. Not you.");
        assert_eq!(scripted.asked(), 5);
    }

    #[rstest]
    #[case::missing(None)]
    #[case::empty(Some(""))]
    #[tokio::test(start_paused = true)]
    async fn a_missing_identity_source_is_refused_before_the_authorizer_runs(#[case] authorization: Option<&str>) {
        for time in [Duration::ZERO, MINUTE] {
            let scripted = Scripted::new(Some(IdentitySource::authorization(time)), by_name);
            let error = scripted.admit(RouteId::JoinSession, authorization).await.unwrap_err();
            // template.yaml has one answer for both, since it has no identity source.
            assert_eq!((error.code(), scripted.asked()), (Code::RateLimited, 0));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_allow_is_kept_for_every_route_and_outlives_the_token() {
        let begun = tokio::time::Instant::now();
        let expired = move || begun.elapsed() >= Duration::from_secs(10);
        let scripted =
            Scripted::new(
                cached(),
                move |asked| {
                    if expired() { Decision::Refuse { detail: "Expired." } } else { by_name(asked) }
                },
            );
        scripted.admit(RouteId::CreateSession, Some("ann")).await.unwrap();
        advance(MINUTE - Duration::from_secs(1)).await;
        for route in [RouteId::CreateSession, RouteId::FindSession, RouteId::TerminateStream] {
            assert_eq!(scripted.admit(route, Some("ann")).await.unwrap().unwrap().principal_id, "ann");
        }
        assert_eq!(scripted.asked(), 1);
        advance(Duration::from_secs(1)).await;
        assert!(scripted.refused(RouteId::CreateSession, Some("ann")).await.ends_with("Expired."));
    }

    #[tokio::test(start_paused = true)]
    async fn a_deny_is_kept_too() {
        let scripted = Scripted::new(cached(), by_name);
        for _ in 0..3 {
            assert!(scripted.refused(RouteId::FindSession, Some("mallory")).await.ends_with("Not you."));
        }
        assert_eq!(scripted.asked(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn one_request_too_many_is_refused_and_the_refusal_is_not_kept() {
        let scripted = Scripted::new(cached(), |_| Decision::RateLimited);
        for _ in 0..2 {
            let error = scripted.admit(RouteId::JoinSession, Some("ann")).await.unwrap_err();
            assert_eq!(error.code(), Code::RateLimited);
        }
        assert_eq!(scripted.asked(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_an_outage_and_is_not_kept() {
        let scripted = Scripted::new(cached(), |_| Decision::KeysUnavailable);
        for _ in 0..2 {
            let error = scripted.admit(RouteId::JoinSession, Some("ann")).await.unwrap_err();
            assert_eq!(error.code(), Code::UpstreamUnavailable);
        }
        assert_eq!(scripted.asked(), 2);
        let broken = Scripted::new(None, |_| panic!("a bug"));
        assert_eq!(broken.admit(RouteId::JoinSession, None).await.unwrap_err().code(), Code::UpstreamUnavailable);
    }

    #[tokio::test(start_paused = true)]
    async fn an_allow_of_one_route_opens_no_other() {
        for (source, only) in [None, cached()].into_iter().zip([RouteId::FindSession, RouteId::SignIn]) {
            let scripted = Scripted::new(source, move |_| allow("ann", Covers::Only(only)));
            assert!(scripted.admit(only, Some("ann")).await.is_ok());
            let error = scripted.admit(RouteId::CreateSession, Some("ann")).await.unwrap_err();
            assert_eq!(error.code(), Code::Unauthenticated);
        }
    }

    #[tokio::test]
    async fn the_authorizer_sees_every_header_and_a_token_in_the_query() {
        let scripted = Scripted::new(None, |asked| {
            assert_eq!(asked.authorization, ["one", "two"]);
            assert_eq!((asked.method.as_str(), asked.path.as_str()), ("GET", "/find_session"));
            Decision::Refuse { detail: if asked.token_in_query { "In the query." } else { "Two." } }
        });
        for (uri, detail) in [("/find_session?name=a", "Two."), ("/find_session?%61ccess_token=a", "In the query.")] {
            let mut parts = parts("GET", uri, Some("one"));
            parts.headers.append(header::AUTHORIZATION, header::HeaderValue::from_static("two"));
            let error = scripted.authorizer.admit(RouteId::FindSession, &parts).await.unwrap_err();
            assert!(error.detail().ends_with(detail), "{error}");
        }
    }

    #[test]
    fn the_answers_are_those_of_the_template() {
        let template = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml")).unwrap();
        let detail = |response: &str| {
            let (_, rest) = template.split_once(&format!("        {response}:\n")).unwrap();
            let (_, rest) = rest.split_once("\"detail\":\"").unwrap();
            rest.split_once("\",").unwrap().0.to_owned()
        };
        assert_eq!(detail("ACCESS_DENIED"), format!("{ACCESS_DENIED}$context.authorizer.detail"));
        assert_eq!(detail("AUTHORIZER_FAILURE"), AUTHORIZER_FAILURE);
    }
}
