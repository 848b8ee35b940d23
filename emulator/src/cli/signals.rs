//! The signals that ask this program to end: Ctrl-C and SIGTERM.

#[cfg(unix)]
mod imp {
    use rustix::process::{Pid, Signal as Number, kill_process_group, test_kill_process_group};
    use tokio::{
        process::{Child, Command},
        signal::unix::{Signal, SignalKind, signal},
    };

    /// Receives signals from its creation on; earlier ones end the program at once.
    pub(crate) struct Signals {
        interrupt: Signal,
        terminate: Signal,
        hangup: Signal,
    }

    /// A received signal.
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
            signal_group(child, self.0);
        }
    }

    /// Puts the program and all that it starts in a separate process group. The program is often a script that starts
    /// the real server and does not forward signals.
    pub(crate) fn group(command: &mut Command) {
        if std::io::IsTerminal::is_terminal(&std::io::stdin()) {
            // A terminal stops processes outside its foreground group that read from it.
            command.stdin(std::process::Stdio::null());
        }
        command.process_group(0);
    }

    /// Asks the whole group to end.
    pub(crate) fn ask_to_end(child: &mut Child) {
        signal_group(child, Number::TERM);
    }

    /// Ends the whole group at once.
    pub(crate) fn kill(child: &Child) {
        signal_group(child, Number::KILL);
    }

    /// Waits until the group has no processes left, even after the end of its first process. Must be called before that
    /// end.
    pub(crate) fn end_of_group(child: &Child) -> impl Future<Output = ()> + use<> {
        let group = child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
        async move {
            while group.is_some_and(|group| test_kill_process_group(group).is_ok()) {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        }
    }

    fn signal_group(child: &Child, number: Number) {
        if let Some(group) = child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?)) {
            // An error means that the group has just ended.
            let _ = kill_process_group(group, number);
        }
    }
}

#[cfg(not(unix))]
mod imp {
    use tokio::process::{Child, Command};

    /// Receives Ctrl-C.
    pub(crate) struct Signals;

    /// A received Ctrl-C.
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
        /// Does nothing: Ctrl-C reaches every program of a console.
        pub(crate) fn pass_on(self, _: &Child) {}
    }

    /// Does nothing: this system has no process groups.
    pub(crate) fn group(_: &mut Command) {}

    /// Returns at once: the one program is the whole group.
    pub(crate) fn end_of_group(_: &Child) -> std::future::Ready<()> {
        std::future::ready(())
    }

    /// Kills the program: this system has no request to end.
    pub(crate) fn ask_to_end(child: &mut Child) {
        drop(child.start_kill());
    }

    /// Does nothing: a dropped child is killed.
    pub(crate) fn kill(_: &Child) {}
}

pub(crate) use imp::{Signals, ask_to_end, end_of_group, group, kill};
