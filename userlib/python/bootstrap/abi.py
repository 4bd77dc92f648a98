# SPDX-License-Identifier: LGPL-2.1-or-later
"""The structs and constants of <linux/bootstrap.h> and <bootstrap/bootstrap.h>.

Fields are called as they are in C, where that is documented: bootstrap(4). The
tests compare all of it with what a C compiler makes of the headers.
"""
from __future__ import annotations

import ctypes
import enum
from ctypes import c_char, c_char_p, c_int, c_int32, c_uint32, c_uint64

NAME_MAX = 127
TTY_MAX = 31
HOST_MAX = 255
SESSION_ID_ROOT = 0xffffffff
DEADLINE_NEVER = 0xffffffffffffffff
LOOK_UP_ARRAY_MAX = 20
RECORD_MAX = 512
LIST_BUFFER_MIN = 256
ENVIRONMENT_MAX = 64
SESSION_NAME_MORE = 40


class ScopeKind(enum.IntEnum):
    """Which namespace an operation addresses."""
    DEFAULT = 0
    ROOT = 1
    SESSION = 2
    SESSION_ID = 3
    USER = 4
    USER_ID = 5


class Right(enum.IntFlag):
    """What may be done through a handle."""
    LOOK_UP = 1 << 0
    REGISTER = 1 << 1
    LIST = 1 << 2
    SUBSET = 1 << 3
    ENTER = 1 << 4
    ASCEND = 1 << 5


class NamespaceType(enum.IntEnum):
    """What a namespace is the namespace of."""
    ROOT = 1
    USER = 2
    SESSION = 3
    PRE_LOGIN = 4
    SUBSET = 5


class NamespaceState(enum.IntFlag):
    """How a namespace is."""
    DEAD = 1 << 0
    MAY_ENTER = 1 << 1


class RegisterFlag(enum.IntFlag):
    """How to register a name."""
    STICKY = 1 << 0
    GROUP = 1 << 1
    RESERVED = 1 << 2


class CheckInFlag(enum.IntFlag):
    """How to check in."""
    STRICT = 1 << 0
    RESERVED = 1 << 1


class DeclareFlag(enum.IntFlag):
    """How to declare a service."""
    HIDDEN = 1 << 0
    RESERVED = 1 << 1
    UID = 1 << 2


class LookUpFlag(enum.IntFlag):
    """How to look up."""
    PRIVILEGED_SERVER = 1 << 0
    NONBLOCK = 1 << 1


class InfoFlag(enum.IntFlag):
    """What is with a name."""
    PRIVILEGED = 1 << 0
    STICKY = 1 << 1
    GROUP = 1 << 2
    SERVICE = 1 << 3
    DECLARED = 1 << 4
    RESERVED = 1 << 5
    SEQPACKET = 1 << 6
    ACTIVE = 1 << 7
    DEMAND = 1 << 8


class RecordType(enum.IntEnum):
    """What a watch tells of."""
    PRESENT = 1
    COMPLETE = 2
    ADDED = 3
    REMOVED = 4
    DEMAND = 5
    OVERFLOW = 6
    DEAD = 7
    SESSION_PRESENT = 8
    SESSION_STARTED = 9
    SESSION_CHANGED = 10
    SESSION_LOGOUT = 11
    SESSION_DEFERRED = 12
    SESSION_ENDED = 13


class SessionAttribute(enum.IntFlag):
    """What a session has."""
    ROOT = 0x0001
    GRAPHIC_ACCESS = 0x0010
    TTY = 0x0020
    REMOTE = 0x1000
    CONSOLE = 0x2000
    AUTHENTICATED = 0x4000


class SessionType(enum.IntEnum):
    """What kind of login a session is."""
    UNKNOWN = 0
    ROOT = 1
    LOGIN_WINDOW = 2
    GUI = 3
    NON_GUI = 4
    BACKGROUND = 5


class SessionState(enum.IntEnum):
    """How far a session is."""
    LOGIN = 0
    OPEN = 1
    LOGOUT = 2


class Standing(enum.IntFlag):
    """How a process stands to the session whose id it bears."""
    OUTSIDE = 1 << 0


class AnnounceFlag(enum.IntFlag):
    """A step of a login."""
    PRE_LOGIN = 1 << 0
    USER = 1 << 1
    COMPLETE = 1 << 2


class Feature(enum.IntFlag):
    """What the kernel can do."""
    FILE_ENDPOINTS = 1 << 0
    LOGIN_SESSIONS = 1 << 1
    SERVICES = 1 << 2
    WAITING = 1 << 3
    WATCHES = 1 << 4
    NAMESPACES = 1 << 5
    LOGOUT = 1 << 6
    STATISTICS = 1 << 7


