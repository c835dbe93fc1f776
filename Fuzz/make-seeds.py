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


def answers():
    """What stores, caches and name servers say."""
    s3 = {
        "list-v2": """<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix></Prefix>
<KeyCount>2</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>true</IsTruncated>
<EncodingType>url</EncodingType><NextContinuationToken>t==</NextContinuationToken>
<Contents><Key>a%2Fb+c</Key><LastModified>2009-10-12T17:50:30.000Z</LastModified>
<ETag>&quot;f&quot;</ETag><Size>434234</Size></Contents>
<CommonPrefixes><Prefix>01HR/</Prefix></CommonPrefixes></ListBucketResult>""",
        "list-v1": """<ListBucketResult><IsTruncated>true</IsTruncated><NextMarker>x</NextMarker>
<Contents><Key><![CDATA[a&b]]></Key><Size>1</Size>
<LastModified>20091012T175030+01:30</LastModified></Contents><!-- no --></ListBucketResult>""",
        "error": """<Error><Code>RequestTimeTooSkewed</Code><Message>&#x41;&#10;&lt;</Message>
<ServerTime>2013-05-24T00:00:00Z</ServerTime><Region>eu-1</Region><Endpoint>e</Endpoint></Error>""",
        "begun": "<s:InitiateMultipartUploadResult><UploadId a='>'>7</UploadId>"
                 "</s:InitiateMultipartUploadResult>",
        "done": "<CompleteMultipartUploadResult/>",
    }
    for name, text in s3.items():
        write("s3", name, text.encode())
    memcached = {
        "values": (0, "VALUE a 0 3\r\nabc\r\nVALUE b 1 0 7\r\n\r\nEND\r\n"),
        "refused": (0, "SERVER_ERROR out of memory\r\n"),
        "stored": (1, "STORED\r\nNOT_STORED\r\nSERVER_ERROR object too large\r\n"),
        "cluster": (2, "CONFIG cluster 0 31\r\n12\nh|10.0.0.1|11211 |::1|11212\n\r\nEND\r\n"),
    }
    for name, (kind, text) in memcached.items():
        write("memcached", name, bytes([kind, 5]) + text.encode())
    redis = {
        "slots": (0, "*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n$1\r\nh\r\n:6379\r\n$-1\r\n"),
        "values": (3, "$3\r\nabc\r\n$-1\r\n+OK\r\n-ERR no\r\n"),
        "version-3": (2, "%1\r\n+a\r\n#t\r\n~2\r\n,1.5\r\n(123\r\n=5\r\ntxt:a\r\n"),
        "nested": (1, "*2\r\n*1\r\n*1\r\n_\r\n!3\r\nERR\r\n>0\r\n"),
    }
    for name, (count, text) in redis.items():
        write("redis", name, bytes([count, 3]) + text.encode())
    name = b"\x04_tcp\x01a\x00"
    head = b"\x00\x01\x81\x80\x00\x01\x00\x02\x00\x00\x00\x00"
    question = name + b"\x00\x21\x00\x01"
    record = b"\xc0\x0c\x00\x21\x00\x01\x00\x00\x00\x3c"
    place = b"\x00\x01\x00\x02\x2b\xcb"
    targets = b"\x00\x0a" + place + b"\x01b\xc0\x11", b"\x00\x07" + place + b"\x00"
    write("servicerecords", "two", head + question + b"".join(record + one for one in targets))


def caches():
    lines = (golden / "store/cache-codec.jsonl").read_text().splitlines()
    lists = [line for line in map(json.loads, lines) if line.get("kind") == "codec"]
    small = [line for line in lists if len(line["dss"]) < 4000]
    for number, line in enumerate(small[::max(1, len(small) // 20)]):
        for form in "dss", "dvs":
            write("postingscache", f"{number:02}-{form}", b"\x01\x00" + bytes.fromhex(line[form]))
    words = b"".join(value.to_bytes(4, "big") for value in (3, 1, 5, 5))
    write("postingscache", "words", b"\x01\x01" + words)
    records = b""
    index = b"BHi1\0\0\0\0"
    for key, value in (b"a", b""), (b"key", b"value" * 20), (b"k" * 300, b"\x00"):
        record = (b"BHr1\0\0\0\0" + (1 << 40).to_bytes(8, "little")
                  + len(key).to_bytes(2, "little") + len(value).to_bytes(4, "little") + key + value)
        index += b"\x07" * 8 + len(records).to_bytes(4, "little")
        index += len(record).to_bytes(4, "little")
        records += record
    write("diskcache", "records", MEND + b"\x00\x00" + records)
    write("diskcache", "indexed", MEND + len(index).to_bytes(2, "big") + index + records)
    write("diskcache", "grown", MEND + len(index[:40]).to_bytes(2, "big") + index[:40] + records)


clear()
chunks()
blocks()
texts()
answers()
caches()
