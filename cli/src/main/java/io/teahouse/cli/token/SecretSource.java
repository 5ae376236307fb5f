package io.teahouse.cli.token;

import io.teahouse.cli.text.SmallFile;
import io.teahouse.core.FormatException;
import io.teahouse.core.SecretKey;
import io.teahouse.core.token.ApiSecret;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;

/**
 * Where the key comes from that signs tokens: an option, a file or standard input, else the environment. In each of
 * them it is the text of an API secret, or the key itself in hex or base32; blanks and line ends around it are skipped.
 */
final class SecretSource {
    static final String VARIABLE = "IROH_SERVICES_API_SECRET";

    private static final int BYTES_MAX = 16 << 10;

    private final Map<String, String> environment;
    private final InputStream in;

    SecretSource(Map<String, String> environment, InputStream in) {
        this.environment = environment;
        this.in = in;
    }

    /**
     * The key.
     *
     * @param text what stands on the command line, if anything
     * @param file a file, or {@code -} for standard input; looked at if there is no text
     * @throws FormatException if there is no key, or it cannot be read; the message does not repeat it
     */
    SecretKey read(Optional<String> text, Optional<String> file) throws FormatException {
        if (text.isPresent()) {
            return key(text.get(), "--secret");
        }
        if (file.isPresent()) {
            return key(contents(file.get()), name(file.get()));
        }
        String variable = environment.getOrDefault(VARIABLE, "");
        if (variable.isEmpty()) {
            throw new FormatException(
                    "no secret (expected: --secret-file FILE, or %s in the environment)".formatted(VARIABLE));
        }
        return key(variable, VARIABLE);
    }

    private static SecretKey key(String text, String where) throws FormatException {
        String secret = text.strip();
        try {
            return secret.startsWith(ApiSecret.PREFIX) ? ApiSecret.parse(secret).key() : SecretKey.parse(secret);
        } catch (FormatException e) {
            throw new FormatException("%s: %s".formatted(where, e.getMessage()));
        }
    }

    private String contents(String file) throws FormatException {
        try {
            return file.equals("-") ? SmallFile.read(in, BYTES_MAX) : SmallFile.read(file, BYTES_MAX);
        } catch (SmallFile.UnreadableException e) {
            throw new FormatException("%s: %s (expected: a secret)".formatted(name(file), e.getMessage()));
        }
    }

    private static String name(String file) {
        return file.equals("-") ? "standard input" : file;
    }
}
