package io.teahouse.cli.config;

import io.teahouse.cli.text.SmallFile;
import io.teahouse.relay.server.RelayServerConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;

/**
 * A relay's configuration as it came from a file and from the environment, or from neither.
 *
 * <p>Immutable.
 *
 * @param name how the file is named to people; {@code environment} if there is none
 * @param server  what the relay is to be
 * @param drain over what time at most its clients are sent away before it ends
 * @param whoMayUse who may use the relay, for people: {@code everyone}, or how many endpoints, or what they need
 * @param accessFile a file beside the configuration that is a part of who may use the relay
 * @param notices what its writer may not have meant, down the file, then that of the environment
 * @param effective what each key is in force with, in the order of the documentation
 */
public record RelayFile(
        String name,
        RelayServerConfig server,
        Duration drain,
        String whoMayUse,
        Optional<Path> accessFile,
        List<Notice> notices,
        List<Setting> effective) {
    /** The most that {@link #accessFile} may hold: room for a quarter of a million ids. */
    public static final int ACCESS_FILE_BYTES_MAX = 16 << 20;

    private static final String NO_FILE = "environment";

    /** Room for half a million ids; whatever is longer is no configuration. */
    private static final int FILE_BYTES_MAX = 64 << 20;

    /** Copies the lists. */
    public RelayFile {
        notices = List.copyOf(notices);
        effective = List.copyOf(effective);
    }

    /**
     * {@return what a file and the environment say; the built-in settings hold where they say nothing}
     *
     * @param file        the file, if there is one; relative paths in it start at the working directory, as for iroh's
     *                    relay, and not where the file is
     * @param dev         whether this is a relay to develop against: then {@code [tls]} is left aside, and the port is
     *                    3340 unless the file names one
     * @param environment the environment variables: those that stand for a key replace what the file says
     * @throws ConfigException when the file cannot be read or used, with everything that is wrong with it
     */
    public static RelayFile read(Optional<Path> file, boolean dev, Map<String, String> environment)
            throws ConfigException {
        return file.isPresent()
                ? parse(file.get().toString(), contents(file.get()), dev, environment)
                : parse(NO_FILE, "", dev, environment);
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
        var notices = new ArrayList<Notice>();
        var settings = new Settings(parsed, environment, problems, notices);
        var reader = new RelayReader(settings, problems, notices, dev);
        var config = reader.read();
        var drain = reader.drain();
        if (!problems.isEmpty()) {
            throw new ConfigException(file, problems);
        }
        notices.sort(Comparator.comparing(Notice::place, Place.ORDER));
        return new RelayFile(
                file, config, drain, reader.whoMayUse(), reader.accessFile(), notices, settings.effective());
    }

    private static String contents(Path file) throws ConfigException {
        try {
            return SmallFile.read(file, FILE_BYTES_MAX);
        } catch (SmallFile.UnreadableException e) {
            String advice = switch (e.fault()) {
                case MISSING ->
                    "check the path (%s), or leave -c out for the built-in settings".formatted(file.toAbsolutePath());
                case DENIED -> "let the relay's user read it";
                case DIRECTORY -> "name the file in it";
                case NOT_UTF8 -> "TOML is; save the file in that encoding";
                case TOO_LONG -> "is it the right file?";
                case UNREADABLE -> "check the path";
            };
            throw new ConfigException(
                    file.toString(), List.of(new Problem.UnreadableFile(String.valueOf(e.getMessage()), advice)));
        }
    }
}
