package dev.portcullis.kit.driver;

import dev.portcullis.driver.DriverOptions;
import dev.portcullis.driver.RemappingDriver;
import dev.portcullis.driver.device.Device;
import dev.portcullis.driver.device.DeviceFeatures;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.kit.driver.DrivenPlatform.Reach;
import dev.portcullis.pci.PasidPrefix;
import java.util.ArrayList;
import java.util.List;

/// A unit that the driver has brought up, as scenarios see it.
public final class DrivenUnit {
  private static final long PAGE = 4096;

  private final DrivenPlatform platform;
  private final DriverOptions options;
  private final int sourceId;
  private RemappingDriver driver;

  /// @param sourceId a function that makes requests
  public DrivenUnit(DrivenPlatform platform, DriverOptions options, int sourceId)
      throws DriverException {
    this.platform = platform;
    this.options = options;
    this.sourceId = sourceId;
    this.driver = RemappingDriver.start(platform.platform(), options);
  }

  public RemappingDriver driver() {
    return driver;
  }

  public DrivenPlatform platform() {
    return platform;
  }

  /// Shuts the unit down and starts it anew.
  public void restart() throws DriverException {
    driver.shutDown();
    driver = RemappingDriver.start(platform.platform(), options);
  }

  /// The function that makes requests.
  public Device device() throws DriverException {
    return device(DeviceFeatures.NONE);
  }

  /// The function that makes requests.
  public Device device(DeviceFeatures features) throws DriverException {
    return driver.device(sourceId, features);
  }

  /// A page that nobody uses.
  public long page() throws DriverException {
    return platform.block(PAGE);
  }

  /// The function's write to `iova` ends at `hpa`, and so does its read.
  public void reaches(long iova, long hpa) throws DriverException {
    reachesWith(PasidPrefix.NONE, iova, hpa);
  }

  /// The same with `pasid`.
  public void reaches(int pasid, long iova, long hpa) throws DriverException {
    reachesWith(PasidPrefix.of(pasid), iova, hpa);
  }

  private void reachesWith(int prefix, long iova, long hpa) throws DriverException {
    writes(Reach.THERE, prefix, iova, hpa);
    reads(Reach.THERE, prefix, iova, hpa);
  }

  /// The function's write to `iova` is refused, and so is its read. `hpa` is where it must not end.
  public void isBlocked(long iova, long hpa) throws DriverException {
    isBlockedWith(PasidPrefix.NONE, iova, hpa);
  }

  /// The same with `pasid`.
  public void isBlocked(int pasid, long iova, long hpa) throws DriverException {
    isBlockedWith(PasidPrefix.of(pasid), iova, hpa);
  }

  private void isBlockedWith(int prefix, long iova, long hpa) throws DriverException {
    writes(Reach.BLOCKED, prefix, iova, hpa);
    reads(Reach.BLOCKED, prefix, iova, hpa);
  }

  /// The function's write to `iova` is refused. That it was need not be in the log, which some
  /// platforms need to know it of a read.
  public void mayNotWrite(long iova, long hpa) throws DriverException {
    writes(Reach.BLOCKED, PasidPrefix.NONE, iova, hpa);
  }

  /// The function may read at `iova`, and not write.
  public void mayOnlyRead(long iova, long hpa) throws DriverException {
    reads(Reach.THERE, PasidPrefix.NONE, iova, hpa);
    writes(Reach.BLOCKED, PasidPrefix.NONE, iova, hpa);
  }

  private void writes(Reach expected, int prefix, long iova, long hpa) throws DriverException {
    check("write", iova, expected, platform.write(sourceId, prefix, iova, hpa));
  }

  private void reads(Reach expected, int prefix, long iova, long hpa) throws DriverException {
    check("read", iova, expected, platform.read(sourceId, prefix, iova, hpa));
  }

  private void check(String what, long iova, Reach expected, Reach seen) throws DriverException {
    if (expected != seen) {
      List<Object> faults = new ArrayList<>();
      driver.faults().drain(faults::add);
      throw new AssertionError(
          "%s of %#x by %04x: expected %s, was %s; faults %s"
              .formatted(what, iova, sourceId, expected, seen, faults));
    }
  }

  /// What must hold holds.
  public static void demand(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("does not hold: " + what);
    }
  }
}
