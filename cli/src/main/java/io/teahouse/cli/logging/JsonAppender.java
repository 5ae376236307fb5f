package io.teahouse.cli.logging;

import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.io.PrintStream;

/**
 * Writes each event as a JSON object in a line of its own, for programs that collect logs: {@code timestamp} (milliseconds since
 * 1970), {@code level}, {@code loggerName}, {@code formattedMessage} and, if there is one, {@code throwable}.
 *
 * <p>Safe for use by many threads.
 */
final class JsonAppender extends AppenderBase<ILoggingEvent> {
    private final JsonEncoder encoder = new JsonEncoder();
    private final PrintStream out;

    JsonAppender(PrintStream out) {
        this.out = out;
        encoder.setWithSequenceNumber(false);
        encoder.setWithNanoseconds(false);
        encoder.setWithThreadName(false);
        encoder.setWithContext(false);
        encoder.setWithMarkers(false);
        encoder.setWithMDC(false);
        encoder.setWithKVPList(false);
        encoder.setWithMessage(false);
        encoder.setWithArguments(false);
        encoder.setWithFormattedMessage(true);
    }

    @Override
    public void start() {
        encoder.setContext(context);
        encoder.start();
        super.start();
    }

    @Override
    protected void append(ILoggingEvent event) {
        byte[] line = encoder.encode(event);
        out.write(line, 0, line.length);
        out.flush();
    }
}
