//! A whole plugin as an author writes it, driven through the functions that the host calls.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_sdk::bindings::changzhi::platform::{changes::Change, view::NodeKind, world};
use changzhi_sdk::export::{FieldType, Guest, Sensitivity, WitCommand, WitContext};
use changzhi_sdk::prelude::*;
use changzhi_sdk::{Counts, Rows};

#[derive(Facet)]
#[facet(name = "demo.report", on = events, label = "report")]
pub struct Report {
    #[field(unique, label = "code", max_len = 32)]
    pub code: String,
    #[field(code, options = ["phone", "web"])]
    pub channel: Option<String>,
    #[field(long_text, personal)]
    pub contact: Option<String>,
    #[field(min = 0, max = 9.5)]
    pub weight: Option<f64>,
    pub heard: Option<Micros>,
}

#[derive(Body)]
pub struct FileReport {
    pub code: String,
    #[field(long_text, personal)]
    pub contact: Option<String>,
    #[field(entity = places)]
    pub place: EntityId,
}

#[command(label = "file", roles = ["clerk"], purpose)]
fn file_report(ctx: &Context, body: FileReport) -> Result<Changes, Refusal> {
    let mut changes = Changes::new();
    let matter = changes.create(New::of("matter", ctx.now).category("noise").within(body.place));
    changes.put(matter, Report { code: body.code, channel: None, contact: body.contact, weight: None, heard: None });
    changes.set(matter, Report::CHANNEL, "web").advance(matter, "file", "").answer("matter", matter);
    Ok(changes)
}

#[view(label = "board", listed)]
fn board(_ctx: &Context) -> Result<Page, Refusal> {
    let table = Table::new().col("code", "code").opens("board", "matter");
    let table = table.row(EntityId(7), ["a".into()]).row(EntityId(9), ["b".into()]);
    let tree = Tree::new().branch(Branch::new("a", 1).branch(Branch::new("b", 2)));
    Ok(Page::new("board")
        .add(Section::new("open").add(Stat::new("all", 2)).add(table))
        .add(tree)
        .add(Form::of::<file_report>()))
}

#[job(label = "recount")]
fn recount(_ctx: &Context, _params: (), cursor: Option<Vec<u8>>) -> Result<Step, Refusal> {
    Ok(match cursor {
        None => Step::next(1, 2, *b"here", Changes::none()),
        Some(_) => Step::finished(2, Changes::none()),
    })
}

#[react(on = ["kind:matter"])]
fn on_matter(_ctx: &Context, facts: &[Fact]) -> Result<Changes, Refusal> {
    let mut changes = Changes::new();
    for fact in facts {
        changes.note(fact.entity, "seen", "seen");
    }
    Ok(changes)
}

plugin! {
    id: "demo",
    version: "0.1.0",
    facets: [Report],
    kinds: [Kind::events("matter").flow("matter")],
    flows: [Flow::new("matter", 1).state("new", "new").end("done", "done").step("file", "new", "done", &[])],
    commands: [file_report],
    views: [board],
    jobs: [recount],
    react: on_matter,
    grants: [Grant::world("reads"), Grant::read("demo.report", "only reads")],
    messages: ["en" => "demo = Demo"],
}

fn context() -> WitContext {
    use changzhi_sdk::bindings::changzhi::platform::types::Actor;
    WitContext {
        actor: Actor { id: 1, roles: vec![], divisions: vec![] },
        purpose: String::new(),
        now: 5,
        seed: 0,
        place: None,
        revision: 1,
        locale: "en".into(),
    }
}

fn handle(name: &str, body: Vec<Value>) -> Result<changzhi_sdk::export::WitChanges, Refusal> {
    Plugin::handle(context(), WitCommand { name: name.into(), body })
}

#[test]
fn one_declaration_says_type_sensitivity_and_limits() {
    let manifest = Plugin::describe();
    let fields = &manifest.facets[0].fields;
    assert_eq!(
        fields.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(),
        ["code", "channel", "contact", "weight", "heard"]
    );
    assert!(fields[0].unique && fields[0].required && !fields[1].required);
    assert_eq!(fields[1].kind, FieldType::Code);
    assert_eq!((&fields[2].kind, fields[2].sensitivity), (&FieldType::LongText, Sensitivity::Personal));
    assert_eq!((fields[3].min, fields[3].max), (Some(0.0), Some(9.5)));
    assert_eq!(fields[4].kind, FieldType::Time);
    assert_eq!(manifest.commands[0].name, "file-report");
    assert!(manifest.commands[0].purpose);
    assert_eq!(manifest.commands[0].fields[2].kind, FieldType::Entity("places".into()));
    assert_eq!(manifest.flows[0].initial, "new");
    assert_eq!(manifest.subscriptions[0].what, "kind:matter");
}

