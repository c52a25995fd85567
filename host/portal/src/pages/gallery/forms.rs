//! Forms and actions.

use super::sample::{Part, Say, call, command, field, input, opens, other, part, section, text};
use crate::shape::{Action, Choice, Deed, Form, Input, NodeKind, Style, Text, Value};

fn choices(s: Say, all: &[(&str, &str, &str)]) -> Vec<Choice> {
    all.iter().map(|(value, zh, en)| Choice { value: (*value).to_owned(), label: s.t(zh, en) }).collect()
}

fn asked(key: &str, label: Text, style: Style, confirm: Option<Text>, reason: bool) -> Part {
    let deed = Deed::Command(call("nothing", vec![("matter", Value::Entity(7))]));
    part(key, NodeKind::Action(Action { label, style, deed, confirm, reason }))
}

pub(super) fn parts(s: Say) -> Vec<Part> {
    let kinds = choices(
        s,
        &[
            ("light", "路灯", "Street light"),
            ("road", "道路", "Road"),
            ("noise", "噪声", "Noise"),
            ("fire", "消防", "Fire"),
            ("other", "其他", "Other"),
        ],
    );
    let two = choices(s, &[("yes", "需要回访", "Call me back"), ("no", "不需要", "No need")]);
    let inputs = vec![
        field(Input {
            required: true,
            max_len: 60,
            hint: Some(s.t("用一句话说明，不要写姓名和电话。", "One sentence; no names, no numbers.")),
            ..input("title", "text", s.t("事项", "What is it about"))
        }),
        field(Input { required: true, options: kinds, ..input("kind", "code", s.t("类别", "Kind")) }),
        field(Input { required: true, options: two, ..input("back", "radio", s.t("回访", "Call back")) }),
        field(Input { max_len: 2_000, ..input("words", "long-text", s.t("具体情况", "Details")) }),
        field(Input { min: Some(1.0), max: Some(99.0), ..input("n", "int", s.t("户数", "Households")) }),
        field(input("when", "time", s.t("发现时间", "Seen at"))),
        field(input("day", "date", s.t("希望上门日期", "Day of visit"))),
        field(Input {
            value: Value::Point(super::sample::at(115.8921, 28.6765)),
            ..input("at", "point", s.t("位置", "Position"))
        }),
        field(input("phone", "phone", s.t("联系电话", "Telephone"))),
        field(Input { max: Some(6.0), ..input("photos", "files", s.t("照片", "Photos")) }),
        field(Input {
            value: Value::Flag(true),
            hint: Some(s.t("对被反映单位不公开。", "Not shown to the unit it is about.")),
            ..input("quiet", "flag", s.t("隐去我的信息", "Keep my name back"))
        }),
        other(
            "when-fire",
            "when",
            s.t("类别为“消防”时填写", "Only when the kind is “fire”"),
            vec![("field", text("kind")), ("op", text("is")), ("value", text("fire"))],
        )
        .with(vec![field(input("exit", "text", s.t("被堵的出口", "Exit that is blocked")))]),
    ];
    let step =
        |key: &str, zh: &str, en: &str, under: Vec<Part>| other(key, "form-step", s.t(zh, en), vec![]).with(under);
    vec![
        section(
            "form",
            s.t("表单：每种输入", "A form: every kind of input"),
            vec![
                part(
                    "f",
                    NodeKind::Form(Form {
                        submit: call("nothing", vec![]), label: s.t("提交", "Send"), offline: true
                    }),
                )
                .with(inputs),
            ],
        ),
        section(
            "steps",
            s.t("分步表单", "A form in steps"),
            vec![
                part(
                    "f",
                    NodeKind::Form(Form {
                        submit: call("nothing", vec![]),
                        label: s.t("核对并提交", "Check and send"),
                        offline: false,
                    }),
                )
                .with(vec![
                    step(
                        "one",
                        "申请人",
                        "Applicant",
                        vec![field(Input {
                            required: true,
                            ..input("name", "text", s.t("单位名称", "Name of the unit"))
                        })],
                    ),
                    step(
                        "two",
                        "申请内容",
                        "Request",
                        vec![field(Input {
                            required: true,
                            ..input("what", "long-text", s.t("申请事项", "What is asked for"))
                        })],
                    ),
                ]),
            ],
        ),
        section(
            "actions",
            s.t("操作", "Actions"),
            vec![
                command("go", s.t("签收", "Accept"), Style::Primary),
                opens("see", s.t("查看全部", "See all")),
                asked(
                    "sure",
                    s.t("办结", "Close"),
                    Style::Plain,
                    Some(s.t("办结后由他人核验，确定办结吗？", "Somebody else will verify it. Close it?")),
                    false,
                ),
                asked(
                    "why",
                    s.t("退回", "Return"),
                    Style::Danger,
                    Some(s.t("退回须说明理由。", "Say why it goes back.")),
                    true,
                ),
            ],
        ),
    ]
}
