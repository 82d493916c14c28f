package dev.portcullis.devices.net;

import dev.portcullis.devices.wire.Wire;
import dev.portcullis.net.Link;
import dev.portcullis.net.packet.Packet;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/// The switch in a shared card: it joins the wire, the physical function and the virtual ones.
///
/// ```
///             wire
///              |
///   +----------+----------+
///   |        switch       |
///   +--+-----+-----+---+--+
///      PF   VF 0  VF 1 ...
/// ```
///
/// It learns nothing: addresses of virtual functions are set. A frame for one of them in the same
/// virtual LAN goes there and nowhere else; for many stations, to all in that LAN; any other, to
/// the wire if it came from inside, to the physical function if it came from outside. The physical
/// function sends and receives tagged frames as they are. Takes no locks.
final class EmbeddedSwitch {
  private static final int TAG_AT = 12;
  private static final int TAG_BYTES = 4;
  private static final int TAG_TYPE = 0x8100;

  private final Link wire;
  private final long mac;
  private final Port physical = new Port();
  private final List<Port> virtual = new ArrayList<>();
  private final LongAdder refused = new LongAdder();

  /// A place where a function is plugged in.
  private static final class Port {
    private volatile Consumer<byte[]> function = frame -> {};
    private volatile VirtualPort settings;

    private void give(byte[] frame) {
      function.accept(frame);
    }
  }

  /// @param mac the physical function's address
  /// @param ports what each virtual function may be, at first
  EmbeddedSwitch(Link wire, long mac, List<VirtualPort> ports) {
    this.wire = wire;
    this.mac = mac;
    for (VirtualPort settings : ports) {
      Port port = new Port();
      port.settings = settings;
      virtual.add(port);
    }
    wire.connect(this::fromWire);
  }

  /// Where the physical function is plugged in. It owns the wire.
  Wire physical() {
    return new Wire() {
      @Override
      public void connect(Consumer<byte[]> receiver) {
        physical.function = receiver;
      }

      @Override
      public void send(byte[] frame) {
        fromInside(physical, frame, vlanOf(Packet.of(frame)));
      }

      @Override
      public void close() {
        if (wire instanceof Wire outside) {
          outside.close();
        }
      }
    };
  }

  /// Where a virtual function is plugged in.
  Link virtual(int index) {
    Port port = virtual.get(index);
    return new Link() {
      @Override
      public void connect(Consumer<byte[]> receiver) {
        port.function = receiver;
      }

      @Override
      public void send(byte[] frame) {
        fromVirtual(port, frame);
      }
    };
  }

  void configure(int index, VirtualPort settings) {
    virtual.get(index).settings = settings;
  }

  VirtualPort settings(int index) {
    return virtual.get(index).settings;
  }

  /// Frames of virtual functions that had an address or a tag that they may not send with.
  long refused() {
    return refused.sum();
  }

  /// The virtual LAN of a frame; 0 without tag, and for one that says a priority only.
  private static int vlanOf(Packet packet) {
    return packet.tags() > 0 ? packet.vlanId() : 0;
  }

  private void fromVirtual(Port port, byte[] frame) {
    VirtualPort settings = port.settings;
    Packet packet = Packet.of(frame);
    boolean allowed =
        packet.isEthernet()
            && vlanOf(packet) == 0
            && (settings.sources() == VirtualPort.Sources.ANY || packet.source() == settings.mac());
    if (!allowed) {
      refused.increment();
      return;
    }
    byte[] tagged = settings.vlan() == 0 ? frame : tagged(frame, packet, settings.vlan());
    fromInside(port, tagged, settings.vlan());
  }

  /// A priority tag becomes that of the virtual LAN.
  private static byte[] tagged(byte[] frame, Packet packet, int vlan) {
    byte[] plain = packet.tags() > 0 ? untagged(frame) : frame;
    int priority = packet.tags() > 0 ? packet.vlanPriority() : 0;
    ByteBuffer out = ByteBuffer.allocate(plain.length + TAG_BYTES);
    out.put(plain, 0, TAG_AT).putShort((short) TAG_TYPE);
    out.putShort((short) (priority << 13 | vlan));
    return out.put(plain, TAG_AT, plain.length - TAG_AT).array();
  }

  private static byte[] untagged(byte[] frame) {
    byte[] plain = new byte[frame.length - TAG_BYTES];
    System.arraycopy(frame, 0, plain, 0, TAG_AT);
    System.arraycopy(frame, TAG_AT + TAG_BYTES, plain, TAG_AT, plain.length - TAG_AT);
    return plain;
  }

  private void fromInside(Port from, byte[] frame, int vlan) {
    Packet packet = Packet.of(frame);
    if (packet.isForMany()) {
      flood(from, frame, vlan);
      if (from != physical) {
        physical.give(frame);
      }
      wire.send(frame);
      return;
    }
    Port to = find(packet.destination(), vlan);
    if (to != null) {
      if (to != from) {
        give(to, frame);
      }
    } else if (packet.destination() == mac && from != physical) {
      physical.give(frame);
    } else {
      wire.send(frame);
    }
  }

  private void fromWire(byte[] frame) {
    Packet packet = Packet.of(frame);
    int vlan = vlanOf(packet);
    Port to = packet.isForMany() ? null : find(packet.destination(), vlan);
    if (to != null) {
      give(to, frame);
      return;
    }
    if (packet.isForMany()) {
      flood(physical, frame, vlan);
    }
    physical.give(frame);
  }

  private Port find(long mac, int vlan) {
    for (Port port : virtual) {
      VirtualPort settings = port.settings;
      if (settings.mac() == mac && settings.vlan() == vlan) {
        return port;
      }
    }
    return null;
  }

  private void flood(Port from, byte[] frame, int vlan) {
    for (Port port : virtual) {
      if (port != from && port.settings.vlan() == vlan) {
        give(port, frame);
      }
    }
  }

  /// A virtual function does not see the tag of its virtual LAN.
  private static void give(Port port, byte[] frame) {
    boolean isTagged = port.settings.vlan() != 0 && Packet.of(frame).tags() > 0;
    port.give(isTagged ? untagged(frame) : frame);
  }
}
