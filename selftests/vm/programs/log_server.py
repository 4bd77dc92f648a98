# SPDX-License-Identifier: GPL-2.0
"""log_server.py: what is written to the system's log, a line each with its level in
front, and without the time."""
import os
import re
import socket

log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.bind("/dev/log")
os.chmod("/dev/log", 0o666)
while True:
    message = log.recv(1 << 16).decode(errors="replace").rstrip("\0\n")
    priority, text = re.fullmatch(r"<(\d+)>(?:\w+ +\d+ [\d:]+ )?(.*)", message,
                                  re.DOTALL).groups()
    print(int(priority) & 7, text, flush=True)
