package dev.portcullis.devices.atc;

import dev.portcullis.pci.PageRequest;
import dev.portcullis.pci.PageRequestInterface;
import dev.portcullis.pci.PageResponse;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.pci.UpstreamPort;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;

/// Asks software for pages, in groups, and waits for its answers.
///
/// Never has more requests outstanding than software allows. Safe for use by several threads, each
/// of which waits for a group of its own.
///
/// @pcie 10.4 Page Request Services
public final class PageRequester implements PageRequestInterface.Requester {
  private static final int INDICES = 1 << 9;
  private static final long PAGE_BYTES = 4096;

  private final PageRequestInterface registers;
  private final UpstreamPort port;
  private final Group[] outstanding = new Group[INDICES];
  private final LongAdder sent = new LongAdder();
  private int used;
  private int nextIndex;
  private boolean allowed;
  private boolean failed;

  /// What came of a group of requests.
  public enum Answer {
    /// The pages are there, or some of them.
    PROVIDED,
    /// One of the pages is not to be had.
    INVALID,
    /// Software allows no requests, or no longer cares.
    UNAVAILABLE,
    /// Whoever asked has lost interest.
    ABANDONED
  }

  /// Requests that are answered together.
  private static final class Group {
    private final int prefix;
    private final int pages;
    private Answer answer;

    Group(int prefix, int pages) {
      this.prefix = prefix;
      this.pages = pages;
    }

    boolean isMeantBy(PageResponse response) {
      return PasidPrefix.isPresent(prefix) == PasidPrefix.isPresent(response.prefix())
          && PasidPrefix.pasid(prefix) == PasidPrefix.pasid(response.prefix());
    }
  }

  /// @param registers where software says what is allowed
  public PageRequester(PageRequestInterface registers, UpstreamPort port) {
    this.registers = registers;
    this.port = port;
    registers.tell(this);
  }

  /// Asks for up to `pages` (at least 1) pages from that of `iova` on, and waits for the answer.
  ///
  /// @param prefix a [PasidPrefix], or none
  /// @param abandoned whether to wait no longer; looked at after each [#wake]
  public Answer request(
      int prefix, long iova, int pages, Wanted wanted, BooleanSupplier abandoned) {
    int index;
    Group group;
    synchronized (this) {
      await(() -> !allowed || abandoned.getAsBoolean() || hasRoom());
      if (abandoned.getAsBoolean()) {
        return Answer.ABANDONED;
      }
      if (!allowed) {
        return Answer.UNAVAILABLE;
      }
      group = new Group(prefix, Math.min(pages, registers.allocation() - used));
      index = freeIndex();
      outstanding[index] = group;
      used += group.pages;
    }
    if (!send(prefix, iova, index, group.pages, wanted)) {
      withdraw(index, group);
    }
    synchronized (this) {
      await(() -> group.answer != null || abandoned.getAsBoolean());
      return group.answer == null ? Answer.ABANDONED : group.answer;
    }
  }

  private boolean hasRoom() {
    return used < Math.min(registers.allocation(), INDICES);
  }

  /// The next index that no group has; there is one where there is room. Not the one that came free
  /// last: a late answer shall not meet another group.
  private int freeIndex() {
    int index = nextIndex;
    while (outstanding[index] != null) {
      index = index + 1 & INDICES - 1;
    }
    nextIndex = index + 1 & INDICES - 1;
    return index;
  }

  private boolean send(int prefix, long iova, int index, int pages, Wanted wanted) {
    long page = iova & -PAGE_BYTES;
    boolean left = true;
    for (int i = 0; i < pages && left; i++) {
      left =
          port.requestPage(
              new PageRequest(
                  prefix,
                  page + i * PAGE_BYTES,
                  index,
                  wanted.reads(),
                  wanted.writes(),
                  i == pages - 1));
      sent.increment();
    }
    return left;
  }

  /// The last request of `group` never left: there will be no answer.
  private synchronized void withdraw(int index, Group group) {
    if (outstanding[index] == group) {
      end(index, Answer.UNAVAILABLE);
    }
  }

  private void end(int index, Answer answer) {
    Group group = outstanding[index];
    outstanding[index] = null;
    used -= group.pages;
    group.answer = answer;
    notifyAll();
    if (!allowed && used == 0) {
      registers.stopped();
    }
  }

  private void endAll() {
    for (int i = 0; i < INDICES; i++) {
      if (outstanding[i] != null) {
        end(i, Answer.UNAVAILABLE);
      }
    }
  }

  /// Software's answer. A code that nobody has defined stands for a failure; after one, no answer
  /// counts until software allows requests again.
  ///
  /// @pcie 10.4.2 Page Request Group Response Message
  public synchronized void respond(PageResponse response) {
    if (failed) {
      return;
    }
    int index = response.group() & INDICES - 1;
    Group group = outstanding[index];
    if (group == null || !group.isMeantBy(response)) {
      registers.unexpectedIndex();
      return;
    }
    switch (response.code()) {
      case PageResponse.SUCCESS -> end(index, Answer.PROVIDED);
      case PageResponse.INVALID_REQUEST -> end(index, Answer.INVALID);
      default -> {
        allowed = false;
        failed = true;
        registers.responseFailed();
        endAll();
      }
    }
  }

  /// Says that there will be no more requests of before with this prefix: a stop marker. It is not
  /// answered.
  ///
  /// @pcie 10.4.1.2 Managing PASID Usage on PRG Requests
  public void markStop(int prefix) {
    synchronized (this) {
      if (!allowed) {
        return;
      }
    }
    port.requestPage(new PageRequest(prefix, 0, 0, false, false, true));
  }

  /// Has everyone who waits look whether he still wants to.
  public synchronized void wake() {
    notifyAll();
  }

  @Override
  public synchronized void allowed() {
    allowed = true;
    failed = false;
    notifyAll();
  }

  @Override
  public synchronized void forbidden() {
    allowed = false;
    notifyAll();
    if (used == 0) {
      registers.stopped();
    }
  }

  @Override
  public synchronized void forget() {
    allowed = false;
    failed = false;
    notifyAll();
    endAll();
  }

  /// How many requests were sent.
  public long sent() {
    return sent.sum();
  }

  private void await(BooleanSupplier condition) {
    boolean interrupted = false;
    while (!condition.getAsBoolean()) {
      try {
        wait();
      } catch (InterruptedException later) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
