package io.teahouse.relay.server.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a file held when it was read, or why it could not be read: what is checked and what is compared is then the same,
 * whatever happens to the file meanwhile. No record, since that would show a key wherever it is printed.
 *
 * <p>Immutable.
 */
final class FileContents {
    /** No certificate chain or key is nearly as large: 1 MiB. */
    static final int MAX_BYTES = 1 << 20;

    private final Path file;
    private final String text;
    private final Optional<IOException> problem;

    private FileContents(Path file, String text, Optional<IOException> problem) {
        this.file = file;
        this.text = text;
        this.problem = problem;
    }

    static FileContents read(Path file) {
        try {
            long size = Files.size(file);
            if (size > MAX_BYTES) {
                throw new IOException("%d bytes (expected: at most %d)".formatted(size, MAX_BYTES));
            }
            try (var in = Files.newInputStream(file)) {
                // Not more than that either of a file that has grown since, or whose size nobody knows.
                return new FileContents(
                        file, new String(in.readNBytes(MAX_BYTES), StandardCharsets.ISO_8859_1), Optional.empty());
            }
        } catch (IOException e) {
            return new FileContents(file, "", Optional.of(e));
        }
    }

    Path file() {
        return file;
    }

    /** Returns the contents, one character for each byte. */
    String text() throws IOException {
        if (problem.isPresent()) {
            throw problem.get();
        }
        return text;
    }

    /** Returns whether both were the same, or could not be read for the same reason. */
    boolean holdsSameAs(FileContents other) {
        return text.equals(other.text) && problem.map(String::valueOf).equals(other.problem.map(String::valueOf));
    }
}
