//! The plugin of docs/plugins.md. A test of xtask holds every sample of that page against this file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_sdk::prelude::*;

#[derive(Facet)]
#[facet(name = "parks.bench", on = places, label = "bench")]
pub struct Bench {
    #[field(unique, label = "bench-code", max_len = 32)]
    pub code: String,
    #[field(code, options = ["wood", "stone"])]
    pub made_of: Option<String>,
    #[field(long_text, personal)]
    pub donor: Option<String>,
}

#[derive(Body)]
pub struct PlaceBench {
    pub code: String,
    #[field(entity = places)]
    pub park: EntityId,
}

#[command(label = "place-bench", roles = ["keeper"])]
fn place_bench(ctx: &Context, body: PlaceBench) -> Result<Changes, Refusal> {
    let mut changes = Changes::new();
    let bench = changes.create(New::of("bench", ctx.now).within(body.park));
    changes.put(bench, Bench { code: body.code, made_of: None, donor: None });
    changes.answer("bench", bench);
    Ok(changes)
}

#[view(label = "benches", listed)]
fn benches(_ctx: &Context) -> Result<Page, Refusal> {
    let rows = Query::kind("bench").field(Bench::CODE).filter(Bench::MADE_OF.is("wood")).newest().limit(50).run()?;
    let codes = rows.column(Bench::CODE)?;
    let mut table = Table::new().total(rows.total()).col("code", "bench-code");
    for (id, code) in rows.ids().zip(codes.iter()) {
        table = table.row(id, [code.into()]);
    }
    Ok(Page::new("benches").add(Section::new("benches").live().add(table)).add(Form::of::<place_bench>()))
}

plugin! {
    id: "parks",
    version: env!("CARGO_PKG_VERSION"),
    label: "plugin",
    facets: [Bench],
    kinds: [Kind::places("bench").label("bench")],
    commands: [place_bench],
    views: [benches],
    grants: [Grant::world("lists the benches")],
    messages: [
        "zh-CN" => "plugin = 公园\nbench = 长椅\nbench-code = 编号\nmade_of = 材质\ndonor = 捐赠人\nplace-bench = 放置长椅\ncode = 编号\npark = 公园\nbenches = 长椅\n",
        "en" => "plugin = Parks\nbench = Bench\nbench-code = Code\nmade_of = Made of\ndonor = Donor\nplace-bench = Place a bench\ncode = Code\npark = Park\nbenches = Benches\n",
    ],
}

#[test]
fn the_guides_plugin_declares_a_sealed_donor_and_places_a_bench_in_its_park() {
    let donor = &manifest().facets[0].fields[2];
    assert_eq!((donor.name.as_str(), donor.sensitivity), ("donor", changzhi_sdk::export::Sensitivity::Personal));
    changzhi_sdk::messages::check(&manifest()).unwrap();
    let body = PlaceBench { code: "B-1".to_owned(), park: EntityId(3) };
    assert_eq!(place_bench(&Context::default(), body).unwrap().len(), 2, "one create, one put");
}
