"""WIT text as a syntax tree, by the grammar of the component model's WIT.md.

A type is its form in a document already, but for what names mean: tuples are types, and lists are lists of them or
of fields, so that a field called `type` is no reference. ("use", path, label) has the path as it is written.
"""

import re
from dataclasses import dataclass, field


@dataclass
class Scope:
    """A package and the names that a file of it has for interfaces and worlds of others."""

    package: "Package"
    uses: dict = field(default_factory=dict)


@dataclass
class Package:
    """A package's interfaces and worlds by label."""

    name: tuple = None
    items: dict = field(default_factory=dict)

    def full(self, label):
        """The name of an item with the package's name and version."""
        return f"{self.name[0]}/{label}{self.name[1]}"


@dataclass
class Interface:
    """An interface: types and functions by label."""

    scope: Scope
    types: dict = field(default_factory=dict)
    functions: dict = field(default_factory=dict)


@dataclass
class World(Interface):
    """A world: its own types and functions are those that it imports, as they stand in no interface."""

    items: list = field(default_factory=list)
    includes: list = field(default_factory=list)


NAME = re.compile(r"%?[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*")
PART = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"
TOKEN = re.compile(
    rf'\s+|//[^\n]*|(?P<block>/\*)|(?P<token>->|\d+\.\d+\.\d+(?:-{PART})?(?:\+{PART})?|\d+|{NAME.pattern}'
    r'|"(?:\\.|[^"\\])*"|[=,:;(){}<>/.@_])'
)
PRIMITIVES = "bool u8 u16 u32 u64 s8 s16 s32 s64 f32 f64 char string error-context".split()
GATES = ("since", "unstable", "deprecated", "external-id")


def tokenize(text):
    """The tokens of a text; a name keeps its `%`, so that it is no keyword."""
    at, tokens = 0, []
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise ValueError(f"line {text.count(chr(10), 0, at) + 1}: no token starts so")
        at = match.end()
        if match["token"]:
            tokens.append(match["token"])
        depth = 1 if match["block"] else 0
        while depth:
            end = re.compile(r"/\*|\*/").search(text, at)
            if not end:
                raise ValueError("a comment has no end")
            depth += 1 if end[0] == "/*" else -1
            at = end.end()
    return tokens + [""]


def put(items, name, item):
    """Adds what may stand once."""
    if name in items:
        raise ValueError(f"{name} stands twice")
    items[name] = item


