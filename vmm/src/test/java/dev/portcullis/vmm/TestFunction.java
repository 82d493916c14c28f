package dev.portcullis.vmm;

import dev.portcullis.driver.device.DeviceFeatures;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.assign.HostFunction;

/// A function that counts its resets.
final class TestFunction implements HostFunction {
  private final RequesterId at;
  private Runnable onReset = () -> {};
  private int resets;

  TestFunction(String at) {
    this.at = RequesterId.parse(at);
  }

  void onReset(Runnable action) {
    onReset = action;
  }

  int resets() {
    return resets;
  }

  @Override
  public RequesterId at() {
    return at;
  }

  @Override
  public DeviceFeatures features() {
    return DeviceFeatures.NONE;
  }

  @Override
  public int messages() {
    return 3;
  }

  @Override
  public void reset() {
    resets++;
    onReset.run();
  }
}
