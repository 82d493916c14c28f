package dev.portcullis.pci;

import static dev.portcullis.pci.TranslatingFunction.ATS;
import static dev.portcullis.pci.TranslatingFunction.EXPRESS;
import static dev.portcullis.pci.TranslatingFunction.PASID;
import static dev.portcullis.pci.TranslatingFunction.PRI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The capabilities of address translation services, page requests and PASIDs, as software sees
/// them.
class TranslationServicesTest {
  private static final MemorySegment BUFFER = Arena.global().allocate(16);

  private final TranslatingFunction function = new TranslatingFunction();

  private long read(int at, int widthBytes) {
    return function.readConfig(at, widthBytes);
  }

  private void write(int at, int widthBytes, long value) {
    function.writeConfig(at, widthBytes, value);
  }

  @Test
  void theExtendedListHasAllThree() {
    assertThat(read(ATS, 4)).isEqualTo(0x1081_000f);
    assertThat(read(PASID, 4)).isEqualTo(0x1101_001b);
    assertThat(read(PRI, 4)).isEqualTo(0x0001_0013);
  }

  @Test
  void theQueueDepthOf32IsWrittenAsZero() {
    assertThat(read(ATS + 4, 2)).isEqualTo(0x60);
    assertThatIllegalArgumentException().isThrownBy(() -> new Ats(33));
  }

  @Test
  void softwareSwitchesTranslationOnWithItsSmallestUnit() {
    write(ATS + 6, 2, 0x8003);
    assertThat(function.ats.isEnabled()).isTrue();
    assertThat(function.ats.smallestUnitLog2()).isEqualTo(15);
    assertThat(read(ATS + 6, 2)).isEqualTo(0x8003);
  }

  @Test
  void theSmallestUnitStaysWhileTranslationsAreInUse() {
    write(ATS + 6, 2, 0x8001);
    write(ATS + 6, 2, 0x8005);
    assertThat(read(ATS + 6, 2)).isEqualTo(0x8001);
    assertThat(function.ats.smallestUnitLog2()).isEqualTo(13);
    write(ATS + 6, 2, 0x0005);
    assertThat(function.ats.isEnabled()).isFalse();
    assertThat(function.heard).containsExactly("ats on", "ats off");
  }

