package io.teahouse.interop;

import io.teahouse.quic.ConnectionTrace;
import io.teahouse.quic.qlog.QlogTrace;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/** Files of qlog, one for each connection, as far as they are wanted. */
final class QlogFiles {
    private QlogFiles() {}

    /** In the folder that {@code TEAHOUSE_QLOG} in the environment says, or none. */
    static ConnectionTrace.Source asEnvironmentSays() {
        return Optional.ofNullable(System.getenv("TEAHOUSE_QLOG"))
                .map(folder -> in(Path.of(folder)))
                .orElse(ConnectionTrace.Source.NONE);
    }

    /** In a folder. They are written through, event by event, and closed by nobody. */
    static ConnectionTrace.Source in(Path folder) {
        return (role, original, network, nowNanos) -> {
            var file =
                    folder.resolve("%s_%s.sqlog".formatted(original, role.name().toLowerCase(Locale.ROOT)));
            try {
                var out = new OutputStreamWriter(Files.newOutputStream(file), StandardCharsets.UTF_8) {
                    @Override
                    public void write(int character) throws IOException {
                        super.write(character);
                        if (character == '\n') {
                            flush();
                        }
                    }
                };
                return new QlogTrace(out, role, original, network, Instant.now(), nowNanos);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }
}
