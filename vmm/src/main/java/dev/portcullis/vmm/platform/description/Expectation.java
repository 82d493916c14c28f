package dev.portcullis.vmm.platform.description;

import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.pci.RequesterId;
import java.time.Duration;
import java.util.Locale;

/// Something a partition does, and what must come of it.
public sealed interface Expectation {
  /// Name of the partition that does it.
  String from();

  /// An echo request is answered.
  record Ping(String from, Ipv4Address to, Duration within) implements Expectation {
    @Override
    public String toString() {
      return from + " reaches " + to + " by ping";
    }
  }

  /// A page is fetched by HTTP.
  ///
  /// @param contains text that must be in it
  /// @param within counted from the start of the platform
  record Page(String from, Ipv4Address host, String path, String contains, Duration within)
      implements Expectation {
    @Override
    public String toString() {
      return "%s fetches http://%s%s within %d s of the start"
          .formatted(from, host, path, within.toSeconds());
    }
  }

  /// Bytes go to the peer and come back to the same SHA-256.
  record Transfer(String from, Ipv4Address host, long bytes) implements Expectation {
    @Override
    public String toString() {
      return "%s moves %,d MiB to and from %s, SHA-256 equal".formatted(from, bytes >> 20, host);
    }
  }

  /// What is written to its disk is read back.
  record Disk(String from, long bytes) implements Expectation {
    @Override
    public String toString() {
      return "%s writes %,d MiB to its disk and reads the same".formatted(from, bytes >> 20);
    }
  }

  /// The partition cannot see a function.
  record Invisible(String from, String device, RequesterId at) implements Expectation {
    @Override
    public String toString() {
      return from + " cannot see " + device;
    }
  }

  /// The partition has its device reach for what is not its own: that is refused, recorded, told
  /// with whose doing it was, and where it aimed is as it was.
  ///
  /// @param device the one that does it: type edu
  record Attack(String from, String device, RequesterId at, Target target) implements Expectation {
    @Override
    public String toString() {
      return "%s's %s is kept from %s"
          .formatted(from, device, target.name().toLowerCase(Locale.ROOT).replace('_', ' '));
    }
  }

  /// A rule has had a device of the partition stopped: it stays its partition's, and reaches
  /// nothing.
  record Stopped(String from, String device, RequesterId at) implements Expectation {
    @Override
    public String toString() {
      return "%s's %s is stopped by a rule".formatted(from, device);
    }
  }

  /// What an attack aims at.
  enum Target {
    /// Memory of another partition.
    OTHER_PARTITION,
    /// Memory of the monitor.
    MONITOR,
    /// Memory of the firmware.
    FIRMWARE,
    /// An address in the partition's reach that is not in its map.
    OUTSIDE_MAP,
    /// Another partition's interrupt.
    INTERRUPT
  }
}
