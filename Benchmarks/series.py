#!/usr/bin/python3
"""Times StoreAPI calls of a foreign client against a running store-gateway.

series.py ADDRESS [PID]

Answers are counted in bytes and not decoded: Python would be the bottleneck. With PID the private
memory of the server is printed too. Use Benchmarks/series.sh, which makes the blocks and starts it.
"""

import os
import statistics
import sys
import tempfile
import time

sys.path.insert(
    0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Scripts"))
import storeapi_client  # noqa: E402

CASES = [
    ("one metric, 200 series", ["__name__=metric_10007_total"], {}, 30),
    ("one metric, pod!=\"\"", ["__name__=metric_10007_total", "pod!="], {}, 30),
    ("one metric, instance=~", ["__name__=metric_10007_total", "instance=~10.0.100.1.*"], {}, 30),
    ("job, 5,000 series", ["job=job-3"], {}, 10),
    ("all 100,000 series, no chunks", ["__name__=~.+"], {"skip_chunks": True}, 5),
    ("all 100,000 series, 1.6 M chunks", ["__name__=~.+"], {}, 3),
]


def private_memory(pid):
    """MiB of memory that is not a mapped file: pages of blocks belong to the page cache."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        fields = dict(line.split(":", 1) for line in file if ":" in line)
    return int(fields["Anonymous"].split()[0]) // 1024


def main():
    address, pid = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory() as directory:
        storeapi_client.generate(directory)
        client = storeapi_client.Client(address)
        call = client.channel.unary_stream(
            "/thanos.Store/Series",
            request_serializer=client.rpc.SeriesRequest.SerializeToString,
            response_deserializer=None)
        print(f"{'call':36} {'median ms':>10} {'best ms':>10} {'MB':>8} {'private MiB':>12}")
        for name, matchers, options, rounds in CASES:
            request = client.rpc.SeriesRequest(
                min_time=0, max_time=1 << 60, matchers=client.matchers(matchers), aggregates=[0],
                response_batch_size=64, **options)
            times, size, memory = [], 0, 0
            for _ in range(rounds):
                begin = time.perf_counter()
                size = sum(len(message) for message in call(request))
                times.append((time.perf_counter() - begin) * 1000)
                if pid:
                    memory = max(memory, private_memory(pid))
            print(
                f"{name:36} {statistics.median(times):10.2f} {min(times):10.2f} "
                f"{size / 1e6:8.1f} {memory:12}")


if __name__ == "__main__":
    main()