class Denied(enum.IntEnum):
    """Why something was denied: the index into Statistics.denied."""
    PRIVILEGE = 0
    RIGHT = 1
    OWNER = 2
    HIDDEN = 3
    RESERVED = 4
    DECLARED = 5
    SESSION = 6
    LIMIT = 7


#: how many reasons there are
DENIED_COUNT = 8


class Struct(ctypes.Structure):
    """A struct that shows its fields."""

    def __repr__(self) -> str:
        fields = (field[0] for field in self._fields_)
        return "%s(%s)" % (type(self).__name__, ", ".join(
            "%s=%r" % (name, getattr(self, name)) for name in fields
            if not name.startswith("pad")))


class Sized(Struct):
    """A struct that begins with its own size, which is set at once."""

    def __init__(self, **fields: int) -> None:
        super().__init__(**fields)
        self.size = ctypes.sizeof(self)


class Scope(Struct):
    """Which namespace: struct bns_scope."""
    _fields_ = [
        ("kind", c_uint32),
        ("session", c_uint32),
        ("cookie", c_uint64),
    ]

    @classmethod
    def root(cls) -> Scope:
        """The root namespace alone."""
        return cls(kind=ScopeKind.ROOT)

    @classmethod
    def own_session(cls) -> Scope:
        """That of the session whose id the caller bears, alone."""
        return cls(kind=ScopeKind.SESSION)

    @classmethod
    def session_id(cls, session: int, cookie: int = 0) -> Scope:
        """That of the session with this id and, unless 0, this cookie, alone."""
        return cls(kind=ScopeKind.SESSION_ID, session=session, cookie=cookie)

    @classmethod
    def own_user(cls) -> Scope:
        """That of the caller's effective uid, alone."""
        return cls(kind=ScopeKind.USER)

    @classmethod
    def user_id(cls, uid: int) -> Scope:
        """That of this user, alone."""
        return cls(kind=ScopeKind.USER_ID, session=uid)


class Registration(Struct):
    """How to register: struct bns_registration."""
    _fields_ = [
        ("scope", Scope),
        ("flags", c_uint32),
        ("gid", c_uint32),
        ("replace", c_uint64),
    ]


class Service(Struct):
    """How to offer a service: struct bns_service."""
    _fields_ = [
        ("scope", Scope),
        ("flags", c_uint32),
        ("type", c_uint32),
        ("backlog", c_uint32),
        ("uid", c_uint32),
    ]


class Announcement(Struct):
    """A step of a login: struct bns_announcement."""
    _fields_ = [
        ("flags", c_uint32),
        ("session", c_uint32),
        ("type", c_uint32),
        ("cookie", c_uint64),
        ("pre_login", c_int),
        ("uid", c_uint32),
        ("attributes", c_uint32),
        ("tty", c_char_p),
        ("host", c_char_p),
    ]


class Info(Sized):
    """Who has a name, and where: struct bootstrap_info."""
    _fields_ = [
        ("size", c_uint32),
        ("flags", c_uint32),
        ("namespace_id", c_uint64),
        ("generation", c_uint64),
        ("cookie", c_uint64),
        ("session", c_uint32),
        ("pid", c_uint32),
        ("uid", c_uint32),
        ("gid", c_uint32),
        ("group", c_uint32),
        ("pad", c_uint32),
        ("since", c_uint64),
    ]


class LookUpEntry(Struct):
    """One of several names: struct bootstrap_look_up_entry."""
    _fields_ = [
        ("name", c_uint64),
        ("info", c_uint64),
        ("name_len", c_uint32),
        ("result", c_int32),
    ]


class Peer(Sized):
    """Who is at the other end of a connection: struct bootstrap_peer."""
    _fields_ = [
        ("size", c_uint32),
        ("flags", c_uint32),
        ("fd", c_int32),
        ("pid", c_uint32),
        ("uid", c_uint32),
        ("gid", c_uint32),
        ("session", c_uint32),
        ("standing", c_uint32),
        ("cookie", c_uint64),
    ]


class ListEntry(Struct):
    """A name in a list: struct bootstrap_list_entry."""
    _fields_ = [
        ("length", c_uint32),
        ("name_offset", c_uint32),
        ("name_len", c_uint32),
        ("pad", c_uint32),
        ("info", Info),
    ]


class Child(Struct):
    """A namespace below another: struct bootstrap_child."""
    _fields_ = [
        ("length", c_uint32),
        ("type", c_uint32),
        ("namespace_id", c_uint64),
        ("cookie", c_uint64),
        ("session", c_uint32),
        ("uid", c_uint32),
        ("names", c_uint32),
        ("depth", c_uint32),
    ]


