//! Facts from the AWS SDKs' source, read at test time, so that a test notices when a new release of an SDK knows more.

use std::{collections::BTreeMap, fs, path::PathBuf, process::Command, sync::OnceLock};

use serde_json::Value;

/// Returns the exceptions that the SDK `package` knows for the operation in `module` (`create_game_session`), sorted;
/// `None` if it has no such operation.
///
/// # Panics
/// When the SDK's source has another form than today.
pub fn exceptions(package: &str, module: &str) -> Option<Vec<String>> {
    let source = fs::read_to_string(sources()[package].join(format!("operation/{module}.rs"))).ok()?;
    let variants = source.split_once("pub enum ").and_then(|(_, rest)| rest.split_once("\n}\n"));
    let (variants, _) = variants.expect("an operation has its error enum");
    // `Unhandled` holds no type of the API model.
    let name = |line: &str| line.trim().split_once("(crate::types::error::").map(|(name, _)| name.to_owned());
    let mut exceptions: Vec<_> = variants.lines().filter_map(name).collect();
    assert!(!exceptions.is_empty(), "the SDK's source looks different now");
    exceptions.sort_unstable();
    Some(exceptions)
}

/// Returns the folder of each package that starts with `aws-sdk-`, in Cargo's cache, by its name in code.
fn sources() -> &'static BTreeMap<String, PathBuf> {
    static SOURCES: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    SOURCES.get_or_init(|| {
        let version = cargo(&["-vV"]);
        let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("cargo names its host");
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        // Cargo has downloaded only this platform's packages.
        let arguments = ["metadata", "--format-version=1", "--filter-platform", host, "--manifest-path", manifest];
        let metadata: Value = serde_json::from_str(&cargo(&arguments)).expect("cargo writes JSON");
        let packages = metadata["packages"].as_array().expect("cargo lists packages");
        let sdk = |package: &Value| {
            let name = package["name"].as_str().filter(|name| name.starts_with("aws-sdk-"))?;
            let source = PathBuf::from(package["manifest_path"].as_str()?).with_file_name("src");
            Some((name.replace('-', "_"), source))
        };
        packages.iter().filter_map(sdk).collect()
    })
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(arguments).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("cargo writes text")
}
