//! Host bindings generated from `wit/`: the types as they cross the boundary.

wasmtime::component::bindgen!({
    path: "../../wit",
    world: "plugin",
    imports: { default: trappable },
    additional_derives: [PartialEq, serde::Serialize],
});
