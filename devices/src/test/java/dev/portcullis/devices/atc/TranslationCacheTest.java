package dev.portcullis.devices.atc;

import static dev.portcullis.devices.atc.SampleFunction.ATS_CONTROL;
import static dev.portcullis.devices.atc.SampleFunction.PASID_CONTROL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.devices.FakeHost;
import dev.portcullis.devices.SharedMemoryHost;
import dev.portcullis.devices.atc.VirtualMemory.Access;
import dev.portcullis.pci.AtomicOperation;
import dev.portcullis.pci.AtsEntry;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.InvalidateRequest;
import dev.portcullis.pci.PasidPrefix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TranslationCacheTest {
  private static final int NONE = PasidPrefix.NONE;
  private static final int FIVE = PasidPrefix.of(5);
  private static final int SIX = PasidPrefix.of(6);
  private static final long EVERYTHING = 0x7fff_ffff_ffff_f000L | AtsEntry.S;
  private static final long IOVA = 0x7f00_0000_0000L;
  private static final long TWO_MIB = 1 << 21;

  private final SharedMemoryHost host = new SharedMemoryHost();
  private final SampleFunction function = host.plug(new SampleFunction());
  private final TranslationCache cache = new TranslationCache(function.ats, function.near(), 8);
  private final VirtualMemory memory = new VirtualMemory(cache, function.pasid, function.near());
  private final MemorySegment buffer = Arena.ofAuto().allocate(4096);

  TranslationCacheTest() {
    function.with(PASID_CONTROL, 0xf).with(ATS_CONTROL, 0x8000);
  }

  private Access read(int prefix, long iova) {
    return memory.read(prefix, iova, buffer, 0, 8);
  }

  private Access write(int prefix, long iova) {
    return memory.write(prefix, iova, buffer, 0, 8);
  }

  private void invalidate(int prefix, long pages) {
    cache.invalidate(new InvalidateRequest(0, prefix, pages, false));
  }

  @Test
  void aTranslationIsAskedForOnce() {
    host.map(FIVE, IOVA, 0x3000);
    host.ram().set(ValueLayout.JAVA_LONG, 0x3010, 77);
    assertThat(read(FIVE, IOVA + 0x10)).isEqualTo(Access.DONE);
    assertThat(buffer.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(77);
    assertThat(read(FIVE, IOVA + 0xff8)).isEqualTo(Access.DONE);
    assertThat(host.asked).hasSize(1);
    assertThat(cache.hits()).isEqualTo(1);
    assertThat(host.requests).containsExactly("TRANSLATED 5:3010", "TRANSLATED 5:3ff8");
  }

  @Test
  void eachAddressSpaceHasItsOwn() {
    host.map(FIVE, IOVA, 0x3000);
    host.map(SIX, IOVA, 0x4000);
    host.map(NONE, IOVA, 0x5000);
    int privileged = FIVE | PasidPrefix.PRIVILEGED;
    List.of(FIVE, SIX, NONE, privileged).forEach(prefix -> read(prefix, IOVA));
    assertThat(host.asked).hasSize(4);
    assertThat(host.requests)
        .containsExactly(
            "TRANSLATED 5:3000", "TRANSLATED 6:4000", "TRANSLATED 5000", "TRANSLATED 5:3000");
  }

  @Test
  void oneLargePageServesAllItsParts() {
    host.map(FIVE, IOVA, 0, 21, AtsEntry.R);
    read(FIVE, IOVA + 0x1000);
    read(FIVE, IOVA + 0xf_f000);
    assertThat(host.asked).hasSize(1);
    assertThat(host.requests).contains("TRANSLATED 5:1000", "TRANSLATED 5:ff000");
  }

  @Test
  void aReaderAsksWithoutTheRightToWriteAndAWriterAsksAgain() {
    host.map(FIVE, IOVA, 0x3000, 12, AtsEntry.R);
    assertThat(read(FIVE, IOVA)).isEqualTo(Access.DONE);
    assertThat(host.asked.peek().noWrite()).isTrue();
    assertThat(write(FIVE, IOVA)).isEqualTo(Access.MISSING);
    host.map(FIVE, IOVA, 0x4000);
    assertThat(write(FIVE, IOVA)).isEqualTo(Access.DONE);
    assertThat(host.asked).hasSize(3);
    assertThat(read(FIVE, IOVA)).isEqualTo(Access.DONE);
    assertThat(host.requests)
        .containsExactly("TRANSLATED 5:3000", "TRANSLATED 5:4000", "TRANSLATED 5:4000");
    assertThat(cache.size()).isEqualTo(1);
  }

  @Test
  void atomicOperationsNeedBothRights() {
    AtomicOperation add = AtomicOperation.fetchAdd(8, 1);
    host.map(FIVE, IOVA, 0x3000, 12, AtsEntry.W);
    assertThat(memory.atomic(FIVE, IOVA, add)).isEqualTo(Access.MISSING);
    host.map(FIVE, IOVA, 0x3000);
    assertThat(memory.atomic(FIVE, IOVA, add)).isEqualTo(Access.DONE);
    assertThat(host.ram().get(ValueLayout.JAVA_LONG, 0x3000)).isEqualTo(1);
  }

  @Test
  void aMissingPageIsNeverRemembered() {
    assertThat(read(FIVE, IOVA)).isEqualTo(Access.MISSING);
    assertThat(cache.size()).isZero();
    host.map(FIVE, IOVA, 0x3000);
    assertThat(read(FIVE, IOVA)).isEqualTo(Access.DONE);
    host.unmap(FIVE, IOVA);
    assertThat(write(FIVE, IOVA)).as("known to be writable").isEqualTo(Access.DONE);
    invalidate(FIVE, IOVA);
    assertThat(read(FIVE, IOVA)).isEqualTo(Access.MISSING);
    assertThat(cache.size()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    // one page: itself, its neighbours
    "0x0, 0x0, true",
    "0x1000, 0x0, false",
    "0x0, 0x1000, false",
    // 8 KiB from 2000h on
    "0x2000, 0x2800, true",
    "0x3000, 0x2800, true",
    "0x4000, 0x2800, false",
    "0x1000, 0x2800, false",
    // 16 KiB from 0 on
    "0x3000, 0x1800, true",
    "0x4000, 0x1800, false"
  })
  void aRangeIsForgottenAndNothingElse(String page, String range, boolean forgotten) {
    long iova = IOVA + Long.decode(page);
    host.map(FIVE, iova, 0x3000);
    read(FIVE, iova);
    invalidate(FIVE, IOVA + Long.decode(range));
    assertThat(cache.size()).isEqualTo(forgotten ? 0 : 1);
  }

  @Test
  void aLargePageIsForgottenWhenAPartOfItIs() {
    host.map(FIVE, IOVA, 0, 21, AtsEntry.R);
    read(FIVE, IOVA);
    invalidate(FIVE, IOVA + TWO_MIB);
    assertThat(cache.size()).isEqualTo(1);
    invalidate(FIVE, IOVA + 0x1f_f000);
    assertThat(cache.size()).isZero();
  }

  @Test
  void everythingOfAnAddressSpaceIsForgottenAtOnce() {
    fillThree();
    invalidate(FIVE, EVERYTHING);
    assertThat(cache.size()).isEqualTo(2);
    assertThat(read(FIVE, IOVA)).isEqualTo(Access.DONE);
    assertThat(host.asked).hasSize(4);
  }

  @Test
  void requestsWithoutPasidAreAnAddressSpaceToo() {
    fillThree();
    invalidate(NONE, EVERYTHING);
    assertThat(cache.size()).isEqualTo(2);
    read(FIVE, IOVA);
    read(SIX, IOVA);
    assertThat(host.asked).hasSize(3);
  }

  @Test
  void aGlobalInvalidationMeansEveryPasid() {
    fillThree();
    cache.invalidate(new InvalidateRequest(0, NONE, IOVA, true));
    assertThat(cache.size()).isEqualTo(1);
    read(NONE, IOVA);
    assertThat(host.asked).hasSize(3);
  }

  private void fillThree() {
    for (int prefix : new int[] {FIVE, SIX, NONE}) {
      host.map(prefix, IOVA, 0x3000);
      read(prefix, IOVA);
    }
  }

  @Test
  void aRangeBelowTheSmallestUnitStandsForTheUnit() {
    function.with(ATS_CONTROL, 0).with(ATS_CONTROL, 0x8002);
    host.map(FIVE, IOVA + 0x3000, 0x3000);
    read(FIVE, IOVA + 0x3000);
    invalidate(FIVE, IOVA);
    assertThat(cache.size()).isZero();
  }

  @Test
  void withTranslationsOffRequestsAreUntranslated() {
    host.map(FIVE, IOVA, 0x3000);
    read(FIVE, IOVA);
    function.with(ATS_CONTROL, 0);
    assertThat(cache.size()).isZero();
    read(FIVE, IOVA + 8);
    assertThat(read(FIVE, IOVA + 0x1000)).isEqualTo(Access.REFUSED);
    assertThat(host.asked).hasSize(1);
    assertThat(host.requests)
        .contains("UNTRANSLATED 5:7f0000000008", "UNTRANSLATED 5:7f0000001000");
  }

  @Test
  void anUnsupportedTranslationRequestIsTheLast() {
    host.map(FIVE, IOVA, 0x3000);
    host.refusal = Completion.UNSUPPORTED_REQUEST;
    assertThat(read(FIVE, IOVA)).isEqualTo(Access.DONE);
    host.refusal = null;
    read(FIVE, IOVA);
    assertThat(host.asked).hasSize(1);
    assertThat(host.requests)
        .containsExactly("UNTRANSLATED 5:7f0000000000", "UNTRANSLATED 5:7f0000000000");
    function.with(ATS_CONTROL, 0).with(ATS_CONTROL, 0x8000);
    read(FIVE, IOVA);
    assertThat(host.asked).hasSize(2);
  }

  @Test
  void anAbortedTranslationRequestEndsTheAccess() {
    host.map(FIVE, IOVA, 0x3000);
    host.refusal = Completion.COMPLETER_ABORT;
    assertThat(read(FIVE, IOVA)).isEqualTo(Access.ABORTED);
    host.refusal = null;
    assertThat(read(FIVE, IOVA)).isEqualTo(Access.DONE);
    assertThat(host.requests).containsExactly("TRANSLATED 5:3000");
  }

  @Test
  void aPageForUntranslatedRequestsIsAccessedByThem() {
    host.map(NONE, IOVA, 0x3000, 12, AtsEntry.W | AtsEntry.U);
    assertThat(write(NONE, IOVA)).isEqualTo(Access.DONE);
    assertThat(host.requests).containsExactly("UNTRANSLATED 7f0000000000");
  }

  @Test
  void translatedRequestsHaveAPasidOnlyWhereSoftwareLetsThem() {
    function.with(PASID_CONTROL, SampleFunction.PASID_ON);
    host.map(FIVE, IOVA, 0x3000);
    read(FIVE, IOVA);
    assertThat(host.requests).containsExactly("TRANSLATED 3000");
  }

  @Test
  void prefixesThatSoftwareDoesNotAllowGoNowhere() {
    host.map(FIVE, IOVA, 0x3000);
    function.with(PASID_CONTROL, SampleFunction.PASID_ON);
    assertThat(read(FIVE | PasidPrefix.PRIVILEGED, IOVA)).isEqualTo(Access.REFUSED);
    assertThat(read(FIVE | PasidPrefix.EXECUTE, IOVA)).isEqualTo(Access.REFUSED);
    function.with(PASID_CONTROL, 0);
    assertThat(read(FIVE, IOVA)).isEqualTo(Access.REFUSED);
    assertThat(host.asked).isEmpty();
    assertThat(host.requests).isEmpty();
  }

  @Test
  void aFullCacheMakesRoom() {
    for (int i = 0; i < 20; i++) {
      host.map(FIVE, IOVA + i * 4096L, i * 4096L);
      assertThat(read(FIVE, IOVA + i * 4096L)).isEqualTo(Access.DONE);
    }
    assertThat(cache.size()).isEqualTo(8);
    assertThat(host.requests).contains("TRANSLATED 5:0", "TRANSLATED 5:13000");
  }

  @Test
  void anInvalidationWaitsForRequestsThatUseWhatItDrops() throws Exception {
    host.map(FIVE, IOVA, 0x3000);
    read(FIVE, IOVA);
    host.held = true;
    Thread user = Thread.ofPlatform().start(() -> memory.write(FIVE, IOVA, buffer, 0, 8));
    FakeHost.await("request held", host::isHolding);
    Thread invalidator = Thread.ofPlatform().start(() -> invalidate(FIVE, IOVA));
    FakeHost.await("it waits", () -> invalidator.getState() == Thread.State.WAITING);
    host.held = false;
    invalidator.join();
    user.join();
    assertThat(cache.size()).isZero();
  }

  @Test
  void noRequestUsesATranslationAfterItsInvalidation() throws Exception {
    List<Thread> users = new ArrayList<>();
    boolean[] stop = {false};
    host.dawdles = true;
    host.map(FIVE, IOVA, 0x3000);
    for (int i = 0; i < 2; i++) {
      users.add(
          Thread.ofPlatform()
              .start(() -> {
                MemorySegment mine = Arena.ofAuto().allocate(64);
                while (!stop[0] && !Thread.currentThread().isInterrupted()) {
                  memory.write(FIVE, IOVA, mine, 0, 64);
                  host.requests.clear();
                  host.asked.clear();
                }
              }));
    }
    for (int round = 0; round < 300; round++) {
      long here = round % 2 == 0 ? 0x3000 : 0x4000;
      long there = 0x7000 - here;
      int before = host.translated.get();
      FakeHost.await("requests", () -> host.translated.get() > before + 2);
      host.map(FIVE, IOVA, there);
      invalidate(FIVE, IOVA);
      host.revoke(here);
    }
    stop[0] = true;
    for (Thread user : users) {
      user.interrupt();
      user.join();
    }
    assertThat(host.violations).isEmpty();
  }
}
