# SPDX-License-Identifier: GPL-2.0
"""network_home.py DIRECTORY UID FILE: a home that is somewhere else, with one file in
it. As servers of homes do, it does not take the word of root, who is nobody here."""
import ctypes
import errno
import os
import stat
import struct
import sys

LOOKUP, FORGET, GETATTR, SETATTR, OPEN, READ, WRITE = 1, 2, 3, 4, 14, 15, 16
RELEASE, INIT, OPENDIR, READDIR, RELEASEDIR = 18, 26, 27, 28, 29
ACCESS, INTERRUPT, BATCH_FORGET = 34, 36, 42
HEADER = struct.Struct("=IIQQIIII")
TOP, FILE = 1, 2
DIRECT_IO = 1
SIZE_IS_SET = 8


class Home:
    def __init__(self, uid, name):
        self.uid = uid
        self.name = name.encode()
        self.content = b"own\n"

    def attributes(self, node):
        mode, size = stat.S_IFDIR | 0o700, 0
        if node == FILE:
            mode, size = stat.S_IFREG | 0o600, len(self.content)
        return struct.pack("=6Q10I", node, size, 0, 0, 0, 0, 0, 0, 0, mode, 1,
                           self.uid, self.uid, 0, 4096, 0)

    def look_up(self, node, body):
        if node != TOP or body.rstrip(b"\0") != self.name:
            raise FileNotFoundError(errno.ENOENT, "")
        return struct.pack("=4Q2I", FILE, 0, 0, 0, 0, 0) + self.attributes(FILE)

    def get_attributes(self, node, _):
        return struct.pack("=Q2I", 0, 0, 0) + self.attributes(node)

    def set_attributes(self, node, body):
        valid, _, _, size = struct.unpack_from("=2I2Q", body)
        if valid & SIZE_IS_SET:
            self.content = self.content[:size].ljust(size, b"\0")
        return self.get_attributes(node, body)

    def open(self, _, __):
        return struct.pack("=Q2I", 0, DIRECT_IO, 0)

    def read(self, _, body):
        _, offset, size = struct.unpack_from("=2QI", body)
        return self.content[offset:offset + size]

    def write(self, _, body):
        _, offset, size = struct.unpack_from("=2QI", body)
        self.content = (self.content[:offset].ljust(offset, b"\0") +
                        body[40:40 + size] + self.content[offset + size:])
        return struct.pack("=2I", size, 0)

    def nothing(self, _, __):
        return b""

    def begin(self, _, body):
        major, _, readahead = struct.unpack_from("=3I", body)
        return struct.pack("=4I2H2I2H8I", major, 31, readahead, 0, 0, 0, 4096,
                           1, 0, 0, *[0] * 8)

    # What all may do, and what only the user.
    FOR_ALL = {INIT: begin, GETATTR: get_attributes, RELEASE: nothing,
               RELEASEDIR: nothing}
    FOR_USER = {LOOKUP: look_up, SETATTR: set_attributes, OPEN: open, READ: read,
                WRITE: write, OPENDIR: open, READDIR: nothing, ACCESS: nothing}

    def answer(self, what, node, uid, body):
        if what in self.FOR_ALL:
            return self.FOR_ALL[what](self, node, body)
        if what not in self.FOR_USER:
            raise OSError(errno.ENOSYS, "")
        if uid != self.uid:
            raise PermissionError(errno.EACCES, "")
        return self.FOR_USER[what](self, node, body)


def mount(directory):
    device = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"home", directory.encode(), b"fuse", 0, options.encode()):
        sys.exit(os.strerror(ctypes.get_errno()))
    return device


def serve(home, device):
    while True:
        try:
            request = os.read(device, 1 << 17)
        except OSError:
            return  # it is not mounted any more
        _, what, unique, node, uid, *_ = HEADER.unpack_from(request)
        if what in (FORGET, BATCH_FORGET, INTERRUPT):
            continue
        error, text = 0, b""
        try:
            text = home.answer(what, node, uid, request[HEADER.size:])
        except OSError as err:
            error = -err.errno
        os.write(device, struct.pack("=IiQ", 16 + len(text), error, unique) + text)


serve(Home(int(sys.argv[2]), sys.argv[3]), mount(sys.argv[1]))
