package io.teahouse.relay.server.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import io.teahouse.core.EndpointId;
import io.teahouse.core.SecretKey;
import io.teahouse.relay.protocol.FrameCodec;
import io.teahouse.relay.protocol.FrameLayout;
import io.teahouse.relay.protocol.KeyMaterialExporter;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.protocol.RelayFrame;
import io.teahouse.relay.server.RelayServerConfig.ReceiveLimit;
import io.teahouse.relay.server.access.AccessControl;
import io.teahouse.relay.server.metrics.LoopCounters;
import io.teahouse.relay.server.metrics.RelayCounter;
import io.teahouse.relay.server.metrics.RelayHistogram;
import io.teahouse.relay.server.time.MonotonicClock;
import io.teahouse.relay.server.time.Timer;
import io.teahouse.relay.server.time.TimerWheel;
import io.teahouse.relay.websocket.Opcode;
import io.teahouse.relay.websocket.WebSocketReader;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Admitted clients of a relay without sockets and threads: each event loop is one that a test turns by hand. What was
 * written to a client is read back as relay frames.
 */
final class EmbeddedRelay implements AutoCloseable {
    private static final int MASK = 0x1B2C3D4E;

    /** Counts what it gives; without the leak detector, which would note every access to every byte. */
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true);

    private final List<EmbeddedChannel> loopOwners = new ArrayList<>();
    private final List<ForwardingLoop> loops = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();
    final RelayService service;
    private long connectionIds;
    private long nowNanos;

    EmbeddedRelay(int loopCount) {
        this(loopCount, AccessControl.everyone(), Optional.empty());
    }

    EmbeddedRelay(int loopCount, AccessControl access, Optional<ReceiveLimit> limit) {
        for (int i = 0; i < loopCount; i++) {
            var owner = new EmbeddedChannel();
            owner.freezeTime();
            loopOwners.add(owner);
            var clock = new MonotonicClock(() -> nowNanos);
            loops.add(new ForwardingLoop(owner.eventLoop(), i, loopCount, clock, 50_000_000, 16));
        }
        service = new RelayService(access, limit, Optional.empty(), true, Duration.ofSeconds(2), loops);
    }

    /** A channel whose socket takes as much as a test says. */
    private static final class StallingChannel extends EmbeddedChannel implements DuplexChannel {
        private int buffersToTake = Integer.MAX_VALUE;
        private boolean outputShutdown;

        @Override
        protected void doWrite(ChannelOutboundBuffer in) {
            for (Object buffer; buffersToTake > 0 && (buffer = in.current()) != null; ) {
                buffersToTake -= buffersToTake == Integer.MAX_VALUE ? 0 : 1;
                handleOutboundMessage(ReferenceCountUtil.retain(buffer));
                in.remove();
            }
        }

        @Override
        public ChannelFuture shutdownOutput() {
            return shutdownOutput(newPromise());
        }

        @Override
        public ChannelFuture shutdownOutput(ChannelPromise promise) {
            outputShutdown = true;
            return promise.setSuccess();
        }

        @Override
        public boolean isOutputShutdown() {
            return outputShutdown;
        }

        @Override
        public boolean isInputShutdown() {
            return false;
        }

        @Override
        public boolean isShutdown() {
            return false;
        }

        @Override
        public ChannelFuture shutdownInput() {
            throw new UnsupportedOperationException();
        }

        @Override
        public ChannelFuture shutdownInput(ChannelPromise promise) {
            throw new UnsupportedOperationException();
        }

        @Override
        public ChannelFuture shutdown() {
            throw new UnsupportedOperationException();
        }

        @Override
        public ChannelFuture shutdown(ChannelPromise promise) {
            throw new UnsupportedOperationException();
        }
    }

    /** One admitted client and the other end of its connection. */
    final class Client {
        final ClientConnection connection;
        private final ProtocolVersion version;
        private final StallingChannel channel = new StallingChannel();
        private final List<byte[]> otherFrames = new ArrayList<>();

        private Client(EndpointId id, ForwardingLoop loop, ProtocolVersion version, Tenant tenant, long endNanos) {
            this.version = version;
            channel.config().setAllocator(allocator);
            var reader = new WebSocketReader(channel.alloc(), true, FrameLayout.MAX_MESSAGE_TO_RECEIVE);
            var grant = new Grant(
                    service.access(),
                    ++connectionIds,
                    Optional.empty(),
                    service.accessFailures(),
                    tenant,
                    endNanos,
                    new InetSocketAddress(0));
            connection = new ClientConnection(service, loop, channel, id, grant, version, reader);
            channel.pipeline().addLast(connection);
        }

        EndpointId id() {
            return connection.endpointId();
        }

        /** Sends a frame as the protocol's own encoder writes it, and leaves the turn unfinished. */
        void send(RelayFrame frame) {
            sendMessage(FrameCodec.encode(frame));
        }

        /** Sends a message, which comes in pieces of this many bytes if it is longer. */
        void sendMessage(byte[] message, int pieceBytes) {
            var frame = frame(Opcode.BINARY, message);
            while (frame.isReadable()) {
                channel.writeInbound(frame.readRetainedSlice(Math.min(pieceBytes, frame.readableBytes())));
            }
            frame.release();
        }

        void sendMessage(byte[] message) {
            channel.writeInbound(frame(Opcode.BINARY, message));
        }

        /** Sends a WebSocket frame of another kind. */
        void sendFrame(int opcode, byte... payload) {
            channel.writeInbound(frame(opcode, payload));
        }

        private static ByteBuf frame(int opcode, byte[] message) {
            var frame = Unpooled.buffer().writeByte(0x80 | opcode);
            if (message.length < 126) {
                frame.writeByte(0x80 | message.length);
            } else if (message.length < 65_536) {
                frame.writeByte(0x80 | 126).writeShort(message.length);
            } else {
                frame.writeByte(0x80 | 127).writeLong(message.length);
            }
            frame.writeInt(MASK);
            for (int i = 0; i < message.length; i++) {
                frame.writeByte(message[i] ^ (MASK >>> (24 - 8 * (i % 4))));
            }
            return frame;
        }

        /** Has the client's socket take nothing, or all again. */
        void stall(boolean stalled) {
            take(stalled ? 0 : Integer.MAX_VALUE);
        }

        /** Has the client's socket take so many buffers and then nothing. */
        void take(int buffers) {
            channel.buffersToTake = buffers;
            channel.flush();
        }

        boolean isConnected() {
            return channel.isActive();
        }

        /** Returns whether more is read from it at present. */
        boolean isRead() {
            return channel.config().isAutoRead();
        }

        /** Returns the bytes that the channel holds for it. */
        long pendingBytes() {
            var pending = channel.unsafe().outboundBuffer();
            return pending == null ? 0 : pending.totalPendingWriteBytes();
        }

        /** Returns the frames that are no binary messages: the first byte of the header, then the payload. */
        List<byte[]> otherFrames() {
            return List.copyOf(otherFrames);
        }

        /** Finishes the turn and returns the frames that came since this was asked last. */
        List<RelayFrame.FromRelay> received() throws Exception {
            turn();
            var frames = new ArrayList<RelayFrame.FromRelay>();
            for (byte[] message : receivedMessages()) {
                frames.add(FrameCodec.decodeFromRelay(ByteBuffer.wrap(message), version));
            }
            return frames;
        }

        /** Likewise, as bytes. */
        List<byte[]> receivedMessages() {
            turn();
            var messages = new ArrayList<byte[]>();
            for (ByteBuf batch; (batch = channel.readOutbound()) != null; ) {
                while (batch.isReadable()) {
                    byte first = batch.readByte();
                    int length = batch.readUnsignedByte();
                    length =
                            length == 126 ? batch.readUnsignedShort() : length == 127 ? (int) batch.readLong() : length;
                    var payload = new byte[length];
                    batch.readBytes(payload);
                    if (first == (byte) (0x80 | Opcode.BINARY)) {
                        messages.add(payload);
                    } else {
                        otherFrames.add(ByteBuffer.allocate(1 + length)
                                .put(first)
                                .put(payload)
                                .array());
                    }
                }
                batch.release();
            }
            return messages;
        }

        /** Ends the connection as when the client is gone. */
        void disconnect() {
            turn();
            channel.close();
            turn();
        }
    }

    static EndpointId newId() {
        return SecretKey.generate(new SecureRandom()).endpointId();
    }

    Client connect() {
        return connect(newId(), 0);
    }

    Client connect(EndpointId id, int loop) {
        return connect(id, loop, ProtocolVersion.V2);
    }

    Client connect(EndpointId id, int loop, ProtocolVersion version) {
        return connect(id, loop, version, service.tenants().unnamed(), Timer.NEVER);
    }

    /** Connects a client that may stay for a time only. */
    Client connectFor(Duration stay) {
        return connect(newId(), 0, ProtocolVersion.V2, service.tenants().unnamed(), nowNanos + stay.toNanos());
    }

    /** Connects a client of a project, which the rules know. */
    Client connectOf(String project, EndpointId id, int loop) {
        var tenant = service.tenants().find(Optional.of(project)).orElseThrow();
        assertThat(tenant.enter(id)).isTrue();
        return connect(id, loop, ProtocolVersion.V2, tenant, Timer.NEVER);
    }

    private Client connect(EndpointId id, int loop, ProtocolVersion version, Tenant tenant, long endNanos) {
        var client = new Client(id, loops.get(loop), version, tenant, endNanos);
        var upgrade = new Upgrade(
                version,
                "/relay",
                List.of(),
                InetSocketAddress.createUnresolved("embedded", 1),
                KeyMaterialExporter.NONE,
                Long.MAX_VALUE);
        var admission = new Admission(service, loops.get(loop), upgrade);
        service.onUpgraded(admission);
        service.onAdmissionOver(admission);
        clients.add(client);
        client.connection.begin();
        turn();
        return client;
    }

    ForwardingLoop loop(int index) {
        return loops.get(index);
    }

    /** Runs what one loop has to do. */
    void turn(int loop) {
        loopOwners.get(loop).runPendingTasks();
    }

    /** Lets time pass, a tick of the loops' timers at a time. */
    void pass(Duration time) {
        for (long end = nowNanos + time.toNanos(); nowNanos < end; ) {
            long stepNanos = Math.min(end - nowNanos, TimerWheel.TICK_NANOS);
            nowNanos += stepNanos;
            loopOwners.forEach(owner -> owner.advanceTimeBy(stepNanos, TimeUnit.NANOSECONDS));
            turn();
        }
    }

    /** Runs what every loop has to do, and what comes of it. */
    void turn() {
        for (int i = 0; i < 4; i++) {
            loopOwners.forEach(EmbeddedChannel::runPendingTasks);
            loopOwners.forEach(EmbeddedChannel::runScheduledPendingTasks);
            clients.forEach(client -> client.channel.runPendingTasks());
        }
    }

    /** Returns a counter, summed over the loops. */
    long count(RelayCounter counter) {
        return loops.stream().mapToLong(loop -> loop.counters().get(counter)).sum();
    }

    /** Returns how many times were taken. */
    long count(RelayHistogram histogram) {
        return LoopCounters.count(loops.stream().map(ServerLoop::counters).toList(), histogram);
    }

    @Override
    public void close() {
        for (var client : clients) {
            client.stall(false);
            client.disconnect();
            client.channel.finishAndReleaseAll();
        }
        loopOwners.forEach(EmbeddedChannel::close);
        assertThat(allocator.metric().usedDirectMemory())
                .as("bytes held after the end")
                .isZero();
    }
}
