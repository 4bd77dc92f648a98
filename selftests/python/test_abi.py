# SPDX-License-Identifier: GPL-2.0
"""That the Python package has what the C headers have: structs, constants and
functions. It takes a C compiler, and no module."""
import ctypes
import enum
import inspect
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from bootstrap import abi, library

TOP = pathlib.Path(__file__).parents[2]
UAPI = TOP / "uapi/linux/bootstrap.h"
NATIVE = TOP / "userlib/include/bootstrap/bootstrap.h"

STRUCTS = {
    abi.Scope: "bns_scope",
    abi.Registration: "bns_registration",
    abi.Service: "bns_service",
    abi.Announcement: "bns_announcement",
    abi.Info: "bootstrap_info",
    abi.LookUpEntry: "bootstrap_look_up_entry",
    abi.Peer: "bootstrap_peer",
    abi.ListEntry: "bootstrap_list_entry",
    abi.Child: "bootstrap_child",
    abi.NamespaceInfo: "bootstrap_namespace",
    abi.Session: "bootstrap_session",
    abi.DeferralEntry: "bootstrap_deferral",
    abi.RecordHead: "bootstrap_record",
    abi.NameRecord: "bootstrap_name_record",
    abi.SessionRecord: "bootstrap_session_record",
    abi.DeferralRecord: "bootstrap_deferral_record",
    abi.Features: "bootstrap_features",
    abi.Usage: "bootstrap_usage",
    abi.Statistics: "bootstrap_statistics",
}
# What goes to the kernel alone; the library makes these.
COMMANDS = {"bootstrap_" + name for name in (
    "register", "name", "look_up", "look_up_array", "check_in", "declare", "list",
    "watch", "logout", "defer", "cancel", "deferrals", "open", "subset", "pre_login",
    "announce", "attributes", "signal")}

# What the constants of a group begin with. The longest of them is a name's.
GROUPS = {
    abi.ScopeKind: "BOOTSTRAP_SCOPE_",
    abi.Right: "BOOTSTRAP_RIGHT_",
    abi.NamespaceType: "BOOTSTRAP_NAMESPACE_",
    abi.NamespaceState: "BOOTSTRAP_NAMESPACE_",
    abi.RegisterFlag: "BOOTSTRAP_REGISTER_",
    abi.CheckInFlag: "BOOTSTRAP_CHECK_IN_",
    abi.DeclareFlag: "BOOTSTRAP_DECLARE_",
    abi.LookUpFlag: "BOOTSTRAP_LOOK_UP_",
    abi.InfoFlag: "BOOTSTRAP_INFO_",
    abi.RecordType: "BOOTSTRAP_RECORD_",
    abi.SessionAttribute: "BOOTSTRAP_SESSION_ATTR_",
    abi.SessionType: "BOOTSTRAP_SESSION_TYPE_",
    abi.SessionState: "BOOTSTRAP_SESSION_STATE_",
    abi.Standing: "BOOTSTRAP_STANDING_",
    abi.AnnounceFlag: "BOOTSTRAP_ANNOUNCE_",
    abi.Feature: "BOOTSTRAP_FEATURE_",
    abi.Denied: "BOOTSTRAP_DENIED_",
}
# The library's functions have another for each of these flags, or it is all of them.
NOT_CONSTANTS = re.compile(
    r"_(IOC_\w+|SIZE_VER0|SIZE_MIN|RIGHTS_ALL|LOOK_UP_QUERY|WATCH_SESSIONS"
    r"|SESSION_BY_ID|SESSION_NEXT|OPEN_PARENT|OPEN_CHILD|SUBSET_REQUESTOR"
    r"|USAGE_BY_UID|BOOTSTRAP_H)$")


def constants():
    """Name in C, and value here."""
    for group, prefix in GROUPS.items():
        for name, member in group.__members__.items():
            yield prefix + name, int(member)
    for name, value in vars(abi).items():
        if name.isupper() and isinstance(value, int):
            native = name in ("LIST_BUFFER_MIN", "ENVIRONMENT_MAX", "SESSION_NAME_MORE")
            yield ("BNS_" if native else "BOOTSTRAP_") + name, value


