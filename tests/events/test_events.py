"""The events of docs/events: the schemas, the examples and the program say the same."""

import copy
import json
import os
import pathlib
import re
import subprocess
import unittest

import jsonschema

PROGRAM = os.environ["STAMPEDE_EVENTS"]
DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs" / "events"
OUTWARD = {
    "MESSAGE_CREATED": "message-created",
    "MEMBER_JOINED": "member-joined",
    "MEMBER_LEFT": "member-left",
    "MEMBER_INVITED": "member-invited",
}
INWARD = ["to-all", "to-user", "to-channel"]


def schemas():
    found = {}
    for file in DOCS.glob("*.schema.json"):
        found[file.name.removesuffix(".schema.json")] = json.loads(file.read_text("utf-8"))
    return found


SCHEMAS = schemas()


def problems(schema, event):
    validator = jsonschema.Draft202012Validator(SCHEMAS[schema])
    return [error.message for error in validator.iter_errors(event)]


def examples():
    """(schema, event) of each block of JSON in the README, by the heading above it."""
    found = []
    heading = None
    text = (DOCS / "README.md").read_text("utf-8")
    for match in re.finditer(r"^### (\S+)$|^```json\n(.*?)^```$", text, re.M | re.S):
        if match[1]:
            heading = match[1]
        else:
            found.append((heading, json.loads(match[2])))
    return found


def emitted():
    lines = subprocess.run([PROGRAM, "emit"], check=True, capture_output=True, timeout=60).stdout
    return [line.split("\t", 3) for line in lines.decode().splitlines()]


def accepted(events):
    """What the program says to (routing key, event): ("ok", what a session gets) or ("bad", why)."""
    text = "".join(f"{key}\t{json.dumps(event, ensure_ascii=False)}\n" for key, event in events)
    lines = subprocess.run([PROGRAM, "accept"], input=text.encode(), check=True,
                           capture_output=True, timeout=60).stdout
    return [tuple(line.split("\t", 1)) for line in lines.decode().splitlines()]


class Schemas(unittest.TestCase):
    def test_each_is_a_schema_and_is_listed_with_an_example(self):
        listed = (DOCS / "README.md").read_text("utf-8")
        with_example = {schema for schema, _ in examples()}
        for name, schema in SCHEMAS.items():
            jsonschema.Draft202012Validator.check_schema(schema)
            self.assertIn(f"[{name}]({name}.schema.json)", listed)
            self.assertIn(name, with_example)

    def test_the_examples_are_as_their_schemas_say(self):
        for schema, event in examples():
            self.assertEqual(problems(schema, event), [], schema)


class Outward(unittest.TestCase):
    def test_what_the_relay_publishes_is_as_its_schema_says(self):
        seen = {}
        for key, identity, kind, body in emitted():
            event = json.loads(body)
            with self.subTest(key=key, kind=kind):
                self.assertEqual(problems(OUTWARD[kind], event), [])
                self.assertEqual(event["eventType"], kind)
                self.assertEqual(event["eventId"], identity)
                self.assertEqual(event["occurredAt"], event["data"]["createdAt"])
                target = event["routing"]["targetId"]
                self.assertEqual(key, {
                    "to.channel": f"chat.channel.{target}.message",
                    "to.user": f"chat.user.{target}.notification",
                }[event["routing"]["type"]])
                inner = dict(event["message"])
                inner.pop("eventType")
                inner["chatRoomId"] = inner.pop("channelId")
                self.assertEqual(inner, event["data"])  # both forms say the same
                seen.setdefault((kind, event["routing"]["type"]), []).append(event)
        self.assertEqual({kind: len(events) for kind, events in seen.items()}, {
            ("MESSAGE_CREATED", "to.channel"): 1,
            ("MESSAGE_CREATED", "to.user"): 1,
            ("MEMBER_JOINED", "to.channel"): 2,
            ("MEMBER_LEFT", "to.channel"): 1,
            ("MEMBER_INVITED", "to.user"): 1,
        })
        said = seen["MESSAGE_CREATED", "to.channel"][0]["data"]
        self.assertEqual(said["content"], '"안녕" \\ \n \u0001 👋')
        self.assertEqual(seen["MESSAGE_CREATED", "to.user"][0]["data"]["to"], 2)
        invited = seen["MEMBER_INVITED", "to.user"][0]["data"]
        self.assertEqual((invited["userId"], invited["roomName"]), (2, "Öffentlich"))

    def test_a_schema_refuses_what_is_not_its_event(self):
        for schema, event in examples():
            if schema not in OUTWARD.values():
                continue
            for field in event:
                broken = copy.deepcopy(event)
                del broken[field]
                self.assertNotEqual(problems(schema, broken), [], f"{schema} without {field}")
            for part in ("data", "message", "routing"):
                for field in event[part]:
                    broken = copy.deepcopy(event)
                    del broken[part][field]
                    self.assertNotEqual(problems(schema, broken), [],
                                        f"{schema} without {part}.{field}")


class Inward(unittest.TestCase):
    def test_what_the_schemas_allow_is_taken_and_comes_to_browsers_as_said(self):
        cases = []
        for schema, example in examples():
            if schema not in INWARD:
                continue
            cases.append((schema, example))
            message = SCHEMAS[schema]["properties"]["message"]
            for kind in message["properties"]["eventType"]["enum"]:
                event = copy.deepcopy(example)
                event["message"]["eventType"] = kind
                cases.append((schema, event))
        answers = accepted([(schema.replace("-", "."), event) for schema, event in cases])
        for (schema, event), (verdict, told) in zip(cases, answers, strict=True):
            self.assertEqual(problems(schema, event), [])
            self.assertEqual(verdict, "ok", told)
            got = json.loads(told[told.index("{"):])
            if schema == "to-channel":
                got["createdAt"] = "2025-01-09T14:34:00.000Z"  # which differs from run to run
            self.assertEqual(
                problems("room-notice" if schema == "to-channel" else "user-notice", got), [])
            self.assertEqual(got["message"], event["message"])
            self.assertEqual(got["eventType"], event["message"]["eventType"])
            self.assertEqual(got.get("eventId"),
                             event.get("eventId", event["message"].get("eventId")))

    def test_what_the_schemas_forbid_is_refused(self):
        cases = []

        def case(schema, event):
            self.assertNotEqual(problems(schema, event), [], f"{schema} {event}")
            cases.append((schema.replace("-", "."), event))

        for schema, example in examples():
            if schema not in INWARD:
                continue
            for path in (("routing",), ("message",), ("routing", "type"), ("message", "eventType"),
                         ("routing", "targetId")):
                if path == ("routing", "targetId") and schema == "to-all":
                    continue
                broken = copy.deepcopy(example)
                inner = broken if len(path) == 1 else broken[path[0]]
                del inner[path[-1]]
                case(schema, broken)
                for wrong in (7.5, [], "", "to.nobody", True, 0, -1):
                    inner[path[-1]] = wrong
                    case(schema, broken)
                    broken = copy.deepcopy(broken)
                    inner = broken if len(path) == 1 else broken[path[0]]
            for name, wrong in (("version", 2), ("eventId", 7), ("eventId", "x" * 201)):
                broken = copy.deepcopy(example)
                broken[name] = wrong
                case(schema, broken)
            for other, event in examples():
                if other in INWARD and other != schema:
                    case(schema, event)
        for (key, event), (verdict, why) in zip(cases, accepted(cases), strict=True):
            self.assertEqual(verdict, "bad", f"{key} {event}")
            self.assertTrue(why.endswith("."), why)


if __name__ == "__main__":
    unittest.main()
