//! Rules good and bad, and what the shipped ones promise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod matter;

use changzhi_flow::{Deployed, RuleFault, bpmn};

const RULES: &str = include_str!("../../../data/flows/matter.toml");

fn faults(text: &str) -> Vec<RuleFault> {
    let mut deployed = Deployed::default();
    deployed.calendar(include_str!("../../../data/calendars/cn.toml")).unwrap();
    deployed.rules(text).unwrap();
    deployed.engine(&matter::flows(), "matter", 2).unwrap_err().faults
}

fn edited(from: &str, to: &str) -> Vec<RuleFault> {
    assert!(RULES.contains(from), "{from}");
    faults(&RULES.replacen(from, to, 1))
}

fn has(faults: &[RuleFault], what: &str) {
    assert!(faults.iter().any(|f| format!("{f:?}").starts_with(what)), "{what} is not in {faults:?}");
}

#[test]
fn every_state_of_the_shipped_flow_has_an_exit_an_owner_and_something_due() {
    let (flow, engine) = (matter::flow(), matter::engine());
    for state in &flow.states {
        let leaves = flow.transitions.iter().any(|t| t.source == state.name && t.target != state.name);
        assert!(state.terminal || leaves, "{}", state.name);
        let Some(rule) = engine.rules().state(&state.name) else {
            assert!(state.terminal, "{}", state.name);
            continue;
        };
        let due = engine.rules().clocks.iter().any(|c| c.runs_in(&state.name));
        assert!(rule.rests != (rule.owner.is_some() && due), "{}", state.name);
    }
    for clock in &engine.rules().clocks {
        assert!(!clock.owner.is_empty() && !clock.runs.is_empty(), "{}", clock.name);
    }
}

#[test]
fn each_fault_of_the_rules_is_found_and_named() {
    has(&edited("name = \"submitted\"\nowner = \"operator\"", "name = \"submitted\""), "NoOwner");
    has(&edited("name = \"submitted\"", "name = \"sumbitted\""), "UnknownState");
    has(&edited("name = \"submitted\"", "name = \"sumbitted\""), "NoEntry");
    has(&edited("runs = [\"answered\"]", "runs = []"), "NothingDue");
    has(&edited("runs = [\"answered\"]", "runs = []"), "NeverRuns");
    has(&edited("runs = [\"answered\"]", "runs = [\"closed\"]"), "RestsButRuns");
    has(&edited("owner = \"verifier\"", "owner = \"pope\""), "UnknownRole");
    has(&edited("on-due = \"decide\"", "on-due = \"accept\""), "CannotRaise");
    has(&edited("on-due = \"decide\"", "on-due = \"decide\"\nladder = \"steps\""), "TwoEnds");
    has(&edited("ladder = \"supervision\"", "ladder = \"rope\""), "UnknownLadder");
    has(&edited("at = \"80%\"", "at = \"100%\""), "LadderOrder");
    has(&edited("hold-cap = \"10wd\"\n", ""), "NoCap");
    has(&edited("hours = \"office\"", "hours = \"night\""), "UnknownHours");
    has(&edited("08:30-12:00", "12:00-08:30"), "BadHours");
    has(&edited("calendar = \"cn\"", "calendar = \"mars\""), "UnknownCalendar");
    has(&edited("needs = [\"clause\"]", "needs = [\"blessing\"]"), "UnknownArgument");
    has(&edited("clause = \"services.step.clause\"\n", ""), "UnreadArgument");
    has(&edited("codes = [", "# codes = ["), "PauseWithoutReasons");
    has(&edited("before-due = \"handle\"", "before-due = \"lunch\""), "UnknownClock");
    has(&edited("name = \"divert\"", "name = \"divrt\""), "UnknownEvent");
    has(&edited("name = \"divert\"", "name = \"refuse\""), "Twice");
    let mut other = Deployed::builtin().unwrap();
    other.rules(&RULES.replacen("version = 2", "version = 3", 1)).unwrap();
    has(&other.engine(&matter::flows(), "matter", 3).unwrap_err().faults, "NoFlow");
    assert!(Deployed::builtin().unwrap().engine(&matter::flows(), "matter", 7).unwrap().is_none());
    let unknown = RULES.replacen("holder =", "owner-field =", 1);
    assert!(changzhi_flow::Rules::parse(&unknown).unwrap_err().to_string().contains("owner-field"));
}

#[test]
fn the_export_has_a_task_for_every_state_and_names_every_step() {
    let (flow, engine) = (matter::flow(), matter::engine());
    let text = bpmn(&flow, Some(&engine));
    let count = |what: &str| text.matches(what).count();
    assert_eq!(count("<bpmn:userTask "), 14);
    let told = flow.transitions.iter().filter(|t| t.event.starts_with("told-")).count();
    assert_eq!(count("<bpmn:conditionExpression "), flow.transitions.len() - told);
    let interrupting = count("cancelActivity=\"true\"");
    assert_eq!(interrupting, 2, "awaiting and paused end by themselves");
    assert!(bpmn(&changzhi_model::FlowDecl { name: "a<b&c".into(), ..flow }, None).contains("a&lt;b&amp;c"));
}
