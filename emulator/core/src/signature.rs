//! Checks AWS Signature Version 4, for `--verify-signatures KEY:SECRET`.
//!
//! The signature is computed again with AWS's own signer from the received request, and compared in constant time. The
//! exception for each mistake is the one that AWS services commonly return (inferred for GameLift). Region and session
//! token are not checked. Signatures in the query (presigned URLs) are not read.

use std::{
    fmt,
    str::FromStr,
    time::{Duration, SystemTime},
};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use axum::http::{
    HeaderMap, HeaderName, Method, Uri,
    header::{AUTHORIZATION, HOST},
};
use jiff::{Timestamp, civil};
use subtle::ConstantTimeEq as _;

use crate::model::{
    error::ServiceError,
    exceptions::common::{INCOMPLETE_SIGNATURE, INVALID_SIGNATURE, MISSING_AUTHENTICATION_TOKEN, UNRECOGNIZED_CLIENT},
    service::Service,
};

/// Largest accepted error of a request's date.
const MAX_SKEW: Duration = Duration::from_secs(5 * 60);

/// The one key pair that signs valid requests.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKey {
    id: String,
    secret: String,
}

/// Reads `KEY:SECRET`.
impl FromStr for AccessKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some((id, secret)) if !id.is_empty() && !secret.is_empty() => {
                Ok(Self { id: id.into(), secret: secret.into() })
            }
            _ => Err("give an access key id and a secret access key as KEY:SECRET"),
        }
    }
}

/// Shows the id without the secret.
impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The parts of an `Authorization` header.
struct Claim<'a> {
    key_id: &'a str,
    day: &'a str,
    region: &'a str,
    service: &'a str,
    signed_headers: Vec<&'a str>,
    signature: &'a str,
}

impl AccessKey {
    /// Returns the access key id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the secret access key.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// Fails unless the request was signed with this key, for `service`, around `now`. `now` is the real time: clients
    /// sign with their own clock, independent of the emulator's.
    ///
    /// # Errors
    /// AWS's exception for the mistake in the signature.
    pub fn check(
        &self,
        service: Service,
        (method, uri, headers): (&Method, &Uri, &HeaderMap),
        body: &[u8],
        now: SystemTime,
    ) -> Result<(), ServiceError> {
        let authorization = text(headers, &AUTHORIZATION).ok_or_else(|| {
            MISSING_AUTHENTICATION_TOKEN.error("The request is not signed, and --verify-signatures is on.")
        })?;
        let date = text(headers, &HeaderName::from_static("x-amz-date"));
        let (claim, date, signed_at) = Claim::parse(authorization)
            .zip(date)
            .and_then(|(claim, date)| Some((claim, date, instant(date)?)))
            .ok_or_else(|| {
                INCOMPLETE_SIGNATURE
                    .error("The Authorization header is no complete Signature Version 4, or X-Amz-Date is missing.")
            })?;
        if claim.key_id != self.id {
            return Err(UNRECOGNIZED_CLIENT.error("The access key is not the one of --verify-signatures."));
        }
        let name = signing_name(service);
        if claim.service != name || !date.starts_with(claim.day) {
            return Err(invalid_signature(&format!(
                "The credential's scope is not that of {name} on the request's day."
            )));
        }
        let skew = now.duration_since(signed_at).unwrap_or_else(|ahead| ahead.duration());
        if skew > MAX_SKEW {
            return Err(invalid_signature("The request was signed too long ago, or in the future."));
        }
        let expected = self
            .signature(&claim, (method, uri, headers), body, signed_at)
            .ok_or_else(|| invalid_signature("The request cannot be signed."))?;
        if bool::from(expected.as_bytes().ct_eq(claim.signature.as_bytes())) {
            Ok(())
        } else {
            Err(invalid_signature("The signature is not the one of this request and this secret access key."))
        }
    }

