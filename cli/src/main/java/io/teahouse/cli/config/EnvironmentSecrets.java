package io.teahouse.cli.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Secrets that come from the environment, in place of those in the configuration file: as the value of a variable, or from
 * a file that a variable names (iroh relay spec, section 4). What cannot be used is noted as a {@link Problem}, which names
 * the variable and never what it holds.
 *
 * <p>Not thread-safe.
 */
final class EnvironmentSecrets {
    /** A secret and the variables that can give it. */
    enum Secret {
        ACCESS_TOKEN("access.shared_token", "IROH_RELAY_ACCESS_TOKEN", "TEAHOUSE_ACCESS_TOKEN"),
        HTTP_BEARER_TOKEN("access.http.bearer_token", "IROH_RELAY_HTTP_BEARER_TOKEN", "TEAHOUSE_HTTP_BEARER_TOKEN");

        private final String key;
        private final String irohs;
        private final String ours;

        Secret(String key, String irohs, String ours) {
            this.key = key;
            this.irohs = irohs;
            this.ours = ours;
        }

        /** The variable with the secret in it, by our name. */
        String variable() {
            return ours;
        }

        private String fileVariable() {
            return ours + "_FILE";
        }
    }

    private static final int FILE_BYTES_MAX = 64 << 10;
    private static final String FILE_EXPECTED = "a readable file with the secret in it";

    private final Map<String, String> environment;
    private final List<Problem> problems;

    EnvironmentSecrets(Map<String, String> environment, List<Problem> problems) {
        this.environment = environment;
        this.problems = problems;
    }

    /** Whether a variable is there for it, be it usable or not. */
    boolean has(Secret secret) {
        return !variables(secret).isEmpty();
    }

    /** The variable it comes from, for people; empty if there is none. */
    String source(Secret secret) {
        return String.join(" and ", variables(secret));
    }

    /**
     * The secret; empty if no variable is there for it, or none that can be used.
     *
     * @param line of the rule that needs it
     */
    Optional<String> read(Secret secret, int line) {
        var variables = variables(secret);
        if (variables.size() > 1) {
            problems.add(new Problem.BadValue(
                    line, source(secret), "set at once", "one of them at most", "unset all but the one that is meant"));
            return Optional.empty();
        }
        return variables.stream().findFirst().flatMap(variable -> read(secret, variable, line));
    }

    private List<String> variables(Secret secret) {
        return List.of(secret.irohs, secret.ours, secret.fileVariable()).stream()
                .filter(environment::containsKey)
                .toList();
    }

    private Optional<String> read(Secret secret, String variable, int line) {
        String value = environment.getOrDefault(variable, "");
        if (value.isEmpty()) {
            problems.add(new Problem.BadValue(
                    line, variable, "empty", "not empty", "unset it to have what %s says".formatted(secret.key)));
            return Optional.empty();
        }
        return variable.equals(secret.fileVariable()) ? contents(variable, value, line) : Optional.of(value);
    }

    private Optional<String> contents(String variable, String name, int line) {
        String fault;
        try (var in = Files.newInputStream(Path.of(name))) {
            byte[] bytes = in.readNBytes(FILE_BYTES_MAX + 1);
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString()
                    .replaceFirst("\\r?\\n\\z", ""); // every editor ends the last line
            if (bytes.length <= FILE_BYTES_MAX && !text.isEmpty()) {
                return Optional.of(text);
            }
            fault = text.isEmpty() ? "it is empty" : "it is longer than %d KiB".formatted(FILE_BYTES_MAX >> 10);
        } catch (NoSuchFileException _) {
            fault = "it does not exist";
        } catch (CharacterCodingException _) {
            fault = "it is not UTF-8";
        } catch (IOException | InvalidPathException _) {
            fault = "it cannot be read by this user";
        }
        problems.add(new Problem.BadValue(line, variable, Quoted.text(name), FILE_EXPECTED, fault));
        return Optional.empty();
    }
}
