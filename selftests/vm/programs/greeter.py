#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""greeter.py USER PASSWORD COMMAND...: what a greeter of greetd's says to it, to
begin a session with a screen."""
import json
import os
import socket
import struct
import sys


def ask(greetd, **request):
    data = json.dumps(request).encode()
    greetd.sendall(struct.pack("=I", len(data)) + data)
    (size,) = struct.unpack("=I", greetd.recv(4, socket.MSG_WAITALL))
    return json.loads(greetd.recv(size, socket.MSG_WAITALL))


def log_in(greetd, user, password, command):
    answer = ask(greetd, type="create_session", username=user)
    while answer["type"] == "auth_message":
        secret = answer["auth_message_type"] == "secret"
        answer = ask(greetd, type="post_auth_message_response",
                     response=password if secret else None)
    if answer["type"] == "success":
        answer = ask(greetd, type="start_session", cmd=command,
                     env=["XDG_SESSION_TYPE=wayland"])
    return answer


with socket.socket(socket.AF_UNIX) as sock:
    sock.connect(os.environ["GREETD_SOCK"])
    last = log_in(sock, sys.argv[1], sys.argv[2], sys.argv[3:])
    if last["type"] != "success":
        ask(sock, type="cancel_session")
        sys.exit(last["description"])
