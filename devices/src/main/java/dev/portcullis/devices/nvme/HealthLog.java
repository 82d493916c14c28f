package dev.portcullis.devices.nvme;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.LongAdder;

/// What the drive has done since power on.
///
/// @nvme 5.14.1.2 SMART / Health Information (Log Identifier 02h)
final class HealthLog {
  static final int BYTES = 512;

  private final Instant poweredOn = Instant.now();
  private final LongAdder reads = new LongAdder();
  private final LongAdder writes = new LongAdder();
  private final LongAdder bytesRead = new LongAdder();
  private final LongAdder bytesWritten = new LongAdder();
  private final LongAdder mediaErrors = new LongAdder();

  void countRead(long bytes) {
    reads.increment();
    bytesRead.add(bytes);
  }

  void countWrite(long bytes) {
    writes.increment();
    bytesWritten.add(bytes);
  }

  void countMediaError() {
    mediaErrors.increment();
  }

  /// Writes the log page.
  ///
  /// @param warnings the Critical Warning byte
  void describe(Page page, int warnings, long failures) {
    page.put(0, 1, warnings);
    page.put(1, 2, Drive.TEMPERATURE_KELVIN);
    page.put(3, 1, 100);
    page.put(4, 1, 10);
    page.put(32, 8, dataUnits(bytesRead));
    page.put(48, 8, dataUnits(bytesWritten));
    page.put(64, 8, reads.sum());
    page.put(80, 8, writes.sum());
    page.put(112, 8, 1);
    page.put(128, 8, Duration.between(poweredOn, Instant.now()).toHours());
    page.put(160, 8, mediaErrors.sum());
    page.put(176, 8, failures);
  }

  /// Thousands of 512-byte units, rounded up.
  private static long dataUnits(LongAdder bytes) {
    return Math.ceilDiv(bytes.sum(), 512_000L);
  }
}
