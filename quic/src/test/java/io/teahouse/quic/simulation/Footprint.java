package io.teahouse.quic.simulation;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** How much there is of an object and all that it holds: a count of things and bytes, for seeing whether it grows. */
final class Footprint {
    private static final int BYTES_PER_OBJECT = 16;

    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Deque<Object> waiting = new ArrayDeque<>();
    private long bytes;

    private Footprint() {}

    /** About as many bytes as an object holds. */
    static long of(Object root) {
        var footprint = new Footprint();
        footprint.add(root);
        while (!footprint.waiting.isEmpty()) {
            footprint.visit(footprint.waiting.remove());
        }
        return footprint.bytes;
    }

    private void add(Object object) {
        if (object != null && seen.add(object)) {
            waiting.add(object);
        }
    }

    private void visit(Object object) {
        bytes += BYTES_PER_OBJECT;
        switch (object) {
            case byte[] array -> bytes += array.length;
            case long[] array -> bytes += 8L * array.length;
            case ByteBuffer buffer -> bytes += buffer.capacity();
            case Object[] array -> {
                bytes += 4L * array.length;
                for (Object element : array) {
                    add(element);
                }
            }
            case Collection<?> collection -> collection.forEach(this::add);
            case Map<?, ?> map ->
                map.forEach((key, value) -> {
                    add(key);
                    add(value);
                });
            case Optional<?> optional -> optional.ifPresent(this::add);
            default -> fields(object);
        }
    }

    private void fields(Object object) {
        if (object.getClass().isArray()) {
            bytes += 8L * Array.getLength(object);
            return;
        }
        for (Class<?> type = object.getClass();
                type != null && type.getName().startsWith("io.teahouse.");
                type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
                    add(valueOf(field, object));
                }
            }
        }
    }

    private static Object valueOf(Field field, Object object) {
        try {
            field.setAccessible(true);
            var value = field.get(object);
            return value == null ? "" : value;
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }
}
