#!/usr/bin/python3
"""Times StoreAPI calls of a foreign client against a running store-gateway.

series.py ADDRESS PID

Answers are counted in bytes and not decoded: Python would be the bottleneck. PID is the server's:
its CPU time per call and its private memory are printed too. Use Benchmarks/series.sh, which makes
the blocks and starts it.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time

sys.path.insert(
    0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Scripts"))
import storeapi_client  # noqa: E402

METRIC = "__name__=metric_10007_total"
CASES = [
    ("one metric", [METRIC], {}, 30),
    ("one metric, pod!=\"\"", [METRIC, "pod!="], {}, 30),
    ("one metric, instance=~", [METRIC, "instance=~10.0.100.1.*"], {}, 30),
    ("one job of twenty", ["job=job-3"], {}, 8),
    ("all series, no chunks", ["__name__=~.+"], {"skip_chunks": True}, 5),
    ("all series and chunks", ["__name__=~.+"], {}, 4),
]


def private_memory(pid):
    """MiB of memory that is not a mapped file: pages of blocks belong to the page cache."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        fields = dict(line.split(":", 1) for line in file if ":" in line)
    return int(fields["Anonymous"].split()[0]) // 1024


def cpu_milliseconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def measure(name, pid, rounds, ask):
    times, size, memory = [], ask(), 0
    used = cpu_milliseconds(pid)
    for _ in range(rounds):
        begin = time.perf_counter()
        size = ask()
        times.append((time.perf_counter() - begin) * 1000)
        memory = max(memory, private_memory(pid))
    used = (cpu_milliseconds(pid) - used) / rounds
    print(
        f"{name:26} {statistics.median(times):10.2f} {min(times):10.2f} {used:10.2f} "
        f"{size / 1e6:8.1f} {memory:12}")


def main():
    address, pid = sys.argv[1], int(sys.argv[2])
    with tempfile.TemporaryDirectory() as directory:
        storeapi_client.generate(directory)
        client = storeapi_client.Client(
            argparse.Namespace(address=address, ca=None, compression="NoCompression"))
        series = client.channel.unary_stream(
            "/thanos.Store/Series",
            request_serializer=client.rpc.SeriesRequest.SerializeToString,
            response_deserializer=None)
        values = client.channel.unary_unary(
            "/thanos.Store/LabelValues",
            request_serializer=client.rpc.LabelValuesRequest.SerializeToString,
            response_deserializer=None)
        print(
            f"{'call':26} {'median ms':>10} {'best ms':>10} {'CPU ms':>10} {'MB':>8} "
            f"{'private MiB':>12}")
        for name, matchers, options, rounds in CASES:
            request = client.rpc.SeriesRequest(
                min_time=0, max_time=1 << 60, matchers=client.matchers(matchers), aggregates=[0],
                response_batch_size=64, **options)
            measure(
                name, pid, rounds, lambda: sum(len(message) for message in series(request)))
        request = client.rpc.LabelValuesRequest(label="pod", start=0, end=1 << 60)
        measure("values of pod", pid, 100, lambda: len(values(request)))


if __name__ == "__main__":
    main()
