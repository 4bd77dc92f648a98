# SPDX-License-Identifier: GPL-2.0
"""The Python package against the module: as root, outside of all logins."""
import errno
import os
import pathlib
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import bootstrap
from bootstrap import InfoFlag, LookUpFlag, RecordType, RegisterFlag, Right

NOBODY = 65534
NO_SESSION = 4200000
EXAMPLE = pathlib.Path(__file__).with_name("asyncio_names.py")


def open_files():
    """How many descriptors there are."""
    return len(os.listdir("/proc/self/fd"))


def polled(file, events=select.POLLIN):
    """What poll(2) tells of it now."""
    poll = select.poll()
    poll.register(file, events)
    return dict(poll.poll(0)).get(file.fileno(), 0)


class Device(unittest.TestCase):
    """With a namespace of its own; whatever is opened is closed."""

    def setUp(self):
        self.files = open_files()
        self.port = bootstrap.Port.open()
        self.names = self.port.subset()
        self.file = tempfile.TemporaryFile(buffering=0)
        self.file.write(b"text")

    def tearDown(self):
        self.file.close()
        self.names.close()
        self.port.close()
        self.assertEqual(self.files, open_files())

    def fails(self, number, function, *args, **kwargs):
        """It must raise OSError with this number."""
        with self.assertRaises(OSError) as caught:
            function(*args, **kwargs)
        self.assertEqual(errno.errorcode[number],
                         errno.errorcode[caught.exception.errno])


class Names(Device):
    """Names that stand for files."""

    def test_register(self):
        """A name comes and goes, and leads to the file."""
        generation = self.names.register("a", self.file)
        self.fails(errno.EBUSY, self.names.register, "a", self.file)
        with self.names.look_up("a") as found:
            self.assertEqual((os.getpid(), generation, self.names.id),
                             (found.info.pid, found.info.generation,
                              found.info.namespace_id))
            self.assertEqual(os.fstat(self.file.fileno()), os.fstat(found.fileno()))
            self.assertFalse(os.get_inheritable(found.fileno()))
        self.names.take_over("a", generation=generation)
        self.fails(errno.ENOENT, self.names.unregister, "a", generation=generation + 1)
        self.names.unregister("a", generation=generation)
        self.fails(errno.ENOENT, self.names.take_over, "a")
        self.assertRaises(FileNotFoundError, self.names.look_up, "a")
        self.assertRaises(FileNotFoundError, self.names.info, "a")

    def test_flags(self):
        """For a group, in another's place, and by number of the descriptor."""
        generation = self.names.register("a", self.file.fileno(), group=77)
        info = self.names.info("a")
        self.assertEqual((InfoFlag.GROUP, 77), (info.flags & InfoFlag.GROUP, info.group))
        self.assertLess(generation, self.names.register("a", self.file,
                                                        replace=generation))
        self.fails(errno.ENOENT, self.names.register, "b", self.file, replace=1)
        self.names.register("b", self.file, flags=RegisterFlag.RESERVED)
        self.assertTrue(self.names.info("b").flags & InfoFlag.RESERVED)

    def test_wrong_names(self):
        """What is wrong with a name is told."""
        self.fails(errno.EINVAL, self.names.look_up, "")
        self.fails(errno.ENAMETOOLONG, self.names.look_up,
                   "n" * (bootstrap.NAME_MAX + 1))
        self.fails(errno.EILSEQ, self.names.look_up, b"\xff")
        self.fails(errno.EOPNOTSUPP, self.names.look_up, "a", flags=1 << 31)
        self.fails(errno.ELOOP, self.names.register, "a", self.names)
        with self.assertRaises(OSError) as caught:
            self.names.look_up("org.example.none")
        self.assertEqual("org.example.none", caught.exception.filename)

    def test_scopes(self):
        """By scope, one namespace alone."""
        self.names.register("org.example.scoped", self.file)
        self.names.info("org.example.scoped")
        for scope in bootstrap.Scope.root(), bootstrap.Scope.own_user():
            self.fails(errno.ENOENT, self.port.info, "org.example.scoped", scope=scope)
        self.fails(errno.ESRCH, self.port.info, "a",
                   scope=bootstrap.Scope.session_id(NO_SESSION))
        self.port.register("org.example.user", self.file,
                           scope=bootstrap.Scope.user_id(NOBODY))
        self.port.info("org.example.user", scope=bootstrap.Scope.user_id(NOBODY))
        self.port.unregister("org.example.user",
                             scope=bootstrap.Scope.user_id(NOBODY))

    def test_list(self):
        """More than a page of them."""
        self.assertEqual([], list(self.names.names()))
        expected = {f"org.example.{i:03}" for i in range(200)}
        for name in expected:
            self.names.register(name, self.file)
        listed = dict(self.names.names())
        self.assertEqual(expected, set(listed))
        self.assertEqual({os.getpid()}, {info.pid for info in listed.values()})
        self.assertEqual(200, self.names.namespace().names)

    def test_holder(self):
        """A pidfd of who has it; none of who has it no more."""
        self.names.register("a", self.file)
        info = self.names.info("a")
        with self.names.open_holder("a", info) as holder:
            signal.pidfd_send_signal(holder.fileno(), 0)
        self.names.unregister("a")
        self.assertRaises(ProcessLookupError, self.names.open_holder, "a", info)

    def test_array(self):
        """Several at once, each with what came of it."""
        self.names.register("a", self.file)
        found, missing, wrong = self.names.look_up_all(["a", "b", "n" * 300])
        with found:
            self.assertEqual(os.getpid(), found.info.pid)
        self.assertIsInstance(missing, FileNotFoundError)
        self.assertEqual("b", missing.filename)
        self.assertEqual(errno.ENAMETOOLONG, wrong.errno)
        self.fails(errno.EMSGSIZE, self.names.look_up_all, ["a"] * 21)
        self.fails(errno.EINVAL, self.names.look_up_all, [])


