package dev.portcullis.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.machine.description.MachineFile;
import dev.portcullis.machine.explain.TableWalk;
import dev.portcullis.machine.wiring.BlockedRequest;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.unit.request.Request;
import dev.portcullis.vfiouser.client.GuestMemory.Message;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The standard machine over its sockets, driven as firmware and a kernel would.
class PlatformIT {
  private static final RequesterId DISK = new RequesterId(0, 5, 0);
  private static final long MAPPED = 0x4000_0000L;
  private static final long UNMAPPED = 0x5000_0000L;

  @TempDir private Path folder;
  private Platform platform;
  private GuestSoftware guest;

  @BeforeEach
  void open() throws Exception {
    platform = Platform.open(MachineFile.standard(), folder);
    guest = new GuestSoftware(platform);
  }

  @AfterEach
  void close() {
    guest.close();
    platform.close();
  }

  @Test
  void aDiskIdentifiesItselfThroughTheUnit() throws Exception {
    guest.translate(DISK, MAPPED);
    guest.startDisk(MAPPED);

    assertThat(guest.identify(MAPPED + 0x2000)).as("status").isZero();
    assertThat(guest.textAt(GuestSoftware.BACKING + 0x2000 + 4, 20))
        .startsWith("PORTCULLIS-00-05.0");
    assertThat(platform.statistics().blocked()).isZero();
    assertThat(platform.statistics().requests()).isPositive();
  }

  @Test
  void itsInterruptIsAMessageOnItsOwnConnection() throws Exception {
    guest.translate(DISK, MAPPED);
    guest.enableMessages(0xfee0_1000L, 0x41);
    guest.startDisk(MAPPED);
    guest.identify(MAPPED + 0x2000);

    assertThat(guest.diskMemory().messages().poll(10, TimeUnit.SECONDS))
        .isEqualTo(new Message(0xfee0_1000L, 0x41));
  }

  @Test
  void aTransferToAnAddressThatIsNotMappedIsBlockedAndRecorded() throws Exception {
    guest.translate(DISK, MAPPED);
    guest.startDisk(MAPPED);

    assertThat(guest.identify(UNMAPPED)).as("status").isNotZero();
    assertThat(platform.statistics().newestBlocked())
        .contains(
            new BlockedRequest(
                DISK, UNMAPPED, Request.WRITE, Optional.of(FaultReason.WRITE_NOT_PERMITTED)));
    assertThat(guest.faultStatus() & 2).as("primary pending fault").isNotZero();
  }

  @Test
  void theWayOfADmaCanBeExplained() throws Exception {
    guest.translate(DISK, MAPPED);
    UnitStation unit = platform.units().getFirst();

    assertThat(TableWalk.of(unit, DISK, MAPPED + 0x1234))
        .extracting(TableWalk.Step::entry)
        .containsExactly(
            "root entry 00",
            "context entry 00:05.0",
            "level-4 entry 0",
            "level-3 entry 1",
            "level-2 entry 0",
            "level-1 entry 1");
    assertThat(TableWalk.of(unit, DISK, UNMAPPED).getLast().meaning())
        .isEqualTo("0x0 grants neither reading nor writing: the way ends here");
    assertThat(TableWalk.of(unit, new RequesterId(0, 6, 0), 0).getLast().meaning())
        .isEqualTo("not present: this device may not do DMA");
  }

  @Test
  void firmwareDecidesWhereRegistersAre() throws Exception {
    assertThat(platform.placement()).isEmpty();

    guest.placeRegisters(0xfebf_1000L);

    assertThat(platform.awaitPlacement(Duration.ofSeconds(10)))
        .isEqualTo(Map.of("dmar0", 0xfebf_1000L));
  }

  @Test
  void theTableFileFollowsTheFirmware() throws Exception {
    Path file = DmarFile.write(platform, folder.resolve("dmar.bin")).path();
    byte[] guessed = Files.readAllBytes(file);

    guest.placeRegisters(0xfe00_0000L);

    assertThat(Files.readAllBytes(file))
        .isEqualTo(platform.dmar(Map.of("dmar0", 0xfe00_0000L)).encode())
        .isNotEqualTo(guessed);
  }

  @Test
  void aDiskInUseIsRefused() throws Exception {
    Path other = Files.createDirectory(folder.resolve("other"));
    var taken =
        MachineFile.parse(
            "m.yaml",
            folder,
            "units: [{at: 00:04.0}]\n"
                + "devices: [{type: nvme, at: 00:05.0, file: disk-00-05.0.img}]");

    assertThatThrownBy(() -> Platform.open(taken, other))
        .isInstanceOf(PlatformException.class)
        .hasMessageStartingWith("disk of 00:05.0: ")
        .hasMessageContaining("another machine uses this disk");
  }
}
