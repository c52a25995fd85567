//! The nodes of `wit/view.wit`, as the runtime hands them over.

pub use changzhi_plugins::view::{
    Action, Branch, Call, Cell, Chart, Choice, Col, Deed, Due, Form, Input, Labelled, Layer, Layout, Moment, Msg,
    Named, Node, NodeKind, Notice, Other, Page, Place, Point, Row, Section, Series, Spot, Stat, Step, Style, Table,
    Text, Tone, Value,
};
