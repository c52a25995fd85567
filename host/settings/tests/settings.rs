//! Each kind of wrong setting is refused with its place, its key and the reason; the documentation is true.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_settings::{LogFormat, Problem, Settings, SettingsError, TABLE, default_file, document};
use std::ffi::OsString;
use std::path::PathBuf;

fn load(toml: &str, env: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("changzhi.toml");
    std::fs::write(&file, toml).unwrap();
    Settings::load_with(Some(&file), env.iter().map(|(k, v)| (OsString::from(k), OsString::from(v))))
}

fn problems(toml: &str, env: &[(&str, &str)]) -> Vec<Problem> {
    load(toml, env).expect_err("must be refused").problems
}

/// One problem in the file, under this key; its reason.
fn refused(toml: &str, key: &str) -> String {
    let all = problems(toml, &[]);
    assert_eq!(all.len(), 1, "{all:?}");
    assert!(all[0].from.ends_with("changzhi.toml"), "{}", all[0]);
    assert_eq!(all[0].key, key);
    all[0].reason.clone()
}

#[test]
fn nothing_set_gives_the_defaults() {
    assert_eq!(load("", &[]).unwrap(), Settings::default());
    assert_eq!(Settings::load_with(None, std::iter::empty()).unwrap(), Settings::default());
    assert_eq!(Settings::default().cache_folder(), Settings::default().data.join("cache"));
}

#[test]
fn the_default_file_loads_to_the_defaults() {
    assert_eq!(load(&default_file(), &[]).unwrap(), Settings::default());
}

#[test]
fn the_default_file_with_its_comments_opened_loads_too() {
    let opened: Vec<String> = default_file()
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest) if rest.starts_with('[') || rest.contains(" = ") => rest.to_owned(),
            _ => line.to_owned(),
        })
        .collect();
    let settings = load(&opened.join("\n"), &[]).unwrap();
    assert!(settings.cache.is_some());
    assert_eq!(settings.sets["name"].divisions, ["360121"]);
    assert!(settings.limits["plugin"].nodes.is_some());
}

/// Table and types are two lists; this keeps them one.
#[test]
fn every_example_of_the_table_loads_from_file_and_environment_and_is_documented() {
    let document = document();
    for setting in TABLE {
        let key = setting.key.to_lowercase();
        // A set is whole only with both of its keys.
        let other = match key.as_str() {
            "sets.name.plugins" => "sets.name.divisions = [\"1\"]",
            "sets.name.divisions" => "sets.name.plugins = [\"p\"]",
            "tls.certificate" => "tls.key = \"k\"",
            "tls.key" => "tls.certificate = \"c\"",
            "room.turn" => "room.turn_secret = \"s\"",
            "room.turn_secret" => "room.turn = \"turn:a\"",
            "room.relay_only" => "room.turn = \"turn:a\"\nroom.turn_secret = \"s\"",
            "cap.sender" => "cap.address = \"a\"\ncap.name = \"n\"",
            "cap.address" => "cap.sender = \"36010041600000\"\ncap.name = \"n\"",
            "cap.name" => "cap.sender = \"36010041600000\"\ncap.address = \"a\"",
            "cap.name_en" => "cap.sender = \"36010041600000\"\ncap.address = \"a\"\ncap.name = \"n\"",
            _ => "",
        };
        let file =
            load(&format!("{other}\n{key} = {}\n", setting.example), &[]).unwrap_or_else(|e| panic!("{key}: {e}"));
        let plain = if setting.example.starts_with('"') { setting.example.trim_matches('"') } else { setting.example };
        let variable = format!("CHANGZHI_{}", key.replace('.', "__").to_uppercase());
        let env = load(other, &[(&variable, plain)]).unwrap_or_else(|e| panic!("{variable}: {e}"));
        assert_eq!(file, env, "{key}");
        assert_ne!(file, Settings::default(), "{key}: the example shows the default");
        assert!(document.contains(&format!("| `{}` |", setting.key)));
        assert!(document.contains(setting.zh) && document.contains(setting.en));
    }
}

#[test]
fn the_environment_goes_over_the_file_key_by_key() {
    let env = [("CHANGZHI_LOG__FORMAT", "json"), ("CHANGZHI_DATA", "123"), ("PATH", "/")];
    let settings = load("data = \"/a\"\n[log]\nlevel = \"warn\"\n", &env).unwrap();
    assert_eq!(settings.log.level, "warn");
    assert_eq!(settings.log.format, LogFormat::Json);
    assert_eq!(settings.data, PathBuf::from("123"));
}

