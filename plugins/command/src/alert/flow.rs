//! Who may move an alert on. That the two persons differ is asked by the commands: see `hands`.

use changzhi_sdk::Flow;

pub(crate) const AUTHOR: &[&str] = &["operator", "duty-officer", "admin"];
pub(crate) const PUBLISHER: &[&str] = &["duty-officer", "official", "admin"];
pub(crate) const CONNECTOR: &[&str] = &["connector", "operator", "admin"];
/// Time passes whoever notices it.
const ANY: &[&str] = &["operator", "duty-officer", "official", "connector", "admin"];

pub(crate) fn alert() -> Flow {
    Flow::new("alert", 1)
        .state("draft", "state-alert-draft")
        .state("submitted", "state-alert-submitted")
        .state("published", "state-alert-published")
        .state("received", "state-alert-received")
        .end("updated", "state-alert-updated")
        .end("cancelled", "state-alert-cancelled")
        .end("expired", "state-alert-expired")
        .end("discarded", "state-alert-discarded")
        .step("edit", "draft", "draft", AUTHOR)
        .step("submit", "draft", "submitted", AUTHOR)
        .step("withdraw", "submitted", "draft", AUTHOR)
        .step("discard", "draft", "discarded", AUTHOR)
        .step("return", "submitted", "draft", PUBLISHER)
        .step("publish", "submitted", "published", PUBLISHER)
        .step("update", "published", "updated", PUBLISHER)
        .step("cancel", "published", "cancelled", PUBLISHER)
        .step("expire", "published", "expired", ANY)
        .step("take-in", "draft", "received", CONNECTOR)
        .step("update", "received", "updated", CONNECTOR)
        .step("cancel", "received", "cancelled", CONNECTOR)
        .step("expire", "received", "expired", ANY)
}