    /// Returns the headers that sign a POST of `body` to `url`, for the emulator's own clients.
    pub fn sign_for_gamelift(&self, url: &str, body: &[u8]) -> Vec<(String, String)> {
        let identity = Credentials::new(&self.id, &self.secret, None, None, "verify-signatures").into();
        let signed = v4::SigningParams::builder()
            .identity(&identity)
            .region("us-west-2")
            .name("gamelift")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .ok()
            .and_then(|params| {
                let request = SignableRequest::new("POST", url, std::iter::empty(), SignableBody::Bytes(body)).ok()?;
                Some(sign(request, &params.into()).ok()?.into_parts().0)
            });
        let (headers, _) = signed.map(aws_sigv4::http_request::SigningInstructions::into_parts).unwrap_or_default();
        headers.into_iter().map(|header| (header.name().to_owned(), header.value().to_owned())).collect()
    }

    fn signature(
        &self,
        claim: &Claim<'_>,
        (method, uri, headers): (&Method, &Uri, &HeaderMap),
        body: &[u8],
        signed_at: SystemTime,
    ) -> Option<String> {
        // Exactly the headers that the client says it signed: the default would leave some out.
        let mut settings = SigningSettings::default();
        settings.excluded_headers = None;
        let identity = Credentials::new(&self.id, &self.secret, None, None, "verify-signatures").into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(claim.region)
            .name(claim.service)
            .time(signed_at)
            .settings(settings)
            .build()
            .ok()?;
        let signed = claim.signed_headers.iter().map(|name| Some((*name, headers.get(*name)?.to_str().ok()?)));
        let signed: Vec<_> = signed.collect::<Option<_>>()?;
        let host = text(headers, &HOST)?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let uri = format!("http://{host}{path}");
        let request = SignableRequest::new(method.as_str(), uri, signed.into_iter(), SignableBody::Bytes(body)).ok()?;
        Some(sign(request, &params.into()).ok()?.signature().to_owned())
    }
}

impl<'a> Claim<'a> {
    fn parse(authorization: &'a str) -> Option<Self> {
        let members = authorization.strip_prefix("AWS4-HMAC-SHA256")?.split(',').map(str::trim);
        let member = |name: &str| members.clone().find_map(|member| member.strip_prefix(name)?.strip_prefix('='));
        let credential = member("Credential")?;
        let mut scope = credential.rsplitn(5, '/');
        let ("aws4_request", service, region, day, key_id) =
            (scope.next()?, scope.next()?, scope.next()?, scope.next()?, scope.next()?)
        else {
            return None;
        };
        Some(Self {
            key_id,
            day,
            region,
            service,
            signed_headers: member("SignedHeaders")?.split(';').collect(),
            signature: member("Signature")?,
        })
    }
}

/// Returns the service's name in a credential's scope.
fn signing_name(service: Service) -> &'static str {
    match service {
        Service::GameLift => "gamelift",
        Service::Streams => "gameliftstreams",
    }
}

