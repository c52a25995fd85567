//! Good settings, and every kind of wrong one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_settings::{KEYS, LogFormat, Settings, SettingsError, default_file, table};

fn load(file: &str, environment: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("changzhi.toml");
    std::fs::write(&path, file).unwrap();
    Settings::load_with(Some(&path), environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())))
}

/// The one problem: its place's last part, key and reason.
fn refused(file: &str, environment: &[(&str, &str)]) -> (String, String, String) {
    let problems = load(file, environment).unwrap_err().0;
    assert_eq!(problems.len(), 1, "{problems:?}");
    let place = problems[0].place.rsplit('/').next().unwrap().to_owned();
    (place, problems[0].key.clone(), problems[0].reason.clone())
}

#[test]
fn the_default_file_and_no_file_give_the_same_settings() {
    let none = Settings::load_with(None, []).unwrap();
    assert_eq!(load(&default_file(), &[]).unwrap(), none);
    let spelled: String = default_file()
        .lines()
        .map(|l| l.strip_prefix("# ").filter(|l| l.contains(" = ")).unwrap_or(l))
        .map(|l| format!("{l}\n"))
        .collect();
    let spelled = spelled.split("# [sets").next().unwrap();
    assert_eq!(load(spelled, &[]).unwrap(), none, "every default is a right value");
}

#[test]
fn every_setting_is_in_the_table_and_in_the_default_file() {
    for key in KEYS {
        assert!(table().contains(key.name));
        assert!(default_file().contains(key.meaning));
    }
}

#[test]
fn the_environment_lies_over_the_file() {
    let file = "listen = \"0.0.0.0:80\"\n[limits]\nmemory_mib = 64\nchanges = 5\n";
    let got = load(
        file,
        &[
            ("CHANGZHI_LIMITS__MEMORY_MIB", "256"),
            ("CHANGZHI_DEMO", "true"),
            ("CHANGZHI_LOG__FORMAT", "json"),
            ("PATH", "/"),
        ],
    )
    .unwrap();
    assert_eq!((got.limits.memory_mib, got.limits.changes, got.demo), (256, 5, true));
    assert_eq!(got.log.format, LogFormat::Json);
    assert_eq!(got.listen.port(), 80);
}

#[test]
fn county_sets_are_read_and_two_may_not_serve_one_division() {
    let one = "[sets.nanchang]\nplugins = [\"services\"]\ndivisions = [\"360121\"]\n";
    assert_eq!(load(one, &[]).unwrap().sets["nanchang"].divisions, ["360121"]);
    let two = format!("{one}[sets.other]\nplugins = []\ndivisions = [\"360121\"]\n");
    assert!(refused(&two, &[]).2.contains("served by set nanchang"));
    assert!(refused(&one.replace("360121", "3601x"), &[]).2.contains("not a division code"));
    assert!(refused(&one.replace("[\"360121\"]", "360121"), &[]).2.contains("list of texts"));
    assert!(refused(&one.replace("divisions", "division"), &[]).2.contains("did you mean sets.nanchang.divisions?"));
    assert!(refused("[sets.a]\nplugins = []\n", &[]).2.contains("divisions"));
}

#[test]
fn wrong_values_are_refused_with_file_key_and_reason() {
    let (place, key, reason) = refused("[limits]\nmemory_mib = 0\n", &[]);
    assert_eq!((place.as_str(), key.as_str()), ("changzhi.toml", "limits.memory_mib"));
    assert_eq!(reason, "0 is wrong: must be whole number from 1 to 4096, for example 256");
    for (file, key) in [
        ("listen = \"here\"", "listen"),
        ("data = \"\"", "data"),
        ("demo = \"perhaps\"", "demo"),
        ("[session]\nminutes = -5", "session.minutes"),
        ("[session]\nminutes = 1.5", "session.minutes"),
        ("[log]\nlevel = \"loud\"", "log.level"),
        ("[log]\nformat = \"xml\"", "log.format"),
        ("limits = 3", "limits"),
        ("sets = 3", "sets"),
        ("[sets]\na = 3", "sets.a"),
        ("data = [1]", "data"),
    ] {
        assert_eq!(refused(file, &[]).1, key, "{file}");
    }
    let (place, key, _) = refused("", &[("CHANGZHI_LIMITS__NODES", "many")]);
    assert_eq!((place.as_str(), key.as_str()), ("environment", "limits.nodes"));
}

#[test]
fn unknown_keys_are_refused_with_the_nearest_known_one() {
    assert!(refused("lisen = \"x\"", &[]).2.contains("did you mean listen?"));
    assert!(refused("[limits]\nmemory_mb = 3", &[]).2.contains("did you mean limits.memory_mib?"));
    assert!(refused("", &[("CHANGZHI_DEMOS", "true")]).2.contains("did you mean demo?"));
    assert!(!refused("something_else_entirely = 1", &[]).2.contains("did you mean"));
}

#[test]
fn every_wrong_setting_is_reported_and_a_file_that_cannot_be_read_is_named() {
    assert_eq!(load("lisen = 1\ndemo = 3\n[log]\nlevel = 7\n", &[("CHANGZHI_DATA", "")]).unwrap_err().0.len(), 4);
    assert_eq!(refused("listen = ", &[]).1, "(whole file)");
    let missing = Settings::load_with(Some("nowhere/changzhi.toml".as_ref()), []).unwrap_err();
    assert!(missing.to_string().contains("nowhere/changzhi.toml"), "{missing}");
}
