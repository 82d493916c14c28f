package dev.portcullis.vmm.bridge;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Which station is behind which port, learned from the frames that it sends; per virtual LAN.
///
/// No port can have more stations than its share: one that invents addresses cannot drive out what
/// is known of others. What is forgotten, or was never learned, is flooded. Looking up takes no
/// lock.
final class Stations {
  private static final int MAC_BITS = 48;

  private final Map<Long, Station> known = new ConcurrentHashMap<>();
  private final int perPort;
  private final long ageNanos;

  /// A station; replaced when it moves.
  private static final class Station {
    private final Port port;
    private volatile long seenNanos;

    Station(Port port, long seenNanos) {
      this.port = port;
      this.seenNanos = seenNanos;
    }
  }

  /// @param perPort how many stations of a port are known at most
  /// @param ageNanos how long a station is known that says nothing
  Stations(int perPort, long ageNanos) {
    this.perPort = perPort;
    this.ageNanos = ageNanos;
  }

  private static long key(long mac, int vlanId) {
    return (long) vlanId << MAC_BITS | mac;
  }

  /// Where a station is, or `null`.
  Port lookup(long mac, int vlanId, long nowNanos) {
    Station station = known.get(key(mac, vlanId));
    return station == null || isOld(station, nowNanos) ? null : station.port;
  }

  private boolean isOld(Station station, long nowNanos) {
    return nowNanos - station.seenNanos > ageNanos;
  }

  /// Takes note that a station has sent a frame from behind a port.
  void learn(long mac, int vlanId, Port port, long nowNanos) {
    Long key = key(mac, vlanId);
    Station station = known.get(key);
    if (station != null && station.port == port) {
      station.seenNanos = nowNanos;
    } else if (reserve(port, nowNanos)) {
      Station old = known.put(key, new Station(port, nowNanos));
      if (old != null) {
        old.port.stations().decrementAndGet();
      }
      if (!port.isOpen()) {
        // Removed meanwhile: whoever removes it may have looked before this station was there.
        forget(port);
      }
    }
  }

  private boolean reserve(Port port, long nowNanos) {
    if (port.stations().get() >= perPort && port.maySweep(nowNanos)) {
      sweep(nowNanos);
    }
    if (port.stations().incrementAndGet() > perPort) {
      port.stations().decrementAndGet();
      return false;
    }
    return true;
  }

  /// Forgets those that have been silent for too long.
  void sweep(long nowNanos) {
    known.forEach((key, station) -> {
      if (isOld(station, nowNanos)) {
        remove(key, station);
      }
    });
  }

  /// Forgets all stations behind a port.
  void forget(Port port) {
    known.forEach((key, station) -> {
      if (station.port == port) {
        remove(key, station);
      }
    });
  }

  private void remove(Long key, Station station) {
    if (known.remove(key, station)) {
      station.port.stations().decrementAndGet();
    }
  }
}
