"""Runs `compact` on copies of benchmark blocks and measures it.

  compact.py COMPACT BLOCKS WORK [TEXT…]

COMPACT is the program, BLOCKS holds what blockhouse-bench made, WORK is a directory to use. With
TEXTs, only what has one of them in its name is run.
"""

import json
import os
import shutil
import subprocess
import sys
import time

HOUR = 3_600_000


def link(source, bucket, change=None):
    """A block of the bucket with the files of another one, and another meta.json."""
    meta = json.load(open(f"{source}/meta.json"))
    if change:
        change(meta)
    target = f"{bucket}/{meta['ulid']}"
    os.makedirs(f"{target}/chunks")
    for name in sorted(os.listdir(f"{source}/chunks")):
        os.link(f"{source}/chunks/{name}", f"{target}/chunks/{name}")
    os.link(f"{source}/index", f"{target}/index")
    json.dump(meta, open(f"{target}/meta.json", "w"))
    return meta["stats"]["numSamples"]


def private_kib(pid):
    """Memory that is not a mapped file."""
    try:
        for line in open(f"/proc/{pid}/status"):
            if line.startswith("RssAnon"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


ROUNDS = 4


def run(name, program, work, fill, flags):
    """Best and median of some rounds, each on a bucket made anew by `fill`."""
    texts = sys.argv[4:]
    if texts and not any(text in name for text in texts):
        return
    rounds = []
    for _ in range(ROUNDS):
        samples = fill(fresh(work))
        rounds.append(once(name, program, work, flags))
    rounds.sort()
    (best, peak), (median, _) = rounds[0], rounds[len(rounds) // 2]
    print(f"{name:40} {best:6.2f} [{median:.2f}] s {samples / best / 1e6:7.1f} M samples/s "
          f"{peak / 1024:6.0f} MiB private", flush=True)


def once(name, program, work, flags):
    subprocess.run(["sync"], check=True)
    bucket = f"{{type: FILESYSTEM, config: {{directory: {work}/bucket}}}}"
    start = time.time()
    process = subprocess.Popen(
        [program, f"--objstore.config={bucket}", f"--data-dir={work}/data", "--log.level=warn",
         "--http-address=127.0.0.1:0", "--consistency-delay=0s"] + flags)
    peak = 0
    while process.poll() is None:
        peak = max(peak, private_kib(process.pid))
        time.sleep(0.02)
    seconds = time.time() - start
    if process.returncode != 0:
        sys.exit(f"{name}: exit status {process.returncode}")
    return seconds, peak


def fresh(work):
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(f"{work}/bucket")
    return f"{work}/bucket"


def behind(meta, length):
    """Moves a block behind the others, as the youngest one, which is left alone."""
    meta["ulid"] = meta["ulid"][:-1] + ("Z" if meta["ulid"][-1] != "Z" else "Y")
    meta["compaction"]["sources"] = [meta["ulid"]]
    meta["minTime"], meta["maxTime"] = meta["maxTime"], meta["maxTime"] + length


def longer(meta, resolution_range=40 * HOUR):
    """Claims the length from which on a block is downsampled."""
    meta["minTime"] = meta["maxTime"] - resolution_range
    meta["ulid"] = meta["ulid"][:-1] + "X"
    meta["compaction"]["sources"] = [meta["ulid"]]
    meta["thanos"] = {"labels": {"region": "bench"}, "downsample": {"resolution": 0},
                      "source": "sidecar"}


def spread(meta, window, part):
    """Claims a quarter of two days, so that the merge makes a block that is downsampled."""
    meta["minTime"] = window + part * 12 * HOUR
    meta["maxTime"] = window + (part + 1) * 12 * HOUR
    meta["thanos"] = {"labels": {"region": "bench"}, "downsample": {"resolution": 0},
                      "source": "sidecar"}


def main():
    program, blocks, work = sys.argv[1:4]
    names = sorted(n for n in os.listdir(blocks) if len(n) == 26)
    metas = {n: json.load(open(f"{blocks}/{n}/meta.json")) for n in names}
    first = min(m["minTime"] for m in metas.values())
    quarter = {}
    for name in names:
        window, rest = divmod(metas[name]["minTime"] - first, 2 * HOUR)
        if metas[name]["maxTime"] - metas[name]["minTime"] == 2 * HOUR and rest == 0:
            quarter.setdefault(window, name)
    replica = next(n for n in names
                   if metas[n]["maxTime"] - metas[n]["minTime"] == 2 * HOUR + 7000)

    def four(bucket):
        link(f"{blocks}/{quarter[3]}", bucket, lambda meta: behind(meta, 2 * HOUR))
        return sum(link(f"{blocks}/{quarter[w]}", bucket) for w in range(4))

    def two_days(bucket):
        window = first - first % (48 * HOUR)
        link(f"{blocks}/{quarter[3]}", bucket,
             lambda meta: (spread(meta, window, 3), behind(meta, 2 * HOUR)))
        return sum(
            link(f"{blocks}/{quarter[w]}", bucket, lambda meta, w=w: spread(meta, window, w))
            for w in range(4))

    def replicas(bucket):
        return link(f"{blocks}/{quarter[0]}", bucket) + link(f"{blocks}/{replica}", bucket)

    run("four blocks of 2 h into one of 8 h", program, work, four, ["--downsampling.disable"])
    run("four blocks into one, and to 5 minutes", program, work, two_days, [])
    for function in ["", "penalty", "lossless"]:
        run(f"two replicas, {function or 'chain'}", program, work, replicas,
            ["--downsampling.disable", "--deduplication.replica-label=replica",
             f"--deduplication.func={function}"])
    for name, title in [("eight-hours", "100,000"), ("million", "1,000,000")]:
        run(f"raw to 5 minutes, {title} series", program, work,
            lambda bucket, name=name: link(f"{blocks}/{name}", bucket, longer), [])
    shutil.rmtree(work, ignore_errors=True)


main()
