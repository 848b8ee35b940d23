//! A list from its first page to its last, as the store has it.
//!
//! A whole sweep is in [`PARTS`] readings, by the hash of what a thing is looked up by: each part is read by a quarter of
//! those who wait, because DynamoDB serves one item some thousand times a second. Each part is true by itself, so it does
//! not matter if not all are written. A sweep of several leases is in a reading of its own until it is whole.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use shared::hash::hex_sha256;
use store::MOST_BYTES;

use crate::looks::list::{Page, Thing};

/// The number of parts.
pub(crate) const PARTS: usize = 4;

/// How long after its last page a sweep may go on, and counts as the one before. An older one is of another rush.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// The most bytes of a sweep that are kept: what the store takes, less what a reading has beside its text.
const MOST_KEPT: usize = MOST_BYTES - 1_000;

/// How much of a hash is kept.
const HASH: usize = 16;

/// What a sweep saw of the things that are looked up by one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sight {
    /// When the sweep began, since 1970.
    pub(crate) began: Duration,
    /// How many pages it had.
    pub(crate) pages: usize,
    /// The texts of the things; none if there are none.
    pub(crate) texts: Vec<String>,
}

/// A sweep under way, or over.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Sweep {
    /// When it began, in microseconds since 1970.
    began: u64,
    /// When its last page was read, likewise.
    read: u64,
    pages: usize,
    leases: usize,
    /// The token of the next page; `None` at the beginning and at the end.
    token: Option<String>,
    lines: Vec<String>,
    /// The lines of the sweep before, if that took several leases.
    before: Vec<String>,
}

impl Sweep {
    /// The sweep that goes on at `now`: a new one, unless the `rest` of another lease is to be read.
    pub(crate) fn next(rest: Option<&str>, now: Duration) -> Self {
        let rest = rest.and_then(|rest| serde_json::from_str::<Self>(rest).ok()).unwrap_or_default();
        let is_fresh = micros(now) < rest.read.saturating_add(micros(LONGEST_PAUSE));
        let mut next = match rest {
            _ if !is_fresh => Self { began: micros(now), ..Self::default() },
            rest if rest.token.is_some() => rest,
            rest => Self { began: micros(now), before: rest.lines, ..Self::default() },
        };
        next.leases += 1;
        next
    }

    /// The token of the next page to read.
    pub(crate) fn token(&self) -> Option<String> {
        self.token.clone()
    }

    /// Adds a page that was read at `now`.
    pub(crate) fn add(&mut self, page: Page, now: Duration) {
        self.read = micros(now);
        self.pages += 1;
        self.token = page.next_token;
        self.lines.extend(page.things.iter().map(line));
    }

    /// Whether all pages have been read.
    pub(crate) fn is_whole(&self) -> bool {
        self.pages > 0 && self.token.is_none()
    }

    /// Whether it took, or will take, several leases.
    pub(crate) fn is_long(&self) -> bool {
        self.leases > 1 || !self.is_whole()
    }

    /// What has to be kept for the next lease or sweep. Where it is too much for the store, the sweep before is left
    /// out; empty if it is too much even so, and the next lease begins at the first page.
    pub(crate) fn rest(&self) -> String {
        let alone = || Self { before: Vec::new(), ..self.clone() };
        let kept = if self.is_whole() { None } else { self.as_kept() };
        kept.or_else(|| alone().as_kept()).unwrap_or_default()
    }

    fn as_kept(&self) -> Option<String> {
        serde_json::to_string(self).ok().filter(|kept| kept.len() <= MOST_KEPT)
    }

    /// The parts of a whole sweep.
    pub(crate) fn parts(&self) -> [String; PARTS] {
        let head = format!("{} {}", self.began, self.pages);
        let mut parts = [const { String::new() }; PARTS].map(|_| head.clone());
        for line in self.listed() {
            let part = &mut parts[part_of(line)];
            part.push('\n');
            part.push_str(line);
        }
        parts
    }

    fn listed(&self) -> impl Iterator<Item = &String> {
        let before = if self.leases > 1 { self.before.as_slice() } else { &[] };
        before.iter().filter(|line| !self.lines.contains(line)).chain(&self.lines)
    }
}

impl Sight {
    /// What `part` tells of the things that are looked up by `key`; `None` if it cannot be read.
    pub(crate) fn read(part: &str, key: &str) -> Option<Self> {
        let (hash, mut lines) = (hash(key), part.lines());
        let (began, pages) = lines.next()?.split_once(' ')?;
        let texts = lines.filter_map(|line| line.split_once(' ')).filter(|(of, _)| *of == hash);
        let texts = texts.map(|(_, text)| text.to_owned()).collect();
        Some(Self { began: Duration::from_micros(began.parse().ok()?), pages: pages.parse().ok()?, texts })
    }
}

/// The part in which things are that are looked up by `key`.
pub(crate) fn part(key: &str) -> usize {
    part_of(&hash(key))
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn part_of(line: &str) -> usize {
    usize::from(line.bytes().next().unwrap_or_default()) % PARTS
}

fn line(thing: &Thing) -> String {
    format!("{} {}", hash(&thing.key), thing.text.replace('\n', " "))
}

fn hash(key: &str) -> String {
    let mut hash = hex_sha256(&[key.as_bytes()]);
    hash.truncate(HASH);
    hash
}
