package dev.portcullis.devices.wire;

import dev.portcullis.net.Link;

/// A wire that leads out of the machine: it holds threads and files, and is given up together with
/// the card it is plugged into.
public interface Wire extends Link, AutoCloseable {

  /// Gives up threads and files for good; what is sent afterwards is lost.
  @Override
  void close();
}
