//! Mappings that are refused: with the file, the key and the reason.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_data::Mapping;
use std::path::Path;

const GOOD: &str =
    "[source]\nname = \"a\"\nplugin = \"services\"\ncommand = \"import-report\"\nkey = \"id\"\n[fields]\n";

fn refused(text: &str) -> (String, String) {
    let e = Mapping::parse(Path::new("my.toml"), text).unwrap_err();
    assert!(e.to_string().starts_with("my.toml: "), "{e}");
    (e.key, e.reason)
}

#[test]
fn each_wrong_rule_is_named_by_its_key() {
    for (rule, key) in [
        ("x = {}", "fields.x"),
        ("x = { column = \"a\", value = \"b\" }", "fields.x"),
        ("x = { columns = [] }", "fields.x"),
        ("x = { lon = \"a\" , type = \"point\" }", "fields.x"),
        ("x = { lon = \"a\", lat = \"b\" }", "fields.x.type"),
        ("x = { column = \"a\", type = \"point\" }", "fields.x.type"),
        ("x = { column = \"a\", join = \"-\" }", "fields.x.join"),
        ("x = { template = \"{a\" }", "fields.x.template"),
        ("x = { template = \"{}\" }", "fields.x.template"),
        ("x = { column = \"a\", words = [ { value = \"v\", any = [] } ] }", "fields.x.words"),
        ("x = { column = \"a\", map = {}, words = [] }", "fields.x.words"),
        ("x = { column = \"a\", format = \"local\" }", "fields.x.format"),
        ("x = { column = \"a\", type = \"time\", format = \"local\" }", "fields.x.zone"),
        ("x = { column = \"a\", type = \"time\", format = \"date\", zone = \"Mars/Base\" }", "fields.x.zone"),
        ("x = { column = \"a\", type = \"time\", format = \"date\", zone = \"+99:00\" }", "fields.x.zone"),
        ("x = { column = \"a\", type = \"time\", format = \"nonsense\" }", "fields.x.format"),
        ("digest = { value = \"a\" }", "fields.digest"),
    ] {
        let (found, reason) = refused(&format!("{GOOD}{rule}\n"));
        assert_eq!(found, key, "{rule}: {reason}");
        assert!(reason.len() > 10, "{rule}: {reason}");
    }
}

#[test]
fn what_the_file_itself_gets_wrong_is_named_by_its_line() {
    assert_eq!(refused(&format!("{GOOD}x = {{ colum = \"a\" }}\n")).0, "line 7");
    assert_eq!(refused("[source\n").0, "line 1");
    assert_eq!(refused(&GOOD.replace("[fields]", "")).0, "line 1");
    assert_eq!(refused(GOOD).0, "fields");
    assert_eq!(refused(&GOOD.replace("\"a\"", "\"A b\"")).0, "source.name");
    assert_eq!(refused(&GOOD.replace("key = \"id\"", "key = []")).0, "source.key");
    assert_eq!(Mapping::load(Path::new("no/such.toml")).unwrap_err().key, "file");
}

#[test]
fn grids_need_points_and_a_size_that_makes_sense() {
    let with = |metres: u32, field: &str| {
        let place =
            format!("[place]\ncity = {{ code = \"x\", zh = \"市\", en = \"City\" }}\ngrid-metres = {metres}\n[fields]");
        format!("{}{field}\n", GOOD.replace("[fields]", &place))
    };
    let point = "position = { type = \"point\", lon = \"a\", lat = \"b\" }";
    assert!(Mapping::parse(Path::new("my.toml"), &with(1000, point)).is_ok());
    assert_eq!(refused(&with(1000, "x = { column = \"a\" }")).0, "place.grid-metres");
    for metres in [0, 99, 10_001] {
        assert_eq!(refused(&with(metres, point)).0, "place.grid-metres");
    }
}

#[test]
fn every_mapping_of_the_deployment_loads() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/mappings");
    let files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "toml"))
        .collect();
    assert!(!files.is_empty());
    for file in files {
        let mapping = Mapping::load(&file).unwrap_or_else(|e| panic!("{e}"));
        assert!(mapping.columns().len() > 3, "{}", file.display());
        // What is imported twice is known again; what is replayed goes into a city of its own.
        assert_eq!(mapping.known.is_some(), mapping.command.starts_with("import-"), "{}", file.display());
    }
}
