# SPDX-License-Identifier: LGPL-2.1-or-later
"""Bootstrap namespaces: names that stand for files and services, each login with
its own.

    import bootstrap

    with bootstrap.Port.open() as port:
        right = port.check_in("org.example.hello")      # a listening socket
        ...
        connection = port.connect("org.example.hello")  # elsewhere

All objects are context managers and have fileno(); see Port. libbootstrap does the
work, and bootstrap(4) has the concepts.
"""
from .abi import (DEADLINE_NEVER, LOOK_UP_ARRAY_MAX, NAME_MAX, SESSION_ID_ROOT,
                  AnnounceFlag, CheckInFlag, DeclareFlag, Denied, Feature, InfoFlag,
                  LookUpFlag, NamespaceState, NamespaceType, RecordType,
                  RegisterFlag, Right, Scope, ScopeKind, SessionAttribute,
                  SessionState, SessionType, Standing)
from .descriptor import (Declaration, Deferral, Descriptor, Endpoint, Logout,
                         ReceiveRight, listen_fds)
from .port import Namespace, Port
from .watch import DeferralInfo, Record, Watch

__all__ = [
    "DEADLINE_NEVER", "LOOK_UP_ARRAY_MAX", "NAME_MAX", "SESSION_ID_ROOT",
    "AnnounceFlag", "CheckInFlag", "DeclareFlag", "Declaration", "Deferral",
    "DeferralInfo", "Denied", "Descriptor", "Endpoint", "Feature", "InfoFlag", "Logout",
    "LookUpFlag", "Namespace", "NamespaceState", "NamespaceType", "Port",
    "ReceiveRight", "Record", "RecordType", "RegisterFlag", "Right", "Scope",
    "ScopeKind", "SessionAttribute", "SessionState", "SessionType", "Standing",
    "Watch", "listen_fds",
]
