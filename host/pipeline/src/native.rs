//! Domains of the host itself (identity, places): declared, checked and journaled exactly as a plugin's.

use changzhi_model::{Changes, Context, Manifest, Name, Refusal, Text, Value};
use changzhi_plugins::view::Page;
use changzhi_world::World;

/// A domain written in Rust and linked into the host. Same contract as a plugin: pure in its arguments.
pub trait Native: Send + Sync + 'static {
    fn manifest(&self) -> Manifest;

    fn handle(&self, ctx: &Context, command: &str, body: &[Value], world: &World) -> Result<Changes, Refusal>;

    fn view(&self, _ctx: &Context, view: &str, _params: &[Value], _world: &World) -> Result<Page, Refusal> {
        Err(Refusal::NotFound(Text::plain(format!("view {view}"))))
    }
}

/// The plugin id of the host's own domain.
pub const HOST: Name = Name::new_static("host");
