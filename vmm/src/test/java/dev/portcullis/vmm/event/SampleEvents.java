package dev.portcullis.vmm.event;

import dev.portcullis.pci.RequesterId;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// Events to try things with.
public final class SampleEvents {
  public static final Instant NOW = Instant.parse("2026-01-31T12:00:00.123456789Z");
  private static final String NASTY =
      "a\"\\]['=\u0000\n\r\t\u007f\u0085é€\ud83d\ude00\ud83d \ufeff";

  private SampleEvents() {}

  /// Makes events at [#NOW], of run `run`.
  public static EventSource source() {
    return new EventSource("/portcullis/test", "run", InstantSource.fixed(NOW));
  }

  public static Event refused(EventSource source) {
    return refused(source, "function 00:06.0 was refused a write");
  }

  static Event refused(EventSource source, String text) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("reason-code", 121);
    data.put("reason", "second-stage-not-present");
    data.put("interrupt", false);
    return source.event(
        EventType.FAULT_REFUSED,
        Severity.WARNING,
        Subject.of(RequesterId.parse("00:06.0"), Optional.of("user")),
        text,
        data);
  }

  /// An event whose strings try to get out of their quotes.
  static Event random(EventSource source, Random random) {
    Map<String, Object> data = new LinkedHashMap<>();
    for (int i = random.nextInt(6); i > 0; i--) {
      data.put("field-" + i, randomText(random, 60));
    }
    data.put("count", random.nextLong());
    return source.event(
        EventType.values()[random.nextInt(EventType.values().length)],
        Severity.values()[random.nextInt(8)],
        Subject.ofPartition(randomText(random, 20)),
        randomText(random, 2000),
        data);
  }

  private static String randomText(Random random, int most) {
    StringBuilder out = new StringBuilder();
    for (int i = random.nextInt(most); i > 0; i--) {
      out.append(
          random.nextBoolean()
              ? NASTY.charAt(random.nextInt(NASTY.length()))
              : (char) ('a' + i % 26));
    }
    return out.toString();
  }
}
