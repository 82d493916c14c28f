package dev.portcullis.machine.description;

import dev.portcullis.machine.description.DeviceDescription.VirtioNet;
import dev.portcullis.pci.RequesterId;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// The cables between the cards of a machine file: each has two ends.
final class Cables {
  private final Map<String, End> loose = new LinkedHashMap<>();
  private final Map<String, RequesterId> plugged = new HashMap<>();

  private record End(Section section, RequesterId at) {}

  Cables() {}

  void plug(Section section, DeviceDescription device) throws MachineFileException {
    if (!(device instanceof VirtioNet card)
        || !(card.wire() instanceof WireDescription.Cable cable)) {
      return;
    }
    String name = cable.name();
    if (plugged.containsKey(name)) {
      throw section.wrong(
          "wire.cable",
          "both ends of \"%s\" are taken, one by %s".formatted(name, plugged.get(name)));
    }
    if (loose.remove(name) == null) {
      loose.put(name, new End(section, card.at()));
    } else {
      plugged.put(name, card.at());
    }
  }

  /// Refuses a cable with a loose end.
  void requirePlugged() throws MachineFileException {
    for (Map.Entry<String, End> cable : loose.entrySet()) {
      throw cable
          .getValue()
          .section()
          .wrong(
              "wire.cable",
              "\"%s\" leads nowhere: no other card's wire names it".formatted(cable.getKey()));
    }
  }
}
