package dev.portcullis.vmm.nativeos.description;

import dev.portcullis.machine.chassis.HostMemory;
import dev.portcullis.machine.description.ByteSize;
import dev.portcullis.machine.description.DeviceDescription;
import dev.portcullis.machine.description.DeviceDescription.Type;
import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.machine.description.MachineFile;
import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.machine.description.Section;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.nativeos.description.NativeDescription.DriverDescription;
import dev.portcullis.vmm.nativeos.description.NativeDescription.Step;
import dev.portcullis.vmm.nativeos.description.NativeExpectation.Bug;
import dev.portcullis.vmm.nativeos.description.NativeExpectation.Compare;
import dev.portcullis.vmm.nativeos.description.NativeExpectation.Disk;
import dev.portcullis.vmm.nativeos.description.NativeExpectation.Stray;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// Reads platform files with the key `native`: a machine file with drivers.
public final class NativeFile {
  private static final String NATIVE = "native";
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,30}");
  private static final long MIB = 1 << 20;
  private static final long HIGH_STEP = MIB;
  private static final long MOST_HIGH_BYTES = 64L << 30;
  private static final int MOST_OVERRUN = 2048;
  private static final int MOST_MISS = 32 << 10;
  private static final int PAGE = 4096;

  private final Section file;
  private final MachineDescription machine;
  private final Map<String, RequesterId> names;
  private final List<DriverDescription> drivers = new ArrayList<>();

  private NativeFile(Section file, MachineFile.Named machine) {
    this.file = file;
    this.machine = machine.machine();
    this.names = machine.names();
  }

  /// What a driver is expected to do.
  private enum Kind {
    DISK,
    STRAY,
    COMPARE
  }

  /// Whether the platform in a file is one of these.
  public static boolean isNative(Path path) throws MachineFileException {
    return Section.read(path).section(NATIVE).isPresent();
  }

  /// Reads the platform in a file. Paths in it are relative to its folder.
  public static NativeDescription read(Path path) throws MachineFileException {
    return of(Section.read(path), Section.folderOf(path));
  }

  /// Reads a platform from text.
  ///
  /// @param name what messages call it
  /// @param folder what relative paths in it start from
  public static NativeDescription parse(String name, Path folder, String yaml)
      throws MachineFileException {
    return of(Section.parse(name, yaml), folder);
  }

  private static NativeDescription of(Section file, Path folder) throws MachineFileException {
    NativeDescription platform = new NativeFile(file, MachineFile.partOf(file, folder)).platform();
    file.end();
    return platform;
  }

  private NativeDescription platform() throws MachineFileException {
    requireMachine();
    Section section = file.section(NATIVE).orElseThrow(() -> file.wrong("\"native\" is missing"));
    long highBytes = section.value("high-memory", ByteSize::parse).orElse(0L);
    if (highBytes % HIGH_STEP != 0 || highBytes > MOST_HIGH_BYTES) {
      throw section.wrong("high-memory", "up to 64 GiB, in steps of 1 MiB");
    }
    for (Section driver : section.sections("drivers").orElse(List.of())) {
      drivers.add(driver(driver));
    }
    if (drivers.isEmpty()) {
      throw section.wrong("\"drivers\" is missing: at least one is needed");
    }
    section.end();
    return new NativeDescription(machine, highBytes, drivers, steps(highBytes));
  }

  private void requireMachine() throws MachineFileException {
    if (machine.units().size() != 1) {
      throw file.wrong("units", "a native platform has one unit, which covers all its devices");
    }
    if (!machine.remapsInterrupts()) {
      throw file.wrong(
          "units",
          "without interrupt remapping a device can forge interrupts: take a profile that has it,"
              + " such as scalable");
    }
    if (!machine.topology().requesters().isEmpty() || !machine.topology().reserved().isEmpty()) {
      throw file.wrong(
          "devices",
          "a native platform finds a driver by its device's requester ID, and has no firmware:"
              + " leave requester-id and reserved-memory out");
    }
    if (machine.memoryBytes() > HostMemory.MOST_BYTES) {
      throw file.wrong("memory", "up to 3 GiB; what is above 4 GiB is native.high-memory");
    }
  }

  private DriverDescription driver(Section section) throws MachineFileException {
    String name = section.required("name", NativeFile::name);
    if (drivers.stream().anyMatch(one -> one.name().equals(name))) {
      throw section.wrong("name", "there is a driver \"" + name + "\" already");
    }
    DriverDescription driver = section.required("device", text -> of(name, text));
    if (drivers.stream().anyMatch(one -> one.at().equals(driver.at()))) {
      throw section.wrong("device", driver.at() + " has a driver already");
    }
    section.end();
    return driver;
  }

  private DriverDescription of(String name, String deviceName) {
    RequesterId at = names.get(deviceName);
    DeviceDescription device =
        machine.devices().stream()
            .filter(one -> one.at().equals(at) || one.at().toString().equals(deviceName))
            .findFirst()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "there is no device \"%s\"; known here are %s"
                        .formatted(deviceName, String.join(", ", names.keySet()))));
    if (device.type() != Type.NVME && device.type() != Type.EDU || device.at().bus() != 0) {
      throw new IllegalArgumentException("there are drivers for nvme and edu devices on bus 0");
    }
    return new DriverDescription(name, deviceName, device);
  }

  private static String name(String text) {
    if (!NAME.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "\"%s\" is not a name: a small letter, then up to 30 small letters, digits and -"
              .formatted(text));
    }
    return text;
  }

  private List<Step> steps(long highBytes) throws MachineFileException {
    List<Step> steps = new ArrayList<>();
    for (Section section : file.sections("expect").orElse(List.of())) {
      Optional<List<Section>> together = section.sections("together");
      List<NativeExpectation> step = new ArrayList<>();
      for (Section one : together.orElse(List.of(section))) {
        step.add(expectation(one, highBytes));
        one.end();
      }
      section.end();
      steps.add(new Step(step));
    }
    return steps;
  }

  private NativeExpectation expectation(Section section, long highBytes)
      throws MachineFileException {
    Kind kind =
        section
            .choice("does", Kind.class)
            .orElseThrow(() -> section.wrong("\"does\" is missing: disk, stray or compare"));
    return switch (kind) {
      case DISK -> new Disk(driverOf(section, Type.NVME).name(), mebibytes(section));
      case STRAY -> stray(section);
      case COMPARE -> {
        DriverDescription driver = driverOf(section, Type.EDU);
        if (highBytes < 4 * MIB) {
          throw section.wrong("there is no high memory: set native.high-memory to 4M or more");
        }
        if (driver.addressBits() > 32) {
          throw section.wrong("driver", "its device reaches high memory: set its dma-bits to 32");
        }
        yield new Compare(driver.name(), mebibytes(section));
      }
    };
  }

  private Stray stray(Section section) throws MachineFileException {
    String driver = driverOf(section, Type.EDU).name();
    Bug bug =
        section
            .choice("bug", Bug.class)
            .orElseThrow(() -> section.wrong("\"bug\" is missing: overrun, after-unmap, …"));
    int offBy =
        switch (bug) {
          case OVERRUN -> section.number("bytes", 1, MOST_OVERRUN).orElse(512);
          case MISS_BEHIND -> section.number("bytes", 1, MOST_MISS).orElse(8192);
          case MISS_BEFORE -> section.number("bytes", PAGE, MOST_MISS).orElse(8192);
          case WRITE_READ_ONLY, AFTER_UNMAP -> 0;
        };
    return new Stray(driver, bug, offBy);
  }

  private DriverDescription driverOf(Section section, Type type) throws MachineFileException {
    DriverDescription driver = section.required("driver", this::driver);
    if (driver.device().type() != type) {
      throw section.wrong(
          "driver", "its device is of another type: only one of type %s does that".formatted(type));
    }
    return driver;
  }

  private DriverDescription driver(String name) {
    return drivers.stream()
        .filter(one -> one.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "there is no driver \"%s\"; known here are %s"
                    .formatted(
                        name,
                        String.join(
                            ", ", drivers.stream().map(DriverDescription::name).toList()))));
  }

  private static long mebibytes(Section section) throws MachineFileException {
    long bytes = section.required("bytes", ByteSize::parse);
    if (bytes < MIB || bytes % MIB != 0 || bytes > 1024 * MIB) {
      throw section.wrong("bytes", "1 MiB to 1 GiB, in steps of 1 MiB");
    }
    return bytes;
  }
}
