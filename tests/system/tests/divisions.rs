//! Codes and boundaries of before: brought in from files, shown to officials, and met by an alert. Then a second city, from files too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_system_tests::{Client, Done, Host, Start, run};
use serde_json::json;
use std::path::Path;

const START: Start = Start { demo: true, snapshot_every: None, env: &[] };

const CODES: &str = "old_code,old_name,new_code,new_name,effective,note
360105,湾里区,360112,新建区,2019-12,湾里区撤销并入新建区
360112,新建区,360113,红谷滩区,2019-12,设立红谷滩区
360122,新建县,360112,新建区,2015-08,撤县设区
";
/// Another city, whose history has another shape: one code became two, and a district was renamed.
const NINGBO: &str = "old_code,new_code,effective,note,old_ends
330204,330212,2016-09-14,江东区大部并入鄞州区,yes
330204,330205,2016-09-14,江东区一部,yes
";
const BOUNDARIES: &str = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"gb":"330204","title":"江东区"},
 "geometry":{"type":"Polygon","coordinates":[[[121.56,29.85],[121.6,29.85],[121.6,29.89],[121.56,29.89],[121.56,29.85]]]}}]}"#;

fn import(data: &Path, args: &[&str]) -> Done {
    let mut all = vec!["import"];
    all.extend(args);
    all.extend(["--data", data.to_str().unwrap()]);
    run(all).unwrap()
}

fn alert(identifier: &str, sent: &str, code: &str) -> String {
    format!(
        "<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"><identifier>{identifier}</identifier><sender>met@example.cn</sender>\
         <sent>{sent}</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope><info><language>zh-CN</language>\
         <category>Met</category><event>暴雨</event><urgency>Immediate</urgency><severity>Minor</severity><certainty>Likely</certainty>\
         <area><areaDesc>某地</areaDesc><geocode><valueName>CPEAS Geographic Code</valueName><value>{code}</value></geocode></area></info></alert>"
    )
}

#[test]
fn what_is_brought_in_from_files_is_shown_and_read_by_alerts_and_so_is_a_second_city() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("city");
    let host = Host::start(&data, START).unwrap();
    let (operator, admin) = (host.token("operator").unwrap(), host.token("admin").unwrap());
    let password = host.password("operator").unwrap();
    host.close().unwrap();

    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_string_lossy().into_owned()
    };
    let codes = file("code_history.csv", CODES);
    let done = import(&data, &["codes", &codes]);
    assert!(done.success && done.said().contains("3 steps: 3 new, 0 changed, 0 same"), "{}", done.said());
    assert!(import(&data, &["codes", &codes]).said().contains("0 new, 0 changed, 3 same"));
    let circle = file("circle.csv", "old_code,new_code,effective\n360113,360105,2021-01\n");
    let done = import(&data, &["codes", &circle]);
    assert!(!done.success && done.said().contains("360105 → 360112 → 360113 → 360105"), "{}", done.said());
    let done = import(&data, &["boundaries", &codes, "--until", "2019-12"]);
    assert!(!done.success && done.said().contains("code_history.csv"), "{}", done.said());
    let drawn = file("old.geojson", BOUNDARIES);
    let done = import(
        &data,
        &["boundaries", &drawn, "--until", "2016-09-14", "--code", "gb", "--name", "title", "--datum", "gcj02"],
    );
    assert!(done.success && done.said().contains("330204 江东区: new"), "{}", done.said());
    let done = import(&data, &["boundaries", &drawn, "--code", "gb"]);
    assert!(!done.success && done.said().contains("No place has this code"), "{}", done.said());
    let ningbo = file("ningbo.csv", NINGBO);
    assert!(import(&data, &["codes", &ningbo]).said().contains("2 new"));

    let host = Host::start(&data, Start { demo: false, ..START }).unwrap();
    let person = Client::sign_in(host.addr, "operator", &password).unwrap();
    let page = |path: &str, language: &str| {
        let reply = person.look(path, &[("Accept-Language", language)]).unwrap();
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        reply.text
    };
    let zh = page("/p/host/divisions", "zh-CN");
    for words in
        ["区划代码与界线", "360105 湾里区", "湾里区撤销并入新建区", "2019-12-01", "历史界线", "江东区", "2016-09-14"]
    {
        assert!(zh.contains(words), "{words}: {zh}");
    }
    let en = page("/p/host/divisions", "en");
    assert!(en.contains("Codes that became others") && en.contains("Boundaries that no longer hold"), "{en}");
    assert_eq!(person.get("/p/host/accounts").unwrap().status, 403, "accounts stay the administrator's");

    let xml = [("Content-Type", "application/cap+xml")];
    let give = |text: &str| {
        let reply = host.client(&operator).send("/cap/in", text.as_bytes(), &xml).unwrap();
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json()["alerts"][0].clone()
    };
    let old = give(&alert("w1", "2018-06-01T08:00:00+08:00", "360105000000"));
    assert_eq!((old["places"].as_i64(), old["gaps"].as_i64()), (Some(1), Some(0)), "{old}");
    let path = format!("/p/command/alert?alert={}", old["alert"]);
    let zh = page(&path, "zh-CN");
    for words in
        ["360105 湾里区 → 360112", "当日的代码，今为此地", "新建区 360112", "2019-12-01", "湾里区撤销并入新建区"]
    {
        assert!(zh.contains(words), "{words}: {zh}");
    }
    assert!(page(&path, "en").contains("The code of that day has become this place"));
    let early = give(&alert("w2", "2018-06-01T08:00:00+08:00", "360113"));
    assert_eq!((early["places"].as_i64(), early["gaps"].as_i64()), (Some(0), Some(1)), "{early}");
    let zh = page(&format!("/p/command/alert?alert={}", early["alert"]), "zh-CN");
    assert!(zh.contains("发文时该代码尚未启用") && zh.contains("2019-12-01"), "{zh}");

    // The second city: its places by commands, its history from the files above; nothing of it is in the program.
    for (code, name, category, parent) in [
        ("330200", "宁波市", "city", None),
        ("330212", "鄞州区", "district", Some("330200")),
        ("330205", "江北区", "district", Some("330200")),
    ] {
        let body = json!({"kind": "division", "category": category, "code": code, "name": name, "parent": parent});
        assert_eq!(host.client(&admin).command("host/create-place", &body, code).unwrap().status, 200);
    }
    let east = give(&alert("w3", "2016-01-01T08:00:00+08:00", "330204"));
    assert_eq!((east["places"].as_i64(), east["gaps"].as_i64()), (Some(2), Some(0)), "{east}");
    let zh = page(&format!("/p/command/alert?alert={}", east["alert"]), "zh-CN");
    assert!(zh.contains("鄞州区 330212") && zh.contains("江北区 330205"), "{zh}");
    host.close().unwrap();
}
