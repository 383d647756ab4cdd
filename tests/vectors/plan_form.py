"""A plan as plans/plan.cddl has it, of the JSON that people write."""

import unicodedata


def numbered(item, **keys):
    """An object with integer keys; `keys` has for each field its key and what converts it. Null is left out."""
    item = stated(item)
    if unknown := item.keys() - keys.keys():
        raise ValueError(f"unknown fields {unknown}")
    return {keys[name][0]: keys[name][1](value) for name, value in item.items()}


def stated(item):
    """An object without what is null."""
    return {name: value for name, value in item.items() if value is not None}


def nfc(text):
    """Text in normalization form C."""
    return unicodedata.normalize("NFC", text)


def names(items):
    """A sorted list of names."""
    return sorted(map(nfc, items))


def hash_bytes(form):
    """A digest in one of its three forms."""
    found = bytes.fromhex(form.removeprefix("sha256:")) if isinstance(form, str) else bytes(form)
    if len(found) != 32:
        raise ValueError(f"{form} is no digest")
    return found


def rules(**keys):
    """Reads a list of capabilities or denials, and sorts it."""

    def read(items):
        listed = [numbered(item, **keys, components=(2, names)) for item in items]
        return sorted(listed, key=lambda item: (item[0], item.get(2, [])))

    return read


def policy(item):
    """A policy with integer keys."""
    item = {"determinism": "relaxed", "capabilities": [], "limits": {}, **stated(item)}
    read = numbered(
        item,
        determinism=(0, ["strict", "audit", "relaxed"].index),
        capabilities=(1, rules(name=(0, nfc), level=(1, ["required", "optional"].index))),
        tenant=(2, nfc),
        limits=(3, lambda of: numbered(of, cpu_ms=(0, int), memory_bytes=(1, int), io_ops=(2, int), wall_ms=(3, int))),
        denials=(4, rules(name=(0, nfc), mode=(1, ["trap", "error", "empty"].index))),
    )
    return {key: value for key, value in read.items() if key != 4 or value}


def plan(item):
    """A plan with integer keys, sorted and without defaults."""

    def listed(order, **keys):
        return lambda items: sorted((numbered(item, **keys) for item in items), key=order)

    def by(*keys):
        return lambda item: [item[key] for key in keys]

    def consumer(item):
        return item.get(3, root), item[0]

    if item["version"] != "1":
        raise ValueError(f"version {item['version']} is not 1")
    root = nfc(item["root"])
    named = {name: value for name, value in stated(item).items() if name not in ("$schema", "description")}
    read = numbered(
        {"bindings": [], "secrets": [], **named},
        version=(0, nfc),
        root=(1, nfc),
        components=(2, listed(by(0), id=(0, nfc), digest=(1, hash_bytes), source=(2, nfc), world=(3, hash_bytes))),
        bindings=(
            3,
            listed(consumer, import_name=(0, nfc), provider_id=(1, nfc), export_name=(2, nfc), consumer_id=(3, nfc)),
        ),
        secrets=(4, listed(by(0), secret_id=(0, nfc), backend_uri=(1, nfc))),
        policy=(5, policy),
        linkage=(6, ["static", "runtime"].index),
        explicit_exports=(7, listed(by(1, 0), source_instance=(0, nfc), interface_name=(1, nfc))),
        imports=(8, names),
    )
    for component in read[2]:
        if 1 not in component:
            raise ValueError(f"component {component[0]} has no digest: lock the plan first")
    for binding in read[3]:
        if binding.get(3) == root:
            del binding[3]
    return {key: value for key, value in read.items() if key < 6 or value}


def meaning(read):
    """What an id is the hash of: a plan with integer keys, without sources."""
    components = [{key: value for key, value in component.items() if key != 2} for component in read[2]]
    return {**read, 2: components}
