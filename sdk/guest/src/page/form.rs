//! Parts that do something: forms and actions. Idempotency key, revision, permission and CSRF are the host's.

use super::element::{Element, call};
use super::part::{Part, part};
use crate::bindings::changzhi::platform::describe::{Field, FieldType, Sensitivity};
use crate::bindings::changzhi::platform::types::Named;
use crate::bindings::changzhi::platform::view as wit;
use crate::export::Command;
use crate::value::named;
use crate::{Text, Value};

pub use crate::bindings::changzhi::platform::view::Style;

/// A form for a command.
#[derive(Clone, PartialEq, Debug)]
pub struct Form {
    head: wit::Form,
    body: Element,
}

impl Form {
    /// An empty form for a command, by name.
    pub fn new(command: &str, label: impl Into<Text>) -> Form {
        let head = wit::Form { submit: call(command, Vec::new()), label: label.into(), offline: false };
        Form { head, body: Element::new(wit::NodeKind::Detail) }
    }

    /// The form of a declared command: `Form::of::<file_report>()` has one input for each field of its body.
    pub fn of<C: Command>() -> Form {
        let command = C::declare();
        let mut form = Form::new(C::NAME, Text::key(&command.label));
        // The gate fills the hash of a PIN or of a device's secret in: nobody is asked for it.
        let by_the_gate =
            |f: &Field| (f.name == "pin" || f.name == "device_secret") && f.sensitivity == Sensitivity::Secret;
        for field in command.fields.into_iter().filter(|f| !by_the_gate(f)) {
            form = form.input(Input::from_field(field));
        }
        form
    }

    /// Without the input of this name: it is asked for in another way.
    pub fn without(mut self, name: &str) -> Form {
        self.body.remove(|kind| matches!(kind, wit::NodeKind::Input(i) if i.name == name));
        self
    }

    pub fn input(mut self, input: Input) -> Form {
        self.body.push_leaf(input.0.name.clone(), wit::NodeKind::Input(input.0));
        self
    }

    /// Inputs under a title of their own, one group after another.
    pub fn step(mut self, step: FormStep) -> Form {
        self.body.push(step);
        self
    }

    /// Inputs that matter only under a condition.
    pub fn when(mut self, when: When) -> Form {
        self.body.push(when);
        self
    }

    /// A value that is sent along and not shown: what is known is not asked for.
    pub fn with(self, name: &str, value: impl Into<Value>) -> Form {
        let mut form = self.without(name);
        form.head.submit.args.push(named(name, value));
        form
    }

    /// May be filled in without a connection and is sent later.
    pub fn offline(mut self) -> Form {
        self.head.offline = true;
        self
    }
}

impl From<Form> for Element {
    fn from(f: Form) -> Element {
        let mut body = f.body;
        if let Some(kind) = body.root_mut() {
            *kind = wit::NodeKind::Form(f.head);
        }
        body
    }
}

/// A titled group of inputs of a form.
#[derive(Clone, PartialEq, Debug)]
pub struct FormStep(Part);

impl FormStep {
    pub fn new(title: impl Into<Text>) -> FormStep {
        FormStep(Part::new("form-step", title))
    }

    pub fn input(self, input: Input) -> FormStep {
        FormStep(self.0.add(input))
    }

    pub fn when(self, when: When) -> FormStep {
        FormStep(self.0.add(when))
    }
}

/// Inputs that matter only under a condition on another input. The command decides by itself: a condition is help, not a check.
#[derive(Clone, PartialEq, Debug)]
pub struct When(Part);

impl When {
    fn of(title: impl Into<Text>, field: &str, op: &str, value: &str) -> When {
        When(Part::new("when", title).set("field", field).set("op", op).set("value", value))
    }

    /// `title` says the condition in words, for readers without scripts.
    pub fn is(title: impl Into<Text>, field: &str, value: &str) -> When {
        When::of(title, field, "is", value)
    }

    pub fn is_not(title: impl Into<Text>, field: &str, value: &str) -> When {
        When::of(title, field, "is-not", value)
    }

    /// One of these values.
    pub fn is_in(title: impl Into<Text>, field: &str, values: &[&str]) -> When {
        When::of(title, field, "in", &values.join(" "))
    }

    pub fn filled(title: impl Into<Text>, field: &str) -> When {
        When::of(title, field, "filled", "")
    }

    pub fn empty(title: impl Into<Text>, field: &str) -> When {
        When::of(title, field, "empty", "")
    }

