# SPDX-License-Identifier: LGPL-2.1-or-later
"""Bootstrap ports, and the handles that are derived from them."""
from __future__ import annotations

import ctypes
import math
import os
import socket
import time
from ctypes import byref, c_uint, c_uint64
from typing import Callable, Dict, Iterator, List, Optional, Sequence, Tuple, Union

from . import abi
from .descriptor import (Declaration, Deferral, Descriptor, Endpoint, File, Logout,
                         ReceiveRight, fd_of, optional_text, text)
from .library import call
from .watch import DeferralInfo, Watch, deferral_from, struct_from

Name = Union[str, bytes]
Where = Optional[abi.Scope]

_PAGE = 4096


def _deadline(timeout: Optional[float]) -> int:
    """As the kernel takes it: 0 is to return at once."""
    if timeout is None or timeout == math.inf:
        return abi.DEADLINE_NEVER
    if timeout < 0:
        raise ValueError("timeout must not be negative")
    if timeout == 0:
        return 0
    return min(time.monotonic_ns() + int(timeout * 1e9), abi.DEADLINE_NEVER)


def _shown(name: Name) -> str:
    return name if isinstance(name, str) else name.decode(errors="replace")


def _entries(fetch: Callable[..., int]) -> Iterator[bytes]:
    """Each entry of a list that is told a page at a time: they begin with their
    length. fetch takes the cursor, the page and its size."""
    page = (c_uint64 * (_PAGE // 8))()
    cursor = c_uint64()
    while count := fetch(byref(cursor), page, _PAGE):
        data = bytes(page)
        for _ in range(count):
            length = ctypes.c_uint32.from_buffer_copy(data).value
            yield data[:length]
            data = data[length:]


def _scope(scope: Where) -> abi.Scope:
    return scope if scope is not None else abi.Scope()


class Port(Descriptor):
    """A bootstrap port: the device, or a handle for one namespace.

    What names a namespace is an abi.Scope; None is the port's own. Failures are
    OSError, or what Python makes of it: FileNotFoundError if there is no such name,
    PermissionError, TimeoutError, ConnectionRefusedError, ProcessLookupError.
    <bootstrap/bootstrap.h> has the errors of each call.
    """

    @classmethod
    def open(cls) -> Port:
        """The namespace that whoever started the program has handed down by the
        environment, else the device."""
        return Port(call("bns_open"))

    @classmethod
    def device(cls) -> Port:
        """The device, whatever the environment says."""
        return Port(call("bns_open_device"))

    # Names that stand for files

    def register(self, name: Name, file: File, *, scope: Where = None,
                 flags: int = 0, group: Optional[int] = None,
                 replace: int = 0) -> int:
        """Let a name stand for an open file, for members of a group alone if there
        is one; the number of the registration. It lasts as long as the process and
        the port, unless RegisterFlag.STICKY says otherwise."""
        how = abi.Registration(scope=_scope(scope), flags=flags, replace=replace)
        if group is not None:
            how.flags |= abi.RegisterFlag.GROUP
            how.gid = group
        generation = c_uint64()
        call("bns_register", self.fileno(), text(name), fd_of(file), how, generation,
             about=_shown(name))
        return generation.value

    def unregister(self, name: Name, *, scope: Where = None,
                   generation: int = 0) -> None:
        """End a name that was registered through this port."""
        call("bns_unregister", self.fileno(), text(name), scope, generation,
             about=_shown(name))

    def take_over(self, name: Name, *, scope: Where = None,
                  generation: int = 0) -> None:
        """Tie a name that was registered through this port to this process."""
        call("bns_take_over", self.fileno(), text(name), scope, generation,
             about=_shown(name))

    # Looking up

    def look_up(self, name: Name, *, scope: Where = None, flags: int = 0,
                timeout: Optional[float] = 0) -> Endpoint:
        """What a name stands for, waited for if it is not there: for a timeout in
        seconds, or None for ever."""
        info = abi.Info()
        fd = call("bns_look_up_until", self.fileno(), text(name), scope, flags,
                  _deadline(timeout), info, about=_shown(name))
        return Endpoint(fd, info)

    def look_up_all(self, names: Sequence[Name], *, scope: Where = None,
                    flags: int = 0, timeout: Optional[float] = 0
                    ) -> List[Union[Endpoint, OSError]]:
        """The same of several names in one call, LOOK_UP_ARRAY_MAX at most; of each
        what it stands for, or why that is not to be had."""
        texts = [text(name) for name in names]
        buffers = [ctypes.create_string_buffer(data) for data in texts]
        infos = [abi.Info() for _ in names]
        entries = (abi.LookUpEntry * len(texts))(*(
            (ctypes.addressof(buffer), ctypes.addressof(info),
             min(len(data), abi.NAME_MAX + 1), -1)
            for buffer, info, data in zip(buffers, infos, texts)))
        call("bns_look_up_array", self.fileno(), entries, len(texts), scope, flags,
             _deadline(timeout))
        return [Endpoint(entry.result, info) if entry.result >= 0 else
                OSError(-entry.result, os.strerror(-entry.result), _shown(name))
                for entry, info, name in zip(entries, infos, names)]

    def connect(self, name: Name, *, scope: Where = None, flags: int = 0,
                timeout: Optional[float] = 0) -> socket.socket:
        """A connection to the service of this name, as look_up() finds it."""
        with self.look_up(name, scope=scope, flags=flags, timeout=timeout) as found:
            return found.socket()

    def info(self, name: Name, *, scope: Where = None) -> abi.Info:
        """Who has a name; nothing is opened, and no server is started."""
        info = abi.Info()
        call("bns_info", self.fileno(), text(name), scope, info, about=_shown(name))
        return info

    def open_holder(self, name: Name, info: abi.Info, *,
                    scope: Where = None) -> Descriptor:
        """A pidfd of the process that a name is tied to, as look_up() told of it."""
        return Descriptor(call("bns_open_holder", self.fileno(), text(name), scope,
                               info, about=_shown(name)))

    # Services

    def check_in(self, name: Name, *, scope: Where = None, flags: int = 0,
                 type: int = 0, backlog: int = 0) -> ReceiveRight:
        """Offer a service: a socket to accept() from."""
        how = abi.Service(scope=_scope(scope), flags=flags, type=type,
                          backlog=backlog)
        generation = c_uint64()
        fd = call("bns_check_in", self.fileno(), text(name), how, generation,
                  about=_shown(name))
        return ReceiveRight(fd, generation.value)

    def declare(self, name: Name, *, scope: Where = None, flags: int = 0,
                type: int = 0, backlog: int = 0,
                uid: Optional[int] = None) -> Declaration:
        """Declare a service, which a server need not run for; one of this user may
        check in by its name, if one is given."""
        how = abi.Service(scope=_scope(scope), flags=flags, type=type,
                          backlog=backlog)
        if uid is not None:
            how.flags |= abi.DeclareFlag.UID
            how.uid = uid
        generation = c_uint64()
        fd = call("bns_declare", self.fileno(), text(name), how, generation,
                  about=_shown(name))
        return Declaration(fd, generation.value)

    def peer(self, connection: File) -> abi.Peer:
        """Who is at the other end of a connection."""
        peer = abi.Peer()
        call("bns_peer", self.fileno(), fd_of(connection), peer)
        return peer

    # What there is

    def names(self, *, scope: Where = None) -> Iterator[Tuple[str, abi.Info]]:
        """The names of one namespace, and who has each."""
        def fetch(cursor: object, page: object, size: int) -> int:
            return call("bns_list", self.fileno(), scope, cursor, page, size, None)

        for data in _entries(fetch):
            entry = struct_from(abi.ListEntry, data)
            name = data[entry.name_offset:entry.name_offset + entry.name_len]
            yield name.decode(), entry.info

    def watch(self, *, scope: Where = None) -> Watch:
        """Hear of the names of one namespace."""
        namespace_id = c_uint64()
        fd = call("bns_watch", self.fileno(), scope, namespace_id)
        return Watch(fd, namespace_id.value)

    def watch_sessions(self) -> Watch:
        """Hear of login sessions."""
        return Watch(call("bns_watch_sessions", self.fileno()))

    # Namespaces

    def open_namespace(self, *, scope: Where = None, rights: int = 0) -> Namespace:
        """A handle with these rights, or all that may be had."""
        namespace_id = c_uint64()
        fd = call("bns_open_namespace", self.fileno(), scope, rights, namespace_id)
        return Namespace(fd, namespace_id.value)

    def open_parent(self, *, scope: Where = None, rights: int = 0) -> Namespace:
        """The same for the parent of what is addressed."""
        namespace_id = c_uint64()
        fd = call("bns_open_parent", self.fileno(), scope, rights, namespace_id)
        return Namespace(fd, namespace_id.value)

    def open_child(self, namespace_id: int, *, scope: Where = None,
                   rights: int = 0) -> Namespace:
        """The same for a child of what is addressed, see children()."""
        fd = call("bns_open_child", self.fileno(), scope, namespace_id, rights)
        return Namespace(fd, namespace_id)

    def subset(self, *, scope: Where = None, requestor: Optional[File] = None,
               rights: int = 0) -> Namespace:
        """A fresh namespace below another, which dies with the process that a pidfd
        is given of, or else with this one."""
        namespace_id = c_uint64()
        fd = call("bns_subset", self.fileno(), scope,
                  -1 if requestor is None else fd_of(requestor), rights, namespace_id)
        return Namespace(fd, namespace_id.value)

    def pre_login(self, *, rights: int = 0) -> Namespace:
        """A namespace for a login in progress (root only)."""
        namespace_id = c_uint64()
        fd = call("bns_pre_login", self.fileno(), rights, namespace_id)
        return Namespace(fd, namespace_id.value)

    def namespace(self, *, scope: Where = None) -> abi.NamespaceInfo:
        """What a namespace is, where it stands, and what may be done there."""
        info = abi.NamespaceInfo()
        call("bns_namespace", self.fileno(), scope, info)
        return info

    def children(self, *, scope: Where = None) -> Iterator[abi.Child]:
        """The namespaces right below one, those that the caller may see."""
        def fetch(cursor: object, page: object, size: int) -> int:
            return call("bns_children", self.fileno(), scope, cursor, page, size)

        for data in _entries(fetch):
            yield struct_from(abi.Child, data)

    # Sessions

    def session(self) -> abi.Session:
        """The session that the caller stands in."""
        session = abi.Session()
        call("bns_session", self.fileno(), session)
        return session

    def session_by_id(self, session_id: int, cookie: int = 0) -> abi.Session:
        """The session with this id and, unless 0, this cookie."""
        session = abi.Session()
        call("bns_session_by_id", self.fileno(), session_id, cookie, session)
        return session

    def sessions(self) -> Iterator[abi.Session]:
        """All sessions that the caller may see; the root session is the last."""
        session_id = 0
        while True:
            session = abi.Session()
            call("bns_session_next", self.fileno(), session_id, session)
            yield session
            if session.session == abi.SESSION_ID_ROOT:
                return
            session_id = session.session + 1

    def session_name(self, base: Name) -> str:
        """A name for what each session is to have one of."""
        data = text(base)
        buffer = ctypes.create_string_buffer(len(data) + abi.SESSION_NAME_MORE)
        call("bns_session_name", self.fileno(), data, buffer, len(buffer))
        return buffer.value.decode()

    def announce(self, session_id: int, *, cookie: int = 0,
                 pre_login: Optional[File] = None, uid: Optional[int] = None,
                 type: Optional[int] = None, attributes: int = 0,
                 tty: Optional[Name] = None,
                 host: Optional[Name] = None) -> Tuple[int, int]:
        """Announce a login (root only): a step of it for each of pre_login, uid and
        type that is given. The session's cookie, and the id of its namespace."""
        what = abi.Announcement(session=session_id, cookie=cookie,
                                attributes=attributes, tty=optional_text(tty),
                                host=optional_text(host))
        if pre_login is not None:
            what.flags |= abi.AnnounceFlag.PRE_LOGIN
            what.pre_login = fd_of(pre_login)
        if uid is not None:
            what.flags |= abi.AnnounceFlag.USER
            what.uid = uid
        if type is not None:
            what.flags |= abi.AnnounceFlag.COMPLETE
            what.type = type
        told, namespace_id = c_uint64(), c_uint64()
        call("bns_announce", self.fileno(), what, told, namespace_id)
        return told.value, namespace_id.value

    def attributes(self, session_id: int, *, cookie: int = 0, add: int = 0,
                   remove: int = 0) -> None:
        """Change a session's attributes."""
        call("bns_attributes", self.fileno(), session_id, cookie, add, remove)

    def signal(self, session_id: int, signal: int, *,
               cookie: int = 0) -> Tuple[int, int]:
        """Send a signal to all processes of a session but this one; to how many it
        was sent, and how many there are."""
        members = c_uint()
        reached = call("bns_signal", self.fileno(), session_id, cookie, signal, members)
        return reached, members.value

    def logout(self, session_id: int, *, cookie: int = 0,
               timeout: Optional[float] = None) -> Logout:
        """Ask for the logout of a session. Deferrals hold for as many seconds, 60 by
        default; with 0 for none."""
        deadline = 0 if timeout is None else _deadline(timeout) or 1
        return Logout(call("bns_logout", self.fileno(), session_id, cookie, deadline))

    def defer(self, reason: Name) -> Deferral:
        """Ask to be waited for at a logout of the own session."""
        return Deferral(call("bns_defer", self.fileno(), text(reason)))

    def deferrals(self, session_id: int, *, cookie: int = 0) -> Iterator[DeferralInfo]:
        """Who will hold up a session's logout."""
        def fetch(cursor: object, page: object, size: int) -> int:
            return call("bns_deferrals", self.fileno(), session_id, cookie, cursor,
                        page, size)

        for data in _entries(fetch):
            yield deferral_from(data)

    # Limits

    def features(self) -> abi.Features:
        """What this kernel can do, and its limits."""
        features = abi.Features()
        call("bns_features", self.fileno(), features)
        return features

    def usage(self, uid: Optional[int] = None) -> abi.Usage:
        """What a user has used of the limits, by default the caller's."""
        usage = abi.Usage()
        if uid is None:
            call("bns_usage", self.fileno(), usage)
        else:
            call("bns_usage_by_uid", self.fileno(), uid, usage)
        return usage

    def statistics(self) -> abi.Statistics:
        """What there is of all users, and how often something was denied, by Denied;
        for root."""
        statistics = abi.Statistics()
        call("bns_statistics", self.fileno(), statistics)
        return statistics


class Namespace(Port):
    """A handle: addresses one namespace, whoever calls, with rights of its own. It
    does not keep it alive; poll(2) tells POLLHUP once that is dead."""

    def __init__(self, fd: int, namespace_id: int) -> None:
        super().__init__(fd)
        #: the namespace's id
        self.id = namespace_id

    def environment(self) -> Dict[str, str]:
        """By what a program that is started is handed the namespace: it takes the
        descriptor, too.

            subprocess.run(command, env=os.environ | handle.environment(),
                           pass_fds=[handle.fileno()])
        """
        buffer = ctypes.create_string_buffer(abi.ENVIRONMENT_MAX)
        call("bns_environment", self.fileno(), buffer, len(buffer))
        key, value = buffer.value.decode().split("=", 1)
        return {key: value}
