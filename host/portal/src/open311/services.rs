//! Kinds of request, and their questions.

use super::item::Item;
use super::requests::{division, look};
use super::{Asked, Fail};
use crate::shape::Cell;
use serde_json::json;

pub(super) async fn list(asked: &Asked) -> Result<(&'static str, Item), Fail> {
    division(asked)?;
    let rows = look(asked, "open-services", json!({})).await?;
    let services = rows.iter().map(|row| {
        Item::Record(vec![
            ("service_code", Item::maybe(row.text("code"))),
            ("service_name", Item::maybe(row.text("name"))),
            ("description", Item::maybe(row.text("description"))),
            ("metadata", Item::Flag(row.flag("metadata"))),
            ("type", Item::text("realtime")),
            ("keywords", Item::maybe(row.text("keywords"))),
            ("group", Item::maybe(row.text("group"))),
        ])
    });
    Ok(("services", Item::List("service", services.collect())))
}

pub(super) async fn one(asked: &Asked, code: &str) -> Result<(&'static str, Item), Fail> {
    division(asked)?;
    let rows = look(asked, "open-service", json!({"service": code})).await?;
    let attributes = rows.iter().zip(1_i64..).map(|(row, order)| {
        let values: Vec<(&str, &str)> = match row.cell("values") {
            Some(Cell::Tags(tags)) => tags.iter().filter_map(|t| t.split_once('=')).collect(),
            _ => Vec::new(),
        };
        let values = values
            .into_iter()
            .map(|(key, name)| Item::Record(vec![("key", Item::text(key)), ("name", Item::text(name))]));
        Item::Record(vec![
            ("variable", Item::Flag(true)),
            ("code", Item::maybe(row.text("code"))),
            ("datatype", Item::maybe(row.text("datatype"))),
            ("required", Item::Flag(row.flag("required"))),
            ("datatype_description", Item::Null),
            ("order", Item::Whole(order)),
            ("description", Item::maybe(row.text("name"))),
            ("values", Item::List("value", values.collect())),
        ])
    });
    let definition =
        vec![("service_code", Item::text(code)), ("attributes", Item::List("attribute", attributes.collect()))];
    Ok(("service_definition", Item::Record(definition)))
}
