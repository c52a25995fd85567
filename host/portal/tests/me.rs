//! The pages of one's own account: each allowed, refused, and sent nonsense.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_model::*;
use changzhi_portal::PortalOptions;
use support::*;

const EVIL: &str = "%22%27%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E";

fn host() -> Host {
    Host::start(PortalOptions::default())
}

#[test]
fn my_account_shows_my_roles_purposes_and_name_and_nobody_elses() {
    let h = host();
    let me = h.page(&h.browser("li"), "/me").body;
    assert!(me.contains("李四") && me.contains("管理员") && me.contains("全市") && me.contains("调解"));
    let guest = h.page(&h.browser("guest"), "/me").body;
    assert!(guest.contains("没有角色") && guest.contains("没有获准的查阅目的"));
    h.stop();
}

#[test]
fn a_new_password_needs_the_old_one_and_ends_all_other_sign_ins() {
    let h = host();
    let (first, second) = (h.browser("li"), h.browser("li"));
    let csrf = h.page(&first, "/me/password").csrf();
    let change = |body: &str| h.form(&first, "/me/password", &format!("_csrf={csrf}&{body}"));
    let wrong = change("current=wrong&password=a+new+password&again=a+new+password");
    assert!(wrong.status == 422 && wrong.body.contains("当前密码不正确") && wrong.body.contains("#f-current"));
    assert!(!wrong.body.contains("a new password"), "a password is never sent back");
    let differs = change("current=correct+horse&password=a+new+password&again=another");
    assert!(differs.status == 422 && differs.body.contains("两次输入的新密码不同"));
    let short = change("current=correct+horse&password=x&again=x");
    assert_eq!(short.status, 422);
    assert_eq!(change("current=correct+horse&password=a+new+password&again=a+new+password").status, 303);
    assert_eq!(h.page(&first, "/me").status, 200);
    assert_eq!(h.page(&second, "/me").status, 303, "the other sign-in is out");
    assert_eq!(h.form(&first, "/me/password", "current=x&password=y&again=y").status, 403);
    h.stop();
}

#[test]
fn the_words_of_my_alarms_are_set_by_me_both_at_once_and_are_never_sent_back() {
    let h = host();
    let own = h.browser("li");
    let page = h.page(&own, "/me/words");
    assert!(page.status == 200 && page.body.contains("撤销暗语") && page.body.contains("胁迫暗语"), "{}", page.body);
    let set = |safe: &str, duress: &str| {
        let body = format!("_csrf={}&_key={}&safe={safe}&duress={duress}", page.csrf(), safe.len() + duress.len());
        h.form(&own, "/me/words", &body)
    };
    let alike = set("bluebird", "BlueBird");
    assert!(alike.status == 422 && alike.body.contains("两个暗语不能相同") && alike.body.contains("#f-duress"));
    assert!(!alike.body.to_lowercase().contains("bluebird"), "a word is never sent back");
    let short = set("x", "redflower");
    assert!(short.status == 422 && short.body.contains("至少两个字"), "{}", short.body);
    let done = set("bluebird", "redflower");
    assert_eq!(done.status, 303, "{}", done.body);
    assert!(
        format!("{:?}", h.city.inner.submitted.lock().unwrap()).matches("bluebird").count() == 0,
        "only its hash went on"
    );
    let after = h.page(&own, "/me/words").body;
    assert_eq!(after.matches("value=\"").count(), page.body.matches("value=\"").count(), "and it tells of none");
    assert_eq!(h.form(&own, "/me/words", "safe=bluebird&duress=redflower").status, 403, "from our own page only");
    assert_eq!(h.page("", "/me/words").status, 303, "nobody's words");
    h.stop();
}

