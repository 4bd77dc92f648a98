# SPDX-License-Identifier: GPL-2.0
# An asyncio server on a listener that it inherits: answers each line with its
# number and its own process id.
import asyncio
import os
import socket


async def answer(reader, writer):
    while line := await reader.readline():
        writer.write(b"%d %s" % (os.getpid(), line))
        await writer.drain()
    writer.close()


async def main():
    listener = socket.socket(fileno=3)
    server = await asyncio.start_unix_server(answer, sock=listener)
    await server.serve_forever()


asyncio.run(main())
