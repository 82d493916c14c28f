package dev.portcullis.devices.atc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.devices.FakeHost;
import dev.portcullis.devices.SharedMemoryHost;
import dev.portcullis.pci.InvalidateRequest;
import dev.portcullis.pci.PasidPrefix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InvalidationsTest {
  private static final int FIVE = PasidPrefix.of(5);

  private final SharedMemoryHost host = new SharedMemoryHost();
  private final SampleFunction function = host.plug(new SampleFunction());
  private final TranslationCache cache = new TranslationCache(function.ats, function.near(), 8);
  private final VirtualMemory memory = new VirtualMemory(cache, function.pasid, function.near());
  private final Invalidations invalidations =
      new Invalidations("invalidations", cache, function.near());

  InvalidationsTest() {
    function.with(SampleFunction.PASID_CONTROL, 1).with(SampleFunction.ATS_CONTROL, 0x8000);
    host.map(FIVE, 0x1000, 0x3000);
  }

  @AfterEach
  void end() {
    invalidations.close();
  }

  private static InvalidateRequest request(int tag) {
    return new InvalidateRequest(tag, FIVE, 0x1000, false);
  }

  private int completedTags() {
    return host.completed.stream().reduce(0, (all, some) -> all | some);
  }

  @Test
  void eachRequestIsCompletedOnceWhateverItFinds() {
    for (int tag = 0; tag < 32; tag++) {
      invalidations.accept(request(tag));
    }
    FakeHost.await("all completed", () -> completedTags() == -1);
    assertThat(host.completed.stream().mapToInt(Integer::bitCount).sum()).isEqualTo(32);
    assertThat(invalidations.done()).isEqualTo(32);
  }

  @Test
  void aRequestIsCompletedWhileTranslationsAreOff() {
    function.with(SampleFunction.ATS_CONTROL, 0);
    invalidations.accept(request(3));
    FakeHost.await("completed", () -> !host.completed.isEmpty());
    assertThat(host.completed).containsExactly(1 << 3);
  }

  @Test
  void requestsThatCameTogetherShareACompletion() {
    MemorySegment buffer = Arena.ofAuto().allocate(8);
    host.held = true;
    Thread.ofPlatform().daemon().start(() -> memory.read(FIVE, 0x1000, buffer, 0, 8));
    FakeHost.await("request held", host::isHolding);
    invalidations.accept(request(7));
    FakeHost.await("being carried out", InvalidationsTest::cacheIsWaitedFor);
    invalidations.accept(request(8));
    invalidations.accept(request(31));
    assertThat(host.completed).isEmpty();
    host.held = false;
    FakeHost.await("completed", () -> host.completed.size() == 2);
    assertThat(host.completed).containsExactly(1 << 7, 1 << 8 | 1 << 31);
  }

  private static boolean cacheIsWaitedFor() {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(one -> one.getKey().getName().equals("invalidations"))
        .flatMap(one -> Arrays.stream(one.getValue()))
        .anyMatch(frame -> frame.getMethodName().equals("invalidate"));
  }

  @Test
  void aResetForgetsWhatWaitsAndAwaitsWhatDoesNot() throws Exception {
    MemorySegment buffer = Arena.ofAuto().allocate(8);
    host.held = true;
    Thread.ofPlatform().daemon().start(() -> memory.read(FIVE, 0x1000, buffer, 0, 8));
    FakeHost.await("request held", host::isHolding);
    invalidations.accept(request(7));
    FakeHost.await("being carried out", InvalidationsTest::cacheIsWaitedFor);
    invalidations.accept(request(8));
    Thread resetter = Thread.ofPlatform().start(invalidations::reset);
    FakeHost.await("it waits", () -> resetter.getState() == Thread.State.WAITING);
    host.held = false;
    resetter.join();
    assertThat(host.completed).containsExactly(1 << 7);
    invalidations.accept(request(1));
    FakeHost.await("completed", () -> host.completed.size() == 2);
    assertThat(host.completed).containsExactly(1 << 7, 1 << 1);
  }
}
