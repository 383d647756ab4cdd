"""A second implementation of canon:wit, canon:cbor and plan ids, which the first is held to.

Written from docs/canon-wit.md, WIT.md of the component model, RFC 8949 and plans/plan.cddl, and
not from the compositor's code. What it reads is valid; it says little of what is not.
The modules beside it are its parts.

    oracle.py wit-id FILE.wit|FOLDER    ids of a package, its interfaces and its worlds
    oracle.py cbor FILE.json            canonical CBOR of a JSON text, as hexadecimal digits
    oracle.py cbor-check FILE.hex|FILE  status 1 and `byte N: rule` where bytes are not canonical
    oracle.py plan-id PLAN.json         id of a plan
    oracle.py vectors index.json        what is expected of each case that it can say something of, as JSON by id
"""

import json
import sys
from pathlib import Path

# The checkout stays as it is.
sys.dont_write_bytecode = True

import answers
from canonical_cbor import Violation, cbor, cbor_check, parse_json
from plan_form import plan
from wit_document import Packages


def wit_id(path):
    """Prints the ids of a package and what is in it."""
    for kind, name, found in Packages(path).ids():
        print(kind, name, answers.shown(found))


def encode(path):
    """Prints the canonical CBOR of a JSON text."""
    encoded = cbor(parse_json(Path(path).read_bytes()))
    cbor_check(encoded)
    print(encoded.hex())


def check(path):
    """Reads CBOR as bytes, or as hexadecimal digits with space between them."""
    data = Path(path).read_bytes()
    cbor_check(bytes.fromhex(data.decode()) if path.endswith(".hex") else data)


def plan_id(path):
    """Prints the id of a plan."""
    print(answers.plan_id(plan(parse_json(Path(path).read_bytes()))))


def vectors(path):
    """Prints what it says of the cases of an index."""
    print(json.dumps(answers.of(path)))


COMMANDS = {"wit-id": wit_id, "cbor": encode, "cbor-check": check, "plan-id": plan_id, "vectors": vectors}

if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in COMMANDS:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    try:
        COMMANDS[sys.argv[1]](sys.argv[2])
    except Violation as violation:
        sys.exit("byte {}: {}".format(*violation.args))
    except (AttributeError, KeyError, OSError, RecursionError, TypeError, ValueError) as error:
        sys.exit(f"{sys.argv[2]}: {type(error).__name__}: {error}")
