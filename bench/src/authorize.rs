//! What the function `authorize` costs: its start, its memory, and the check of a token. The real binary runs under a
//! Runtime API on this machine, beside a bare function in turns, so that both have the same machine.

use std::{
    env, fs,
    io::{Error, ErrorKind},
    path::{Path, PathBuf},
    process,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use testing::{
    lambda::Function,
    tokens::{Answer, KeyServer, Signer, Token, event},
};

use crate::report::{percentile, sorted};

/// Calls before those that are counted: the first ones fill caches and pools.
const WARM_UP: usize = 50;

/// What the ids of all players begin with.
const PLAYER: &str = "player-";

const ISSUER: &str = "https://id.example.com";

/// A function that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The example `bare`, which checks nothing.
    Bare,
    /// `authorize` with the issuer's keys in its configuration.
    Pinned,
    /// `authorize` with keys from a server on this machine, over TLS.
    Served,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Bare, Self::Pinned, Self::Served];

    const fn name(self) -> &'static str {
        match self {
            Self::Bare => "a bare function",
            Self::Pinned => "`authorize`, keys in the configuration",
            Self::Served => "`authorize`, keys from a server over TLS",
        }
    }
}

/// What is measured.
#[derive(Clone, Debug)]
pub struct Costs {
    /// The folder with the release binary `authorize`, and `examples/bare`. Left out: that of this program.
    pub folder: Option<PathBuf>,
    /// Starts of each function.
    pub starts: usize,
    /// Warm calls of each function and algorithm.
    pub calls: usize,
}

/// A function's figures.
#[derive(Debug, Default)]
struct Figures {
    bytes: u64,
    to_ready: Vec<Duration>,
    to_answer: Vec<Duration>,
    resident_kb: Vec<u64>,
    /// Processor time of a warm call, with an ES256 and with an RS256 token.
    warm: [Option<Duration>; 2],
}

/// The binaries, the keys of the issuer, and the server that has them.
struct Bench {
    folder: PathBuf,
    signers: [Signer; 2],
    server: KeyServer,
    /// The server's certificate in a file.
    certificate: PathBuf,
}

impl Costs {
    /// Measures, and returns a Markdown table.
    ///
    /// # Errors
    /// When a binary is missing, with the command that makes it, and when a function lets nobody in.
    pub async fn run(&self) -> Result<String, Error> {
        let bench = Bench::new(self.folder.clone()).await?;
        let mut figures: [Figures; 3] = Default::default();
        for (kind, figures) in Kind::ALL.into_iter().zip(&mut figures) {
            figures.bytes = fs::metadata(bench.binary(kind))?.len();
        }
        for _ in 0..self.starts {
            for (kind, figures) in Kind::ALL.into_iter().zip(&mut figures) {
                bench.start(kind, figures).await?;
            }
        }
        for (kind, figures) in Kind::ALL.into_iter().zip(&mut figures) {
            for (warm, signer) in figures.warm.iter_mut().zip(&bench.signers) {
                *warm = bench.warm(kind, signer, self.calls).await?;
            }
        }
        fs::remove_file(&bench.certificate)?;
        Ok(table(&figures))
    }
}

impl Bench {
    async fn new(folder: Option<PathBuf>) -> Result<Self, Error> {
        let folder = match folder {
            Some(folder) => folder,
            None => env::current_exe()?.parent().map(Path::to_owned).unwrap_or_default(),
        };
        let signers = [Signer::p256(), Signer::rsa()];
        let server = KeyServer::start().await;
        server.answer("/keys", Answer::Json(keys(&signers)));
        let certificate = env::temp_dir().join(format!("liftgate-bench-{}.pem", process::id()));
        fs::write(&certificate, &server.certificate)?;
        let bench = Self { folder, signers, server, certificate };
        for kind in Kind::ALL {
            let binary = bench.binary(kind);
            if !binary.is_file() {
                let how = "build both with: cargo build --release --package authorize && cargo build --release --package bench --example bare";
                return Err(Error::new(ErrorKind::NotFound, format!("{} is not there; {how}", binary.display())));
            }
        }
        Ok(bench)
    }

    fn binary(&self, kind: Kind) -> PathBuf {
        self.folder.join(if kind == Kind::Bare { "examples/bare" } else { "authorize" })
    }

    async fn function(&self, kind: Kind) -> Function {
        let jwks = match kind {
            Kind::Pinned => keys(&self.signers),
            Kind::Bare | Kind::Served => self.server.url("/keys").into(),
        };
        let issuers =
            json!([{ "provider": "oidc", "issuer": ISSUER, "audiences": ["game"], "jwks": jwks }]).to_string();
        let certificate = self.certificate.to_string_lossy();
        let mut variables = vec![
            // As on Lambda, keys are loaded before the first event.
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
            ("LIFTGATE_IDENTITY", "oidc"),
            ("LIFTGATE_ISSUERS", &*issuers),
        ];
        if kind == Kind::Served {
            variables.push(("LIFTGATE_CA_BUNDLE", &*certificate));
        }
        Function::start("measured", &self.binary(kind).to_string_lossy(), &variables).await
    }

