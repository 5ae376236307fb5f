package io.teahouse.cli.config;

import io.teahouse.relay.server.RelayServerConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;

/**
 * A relay's configuration as it came from a file, or from no file at all.
 *
 * <p>Immutable.
 *
 * @param server  what the relay is to be
 * @param drain over what time at most its clients are sent away before it ends
 * @param whoMayUse who may use the relay, for people: {@code everyone}, or how many endpoints, or what they need
 * @param notices what its writer may not have meant, in the order of the lines
 */
public record RelayFile(RelayServerConfig server, Duration drain, String whoMayUse, List<Notice> notices) {
    /** Room for half a million ids; whatever is longer is no configuration. */
    private static final int FILE_BYTES_MAX = 64 << 20;

    /** Copies the list. */
    public RelayFile {
        notices = List.copyOf(notices);
    }

    /**
     * {@return the built-in settings: everyone, plain HTTP}
     *
     * @param dev whether this is a relay to develop against: the port is then 3340 instead of 80
     */
    public static RelayFile builtIn(boolean dev) {
        try {
            return parse("built-in settings", "", dev);
        } catch (ConfigException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * {@return what a file says}
     *
     * @param file        the file; relative paths in it start at the working directory, as for iroh's relay, and not
     *                    where the file is
     * @param dev         whether this is a relay to develop against: then {@code [tls]} is left aside, and the port is
     *                    3340 unless the file names one
     * @param environment the environment variables: those of secrets replace what the file says
     * @throws ConfigException when the file cannot be read or used, with everything that is wrong with it
     */
    public static RelayFile read(Path file, boolean dev, Map<String, String> environment) throws ConfigException {
        return parse(file.toString(), contents(file), dev, environment);
    }

    static RelayFile parse(String file, String toml, boolean dev) throws ConfigException {
        return parse(file, toml, dev, Map.of());
    }

    static RelayFile parse(String file, String toml, boolean dev, Map<String, String> environment)
            throws ConfigException {
        TomlParseResult parsed = Toml.parse(toml);
        if (parsed.hasErrors()) {
            throw new ConfigException(
                    file,
                    parsed.errors().stream()
                            .map(error -> new Problem.NotToml(
                                    error.position().line(),
                                    error.position().column(),
                                    String.valueOf(error.getMessage())))
                            .toList());
        }
        var problems = new ArrayList<Problem>();
        var reader = new RelayReader(new Settings(parsed, problems), problems, environment, dev);
        var config = reader.read();
        if (!problems.isEmpty()) {
            throw new ConfigException(file, problems);
        }
        return new RelayFile(config, reader.drain(), reader.whoMayUse(), reader.notices());
    }

    private static String contents(Path file) throws ConfigException {
        try (var in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(FILE_BYTES_MAX + 1);
            if (bytes.length > FILE_BYTES_MAX) {
                throw unreadable(file, "more than %d MiB".formatted(FILE_BYTES_MAX >> 20), "is it the right file?");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (NoSuchFileException _) {
            throw unreadable(
                    file,
                    "no such file",
                    "check the path (%s), or leave -c out for the built-in settings".formatted(file.toAbsolutePath()));
        } catch (AccessDeniedException _) {
            throw unreadable(file, "permission denied", "let the relay's user read it");
        } catch (CharacterCodingException _) {
            throw unreadable(file, "not UTF-8", "TOML is; save the file in that encoding");
        } catch (IOException e) {
            if (Files.isDirectory(file)) {
                throw unreadable(file, "is a directory", "name the file in it");
            }
            throw unreadable(file, "cannot be read (%s)".formatted(e.getMessage()), "check the path");
        }
    }

    private static ConfigException unreadable(Path file, String text, String advice) {
        return new ConfigException(file.toString(), List.of(new Problem.UnreadableFile(text, advice)));
    }
}
