package io.teahouse.relay.server.limit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.teahouse.relay.server.RelayServerConfig.ReceiveLimit;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Turns the clock of a bucket by hand, against the section {@code rate_limit_bucket} of the vectors and by itself. */
class TokenBucketTest {
    private static final long NANOS_PER_MILLI = 1_000_000;

    @ParameterizedTest
    @MethodSource("recorded")
    void waitsAsTheReferenceDoes(JsonObject recorded) {
        replay(recorded, 0);
    }

    @ParameterizedTest
    @MethodSource("recorded")
    void theOriginOfTheClockDoesNotMatter(JsonObject recorded) {
        replay(recorded, -123_456_789);
        replay(recorded, Long.MAX_VALUE - 150 * NANOS_PER_MILLI);
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatNoClientCouldLiveWithIsRefused(JsonObject config) {
        assertThatIllegalArgumentException().isThrownBy(() -> limitOf(config));
    }

    @Test
    void whatDoesNotFitIsLost() {
        var bucket = new TokenBucket(new ReceiveLimit(1000, 100), 0);
        bucket.take(1, 0);

        assertThat(bucket.take(99, millis(100_000))).isZero();
        assertThat(bucket.take(1, millis(100_000))).isEqualTo(millis(100));
    }

    @Test
    void refillsCountFromWhenTheBucketWasMade() {
        var bucket = new TokenBucket(new ReceiveLimit(1000, 500), millis(50));

        assertThat(bucket.take(499, millis(50))).isZero();
        assertThat(bucket.take(1, millis(60))).isEqualTo(millis(90));
    }

    @ParameterizedTest
    @ValueSource(longs = {ReceiveLimit.MIN_BYTES_PER_SECOND, ReceiveLimit.MAX_BYTES})
    void centuriesOfSilenceFillTheBucketAndNoMore(long bytesPerSecond) {
        var bucket = new TokenBucket(new ReceiveLimit(bytesPerSecond, 1000), 0);

        assertThat(bucket.take(999, Long.MAX_VALUE)).isZero();
        assertThat(bucket.take(1, Long.MAX_VALUE)).isBetween(1L, millis(100));
    }

    @Property
    void whoWaitsAsToldMayGoOnAndWouldNotHaveEarlier(
            @ForAll @LongRange(min = 10, max = 100_000) long bytesPerSecond,
            @ForAll @LongRange(min = 1, max = 100_000) long maxBurstBytes,
            @ForAll @IntRange(max = 1_000_000) int bytes,
            @ForAll @LongRange(max = 1_000_000_000) long nowNanos) {
        var limit = new ReceiveLimit(bytesPerSecond, maxBurstBytes);
        var onTime = new TokenBucket(limit, 0);
        var tooEarly = new TokenBucket(limit, 0);

        long delayNanos = onTime.take(bytes, nowNanos);
        tooEarly.take(bytes, nowNanos);

        assertThat(delayNanos).isNotNegative();
        assertThat(onTime.take(0, nowNanos + delayNanos)).isZero();
        if (delayNanos > 0) {
            assertThat(tooEarly.take(0, nowNanos + delayNanos - 1)).isEqualTo(1);
        }
    }

    @Property
    void aClientThatWaitsAsToldNeverGetsMoreThanBurstAndRate(
            @ForAll @LongRange(min = 10, max = 100_000) long bytesPerSecond,
            @ForAll @LongRange(min = 1, max = 100_000) long maxBurstBytes,
            @ForAll @Size(min = 1, max = 50) List<@IntRange(max = 8192) Integer> reads) {
        var bucket = new TokenBucket(new ReceiveLimit(bytesPerSecond, maxBurstBytes), 0);
        long nowNanos = 0;
        long readBytes = 0;

        for (int bytes : reads) {
            long earned = maxBurstBytes + bytesPerSecond / 10 * (nowNanos / millis(100));
            assertThat(readBytes).isLessThan(earned); // before each read something is left, the last may overdraw
            nowNanos += bucket.take(bytes, nowNanos);
            readBytes += bytes;
        }
    }

    static List<JsonObject> recorded() {
        return objects(vectors().get("cases"));
    }

    static List<JsonObject> refused() {
        return objects(vectors().get("refused_configs"));
    }

    private static void replay(JsonObject recorded, long originNanos) {
        var bucket = new TokenBucket(limitOf(recorded), originNanos);
        for (var step : objects(recorded.get("steps"))) {
            long atMillis = step.get("at_ms").getAsLong();
            var notBeforeMillis = step.get("next_read_not_before_ms");
            long expectedNanos = notBeforeMillis.isJsonNull() ? 0 : millis(notBeforeMillis.getAsLong() - atMillis);

            assertThat(bucket.take(step.get("read_bytes").getAsInt(), originNanos + millis(atMillis)))
                    .as("%s", step)
                    .isEqualTo(expectedNanos);
        }
    }

    private static ReceiveLimit limitOf(JsonObject config) {
        return new ReceiveLimit(
                config.get("bytes_per_second").getAsLong(),
                config.get("capacity").getAsLong());
    }

    private static List<JsonObject> objects(JsonElement array) {
        return array.getAsJsonArray().asList().stream()
                .map(JsonElement::getAsJsonObject)
                .toList();
    }

    private static long millis(long millis) {
        return millis * NANOS_PER_MILLI;
    }

    private static JsonObject vectors() {
        var stream = Objects.requireNonNull(TokenBucketTest.class.getResourceAsStream("/vectors/relay-frames.json"));
        try (var reader = new InputStreamReader(stream, UTF_8)) {
            return JsonParser.parseReader(reader).getAsJsonObject().getAsJsonObject("rate_limit_bucket");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