    /// One cold start, up to the first answer.
    async fn start(&self, kind: Kind, figures: &mut Figures) -> Result<(), Error> {
        let event = event_of(&self.signers[0], PLAYER);
        let started = Instant::now();
        let mut function = self.function(kind).await;
        let to_ready = function.ready().await;
        call(kind, &mut function, &event).await?;
        figures.to_ready.push(to_ready);
        figures.to_answer.push(started.elapsed());
        figures.resident_kb.extend(function.process_id().and_then(resident_kb));
        function.stop().await;
        Ok(())
    }

    /// The processor time of a warm call, each of another player: one alone would meet its rate.
    async fn warm(&self, kind: Kind, signer: &Signer, calls: usize) -> Result<Option<Duration>, Error> {
        let events: Vec<_> = (0..WARM_UP + calls).map(|call| event_of(signer, &format!("{PLAYER}{call}"))).collect();
        let (warm_up, counted) = events.split_at(WARM_UP);
        let mut function = self.function(kind).await;
        for event in warm_up {
            call(kind, &mut function, event).await?;
        }
        let before = function.process_id().and_then(processor_time);
        for event in counted {
            call(kind, &mut function, event).await?;
        }
        let after = function.process_id().and_then(processor_time);
        function.stop().await;
        let per_call = |time: Duration| Some(time / u32::try_from(calls).ok().filter(|calls| *calls > 0)?);
        Ok(after.zip(before).and_then(|(after, before)| per_call(after.saturating_sub(before))))
    }
}

/// Hands the function an event. An answer that lets nobody in would be the wrong thing to measure.
async fn call(kind: Kind, function: &mut Function, event: &str) -> Result<(), Error> {
    let answer = function.invoke(event).await;
    let is_good =
        |answer: &Value| kind == Kind::Bare || answer["principalId"].as_str().is_some_and(|id| id.starts_with(PLAYER));
    match answer {
        Ok(answer) if is_good(&answer) => Ok(()),
        Ok(answer) | Err(answer) => Err(Error::other(format!("{} has answered {answer}", kind.name()))),
    }
}

fn keys(signers: &[Signer; 2]) -> Value {
    json!({ "keys": [signers[0].jwk(signers[0].algorithm()), signers[1].jwk(signers[1].algorithm())] })
}

fn event_of(signer: &Signer, player: &str) -> String {
    let token = Token::new(ISSUER, "game", signer.algorithm(), player).sign(signer);
    event::of(&[format!("Bearer {token}")], None).to_string()
}

/// The memory of a process that is in RAM. Known on Linux only.
fn resident_kb(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.split_whitespace().next()?.parse().ok()
}

/// The time that all threads of a process had a processor. Known on Linux only.
fn processor_time(process: u32) -> Option<Duration> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).ok()?.flatten();
    let nanos = |thread: fs::DirEntry| -> Option<u64> {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse().ok()
    };
    Some(Duration::from_nanos(threads.filter_map(nanos).sum()))
}

fn table(figures: &[Figures; 3]) -> String {
    let row = |what: &str, cell: &dyn Fn(&Figures) -> String| {
        format!("| {what} | {} |\n", figures.iter().map(cell).collect::<Vec<_>>().join(" | "))
    };
    let median = |times: &[Duration]| millis(percentile(&sorted(times.iter().copied()), 50));
    let memory = |figures: &Figures| {
        let mut all = figures.resident_kb.clone();
        all.sort_unstable();
        all.get(all.len() / 2).map_or_else(|| "-".to_owned(), |kb| megabytes(kb * 1024))
    };
    let heads = Kind::ALL.map(Kind::name).join(" | ");
    [
        format!("| | {heads} |\n|---|---|---|---|\n"),
        row("process start to ready", &|figures| median(&figures.to_ready)),
        row("to the first answer", &|figures| median(&figures.to_answer)),
        row("resident memory then", &memory),
        row("processor time of a warm call, ES256", &|figures| millis(figures.warm[0])),
        row("processor time of a warm call, RS256", &|figures| millis(figures.warm[1])),
        row("size of the binary", &|figures| megabytes(figures.bytes)),
    ]
    .concat()
}

fn millis(time: Option<Duration>) -> String {
    time.map_or_else(|| "-".to_owned(), |time| format!("{:.2} ms", 1000.0 * time.as_secs_f64()))
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
