//! What asks this program to end: Ctrl-C, or a polite request.

#[cfg(unix)]
mod imp {
    use std::io::IsTerminal as _;

    use rustix::process::{Pid, Signal as Number, kill_process};
    use tokio::{
        process::Child,
        signal::unix::{Signal, SignalKind, signal},
    };

    /// The signals, from its creation on: earlier ones end the program at once.
    pub(crate) struct Signals {
        interrupt: Signal,
        terminate: Signal,
        hangup: Signal,
    }

    /// One that came.
    #[derive(Clone, Copy)]
    pub(crate) struct Received(Number);

    impl Signals {
        pub(crate) fn new() -> std::io::Result<Self> {
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
                hangup: signal(SignalKind::hangup())?,
            })
        }

        pub(crate) async fn next(&mut self) -> Received {
            Received(tokio::select! {
                _ = self.interrupt.recv() => Number::INT,
                _ = self.terminate.recv() => Number::TERM,
                _ = self.hangup.recv() => Number::HUP,
            })
        }
    }

    impl Received {
        pub(crate) fn pass_on(self, child: &Child) {
            // A terminal's Ctrl-C reaches the child by itself.
            let by_terminal = self.0 == Number::INT && std::io::stdin().is_terminal();
            let pid = child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
            if let Some(pid) = pid.filter(|_| !by_terminal) {
                // An error says that it has just ended.
                let _ = kill_process(pid, self.0);
            }
        }
    }
}

#[cfg(not(unix))]
mod imp {
    use tokio::process::Child;

    /// Ctrl-C.
    pub(crate) struct Signals;

    /// One that came.
    #[derive(Clone, Copy)]
    pub(crate) struct Received;

    impl Signals {
        pub(crate) fn new() -> std::io::Result<Self> {
            Ok(Self)
        }

        pub(crate) async fn next(&mut self) -> Received {
            if tokio::signal::ctrl_c().await.is_err() {
                // Without a signal to wait for, the program runs until it is killed.
                std::future::pending::<()>().await;
            }
            Received
        }
    }

    impl Received {
        /// Ctrl-C reaches every program of a console by itself.
        pub(crate) fn pass_on(self, _: &Child) {}
    }
}

pub(crate) use imp::Signals;
