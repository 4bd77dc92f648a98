# SPDX-License-Identifier: GPL-2.0
# Python's http.server on a listener that it inherits, as by LISTEN_FDS.
import http.server
import os
import socket

assert os.environ["LISTEN_PID"] == str(os.getpid())
assert os.environ["LISTEN_FDS"] == "1"


class Handler(http.server.SimpleHTTPRequestHandler):
    def address_string(self):
        return "a client"  # one of AF_UNIX has no address


server = http.server.HTTPServer(("", 0), Handler, bind_and_activate=False)
server.socket = socket.socket(fileno=3)
os.chdir("/srv")
server.serve_forever()
