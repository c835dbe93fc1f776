#!/usr/bin/python3
"""Asks a StoreAPI server, in the way any gRPC client would.

storeapi_client.py [--address HOST:PORT] COMMAND [OPTIONS]

The messages are generated from the protos of this repository at each start. Needs the Debian
packages python3-grpcio, python3-protobuf, protobuf-compiler and libprotobuf-dev.
"""

import argparse
import concurrent.futures
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import threading
import time

import grpc

PROTOS = os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "Sources", "StoreAPI", "Protos")
MINIMUM_TIME = -(1 << 63)
MAXIMUM_TIME = (1 << 63) - 1


def generate(directory):
    """Python modules for the protos; those of package grpc without their folder, which Python
    would take for the grpc library."""
    for folder, pattern in (("", "thanos"), ("grpc", "")):
        root = os.path.join(PROTOS, folder)
        names = sorted(os.listdir(os.path.join(root, pattern)))
        files = [os.path.join(pattern, name) for name in names if name.endswith(".proto")]
        subprocess.run(
            ["protoc", "--proto_path", root, "--python_out", directory] + files, check=True)
    sys.path.insert(0, directory)


class Client:
    def __init__(self, options, channel_options=()):
        from thanos import info_pb2, rpc_pb2, types_pb2
        import health_pb2
        import reflection_v1_pb2

        self.rpc, self.types, self.info_messages = rpc_pb2, types_pb2, info_pb2
        self.health_messages, self.reflection_messages = health_pb2, reflection_v1_pb2
        channel_options = [("grpc.max_receive_message_length", -1), *channel_options]
        compression = getattr(grpc.Compression, options.compression)
        if options.ca is None:
            self.channel = grpc.insecure_channel(
                options.address, options=channel_options, compression=compression)
        else:
            credentials = grpc.ssl_channel_credentials(
                *(path and open(path, "rb").read()
                  for path in (options.ca, options.key, options.cert)))
            self.channel = grpc.secure_channel(
                options.address, credentials, options=channel_options, compression=compression)

    def unary(self, method, request, answer):
        call = self.channel.unary_unary(
            method, type(request).SerializeToString, answer.FromString)
        return call(request, timeout=60)

    def stream(self, method, request, answer, **options):
        call = self.channel.unary_stream(
            method, type(request).SerializeToString, answer.FromString)
        return call(request, **options)

    def matchers(self, texts):
        kinds = {"=": "EQ", "!=": "NEQ", "=~": "RE", "!~": "NRE"}
        matchers = []
        for text in texts:
            parts = re.fullmatch(r"([^=!~]+)(=~|!~|!=|=)(.*)", text, re.DOTALL)
            if parts is None:
                sys.exit(f"storeapi_client: {text!r} is no matcher; write NAME=VALUE, !=, =~, !~")
            matchers.append(
                self.types.LabelMatcher(
                    type=kinds[parts[2]], name=parts[1], value=parts[3]))
        return matchers

    def series(self, options, **call):
        request = self.rpc.SeriesRequest(
            min_time=options.min_time, max_time=options.max_time,
            matchers=self.matchers(options.match), skip_chunks=options.skip_chunks,
            aggregates=[0])
        return self.stream("/thanos.Store/Series", request, self.rpc.SeriesResponse, **call)


# Chunks


class Bits:
    def __init__(self, data):
        self.number, self.left = int.from_bytes(data, "big"), len(data) * 8

    def read(self, count):
        self.left -= count
        if self.left < 0:
            raise ValueError("the chunk ends too early")
        return self.number >> self.left & (1 << count) - 1

    def uvarint(self):
        value = shift = 0
        while True:
            byte = self.read(8)
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def varint(self):
        value = self.uvarint()
        return value >> 1 ^ -(value & 1)

    def difference(self):
        """A difference of differences of timestamps."""
        for width in (0, 14, 17, 20):
            if self.read(1) == 0:
                value = self.read(width)
                return value - (1 << width) if width and value > 1 << width - 1 else value
        value = self.read(64)
        return value - (1 << 64) if value >= 1 << 63 else value


def samples(data):
    """Decodes an XOR chunk into pairs of milliseconds and value."""
    count = int.from_bytes(data[:2], "big")
    bits, pairs = Bits(data[2:]), []
    timestamp = delta = value = leading = width = 0
    for index in range(count):
        if index == 0:
            timestamp, value = bits.varint(), bits.read(64)
        else:
            delta = bits.uvarint() if index == 1 else delta + bits.difference()
            timestamp += delta
            if bits.read(1):
                if bits.read(1):
                    leading, width = bits.read(5), bits.read(6) or 64
                value ^= bits.read(width) << 64 - leading - width
        pairs.append([timestamp, struct.unpack(">d", value.to_bytes(8, "big"))[0]])
    return pairs


