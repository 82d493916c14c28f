package dev.portcullis.net.pcapng;

/// Which way a frame went, as seen from the interface it was captured at. In the order of the
/// format's numbers.
public enum Direction {
  UNKNOWN,
  INBOUND,
  OUTBOUND
}