    pub fn input(self, input: Input) -> When {
        When(self.0.add(input))
    }
}

part!(FormStep, When);

/// One input of a form.
#[derive(Clone, PartialEq, Debug)]
pub struct Input(wit::Input);

impl Input {
    /// `kind` as the field types are called: `text`, `long-text`, `code`, `int`, `num`, `flag`, `time`, `entity`, `point`, `files`.
    pub fn new(name: &str, kind: &str, label: impl Into<Text>) -> Input {
        Input(wit::Input {
            name: name.to_owned(),
            label: label.into(),
            hint: None,
            kind: kind.to_owned(),
            required: false,
            value: Value::None,
            options: Vec::new(),
            min: None,
            max: None,
            max_len: 0,
        })
    }

    /// The input of one field of a declared command, to be put where the form wants it. A name the command does not have is a text.
    pub fn of<C: Command>(name: &str) -> Input {
        let field = C::declare().fields.into_iter().find(|f| f.name == name);
        field.map_or_else(|| Input::new(name, "text", Text::key(name)), Input::from_field)
    }

    fn from_field(field: Field) -> Input {
        let kind = match field.kind {
            FieldType::Flag => "flag",
            FieldType::Int => "int",
            FieldType::Num => "num",
            FieldType::Code => "code",
            FieldType::Text => "text",
            FieldType::LongText => "long-text",
            FieldType::Time => "time",
            FieldType::Entity(_) => "entity",
            FieldType::Point => "point",
            FieldType::Other(name) if name == "files" => "files",
            FieldType::Other(_) => "other",
        };
        let mut input = Input::new(&field.name, kind, Text::key(&field.label));
        input.0.required = field.required;
        input.0.min = field.min;
        input.0.max = field.max;
        input.0.max_len = field.max_len;
        for option in field.options {
            let label = Text::key(&option);
            input.0.options.push(wit::Choice { value: option, label });
        }
        input
    }

    pub fn required(mut self) -> Input {
        self.0.required = true;
        self
    }

    pub fn hint(mut self, hint: impl Into<Text>) -> Input {
        self.0.hint = Some(hint.into());
        self
    }

    /// What it holds to begin with.
    pub fn value(mut self, value: impl Into<Value>) -> Input {
        self.0.value = value.into();
        self
    }

    pub fn option(mut self, value: impl Into<String>, label: impl Into<Text>) -> Input {
        self.0.options.push(wit::Choice { value: value.into(), label: label.into() });
        self
    }
}

impl From<Input> for Element {
    fn from(i: Input) -> Element {
        Element::new(wit::NodeKind::Input(i.0.clone())).key(i.0.name)
    }
}

/// A button or link.
#[derive(Clone, Debug)]
pub struct Action {
    head: wit::Action,
    deed: fn(wit::Call) -> wit::Deed,
    name: String,
    args: Vec<Named>,
}

impl Action {
    fn of(label: impl Into<Text>, name: &str, deed: fn(wit::Call) -> wit::Deed, style: Style) -> Action {
        let empty = wit::Deed::Other(call("", Vec::new()));
        let head = wit::Action { label: label.into(), style, deed: empty, confirm: None, reason: false };
        Action { head, deed, name: name.to_owned(), args: Vec::new() }
    }

    /// Gives a command.
    pub fn command(label: impl Into<Text>, command: &str) -> Action {
        Action::of(label, command, wit::Deed::Command, Style::Primary)
    }

    /// Opens a view.
    pub fn open(label: impl Into<Text>, view: &str) -> Action {
        Action::of(label, view, wit::Deed::Open, Style::Plain)
    }

    /// Downloads a view as a file.
    pub fn download(label: impl Into<Text>, view: &str) -> Action {
        Action::of(label, view, wit::Deed::Download, Style::Plain)
    }

    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Action {
        self.args.push(named(name, value));
        self
    }

    pub fn style(mut self, style: Style) -> Action {
        self.head.style = style;
        self
    }

    /// Asks this before it does it.
    pub fn confirm(mut self, question: impl Into<Text>) -> Action {
        self.head.confirm = Some(question.into());
        self
    }

    /// Asks for a reason, sent as `reason`.
    pub fn asks_reason(mut self) -> Action {
        self.head.reason = true;
        self
    }
}

impl From<Action> for Element {
    fn from(a: Action) -> Element {
        let mut head = a.head;
        head.deed = (a.deed)(wit::Call { name: a.name, args: a.args });
        Element::new(wit::NodeKind::Action(head))
    }
}
