package dev.portcullis.management.redfish;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/// Where the Redfish service listens, and who may use it.
///
/// @param consoles where the consoles of partitions are offered, if they are
/// @param accounts file of accounts
/// @param provisions folder of files that say what partitions may be brought, if any may
/// @param listeners how events are sent to those who have subscribed
/// @param certificate what clients know the service by; one of its own without
public record RedfishDescription(
    InetSocketAddress listen,
    Optional<InetSocketAddress> consoles,
    Path accounts,
    Optional<Path> provisions,
    ListenersDescription listeners,
    Optional<CertificateFiles> certificate) {

  /// A certificate with its key.
  ///
  /// @param store PKCS #12
  /// @param password file with its password on one line
  public record CertificateFiles(Path store, Path password) {}
}
