//! The nodes of `wit/view.wit`, as the runtime hands them over.

use serde::Serialize;

#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Point {
    pub lon: f64,
    pub lat: f64,
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub enum Value {
    None,
    Flag(bool),
    Int(i64),
    Num(f64),
    Text(String),
    Time(i64),
    Entity(u64),
    Point(Point),
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Named {
    pub name: String,
    pub value: Value,
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Msg {
    pub key: String,
    pub args: Vec<Named>,
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub enum Text {
    Msg(Msg),
    Plain(String),
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub enum Cell {
    None,
    Text(Text),
    Int(i64),
    Num(f64),
    Flag(bool),
    Time(i64),
    Date(i64),
    Duration(i64),
    Code(String),
    Status(String),
    Level(u8),
    Due(Due),
    Place(Place),
    Person(u64),
    Money(f64),
    Percent(f64),
    Tags(Vec<String>),
    Other(Named),
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Due {
    pub at: i64,
    pub limit: i64,
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Place {
    pub id: Option<u64>,
    pub at: Option<Point>,
    pub label: Text,
}
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub enum Layout {
    Stack,
    Columns,
    Tabs,
    Fold,
}
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub enum Tone {
    Info,
    Good,
    Warning,
    Danger,
}
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub enum Style {
    Primary,
    Plain,
    Danger,
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub enum Deed {
    Command(Call),
    Open(Call),
    Download(Call),
    Other(Call),
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Call {
    pub name: String,
    pub args: Vec<Named>,
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Section {
    pub title: Text,
    pub help: Option<Text>,
    pub empty: Option<Text>,
    pub live: bool,
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Stat {
    pub label: Text,
    pub value: Cell,
    pub delta: Option<Cell>,
    pub level: Option<u8>,
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Col {
    pub key: String,
    pub label: Text,
    pub priority: u8,
    pub sortable: bool,
    pub numeric: bool,
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Table {
    pub cols: Vec<Col>,
    pub total: u64,
    pub next: Option<Call>,
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Row {
    pub cells: Vec<Cell>,
    pub open: Option<Call>,
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Labelled {
    pub label: Text,
    pub value: Cell,
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Input {
    pub name: String,
    pub label: Text,
    pub hint: Option<Text>,
    pub kind: String,
    pub required: bool,
    pub value: Value,
    pub options: Vec<Choice>,
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub max_len: u32,
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Choice {
    pub value: String,
    pub label: Text,
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Form {
    pub submit: Call,
    pub label: Text,
    pub offline: bool,
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Notice {
    pub tone: Tone,
    pub text: Text,
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Action {
    pub label: Text,
    pub style: Style,
    pub deed: Deed,
    pub confirm: Option<Text>,
    pub reason: bool,
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Chart {
    pub shape: String,
    pub x: Text,
    pub unit: Text,
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Series {
    pub label: Text,
    pub xs: Vec<String>,
    pub ys: Vec<f64>,
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Moment {
    pub at: i64,
    pub actor: Text,
    pub text: Text,
    pub level: Option<u8>,
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Step {
    pub label: Text,
    pub state: String,
    pub at: Option<i64>,
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Layer {
    pub label: Text,
    pub shape: String,
    pub points: Vec<Spot>,
    pub token: String,
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Spot {
    pub key: String,
    pub at: Point,
    pub label: Text,
    pub open: Option<Call>,
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Branch {
    pub label: Text,
    pub value: Cell,
    pub open: Option<Call>,
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Other {
    pub kind: String,
    pub attributes: Vec<Named>,
    pub fallback: Text,
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub enum NodeKind {
    Group(Layout),
    Section(Section),
    Stat(Stat),
    Table(Table),
    Row(Row),
    Detail,
    Labelled(Labelled),
    Form(Form),
    Input(Input),
    Notice(Notice),
    Paragraph(Text),
    Action(Action),
    Chart(Chart),
    Series(Series),
    Timeline,
    Moment(Moment),
    Progress,
    Step(Step),
    Map,
    Layer(Layer),
    Tree,
    Branch(Branch),
    Other(Other),
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Node {
    pub key: String,
    pub children: u32,
    pub kind: NodeKind,
}
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Page {
    pub title: Text,
    pub nodes: Vec<Node>,
}