def flatten(responses):
    """Series of single and batched responses, with the warnings."""
    series, warnings = [], []
    for response in responses:
        kind = response.WhichOneof("result")
        if kind == "series":
            series.append(response.series)
        elif kind == "batch":
            series.extend(response.batch.series)
        elif kind == "warning":
            warnings.append(response.warning)
    return series, warnings


def describe(series):
    return {
        "labels": {label.name: label.value for label in series.labels},
        "chunks": [[chunk.min_time, chunk.max_time] for chunk in series.chunks],
        # As text, because JSON has no infinity.
        "samples": [
            [time, repr(value)] for chunk in series.chunks for time, value in
            samples(chunk.raw.data)
        ],
    }


# Commands: each returns what is printed as JSON, or None


def info(client, options):
    answer = client.unary(
        "/thanos.info.Info/Info", client.info_messages.InfoRequest(),
        client.info_messages.InfoResponse)
    return {
        "component": answer.ComponentType,
        "labelSets": [
            {label.name: label.value for label in labels.labels} for labels in answer.label_sets
        ],
        "minTime": answer.store.min_time,
        "maxTime": answer.store.max_time,
    }


def legacy_info(client, options):
    answer = client.unary(
        "/thanos.Store/Info", client.rpc.InfoRequest(), client.rpc.InfoResponse)
    return {
        "type": client.rpc.StoreType.Name(answer.storeType),
        "labelSets": [
            {label.name: label.value for label in labels.labels} for labels in answer.label_sets
        ],
        "minTime": answer.min_time,
        "maxTime": answer.max_time,
    }


def health(client, options):
    answer = client.unary(
        "/grpc.health.v1.Health/Check",
        client.health_messages.HealthCheckRequest(service=options.service),
        client.health_messages.HealthCheckResponse)
    return client.health_messages.HealthCheckResponse.ServingStatus.Name(answer.status)


def reflection(client, options):
    messages = client.reflection_messages
    call = client.channel.stream_stream(
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        messages.ServerReflectionRequest.SerializeToString,
        messages.ServerReflectionResponse.FromString)
    requests = iter([
        messages.ServerReflectionRequest(list_services="*"),
        messages.ServerReflectionRequest(file_containing_symbol="thanos.Store"),
    ])
    services, files = call(requests, timeout=60)
    return {
        "services": [service.name for service in services.list_services_response.service],
        "files": len(files.file_descriptor_response.file_descriptor_proto),
    }


def label_names(client, options):
    answer = client.unary(
        "/thanos.Store/LabelNames",
        client.rpc.LabelNamesRequest(
            start=options.min_time, end=options.max_time,
            matchers=client.matchers(options.match)),
        client.rpc.LabelNamesResponse)
    return list(answer.names)


def label_values(client, options):
    answer = client.unary(
        "/thanos.Store/LabelValues",
        client.rpc.LabelValuesRequest(
            label=options.label, start=options.min_time, end=options.max_time,
            matchers=client.matchers(options.match)),
        client.rpc.LabelValuesResponse)
    return list(answer.values)


def series(client, options):
    found, warnings = flatten(client.series(options, timeout=300))
    described = [describe(one) for one in found]
    if options.output == "json":
        return {"series": described, "warnings": warnings}
    for one in described:
        labels = ", ".join(f'{name}="{value}"' for name, value in one["labels"].items())
        print(f"{{{labels}}}")
        values = one["samples"]
        if values:
            print(f"    {len(one['chunks'])} chunks, {len(values)} samples, "
                  f"last {values[-1][1]} at {values[-1][0]}")
    for warning in warnings:
        print(f"warning: {warning}")
    return None


def cancel(client, options):
    """Opens streams and drops each one after its first message."""
    for _ in range(options.streams):
        call = client.series(options, timeout=60)
        next(call)
        call.cancel()
    return {"cancelled": options.streams}


def parallel(client, options):
    """Runs the same request many times at once; prints how many different answers came."""
    def digest(_):
        found, warnings = flatten(client.series(options, timeout=300))
        return str([one.SerializeToString() for one in found]) + str(warnings)

    with concurrent.futures.ThreadPoolExecutor(options.streams) as pool:
        answers = list(pool.map(digest, range(options.streams)))
    return {"answers": len(answers), "different": len(set(answers))}


