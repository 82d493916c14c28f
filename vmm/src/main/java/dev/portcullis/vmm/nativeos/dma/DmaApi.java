package dev.portcullis.vmm.nativeos.dma;

import dev.portcullis.driver.port.DriverException;

/// What an operating system offers a driver whose device is to reach memory.
public interface DmaApi {

  /// Lets the device reach a buffer.
  ///
  /// @param name what people call it
  /// @param hpa where it is, anywhere in memory
  /// @throws DriverException if no addresses or pages are left
  DmaBuffer map(String name, long hpa, long bytes, Direction direction) throws DriverException;

  /// The device is done with it. When it returns, what the device has written is there.
  void unmap(DmaBuffer buffer) throws DriverException;
}
