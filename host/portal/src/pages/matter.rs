//! A matter as the host can show it by itself: its number, kind, state and place, and the way to its plugin's own page.
//!
//! A matter is an entity of a kind with a flow. Its **number** is the first unique open text of its plugin's facets; its **page** is
//! the plugin's view whose only required parameter is an entity named as the kind. Both are conventions of `docs/plugins.md`.
//!
//! Who may see one: whoever filed it, and whoever's role opens its page (or, without a page, any view of its plugin) at its place.
//! To all others it is not there, whatever they follow. Nothing personal is read here.

use super::{Visit, act, paint, see_other, sent};
use crate::layer::About;
use crate::state::App;
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use changzhi_gate::{Core, REPORTER, Records};
use changzhi_model::{EntityId, FieldType, KindDecl, Manifest, Micros, Name, ViewDecl};
use maud::{Markup, html};
use std::sync::Arc;

/// One matter in a list.
#[derive(Debug)]
pub(super) struct Matter {
    pub(super) id: EntityId,
    pub(super) plugin: Name,
    kind_label: Name,
    pub(super) number: Option<String>,
    category: Name,
    state: Name,
    state_label: Name,
    pub(super) ended: bool,
    at: Micros,
    place: Option<String>,
    /// Its plugin's page about it, when there is one this visitor's roles open.
    pub(super) open: Option<String>,
}

/// The plugin and the kind of an entity, when it is a matter.
fn declared<'a>(visit: &'a Visit, kind: &str) -> Option<(&'a Manifest, &'a KindDecl)> {
    visit.made.manifests().iter().find_map(|m| {
        let kind = m.kinds.iter().find(|k| k.name == kind && k.flow.is_some())?;
        Some((&**m, kind))
    })
}

/// The view about one entity of a kind: see the module.
pub(crate) fn opener<'a>(manifest: &'a Manifest, kind: &str) -> Option<&'a ViewDecl> {
    manifest.views.iter().find(|v| {
        let mut required = v.params.iter().filter(|p| p.required);
        let only = required.next().filter(|_| required.next().is_none());
        only.is_some_and(|p| matches!(p.kind, FieldType::Entity(_)) && p.name == kind)
    })
}

/// The view of a matter for whoever reported it: as [`opener`], open to the role the gate lends them.
pub(super) fn reporters_view<'a>(manifest: &'a Manifest, kind: &str) -> Option<&'a ViewDecl> {
    manifest.views.iter().find(|v| {
        let mut required = v.params.iter().filter(|p| p.required);
        let only = required.next().filter(|_| required.next().is_none());
        v.roles.contains(&REPORTER) && !v.purpose && only.is_some_and(|p| p.name == kind)
    })
}

fn number(records: &dyn Records, manifest: &Manifest, id: EntityId) -> Option<String> {
    numbers(manifest).find_map(|(facet, field)| records.value(id, &facet, &field).as_text().map(str::to_owned))
}

/// The number of a matter as people know it, of whatever plugin it is.
pub fn matter_number(records: &dyn Records, manifests: &[Arc<Manifest>], id: EntityId) -> Option<String> {
    let kind = records.core(id)?.kind;
    let manifest = manifests.iter().find(|m| m.kinds.iter().any(|k| k.name == kind))?;
    number(records, manifest, id)
}

/// The path of a matter's page, when its plugin has one.
pub fn matter_page(manifest: &Manifest, kind: &str, id: EntityId) -> Option<String> {
    opener(manifest, kind).map(|view| format!("/p/{}/{}?{kind}={id}", manifest.id, view.name))
}

/// Facet and field of what may be a matter's number.
pub(super) fn numbers(manifest: &Manifest) -> impl Iterator<Item = (Name, Name)> + '_ {
    manifest.facets.iter().flat_map(|facet| {
        let open = facet.fields.iter().filter(|f| f.unique && f.kind == FieldType::Text && !f.sensitivity.is_sealed());
        open.map(|f| (facet.name.clone(), f.name.clone()))
    })
}

