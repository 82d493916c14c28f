package dev.portcullis.vmm.platform;

import dev.portcullis.machine.chassis.Chassis;
import dev.portcullis.pci.RequesterId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Where partitions find functions: where the machine has them, but virtual functions, which are no
/// function 0 there, as devices of their own, from the last one down.
final class GuestPlaces {
  private static final int LAST_DEVICE = 0x1e;

  private final Map<RequesterId, RequesterId> virtual = new HashMap<>();

  GuestPlaces(List<Chassis.Slot> slots) {
    int next = LAST_DEVICE;
    for (Chassis.Slot slot : slots) {
      if (slot.at().function() != 0) {
        while (isTaken(next, slots)) {
          next--;
        }
        virtual.put(slot.at(), new RequesterId(0, next--, 0));
      }
    }
  }

  private static boolean isTaken(int device, List<Chassis.Slot> slots) {
    return slots.stream().anyMatch(slot -> slot.at().device() == device);
  }

  RequesterId of(RequesterId at) {
    return virtual.getOrDefault(at, at);
  }
}
