# SPDX-License-Identifier: GPL-2.0
# Standard input is a connection: answers a request through the descriptor that
# came with it, and tells what it finds under the name given.
import os
import socket
import subprocess
import sys

connection = socket.socket(fileno=0)
request, fds, _, _ = socket.recv_fds(connection, 100, 1)
found = subprocess.run(["bootstrapctl", "lookup", sys.argv[1]],
                       stdin=subprocess.DEVNULL, capture_output=True, text=True)
with os.fdopen(fds[0], "w") as reply:
    reply.write("I am %d, of session %s; %s is %s\n" % (
        os.getuid(), open("/proc/self/sessionid").read(), sys.argv[1],
        "there" if found.returncode == 0 else "not there"))
