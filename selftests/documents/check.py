# SPDX-License-Identifier: GPL-2.0
"""check.py TOP BUILD: each example of the documents compiles, or is what it is to be,
and is in the plan; a line of TAP for each document. What is to run does so in the
guest of the demo "documents"."""
import ast
import glob
import json
import os
import plistlib
import re
import subprocess
import sys

import examples
import plan

PAM = re.compile(r"(@include \S+|-?(auth|account|password|session)\s+\S+\s+\S+\.so( \S+)*|"
                 r"\.\.\.)")


def documents(top):
    """All pages, and what else there is to read."""
    found = [f"{top}/README.md", f"{top}/CONTRIBUTING.md"]
    for page in sorted(glob.glob(f"{top}/*/man/*.[0-9]")):
        found.append(page)
    return found


def entry(example):
    """What is planned for it."""
    found = [what for document, begin, what in plan.PLAN
             if plan.is_meant(example, document, begin)]
    if len(found) != 1:
        raise ValueError(f"{example}: {len(found)} entries in the plan")
    return found[0]


def parse(example, language):
    """It is text of that language."""
    if language == "json":
        json.loads(example.text)
    elif language == "plist":
        plistlib.loads(example.text.encode())
    elif language == "python":
        ast.parse(example.text)
    elif language == "pam":
        for line in example.lines:
            if not PAM.fullmatch(line.strip()):
                raise ValueError(f"{example}: {line}")
    elif not examples.is_complete(example.text):
        raise ValueError(f"{example}: no shell takes it")


def check(example, parts):
    """Whatever can be said without a guest; C is collected."""
    what = entry(example)
    if isinstance(what, plan.Compiled):
        parts.append((what, example.text))
    elif isinstance(what, (plan.Parsed, plan.File)):
        parse(example, what.language)
    elif isinstance(what, plan.Run) and what.language == "shell":
        for step in examples.steps(example, what.user):
            if not examples.is_complete(step.command):
                raise ValueError(f"{example}: no shell takes {step.command}")


def compiles(top, build, name, parts):
    """Each by itself, but what is of one frame and shares it."""
    texts = [what.frame.replace("%s", text) for what, text in parts if not what.shared]
    shared = [text for what, text in parts if what.shared]
    if shared:
        texts.append(parts[0][0].frame.replace("%s", "\n".join(shared)))
    for number, text in enumerate(texts):
        path = f"{build}/examples/{name}.{number}.c"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        subprocess.run(["gcc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-Os", "-c",
                        f"-I{top}/uapi", f"-I{top}/userlib/include", path,
                        "-o", path.replace(".c", ".o")], check=True)


def check_document(top, build, path):
    """Whether all is well; complaints are printed."""
    parts = []
    try:
        for example in examples.of(path):
            check(example, parts)
        compiles(top, build, os.path.basename(path), parts)
    except (ValueError, SyntaxError, subprocess.CalledProcessError) as error:
        print(f"# {error}")
        return False
    return True


def leads_somewhere(paths):
    """Nothing is planned for what is not there."""
    there = [example for path in paths for example in examples.of(path)]
    left = [f"{document}: {begin}" for document, begin, _ in plan.PLAN
            if not any(plan.is_meant(example, document, begin) for example in there)]
    for text in left:
        print(f"# no such example: {text}")
    return not left


def main(top, build):
    """All documents."""
    paths = documents(top)
    results = [(f"examples of {os.path.basename(path)}", check_document(top, build, path))
               for path in paths]
    results.append(("what is planned for is there", leads_somewhere(paths)))
    failed = 0
    for number, (text, well) in enumerate(results, 1):
        print(f"{'' if well else 'not '}ok {number} {text}")
        failed += not well
    print(f"1..{len(results)}")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
