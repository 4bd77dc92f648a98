# SPDX-License-Identifier: GPL-2.0
"""What is made of each example: it is compiled, parsed or run, or somewhere else is."""
import re
from dataclasses import dataclass, field


@dataclass
class Compiled:
    """C: in the place of %s, if there is a frame; all of a document in one file."""

    frame: str = "%s"
    shared: bool = False


@dataclass
class Parsed:
    """Not run as it stands: what it is to be at least."""

    language: str


@dataclass
class File:
    """Likewise; in the guest it is this file, for what comes next."""

    language: str
    path: str


@dataclass
class Elsewhere:
    """What has run it, or why nothing can."""

    where: str


@dataclass
class Run:
    """A shell's commands, in a guest; alice's are in one session of hers."""

    user: str = ""          # who does it, where there are no prompts
    language: str = "shell"
    before: str = ""        # root does this first
    alice: str = ""         # then alice this
    after: str = ""         # and this is to succeed afterwards, also as root
    skip: tuple = ()        # commands that are not to be run
    background: tuple = ()  # commands that take as long as what comes next
    stdin: str = ""
    keep: bool = False      # what it has started is for the next
    fresh: bool = False     # in a session that is made for it and may end with it
    replace: dict = field(default_factory=dict)
    like: dict = field(default_factory=dict)    # the same of what is said
    writes: str = ""        # what the first command shows is this file


FIGURE = Elsewhere("it is a picture")

HEADERS = "".join(f"#include <{name}.h>\n" for name in (
    "errno", "fcntl", "poll", "signal", "stdint", "stdio", "string", "sys/ioctl",
    "sys/socket", "time", "unistd", "linux/bootstrap"))

# Fragments, with what a program would have around them.
MACH = """#include <sys/socket.h>
#include <unistd.h>
#include <servers/bootstrap.h>
int work(int question);
int example(char *name, int question);
int example(char *name, int question)
{
	mach_port_t service = MACH_PORT_NULL;
	int client = -1, answer = 0;

	(void)name, (void)service, (void)client, (void)answer;
%s
	return answer + question;
}
"""

PLUGINS = "/usr/local/lib/bootstrap/plugins"

