//! Real messages, good and bad, and a validator of somebody else on what is written.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_cap::{CapError, Category, Certainty, Limits, MsgType, Severity, Status, Version, messages, read, write};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use std::path::Path;
use std::process::Command;

fn open(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn each_file_of_the_manifest_is_taken_or_refused_as_it_says() {
    let Some(folder) = support::samples() else { return };
    let mut count = 0;
    for row in csv::Reader::from_path(folder.join("manifest.csv")).unwrap().records() {
        let row = row.unwrap();
        let (file, version, expected) = (&row[0], &row[1], &row[2]);
        let done = read(&open(&folder, file), Limits::default());
        match expected {
            "xsd-valid" => {
                let read = done.unwrap_or_else(|e| panic!("{file}: {e}"));
                assert_eq!(format!("CAP {}", read.alert.version), version, "{file}");
            }
            "xsd-invalid" => {
                let Err(CapError::Invalid(flaws)) = done else { panic!("{file}: {done:?}") };
                // The validator's message is of the first element that does not fit; so is our first flaw.
                let element = if file == "invalid.cap" { "alert/scope" } else { "alert/info[1]/urgency" };
                assert_eq!(flaws[0].path, element, "{file}: {flaws:?}");
                assert!(flaws[0].line > 1, "{file}: {flaws:?}");
            }
            "reject-dtd" => assert!(matches!(done, Err(CapError::Dtd { .. })), "{file}: {done:?}"),
            "feed" => assert!(matches!(done, Err(CapError::NotCap { .. })), "{file}: {done:?}"),
            other => panic!("{file}: {other}"),
        }
        count += 1;
    }
    assert_eq!(count, 17);
}

#[test]
fn the_three_versions_come_into_one_model() {
    let Some(folder) = support::samples() else { return };
    let old = read(&open(&folder, "oasis10_1.xml"), Limits::default()).unwrap().alert;
    assert_eq!((old.version, old.status, old.message), (Version::V1_0, Status::Actual, MsgType::Alert));
    let info = &old.infos[0];
    assert_eq!(
        (info.categories[0], info.severity, info.certainty),
        (Category::Security, Severity::Severe, Certainty::Likely)
    );
    assert_eq!((info.parameters[0].name.as_str(), info.parameters[0].value.as_str()), ("HSAS", "ORANGE"));
    assert!(info.resources[0].mime.is_none());

    let canada = read(&open(&folder, "canada.cap"), Limits::default()).unwrap().alert;
    let languages: Vec<&str> = canada.infos.iter().map(|i| i.language.as_str()).collect();
    assert_eq!(languages, ["en-CA", "fr-CA"]);
    assert_eq!((canada.references.len(), canada.restriction.as_deref()), (2, None), "an empty element is none");
    assert_eq!((canada.infos[0].areas.len(), canada.infos[0].areas[0].geocodes.len()), (2, 10));
    assert_eq!(canada.infos[0].areas[0].polygons[0].0.len(), 17);

    let very_likely = open(&folder, "oasis10_1.xml").replace("<certainty>Likely", "<certainty>Very Likely");
    assert_eq!(read(&very_likely, Limits::default()).unwrap().alert.infos[0].certainty, Certainty::Likely);
    let observed = open(&folder, "oasis10_1.xml").replace("<certainty>Likely", "<certainty>Observed");
    assert!(read(&observed, Limits::default()).is_err(), "CAP 1.0 has no such word");
}

#[test]
fn the_alerts_in_an_envelope_are_found_and_a_bad_one_does_not_cost_the_others() {
    let Some(folder) = support::samples() else { return };
    let count = |name: &str| {
        let all = messages(&open(&folder, name), Limits::default()).unwrap();
        let good = all.iter().filter(|m| m.read.is_ok()).count();
        eprintln!("{name}: {good} of {} alerts", all.len());
        (good, all.len())
    };
    let (good, all) = count("bushfire_valid.edxlde");
    assert!(good == all && all > 1);
    count("bushfire_invalid.edxlde");
    assert!(
        messages("<EDXLDistribution xmlns='urn:oasis:names:tc:emergency:EDXL:DE:1.0'/>", Limits::default()).is_err()
    );
}

#[test]
fn a_validator_takes_everything_the_writer_writes() {
    let (Some(folder), Some(python)) = (support::samples(), support::lxml()) else { return };
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cap-written");
    let _ = std::fs::remove_dir_all(&out);
    std::fs::create_dir_all(&out).unwrap();
    let mut runner = TestRunner::deterministic();
    for n in 0..300 {
        let alert = support::alert().new_tree(&mut runner).unwrap().current();
        std::fs::write(out.join(format!("made-{n}.xml")), write(&alert).unwrap()).unwrap();
    }
    // Real messages of all three versions, written anew where they keep the rules.
    let mut anew = 0;
    for row in csv::Reader::from_path(folder.join("manifest.csv")).unwrap().records() {
        let file = row.unwrap()[0].to_owned();
        let Ok(read) = read(&open(&folder, &file), Limits::default()) else { continue };
        match write(&read.alert) {
            Ok(text) => {
                std::fs::write(out.join(&file), text).unwrap();
                anew += 1;
            }
            Err(flaws) => eprintln!("{file} is not written: {}", flaws[0]),
        }
    }
    assert!(anew >= 5, "{anew}");
    let script = "import sys,glob\nfrom lxml import etree\nschema=etree.XMLSchema(etree.parse(sys.argv[1]))\nfiles=glob.glob(sys.argv[2]+'/*')\nfor f in files:\n  schema.assertValid(etree.parse(f))\nprint(len(files),'valid')";
    let done = Command::new(python).args(["-c", script]).arg(folder.join("cap12.xsd")).arg(&out).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{said}");
    eprintln!("lxml: {}", said.trim());
    assert!(said.contains(&format!("{} valid", 300 + anew)), "{said}");
}
