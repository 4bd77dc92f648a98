# SPDX-License-Identifier: LGPL-2.1-or-later
"""libbootstrap's functions, as ctypes calls them."""
from __future__ import annotations

import ctypes
import errno
import os
from ctypes import POINTER, c_char_p, c_int, c_size_t, c_uint, c_uint32, c_uint64
from ctypes import c_void_p
from typing import Callable, Optional

from . import abi

_scope = POINTER(abi.Scope)
_number = POINTER(c_uint64)

#: The arguments of each; all return an int.
FUNCTIONS = {
    "bns_open": (),
    "bns_open_device": (),
    "bns_register": (c_int, c_char_p, c_int, POINTER(abi.Registration), _number),
    "bns_unregister": (c_int, c_char_p, _scope, c_uint64),
    "bns_take_over": (c_int, c_char_p, _scope, c_uint64),
    "bns_look_up": (c_int, c_char_p, _scope, c_uint, POINTER(abi.Info)),
    "bns_look_up_until": (c_int, c_char_p, _scope, c_uint, c_uint64,
                          POINTER(abi.Info)),
    "bns_look_up_array": (c_int, POINTER(abi.LookUpEntry), c_uint, _scope, c_uint,
                          c_uint64),
    "bns_info": (c_int, c_char_p, _scope, POINTER(abi.Info)),
    "bns_open_holder": (c_int, c_char_p, _scope, POINTER(abi.Info)),
    "bns_check_in": (c_int, c_char_p, POINTER(abi.Service), _number),
    "bns_check_in_handle": (c_int, c_uint, _number),
    "bns_take_over_handle": (c_int,),
    "bns_declare": (c_int, c_char_p, POINTER(abi.Service), _number),
    "bns_listen_fds": (POINTER(c_int), POINTER(c_char_p), c_uint),
    "bns_peer": (c_int, c_int, POINTER(abi.Peer)),
    "bns_list": (c_int, _scope, _number, c_void_p, c_size_t, _number),
    "bns_watch": (c_int, _scope, _number),
    "bns_watch_sessions": (c_int,),
    "bns_open_namespace": (c_int, _scope, c_uint32, _number),
    "bns_open_parent": (c_int, _scope, c_uint32, _number),
    "bns_open_child": (c_int, _scope, c_uint64, c_uint32),
    "bns_subset": (c_int, _scope, c_int, c_uint32, _number),
    "bns_pre_login": (c_int, c_uint32, _number),
    "bns_announce": (c_int, POINTER(abi.Announcement), _number, _number),
    "bns_namespace": (c_int, _scope, POINTER(abi.NamespaceInfo)),
    "bns_children": (c_int, _scope, _number, c_void_p, c_size_t),
    "bns_environment": (c_int, c_char_p, c_size_t),
    "bns_session": (c_int, POINTER(abi.Session)),
    "bns_session_by_id": (c_int, c_uint32, c_uint64, POINTER(abi.Session)),
    "bns_session_next": (c_int, c_uint32, POINTER(abi.Session)),
    "bns_session_name": (c_int, c_char_p, c_char_p, c_size_t),
    "bns_attributes": (c_int, c_uint32, c_uint64, c_uint32, c_uint32),
    "bns_signal": (c_int, c_uint32, c_uint64, c_int, POINTER(c_uint)),
    "bns_logout": (c_int, c_uint32, c_uint64, c_uint64),
    "bns_defer": (c_int, c_char_p),
    "bns_cancel_logout": (c_int,),
    "bns_deferrals": (c_int, c_uint32, c_uint64, _number, c_void_p, c_size_t),
    "bns_features": (c_int, POINTER(abi.Features)),
    "bns_usage": (c_int, POINTER(abi.Usage)),
    "bns_usage_by_uid": (c_int, c_uint32, POINTER(abi.Usage)),
    "bns_statistics": (c_int, POINTER(abi.Statistics)),
}

# While a function waits, other threads run.
_library = ctypes.CDLL("libbootstrap.so.0")


def _prepared(name: str) -> Callable[..., int]:
    function = getattr(_library, name)
    function.argtypes = FUNCTIONS[name]
    function.restype = c_int
    return function


_prepared_functions = {name: _prepared(name) for name in FUNCTIONS}


def call(function: str, *args: object, about: Optional[str] = None) -> int:
    """What the function returns; of a negative errno, the OSError for it.

    A call that a signal has interrupted is made again once Python has run its
    handler, unless that raised an exception, as Python's own do (PEP 475).
    """
    while True:
        result = _prepared_functions[function](*args)
        if result >= 0:
            return result
        if result != -errno.EINTR:
            raise OSError(-result, os.strerror(-result), about)
