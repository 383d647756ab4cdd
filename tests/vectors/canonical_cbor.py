"""Canonical CBOR: RFC 8949 section 4.2.1 with NFC text, of the values of Python. Tuples are arrays like lists."""

import hashlib
import json
import math
import struct
import unicodedata

NESTING, VALUES = 64, 500_000
WIDTHS = {24: 1, 25: 2, 26: 4, 27: 8}


class Violation(Exception):
    """Where bytes leave the profile, and by which rule."""


def head(major, number):
    """An item's first bytes."""
    if number < 24:
        return bytes([major << 5 | number])
    info = next((info for info, width in WIDTHS.items() if number < 1 << 8 * width), None)
    if info is None:
        raise ValueError(f"{number} does not fit in 64 bits")
    return bytes([major << 5 | info]) + number.to_bytes(WIDTHS[info], "big")


def shortest_float(value):
    """A float in the fewest bytes that keep it."""
    if math.isnan(value):
        return b"\xf9\x7e\x00"
    for initial, form in ((b"\xf9", ">e"), (b"\xfa", ">f")):
        try:
            packed = struct.pack(form, value)
        except OverflowError:
            continue
        if struct.unpack(form, packed)[0] == value:
            return initial + packed
    return b"\xfb" + struct.pack(">d", value)


def cbor(value):
    """The canonical CBOR of a value."""
    if value is None or isinstance(value, bool):
        return {False: b"\xf4", True: b"\xf5", None: b"\xf6"}[value]
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, float):
        return shortest_float(value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        text = unicodedata.normalize("NFC", value).encode()
        return head(3, len(text)) + text
    if isinstance(value, (list, tuple)):
        return head(4, len(value)) + b"".join(map(cbor, value))
    pairs = sorted((cbor(key), cbor(item)) for key, item in value.items())
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key stands twice")
    return head(5, len(pairs)) + b"".join(key + item for key, item in pairs)


def cbor_check(data):
    """Raises a Violation unless the bytes are one canonical item."""
    at = items = 0

    def take(count, start):
        nonlocal at
        if count > len(data) - at:
            raise Violation(start, "truncated")
        at += count
        return data[at - count : at]

    def item(depth):
        nonlocal items
        start = at
        items += 1
        if depth > NESTING:
            raise Violation(start, "nesting")
        if items > VALUES:
            raise Violation(start, "values")
        initial = take(1, start)[0]
        major, info = initial >> 5, initial & 31
        if info == 31:
            raise Violation(start, "break" if major == 7 else "definite-length")
        if info > 27:
            raise Violation(start, "reserved")
        number = info if info < 24 else int.from_bytes(take(WIDTHS[info], start), "big")
        if major == 7:
            return special(start, info, number)
        if info > 23 and head(major, number) != data[start:at]:
            raise Violation(start, "shortest-int")
        if major == 2:
            take(number, start)
        elif major == 3:
            text(start, take(number, start))
        elif major in (4, 5):
            # Every item takes a byte, so a count that cannot hold is refused at once.
            if number * (major - 3) > len(data) - at:
                raise Violation(start, "truncated")
            array(depth, number) if major == 4 else entries(depth, number)
        elif major == 6:
            content = at
            item(depth + 1)
            if number in (2, 3) and data[content] >> 5 == 2:
                bignum(start, content)

    def bignum(start, content):
        first = content + 1 + WIDTHS.get(data[content] & 31, 0)
        # RFC 8949 section 3.4.3: what fits in an integer is none, and none has leading zeros.
        if at - first <= 8 or data[first] == 0:
            raise Violation(start, "shortest-int")

    def special(start, info, number):
        if info == 24 and number < 32:
            raise Violation(start, "simple")
        if info > 24:
            value = struct.unpack({25: ">e", 26: ">f", 27: ">d"}[info], data[start + 1 : at])[0]
            if data[start:at] != shortest_float(value):
                raise Violation(start, "nan" if math.isnan(value) else "shortest-float")

    def text(start, encoded):
        try:
            if not unicodedata.is_normalized("NFC", encoded.decode()):
                raise Violation(start, "nfc")
        except UnicodeDecodeError:
            raise Violation(start, "utf8") from None

    def array(depth, count):
        for _ in range(count):
            item(depth + 1)

    def entries(depth, count):
        before = None
        for _ in range(count):
            start = at
            item(depth + 1)
            key = data[start:at]
            if before is not None and key <= before:
                raise Violation(start, "duplicate-key" if key == before else "key-order")
            before = key
            item(depth + 1)

    item(0)
    if at < len(data):
        raise Violation(at, "trailing-bytes")


def parse_json(text):
    """The value of a JSON text in UTF-8; a key that stands twice, NaN and infinities are refused."""

    def refuse(found):
        raise ValueError(f"{found} is not a number of JSON")

    def number(digits):
        return float(digits) if math.isfinite(float(digits)) else refuse(digits)

    def unique(pairs):
        names = [unicodedata.normalize("NFC", name) for name, _ in pairs]
        if len(set(names)) < len(names):
            raise ValueError(f"a key of {names} stands twice")
        return dict(pairs)

    return json.loads(text.decode(), object_pairs_hook=unique, parse_constant=refuse, parse_float=number)


def digest(prefix, value):
    """The hash that an id is."""
    return hashlib.sha256(prefix + cbor(value)).digest()
