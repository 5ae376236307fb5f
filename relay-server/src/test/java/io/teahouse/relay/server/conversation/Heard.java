package io.teahouse.relay.server.conversation;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * What relays log while this is open. Tests that run at the same time share a log, so a test asks for what holds a name that
 * is its own. Safe for use by many threads.
 */
public final class Heard implements AutoCloseable {
    private static final Logger ROOT = Logger.getLogger("");

    private final Queue<LogRecord> records = new ConcurrentLinkedQueue<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord record) {
            records.add(record);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    /** Listens from now on. */
    public Heard() {
        ROOT.addHandler(handler);
    }

    /**
     * {@return the messages of a level that hold a text, in order}
     *
     * @param level exactly this one
     * @param text  part of the message
     */
    public List<String> messages(Level level, String text) {
        return records.stream()
                .filter(record -> record.getLevel().equals(level))
                .map(record -> String.valueOf(record.getMessage()))
                .filter(message -> message.contains(text))
                .toList();
    }

    @Override
    public void close() {
        ROOT.removeHandler(handler);
    }
}
