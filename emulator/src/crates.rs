//! The crates of the emulator.

/// The targets of the emulator's log lines. A log filter has to name all of them: the lines of a missing crate are lost
/// silently.
pub const CRATES: [&str; 5] =
    ["emulator_core", "emulator_gamelift", "emulator_streams", "gamelift_emulator", "gamelift_server_sdk"];

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
        assert_eq!(manifests.map(name).collect::<BTreeSet<_>>(), CRATES.map(str::to_owned).into());
    }
}
