package dev.portcullis.vfiouser;

import static dev.portcullis.vfiouser.Served.assertLeaksNothing;
import static dev.portcullis.vfiouser.Served.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.linux.Descriptor;
import dev.portcullis.linux.Errno;
import dev.portcullis.linux.Event;
import dev.portcullis.linux.MemoryFile;
import dev.portcullis.memory.Exchange;
import dev.portcullis.memory.Fetched;
import dev.portcullis.vfiouser.client.Encoder;
import dev.portcullis.vfiouser.client.GuestMemory;
import dev.portcullis.vfiouser.client.VfioUserClient;
import dev.portcullis.vfiouser.wire.Command;
import dev.portcullis.vfiouser.wire.DmaMap;
import dev.portcullis.vfiouser.wire.DmaUnmap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SharedMemoryIT {
  private static final int RW = DmaMap.READ | DmaMap.WRITE;
  private static final long GPA = 0x10_0000;

  @Test
  void theDeviceSeesMappedMemoryAndTheGuestWhatTheDeviceWrites() throws Exception {
    try (Served served = new Served();
        GuestMemory guest = new GuestMemory(GPA, 0x4000);
        VfioUserClient client = served.client()) {
      client.map(guest.range(), guest.file());
      guest.bytes().set(ValueLayout.JAVA_LONG, 0x1008, 42);
      Fetched word = new Fetched();
      assertThat(served.memory.fetch64(GPA + 0x1008, word)).isTrue();
      assertThat(word.lo).isEqualTo(42);
      assertThat(served.memory.store64(GPA + 0x2000, 43)).isTrue();
      assertThat(guest.bytes().get(ValueLayout.JAVA_LONG, 0x2000)).isEqualTo(43);

      client.unmap(GPA, 0x4000);
      assertThat(served.memory.fetch64(GPA + 0x1008, word)).isFalse();
    }
  }

  @Test
  void severalRangesOfOneFileComeAndGoAndAllAtOnce() throws Exception {
    try (Served served = new Served();
        GuestMemory guest = new GuestMemory(0, 0x4000);
        VfioUserClient client = served.client()) {
      client.map(new DmaMap(RW, 0, 0, 0x1000), guest.file());
      client.map(new DmaMap(RW, 0x2000, 0x1000, 0x2000), guest.file());
      client.map(new DmaMap(DmaMap.READ | DmaMap.MMAP, 0x1000, 0x8000, 0x1000), guest.file());
      client.map(new DmaMap(DmaMap.READ, 0, 0xa_0000, 0x1000));
      assertThat(served.memory.regions()).hasSize(4);
      served.memory.store64(0x1000, 1);
      assertThat(guest.bytes().get(ValueLayout.JAVA_LONG, 0x2000)).isEqualTo(1);
      assertThat(served.memory.store64(0x8000, 1)).isFalse();
      client.unmap(0x1000, 0x2000);
      assertThat(served.memory.regions()).hasSize(3);
      client.unmapAll();
      assertThat(served.memory.regions()).isEmpty();
      client.unmapAll();
    }
  }

  @Test
  void aWindowOffsetMovesTheMappingInItsFile() throws Exception {
    try (Served served = new Served(endpoint -> endpoint.withWindowOffset(0x2000));
        GuestMemory guest = new GuestMemory(0, 0x4000);
        VfioUserClient client = served.client()) {
      client.map(new DmaMap(RW, 0x1000, 0, 0x1000), guest.file());
      served.memory.store64(0, 7);
      assertThat(guest.bytes().get(ValueLayout.JAVA_LONG, 0x3000)).isEqualTo(7);
      assertRefused(
          Errno.EINVAL, () -> client.map(new DmaMap(RW, 0x1000, GPA, 0x2000), guest.file()));
    }
  }

  @Test
  void whatCannotBeMappedIsRefusedAndNoDescriptorRemains() throws Exception {
    try (Served served = new Served();
        GuestMemory guest = new GuestMemory(0, 0x4000);
        Descriptor event = Event.create();
        VfioUserClient client = served.client()) {
      client.map(new DmaMap(RW, 0, GPA, 0x2000), guest.file());
      assertLeaksNothing(() -> {
        Descriptor file = guest.file();
        refuse(client, Errno.EEXIST, new DmaMap(RW, 0, GPA, 0x2000), file);
        refuse(client, Errno.EEXIST, new DmaMap(RW, 0, GPA + 0x1000, 0x1000), file);
        refuse(client, Errno.EEXIST, new DmaMap(RW, 0, GPA - 0x1000, 0x4000), file);
        refuse(client, Errno.EEXIST, new DmaMap(RW, 0, GPA - 0x1000, 0x2000));
        refuse(client, Errno.EINVAL, new DmaMap(RW, 0, 0, 0), file);
        refuse(client, Errno.EINVAL, new DmaMap(RW, 0, 0, 0x800), file);
        refuse(client, Errno.EINVAL, new DmaMap(RW, 0, 0x800, 0x1000), file);
        refuse(client, Errno.EINVAL, new DmaMap(RW, 0x800, 0, 0x1000), file);
        refuse(client, Errno.EINVAL, new DmaMap(RW, 0, 0, 0x5000), file);
        refuse(client, Errno.EINVAL, new DmaMap(RW, 0x4000, 0, 0x1000), file);
        refuse(client, Errno.EINVAL, new DmaMap(RW, -0x1000, 0, 0x1000), file);
        refuse(client, Errno.EINVAL, new DmaMap(RW, 1L << 62, 0, 0x1000), file);
        refuse(client, Errno.EINVAL, new DmaMap(RW, 0, -0x1000, 0x1000), file);
        refuse(client, Errno.EINVAL, new DmaMap(RW, 0, -0x1000, 0x2000));
        refuse(client, Errno.EINVAL, new DmaMap(RW, 0, 0x1000, Long.MAX_VALUE & -0x1000));
        refuse(client, Errno.EINVAL, new DmaMap(RW, 0, 0x1000, -0x1000));
        refuse(client, Errno.EINVAL, new DmaMap(0, 0, 0, 0x1000), file);
        refuse(client, Errno.EINVAL, new DmaMap(DmaMap.WRITE, 0, 0, 0x1000), file);
        refuse(client, Errno.EINVAL, new DmaMap(RW | 1 << 3, 0, 0, 0x1000), file);
        refuse(client, Errno.EINVAL, new DmaMap(RW | DmaMap.MMAP, 0, 0, 0x1000));
        refuse(client, Errno.EINVAL, new DmaMap(RW, 0, 0, 0x1000), file, file);
        refuse(client, Errno.EINVAL, new DmaMap(RW, 0, 0, 0x1000), event);
        return null;
      });
      assertThat(served.memory.regions()).hasSize(1);
    }
  }

  private static void refuse(
      VfioUserClient client, Errno errno, DmaMap range, Descriptor... descriptors) {
    assertRefused(
        errno, () -> client.request(Command.DMA_MAP, range::encode, List.of(descriptors)));
  }

  @Test
  void thereIsABoundOnRanges() throws Exception {
    try (Served served = new Served();
        VfioUserClient client = served.client()) {
      for (int i = 0; i < Served.HASTY.dmaMaps(); i++) {
        client.map(new DmaMap(RW, 0, i * 0x1000L, 0x1000));
      }
      assertRefused(Errno.ENOSPC, () -> client.map(new DmaMap(RW, 0, GPA, 0x1000)));
      client.unmap(0, 0x1000);
      client.map(new DmaMap(RW, 0, GPA, 0x1000));
    }
  }

  @Test
  void onlyWhatWasMappedCanBeUnmapped() throws Exception {
    try (Served served = new Served();
        GuestMemory guest = new GuestMemory(GPA, 0x4000);
        VfioUserClient client = served.client()) {
      client.map(guest.range(), guest.file());
      assertRefused(Errno.ENOENT, () -> client.unmap(GPA, 0x1000));
      assertRefused(Errno.ENOENT, () -> client.unmap(GPA + 0x1000, 0x1000));
      assertRefused(Errno.ENOENT, () -> client.unmap(0, 0x1000));
      assertRefused(Errno.EINVAL, () -> client.unmap(GPA, 0));
      assertRefused(Errno.EINVAL, () -> client.unmap(-0x1000, 0x2000));
      refuseUnmap(client, Errno.EINVAL, new DmaUnmap(DmaUnmap.ALL, GPA, 0x4000));
      refuseUnmap(client, Errno.EINVAL, new DmaUnmap(1 << 2, GPA, 0x4000));
      refuseUnmap(client, Errno.ENOTSUP, new DmaUnmap(DmaUnmap.DIRTY_BITMAP, GPA, 0x4000));
      assertThat(served.memory.regions()).hasSize(1);
      client.unmap(GPA, 0x4000);
    }
  }

  private static void refuseUnmap(VfioUserClient client, Errno errno, DmaUnmap range) {
    Encoder payload = range::encode;
    assertRefused(errno, () -> client.request(Command.DMA_UNMAP, payload, List.of()));
  }

  @Test
  void unmappingWaitsForDmaInFlightAfterTheMemoryHasLeftTheMap() throws Exception {
    AtomicBoolean stillThere = new AtomicBoolean();
    AtomicInteger drains = new AtomicInteger();
    Served[] self = new Served[1];
    try (Served served =
            new Served(endpoint ->
                endpoint.with(() -> {
                  drains.incrementAndGet();
                  if (self[0] != null && !self[0].memory.regions().isEmpty()) {
                    stillThere.set(true);
                  }
                }));
        GuestMemory guest = new GuestMemory(GPA, 0x1000)) {
      self[0] = served;
      try (VfioUserClient client = served.client()) {
        client.map(guest.range(), guest.file());
        client.unmap(GPA, 0x1000);
        assertThat(drains).hasValue(1);
        client.map(guest.range(), guest.file());
      }
      served.awaitNobody();
      Served.await(() -> drains.get() == 2);
      assertThat(stillThere).isFalse();
    }
  }

  @Test
  void dmaUnderWayWhileMemoryComesAndGoesEitherWorksOrAborts() throws Exception {
    try (Served served = new Served();
        GuestMemory guest = new GuestMemory(GPA, 1 << 20);
        VfioUserClient client = served.client();
        Arena arena = Arena.ofShared()) {
      AtomicBoolean stop = new AtomicBoolean();
      AtomicInteger moved = new AtomicInteger();
      MemorySegment buffer = arena.allocate(1 << 20);
      Thread device =
          Thread.ofPlatform()
              .start(() -> {
                while (!stop.get()) {
                  if (served.memory.write(GPA, buffer, 0, 1 << 20)) {
                    moved.incrementAndGet();
                  }
                  served.memory.compareAndSet64(GPA, 0, 0);
                }
              });
      for (int i = 0; i < 200; i++) {
        client.map(guest.range(), guest.file());
        client.unmap(GPA, 1 << 20);
      }
      client.map(guest.range(), guest.file());
      int sofar = moved.get();
      Served.await(() -> moved.get() > sofar);
      stop.set(true);
      device.join();
    }
  }

  @Test
  void aFileCutUnderItsMappingAbortsTheDmaAndNothingElse() throws Exception {
    try (Served served = new Served();
        Descriptor file = MemoryFile.create("cut", 0x4000);
        VfioUserClient client = served.client()) {
      client.map(new DmaMap(RW, 0, GPA, 0x4000), file);
      MemoryFile.resize(file, 0x1000);
      Fetched word = new Fetched();
      MemorySegment buffer = MemorySegment.ofArray(new byte[0x4000]);
      assertThat(served.memory.fetch64(GPA + 0x2000, word)).isFalse();
      assertThat(served.memory.fetch128(GPA + 0x2000, word)).isFalse();
      assertThat(served.memory.store64(GPA + 0x2000, 1)).isFalse();
      assertThat(served.memory.store32(GPA + 0x2000, 1)).isFalse();
      assertThat(served.memory.read(GPA, buffer, 0, 0x4000)).isFalse();
      assertThat(served.memory.write(GPA, buffer, 0, 0x4000)).isFalse();
      assertThat(served.memory.compareAndSet64(GPA + 0x2000, 0, 1)).isEqualTo(Exchange.ABORTED);
      assertThat(served.memory.fetch64(GPA, word)).isTrue();
      client.unmapAll();
      assertRefused(Errno.EINVAL, () -> client.map(new DmaMap(RW, 0, GPA, 0x4000), file));
    }
  }
}
