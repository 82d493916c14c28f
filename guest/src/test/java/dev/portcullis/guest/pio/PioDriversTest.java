package dev.portcullis.guest.pio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.devices.block.RamBackend;
import dev.portcullis.devices.pio.PioDisk;
import dev.portcullis.devices.pio.PioNic;
import dev.portcullis.guest.TestMachine;
import dev.portcullis.guest.block.DiskException;
import dev.portcullis.guest.pci.PciBus;
import dev.portcullis.guest.pci.PciDevice;
import dev.portcullis.net.Link;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The drivers and the devices without DMA, each by the other.
class PioDriversTest {
  private static final long SEED = 20261123;
  private static final int AT = 0x18;
  private static final int DISK_BYTES = 1 << 20;
  private static final long MAC = 0x0270_6300_0002L;

  private final TestMachine machine = new TestMachine();
  private final PciBus bus = new PciBus(machine);

  @AfterEach
  void close() {
    machine.unplug(AT);
    assertThat(machine.thrown()).isEmpty();
    machine.close();
  }

  private PciDevice find(long id) {
    bus.scan();
    return bus.find(id).getFirst();
  }

  private static byte[] random(int bytes) {
    byte[] data = new byte[bytes];
    new Random(SEED).nextBytes(data);
    return data;
  }

  @Test
  void whatIsWrittenToTheDiskIsReadBackWordByWord() throws Exception {
    machine.plug(AT, new PioDisk(new RamBackend(DISK_BYTES)));
    PioDiskDriver disk = new PioDiskDriver(machine, find(PioDiskDriver.ID));
    byte[] data = random(300 << 10);
    long before = machine.windowAccesses();
    disk.write(3, MemorySegment.ofArray(data), 0, data.length);
    disk.flush();
    byte[] back = new byte[data.length];
    disk.read(3, MemorySegment.ofArray(back), 0, back.length);

    assertThat(back).isEqualTo(data);
    assertThat(machine.windowAccesses() - before).isGreaterThan(data.length);
  }

  @Test
  void theDiskHasALastBlock() throws Exception {
    machine.plug(AT, new PioDisk(new RamBackend(DISK_BYTES)));
    PioDiskDriver disk = new PioDiskDriver(machine, find(PioDiskDriver.ID));
    byte[] data = random(1024);
    disk.write(disk.blocks() - 2, MemorySegment.ofArray(data), 0, 1024);

    assertThatThrownBy(() -> disk.read(disk.blocks() - 1, MemorySegment.ofArray(data), 0, 1024))
        .isInstanceOf(DiskException.class);
  }

  @Test
  void framesOfEveryLengthGoOutAndComeBackInOrder() throws Exception {
    machine.plug(AT, new PioNic(MAC, new Echo()));
    List<byte[]> came = new CopyOnWriteArrayList<>();
    try (PioNetworkDriver card = new PioNetworkDriver(machine, find(PioNetworkDriver.ID))) {
      card.connect(came::add);
      byte[] data = random(1518);
      int sent = 0;
      for (int length = 14; length <= 1518; length += 7) {
        byte[] frame = Arrays.copyOf(data, length);
        card.send(frame);
        int awaited = ++sent;
        TestMachine.await("frame " + awaited, () -> came.size() == awaited);
        assertThat(came.getLast()).isEqualTo(frame);
      }
      assertThat(card.mac()).containsExactly(2, 0x70, 0x63, 0, 0, 2);
      assertThat(card.dropped()).isZero();
    }
    assertThat(machine.vectorsInUse()).isZero();
  }

  @Test
  void aFrameOfNoLegalLengthIsDropped() throws Exception {
    machine.plug(AT, new PioNic(MAC, new Echo()));
    try (PioNetworkDriver card = new PioNetworkDriver(machine, find(PioNetworkDriver.ID))) {
      card.send(new byte[13]);
      card.send(new byte[1519]);

      assertThat(card.dropped()).isEqualTo(2);
    }
  }

  /// A wire that gives back what is sent into it.
  private static final class Echo implements Link {
    private volatile Consumer<byte[]> receiver = frame -> {};

    @Override
    public void connect(Consumer<byte[]> to) {
      receiver = to;
    }

    @Override
    public void send(byte[] frame) {
      receiver.accept(frame);
    }
  }
}
