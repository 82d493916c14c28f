package dev.portcullis.management.boot;

import dev.portcullis.management.boot.log.EventLog;
import dev.portcullis.management.boot.log.PcrBank;
import dev.portcullis.vmm.platform.boot.BootDecision.Outcome;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.SortedMap;

/// The latest time that a partition was about to begin: what was measured, and what came of it.
///
/// @param partition its name
/// @param verdict whether it began
/// @param findings why not, for people: one for each thing that is not as it should be
/// @param measurements in the order in which things come to work
/// @param manifestVersion of the manifest that it was compared with, if there was one that counts
/// @param log what was measured, as others read it
public record BootRecord(
    String partition,
    Instant time,
    Outcome verdict,
    List<String> findings,
    List<Measurement> measurements,
    OptionalLong manifestVersion,
    EventLog log) {
  /// What a kernel's command line is called among measurements.
  public static final String COMMAND_LINE = "command-line";

  public BootRecord {
    findings = List.copyOf(findings);
    measurements = List.copyOf(measurements);
  }

  /// The event log as a file: TCG crypto-agile, for `tpm2_eventlog`.
  public byte[] eventLog() {
    return log.bytes();
  }

  /// The platform configuration registers by number, in lower-case hexadecimal.
  public SortedMap<Integer, String> registers() {
    return PcrBank.replay(log.events());
  }
}
