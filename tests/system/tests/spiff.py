"""Replays matters' events in SpiffWorkflow: python spiff.py FLOW.bpmn PROCESS STORIES.jsonl

Every line of the stories is a matter with its events. The engine is given nothing but the exported BPMN and the name of each event;
after each it must wait in the state that the event led to, and it must refuse an event the flow does not have.
"""

import json
import sys

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.util.task import TaskState


def waiting(workflow):
    ready = workflow.get_tasks(state=TaskState.READY, manual=True)
    return [task.task_spec.bpmn_name for task in ready]


def main(bpmn, process, stories):
    parser = BpmnParser()
    parser.add_bpmn_file(bpmn)
    spec = parser.get_spec(process)
    subprocesses = parser.get_subprocess_specs(process)
    matters = events = 0
    for line in open(stories, encoding="utf-8"):
        matter = json.loads(line)
        if not matter["events"]:
            continue
        workflow = BpmnWorkflow(spec, subprocesses)
        workflow.do_engine_steps()
        for event in matter["events"]:
            if not event.get("from"):
                assert waiting(workflow) == [event["to"]], (matter, waiting(workflow))
                continue
            if event["clock"] and event["from"] == event["to"]:
                continue  # a step of a ladder leaves the task as it is
            assert waiting(workflow) == [event["from"]], (matter["matter"], event, waiting(workflow))
            task = workflow.get_tasks(state=TaskState.READY, manual=True)[0]
            task.data["event"] = event["event"]
            task.run()
            workflow.do_engine_steps()
            events += 1
        if workflow.is_completed():
            assert matter["state"] == "withdrawn", matter
        else:
            assert waiting(workflow) == [matter["state"]], (matter, waiting(workflow))
        matters += 1
    # What the flow does not have is refused.
    workflow = BpmnWorkflow(spec, subprocesses)
    workflow.do_engine_steps()
    task = workflow.get_tasks(state=TaskState.READY, manual=True)[0]
    task.data["event"] = "close"
    task.run()
    try:
        workflow.do_engine_steps()
        raise SystemExit("an event that the flow does not have was taken")
    except WorkflowException:
        pass
    print(f"replayed {matters} matters, {events} events")


main(*sys.argv[1:])
