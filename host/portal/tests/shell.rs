//! The frame of every page: navigation, looks, search, home, notices, divisions, freshness.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_model::*;
use changzhi_portal::shape::{Cell, Due, Node, NodeKind, Page, Row, Table, Text as Words};
use changzhi_portal::{Footer, PortalOptions};
use std::time::Duration;
use support::*;

const EVIL: &str = "\"'><script>alert(1)</script>";

fn host() -> Host {
    Host::start(PortalOptions::default())
}

#[test]
fn the_navigation_is_grouped_by_plugin_and_marks_the_page_one_is_on() {
    let h = host();
    let li = h.browser("li");
    let home = h.page(&li, "/").body;
    assert!(home.contains("<h2>窗口</h2>") && home.contains(r#"<a href="/" aria-current="page">首页</a>"#));
    let list = h.page(&li, "/p/desk/list").body;
    assert!(list.contains(r#"<a href="/p/desk/list" aria-current="page">清单</a>"#), "{list}");
    assert!(!list.contains(r#"<a href="/" aria-current="page">"#));
    let bar = list.split("<nav class=\"bar\"").nth(1).unwrap().split("</nav>").next().unwrap();
    assert_eq!(bar.matches("<li>").count(), 5, "a phone's bar has five entries");
    let more = h.page(&li, "/more").body;
    assert!(more.contains("/p/desk/list") && more.contains("/admin") && !more.contains("look-wall"));
    let guest = h.page(&h.browser("guest"), "/more").body;
    assert!(!guest.contains("/p/desk/list") && !guest.contains("href=\"/admin"));
    h.stop();
}

#[test]
fn a_wall_has_the_clock_of_the_data_and_no_navigation() {
    let h = host();
    let li = h.browser("li");
    let wall = h.page(&li, "/p/desk/list?_profile=wall").body;
    assert!(wall.contains("data-profile=\"wall\"") && wall.contains("class=\"clock\"") && wall.contains("数据截至"));
    assert!(!wall.contains("<nav") && !wall.contains("<footer") && wall.contains("退出大屏"));
    h.stop();
}

#[test]
fn language_letters_and_colours_are_chosen_by_a_form_and_kept_in_cookies() {
    let h = host();
    let choose = |body: &str, site: &str| {
        let headers = [
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Sec-Fetch-Site", site),
            ("Referer", "http://test/sign-in?lang=zh-CN"),
        ];
        h.send("POST", "/look", &headers, body.as_bytes())
    };
    let language = choose("language=en", "same-origin");
    assert_eq!((language.status, language.header("location").as_deref()), (303, Some("/sign-in")));
    let english = language.cookie();
    assert!(h.page(&english, "/sign-in").body.contains("Sign in"));
    assert!(h.page(&english, "/sign-in?lang=zh-CN").body.contains("登录"), "the address wins");
    let elder = choose("look=elder", "same-origin").cookie();
    assert!(h.page(&elder, "/sign-in").body.contains("data-size=\"elder\""));
    assert!(h.page(&elder, "/sign-in").body.contains("标准字号"), "the same switch leads back");
    let set = choose("look=%3Cscript%3E&language=fr", "same-origin");
    assert!(
        set.status == 303
            && !set.head.contains("%3Cscript")
            && !set.head.contains("<script")
            && !set.head.contains("language=fr")
    );
    assert_eq!(choose("language=en", "cross-site").status, 403);
    h.stop();
}

#[test]
fn the_foot_shows_what_is_set_and_nothing_else() {
    let footer = Footer { icp: Some("赣ICP备1号".into()), sponsor: Some(EVIL.into()), ..Footer::default() };
    let h = Host::start(PortalOptions { footer, ..PortalOptions::default() });
    let page = h.page("", "/sign-in").body;
    assert!(page.contains("赣ICP备1号") && page.contains("https://beian.miit.gov.cn/"));
    assert!(page.contains("主办单位") && !page.contains("<script>alert"));
    assert!(!page.contains("网站标识码") && !page.contains("beian.mps.gov.cn"));
    h.stop();
    let plain = host();
    assert!(!plain.page("", "/sign-in").body.contains("beian"));
    plain.stop();
}

#[test]
fn help_is_there_for_everybody_in_both_languages() {
    let h = host();
    for (lang, word) in [("zh-CN", "快捷键"), ("en", "Shortcuts")] {
        let page = h.page("", &format!("/help?lang={lang}"));
        assert_eq!(page.status, 200);
        assert!(page.body.contains(word) && page.body.contains("<kbd>J</kbd>") && !page.body.contains('⟦'));
    }
    h.stop();
}

#[test]
fn search_finds_pages_places_and_matters_one_may_see_and_says_why_nothing_was_found() {
    let h = host();
    let north = town::place(&h.gate, "division", "N-1", None);
    town::place(&h.gate, "grid", "青山湖网格", Some("N-1"));
    town::account(&h.gate, "clerk", &[("clerk", Some(north))], &[]);
    let li_id = h.id("li");
    h.matter(900, li_id, "路灯不亮");
    let li = h.browser("li");
    let found = |cookie: &str, q: &str| h.page(cookie, &format!("/search?q={q}")).body;
    let lamp = "%E8%B7%AF%E7%81%AF";
    assert!(found(&li, lamp).contains("C-900"), "by its title");
    assert!(found(&li, "c-900").contains("/p/desk/case?case=900"), "by its number, with a way to its page");
    let lake = "%E9%9D%92%E5%B1%B1%E6%B9%96";
    let place = found(&li, lake);
    assert!(place.contains("青山湖网格") && place.contains("/p/desk/list?place="));
    assert!(found(&li, "%E6%B8%85%E5%8D%95").contains("href=\"/p/desk/list\""));
    // A matter that lies nowhere is for roles of the whole city; a place outside is not there.
    let clerk = h.browser("clerk");
    assert!(found(&clerk, lake).contains("青山湖网格"));
    let nothing = found(&clerk, lamp);
    assert!(!nothing.contains("C-900") && nothing.contains("从不查找") && nothing.contains("N-1"), "{nothing}");
    let guest = found(&h.browser("guest"), lake);
    assert!(!guest.contains("青山湖网格") && guest.contains("没有任何角色"));
    h.stop();
}

#[test]
fn a_search_for_anything_hostile_or_endless_is_answered_and_never_markup() {
    let h = host();
    let li = h.browser("li");
    let evil = "%22%27%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    let page = h.page(&li, &format!("/search?q={evil}"));
    assert!(page.status == 200 && !page.body.contains("<script>alert"));
    assert_eq!(h.page(&li, &format!("/search?q={}", "a".repeat(20_000))).status, 200);
    assert_eq!(h.page(&li, "/search?q=%00%07").status, 200);
    assert_eq!(h.page(&li, "/search?q=%FF").status, 400);
    assert_eq!(h.page(&li, "/search").status, 200);
    h.stop();
}

#[test]
fn what_is_personal_is_never_found() {
    let h = host();
    let li_id = h.id("li");
    h.matter(900, li_id, "路灯不亮");
    h.city.inner.tables.lock().unwrap().sealed.insert((900, "desk.case".into(), "words".into()), Value::text("张三"));
    let li = h.browser("li");
    // The name of the account and the words of the matter are sealed.
    for q in ["%E6%9D%8E%E5%9B%9B", "%E5%BC%A0%E4%B8%89"] {
        let page = h.page(&li, &format!("/search?q={q}")).body;
        assert!(!page.contains("C-900") && page.contains("从不查找"), "{q}");
    }
    h.stop();
}

#[test]
fn home_shows_what_waits_with_its_lights_and_what_i_did_filed_and_follow() {
    let h = host();
    let mut manifest = desk();
    manifest.views.push(ViewDecl {
        name: "tasks".into(),
        label: "desk-list".into(),
        params: vec![],
        roles: vec!["clerk".into()],
        purpose: false,
        listed: false,
    });
    *h.city.inner.manifests.lock().unwrap().last_mut().unwrap() = std::sync::Arc::new(manifest);
    let now = h.city.inner.clock.now().0;
    let due = |at: i64, limit: i64| Node {
        key: limit.to_string(),
        children: 0,
        kind: NodeKind::Row(Row { cells: vec![Cell::Due(Due { at, limit })], open: None }),
    };
    let head = NodeKind::Table(Table { cols: vec![], total: 7, next: None });
    let nodes =
        vec![Node { key: "t".into(), children: 2, kind: head }, due(now, now - 1), due(now, now + 60 * Micros::SECOND)];
    *h.city.page.lock().unwrap() = Page { title: Words::Plain("等候".into()), nodes };
    let (li_id, guest_id) = (h.id("li"), h.id("guest"));
    let case = h.matter(900, guest_id, "路灯不亮");
    let advanced = Fact::Advanced {
        entity: case,
        event: "go".into(),
        source: "open".into(),
        target: "open".into(),
        reason: String::new(),
    };
    h.happened(li_id, "file", vec![advanced]);
    let li = h.browser("li");
    let home = h.page(&li, "/").body;
    assert!(home.contains("<strong>7</strong>") && home.contains("超期 1") && home.contains("临期 1"), "{home}");
    assert!(home.contains("等候"));
    let done = h.page(&li, "/?box=done").body;
    assert!(done.contains("案件 C-900") && done.contains("处理中"));
    let csrf = h.page(&li, "/").csrf();
    assert_eq!(h.form(&li, "/follow", &format!("_csrf={csrf}&matter=900")).status, 303);
    assert!(h.page(&li, "/?box=copied").body.contains("C-900"));
    assert_eq!(h.form(&li, "/follow", &format!("_csrf={csrf}&matter=900&_stop=1")).status, 303);
    assert!(!h.page(&li, "/?box=copied").body.contains("C-900"));
    // Whoever filed it sees that it is there and how it stands, without a way into the plugin's page.
    let mine = h.page(&h.browser("guest"), "/?box=mine").body;
    assert!(mine.contains("案件 C-900") && !mine.contains("/p/desk/case"));
    assert_eq!(h.form(&li, "/follow", "matter=900").status, 403, "not from our page");
    h.stop();
}

#[test]
fn what_somebody_follows_but_may_not_see_is_not_there() {
    let h = host();
    let case = h.matter(900, h.id("li"), "路灯不亮");
    let li = h.browser("li");
    let csrf = h.page(&li, "/").csrf();
    let copy = h.form(&li, "/follow", &format!("_csrf={csrf}&matter=900&login=guest"));
    assert_eq!(copy.status, 303, "{}", copy.body);
    let unknown = h.form(&li, "/follow", &format!("_csrf={csrf}&matter=900&login=nobody"));
    assert_eq!(unknown.status, 422);
    h.happened(
        h.id("li"),
        "file",
        vec![Fact::Noted { entity: case, kind: "x".into(), text: changzhi_model::Text::plain("y") }],
    );
    let guest = h.browser("guest");
    assert!(!h.page(&guest, "/?box=copied").body.contains("C-900"));
    let notices = h.page(&guest, "/notices").body;
    assert!(!notices.contains("C-900") && !notices.contains("class=\"count\""), "no line, and none counted");
    h.stop();
}

#[test]
fn a_notice_comes_when_others_touch_my_matter_is_counted_and_can_be_read() {
    let h = host();
    let (li_id, guest_id) = (h.id("li"), h.id("guest"));
    let case = h.matter(900, li_id, "路灯不亮");
    let later = |s: i64| h.city.inner.clock.set(Micros(h.city.inner.clock.now().0 + s * Micros::SECOND));
    let li = h.browser("li");
    assert!(h.page(&li, "/notices").body.contains("授予角色"), "rights that change are told as well");
    later(5);
    assert_eq!(h.form(&li, "/notices/read", &format!("_csrf={}", h.page(&li, "/").csrf())).status, 303);
    later(5);
    let note = || vec![Fact::Noted { entity: case, kind: "x".into(), text: changzhi_model::Text::plain("y") }];
    h.happened(guest_id, "file", note());
    let page = h.page(&li, "/notices");
    assert!(page.body.contains("C-900") && page.body.contains("登记") && page.body.contains("未读"), "{}", page.body);
    assert!(page.body.contains(r#"<span class="count">1"#));
    later(5);
    assert_eq!(h.form(&li, "/notices/read", &format!("_csrf={}", page.csrf())).status, 303);
    let read = h.page(&li, "/notices").body;
    assert!(read.contains("C-900") && !read.contains("class=\"count\""));
    later(5);
    h.happened(guest_id, "file", note());
    assert!(h.page(&li, "/").body.contains(r#"<span class="count">1"#));
    // An administrator also sees what is wrong with the host now; nobody else does.
    assert!(read.contains("已熔断") && !h.page(&h.browser("guest"), "/notices").body.contains("已熔断"));
    h.stop();
}

#[test]
fn a_division_is_chosen_narrows_lists_and_gives_no_right() {
    let h = host();
    let north = town::place(&h.gate, "division", "N-1", None);
    let south = town::place(&h.gate, "division", "S-1", None);
    let inner = town::place(&h.gate, "division", "N-2", Some("N-1"));
    town::account(&h.gate, "clerk", &[("clerk", Some(north))], &[]);
    let clerk = h.browser("clerk");
    let page = h.page(&clerk, "/division");
    assert!(page.body.contains("N-1") && !page.body.contains("S-1"));
    let choose = |d: EntityId| h.form(&clerk, "/division", &format!("_csrf={}&division={d}", page.csrf()));
    let chosen = choose(inner);
    assert_eq!(chosen.status, 303);
    let both = format!("{clerk}; {}", chosen.cookie());
    let home = h.page(&both, "/p/desk/list").body;
    assert!(home.contains("<li>N-1</li>") && home.contains("<li>N-2</li>"), "the way down to it: {home}");
    assert!(choose(south).cookie().ends_with('='), "not one's own");
    // A cookie of one's own making is passed over.
    let forged = format!("{clerk}; changzhi-division={south}");
    assert!(!h.page(&forged, "/division").body.contains("S-1"));
    for nonsense in ["-1", "0", "99999999999999999999", "x"] {
        assert_eq!(h.page(&format!("{clerk}; changzhi-division={nonsense}"), "/").status, 200);
    }
    h.stop();
}

#[test]
fn a_source_that_is_late_says_so_on_every_page() {
    let h = Host::start(PortalOptions { late: Duration::from_secs(3600), ..PortalOptions::default() });
    let put = Fact::Put {
        entity: EntityId(900),
        facet: "desk.case".into(),
        fields: vec![("source".into(), Stored::Open(Value::text(EVIL)))],
    };
    h.happened(h.id("li"), "file", vec![put]);
    let li = h.browser("li");
    assert!(!h.page(&li, "/").body.contains("个来源迟到"));
    h.city.inner.clock.set(Micros(h.city.inner.clock.now().0 + 3601 * Micros::SECOND));
    let li = h.browser("li");
    assert!(h.page(&li, "/").body.contains("个来源迟到"));
    let status = h.page(&li, "/status");
    assert!(status.status == 200 && status.body.contains("迟到 · ") && !status.body.contains("<script>alert"));
    h.stop();
}

/// No page has words of its own: in a language of one letter, nothing but data and that letter is left.
#[test]
fn no_page_has_words_that_are_not_in_the_message_files() {
    let h = host();
    let li = h.browser("li");
    for path in [
        "/",
        "/?box=done",
        "/?box=mine",
        "/?box=copied",
        "/search",
        "/search?q=zzzzqq",
        "/notices",
        "/status",
        "/division",
        "/more",
        "/help",
        "/me",
        "/me/password",
        "/me/sessions",
        "/me/tokens",
        "/me/delegations",
        "/me/actions",
        "/me/looks",
        "/admin",
        "/admin/plugins",
        "/admin/journal",
        "/admin/settings",
        "/admin/accounts",
        "/jobs",
    ] {
        let page = h.page(&li, &format!("{path}{}lang=en", if path.contains('?') { '&' } else { '?' }));
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.body.contains('⟦'), "{path}: a message is missing: {}", page.body);
        // Chinese on an English page is data (a name), the desk's own labels, the title, or the way back to Chinese.
        let known = ["李四", "窗口", "清单", "登记", "清点", "案件", "处理中", "昌治", "中文", "原话"];
        let mut text = page.body.clone();
        known.iter().for_each(|k| text = text.replace(k, ""));
        let left: String = text.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).collect();
        assert!(left.is_empty(), "{path}: {left}");
    }
    h.stop();
}

#[test]
fn every_new_page_asks_for_a_sign_in() {
    let h = host();
    for path in ["/search?q=x", "/notices", "/status", "/division", "/more", "/me", "/me/looks", "/admin/accounts"] {
        assert_eq!(h.page("", path).header("location").as_deref(), Some("/sign-in"), "{path}");
    }
    for path in ["/follow", "/notices/read", "/division", "/me/password", "/me/tokens", "/admin/journal"] {
        assert_eq!(h.form("", path, "x=1").status, 303, "{path}");
    }
    h.stop();
}

#[test]
fn the_page_of_a_matter_says_who_is_kept_informed_and_no_other_page_does() {
    let h = host();
    h.matter(900, h.id("li"), "路灯不亮");
    town::account(&h.gate, "boss", &[("clerk", None)], &[]);
    let li = h.browser("li");
    let page = h.page(&li, "/p/desk/case?case=900");
    assert!(page.body.contains("没有人关注") && page.body.contains("抄送给"));
    let copied = h.form(&li, "/follow", &format!("_csrf={}&matter=900&login=boss", page.csrf()));
    assert_eq!(copied.status, 303);
    assert!(h.page(&li, "/p/desk/case?case=900").body.contains("<li>boss</li>"));
    let boss = h.browser("boss");
    assert!(h.page(&boss, "/?box=copied").body.contains("C-900"));
    assert!(h.page(&boss, "/notices").body.contains("C-900"), "and is told so");
    assert!(!h.page(&li, "/p/desk/list").body.contains("抄送给"));
    assert!(!h.page(&li, "/p/desk/case?case=%3Cscript%3E").body.contains("抄送给"));
    h.stop();
}
