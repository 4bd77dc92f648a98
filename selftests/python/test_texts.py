# SPDX-License-Identifier: GPL-2.0
"""What the Python package does by itself, without the module."""
import errno
import gc
import math
import os
import socket
import struct
import tempfile
import time
import unittest

import bootstrap
from bootstrap import abi, descriptor, port, watch


def name_record(kind, number, name):
    """A record as the kernel writes it."""
    length = (88 + len(name) + 1 + 7) // 8 * 8
    head = struct.pack("=IIQII", length, kind, number, 88, len(name))
    info = bytes(abi.Info(pid=7, uid=8))
    return (head + info + name).ljust(length, b"\0")


class Descriptors(unittest.TestCase):
    """Who closes what, and when."""

    def test_life(self):
        """It is closed once, and says so."""
        fd = os.dup(0)
        with bootstrap.Descriptor(fd) as owner:
            self.assertEqual(fd, owner.fileno())
            self.assertFalse(owner.closed)
            self.assertIn(f"fd={fd}", repr(owner))
        self.assertTrue(owner.closed)
        owner.close()
        self.assertRaises(OSError, os.fstat, fd)
        self.assertRaises(ValueError, owner.fileno)
        self.assertRaises(ValueError, owner.detach)

    def test_detach(self):
        """What is detached is the caller's."""
        fd = os.dup(0)
        owner = bootstrap.Descriptor(fd)
        self.assertEqual(fd, owner.detach())
        owner.close()
        os.close(fd)

    def test_forgotten(self):
        """What is forgotten is closed, with a warning."""
        fd = os.dup(0)
        with self.assertWarns(ResourceWarning):
            bootstrap.Descriptor(fd)
            gc.collect()
        self.assertRaises(OSError, os.fstat, fd)

    def test_file(self):
        """A file of Python's owns it, also where that fails."""
        with tempfile.TemporaryFile(buffering=0) as file:
            file.write(b"text")
            endpoint = bootstrap.Endpoint(os.dup(file.fileno()), abi.Info())
            with endpoint.file("r+b") as copy:
                self.assertTrue(endpoint.closed)
                copy.seek(0)
                self.assertEqual(b"text", copy.read())
        with bootstrap.Endpoint(os.open("/", os.O_RDONLY), abi.Info()) as endpoint:
            self.assertRaises(IsADirectoryError, endpoint.file)
            self.assertTrue(endpoint.closed)

    def test_socket(self):
        """A socket owns it; what is none stays the endpoint's."""
        ours, theirs = socket.socketpair()
        with theirs, bootstrap.Endpoint(ours.detach(), abi.Info()) as endpoint:
            with endpoint.socket() as connection:
                self.assertTrue(endpoint.closed)
                connection.send(b"x")
                self.assertEqual(b"x", theirs.recv(1))
        with tempfile.TemporaryFile() as file:
            with bootstrap.Endpoint(os.dup(file.fileno()), abi.Info()) as endpoint:
                self.assertRaises(OSError, endpoint.socket)
                self.assertFalse(endpoint.closed)


