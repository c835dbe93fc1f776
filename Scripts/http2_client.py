#!/usr/bin/python3
"""Speaks HTTP/2 by hand to a StoreAPI server: compression that Python's gRPC library does not know,
and what no honest client does. Prints what came of it as JSON.

http2_client.py --address HOST:PORT COMMAND [OPTIONS]

Needs the Debian package python3-h2 beside those of storeapi_client.py.
"""

import argparse
import gzip
import hashlib
import json
import socket
import struct
import tempfile
import time

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import h2.settings

import storeapi_client

# Snappy


def crc_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


CRC = crc_table()


def checksum(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ CRC[(crc ^ byte) & 0xFF]
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def chunk(kind, content):
    return bytes([kind]) + len(content).to_bytes(3, "little") + content


IDENTIFIER = chunk(0xFF, b"sNaPpY")


def frames(data):
    """A framed stream whose chunks are not compressed, as writers may have them."""
    stream = IDENTIFIER if data else b""
    for start in range(0, len(data), 65536):
        piece = data[start:start + 65536]
        stream += chunk(1, checksum(piece).to_bytes(4, "little") + piece)
    return stream


def zeros(count):
    """A framed stream of `count` times 64 KiB of zeros, 32 times smaller."""
    block = b"\x80\x80\x04" + b"\x00\x00" + (b"\xfe\x01\x00" * 1023) + b"\xfa\x01\x00"
    whole = chunk(0, checksum(bytes(65536)).to_bytes(4, "little") + block)
    return IDENTIFIER + whole * count


def block_content(block):
    position = shift = size = 0
    while True:
        size |= (block[position] & 0x7F) << shift
        shift += 7
        position += 1
        if block[position - 1] < 0x80:
            break
    output = bytearray()
    while position < len(block):
        tag = block[position]
        position += 1
        if tag & 3 == 0:
            length = (tag >> 2) + 1
            if length > 60:
                width = length - 60
                length = int.from_bytes(block[position:position + width], "little") + 1
                position += width
            output += block[position:position + length]
            position += length
            continue
        if tag & 3 == 1:
            length, offset = (tag >> 2 & 7) + 4, (tag >> 5) << 8 | block[position]
            position += 1
        else:
            width = 2 if tag & 3 == 2 else 4
            length = (tag >> 2) + 1
            offset = int.from_bytes(block[position:position + width], "little")
            position += width
        for _ in range(length):
            output.append(output[-offset])
    assert len(output) == size, "a block of another size"
    return bytes(output)


def stream_content(stream):
    output, position = b"", 0
    while position < len(stream):
        kind = stream[position]
        length = int.from_bytes(stream[position + 1:position + 4], "little")
        content = stream[position + 4:position + 4 + length]
        position += 4 + length
        if kind == 0xFF:
            assert content == b"sNaPpY"
            continue
        piece = content[4:] if kind == 1 else block_content(content[4:])
        assert checksum(piece) == int.from_bytes(content[:4], "little"), "a wrong checksum"
        output += piece
    return output


# HTTP/2


class Connection:
    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=60)
        self.h2 = h2.connection.H2Connection(
            h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))
        self.h2.initiate_connection()
        self.flush()

    def flush(self):
        self.socket.sendall(self.h2.data_to_send())

    def open(self, path, *more):
        stream = self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream, [
            (":method", "POST"), (":scheme", "http"), (":authority", "localhost"),
            (":path", path), ("content-type", "application/grpc"), ("te", "trailers"), *more])
        return stream

    def send(self, stream, data, end=True):
        """All of the data, as the windows let it through."""
        while True:
            room = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size)
            if room == 0 and data:
                self.events()
                continue
            self.h2.send_data(stream, data[:room], end_stream=end and len(data) <= room)
            self.flush()
            data = data[room:]
            if not data:
                return

    def events(self):
        """What happened next; nothing where the server hung up."""
        try:
            data = self.socket.recv(1 << 16)
        except (ConnectionError, TimeoutError):
            data = b""
        events = self.h2.receive_data(data) if data else None
        if data:
            self.flush()
        return events

    def answer(self, stream):
        """Headers, messages as (flag, bytes) and the trailers of a stream."""
        headers, trailers, body, end = {}, {}, b"", None
        while end is None:
            events = self.events()
            if events is None:
                end = "closed"
                break
            for event in events:
                if getattr(event, "stream_id", None) not in (stream, None):
                    continue
                if isinstance(event, h2.events.ResponseReceived):
                    headers = dict(event.headers)
                elif isinstance(event, h2.events.TrailersReceived):
                    trailers = dict(event.headers)
                elif isinstance(event, h2.events.DataReceived):
                    body += event.data
                    if event.flow_controlled_length:
                        self.h2.acknowledge_received_data(event.flow_controlled_length, stream)
                        self.flush()
                elif isinstance(event, h2.events.StreamEnded):
                    end = "ended"
                elif isinstance(event, h2.events.StreamReset):
                    end = end or f"reset {int(event.error_code)}"
                elif isinstance(event, h2.events.ConnectionTerminated):
                    end = f"goaway {int(event.error_code)}"
        messages = []
        while body:
            flag, length = struct.unpack(">BI", body[:5])
            messages.append((flag, body[5:5 + length]))
            body = body[5 + length:]
        return headers, messages, {**headers, **trailers}, end


