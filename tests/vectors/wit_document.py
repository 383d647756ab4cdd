"""The documents of docs/canon-wit.md, of WIT text. Their ids are hashes of these."""

import re
from pathlib import Path

from canonical_cbor import digest
from wit_text import Interface, Package, Parser, World, put, tokenize


class Packages:
    """A package with those that it knows, which are all that names may mean."""

    def __init__(self, path):
        path = Path(path)
        self.known = {}
        self.main = self.load(sorted(path.glob("*.wit")) if path.is_dir() else [path])
        for entry in sorted((path / "deps").glob("*")) if path.is_dir() else []:
            self.load(sorted(entry.glob("*.wit")) if entry.is_dir() else [entry])
        if not self.main.name:
            raise ValueError("no file names the package")

    def load(self, files):
        """Reads a package's files."""
        package, nested = Package(), []
        for file in files:
            Parser(tokenize(file.read_text(encoding="utf-8"))).file(package, nested)
        for each in [package, *nested]:
            for label, item in each.items.items():
                put(self.known, each.full(label), item)
        return package

    def resolve(self, path, scope):
        """The full name of what a path means."""
        if "/" not in path:
            used = scope.uses.get(path, path)
            path = used if "/" in used else scope.package.full(used)
        if path not in self.known:
            raise ValueError(f"{path} is not known")
        return path

    def is_resource(self, owner, label):
        """Whether a type is a resource or an alias of one."""
        if label not in owner.types:
            raise ValueError(f"type {label} is not known")
        match owner.types[label]:
            case ("resource",):
                return True
            case ("type", other):
                return self.is_resource(owner, other)
            case ("use", path, other):
                return self.is_resource(self.known[self.resolve(path, owner.scope)], other)
        return False

    def type(self, owner, tree):
        """A type, a function or a list of them as documents have it."""
        match tree:
            case list():
                return [self.type(owner, part) for part in tree]
            case ("type", label):
                return ("own", tree) if self.is_resource(owner, label) else tree
            case ("own" | "borrow", ("type", label)):
                if not self.is_resource(owner, label):
                    raise ValueError(f"type {label} is no resource")
                return tree
            case tuple():
                return tuple(self.type(owner, part) for part in tree)
        return tree

    def types(self, owner):
        """An interface's or a world's definitions."""

        def definition(label, tree):
            self.is_resource(owner, label)
            match tree:
                case ("use", path, name):
                    return "use", self.resolve(path, owner.scope), name
                case ("type", _):
                    return tree
            return self.type(owner, tree)

        return {label: definition(label, tree) for label, tree in owner.types.items()}

    def functions(self, owner):
        """An interface's functions, or those of a world's resources."""
        return {name: self.type(owner, tree) for name, tree in owner.functions.items()}

    def used(self, owner):
        """The full names of the interfaces that types are used from."""
        return [tree[1] for tree in self.types(owner).values() if tree[0] == "use"]

    def uses(self, interface):
        """The types of other interfaces that an interface stands on."""
        uses = {}
        waiting = list(references(list(self.types(interface).values())))
        while waiting:
            name, label = waiting.pop()
            # What an interface's own types refer to in it is a part of it already.
            if name is None or label in uses.setdefault(name, {}):
                continue
            uses[name][label] = tree = self.types(self.known[name])[label]
            waiting += [(other or name, label) for other, label in references(tree)]
        return uses

    def world(self, world):
        """A world's imports and exports by name: functions, types, or interfaces with the names that they end with."""
        sides = {"import": {}, "export": {}}
        for path, renames in world.includes:
            included = self.world(self.known[self.resolve(path, world.scope)])
            for side, items in zip(sides.values(), included):
                for name, item in items.items():
                    self.include(side, name, item, renames)
        for side, name, item in world.items:
            if isinstance(item, str):
                full = self.resolve(item, world.scope)
                item = ("interface", self.known[full], *([full] if name else []))
                name = name or full
            elif isinstance(item, Interface):
                item = "interface", item
            else:
                item = "function", self.type(world, item)
            if "/" in name:
                sides[side][name] = item
            else:
                put(sides[side], name, item)
        imports, exports = sides.values()
        for kind, items in (("type", self.types(world)), ("function", self.functions(world))):
            for name, item in items.items():
                put(imports, name, (kind, item))

        def add(name):
            if name not in imports:
                imports[name] = "interface", self.known[name]
                for other in self.used(self.known[name]):
                    add(other)

        for side in (dict(imports), exports):
            for kind, item, *_ in side.values():
                found = self.used(item) if kind == "interface" else []
                if kind == "type" and item[0] == "use":
                    found = [item[1]]
                for name in found:
                    if side is not exports or name not in exports:
                        add(name)
        return imports, exports

    def include(self, side, name, item, renames):
        """Adds an item of an included world, under another name where one is given."""
        if "/" in name:
            side[name] = item
            return

        def rename(tree):
            match tree:
                case list():
                    return [rename(part) for part in tree]
                case ("type", label):
                    return "type", renames.get(label, label)
                case tuple():
                    return tuple(map(rename, tree))
            return tree

        # A resource's functions go by its name.
        kind, label, rest = re.fullmatch(r"(\[\w+\])?([^.]+)(.*)", name).groups()
        put(side, (kind or "") + renames.get(label, label) + rest, (item[0], *map(rename, item[1:])))

    def ids(self):
        """Kind, name and id of the package and what is in it."""
        package = self.main
        if not package.items:
            raise ValueError("the package has no interfaces and no worlds")
        found = {"interface": {}, "world": {}}
        for label, item in sorted(package.items.items()):
            name = package.full(label)
            if isinstance(item, World):
                imports, exports = self.world(item)
                sides = [
                    {key: self.item(entry, {}) for key, entry in imports.items()},
                    {key: self.item(entry, exports) for key, entry in exports.items()},
                ]
                found["world"][label] = digest(b"witcanon:1", ["world", name, *sides])
            else:
                document = ["interface", name, self.types(item), self.functions(item), self.uses(item)]
                found["interface"][label] = digest(b"witcanon:1", document)
        name = "".join(package.name)
        yield "package", name, digest(b"witcanon:1", ["package", name, *found.values()])
        for kind, ids in found.items():
            yield from ((kind, package.full(label), each) for label, each in ids.items())

    def item(self, entry, exports):
        """An import or export as documents have it; what exports use is exported where it can be."""
        kind, item, *name = entry
        if kind != "interface":
            return entry
        types = {
            label: ("export", *tree[1:]) if tree[0] == "use" and tree[1] in exports else tree
            for label, tree in self.types(item).items()
        }
        return [kind, types, self.functions(item), *name]


def references(tree):
    """The types that a definition refers to: the interface's name, or None for its own, and the label."""
    if isinstance(tree, tuple) and tree[0] in ("type", "use"):
        yield (tree[1] if tree[0] == "use" else None), tree[-1]
    elif isinstance(tree, (tuple, list)):
        for part in tree:
            yield from references(part)
