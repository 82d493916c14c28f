package dev.portcullis.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.driver.table.Rights;
import dev.portcullis.kit.driver.DrivenPlatform.Reach;
import dev.portcullis.unit.UnitConfiguration.Preset;
import dev.portcullis.vmm.Lvmm.Departure;
import dev.portcullis.vmm.VmmException.Reason;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.partition.Guard;
import dev.portcullis.vmm.partition.Mapping;
import dev.portcullis.vmm.partition.Partition;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LvmmTest {
  private static final long MIB = 1 << 20;
  private static final long GPA = 0x10_0000;

  private TestHost host;
  private Lvmm lvmm;
  private Partition user;
  private Partition services;
  private final TestFunction disk = new TestFunction("00:05.0");

  @BeforeEach
  void start() throws Exception {
    host = new TestHost(Preset.SCALABLE);
    lvmm = host.lvmm;
    user = lvmm.create("user", 2 * MIB);
    services = lvmm.create("services", MIB);
  }

  private static PageRange pages(long first, long count) {
    return new PageRange(first, count * PageRange.PAGE_BYTES);
  }

  private static void refused(Reason reason, String message, ThrowingCallable action) {
    assertThatThrownBy(action)
        .isInstanceOfSatisfying(
            VmmException.class, e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason))
        .hasMessageContaining(message);
  }

  @Test
  void windowsLieWhereNothingElseDoes() {
    assertThat(user.window().first() % (2 * MIB)).as("large pages can map it").isZero();
    assertThat(user.window().overlaps(services.window())).isFalse();
    assertThat(List.of(user, services))
        .noneMatch(one -> one.window().overlaps(TestHost.TABLES))
        .noneMatch(one -> one.window().overlaps(TestHost.MONITOR));
  }

  @Test
  void whoHasNoMemoryLeftSaysSo() {
    refused(Reason.OUT_OF_MEMORY, "partition big", () -> lvmm.create("big", 64 * MIB));
    assertThat(lvmm.partition("big")).isEmpty();
  }

  @Test
  void namesAreTakenOnce() {
    refused(Reason.EXISTS, "partition user", () -> lvmm.create("user", MIB));
  }

  @Test
  void theMapLeadsToTheWindow() throws Exception {
    user.map(pages(GPA, 4), user.window().first(), Rights.READ_WRITE);
    assertThat(user.map().hpa(GPA + 0x1234)).contains(user.window().first() + 0x1234);
    assertThat(user.map().hpa(GPA + 0x4000)).isEmpty();
    assertThat(lvmm.breaches()).isEmpty();
  }

  @Test
  void nobodyMapsWhatIsNotTheirs() {
    refused(
        Reason.NOT_OWNED,
        "belongs to partition services",
        () -> user.map(pages(GPA, 1), services.window().first(), Rights.READ));
    refused(
        Reason.NOT_OWNED,
        "belongs to the unit's tables",
        () -> user.map(pages(GPA, 1), TestHost.TABLES.first(), Rights.READ));
    refused(
        Reason.NOT_OWNED,
        "belongs to nobody",
        () -> user.map(pages(GPA, 1), 0xff_f000, Rights.READ));
    PageRange past = pages(GPA, user.window().bytes() / PageRange.PAGE_BYTES + 1);
    refused(
        Reason.NOT_OWNED, "cannot have", () -> user.map(past, user.window().first(), Rights.READ));
    assertThat(user.map().mappings()).isEmpty();
  }

  /// One mapping may go over two ranges that were shared one after the other.
  @Test
  void neighboursThatAreBothSharedAreNoBreach() throws Exception {
    PageRange one = lvmm.share("one ring", PageRange.PAGE_BYTES, user, services);
    PageRange next = lvmm.share("next ring", PageRange.PAGE_BYTES, user, services);
    assertThat(next.first()).isEqualTo(one.end());

    user.map(pages(GPA, 2), one.first(), Rights.READ_WRITE);
    services.map(pages(GPA, 2), one.first(), Rights.READ_WRITE);

    assertThat(lvmm.breaches()).isEmpty();
  }

  @Test
  void whatIsMappedIsNotMappedAgain() throws Exception {
    user.map(pages(GPA, 4), user.window().first(), Rights.READ_WRITE);
    refused(
        Reason.OVERLAP,
        "mapped already",
        () -> user.map(pages(GPA + 0x3000, 4), user.window().first(), Rights.READ));
  }

  @Test
  void whatIsPartlyUnmappedKeepsTheRest() throws Exception {
    long window = user.window().first();
    user.map(pages(GPA, 8), window, Rights.READ);
    user.unmap(pages(GPA + 0x2000, 3));
    assertThat(user.map().mappings())
        .containsExactly(
            new Mapping(pages(GPA, 2), window, Rights.READ),
            new Mapping(pages(GPA + 0x5000, 3), window + 0x5000, Rights.READ));
  }

  @Test
  void anAssignedFunctionReachesWhatItsPartitionDoes() throws Exception {
    long window = user.window().first();
    user.map(pages(GPA, 4), window, Rights.READ_WRITE);
    user.map(pages(GPA + 0x8000, 1), window + 0x8000, Rights.READ);
    assertThat(host.write(disk, GPA, window)).isEqualTo(Reach.BLOCKED);

    lvmm.assignments().assign(disk, user);
    assertThat(host.write(disk, GPA + 0x1000, window + 0x1000)).isEqualTo(Reach.THERE);
    assertThat(host.write(disk, GPA + 0x4000, window + 0x4000)).isEqualTo(Reach.BLOCKED);
    assertThat(host.read(disk, GPA + 0x8000, window + 0x8000)).isEqualTo(Reach.THERE);
    assertThat(host.write(disk, GPA + 0x8000, window + 0x8000)).isEqualTo(Reach.BLOCKED);

    user.unmap(pages(GPA + 0x1000, 1));
    assertThat(host.write(disk, GPA + 0x1000, window + 0x1000)).isEqualTo(Reach.BLOCKED);

    lvmm.assignments().release(disk.at());
    assertThat(host.write(disk, GPA, window)).isEqualTo(Reach.BLOCKED);
    assertThat(lvmm.assignments().at(disk.at())).isEmpty();
  }

  @Test
  void aFunctionChangesHandsAtRest() throws Exception {
    long window = user.window().first();
    user.map(pages(GPA, 1), window, Rights.READ_WRITE);
    services.map(pages(GPA, 1), services.window().first(), Rights.READ_WRITE);
    List<Reach> atReset = new ArrayList<>();
    disk.onReset(() -> atReset.add(host.write(disk, GPA, window)));

    lvmm.assignments().assign(disk, user);
    assertThat(atReset).as("reset before it reaches anything").containsExactly(Reach.BLOCKED);
    lvmm.assignments().reassign(disk.at(), services);
    assertThat(atReset)
        .as("reset while all it reaches is its old partition, and again")
        .containsExactly(Reach.BLOCKED, Reach.THERE, Reach.BLOCKED);
    assertThat(host.write(disk, GPA, services.window().first())).isEqualTo(Reach.THERE);
    assertThat(lvmm.assignments().of(user)).isEmpty();
    assertThat(lvmm.assignments().of(services)).hasSize(1);
  }

  @Test
  void aFunctionBelongsToOnePartition() throws Exception {
    lvmm.assignments().assign(disk, user);
    refused(
        Reason.EXISTS,
        "00:05.0 belongs to partition user",
        () -> lvmm.assignments().assign(disk, services));
    assertThat(disk.resets()).isEqualTo(1);
    lvmm.assignments().release(disk.at());
    refused(Reason.UNKNOWN, "00:05.0", () -> lvmm.assignments().release(disk.at()));
  }

  @Test
  void aFunctionHasInterruptEntriesOfItsOwnAsLongAsItIsAssigned() throws Exception {
    for (int i = 0; i < 100; i++) {
      assertThat(lvmm.assignments().assign(disk, user).interrupts())
          .hasValueSatisfying(block -> assertThat(block.count()).isEqualTo(4));
      lvmm.assignments().release(disk.at());
    }
  }

  @Test
  void whatIsSharedIsDeclared() throws Exception {
    PageRange ring = lvmm.share("ring", 2 * PageRange.PAGE_BYTES, user, services);
    Partition stranger = lvmm.create("stranger", MIB);
    user.map(pages(GPA, 2), ring.first(), Rights.READ_WRITE);
    services.map(pages(GPA, 2), ring.first(), Rights.READ);
    assertThat(lvmm.breaches()).isEmpty();
    refused(
        Reason.NOT_OWNED,
        "belongs to ring",
        () -> stranger.map(pages(GPA, 1), ring.first(), Rights.READ));
    refused(Reason.IN_USE, "partition user", () -> lvmm.unshare(ring));
    user.unmap(pages(GPA, 2));
    refused(Reason.IN_USE, "partition services", () -> lvmm.unshare(ring));
    services.unmap(pages(GPA, 2));
    lvmm.unshare(ring);
    refused(
        Reason.NOT_OWNED,
        "belongs to nobody",
        () -> user.map(pages(GPA, 1), ring.first(), Rights.READ));
  }

  @Test
  void aPartitionOfTheSameNameInheritsNothing() throws Exception {
    PageRange ring = lvmm.share("ring", PageRange.PAGE_BYTES, user, services);
    lvmm.destroy(user, Departure.AS_IT_IS);
    Partition next = lvmm.create("user", MIB);
    refused(
        Reason.NOT_OWNED,
        "belongs to ring",
        () -> next.map(pages(GPA, 1), ring.first(), Rights.READ));
  }

  @Test
  void whoLeavesTakesDevicesAndMemoryAlong() throws Exception {
    long window = user.window().first();
    lvmm.assignments().assign(disk, user);
    lvmm.assignments().release(disk.at());
    int pagesBefore = host.platform.pagesTaken();
    Partition guest = lvmm.create("guest", MIB);
    long secret = guest.window().first() + 0x3ff8;
    guest.map(pages(GPA, 4), guest.window().first(), Rights.READ_WRITE);
    lvmm.assignments().assign(disk, guest);
    host.store(secret, 0x5ec4e7);
    host.store(window, 1);

    lvmm.destroy(guest, Departure.SCRUBBED);
    assertThat(host.load(secret)).isZero();
    assertThat(host.load(window)).as("another's memory").isEqualTo(1);
    assertThat(host.write(disk, GPA, guest.window().first())).isEqualTo(Reach.BLOCKED);
    assertThat(lvmm.partition("guest")).isEmpty();
    assertThat(host.platform.pagesTaken()).isEqualTo(pagesBefore);
    refused(Reason.UNKNOWN, "taken down", () -> lvmm.destroy(guest, Departure.AS_IT_IS));
    refused(
        Reason.UNKNOWN,
        "taken down",
        () -> guest.map(pages(GPA, 1), guest.window().first(), Rights.READ));
    refused(Reason.UNKNOWN, "taken down", () -> lvmm.assignments().assign(disk, guest));
    assertThat(lvmm.create("next", MIB).window()).isEqualTo(guest.window());
  }

  @Test
  void whatDevicesReachCanBeLeftAsItIs() throws Exception {
    host.store(user.window().first(), 7);
    lvmm.destroy(user, Departure.AS_IT_IS);
    assertThat(host.load(user.window().first())).isEqualTo(7);
  }

  @Test
  void aGuardKeepsDevicesFromWritingAndLeavesProcessorsTheirWay() throws Exception {
    long window = user.window().first();
    user.map(pages(0, 512), window, Rights.READ_WRITE);
    lvmm.assignments().assign(disk, user);
    assertThat(host.write(disk, 0x3000, window + 0x3000)).isEqualTo(Reach.THERE);

    user.guard(pages(0x3000, 2), Guard.DEVICES);
    assertThat(host.write(disk, 0x3000, window + 0x3000)).isEqualTo(Reach.BLOCKED);
    assertThat(host.write(disk, 0x4ff8, window + 0x4ff8)).isEqualTo(Reach.BLOCKED);
    assertThat(host.read(disk, 0x3000, window + 0x3000)).isEqualTo(Reach.THERE);
    assertThat(host.write(disk, 0x2ff8, window + 0x2ff8)).isEqualTo(Reach.THERE);
    assertThat(host.write(disk, 0x5000, window + 0x5000)).isEqualTo(Reach.THERE);
    assertThat(user.processors().store(0x3000, 8, 7)).isTrue();
    assertThat(user.played().store(0x3000, 8, 8)).isFalse();
    assertThat(host.load(window + 0x3000)).isEqualTo(7);
    assertThat(lvmm.breaches()).isEmpty();

    user.guard(pages(0x3000, 2), Guard.NOBODY);
    assertThat(host.write(disk, 0x3000, window + 0x3000)).isEqualTo(Reach.THERE);
  }

  @Test
  void aGuardAgainstEverybodyNamesWhoTriedAndWhere() throws Exception {
    List<String> denied = new ArrayList<>();
    user.onDenied((gpa, by) -> denied.add("%s %#x".formatted(by, gpa)));
    user.map(pages(GPA, 4), user.window().first(), Rights.READ_WRITE);
    user.guard(pages(GPA + 0x1000, 1), Guard.EVERYBODY);

    MemorySegment bytes = MemorySegment.ofArray(new byte[0x2000]);
    assertThat(user.processors().write(GPA, bytes, 0, 0x2000)).isFalse();
    assertThat(user.processors().store(GPA + 0x1004, 4, 1)).isFalse();
    assertThat(user.processors().store(GPA + 0x1001, 1, 1)).isFalse();
    assertThat(user.played().store(GPA + 0x1008, 8, 1)).isFalse();
    assertThat(user.processors().store(GPA + 0x8000, 8, 1)).as("not mapped").isFalse();
    assertThat(user.processors().read(GPA, bytes, 0, 0x2000)).isTrue();
    assertThat(denied)
        .containsExactly(
            "PROCESSOR 0x101000",
            "PROCESSOR 0x101004",
            "PROCESSOR 0x101001",
            "PLAYED_DEVICE 0x101008");
  }

  @Test
  void aGuardGivesNobodyMoreThanTheMapDid() throws Exception {
    user.map(pages(GPA, 1), user.window().first(), Rights.READ);
    user.map(pages(GPA + 0x1000, 1), user.window().first() + 0x1000, Rights.WRITE);
    lvmm.assignments().assign(disk, user);
    user.guard(pages(GPA, 1), Guard.EVERYBODY);
    user.guard(pages(GPA, 1), Guard.NOBODY);

    assertThat(host.write(disk, GPA, user.window().first())).isEqualTo(Reach.BLOCKED);
    refused(
        Reason.IN_USE,
        "mapped for writing alone",
        () -> user.guard(pages(GPA + 0x1000, 1), Guard.DEVICES));
  }
}
