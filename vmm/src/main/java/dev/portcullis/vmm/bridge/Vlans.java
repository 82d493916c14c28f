package dev.portcullis.vmm.bridge;

import java.util.BitSet;
import java.util.OptionalInt;
import java.util.Set;

/// Which virtual LANs a port is in, and what of their frames carries a tag there: as Linux's bridge
/// with VLAN filtering.
///
/// A frame without a tag, or with a priority tag, belongs to the port's own LAN; one with a tag to
/// the tag's. A frame leaves with a tag, but for those of the port's own LAN.
public final class Vlans {
  public static final int LOWEST = 1;
  public static final int HIGHEST = 4094;

  /// Not a virtual LAN.
  static final int NONE = 0;

  /// What a port is in of which nothing is said: LAN 1, without tags.
  public static final Vlans DEFAULT = access(1);

  private final int own;
  private final BitSet allowed;

  private Vlans(int own, BitSet allowed) {
    this.own = own;
    this.allowed = allowed;
  }

  /// A port of one LAN, whose stations know nothing of tags.
  public static Vlans access(int id) {
    return new Vlans(id, bits(Set.of(id)));
  }

  /// A port of several LANs, all of whose frames carry tags; those without are dropped.
  public static Vlans trunk(Set<Integer> ids) {
    return new Vlans(NONE, bits(ids));
  }

  /// A port of several LANs; frames of one of them, `own`, carry no tag.
  public static Vlans trunk(Set<Integer> ids, int own) {
    BitSet allowed = bits(ids);
    allowed.or(bits(Set.of(own)));
    return new Vlans(own, allowed);
  }

  private static BitSet bits(Set<Integer> ids) {
    BitSet bits = new BitSet();
    for (int id : ids) {
      if (id < LOWEST || id > HIGHEST) {
        throw new IllegalArgumentException("virtual LAN " + id);
      }
      bits.set(id);
    }
    return bits;
  }

  /// The LAN that frames without a tag belong to.
  public OptionalInt own() {
    return own == NONE ? OptionalInt.empty() : OptionalInt.of(own);
  }

  /// Whether frames of a LAN may come and go here.
  public boolean contains(int id) {
    return allowed.get(id);
  }

  /// The LAN that an arriving frame belongs to, or [#NONE] if it may not come in.
  ///
  /// @param tag the id in its tag; 0 if it has none, or one that says its priority alone
  int of(int tag) {
    int id = tag == NONE ? own : tag;
    return id != NONE && allowed.get(id) ? id : NONE;
  }

  /// Whether frames of a LAN leave with a tag.
  boolean tags(int id) {
    return id != own;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Vlans that && own == that.own && allowed.equals(that.allowed);
  }

  @Override
  public int hashCode() {
    return 31 * own + allowed.hashCode();
  }

  @Override
  public String toString() {
    return own == NONE ? "tagged " + allowed : "own " + own + " of " + allowed;
  }
}
