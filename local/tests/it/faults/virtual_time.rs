//! Real sockets on virtual time.
//!
//! Everything of a cell (functions, AWS SDK, proxy, emulator, game servers) runs on one thread, in one runtime whose
//! clock is paused: the clock jumps to the next timer when no task has anything to do. That alone would jump over bytes
//! that are on their way through a socket. So before every jump a watcher waits until there has been no traffic for a
//! while.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use tokio::{runtime::Builder, sync::Notify, task::yield_now, time::Instant};

/// Number of looks at all sockets without traffic after which there is none: between two bytes that the proxy sees, no
/// task takes more than about ten steps.
const CALM: u32 = 48;

/// A pause for the kernel, in case it does not deliver a byte at once.
const PAUSE: Duration = Duration::from_micros(20);

/// Counts the bytes that the proxy sees.
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
            // Lets every ready task run, and the runtime look at its sockets.
            yield_now().await;
            let now = self.0.load(Relaxed);
            calm = if now == last { calm + 1 } else { 0 };
            last = now;
        }
    }
}

/// Runs `world` to its end, for any length of virtual time.
pub(crate) fn run<F: Future>(world: impl FnOnce(Traffic) -> F) -> F::Output {
    let traffic = Traffic::default();
    let watch = Arc::new(Notify::new());
    let idle = {
        let (watch, watched) = (Arc::clone(&watch), Mutex::new(None));
        // Called when all tasks wait: the watcher looks the first time at each instant.
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
