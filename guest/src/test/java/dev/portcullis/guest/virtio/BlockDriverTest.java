package dev.portcullis.guest.virtio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.devices.block.BlockBackend;
import dev.portcullis.devices.block.RamBackend;
import dev.portcullis.devices.disk.VirtioBlock;
import dev.portcullis.guest.TestMachine;
import dev.portcullis.guest.block.DiskException;
import dev.portcullis.guest.memory.PageAllocator;
import dev.portcullis.guest.pci.PciBus;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The driver and the disk, each by the other.
class BlockDriverTest {
  private static final long SEED = 20261123;
  private static final int AT = 0x18;
  private static final int DISK_BYTES = 1 << 20;

  private final TestMachine machine = new TestMachine();
  private final PageAllocator memory = new PageAllocator(TestMachine.RAM_BYTES);

  @AfterEach
  void close() {
    machine.unplug(AT);
    assertThat(machine.thrown()).isEmpty();
    machine.close();
  }

  private BlockDriver drive(BlockBackend backend) throws Exception {
    machine.plug(AT, new VirtioBlock("A-DISK", backend));
    PciBus bus = new PciBus(machine);
    bus.scan();
    return new BlockDriver(machine, memory, bus.find(BlockDriver.ID).getFirst());
  }

  private static byte[] random(int bytes) {
    byte[] data = new byte[bytes];
    new Random(SEED).nextBytes(data);
    return data;
  }

  @Test
  void whatIsWrittenIsReadBackThoughItTakesSeveralRequests() throws Exception {
    RamBackend backend = new RamBackend(DISK_BYTES);
    try (BlockDriver disk = drive(backend)) {
      byte[] data = random(300 << 10);
      disk.write(3, MemorySegment.ofArray(data), 0, data.length);
      disk.flush();
      byte[] back = new byte[data.length];
      disk.read(3, MemorySegment.ofArray(back), 0, back.length);

      assertThat(disk.blocks()).isEqualTo(DISK_BYTES / 512);
      assertThat(back).isEqualTo(data);
      ByteBuffer kept = ByteBuffer.allocateDirect(data.length);
      backend.read(3 * 512, kept);
      assertThat(kept.flip()).isEqualTo(ByteBuffer.wrap(data));
    }
  }

  @Test
  void theLastBlockIsThereAndNoneBehindIt() throws Exception {
    try (BlockDriver disk = drive(new RamBackend(DISK_BYTES))) {
      byte[] data = random(512);
      disk.write(disk.blocks() - 1, MemorySegment.ofArray(data), 0, 512);

      assertThatThrownBy(() -> disk.write(disk.blocks(), MemorySegment.ofArray(data), 0, 512))
          .isInstanceOf(DiskException.class)
          .hasMessageContaining("no 512 bytes from block 2048 on");
    }
  }

  @Test
  void aDiskThatBreaksSaysSoAndGoesOn() throws Exception {
    FailingBackend backend = new FailingBackend();
    try (BlockDriver disk = drive(backend)) {
      byte[] data = random(512);
      backend.failing = true;
      assertThatThrownBy(() -> disk.read(0, MemorySegment.ofArray(data), 0, 512))
          .isInstanceOf(DiskException.class)
          .hasMessageContaining("status 1");
      backend.failing = false;
      disk.read(0, MemorySegment.ofArray(data), 0, 512);

      assertThat(data).containsOnly(0);
    }
  }

  @Test
  void aReadOnlyDiskTakesNoWrite() throws Exception {
    FailingBackend backend = new FailingBackend();
    backend.readOnly = true;
    try (BlockDriver disk = drive(backend)) {
      assertThatThrownBy(() -> disk.write(0, MemorySegment.ofArray(new byte[512]), 0, 512))
          .isInstanceOf(DiskException.class)
          .hasMessageContaining("status 1");
    }
  }

  @Test
  void aDiskThatCannotReachMemoryIsGivenUp() throws Exception {
    try (BlockDriver disk = drive(new RamBackend(DISK_BYTES))) {
      machine.refuse(page -> true);
      byte[] data = random(512);
      assertThatThrownBy(() -> disk.write(0, MemorySegment.ofArray(data), 0, 512))
          .isInstanceOf(DiskException.class)
          .hasMessageContaining("stopped");
      machine.refuse(page -> false);
      assertThatThrownBy(() -> disk.write(0, MemorySegment.ofArray(data), 0, 512))
          .isInstanceOf(DiskException.class)
          .hasMessageContaining("stopped");
    }
  }

  @Test
  void everythingIsGivenBack() throws Exception {
    long before = memory.freeBytes();
    drive(new RamBackend(DISK_BYTES)).close();

    assertThat(memory.freeBytes()).isEqualTo(before);
    assertThat(machine.vectorsInUse()).isZero();
  }

  private static final class FailingBackend implements BlockBackend {
    private final RamBackend bytes = new RamBackend(DISK_BYTES);
    private volatile boolean failing;
    private volatile boolean readOnly;

    @Override
    public long sizeBytes() {
      return DISK_BYTES;
    }

    @Override
    public boolean isReadOnly() {
      return readOnly;
    }

    @Override
    public void read(long offset, ByteBuffer to) throws IOException {
      if (failing) {
        throw new IOException("broken");
      }
      bytes.read(offset, to);
    }

    @Override
    public void write(long offset, ByteBuffer from) {
      bytes.write(offset, from);
    }

    @Override
    public void writeZeroes(long offset, long lengthBytes) {
      bytes.writeZeroes(offset, lengthBytes);
    }

    @Override
    public void deallocate(long offset, long lengthBytes) {
      bytes.deallocate(offset, lengthBytes);
    }

    @Override
    public Deallocated deallocatedBytes() {
      return Deallocated.ZEROES;
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
