package io.teahouse.interop;

import java.nio.file.Path;
import java.util.List;

/** A published package with an iroh endpoint in it. */
enum Peer {
    /** PyPI {@code iroh}, the newer library. */
    PYTHON {
        @Override
        List<String> command(Path root) {
            return List.of(
                    root.resolve(".peers/venv/bin/python3").toString(),
                    root.resolve("interop/peers/iroh_peer.py").toString());
        }
    },
    /** npm {@code @number0/iroh}, the older library. */
    NPM {
        @Override
        List<String> command(Path root) {
            return List.of("node", root.resolve("interop/peers/iroh-peer.mjs").toString());
        }
    };

    /**
     * {@return how its driver is started}
     *
     * @param root the project's root, with the packages installed in it
     */
    abstract List<String> command(Path root);
}
