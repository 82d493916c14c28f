package dev.portcullis.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.memory.Fetched;
import dev.portcullis.vfiouser.client.Bus;
import dev.portcullis.vfiouser.client.GuestMemory;
import dev.portcullis.vfiouser.client.VfioUserClient;
import dev.portcullis.vfiouser.server.Limits;
import dev.portcullis.vfiouser.wire.Capability;
import dev.portcullis.vfiouser.wire.DmaMap;
import dev.portcullis.vfiouser.wire.Version;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RemoteMemoryIT {
  /// The common pool has one thread on a small machine.
  private static final Executor THREADS = task -> Thread.ofPlatform().start(task);

  private static final long GPA = 0xa_0000;
  private static final Limits PATIENT =
      new Limits(8, Duration.ofSeconds(60), Duration.ofSeconds(60));

  @Test
  void memoryWithoutADescriptorIsReadAndWrittenByMessage() throws Exception {
    try (Served served = new Served();
        GuestMemory guest = new GuestMemory(GPA, 0x2_0000);
        VfioUserClient client = served.client(guest)) {
      client.map(guest.range());
      guest.bytes().set(ValueLayout.JAVA_LONG, 8, 42);
      Fetched word = new Fetched();
      assertThat(served.memory.fetch64(GPA + 8, word)).isTrue();
      assertThat(word.lo).isEqualTo(42);

      byte[] data = new byte[0x1_2345];
      data[0x1_2344] = 5;
      MemorySegment buffer = MemorySegment.ofArray(data);
      assertThat(served.memory.write(GPA + 3, buffer, 0, data.length)).isTrue();
      // Writes are not waited for; a read comes after them.
      byte[] back = new byte[data.length];
      assertThat(served.memory.read(GPA + 3, MemorySegment.ofArray(back), 0, back.length)).isTrue();
      assertThat(back).isEqualTo(data);
      assertThat(guest.bytes().get(ValueLayout.JAVA_BYTE, 3 + 0x1_2344)).isEqualTo((byte) 5);
    }
  }

  @Test
  void transfersAreNoLongerThanTheClientTakes() throws Exception {
    try (Served served = new Served();
        GuestMemory guest = new GuestMemory(GPA, 0x1000);
        VfioUserClient client = VfioUserClient.silent(served.server.socket(), bound(guest, 16))) {
      client.negotiate(new Version(0, 0, Map.of(Capability.MAX_DATA_XFER_SIZE, 16L)));
      client.map(guest.range());
      byte[] data = new byte[100];
      data[99] = 9;
      MemorySegment buffer = MemorySegment.ofArray(data);
      assertThat(served.memory.write(GPA, buffer, 0, 100)).isTrue();
      byte[] back = new byte[100];
      assertThat(served.memory.read(GPA, MemorySegment.ofArray(back), 0, 100)).isTrue();
      assertThat(back).isEqualTo(data);
    }
  }

  private static Bus bound(GuestMemory memory, int most) {
    return new Bus() {
      @Override
      public byte[] read(long address, int count) {
        return count > most ? null : memory.read(address, count);
      }

      @Override
      public boolean write(long address, byte[] data) {
        return data.length <= most && memory.write(address, data);
      }
    };
  }

  @Test
  void aReadTheClientRefusesAborts() throws Exception {
    try (Served served = new Served();
        VfioUserClient client = served.client()) {
      client.map(new DmaMap(DmaMap.READ, 0, GPA, 0x1000));
      assertThat(served.memory.fetch64(GPA, new Fetched())).isFalse();
      assertThat(client.deviceInfo().regions()).isEqualTo(9);
    }
  }

  /// A client that answers reads only when told to.
  private static final class SlowBus implements Bus {
    final CountDownLatch asked = new CountDownLatch(1);
    final CountDownLatch mayAnswer = new CountDownLatch(1);

    @Override
    public byte[] read(long address, int count) {
      asked.countDown();
      try {
        mayAnswer.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return new byte[count];
    }

    @Override
    public boolean write(long address, byte[] data) {
      return true;
    }
  }

  @Test
  void aReadThatIsNotAnsweredInTimeAbortsAndTheLateAnswerIsNoOffence() throws Exception {
    SlowBus bus = new SlowBus();
    try (Served served = new Served();
        VfioUserClient client = served.client(bus)) {
      client.map(new DmaMap(DmaMap.READ, 0, GPA, 0x1000));
      assertThat(served.memory.fetch64(GPA, new Fetched())).isFalse();
      bus.mayAnswer.countDown();
      assertThat(served.memory.fetch64(GPA, new Fetched())).isTrue();
      assertThat(client.deviceInfo().regions()).isEqualTo(9);
      assertThat(served.log.soFar()).isEmpty();
    }
  }

  @Test
  void aReadFailsWhenTheClientLeaves() throws Exception {
    SlowBus bus = new SlowBus();
    try (Served served = new Served(endpoint -> endpoint.with(PATIENT))) {
      CompletableFuture<Boolean> read;
      VfioUserClient client = served.client(bus);
      client.map(new DmaMap(DmaMap.READ, 0, GPA, 0x1000));
      read =
          CompletableFuture.supplyAsync(() -> served.memory.fetch64(GPA, new Fetched()), THREADS);
      bus.asked.await();
      CompletableFuture<Void> left = CompletableFuture.runAsync(client::close, THREADS);
      assertThat(read.get(10, TimeUnit.SECONDS)).isFalse();
      bus.mayAnswer.countDown();
      left.get(10, TimeUnit.SECONDS);
      served.awaitNobody();
    }
  }

  @Test
  void aReadThatADrainWaitsForFailsAtOnce() throws Exception {
    SlowBus bus = new SlowBus();
    CountDownLatch readOver = new CountDownLatch(1);
    try (Served served =
            new Served(endpoint -> endpoint.with(PATIENT).with(() -> awaitQuietly(readOver)));
        VfioUserClient client = served.client(bus)) {
      client.map(new DmaMap(DmaMap.READ, 0, GPA, 0x1000));
      var read =
          CompletableFuture.supplyAsync(
              () -> {
                boolean done = served.memory.fetch64(GPA, new Fetched());
                readOver.countDown();
                return done;
              },
              THREADS);
      bus.asked.await();
      // The client's thread hangs in the bus; the answer to this comes once it is let go.
      var unmapped = CompletableFuture.runAsync(() -> unmap(client), THREADS);
      assertThat(read.get(10, TimeUnit.SECONDS)).isFalse();
      bus.mayAnswer.countDown();
      unmapped.get(10, TimeUnit.SECONDS);
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void unmap(VfioUserClient client) {
    try {
      client.unmap(GPA, 0x1000);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