  @Test
  void onlyOfferedPasidFeaturesCanBeAllowed() {
    assertThat(read(PASID + 4, 2)).isEqualTo(0x1004);
    write(PASID + 6, 2, 0xffff);
    assertThat(read(PASID + 6, 2)).isEqualTo(5);
    assertThat(function.pasid.isEnabled()).isTrue();
    assertThat(function.pasid.allows(Pasid.Feature.PRIVILEGED)).isTrue();
    assertThat(function.pasid.allows(Pasid.Feature.EXECUTE)).isFalse();
    write(PASID + 6, 2, 4);
    assertThat(function.pasid.allows(Pasid.Feature.PRIVILEGED)).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Pasid(21, EnumSet.noneOf(Pasid.Feature.class)));
  }

  @Test
  void aPageRequestInterfaceBeginsStopped() {
    assertThat(read(PRI + 4, 2)).isZero();
    assertThat(read(PRI + 6, 2)).isEqualTo(0x8100);
    assertThat(read(PRI + 8, 4)).isEqualTo(64);
    assertThat(read(PRI + 12, 4)).isZero();
    assertThat(function.pages.allocation()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"16, 16", "64, 64", "65, 64", "4294967295, 64"})
  void noMoreIsAllocatedThanThereIs(long written, int allocated) {
    write(PRI + 12, 4, written);
    assertThat(read(PRI + 12, 4)).isEqualTo(written);
    assertThat(function.pages.allocation()).isEqualTo(allocated);
  }

  @Test
  void allowingPageRequestsClearsTheStatus() {
    function.pages.unexpectedIndex();
    function.pages.responseFailed();
    assertThat(read(PRI + 6, 2)).isEqualTo(0x8103);
    write(PRI + 4, 2, 1);
    assertThat(read(PRI + 6, 2)).isEqualTo(0x8000);
    assertThat(function.heard).containsExactly("pages allowed");
  }

  @Test
  void softwareClearsStatusBitsByOne() {
    write(PRI + 4, 2, 1);
    function.pages.unexpectedIndex();
    function.pages.responseFailed();
    write(PRI + 6, 2, 2);
    assertThat(read(PRI + 6, 2)).isEqualTo(0x8001);
    write(PRI + 6, 2, 0xffff);
    assertThat(read(PRI + 6, 2)).isEqualTo(0x8000);
  }

  @Test
  void theResetBitForgetsOnlyWhileRequestsAreForbidden() {
    write(PRI + 4, 2, 3);
    assertThat(read(PRI + 4, 2)).isEqualTo(1);
    assertThat(function.heard).containsExactly("pages allowed");
    write(PRI + 4, 2, 2);
    assertThat(read(PRI + 4, 2)).isZero();
    assertThat(read(PRI + 6, 2)).isEqualTo(0x8100);
    assertThat(function.heard).containsExactly("pages allowed", "pages forbidden", "forget");
  }

  @Test
  void aResetSwitchesEverythingOff() {
    write(ATS + 6, 2, 0x8002);
    write(PASID + 6, 2, 1);
    write(PRI + 12, 4, 8);
    write(PRI + 4, 2, 1);
    write(EXPRESS + 8, 2, 1 << 15);
    assertThat(function.ats.isEnabled()).isFalse();
    assertThat(function.ats.smallestUnitLog2()).isEqualTo(12);
    assertThat(function.pasid.isEnabled()).isFalse();
    assertThat(function.pages.isEnabled()).isFalse();
    assertThat(read(PRI + 6, 2)).isEqualTo(0x8100);
    assertThat(read(PRI + 12, 4)).isZero();
    assertThat(function.heard).containsExactly("ats on", "pages allowed", "ats off", "forget");
  }

  @Test
  void withoutBusMasteringNoRequestLeavesButMessagesDo() {
    RecordingPort far = new RecordingPort();
    function.connect(far, IntxLine.unconnected());
    UpstreamPort near = function.near();
    int prefix = PasidPrefix.of(5);
    assertThat(near.read(AddressType.TRANSLATED, prefix, 0, BUFFER, 0, 16).isSuccess()).isFalse();
    assertThat(near.write(AddressType.TRANSLATED, prefix, 0, BUFFER, 0, 16).isSuccess()).isFalse();
    assertThat(near.zeroLengthRead(AddressType.TRANSLATED, prefix, 0).isSuccess()).isFalse();
    assertThat(near.atomic(AddressType.UNTRANSLATED, 0, 0, AtomicOperation.swap(8, 1)).isSuccess())
        .isFalse();
    assertThat(near.requestTranslation(TranslationRequest.of(prefix, 0))).isNegative();
    assertThat(far.requests).isZero();
    assertThat(near.requestPage(new PageRequest(prefix, 0, 1, true, false, true))).isTrue();
    assertThat(near.invalidationCompleted(1, 1)).isTrue();
    assertThat(far.messages).containsExactly("page 0", "completed 1 of 1");
  }

  @Test
  void aBusMastersRequestsLeaveAndTheirEndsAreNoted() {
    RecordingPort far = new RecordingPort();
    function.connect(far, IntxLine.unconnected());
    write(ConfigRegisters.COMMAND, 2, ConfigRegisters.BUS_MASTER_ENABLE);
    UpstreamPort near = function.near();
    assertThat(near.read(AddressType.TRANSLATED, 0, 0, BUFFER, 0, 16).isSuccess()).isTrue();
    assertThat(near.requestTranslation(TranslationRequest.of(0, 0x5000))).isEqualTo(0x5003);
    assertThat(read(ConfigRegisters.STATUS, 2) & 0xf000).isZero();
    far.answer = Completion.COMPLETER_ABORT;
    assertThat(AtsEntry.completion(near.requestTranslation(TranslationRequest.of(0, 0))))
        .isEqualTo(Completion.COMPLETER_ABORT);
    assertThat(read(ConfigRegisters.STATUS, 2) & 0xf000)
        .isEqualTo(ConfigRegisters.RECEIVED_TARGET_ABORT);
    far.answer = Completion.UNSUPPORTED_REQUEST;
    near.atomic(AddressType.UNTRANSLATED, 0, 0, AtomicOperation.swap(8, 1));
    assertThat(read(ConfigRegisters.STATUS, 2) & 0xf000)
        .isEqualTo(ConfigRegisters.RECEIVED_TARGET_ABORT | ConfigRegisters.RECEIVED_MASTER_ABORT);
  }

  @Test
  void aSleepingFunctionSendsNoMessages() {
    RecordingPort far = new RecordingPort();
    function.connect(far, IntxLine.unconnected());
    write(0x44, 2, 3);
    assertThat(function.near().requestPage(new PageRequest(0, 0, 1, true, false, true))).isFalse();
    assertThat(function.near().invalidationCompleted(1, 1)).isFalse();
    assertThat(far.messages).isEmpty();
  }

  @Test
  void aFunctionWithoutACacheInvalidatesNothing() {
    assertThat(function.invalidate(new InvalidateRequest(0, 0, 0, false))).isFalse();
    function.respond(new PageResponse(0, 1, PageResponse.SUCCESS));
    assertThat(function.heard).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"2, 255, true", "3, 255, false", "0, 255, false", "16, 255, true", "18, 255, false"})
  void translationRequestsAskForWholeTranslationsUpToTheBoundary(
      int doublewords, int byteEnables, boolean taken) {
    assertThat(new TranslationRequest(0, 0, false, doublewords, byteEnables).isWellFormed(64))
        .isEqualTo(taken);
    assertThat(new TranslationRequest(0, 0, false, doublewords, 0x7f).isWellFormed(64)).isFalse();
  }

  @Test
  void atomicOperationsStayInTheirWord() {
    assertThat(AtomicOperation.fetchAdd(4, 2).after(0xffff_ffffL)).isEqualTo(1);
    assertThat(AtomicOperation.fetchAdd(8, 2).after(-1)).isEqualTo(1);
    assertThat(AtomicOperation.swap(4, -1).after(0)).isEqualTo(0xffff_ffffL);
    assertThat(AtomicOperation.compareSwap(8, 7, 9).after(7)).isEqualTo(9);
    assertThat(AtomicOperation.compareSwap(8, 7, 9).after(8)).isEqualTo(8);
    assertThatIllegalArgumentException().isThrownBy(() -> AtomicOperation.swap(16, 0));
  }
}
