package dev.portcullis.cli;

import dev.portcullis.machine.description.ByteSize;
import dev.portcullis.vmm.platform.BridgeStatus;
import dev.portcullis.vmm.platform.BridgeStatus.PortStatus;
import dev.portcullis.vmm.platform.BridgeStatus.RuleStatus;
import dev.portcullis.vmm.platform.PlatformStatus;
import dev.portcullis.vmm.platform.PlatformStatus.DeviceStatus;
import dev.portcullis.vmm.platform.PlatformStatus.PartitionStatus;
import dev.portcullis.vmm.platform.PlatformStatus.UnitStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// A platform's status as text, for people.
final class StatusTable {
  private StatusTable() {}

  static List<String> of(PlatformStatus status) {
    List<String> lines = new ArrayList<>();
    Columns partitions =
        new Columns("PARTITION", "ENGINE", "STATE", "RUNS", "MEMORY (HPA)", "DOMAIN", "DEVICES");
    for (PartitionStatus one : status.partitions()) {
      partitions.row(
          one.name(),
          one.engine(),
          one.state(),
          one.role(),
          "%s at %s".formatted(ByteSize.toText(one.mappedBytes()), one.window()),
          String.valueOf(one.domain()),
          String.join(", ", one.devices()));
    }
    lines.addAll(partitions.lines());
    lines.add("");
    Columns devices = new Columns("DEVICE", "AT", "TYPE", "PARTITION", "INTERRUPT ENTRIES");
    for (DeviceStatus one : status.devices()) {
      devices.row(
          one.name(),
          one.at(),
          one.type(),
          one.partition().isEmpty() ? "-" : one.partition(),
          one.interruptEntries().isEmpty() ? "-" : one.interruptEntries());
    }
    lines.addAll(devices.lines());
    lines.add("");
    status.bridges().forEach(bridge -> lines.addAll(bridge(bridge)));
    UnitStatus unit = status.unit();
    lines.add(
        "unit %s (%s mode): %,d DMA requests, %,d walks, %,d invalidations, %,d blocked"
            .formatted(
                unit.id(),
                unit.mode(),
                unit.requests(),
                unit.walks(),
                unit.invalidations(),
                unit.blocked()));
    lines.add(
        "interrupts: %,d remapped, %,d posted; up %.0f s"
            .formatted(unit.interruptsRemapped(), unit.interruptsPosted(), status.upSeconds()));
    return lines;
  }

  private static List<String> bridge(BridgeStatus bridge) {
    Columns ports =
        new Columns(
            "PORT OF " + bridge.partition(),
            "FRAMES IN",
            "BYTES IN",
            "FRAMES OUT",
            "BYTES OUT",
            "STATIONS",
            "DROPPED");
    for (PortStatus one : bridge.ports()) {
      ports.row(
          one.name(),
          "%,d".formatted(one.receivedFrames()),
          "%,d".formatted(one.receivedBytes()),
          "%,d".formatted(one.sentFrames()),
          "%,d".formatted(one.sentBytes()),
          String.valueOf(one.stations()),
          dropped(one));
    }
    List<String> lines = new ArrayList<>(ports.lines());
    lines.add("");
    if (!bridge.rules().isEmpty()) {
      Columns rules = new Columns("RULE OF " + bridge.partition(), "CHAIN", "FRAMES", "BYTES");
      for (RuleStatus one : bridge.rules()) {
        rules.row(
            one.rule(),
            one.table() + " " + one.chain(),
            "%,d".formatted(one.frames()),
            "%,d".formatted(one.bytes()));
      }
      lines.addAll(rules.lines());
      lines.add("");
    }
    return lines;
  }

  private static String dropped(PortStatus port) {
    if (port.dropped() == 0) {
      return "0";
    }
    return port.reasons().entrySet().stream()
        .map(entry -> "%,d %s".formatted(entry.getValue(), entry.getKey()))
        .collect(Collectors.joining(", "));
  }
}
