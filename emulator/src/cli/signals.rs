//! What asks this program to end: Ctrl-C, or a polite request.

#[cfg(unix)]
mod imp {
    use rustix::process::{Pid, Signal as Number, kill_process_group, test_kill_process_group};
    use tokio::{
        process::{Child, Command},
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
            signal_group(child, self.0);
        }
    }

    /// Puts the program, and all that it starts, in a group of its own: a script often is what starts
    /// the real server, and passes nothing on to it.
    pub(crate) fn group(command: &mut Command) {
        if std::io::IsTerminal::is_terminal(&std::io::stdin()) {
            // A terminal stops whoever reads from it outside its own group.
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

    /// Waits until nothing of the group is left, also after its first process has ended; to be called
    /// before that.
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
            // An error says that it has just ended.
            let _ = kill_process_group(group, number);
        }
    }
}

#[cfg(not(unix))]
mod imp {
    use tokio::process::{Child, Command};

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

    /// There are no such groups.
    pub(crate) fn group(_: &mut Command) {}

    /// The one program is all there is.
    pub(crate) fn end_of_group(_: &Child) -> std::future::Ready<()> {
        std::future::ready(())
    }

    /// There is no polite way.
    pub(crate) fn ask_to_end(child: &mut Child) {
        drop(child.start_kill());
    }

    /// What is dropped is killed.
    pub(crate) fn kill(_: &Child) {}
}

pub(crate) use imp::{Signals, ask_to_end, end_of_group, group, kill};
