//! The event of a REQUEST authorizer.
//!
//! It is read member by member. The type of the library for it refuses an event with a header that is not ASCII, and
//! keeps one of two headers whose names differ in case: both are for the authorizer to refuse.

use std::collections::BTreeSet;

use identity::authorizer::{Ask, is_token_parameter};
use serde_json::Value;

/// An event that can be answered.
#[derive(Debug)]
pub(crate) struct Event<'a> {
    /// The ARN of the stage: that of the method without the method and the path.
    pub(crate) stage: &'a str,
    /// The ARN of the method and the path as they were asked for, without wildcards.
    pub(crate) method_arn: &'a str,
    pub(crate) ask: Ask<'a>,
}

impl<'a> Event<'a> {
    /// Reads an event.
    ///
    /// # Errors
    /// A sentence for the log.
    pub(crate) fn read(event: &'a Value) -> Result<Self, &'static str> {
        if event["type"] != "REQUEST" {
            return Err(
                "it is not of type REQUEST: configure this function as a Lambda authorizer of that type, with payload format 1.0",
            );
        }
        let arn = event["methodArn"].as_str().unwrap_or_default();
        let ask = Ask {
            authorization: authorization(event)?,
            token_in_query: names(&event["queryStringParameters"])
                .chain(names(&event["multiValueQueryStringParameters"]))
                .any(is_token_parameter),
            method: event["httpMethod"].as_str().unwrap_or_default(),
            path: path(event),
            address: event["requestContext"]["identity"]["sourceIp"].as_str(),
        };
        Ok(Self { stage: stage(arn).ok_or("its methodArn is no ARN of a method")?, method_arn: arn, ask })
    }
}

/// The route. Behind a resource that takes any path (`/{proxy+}`, `$default`) only the request's own path says which.
fn path(event: &Value) -> &str {
    let text = |name: &str| event[name].as_str().unwrap_or_default();
    if text("resource").contains(['{', '$']) { text("path") } else { text("resource") }
}

/// `arn:aws:execute-api:us-west-2:123456789012:a1b2c3/Prod` of `arn:...:a1b2c3/Prod/GET/find_session`.
fn stage(arn: &str) -> Option<&str> {
    let mut slashes = arn.match_indices('/').map(|(place, _)| place);
    let (first, second) = (slashes.next()?, slashes.next()?);
    let is_arn = arn.starts_with("arn:") && arn.contains(":execute-api:") && !arn.contains(['*', '?']);
    (is_arn && second > first + 1 && arn.len() <= 1600).then(|| &arn[..second])
}

fn names(members: &Value) -> impl Iterator<Item = &str> {
    members.as_object().into_iter().flatten().map(|(name, _)| name.as_str())
}

/// The values of all headers `Authorization`. API Gateway writes each header into two maps: `headers` has the last
/// value, `multiValueHeaders` all of them.
fn authorization(event: &Value) -> Result<Vec<&str>, &'static str> {
    const WRONG: &str = "a header is no text";
    let of = |name: &str| {
        let members = event[name].as_object().into_iter().flatten();
        members.filter(|(name, _)| name.eq_ignore_ascii_case("authorization")).map(|(_, value)| value)
    };
    let mut values = Vec::new();
    for value in of("multiValueHeaders") {
        for value in value.as_array().ok_or(WRONG)? {
            values.push(value.as_str().ok_or(WRONG)?);
        }
    }
    let single = of("headers").map(|value| value.as_str().ok_or(WRONG)).collect::<Result<BTreeSet<_>, _>>()?;
    values.extend(single.into_iter().filter(|value| !values.contains(value)).collect::<Vec<_>>());
    Ok(values)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case::one(json!({ "headers": { "Authorization": "a" }, "multiValueHeaders": { "Authorization": ["a"] } }), &["a"])]
    #[case::one_map(json!({ "headers": { "authorization": "a" } }), &["a"])]
    #[case::two(json!({ "headers": { "authorization": "b" }, "multiValueHeaders": { "authorization": ["a", "b"] } }), &["a", "b"])]
    #[case::twice(json!({ "multiValueHeaders": { "authorization": ["a", "a"] } }), &["a", "a"])]
    #[case::two_spellings(json!({ "headers": { "authorization": "a", "AUTHORIZATION": "b" } }), &["b", "a"])]
    #[case::different(json!({ "headers": { "authorization": "b" }, "multiValueHeaders": { "authorization": ["a"] } }), &["a", "b"])]
    #[case::none(json!({ "headers": null, "multiValueHeaders": null }), &[])]
    fn all_values_of_the_header_are_read(#[case] event: Value, #[case] expected: &[&str]) {
        let mut values = authorization(&event).unwrap();
        let mut expected = expected.to_vec();
        values.sort_unstable();
        expected.sort_unstable();
        assert_eq!(values, expected);
    }

    #[rstest]
    #[case::route("/join_session", "/a/join_session", "/join_session")]
    #[case::proxy("/{proxy+}", "/join_session", "/join_session")]
    #[case::default("$default", "/v1/join_session", "/v1/join_session")]
    fn a_resource_for_any_path_leaves_the_route_to_the_path(
        #[case] resource: &str,
        #[case] asked: &str,
        #[case] expected: &str,
    ) {
        assert_eq!(path(&json!({ "resource": resource, "path": asked })), expected);
    }

    #[test]
    fn the_stage_is_the_methods_arn_without_method_and_path() {
        let stage_arn = "arn:aws:execute-api:us-west-2:123456789012:q7w2e9r4t1/Prod";
        assert_eq!(stage(&format!("{stage_arn}/GET/find_session")), Some(stage_arn));
        for wrong in [
            "",
            "*",
            "arn:aws:execute-api:us-west-2:1:a",
            "arn:aws:execute-api:us-west-2:1:a//GET/b",
            "arn:aws:execute-api:*:1:a/b/GET/c",
            "arn:aws:lambda:us-west-2:1:a/b/c",
        ] {
            assert_eq!(stage(wrong), None, "{wrong}");
        }
    }
}
