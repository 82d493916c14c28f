package dev.portcullis.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.driver.DriverOptions;
import dev.portcullis.driver.RemappingDriver;
import dev.portcullis.driver.fault.FaultRecord;
import dev.portcullis.driver.interrupt.InterruptBlock;
import dev.portcullis.driver.interrupt.InterruptOptions;
import dev.portcullis.driver.interrupt.InterruptOptions.Apics;
import dev.portcullis.driver.interrupt.InterruptOptions.Compatibility;
import dev.portcullis.driver.interrupt.InterruptTarget;
import dev.portcullis.qtest.client.QtestClient;
import dev.portcullis.qtest.client.QtestException;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.interrupt.RemappableFormat;
import dev.portcullis.spec.interrupt.SourceCheck;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The driver's interrupt table on QEMU's unit and on ours: the message of an edu device is let
/// through by its entry, or refused for what is wrong.
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class InterruptTableIT {
  private static final InterruptOptions OPTIONS =
      new InterruptOptions(8, Apics.XAPIC, Compatibility.REFUSED);
  private static final InterruptTarget TARGET = InterruptTarget.of(0x41, 0);
  private static final long EDU_AT = 0xfe10_0000L;
  private static final int RAISE = 0x60;
  private static final int ACKNOWLEDGE = 0x64;
  private static final int MSI = 5;
  private static final long ENABLE = 1 << 16;
  private static final long WIDE = 1 << 23;

  @TempDir private Path folder;

  /// Whose unit it is.
  private enum Whose {
    QEMUS(Optional.empty()),
    OURS(Optional.of(FaultReason.COMPATIBILITY_FORMAT_BLOCKED));

    private final Optional<FaultReason> refusesOldFormat;

    /// @param refusesOldFormat why a message that names no entry is refused; not at all by QEMU
    Whose(Optional<FaultReason> refusesOldFormat) {
      this.refusesOldFormat = refusesOldFormat;
    }
  }

  private Bench bench(Whose whose) throws Exception {
    return switch (whose) {
      case QEMUS -> QemuBench.of("intel-iommu,intremap=on", folder);
      case OURS -> OurBench.ofDefault(folder);
    };
  }

  private static long config(QtestClient client, int register) throws QtestException {
    select(client, register);
    return client.in(0xcfc, 4);
  }

  private static void config(QtestClient client, int register, long value) throws QtestException {
    select(client, register);
    client.out(0xcfc, 4, value);
  }

  private static void select(QtestClient client, int register) throws QtestException {
    client.out(0xcf8, 4, 0x8000_0000L | (long) Software.EDU << 8 | register);
  }

  /// Has the edu device send `message`.
  private static void send(QtestClient client, long address, long data) throws QtestException {
    int at = (int) config(client, 0x34) & 0xfc;
    while ((config(client, at) & 0xff) != MSI) {
      at = (int) config(client, at) >>> 8 & 0xfc;
      assertThat(at).as("a capability for messages").isNotZero();
    }
    long control = config(client, at);
    config(client, at + 4, address);
    config(client, at + ((control & WIDE) != 0 ? 12 : 8), data);
    config(client, at, control | ENABLE);
    client.write(EDU_AT + RAISE, 4, 1);
    client.write(EDU_AT + ACKNOWLEDGE, 4, 1);
  }

  private static Optional<FaultReason> refusal(
      RemappingDriver driver, QtestClient client, RemappableFormat message) throws Exception {
    return refusal(driver, client, message.address(), message.data());
  }

  private static Optional<FaultReason> refusal(
      RemappingDriver driver, QtestClient client, long address, long data) throws Exception {
    send(client, address, data);
    List<FaultRecord> faults = new ArrayList<>();
    driver.faults().drain(faults::add);
    assertThat(faults).hasSizeLessThanOrEqualTo(1).allMatch(FaultRecord::isInterrupt);
    return faults.stream().findFirst().flatMap(FaultRecord::reason);
  }

  @ParameterizedTest
  @EnumSource
  void aMessageIsLetThroughByItsEntryAlone(Whose whose) throws Exception {
    try (Bench bench = bench(whose)) {
      QtestClient client = bench.client();
      RemappingDriver driver =
          RemappingDriver.start(
              new DrivenBench(client).platform(), DriverOptions.DEFAULT.remapping(OPTIONS));
      InterruptBlock block = driver.interrupts().orElseThrow().allocate(1);
      RemappableFormat message = block.message(0);

      assertThat(refusal(driver, client, message))
          .contains(FaultReason.INTERRUPT_ENTRY_NOT_PRESENT);
      block.remap(0, TARGET, SourceCheck.requester(Software.EDU));
      assertThat(refusal(driver, client, message)).isEmpty();
      block.remap(0, TARGET, SourceCheck.requester(Software.TESTDEV));
      assertThat(refusal(driver, client, message)).contains(FaultReason.SOURCE_NOT_VALID);
      block.remap(0, TARGET, SourceCheck.none());
      assertThat(refusal(driver, client, message)).isEmpty();
      block.clear(0);
      assertThat(refusal(driver, client, message))
          .contains(FaultReason.INTERRUPT_ENTRY_NOT_PRESENT);
      assertThat(refusal(driver, client, 0xfee0_0000L, 0x41)).isEqualTo(whose.refusesOldFormat);
      driver.shutDown();
      assertThat(refusal(driver, client, 0xfee0_0000L, 0x41)).isEmpty();
    }
  }
}
