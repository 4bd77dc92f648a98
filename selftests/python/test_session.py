# SPDX-License-Identifier: GPL-2.0
"""The Python package inside a login session: as the user of it."""
import errno
import os
import select
import signal
import subprocess
import unittest

import bootstrap
from bootstrap import RecordType


def polled(file, events):
    """What poll(2) tells of it, within a minute."""
    poll = select.poll()
    poll.register(file, events)
    return dict(poll.poll(60000)).get(file.fileno(), 0)


class Session(unittest.TestCase):
    """The session that the test stands in."""

    def setUp(self):
        self.port = bootstrap.Port.open()
        self.session = self.port.session()
        self.addCleanup(self.port.close)

    def test_own(self):
        """Its id is the process's, and it is the first of those that are seen."""
        with open("/proc/self/sessionid", encoding="ascii") as own:
            self.assertEqual(int(own.read()), self.session.session)
        self.assertEqual(os.getuid(), self.session.uid)
        self.assertEqual(bootstrap.Standing(0), self.session.standing)
        same = self.port.session_by_id(self.session.session, self.session.cookie)
        self.assertEqual(self.session.namespace_id, same.namespace_id)
        self.assertIn(self.session.session,
                      [session.session for session in self.port.sessions()])

    def test_root(self):
        """A user does not write to the root namespace, nor ask of others."""
        with open("/dev/null", "rb") as file:
            self.assertRaises(PermissionError, self.port.register, "a", file,
                              scope=bootstrap.Scope.root())
        self.assertRaises(PermissionError, self.port.usage, 0)
        self.assertRaises(PermissionError, self.port.statistics)
        self.assertRaises(PermissionError, self.port.pre_login)
        self.assertRaises(PermissionError, self.port.attributes, self.session.session,
                          add=bootstrap.SessionAttribute.CONSOLE)

    def told_until(self, watch, kind):
        """What a watch of sessions tells of this one, up to a type of record."""
        told = {}
        while kind not in told:
            told.update((record.type, record) for record in watch.read())
        return told

    def test_logout(self):
        """A deferral holds a logout up, and cancels it; all who watch are told."""
        own, cookie = self.session.session, self.session.cookie
        with self.port.watch_sessions() as watch, self.port.defer("not säved") as deferral:
            self.told_until(watch, RecordType.COMPLETE)
            self.assertEqual([("not säved", os.getpid())],
                             [(told.reason, told.entry.pid)
                              for told in self.port.deferrals(own, cookie=cookie)])
            self.assertRaises(ProcessLookupError, deferral.cancel_logout)
            with self.port.logout(own, cookie=cookie, timeout=60) as logout:
                told = self.told_until(watch, RecordType.SESSION_DEFERRED)
                self.assertEqual(own, told[RecordType.SESSION_LOGOUT].session.session)
                held = told[RecordType.SESSION_DEFERRED].deferral
                self.assertEqual(("not säved", os.getpid()), (held.reason, held.entry.pid))
                self.assertEqual(select.POLLIN, polled(deferral, select.POLLIN))
                deferral.cancel_logout()
                self.assertEqual(select.POLLERR, polled(logout, 0))

    def test_overridden(self):
        """Where nobody is to be waited for, a logout may go on at once."""
        with self.port.defer("why"), \
                self.port.logout(self.session.session, timeout=0) as logout:
            self.assertEqual(select.POLLIN, polled(logout, select.POLLIN))
            with self.assertRaises(OSError) as caught:
                self.port.defer("too late")
            self.assertEqual(errno.EBUSY, caught.exception.errno)

    def test_signal(self):
        """All processes of it but the one that sends."""
        with subprocess.Popen(["sleep", "1000"]) as child:
            reached, members = self.port.signal(self.session.session, 0)
            self.assertTrue(1 <= reached <= members)
            child.send_signal(signal.SIGKILL)


if __name__ == "__main__":
    unittest.main()
