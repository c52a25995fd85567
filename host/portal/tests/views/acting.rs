//! Pages that have grown old, and commands on many rows.

use super::*;
use changzhi_model::EntityId;

fn acting(value: &str) -> Vec<Node> {
    vec![
        node("d", 1, NodeKind::Detail),
        node("l", 0, NodeKind::Labelled(Labelled { label: plain("状态"), value: words(value) })),
        node(
            "a",
            0,
            NodeKind::Action(Action {
                label: plain("办"),
                style: Style::Primary,
                confirm: None,
                reason: false,
                deed: Deed::Command(call("file", vec![arg("title", text("ok")), arg("e", Value::Entity(7))])),
            }),
        ),
    ]
}

fn form_of(r: &Reply) -> String {
    let field = |n: &str| r.hidden(n).unwrap_or_default();
    format!(
        "_csrf={}&_key={}&_back=%2Fp%2Fdesk%2Flist&_rev={}&_about={}&title=ok",
        r.csrf(),
        field("_key"),
        field("_rev"),
        field("_about")
    )
}

#[test]
fn a_command_about_something_that_changed_is_held_back_with_what_was_seen_and_what_is() {
    let h = host();
    let cookie = h.browser("li");
    show(&h, acting("办理中<i>"));
    let page = get(&h, &cookie, "/p/desk/list");
    assert_eq!((page.hidden("_rev").as_deref(), page.hidden("_about").as_deref()), (Some("7"), Some("7")));
    let form = form_of(&page);
    show(&h, acting("已办结<b>"));
    h.city.changed.lock().unwrap().push(EntityId(7));
    let before = h.city.inner.submitted.lock().unwrap().len();
    let held = post(&h, &cookie, "/do/desk/file", &form);
    assert_eq!(held.status, 409);
    assert_eq!(h.city.inner.submitted.lock().unwrap().len(), before, "nothing was handed in");
    assert_eq!(texts(&held.body, "tbody td"), ["办理中<i>", "已办结<b>"]);
    assert!(texts(&held.body, "tbody th")[0].contains("状态"));
    assert_eq!(held.hidden("_key"), page.hidden("_key"), "the key stays");
    assert_eq!(count(&held.body, "a.button[href='/p/desk/list']"), 1, "and it can be dropped");
    h.city.changed.lock().unwrap().clear();
    let anyway = post(&h, &cookie, "/do/desk/file", &form);
    assert_eq!(anyway.status, 303);
    assert_eq!(h.city.inner.submitted.lock().unwrap().len(), before + 1);
    h.stop();
}

#[test]
fn without_a_change_or_without_a_revision_the_command_goes_on() {
    let h = host();
    let cookie = h.browser("li");
    show(&h, acting("x"));
    let page = get(&h, &cookie, "/p/desk/list");
    h.city.changed.lock().unwrap().push(EntityId(8));
    assert_eq!(post(&h, &cookie, "/do/desk/file", &form_of(&page)).status, 303, "another one changed");
    h.city.changed.lock().unwrap().push(EntityId(7));
    assert_eq!(
        post(&h, &cookie, "/do/desk/file", &format!("_csrf={}&title=ok", page.csrf())).status,
        303,
        "no page said its revision"
    );
    let nonsense = format!("_csrf={}&title=ok&_rev=x&_about=7", page.csrf());
    assert_eq!(post(&h, &cookie, "/do/desk/file", &nonsense).status, 303);
    h.stop();
}

#[test]
fn what_another_account_saw_or_a_forged_way_back_is_never_shown() {
    let h = host();
    let cookie = h.browser("li");
    show(&h, acting("secret-of-li"));
    let page = get(&h, &cookie, "/p/desk/list");
    h.city.changed.lock().unwrap().push(EntityId(7));
    for back in ["%2F%2Fevil.example%2Fp%2Fx", "%2Fp%2F..%2Fadmin", "javascript:1", "%2Fp%2Fdesk%2Fnone", ""] {
        let form = format!("_csrf={}&_rev=7&_about=7&title=ok&_back={back}", page.csrf());
        let held = post(&h, &cookie, "/do/desk/file", &form);
        assert_eq!(held.status, 409, "{back}");
        assert!(
            !held.body.contains("secret-of-li")
                && !held.body.contains("href=\"//")
                && !held.body.contains("href=\"javascript"),
            "{back}"
        );
    }
    h.stop();
}

fn bulk(h: &Host, cookie: &str) -> Reply {
    let mut nodes = table("t", &["a"], vec![vec![words("x")], vec![words("y")]], None);
    nodes[0].children = 3;
    nodes.extend([
        other("bulk", 1, "bulk", "", vec![arg("row-param", text("title"))]),
        node(
            "go",
            0,
            NodeKind::Action(Action {
                label: plain("go"),
                style: Style::Primary,
                deed: Deed::Command(call("file", vec![])),
                confirm: None,
                reason: false,
            }),
        ),
    ]);
    show(h, nodes);
    get(h, cookie, "/p/desk/list")
}

#[test]
fn chosen_rows_are_one_command_each_and_sending_them_twice_does_nothing_twice() {
    let h = host();
    let cookie = h.browser("li");
    let page = bulk(&h, &cookie);
    assert_eq!(count(&page.body, "form.bulk input[type=checkbox][name=_row]"), 2);
    assert_eq!(count(&page.body, "form.bulk button[formaction='/bulk/desk/file']"), 1);
    let form = format!("_csrf={}&_key=k&_param=title&_back=%2Fp%2Fdesk%2Flist&_row=one&_row=two", page.csrf());
    let before = h.city.inner.submitted.lock().unwrap().len();
    let done = post(&h, &cookie, "/bulk/desk/file", &form);
    assert_eq!(
        (done.status, done.header("location").as_deref()),
        (303, Some("/p/desk/list?_done=42")),
        "{}",
        done.body
    );
    post(&h, &cookie, "/bulk/desk/file", &form);
    let all = h.city.inner.submitted.lock().unwrap();
    let keys: Vec<_> = all[before..].iter().map(|s| s.request).collect();
    assert_eq!((keys.len(), keys[0] == keys[2], keys[1] == keys[3], keys[0] == keys[1]), (4, true, true, false));
    drop(all);
    h.stop();
}

#[test]
fn a_refused_row_is_named_with_its_reason_and_stops_no_other() {
    let h = host();
    let cookie = h.browser("li");
    let page = bulk(&h, &cookie);
    let send =
        |rows: &str| post(&h, &cookie, "/bulk/desk/file", &format!("_csrf={}&_key=k&_param=title&{rows}", page.csrf()));
    let some = send("_row=conflict&_row=good");
    assert_eq!(some.status, 409);
    assert!(texts(&some.body, ".notice li")[0].starts_with("conflict ") && some.body.contains("不行"), "{}", some.body);
    let last = h.city.inner.submitted.lock().unwrap().last().unwrap().body.clone();
    assert_eq!(last[0].as_text(), Some("good"));
    assert_eq!(send("").status, 409, "nothing was chosen");
    assert_eq!(post(&h, &cookie, "/bulk/desk/file", "_csrf=0&_param=title&_row=x").status, 403);
    assert_eq!(post(&h, &cookie, "/bulk/desk/file", &format!("_csrf={}&_row=x", page.csrf())).status, 400);
    h.stop();
}
