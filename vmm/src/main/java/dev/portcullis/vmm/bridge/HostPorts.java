package dev.portcullis.vmm.bridge;

import dev.portcullis.net.Link;
import dev.portcullis.vmm.VmmException;

/// Ports of a bridge for hosts of whoever owns it. They outlive a restart of the bridge.
public interface HostPorts {

  /// Plugs a host's link in, now and whenever the bridge begins.
  ///
  /// @throws VmmException if there is a port of that name
  void attach(String name, Link link) throws VmmException;

  /// Unplugs it for good.
  void detach(String name);
}
