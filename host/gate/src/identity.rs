//! The host's own domain: accounts, grants, tokens and places.
//!
//! Written as a plugin would be: pure in its arguments, all changes declared, checked and journaled like anybody's. No facet on
//! people has a number, a label or a list; what an account may do is kept in events of its own (`grant`, `delegation`, `token`),
//! which end by being revoked and never disappear from the history.

mod accounts;
mod accounts_view;
mod delegations;
mod files;
mod following;
mod history;
mod history_view;
mod manifest;
mod places;
mod secrets;
mod tokens;
mod ways;
mod words;

pub use files::KEEP as KEEP_FILE;
pub use manifest::PLACE_KINDS;
pub(crate) use secrets::KEEP as KEEP_SECRET;
pub(crate) use tokens::NONE as TOKEN_NONE;
pub(crate) use ways::{CHANNELS, REACH, WAY, minutes, standing as standing_ways};

use crate::Records;
use changzhi_model::{
    Change, Changes, Context, Create, EntityId, Manifest, Name, Named, Problem, Put, Refusal, Text, Value,
};
use changzhi_pipeline::view::Page;

/// The plugin id of this domain.
pub const HOST: Name = Name::new_static("host");
pub(crate) const ADMIN: Name = Name::new_static("admin");

/// The native behind plugin id `host`. It keeps nothing: the world does.
#[derive(Clone, Copy, Debug, Default)]
pub struct Identity;

impl Identity {
    pub fn manifest(&self) -> Manifest {
        manifest::manifest()
    }

    /// One command. `body` is what [`crate::Gate::check`] made of it: passwords are hashes already, a token's secret is its
    /// SHA-256.
    ///
    /// # Errors
    /// `Denied` when the actor's roles hold only in a part of the city and the command reaches beyond it.
    pub fn handle(
        &self,
        ctx: &Context,
        command: &str,
        body: &[Value],
        records: &dyn Records,
    ) -> Result<Changes, Refusal> {
        let call = Call { ctx, body, records };
        match command {
            "create-account" => accounts::create(&call),
            "set-password" => accounts::set_password(&call),
            "set-alarm-words" => words::set(&call),
            "close-account" => accounts::close(&call),
            "grant-role" => accounts::grant_role(&call),
            "revoke-role" => accounts::revoke_role(&call),
            "allow-purpose" => accounts::allow_purpose(&call),
            "disallow-purpose" => accounts::disallow_purpose(&call),
            "delegate" => delegations::delegate(&call),
            "end-delegation" => delegations::end(&call),
            "follow" => following::follow(&call),
            "unfollow" => following::unfollow(&call),
            "mark-read" => following::mark_read(&call),
            secrets::KEEP => secrets::keep(&call),
            "keep-file" => files::keep(&call),
            "drop-file" => files::drop(&call),
            "add-way" => ways::add(&call),
            "end-way" => ways::end(&call),
            "set-reach" => ways::set_reach(&call),
            "issue-token" => tokens::issue(&call),
            "revoke-token" => tokens::revoke(&call),
            "create-place" => places::create_one(&call),
            "create-places" => places::create_many(&call),
            "record-successions" => history::record_successions(&call),
            "record-boundary" => history::record_boundary(&call),
            "withdraw-dated" => history::withdraw(&call),
            other => Err(Refusal::NotFound(Text::plain(format!("host/{other}")))),
        }
    }

    /// One view, for whom the gate let through.
    ///
    /// # Errors
    /// `NotFound` for a view that is not declared.
    pub fn view(&self, ctx: &Context, view: &str, params: &[Value], records: &dyn Records) -> Result<Page, Refusal> {
        match view {
            "accounts" => Ok(accounts_view::page(&Call { ctx, body: params, records })),
            "divisions" => Ok(history_view::page(&Call { ctx, body: params, records })),
            other => Err(Refusal::NotFound(Text::plain(format!("view host/{other}")))),
        }
    }
}

/// One call's arguments, with the body by position.
pub(crate) struct Call<'a> {
    pub(crate) ctx: &'a Context,
    pub(crate) body: &'a [Value],
    pub(crate) records: &'a dyn Records,
}

impl Call<'_> {
    fn at(&self, i: usize) -> &Value {
        self.body.get(i).unwrap_or(&Value::None)
    }

    fn text(&self, i: usize) -> &str {
        self.at(i).as_text().unwrap_or_default()
    }

    fn entity(&self, i: usize) -> EntityId {
        self.at(i).as_entity().unwrap_or_default()
    }

    fn is_admin_of_all(&self) -> bool {
        self.ctx.actor.roles.contains(&ADMIN) && self.ctx.actor.divisions.is_empty()
    }

    /// Accounts belong to the whole city: who may set any password may become anybody.
    fn whole_city_only(&self) -> Result<(), Refusal> {
        if self.is_admin_of_all() { Ok(()) } else { Err(Refusal::Denied(Text::key("host-whole-city-only"))) }
    }

    /// The entity is of the kind; the field is named when it is not.
    fn of_kind(&self, field: &str, entity: EntityId, kind: &str) -> Result<EntityId, Refusal> {
        match self.records.core(entity) {
            Some(core) if core.kind == kind => Ok(entity),
            _ => Err(invalid(field, "host-not-of-kind", vec![Named::new("kind", Value::text(kind))])),
        }
    }
}

fn invalid(field: &str, key: &str, args: Vec<Named>) -> Refusal {
    let message = Text::Msg(changzhi_model::Msg { key: key.to_owned(), args });
    Refusal::Invalid(vec![Problem { field: field.into(), message }])
}

fn put(entity: EntityId, facet: &str, fields: Vec<(&str, Value)>) -> Change {
    let fields = fields.into_iter().map(|(name, value)| Named::new(name, value)).collect();
    Change::Put(Put { entity, facet: facet.into(), fields })
}

fn create(call: &Call<'_>, kind: &str, category: &str) -> Create {
    Create { kind: kind.into(), category: category.into(), at: call.ctx.now, within: None, position: None }
}

fn answer(name: &str, value: Value) -> Vec<Named> {
    vec![Named::new(name, value)]
}