/// The matters of a list this visitor may see, in the order given. `filed`: they are the visitor's own.
pub(super) fn describe(app: &App, visit: &Visit, ids: &[EntityId], filed: bool) -> Vec<Matter> {
    let mut cores: Vec<(EntityId, Core)> = Vec::with_capacity(ids.len());
    app.town.read(&mut |r| cores = ids.iter().filter_map(|id| Some((*id, r.core(*id)?))).collect());
    cores.into_iter().filter_map(|(id, core)| one(app, visit, id, core, filed)).collect()
}

fn one(app: &App, visit: &Visit, id: EntityId, core: Core, filed: bool) -> Option<Matter> {
    let (manifest, kind) = declared(visit, &core.kind)?;
    let opener = opener(manifest, &core.kind);
    let reaches = |view: &ViewDecl| app.gate.reaches(&visit.session, &manifest.id, &view.roles, id);
    let opens = opener.is_some_and(reaches);
    let sees = filed || opens || (opener.is_none() && manifest.views.iter().any(reaches));
    if !sees {
        return None;
    }
    let (mut found, mut place) = (None, None);
    app.town.read(&mut |r| {
        found = number(r, manifest, id);
        place = core.within.and_then(|p| r.value(p, "host.place", "name").as_text().map(str::to_owned));
    });
    let flow = manifest.flows.iter().find(|f| Some(&f.name) == kind.flow.as_ref());
    let state = flow.and_then(|f| f.states.iter().find(|s| s.name == core.state));
    let own = || reporters_view(manifest, &core.kind).filter(|_| filed && app.gate.filed(visit.session.account, id));
    let open = opener.filter(|_| opens).or_else(own);
    let open = open.map(|v| format!("/p/{}/{}?{}={id}", manifest.id, v.name, core.kind));
    Some(Matter {
        id,
        plugin: manifest.id.clone(),
        kind_label: kind.label.clone(),
        number: found,
        category: core.category,
        state_label: state.map_or_else(|| core.state.clone(), |s| s.label.clone()),
        ended: state.is_some_and(|s| s.terminal),
        state: core.state,
        at: core.at,
        place,
        open,
    })
}

impl Matter {
    /// Its kind and number, as a link when it has a page.
    pub(super) fn name(&self, visit: &Visit) -> Markup {
        let said = self.said(visit);
        html! { @match &self.open { Some(open) => { a href=(open) { (said) } }, None => { (said) } } }
    }

    pub(super) fn said(&self, visit: &Visit) -> String {
        let number = self.number.clone().unwrap_or_else(|| format!("#{}", self.id));
        format!("{} {number}", visit.voice(&self.plugin).name(&self.kind_label))
    }

    pub(super) fn state(&self, visit: &Visit) -> Markup {
        let voice = visit.voice(&self.plugin);
        let said = voice.name(&self.state_label);
        html! { span.status { (if said.is_empty() { self.state.to_string() } else { said }) } }
    }
}

/// A list of matters: what, which kind of case, where it stands, where it is, since when.
pub(super) fn table(app: &App, visit: &Visit, matters: &[Matter], more: impl Fn(&Matter) -> Markup) -> Markup {
    let voice = visit.voice("");
    let mut heads: Vec<String> =
        ["matter-what", "matter-category", "matter-state", "matter-place", "matter-since"].map(|h| voice.say(h)).into();
    let more: Vec<Markup> = matters.iter().map(more).collect();
    let has_more = more.iter().any(|m| !m.0.is_empty());
    if has_more {
        heads.push(voice.say("matter-more"));
    }
    let row = |(m, more): (&Matter, Markup)| {
        let of = visit.voice(&m.plugin);
        let mut cells = vec![
            m.name(visit),
            html! { (paint::coded(&of, "category", &m.category)) },
            m.state(visit),
            html! { (m.place.as_deref().unwrap_or("–")) },
            paint::time(app, m.at),
        ];
        cells.extend(has_more.then_some(more));
        cells
    };
    let rows: Vec<_> = matters.iter().zip(more).map(row).collect();
    paint::table(&heads, &rows)
}

