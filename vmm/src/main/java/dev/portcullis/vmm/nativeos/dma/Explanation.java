package dev.portcullis.vmm.nativeos.dma;

import java.time.Duration;
import java.util.Optional;

/// What a refused access has to do with what its driver was allowed.
///
/// The unit tells the page of an access, not the byte: a distance is known up to a page.
///
/// @param kind what is wrong with it
/// @param nearest the buffer it was most likely meant for; empty if the driver never had one
/// @param leastBytes if it is off, how far at least: 1 for the byte next to the buffer
/// @param mostBytes if it is off, how far at most
/// @param gone how long before the access was seen the buffer was unmapped; empty if it still is
///   mapped
public record Explanation(
    Kind kind,
    Optional<DmaBuffer> nearest,
    long leastBytes,
    long mostBytes,
    Optional<Duration> gone) {

  /// What is wrong with an access.
  public enum Kind {
    /// Behind the end of the buffer.
    BEHIND,
    /// In front of the buffer.
    BEFORE,
    /// In the buffer, whose direction is the other one.
    WRONG_DIRECTION,
    /// In the buffer, after it was unmapped.
    AFTER_UNMAP,
    /// In a buffer that allows it: it was mapped after the access.
    TOO_EARLY,
    /// The driver has never mapped anything.
    NOTHING_MAPPED
  }

  @Override
  public String toString() {
    return switch (kind) {
      case BEHIND -> "%s behind the end of %s".formatted(distance(), buffer());
      case BEFORE -> "%s before the beginning of %s".formatted(distance(), buffer());
      case WRONG_DIRECTION -> "in " + buffer();
      case AFTER_UNMAP -> "in " + buffer();
      case TOO_EARLY -> "in %s, which was mapped too late".formatted(buffer());
      case NOTHING_MAPPED -> "the driver has mapped nothing yet";
    };
  }

  private String distance() {
    return "%,d to %,d bytes".formatted(leastBytes, mostBytes);
  }

  private String buffer() {
    String since = gone.map(span -> ", unmapped " + ago(span)).orElse(", mapped");
    return nearest.map(Object::toString).orElse("") + since;
  }

  private static String ago(Duration span) {
    return "%.1f ms before it was seen".formatted(span.toNanos() / 1e6);
  }
}