class Waiting(Device):
    """Look-ups that wait."""

    def test_timeout(self):
        """No longer than that."""
        with self.assertRaises(TimeoutError):
            self.names.look_up("a", timeout=0.1)
        self.assertRaises(FileNotFoundError, self.names.look_up, "a", timeout=0)

    def test_found(self):
        """Another thread runs meanwhile."""
        def register():
            time.sleep(0.2)
            self.names.register("a", self.file)

        thread = threading.Thread(target=register)
        thread.start()
        self.names.look_up("a", timeout=None).close()
        thread.join()

    def test_signal(self):
        """A signal's handler runs; the wait goes on, unless that raised."""
        seen = []
        old = signal.signal(signal.SIGALRM, lambda *_: seen.append(1))
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            with self.assertRaises(TimeoutError):
                self.names.look_up("a", timeout=1)
            self.assertEqual([1], seen)
            signal.signal(signal.SIGALRM, signal.default_int_handler)
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            with self.assertRaises(KeyboardInterrupt):
                self.names.look_up("a", timeout=30)
        finally:
            signal.signal(signal.SIGALRM, old)


class Services(Device):
    """Receive rights and connections."""

    def serve(self, right):
        """Answer one connection with who it comes from."""
        connection, _ = right.accept()
        with connection:
            connection.send(str(self.port.peer(connection).pid).encode())

    def test_check_in(self):
        """Look-ups connect, and each end knows of the other."""
        with self.names.check_in("a") as right:
            self.fails(errno.EBUSY, self.names.check_in, "a")
            with self.names.connect("a") as connection:
                self.serve(right)
                self.assertEqual(str(os.getpid()).encode(), connection.recv(100))
            info = self.names.info("a")
            self.assertTrue(info.flags & InfoFlag.SERVICE)
            self.assertEqual(right.generation, info.generation)
        self.assertRaises(FileNotFoundError, self.names.connect, "a")

    def test_types(self):
        """Of the type asked for, and with so much room."""
        with self.names.check_in("a", type=socket.SOCK_SEQPACKET, backlog=1) as right:
            self.assertEqual(socket.SOCK_SEQPACKET, right.type)
            waiting = []
            with self.assertRaises(BlockingIOError):
                while True:
                    waiting.append(self.names.connect("a", flags=LookUpFlag.NONBLOCK))
            self.assertTrue(waiting)
            for connection in waiting:
                connection.close()
        self.fails(errno.ENOENT, self.names.check_in, "a",
                   flags=bootstrap.CheckInFlag.STRICT)
        self.fails(errno.EOPNOTSUPP, self.names.check_in, "a", type=77)

    def test_not_a_service(self):
        """A file is no connection; an end that is none has no peer."""
        self.names.register("a", self.file)
        self.fails(errno.ENOTSOCK, self.names.connect, "a")
        self.fails(errno.EBADF, self.port.peer, self.file)

    def test_declare(self):
        """Nobody need serve until somebody connects."""
        with self.names.declare("a", uid=0) as declaration:
            self.fails(errno.EEXIST, self.names.declare, "a")
            self.assertRaises(ProcessLookupError, declaration.take_over)
            self.assertEqual(0, polled(declaration))
            with self.names.connect("a") as connection:
                self.assertEqual(select.POLLIN, polled(declaration))
                self.assertEqual(1, declaration.demand())
                with declaration.check_in() as right:
                    self.fails(errno.EBUSY, declaration.check_in)
                    declaration.take_over()
                    self.serve(right)
                    self.assertTrue(connection.recv(100))
            self.names.unregister("a")
            self.assertEqual(0, declaration.demand())
            self.fails(errno.ENOENT, declaration.check_in)
            self.fails(errno.ENOENT, declaration.take_over)

    def test_listen_fds(self):
        """A launcher hands the rights to a program."""
        program = ("import os, socket; print(os.environ['LISTEN_FDS'], "
                   "os.environ['LISTEN_FDNAMES']); socket.socket(fileno=3).accept()")
        out, into = os.pipe()
        with self.names.declare("a") as declaration, self.names.connect("a"):
            child = os.fork()
            if child == 0:
                try:
                    os.dup2(into, 1)
                    bootstrap.listen_fds([declaration], ["x:y"])
                    os.execv(sys.executable, [sys.executable, "-c", program])
                finally:
                    os._exit(1)
            os.close(into)
            self.assertEqual(0, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        with open(out, encoding="ascii") as said:
            self.assertEqual("1 x_y\n", said.read())
        self.fails(errno.EBADF, bootstrap.listen_fds, [-1], ["x"])


class Watches(Device):
    """Names that come and go."""

    def test_names(self):
        """What is there, that this is all, and each change."""
        self.names.register("a", self.file)
        with self.names.watch() as watch:
            self.assertEqual(self.names.id, watch.namespace_id)
            self.assertEqual([(RecordType.PRESENT, "a"), (RecordType.COMPLETE, None)],
                             [(record.type, record.name) for record in watch.read()])
            os.set_blocking(watch.fileno(), False)
            self.assertRaises(BlockingIOError, watch.read)
            self.names.register("b", self.file)
            self.names.unregister("a")
            self.assertEqual({(RecordType.ADDED, "b"), (RecordType.REMOVED, "a")},
                             {(record.type, record.name) for record in watch.read()})

    def test_end(self):
        """It ends with its namespace, that with its requestor."""
        with subprocess.Popen(["sleep", "1000"]) as child:
            pidfd = os.pidfd_open(child.pid)
            with self.port.subset(requestor=pidfd) as doomed, doomed.watch() as watch:
                os.close(pidfd)
                self.assertEqual([RecordType.COMPLETE],
                                 [record.type for record in watch.read()])
                child.kill()
                child.wait()
                self.assertEqual([RecordType.DEAD], [record.type for record in watch])
                self.fails(errno.ESHUTDOWN, doomed.register, "a", self.file)
                self.fails(errno.ESHUTDOWN, doomed.watch)
                self.assertTrue(polled(doomed) & select.POLLHUP)

    def test_sessions(self):
        """Of sessions there are none yet, or some: in the end, these are all."""
        with self.port.watch_sessions() as watch:
            said = [record.type for record in watch.read()]
            self.assertEqual(RecordType.COMPLETE, said[-1])
            self.assertLessEqual(set(said[:-1]), {RecordType.SESSION_PRESENT})


class Namespaces(Device):
    """Handles, and what is above and below."""

    def test_relatives(self):
        """Parent and child find each other."""
        own = self.port.namespace().namespace_id
        self.assertEqual(own, self.names.namespace().parent_id)
        self.assertIn(self.names.id,
                      [child.namespace_id for child in self.port.children()])
        with self.names.open_parent() as parent:
            self.assertEqual(own, parent.id)
        with self.port.open_child(self.names.id) as child:
            self.assertEqual(self.names.id, child.namespace().namespace_id)
        self.fails(errno.ENOENT, self.port.open_child, 1 << 60)
        self.fails(errno.ESRCH, self.port.open_parent,
                   scope=bootstrap.Scope.session_id(NO_SESSION))

    def test_rights(self):
        """A handle may do what it was made for."""
        with self.names.open_namespace(rights=Right.LOOK_UP) as reader:
            self.assertEqual(Right.LOOK_UP, reader.namespace().rights)
            self.fails(errno.EACCES, reader.register, "a", self.file)
            self.fails(errno.EACCES, reader.declare, "a")
            self.fails(errno.EACCES, reader.watch)
            self.fails(errno.EACCES, reader.subset)
            self.fails(errno.EACCES, list, reader.names())
            self.fails(errno.EACCES, list, reader.children())
            self.fails(errno.EACCES, reader.open_namespace, rights=Right.REGISTER)

    def test_requestor(self):
        """It is a process that is there."""
        self.fails(errno.EBADF, self.names.subset, requestor=self.file)

    def test_environment(self):
        """A child is handed a namespace."""
        program = "import bootstrap as b; print(b.Port.open().namespace().namespace_id)"
        said = subprocess.run([sys.executable, "-W", "ignore", "-c", program],
                              env=os.environ | self.names.environment(),
                              pass_fds=[self.names.fileno()], check=True,
                              stdout=subprocess.PIPE, text=True)
        self.assertEqual(str(self.names.id), said.stdout.strip())
        with bootstrap.Port.device() as device:
            self.assertNotEqual(self.names.id, device.namespace().namespace_id)
        wrong = bootstrap.Namespace(os.dup(self.file.fileno()), 1)
        with wrong:
            self.fails(errno.ENOTTY, wrong.environment)

    def test_pre_login(self):
        """For a login in progress, and bound to a session that must be there."""
        with self.port.pre_login() as login:
            self.assertEqual(bootstrap.NamespaceType.PRE_LOGIN, login.namespace().type)
            self.fails(errno.ESRCH, self.port.announce, NO_SESSION, pre_login=login,
                       uid=NOBODY)
        self.fails(errno.EINVAL, self.port.announce, NO_SESSION)
        self.fails(errno.ESRCH, self.port.announce, NO_SESSION, uid=NOBODY,
                   type=bootstrap.SessionType.GUI, tty="tty7", host="example")


class Sessions(Device):
    """Of whoever stands in none but the root session."""

    def test_own(self):
        """The root session, by itself, by its id, and as the last."""
        session = self.port.session()
        self.assertEqual(bootstrap.SESSION_ID_ROOT, session.session)
        self.assertEqual(session.cookie,
                         self.port.session_by_id(session.session).cookie)
        self.assertEqual(session.session, list(self.port.sessions())[-1].session)
        self.assertEqual(f"lock-root-{session.cookie}", self.port.session_name("lock"))
        self.fails(errno.EINVAL, self.port.session_name, "")

    def test_none(self):
        """What there is not can be told nothing, and asked nothing."""
        self.fails(errno.ESRCH, self.port.session_by_id, NO_SESSION)
        self.fails(errno.ESRCH, self.port.attributes, NO_SESSION,
                   add=bootstrap.SessionAttribute.CONSOLE)
        self.fails(errno.EINVAL, self.port.attributes, NO_SESSION)
        self.fails(errno.ESRCH, self.port.signal, NO_SESSION, 0)
        self.fails(errno.ESRCH, self.port.logout, NO_SESSION)
        self.fails(errno.ESRCH, self.port.logout, NO_SESSION, timeout=0)
        self.fails(errno.ESRCH, list, self.port.deferrals(NO_SESSION))
        self.fails(errno.ESRCH, self.port.defer, "not in a login")
        with bootstrap.Deferral(os.dup(self.file.fileno())) as wrong:
            self.fails(errno.ENOTTY, wrong.cancel_logout)

    def test_limits(self):
        """What the kernel can do, and what is used of it."""
        features = self.port.features()
        self.assertEqual(bootstrap.NAME_MAX, features.name_max)
        self.assertTrue(features.features & bootstrap.Feature.SERVICES)
        before = self.port.usage().names
        self.names.register("a", self.file)
        self.assertEqual(before + 1, self.port.usage().names)
        self.assertEqual(NOBODY, self.port.usage(NOBODY).uid)
        self.assertGreater(self.port.statistics().names, 0)


class Example(Device):
    """The example, as its text says."""

    def test_asyncio(self):
        """It answers, and tells of names."""
        command = [sys.executable, EXAMPLE, "org.example.upper"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                              env=os.environ | self.names.environment(),
                              pass_fds=[self.names.fileno()]) as server:
            with self.names.connect("org.example.upper", timeout=60) as connection:
                connection.sendall(b"hello\n")
                self.assertEqual(b"HELLO\n", connection.recv(100))
            self.names.register("org.example.other", self.file)
            self.assertEqual(["added org.example.upper", "added org.example.other"],
                             [server.stdout.readline().strip() for _ in "12"])
            server.send_signal(signal.SIGINT)
            self.assertEqual(130, server.wait())


if __name__ == "__main__":
    unittest.main()
