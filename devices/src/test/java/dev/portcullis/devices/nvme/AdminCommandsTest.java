package dev.portcullis.devices.nvme;

import static dev.portcullis.devices.FakeHost.INT;
import static dev.portcullis.devices.FakeHost.LONG;
import static dev.portcullis.devices.FakeHost.await;
import static dev.portcullis.devices.nvme.NvmeHost.DATA;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.devices.block.RamBackend;
import dev.portcullis.devices.nvme.NvmeHost.Completed;
import dev.portcullis.devices.nvme.NvmeHost.Entry;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AdminCommandsTest {
  private static final int DISK_BYTES = 1 << 20;

  private final NvmeHost host =
      new NvmeHost(NvmeOptions.of("TEST-1"), new RamBackend(DISK_BYTES)).enable();
  private final MemorySegment data = host.ram().asSlice(DATA, 0x10000);

  @AfterEach
  void close() {
    host.close();
  }

  private Entry identify(int structure, int nsid) {
    return host.admin(0x06, nsid).dword(10, structure).prp1(DATA);
  }

  private Entry setFeature(int id, int value) {
    return host.admin(0x09, 0).dword(10, id).dword(11, value);
  }

  private Entry getFeature(int id) {
    return host.admin(0x0a, 0).dword(10, id);
  }

  private Entry logPage(int id, int lengthBytes) {
    return host.admin(0x02, -1).dword(10, id | (lengthBytes / 4 - 1) << 16).prp1(DATA);
  }

  private Entry createCompletion(int id, int entries) {
    return host.admin(0x05, 0).dword(10, entries - 1 << 16 | id).dword(11, 1).prp1(0x2_0000);
  }

  private Entry createSubmission(int id, int entries, int completionId) {
    return host.admin(0x01, 0)
        .dword(10, entries - 1 << 16 | id)
        .dword(11, completionId << 16 | 1)
        .prp1(0x3_0000);
  }

  private String text(int offset, int length) {
    byte[] bytes = data.asSlice(offset, length).toArray(JAVA_BYTE);
    return new String(bytes, StandardCharsets.US_ASCII).strip();
  }

  @Test
  void theControllerSaysWhoItIs() {
    host.expect(0, identify(1, 0));
    assertThat(text(4, 20)).isEqualTo("TEST-1");
    assertThat(text(24, 40)).isEqualTo("Portcullis NVMe Controller");
    assertThat(text(768, 32)).isEqualTo("nqn.2014-08.org.nvmexpress:uuid:");
    assertThat(data.get(JAVA_BYTE, 77)).isEqualTo((byte) 7);
    assertThat(data.get(INT, 80)).isEqualTo(0x10400);
    assertThat(data.get(JAVA_BYTE, 111)).isEqualTo((byte) 1);
    assertThat(data.get(JAVA_BYTE, 512)).isEqualTo((byte) 0x66);
    assertThat(data.get(JAVA_BYTE, 513)).isEqualTo((byte) 0x44);
    assertThat(data.get(INT, 516)).isEqualTo(1);
  }

  @Test
  void theNamespaceSaysHowLargeItIs() {
    host.expect(0, identify(0, 1));
    assertThat(data.get(LONG, 0)).isEqualTo(DISK_BYTES / 512);
    assertThat(data.get(LONG, 8)).isEqualTo(DISK_BYTES / 512);
    assertThat(data.get(JAVA_BYTE, 33)).isEqualTo((byte) 9);
    assertThat(data.get(INT, 128)).isEqualTo(9 << 16);
    host.expect(0x0b, identify(0, 2));
    host.expect(0x0b, identify(0, 0));
    host.expect(0x0b, identify(0, -1));
  }

  @Test
  void theNamespaceListHasOneEntry() {
    host.expect(0, identify(2, 0));
    assertThat(data.get(LONG, 0)).isEqualTo(1);
    host.expect(0, identify(2, 1));
    assertThat(data.get(LONG, 0)).isZero();
    host.expect(0x0b, identify(2, -1));
    host.expect(0x0b, identify(2, -2));
  }

  @Test
  void theNamespaceHasTwoIdentifiers() {
    host.expect(0, identify(3, 1));
    assertThat(data.get(INT, 0)).isEqualTo(0x0801);
    assertThat(data.get(JAVA_BYTE, 4) & 3).isEqualTo(2);
    assertThat(data.get(INT, 12)).isEqualTo(0x1003);
    assertThat(data.get(LONG, 16)).isNotZero();
    assertThat(data.get(INT, 32)).isZero();
    host.expect(0x0b, identify(3, 2));
  }

  @Test
  void otherStructuresAreInvalid() {
    host.expect(0x02, identify(6, 0));
    host.expect(0x02, identify(0x10, 0));
    host.expect(0x02, identify(1 | 5 << 16, 0));
  }

  @Test
  void unknownOpcodesAreInvalidAndPointlessToRepeat() {
    Completed completed = host.expect(0x01, host.admin(0xff, 0));
    assertThat(completed.status() >> 13 & 3).isEqualTo(3);
  }

  @Test
  void fusedCommandsAndScatterGatherListsAreRefused() {
    host.expect(0x02, identify(1, 0).orDword0(1 << 8));
    host.expect(0x02, identify(1, 0).orDword0(1 << 14));
  }

  @Test
  void theNumberOfQueuesIsGrantedOnceAndBeforeThereAreAny() {
    assertThat(host.expect(0, setFeature(7, 0x0003_0003)).dword0()).isEqualTo(0x000f_000f);
    assertThat(host.expect(0, getFeature(7)).dword0()).isEqualTo(0x000f_000f);
    host.expect(0x02, setFeature(7, 0xffff));
    host.expect(0x02, setFeature(7, 0xffff_0000));
    host.withQueues(1, 0);
    host.expect(0x0c, setFeature(7, 0));
  }

  @Test
  void plainFeaturesAreKeptAndResetWithTheController() {
    for (int id : new int[] {0x01, 0x08, 0x0a, 0x0b}) {
      host.expect(0, setFeature(id, 1));
      assertThat(host.expect(0, getFeature(id)).dword0()).isEqualTo(1);
    }
    host.disable();
    host.enable();
    assertThat(host.expect(0, getFeature(1)).dword0()).isEqualTo(6);
    assertThat(host.expect(0, getFeature(8)).dword0()).isZero();
  }

  @Test
  void defaultSavedAndCapabilitiesCanBeAskedFor() {
    host.expect(0, setFeature(1, 2));
    assertThat(host.expect(0, getFeature(1 | 1 << 8)).dword0()).isEqualTo(6);
    assertThat(host.expect(0, getFeature(1 | 2 << 8)).dword0()).isEqualTo(6);
    assertThat(host.expect(0, getFeature(1 | 3 << 8)).dword0()).isEqualTo(4);
    assertThat(host.expect(0, getFeature(7 | 1 << 8)).dword0()).isEqualTo(0x000f_000f);
    host.expect(0x02, getFeature(1 | 4 << 8));
  }

  @Test
  void featuresThatAreNotThereOrNotLikeThisAreRefused() {
    host.expect(0x02, setFeature(0x0c, 0));
    host.expect(0x02, getFeature(0x7f));
    host.expect(0x02, setFeature(0x02, 1));
    host.expect(0x02, setFeature(0x09, 17));
    host.expect(0x02, host.admin(0x0a, 0).dword(10, 9).dword(11, 17));
    host.expect(0x02, setFeature(0x04, 2 << 20));
    host.expect(0x02, setFeature(0x04, 1 << 16));
    host.expect(0x10d, setFeature(0x01 | 1 << 31, 0));
    host.expect(0x10f, host.admin(0x09, 1).dword(10, 1));
    host.expect(0x0b, host.admin(0x0a, 7).dword(10, 1));
    host.expect(0x0b, setFeature(0x05, 0));
    host.expect(0, host.admin(0x09, 1).dword(10, 5).dword(11, 3));
    host.expect(0x02, host.admin(0x09, 1).dword(10, 5).dword(11, 1 << 16));
  }

  @Test
  void vectorsCanBeLeftOutOfCoalescing() {
    host.expect(0, setFeature(9, 1 << 16 | 3));
    assertThat(host.expect(0, getFeature(9).dword(11, 3)).dword0()).isEqualTo(1 << 16 | 3);
    assertThat(host.expect(0, getFeature(9).dword(11, 2)).dword0()).isEqualTo(2);
  }

  @Test
  void theClockGoesOnFromWhereItWasSet() {
    host.expect(0, getFeature(0x0e).prp1(DATA));
    assertThat(data.get(LONG, 0) >>> 48).isZero();
    data.set(LONG, 0, 1_700_000_000_000L);
    host.expect(0, setFeature(0x0e, 0).prp1(DATA));
    host.expect(0, getFeature(0x0e).prp1(DATA + 64));
    assertThat(data.get(LONG, 64) >>> 48).isEqualTo(2);
    assertThat(data.get(LONG, 64) & (1L << 48) - 1)
        .isBetween(1_700_000_000_000L, 1_700_000_100_000L);
  }

  @Test
  void theHealthLogCountsAndWarns() {
    host.withQueues(1, 0);
    host.expect(0, host.io(0x02).prp1(DATA + 4096).blocks(0, 8));
    host.expect(0, host.io(0x01).prp1(DATA + 4096).blocks(0, 8));
    host.expect(0, logPage(2, 512));
    assertThat(data.get(JAVA_BYTE, 0)).isZero();
    assertThat(data.get(JAVA_SHORT_UNALIGNED, 1)).isEqualTo((short) 310);
    assertThat(data.get(LONG, 32)).isEqualTo(1);
    assertThat(data.get(LONG, 64)).isEqualTo(1);
    assertThat(data.get(LONG, 80)).isEqualTo(1);
    host.expect(0, setFeature(4, 300));
    host.expect(0, logPage(2, 512));
    assertThat(data.get(JAVA_BYTE, 0)).isEqualTo((byte) 2);
    assertThat(host.expect(0, getFeature(4)).dword0()).isEqualTo(300);
    assertThat(host.expect(0, getFeature(4).dword(11, 1 << 20)).dword0()).isZero();
  }

  @Test
  void failuresAreInTheErrorLogNewestFirst() {
    host.expect(0x01, host.admin(0xfe, 0));
    Completed last = host.expect(0x02, identify(6, 5));
    host.expect(0, logPage(1, 4096));
    assertThat(data.get(LONG, 0)).isEqualTo(2);
    assertThat(data.get(INT, 8) >>> 16).isEqualTo(last.commandId());
    assertThat(data.get(INT, 12) & 0xffff).isEqualTo(last.status() << 1);
    assertThat(data.get(INT, 24)).isEqualTo(5);
    assertThat(data.get(LONG, 64)).isEqualTo(1);
    assertThat(data.get(LONG, 128)).isZero();
  }

  @Test
  void logPagesCanBeReadInPieces() {
    host.expect(0, logPage(3, 8).dword(12, 8));
    assertThat(text(0, 8)).isEqualTo(Identify.FIRMWARE);
    data.set(INT, 4, 0x5555);
    host.expect(0, logPage(3, 16).dword(12, 508));
    assertThat(data.get(INT, 4)).isEqualTo(0x5555);
    host.expect(0x02, logPage(3, 4).dword(12, 512));
    host.expect(0x02, logPage(3, 4).dword(12, 2));
    host.expect(0x02, logPage(3, 4).dword(13, 1 << 31));
    host.expect(0x02, logPage(3, 4).dword(11, 0x20));
    host.expect(0x109, logPage(0x7f, 4));
    host.expect(0x0b, host.admin(0x02, 9).dword(10, 2).prp1(DATA));
  }

  @Test
  void theEffectsLogNamesEveryCommandThereIs() {
    host.withQueues(1, 0);
    host.expect(0, logPage(5, 4096));
    byte[] effects = data.asSlice(0, 2048).toArray(JAVA_BYTE);
    for (int opcode = 0; opcode < 256; opcode++) {
      if (opcode != 0x0c) {
        boolean known = host.run(host.admin(opcode, 0).prp1(1)).code() != 1;
        assertThat(effects[4 * opcode] & 1).as("admin %02x", opcode).isEqualTo(known ? 1 : 0);
      }
      boolean known = host.run(host.io(opcode).prp1(DATA)).code() != 1;
      assertThat(effects[1024 + 4 * opcode] & 1).as("I/O %02x", opcode).isEqualTo(known ? 1 : 0);
    }
  }

  @Test
  void completionQueuesAreCreatedOnlyAsTheyCanBe() {
    host.expect(0x101, createCompletion(0, 16));
    host.expect(0x101, createCompletion(17, 16));
    host.expect(0x102, createCompletion(1, 1));
    host.expect(0x102, createCompletion(1, 1025));
    host.expect(0x02, createCompletion(1, 16).dword(11, 0));
    host.expect(0x13, createCompletion(1, 16).prp1(0x2_0800));
    host.expect(0x108, createCompletion(1, 16).dword(11, 1 << 16 | 3));
    host.expect(0, createCompletion(1, 1024));
    host.expect(0x101, createCompletion(1, 16));
  }

  @Test
  void submissionQueuesAreCreatedOnlyAsTheyCanBe() {
    host.expect(0, createCompletion(2, 16));
    host.expect(0x101, createSubmission(0, 16, 2));
    host.expect(0x101, createSubmission(17, 16, 2));
    host.expect(0x100, createSubmission(1, 16, 3));
    host.expect(0x101, createSubmission(1, 16, 0));
    host.expect(0x101, createSubmission(1, 16, 99));
    host.expect(0x102, createSubmission(1, 1, 2));
    host.expect(0x102, createSubmission(1, 1025, 2));
    host.expect(0x02, createSubmission(1, 16, 2).dword(11, 2 << 16));
    host.expect(0x13, createSubmission(1, 16, 2).prp1(0x3_0008));
    host.expect(0, createSubmission(1, 16, 2));
    host.expect(0x101, createSubmission(1, 16, 2));
  }

  @Test
  void queuesNeedTheEntrySizesToBeSaid() {
    host.write(Registers.CC, 4, 1);
    host.expect(0x102, createCompletion(1, 16));
    host.write(Registers.CC, 4, NvmeHost.ENABLE_4K & ~(0xf << 16));
    host.expect(0, createCompletion(1, 16));
    host.expect(0x102, createSubmission(1, 16, 1));
  }

  @Test
  void aCompletionQueueInUseIsNotDeleted() {
    host.withQueues(1, 0);
    host.expect(0x10c, host.admin(0x04, 0).dword(10, 1));
    host.expect(0, host.admin(0x00, 0).dword(10, 1));
    host.expect(0x101, host.admin(0x00, 0).dword(10, 1));
    host.expect(0, host.admin(0x04, 0).dword(10, 1));
    host.expect(0x101, host.admin(0x04, 0).dword(10, 1));
    host.expect(0x101, host.admin(0x04, 0).dword(10, 0));
    host.expect(0x101, host.admin(0x00, 0).dword(10, 0));
    host.withQueues(1, 0);
    host.expect(0, host.io(0x00));
  }

  @Test
  void eventRequestsAreHeldUpToALimit() {
    for (int i = 0; i < AsyncEvents.LIMIT; i++) {
      host.admin(0x0c, 0);
    }
    host.expect(0x105, host.admin(0x0c, 0));
  }

  @Test
  void aWriteToADoorbellThatIsNotThereIsReported() {
    Entry request = host.admin(0x0c, 0);
    host.ring(0);
    host.write(0x1000 + 8 * 5, 4, 1);
    Completed event = host.take(0);
    host.release(0);
    assertThat(event.commandId()).isEqualTo(request.id());
    assertThat(event.dword0()).isEqualTo(0x01_00_00);
  }

  @Test
  void impossibleDoorbellValuesAreReportedOncePerReadingOfTheLog() {
    Entry first = host.admin(0x0c, 0);
    Entry second = host.admin(0x0c, 0);
    host.ring(0);
    host.write(0x1000, 4, NvmeHost.ADMIN_ENTRIES);
    Completed event = host.take(0);
    assertThat(event.commandId()).isEqualTo(first.id());
    assertThat(event.dword0()).isEqualTo(0x01_01_00);
    host.release(0);
    host.write(0x1004, 4, 6);
    host.expect(0, logPage(1, 64).orDword0(0).dword(10, 1 | 15 << 16 | 1 << 15));
    host.expect(0, logPage(1, 64));
    host.write(0x1004, 4, 99);
    Completed next = host.take(0);
    assertThat(next.commandId()).isEqualTo(second.id());
  }

  @Test
  void crossingTheTemperatureThresholdIsReportedIfAskedFor() {
    Entry request = host.admin(0x0c, 0);
    host.expect(0, setFeature(4, 200));
    Entry configure = setFeature(0x0b, 2);
    host.ring(0);
    assertThat(host.take(0).commandId()).isEqualTo(configure.id());
    Completed event = host.take(0);
    assertThat(event.commandId()).isEqualTo(request.id());
    assertThat(event.dword0()).isEqualTo(0x02_01_01);
  }

  @Test
  void anIdThatAHeldRequestUsesConflicts() {
    Entry request = host.admin(0x0c, 0);
    host.ring(0);
    Entry impostor = identify(1, 0).dword(0, request.id() << 16 | 0x06);
    host.ring(0);
    assertThat(host.take(0).code()).isEqualTo(0x03);
    assertThat(impostor.id()).isNotEqualTo(request.id());
  }

  @Test
  void aHeldRequestCanBeAborted() {
    Entry request = host.admin(0x0c, 0);
    host.ring(0);
    Entry abort = host.admin(0x08, 0).dword(10, request.id() << 16);
    host.ring(0);
    Completed first = host.take(0);
    assertThat(first.commandId()).isEqualTo(request.id());
    assertThat(first.code()).isEqualTo(0x07);
    Completed second = host.take(0);
    assertThat(second.commandId()).isEqualTo(abort.id());
    assertThat(second.dword0()).isZero();
  }

  @Test
  void whatIsNotThereIsNotAborted() {
    assertThat(host.expect(0, host.admin(0x08, 0).dword(10, 77 << 16)).dword0()).isEqualTo(1);
    assertThat(host.expect(0, host.admin(0x08, 0).dword(10, 9)).dword0()).isEqualTo(1);
  }

  @Test
  void commandsFetchedAndNotBegunCanBeAborted() {
    host.withQueues(1, 0);
    host.machine.holdAt(DATA + 0x8000);
    Entry running = host.io(0x02).prp1(DATA + 0x8000).blocks(0, 8);
    Entry waiting = host.io(0x02).prp1(DATA + 0x4000).blocks(0, 8);
    host.ring(1);
    await("transfer", host.machine::isHolding);
    assertThat(host.expect(0, host.admin(0x08, 0).dword(10, waiting.id() << 16 | 1)).dword0())
        .isZero();
    assertThat(host.expect(0, host.admin(0x08, 0).dword(10, waiting.id() << 16 | 1)).dword0())
        .isEqualTo(1);
    assertThat(host.expect(0, host.admin(0x08, 0).dword(10, running.id() << 16 | 1)).dword0())
        .isEqualTo(1);
    host.machine.release();
    assertThat(host.take(1).code()).isZero();
    assertThat(host.take(1).code()).isEqualTo(0x07);
  }

  @Test
  void commandsFetchedAndNotBegunEndWithTheirQueue() {
    host.withQueues(1, 0);
    host.machine.holdAt(DATA + 0x8000);
    host.io(0x02).prp1(DATA + 0x8000).blocks(0, 8);
    host.io(0x02).prp1(DATA + 0x4000).blocks(0, 8);
    host.ring(1);
    await("transfer", host.machine::isHolding);
    host.admin(0x00, 0).dword(10, 1);
    host.ring(0);
    await("deletion begins", NvmeHost::isWaitingForQueueToEnd);
    host.machine.release();
    assertThat(host.take(0).code()).isZero();
    assertThat(host.take(1).code()).isZero();
    assertThat(host.take(1).code()).isEqualTo(0x08);
  }
}
