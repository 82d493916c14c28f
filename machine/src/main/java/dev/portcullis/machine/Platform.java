package dev.portcullis.machine;

import dev.portcullis.linux.LinuxException;
import dev.portcullis.machine.description.DeviceDescription;
import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.machine.description.UnitDescription;
import dev.portcullis.machine.firmware.DmarBuilder;
import dev.portcullis.machine.firmware.RegisterWindow;
import dev.portcullis.machine.wiring.HiddenUnitFunction;
import dev.portcullis.machine.wiring.InterruptSink;
import dev.portcullis.machine.wiring.RootComplex;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.pci.IntxLine;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.pci.Sriov;
import dev.portcullis.pci.UpstreamPort;
import dev.portcullis.spec.dmar.DmarTable;
import dev.portcullis.unit.RemappingUnit;
import dev.portcullis.unit.Statistics;
import dev.portcullis.vfiouser.server.Endpoint;
import dev.portcullis.vfiouser.server.VfioUserServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// The functions of a machine at work: each served at a socket of its own, devices behind their
/// units.
///
/// ```
///   device ── port ──▶ root complex ──▶ unit ──▶ memory of the device's connection
///                                        │
///                                        └─────▶ interrupt sink ──▶ a connection's message
/// ```
///
/// It outlives the virtual machines that connect: when one is gone, the next finds disks and
/// registers as they were left.
public final class Platform implements AutoCloseable {
  private final MachineDescription machine;
  private final Path folder;
  private final RootComplex complex = new RootComplex();
  private final InterruptSink interrupts = new InterruptSink();
  private final RegisterPlaces places = new RegisterPlaces();
  private final List<UnitStation> units = new ArrayList<>();
  private final List<Station> devices = new ArrayList<>();
  private final Map<String, RemappingUnit> unitsById = new HashMap<>();

  private Platform(MachineDescription machine, Path folder) {
    this.machine = machine;
    this.folder = folder;
  }

  /// Puts `machine` together and begins to serve it.
  ///
  /// @param folder for sockets, and for disks whose file nobody named; must exist
  /// @throws PlatformException if a disk cannot be opened or a socket not be served, or a unit
  ///   waits for flushes
  public static Platform open(MachineDescription machine, Path folder) throws PlatformException {
    OutsideSoftware.check(machine);
    Platform platform = new Platform(machine, folder);
    try {
      for (UnitDescription unit : machine.units()) {
        platform.add(unit);
      }
      DeviceMaker maker = new DeviceMaker(folder, Optional.empty());
      for (DeviceDescription device : machine.devices()) {
        platform.add(device, maker);
      }
      return platform;
    } catch (PlatformException refused) {
      platform.close();
      throw refused;
    }
  }

  private void add(UnitDescription description) throws PlatformException {
    MemoryMap memory = new MemoryMap();
    RemappingUnit unit =
        new RemappingUnit(description.configuration(), memory, interrupts::deliver);
    HiddenUnitFunction function = new HiddenUnitFunction(unit);
    function.onPlaced(base -> places.put(description.id(), base));
    unitsById.put(description.id(), unit);
    Station station = serve(description.at(), "unit " + description.id(), function, memory, unit);
    units.add(new UnitStation(description, function, station));
  }

  private void add(DeviceDescription description, DeviceMaker maker) throws PlatformException {
    if (description.at().function() != 0) {
      throw new PlatformException(
          description.at()
              + " is not function 0 of its device, and QEMU is shown no others: give it a device"
              + " number of its own");
    }
    MemoryMap memory = new MemoryMap();
    PciFunction function = maker.make(machine, description, memory);
    if (function.capabilities().stream().anyMatch(Sriov.class::isInstance)) {
      function.close();
      throw new PlatformException(
          description.at()
              + " has virtual functions, which QEMU cannot show its guest: leave virtual-functions"
              + " out");
    }
    RemappingUnit unit = unitsById.get(description.unit());
    RequesterId requester = machine.topology().requesterOf(description.at());
    complex.cover(description.at(), requester, unit);
    complex.plug(description.at(), function);
    String name = description.type().name().toLowerCase(Locale.ROOT).replace('_', '-');
    Station station = serve(description.at(), name, function, memory, unit);
    VfioUserServer server = station.server();
    function.connect(
        complex.portOf(requester, memory, interrupts.preferring(server::postMessage)),
        server.intx());
    interrupts.add(station.gate());
    devices.add(station);
  }

  private Station serve(
      RequesterId at, String name, PciFunction function, MemoryMap memory, RemappingUnit unit)
      throws PlatformException {
    Path socket = folder.resolve(at.toString().replace(':', '-') + ".sock");
    try {
      Endpoint endpoint = Endpoint.of(at, function, memory).with(unit.inFlight()::drain);
      return new Station(at, name, function, memory, VfioUserServer.listen(socket, endpoint));
    } catch (LinuxException e) {
      function.close();
      throw new PlatformException(
          "cannot serve " + at + " at " + socket + ": " + e.getMessage(), e);
    }
  }

  /// What this machine is.
  public MachineDescription machine() {
    return machine;
  }

  /// The units, in the order of the description.
  public List<UnitStation> units() {
    return List.copyOf(units);
  }

  /// The devices, in the order of the description.
  public List<Station> devices() {
    return List.copyOf(devices);
  }

  /// All functions, those of the units first.
  public List<Station> stations() {
    List<Station> all = new ArrayList<>();
    units.forEach(unit -> all.add(unit.station()));
    all.addAll(devices);
    return all;
  }

  /// Waits until the firmware of a virtual machine has placed the registers of all units.
  ///
  /// @return where, by the unit's id; incomplete if `limit` passed before
  public Map<String, Long> awaitPlacement(Duration limit) throws InterruptedException {
    return places.await(units.size(), limit);
  }

  /// Where the registers of the units are, as far as firmware has placed them.
  public Map<String, Long> placement() {
    return places.snapshot();
  }

  /// Forgets where firmware has placed registers: another firmware is about to.
  public void forgetPlacement() {
    places.clear();
  }

  /// Calls `listener`, on a thread that serves a unit, whenever firmware has placed registers.
  public void onPlacement(Consumer<Map<String, Long>> listener) {
    places.listen(listener);
  }

  /// The ids of the units.
  public Set<String> unitIds() {
    return Set.copyOf(unitsById.keySet());
  }

  /// The DMAR table of this machine when the units' registers are at `bases`.
  public DmarTable dmar(Map<String, Long> bases) {
    Map<String, RegisterWindow> windows = new HashMap<>();
    for (UnitStation unit : units) {
      long sizeBytes = unit.unit().registerWindowBytes();
      windows.put(unit.id(), new RegisterWindow(bases.get(unit.id()), sizeBytes));
    }
    return DmarBuilder.build(machine, windows);
  }

  /// What has happened since the platform was opened.
  public PlatformStatistics statistics() {
    Map<String, Statistics> byUnit = new HashMap<>();
    unitsById.forEach((id, unit) -> byUnit.put(id, unit.statistics()));
    return new PlatformStatistics(
        byUnit,
        complex.blocked().count(),
        complex.blocked().newest(),
        interrupts.delivered(),
        interrupts.lost());
  }

  /// Stops serving, and gives up threads and files.
  @Override
  public void close() {
    // A device first loses its clients, then its threads: nobody drives it while it closes.
    for (Station station : stations().reversed()) {
      station.server().close();
      station.function().connect(UpstreamPort.unplugged(), IntxLine.unconnected());
      station.function().close();
    }
  }
}
