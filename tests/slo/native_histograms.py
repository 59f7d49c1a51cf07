"""Native histograms for a real Prometheus, by its remote-write door: promtool's text format has no word for them.

The message is written out by hand: length-delimited fields of protobuf in one literal of Snappy.
"""

import struct
import urllib.request
from collections.abc import Iterable, Mapping, Sequence


def send(url: str, labels: Mapping[str, str], points: Iterable[tuple[int, Mapping[int, int]]]) -> None:
    """One series: (second since 1970, bucket -> observations so far). Bucket i holds (2 ** (i - 1), 2 ** i]."""
    pairs = [_field(1, _text(1, name) + _text(2, value)) for name, value in sorted(labels.items())]
    histograms = [_field(4, _histogram(second, buckets)) for second, buckets in points]
    request = urllib.request.Request(
        f"{url}/api/v1/write",
        data=_snappy(_field(1, b"".join([*pairs, *histograms]))),
        headers={
            "Content-Type": "application/x-protobuf",
            "Content-Encoding": "snappy",
            "X-Prometheus-Remote-Write-Version": "0.1.0",
        },
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 204


def _histogram(second: int, buckets: Mapping[int, int]) -> bytes:
    """An integer histogram of schema 0, whose buckets stand at the powers of two; all observations are positive."""
    places = sorted(buckets)
    counted_periods, deltas, before, end = b"", b"", 0, 0
    for number, place in enumerate(places):
        counted_periods += _field(11, _number(1, _zigzag(place if number == 0 else place - end)) + _number(2, 1))
        deltas += _varint(_zigzag(buckets[place] - before))
        before, end = buckets[place], place + 1
    total = sum(buckets.values())
    return b"".join(
        [
            _number(1, total), _double(3, float(total)), _number(4, 0), _double(5, 1e-9), _number(6, 0),
            counted_periods, _field(12, deltas), _number(15, second * 1000),
        ]
    )  # fmt: skip


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def _zigzag(value: int) -> int:
    return value * 2 if value >= 0 else -value * 2 - 1


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _double(field: int, value: float) -> bytes:
    return _varint(field << 3 | 1) + struct.pack("<d", value)


def _field(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _text(field: int, text: str) -> bytes:
    return _field(field, text.encode())


def _snappy(content: bytes) -> bytes:
    pieces: Sequence[bytes] = [content[start : start + 65_536] for start in range(0, len(content), 65_536)]
    return _varint(len(content)) + b"".join(b"\xf4" + struct.pack("<H", len(one) - 1) + one for one in pieces)
