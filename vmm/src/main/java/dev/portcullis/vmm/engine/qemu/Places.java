package dev.portcullis.vmm.engine.qemu;

import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.engine.EngineException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Which devices of a guest's root bus functions become.
final class Places {
  /// The first is the host bridge, the last the chipset's.
  private static final int FIRST = 1;

  private static final int LAST = 0x1e;

  private Places() {}

  /// Functions that are the first of their device keep its number if it is free; the others get the
  /// highest that are free.
  ///
  /// @return by device number
  /// @throws EngineException if there are more than devices
  static Map<Integer, RequesterId> of(Collection<RequesterId> functions) throws EngineException {
    Map<Integer, RequesterId> places = new TreeMap<>();
    List<RequesterId> others = new ArrayList<>();
    for (RequesterId at : functions) {
      boolean fits = at.function() == 0 && at.device() >= FIRST && at.device() <= LAST;
      if (!fits || places.putIfAbsent(at.device(), at) != null) {
        others.add(at);
      }
    }
    int free = LAST;
    for (RequesterId at : others) {
      while (places.containsKey(free)) {
        free--;
      }
      if (free < FIRST) {
        throw new EngineException(
            "there is room for %d functions, not %d".formatted(LAST, functions.size()));
      }
      places.put(free, at);
    }
    return places;
  }
}
