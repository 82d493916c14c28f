package dev.portcullis.vmm.iomodel;

import dev.portcullis.vmm.iomodel.Measurement.Work;
import java.util.function.DoubleConsumer;

/// What the software of the partition does with its device.
interface Trial extends AutoCloseable {

  /// Moves `bytes` bytes to the device and back.
  ///
  /// @param progress told now and then how much is done: 0 to 1
  /// @throws Exception if the device does not do its part
  Work work(long bytes, DoubleConsumer progress) throws Exception;

  @Override
  void close();
}
