package io.teahouse.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.teahouse.relay.websocket.Masking;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What one pass over the contents of a datagram costs: copying and unmasking, against copying alone. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MaskingBenchmark {
    /** Bytes of contents. */
    @Param({"100", "1200", "16000"})
    public int length;

    private ByteBuf source;
    private ByteBuf target;

    /** Makes the buffers. */
    @Setup
    public void setUp() {
        source = UnpooledByteBufAllocator.DEFAULT.directBuffer(64 * 1024).writerIndex(64 * 1024);
        target = UnpooledByteBufAllocator.DEFAULT.directBuffer(64 * 1024).writerIndex(64 * 1024);
    }

    /** Copies and unmasks. */
    @Benchmark
    public void unmask() {
        Masking.copy(source, 41, target, 38, length, 0x12345678);
    }

    /** Copies. */
    @Benchmark
    public void copy() {
        Masking.copy(source, 41, target, 38, length, 0);
    }
}
