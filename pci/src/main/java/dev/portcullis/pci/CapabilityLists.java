package dev.portcullis.pci;

import java.util.List;

/// Places a function's capabilities one after the other and links them in their two lists.
///
/// @pcie 7.5.1 PCI-Compatible Configuration Registers
final class CapabilityLists {
  private CapabilityLists() {}

  /// @throws IllegalArgumentException if the capabilities do not fit
  static void lay(ConfigSpace config, List<Capability> capabilities) {
    layCompatible(config, inSpace(capabilities, Capability.Space.COMPATIBLE));
    layExtended(config, inSpace(capabilities, Capability.Space.EXTENDED));
  }

  private static List<Capability> inSpace(List<Capability> all, Capability.Space space) {
    return all.stream().filter(capability -> capability.space() == space).toList();
  }

  private static void layCompatible(ConfigSpace config, List<Capability> list) {
    int at = ConfigRegisters.HEADER_END;
    int pointer = ConfigRegisters.CAPABILITIES_POINTER;
    for (Capability capability : list) {
      requireRoom(at, capability, ConfigRegisters.EXTENDED_SPACE);
      config.put(pointer, 1, at);
      config.put(at, 1, capability.id());
      capability.place(config, at);
      pointer = at + 1;
      at = afterwards(at, capability);
    }
    if (!list.isEmpty()) {
      config.setBits(ConfigRegisters.STATUS, 2, ConfigRegisters.CAPABILITIES_LIST);
    }
  }

  /// @pcie 7.6.3 PCI Express Extended Capability Header
  private static void layExtended(ConfigSpace config, List<Capability> list) {
    int at = ConfigRegisters.EXTENDED_SPACE;
    Capability before = null;
    for (Capability capability : list) {
      requireRoom(at, capability, ConfigSpace.SIZE_BYTES);
      if (before != null) {
        config.put(before.at(), 4, header(before, at));
      }
      config.put(at, 4, header(capability, 0));
      capability.place(config, at);
      before = capability;
      at = afterwards(at, capability);
    }
  }

  /// Lays one more extended capability behind those that are `present`.
  ///
  /// @throws IllegalArgumentException if it is none, or does not fit
  static void append(ConfigSpace config, List<Capability> present, Capability capability) {
    if (capability.space() != Capability.Space.EXTENDED) {
      throw new IllegalArgumentException("not an extended capability: " + capability.id());
    }
    List<Capability> list = inSpace(present, Capability.Space.EXTENDED);
    int at = list.isEmpty() ? ConfigRegisters.EXTENDED_SPACE : afterwards(list.getLast());
    requireRoom(at, capability, ConfigSpace.SIZE_BYTES);
    config.put(at, 4, header(capability, 0));
    capability.place(config, at);
    if (!list.isEmpty()) {
      config.put(list.getLast().at(), 4, header(list.getLast(), at));
    }
  }

  private static int afterwards(Capability capability) {
    return afterwards(capability.at(), capability);
  }

  private static int header(Capability capability, int next) {
    return next << 20 | capability.version() << 16 | capability.id();
  }

  private static int afterwards(int at, Capability capability) {
    return at + capability.sizeBytes() + 3 & ~3;
  }

  private static void requireRoom(int at, Capability capability, int end) {
    if (at + capability.sizeBytes() > end) {
      throw new IllegalArgumentException(
          "no room for capability %#x at %#x".formatted(capability.id(), at));
    }
  }
}
