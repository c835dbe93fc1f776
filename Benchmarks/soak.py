"""Runs `compact --wait` beside a writer of blocks, and watches its memory and open files.

  soak.py COMPACT BLOCKTOOL DIRECTORY [--seconds=900] [--interval=1] [--series=200]

COMPACT and BLOCKTOOL are the programs, DIRECTORY is made anew. The writer adds a block of two hours
every `interval` seconds; the compactor merges, downsamples, marks and deletes. Prints a line for
every tenth of the time. Exit status 1 when memory or open files grew from the second quarter of the
time to the last by more than a quarter and 16 MiB, or by more than 8 files, when the compactor ended,
or when it made nothing.
"""

import json
import math
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time

HOUR = 3600
STEP = 60


def text(start, series):
    lines = ["# TYPE soak_requests counter"]
    for number in range(series):
        for moment in range(start, start + 2 * HOUR, STEP):
            lines.append(f'soak_requests_total{{pod="pod-{number}"}} {(moment - start) // 7 + number} {moment}')
    lines.append("# TYPE soak_load gauge")
    for number in range(series):
        for moment in range(start, start + 2 * HOUR, STEP):
            lines.append(f'soak_load{{pod="pod-{number}"}} {math.sin(moment / 900 + number):.4f} {moment}')
    lines.append("# EOF")
    return "\n".join(lines) + "\n"


class Writer:
    """Adds blocks, one behind the other."""

    def __init__(self, blocktool, directory, series):
        self.blocktool, self.directory, self.series = blocktool, directory, series
        # Where windows of 14 days begin, too.
        self.start = 1_700_000_000 // (336 * HOUR) * 336 * HOUR
        self.count = 0

    def add(self):
        samples, made = f"{self.directory}/samples.txt", f"{self.directory}/made"
        with open(samples, "w") as file:
            file.write(text(self.start + self.count * 2 * HOUR, self.series))
        os.makedirs(made)
        subprocess.run([self.blocktool, "create", samples, "-o", made], check=True,
                       stdout=subprocess.DEVNULL)
        for name in os.listdir(made):
            if len(name) != 26:
                continue
            with open(f"{made}/{name}/meta.json") as file:
                meta = json.load(file)
            meta["thanos"] = {"labels": {"cluster": "soak"}, "downsample": {"resolution": 0},
                              "source": "sidecar"}
            with open(f"{made}/{name}/meta.json", "w") as file:
                json.dump(meta, file)
            os.rename(f"{made}/{name}", f"{self.directory}/bucket/{name}")
        shutil.rmtree(made)
        self.count += 1


def reading(pid):
    """Memory that is no mapped file, in KiB, and open files."""
    memory = 0
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith("RssAnon"):
                memory = int(line.split()[1])
    return memory, len(os.listdir(f"/proc/{pid}/fd"))


def levels(bucket):
    """How many blocks there are of each resolution and level."""
    found = {}
    for name in os.listdir(bucket):
        try:
            with open(f"{bucket}/{name}/meta.json") as file:
                meta = json.load(file)
        except (OSError, ValueError):
            continue
        key = (meta["thanos"]["downsample"]["resolution"] // 1000, meta["compaction"]["level"])
        found[key] = found.get(key, 0) + 1
    return " ".join(f"{resolution}s/{level}:{count}"
                    for (resolution, level), count in sorted(found.items()))


def main():
    options = dict(word[2:].split("=") for word in sys.argv[1:] if word.startswith("--"))
    compact, blocktool, directory = [w for w in sys.argv[1:] if not w.startswith("--")]
    seconds, interval = float(options.get("seconds", 900)), float(options.get("interval", 1))
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(f"{directory}/bucket")
    writer = Writer(blocktool, directory, int(options.get("series", 200)))
    bucket = f"{{type: FILESYSTEM, config: {{directory: {directory}/bucket}}}}"
    process = subprocess.Popen(
        [compact, "--wait", "--wait-interval=1s", f"--objstore.config={bucket}",
         f"--data-dir={directory}/data", "--http-address=127.0.0.1:0", "--consistency-delay=0s",
         "--delete-delay=2s", "--compact.cleanup-interval=5s", "--compact.progress-interval=5s",
         "--log.level=warn"])
    readings, shown = [], 0
    begin = time.monotonic()
    try:
        while (now := time.monotonic() - begin) < seconds:
            writer.add()
            if process.poll() is not None:
                sys.exit(f"soak: the compactor ended with status {process.returncode}")
            readings.append((now,) + reading(process.pid))
            if now >= shown * seconds / 10:
                shown += 1
                print(f"{now:6.0f} s  {writer.count:5d} blocks written  "
                      f"{readings[-1][1] / 1024:7.1f} MiB private  {readings[-1][2]:4d} files  "
                      f"{levels(directory + '/bucket')}", flush=True)
            time.sleep(max(0.0, interval - (time.monotonic() - begin - now)))
    finally:
        process.send_signal(signal.SIGTERM)
        status = process.wait(timeout=60)
    made = levels(directory + "/bucket")
    shutil.rmtree(directory, ignore_errors=True)
    if status != 0:
        sys.exit(f"soak: SIGTERM ended the compactor with status {status}")
    judge(readings, seconds, made)


def judge(readings, seconds, made):
    def median(column, start, end):
        return statistics.median(r[column] for r in readings if start <= r[0] / seconds < end)

    (memory, later), (files, files_later) = [
        (median(column, 0.25, 0.5), median(column, 0.75, 1.01)) for column in (1, 2)]
    print(f"medians of the second and the last quarter: {memory / 1024:.1f} and {later / 1024:.1f} MiB, "
          f"{files:.0f} and {files_later:.0f} files; most {max(r[1] for r in readings) / 1024:.1f} MiB, "
          f"{max(r[2] for r in readings)} files; in the end {made}")
    if all(key.split("/")[1][0] == "1" for key in made.split()):
        sys.exit("soak: nothing was compacted")
    if later > memory * 1.25 + 16 * 1024:
        sys.exit("soak: memory grows")
    if files_later > files + 8:
        sys.exit("soak: open files grow")


main()
