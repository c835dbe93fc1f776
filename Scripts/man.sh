#!/bin/sh
# Makes man pages and shell completions of all programs out of their flags.
set -eu
cd "$(dirname "$0")/.."

Scripts/install-packages.sh python3
for program in store-gateway compact blocktool; do
  swift build --product "$program"
done
programs=$(swift build --show-bin-path)
rm -rf .build/man .build/completions
python3 Scripts/man_pages.py .build/man \
  "$programs/store-gateway" "$programs/compact" "$programs/blocktool"
mkdir -p .build/completions
for program in store-gateway compact blocktool; do
  "$programs/$program" --generate-completion-script bash > ".build/completions/$program"
  "$programs/$program" --generate-completion-script zsh > ".build/completions/_$program"
  "$programs/$program" --generate-completion-script fish > ".build/completions/$program.fish"
done
echo 'man: completions in .build/completions; read a page with: man -l .build/man/blocktool.1'
