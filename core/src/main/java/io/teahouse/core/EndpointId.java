package io.teahouse.core;

/** Placeholder, replaced by the real class. */
public final class EndpointId {
    private EndpointId() {}

    /**
     * {@return the short form for logs}
     */
    public String shortForm() {
        return "";
    }
}
