package dev.portcullis.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HashSet;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/// Which service is the right one: one that shows a certificate that was given, whatever its name,
/// or one for its host's name that such a certificate vouches for.
final class ServiceTrust extends X509ExtendedTrustManager {
  private static final int MOST_BYTES = 1 << 20;

  private final Set<Certificate> given;
  private final X509ExtendedTrustManager others;

  private ServiceTrust(Set<Certificate> given, X509ExtendedTrustManager others) {
    this.given = given;
    this.others = others;
  }

  /// What connections are made with.
  ///
  /// @param file certificates as PEM; `null` for those that Java trusts
  /// @throws UserError if they cannot be read
  static SSLContext context(Path file) throws UserError {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, file == null ? null : new TrustManager[] {of(file)}, null);
      return context;
    } catch (NoSuchFileException e) {
      throw new UserError("there is no file " + e.getMessage());
    } catch (IOException | GeneralSecurityException e) {
      throw new UserError("certificates in " + file + ": " + e.getMessage());
    }
  }

  private static ServiceTrust of(Path file) throws IOException, GeneralSecurityException {
    if (Files.size(file) > MOST_BYTES) {
      throw new IOException("the file is too large");
    }
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    Set<Certificate> given = new HashSet<>();
    try (InputStream in = Files.newInputStream(file)) {
      for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("given" + given.size(), one);
        given.add(one);
      }
    }
    if (given.isEmpty()) {
      throw new CertificateException("there are none");
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(store);
    return new ServiceTrust(given, (X509ExtendedTrustManager) factory.getTrustManagers()[0]);
  }

  private boolean isGiven(X509Certificate[] chain) throws CertificateException {
    if (chain.length == 0 || !given.contains(chain[0])) {
      return false;
    }
    chain[0].checkValidity();
    return true;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    if (!isGiven(chain)) {
      others.checkServerTrusted(chain, type, engine);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    if (!isGiven(chain)) {
      others.checkServerTrusted(chain, type, socket);
    }
  }

  /// Without the name of a host nobody is trusted.
  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("nobody says which host it is");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    throw noServer();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    throw noServer();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw noServer();
  }

  private static CertificateException noServer() {
    return new CertificateException("this is no server");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return others.getAcceptedIssuers();
  }
}
