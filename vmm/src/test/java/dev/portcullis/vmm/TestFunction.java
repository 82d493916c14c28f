package dev.portcullis.vmm;

import dev.portcullis.driver.device.DeviceFeatures;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.assign.HostFunction;
import java.util.List;

/// A function that counts its resets.
final class TestFunction implements HostFunction {
  private final RequesterId at;
  private RequesterId requester;
  private List<RequesterId> companions = List.of();
  private Runnable onReset = () -> {};
  private int resets;

  TestFunction(String at) {
    this.at = RequesterId.parse(at);
    this.requester = this.at;
  }

  /// Has its requests carry another's place.
  TestFunction sending(String id) {
    requester = RequesterId.parse(id);
    return this;
  }

  /// Has it be one that cannot be kept apart from `others`.
  TestFunction with(RequesterId... others) {
    companions = List.of(others);
    return this;
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
  public RequesterId requester() {
    return requester;
  }

  @Override
  public List<RequesterId> companions() {
    return companions;
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