def message(data, flag=0):
    return struct.pack(">BI", flag, len(data)) + data


# Commands


def request(options):
    from thanos import rpc_pb2, types_pb2
    return rpc_pb2.SeriesRequest(
        min_time=storeapi_client.MINIMUM_TIME, max_time=storeapi_client.MAXIMUM_TIME,
        matchers=[types_pb2.LabelMatcher(type="RE", name="__name__", value=options.value)],
        aggregates=[0]).SerializeToString()


def series(options):
    """A Series call, the request compressed as --encoding says."""
    connection = Connection(options.address)
    data, headers = request(options), []
    if options.accept:
        headers.append(("grpc-accept-encoding", options.accept))
    if options.encoding:
        headers.append(("grpc-encoding", options.encoding))
    if options.encoding == "snappy":
        data = message(frames(data), 1)
    elif options.encoding == "gzip":
        data = message(gzip.compress(data), 1)
    else:
        data = message(data)
    stream = connection.open("/thanos.Store/Series", *headers)
    if options.pieces:
        for index in range(len(data)):
            connection.send(stream, data[index:index + 1], end=index + 1 == len(data))
    else:
        connection.send(stream, data)
    headers, messages, trailers, end = connection.answer(stream)
    encoding = headers.get("grpc-encoding", "")
    open_message = {"snappy": stream_content, "gzip": gzip.decompress}.get(encoding)
    contents = [open_message(data) if flag else data for flag, data in messages]
    return {
        "encoding": encoding, "flags": sorted({flag for flag, _ in messages}),
        "messages": len(messages), "bytes": sum(len(data) for _, data in messages),
        "digest": hashlib.sha256(b"".join(contents)).hexdigest(),
        "status": trailers.get("grpc-status"), "end": end,
    }


def bomb(options):
    """A request of a few hundred kilobytes that wants to be many megabytes."""
    connection = Connection(options.address)
    data = {
        "snappy": lambda: zeros(1024),
        "gzip": lambda: gzip.compress(bytes(64 << 20)),
        "damaged": lambda: frames(b"abc")[:-1] + b"x",
        "empty": lambda: b"",
        "claim": lambda: None,
    }[options.kind]()
    encoding = "gzip" if options.kind == "gzip" else "snappy"
    stream = connection.open("/thanos.Store/Series", ("grpc-encoding", encoding))
    if data is None:
        connection.send(stream, struct.pack(">BI", 1, 0xFFFFFFFF), end=False)
    else:
        try:
            connection.send(stream, message(data, 1))
        except h2.exceptions.StreamClosedError:
            pass
    _, _, trailers, end = connection.answer(stream)
    return {"status": trailers.get("grpc-status"), "text": trailers.get("grpc-message"), "end": end}


def reset(options):
    """Opens streams and resets each at once."""
    connection = Connection(options.address)
    data = message(request(options))
    opened = 0
    try:
        for opened in range(options.count):
            stream = connection.open("/thanos.Store/Series")
            connection.h2.send_data(stream, data, end_stream=True)
            connection.h2.reset_stream(stream, 8)
            connection.flush()
        while connection.events() is not None:
            pass
    except (ConnectionError, h2.exceptions.ProtocolError):
        pass
    return {"opened": opened + 1}


