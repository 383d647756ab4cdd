"""What the oracle says of the cases of index.json, in the form of what they expect."""

import hashlib
import json
from pathlib import Path

from canonical_cbor import Violation, cbor, cbor_check, digest, parse_json
from plan_form import meaning, plan
from wit_document import Packages


def of(index):
    """What it says of each case that it can say something of, by id."""
    folder = Path(index).parent
    said = {}
    for case in json.loads(Path(index).read_text(encoding="utf-8"))["cases"]:
        if (answer := KINDS.get(case["kind"], nothing)(folder, case)) is not None:
            said[case["id"]] = answer
    return said


def content(folder, given):
    """The bytes of an input."""
    if "file" in given:
        return (folder / given["file"]).read_bytes()
    if "text" in given:
        return given["text"].encode()
    if "json" in given:
        return json.dumps(given["json"]).encode()
    more = given.get("repeat", {"hex": "", "times": 0})
    return bytes.fromhex(given["hex"]) + bytes.fromhex(more["hex"]) * more["times"]


def nothing(_folder, _case):
    """Of what it does not know."""


def check(folder, case):
    """Whether bytes are canonical."""
    try:
        cbor_check(content(folder, case["input"]))
    except Violation as violation:
        offset, rule = violation.args
        return {"rule": rule, "offset": offset}
    return {"accept": True}


def encode(folder, case):
    """The canonical CBOR of a JSON text."""
    try:
        encoded = cbor(parse_json(content(folder, case["input"])))
    except ValueError:
        return {"errors": [{"code": "InvalidInput"}]}
    cbor_check(encoded)
    return {"hex": encoded.hex()}


def shown(found):
    """A hash as ids are written."""
    return f"sha256:{found.hex()}"


def plan_id(found):
    """The id of a plan with integer keys."""
    return shown(digest(b"plan:v1", meaning(found)))


def spellings(folder, case):
    """The one id that all spellings have, and the first one as CBOR."""
    plans = [plan(parse_json(content(folder, spelling))) for spelling in case["spellings"]]
    [found] = {plan_id(found) for found in plans}
    return {"id": found, "cbor": cbor(plans[0]).hex()}


def locked(folder, case):
    """The id of a plan that is composed, whose components get their digests from the files that they name."""
    if "errors" in case["expect"]:
        return None
    files = {path: content(folder, given) for path, given in case["files"].items()}
    found = parse_json(files["plan.json"])
    for component in found["components"]:
        if "digest" not in component:
            blob = files[component["source"].removeprefix("file:")]
            component["digest"] = hashlib.sha256(blob).hexdigest()
    return {"plan_id": plan_id(plan(found))}


def wit(folder, case):
    """The ids of a package of WIT as text; it reads no components."""
    if "wit" not in case:
        return None
    [path] = case["wit"]
    ids = Packages(folder / path).ids()
    return [{"kind": kind, "name": name, "id": shown(found)} for kind, name, found in ids]


KINDS = {
    "cbor": check,
    "cbor-of-json": encode,
    "plan": spellings,
    "compose": locked,
    "canon-wit": wit,
}