def numbers():
    """Expressions of C, and what they are here."""
    for struct, tag in STRUCTS.items():
        yield f"sizeof(struct {tag})", ctypes.sizeof(struct)
        for name, _ in struct._fields_:
            field = getattr(struct, name)
            yield f"offsetof(struct {tag}, {name})", field.offset
            yield f"sizeof(((struct {tag} *)0)->{name})", field.size
    yield from constants()


def run_c(expressions):
    """What a C program prints these as."""
    with tempfile.TemporaryDirectory() as directory:
        source = pathlib.Path(directory) / "numbers.c"
        source.write_text(
            "#include <stdio.h>\n#include <bootstrap/bootstrap.h>\n"
            "int main(void)\n{\n%s\treturn 0;\n}\n" % "".join(
                f'\tprintf("%llu\\n", (unsigned long long)({expression}));\n'
                for expression in expressions))
        program = source.with_suffix("")
        subprocess.run([os.environ.get("CC", "cc"), f"-I{TOP}/uapi",
                        f"-I{TOP}/userlib/include", source, "-o", program], check=True)
        return subprocess.run([program], check=True, stdout=subprocess.PIPE,
                              text=True).stdout.split()


def of_module(kind):
    """The classes of this kind that abi defines."""
    return {value for value in vars(abi).values()
            if inspect.isclass(value) and issubclass(value, kind)
            and value.__module__ == abi.__name__}


def declarations():
    """Name and number of parameters of each function of bootstrap.h."""
    text = re.sub(r"/\*.*?\*/", "", NATIVE.read_text(), flags=re.S)
    for name, parameters in re.findall(r"^int (bns_\w+)\(([^)]*)\);", text, re.M):
        yield name, 0 if parameters == "void" else parameters.count(",") + 1


class Abi(unittest.TestCase):
    """The package against the headers."""

    def test_numbers(self):
        """Sizes, offsets and values are those of C."""
        expected = dict(numbers())
        told = run_c(expected)
        self.assertGreater(len(told), 300)
        self.assertEqual(expected, dict(zip(expected, map(int, told))))

    def test_structs(self):
        """Each struct is compared, and none of the headers is missing."""
        self.assertEqual(set(STRUCTS), of_module(ctypes.Structure) - {abi.Struct, abi.Sized})
        text = UAPI.read_text() + NATIVE.read_text()
        self.assertEqual(set(STRUCTS.values()) | COMMANDS,
                         set(re.findall(r"^struct (\w+) \{", text, re.M)))

    def test_fields(self):
        """Each has all fields of C's, and in that order."""
        text = re.sub(r"/\*.*?\*/", "", UAPI.read_text() + NATIVE.read_text(), flags=re.S)
        for struct, tag in STRUCTS.items():
            body = re.search(r"^struct %s \{(.*?)^\}" % tag, text, re.M | re.S)[1]
            self.assertEqual(re.findall(r"(\w+)(?:\[[^]]*\])?;", body),
                             [name for name, _ in struct._fields_], tag)

    def test_constants(self):
        """Each group is compared, and no constant of the headers is missing."""
        self.assertEqual(set(GROUPS), of_module(enum.Enum))
        text = UAPI.read_text() + NATIVE.read_text()
        names = {name for name in
                 re.findall(r"^#define ((?:BOOTSTRAP|BNS)_\w+)", text, re.M)
                 if not NOT_CONSTANTS.search(name) and name != "BOOTSTRAP_BOOTSTRAP_H"}
        self.assertEqual(set(), names - {name for name, _ in constants()})

    def test_functions(self):
        """All are there, with as many arguments, and each is called."""
        self.assertEqual(dict(declarations()),
                         {name: len(arguments) for name, arguments in
                          library.FUNCTIONS.items()})
        exported = set(re.findall(r"^\t(bns_\w+);$",
                                  (TOP / "userlib/libbootstrap.map").read_text(), re.M))
        self.assertEqual(exported, set(library.FUNCTIONS))
        package = pathlib.Path(library.__file__).parent
        called = set(re.findall(r'call\("(\w+)"', "".join(
            path.read_text() for path in package.glob("*.py"))))
        # With a deadline of 0 the one that waits is the same.
        self.assertEqual(exported - {"bns_look_up"}, called)


if __name__ == "__main__":
    unittest.main()
