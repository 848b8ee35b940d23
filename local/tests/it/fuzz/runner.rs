//! Runs cases for a while, prints seeds, and counts answers.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    env,
    fmt::Debug,
    panic::{self, AssertUnwindSafe},
    sync::Once,
    time::{Duration, Instant},
};

use futures_util::FutureExt as _;
use proptest::{
    strategy::Strategy,
    test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner},
};
use serde_json::Value;
use testing::names::ROUTES;

/// Number of cases with one seed.
const BATCH: u32 = 250;

/// Most rounds of cases until each function has done its work: the cases are random.
const MOST_ROUNDS: u32 = 5;

/// Least share of the events that has to reach a function.
const MIN_DECODED: f64 = 0.6;

/// The counts of a run.
#[derive(Default)]
pub(crate) struct Tally {
    answers: RefCell<BTreeMap<(&'static str, u16, String), usize>>,
    not_decoded: Cell<usize>,
}

impl Tally {
    pub(crate) fn answered(&self, function: &'static str, status: u16, code: &str) {
        *self.answers.borrow_mut().entry((function, status, code.to_owned())).or_default() += 1;
    }

    pub(crate) fn not_decoded(&self) {
        self.not_decoded.set(self.not_decoded.get() + 1);
    }

    fn count(&self) -> usize {
        self.answers.borrow().values().sum()
    }

    /// # Panics
    /// When too little has reached the functions, or a function never did its work.
    pub(crate) fn check(&self) {
        let (answered, not_decoded) = (self.count() as f64, self.not_decoded.get() as f64);
        let decoded = answered / (answered + not_decoded);
        assert!(decoded >= MIN_DECODED, "only {:.0} % of the events reached a function", decoded * 100.0);
        assert_eq!(self.never_succeeded(), [""; 0], "never succeeded");
    }

    /// Whether each function has done its work, if they are counted at all.
    fn is_complete(&self) -> bool {
        self.count() == 0 || self.never_succeeded().is_empty()
    }

    /// The functions that have answered no call with 200, or with 202: a search seldom ends within a case.
    fn never_succeeded(&self) -> Vec<&'static str> {
        let answers = self.answers.borrow();
        let did = |function| answers.keys().any(|(name, status, _)| *name == function && matches!(status, 200 | 202));
        ROUTES.into_iter().filter(|&function| !did(function)).collect()
    }

    #[expect(clippy::print_stderr, reason = "for whoever runs it by hand, with --nocapture")]
    fn print(&self, cases: u32, time: Duration) {
        let per_second = f64::from(cases) / time.as_secs_f64();
        let (answered, not_decoded) = (self.count(), self.not_decoded.get());
        eprintln!("{cases} cases in {time:.1?}, {per_second:.0} a second; {answered} answers, {not_decoded} no events");
        for ((function, status, code), count) in self.answers.borrow().iter() {
            eprintln!("{count:8} {function} {status} {code}");
        }
    }
}

/// Runs `test` on `cases` cases, or for `LIFTGATE_FUZZ_SECONDS` if it is set.
///
/// # Panics
/// With the seed and the smallest case that fails.
pub(crate) fn fuzz<S>(strategy: &S, cases: u32, test: impl Fn(&S::Value, &Tally)) -> Tally
where
    S: Strategy,
    S::Value: Debug,
{
    let number =
        |name: &str| env::var(name).ok().filter(|value| !value.is_empty()).map(|value| value.parse::<u64>().unwrap());
    let first_seed = number("LIFTGATE_FUZZ_SEED").unwrap_or_else(rand_seed);
    let seconds = number("LIFTGATE_FUZZ_SECONDS").map(Duration::from_secs);
    let (tally, start) = (Tally::default(), Instant::now());
    let mut done = 0;
    let seeds = (0..).map(|batch| first_seed.wrapping_add(batch));
    for seed in seeds {
        let is_enough = done >= cases && (tally.is_complete() || done >= cases * MOST_ROUNDS);
        if seconds.map_or(is_enough, |seconds| start.elapsed() >= seconds) {
            break;
        }
        let batch = if seconds.is_some() { BATCH } else { BATCH.min(cases - done % cases) };
        let config = Config { cases: batch, failure_persistence: None, max_shrink_iters: 3000, ..Config::default() };
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
        keep_panics();
        let result = runner.run(strategy, |case| {
            test(&case, &tally);
            Ok(())
        });
        take_panics();
        match result {
            Ok(()) => {}
            Err(TestError::Fail(reason, case)) => {
                keep_panics();
                drop(panic::catch_unwind(AssertUnwindSafe(|| test(&case, &tally))));
                let panics = take_panics();
                panic!("{reason}\nLIFTGATE_FUZZ_SEED={seed} has it.\n{panics}\n{case:#?}")
            }
            Err(error) => panic!("LIFTGATE_FUZZ_SEED={seed}: {error}"),
        }
        done += batch;
    }
    tally.print(done, start.elapsed());
    tally
}

fn rand_seed() -> u64 {
    // Short, so that it is easy to copy.
    u64::from(uuid::Uuid::new_v4().as_fields().0)
}

/// The result of an event.
pub(crate) enum Outcome {
    Answered(Value),
    /// `lambda_http` makes no request of the event, which is a matter between it and API Gateway.
    NoEvent(String),
}

/// The packages that turn an event into a request.
const LAMBDAS: [&str; 3] = ["/lambda_http-", "/aws_lambda_events-", "/query_map-"];

thread_local! {
    /// The panics of the current case, each with its file and its message.
    static PANICS: RefCell<Option<Vec<(String, String)>>> = const { RefCell::new(None) };
}

/// Calls a function and attributes a panic: `lambda_http` panics for example at a body that is not Base64.
///
/// # Panics
/// When something else panics.
pub(crate) async fn invoke(call: impl Future<Output = serde_json::Result<Value>>) -> Outcome {
    match AssertUnwindSafe(call).catch_unwind().await {
        Ok(Ok(answer)) => Outcome::Answered(answer),
        Ok(Err(error)) => Outcome::NoEvent(error.to_string()),
        Err(panic) => {
            let last = PANICS.with_borrow(|panics| panics.as_ref().and_then(|panics| panics.last().cloned()));
            let (file, said) = last.unwrap_or_default();
            if LAMBDAS.iter().any(|package| file.contains(package)) {
                return Outcome::NoEvent(said);
            }
            panic::resume_unwind(panic)
        }
    }
}

/// Keeps this thread's panics from now on instead of printing them: every try to make a failing case smaller causes
/// one.
fn keep_panics() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let default = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let file = info.location().map_or("", |location| location.file()).to_owned();
            let is_kept = PANICS.with_borrow_mut(|panics| match panics {
                Some(panics) => {
                    panics.push((file, info.to_string()));
                    true
                }
                None => false,
            });
            if !is_kept {
                default(info);
            }
        }));
    });
    PANICS.set(Some(Vec::new()));
}

/// Returns the panics that were kept.
fn take_panics() -> String {
    let panics = PANICS.take().unwrap_or_default();
    panics.into_iter().map(|(_, said)| said).collect::<Vec<_>>().join("\n")
}
