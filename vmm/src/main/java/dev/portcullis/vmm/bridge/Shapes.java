package dev.portcullis.vmm.bridge;

import dev.portcullis.net.packet.EtherType;
import dev.portcullis.net.packet.Packet;
import java.nio.ByteBuffer;

/// A frame with and without the tag of its virtual LAN; each is made when it is first wanted, and
/// never for a frame that leaves as it came.
final class Shapes {
  private static final int TAG_AT = 12;
  private static final int PRIORITY = 0xf000;

  private final byte[] arrived;
  private final int tag;
  private final int vlanId;
  private byte[] tagged;
  private byte[] plain;

  /// @param vlanId which LAN it belongs to
  Shapes(Packet packet, int vlanId) {
    this.arrived = packet.frame();
    this.vlanId = vlanId;
    ByteBuffer bytes = ByteBuffer.wrap(arrived);
    if (isTagged(packet)) {
      int was = bytes.getShort(TAG_AT + 2) & 0xffff;
      tag = was & PRIORITY | vlanId;
      tagged = tag == was ? arrived : null;
    } else {
      tag = vlanId;
      plain = arrived;
    }
  }

  private static boolean isTagged(Packet packet) {
    return packet.tags() > 0 && packet.outerType() == EtherType.VLAN;
  }

  /// The id in the tag of an arriving frame; 0 if there is none. Tags of service providers are
  /// nothing to a bridge of customers: they are data.
  static int idIn(Packet packet) {
    return isTagged(packet) ? packet.vlanId() : Vlans.NONE;
  }

  /// As it leaves by a port.
  byte[] at(Vlans vlans) {
    return vlans.tags(vlanId) ? tagged() : plain();
  }

  private byte[] tagged() {
    if (tagged == null) {
      byte[] bare = plain();
      ByteBuffer made = ByteBuffer.allocate(bare.length + Packet.TAG_BYTES);
      made.put(bare, 0, TAG_AT).putShort((short) EtherType.VLAN).putShort((short) tag);
      tagged = made.put(bare, TAG_AT, bare.length - TAG_AT).array();
    }
    return tagged;
  }

  private byte[] plain() {
    if (plain == null) {
      ByteBuffer made = ByteBuffer.allocate(arrived.length - Packet.TAG_BYTES);
      int rest = TAG_AT + Packet.TAG_BYTES;
      plain = made.put(arrived, 0, TAG_AT).put(arrived, rest, arrived.length - rest).array();
    }
    return plain;
  }
}
