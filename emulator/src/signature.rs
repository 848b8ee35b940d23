//! Checks AWS Signature Version 4, for `--verify-signatures KEY:SECRET`.
//!
//! The signature is computed again with AWS's own signer from what was received, and compared in
//! constant time. Which exception goes with which mistake is what AWS services commonly answer
//! (inferred for GameLift). Region and session token are not looked at; signatures in the query
//! (presigned URLs) are not read.

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
use axum::http::{HeaderMap, HeaderName, Method, Uri, header::AUTHORIZATION, header::HOST};
use jiff::{Timestamp, civil};
use subtle::ConstantTimeEq as _;

use crate::{ServiceError, wire::call::Service};

/// How far a request's date may be off.
const MAX_SKEW: Duration = Duration::from_secs(5 * 60);

/// The one key pair that signs good requests.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKey {
    id: String,
    secret: String,
}

/// `KEY:SECRET`.
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

/// Without the secret.
impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What an `Authorization` header says.
struct Claim<'a> {
    key_id: &'a str,
    day: &'a str,
    region: &'a str,
    service: &'a str,
    signed_headers: Vec<&'a str>,
    signature: &'a str,
}

impl AccessKey {
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn secret(&self) -> &str {
        &self.secret
    }

    /// Fails unless the request was signed with this key, for `service`, around `now`, the real
    /// time: clients sign with their own clock, whatever the emulator's shows.
    pub(crate) fn check(
        &self,
        service: Service,
        (method, uri, headers): (&Method, &Uri, &HeaderMap),
        body: &[u8],
        now: SystemTime,
    ) -> Result<(), ServiceError> {
        let authorization = text(headers, &AUTHORIZATION)
            .ok_or_else(|| forbidden("MissingAuthenticationTokenException", "The request is not signed."))?;
        let date = text(headers, &HeaderName::from_static("x-amz-date"));
        let (claim, date, signed_at) = Claim::parse(authorization)
            .zip(date)
            .and_then(|(claim, date)| Some((claim, date, instant(date)?)))
            .ok_or_else(|| {
                ServiceError::new(
                    "IncompleteSignatureException",
                    400,
                    "The Authorization header is no complete Signature Version 4, or X-Amz-Date is missing.",
                )
            })?;
        if claim.key_id != self.id {
            return Err(forbidden(
                "UnrecognizedClientException",
                "The access key is not the one of --verify-signatures.",
            ));
        }
        let name = match service {
            Service::GameLift => "gamelift",
            Service::Streams => "gameliftstreams",
        };
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

    /// The headers that sign a POST of `body` to `url`, for clients of the emulator's own.
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
        // Exactly what the client says it signed: the default would leave some headers out.
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

/// `20260102T030405Z`.
fn instant(date: &str) -> Option<SystemTime> {
    let date = civil::DateTime::strptime("%Y%m%dT%H%M%SZ", date).ok()?;
    let time: Timestamp = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    Some(time.into())
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn forbidden(exception: &'static str, message: &str) -> ServiceError {
    ServiceError::new(exception, 403, message)
}

fn invalid_signature(message: &str) -> ServiceError {
    forbidden("InvalidSignatureException", message)
}
