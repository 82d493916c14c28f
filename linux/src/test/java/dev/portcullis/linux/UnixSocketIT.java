package dev.portcullis.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketIT {
  @TempDir Path folder;

  @Test
  void bytesAndDescriptorsArriveTogether() throws Exception {
    long before = OpenDescriptors.count();
    List<UnixSocket> ends = UnixSocket.pair();
    try (UnixSocket here = ends.get(0);
        UnixSocket there = ends.get(1);
        Descriptor event = Event.create()) {
      NativeBuffer out = NativeBuffer.allocate(8);
      out.bytes().set(ValueLayout.JAVA_LONG, 0, 0x1122334455667788L);
      here.send(out, 0, 8, List.of(event));

      NativeBuffer in = NativeBuffer.allocate(64);
      List<Descriptor> came = new ArrayList<>();
      assertThat(there.receive(in, 16, 48, came)).isEqualTo(8);
      assertThat(in.bytes().get(ValueLayout.JAVA_LONG, 16)).isEqualTo(0x1122334455667788L);
      assertThat(came).hasSize(1);

      Event.check(came.getFirst());
      Event.signal(came.getFirst());
      Event.signal(came.getFirst());
      assertThat(Event.take(event)).isEqualTo(2);
      assertThat(Event.take(event)).isZero();
      came.forEach(Descriptor::close);
    }
    assertThat(OpenDescriptors.count()).isEqualTo(before);
  }

  @Test
  void aReceiveEndsWithTheMessageThatCarriesDescriptors() throws Exception {
    List<UnixSocket> ends = UnixSocket.pair();
    try (UnixSocket here = ends.get(0);
        UnixSocket there = ends.get(1);
        Descriptor event = Event.create()) {
      NativeBuffer out = NativeBuffer.allocate(16);
      here.send(out, 0, 3, List.of());
      here.send(out, 0, 4, List.of(event));
      here.send(out, 0, 5, List.of());

      NativeBuffer in = NativeBuffer.allocate(64);
      List<Descriptor> came = new ArrayList<>();
      assertThat(there.receive(in, 0, 64, came)).isEqualTo(7);
      assertThat(came).hasSize(1);
      assertThat(there.receive(in, 0, 64, came)).isEqualTo(5);
      came.forEach(Descriptor::close);
    }
  }

  @Test
  void moreDescriptorsThanFitAreRefusedAndClosed() throws Exception {
    List<UnixSocket> ends = UnixSocket.pair();
    try (UnixSocket here = ends.get(0);
        UnixSocket there = ends.get(1);
        Descriptor event = Event.create()) {
      here.send(NativeBuffer.allocate(1), 0, 1, Collections.nCopies(17, event));
      long before = OpenDescriptors.count();
      List<Descriptor> came = new ArrayList<>();
      assertFails(Errno.EOVERFLOW, () -> there.receive(NativeBuffer.allocate(8), 0, 8, came));
      assertThat(came).isEmpty();
      assertThat(OpenDescriptors.count()).isEqualTo(before);
    }
  }

  @Test
  void shutdownWakesAWaitingReceiver() throws Exception {
    List<UnixSocket> ends = UnixSocket.pair();
    try (UnixSocket here = ends.get(0);
        UnixSocket there = ends.get(1)) {
      var received =
          CompletableFuture.supplyAsync(() -> {
            try {
              return here.receive(NativeBuffer.allocate(8), 0, 8, new ArrayList<>());
            } catch (LinuxException e) {
              throw new AssertionError(e);
            }
          });
      here.shutdown();
      assertThat(received.get(10, TimeUnit.SECONDS)).isZero();
      assertFails(Errno.EPIPE, () -> there.send(NativeBuffer.allocate(8), 0, 8, List.of()));
    }
  }

  @Test
  void timeLimitsEndAWaitForAPeerThatDoesNothing() throws Exception {
    List<UnixSocket> ends = UnixSocket.pair();
    try (UnixSocket here = ends.get(0);
        UnixSocket there = ends.get(1)) {
      here.receiveLimit(Duration.ofMillis(20));
      there.sendLimit(Duration.ofMillis(20));
      NativeBuffer megabytes = NativeBuffer.allocate(4 << 20);
      assertFails(Errno.EAGAIN, () -> here.receive(megabytes, 0, 8, new ArrayList<>()));
      assertFails(Errno.EAGAIN, () -> there.send(megabytes, 0, 4 << 20, List.of()));
    }
  }

  @Test
  void aListenerServesOneClientAfterTheOther() throws Exception {
    Path path = folder.resolve("s");
    try (UnixListener listener = UnixListener.at(path)) {
      for (int i = 0; i < 3; i++) {
        try (UnixSocket client = UnixSocket.connect(path);
            UnixSocket server = listener.accept()) {
          client.send(NativeBuffer.allocate(1), 0, 1, List.of());
          assertThat(server.receive(NativeBuffer.allocate(8), 0, 8, new ArrayList<>()))
              .isEqualTo(1);
        }
      }
    }
    assertThat(path).doesNotExist();
  }

  @Test
  void closingAListenerWakesWhoeverAccepts() throws Exception {
    UnixListener listener = UnixListener.at(folder.resolve("s"));
    Thread closer = Thread.ofPlatform().start(listener::close);
    assertThatThrownBy(listener::accept).isInstanceOf(LinuxException.class);
    closer.join();
  }

  @Test
  void onlyASocketFileThatNobodyListensAtIsReplaced() throws Exception {
    Path path = folder.resolve("s");
    try (UnixListener listener = UnixListener.at(path)) {
      assertFails(Errno.EADDRINUSE, () -> UnixListener.at(path));
      assertThat(listener.path()).exists();
      // Nor one whose queue is full: the probe above waits in it, and one more.
      try (UnixSocket waiting = UnixSocket.connect(path)) {
        assertFails(Errno.EADDRINUSE, () -> UnixListener.at(path));
        waiting.shutdown();
      }
    }
    Path stale = folder.resolve("stale");
    try (Descriptor crashed = UnixSocket.open()) {
      Scratch scratch = Scratch.ofThisThread();
      crashed.call(SystemCall.BIND, scratch.address(0), UnixAddress.write(stale, scratch), 0);
    }
    assertThat(stale).exists();
    UnixListener.at(stale).close();

    Path file = Files.writeString(folder.resolve("file"), "precious");
    assertFails(Errno.EADDRINUSE, () -> UnixListener.at(file));
    assertThat(file).hasContent("precious");
    assertFails(Errno.ENOENT, () -> UnixListener.at(folder.resolve("none/s")));
    assertFails(Errno.ENAMETOOLONG, () -> UnixListener.at(folder.resolve("x".repeat(200))));
  }

  @Test
  void onlyEventsPassTheCheck() throws Exception {
    try (Descriptor file = MemoryFile.create("no event", 8)) {
      assertFails(Errno.EINVAL, () -> Event.check(file));
    }
  }

  @Test
  void aClosedDescriptorIsNotUsedAgain() throws Exception {
    Descriptor event = Event.create();
    event.close();
    event.close();
    assertFails(Errno.EBADF, () -> Event.signal(event));
  }

  static void assertFails(Errno errno, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            LinuxException.class, e -> assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno));
  }
}
