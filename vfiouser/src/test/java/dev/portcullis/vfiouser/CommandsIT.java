package dev.portcullis.vfiouser;

import static dev.portcullis.vfiouser.Served.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.linux.Errno;
import dev.portcullis.vfiouser.client.Bus;
import dev.portcullis.vfiouser.client.Encoder;
import dev.portcullis.vfiouser.client.VfioUserClient;
import dev.portcullis.vfiouser.client.VfioUserClient.Write;
import dev.portcullis.vfiouser.server.Capabilities;
import dev.portcullis.vfiouser.wire.Capability;
import dev.portcullis.vfiouser.wire.Command;
import dev.portcullis.vfiouser.wire.DeviceInfo;
import dev.portcullis.vfiouser.wire.IrqIndex;
import dev.portcullis.vfiouser.wire.IrqInfo;
import dev.portcullis.vfiouser.wire.RegionInfo;
import dev.portcullis.vfiouser.wire.Version;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CommandsIT {
  private static final int CONFIG = VfioUserClient.CONFIG;

  @Test
  void theHandshakeAgreesOnWhatBothSidesKnow() throws Exception {
    try (Served served = new Served();
        VfioUserClient client = VfioUserClient.silent(served.server.socket(), Bus.empty())) {
      Version agreed =
          client.negotiate(
              new Version(
                  0, 3, Map.of(Capability.MAX_MSG_FDS, 99L, Capability.WRITE_MULTIPLE, 0L)));
      assertThat(agreed.major()).isZero();
      assertThat(agreed.minor()).isZero();
      assertThat(agreed.capabilities())
          .isEqualTo(Map.of(Capability.MAX_MSG_FDS, 16L, Capability.WRITE_MULTIPLE, 1L));
    }
  }

  @Test
  void theHandshakeNeedsNoCapabilities() throws Exception {
    try (Served served = new Served();
        VfioUserClient client = VfioUserClient.silent(served.server.socket(), Bus.empty())) {
      client.request(
          Command.VERSION,
          (into, at) -> {
            into.asSlice(at, Version.BYTES).fill((byte) 0);
            return Version.BYTES;
          },
          List.of());
      assertThat(client.deviceInfo().interruptTypes()).isEqualTo(5);
    }
  }

  @Test
  void theDeviceIsAPciFunctionThatCanBeReset() throws Exception {
    try (Served served = new Served();
        VfioUserClient client = served.client()) {
      assertThat(client.deviceInfo())
          .isEqualTo(new DeviceInfo(16, DeviceInfo.RESET | DeviceInfo.PCI, 9, 5));
      client.reset();
      assertThat(served.function.resets()).isEqualTo(1);
    }
  }

  @Test
  void regionsAreTheWindowsAndConfigurationSpace() throws Exception {
    try (Served served = new Served();
        VfioUserClient client = served.client()) {
      int access = RegionInfo.READ | RegionInfo.WRITE;
      assertThat(client.regionInfo(0)).isEqualTo(new RegionInfo(32, access, 0, 4096));
      assertThat(client.regionInfo(7)).isEqualTo(new RegionInfo(32, access, 7, 4096));
      for (int none : new int[] {1, 2, 3, 4, 5, 6, 8}) {
        assertThat(client.regionInfo(none)).isEqualTo(new RegionInfo(32, 0, none, 0));
      }
      assertThat(client.regionIoFds(0).count()).isZero();
      assertRefused(Errno.EINVAL, () -> client.regionInfo(9));
      assertRefused(Errno.EINVAL, () -> client.regionIoFds(9));
    }
  }

  @Test
  void interruptTypesAreCountedFromTheCapabilities() throws Exception {
    try (Served served = new Served();
        VfioUserClient client = served.client()) {
      assertThat(client.irqInfo(IrqIndex.INTX).count()).isEqualTo(1);
      assertThat(client.irqInfo(IrqIndex.INTX).flags())
          .isEqualTo(IrqInfo.EVENT | IrqInfo.MASKABLE | IrqInfo.AUTOMASKED);
      assertThat(client.irqInfo(IrqIndex.MSI).count()).isEqualTo(4);
      assertThat(client.irqInfo(IrqIndex.MSIX).count()).isEqualTo(8);
      assertThat(client.irqInfo(IrqIndex.MSIX).flags())
          .isEqualTo(IrqInfo.EVENT | IrqInfo.NO_RESIZE);
      assertThat(client.irqInfo(IrqIndex.ERR).count()).isEqualTo(1);
      assertThat(client.irqInfo(IrqIndex.REQ).count()).isEqualTo(1);
    }
  }

  @Test
  void accessesKeepTheirWidthAndOddOnesAreCutIntoAlignedOnes() throws Exception {
    try (Served served = new Served();
        VfioUserClient client = served.client()) {
      for (int width = 1; width <= 8; width *= 2) {
        client.writeNumber(0, 0x10, width, 0x1122334455667788L);
        assertThat(client.readNumber(0, 0x10, 8) & -1L >>> 64 - 8 * width)
            .isEqualTo(0x1122334455667788L & -1L >>> 64 - 8 * width);
      }
      served.function.accesses();
      client.write(0, 3, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
      assertThat(served.function.accesses()).containsExactly("w1@3", "w4@4", "w4@8", "w2@c");
      assertThat(client.read(0, 2, 13)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0);
      assertThat(served.function.accesses())
          .containsExactly("r2@2", "r4@4", "r4@8", "r2@c", "r1@e");
      client.read(0, 0, 16);
      assertThat(served.function.accesses()).containsExactly("r8@0", "r8@8");
    }
  }

  @Test
  void aWholeWindowCanBeReadAtOnce() throws Exception {
    try (Served served = new Served();
        VfioUserClient client = served.client()) {
      assertThat(client.read(CONFIG, 0, 4096)).hasSize(4096).startsWith(0x34, 0x12, 0xe8, 0x11);
      assertRefused(Errno.EINVAL, () -> client.read(0, 1, 4096));
      assertRefused(Errno.EINVAL, () -> client.read(0, 4096, 1));
      assertRefused(Errno.EINVAL, () -> client.read(0, -1, 1));
      assertRefused(Errno.EINVAL, () -> client.read(0, Long.MAX_VALUE, 1));
      assertRefused(Errno.EINVAL, () -> client.read(0, 0, 0));
      assertRefused(Errno.EINVAL, () -> client.read(1, 0, 1));
      assertRefused(Errno.EINVAL, () -> client.read(-1, 0, 1));
      assertRefused(Errno.EINVAL, () -> client.write(0, 4095, new byte[2]));
    }
  }

  @Test
  void severalWritesComeInOneMessage() throws Exception {
    try (Served served = new Served();
        VfioUserClient client = served.client()) {
      assertThat(
              client.writeMulti(
                  List.of(
                      new Write(0, 0, 4, 7), new Write(CONFIG, 4, 2, 6), new Write(0, 8, 1, 9))))
          .isEqualTo(3);
      assertThat(served.function.accesses()).containsExactly("w4@0", "w1@8");
      assertThat(client.readNumber(CONFIG, 4, 2)).isEqualTo(6);
      assertRefused(
          Errno.EINVAL,
          () -> client.writeMulti(List.of(new Write(0, 0, 4, 1), new Write(0, 0, 9, 1))));
      assertThat(client.writeMulti(List.of())).isZero();
    }
  }

  @Test
  void postedCommandsAreDoneInOrderAndNotAnswered() throws Exception {
    try (Served served = new Served();
        VfioUserClient client = served.client()) {
      for (int i = 1; i <= 1000; i++) {
        client.postWrites(List.of(new Write(0, 0x20, 4, i)));
      }
      assertThat(client.readNumber(0, 0x20, 4)).isEqualTo(1000);
      // One that fails is not answered either.
      client.postWrites(List.of(new Write(5, 0, 4, 1)));
      client.tell(Command.DEVICE_FEATURE, Encoder.nothing());
      assertThat(client.readNumber(0, 0x20, 4)).isEqualTo(1000);
      assertThat(served.log.soFar()).hasSize(2);
    }
  }

  @Test
  void lateCapabilitiesShowFromTheFirstResetOfEachConnectionOn() throws Exception {
    try (Served served = new Served(endpoint -> endpoint.with(Capabilities.LATE))) {
      for (int connection = 0; connection < 2; connection++) {
        try (VfioUserClient client = served.client()) {
          assertThat(client.readNumber(CONFIG, 0, 4)).isEqualTo(ScratchFunction.ID);
          assertThat(client.readNumber(CONFIG, 4, 4) & 0x10_0000).isZero();
          assertThat(client.readNumber(CONFIG, 0x30, 8)).isZero();
          assertThat(client.read(CONFIG, 0x40, 4096 - 0x40)).containsOnly(0);
          assertThat(client.irqInfo(IrqIndex.MSIX).count()).isZero();
          client.writeNumber(CONFIG, 0x42, 2, 1);

          client.reset();
          assertThat(client.readNumber(CONFIG, 6, 2) & 0x10).isEqualTo(0x10);
          assertThat(client.readNumber(CONFIG, 0x34, 1)).isEqualTo(0x40);
          assertThat(client.readNumber(CONFIG, 0x40, 1)).isEqualTo(0x05);
          assertThat(client.readNumber(CONFIG, 0x42, 2) & 1).isZero();
          assertThat(client.readNumber(CONFIG, 0x100, 2)).isEqualTo(0x0003);
          assertThat(client.irqInfo(IrqIndex.MSIX).count()).isEqualTo(8);
        }
        served.awaitNobody();
      }
    }
  }

  @Test
  void whatIsNotThereIsNotSupported() throws Exception {
    try (Served served = new Served();
        VfioUserClient client = served.client()) {
      for (Command one :
          List.of(
              Command.DIRTY_PAGES,
              Command.DEVICE_FEATURE,
              Command.MIG_DATA_READ,
              Command.MIG_DATA_WRITE)) {
        assertRefused(Errno.ENOTSUP, () -> client.request(one, Encoder.nothing(), List.of()));
      }
      for (Command one : List.of(Command.UNKNOWN, Command.DMA_READ, Command.VERSION)) {
        assertRefused(Errno.EINVAL, () -> client.request(one, Encoder.nothing(), List.of()));
      }
    }
  }

  @Test
  void aBugInTheFunctionIsReportedAndTheServerGoesOn() throws Exception {
    try (Served served = new Served();
        VfioUserClient client = served.client()) {
      assertRefused(Errno.EIO, () -> client.readNumber(0, ScratchFunction.BUG, 4));
      assertThat(client.readNumber(CONFIG, 0, 4)).isEqualTo(ScratchFunction.ID);
      assertThat(served.log.soFar()).hasSize(1);
    }
  }
}
