//! Rows 61 to 64, 104 to 117 and 124 to 128: how a token can be written, and which keys a set can have.

use serde_json::json;

use crate::tokens::{
    signer::hs256,
    table::{
        row::{Expected, Row, good, refused, row},
        world::World,
    },
    token::sign_parts,
};

const PLAYER: &str = "game:player-1";

pub(super) fn rows(world: &World) -> Vec<Row> {
    let mut rows = lengths(world);
    rows.extend(alphabets(world));
    rows.extend(payloads(world));
    rows.extend(schemes(world));
    rows.extend(keys(world));
    rows
}

fn lengths(world: &World) -> Vec<Row> {
    let of = |length: usize| world.token().claim("filler", "f".repeat(length)).sign(&world.rsa);
    let (header, claims) = world.token().parts(&world.rsa);
    let deep =
        |depth: usize| claims.replacen('{', &format!("{{\"deep\":{}1{},", "[".repeat(depth), "]".repeat(depth)), 1);
    let sign = |payload: &str| sign_parts(&world.rsa, "RS256", header.as_bytes(), payload.as_bytes());
    vec![
        good(61, "4 KB", of(3 * 1024), PLAYER),
        refused(61, "a little more than 8 KB", of(6 * 1024)),
        refused(62, "100 KB", of(75 * 1024)),
        refused(63, "10 MB", of(7 * 1024 * 1024)),
        refused(64, "1000 arrays in one another", sign(&deep(1000))),
        refused(64, "100,000 arrays in one another", sign(&deep(100_000))),
        refused(64, "100,000 brackets", sign(&"[".repeat(100_000))),
    ]
}

fn alphabets(world: &World) -> Vec<Row> {
    let text = world.token().sign(&world.rsa);
    let elliptic = world.elliptic().sign(&world.p256);
    let (head, _) = text.split_once('.').unwrap_or_default();
    let rest = &text[head.len()..];
    let (before, last) = elliptic.split_at(elliptic.len() - 1);
    let full_width: String = text.chars().map(|c| if c == 'e' { 'ｅ' } else { c }).collect();
    // A signature of 64 bytes leaves four bits of its last character without use. They have to be zero.
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let place = alphabet.find(last).unwrap_or_default();
    let non_canonical = &alphabet[place + 1..place + 2];
    vec![
        good(0, "the base", &text, PLAYER),
        refused(104, "padding", format!("{text}=")),
        refused(104, "padding of the header", format!("{head}=={rest}")),
        refused(105, "standard base64", format!("{head}{}", rest.replace(['-', '_'], "+") + "/")),
        refused(106, "a new line behind it", format!("{text}\n")),
        refused(106, "a new line in it", format!("{head}\n{rest}")),
        refused(107, "a leading blank", format!(" {text}")),
        refused(108, "Bearer twice", format!("Bearer {text}")),
        refused(109, "full-width letters", full_width),
        refused(109, "another byte", format!("{text}\u{e9}")),
        refused(110, "bits that are not zero behind the signature", format!("{before}{non_canonical}")),
    ]
}

fn payloads(world: &World) -> Vec<Row> {
    let (header, claims) = world.token().parts(&world.rsa);
    let sign = |payload: &[u8]| sign_parts(&world.rsa, "RS256", header.as_bytes(), payload);
    let not_utf8 = [claims.trim_end_matches('}').as_bytes(), b",\"a\":\"\xff\"}"].concat();
    vec![
        refused(111, "a byte order mark", sign(&[b"\xef\xbb\xbf", claims.as_bytes()].concat())),
        refused(112, "not UTF-8", sign(&not_utf8)),
        refused(113, "payload null", sign(b"null")),
        refused(113, "payload an array", sign(b"[]")),
        refused(113, "payload a text", sign(b"\"x\"")),
        refused(113, "payload empty", sign(b"")),
        refused(113, "something behind the payload", sign(format!("{claims}{{}}").as_bytes())),
    ]
}

fn schemes(world: &World) -> Vec<Row> {
    let text = world.token().sign(&world.rsa);
    let of = |number: u16, name: &'static str, values: &[&str], expected: Expected| {
        let authorization = values.iter().map(|value| value.replace("TOKEN", &text)).collect();
        Row { number, name, authorization, query: None, expected }
    };
    let player = Expected::Player(PLAYER);
    let in_query = |name: &'static str, authorization: &[&str]| {
        let row = of(117, "the token in the query", authorization, Expected::Refused);
        Row { query: Some((name, text.clone())), ..row }
    };
    vec![
        of(114, "scheme bearer", &["bearer TOKEN"], player.clone()),
        of(114, "scheme BEARER", &["BEARER TOKEN"], player),
        of(115, "scheme Basic", &["Basic TOKEN"], Expected::Refused),
        of(115, "no scheme", &["TOKEN"], Expected::Refused),
        of(115, "another space", &["Bearer\tTOKEN"], Expected::Refused),
        of(116, "two headers", &["Bearer TOKEN", "Bearer TOKEN"], Expected::Refused),
        of(116, "a bad header and a good one", &["Bearer a.b.c", "Bearer TOKEN"], Expected::Refused),
        of(116, "two tokens in one header", &["Bearer TOKEN, Bearer TOKEN"], Expected::Refused),
        of(116, "no header", &[], Expected::Refused),
        in_query("access_token", &[]),
        in_query("Token", &["Bearer TOKEN"]),
    ]
}

/// Strange entries of a set of keys do not spoil the others, and open nothing.
fn keys(world: &World) -> Vec<Row> {
    let signed = |kid: &str| world.hostile(kid).sign(&world.rsa);
    let secret = world.hostile("oct").header("alg", "HS256").sign_with(&world.rsa, |message| hs256(b"secret", message));
    vec![
        good(124, "a key beside unknown ones", signed("good"), "hostile:player-1"),
        refused(124, "a key of an unknown kind", signed("unknown-kty")),
        refused(124, "a key with an id only", signed("kid-only")),
        refused(125, "the id of a key with a number", signed("7")),
        row(125, "a number as an id", world.hostile("x").header("kid", json!(7)).sign(&world.rsa), Expected::Refused),
        refused(126, "a secret as a key", secret),
        refused(127, "a key for encryption", signed("enc")),
        refused(128, "a key whose operation is another", signed("encrypt")),
    ]
}
