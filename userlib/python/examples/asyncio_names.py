# SPDX-License-Identifier: LGPL-2.1-or-later
"""asyncio_names.py NAME: a service in the event loop, which answers each line in
capitals, and tells of all names that come and go beside it.

    python3 asyncio_names.py org.example.upper &
    echo hello | bootstrapctl connect org.example.upper
"""
import asyncio
import os
import sys

import bootstrap


async def answer(reader, writer):
    """Serve one connection."""
    while line := await reader.readline():
        writer.write(line.upper())
        await writer.drain()
    writer.close()


def tell(watch):
    """Print what a watch has to tell."""
    for record in watch.read():
        kind = getattr(record.type, "name", record.type)
        if record.name is not None:
            print(kind.lower(), record.name, flush=True)


async def main(name):
    """Serve and watch until killed."""
    loop = asyncio.get_running_loop()
    with bootstrap.Port.open() as port, port.watch() as watch:
        os.set_blocking(watch.fileno(), False)
        loop.add_reader(watch, tell, watch)
        # The name is there from now on: connections wait for the server.
        right = port.check_in(name)
        server = await asyncio.start_unix_server(answer, sock=right)
        try:
            await server.serve_forever()
        finally:
            loop.remove_reader(watch)


if __name__ == "__main__":
    try:
        asyncio.run(main(sys.argv[1]))
    except KeyboardInterrupt:
        sys.exit(130)
