//! The administrator's pages: accounts, plugins, settings, the check of the journal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_portal::{PortalOptions, SettingLine};
use std::time::{Duration, Instant};
use support::*;

fn host() -> Host {
    Host::start(PortalOptions::default())
}

/// Loads a page until it says something, as its reader would.
fn until(h: &Host, cookie: &str, path: &str, word: &str) -> String {
    let begun = Instant::now();
    loop {
        let page = h.page(cookie, path).body;
        if page.contains(word) {
            return page;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{path} never says {word}: {page}");
        std::thread::yield_now();
    }
}

#[test]
fn only_administrators_of_the_whole_city_see_the_hosts_pages() {
    let h = host();
    let north = town::place(&h.gate, "division", "N-1", None);
    town::account(&h.gate, "county", &[("admin", Some(north))], &[]);
    let (guest, county) = (h.browser("guest"), h.browser("county"));
    for path in ["/admin", "/admin/plugins", "/admin/journal", "/admin/settings"] {
        assert_eq!(h.page(&guest, path).status, 403, "{path}");
        assert_eq!(h.page(&county, path).status, 403, "{path}");
        let csrf = h.page(&county, "/me").csrf();
        assert!(h.form(&county, path, &format!("_csrf={csrf}&do=begin")).status >= 400, "{path}");
    }
    assert_eq!(h.page(&guest, "/admin/accounts").status, 403);
    assert_eq!(h.page(&county, "/admin/accounts").status, 200);
    h.stop();
}

#[test]
fn accounts_are_listed_by_login_made_granted_roles_and_closed() {
    let h = host();
    let north = town::place(&h.gate, "division", "N-1", None);
    let li = h.browser("li");
    let list = h.page(&li, "/admin/accounts");
    let rows = list.body.split("<tbody>").nth(1).unwrap();
    let at = |login: &str| rows.find(&format!(">{login}</a>")).unwrap();
    assert!(at("guest") < at("li"), "by name and by nothing else");
    assert!(!list.body.contains("李四"), "no names of persons");
    let csrf = list.csrf();
    let make = |body: &str| h.form(&li, "/admin/accounts", &format!("_csrf={csrf}&{body}"));
    let taken = make("login=guest&name=x&password=a+good+password");
    assert!(taken.status == 409 && taken.body.contains("该账号名已被使用"));
    let evil = make("login=%3Cscript%3E&name=%3Cscript%3Ealert&password=a+good+password");
    assert!(evil.status == 422 && !evil.body.contains("<script>alert") && !evil.body.contains("a good password"));
    let made = make("login=zhao&name=%E8%B5%B5&password=a+good+password");
    assert_eq!(made.status, 303);
    let page = made.header("location").unwrap().split('?').next().unwrap().to_owned();
    let change = |body: &str| h.form(&li, &page, &format!("_csrf={csrf}&{body}"));
    assert_eq!(change(&format!("do=grant-role&role=clerk&division={north}")).status, 303);
    let shown = h.page(&li, &page).body;
    assert!(shown.contains("N-1") && shown.contains("clerk"));
    let again = change(&format!("do=grant-role&role=clerk&division={north}"));
    assert!(again.status == 409 && again.body.contains("已经授予"));
    assert_eq!(change(&format!("do=revoke-role&role=clerk&division={north}")).status, 303);
    assert_eq!(change("do=allow-purpose&purpose=rescue").status, 303);
    assert!(h.page(&li, &page).body.contains("救援"));
    let unsure = change("do=close-account&confirm=li");
    assert!(unsure.status == 422 && unsure.body.contains("与账号名不符"));
    assert_eq!(change("do=close-account&confirm=zhao").status, 303);
    assert!(!h.page(&li, "/admin/accounts").body.contains(">zhao<"));
    for nonsense in ["do=drop-tables", "do=", ""] {
        assert_eq!(change(nonsense).status, 422, "{nonsense}");
    }
    for path in ["/admin/accounts/0", "/admin/accounts/999999", "/admin/accounts/x", "/admin/accounts/-1"] {
        assert!(h.page(&li, path).status >= 400, "{path}");
    }
    h.stop();
}

#[test]
fn an_administrator_of_a_division_sees_and_grants_there_and_nowhere_else() {
    let h = host();
    let north = town::place(&h.gate, "division", "N-1", None);
    let south = town::place(&h.gate, "division", "S-1", None);
    town::account(&h.gate, "county", &[("admin", Some(north))], &[]);
    let both = town::account(&h.gate, "both", &[("clerk", Some(north)), ("clerk", Some(south))], &[]);
    town::account(&h.gate, "faraway", &[("clerk", Some(south))], &[]);
    let county = h.browser("county");
    let list = h.page(&county, "/admin/accounts").body;
    assert!(
        list.contains(">both</a>") && !list.contains("faraway") && !list.contains(">li</a>") && !list.contains("S-1")
    );
    let page = format!("/admin/accounts/{both}");
    let shown = h.page(&county, &page);
    assert!(shown.body.contains("N-1") && !shown.body.contains("S-1") && !shown.body.contains("close-account"));
    let change = |body: &str| h.form(&county, &page, &format!("_csrf={}&{body}", shown.csrf())).status;
    assert_eq!(change(&format!("do=grant-role&role=unit&division={north}")), 303);
    assert_eq!(change(&format!("do=grant-role&role=unit&division={south}")), 403);
    assert_eq!(change("do=grant-role&role=unit&division="), 403);
    assert_eq!(change("do=close-account&confirm=both"), 403);
    h.stop();
}

#[test]
fn settings_are_shown_with_their_source() {
    let line = |key: &str, from: Option<&str>| SettingLine {
        key: key.into(),
        value: "\"<script>alert(1)</script>\"".into(),
        from: from.map(str::to_owned),
        zh: "含义".into(),
        en: "Meaning of it".into(),
    };
    let settings = vec![line("log.level", Some("environment variable CHANGZHI_LOG__LEVEL")), line("data", None)];
    let h = Host::start(PortalOptions { settings, ..PortalOptions::default() });
    let li = h.browser("li");
    let page = h.page(&li, "/admin/settings").body;
    assert!(page.contains("CHANGZHI_LOG__LEVEL") && page.contains("默认值") && page.contains("含义"));
    assert!(!page.contains("<script>alert"));
    assert!(h.page(&li, "/admin/settings?lang=en").body.contains("Meaning of it"));
    h.stop();
}

#[test]
fn the_journal_is_checked_in_the_background_and_damage_is_told() {
    let h = host();
    let li = h.browser("li");
    let page = h.page(&li, "/admin/journal");
    let begin = || h.form(&li, "/admin/journal", &format!("_csrf={}&do=begin", page.csrf())).status;
    assert_eq!(h.form(&li, "/admin/journal", "do=begin").status, 403);
    assert_eq!(begin(), 303);
    assert!(until(&h, &li, "/admin/journal", "日志完整").contains("cdcdcdcd"));
    *h.city.damage.lock().unwrap() = Some("segment 3, byte 7: <b>bad</b>".into());
    begin();
    let told = until(&h, &li, "/admin/journal", "日志损坏");
    assert!(told.contains("segment 3") && !told.contains("<b>bad"));
    h.stop();
}

#[test]
fn a_plugin_is_sent_as_a_file_installed_in_the_background_and_a_bad_one_refused_with_its_reason() {
    let h = host();
    let li = h.browser("li");
    let csrf = h.page(&li, "/admin/plugins").csrf();
    let send = |token: Option<&str>, file: &[u8]| {
        let mut body = Vec::new();
        if let Some(token) = token {
            let head = "--X\r\nContent-Disposition: form-data; name=\"_csrf\"\r\n\r\n";
            body.extend_from_slice(format!("{head}{token}\r\n").as_bytes());
        }
        let head = "--X\r\nContent-Disposition: form-data; name=\"component\"; filename=\"d.wasm\"\r\n\r\n";
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n--X--\r\n");
        let headers = [
            ("Cookie", li.as_str()),
            ("Accept", "text/html"),
            ("Content-Type", "multipart/form-data; boundary=X"),
            ("Sec-Fetch-Site", "same-origin"),
        ];
        h.send("POST", "/admin/plugins", &headers, &body)
    };
    assert_eq!(send(None, b"\0asm1234").status, 403, "without the form's token");
    assert_eq!(send(Some("00"), b"\0asm1234").status, 403);
    assert_eq!(send(Some(&csrf), b"").status, 422, "no file");
    assert!(h.city.installed.lock().unwrap().is_empty());
    assert_eq!(send(Some(&csrf), b"\0asm1234").status, 303);
    assert!(until(&h, &li, "/admin/plugins", "已生效").contains("2.0.0"));
    assert_eq!(send(Some(&csrf), b"<script>").status, 303);
    assert!(until(&h, &li, "/admin/plugins", "未安装").contains("byte 0: not a component"));
    assert_eq!(*h.city.installed.lock().unwrap(), [8, 8]);
    let csrf_form = h.form(&li, "/admin/plugins", &format!("_csrf={csrf}"));
    assert_eq!(csrf_form.status, 415, "not a file form");
    h.stop();
}

#[test]
fn health_shows_figures_a_person_reads_and_the_grants_of_each_plugin() {
    let h = host();
    let li = h.browser("li");
    let page = h.page(&li, "/admin").body;
    assert!(page.contains("系统运行正常") && page.contains("HTTP 请求") && page.contains("href=\"/metrics\""));
    *h.city.failed.lock().unwrap() = Some("disk <b>gone</b>".into());
    let failed = h.page(&li, "/admin").body;
    assert!(failed.contains("系统已停止写入") && !failed.contains("<b>gone"));
    let plugins = h.page(&li, "/admin/plugins").body;
    assert!(plugins.contains("窗口") && plugins.contains("未设插件集"));
    h.stop();
}
