package io.teahouse.tls.message;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * The extensions of a message, in the order in which they stand there, no type twice.
 *
 * @param all also those that are not understood here
 */
public record Extensions(List<Extension> all) {
    /** None. */
    public static final Extensions NONE = new Extensions(List.of());

    /**
     * Copies the list.
     *
     * @param all one of a type at most
     */
    public Extensions {
        all = List.copyOf(all);
    }

    /**
     * {@return these extensions}
     *
     * @param extensions one of a type at most
     */
    public static Extensions of(Extension... extensions) {
        return new Extensions(List.of(extensions));
    }

    /**
     * {@return the extension of a form, if it is there}
     *
     * @param form which record
     * @param <T>  the same
     */
    public <T extends Extension> Optional<T> find(Class<T> form) {
        for (Extension extension : all) {
            if (form.isInstance(extension)) {
                return Optional.of(form.cast(extension));
            }
        }
        return Optional.empty();
    }

    /**
     * {@return whether an extension of this form is there}
     *
     * @param form which record
     */
    public boolean has(Class<? extends Extension> form) {
        return find(form).isPresent();
    }

    static Extensions read(Carrier carrier, WireReader in) throws TlsException {
        var all = new ArrayList<Extension>();
        var types = new HashSet<Integer>();
        WireReader list = in.readVector16(0, "extensions");
        while (list.hasRemaining()) {
            int type = list.readU16("extension type");
            if (!types.add(type)) {
                throw list.illegal("type %d stands there twice".formatted(type));
            }
            all.add(ExtensionReader.read(carrier, type, list.readVector16(0, "extension " + type)));
        }
        return new Extensions(all);
    }

    void write(WireWriter out) {
        out.writeVector(2, list -> {
            for (Extension extension : all) {
                list.writeU16(extension.type());
                list.writeVector(2, body -> ExtensionWriter.write(extension, body));
            }
        });
    }
}
