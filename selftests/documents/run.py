# SPDX-License-Identifier: GPL-2.0
"""run.py DOCUMENTS WHERE: runs the shell's examples in the order of the plan, as root
and as alice, who is logged in; in a guest, and in a directory for them. Says for each
whether it does what it is to, and what it said if not."""
import contextlib
import os
import re
import subprocess
import sys
import time

import examples
import plan

TIMEOUT = 120

# Whose program runs once it has a deferral.
DEFERS = re.compile(r"bootstrapctl defer .* -- (\w+)")

# Who offers a name goes on while others look for it.
OFFERS = re.compile(r"bootstrapctl (?:register|serve|activate)\b.*?((?:com|org)\.example\.\w+)")


class Broken(Exception):
    """An example is not what it says."""


class Shell:
    """One that stays, and does one command after the other."""

    def __init__(self, where, name, argv=()):
        self.files = f"{where}/{name}.shell"
        os.makedirs(self.files, mode=0o777, exist_ok=True)
        os.chmod(self.files, 0o777)
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen([*argv, "bash"], stdin=subprocess.PIPE,
                                        text=True)
        self.process.stdin.write(f"cd {where}\n")

    def path(self, name):
        """A file of its own."""
        return f"{self.files}/{name}"

    def run(self, command, stdin=""):
        """What it has ended with, and what it said."""
        for name, text in (("command", command), ("in", stdin)):
            with open(self.path(name), "w", encoding="utf-8") as file:
                file.write(text)
        script = ("{ . %s; } <%s >%s 2>&1; echo $? >%s.new; mv %s.new %s\n" % tuple(
            self.path(name) for name in ("command", "in", "out", "status", "status",
                                         "status")))
        if os.path.exists(self.path("status")):
            os.unlink(self.path("status"))
        self.process.stdin.write(script)
        self.process.stdin.flush()
        self.wait()
        return self.status(), self.output()

    def wait(self):
        """Until it has done it, or is gone."""
        until = time.monotonic() + TIMEOUT
        while not os.path.exists(self.path("status")) and self.lives():
            if time.monotonic() > until:
                raise Broken(f"no end: {self.output()}")
            time.sleep(0.01)

    def lives(self):
        """Is it still there?"""
        return self.process.poll() is None

    def status(self):
        """As of a shell that has ended if it has."""
        if not os.path.exists(self.path("status")):
            return self.process.returncode
        with open(self.path("status"), encoding="utf-8") as file:
            return int(file.read())

    def output(self):
        """What the last command has said."""
        with open(self.path("out"), encoding="utf-8") as file:
            return file.read()

    def end(self):
        """It, and what it has started."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait()


def login(where, name):
    """A shell in a session of alice's."""
    return Shell(where, name, ("bootstrapctl", "login", "alice", "--"))


def alike(text):
    """Numbers and columns are not the same each time."""
    lines = [re.sub(r"\s+", " ", re.sub(r"\d+", "N", line)).strip()
             for line in text.splitlines()]
    return [line for line in lines if line]


def replaced(text, by):
    """Each of those in the place of another."""
    for old, new in by.items():
        text = text.replace(old, new)
    return text


def compare(shell, step, like):
    """Does it say what the document does? "..." stands for whatever follows. What has
    ended the shell may say something after that."""
    expected = alike(replaced("\n".join(step.output), like))
    until = time.monotonic() + (0 if shell.lives() else TIMEOUT)
    shown = expected.index("...") if "..." in expected else None
    while True:
        said = alike(shell.output())
        if said[:shown] == expected[:shown]:
            return
        if time.monotonic() > until:
            raise Broken(f"{step.command}says {said},\nnot {expected}")
        time.sleep(0.1)


class Guest:
    """Where all that happens."""

    def __init__(self, where):
        self.where = where
        self.shells = {"root": Shell(where, "root"), "alice": login(where, "alice")}

    def do(self, shell, command, stdin=""):
        """A command that is to succeed."""
        status, said = shell.run(command, stdin)
        # One that has been logged out has not failed.
        if status and shell.lives():
            raise Broken(f"{command}ended with {status}: {said}")

    def step(self, shell, step, what, number):
        """One command of an example."""
        command = replaced(step.command, what.replace)
        if number in what.background:
            command = command.rstrip() + " &\n"
        self.do(shell, command, what.stdin)
        if re.search(r"&( *#.*)?$", command.rstrip()):
            for name in OFFERS.findall(command):
                self.do(shell, f"bootstrapctl wait {name} --timeout {TIMEOUT}\n")
            for name in DEFERS.findall(command):
                self.do(shell, f"until pgrep -x {name}; do sleep 0.1; done\n")
        elif step.output and not what.writes:
            compare(shell, step, what.like)

    def steps(self, example, what):
        """Its commands, by whoever gives them."""
        fresh = login(self.where, "fresh") if what.fresh else None
        for number, step in enumerate(examples.steps(example, what.user)):
            if what.writes and number == 0:
                with open(f"{self.where}/{what.writes}", "w", encoding="utf-8") as file:
                    file.write("\n".join(step.output) + "\n")
            if number not in what.skip:
                self.step(fresh or self.shells[step.user], step, what, number)
        if fresh:
            fresh.end()

    def put(self, example, path):
        """It is that file; what is left out is what a reader has anyway."""
        path = os.path.join(self.where, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in example.lines if line != "...")

    def run(self, example, what):
        """One example, and what comes before and after."""
        if isinstance(what, plan.File):
            self.put(example, what.path)
            return
        root = self.shells["root"]
        if what.before:
            self.do(root, what.before + "\n")
        if what.alice:
            self.do(self.shells["alice"], what.alice + "\n")
        if what.language == "python":
            self.do(root, f"python3 -c '{example.text}'\n")
        else:
            self.steps(example, what)
        if what.after:
            self.do(root, what.after + "\n")

    def tidy(self):
        """Ends what is in the background, and goes back."""
        for shell in self.shells.values():
            if shell.lives():
                shell.run(f"pkill -P $$; wait; cd {self.where}\n")
        if not self.shells["alice"].lives():
            self.shells["alice"] = login(self.where, "alice")


def main(documents, where):
    """All that are to run."""
    found = [example for name in sorted(os.listdir(documents))
             for example in examples.of(f"{documents}/{name}")]
    guest = Guest(where)
    broken = 0
    for document, begin, what in plan.PLAN:
        if not isinstance(what, (plan.Run, plan.File)):
            continue
        for example in found:
            if not plan.is_meant(example, document, begin):
                continue
            try:
                guest.run(example, what)
                print(f"       {example}", flush=True)
            except (Broken, OSError) as error:
                broken += 1
                print(f"  NOT  {example}\n{error}", flush=True)
            if not getattr(what, "keep", False):
                guest.tidy()
    for shell in guest.shells.values():
        shell.end()
    return broken > 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
