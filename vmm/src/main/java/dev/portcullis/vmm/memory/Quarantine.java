package dev.portcullis.vmm.memory;

import dev.portcullis.vmm.VmmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Pages that are in no map any more, and that devices of who had them may still reach: the unit
/// has not been made to forget them. They stay their owner's, and are given to nobody, until it
/// has. That is soon: so many pages wait at most, and so long.
///
/// Under the lock of the ledger, like the maps.
public final class Quarantine {
  /// How long the thread waits for more before it goes.
  private static final long IDLE_MILLIS = 1000;

  private final PhysicalMemory ledger;
  private final Bounds bounds;
  private final Map<Holder, List<PageRange>> held = new IdentityHashMap<>();
  private Consumer<VmmException> onTrouble = trouble -> {};
  private Optional<Thread> thread = Optional.empty();
  private boolean isTroubleTold;

  /// What may wait.
  ///
  /// @param pages of one holder: with so many it settles at once
  /// @param longest how long, if nobody asks for them before: about
  public record Bounds(long pages, Duration longest) {
    /// 16 MiB, and 10 milliseconds.
    public static final Bounds DEFAULT = new Bounds(4096, Duration.ofMillis(10));
  }

  /// Who has taken pages out of its map.
  public interface Holder {
    /// When it returns, no device reaches them by its map, and they are [#settled].
    ///
    /// @throws VmmException if the unit fails; they are still held then
    void settle() throws VmmException;
  }

  /// @param ledger whose lock is taken
  Quarantine(PhysicalMemory ledger, Bounds bounds) {
    this.ledger = ledger;
    this.bounds = bounds;
  }

  /// What may wait.
  public Bounds bounds() {
    return bounds;
  }

  /// Has `listener` told when pages cannot be let go, until they can be again.
  public void onTrouble(Consumer<VmmException> listener) {
    synchronized (ledger) {
      onTrouble = listener;
    }
  }

  /// Holds pages.
  ///
  /// @param pages host physical addresses
  public void hold(Holder holder, PageRange pages) {
    synchronized (ledger) {
      held.computeIfAbsent(holder, _ -> new ArrayList<>()).add(pages);
      if (thread.isEmpty()) {
        thread =
            Optional.of(Thread.ofPlatform().daemon().name("quarantine").start(this::settleInTime));
      }
      ledger.notifyAll();
    }
  }

  /// Nothing of `holder` is held any more.
  public void settled(Holder holder) {
    synchronized (ledger) {
      held.remove(holder);
    }
  }

  /// Whether one of `pages` is held.
  public boolean holds(PageRange pages) {
    synchronized (ledger) {
      return held.values().stream().flatMap(List::stream).anyMatch(pages::overlaps);
    }
  }

  /// How many pages are held.
  public long pages() {
    synchronized (ledger) {
      return held.values().stream()
          .flatMap(List::stream)
          .mapToLong(pages -> pages.bytes() / PageRange.PAGE_BYTES)
          .sum();
    }
  }

  /// When it returns, none of `pages` is held.
  ///
  /// @throws VmmException if the unit fails
  public void settle(PageRange pages) throws VmmException {
    synchronized (ledger) {
      for (Map.Entry<Holder, List<PageRange>> one : List.copyOf(held.entrySet())) {
        if (one.getValue().stream().anyMatch(pages::overlaps)) {
          one.getKey().settle();
        }
      }
    }
  }

  /// The thread: lets pages collect, and settles. Without any for a while, it goes.
  private void settleInTime() {
    try {
      while (awaitSome()) {
        Thread.sleep(bounds.longest());
        settleAll();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// @return whether there are some; if not, this thread is nobody's any more
  private boolean awaitSome() throws InterruptedException {
    synchronized (ledger) {
      if (held.isEmpty()) {
        ledger.wait(IDLE_MILLIS);
      }
      if (held.isEmpty()) {
        thread = Optional.empty();
      }
      return !held.isEmpty();
    }
  }

  private void settleAll() {
    synchronized (ledger) {
      for (Holder holder : List.copyOf(held.keySet())) {
        try {
          holder.settle();
          isTroubleTold = false;
        } catch (VmmException e) {
          if (!isTroubleTold) {
            isTroubleTold = true;
            onTrouble.accept(e);
          }
        }
      }
    }
  }
}
