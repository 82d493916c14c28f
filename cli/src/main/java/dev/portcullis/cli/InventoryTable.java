package dev.portcullis.cli;

import dev.portcullis.machine.description.ByteSize;
import dev.portcullis.management.inventory.AssetInventory;
import dev.portcullis.management.inventory.AssetInventory.Host;
import dev.portcullis.management.inventory.ImageItem;
import dev.portcullis.vmm.platform.PlatformInventory;
import dev.portcullis.vmm.platform.PlatformInventory.CardItem;
import dev.portcullis.vmm.platform.PlatformInventory.DiskItem;
import dev.portcullis.vmm.platform.PlatformInventory.FunctionItem;
import dev.portcullis.vmm.platform.PlatformInventory.SystemItem;
import dev.portcullis.vmm.platform.PlatformInventory.Unit;
import java.util.ArrayList;
import java.util.List;

/// A platform's inventory as text, for people.
final class InventoryTable {
  private InventoryTable() {}

  static List<String> of(AssetInventory all) {
    PlatformInventory platform = all.platform();
    List<String> lines = new ArrayList<>();
    Host host = all.host();
    lines.add(
        "portcullis %s, JDK %s, %s, %d processors; a machine of %s"
            .formatted(
                host.portcullis(),
                host.java(),
                host.system(),
                host.processors(),
                ByteSize.toText(platform.memoryBytes())));
    add(lines, units(platform.units()));
    add(lines, systems(platform.systems()));
    add(lines, functions(platform.functions()));
    add(lines, disks(platform.disks()));
    add(lines, cards(platform.cards()));
    if (all.images().isEmpty()) {
      lines.add("");
      lines.add("images: nothing is measured");
    } else {
      add(lines, images(all.images()));
    }
    return lines;
  }

  private static void add(List<String> lines, Columns table) {
    lines.add("");
    lines.addAll(table.lines());
  }

  private static String orNone(String text) {
    return text.isEmpty() ? "-" : text;
  }

  private static Columns units(List<Unit> units) {
    Columns table = new Columns("UNIT", "VT-D", "MODE", "CAPABILITIES", "EXTENDED");
    for (Unit one : units) {
      table.row(one.id(), one.version(), one.mode(), one.capabilities(), one.extended());
    }
    return table;
  }

  private static Columns systems(List<SystemItem> systems) {
    Columns table =
        new Columns("PARTITION", "ENGINE", "RUNS", "STATE", "PROCESSORS", "MEMORY", "ADDRESS");
    for (SystemItem one : systems) {
      table.row(
          one.name(),
          one.engine(),
          one.role(),
          one.state(),
          Integer.toString(one.processors()),
          ByteSize.toText(one.memoryBytes()),
          orNone(one.address()));
    }
    return table;
  }

  private static Columns functions(List<FunctionItem> functions) {
    Columns table =
        new Columns("FUNCTION", "AT", "TYPE", "PARTITION", "ID", "SUBSYSTEM", "CLASS", "REVISION");
    for (FunctionItem one : functions) {
      table.row(
          one.name(),
          one.at(),
          one.type(),
          orNone(one.partition()),
          one.vendor() + ":" + one.device(),
          one.subsystem().isEmpty() ? "-" : one.subsystemVendor() + ":" + one.subsystem(),
          one.classCode(),
          one.revision());
    }
    return table;
  }

  private static Columns disks(List<DiskItem> disks) {
    Columns table =
        new Columns("DISK", "AT", "PARTITION", "SIZE", "MODEL", "SERIAL NUMBER", "FIRMWARE");
    for (DiskItem one : disks) {
      table.row(
          one.name(),
          one.at(),
          orNone(one.partition()),
          ByteSize.toText(one.bytes()) + (one.readOnly() ? ", read-only" : ""),
          one.model(),
          one.serial(),
          one.firmware());
    }
    return table;
  }

  private static Columns cards(List<CardItem> cards) {
    Columns table = new Columns("CARD", "AT", "PARTITION", "KIND", "ADDRESS");
    for (CardItem one : cards) {
      table.row(one.name(), one.at(), orNone(one.partition()), one.kind(), one.mac());
    }
    return table;
  }

  private static Columns images(List<ImageItem> images) {
    Columns table =
        new Columns("IMAGE OF", "WHAT", "MANIFEST", "VERSION", "VERDICT", "DIGEST OR ROOT");
    for (ImageItem one : images) {
      table.row(
          one.partition(),
          one.what(),
          one.manifest(),
          orNone(one.manifestVersion()),
          one.verdict(),
          one.digest());
    }
    return table;
  }
}
