package io.teahouse.cli.token;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.teahouse.core.SecretKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code teahouse key new}: makes a key and shows it, or keeps it in a file. */
@Command(
        name = "new",
        mixinStandardHelpOptions = true,
        header = "Makes a secret key, and prints it in hex with its endpoint id.",
        footer = {"", "Exit code: 0 done, 1 the file cannot be written, 2 command line to be mended."})
final class NewKeyCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is called
    private CommandSpec spec;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Write the key into a new file, for its owner alone, and print only the id.")
    private @Nullable Path file;

    @Override
    public Integer call() {
        var key = SecretKey.generate(new SecureRandom());
        String hex = HexFormat.of().formatHex(key.toBytes());
        var out = spec.commandLine().getOut();
        if (file == null) {
            out.println("secret key    " + hex);
        } else {
            try {
                write(file, hex + "\n");
            } catch (FileAlreadyExistsException _) {
                return cannotWrite("is there already (expected: a new file)");
            } catch (NoSuchFileException _) {
                return cannotWrite("no such directory");
            } catch (IOException e) {
                return cannotWrite("cannot be written (%s)".formatted(e.getMessage()));
            }
        }
        out.println("endpoint id   " + key.endpointId());
        return 0;
    }

    private int cannotWrite(String why) {
        spec.commandLine().getErr().println("%s: %s".formatted(file, why));
        return 1;
    }

    /** The file is its owner's from its first moment on. */
    private static void write(Path file, String text) throws IOException {
        var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        boolean isPosix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] attributes = isPosix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        try (var channel = Files.newByteChannel(file, options, attributes)) {
            var bytes = ByteBuffer.wrap(text.getBytes(US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }
}
