"""One side of the test protocol that README.md describes, by aioquic."""

import asyncio
import hashlib
import ssl
import sys
import time
from collections import deque

import aioquic.asyncio
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated, DatagramFrameReceived, HandshakeCompleted
from aioquic.quic.logger import QuicFileLogger

PERIOD = 251
CHUNK = 64 * 1024
PATTERN = bytes(i % PERIOD for i in range(CHUNK + PERIOD))


class Options(dict):
    def __init__(self, arguments):
        super().__init__()
        arguments = deque(arguments)
        while arguments:
            name = arguments.popleft().removeprefix("--")
            has_value = arguments and not arguments[0].startswith("--")
            self[name] = arguments.popleft() if has_value else ""

    def number(self, name, otherwise=0):
        return int(self.get(name, otherwise))


def say(text):
    print(text, flush=True)


class Protocol(QuicConnectionProtocol):
    """A connection that tells what happens, and keeps datagrams until they are asked for."""

    def __init__(self, *arguments, echo=False, update=False, **named):
        super().__init__(*arguments, **named)
        self.echo = echo
        self.update = update
        self.datagrams = asyncio.Queue()
        self.handshake = asyncio.get_running_loop().create_future()

    def quic_event_received(self, event):
        super().quic_event_received(event)
        if isinstance(event, HandshakeCompleted):
            self.handshake.set_result(event)
            say(f"connected resumed={str(event.session_resumed).lower()} early={str(event.early_data_accepted).lower()}")
        elif isinstance(event, ConnectionTerminated):
            say(f"closed: {event.error_code:#x} {event.reason_phrase}")
        elif isinstance(event, DatagramFrameReceived):
            if self.echo:
                self._quic.send_datagram_frame(event.data)
            else:
                self.datagrams.put_nowait(event.data)

    async def drained(self, writer):
        """Waits while more than some chunks are unsent: aioquic has no such thing as back pressure."""
        stream = self._quic._streams[writer.transport.stream_id].sender
        while len(stream._buffer) > 16 * CHUNK:
            await asyncio.sleep(0.001)


async def write_pattern(protocol, writer, length):
    sent = 0
    while sent < length:
        size = min(length - sent, CHUNK)
        at = sent % PERIOD
        writer.write(PATTERN[at : at + size])
        await protocol.drained(writer)
        sent += size
    writer.write_eof()


async def read_pattern(reader, checked):
    received = 0
    while part := await reader.read(CHUNK):
        at = received % PERIOD
        if checked and part != PATTERN[at : at + len(part)]:
            raise ValueError(f"wrong bytes after {received}")
        received += len(part)
    return received


async def serve_stream(protocol, reader, writer):
    mode = await reader.readexactly(1)
    if protocol.update:
        protocol.update = False  # aioquic itself does not wait until the last keys are in use
        protocol.request_key_update()
    if mode == b"G":
        await write_pattern(protocol, writer, int.from_bytes(await reader.readexactly(8)))
    elif mode == b"S":
        digest, received = hashlib.sha256(), 0
        while part := await reader.read(CHUNK):
            digest.update(part)
            received += len(part)
        writer.write(received.to_bytes(8) + digest.digest())
        writer.write_eof()
    elif mode == b"E":
        while part := await reader.read(CHUNK):
            writer.write(part)
            await protocol.drained(writer)
        writer.write_eof()
    else:
        protocol._quic.reset_stream(writer.transport.stream_id, 1)
        protocol.transmit()


def configuration(options, is_client):
    return QuicConfiguration(
        is_client=is_client,
        alpn_protocols=[options.get("alpn", "teahouse/interop/1")],
        max_datagram_frame_size=65535,
        idle_timeout=30,
        quic_logger=QuicFileLogger(options["qlog"]) if "qlog" in options else None,
    )


async def server(options):
    settings = configuration(options, False)
    settings.load_cert_chain(options["cert"], options["key"])
    host, port = options.get("bind", "127.0.0.1:0").rsplit(":", 1)
    tickets, tasks = {}, set()

    def protocol(*arguments, **named):
        made = Protocol(*arguments, echo=True, update="update" in options, **named)

        def serve(reader, writer):
            task = asyncio.ensure_future(serve_stream(made, reader, writer))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        made._stream_handler = serve
        return made

    running = await aioquic.asyncio.serve(
        host,
        int(port),
        configuration=settings,
        create_protocol=protocol,
        session_ticket_fetcher=lambda label: tickets.pop(label, None),
        session_ticket_handler=lambda ticket: tickets.update({ticket.ticket: ticket}),
        retry="retry" in options,
    )
    say("listening %s:%d" % running._transport.get_extra_info("sockname")[:2])
    await asyncio.Event().wait()


async def exchange(protocol, options):
    async def run(what, mode, length, answer):
        began = time.monotonic()
        reader, writer = await protocol.create_stream()
        writer.write(mode)
        received = await answer(reader, writer)
        if received != length:
            raise ValueError(f"{what}: {received} bytes (expected: {length})")
        say(f"{what} {received} bytes in {time.monotonic() - began:.3f} s")

    async def get(reader, writer):
        writer.write(options.number("get").to_bytes(8))
        writer.write_eof()
        return await read_pattern(reader, "unchecked" not in options)

    async def send(reader, writer):
        await write_pattern(protocol, writer, options.number("send"))
        return int.from_bytes((await reader.readexactly(40))[:8])

    async def echo(reader, writer):
        writing = asyncio.ensure_future(write_pattern(protocol, writer, options.number("echo")))
        received = await read_pattern(reader, True)
        await writing
        return received

    for what, name, mode, answer in (
        ("got", "get", b"G", get),
        ("sent", "send", b"S", send),
        ("echoed", "echo", b"E", echo),
    ):
        if name in options:
            await run(what, mode, options.number(name), answer)
    count, back = options.number("datagrams"), 0
    for number in range(count):
        protocol._quic.send_datagram_frame(number.to_bytes(8))
        protocol.transmit()
        try:
            # One after the other: what arrives and is not read at once may be dropped.
            await asyncio.wait_for(protocol.datagrams.get(), 0.5)
            back += 1
        except TimeoutError:
            pass
    if count:
        say(f"datagrams {back} of {count}")


async def client(options):
    settings = configuration(options, True)
    settings.load_verify_locations(options["ca"])
    settings.verify_mode = ssl.CERT_REQUIRED
    settings.server_name = options.get("name", "localhost")
    host, port = options["connect"].rsplit(":", 1)
    connections = options.number("connections", 1)
    for visit in range(connections):
        got_ticket = asyncio.Event()

        def keep(ticket):
            settings.session_ticket = ticket
            got_ticket.set()

        early = "early" in options and settings.session_ticket is not None
        async with aioquic.asyncio.connect(
            host,
            int(port),
            configuration=settings,
            create_protocol=Protocol,
            session_ticket_handler=keep,
            wait_connected=not early,
        ) as protocol:
            await exchange(protocol, options)
            await protocol.handshake
            if "update" in options:
                protocol.request_key_update()
                await exchange(protocol, options)
            if visit + 1 < connections:
                await got_ticket.wait()
            protocol.close(0, "done")
    say("done")


def main():
    role, options = sys.argv[1], Options(sys.argv[2:])
    try:
        asyncio.run({"server": server, "client": client}[role](options))
    except (ConnectionError, ValueError, asyncio.IncompleteReadError) as error:
        say(f"failed: {error!r}")
        sys.exit(1)


main()
