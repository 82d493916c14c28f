package dev.portcullis.management.recovery;

import dev.portcullis.devices.block.BlockBackend;
import dev.portcullis.vmm.platform.boot.BootDisk;
import java.util.ArrayList;
import java.util.List;

/// A partition that notes what is done to it.
final class TestTarget implements RebuildTarget {
  private List<BootDisk> disks;
  private final List<String> done = new ArrayList<>();

  TestTarget(BlockBackend disk, BlockBackend data) {
    disks = Site.disks(disk, data);
  }

  /// Its disks go to another partition.
  void loseDisks() {
    disks = List.of();
  }

  List<String> done() {
    return done;
  }

  @Override
  public String name() {
    return "user";
  }

  @Override
  public List<BootDisk> disks() {
    return disks;
  }

  @Override
  public void kill() {
    done.add("kill");
  }

  @Override
  public void scrub() {
    done.add("scrub");
  }

  @Override
  public void start() {
    done.add("start");
  }
}
