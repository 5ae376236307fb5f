package io.teahouse.cli;

import io.teahouse.relay.server.admin.AdminOperations;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** What operators can have done to the relay of this process. Safe for use by many threads. */
final class Operations implements AdminOperations {
    private final Reload reload;
    private final Runnable end;
    private final AtomicBoolean ending = new AtomicBoolean();

    /**
     * Creates them.
     *
     * @param reload reads the configuration again
     * @param end    has the relay end in order; called once
     */
    Operations(Reload reload, Runnable end) {
        this.reload = reload;
        this.end = end;
    }

    @Override
    public void drain() {
        // Twice would be an interrupt of the leave-taking itself.
        if (ending.compareAndSet(false, true)) {
            end.run();
        }
    }

    @Override
    public Reloaded reload() {
        return reload.run().orElseGet(() -> new Reloaded(false, "starting", Optional.empty(), List.of()));
    }

    @Override
    public List<Setting> config() {
        return reload.effective();
    }
}
