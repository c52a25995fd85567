//! The one seam to the host's imports. Natively there is no host: questions answer with an error that says so, so that the
//! pure part of a plugin can be unit-tested; the rest is tested in the test kit, which is the real host.

#[cfg(target_arch = "wasm32")]
use crate::bindings::changzhi::platform::people;
use crate::bindings::changzhi::platform::types as t;
use crate::bindings::changzhi::platform::{flow, log, world};

type Answer<T> = Result<T, t::HostError>;

macro_rules! seam {
    ($($name:ident = $module:ident :: $import:ident ($($arg:ident : $ty:ty => $pass:expr),*) -> $out:ty;)*) => {
        $(pub(crate) fn $name($($arg: $ty),*) -> Answer<$out> {
            #[cfg(target_arch = "wasm32")]
            { $module::$import($($pass),*) }
            #[cfg(not(target_arch = "wasm32"))]
            { let _ = ($($pass,)*); no_host(stringify!($import)) }
        })*
    };
}

seam! {
    query = world::select(q: &world::Query => q) -> world::Batch;
    get = world::get(entity: u64 => entity, fields: &[String] => fields) -> Vec<t::Value>;
    find = world::find(field: &str => field, value: &t::Value => value) -> Option<u64>;
    tally = world::tally(spec: &world::TallySpec => spec) -> world::TallyTable;
    near = world::near(center: t::Point => center, metres: f64 => metres, kind: &str => kind, limit: u32 => limit) -> Vec<world::Hit>;
    since = world::since(kind: &str => kind, revision: u64 => revision) -> world::Delta;
    locate = world::locate(at: t::Point => at, kind: &str => kind) -> Option<u64>;
    reveal = people::reveal(entity: u64 => entity, fields: &[String] => fields) -> Vec<t::Value>;
    allowed = flow::allowed(entity: u64 => entity) -> Vec<flow::Step>;
    clocks = flow::clocks(entity: u64 => entity) -> Vec<flow::Clock>;
    explain = flow::explain(entity: u64 => entity, clock: &str => clock) -> Vec<flow::Stretch>;
    story = flow::story(entity: u64 => entity) -> Vec<flow::Happened>;
}

#[cfg(not(target_arch = "wasm32"))]
fn no_host<T>(import: &str) -> Answer<T> {
    Err(t::HostError::Other(format!(
        "`{import}` was asked outside a host: test this in the test kit (changzhi-testkit)"
    )))
}

/// Natively the line goes nowhere.
pub(crate) fn write_log(level: log::Level, line: &str) {
    #[cfg(target_arch = "wasm32")]
    log::write(level, line);
    #[cfg(not(target_arch = "wasm32"))]
    let _ = (level, line);
}
