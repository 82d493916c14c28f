package dev.portcullis.devices.wire;

import dev.portcullis.devices.thread.Threads;
import dev.portcullis.net.pcapng.CapturedFrame;
import dev.portcullis.net.pcapng.PcapngReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// A wire out of which come the frames of a capture, once, with the pauses they were captured with;
/// what is sent into it is lost.
///
/// The replay begins when the first frame is sent: a card that has nothing to say yet has nobody
/// who listens either. A frame of which only a part was kept is left out.
public final class ReplayWire implements Wire {
  /// Longer pauses are cut to this.
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final PcapngReader capture;
  private final Thread thread;
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile Consumer<byte[]> receiver = frame -> {};
  private volatile String end = "";

  /// @throws IOException if there is no such file
  public ReplayWire(Path file) throws IOException {
    capture = PcapngReader.open(file);
    thread = Thread.ofPlatform().daemon().name("replay").start(this::replay);
  }

  /// Why the replay ended before the file did; empty if it has not.
  public String problem() {
    return end;
  }

  @Override
  public void connect(Consumer<byte[]> to) {
    receiver = to;
  }

  @Override
  public void send(byte[] frame) {
    begun.countDown();
  }

  private void replay() {
    try (capture) {
      begun.await();
      Optional<CapturedFrame> next = capture.next();
      long before = next.map(CapturedFrame::timestampNanos).orElse(0L);
      while (next.isPresent() && !isClosedAfter(next.get().timestampNanos() - before)) {
        before = next.get().timestampNanos();
        if (next.get().frame().length == next.get().originalBytes()) {
          receiver.accept(next.get().frame());
        }
        next = capture.next();
      }
    } catch (IOException unreadable) {
      end = unreadable.getMessage();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isClosedAfter(long pauseNanos) throws InterruptedException {
    return closed.await(Math.clamp(pauseNanos, 0, LONGEST_PAUSE_NANOS), TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    closed.countDown();
    thread.interrupt();
    Threads.awaitEnd(thread);
  }
}