class Arguments(unittest.TestCase):
    """What is refused before the kernel hears of it."""

    def test_texts(self):
        """A zero would end a name early."""
        self.assertEqual("ä".encode(), descriptor.text("ä"))
        self.assertEqual(b"\xff", descriptor.text(b"\xff"))
        self.assertIsNone(descriptor.optional_text(None))
        self.assertRaises(ValueError, descriptor.text, "a\0b")
        self.assertRaises(ValueError, descriptor.optional_text, b"\0")

    def test_deadlines(self):
        """Seconds from now, at once, and for ever."""
        now = time.monotonic_ns()
        self.assertEqual(0, port._deadline(0))
        self.assertEqual(abi.DEADLINE_NEVER, port._deadline(None))
        self.assertEqual(abi.DEADLINE_NEVER, port._deadline(math.inf))
        self.assertEqual(abi.DEADLINE_NEVER, port._deadline(1e30))
        self.assertTrue(1e9 <= port._deadline(1) - now < 60e9)
        self.assertRaises(ValueError, port._deadline, -1)
        self.assertRaises(ValueError, port._deadline, math.nan)

    def test_listen_fds(self):
        """As many names as declarations, and no other descriptors."""
        self.assertRaises(ValueError, bootstrap.listen_fds, [0], [])

    def test_scopes(self):
        """Each addresses what it says."""
        for scope, kind, session, cookie in (
                (bootstrap.Scope(), bootstrap.ScopeKind.DEFAULT, 0, 0),
                (bootstrap.Scope.root(), bootstrap.ScopeKind.ROOT, 0, 0),
                (bootstrap.Scope.own_session(), bootstrap.ScopeKind.SESSION, 0, 0),
                (bootstrap.Scope.own_user(), bootstrap.ScopeKind.USER, 0, 0),
                (bootstrap.Scope.user_id(7), bootstrap.ScopeKind.USER_ID, 7, 0),
                (bootstrap.Scope.session_id(7, 8), bootstrap.ScopeKind.SESSION_ID, 7, 8)):
            self.assertEqual((kind, session, cookie),
                             (scope.kind, scope.session, scope.cookie))

    def test_no_port(self):
        """What is no port, and what is closed."""
        with tempfile.TemporaryFile() as file:
            with bootstrap.Port(os.dup(file.fileno())) as wrong:
                with self.assertRaises(OSError) as caught:
                    wrong.look_up("a")
        self.assertEqual(errno.ENOTTY, caught.exception.errno)
        self.assertEqual("a", caught.exception.filename)
        self.assertRaises(ValueError, wrong.look_up, "a")


class Records(unittest.TestCase):
    """Reading watches, here a pipe."""

    def test_records(self):
        """Several in one read, of known types and others."""
        data = (name_record(abi.RecordType.ADDED, 5, "nä".encode()) +
                struct.pack("=IIQ", 16, abi.RecordType.COMPLETE, 6) +
                struct.pack("=IIQQ", 24, 99, 7, 0))
        added, complete, other = watch.records_from(data)
        self.assertEqual((abi.RecordType.ADDED, 5, "nä", 7, 8),
                         (added.type, added.number, added.name, added.info.pid,
                          added.info.uid))
        self.assertEqual((abi.RecordType.COMPLETE, 6, None),
                         (complete.type, complete.number, complete.name))
        self.assertEqual((99, 7), (other.type, other.number))

    def test_sessions(self):
        """Of an older kernel, too, whose struct is shorter."""
        session = bytes(abi.Session(session=3, uid=1000))[:48]
        record, = watch.records_from(
            struct.pack("=IIQ", 64, abi.RecordType.SESSION_STARTED, 1) + session)
        self.assertEqual((3, 1000, b""), (record.session.session, record.session.uid,
                                          record.session.tty))
        entry = abi.DeferralEntry(length=48, reason_offset=40, reason_len=3, pid=9)
        record, = watch.records_from(
            struct.pack("=IIQ", 64, abi.RecordType.SESSION_DEFERRED, 1) +
            bytes(entry) + b"why".ljust(8, b"\0"))
        self.assertEqual(("why", 9), (record.deferral.reason, record.deferral.entry.pid))

    def test_watch(self):
        """It ends where there is no more, and need not block."""
        out, into = os.pipe()
        with bootstrap.Watch(out) as watched:
            os.set_blocking(out, False)
            self.assertRaises(BlockingIOError, watched.read)
            os.write(into, name_record(abi.RecordType.PRESENT, 1, b"a"))
            os.close(into)
            self.assertEqual(["a"], [record.name for record in watched])

    def test_declaration(self):
        """How often there was need; none once it is gone."""
        out, into = os.pipe()
        with bootstrap.Declaration(out, 1) as declaration:
            os.write(into, struct.pack("=Q", 3))
            os.close(into)
            self.assertEqual(3, declaration.demand())
            self.assertEqual(0, declaration.demand())


if __name__ == "__main__":
    unittest.main()