#[test]
fn a_certificate_and_its_key_are_given_together_and_not_behind_a_proxy() {
    assert!(refused("tls.certificate = \"c.pem\"", "tls.certificate").contains("`tls.key` is missing"));
    assert!(refused("tls.key = \"k.pem\"", "tls.key").contains("`tls.certificate` is missing"));
    let all = "[tls]\ncertificate = \"c.pem\"\nkey = \"k.pem\"\nproxy = true\n";
    assert!(refused(all, "tls.proxy").contains("take one of the two out"));
}

#[test]
fn a_relay_has_a_secret_and_everything_through_it_needs_one() {
    assert!(refused("room.turn = \"turn:a\"", "room.turn").contains("`room.turn_secret` is missing"));
    assert!(refused("room.turn_secret = \"s\"", "room.turn_secret").contains("`room.turn` is missing"));
    assert!(refused("room.relay_only = true", "room.relay_only").contains("no relay"));
}

#[test]
fn a_set_is_found_by_its_division() {
    let settings = load("[sets.anyi]\nplugins = [\"services\"]\ndivisions = [\"360123\"]\n", &[]).unwrap();
    assert_eq!(settings.set_of("360123").unwrap().0, "anyi");
    assert!(settings.set_of("360121").is_none());
}

#[test]
fn what_the_host_finds_wrong_later_is_told_with_the_place_the_key_came_from() {
    let file = "[sets.anyi]\nplugins = [\"services\"]\ndivisions = [\"360123\"]\n";
    let settings = load(file, &[("CHANGZHI_SETS__ANYI__PLUGINS", "[\"risk\"]")]).unwrap();
    assert_eq!(settings.sets["anyi"].plugins, ["risk"]);
    let told = settings.problem("sets.anyi.plugins", "no such plugin".into()).to_string();
    assert_eq!(told, "environment variable CHANGZHI_SETS__ANYI__PLUGINS: `sets.anyi.plugins`: no such plugin");
    assert!(settings.problem("sets.anyi.divisions", String::new()).from.ends_with("changzhi.toml"));
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_known_one() {
    for (toml, key, near) in [
        ("lisen = \"127.0.0.1:1\"", "lisen", "`listen`"),
        ("level = \"info\"", "level", "`log.level`"),
        ("[limit.services]\nnodes = 1", "limit", "`limits`"),
        ("[limits.services]\nhandel_ms = 1", "limits.services.handel_ms", "`limits.services.handle_ms`"),
        ("[sets.anyi]\ndivision = []", "sets.anyi.division", "`sets.anyi.divisions`"),
    ] {
        let reason = refused(toml, key);
        assert!(reason.contains(near), "{key}: {reason}");
    }
    assert!(!refused("qqqqqqqqqqqq = 1", "qqqqqqqqqqqq").contains("did you mean"));
}

#[test]
fn a_wrong_type_or_value_is_refused_with_what_it_takes() {
    for (toml, key, takes) in [
        ("demo = \"yes\"", "demo", "true or false"),
        ("session_hours = \"8\"", "session_hours", "whole number"),
        ("session_hours = 1.5", "session_hours", "1.5"),
        ("session_hours = 0", "session_hours", "1 to 168"),
        ("session_hours = -3", "session_hours", "-3"),
        ("[rate]\ntoken = -1", "rate.token", "0 to 1000000"),
        ("[rate]\nburst = 0", "rate.burst", "1 to 3600"),
        ("rate = 5", "rate", "`rate.`"),
        ("snapshot_every = 0", "snapshot_every", "1 to"),
        ("data = 7", "data", "folder"),
        ("data = \"\"", "data", "empty"),
        ("listen = { port = 1 }", "listen", "a table"),
        ("listen = \"localhost\"", "listen", "address:port"),
        ("log = \"info\"", "log", "`log.`"),
        ("[log]\nlevel = \"loud\"", "log.level", "trace"),
        ("[log]\nformat = \"xml\"", "log.format", "text or json"),
        ("[limits.services]\nmemory_mib = 5000", "limits.services.memory_mib", "4096"),
        ("[limits.\"Ser vices\"]\nnodes = 5", "limits.Ser vices", "no name"),
        ("[sets.a]\nplugins = [\"x\"]\ndivisions = [360121]", "sets.a.divisions", "quotes"),
        ("[sets.a]\nplugins = [\"x\"]\ndivisions = [\"3 6\"]", "sets.a.divisions", "division codes"),
    ] {
        let reason = refused(toml, key);
        assert!(reason.contains(takes), "{toml}: {reason}");
    }
}

#[test]
fn plugin_sets_that_contradict_are_refused() {
    assert!(refused("[sets.a]\nplugins = [\"x\"]", "sets.a").contains("no divisions"));
    assert!(refused("[sets.a]\ndivisions = [\"1\"]", "sets.a").contains("no plugins"));
    let twice = "[sets.a]\nplugins=[\"x\"]\ndivisions=[\"1\"]\n[sets.b]\nplugins=[\"x\"]\ndivisions=[\"1\"]";
    assert!(refused(twice, "sets.b.divisions").contains("in the set a already"));
    let same = "[sets.a]\nplugins=[\"x\",\"x\"]\ndivisions=[\"1\"]";
    assert!(refused(same, "sets.a.plugins").contains("twice"));
}

#[test]
fn a_file_that_is_no_settings_file_is_refused() {
    assert!(refused("data = \"a\"\ndata = \"b\"", "").contains("TOML"));
    assert!(refused("[log\nlevel = 1", "").contains("line 1"));
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    std::fs::write(at("gbk.toml"), b"data = \"\xb2\xfd\xd6\xce\"").unwrap();
    std::fs::write(at("large.toml"), vec![b'#'; (1 << 20) + 1]).unwrap();
    for (name, reason) in [("none.toml", "cannot be read"), ("gbk.toml", "not UTF-8"), ("large.toml", "larger")] {
        let error = Settings::load_with(Some(&at(name)), std::iter::empty()).unwrap_err();
        assert!(error.problems[0].from.ends_with(name) && error.problems[0].reason.contains(reason), "{error}");
    }
}

#[test]
fn a_wrong_variable_is_named() {
    let all = problems("", &[("CHANGZHI_LOG__LEVEL", "loud"), ("CHANGZHI_LISEN", "x"), ("CHANGZHI_SHARED", "/x")]);
    let said: Vec<String> = all.iter().map(Problem::to_string).collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said.iter().any(|p| p.contains("CHANGZHI_LOG__LEVEL: `log.level`")), "{said:?}");
    assert!(said.iter().any(|p| p.contains("CHANGZHI_LISEN") && p.contains("`listen`")), "{said:?}");
    let clash = problems("", &[("CHANGZHI_LOG", "info"), ("CHANGZHI_LOG__LEVEL", "info")]);
    assert!(clash.iter().any(|p| p.reason.contains("unset one")), "{clash:?}");
}