class Parser:
    """Reads one file."""

    def __init__(self, tokens):
        self.tokens, self.at = tokens, 0

    def peek(self):
        """The next token, which stays."""
        return self.tokens[self.at]

    def next(self):
        """The next token."""
        self.at += 1
        return self.tokens[self.at - 1]

    def accept(self, token):
        """Reads a token where it is next."""
        found = self.peek() == token
        self.at += found
        return found

    def expect(self, *tokens):
        """Reads one of these tokens."""
        if (found := self.next()) not in tokens:
            raise ValueError(f"{' '.join(self.tokens[max(0, self.at - 9) : self.at])}: {found!r} is not in {tokens}")
        return found

    def label(self):
        """A name without its `%`."""
        token = self.next()
        if not NAME.fullmatch(token):
            raise ValueError(f"{' '.join(self.tokens[max(0, self.at - 9) : self.at])}: {token!r} is no name")
        return token.removeprefix("%")

    def listed(self, start, item, end):
        """What stands between `start` and `end`, with commas between and perhaps after it."""
        self.expect(start)
        items = []
        while not self.accept(end):
            items.append(item())
            if self.peek() != end:
                self.expect(",")
        return items

    def version(self):
        """A version with its `@`, or nothing."""
        return "@" + self.next() if self.accept("@") else ""

    def path(self):
        """A label, or a full name, which has a `/`."""
        first = self.label()
        if not self.accept(":"):
            return first
        package = f"{first}:{self.label()}"
        self.expect("/")
        return f"{package}/{self.label()}{self.version()}"

    def renamed(self):
        """A name and what it goes by here."""
        name = self.label()
        return name, self.label() if self.accept("as") else name

    def unstable(self):
        """Reads gates; whether one of them leaves out what follows."""
        found = False
        while self.accept("@"):
            found |= self.expect(*GATES) == "unstable"
            self.expect("(")
            while self.next() not in (")", ""):
                pass
        return found

    def field(self):
        """A field's or a parameter's label and type."""
        label = self.label()
        self.expect(":")
        return [label, self.type()]

    def case(self):
        """A case's label, and its type or None."""
        return [self.label(), self.listed("(", self.type, ")")[0] if self.peek() == "(" else None]

    def type(self):
        """A type."""
        token = self.next()
        if token in PRIMITIVES:
            return token
        if token in ("own", "borrow"):
            return token, ("type", self.listed("<", self.label, ">")[0])
        if token in ("future", "stream"):
            return token, self.listed("<", self.type, ">")[0] if self.peek() == "<" else None
        if token in ("map", "option"):
            return token, *self.listed("<", self.type, ">")
        if token == "tuple":
            return token, self.listed("<", self.type, ">")
        if token == "list":
            return token, *self.listed("<", lambda: int(self.next()) if self.peek().isdigit() else self.type(), ">")
        if token == "result":
            sides = []
            if self.peek() == "<":
                sides = self.listed("<", lambda: None if self.accept("_") else self.type(), ">")
            return token, *(sides + [None, None])[:2]
        self.at -= 1
        return "type", self.label()

    def function(self):
        """A function: whether it is async, its parameters, its result or None."""
        is_async = self.accept("async")
        self.expect("func")
        return self.signature(is_async)

    def signature(self, is_async):
        """A function without what stands before its parameters."""
        parameters = self.listed("(", self.field, ")")
        return is_async, parameters, self.type() if self.accept("->") else None

    def typedef(self, owner):
        """Reads a type or a `use` into its owner; False where there is none."""
        keyword = self.peek()
        bodies = {"record": self.field, "variant": self.case, "enum": self.label, "flags": self.label}
        if keyword not in ("use", "type", "resource", *bodies):
            return False
        self.next()
        if keyword == "use":
            path = self.path()
            self.expect(".")
            for name, label in self.listed("{", self.renamed, "}"):
                put(owner.types, label, ("use", path, name))
            self.expect(";")
            return True
        label = self.label()
        if keyword == "resource":
            put(owner.types, label, ("resource",))
            self.accept(";") or self.resource(owner, label)
        elif keyword == "type":
            self.expect("=")
            put(owner.types, label, self.type())
            self.expect(";")
        else:
            put(owner.types, label, (keyword, self.listed("{", bodies[keyword], "}")))
        return True

    def resource(self, owner, resource):
        """Reads a resource's functions."""
        self.expect("{")
        while not self.accept("}"):
            functions = {} if self.unstable() else owner.functions
            if self.accept("constructor"):
                name, (is_async, parameters, result) = f"[constructor]{resource}", self.signature(False)
                function = is_async, parameters, result or ("own", ("type", resource))
            else:
                label = self.label()
                self.expect(":")
                kind = "static" if self.accept("static") else "method"
                name, function = f"[{kind}]{resource}.{label}", self.function()
                if kind == "method":
                    function[1].insert(0, ["self", ("borrow", ("type", resource))])
            put(functions, name, function)
            self.expect(";")

    def interface(self, owner):
        """Reads an interface's items."""
        self.expect("{")
        while not self.accept("}"):
            target = Interface(owner.scope) if self.unstable() else owner
            if not self.typedef(target):
                label = self.label()
                self.expect(":")
                put(target.functions, label, self.function())
                self.expect(";")
        return owner

    def world(self, owner):
        """Reads a world's items."""
        self.expect("{")
        while not self.accept("}"):
            target = World(owner.scope) if self.unstable() else owner
            if self.peek() in ("import", "export"):
                target.items.append((self.next(), *self.extern(owner.scope)))
            elif self.accept("include"):
                path = self.path()
                renames = dict(self.listed("{", self.renamed, "}")) if self.accept("with") else {}
                target.includes.append((path, renames))
                # The grammar has no `;` after the `}`, and an example of WIT.md has one.
                self.accept(";") or renames or self.expect(";")
            elif not self.typedef(target):
                raise ValueError(f"{self.peek()!r} is no item of a world")
        return owner

    def extern(self, scope):
        """The plain name or None, and the function, the interface or its path."""
        start, name = self.at, self.label()
        if self.accept(":"):
            if self.accept("interface"):
                return name, self.interface(Interface(scope))
            if self.peek() in ("async", "func"):
                item = self.function()
                self.expect(";")
                return name, item
            # `log: sink` and `log: acme:log/sink` have a plain name, `acme:log/sink` has none.
            if self.tokens[self.at + 1] != "/":
                item = self.path()
                self.expect(";")
                return name, item
        self.at = start
        item = self.path()
        self.expect(";")
        return None, item

    def items(self, scope, nested, end):
        """Reads interfaces, worlds, uses, and into `nested` packages."""
        while not self.accept(end):
            unstable = self.unstable()
            keyword = self.expect("use", "interface", "world", "package")
            if keyword == "package":
                package = Package(self.package_name())
                nested.append(package)
                self.expect("{")
                self.items(Scope(package), nested, "}")
            elif keyword == "use":
                path = self.path()
                inferred = path.split("/")[-1].split("@")[0]
                put(scope.uses, self.label() if self.accept("as") else inferred, path)
                self.expect(";")
            else:
                label = self.label()
                item = self.interface(Interface(scope)) if keyword == "interface" else self.world(World(scope))
                if not unstable:
                    put(scope.package.items, label, item)

    def package_name(self):
        """A package's name, and its version with the `@`."""
        namespace = self.label()
        self.expect(":")
        return f"{namespace}:{self.label()}", self.version()

    def file(self, package, nested):
        """Reads a file of a package, and the packages nested in it."""
        if self.accept("package"):
            name = self.package_name()
            if self.accept(";"):
                if package.name not in (None, name):
                    raise ValueError(f"the package is {package.name} and {name}")
                package.name = name
            else:
                self.at = 0
        self.items(Scope(package), nested, "")
