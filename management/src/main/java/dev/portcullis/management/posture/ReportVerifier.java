package dev.portcullis.management.posture;

import dev.portcullis.management.posture.ReportRefusedException.Refusal;
import dev.portcullis.management.state.StateException;
import dev.portcullis.management.state.StateStore;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/// The side of whoever decides (the posture validator of RFC 5209): gives out challenges, and lets
/// in only reports that were signed for them, lately, and not before.
///
/// For any thread.
public final class ReportVerifier {
  /// The longest report that is looked at.
  static final int MOST_BYTES = 2 << 20;

  private static final int CHALLENGE_BYTES = 16;
  private static final Duration CLOCKS_DIFFER = Duration.ofSeconds(5);

  private final PublicKey key;
  private final StateStore state;
  private final InstantSource clock;
  private final Duration fresh;
  private final SecureRandom random = new SecureRandom();
  private final Map<String, String> challenges = new HashMap<>();
  private final Map<String, Long> accepted = new HashMap<>();

  /// @param key of the services partition
  /// @param state remembers what was accepted
  /// @param fresh how old a report may be
  public ReportVerifier(PublicKey key, StateStore state, InstantSource clock, Duration fresh) {
    this.key = key;
    this.state = state;
    this.clock = clock;
    this.fresh = fresh;
  }

  /// A challenge for one report about a partition; one that was given out before is void.
  public synchronized String challenge(String partition) {
    byte[] bytes = new byte[CHALLENGE_BYTES];
    random.nextBytes(bytes);
    String challenge = HexFormat.of().formatHex(bytes);
    challenges.put(partition, challenge);
    return challenge;
  }

  /// The next report about a partition has this number, or a greater one: also if it is not known
  /// any more which was the last.
  synchronized long next(String partition) {
    return Math.max(last(partition) + 1, clock.millis());
  }

  private long last(String partition) {
    return accepted.computeIfAbsent(
        partition,
        name -> {
          try {
            return state.read(key(name)).map(Long::valueOf).orElse(0L);
          } catch (StateException | NumberFormatException e) {
            return 0L;
          }
        });
  }

  /// The report, if it is to be believed. It is let in once.
  ///
  /// @param partition that it is to be about
  /// @throws ReportRefusedException if it is not
  /// @throws StateException if it cannot be remembered: then it is not let in
  public synchronized PostureReport accept(String partition, SignedReport signed)
      throws ReportRefusedException, StateException {
    if (signed.json().length > MOST_BYTES) {
      throw new ReportRefusedException(
          Refusal.OVERSIZED,
          "a report of %d bytes, more than %d".formatted(signed.json().length, MOST_BYTES));
    }
    if (!ReportKey.isSigned(signed, key)) {
      throw new ReportRefusedException(
          Refusal.FORGED, "the report is not signed with the services partition's key");
    }
    PostureReport report = PostureReport.ofJson(signed.json());
    demandCurrent(partition, report);
    challenges.remove(partition);
    state.write(key(partition), Long.toString(report.sequence()));
    accepted.put(partition, report.sequence());
    return report;
  }

  private void demandCurrent(String partition, PostureReport report) throws ReportRefusedException {
    if (!report.partition().equals(partition)) {
      throw new ReportRefusedException(
          Refusal.FORGED, "the report is about partition " + report.partition());
    }
    Optional<String> challenge = Optional.ofNullable(challenges.get(partition));
    if (!challenge.equals(Optional.of(report.challenge()))) {
      throw new ReportRefusedException(
          Refusal.REPLAYED, "the report was made for another challenge");
    }
    if (report.sequence() <= last(partition)) {
      throw new ReportRefusedException(
          Refusal.REPLAYED,
          "report %d comes after report %d".formatted(report.sequence(), last(partition)));
    }
    Instant now = clock.instant();
    if (report.collected().plus(fresh).isBefore(now)
        || report.collected().isAfter(now.plus(CLOCKS_DIFFER))) {
      throw new ReportRefusedException(
          Refusal.STALE,
          "the report was made at %s, and it is %s".formatted(report.collected(), now));
    }
  }

  private static String key(String partition) {
    return "posture.accepted." + partition;
  }
}
