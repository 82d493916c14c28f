package dev.portcullis.vmm.audit;

import dev.portcullis.vmm.event.EventSource;
import dev.portcullis.vmm.event.SampleEvents;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/// Writes events until it is killed, and says after each which record it is.
final class AuditWriter {
  private AuditWriter() {}

  /// @param arguments the log and its checkpoint
  public static void main(String[] arguments) throws Exception {
    AuditOptions options =
        new AuditOptions(Durability.EACH_RECORD, 64 << 10, Optional.of(Path.of(arguments[1])));
    EventSource source = new EventSource("/test", InstantSource.system());
    try (AuditLog log = AuditLog.open(Path.of(arguments[0]), options, InstantSource.system())) {
      while (true) {
        log.accept(SampleEvents.refused(source));
        System.out.println(log.head().sequence());
        System.out.flush();
      }
    }
  }
}
