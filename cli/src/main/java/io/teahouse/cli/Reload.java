package io.teahouse.cli;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.teahouse.cli.config.ConfigException;
import io.teahouse.cli.config.RelayFile;
import io.teahouse.relay.server.CertificateSource;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads the configuration of a running relay again, and applies what can change while it runs; says what cannot. A
 * configuration with anything wrong in it changes nothing. Safe for use by many threads.
 */
final class Reload {
    private static final System.Logger LOG = System.getLogger(Reload.class.getName());

    /** What only a new start can change, by the key that an operator would look for. */
    private static final Map<String, Function<RelayFile, Object>> FIXED = fixed();

    /** Reads the configuration. */
    @FunctionalInterface
    interface Source {
        RelayFile read() throws ConfigException;
    }

    private final Source source;
    private final RelayFile atStart;
    private volatile RelayFile inForce;
    private final ServiceManager serviceManager;
    private Optional<RelayServer> server = Optional.empty();
    private boolean askedTooEarly;

    /** Prepares for a relay that is about to start with this configuration. */
    Reload(Source source, RelayFile atStart, ServiceManager serviceManager) {
        this.serviceManager = serviceManager;
        this.source = source;
        this.atStart = atStart;
        this.inForce = atStart;
    }

    /** Takes note that the relay runs, and makes up for what was asked before. */
    synchronized void entrust(RelayServer running) {
        server = Optional.of(running);
        if (askedTooEarly) {
            run();
        }
    }

    private static Map<String, Function<RelayFile, Object>> fixed() {
        var fixed = new LinkedHashMap<String, Function<RelayFile, Object>>();
        fixed.put("http_bind_addr", file -> file.server().httpBindAddress());
        fixed.put("metrics_bind_addr", file -> file.server().metricsBindAddress());
        fixed.put("key_cache_capacity", file -> file.server().keyCacheCapacity());
        fixed.put("reuse_port", file -> file.server().reusePort());
        fixed.put("tls.https_bind_addr", file -> file.server().tls().map(RelayServerConfig.Tls::httpsBindAddress));
        fixed.put("tls.cert_mode", file -> file.server().tls().map(tls -> mode(tls.certificate())));
        fixed.put("tls.manual_cert_path", file -> files(file).map(CertificateSource.Files::certificateChain));
        fixed.put("tls.manual_key_path", file -> files(file).map(CertificateSource.Files::privateKey));
        fixed.put(
                "tls.hostname, tls.contact, tls.prod_tls, tls.cert_dir or an IROH_RELAY_ACME_* variable",
                Reload::authority);
        fixed.put(
                "limits.accept_conn_* or limits.max_connections*",
                file -> file.server().acceptLimits());
        fixed.put("access.tokens.isolate_projects", file -> file.server().isolateProjects());
        fixed.put("proxy.*", file -> file.server().proxies());
        fixed.put("drain_seconds", RelayFile::drain);
        return fixed;
    }

    private static String mode(CertificateSource source) {
        return switch (source) {
            case CertificateSource.Files files -> files.reloadInterval().isPresent() ? "Reloading" : "Manual";
            case CertificateSource.Acme _ -> "LetsEncrypt";
        };
    }

    private static Optional<CertificateSource.Files> files(RelayFile file) {
        return file.server()
                .tls()
                .map(RelayServerConfig.Tls::certificate)
                .filter(CertificateSource.Files.class::isInstance)
                .map(CertificateSource.Files.class::cast);
    }

    private static Optional<CertificateSource> authority(RelayFile file) {
        return file.server()
                .tls()
                .map(RelayServerConfig.Tls::certificate)
                .filter(CertificateSource.Acme.class::isInstance);
    }

    /** Does it once; says in the log what came of it. */
    synchronized void run() {
        if (server.isEmpty()) {
            askedTooEarly = true;
            return;
        }
        serviceManager.reloading();
        String status = apply(server.get());
        serviceManager.ready(status);
    }

    /** The configuration whose access rules are in force. */
    RelayFile inForce() {
        return inForce;
    }

    private void setAccess(RelayServer running, RelayFile next) {
        inForce = next;
        running.setAccess(next.server().access());
    }

    /** Does it for the access rules alone, since the file that they are made of has changed. */
    synchronized void runForAccess() {
        if (server.isEmpty()) {
            return;
        }
        try {
            var next = source.read();
            setAccess(server.get(), next);
            LOG.log(INFO, "relay: issuers have changed, open to " + next.whoMayUse());
        } catch (ConfigException e) {
            LOG.log(WARNING, "relay: issuers have changed and cannot be used, all stays as it is: " + e.getMessage());
        }
    }

    /** Returns how it went, in words. */
    private String apply(RelayServer running) {
        RelayFile next;
        try {
            next = source.read();
        } catch (ConfigException e) {
            running.countReload(false);
            LOG.log(WARNING, "relay: not reloaded, all stays as it is: " + e.getMessage());
            return "not reloaded, the configuration is to be mended";
        }
        setAccess(running, next);
        running.setClientReceiveLimit(next.server().clientReceiveLimit());
        running.setReceiveLimit(next.server().receiveLimit());
        try {
            // That another is in force the relay says itself.
            running.reloadCertificate();
        } catch (IOException e) {
            LOG.log(WARNING, "relay: the certificate stays as it is: " + e.getMessage());
        }
        running.countReload(true);
        LOG.log(INFO, "relay: reloaded, open to " + next.whoMayUse());
        FIXED.forEach((key, value) -> {
            if (!value.apply(next).equals(value.apply(atStart))) {
                LOG.log(WARNING, "relay: %s has changed, which takes effect at the next start".formatted(key));
            }
        });
        return "open to " + next.whoMayUse();
    }
}