/// Reads a time such as `20260102T030405Z`.
fn instant(date: &str) -> Option<SystemTime> {
    let date = civil::DateTime::strptime("%Y%m%dT%H%M%SZ", date).ok()?;
    let time: Timestamp = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    Some(time.into())
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn invalid_signature(message: &str) -> ServiceError {
    INVALID_SIGNATURE.error(message)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use rstest::rstest;

    use super::*;

    const KEY: &str = "AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    const DATE: &str = "20260102T030405Z";

    /// A request as botocore 1.43.11 signs it.
    struct Signed {
        service: Service,
        method: Method,
        uri: &'static str,
        headers: Vec<(&'static str, &'static str)>,
        body: &'static [u8],
        authorization: &'static str,
    }

    impl Signed {
        fn json() -> Self {
            Self {
                service: Service::GameLift,
                method: Method::POST,
                uri: "/",
                headers: vec![
                    ("content-type", "application/x-amz-json-1.1"),
                    ("x-amz-target", "GameLift.ListFleets"),
                    ("user-agent", "x"),
                ],
                body: b"{\"Limit\": 5}",
                authorization: "AWS4-HMAC-SHA256 \
                                Credential=AKIDEXAMPLE/20260102/us-west-2/gamelift/aws4_request, \
                                SignedHeaders=content-type;host;x-amz-date;x-amz-target, \
                                Signature=e22bb6410c4a9593cb90dae29cc0e52ef737de65d321ee42bde93dbadf8c086c",
            }
        }

        fn rest() -> Self {
            Self {
                service: Service::Streams,
                method: Method::GET,
                uri: "/streamgroups/arn%3Aaws%3Agameliftstreams%3Aus-west-2%3A111122223333%3Astreamgroup%2Fsg-Local0001/\
                      streamsessions?Status=ACTIVE&MaxResults=5",
                headers: vec![],
                body: b"",
                authorization: "AWS4-HMAC-SHA256 \
                                Credential=AKIDEXAMPLE/20260102/us-west-2/gameliftstreams/aws4_request, \
                                SignedHeaders=host;x-amz-date, \
                                Signature=51e5e245c31ada39c9037eab61663ec976f97bb84513b62a13f5b1d8de1ede46",
            }
        }

        fn check(&self, later: Duration) -> Result<(), &'static str> {
            let mut headers: HeaderMap = self
                .headers
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
                .collect();
            headers.insert(HOST, HeaderValue::from_static("127.0.0.1:9870"));
            headers.insert("x-amz-date", HeaderValue::from_static(DATE));
            if !self.authorization.is_empty() {
                headers.insert(AUTHORIZATION, HeaderValue::from_static(self.authorization));
            }
            let key: AccessKey = KEY.parse().unwrap();
            let (uri, now) = (self.uri.parse().unwrap(), instant(DATE).unwrap() + later);
            key.check(self.service, (&self.method, &uri, &headers), self.body, now).map_err(|error| error.exception)
        }
    }

    #[rstest]
    #[case::json(Signed::json())]
    #[case::rest_with_an_arn_in_its_path(Signed::rest())]
    fn what_an_aws_sdk_signs_is_good_for_five_minutes(#[case] signed: Signed) {
        assert_eq!(signed.check(Duration::ZERO), Ok(()));
        assert_eq!(signed.check(MAX_SKEW), Ok(()));
        assert_eq!(signed.check(MAX_SKEW + Duration::from_secs(1)), Err("InvalidSignatureException"));
    }

    #[rstest]
    #[case::body(Signed { body: b"{\"Limit\": 6}", ..Signed::json() }, "InvalidSignatureException")]
    #[case::signed_header(
        Signed { headers: vec![("content-type", "x"), ("x-amz-target", "GameLift.ListFleets")], ..Signed::json() },
        "InvalidSignatureException"
    )]
    #[case::path(Signed { uri: "/other", ..Signed::rest() }, "InvalidSignatureException")]
    #[case::query(Signed { uri: "/?a=b", ..Signed::json() }, "InvalidSignatureException")]
    #[case::method(Signed { method: Method::PUT, ..Signed::json() }, "InvalidSignatureException")]
    #[case::service(Signed { service: Service::Streams, ..Signed::json() }, "InvalidSignatureException")]
    #[case::not_signed(Signed { authorization: "", ..Signed::json() }, "MissingAuthenticationTokenException")]
    #[case::not_sigv4(Signed { authorization: "Bearer x", ..Signed::json() }, "IncompleteSignatureException")]
    #[case::no_signature(
        Signed {
            authorization: "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-west-2/gamelift/aws4_request, \
                            SignedHeaders=host",
            ..Signed::json()
        },
        "IncompleteSignatureException"
    )]
    #[case::header_that_is_not_there(
        Signed {
            authorization: "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-west-2/gamelift/aws4_request, \
                            SignedHeaders=host;x-nothing, Signature=00",
            ..Signed::json()
        },
        "InvalidSignatureException"
    )]
    #[case::another_key(
        Signed {
            authorization: "AWS4-HMAC-SHA256 Credential=AKIDOTHER/20260102/us-west-2/gamelift/aws4_request, \
                            SignedHeaders=host, Signature=00",
            ..Signed::json()
        },
        "UnrecognizedClientException"
    )]
    fn everything_else_is_refused(#[case] signed: Signed, #[case] exception: &str) {
        assert_eq!(signed.check(Duration::ZERO), Err(exception));
    }

    #[test]
    fn the_secret_is_not_shown() {
        let key: AccessKey = KEY.parse().unwrap();
        assert_eq!(format!("{key:?}"), "AccessKey { id: \"AKIDEXAMPLE\", .. }");
        assert!("KEY".parse::<AccessKey>().is_err());
        assert!(":SECRET".parse::<AccessKey>().is_err());
    }
}
