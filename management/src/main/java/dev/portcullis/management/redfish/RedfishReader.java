package dev.portcullis.management.redfish;

import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.machine.description.Section;
import dev.portcullis.management.redfish.RedfishDescription.CertificateFiles;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// Reads the section `redfish` of a management file.
public final class RedfishReader {
  private static final int MOST_PORT = 65_535;
  private static final int MOST_ATTEMPTS = 100;
  private static final int MOST_SECONDS = 3600;

  private final Path folder;

  /// @param folder what relative paths start from
  public RedfishReader(Path folder) {
    this.folder = folder;
  }

  public RedfishDescription read(Section section) throws MachineFileException {
    InetSocketAddress listen = section.required("listen", RedfishReader::address);
    Optional<InetSocketAddress> consoles = section.value("consoles", RedfishReader::address);
    Path accounts = section.required("accounts", this::path);
    Optional<Section> certificate = section.section("certificate");
    Optional<CertificateFiles> files = Optional.empty();
    if (certificate.isPresent()) {
      Section given = certificate.get();
      files =
          Optional.of(
              new CertificateFiles(
                  given.required("store", this::path),
                  given.required("password-file", this::path)));
      given.end();
    }
    Optional<Path> provisions = section.value("provisions", this::path);
    Optional<Section> listening = section.section("listeners");
    ListenersDescription listeners =
        listening.isPresent() ? listeners(listening.get()) : ListenersDescription.USUAL;
    section.end();
    return new RedfishDescription(listen, consoles, accounts, provisions, listeners, files);
  }

  private ListenersDescription listeners(Section section) throws MachineFileException {
    ListenersDescription usual = ListenersDescription.USUAL;
    ListenersDescription listeners =
        new ListenersDescription(
            section.value("trust", this::path),
            section.number("attempts", 0, MOST_ATTEMPTS).orElse(usual.attempts()),
            seconds(section, "pause-seconds", usual.pause()),
            seconds(section, "patience-seconds", usual.patience()));
    section.end();
    return listeners;
  }

  private static Duration seconds(Section section, String key, Duration usual)
      throws MachineFileException {
    return Duration.ofSeconds(section.number(key, 1, MOST_SECONDS).orElse((int) usual.toSeconds()));
  }

  private Path path(String text) {
    return folder.resolve(text).normalize();
  }

  /// An address and a port: never a name, which would be looked up.
  static InetSocketAddress address(String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon);
    String port = text.substring(colon + 1);
    boolean isAddress = host.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}|\\[[0-9A-Fa-f:.]+\\]");
    if (!isAddress || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > MOST_PORT) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is no address and port, such as 127.0.0.1:8443");
    }
    return new InetSocketAddress(host, Integer.parseInt(port));
  }
}
