#!/usr/bin/env python3
"""Makes man pages of the programs, from what their flags say of themselves.

    man_pages.py OUTPUT-DIRECTORY PROGRAM...

Each program is run with --experimental-dump-help, which prints its commands and flags as JSON. A
program becomes PROGRAM.1, each of its subcommands PROGRAM-WORD-WORD.1.
"""
import datetime
import json
import os
import pathlib
import subprocess
import sys


def escaped(text):
    """Text that means itself to roff, also at the beginning of a line."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join(
        "\\&" + line if line[:1] in (".", "'") else line for line in text.split("\n"))


def names(argument):
    """The flags of an argument: -o, --output-directory."""
    dashes = {"short": "-", "long": "--", "longWithSingleDash": "-"}
    return [dashes[name["kind"]] + name["name"] for name in argument.get("names") or []]


def shown(arguments, kind=None):
    for argument in arguments:
        if argument.get("shouldDisplay", True) and kind in (None, argument["kind"]):
            yield argument


def term(argument):
    """What is typed for an argument, in bold, and its value in italics."""
    value = escaped(argument.get("valueName") or "value")
    if argument["kind"] == "positional":
        return f"\\fI{value}\\fR" + (" ..." if argument.get("isRepeating") else "")
    flags = ", ".join(f"\\fB{escaped(name)}\\fR" for name in names(argument))
    return flags if argument["kind"] == "flag" else f"{flags} \\fI{value}\\fR"


def description(argument):
    text = argument.get("abstract") or ""
    if argument.get("discussion"):
        text += " " + argument["discussion"]
    values = argument.get("allValues") or argument.get("allValueStrings") or []
    if values and argument["kind"] == "option":
        text += f" (values: {', '.join(value or repr('') for value in values)})"
    default = argument.get("defaultValue")
    if default and argument["kind"] == "option":
        text += f" (default: {default})"
    return text.strip()


def date():
    """That of SOURCE_DATE_EPOCH, so that a build can be repeated, or today's."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    if not seconds:
        return datetime.date.today().isoformat()
    return datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc).date().isoformat()


def section(title):
    return f".SH {title.upper()}\n"


def is_code(paragraph):
    """Lines that are command lines or tables keep their form."""
    lines = paragraph.split("\n")
    return any(line.startswith("  ") for line in lines) or "  " in paragraph or any(
        line.split(" ")[0] in ("blocktool", "compact", "store-gateway") for line in lines)


def prose(text):
    """Paragraphs; those with command lines or columns word for word."""
    parts = []
    for paragraph in text.strip("\n").replace("\nExit codes:", "\n\nExit codes:").split("\n\n"):
        if paragraph.strip():
            body = escaped(paragraph.strip("\n"))
            parts.append(f".nf\n{body}\n.fi\n" if is_code(paragraph) else f"{body}\n")
    return ".PP\n".join(parts)


def page(command, words, version):
    title = "-".join(words)
    arguments = command.get("arguments") or []
    subcommands = [
        one for one in command.get("subcommands") or []
        if one["commandName"] != "help" and one.get("shouldDisplay", True)]
    text = f'.TH "{escaped(title.upper())}" 1 "{date()}" "{escaped(version)}" "Blockhouse"\n'
    text += section("name")
    text += f"{escaped(title)} \\- {escaped((command.get('abstract') or title).rstrip('.'))}\n"
    text += section("synopsis")
    usage = f"\\fB{escaped(' '.join(words))}\\fR"
    if subcommands:
        usage += " \\fIcommand\\fR"
    if any(shown(arguments, "option")) or any(shown(arguments, "flag")):
        usage += " [\\fIoptions\\fR]"
    for argument in shown(arguments, "positional"):
        form = term(argument)
        usage += f" [{form}]" if argument.get("isOptional") else f" {form}"
    text += usage + "\n"
    if command.get("discussion"):
        text += section("description") + prose(command["discussion"])
    for title_, kind in (("arguments", "positional"), ("options", None)):
        wanted = [
            argument for argument in shown(arguments, kind)
            if kind or argument["kind"] != "positional"]
        if not wanted:
            continue
        text += section(title_)
        for argument in wanted:
            text += f".TP\n{term(argument)}\n{escaped(description(argument)) or chr(92) + '&'}\n"
    if subcommands:
        text += section("commands")
        for one in subcommands:
            name = escaped("-".join(words + [one["commandName"]]))
            text += f".TP\n\\fB{name}\\fR(1)\n{escaped(one.get('abstract') or '')}\n"
    if len(words) > 1:
        text += section("see also")
        text += f"\\fB{escaped('-'.join(words[:-1]))}\\fR(1)\n"
    return text


def write(command, words, directory, version):
    """Writes the page of a command and of all below it; returns how many."""
    path = directory / ("-".join(words) + ".1")
    path.write_text(page(command, words, version), encoding="utf-8")
    count = 1
    for one in command.get("subcommands") or []:
        if one["commandName"] != "help" and one.get("shouldDisplay", True):
            count += write(one, words + [one["commandName"]], directory, version)
    return count


def run(program, flag, *rest):
    return subprocess.run(
        [program, *rest, flag], check=True, capture_output=True, text=True).stdout


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    directory = pathlib.Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for program in sys.argv[2:]:
        command = json.loads(run(program, "--experimental-dump-help"))["command"]
        version = pathlib.Path(program).name
        count = write(command, [command["commandName"]], directory, version)
        print(f"man: {count} pages of {version} in {directory}")


if __name__ == "__main__":
    main()
