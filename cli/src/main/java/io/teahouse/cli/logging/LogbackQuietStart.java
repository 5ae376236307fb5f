package io.teahouse.cli.logging;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.core.spi.ContextAwareBase;

/**
 * Keeps Logback from looking for configuration files: {@link Logging} sets it up. Whoever names a file with
 * {@code -Dlogback.configurationFile} gets what is in that file instead. Found by Logback as a service.
 */
public final class LogbackQuietStart extends ContextAwareBase implements Configurator {

    /** Creates the service. */
    public LogbackQuietStart() {}

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        return Logging.isLeftToFile() ? ExecutionStatus.INVOKE_NEXT_IF_ANY : ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }
}