class NamespaceInfo(Sized):
    """What a namespace is: struct bootstrap_namespace."""
    _fields_ = [
        ("size", c_uint32),
        ("flags", c_uint32),
        ("scope", c_uint32),
        ("session", c_uint32),
        ("cookie", c_uint64),
        ("namespace_id", c_uint64),
        ("parent_id", c_uint64),
        ("session_cookie", c_uint64),
        ("session_id", c_uint32),
        ("type", c_uint32),
        ("uid", c_uint32),
        ("names", c_uint32),
        ("depth", c_uint32),
        ("rights", c_uint32),
        ("state", c_uint32),
        ("pad", c_uint32),
    ]


class Session(Sized):
    """A session: struct bootstrap_session; tty and host are bytes."""
    _fields_ = [
        ("size", c_uint32),
        ("flags", c_uint32),
        ("session", c_uint32),
        ("attributes", c_uint32),
        ("cookie", c_uint64),
        ("namespace_id", c_uint64),
        ("uid", c_uint32),
        ("names", c_uint32),
        ("standing", c_uint32),
        ("type", c_uint32),
        ("since", c_uint64),
        ("deadline", c_uint64),
        ("state", c_uint32),
        ("deferrals", c_uint32),
        ("tty", c_char * (TTY_MAX + 1)),
        ("host", c_char * (HOST_MAX + 1)),
    ]


class DeferralEntry(Struct):
    """Who asks to be waited for: struct bootstrap_deferral."""
    _fields_ = [
        ("length", c_uint32),
        ("reason_offset", c_uint32),
        ("reason_len", c_uint32),
        ("pid", c_uint32),
        ("uid", c_uint32),
        ("session", c_uint32),
        ("cookie", c_uint64),
        ("since", c_uint64),
    ]


class RecordHead(Struct):
    """What all records begin with: struct bootstrap_record."""
    _fields_ = [
        ("length", c_uint32),
        ("type", c_uint32),
        ("number", c_uint64),
    ]


class NameRecord(Struct):
    """A record about a name: struct bootstrap_name_record."""
    _fields_ = [
        ("record", RecordHead),
        ("name_offset", c_uint32),
        ("name_len", c_uint32),
        ("info", Info),
    ]


class SessionRecord(Struct):
    """A record about a session: struct bootstrap_session_record."""
    _fields_ = [
        ("record", RecordHead),
        ("session", Session),
    ]


class DeferralRecord(Struct):
    """A record about a deferral: struct bootstrap_deferral_record."""
    _fields_ = [
        ("record", RecordHead),
        ("deferral", DeferralEntry),
    ]


class Features(Sized):
    """What the kernel can do, and its limits: struct bootstrap_features."""
    _fields_ = [
        ("size", c_uint32),
        ("flags", c_uint32),
        ("features", c_uint64),
        ("name_max", c_uint32),
        ("names_per_namespace", c_uint32),
        ("names_per_user", c_uint32),
        ("sessions_per_user", c_uint32),
        ("backlog", c_uint32),
        ("backlog_max", c_uint32),
        ("waits_per_user", c_uint32),
        ("watches_per_user", c_uint32),
        ("subsets_per_user", c_uint32),
        ("handles_per_user", c_uint32),
        ("subset_depth", c_uint32),
        ("deferrals_per_user", c_uint32),
    ]


class Usage(Sized):
    """What a user has used of the limits: struct bootstrap_usage."""
    _fields_ = [
        ("size", c_uint32),
        ("flags", c_uint32),
        ("uid", c_uint32),
        ("pad", c_uint32),
        ("names", c_uint32),
        ("names_max", c_uint32),
        ("sessions", c_uint32),
        ("sessions_max", c_uint32),
        ("waits", c_uint32),
        ("waits_max", c_uint32),
        ("watches", c_uint32),
        ("watches_max", c_uint32),
        ("subsets", c_uint32),
        ("subsets_max", c_uint32),
        ("handles", c_uint32),
        ("handles_max", c_uint32),
        ("deferrals", c_uint32),
        ("deferrals_max", c_uint32),
    ]


class Statistics(Sized):
    """What there is of all users, and was denied: struct bootstrap_statistics."""
    _fields_ = [
        ("size", c_uint32),
        ("flags", c_uint32),
        ("users", c_uint32),
        ("sessions", c_uint32),
        ("namespaces", c_uint32),
        ("names", c_uint32),
        ("services", c_uint32),
        ("servers", c_uint32),
        ("waits", c_uint32),
        ("watches", c_uint32),
        ("subsets", c_uint32),
        ("handles", c_uint32),
        ("deferrals", c_uint32),
        ("pad", c_uint32),
        ("sessions_begun", c_uint64),
        ("denied", c_uint64 * DENIED_COUNT),
    ]
