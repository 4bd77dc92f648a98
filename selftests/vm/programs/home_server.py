# SPDX-License-Identifier: GPL-2.0
"""home_server.py FILE: tells whoever connects who it is, and FILE how it ended."""
import os
import signal
import socket
import sys


def end(*_):
    with open(sys.argv[1], "w", encoding="ascii") as file:
        file.write("SIGTERM\n")
    os._exit(0)


signal.signal(signal.SIGTERM, end)
with open("/proc/self/sessionid", encoding="ascii") as own:
    session = own.read()
server = socket.socket(fileno=3)
while True:
    client, _ = server.accept()
    with client:
        client.sendall(f"{session} {os.getpid()}\n".encode())
