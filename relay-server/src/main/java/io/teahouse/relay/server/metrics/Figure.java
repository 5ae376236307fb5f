package io.teahouse.relay.server.metrics;

import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * A figure in the metrics that belongs to no event loop. Those of one name differ in the value of one label, and stand next to
 * each other.
 *
 * @param kind  what it does in the course of time
 * @param name  in the metrics, without prefix, and without the suffix that belongs to the kind
 * @param label what tells it from others of its name, if there are any
 * @param help  what it says, in a sentence, the same for all of one name
 * @param value the figure now; called by any thread, at any time
 */
public record Figure(Kind kind, String name, Optional<Label> label, String help, DoubleSupplier value) {
    /** What a figure does in the course of time. */
    public enum Kind {
        /** It only goes up. Its name in a sample ends in {@code _total}. */
        COUNTER,
        /** It goes up and down. */
        GAUGE,
        /** It is always 1; what it says is in its label. Its name in a sample ends in {@code _info}. */
        INFO
    }

    /**
     * What tells one of some figures from the others.
     *
     * @param name  of the label
     * @param value of the label, any text
     */
    public record Label(String name, String value) {}

    /**
     * {@return a figure that only goes up}
     *
     * @param name  in the metrics, without prefix and without {@code _total}
     * @param help  what it counts, in a sentence
     * @param value the count now; called by any thread, at any time
     */
    public static Figure counter(String name, String help, LongSupplier value) {
        return new Figure(Kind.COUNTER, name, Optional.empty(), help, value::getAsLong);
    }

    /**
     * {@return a figure that goes up and down}
     *
     * @param name  in the metrics, without prefix
     * @param help  what it says, in a sentence
     * @param value the figure now; called by any thread, at any time
     */
    public static Figure gauge(String name, String help, LongSupplier value) {
        return new Figure(Kind.GAUGE, name, Optional.empty(), help, value::getAsLong);
    }

    /**
     * {@return a figure that says something in words}
     *
     * @param name  in the metrics, without prefix and without {@code _info}
     * @param help  what it says, in a sentence
     * @param label what it says
     */
    public static Figure info(String name, String help, Label label) {
        return new Figure(Kind.INFO, name, Optional.of(label), help, () -> 1);
    }

    /**
     * {@return the same with a label}
     *
     * @param labelName  name of the label
     * @param labelValue its value, any text
     */
    public Figure with(String labelName, String labelValue) {
        return new Figure(kind, name, Optional.of(new Label(labelName, labelValue)), help, value);
    }
}
