package dev.portcullis.devices.atc;

import static dev.portcullis.devices.atc.SampleFunction.PRI_ALLOCATION;
import static dev.portcullis.devices.atc.SampleFunction.PRI_CONTROL;
import static dev.portcullis.devices.atc.SampleFunction.PRI_STATUS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.devices.FakeHost;
import dev.portcullis.devices.SharedMemoryHost;
import dev.portcullis.devices.atc.PageRequester.Answer;
import dev.portcullis.pci.PageRequest;
import dev.portcullis.pci.PageResponse;
import dev.portcullis.pci.PasidPrefix;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PageRequesterTest {
  private static final int FIVE = PasidPrefix.of(5);
  private static final int STOPPED = 0x100;

  private final SharedMemoryHost host = new SharedMemoryHost();
  private final SampleFunction function = host.plug(new SampleFunction());
  private final PageRequester pages = new PageRequester(function.pages, function.near());
  private volatile boolean abandoned;

  PageRequesterTest() {
    function.with(PRI_ALLOCATION, 4).with(PRI_CONTROL, 1);
  }

  private CompletableFuture<Answer> ask(long iova, int count, Wanted wanted) {
    return CompletableFuture.supplyAsync(
        () -> pages.request(FIVE, iova, count, wanted, () -> abandoned),
        task -> Thread.ofPlatform().daemon().start(task));
  }

  private int groupOf(PageRequest request) {
    return request.group();
  }

  private PageRequest awaitRequest() {
    FakeHost.await("a page request", () -> !host.pages.isEmpty());
    return host.pages.remove();
  }

  private void answer(PageRequest request, int code) {
    pages.respond(new PageResponse(FIVE, groupOf(request), code));
  }

  private long status() {
    return function.readConfig(PRI_STATUS, 2) & 0x7fff;
  }

  @ParameterizedTest
  @CsvSource({"0, PROVIDED", "1, INVALID", "15, UNAVAILABLE", "2, UNAVAILABLE", "14, UNAVAILABLE"})
  void theAnswerIsWhatSoftwareSays(int code, Answer expected) throws Exception {
    CompletableFuture<Answer> answer = ask(0x7fff_1234L, 1, Wanted.WRITE);
    PageRequest request = awaitRequest();
    assertThat(request)
        .isEqualTo(new PageRequest(FIVE, 0x7fff_1000L, request.group(), false, true, true));
    answer(request, code);
    assertThat(answer.get()).isEqualTo(expected);
  }

  @Test
  void onlyTheLastOfAGroupSaysSo() throws Exception {
    CompletableFuture<Answer> answer = ask(0x1000, 3, Wanted.BOTH);
    PageRequest first = awaitRequest();
    PageRequest second = awaitRequest();
    PageRequest third = awaitRequest();
    assertThat(first).isEqualTo(new PageRequest(FIVE, 0x1000, first.group(), true, true, false));
    assertThat(second).isEqualTo(new PageRequest(FIVE, 0x2000, first.group(), true, true, false));
    assertThat(third).isEqualTo(new PageRequest(FIVE, 0x3000, first.group(), true, true, true));
    answer(third, PageResponse.SUCCESS);
    assertThat(answer.get()).isEqualTo(Answer.PROVIDED);
  }

  @Test
  void anAnswerMayComeBeforeTheRequestHasLeft() throws Exception {
    host.onPage = request -> answer(request, PageResponse.SUCCESS);
    assertThat(ask(0x1000, 1, Wanted.READ).get()).isEqualTo(Answer.PROVIDED);
  }

  @Test
  void noMoreIsOutstandingThanAllocated() throws Exception {
    CompletableFuture<Answer> three = ask(0x1000, 3, Wanted.READ);
    PageRequest first = awaitRequest();
    FakeHost.await("all three", () -> host.pages.size() == 2);
    CompletableFuture<Answer> one = ask(0x8000, 3, Wanted.READ);
    FakeHost.await("what is left of the allocation", () -> host.pages.size() == 3);
    CompletableFuture<Answer> late = ask(0x9000, 1, Wanted.READ);
    answer(first, PageResponse.SUCCESS);
    assertThat(three.get()).isEqualTo(Answer.PROVIDED);
    FakeHost.await("the late one", () -> host.pages.size() == 4);
    host.pages.stream().filter(PageRequest::last).skip(1).forEach(last -> answer(last, 0));
    assertThat(one.get()).isEqualTo(Answer.PROVIDED);
    assertThat(late.get()).isEqualTo(Answer.PROVIDED);
    assertThat(pages.sent()).isEqualTo(5);
  }

  @Test
  void withoutAllocationNothingIsAsked() throws Exception {
    function.with(PRI_ALLOCATION, 0);
    CompletableFuture<Answer> answer = ask(0x1000, 1, Wanted.READ);
    function.with(PRI_CONTROL, 0);
    assertThat(answer.get()).isEqualTo(Answer.UNAVAILABLE);
    assertThat(host.pages).isEmpty();
    assertThat(status()).isEqualTo(STOPPED);
  }

  @Test
  void whoIsNotAllowedGetsNothing() throws Exception {
    function.with(PRI_CONTROL, 0);
    assertThat(ask(0x1000, 1, Wanted.READ).get()).isEqualTo(Answer.UNAVAILABLE);
    assertThat(host.pages).isEmpty();
  }

  @Test
  void anIndexNobodyHasIsReported() throws Exception {
    pages.respond(new PageResponse(FIVE, 3, PageResponse.SUCCESS));
    assertThat(status()).isEqualTo(2);
    CompletableFuture<Answer> answer = ask(0x1000, 1, Wanted.READ);
    PageRequest request = awaitRequest();
    function.with(PRI_STATUS, 2);
    pages.respond(new PageResponse(PasidPrefix.of(6), request.group(), PageResponse.SUCCESS));
    assertThat(status()).isEqualTo(2);
    pages.respond(new PageResponse(PasidPrefix.NONE, request.group(), PageResponse.SUCCESS));
    assertThat(answer.isDone()).isFalse();
    answer(request, PageResponse.SUCCESS);
    assertThat(answer.get()).isEqualTo(Answer.PROVIDED);
  }

  @Test
  void aFailureEndsEverythingUntilSoftwareAllowsItAgain() throws Exception {
    CompletableFuture<Answer> one = ask(0x1000, 1, Wanted.READ);
    PageRequest first = awaitRequest();
    CompletableFuture<Answer> other = ask(0x2000, 1, Wanted.READ);
    PageRequest second = awaitRequest();
    answer(first, PageResponse.FAILURE);
    assertThat(one.get()).isEqualTo(Answer.UNAVAILABLE);
    assertThat(other.get()).isEqualTo(Answer.UNAVAILABLE);
    assertThat(status()).isEqualTo(STOPPED | 1);
    answer(second, PageResponse.SUCCESS);
    assertThat(status()).as("late answers do not count").isEqualTo(STOPPED | 1);
    assertThat(ask(0x3000, 1, Wanted.READ).get()).isEqualTo(Answer.UNAVAILABLE);
    function.with(PRI_CONTROL, 0).with(PRI_CONTROL, 1);
    assertThat(status()).isZero();
    CompletableFuture<Answer> again = ask(0x3000, 1, Wanted.READ);
    answer(awaitRequest(), PageResponse.SUCCESS);
    assertThat(again.get()).isEqualTo(Answer.PROVIDED);
  }

  @Test
  void itIsStoppedOnceNothingIsOutstanding() throws Exception {
    CompletableFuture<Answer> answer = ask(0x1000, 1, Wanted.READ);
    PageRequest request = awaitRequest();
    function.with(PRI_CONTROL, 0);
    assertThat(status()).isZero();
    answer(request, PageResponse.SUCCESS);
    assertThat(answer.get()).isEqualTo(Answer.PROVIDED);
    assertThat(status()).isEqualTo(STOPPED);
  }

  @Test
  void aResetForgetsWhatIsOutstanding() throws Exception {
    CompletableFuture<Answer> answer = ask(0x1000, 1, Wanted.READ);
    PageRequest request = awaitRequest();
    function.with(PRI_CONTROL, 0).with(PRI_CONTROL, 2);
    assertThat(answer.get()).isEqualTo(Answer.UNAVAILABLE);
    assertThat(status()).isEqualTo(STOPPED);
    answer(request, PageResponse.SUCCESS);
    assertThat(status()).isEqualTo(STOPPED | 2);
  }

  @Test
  void whoLosesInterestLeavesTheGroupBehind() throws Exception {
    CompletableFuture<Answer> answer = ask(0x1000, 4, Wanted.READ);
    PageRequest request = awaitRequest();
    FakeHost.await("all four", () -> pages.sent() == 4);
    abandoned = true;
    pages.wake();
    assertThat(answer.get()).isEqualTo(Answer.ABANDONED);
    abandoned = false;
    host.pages.clear();
    CompletableFuture<Answer> next = ask(0x1000, 1, Wanted.READ);
    answer(request, PageResponse.SUCCESS);
    PageRequest another = awaitRequest();
    assertThat(another.group()).isNotEqualTo(request.group());
    answer(another, PageResponse.SUCCESS);
    assertThat(next.get()).isEqualTo(Answer.PROVIDED);
    assertThat(status()).isZero();
  }

  @Test
  void aStopMarkerWantsNothingAndIsAlone() {
    pages.markStop(FIVE);
    assertThat(host.pages.remove().isStopMarker()).isTrue();
    function.with(PRI_CONTROL, 0);
    pages.markStop(FIVE);
    assertThat(host.pages).isEmpty();
  }

  @Test
  void groupsTakeTurns() throws Exception {
    host.onPage = request -> answer(request, PageResponse.SUCCESS);
    for (int i = 0; i < 1030; i++) {
      assertThat(pages.request(FIVE, 0x1000, 1, Wanted.READ, () -> false))
          .isEqualTo(Answer.PROVIDED);
    }
    assertThat(host.pages.stream().mapToInt(this::groupOf).distinct().count()).isEqualTo(512);
  }
}