#[test]
fn all_problems_are_told_at_once() {
    let all = problems("demo = 1\nlisen = \"x\"\n[limits.risk]\nnodes = 0\n", &[("CHANGZHI_SESSION_HOURS", "many")]);
    let mut keys: Vec<&str> = all.iter().map(|p| p.key.as_str()).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["demo", "limits.risk.nodes", "lisen", "session_hours"]);
    let text = SettingsError { problems: all }.to_string();
    assert!(text.contains("4 to mend") && text.contains("changzhi settings"), "{text}");
}

#[test]
fn the_settings_in_force_say_where_each_came_from() {
    let file = "demo = true\n[portal]\ntitle = \"市治理中心\"\n[sets.anyi]\nplugins = [\"services\"]\ndivisions = [\"360123\"]\n";
    let mut settings = load(file, &[("CHANGZHI_LOG__LEVEL", "warn")]).unwrap();
    settings.given_on_the_command_line("data");
    let all = settings.effective();
    let one = |key: &str| all.iter().find(|e| e.key == key).unwrap_or_else(|| panic!("{key}")).clone();
    assert_eq!(
        (one("log.level").value.as_str(), one("log.level").from.unwrap()),
        ("\"warn\"", "environment variable CHANGZHI_LOG__LEVEL".to_owned())
    );
    assert!(one("portal.title").from.unwrap().ends_with("changzhi.toml"));
    assert_eq!(one("sets.anyi.divisions").value, "[\"360123\"]");
    assert_eq!(one("data").from.as_deref(), Some("command line"));
    assert_eq!((one("session_hours").value.as_str(), one("session_hours").from), ("12", None));
    assert!(!all.iter().any(|e| e.key == "portal.icp"), "what is not set is not shown");
}

#[test]
fn a_line_for_people_is_one_line() {
    assert!(refused("[portal]\ntitle = \"a\\nb\"", "portal.title").contains("control character"));
    assert!(refused("[portal]\nicp = 7", "portal.icp").contains("line of text"));
    assert_eq!(load("", &[("CHANGZHI_PORTAL__TITLE", "某市")]).unwrap().portal.title, "某市");
}
