//! The crates of the emulator.

/// The targets of the emulator's log lines. A log filter has to name all of them: the lines of a missing crate are lost
/// silently.
pub const CRATES: [&str; 5] =
    ["emulator_core", "emulator_gamelift", "emulator_streams", "gamelift_emulator", "gamelift_server_sdk"];

/// Returns the log filter for a value of `RUST_LOG`. There, `gamelift_emulator`, the program's name, stands for all of
/// its crates; a directive for one of the other crates takes precedence.
pub fn log_directives(wanted: &str) -> String {
    let of_all = wanted.split(',').filter_map(|directive| {
        let level = directive.trim().strip_prefix(PROGRAM)?;
        (level.is_empty() || level.starts_with(['=', '['])).then_some(level)
    });
    let others = CRATES.iter().filter(|name| **name != PROGRAM);
    let spread = of_all.flat_map(|level| others.clone().map(move |name| format!("{name}{level}")));
    spread.chain([wanted.to_owned()]).collect::<Vec<_>>().join(",")
}

/// The name of the program and of its crate.
const PROGRAM: &str = "gamelift_emulator";

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    #[test]
    fn each_crate_in_the_emulators_folder_is_named() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folders = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).chain([folder.to_owned()]);
        let manifests = folders.filter_map(|folder| fs::read_to_string(folder.join("Cargo.toml")).ok());
        let name = |manifest: String| manifest.split('"').nth(1).unwrap().replace('-', "_");
        let mut named = manifests.map(name).collect::<BTreeSet<_>>();
        for silent in ["one_build", "flexmatch", "flexmatch_design", "random_cases"] {
            assert!(named.remove(silent), "{silent} has no code that could log");
        }
        assert_eq!(named, CRATES.map(str::to_owned).into());
    }

    #[test]
    fn the_programs_name_stands_for_all_crates_in_a_log_filter() {
        assert_eq!(
            log_directives("warn,gamelift_emulator=debug,emulator_core=info"),
            "emulator_core=debug,emulator_gamelift=debug,emulator_streams=debug,gamelift_server_sdk=debug,\
             warn,gamelift_emulator=debug,emulator_core=info"
        );
        for other in ["debug", "gamelift_emulator::http=trace", "gamelift=debug", ""] {
            assert_eq!(log_directives(other), other);
        }
    }
}
