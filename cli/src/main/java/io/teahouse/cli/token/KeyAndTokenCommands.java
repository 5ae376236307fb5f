package io.teahouse.cli.token;

import io.teahouse.core.EndpointId;
import io.teahouse.core.FormatException;
import io.teahouse.core.token.Capability;
import java.io.InputStream;
import java.time.InstantSource;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Puts the commands together for the program, with what they need of their surroundings. */
public final class KeyAndTokenCommands {
    private KeyAndTokenCommands() {}

    /**
     * Adds {@code token} and {@code key} to a program.
     *
     * @param program     what they are added to; what they print goes where it prints
     * @param environment the environment variables
     * @param in          where a secret is read that is to come from standard input
     * @param clock       tells when tokens begin and run out
     * @param version     what {@code --version} shows
     */
    public static void addTo(
            CommandLine program,
            Map<String, String> environment,
            InputStream in,
            InstantSource clock,
            CommandLine.IVersionProvider version) {
        var token = new CommandLine(new GroupCommand.Token())
                .addSubcommand(new MintCommand(environment, in, clock))
                .addSubcommand(new InspectCommand())
                .addSubcommand(new VerifyCommand(clock));
        var key = new CommandLine(new GroupCommand.Key()).addSubcommand(new NewKeyCommand());
        program.addSubcommand(token).addSubcommand(key);
        for (var group : new CommandLine[] {token, key}) {
            group.getCommandSpec().versionProvider(version);
            group.getSubcommands()
                    .values()
                    .forEach(command -> command.getCommandSpec().versionProvider(version));
        }
        program.registerConverter(EndpointId.class, reading(EndpointId::parse))
                .registerConverter(Capability.class, reading(Capability::parse))
                .registerConverter(Lifetime.class, reading(Lifetime::parse));
    }

    /** Reads a value from text, or says why it is none. */
    private interface Reader<T> {
        T read(String text) throws FormatException;
    }

    private static <T> ITypeConverter<T> reading(Reader<T> reader) {
        return text -> {
            try {
                return reader.read(text);
            } catch (FormatException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        };
    }
}
