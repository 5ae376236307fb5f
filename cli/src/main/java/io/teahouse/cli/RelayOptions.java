package io.teahouse.cli;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What {@code teahouse relay} was told on its command line.
 *
 * @param dev        whether this is a relay to develop against
 * @param configPath the configuration file, if one was named
 * @param logLevel   how much to log, as written, if it was said
 */
record RelayOptions(boolean dev, Optional<Path> configPath, Optional<String> logLevel) {

    /**
     * Reads the plain command lines that start a relay nearly always. For all others, whether right or wrong, this
     * returns nothing and picocli has the word; getting it ready takes as long as the rest of a relay's start.
     */
    static Optional<RelayOptions> ofPlain(String... args) {
        if (args.length == 0 || !args[0].equals("relay")) {
            return Optional.empty();
        }
        boolean dev = false;
        Optional<Path> configPath = Optional.empty();
        Optional<String> logLevel = Optional.empty();
        for (int i = 1; i < args.length; i++) {
            boolean hasValue = i + 1 < args.length && isPlain(args[i + 1]);
            if (args[i].equals("--dev") && !dev) {
                dev = true;
            } else if ((args[i].equals("-c") || args[i].equals("--config-path")) && hasValue && configPath.isEmpty()) {
                configPath = Optional.of(Path.of(args[++i]));
            } else if (args[i].equals("--log-level") && hasValue && logLevel.isEmpty()) {
                logLevel = Optional.of(args[++i]);
            } else {
                return Optional.empty();
            }
        }
        return Optional.of(new RelayOptions(dev, configPath, logLevel));
    }

    /** Not an option, not one of picocli's argument files, nothing to be unquoted. */
    private static boolean isPlain(String value) {
        return !value.isEmpty() && "-@\"'".indexOf(value.charAt(0)) < 0 && value.indexOf('\0') < 0;
    }
}
