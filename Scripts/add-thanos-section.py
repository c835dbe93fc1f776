#!/usr/bin/python3
"""Gives blocks the external labels that a Thanos sidecar would have given them.

add-thanos-section.py DIRECTORY NAME=VALUE...

Adds the section "thanos" to the meta.json of every block below DIRECTORY that has none.
"""

import json
import os
import sys


def main():
    directory, pairs = sys.argv[1], sys.argv[2:]
    labels = dict(pair.split("=", 1) for pair in pairs)
    for block in sorted(os.listdir(directory)):
        path = os.path.join(directory, block, "meta.json")
        if not os.path.exists(path):
            continue
        with open(path, encoding="utf-8") as file:
            meta = json.load(file)
        if "thanos" in meta:
            continue
        meta["thanos"] = {
            "labels": labels,
            "downsample": {"resolution": 0},
            "source": "sidecar",
        }
        with open(path + ".tmp", "w", encoding="utf-8") as file:
            json.dump(meta, file, indent="\t")
        os.rename(path + ".tmp", path)


if __name__ == "__main__":
    main()