def load(client, options):
    """Runs the same Series call many times at once, each over a connection of its own and with a
    pause behind the first message; prints how the calls ended, the bytes of the longest answer and
    of the largest message."""
    def one(_):
        channel = grpc.insecure_channel(
            options.address,
            options=[("grpc.max_receive_message_length", -1),
                     ("grpc.use_local_subchannel_pool", 1)])
        request = client.rpc.SeriesRequest(
            min_time=options.min_time, max_time=options.max_time,
            matchers=client.matchers(options.match))
        call = channel.unary_stream(
            "/thanos.Store/Series", type(request).SerializeToString, len)(request, timeout=300)
        code, total, largest = "OK", 0, 0
        try:
            for size in call:
                if total == 0:
                    time.sleep(options.pause)
                total, largest = total + size, max(largest, size)
        except grpc.RpcError as error:
            code = error.code().name
        channel.close()
        return code, total, largest

    with concurrent.futures.ThreadPoolExecutor(options.streams) as pool:
        ends = list(pool.map(one, range(options.streams)))
    codes = [code for code, _, _ in ends]
    return {
        "codes": {code: codes.count(code) for code in codes},
        "bytes": max(total for _, total, _ in ends),
        "largest": max(largest for _, _, largest in ends),
    }


def ping(client, options):
    """Keeps a stream open for some seconds and pings; prints the states of the channel from the
    first READY on: one, unless the connection was lost."""
    states = []
    client.channel.subscribe(lambda state: states.append(state.name), try_to_connect=True)
    call = client.stream(
        "/grpc.health.v1.Health/Watch", client.health_messages.HealthCheckRequest(),
        client.health_messages.HealthCheckResponse)
    failures = []

    def watch():
        try:
            for _ in call:
                pass
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.CANCELLED:
                failures.append(f"{error.code()}: {error.details()}")

    watcher = threading.Thread(target=watch)
    watcher.start()
    time.sleep(options.seconds)
    call.cancel()
    watcher.join()
    # What comes before the first READY depends on when the callback looks: a quick connection is
    # never seen CONNECTING. What comes after it is a lost connection.
    ready = states.index("READY") if "READY" in states else len(states)
    return {"states": states[ready:], "failures": failures}


COMMANDS = {
    command.__name__.replace("_", "-"): command
    for command in (
        info, legacy_info, health, reflection, label_names, label_values, series, cancel,
        parallel, load, ping)
}


def arguments():
    parser = argparse.ArgumentParser(description="Asks a StoreAPI server.")
    parser.add_argument("--address", default="127.0.0.1:10905")
    parser.add_argument("--ca", help="authority of the server's certificate; turns TLS on")
    parser.add_argument("--cert", help="certificate of the client")
    parser.add_argument("--key", help="key of the client's certificate")
    parser.add_argument(
        "--compression", choices=("NoCompression", "Deflate", "Gzip"), default="NoCompression")
    parser.add_argument("command", choices=sorted(COMMANDS))
    parser.add_argument("label", nargs="?", help="for label-values")
    parser.add_argument("--match", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--min-time", type=int, default=MINIMUM_TIME, metavar="MS")
    parser.add_argument("--max-time", type=int, default=MAXIMUM_TIME, metavar="MS")
    parser.add_argument("--skip-chunks", action="store_true")
    parser.add_argument("--output", choices=("text", "json"), default="text")
    parser.add_argument("--service", default="", help="for health")
    parser.add_argument("--streams", type=int, default=64, help="for cancel, parallel and load")
    parser.add_argument("--pause", type=float, default=0, help="seconds, for load")
    parser.add_argument("--seconds", type=float, default=12, help="for ping")
    parser.add_argument("--interval", type=float, default=10, help="seconds, for ping")
    return parser.parse_args()


def main():
    options = arguments()
    milliseconds = int(options.interval * 1000)
    keepalive = [
        ("grpc.keepalive_time_ms", milliseconds),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.max_pings_without_data", 0),
        ("grpc.http2.min_time_between_pings_ms", milliseconds),
    ]
    with tempfile.TemporaryDirectory() as directory:
        generate(directory)
        client = Client(options, keepalive if options.command == "ping" else ())
        try:
            answer = COMMANDS[options.command](client, options)
        except grpc.RpcError as error:
            sys.exit(f"storeapi_client: {error.code().name}: {error.details()}")
    if answer is not None:
        print(json.dumps(answer, ensure_ascii=False))


if __name__ == "__main__":
    main()
