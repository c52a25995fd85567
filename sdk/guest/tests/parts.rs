//! The parts that travel as `other`: what the builders send is what `docs/views.md` says a host reads.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_sdk::Stored;
use changzhi_sdk::bindings::changzhi::platform::view::{Node, NodeKind};
use changzhi_sdk::prelude::*;

fn page() -> Page {
    let at = Micros(5);
    let point = |lon, lat| Point { lon, lat };
    let note = Input::new("words", "text", "words");
    Page::new("p")
        .add(
            Board::new("board")
                .moves(To::new("shift").with("why", "moved"), "matter", "state")
                .lane(
                    Lane::new("new", "new").limit(3).card(
                        Card::new(4, "leak", Cell::level(2))
                            .opens(To::new("matter").with("matter", EntityId(4)))
                            .line("due", at),
                    ),
                )
                .lane(Lane::new("done", "done")),
        )
        .add(Checklist::new("list").toggles("tick", "item").item(
            CheckItem::new("gas", "gas").required().done("Wang", at).evidence(File::new(FileKind::Image, "photo")),
        ))
        .add(
            Conversation::of_side("talk", "party-a")
                .member("mediator", Cell::person(EntityId(8)))
                .message(Message::new(1, "Li", at, "hello").own().private())
                .composer(Form::new("say", "send").input(note.clone())),
        )
        .add(
            Document::new("paper", DocumentState::Signing)
                .version(2, at)
                .pages(3)
                .hash("9f")
                .signed("a", at)
                .awaits("b"),
        )
        .add(
            Media::new("media")
                .at_most(9)
                .file(File::new(FileKind::Audio, "sound").bytes(12).made(at, "Li").opens("play"))
                .file(File::stored("photo", &Stored { id: EntityId(31), media_type: "image/jpeg".into(), bytes: 9 })),
        )
        .add(
            Alarms::new("alarms", "alarm").acknowledges("take").closes("end").alarm(
                Alarm::new(9, 1, at, "smoke")
                    .acknowledged()
                    .state("rung")
                    .place("gate", Some(point(1.0, 2.0)))
                    .opens("see"),
            ),
        )
        .add(Video::new("video", VideoMode::Grid4).live("north", "watch").replay("south", at, "watch").down("east"))
        .add(
            Sos::new("sos", "press", "kind")
                .site("ward")
                .drill()
                .hold_ms(500)
                .kind("fire", "fire")
                .contact("guard", "110"),
        )
        .add(
            OnlineRoom::new("the talk below", EntityId(40))
                .title("hall")
                .member(EntityId(7), "party-a")
                .member(EntityId(8), "mediator")
                .speaks(EntityId(7))
                .until(at),
        )
        .add(Appointment::new("session", "one", at).minutes(30).place("hall").sequence(2))
        .add(Pending::new("later", To::new("slow").with("n", 3_i64)))
        .add(
            Table::new()
                .filters("find", [note.clone()])
                .bulk("matter", [Action::command("accept", "accept")])
                .col("a", "a")
                .plain_row("r", [Cell::from(1_i64)]),
        )
        .add(
            WorldMap::new()
                .area(
                    Area::new("grid", [point(1.0, 1.0), point(2.0, 1.0), point(2.0, 2.0)])
                        .level(2)
                        .value(7.0)
                        .opens("grid"),
                )
                .track(Track::new(TrackOf::Vehicle, "truck", [point(1.0, 1.0), point(2.0, 2.0)]))
                .around(point(1.5, 1.5)),
        )
        .add(Chart::new("line", "x", "y").limit("limit", 9.0, 2).series(Series::new("s").point("1", 1.0)))
        .add(
            Form::new("file", "send")
                .step(FormStep::new("first").input(note.clone()))
                .when(When::is_in("only-then", "kind", &["fire", "smoke"]).input(note)),
        )
        .add(
            Stat::new("open", 3_i64)
                .trend(Series::new("t").point("1", 1.0))
                .opens(To::new("list").with("state", "open")),
        )
        .add(Timeline::new().moment_with(at, "unit", "said", Some(2), [File::new(FileKind::File, "f")]))
}

fn find<'p>(page: &'p Page, kind: &str) -> &'p Node {
    page.nodes()
        .iter()
        .find(|n| matches!(&n.kind, NodeKind::Other(o) if o.kind == kind))
        .unwrap_or_else(|| panic!("{kind}"))
}

