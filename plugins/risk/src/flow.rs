//! found → owned → fixed → rechecked; a check that fails leads back to the owner.

use changzhi_sdk::Flow;

const DESK: &[&str] = &["operator", "official", "admin"];
const WORK: &[&str] = &["unit", "grid-worker", "operator", "admin"];
const CHECK: &[&str] = &["verifier", "grid-worker", "operator", "admin"];

pub(crate) fn hazard() -> Flow {
    Flow::new("hazard", 1)
        .state("found", "state-found")
        .state("owned", "state-owned")
        .state("fixed", "state-fixed")
        .end("rechecked", "state-rechecked")
        .step("assign", "found", "owned", DESK)
        .step("assign", "owned", "owned", DESK)
        .step("fix", "owned", "fixed", WORK)
        .step("pass", "fixed", "rechecked", CHECK)
        .step("fail", "fixed", "owned", CHECK)
}