def streams(options):
    """Opens streams and leaves them without a request."""
    connection = Connection(options.address)
    while not connection.h2.remote_settings.max_concurrent_streams < 1 << 31:
        connection.events()
    limit = connection.h2.remote_settings.max_concurrent_streams
    for _ in range(limit):
        connection.open("/thanos.Store/Series")
    connection.flush()
    # One more, behind the back of the library, which knows the limit.
    connection.h2.remote_settings[h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS] = limit + 1
    connection.h2.remote_settings.acknowledge()
    stream = connection.open("/thanos.Store/Series")
    connection.flush()
    _, _, _, end = connection.answer(stream)
    return {"limit": limit, "end": end}


def headers(options):
    """Sends many bytes of headers."""
    connection = Connection(options.address)
    connection.h2.remote_settings[h2.settings.SettingCodes.MAX_HEADER_LIST_SIZE] = 1 << 30
    stream = connection.open(
        "/thanos.Store/Series",
        *[(f"x-{number}", "y" * 1000) for number in range(options.count)])
    connection.flush()
    _, _, trailers, end = connection.answer(stream)
    return {"status": trailers.get("grpc-status"), "end": end}


def stall(options):
    """Asks for everything and takes nothing; prints how it ended."""
    connection = Connection(options.address)
    stream = connection.open("/thanos.Store/Series")
    connection.h2.send_data(stream, message(request(options)), end_stream=True)
    connection.flush()
    while True:
        events = connection.events()
        if events is None:
            return {"end": "closed"}
        for event in events:
            if isinstance(event, h2.events.StreamReset):
                return {"end": f"reset {int(event.error_code)}"}
            if isinstance(event, h2.events.StreamEnded):
                return {"end": "ended"}


def trickle(options):
    """Sends a request a byte at a time, and never all of it."""
    connection = Connection(options.address)
    stream = connection.open("/thanos.Store/Series")
    connection.h2.send_data(stream, struct.pack(">BI", 0, 1 << 20))
    connection.flush()
    connection.socket.settimeout(0.05)
    for _ in range(2000):
        try:
            connection.h2.send_data(stream, b"x")
            connection.flush()
            data = connection.socket.recv(1 << 16)
        except TimeoutError:
            continue
        except (ConnectionError, h2.exceptions.ProtocolError):
            return {"end": "closed"}
        if not data:
            return {"end": "closed"}
        for event in connection.h2.receive_data(data):
            if isinstance(event, h2.events.StreamReset):
                return {"end": f"reset {int(event.error_code)}"}
        time.sleep(0.01)
    return {"end": "never"}


def flood(options):
    """Sends frames that cost a client nothing, until the server hangs up."""
    connection = Connection(options.address)

    def frame(kind, stream, content=b"", flags=0):
        return len(content).to_bytes(3, "big") + bytes([kind, flags]) + struct.pack(
            ">I", stream) + content

    head = connection.h2.encoder.encode([
        (":method", "POST"), (":scheme", "http"), (":authority", "localhost"),
        (":path", "/thanos.Store/Series"), ("content-type", "application/grpc"),
        ("te", "trailers")])
    begin, again = {
        "ping": (b"", frame(6, 0, b"12345678")),
        "settings": (b"", frame(4, 0)),
        "priority": (b"", frame(2, 0x7FFFFFFF, struct.pack(">IB", 1, 1))),
        "continuation": (frame(1, 1, head), frame(9, 1)),
        "data": (frame(1, 1, head, flags=4), frame(0, 1)),
    }[options.kind]
    connection.socket.sendall(begin)
    sent = 0
    try:
        for sent in range(options.count):
            connection.socket.sendall(again)
        while connection.socket.recv(1 << 16):
            pass
    except ConnectionError:
        pass
    return {"sent": sent + 1, "end": "closed"}


COMMANDS = {
    command.__name__: command
    for command in (series, bomb, reset, streams, headers, stall, trickle, flood)}


def main():
    parser = argparse.ArgumentParser(description="Speaks HTTP/2 by hand to a StoreAPI server.")
    parser.add_argument("--address", default="127.0.0.1:10905")
    parser.add_argument("command", choices=sorted(COMMANDS))
    parser.add_argument("--encoding", default="", help="of the request, for series")
    parser.add_argument("--accept", default="", help="encodings of the answer, for series")
    parser.add_argument("--pieces", action="store_true", help="a byte per frame, for series")
    parser.add_argument("--value", default=".+", help="which names, for series")
    parser.add_argument("--kind", default="snappy", help="for bomb and flood")
    parser.add_argument(
        "--count", type=int, default=1000, help="for reset, headers and flood")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        storeapi_client.generate(directory)
        try:
            answer = COMMANDS[options.command](options)
        except ConnectionError:
            answer = {"end": "closed"}
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
