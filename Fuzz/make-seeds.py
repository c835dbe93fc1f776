#!/usr/bin/env python3
"""Writes the inputs that fuzzing starts from, Seeds/<target>/<name>, from TestData/golden.

The goldens are real files of real writers; only small ones are taken, so that a mutation hits
something that matters. Run again when a target's input format changes; findings that were copied
to Seeds by hand have names that begin with "finding-" and stay.
"""

import gzip
import json
import pathlib
import re
import tarfile

fuzz = pathlib.Path(__file__).resolve().parent
golden = fuzz.parent / "TestData/golden"
MEND = b"\x01"

CHUNK_TARGETS = {
    1: "xor", 2: "histogram", 3: "floathistogram", 4: "xor2", 5: "histogramST",
    6: "floathistogramST", 255: "aggregate",
}
CHUNKS_PER_TARGET = 24
BLOCKS = [
    "single-sample", "mixed-encodings", "negative-times", "v0309", "index-v1", "thanos-1h",
    "tombstones", "out-of-order-labels",
]


def write(target, name, content):
    folder = fuzz / "Seeds" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / re.sub(r"[^A-Za-z0-9.-]+", "-", name)[:60]).write_bytes(content)


def clear():
    for seed in (fuzz / "Seeds").glob("*/*"):
        if not seed.name.startswith("finding-"):
            seed.unlink()


def chunks():
    """Of each encoding, small chunks spread over the topics."""
    by_encoding = {encoding: [] for encoding in CHUNK_TARGETS}
    with gzip.open(golden / "format/chunks.jsonl.gz", "rt") as lines:
        for line in lines:
            chunk = json.loads(line)
            data = bytes.fromhex(chunk["hex"])
            if len(data) <= (1200 if chunk["enc"] == 255 else 400):
                by_encoding[chunk["enc"]].append((chunk["name"], data))
    for encoding, found in by_encoding.items():
        step = max(1, len(found) // CHUNKS_PER_TARGET)
        for name, data in found[::step][:CHUNKS_PER_TARGET]:
            write(CHUNK_TARGETS[encoding], name, data)


def blocks():
    files = {}
    with tarfile.open(golden / "format/blocks.tar.gz") as archive:
        for member in archive:
            if member.isfile():
                block, _, path = member.name.split("/", 2)
                files.setdefault(block, {})[path] = archive.extractfile(member).read()
    for name in BLOCKS:
        block = files[name]
        segment = next(content for path, content in sorted(block.items()) if "chunks" in path)
        tombstones = block.get("tombstones", b"")
        write("index", name, MEND + block["index"])
        write("tombstones", name, MEND + tombstones)
        write("meta", name + ".json", block["meta.json"])
        if len(segment) <= 5000:
            write("segment", name, MEND + segment)
            parts = [block["meta.json"], block["index"], tombstones]
            lengths = b"".join(len(part).to_bytes(2, "big") for part in parts)
            write("scan", name, MEND + lengths + b"".join(parts) + segment)
        for number, body in enumerate(series(block["index"])):
            write("series", f"{name}-{number}", body)
        write("postings", name, postings(block["index"]))


def series(index):
    """The bodies of the first series entries."""
    place = -(-int.from_bytes(index[-44:-36], "big") // 16) * 16
    bodies = []
    while len(bodies) < 3 and place < int.from_bytes(index[-20:-12], "big"):
        length, start = uvarint(index, place)
        bodies.append(index[start:start + length])
        place = -(-(start + length + 4) // 16) * 16
    return bodies


def postings(index):
    """No list, and the offset table of a real index."""
    place = int.from_bytes(index[-12:-4], "big")
    length = int.from_bytes(index[place:place + 4], "big")
    return b"\x01\x00" + index[place + 4:place + 4 + length]


def uvarint(data, place):
    value = shift = 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, place


def texts():
    for path in sorted((golden / "compact/meta").glob("*.json"))[::2]:
        if path.stat().st_size < 1500 and path.name != "docs.json":
            write("meta", path.name, path.read_bytes())
    patterns = {}
    for line in (golden / "store/regex.jsonl").read_text().splitlines():
        case = json.loads(line)
        if isinstance(case["pattern"], str) and isinstance(case.get("value"), str):
            patterns.setdefault(case["pattern"], case["value"])
    for number, (pattern, value) in enumerate(sorted(patterns.items())[::3]):
        write("regex", f"{number:03}", pattern.encode() + b"\0" + value.encode())
    operators = {"EQ": "=", "NEQ": "!=", "RE": "=~", "NRE": "!~"}
    lines = (golden / "store/selectors.jsonl").read_text().splitlines()
    for number, line in enumerate(lines[::13]):
        matchers = json.loads(line)["matchers"]
        inside = ",".join(
            f'"{matcher["name"]}"{operators[matcher["type"]]}{json.dumps(matcher["value"])}'
            for matcher in matchers)
        write("selector", f"{number:02}", ("{" + inside + "}").encode())
    write("selector", "bare", b"up{job='api', code=~`5..`,}")
    write("selector", "escapes", rb'{"a\tb"!="\u00e9\x41\101"}')


clear()
chunks()
blocks()
texts()
