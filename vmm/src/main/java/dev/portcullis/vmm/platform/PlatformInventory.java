package dev.portcullis.vmm.platform;

import dev.portcullis.devices.nvme.NvmeController;
import dev.portcullis.devices.nvme.NvmeIdentity;
import dev.portcullis.machine.chassis.Chassis.Slot;
import dev.portcullis.machine.description.DeviceDescription.VirtioNet;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.platform.description.NetworkAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What a platform has, as it is at one moment: what can be counted and named, without what it
/// does.
///
/// @param memoryBytes physical memory of the machine
/// @param functions all of the machine's, whoever has them
/// @param disks of those, the ones that are disks
/// @param cards network cards: functions of the machine, and those that the monitor plays
public record PlatformInventory(
    long memoryBytes,
    List<Unit> units,
    List<SystemItem> systems,
    List<FunctionItem> functions,
    List<DiskItem> disks,
    List<CardItem> cards) {
  private static final int IDENTITY = 0;
  private static final int CLASS = 8;
  private static final int SUBSYSTEM = 0x2c;

  /// A remapping unit.
  ///
  /// @param version of the architecture that it announces
  /// @param capabilities its capability register, hexadecimal
  /// @param extended its extended capability register, hexadecimal
  public record Unit(
      String id, String version, String mode, String capabilities, String extended) {}

  /// A partition.
  ///
  /// @param address in the network; empty without
  public record SystemItem(
      String name,
      String engine,
      String role,
      String state,
      int processors,
      long memoryBytes,
      String address) {}

  /// A function, by what its configuration space says: hexadecimal.
  ///
  /// @param partition whose it is; empty if nobody's
  /// @param subsystemVendor empty if it says none
  /// @param subsystem empty if it says none
  public record FunctionItem(
      String name,
      String at,
      String type,
      String partition,
      String vendor,
      String device,
      String subsystemVendor,
      String subsystem,
      String classCode,
      String revision) {}

  /// A disk.
  ///
  /// @param partition whose it is; empty if nobody's
  public record DiskItem(
      String name,
      String at,
      String partition,
      long bytes,
      boolean readOnly,
      String model,
      String serial,
      String firmware) {}

  /// A network card.
  ///
  /// @param name of the device; of a card that the monitor plays, its cable
  /// @param at its place; of a card that the monitor plays, where its partition finds it
  /// @param partition whose it is; empty if nobody's
  /// @param kind `function` or `virtual`
  public record CardItem(String name, String at, String partition, String kind, String mac) {}

  /// What `platform` has now.
  public static PlatformInventory of(RunningPlatform platform) {
    List<Slot> slots = platform.chassis().slots();
    return new PlatformInventory(
        platform.description().machine().memoryBytes(),
        units(platform),
        platform.partitions().stream().map(PlatformInventory::system).toList(),
        slots.stream().map(slot -> function(platform, slot)).toList(),
        slots.stream().flatMap(slot -> disk(platform, slot).stream()).toList(),
        cards(platform, slots));
  }

  private static List<Unit> units(RunningPlatform platform) {
    String mode = platform.driver().traits().mode().toString().toLowerCase(Locale.ROOT);
    return platform.description().machine().units().stream()
        .map(unit -> {
          var announced = unit.configuration().capabilities();
          return new Unit(
              unit.id(),
              announced.majorVersion() + "." + announced.minorVersion(),
              mode,
              hex(announced.capability().word(), 16),
              hex(announced.extended().word(), 16));
        })
        .toList();
  }

  private static SystemItem system(RunningPartition one) {
    return new SystemItem(
        one.name(),
        one.engine().kind(),
        one.description().role().name().toLowerCase(Locale.ROOT),
        one.engine().state().toString(),
        1,
        one.description().memoryBytes(),
        one.description().address().map(NetworkAddress::toString).orElse(""));
  }

  private static String owner(RunningPlatform platform, RequesterId at) {
    return platform
        .lvmm()
        .assignments()
        .at(at)
        .map(assignment -> assignment.partition().name())
        .orElse("");
  }

  private static FunctionItem function(RunningPlatform platform, Slot slot) {
    PciFunction function = slot.onBus();
    long identity = function.readConfig(IDENTITY, 4);
    long classes = function.readConfig(CLASS, 4);
    long subsystem = function.readConfig(SUBSYSTEM, 4);
    boolean isSaid = subsystem != 0 && subsystem != 0xffff_ffffL;
    return new FunctionItem(
        platform.description().nameOf(slot.at()),
        slot.at().toString(),
        slot.description().type().name().toLowerCase(Locale.ROOT).replace('_', '-'),
        owner(platform, slot.at()),
        hex(identity & 0xffff, 4),
        hex(identity >> 16 & 0xffff, 4),
        isSaid ? hex(subsystem & 0xffff, 4) : "",
        isSaid ? hex(subsystem >> 16 & 0xffff, 4) : "",
        hex(classes >> 8 & 0xff_ffff, 6),
        hex(classes & 0xff, 2));
  }

  private static Optional<DiskItem> disk(RunningPlatform platform, Slot slot) {
    if (!(slot.function() instanceof NvmeController controller)) {
      return Optional.empty();
    }
    NvmeIdentity identity = controller.identity();
    return Optional.of(
        new DiskItem(
            platform.description().nameOf(slot.at()),
            slot.at().toString(),
            owner(platform, slot.at()),
            controller.blocks().sizeBytes(),
            controller.blocks().isReadOnly(),
            identity.model(),
            identity.serial(),
            identity.firmware()));
  }

  private static List<CardItem> cards(RunningPlatform platform, List<Slot> slots) {
    List<CardItem> cards = new ArrayList<>();
    for (Slot slot : slots) {
      if (slot.description() instanceof VirtioNet card) {
        cards.add(
            new CardItem(
                platform.description().nameOf(slot.at()),
                slot.at().toString(),
                owner(platform, slot.at()),
                "function",
                mac(card.mac())));
      }
    }
    for (RunningPartition partition : platform.partitions()) {
      for (VirtualCard card : platform.virtualCards(partition.name())) {
        cards.add(
            new CardItem(
                "cable-" + card.cable(),
                card.at().toString(),
                partition.name(),
                "virtual",
                mac(card.mac())));
      }
    }
    return cards;
  }

  private static String hex(long value, int digits) {
    return ("%0" + digits + "x").formatted(value);
  }

  private static String mac(long address) {
    StringBuilder text = new StringBuilder();
    for (int shift = 40; shift >= 0; shift -= 8) {
      text.append(text.isEmpty() ? "" : ":").append(hex(address >> shift & 0xff, 2));
    }
    return text.toString();
  }
}
