//! Programs that the guides use. `cargo run` needs none of them, so a missing one is a warning.

use std::{
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use health::Status;

use crate::doctor::finding::Finding;

/// How long a program may take. Docker asks its daemon.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often is looked whether it has ended.
const LOOK: Duration = Duration::from_millis(20);

struct Program {
    name: &'static str,
    /// Commands of which one has to work.
    commands: &'static [&'static [&'static str]],
    /// A sentence for a program that is not there.
    missing: &'static str,
    /// A sentence for one that is there, and fails.
    failing: &'static str,
}

const PROGRAMS: [Program; 4] = [
    Program {
        name: "Docker",
        commands: &[&["docker", "info", "--format", "{{.ServerVersion}}"]],
        missing: "Not found. sam local runs the functions in its containers: install Docker, from https://docs.docker.com/get-docker. cargo run needs none.",
        failing: "Its daemon does not answer. Start Docker Desktop or the service docker, and see that you may use it: sam local needs it. cargo run does not.",
    },
    Program {
        name: "sam",
        commands: &[&["sam", "--version"]],
        missing: "Not found. It deploys the stack and runs sam local: pip install aws-sam-cli.",
        failing: "It does not start. Install it again: pip install --force-reinstall aws-sam-cli.",
    },
    Program {
        name: "cargo-lambda",
        commands: &[&["cargo-lambda", "lambda", "--version"]],
        missing: "Not found. sam build and cargo lambda watch need it: pip install cargo-lambda.",
        failing: "It does not start. Install it again: pip install --force-reinstall cargo-lambda.",
    },
    Program {
        name: "Python",
        commands: &[&["python3", "--version"], &["python", "--version"]],
        missing: "Not found. The checks in .ci and pip need Python 3: install it, from https://www.python.org/downloads.",
        failing: "It does not start. Install Python 3 again, from https://www.python.org/downloads.",
    },
];

/// What an attempt to run a program came to.
enum Ran {
    /// The first line that it printed.
    Well(String),
    Badly,
    NotFound,
}

/// Looks at all of them, at the same time.
pub(crate) fn all() -> Vec<Finding> {
    let looks = PROGRAMS.map(|program| thread::spawn(move || look(&program)));
    looks.into_iter().filter_map(|look| look.join().ok()).collect()
}

fn look(program: &Program) -> Finding {
    let mut detail = (Status::Degraded, program.missing.to_owned());
    for command in program.commands {
        match run(command) {
            Ran::Well(line) => {
                detail = (Status::Ok, line);
                break;
            }
            Ran::Badly => detail = (Status::Degraded, program.failing.to_owned()),
            Ran::NotFound => {}
        }
    }
    Finding::new(program.name, detail.0, detail.1)
}

fn run(command: &[&str]) -> Ran {
    let mut started = Command::new(command[0]);
    started.args(&command[1..]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let Ok(mut child) = started.spawn() else { return Ran::NotFound };
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        match child.try_wait() {
            Ok(None) => thread::sleep(LOOK),
            Ok(Some(status)) if status.success() => return Ran::Well(first_line(child)),
            _ => return Ran::Badly,
        }
    }
    // It is taken for one that fails; whether it could be ended changes nothing.
    let _ = child.kill().and_then(|()| child.wait());
    Ran::Badly
}

fn first_line(child: std::process::Child) -> String {
    let printed = child.wait_with_output().map(|output| output.stdout).unwrap_or_default();
    let printed = String::from_utf8_lossy(&printed);
    printed.lines().next().unwrap_or_default().trim().to_owned()
}