/// Attributes as `name=value`, in the order sent.
fn sent(page: &Page, kind: &str) -> String {
    let NodeKind::Other(o) = &find(page, kind).kind else { panic!() };
    let one = |v: &Value| match v {
        Value::Text(s) => s.clone(),
        Value::Int(i) => i.to_string(),
        Value::Num(n) => n.to_string(),
        Value::Flag(b) => b.to_string(),
        Value::Time(t) => format!("t{t}"),
        Value::Entity(e) => format!("#{e}"),
        Value::Point(p) => format!("({} {})", p.lon, p.lat),
        Value::None => "none".to_owned(),
    };
    o.attributes.iter().map(|n| format!("{}={}", n.name, one(&n.value))).collect::<Vec<_>>().join("; ")
}

#[test]
fn attributes_are_those_of_the_reference() {
    let page = page();
    for (kind, attributes) in [
        ("board", "move=shift; move.why=moved; card-param=matter; lane-param=state"),
        ("lane", "limit=3"),
        ("checklist", "toggle=tick; item-param=item"),
        ("item", "required=true; done=true; by=Wang; at=t5"),
        ("conversation", "visibility=private; side=party-a"),
        ("message", "by=Li; at=t5; own=true; private=true"),
        ("document", "state=signing; version=2; at=t5; pages=3; hash=9f"),
        ("media", "max=9"),
        ("alarms", "alarm-param=alarm; acknowledge=take; close=end"),
        ("alarm", "level=1; since=t5; acknowledged=true; state=rung; place=gate; at=(1 2); open=see"),
        ("video", "mode=grid-4"),
        ("source", "kind=live; open=watch"),
        ("sos", "command=press; kind-param=kind; site=ward; drill=true; hold-ms=500"),
        ("contact", "phone=110"),
        ("room", "room=#40; title=hall; speaker=#7; until=t5"),
        ("member", "account=#7"),
        ("pending", "open=slow; open.n=3"),
        ("bulk", "row-param=matter"),
        ("area", "ring=1,1 2,1 2,2; level=2; value=7; open=grid"),
        ("track", "of=vehicle; line=1,1 2,2"),
        ("map-view", "center=(1.5 1.5)"),
        ("limit", "y=9; level=2"),
        ("when", "field=kind; op=in; value=fire smoke"),
    ] {
        assert_eq!(sent(&page, kind), attributes, "{kind}");
    }
}

#[test]
fn counts_add_up_and_siblings_have_keys_of_their_own() {
    let page = page();
    let nodes = page.nodes();
    // Walks the pre-order list: each node's children must be there, with distinct keys.
    fn walk(nodes: &[Node], at: &mut usize) -> String {
        let node = &nodes[*at];
        *at += 1;
        let keys: Vec<String> = (0..node.children).map(|_| walk(nodes, at)).collect();
        let distinct: std::collections::HashSet<&String> = keys.iter().collect();
        assert_eq!(keys.len(), distinct.len(), "{keys:?}");
        assert!(!node.key.is_empty());
        node.key.clone()
    }
    let mut at = 0;
    let mut roots = Vec::new();
    while at < nodes.len() {
        roots.push(walk(nodes, &mut at));
    }
    assert_eq!((at, roots.len()), (nodes.len(), 17));
    assert_eq!(find(&page, "lane").key, "new", "what a moved card is sent with");
    assert_eq!(find(&page, "alarm").key, "9");
    let stat = nodes.iter().position(|n| matches!(n.kind, NodeKind::Stat(_))).unwrap();
    assert!(
        matches!(&nodes[stat + 1].kind, NodeKind::Series(_)) && matches!(&nodes[stat + 2].kind, NodeKind::Action(_))
    );
}

#[test]
fn a_file_of_the_host_is_sent_by_its_number_and_a_field_of_files_is_read_and_written_as_numbers() {
    let page = page();
    let files: Vec<_> = page
        .nodes()
        .iter()
        .filter_map(|n| match &n.kind {
            NodeKind::Other(o) if o.kind == "file" => Some(o),
            _ => None,
        })
        .collect();
    let stored = files.iter().find(|o| o.attributes.iter().any(|a| a.name == "stored")).unwrap();
    let attribute = |name: &str| stored.attributes.iter().find(|a| a.name == name).map(|a| a.value.clone());
    assert_eq!((attribute("stored"), attribute("bytes")), (Some(Value::Entity(31)), Some(Value::Int(9))));
    assert_eq!(attribute("kind"), Some(Value::Text("image".into())));
    use changzhi_sdk::FieldValue;
    let files = Files::from_value(Value::Text("31 32".into())).unwrap();
    assert_eq!(files.ids(), [EntityId(31), EntityId(32)]);
    assert_eq!(Value::from(files), Value::Text("31 32".into()));
    assert_eq!(Value::from(Files::default()), Value::None);
    for wrong in [Value::Text("x".into()), Value::Text(String::new()), Value::Int(3), Value::None] {
        assert!(Files::from_value(wrong).is_none());
    }
}
