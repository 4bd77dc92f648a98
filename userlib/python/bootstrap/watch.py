# SPDX-License-Identifier: LGPL-2.1-or-later
"""Watches, and the records that are read from them."""
from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass
from typing import Iterator, List, Optional, Type, TypeVar

from . import abi
from .descriptor import Descriptor

_Struct = TypeVar("_Struct", bound=abi.Struct)

_ABOUT_NAMES = (abi.RecordType.PRESENT, abi.RecordType.ADDED,
                abi.RecordType.REMOVED, abi.RecordType.DEMAND)
_ABOUT_SESSIONS = (abi.RecordType.SESSION_PRESENT, abi.RecordType.SESSION_STARTED,
                   abi.RecordType.SESSION_CHANGED, abi.RecordType.SESSION_LOGOUT,
                   abi.RecordType.SESSION_ENDED)


def struct_from(kind: Type[_Struct], data: bytes) -> _Struct:
    """A struct of which an older kernel may know the beginning only."""
    return kind.from_buffer_copy(data.ljust(ctypes.sizeof(kind), b"\0"))


@dataclass(frozen=True)
class DeferralInfo:
    """Who asks to be waited for, and why."""
    reason: str
    entry: abi.DeferralEntry


def deferral_from(data: bytes) -> DeferralInfo:
    """A deferral and the reason somewhere behind it."""
    entry = struct_from(abi.DeferralEntry, data)
    reason = data[entry.reason_offset:entry.reason_offset + entry.reason_len]
    return DeferralInfo(reason.decode(), entry)


@dataclass(frozen=True)
class Record:
    """What a watch tells: of its type depends which of the others are there."""
    #: RecordType, or a number that this version does not know
    type: int
    number: int
    name: Optional[str] = None
    info: Optional[abi.Info] = None
    session: Optional[abi.Session] = None
    deferral: Optional[DeferralInfo] = None


def _record(data: bytes) -> Record:
    head = struct_from(abi.RecordHead, data)
    if head.type in _ABOUT_NAMES:
        about = struct_from(abi.NameRecord, data)
        name = data[about.name_offset:about.name_offset + about.name_len]
        return Record(abi.RecordType(head.type), head.number, name=name.decode(),
                      info=about.info)
    if head.type in _ABOUT_SESSIONS:
        return Record(abi.RecordType(head.type), head.number,
                      session=struct_from(abi.SessionRecord, data).session)
    if head.type == abi.RecordType.SESSION_DEFERRED:
        return Record(abi.RecordType(head.type), head.number,
                      deferral=deferral_from(data[ctypes.sizeof(abi.RecordHead):]))
    return Record(head.type, head.number)


def records_from(data: bytes) -> List[Record]:
    """What one read of a watch returned."""
    records = []
    while data:
        length = struct_from(abi.RecordHead, data).length
        records.append(_record(data[:length]))
        data = data[length:]
    return records


class Watch(Descriptor):
    """Hears of what is there, then of each change."""

    def __init__(self, fd: int, namespace_id: int = 0) -> None:
        super().__init__(fd)
        #: the namespace watched; 0 of a watch of sessions
        self.namespace_id = namespace_id

    def read(self) -> List[Record]:
        """Wait for records, unless there are some; none: the namespace is dead. Of a
        watch that does not block, BlockingIOError: there are none now."""
        return records_from(os.read(self.fileno(), 8 * abi.RECORD_MAX))

    def __iter__(self) -> Iterator[Record]:
        while records := self.read():
            yield from records
