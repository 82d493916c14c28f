package dev.portcullis.vmm;

import dev.portcullis.driver.DriverOptions;
import dev.portcullis.driver.RemappingDriver;
import dev.portcullis.driver.interrupt.InterruptOptions;
import dev.portcullis.driver.interrupt.InterruptOptions.Apics;
import dev.portcullis.driver.interrupt.InterruptOptions.Compatibility;
import dev.portcullis.kit.driver.DrivenPlatform.Reach;
import dev.portcullis.kit.driver.InProcessPlatform;
import dev.portcullis.memory.Fetched;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.unit.UnitConfiguration.Preset;
import dev.portcullis.vmm.memory.Owner.Reserved;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.memory.PhysicalMemory;
import dev.portcullis.vmm.memory.Quarantine;

/// A monitor over our unit and 16 MiB of memory, of which the last 10 are for partitions.
final class TestHost {
  static final PageRange MONITOR = new PageRange(0, 1 << 20);
  static final PageRange TABLES = new PageRange(InProcessPlatform.tables(), 5 << 20);

  final InProcessPlatform platform;
  final RemappingDriver driver;
  final Lvmm lvmm;

  TestHost(Preset preset) throws Exception {
    this(preset, Quarantine.Bounds.DEFAULT);
  }

  TestHost(Preset preset, Quarantine.Bounds bounds) throws Exception {
    platform = new InProcessPlatform(preset.builder().build());
    boolean remaps = preset == Preset.SCALABLE;
    InterruptOptions interrupts = new InterruptOptions(5, Apics.XAPIC, Compatibility.REFUSED);
    DriverOptions options =
        remaps ? DriverOptions.DEFAULT.remapping(interrupts) : DriverOptions.DEFAULT;
    driver = RemappingDriver.start(platform.platform(), options);
    PhysicalMemory physical =
        new PhysicalMemory(new PageRange(0, InProcessPlatform.MEMORY_BYTES), bounds);
    physical.take(MONITOR, new Reserved("the monitor"));
    physical.take(TABLES, new Reserved("the unit's tables"));
    lvmm = new Lvmm(driver, platform.memory(), physical);
  }

  /// What becomes of a write of `function` at `gpa`, which should end at `hpa`.
  Reach write(TestFunction function, long gpa, long hpa) {
    return platform.write(function.requester().id(), PasidPrefix.NONE, gpa, hpa);
  }

  Reach read(TestFunction function, long gpa, long hpa) {
    return platform.read(function.requester().id(), PasidPrefix.NONE, gpa, hpa);
  }

  long load(long hpa) {
    Fetched fetched = new Fetched();
    if (!platform.memory().fetch64(hpa, fetched)) {
      throw new AssertionError("no memory at %#x".formatted(hpa));
    }
    return fetched.lo;
  }

  void store(long hpa, long value) {
    if (!platform.memory().store64(hpa, value)) {
      throw new AssertionError("no memory at %#x".formatted(hpa));
    }
  }
}
