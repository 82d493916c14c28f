package dev.portcullis.system;

import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.software.Client.ClientException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Tries all the time to get out of the user's partition, and into it.
final class Knocker implements AutoCloseable {
  private static final Duration MOMENT = Duration.ofMillis(100);

  private final RunningPlatform platform;
  private final List<Ipv4Address> reached = new CopyOnWriteArrayList<>();
  private final List<Thread> threads;
  private volatile boolean ended;

  private Knocker(RunningPlatform platform) {
    this.platform = platform;
    this.threads =
        List.of(
            thread("user", StorySite.PEER),
            thread("user", StorySite.OTHER),
            thread("other", StorySite.USER));
  }

  /// Begins.
  static Knocker start(RunningPlatform platform) {
    Knocker knocker = new Knocker(platform);
    knocker.threads.forEach(Thread::start);
    return knocker;
  }

  private Thread thread(String from, Ipv4Address to) {
    return Thread.ofPlatform().daemon().name("knocker").unstarted(() -> knock(from, to));
  }

  private void knock(String from, Ipv4Address to) {
    try {
      while (!ended) {
        if (reaches(from, to)) {
          reached.add(to);
        }
      }
    } catch (VmmException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean reaches(String from, Ipv4Address to) throws VmmException, InterruptedException {
    try {
      platform.partition(from).client().orElseThrow().ping(to, MOMENT);
      return true;
    } catch (ClientException e) {
      return false;
    }
  }

  /// Ends.
  ///
  /// @return who was reached
  List<Ipv4Address> end() throws InterruptedException {
    ended = true;
    for (Thread thread : threads) {
      thread.join();
    }
    return List.copyOf(reached);
  }

  @Override
  public void close() {
    ended = true;
  }
}
