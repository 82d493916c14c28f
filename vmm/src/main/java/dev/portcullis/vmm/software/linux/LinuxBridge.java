package dev.portcullis.vmm.software.linux;

/// A services partition that is a Linux: its own bridge between all network cards.
public final class LinuxBridge {
  private LinuxBridge() {}

  /// What makes a bridge of a guest that has just booted.
  public static String setUp() {
    return """
    brctl addbr br0
    for card in /sys/class/net/eth*; do
      brctl addif br0 ${card##*/}
      ip link set ${card##*/} up
    done
    ip link set br0 up
    """;
  }
}
