package dev.portcullis.management.redfish;

import dev.portcullis.management.account.AccountException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// Whom it is that events are sent to.
final class Trust {
  private static final long MOST_BYTES = 1 << 20;

  private Trust() {}

  /// For connections to those whom a certificate of `file` vouches for; whom the JDK trusts
  /// without.
  ///
  /// @throws AccountException if it has none
  static SSLContext context(Optional<Path> file) throws AccountException {
    try {
      if (file.isEmpty()) {
        return SSLContext.getDefault();
      }
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      if (Files.size(file.get()) > MOST_BYTES) {
        throw new IOException("it is too large");
      }
      try (InputStream in = Files.newInputStream(file.get())) {
        for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
          trusted.setCertificateEntry("listener " + trusted.size(), one);
        }
      }
      if (trusted.size() == 0) {
        throw new IOException("there is no certificate in it");
      }
      TrustManagerFactory managers =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      managers.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new AccountException(
          "redfish: listeners: trust: %s: %s"
              .formatted(file.map(Path::toString).orElse(""), e.getMessage()),
          e);
    }
  }
}
