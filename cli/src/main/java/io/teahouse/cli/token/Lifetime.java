package io.teahouse.cli.token;

import io.teahouse.core.FormatException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * How long a token is to hold, as people write it: {@code 30d}, {@code 12h}, {@code 90m}, {@code 600s} or
 * {@code never}.
 *
 * @param seconds 1 or more; empty if it is never to run out
 */
record Lifetime(Optional<Long> seconds) {
    private static final Pattern SHAPE = Pattern.compile("([1-9][0-9]{0,8})([smhd])");

    static Lifetime parse(String text) throws FormatException {
        if (text.equals("never")) {
            return new Lifetime(Optional.empty());
        }
        var shape = SHAPE.matcher(text);
        if (!shape.matches()) {
            throw new FormatException(
                    "\"%s\" is no length of time (expected: such as 30d, 12h, 90m, 600s or never)".formatted(text));
        }
        long unit = switch (shape.group(2)) {
            case "m" -> 60;
            case "h" -> 3600;
            case "d" -> 86_400;
            default -> 1;
        };
        return new Lifetime(Optional.of(Long.parseLong(shape.group(1)) * unit));
    }

    /** The Unix second in which a token runs out that begins now. */
    OptionalLong expiry(long nowSeconds) {
        return seconds.map(length -> OptionalLong.of(nowSeconds + length)).orElseGet(OptionalLong::empty);
    }
}
