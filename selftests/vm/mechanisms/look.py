#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A mechanism that tells which names it finds: as root, and, once it knows who the
user is, with that one's effective uid; or as who it is if that is not root."""
import ctypes
import json
import os
import pwd
import struct
import sys

NAMES = "daemon", "progress", "home", "agent"
DIR = "/run/mechanisms/"
library = ctypes.CDLL("libbootstrap.so.0")


# The namespace of whoever calls, as a struct bns_scope.
USER = struct.pack("=2IQ", 4, 0, 0)


def find(port, name, scope=None):
    fd = library.bns_look_up(port, f"org.example.{name}".encode(), scope, 0, None)
    if fd < 0:
        return "-" if fd == -2 else os.strerror(-fd)
    # Who may look up a file may not always open it anew.
    text = os.pread(fd, 100, 0).decode().strip()
    os.close(fd)
    return text


def tell(port, stretch, who):
    found = [find(port, name) for name in NAMES] + [find(device, "home", USER)]
    if os.getuid() == 0:
        os.seteuid(0)
    with open(DIR + "seen", "a", encoding="ascii") as seen:
        seen.write(f"{stretch} {who} {' '.join(found)}\n")


request = json.load(sys.stdin)
bootstrap = library.bns_open()
device = library.bns_open_device()
tell(bootstrap, request["stretch"], pwd.getpwuid(os.getuid()).pw_name)
uid = request["context"].get("uid")
if uid is not None and os.getuid() == 0:
    os.seteuid(uid)
    tell(bootstrap, request["stretch"], request["context"]["username"])
