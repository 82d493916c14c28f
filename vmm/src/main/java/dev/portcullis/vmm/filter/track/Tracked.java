package dev.portcullis.vmm.filter.track;

import dev.portcullis.net.packet.Packet;

/// A packet, and what it is to the connections that were known when it came. Of one thread.
public final class Tracked {
  /// Which way a packet goes within its connection.
  enum Way {
    THERE,
    BACK
  }

  private final Packet packet;
  private final State state;
  private final FlowKey key;
  private final Way way;
  private Flow flow;

  /// @param key `null` for what opens nothing and belongs to nothing
  /// @param flow `null` for what may open one
  Tracked(Packet packet, State state, FlowKey key, Way way, Flow flow) {
    this.packet = packet;
    this.state = state;
    this.key = key;
    this.way = way;
    this.flow = flow;
  }

  static Tracked without(Packet packet, State state) {
    return new Tracked(packet, state, null, Way.THERE, null);
  }

  public State state() {
    return state;
  }

  Packet packet() {
    return packet;
  }

  FlowKey key() {
    return key;
  }

  Way way() {
    return way;
  }

  Flow flow() {
    return flow;
  }

  void belongsTo(Flow opened) {
    flow = opened;
  }
}
