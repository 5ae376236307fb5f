package io.teahouse.relay.server.conversation;

import io.teahouse.core.EndpointId;
import io.teahouse.relay.server.access.AccessControl;
import io.teahouse.relay.server.access.ConnectRequest;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Decides as it is told and writes down what it hears. Safe for use by many threads. */
final class RecordingAccess implements AccessControl {
    /** Makes a decision. */
    @FunctionalInterface
    interface Rule {
        Decision decide(ConnectRequest request) throws Exception;
    }

    /** A connection of which it was said that it has ended. */
    record Ended(EndpointId endpointId, long connectionId) {}

    private final Rule rule;
    private final boolean mayBlock;
    private final List<ConnectRequest> asked = new CopyOnWriteArrayList<>();
    private final List<Ended> ended = new CopyOnWriteArrayList<>();

    private RecordingAccess(Rule rule, boolean mayBlock) {
        this.rule = rule;
        this.mayBlock = mayBlock;
    }

    /** Decides on a thread of its own. */
    static RecordingAccess blocking(Rule rule) {
        return new RecordingAccess(rule, true);
    }

    /** Decides on the thread that shakes hands. */
    static RecordingAccess direct(Rule rule) {
        return new RecordingAccess(rule, false);
    }

    static RecordingAccess of(boolean mayBlock, Rule rule) {
        return new RecordingAccess(rule, mayBlock);
    }

    @Override
    public Decision onConnect(ConnectRequest request) throws Exception {
        asked.add(request);
        return rule.decide(request);
    }

    @Override
    public void onDisconnect(EndpointId endpointId, long connectionId) {
        ended.add(new Ended(endpointId, connectionId));
    }

    @Override
    public boolean mayBlock() {
        return mayBlock;
    }

    List<ConnectRequest> asked() {
        return asked;
    }

    List<Ended> ended() {
        return ended;
    }
}
