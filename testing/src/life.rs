//! One run of a function, which may die at any of its calls, as when Lambda takes its environment away.

use std::{future::pending, sync::Arc};

use tokio::{select, sync::watch};

/// The life of one run. Clones are of the same run.
#[derive(Clone, Debug, Default)]
pub struct Life(Arc<watch::Sender<bool>>);

impl Life {
    /// Runs to the end. `None` if the run died before: nothing of it happens after that.
    pub async fn run<T>(&self, run: impl Future<Output = T>) -> Option<T> {
        select! {
            biased;
            () = self.over() => None,
            done = run => Some(done),
        }
    }

    /// Ends the run here: this never returns.
    pub async fn end<T>(&self) -> T {
        self.0.send_replace(true);
        pending().await
    }

    /// Whether the run has died.
    pub fn is_over(&self) -> bool {
        *self.0.borrow()
    }

    async fn over(&self) {
        let mut is_over = self.0.subscribe();
        // The sender lives as long as `self`.
        let _ = is_over.wait_for(|is_over| *is_over).await;
    }
}
