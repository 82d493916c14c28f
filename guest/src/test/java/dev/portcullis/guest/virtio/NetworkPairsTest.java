package dev.portcullis.guest.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.devices.net.VirtioNet;
import dev.portcullis.guest.TestMachine;
import dev.portcullis.guest.memory.PageAllocator;
import dev.portcullis.guest.pci.PciBus;
import dev.portcullis.net.Link;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Cards with several pairs of queues; what they send comes back to them.
class NetworkPairsTest {
  private static final int AT = 8;
  private static final int CONVERSATIONS = 16;
  private static final int ROUNDS = 100;

  private final TestMachine machine = new TestMachine();
  private final PageAllocator memory = new PageAllocator(machine.ramBytes());
  private final long freeBytes = memory.freeBytes();
  private final List<byte[]> received = Collections.synchronizedList(new ArrayList<>());

  @AfterEach
  void close() {
    assertThat(memory.freeBytes()).isEqualTo(freeBytes);
    assertThat(machine.vectorsInUse()).isZero();
    machine.close();
    assertThat(machine.thrown()).isEmpty();
  }

  /// What a card sends is back in the card; the threads that send tell the pairs apart.
  private static final class Mirror implements Link {
    private final Set<String> senders = ConcurrentHashMap.newKeySet();
    private final Queue<byte[]> sent = new ConcurrentLinkedQueue<>();
    private volatile Consumer<byte[]> card;

    @Override
    public void connect(Consumer<byte[]> receiver) {
      card = receiver;
    }

    @Override
    public void send(byte[] frame) {
      senders.add(Thread.currentThread().getName());
      sent.add(frame);
      card.accept(frame);
    }
  }

  /// A UDP packet of conversation `conversation`, with a number in it.
  private static byte[] frame(int conversation, int number) {
    ByteBuffer frame = ByteBuffer.allocate(60);
    frame.putShort(12, (short) 0x0800).put(14, (byte) 0x45).put(23, (byte) 17);
    frame.putShort(34, (short) (40_000 + conversation)).putShort(36, (short) 7);
    return frame.putInt(44, conversation).putInt(48, number).array();
  }

  private void exchange(NetworkDriver driver, Mirror mirror) {
    for (int round = 0; round < ROUNDS; round++) {
      received.clear();
      for (int conversation = 0; conversation < CONVERSATIONS; conversation++) {
        driver.send(frame(conversation, 2 * round));
        driver.send(frame(conversation, 2 * round + 1));
      }
      TestMachine.await("all frames", () -> received.size() == 2 * CONVERSATIONS);
      assertInOrder(mirror.sent, 2 * round);
      assertThat(received).containsExactlyInAnyOrderElementsOf(mirror.sent);
      mirror.sent.clear();
    }
  }

  /// By which pair a frame comes in is the card's choice; those that go out keep their order.
  private static void assertInOrder(Collection<byte[]> frames, int first) {
    int[] next = new int[CONVERSATIONS];
    for (byte[] bytes : frames) {
      ByteBuffer frame = ByteBuffer.wrap(bytes);
      assertThat(frame.getInt(48)).isEqualTo(first + next[frame.getInt(44)]++);
    }
    assertThat(next).containsOnly(2);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 2", "4, 2"})
  void conversationsAreSpreadAndEachKeepsItsOrder(int offered, int used) throws VirtioException {
    Mirror mirror = new Mirror();
    machine.plug(AT, new VirtioNet(0x0270_6300_0001L, offered, mirror));
    try (NetworkDriver driver =
        new NetworkDriver(machine, memory, new PciBus(machine).scan().getFirst())) {
      driver.connect(received::add);
      exchange(driver, mirror);
      assertThat(mirror.senders).hasSize(used);
      AtomicBoolean once = new AtomicBoolean(true);
      machine.refuse(page -> once.getAndSet(false));
      driver.send(frame(0, 0));
      TestMachine.await("reset", () -> driver.counts().resets() == 1);
      mirror.sent.clear();
      exchange(driver, mirror);
      assertThat(driver.isWorking()).isTrue();
    }
  }
}
