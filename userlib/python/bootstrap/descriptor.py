# SPDX-License-Identifier: LGPL-2.1-or-later
"""Objects that own a descriptor, and what can be done with each."""
from __future__ import annotations

import os
import socket
import sys
import warnings
from ctypes import c_char_p, c_int, c_uint64
from typing import IO, Any, Optional, Protocol, Sequence, TypeVar, Union

from . import abi
from .library import call

Self = TypeVar("Self", bound="Descriptor")


class HasFileno(Protocol):
    """A file, a socket, or an object of this package."""

    def fileno(self) -> int:
        """Its descriptor."""


File = Union[int, HasFileno]


def fd_of(file: File) -> int:
    """The descriptor of what may be one itself."""
    return file if isinstance(file, int) else file.fileno()


def text(value: Union[str, bytes]) -> bytes:
    """A text as C takes it: what has a zero in it would be cut there."""
    data = value.encode() if isinstance(value, str) else value
    if b"\0" in data:
        raise ValueError("embedded null byte")
    return data


def optional_text(value: Union[str, bytes, None]) -> Optional[bytes]:
    """The same of a text that need not be there."""
    return None if value is None else text(value)


class Descriptor:
    """Owns a descriptor; a context manager that closes it at the end."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def fileno(self) -> int:
        """The descriptor, for poll(2) and its like."""
        if self._fd < 0:
            raise ValueError("it is closed")
        return self._fd

    @property
    def closed(self) -> bool:
        """Is it closed, or another's?"""
        return self._fd < 0

    def detach(self) -> int:
        """The descriptor, which from now on is the caller's to close."""
        fd = self.fileno()
        self._fd = -1
        return fd

    def close(self) -> None:
        """Close it. To close it again does nothing."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        # It is not there if there was no descriptor to begin with.
        if getattr(self, "_fd", -1) >= 0:
            warnings.warn(f"unclosed {self!r}", ResourceWarning, source=self)
            self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} fd={self._fd}>"


class Endpoint(Descriptor):
    """What a name stands for: a file, or a new connection to a service."""

    def __init__(self, fd: int, info: abi.Info) -> None:
        super().__init__(fd)
        #: who has the name
        self.info = info

    def file(self, *args: Any, **kwargs: Any) -> IO[Any]:
        """It as a file of Python's, which owns the descriptor from now on. The
        arguments are those of open()."""
        # What an opener returns is closed whatever fails after it.
        return open(repr(self), *args, opener=lambda *_: self.detach(), **kwargs)

    def socket(self) -> socket.socket:
        """It as a socket, which owns the descriptor from now on."""
        connection = socket.socket(fileno=self.fileno())
        self._fd = -1
        return connection


class ReceiveRight(socket.socket):
    """A service's receive right: a listening socket."""

    def __init__(self, fd: int, generation: int) -> None:
        super().__init__(fileno=fd)
        #: number of the name
        self.generation = generation


class Declaration(Descriptor):
    """A declared service: a check-in handle. poll(2) tells POLLIN while there is
    need of a server, and POLLHUP once the declaration is gone."""

    def __init__(self, fd: int, generation: int) -> None:
        super().__init__(fd)
        #: number of the name
        self.generation = generation

    def check_in(self, flags: int = 0) -> ReceiveRight:
        """Become the server. EBUSY: another one has checked in; ENOENT: the
        declaration is gone."""
        generation = c_uint64()
        fd = call("bns_check_in_handle", self.fileno(), flags, generation)
        return ReceiveRight(fd, generation.value)

    def take_over(self) -> None:
        """Become the server instead of the process that checked in."""
        call("bns_take_over_handle", self.fileno())

    def demand(self) -> int:
        """Wait until there is need of a server, unless there is, or the handle does
        not block; how often there was. 0: the declaration is gone."""
        return int.from_bytes(os.read(self.fileno(), 8), sys.byteorder)


def listen_fds(declarations: Sequence[File], names: Sequence[str]) -> None:
    """For the child of a launcher, between os.fork() and os.execv(): check in on
    each, and pass the receive rights on as sd_listen_fds(3) finds them.

    What was open as descriptor 3 and on is closed. The environment that os.execv()
    gives to the program has LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES; os.environ
    does not know of them, so the functions that take another one will not do.
    """
    if len(declarations) != len(names):
        raise ValueError("as many names as declarations")
    count = len(names)
    call("bns_listen_fds", (c_int * count)(*map(fd_of, declarations)),
         (c_char_p * count)(*map(text, names)), count)


class Logout(Descriptor):
    """A logout that is asked for until this is closed. poll(2) tells POLLIN when it
    may go on, POLLERR when it was cancelled, POLLHUP when the session has ended."""


class Deferral(Descriptor):
    """What a logout of the own session waits for until this is closed. poll(2) tells
    POLLIN while one is asked for, and POLLHUP when the session has ended."""

    def cancel_logout(self) -> None:
        """Cancel the logout that it holds up."""
        call("bns_cancel_logout", self.fileno())
