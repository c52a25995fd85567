//! The gallery in every look: complete in both languages, well formed, and accessible as far as a parser can tell.

use super::*;

const FAMILIES: [&str; 12] =
    ["words", "figures", "tables", "charts", "maps", "forms", "stories", "boards", "talk", "duty", "layout", "states"];

fn sound(html: &str, what: &str) {
    let doc = Html::parse_document(html);
    let all = |s: &str| doc.select(&Selector::parse(s).unwrap()).collect::<Vec<_>>();
    assert!(!html.contains('⟦'), "{what}: a message is missing");
    let ids: Vec<&str> = all("[id]").iter().map(|e| e.attr("id").unwrap()).collect();
    let distinct: std::collections::HashSet<&&str> = ids.iter().collect();
    assert_eq!(ids.len(), distinct.len(), "{what}: an id is used twice");
    for e in all("label[for], [aria-describedby], [aria-labelledby]") {
        for name in ["for", "aria-describedby", "aria-labelledby"] {
            for id in e.attr(name).unwrap_or("").split_whitespace() {
                assert!(ids.contains(&id), "{what}: {name}={id} leads nowhere");
            }
        }
    }
    for e in all("input:not([type=hidden]), select, textarea") {
        let inside = e.ancestors().any(|a| a.value().as_element().is_some_and(|a| a.name() == "label"));
        let labelled = e.attr("id").is_some_and(|id| !all(&format!("label[for='{id}']")).is_empty());
        assert!(inside || labelled || e.attr("aria-label").is_some(), "{what}: {} has no label", e.html());
    }
    for e in all("[role=img]") {
        assert!(e.attr("aria-label").is_some_and(|l| !l.trim().is_empty()), "{what}: a picture without a name");
    }
    for e in all("button, a[href], summary") {
        let named = !e.text().collect::<String>().trim().is_empty() || e.attr("aria-label").is_some();
        assert!(named, "{what}: {} has no name", e.html());
    }
    let levels: Vec<u8> = all("h1, h2, h3, h4, h5, h6").iter().map(|e| e.value().name().as_bytes()[1] - b'0').collect();
    assert_eq!(levels.iter().filter(|l| **l == 1).count(), 1, "{what}");
    assert!(levels.windows(2).all(|w| w[1] <= w[0] + 1), "{what}: headings skip a level: {levels:?}");
    assert!(all("table thead th").iter().all(|th| th.attr("scope") == Some("col")), "{what}");
}

#[test]
fn every_family_is_sound_in_both_languages_and_only_the_page_of_states_has_a_mistake_on_it() {
    let h = host();
    let cookie = h.browser("li");
    for family in FAMILIES {
        for lang in ["zh-CN", "en"] {
            let r = get(&h, &cookie, &format!("/gallery/{family}?lang={lang}"));
            assert_eq!(r.status, 200, "{family}: {}", r.body);
            sound(&r.body, &format!("{family} {lang}"));
            let wrong = usize::from(family == "states");
            assert_eq!(count(&r.body, "[data-malformed], [data-beyond]"), wrong, "{family}");
            assert_eq!(count(&r.body, &format!("html[lang='{lang}']")), 1);
        }
    }
    let index = get(&h, &cookie, "/gallery");
    sound(&index.body, "index");
    assert!(FAMILIES.iter().all(|f| index.body.contains(&format!("/gallery/{f}"))));
    assert_eq!(get(&h, "", "/gallery").status, 303, "for who is signed in");
    assert_eq!(get(&h, &cookie, "/gallery/none").status, 404);
    h.stop();
}

#[test]
fn the_address_chooses_the_look_and_the_links_keep_the_rest_of_it() {
    let h = host();
    let cookie = h.browser("li");
    for profile in ["wall", "desk", "phone"] {
        for theme in ["light", "dark"] {
            let r = get(&h, &cookie, &format!("/gallery/tables?_profile={profile}&_theme={theme}&_size=elder&lang=en"));
            let html = format!("html[data-profile={profile}][data-theme={theme}][data-size=elder][lang=en]");
            assert_eq!(count(&r.body, &html), 1);
            let other = format!("/gallery/tables?_theme={theme}&_size=elder&lang=en&_profile=auto");
            assert_eq!(count(&r.body, &format!("a[href='{other}']")), 1, "{}", r.body);
        }
    }
    h.stop();
}

#[test]
fn every_kind_of_part_is_in_the_gallery() {
    let h = host();
    let cookie = h.browser("li");
    let all: String = FAMILIES.iter().map(|f| get(&h, &cookie, &format!("/gallery/{f}?lang=en")).body).collect();
    let parts = [
        ".stat",
        "table.view",
        "form.bulk",
        "form.filters",
        ".board .card form.move",
        ".detail dl",
        "form.stack",
        "fieldset.step",
        "fieldset.when",
        "gov-map svg",
        ".map .area",
        ".map .track",
        "figure.chart",
        "gov-chart",
        ".pie",
        ".gauge",
        "table.heat",
        ".lying",
        ".spark",
        ".timeline",
        "ol.progress",
        ".checklist",
        ".conversation",
        ".video",
        "gov-room .call[hidden] button",
        ".document",
        ".files",
        ".tree",
        ".alarms",
        ".sos a[href^='tel:']",
        ".notice.danger",
        ".columns",
        ".tabs",
        ".folds",
        ".empty",
        ".pending",
        "[data-other]",
        "[data-malformed]",
        "details.confirm textarea[name=reason]",
    ];
    for part in parts {
        assert!(count(&all, part) > 0, "{part}");
    }
    h.stop();
}
