# SPDX-License-Identifier: GPL-2.0
"""As many of itself as there may be, none of which heeds what it is asked."""
import os
import signal
import time

for number in signal.SIGTERM, signal.SIGHUP:
    signal.signal(number, signal.SIG_IGN)
while True:
    try:
        os.fork()
    except OSError:
        pass
    time.sleep(0.02)
