package io.teahouse.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/**
 * Signals to the process. The JDK has them in {@code sun.misc.Signal} alone, which no compiler lets pass without a warning, so
 * it is reached by reflection.
 */
final class Signals {
    private static final System.Logger LOG = System.getLogger(Signals.class.getName());

    private Signals() {}

    /** What a signal does, until it is closed: then it does what it did before. */
    interface Handled extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Has a signal run something, on a thread of its own each time. Where the system has no such signal, or the JVM keeps it
     * to itself, nothing happens.
     *
     * @param name   of the signal, without {@code SIG}
     * @param action what to run
     */
    @SuppressWarnings("ReferenceEquality") // it is what Object.equals means
    static Handled on(String name, Runnable action) {
        try {
            var signalType = Class.forName("sun.misc.Signal");
            var handlerType = Class.forName("sun.misc.SignalHandler");
            var handle = signalType.getMethod("handle", signalType, handlerType);
            Object signal = signalType.getConstructor(String.class).newInstance(name);
            InvocationHandler calls = (proxy, method, arguments) -> switch (method.getName()) {
                case "handle" -> {
                    action.run();
                    yield null;
                }
                case "equals" -> proxy == arguments[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> name;
            };
            Object handler =
                    Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {handlerType}, calls);
            Object before = handle.invoke(null, signal, handler);
            return () -> {
                try {
                    handle.invoke(null, signal, before);
                } catch (ReflectiveOperationException e) {
                    LOG.log(System.Logger.Level.DEBUG, "relay: SIG" + name + " stays as it is", e);
                }
            };
        } catch (ReflectiveOperationException e) {
            LOG.log(System.Logger.Level.DEBUG, "relay: SIG" + name + " is not heard", e);
            return () -> {};
        }
    }
}
