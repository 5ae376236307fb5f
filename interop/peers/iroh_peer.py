#!/usr/bin/env python3
"""A real iroh endpoint (PyPI package `iroh`, prebuilt native library) as a test peer.

One process = one endpoint. Everything of interest is printed as one JSON object per line on
stdout; with --log the native library's log goes to stderr.
See README.md beside this file for options, events, exit codes and the test protocol.
"""
import argparse
import asyncio
import hashlib
import json
import os
import re
import signal
import sys
import time

EXIT_OK, EXIT_ERROR, EXIT_USAGE, EXIT_TIMEOUT, EXIT_CONNECT, EXIT_DATA, EXIT_EXPECT = 0, 1, 2, 3, 4, 5, 6
DEFAULT_ALPN = "teahouse/interop/1"
CHUNK = 64 * 1024
T0 = time.monotonic()
OUT = 1  # where the JSON lines go


class Fail(Exception):
    def __init__(self, code, msg):
        super().__init__(msg)
        self.code = code


def emit(ev, **kw):
    line = {"t": round(time.monotonic() - T0, 4), "ev": ev}
    line.update(kw)
    os.write(OUT, (json.dumps(line, separators=(",", ":")) + "\n").encode())


def why(ex):
    """Error text without the build machine's source locations."""
    m = getattr(ex, "message", None)
    try:
        m = m() if callable(m) else m
    except Exception:
        m = None
    t = re.sub(r"\s*\((?:/|[A-Za-z]:)[^)]*\)", "", str(m or ex) or repr(ex))
    return re.sub(r"\s*\n\s*", " | ", t.replace("\\n", "\n")).strip()


def pattern(n, start=0):
    """Deterministic bytes: byte i of a stream is i mod 251."""
    base = bytes(range(251))
    s = start % 251
    reps = (s + n) // 251 + 1
    return (base * reps)[s:s + n]


def parse_args(argv):
    p = argparse.ArgumentParser(prog="iroh_peer.py", description="real iroh endpoint as a test peer")
    p.add_argument("role", choices=["listen", "connect", "info"])
    p.add_argument("--relay", action="append", default=[], metavar="URL", help="relay URL, may end in #quic=PORT&token=T; repeatable; none = relays disabled")
    p.add_argument("--quic-port", type=int, default=None, help="QUIC address discovery port of the relays (omit = off)")
    p.add_argument("--token", default=None, help="bearer token for the relays")
    p.add_argument("--secret-hex", default=None, help="32-byte secret key as hex (default: random)")
    p.add_argument("--alpn", default=DEFAULT_ALPN)
    p.add_argument("--bind", default=None, metavar="IP:PORT", help="socket to bind instead of 0.0.0.0:0")
    p.add_argument("--external-addr", action="append", default=[], metavar="IP:PORT")
    p.add_argument("--trust-ca", default=None, metavar="FILE", help="PEM file of a test CA of ours (README.md); patched into the loaded library in memory")
    p.add_argument("--relay-only", action="store_true", help="block outgoing UDP of this process (Linux seccomp)")
    p.add_argument("--no-online", action="store_true", help="do not wait for the home relay before going on")
    p.add_argument("--online-timeout", type=float, default=15.0)
    p.add_argument("--timeout", type=float, default=60.0, help="whole run, seconds; 0 = none")
    p.add_argument("--log", default=None, choices=["trace", "debug", "info", "warn", "error"])
    # connect
    p.add_argument("--ticket", default=None)
    p.add_argument("--id", default=None, help="endpoint id (hex) to dial")
    p.add_argument("--peer-relay", default=None, metavar="URL")
    p.add_argument("--peer-addr", action="append", default=[], metavar="IP:PORT")
    p.add_argument("--connect-timeout", type=float, default=30.0)
    p.add_argument("--mode", choices=["echo", "sink", "gen"], default="echo")
    p.add_argument("--bytes", type=int, default=1024)
    p.add_argument("--rounds", type=int, default=1)
    p.add_argument("--datagrams", type=int, default=0)
    p.add_argument("--datagram-size", type=int, default=64)
    p.add_argument("--wait-direct", type=float, default=0.0, help="wait up to S seconds for a direct path before the rounds")
    p.add_argument("--hold", type=float, default=0.0, help="after the rounds, S seconds of one echo per --hold-interval")
    p.add_argument("--hold-interval", type=float, default=0.5)
    p.add_argument("--expect", choices=["direct", "relay"], default=None, help="kind of the selected path at the end")
    p.add_argument("--close-code", type=int, default=0)
    p.add_argument("--close-reason", default="bye")
    # listen
    p.add_argument("--conns", type=int, default=0, help="exit after N connections ended (0 = run until signal/timeout)")
    a = p.parse_args(argv)
    if a.role == "connect" and not (a.ticket or a.id):
        p.error("connect needs --ticket or --id")
    return a