#[test]
fn my_sign_ins_are_listed_by_device_and_ended_one_by_one_or_all_others() {
    let h = host();
    let own = h.browser("li");
    let form = h.send("GET", "/sign-in", &[("Accept", "text/html")], b"");
    let sign_in = |agent: &str| {
        let headers = [
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Cookie", &*form.cookie()),
            ("User-Agent", agent),
            ("Sec-Fetch-Site", "same-origin"),
        ]
        .map(|(n, v)| (n, v.to_owned()));
        let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let body = format!("_csrf={}&login=li&password=correct+horse", form.csrf());
        h.send("POST", "/sign-in", &headers, body.as_bytes()).cookie()
    };
    let phone = sign_in("Mozilla/5.0 (Linux; Android 14) Chrome/156");
    let evil = sign_in("<script>alert(1)</script>");
    let page = h.page(&own, "/me/sessions");
    assert!(page.body.contains("Chrome · Android") && page.body.contains("未知设备") && page.body.contains("当前设备"));
    assert!(!page.body.contains("<script>alert"));
    assert!(!page.body.contains(own.split('=').nth(1).unwrap()), "no cookie is on the page");
    let handle = page.body.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let end = |id: &str| h.form(&own, "/me/sessions/end", &format!("_csrf={}&id={id}", page.csrf())).status;
    assert_eq!(end(&handle), 303);
    let out = [&phone, &evil].iter().filter(|c| h.page(c, "/me").status == 303).count();
    assert_eq!(out, 1, "the one that was named");
    assert_eq!((end("others"), end(EVIL)), (303, 303));
    assert!([&phone, &evil].iter().all(|c| h.page(c, "/me").status == 303));
    assert_eq!(h.page(&own, "/me").status, 200);
    // Another's handle ends nothing.
    let guest = h.browser("guest");
    let guests = h.page(&guest, "/me/sessions");
    let of_li = h.browser("li");
    let handle = h
        .page(&own, "/me/sessions")
        .body
        .split("name=\"id\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    h.form(&guest, "/me/sessions/end", &format!("_csrf={}&id={handle}", guests.csrf()));
    assert_eq!(h.page(&of_li, "/me").status, 200);
    h.stop();
}

#[test]
fn a_token_is_made_with_a_part_of_the_rights_shown_once_and_revoked() {
    let h = host();
    let li = h.browser("li");
    let page = h.page(&li, "/me/tokens");
    let csrf = page.csrf();
    let made = h.form(&li, "/me/tokens", &format!("_csrf={csrf}&label=%E5%AF%BC%E5%85%A5&role.clerk=1&days=30"));
    assert_eq!(made.status, 200, "{}", made.body);
    let secret = made.body.split("cz_").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let list = h.page(&li, "/me/tokens").body;
    assert!(list.contains("导入") && !list.contains(&secret));
    let bearer = format!("Bearer cz_{secret}");
    let api = |path: &str| h.send("GET", path, &[("Authorization", &bearer)], b"").status;
    assert_eq!(api("/api/v1/desk/list"), 200);
    assert_eq!(api("/api/v1/host/accounts"), 403, "the token is no administrator");
    let token = list.rsplit("name=\"token\" value=\"").next().unwrap().split('"').next().unwrap().to_owned();
    let foreign = h.browser("guest");
    let refused =
        h.form(&foreign, "/me/tokens/revoke", &format!("_csrf={}&token={token}", h.page(&foreign, "/me").csrf()));
    assert_eq!(refused.status, 403);
    assert_eq!(h.form(&li, "/me/tokens/revoke", &format!("_csrf={csrf}&token={token}")).status, 303);
    assert_eq!(api("/api/v1/desk/list"), 401);
    let nameless = h.form(&li, "/me/tokens", &format!("_csrf={csrf}&label=+&days=9999"));
    assert!(nameless.status == 422 && nameless.body.contains("#f-label"));
    let greedy = h.form(&li, "/me/tokens", &format!("_csrf={csrf}&label=x&role.mayor=1"));
    assert!(greedy.status == 422 && greedy.body.contains("只能选账号已有的角色"));
    let hostile = h.form(&li, "/me/tokens", &format!("_csrf={csrf}&label={EVIL}&role.{EVIL}=1"));
    assert!(hostile.status == 422 && !hostile.body.contains("<script>alert"));
    h.stop();
}

#[test]
fn a_role_is_lent_by_a_form_seen_by_both_and_ended_by_either() {
    let h = host();
    let (li, guest) = (h.browser("li"), h.browser("guest"));
    let csrf = h.page(&li, "/me/delegations").csrf();
    assert!(!h.page(&li, "/me/delegations").body.contains("value=\"admin@\""), "administration is not lent");
    let until = Micros(h.city.inner.clock.now().0 + 3 * Micros::DAY).to_rfc3339();
    let lend = |rest: &str| h.form(&li, "/me/delegations", &format!("_csrf={csrf}&until={until}&{rest}"));
    assert_eq!(h.page(&guest, "/p/desk/list").status, 403);
    assert_eq!(lend("login=guest&held=clerk@&reason=%E4%BC%91%E5%81%87").status, 303);
    assert_eq!(h.page(&guest, "/p/desk/list").status, 200, "the colleague may now");
    let theirs = h.page(&guest, "/me/delegations");
    assert!(theirs.body.contains("休假") && theirs.body.contains("生效中") && theirs.body.contains("li"));
    assert!(h.page(&li, "/me/delegations").body.contains("休假"));
    assert!(h.page(&guest, "/me").body.contains("受托于"));
    assert!(h.page(&guest, "/notices").body.contains("委托角色"), "and was told");
    for (body, word) in [
        ("login=nobody&held=clerk@&reason=x", "没有这个账号名"),
        ("login=li&held=clerk@&reason=x", "不能委托给自己"),
        ("login=guest&held=admin@&reason=x", "管理员角色只能授予"),
        ("login=guest&held=mayor@&reason=x", "您本人在该范围没有这个角色"),
        ("login=guest&held=clerk@&reason=", "必填"),
        ("login=guest&held=clerk@&reason=x&from=nonsense", "不是时间"),
    ] {
        let refused = lend(body);
        assert!(refused.status >= 400 && refused.body.contains(word), "{body}: {} {}", refused.status, refused.body);
    }
    assert!(!lend(&format!("login={EVIL}&held={EVIL}&reason={EVIL}")).body.contains("<script>alert"));
    let id = theirs.body.split("name=\"delegation\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let end = h.form(&guest, "/me/delegations/end", &format!("_csrf={}&delegation={id}", theirs.csrf()));
    assert_eq!(end.status, 303);
    assert_eq!(h.page(&guest, "/p/desk/list").status, 403);
    assert!(h.page(&li, "/me/delegations").body.contains("已终止"));
    h.stop();
}

#[test]
fn what_i_did_is_mine_alone_to_see_and_everything_is_there() {
    let h = host();
    let li = h.browser("li");
    h.matter(900, h.id("li"), "路灯不亮");
    let csrf = h.page(&li, "/").csrf();
    h.form(&li, "/follow", &format!("_csrf={csrf}&matter=900"));
    let mine = h.page(&li, "/me/actions").body;
    assert!(mine.contains("关注或抄送事项") && mine.contains("登记") && mine.contains("C-900"));
    let guests = h.page(&h.browser("guest"), "/me/actions").body;
    assert!(guests.contains("还没有操作记录") && !guests.contains("C-900"));
    for i in 0..60 {
        h.matter(1000 + i, h.id("li"), "x");
    }
    let first = h.page(&li, "/me/actions").body;
    let next = first.split("/me/actions?before=").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let second = h.page(&li, &format!("/me/actions?before={next}")).body;
    assert!(second.contains("C-900") && !first.contains("C-900"));
    assert_eq!(h.page(&li, "/me/actions?before=x%3Cscript%3E").status, 200);
    h.stop();
}

#[test]
fn everybody_sees_who_looked_at_their_records_when_and_why() {
    let h = host();
    let (li_id, guest_id) = (h.id("li"), h.id("guest"));
    let case = h.matter(900, guest_id, "路灯不亮");
    let other = h.matter(901, li_id, "别人的事");
    for of in [case, other] {
        let looked = Fact::Looked { entity: of, facet: "desk.case".into(), fields: vec!["words".into()] };
        h.happened(li_id, "look", vec![looked]);
    }
    let guests = h.page(&h.browser("guest"), "/me/looks").body;
    let rows = guests.split("<tbody>").nth(1).unwrap();
    assert_eq!(rows.matches("<tr>").count(), 1, "only what is about me: {rows}");
    for word in ["li", "调解", "原话", "C-900"] {
        assert!(rows.contains(word), "{word}: {rows}");
    }
    let mine = h.page(&h.browser("li"), "/me/looks").body;
    assert!(mine.contains("本人"), "one's own look is there as well");
    h.stop();
}