#[test]
fn the_plugins_own_facets_and_kinds_are_asked_for_once() {
    let grants = Plugin::describe().grants;
    let asked: Vec<_> = grants.iter().map(|g| (g.name.as_str(), g.access.as_str())).collect();
    assert_eq!(asked, [("world", "import"), ("demo.report", "r"), ("kind:matter", "rw")]);
}

#[test]
fn a_created_entity_is_named_by_the_wishes_after_it() {
    let changes = handle("file-report", vec!["A".into(), Value::None, EntityId(3).into()]).unwrap();
    let new = 1 << 63;
    assert!(matches!(&changes.ops[0], Change::Create(c) if c.within == Some(3) && c.at == 5));
    let Change::Put(put) = &changes.ops[1] else { panic!("{:?}", changes.ops) };
    assert_eq!((put.entity, put.facet.as_str()), (new, "demo.report"));
    let names: Vec<_> = put.fields.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["code", "channel"], "absent fields are not sent, the later set is joined");
    assert!(matches!(&changes.ops[2], Change::Advance(a) if a.entity == new));
    assert_eq!(changes.answer[0].value, Value::Entity(new));
}

#[test]
fn a_body_that_does_not_fit_and_an_unknown_name_are_refused_as_values() {
    assert!(matches!(handle("file-report", vec![Value::None]), Err(Refusal::Invalid(p)) if p[0].field == "code"));
    assert!(matches!(handle("file-report", vec![Value::Int(1)]), Err(Refusal::Invalid(_))));
    let many = vec!["A".into(), Value::None, EntityId(3).into(), Value::None];
    assert!(matches!(handle("file-report", many), Err(Refusal::Other(_))));
    assert!(matches!(handle("nothing", vec![]), Err(Refusal::NotFound(_))));
}

#[test]
fn child_counts_of_a_page_walk_to_its_last_node() {
    let page = Plugin::view(context(), "board".into(), vec![]).unwrap();
    fn walk(nodes: &[changzhi_sdk::bindings::changzhi::platform::view::Node], mut at: usize) -> usize {
        let (children, mut keys) = (nodes[at].children, std::collections::BTreeSet::new());
        at += 1;
        for _ in 0..children {
            assert!(keys.insert(nodes[at].key.clone()), "key {} twice", nodes[at].key);
            at = walk(nodes, at);
        }
        at
    }
    let (mut at, mut roots) = (0, 0);
    while at < page.nodes.len() {
        at = walk(&page.nodes, at);
        roots += 1;
    }
    assert_eq!((at, roots), (page.nodes.len(), 3));
    let table = page.nodes.iter().find(|n| matches!(n.kind, NodeKind::Table(_))).unwrap();
    assert_eq!(table.children, 2);
    let inputs = page.nodes.iter().filter(|n| matches!(n.kind, NodeKind::Input(_))).count();
    assert_eq!(inputs, Plugin::describe().commands[0].fields.len());
}

#[test]
fn a_job_goes_on_until_it_has_no_cursor() {
    let first = Plugin::job(context(), "recount".into(), vec![], None).unwrap();
    let last = Plugin::job(context(), "recount".into(), vec![], first.cursor).unwrap();
    assert_eq!((last.done, last.total, last.cursor), (2, 2, None));
}

#[test]
fn columns_are_read_by_type_with_holes_and_texts_from_the_arena() {
    let texts = world::Texts { arena: "ab中".into(), ends: vec![1, 1, 5] };
    let codes = world::Codes { names: vec!["web".into()], index: vec![0, 0, 0] };
    let batch = world::Batch {
        revision: 4,
        ids: vec![1, 2, 3],
        columns: vec![world::Column::Texts(texts), world::Column::Codes(codes)],
        missing: vec![vec![1], vec![]],
        total: 3,
    };
    let rows = Rows::new(vec!["demo.report.code".into(), "demo.report.channel".into()], batch).unwrap();
    let code = rows.column(Report::CODE).unwrap();
    assert_eq!(code.iter().collect::<Vec<_>>(), [Some("a"), None, Some("b中")]);
    assert_eq!((code.get(0), code.get(1), code.get(3)), (Some("a"), None, None));
    assert_eq!(rows.column(Report::CHANNEL).unwrap().get(2), Some("web"));
    assert!(rows.column(Report::WEIGHT).unwrap_err().to_string().contains("demo.report.weight"));
}

#[test]
fn counts_give_their_keys_by_name() {
    let keys = vec![world::Codes { names: vec!["12".into(), "30".into()], index: vec![1, 0] }];
    let counts = Counts::new(world::TallyTable { revision: 1, keys, counts: vec![5, 6] });
    let all: Vec<_> = counts.rows().map(|r| (r.place(0), r.count)).collect();
    assert_eq!(all, [(Some(EntityId(30)), 5), (Some(EntityId(12)), 6)]);
    assert_eq!(counts.total(), 11);
}
