# SPDX-License-Identifier: GPL-2.0
# Standard input and output are a connection: sends a pipe with its request, and
# tells what comes out of that.
import os
import socket
import sys

answer, reply_to = os.pipe()
connection = socket.socket(fileno=0)
socket.send_fds(connection, [b"who are you?"], [reply_to])
os.close(reply_to)
with os.fdopen(answer) as file:
    sys.stderr.write(file.read())
