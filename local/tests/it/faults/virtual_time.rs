//! Real sockets on virtual time.
//!
//! Everything of a cell (functions, AWS SDK, proxy, emulator, game servers) lives on one thread, in one
//! runtime whose clock is paused: it jumps to the next timer when nobody has anything to do. That alone
//! would jump over bytes that are on their way through a socket. So before every jump a watcher looks
//! for traffic until there has been none for a while.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use tokio::{runtime::Builder, sync::Notify, task::yield_now, time::Instant};

/// After so many looks at all sockets without traffic there is none: between two bytes that the proxy
/// sees, nobody takes more than some ten steps.
const CALM: u32 = 48;

/// For the kernel, should it deliver a byte later than at once.
const PAUSE: Duration = Duration::from_micros(20);

/// Counts what the proxy sees.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traffic(Arc<AtomicU64>);

impl Traffic {
    pub(crate) fn seen(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    async fn over(&self) {
        let (mut last, mut calm) = (self.0.load(Relaxed), 0);
        while calm < CALM {
            if calm == CALM / 2 {
                thread::sleep(PAUSE);
            }
            // Lets everybody run who can, and the runtime look at its sockets.
            yield_now().await;
            let now = self.0.load(Relaxed);
            calm = if now == last { calm + 1 } else { 0 };
            last = now;
        }
    }
}

/// Runs `world` to its end, however long that takes in virtual time.
pub(crate) fn run<F: Future>(world: impl FnOnce(Traffic) -> F) -> F::Output {
    let traffic = Traffic::default();
    let watch = Arc::new(Notify::new());
    let idle = {
        let (watch, watched) = (Arc::clone(&watch), Mutex::new(None));
        // With nothing to do but to wait: the first time at each instant the watcher looks.
        move || {
            let now = Instant::now();
            if watched.lock().unwrap().replace(now) != Some(now) {
                watch.notify_one();
            }
        }
    };
    let runtime = Builder::new_current_thread().enable_all().start_paused(true).on_thread_park(idle).build().unwrap();
    runtime.block_on(async {
        let watched = traffic.clone();
        tokio::spawn(async move {
            loop {
                watch.notified().await;
                watched.over().await;
            }
        });
        world(traffic).await
    })
}