PLAN = [
    ("bootstrap.7", r"root ", FIGURE),
    ("bootstrap.4", r"root$", FIGURE),
    ("bootstrap.4", r"int$|/\*", Compiled(HEADERS + "%s", shared=True)),
    ("SessionGetInfo.3", r"SessionCreate", Compiled(
        "#include <unistd.h>\n#include <Security/AuthSession.h>\n"
        "int example(uid_t uid, gid_t gid);\n"
        "int example(uid_t uid, gid_t gid)\n{\n%s\treturn 0;\n}\n")),
    ("SessionGetInfo.3", r"#include", Compiled()),
    ("SessionGetInfo.3", r"cc ", Elsewhere("make install, in check.sh")),
    ("AuthorizationRightGet.3", r"cc ", Elsewhere("make install, in check.sh")),
    ("AuthorizationRightGet.3", r"#include", Compiled()),
    ("AuthorizationPlugin.3", r"AuthorizationPluginCreate", FIGURE),
    ("AuthorizationPlugin.3", r"#include|\$ cc ",
     Elsewhere("login_plugin_test runs it")),
    ("bootstrap.3", r"cc ", Elsewhere("make install, in check.sh")),
    ("bootstrap.3", r"mach_port_t self", Compiled(MACH)),
    ("bootstrap.3", r"bootstrap_(check_in|look_up)\(.*mach_msg",
     Elsewhere("it is what a program for messages had, before it was ported")),
    ("bootstrap.3", r"bootstrap_(check_in|look_up)\((?!.*mach_msg)", Compiled(MACH)),
    ("bootstrap.3", r"#include", Compiled()),
    ("bootstrap.9", r"struct bootstrap_session_info \{",
     Elsewhere("bootstrap_api.h has it")),
    ("bootstrap.9", r"obj-m|struct bootstrap_session_info session",
     Elsewhere("check.sh builds selftests/driver so, driver_test runs it")),
    ("bootstrap-login-mechanisms.7", r"static volatile", Compiled(
        "#include <unistd.h>\nvoid example(void);\nvoid example(void)\n{\n%s}\n")),
    ("README.md", r"#include", Elsewhere("mach_programs_test runs it")),
    ("README.md", r"/\* whenever", Elsewhere("driver_test runs the whole of it")),
    ("README.md", r"root ─", FIGURE),
    ("README.md", r"cc |c\+\+ ", Elsewhere("make install, in check.sh; bindings.sh")),
    ("README.md", r"make |apt-get|bash selftests",
     Elsewhere("make check, and the demo \"packages\"")),
    ("CONTRIBUTING.md", r"make ", Elsewhere("they run this")),
    ("README.md", r"mokutil|/usr/src/linux-headers",
     Elsewhere("it takes firmware with Secure Boot; packages.sh sees DKMS sign")),
    ("README.md", r"pam-auth-update", Elsewhere("the demos \"pam\" and \"packages\"")),

    ("bootstrap-login-host.8", r"\{\"right\"", Parsed("json")),
    ("bootstrap-login-host.8", r"session 7 of", FIGURE),
    ("bootstrap-login-host.8", r"#!/bin/sh", Parsed("shell")),
    ("authorization.5", r"<\?xml", Parsed("plist")),
    ("pam_bootstrap.8", r"auth |session ", Parsed("pam")),
    ("bootstrap-login-mechanisms.7", r"setpriv", Parsed("shell")),
    ("pam_bootstrap.8", r"# pam-auth-update", Elsewhere("the demo \"pam\"")),
    ("pam_bootstrap.8", r"\$ grep", Elsewhere("there is no lightdm to look at")),
    ("pam_bootstrap.8", r"\$ ssh", Elsewhere("the demo \"pam\"")),
    ("bootstrap-login-mechanisms.7", r"# systemd-sysusers",
     Elsewhere("the demo \"packages\"")),
    ("bootstrap-login-mechanisms.7", r"# journalctl|no session yet",
     Elsewhere("the log of the demo \"mechanisms\"")),
    ("bootstrap-login-mechanisms.7", r"# gdb", Elsewhere("there is no debugger")),
    ("bootstrap.4", r"perf ", Elsewhere("trace_test reads the same events")),

    ("README.md", r"bootstrapctl register org.example.log", Run(
        "root", before="echo a line >log", skip=(5,))),
    ("README.md", r"bootstrapctl serve org.example.upper", Run("alice")),
    ("README.md", r"bootstrapctl activate org.example.web", Run("alice")),
    ("README.md", r"bootstrapctl logout 5", Run(
        "alice", before="bootstrapctl login alice -- sh -c 'bootstrapctl session\n"
        "exec sleep 600' &\nuntil pgrep -u alice -x sleep; do sleep 0.1; done",
        replace={"logout 5": "logout $(cat /proc/$(pgrep -u alice -x sleep)/sessionid)"})),
    ("README.md", r"bootstrapctl register org.example.agent", Run(
        "alice", before="touch log")),
    ("README.md", r"import bootstrap", Run("root", "python")),

    ("bootstrap.7", r"\$ bootstrapctl register", Run(before="echo a line >log", keep=True)),
    ("bootstrap.7", r"\$ bootstrapctl activate", Run(stdin="hello\n", keep=True)),
    ("bootstrap.7", r"\$ bootstrapctl list", Run()),
    ("bootstrap.3", r"\$ bootstrapctl activate", Run()),

    ("bootstrapctl.1", r"\$ seq 3", Run(keep=True)),
    ("bootstrapctl.1", r"bootstrapctl wait com.example.numbers", Run("alice")),
    ("bootstrapctl.1", r"\$ exec 5", Run(background=(1,), keep=True)),
    ("bootstrapctl.1", r"\$ bootstrapctl lookup com.example.buildlog",
     Run(after="grep -qx hello build.log")),
    ("bootstrapctl.1", r"# bootstrapctl register com.example.motd", Run(keep=True)),
    ("bootstrapctl.1", r"# bootstrapctl login", Run(keep=True)),
    ("bootstrapctl.1", r"\$ bootstrapctl exec --subset", Run(keep=True)),
    ("bootstrapctl.1", r"# bootstrapctl exec --pid", Run(
        keep=True, replace={"1234": "$(pgrep -u alice bash)"})),
    ("bootstrapctl.1", r"# bootstrapctl tree", Run(
        alice="bootstrapctl activate com.example.web -- ./web-server &\n"
        "bootstrapctl exec --subset -- sleep 600 &\n"
        "bootstrapctl wait com.example.web; bootstrapctl connect com.example.web\n"
        "until bootstrapctl tree | grep subset; do sleep 0.1; done", keep=True)),
    ("bootstrapctl.1", r"# bootstrapctl bstree", Run()),
    ("bootstrapctl.1", r"\$ bootstrapctl serve com.example.notes",
     Run(before="echo note >notes", after="bootstrapctl exec --user 1000 -- "
         "bootstrapctl connect com.example.notes </dev/null | grep -qx note")),
    ("bootstrapctl.1", r"\$ bootstrapctl defer", Run(
        fresh=True, like={"non-gui, pts/0": "unknown"})),
    ("bootstrapctl.1", r"# bootstrapctl sessions --json", Run()),
    ("bootstrap-login-host.8", r"#!/usr/bin/python3", File("python", "reset")),
    ("bootstrapctl.1", r"# install -D reset", Run()),
    ("bootstrapctl.1", r"# bootstrapctl right remove", Run()),
    ("bootstrapctl.1", r"# bootstrapctl right get", Run()),
    ("bootstrapctl.1", r"\$ bootstrapctl list --json", Run()),
    ("bootstrapctl.1", r"\$ bootstrapctl serve com.example.upper", Run()),
    ("bootstrapctl.1", r"# bootstrapctl serve com.example.ssh", Run()),
    ("bootstrapctl.1", r"# bootstrapctl activate --env", Run(
        before="rm -f /etc/nginx/sites-enabled/*\n"
        "echo 'server { listen unix:/bootstrap/com.example.web; root /srv; }' "
        ">/etc/nginx/conf.d/web.conf")),
    ("bootstrapctl.1", r"\$ cat web.py", Run(writes="web.py")),
    ("bootstrap-agents.8", r"<\?xml", File("plist", "agents/org.example.web.plist")),
    ("bootstrap-agents.8", r"\$ bootstrap-agents", Run(background=(0,))),

    ("bootstrap-login-mechanisms.7", r"# bootstrapctl right backup", Run()),
    ("bootstrap-login-mechanisms.7", r"# useradd", Run()),
    ("bootstrap-login-mechanisms.7", r"auth ", File("pam", "/etc/pam.d/sshd")),
    ("bootstrap-login-mechanisms.7", r"# cd ", Run(keep=True)),
    ("bootstrap-login-mechanisms.7", r"\$ ssh", Run(
        after="grep 'org.example.first:hello: allow' /run/documents/syslog.log", keep=True)),
    ("bootstrap-login-mechanisms.7", r"# bootstrapctl right remove org.example.first", Run()),
    ("bootstrap-login-mechanisms.7", r"\$ cc ", Run(
        before=f"cp {PLUGINS}/org.example.null.so .", skip=(0,))),
    ("bootstrap-login-mechanisms.7", r"# bootstrapctl right check", Run()),
    ("bootstrap-login-mechanisms.7", r"# bootstrapctl right insert", Run()),
    ("README.md", r"mkdir -p", Run("root")),
    ("bootstrap-login-host.8", r"# chmod", Run()),
    ("authorization.5", r"# bootstrapctl right", Run()),
    ("bootstrap-login-mechanisms.7", r"# bootstrapctl right restore", Run()),
]


def is_meant(example, document, begin):
    """Is an entry about it?"""
    return document == example.document and \
        re.match(begin, example.text.lstrip(), re.MULTILINE | re.DOTALL)
