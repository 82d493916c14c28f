package dev.portcullis.vmm.software;

import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.pci.RequesterId;
import java.time.Duration;
import java.util.List;

/// What the software of a client partition can be asked to do. Each call ends within its limit.
public interface Client {

  /// Something did not work. The message says what.
  final class ClientException extends Exception {
    private static final long serialVersionUID = 1;

    public ClientException(String message) {
      super(message);
    }

    public ClientException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /// How much was moved, and what it was: of what was sent and of what came back.
  ///
  /// @param sent SHA-256 in hexadecimal
  /// @param received SHA-256 in hexadecimal
  record Moved(long bytes, String sent, String received, Duration took) {
    /// Whether the same came back.
    public boolean isEqual() {
      return sent.equals(received);
    }
  }

  /// What a device was seen to do when it was told to do a DMA.
  enum DmaEnd {
    DONE,
    REFUSED,
    /// The device does not say, because it was reset meanwhile: the unit may have refused it, and
    /// its monitor stopped it.
    UNTOLD
  }

  /// A package to be fetched by HTTP.
  ///
  /// @param path begins with a slash
  /// @param sha256 of the only content that will do, in hexadecimal
  record PackageOffer(Ipv4Address host, String path, String sha256) {}

  /// Sends an echo request.
  ///
  /// @return how long the answer took
  Duration ping(Ipv4Address to, Duration limit) throws ClientException, InterruptedException;

  /// Fetches a page by HTTP.
  String page(Ipv4Address host, String path, Duration limit)
      throws ClientException, InterruptedException;

  /// Sends bytes to the peer's upload page, which says their SHA-256; and fetches as many.
  Moved transfer(Ipv4Address host, long bytes, Duration limit)
      throws ClientException, InterruptedException;

  /// Writes bytes to its disk, flushes, and reads them back.
  Moved disk(long bytes, Duration limit) throws ClientException, InterruptedException;

  /// The functions it sees on its bus.
  List<RequesterId> functions() throws ClientException, InterruptedException;

  /// Has its edu device write 4 bytes to `address`.
  DmaEnd attack(RequesterId edu, long address, Duration limit)
      throws ClientException, InterruptedException;

  /// Has its posture collector say what it is and what it has, in the lines that [PostureAgent]
  /// draws. It may say anything, and anything much.
  ///
  /// @param challenge hexadecimal digits, 64 at most, for it to repeat
  String posture(String challenge, Duration limit) throws ClientException, InterruptedException;

  /// Fetches a package and installs it, if it is the one.
  ///
  /// @return such as `client 1.1`
  String install(PackageOffer offer, Duration limit) throws ClientException, InterruptedException;

  /// Restarts a service of its software.
  void restart(String service, Duration limit) throws ClientException, InterruptedException;
}
