package io.teahouse.relay.server.forwarding;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import io.teahouse.core.EndpointId;
import io.teahouse.core.SecretKey;
import io.teahouse.relay.protocol.FrameLayout;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.server.access.AccessControl;
import io.teahouse.relay.server.time.MonotonicClock;
import io.teahouse.relay.server.time.Timer;
import io.teahouse.relay.websocket.WebSocketReader;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What a datagram costs from the sender's read to the receiver's batch, sockets and TLS left out. Run with {@code -prof gc}
 * it shows what a datagram allocates.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ForwardingBenchmark {
    private static final int FRAMES = 50;

    /** Bytes of contents. */
    @Param({"100", "1200"})
    public int length;

    /** How many receivers a sender takes turns with. */
    @Param({"1", "100"})
    public int receivers;

    private EmbeddedChannel loopChannel;
    private EmbeddedChannel[] receiverChannels;
    private ClientConnection sender;
    private ByteBuf input;

    /** Connects a sender and its receivers. */
    @Setup(Level.Trial)
    public void setUp() throws Exception {
        loopChannel = channel();
        var loop = new ForwardingLoop(loopChannel.eventLoop(), 0, 1, new MonotonicClock(), 64 << 20, 0);
        var service = new RelayService(
                AccessControl.everyone(),
                Optional.empty(),
                Optional.empty(),
                true,
                Duration.ofSeconds(2),
                List.of(loop));
        var ids = new EndpointId[receivers];
        receiverChannels = new EmbeddedChannel[receivers];
        for (int i = 0; i < receivers; i++) {
            ids[i] = id(i + 1);
            receiverChannels[i] = channel();
            connect(service, loop, receiverChannels[i], ids[i]);
        }
        sender = connect(service, loop, loopChannel, id(0));
        input = Unpooled.directBuffer(FRAMES * (length + 64));
        for (int i = 0; i < FRAMES; i++) {
            writeFrame(input, ids[i % receivers], length);
        }
    }

    /** Lets all go. */
    @TearDown(Level.Trial)
    public void tearDown() {
        input.release();
        loopChannel.close();
        for (var channel : receiverChannels) {
            channel.close();
        }
    }

    /** Reads {@value #FRAMES} datagrams that came in one go, and ends the turn. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public void forward() {
        input.readerIndex(0);
        sender.read(input);
        loopChannel.runPendingTasks();
    }

    private static ClientConnection connect(
            RelayService service, ForwardingLoop loop, EmbeddedChannel channel, EndpointId id) {
        var reader = new WebSocketReader(channel.alloc(), true, FrameLayout.MAX_MESSAGE_TO_RECEIVE);
        var connection = new ClientConnection(
                service,
                loop,
                channel,
                id,
                new Grant(
                        service.access(),
                        RelayService.nextConnectionId(),
                        Optional.empty(),
                        service.accessFailures(),
                        service.tenants().unnamed(),
                        Timer.NEVER,
                        new InetSocketAddress(0)),
                ProtocolVersion.V2,
                reader);
        channel.pipeline().addLast(connection);
        connection.begin();
        return connection;
    }

    /** A channel whose writes go nowhere. */
    private static EmbeddedChannel channel() {
        return new EmbeddedChannel(new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                ReferenceCountUtil.release(message);
            }
        });
    }

    private static EndpointId id(int number) throws Exception {
        var seed = new byte[32];
        seed[0] = (byte) number;
        seed[1] = (byte) (number >>> 8);
        return SecretKey.fromBytes(seed).endpointId();
    }

    private static void writeFrame(ByteBuf out, EndpointId destination, int contents) {
        int payload = FrameLayout.DATAGRAM_CONTENTS_OFFSET + contents;
        out.writeByte(0x82);
        if (payload < 126) {
            out.writeByte(0x80 | payload);
        } else {
            out.writeByte(0x80 | 126);
            out.writeShort(payload);
        }
        out.writeIntLE(0x5a17c3e9);
        int at = out.writerIndex();
        out.writeByte(FrameLayout.TYPE_CLIENT_TO_RELAY_DATAGRAM);
        out.writeBytes(destination.toBytes());
        out.writeZero(1 + contents);
        for (int i = 0; i < payload; i++) {
            out.setByte(at + i, out.getByte(at + i) ^ (0x5a17c3e9 >>> ((i & 3) * 8)));
        }
    }
}
