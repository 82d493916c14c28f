package dev.portcullis.devices.net;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;

/// The commands of a network card's control queue.
///
/// ```
///  class 0 receive mode: 0 promiscuous, 1 all groups      then one byte: off or on
///  class 1 addresses:    0 the list, 1 the card's own     then two lists, or six bytes
///  class 2 virtual LANs: 0 add, 1 remove                  then 16 bits
///  class 4 queue pairs:  0 how many to receive from       then 16 bits
/// ```
///
/// @virtio 5.1 Network Device
final class CardCommands implements Control.Commands {
  private static final int RECEIVE_MODE = 0;
  private static final int ADDRESSES = 1;
  private static final int VLANS = 2;
  private static final int PAIRS = 4;
  private static final int MAC_BYTES = 6;
  private static final int MOST_VLANS = 4096;
  private static final long GROUP = 1L << 40;

  /// Who is commanded.
  interface Card {
    boolean isAccepted(long feature);

    void refilter(UnaryOperator<ReceiveFilter> change);
  }

  private final Card card;
  private final IntPredicate activate;

  /// @param activate sets the number of pairs to receive from, or says that there are not so many
  CardCommands(Card card, IntPredicate activate) {
    this.card = card;
    this.activate = activate;
  }

  @Override
  public boolean carryOut(ByteBuffer in) {
    int kind = in.get() & 0xff;
    int command = in.get() & 0xff;
    return switch (kind) {
      case RECEIVE_MODE -> card.isAccepted(VirtioNet.CTRL_RX) && receiveMode(command, in);
      case ADDRESSES -> addresses(command, in);
      case VLANS -> card.isAccepted(VirtioNet.CTRL_VLAN) && vlan(command, in);
      case PAIRS ->
          card.isAccepted(VirtioNet.MQ)
              && command == 0
              && in.remaining() == 2
              && activate.test(in.getShort() & 0xffff);
      default -> false;
    };
  }

  private boolean receiveMode(int command, ByteBuffer in) {
    if (in.remaining() != 1 || command > 1) {
      return false;
    }
    boolean on = in.get() != 0;
    card.refilter(
        filter -> command == 0 ? filter.withPromiscuous(on) : filter.withAllMulticast(on));
    return true;
  }

  private boolean addresses(int command, ByteBuffer in) {
    if (command == 1) {
      return card.isAccepted(VirtioNet.CTRL_MAC_ADDR) && ownAddress(in);
    }
    Set<Long> listed = new HashSet<>();
    boolean sound =
        command == 0
            && card.isAccepted(VirtioNet.CTRL_RX)
            && takeList(in, listed)
            && takeList(in, listed)
            && !in.hasRemaining();
    if (sound) {
      card.refilter(filter -> filter.withAddresses(listed));
    }
    return sound;
  }

  private boolean ownAddress(ByteBuffer in) {
    if (in.remaining() != MAC_BYTES) {
      return false;
    }
    long mac = takeMac(in);
    if (mac == 0 || (mac & GROUP) != 0) {
      return false;
    }
    card.refilter(filter -> filter.withMac(mac));
    return true;
  }

  /// A list is a count, 32 bits, and as many addresses.
  private static boolean takeList(ByteBuffer in, Set<Long> into) {
    if (in.remaining() < Integer.BYTES) {
      return false;
    }
    long count = in.getInt() & 0xffff_ffffL;
    if (count * MAC_BYTES > in.remaining()) {
      return false;
    }
    for (long i = 0; i < count; i++) {
      into.add(takeMac(in));
    }
    return true;
  }

  private static long takeMac(ByteBuffer in) {
    long mac = 0;
    for (int i = 0; i < MAC_BYTES; i++) {
      mac = mac << 8 | in.get() & 0xff;
    }
    return mac;
  }

  private boolean vlan(int command, ByteBuffer in) {
    if (in.remaining() != 2 || command > 1) {
      return false;
    }
    int id = in.getShort() & 0xffff;
    if (id < MOST_VLANS) {
      card.refilter(filter -> filter.withVlan(id, command == 0));
    }
    return id < MOST_VLANS;
  }
}