def path_json(p):
    kind = "direct" if p.is_ip else ("relay" if p.is_relay else "other")
    return {"id": p.id, "kind": kind, "selected": p.is_selected, "remote": p.remote_addr, "rtt_ms": p.rtt_ms,
            "mtu": p.stats.current_mtu, "tx": p.stats.udp_tx_bytes, "rx": p.stats.udp_rx_bytes, "lost": p.stats.lost_packets}


def addr_kind(text):
    return "relay" if ("http://" in text or "https://" in text or text.lower().startswith("relay")) else "direct"


class Peer:
    def __init__(self, iroh, args):
        self.iroh, self.args = iroh, args
        self.ep = None
        self.home = None
        self.handles = []
        self.stop = asyncio.Event()

    # -- endpoint ---------------------------------------------------------------------------
    async def bind(self):
        iroh, a = self.iroh, self.args
        b = iroh.EndpointBuilder()
        b.apply_minimal()
        if a.secret_hex:
            raw = bytes.fromhex(a.secret_hex)
            if len(raw) != 32:
                raise Fail(EXIT_USAGE, "--secret-hex must be 64 hex digits")
            b.secret_key(raw)
        b.alpns([a.alpn.encode()])
        if a.relay:
            m = iroh.RelayMap.empty()
            for u in a.relay:
                url, _, frag = u.partition("#")
                own = dict(kv.partition("=")[::2] for kv in frag.split("&") if kv)
                quic = int(own["quic"]) if "quic" in own else a.quic_port
                m.insert(iroh.RelayConfig(url=url, quic_port=quic, auth_token=own.get("token", a.token)))
            b.relay_mode(iroh.RelayMode.custom(m))
        else:
            b.relay_mode(iroh.RelayMode.disabled())
        if a.bind:
            b.bind_addr(a.bind)
        self.ep = await b.bind()
        for x in a.external_addr:
            await self.ep.add_external_addr(x)
        emit("bound", id=str(self.ep.id()), sockets=self.ep.bound_sockets())
        outer = self

        class OnAddr(iroh.AddrChangeCallback):
            async def on_change(self, addr):
                outer.emit_addr(addr, "addr_change")

        class OnHome(iroh.HomeRelayCallback):
            async def on_change(self, urls):
                now = list(urls)
                emit("home_relay", urls=now, changed=now != outer.home)
                outer.home = now

        self.handles.append(self.ep.watch_addr(OnAddr()))
        self.handles.append(self.ep.watch_home_relay(OnHome()))
        if a.relay and not a.no_online:
            t = time.monotonic()
            try:
                await asyncio.wait_for(self.ep.online(), a.online_timeout)
            except asyncio.TimeoutError:
                raise Fail(EXIT_TIMEOUT, "not online within %.1f s (no relay connection)" % a.online_timeout)
            emit("online", relay=self.ep.addr().relay_url(), ms=round((time.monotonic() - t) * 1000, 1))
        self.emit_addr(self.ep.addr(), "addr")

    def emit_addr(self, addr, ev):
        emit(ev, id=str(addr.id()), relay=addr.relay_url(), direct=addr.direct_addresses(),
             ticket=str(self.iroh.EndpointTicket.from_addr(addr)))

    def watch(self, conn, state):
        iroh = self.iroh

        class OnEvent(iroh.PathEventCallback):
            async def on_event(self, e):
                try:
                    name = type(e).__name__.lower().rsplit(".", 1)[-1]
                    if name == "lagged":
                        emit("path", what="lagged", conn=state["n"])
                        return
                    d = {"what": name, "conn": state["n"], "id": getattr(e, "id", None), "remote": getattr(e, "remote_addr", None),
                         "local": getattr(e, "local_addr", None)}
                    d["kind"] = addr_kind(d["remote"] or "")
                    st = getattr(e, "last_stats", None)
                    if st is not None:
                        d.update(rtt_ms=st.rtt_ms, tx=st.udp_tx_bytes, rx=st.udp_rx_bytes)
                    else:
                        for p in conn.paths():
                            if p.id == d["id"]:
                                d["rtt_ms"] = p.rtt_ms
                    emit("path", **d)
                    if name == "selected":
                        state["kind"] = d["kind"]
                        if d["kind"] == "direct" and not state["direct"].is_set():
                            state["direct"].set()
                            emit("direct", conn=state["n"], ms=round((time.monotonic() - state["t"]) * 1000, 1), remote=d["remote"])
                except Exception as ex:  # a callback must never raise into the native library
                    emit("warn", msg="path callback: %r" % (ex,))

        self.handles.append(conn.watch_path_events(OnEvent()))

    def selected(self, conn):
        for p in conn.paths():
            if p.is_selected:
                return "direct" if p.is_ip else "relay"
        return None

    def new_state(self, n):
        return {"n": n, "t": time.monotonic(), "direct": asyncio.Event(), "kind": None}

    # -- listen -----------------------------------------------------------------------------
    async def listen(self):
        n, tasks, ended = 0, set(), 0
        stop = asyncio.ensure_future(self.stop.wait())
        nxt = asyncio.ensure_future(self.ep.accept_next())
        while True:
            done, _ = await asyncio.wait({stop, nxt} | tasks, return_when=asyncio.FIRST_COMPLETED)
            if stop in done:
                break
            for t in list(done & tasks):
                tasks.discard(t)
                ended += 1
                if t.exception():
                    emit("error", msg=why(t.exception()))
            if self.args.conns and ended >= self.args.conns:
                break
            if nxt in done:
                inc = nxt.result()
                if inc is None:
                    break
                n += 1
                tasks.add(asyncio.ensure_future(self.serve(inc, n)))
                nxt = asyncio.ensure_future(self.ep.accept_next())
        for t in tasks | {nxt, stop}:
            t.cancel()
        return EXIT_OK

    async def serve(self, inc, n):
        state = self.new_state(n)
        try:
            acc = await inc.accept()
            conn = await acc.connect()
        except Exception as ex:
            emit("accept_failed", conn=n, msg=why(ex))
            return
        emit("connected", conn=n, side="server", remote=str(conn.remote_id()), alpn=conn.alpn().decode("utf-8", "replace"),
             ms=round((time.monotonic() - state["t"]) * 1000, 1))
        self.watch(conn, state)
        emit("paths", conn=n, paths=[path_json(p) for p in conn.paths()])
        jobs = [asyncio.ensure_future(self.serve_streams(conn, n)), asyncio.ensure_future(self.serve_datagrams(conn, n))]
        reason = await conn.closed()
        for j in jobs:
            j.cancel()
        emit("closed", conn=n, reason=reason, paths=[path_json(p) for p in conn.paths()])

    async def serve_streams(self, conn, n):
        k = 0
        while True:
            try:
                bi = await conn.accept_bi()
            except Exception:
                return
            k += 1
            asyncio.ensure_future(self.serve_stream(conn, bi, n, k))

    async def serve_stream(self, conn, bi, n, k):
        try:
            send, recv = bi.send(), bi.recv()
            mode = await recv.read_exact(1)
            total, t = 0, time.monotonic()
            if mode == b"E":
                while True:
                    buf = await recv.read(CHUNK)
                    if not buf:
                        break
                    total += len(buf)
                    await send.write_all(buf)
            elif mode == b"S":
                h = hashlib.sha256()
                while True:
                    buf = await recv.read(CHUNK)
                    if not buf:
                        break
                    total += len(buf)
                    h.update(buf)
                await send.write_all(total.to_bytes(8, "big") + h.digest())
            elif mode == b"G":
                total = int.from_bytes(await recv.read_exact(8), "big")
                sent = 0
                while sent < total:
                    c = min(CHUNK, total - sent)
                    await send.write_all(pattern(c, sent))
                    sent += c
            else:
                emit("error", conn=n, msg="unknown mode byte %r" % (mode,))
                await send.reset(1)
                return
            await send.finish()
            emit("served", conn=n, stream=k, mode=mode.decode(), bytes=total, ms=round((time.monotonic() - t) * 1000, 1),
                 path=self.selected(conn))
        except Exception as ex:
            emit("stream_ended", conn=n, stream=k, msg=why(ex))

    async def serve_datagrams(self, conn, n):
        while True:
            try:
                d = await conn.read_datagram()
                await conn.send_datagram_wait(d)
            except Exception:
                return

    # -- connect ----------------------------------------------------------------------------
    def target(self):
        iroh, a = self.iroh, self.args
        if a.ticket:
            base = iroh.EndpointTicket.from_string(a.ticket).endpoint_addr()
            if not (a.peer_relay or a.peer_addr):
                return base
            return iroh.EndpointAddr(base.id(), a.peer_relay or base.relay_url(), a.peer_addr or base.direct_addresses())
        return iroh.EndpointAddr(iroh.EndpointId.from_string(a.id), a.peer_relay, a.peer_addr)

    async def connect(self):
        a = self.args
        state = self.new_state(1)
        try:
            conn = await asyncio.wait_for(self.ep.connect(self.target(), a.alpn.encode()), a.connect_timeout)
        except asyncio.TimeoutError:
            raise Fail(EXIT_CONNECT, "connect timed out after %.1f s" % a.connect_timeout)
        except Exception as ex:
            raise Fail(EXIT_CONNECT, "connect failed: %s" % why(ex))
        state["conn"] = conn
        emit("connected", conn=1, side="client", remote=str(conn.remote_id()), alpn=conn.alpn().decode("utf-8", "replace"),
             ms=round((time.monotonic() - state["t"]) * 1000, 1))
        self.watch(conn, state)
        snap = [path_json(p) for p in conn.paths()]
        emit("paths", conn=1, paths=snap)
        if self.selected(conn) == "direct" and not state["direct"].is_set():
            state["direct"].set()
            emit("direct", conn=1, ms=round((time.monotonic() - state["t"]) * 1000, 1), remote=None)
        if a.wait_direct > 0:
            await self.wait_direct(conn, state)
        for r in range(1, a.rounds + 1):
            await self.round(conn, r, a.mode, a.bytes)
        if a.datagrams:
            await self.datagrams(conn)
        if a.hold > 0:
            await self.hold(conn)
        end = self.selected(conn)
        st = conn.stats()
        emit("stats", conn=1, selected=end, paths=[path_json(p) for p in conn.paths()], udp_tx=st.udp_tx_bytes,
             udp_rx=st.udp_rx_bytes, lost=st.lost_packets)
        conn.close(a.close_code, a.close_reason.encode())
        emit("closed", conn=1, reason=await conn.closed())
        if a.expect and end != a.expect:
            raise Fail(EXIT_EXPECT, "selected path is %s, expected %s" % (end, a.expect))
        return EXIT_OK

    async def wait_direct(self, conn, state):
        """Events that come right after the connection was made are sometimes lost in the package: look, too."""
        a = self.args
        end = time.monotonic() + a.wait_direct
        while not state["direct"].is_set() and time.monotonic() < end:
            if self.selected(conn) == "direct":
                state["direct"].set()
                emit("direct", conn=1, ms=round((time.monotonic() - state["t"]) * 1000, 1), remote=None)
                return
            try:
                await asyncio.wait_for(state["direct"].wait(), min(0.05, a.wait_direct))
            except asyncio.TimeoutError:
                pass
        if not state["direct"].is_set():
            emit("no_direct", conn=1, waited_s=a.wait_direct)
            if a.expect == "direct":
                raise Fail(EXIT_EXPECT, "no direct path within %.1f s" % a.wait_direct)

    async def round(self, conn, r, mode, n):
        t = time.monotonic()
        try:
            bi = await conn.open_bi()
            send, recv = bi.send(), bi.recv()
            ok = True
            if mode == "gen":
                await send.write_all(b"G" + n.to_bytes(8, "big"))
                await send.finish()
                got = 0
                while True:
                    buf = await recv.read(CHUNK)
                    if not buf:
                        break
                    ok = ok and buf == pattern(len(buf), got)
                    got += len(buf)
                ok = ok and got == n
            else:
                h = hashlib.sha256()

                async def pump():
                    await send.write_all(b"E" if mode == "echo" else b"S")
                    sent = 0
                    while sent < n:
                        c = min(CHUNK, n - sent)
                        buf = pattern(c, sent)
                        h.update(buf)
                        await send.write_all(buf)
                        sent += c
                    await send.finish()

                job = asyncio.ensure_future(pump())
                if mode == "echo":
                    got = 0
                    while True:
                        buf = await recv.read(CHUNK)
                        if not buf:
                            break
                        ok = ok and buf == pattern(len(buf), got)
                        got += len(buf)
                    await job
                    ok = ok and got == n
                else:
                    await job
                    rep = await recv.read_to_end(64)
                    ok = rep == n.to_bytes(8, "big") + h.digest()
        except Exception as ex:
            raise Fail(EXIT_DATA, "round %d: %s" % (r, why(ex)))
        s = time.monotonic() - t
        emit("round", n=r, mode=mode, bytes=n, ok=ok, ms=round(s * 1000, 2), mbit_s=round(n * 8 / s / 1e6, 2), path=self.selected(conn))
        if not ok:
            raise Fail(EXIT_DATA, "round %d: bytes differ" % r)

    async def datagrams(self, conn):
        a = self.args
        size = max(16, a.datagram_size)
        mx = conn.max_datagram_size()
        if mx is None or size > mx:
            raise Fail(EXIT_DATA, "datagram size %d not possible (max %s)" % (size, mx))
        got, rtts, sent_at = set(), [], {}

        async def rx():
            while len(got) < a.datagrams:
                d = await conn.read_datagram()
                i = int.from_bytes(d[:8], "big")
                if i in sent_at and i not in got:
                    got.add(i)
                    rtts.append((time.monotonic() - sent_at[i]) * 1000)

        job = asyncio.ensure_future(rx())
        for i in range(a.datagrams):
            sent_at[i] = time.monotonic()
            await conn.send_datagram_wait(i.to_bytes(8, "big") + pattern(size - 8))
            await asyncio.sleep(0.002)
        try:
            await asyncio.wait_for(job, 3.0)
        except asyncio.TimeoutError:
            pass
        rtts.sort()
        emit("datagrams", sent=a.datagrams, echoed=len(got), size=size, max_size=mx,
             rtt_ms_p50=round(rtts[len(rtts) // 2], 2) if rtts else None, rtt_ms_max=round(rtts[-1], 2) if rtts else None,
             path=self.selected(conn))
        if not got:
            raise Fail(EXIT_DATA, "no datagram came back")

    async def hold(self, conn):
        a = self.args
        end, i, worst, last = time.monotonic() + a.hold, 0, 0.0, None
        while time.monotonic() < end and not self.stop.is_set():
            i += 1
            t = time.monotonic()
            try:
                bi = await conn.open_bi()
                await bi.send().write_all(b"E" + i.to_bytes(8, "big"))
                await bi.send().finish()
                back = await bi.recv().read_to_end(64)
            except Exception as ex:
                raise Fail(EXIT_DATA, "hold %d: %s" % (i, why(ex)))
            ms = (time.monotonic() - t) * 1000
            worst = max(worst, ms)
            if back != i.to_bytes(8, "big"):
                raise Fail(EXIT_DATA, "hold %d: wrong echo" % i)
            kind = self.selected(conn)
            if ms > 1000 or kind != last or i % 20 == 1:
                emit("hold", n=i, ms=round(ms, 2), path=kind)
            last = kind
            await asyncio.sleep(max(0.0, a.hold_interval - ms / 1000))
        emit("hold_done", n=i, worst_ms=round(worst, 2), path=last)

    async def close(self):
        for h in self.handles:
            try:
                h.stop() if not asyncio.iscoroutinefunction(h.stop) else await h.stop()
            except Exception:
                pass
        if self.ep and not self.ep.is_closed():
            try:
                await asyncio.wait_for(self.ep.close(), 5)
            except Exception as ex:
                emit("warn", msg="endpoint close: %r" % (ex,))


async def amain(iroh, args):
    try:
        iroh.uniffi_set_event_loop(asyncio.get_running_loop())
    except AttributeError:
        pass
    peer = Peer(iroh, args)
    loop = asyncio.get_running_loop()
    for s in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(s, peer.stop.set)

    async def work():
        await peer.bind()
        if args.role == "info":
            return EXIT_OK
        return await (peer.listen() if args.role == "listen" else peer.connect())

    code = EXIT_ERROR
    main = asyncio.ensure_future(work())
    stop = asyncio.ensure_future(peer.stop.wait())
    try:
        done, _ = await asyncio.wait({main} if args.role == "listen" else {main, stop}, timeout=args.timeout or None,
                                     return_when=asyncio.FIRST_COMPLETED)
        if main in done:
            code = main.result()
        elif stop in done:
            code = EXIT_OK
            main.cancel()
        else:
            main.cancel()
            if args.role == "listen":
                emit("timeout", after_s=args.timeout)
                code = EXIT_OK if not args.conns else EXIT_TIMEOUT
            else:
                raise Fail(EXIT_TIMEOUT, "run exceeded --timeout %.1f s" % args.timeout)
    except Fail as f:
        emit("error", code=f.code, msg=str(f))
        code = f.code
    except Exception as ex:
        emit("error", code=EXIT_ERROR, msg=why(ex))
        code = EXIT_ERROR
    finally:
        stop.cancel()
        await peer.close()
    emit("done", code=code)
    return code


def main():
    args = parse_args(sys.argv[1:])
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path.insert(0, here)
    if args.relay_only:
        import no_udp
        no_udp.block_udp_send()
    try:
        import iroh
        from iroh import iroh_ffi
    except ImportError as ex:
        emit("error", code=EXIT_USAGE, msg="PyPI package iroh is not installed: %s" % ex)
        return EXIT_USAGE
    for name in dir(iroh_ffi):
        if not hasattr(iroh, name) and not name.startswith("_"):
            setattr(iroh, name, getattr(iroh_ffi, name))
    try:
        from importlib.metadata import version
        ver = version("iroh")
    except Exception:
        ver = "?"
    emit("start", impl="pypi-iroh", version=ver, pid=os.getpid(), role=args.role)
    if args.log:  # the library logs to file descriptor 1: keep our lines on the old one, send its lines to stderr
        global OUT
        OUT = os.dup(1)
        os.dup2(2, 1)
        iroh.set_log_level(getattr(iroh.LogLevel, args.log.upper()))
    if args.trust_ca:
        import trust_ca
        try:
            emit("trust_ca", patched=trust_ca.patch_memory(args.trust_ca))
        except Exception as ex:
            emit("error", code=EXIT_USAGE, msg="--trust-ca: %s" % ex)
            return EXIT_USAGE
    code = asyncio.run(amain(iroh, args))
    sys.stdout.flush()
    os._exit(code)  # do not let the native runtime's threads delay or change the exit status


if __name__ == "__main__":
    sys.exit(main())
