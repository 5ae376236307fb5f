package io.teahouse.interop;

import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Whether the published iroh packages are on this machine, and what to do about it when they are not. */
final class PeerPackages {
    private static final boolean REQUIRED = "required".equals(System.getenv("TEAHOUSE_PEERS"));
    private static final boolean UNWANTED = "none".equals(System.getenv("TEAHOUSE_PEERS"));

    private PeerPackages() {}

    /**
     * {@return the project's root, in which the packages are installed; without them the test is skipped, or fails
     * where they are required}
     */
    static Path root() {
        var root = projectRoot();
        if (UNWANTED) {
            abort("SKIPPED. Meets published iroh endpoints, and this run is to do without: TEAHOUSE_PEERS=none");
        }
        if (!Files.exists(root.resolve(".peers/installed"))) {
            String missing = "MISSING: the published iroh endpoints that this test meets. Run interop/peers/install"
                    + " (needs python3 and node), or ./check, which does it.";
            if (REQUIRED) {
                throw new AssertionError(missing);
            }
            System.err.println("SKIPPED. " + missing);
            abort(missing);
        }
        return root;
    }

    /**
     * {@return the nearest folder above the working directory that has this module in it}
     */
    static Path projectRoot() {
        var here = Path.of("").toAbsolutePath();
        return Stream.iterate(here, folder -> folder != null, Path::getParent)
                .filter(folder -> Files.exists(folder.resolve("interop/peers/install")))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("%s: not in a checkout of Teahouse".formatted(here)));
    }
}
