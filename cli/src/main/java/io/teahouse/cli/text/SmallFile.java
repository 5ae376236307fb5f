package io.teahouse.cli.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads files that people write: UTF-8, and never longer than their kind can sensibly be. */
public final class SmallFile {
    private SmallFile() {}

    /** Why a file cannot be read. */
    public enum Fault {
        /** Nothing is there. */
        MISSING("does not exist"),
        /** It is not for this user. */
        DENIED("cannot be read by this user"),
        /** It is a directory. */
        DIRECTORY("is a directory"),
        /** It holds something else than text. */
        NOT_UTF8("is not UTF-8"),
        /** It holds more than was asked for. */
        TOO_LONG("is too long"),
        /** The machine could not. */
        UNREADABLE("cannot be read");

        private final String words;

        Fault(String words) {
            this.words = words;
        }
    }

    /** A file could not be read; the message has no subject: {@code does not exist}. */
    public static final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1L;

        private final Fault fault;

        UnreadableException(Fault fault, String details) {
            super(fault.words + details, null, false, false);
            this.fault = fault;
        }

        /**
         * {@return why}
         */
        public Fault fault() {
            return fault;
        }
    }

    /**
     * {@return what is in a file}
     *
     * @param file     its path
     * @param bytesMax the most it may hold, 1 KiB or more
     * @throws UnreadableException if it cannot be read
     */
    public static String read(String file, int bytesMax) throws UnreadableException {
        try {
            return read(Path.of(file), bytesMax);
        } catch (InvalidPathException _) {
            throw new UnreadableException(Fault.MISSING, "");
        }
    }

    /**
     * {@return what is in a file}
     *
     * @param file     the file
     * @param bytesMax the most it may hold, 1 KiB or more
     * @throws UnreadableException if it cannot be read
     */
    public static String read(Path file, int bytesMax) throws UnreadableException {
        try (var in = Files.newInputStream(file)) {
            return read(in, bytesMax);
        } catch (NoSuchFileException _) {
            throw new UnreadableException(Fault.MISSING, "");
        } catch (AccessDeniedException _) {
            throw new UnreadableException(Fault.DENIED, "");
        } catch (IOException e) {
            throw unreadable(e);
        } catch (UnreadableException e) {
            throw Files.isDirectory(file) ? new UnreadableException(Fault.DIRECTORY, "") : e;
        }
    }

    /**
     * {@return what is in a stream, such as standard input}
     *
     * @param in       the stream
     * @param bytesMax the most it may hold, 1 KiB or more
     * @throws UnreadableException if it cannot be read
     */
    public static String read(InputStream in, int bytesMax) throws UnreadableException {
        try {
            byte[] bytes = in.readNBytes(bytesMax + 1);
            if (bytes.length > bytesMax) {
                throw new UnreadableException(Fault.TOO_LONG, ", more than " + size(bytesMax));
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException _) {
            throw new UnreadableException(Fault.NOT_UTF8, "");
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private static UnreadableException unreadable(IOException e) {
        return new UnreadableException(Fault.UNREADABLE, " (%s)".formatted(e.getMessage()));
    }

    private static String size(int bytes) {
        return bytes >= 1 << 20 ? "%d MiB".formatted(bytes >> 20) : "%d KiB".formatted(bytes >> 10);
    }
}
