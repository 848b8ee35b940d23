//! The format of calls and answers between an AWS SDK and the emulator: RPC v2 CBOR for GameLift, REST-JSON for
//! GameLift Streams.

use crate::faults::http1::Message;

const RPC_PATH: &str = "/service/GameLift/operation/";

/// The statuses in answers. Their replacements have the same length, so that the answer stays well-formed.
const STATUSES: [&str; 9] = [
    "ACTIVATING",
    "ACTIVE",
    "Active",
    "RESERVED",
    "CONNECTED",
    "PENDING_CLIENT_RECONNECTION",
    "PENDING",
    "FULFILLED",
    "TERMINATED",
];

/// Returns the operation that a request calls.
pub(crate) fn operation(request: &Message) -> String {
    let words = request.words();
    let (method, path) = (words[0].as_str(), words[1].split('?').next().unwrap());
    if let Some(operation) = path.strip_prefix(RPC_PATH) {
        return operation.to_owned();
    }
    let parts: Vec<_> = path.trim_matches('/').split('/').collect();
    let operation = match (method, parts.as_slice()) {
        ("POST", ["streamgroups", _, "streamsessions"]) => "StartStreamSession",
        ("GET", ["streamgroups", _, "streamsessions"]) => "ListStreamSessions",
        ("GET", ["streamgroups", _, "streamsessions", _]) => "GetStreamSession",
        ("DELETE", ["streamgroups", _, "streamsessions", _]) => "TerminateStreamSession",
        ("POST", ["streamgroups", _, "streamsessions", _, "connections"]) => "CreateStreamSessionConnection",
        ("GET", ["streamgroups", _]) => "GetStreamGroup",
        ("GET", ["applications", _]) => "GetApplication",
        ("GET", ["streamsessions"]) => "ListStreamSessionsByAccount",
        _ => panic!("which operation is {method} {path}?"),
    };
    operation.to_owned()
}

/// Returns the answer to `request` that reports this exception.
pub(crate) fn exception(request: &Message, name: &str) -> Message {
    const TEXT: &str = "An injected exception.";
    if request.words()[1].starts_with(RPC_PATH) {
        let status = if name.starts_with("Internal") { 500 } else { 400 };
        let shape = format!("com.amazonaws.gamelift#{name}");
        let members = [("__type", shape.as_str()), ("Message", TEXT)];
        // The head of a map with two members.
        let mut body = vec![0xa2];
        for (name, value) in members {
            body.extend(cbor_text(name));
            body.extend(cbor_text(value));
        }
        let headers = [("content-type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor")];
        return Message::answer(status, &headers, body);
    }
    let status = match name {
        "AccessDeniedException" => 403,
        "ResourceNotFoundException" => 404,
        "ConflictException" => 409,
        "ThrottlingException" => 429,
        name if name.starts_with("Internal") => 500,
        _ => 400,
    };
    let headers = [("content-type", "application/json"), ("x-amzn-errortype", name)];
    Message::answer(status, &headers, format!("{{\"Message\":\"{TEXT}\"}}").into_bytes())
}

/// Returns a success without members in place of `answer`; an exception stays.
pub(crate) fn empty(answer: &Message) -> Message {
    let is_cbor = answer.header("content-type").as_deref() == Some("application/cbor");
    match answer.words()[1].as_str() {
        "200" if is_cbor => {
            let headers = [("content-type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor")];
            Message::answer(200, &headers, vec![0xa0])
        }
        "200" => Message::answer(200, &[("content-type", "application/json")], b"{}".to_vec()),
        _ => answer.clone(),
    }
}

/// Replaces every status in the answer by an unknown one.
pub(crate) fn make_statuses_unknown(answer: &mut Message) {
    for status in STATUSES {
        for value in [cbor_text(status), format!("\"{status}\"").into_bytes()] {
            let unknown: Vec<_> =
                value.iter().map(|byte| if byte.is_ascii_alphabetic() { b'Z' } else { *byte }).collect();
            // The first byte of a short CBOR text can look like a letter.
            let unknown = [&value[..1], &unknown[1..]].concat();
            let mut at = 0;
            while let Some(found) = answer.body[at..].windows(value.len()).position(|window| window == value) {
                at += found;
                answer.body[at..at + value.len()].copy_from_slice(&unknown);
            }
        }
    }
}

/// Returns a text of up to 255 bytes in CBOR (RFC 8949, section 3.1).
fn cbor_text(text: &str) -> Vec<u8> {
    const TEXT: u8 = 0x60;
    let length = u8::try_from(text.len()).unwrap();
    let head = if length < 24 { vec![TEXT | length] } else { vec![TEXT | 24, length] };
    [head, text.as_bytes().to_vec()].concat()
}
