package dev.portcullis.devices.dma;

import static dev.portcullis.devices.dma.Rig.COPY;
import static dev.portcullis.devices.dma.Rig.DESTINATION;
import static dev.portcullis.devices.dma.Rig.DESTINATION_AT;
import static dev.portcullis.devices.dma.Rig.FILL;
import static dev.portcullis.devices.dma.Rig.FIVE;
import static dev.portcullis.devices.dma.Rig.RECORDS;
import static dev.portcullis.devices.dma.Rig.RING;
import static dev.portcullis.devices.dma.Rig.SOURCE;
import static dev.portcullis.devices.dma.Rig.SOURCE_AT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.portcullis.devices.FakeHost;
import dev.portcullis.pci.AtsEntry;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.InvalidateRequest;
import dev.portcullis.pci.PageRequest;
import dev.portcullis.pci.PageResponse;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DmaEngineTest {
  private final Rig rig = new Rig();

  @AfterEach
  void close() {
    rig.host.held = false;
    rig.engine.close();
  }

  @Test
  void itSaysWhatItIs() {
    assertThat(rig.read(0)).isEqualTo(0x414d_4450);
    assertThat(rig.read(4)).isEqualTo(0x1_0000);
    assertThat(rig.engine.readBar(0, 8, 8)).isEqualTo(20L << 32 | 12 << 8 | 4);
    assertThat(rig.engine.readConfig(0, 4)).isEqualTo(0xd3a1_1234L);
    assertThat(rig.engine.readConfig(0x100, 4)).isEqualTo(0x1081_000fL);
    assertThat(rig.engine.readConfig(0x108, 4)).isEqualTo(0x1101_001bL);
    assertThat(rig.engine.readConfig(0x110, 4)).isEqualTo(0x0001_0013L);
    assertThatIllegalArgumentException().isThrownBy(() -> new DmaEngine(0));
    assertThatIllegalArgumentException().isThrownBy(() -> new DmaEngine(17));
  }

  @Test
  void itCopiesAcrossPagesAtAnyAlignment() {
    rig.withData().running();
    long to = 0x4_c000;
    rig.host.map(FIVE, to + 0x1000, 0x30000);
    rig.host.map(FIVE, to, 0x31000);
    for (int i = 0; i < 512; i++) {
      rig.ram(DESTINATION_AT + 8 * i, ~(long) i);
    }
    int index = rig.submit(COPY, SOURCE + 5, to + 0xffd, 4096, 0);
    assertThat(rig.awaitRecord(index)).isEqualTo(Status.SUCCESS);
    assertThat(rig.record(index, 1)).isEqualTo(4096);
    assertThat(
            rig.host.ram().asSlice(0x31ffd, 3).mismatch(rig.host.ram().asSlice(SOURCE_AT + 5, 3)))
        .isEqualTo(-1);
    assertThat(
            rig.host
                .ram()
                .asSlice(0x30000, 4093)
                .mismatch(rig.host.ram().asSlice(SOURCE_AT + 8, 4093)))
        .isEqualTo(-1);
    assertThat(rig.ram(0x31000)).isZero();
  }

  @Test
  void aPatternBeginsAtTheFirstByte() {
    rig.withData().running();
    int index = rig.submit(FILL, 0, DESTINATION + 3, 10, 0x0807_0605_0403_0201L);
    assertThat(rig.awaitRecord(index)).isEqualTo(Status.SUCCESS);
    assertThat(rig.ram(DESTINATION_AT)).isEqualTo(0x0504_0302_0100_0000L);
    assertThat(rig.ram(DESTINATION_AT + 8)).isEqualTo(0x0000_0002_0108_0706L);
    rig.host.map(FIVE, DESTINATION + 0x1000, 0x30000);
    int over = rig.submit(FILL, 0, DESTINATION + 0xffb, 8, 0x0807_0605_0403_0201L);
    assertThat(rig.awaitRecord(over)).isEqualTo(Status.SUCCESS);
    assertThat(rig.ram(0x30000)).isEqualTo(0x0008_0706L);
  }

  @ParameterizedTest
  @CsvSource({
    "3, 8, 0x10, 0, 0x100000010",
    "3, 4, 0x10, 0, 0x100000010",
    "4, 8, 0x7, 0, 0x7",
    "4, 4, 0x7, 0, 0x100000007",
    "5, 8, 0x9, 0x100000000, 0x9",
    "5, 8, 0x9, 0x1, 0x100000000"
  })
  void atomicOperationsTellWhatTheyFound(
      int opcode, int widthBytes, String operand, String expected, String after) {
    rig.withData().running();
    rig.ram(DESTINATION_AT, 0x1_0000_0000L);
    int flags = Rig.RECORD | (widthBytes == 4 ? 0x400 : 0);
    int index =
        rig.put(opcode | flags, 0, DESTINATION, 0, Long.decode(operand), Long.decode(expected));
    rig.ring();
    assertThat(rig.awaitRecord(index)).isEqualTo(Status.SUCCESS);
    assertThat(rig.record(index, 1)).isEqualTo(widthBytes);
    assertThat(rig.record(index, 2)).isEqualTo(widthBytes == 4 ? 0 : 0x1_0000_0000L);
    if (widthBytes == 8) {
      assertThat(rig.ram(DESTINATION_AT)).isEqualTo(Long.decode(after));
    }
  }

  @Test
  void descriptorsAreCarriedOutInOrderAndRepeatTheirTags() {
    rig.withData().running();
    for (int round = 0; round < 40; round++) {
      int index =
          rig.put(FILL | Rig.RECORD | (long) round << 32, 0, DESTINATION + 8 * round, 8, round, 0);
      rig.ring();
      assertThat(rig.awaitRecord(index)).isEqualTo(Status.SUCCESS);
      assertThat(rig.record(index, 0) >>> 32).isEqualTo(round);
      assertThat(rig.ram(DESTINATION_AT + 8 * round)).isEqualTo(round);
    }
    assertThat(rig.channel(Channel.HEAD)).isEqualTo(40 & 15);
    assertThat(rig.channel(Channel.TAIL)).isEqualTo(40 & 15);
  }

  @Test
  void interruptsComeWhenTheyAreAskedFor() {
    rig.withData().running();
    rig.awaitRecord(rig.submit(FILL, 0, DESTINATION, 8, 1));
    rig.awaitRecord(rig.submit(FILL | Rig.INTERRUPT, 0, DESTINATION, 8, 1));
    FakeHost.await("interrupt", () -> !rig.host.messages.isEmpty());
    assertThat(rig.host.messages).containsExactly(0x42);
  }

  @ParameterizedTest
  @ValueSource(
      longs = {
        6,
        0xff,
        COPY | 0x1000,
        COPY | 0x8000,
        COPY | 0x400,
        COPY | 1 << 16,
        COPY | 1L << 31
      })
  void whatADescriptorCannotSayIsRefused(long first) {
    rig.withData().running();
    int index = rig.put(first | Rig.RECORD, SOURCE, DESTINATION, 8, 0, 0);
    rig.ring();
    assertThat(rig.awaitRecord(index)).isEqualTo(Status.BAD_DESCRIPTOR);
    assertThat(rig.ram(DESTINATION_AT)).isZero();
    assertThat(rig.awaitRecord(rig.submit(FILL, 0, DESTINATION, 8, 1))).isEqualTo(Status.SUCCESS);
  }

  @Test
  void lengthsBeyond32BitsAndCrookedAtomicsAreRefused() {
    rig.withData().running();
    int longer = rig.put(COPY | Rig.RECORD, SOURCE, DESTINATION, 1L << 32, 0, 0);
    int crooked = rig.put(3 | Rig.RECORD, 0, DESTINATION + 4, 0, 1, 0);
    rig.ring();
    assertThat(rig.awaitRecord(longer)).isEqualTo(Status.BAD_DESCRIPTOR);
    assertThat(rig.awaitRecord(crooked)).isEqualTo(Status.BAD_DESCRIPTOR);
  }

  @Test
  void aRecordLiesWhereItCrossesNoPage() {
    rig.withData().running();
    int index = rig.put(FILL | Rig.RECORD, 0, DESTINATION, 8, 1, 0);
    rig.ram(Rig.RING_AT + 0x30, RECORDS + 31);
    rig.ring();
    assertThat(rig.awaitRecord(index)).isEqualTo(Status.SUCCESS);
  }

  @Test
  void aMissingPageIsAskedForAndThenUsed() {
    rig.withData().running();
    rig.host.unmap(FIVE, DESTINATION);
    int index = rig.submit(COPY, SOURCE, DESTINATION, 64, 0);
    PageRequest request = rig.awaitPage();
    assertThat(request)
        .isEqualTo(new PageRequest(FIVE, DESTINATION, request.group(), false, true, true));
    assertThat(rig.statusOf(index)).isEqualTo(Status.NONE);
    rig.host.map(FIVE, DESTINATION, DESTINATION_AT);
    rig.answer(request, PageResponse.SUCCESS);
    assertThat(rig.awaitRecord(index)).isEqualTo(Status.SUCCESS);
    assertThat(rig.record(index, 3)).isEqualTo(1);
    assertThat(rig.ram(DESTINATION_AT + 8)).isEqualTo(rig.ram(SOURCE_AT + 8));
    assertThat(rig.read(DmaEngine.PAGES_ASKED)).isEqualTo(1);
  }

  @Test
  void aGroupAsksForAsManyPagesAsAreLeft() {
    rig.running(8 << 8 | 4 << 16);
    int index = rig.submit(FILL, 0, DESTINATION + 0xff0, 0x1020, 7);
    PageRequest first = rig.awaitPage();
    PageRequest second = rig.awaitPage();
    PageRequest third = rig.awaitPage();
    assertThat(first.address()).isEqualTo(DESTINATION);
    assertThat(second.address()).isEqualTo(DESTINATION + 0x1000);
    assertThat(third.address()).isEqualTo(DESTINATION + 0x2000);
    assertThat(third.last()).isTrue();
    for (int i = 0; i < 3; i++) {
      rig.host.map(FIVE, DESTINATION + i * 0x1000, DESTINATION_AT + i * 0x1000);
    }
    rig.answer(third, PageResponse.SUCCESS);
    assertThat(rig.awaitRecord(index)).isEqualTo(Status.SUCCESS);
    assertThat(rig.host.pages).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"1, PAGE_INVALID", "15, PAGE_UNAVAILABLE", "9, PAGE_UNAVAILABLE"})
  void aPageThatIsNotToBeHadEndsTheDescriptor(int code, Status expected) {
    rig.withData().running();
    rig.host.unmap(FIVE, SOURCE);
    int index = rig.submit(COPY, SOURCE + 8, DESTINATION, 64, 0);
    PageRequest request = rig.awaitPage();
    assertThat(request.read()).isTrue();
    assertThat(request.write()).isFalse();
    rig.answer(request, code);
    assertThat(rig.awaitRecord(index)).isEqualTo(expected);
    assertThat(rig.record(index, 1)).isZero();
    assertThat(rig.record(index, 2)).isEqualTo(SOURCE + 8);
    assertThat(rig.awaitRecord(rig.submit(FILL, 0, DESTINATION, 8, 1))).isEqualTo(Status.SUCCESS);
  }

  @Test
  void emptyPromisesAreBelievedOnlySoOften() {
    rig.running();
    rig.host.onPage = request -> rig.answer(request, PageResponse.SUCCESS);
    int index = rig.submit(FILL, 0, DESTINATION, 8, 1);
    assertThat(rig.awaitRecord(index)).isEqualTo(Status.TOO_MANY_RETRIES);
    assertThat(rig.host.pages).hasSize(4);
    assertThat(rig.record(index, 3)).isEqualTo(4);
  }

  @Test
  void aChannelThatMayNotAskForPagesDoesNot() {
    rig.running(0);
    int index = rig.submit(FILL, 0, DESTINATION, 8, 1);
    assertThat(rig.awaitRecord(index)).isEqualTo(Status.PAGE_MISSING);
    assertThat(rig.record(index, 2)).isEqualTo(DESTINATION);
    assertThat(rig.host.pages).isEmpty();
  }

  @Test
  void norDoesADescriptorThatMayNot() {
    rig.running();
    int index = rig.submit(FILL | 0x800, 0, DESTINATION, 8, 1);
    assertThat(rig.awaitRecord(index)).isEqualTo(Status.PAGE_MISSING);
    assertThat(rig.host.pages).isEmpty();
  }

  @Test
  void theRingAndTheRecordsMayBeMissingToo() {
    rig.withData();
    rig.host.unmap(FIVE, RING);
    rig.host.unmap(FIVE, RECORDS);
    rig.running();
    int index = rig.submit(FILL, 0, DESTINATION, 8, 1);
    PageRequest ring = rig.awaitPage();
    assertThat(ring.address()).isEqualTo(RING);
    rig.host.map(FIVE, RING, Rig.RING_AT);
    rig.answer(ring, PageResponse.SUCCESS);
    PageRequest record = rig.awaitPage();
    assertThat(record.address()).isEqualTo(RECORDS);
    assertThat(record.write()).isTrue();
    rig.host.map(FIVE, RECORDS, Rig.RECORDS_AT);
    rig.answer(record, PageResponse.SUCCESS);
    assertThat(rig.awaitRecord(index)).isEqualTo(Status.SUCCESS);
  }

  @Test
  void withTranslationsOffABlockedRequestEndsTheDescriptor() {
    rig.withData();
    rig.config(0x106, 2, 0);
    rig.running();
    assertThat(rig.awaitRecord(rig.submit(COPY, SOURCE, DESTINATION, 8, 0)))
        .isEqualTo(Status.SUCCESS);
    int index = rig.submit(FILL, 0, 0x4_0000, 8, 1);
    assertThat(rig.awaitRecord(index)).isEqualTo(Status.REFUSED);
    assertThat(rig.record(index, 2)).isEqualTo(0x4_0000);
    assertThat(rig.host.asked).isEmpty();
  }

  @Test
  void anAbortEndsTheDescriptor() {
    rig.withData().running();
    rig.awaitRecord(rig.submit(FILL, 0, DESTINATION, 8, 1));
    rig.host.refusal = Completion.COMPLETER_ABORT;
    int index = rig.submit(COPY, SOURCE, DESTINATION, 8, 0);
    assertThat(rig.awaitRecord(index)).isEqualTo(Status.ABORTED);
    assertThat(rig.record(index, 2)).isEqualTo(SOURCE);
  }

  @Test
  void anUnreadableRingHaltsTheChannelUntilSoftwareTakesNote() {
    rig.withData();
    rig.host.unmap(FIVE, RING);
    rig.running(0);
    rig.submit(FILL, 0, DESTINATION, 8, 1);
    rig.awaitState(Channel.State.HALTED);
    FakeHost.await("interrupt", () -> !rig.host.messages.isEmpty());
    assertThat(rig.error()).isEqualTo(ChannelError.DESCRIPTOR_UNREADABLE);
    assertThat(rig.channel(Channel.FAULT_LOW)).isEqualTo(RING);
    rig.channel(Channel.CONTROL, Channel.ENABLE);
    assertThat(rig.channel(Channel.STATUS) & 3).isEqualTo(Channel.State.HALTED.ordinal());
    rig.channel(Channel.CONTROL, 0);
    assertThat(rig.channel(Channel.STATUS)).isZero();
    rig.host.map(FIVE, RING, Rig.RING_AT);
    rig.running();
    assertThat(rig.channel(Channel.HEAD)).isZero();
    rig.ring();
    assertThat(rig.awaitRecord(0)).isEqualTo(Status.SUCCESS);
  }

  @Test
  void anUnwritableRecordHaltsTheChannel() {
    rig.withData();
    rig.host.map(FIVE, RECORDS, Rig.RECORDS_AT, 12, AtsEntry.R);
    rig.running(0);
    rig.submit(FILL, 0, DESTINATION, 8, 1);
    rig.awaitState(Channel.State.HALTED);
    assertThat(rig.error()).isEqualTo(ChannelError.RECORD_UNWRITABLE);
    assertThat(rig.ram(DESTINATION_AT)).isEqualTo(1);
  }

  @Test
  void aChannelThatMayHaveNoPasidHalts() {
    rig.config(0x10e, 2, 0);
    rig.running();
    rig.awaitState(Channel.State.HALTED);
    assertThat(rig.error()).isEqualTo(ChannelError.PASID_NOT_ENABLED);
    assertThat(rig.host.requests).isEmpty();
  }

  @Test
  void aChannelWithoutPasidWorksInTheFunctionsOwnSpace() {
    rig.host.map(0, RING, Rig.RING_AT);
    rig.host.map(0, RECORDS, Rig.RECORDS_AT);
    rig.host.map(0, DESTINATION, DESTINATION_AT);
    rig.running(0);
    rig.channel(Channel.CONTROL, 0);
    rig.awaitState(Channel.State.STOPPED);
    rig.channel(Channel.CONTROL, Channel.ENABLE);
    assertThat(rig.awaitRecord(rig.submit(FILL, 0, DESTINATION, 8, 1))).isEqualTo(Status.SUCCESS);
    assertThat(rig.host.asked).noneMatch(request -> request.prefix() != 0);
  }

  @Test
  void stoppingEndsWhatWaitsForAPageAndMarksTheStop() {
    rig.running(1 << 8 | 4 << 16 | Channel.MARK_STOP);
    int index = rig.submit(FILL, 0, DESTINATION, 8, 1);
    PageRequest request = rig.awaitPage();
    rig.channel(Channel.CONTROL, 0);
    rig.awaitState(Channel.State.STOPPED);
    assertThat(rig.statusOf(index)).isEqualTo(Status.STOPPED);
    PageRequest marker = rig.awaitPage();
    assertThat(marker.isStopMarker()).isTrue();
    assertThat(marker.prefix()).isEqualTo(FIVE);
    rig.answer(request, PageResponse.SUCCESS);
    assertThat(rig.engine.readConfig(0x116, 2) & 2).as("a late answer is no surprise").isZero();
  }

  @Test
  void registersHoldStillWhileTheChannelWorks() {
    rig.running();
    rig.channel(Channel.PASID, 9);
    rig.channel(Channel.RING_LOW, 0);
    rig.channel(Channel.RING_HIGH, 1);
    rig.channel(Channel.RING_SIZE, 1);
    rig.channel(Channel.VECTOR, 1);
    rig.channel(Channel.STATUS, -1);
    rig.channel(Channel.HEAD, 3);
    assertThat(rig.channel(Channel.PASID)).isEqualTo(5);
    assertThat(rig.channel(Channel.RING_LOW)).isEqualTo(RING);
    assertThat(rig.channel(Channel.RING_HIGH)).isZero();
    assertThat(rig.channel(Channel.RING_SIZE)).isEqualTo(4);
    assertThat(rig.channel(Channel.VECTOR)).isEqualTo(2);
    assertThat(rig.channel(Channel.HEAD)).isZero();
  }

  @Test
  void registersKeepTheBitsTheyHave() {
    rig.channel(Channel.CONTROL, 0xffff_fffeL);
    rig.channel(Channel.PASID, -1);
    rig.channel(Channel.RING_LOW, -1);
    rig.channel(Channel.RING_HIGH, -1);
    rig.channel(Channel.RING_SIZE, -1);
    rig.channel(Channel.TAIL, 5);
    assertThat(rig.channel(Channel.CONTROL)).isEqualTo(0xff_ff0e);
    assertThat(rig.channel(Channel.PASID)).isEqualTo(0xf_ffff);
    assertThat(rig.engine.readBar(0, 0x1010, 8)).isEqualTo(-64);
    assertThat(rig.channel(Channel.RING_SIZE)).isEqualTo(12);
    assertThat(rig.channel(Channel.TAIL)).isZero();
  }

  @Test
  void accessesThatAreNoneAreDropped() {
    assertThat(rig.engine.readBar(0, 0, 2)).isEqualTo(0xffff);
    assertThat(rig.engine.readBar(0, 2, 4)).isEqualTo(0xffff_ffffL);
    assertThat(rig.engine.readBar(0, 4, 8)).isEqualTo(-1);
    rig.engine.writeBar(0, 0x1008, 2, 7);
    rig.engine.writeBar(0, 0x100a, 4, 7);
    rig.engine.writeBar(0, 0x1500, 4, 7);
    assertThat(rig.channel(Channel.PASID)).isZero();
    assertThat(rig.read(0x1500)).isZero();
  }

  @Test
  void aTailBeyondTheRingWraps() {
    rig.withData().running();
    int index = rig.put(FILL | Rig.RECORD, 0, DESTINATION, 8, 1, 0);
    rig.channel(Channel.TAIL, 0x7fff_fff1L);
    assertThat(rig.awaitRecord(index)).isEqualTo(Status.SUCCESS);
    assertThat(rig.channel(Channel.TAIL)).isEqualTo(1);
  }

  @Test
  void anInvalidationIsCompletedAndCounted() {
    rig.withData().running();
    rig.awaitRecord(rig.submit(FILL, 0, DESTINATION, 8, 1));
    assertThat(rig.engine.invalidate(new InvalidateRequest(9, FIVE, DESTINATION, false))).isTrue();
    FakeHost.await("completion", () -> !rig.host.completed.isEmpty());
    assertThat(rig.host.completed).containsExactly(1 << 9);
    assertThat(rig.read(DmaEngine.INVALIDATIONS)).isEqualTo(1);
    rig.host.map(FIVE, DESTINATION, 0x30000);
    rig.awaitRecord(rig.submit(FILL, 0, DESTINATION, 8, 2));
    assertThat(rig.ram(DESTINATION_AT)).isEqualTo(1);
    assertThat(rig.ram(0x30000)).isEqualTo(2);
  }

  @Test
  void aPageWaitDoesNotHoldInvalidationsUp() {
    rig.running();
    rig.submit(FILL, 0, DESTINATION, 8, 1);
    rig.awaitPage();
    rig.engine.invalidate(new InvalidateRequest(0, FIVE, DESTINATION, false));
    FakeHost.await("completion", () -> !rig.host.completed.isEmpty());
  }

  @Test
  void aResetEndsEverything() {
    rig.running();
    rig.submit(FILL, 0, DESTINATION, 8, 1);
    rig.awaitPage();
    rig.engine.reset();
    assertThat(rig.channel(Channel.CONTROL)).isZero();
    assertThat(rig.channel(Channel.STATUS)).isZero();
    assertThat(rig.channel(Channel.RING_LOW)).isZero();
    assertThat(rig.engine.readConfig(0x106, 2)).isZero();
    assertThat(rig.engine.readConfig(0x116, 2)).isEqualTo(0x8100);
    rig.engine.respond(new PageResponse(FIVE, 0, PageResponse.SUCCESS));
    assertThat(rig.engine.readConfig(0x116, 2)).isEqualTo(0x8102);
  }

  @Test
  void whateverIsWrittenItStaysItself() {
    Random random = new Random(4711);
    for (int i = 0; i < 20_000; i++) {
      int width = 1 << random.nextInt(4);
      long offset =
          random.nextBoolean() ? random.nextInt(1 << 16) : 0x1000 + 4 * random.nextInt(64 * 4);
      rig.engine.writeBar(0, offset, width, random.nextLong());
      rig.engine.readBar(0, offset, width);
      if (i % 100 == 0) {
        rig.engine.respond(
            new PageResponse(random.nextInt(), random.nextInt(), random.nextInt(16)));
        rig.engine.invalidate(
            new InvalidateRequest(
                random.nextInt(32), random.nextInt(), random.nextLong(), random.nextBoolean()));
      }
    }
    rig.engine.reset();
    assertThat(rig.read(0)).isEqualTo(0x414d_4450);
    assertThat(rig.channel(Channel.STATUS)).isZero();
  }
}
