package dev.portcullis.kit.driver;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.Platform;

/// A unit to be driven, with memory and devices behind it: what a scenario needs. One is our unit
/// in this process, another may be one in a virtual machine.
public interface DrivenPlatform {

  /// Registers, memory and pages for the driver.
  Platform platform();

  /// Memory that nobody uses, all zero.
  ///
  /// @param bytes a power of two from 4 KiB to 2 MiB; its address is a multiple of it
  long block(long bytes) throws DriverException;

  /// Has function `sourceId` write at `iova`, 8-byte aligned, and tells what became of it.
  ///
  /// @param prefix a [dev.portcullis.pci.PasidPrefix], or none
  /// @param hpa where the write should end, if it is let through
  Reach write(int sourceId, int prefix, long iova, long hpa) throws DriverException;

  /// Has function `sourceId` read at `iova`, 8-byte aligned, and tells what became of it.
  ///
  /// @param prefix a [dev.portcullis.pci.PasidPrefix], or none
  /// @param hpa where the read should end, if it is let through
  Reach read(int sourceId, int prefix, long iova, long hpa) throws DriverException;

  /// What became of a request.
  enum Reach {
    /// It ended where it should.
    THERE,
    /// It ended elsewhere.
    ELSEWHERE,
    /// The unit refused it.
    BLOCKED
  }
}
