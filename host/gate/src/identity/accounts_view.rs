//! Who may what: the page an administrator sees.
//!
//! Logins, roles and purposes; no name of a person, and so no purpose to state. An administrator of a division sees the
//! accounts that hold a role there, and of their roles only those. Price: one question for the grants of each account there is.

use super::Call;
use crate::Session;
use crate::scope::lies_within;
use changzhi_model::{EntityId, Value};
use changzhi_pipeline::view;

/// Accounts on one page.
const SHOWN: usize = 100;
/// Accounts counted at most; a city has some thousands.
const COUNTED: u32 = 10_000;

/// `after`: accounts with a higher id only.
pub(super) fn page(call: &Call<'_>) -> view::Page {
    let all = call.records.holding("account", EntityId::NONE, COUNTED);
    let mut lines = all.iter().filter_map(|id| Line::of(call, *id)).collect::<Vec<_>>();
    let total = lines.len() as u64;
    lines.retain(|line| line.account > call.entity(0));
    let more = lines.len() > SHOWN;
    lines.truncate(SHOWN);
    let next = lines.last().filter(|_| more).map(|last| view::Call {
        name: "accounts".into(),
        args: vec![view::Named { name: "after".into(), value: view::Value::Entity(last.account.0) }],
    });
    let cols = [
        ("account", "host-field-account"),
        ("login", "host-field-login"),
        ("roles", "host-column-roles"),
        ("purposes", "host-column-purposes"),
        ("closed", "host-column-closed"),
    ];
    let cols = cols.map(|(name, label)| view::Col {
        key: name.into(),
        label: key(label),
        priority: 1,
        sortable: false,
        numeric: false,
    });
    let table = view::Table { cols: cols.to_vec(), total, next };
    let children = u32::try_from(lines.len()).unwrap_or(u32::MAX);
    let mut nodes = vec![view::Node { key: "accounts".into(), children, kind: view::NodeKind::Table(table) }];
    nodes.extend(lines.into_iter().map(|line| line.row(call)));
    view::Page { title: key("host-view-accounts"), nodes }
}

/// What is shown of one account.
struct Line {
    account: EntityId,
    /// `None`: closed.
    session: Option<Session>,
}

impl Line {
    /// `None`: not for these eyes.
    fn of(call: &Call<'_>, account: EntityId) -> Option<Line> {
        let own = &call.ctx.actor.divisions;
        let mut session = Session::own(call.records, account);
        if !own.is_empty() {
            let held = &mut session.as_mut()?.held;
            held.retain(|h| h.division.is_some_and(|d| lies_within(call.records, d, own)));
            if held.is_empty() {
                return None;
            }
        }
        Some(Line { account, session })
    }

    fn row(self, call: &Call<'_>) -> view::Node {
        let place = |id: EntityId| match call.records.value(id, "host.place", "name") {
            Value::Text(name) => name,
            _ => id.to_string(),
        };
        let closed = self.session.is_none();
        let (mut login, mut roles, mut purposes) = (view::Cell::None, Vec::new(), Vec::new());
        if let Some(session) = self.session {
            login = view::Cell::Text(view::Text::Plain(session.login.to_string()));
            roles.extend(session.held.iter().map(|h| match h.division {
                Some(division) => format!("{} · {}", h.role, place(division)),
                None => h.role.to_string(),
            }));
            purposes.extend(session.purposes.iter().map(ToString::to_string));
        }
        let cells = vec![
            view::Cell::Person(self.account.0),
            login,
            view::Cell::Tags(roles),
            view::Cell::Tags(purposes),
            view::Cell::Flag(closed),
        ];
        let row = view::Row { cells, open: None };
        view::Node { key: self.account.to_string(), children: 0, kind: view::NodeKind::Row(row) }
    }
}

fn key(key: &str) -> view::Text {
    view::Text::Msg(view::Msg { key: key.into(), args: Vec::new() })
}
