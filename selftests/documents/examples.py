# SPDX-License-Identifier: GPL-2.0
"""The examples of manual pages and of the README, as they stand there."""
import re
import subprocess

# What a shell is told begins with one of these, in a manual page.
PROMPTS = {"# ": "root", "$ ": "alice"}


class Example:
    """A literal block: where it is, and its lines."""

    def __init__(self, document, line, lines):
        self.document = document
        self.line = line
        self.lines = lines

    @property
    def text(self):
        return "\n".join(self.lines) + "\n"

    @property
    def first(self):
        return self.lines[0].strip()

    def __str__(self):
        return f"{self.document}: {self.first}"


def unescape(line):
    """A line of mdoc as it is printed."""
    return line.replace("\\&", "").replace("\\e", "\\").replace("\\-", "-")


def of_page(name, text):
    """The literal blocks of a manual page, and the lines that .Dl has."""
    found, block = [], None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(".Bd -literal"):
            block = Example(name, number, [])
        elif line.startswith(".Ed") and block:
            found.append(block)
            block = None
        elif block:
            block.lines.append(unescape(line))
        elif line.startswith(".Dl "):
            words = re.sub(r" (Ns|No) ?", "", line[4:])
            found.append(Example(name, number, [unescape(words)]))
    return found


def of_readme(name, text):
    """The indented blocks of the README, without what indents them, and its C."""
    found, block, fenced = [], None, False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            fenced = not fenced
            block = Example(name, number, []) if fenced else None
            if block:
                found.append(block)
        elif fenced:
            block.lines.append(line)
        elif line.startswith("    "):
            if not block:
                block = Example(name, number, [])
                found.append(block)
            block.lines.append(line[4:])
        elif block and line:
            block = None
        elif block:
            block.lines.append("")
    for block in found:
        while not block.lines[-1]:
            block.lines.pop()
    return found


def of(path):
    """All examples of a document."""
    name = path.rsplit("/", 1)[-1]
    with open(path, encoding="utf-8") as file:
        text = file.read()
    return (of_readme if name.endswith(".md") else of_page)(name, text)


def is_complete(command):
    """Does a shell want no other line for this one?"""
    done = subprocess.run(["bash", "-n"], input=command, text=True, check=False,
                          stderr=subprocess.PIPE)
    return not done.stderr and not command.endswith("\\\n")


class Step:
    """One command: who gives it, and what it is to say."""

    def __init__(self, user, command):
        self.user = user
        self.command = command
        self.output = []


def steps(example, user=None):
    """The commands of an example; of one without prompts, as that user."""
    found = []
    for line in example.lines:
        prompt = None if user else PROMPTS.get(line[:2])
        if found and not is_complete(found[-1].command):
            found[-1].command += line + "\n"
        elif user:
            found.append(Step("root" if "# as root" in line else user, line + "\n"))
        elif prompt:
            found.append(Step(prompt, line[2:] + "\n"))
        elif found:
            found[-1].output.append(line)
        else:
            raise ValueError(f"{example}: no prompt")
    return found
