package dev.portcullis.management.account;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// The certificate by which clients know the service, with its key: a PKCS #12 file and a file with
/// its password.
public final class ServiceCertificate {
  private static final long KEYTOOL_SECONDS = 60;
  private static final int PASSWORD_BYTES = 24;
  private static final int PEM_CHARACTERS = 64;
  private static final int MOST_BYTES = 1 << 20;

  private ServiceCertificate() {}

  /// What sockets are made with.
  ///
  /// @param store PKCS #12
  /// @param password file with its password on one line
  /// @throws AccountException if they cannot be read, or do not belong together
  public static SSLContext read(Path store, Path password) throws AccountException {
    try (InputStream in = Files.newInputStream(store)) {
      if (Files.size(store) > MOST_BYTES || Files.size(password) > MOST_BYTES) {
        throw new AccountException(store + " or its password is too large");
      }
      char[] secret = Files.readString(password).strip().toCharArray();
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(in, secret);
      KeyManagerFactory factory =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(keys, secret);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(factory.getKeyManagers(), null, null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new AccountException("certificate in " + store + ": " + e.getMessage(), e);
    }
  }

  /// The same from `folder`; a self-signed one for this computer is made there if it has none, and
  /// is in `service.pem` for its clients.
  ///
  /// @throws AccountException if it cannot be made or read
  public static SSLContext own(Path folder) throws AccountException, InterruptedException {
    Path store = folder.resolve("service.p12");
    Path password = folder.resolve("service.password");
    if (!Files.exists(store)) {
      try {
        Files.createDirectories(folder);
        writeSecret(password);
        make(store, password);
      } catch (IOException e) {
        throw new AccountException("a certificate in " + folder + ": " + e.getMessage(), e);
      }
    }
    SSLContext context = read(store, password);
    show(store, password, folder.resolve("service.pem"));
    return context;
  }

  /// Writes the certificate alone, for clients to know it by.
  private static void show(Path store, Path password, Path to) throws AccountException {
    try {
      char[] secret = Files.readString(password).strip().toCharArray();
      byte[] certificate =
          KeyStore.getInstance(store.toFile(), secret).getCertificate("service").getEncoded();
      String text =
          Base64.getMimeEncoder(PEM_CHARACTERS, new byte[] {'\n'}).encodeToString(certificate);
      Files.writeString(
          to, "-----BEGIN CERTIFICATE-----\n" + text + "\n-----END CERTIFICATE-----\n");
    } catch (IOException | GeneralSecurityException e) {
      throw new AccountException(to + ": " + e.getMessage(), e);
    }
  }

  private static void writeSecret(Path file) throws IOException {
    byte[] bytes = new byte[PASSWORD_BYTES];
    new SecureRandom().nextBytes(bytes);
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, HexFormat.of().formatHex(bytes) + "\n");
  }

  private static void make(Path store, Path password)
      throws IOException, AccountException, InterruptedException {
    Path made = store.resolveSibling(store.getFileName() + ".next");
    Files.deleteIfExists(made);
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "service",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=localhost, O=Portcullis",
                "-ext",
                "san=dns:localhost,ip:127.0.0.1",
                "-validity",
                "825",
                "-storetype",
                "PKCS12",
                "-keystore",
                made.toString(),
                "-storepass:file",
                password.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!keytool.waitFor(KEYTOOL_SECONDS, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
      keytool.destroyForcibly();
      throw new AccountException("keytool made no certificate: " + said.strip());
    }
    Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-------"));
    Files.move(made, store);
  }
}
