package io.teahouse.relay.server.admin;

import java.util.List;
import java.util.Optional;

/**
 * What the admin listener can do only with the help of whoever runs the relay, who knows where the configuration is and how the
 * process ends. Implementations are safe for use by many threads.
 */
public interface AdminOperations {
    /** Begins to end the relay in order, as SIGTERM does; returns at once. A second call changes nothing. */
    void drain();

    /**
     * Reads the configuration again and applies what can change while the relay runs, as SIGHUP does. Blocks while it does.
     *
     * @return what came of it
     */
    Reloaded reload();

    /**
     * {@return what is in force, key by key, without secrets}
     */
    List<Setting> config();

    /**
     * What came of a reload.
     *
     * @param applied     whether the configuration could be used; otherwise all is as it was
     * @param message     in words
     * @param certificate why the certificate stays as it is, if it could not be read
     * @param needRestart keys that have changed and take effect at the next start
     */
    record Reloaded(boolean applied, String message, Optional<String> certificate, List<String> needRestart) {
        /** Copies the list. */
        public Reloaded {
            needRestart = List.copyOf(needRestart);
        }
    }

    /**
     * What a key is in force with.
     *
     * @param key   its full name
     * @param value as a file would have it, a secret hidden; empty for none
     * @param place where it was set; empty if nobody did
     */
    record Setting(String key, Optional<String> value, Optional<String> place) {}
}