/// Matters an account follows, newest follow first, with who asked for it.
pub(super) fn followed(app: &App, account: EntityId) -> Vec<(EntityId, EntityId)> {
    let mut found = Vec::new();
    app.town.read(&mut |r| {
        let follows = r.referring("follow", "host.follow", "account", account);
        let field = |f: EntityId, name: &str| r.value(f, "host.follow", name);
        let standing = follows.into_iter().rev().filter(|f| field(*f, "ended").is_none());
        found = standing
            .filter_map(|f| Some((field(f, "matter").as_entity()?, field(f, "by").as_entity().unwrap_or_default())))
            .collect();
    });
    found
}

/// Follow, copy to a colleague, or stop following; then back to the page it was asked on.
pub(super) async fn follow(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
    bytes: act::Sent,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let done = async {
        let pairs = act::read(&app, &visit, &headers, bytes)?;
        let command = if sent(&pairs, "_stop").is_some() { "unfollow" } else { "follow" };
        let mut body = vec![act::same(&pairs, "matter")];
        if let Some(login) = sent(&pairs, "login").filter(|l| !l.trim().is_empty()) {
            let account = act::account_of(&app, login).ok_or_else(|| act::wrong("login", "host-no-such-login"))?;
            body.push(act::pair("account", account));
        }
        act::act(&app, &visit, command, body, sent(&pairs, "_key")).await
    };
    let (done, _) = done.await.map_err(IntoResponse::into_response)?;
    Ok(see_other(&super::form::receipt(Some(&super::look::back(&headers)), done.seq.0)))
}

/// Under a plugin's page about one matter: whether I follow it, who else is kept informed, and a form to copy it to a colleague.
/// Nothing on any other page.
pub(super) fn panel(app: &App, visit: &Visit, plugin: &str, view: &str, pairs: &[(String, String)]) -> Markup {
    let manifest = visit.made.manifests().iter().find(|m| m.id == plugin);
    let kind = manifest.and_then(|m| {
        let about = |k: &&KindDecl| k.flow.is_some() && opener(m, &k.name).is_some_and(|v| v.name == view);
        m.kinds.iter().find(about)
    });
    let id = kind.and_then(|k| sent(pairs, &k.name)).and_then(|id| id.parse().ok()).map(EntityId);
    let Some(matter) = id.and_then(|id| describe(app, visit, &[id], false).pop()) else { return html! {} };
    let voice = visit.voice("");
    let followers = followers(app, matter.id);
    let mine = followers.iter().any(|f| f.0 == visit.session.account);
    let fields = [("matter", matter.id.to_string())];
    let stop = [("matter", matter.id.to_string()), ("_stop", "1".to_owned())];
    html! {
        section.panel.following {
            h2 { (voice.say("matter-more")) }
            @if followers.is_empty() { p.muted { (voice.say("follow-nobody")) } } @else {
                ul { @for (_, login) in &followers { li { (login) } } }
            }
            (super::messages::of_matter(app, visit, matter.id))
            @if mine { (act::button(visit, "/follow", &voice.say("follow-stop"), "", &stop)) }
            @else { (act::button(visit, "/follow", &voice.say("follow-start"), "", &fields)) }
            form.stack method="post" action="/follow" {
                input type="hidden" name="_csrf" value=(visit.csrf());
                input type="hidden" name="_key" value=(crate::render::fresh_key());
                input type="hidden" name="matter" value=(matter.id);
                label for="f-login" { (voice.say("follow-copy-to")) }
                input id="f-login" name="login" maxlength="64" autocapitalize="none" autocomplete="off" required;
                button { (voice.say("follow-copy")) }
            }
        }
    }
}

/// Accounts that follow a matter, by login.
fn followers(app: &App, matter: EntityId) -> Vec<(EntityId, String)> {
    let mut found = Vec::new();
    app.town.read(&mut |r| {
        let field = |f: EntityId, name: &str| r.value(f, "host.follow", name);
        let standing = r.referring("follow", "host.follow", "matter", matter);
        let standing = standing.into_iter().filter(|f| field(*f, "ended").is_none());
        found = standing
            .filter_map(|f| {
                let account = field(f, "account").as_entity()?;
                Some((account, r.value(account, "host.account", "login").as_text()?.to_owned()))
            })
            .collect();
    });
    found.sort_by(|a, b| a.1.cmp(&b.1));
    found
}
