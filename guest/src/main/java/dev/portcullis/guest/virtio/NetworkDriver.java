package dev.portcullis.guest.virtio;

import dev.portcullis.guest.memory.OutOfMemoryException;
import dev.portcullis.guest.memory.PageAllocator;
import dev.portcullis.guest.pci.PciDevice;
import dev.portcullis.guest.pci.PciException;
import dev.portcullis.guest.port.GuestMachine;
import dev.portcullis.guest.port.InterruptVector;
import dev.portcullis.guest.port.MachineCheckException;
import dev.portcullis.guest.virtio.Ring.Events;
import dev.portcullis.net.Link;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/// Drives a virtio network card: a link that frames are sent to and come from. With a card that
/// offers several pairs of queues it uses two; the frames of one conversation go by one of them.
///
/// A device that breaks the rules, or says that it needs a reset, is reset and begun with anew.
///
/// @virtio 5.1 Network Device
public final class NetworkDriver implements Link, AutoCloseable {
  /// Vendor and device.
  public static final long ID = 0x1041_1af4L;

  private static final long MAC = 1L << 5;
  private static final long CTRL_VQ = 1L << 17;
  private static final long MQ = 1L << 22;
  private static final long MANY = MQ | CTRL_VQ | VirtioDevice.INDIRECT_DESC;
  private static final int MOST_PAIRS = 2;
  private static final int MAC_BYTES = 6;
  private static final int PAIRS = 8;
  private static final int CONFIG_BYTES = 10;
  private static final int GROUP = 1;
  private static final int LOCAL = 2;

  /// A device that breaks the rules more often than that is left alone.
  private static final int MOST_RESETS = 100;

  private static final int CONFIG_VECTOR = 0;

  private final PageAllocator memory;
  private final PciDevice pci;
  private final VirtioDevice device;
  private final List<InterruptVector> vectors = new ArrayList<>();
  private final byte[] mac;
  private final List<NetworkPair> pairs = new ArrayList<>();
  private ControlQueue control;
  private int active;
  private volatile Consumer<byte[]> receiver = frame -> {};
  private long received;
  private long sent;
  private long dropped;
  private int resets;
  private boolean working;
  private boolean closed;

  /// What has happened since the driver took the card.
  ///
  /// @param dropped frames that could not be sent, and those whose buffer made no sense
  /// @param resets how often the card had to be begun with anew
  public record Counts(long received, long sent, long dropped, int resets) {}

  /// Takes the card and has it work.
  ///
  /// @throws VirtioException if the card lacks what the driver needs
  public NetworkDriver(GuestMachine machine, PageAllocator memory, PciDevice pci)
      throws VirtioException {
    this.memory = memory;
    this.pci = pci;
    boolean taken = false;
    try {
      device = new VirtioDevice(machine.processor(), pci, CONFIG_BYTES);
      device.reset();
      int count = pairsToUse();
      for (int number = 0; number < count; number++) {
        pairs.add(new NetworkPair(machine.processor(), memory, number));
      }
      if (count > 1) {
        control = new ControlQueue(machine.processor(), memory);
      }
      pci.enableBusMaster();
      connect();
      mac = begin();
      taken = true;
    } catch (OutOfMemoryException | PciException e) {
      throw new VirtioException(pci + ": " + e.getMessage(), e);
    } catch (MachineCheckException e) {
      throw new VirtioException(pci + ": it is gone", e);
    } finally {
      if (!taken) {
        pci.disableBusMaster();
        giveBack();
      }
    }
  }

  /// Each pair has a vector of its own.
  private int pairsToUse() {
    int most = Math.min(MOST_PAIRS, pci.vectors() - 1);
    boolean many = (device.features() & MANY) == MANY;
    return Math.max(1, many ? Math.min(most, pairsOffered()) : 1);
  }

  private int pairsOffered() {
    return device.config(PAIRS + 1) << 8 | device.config(PAIRS);
  }

  /// With one vector only, all interrupts come by it.
  private void connect() throws PciException {
    vectors.add(pci.connect(CONFIG_VECTOR, this::configChanged));
    if (vector(0) != CONFIG_VECTOR) {
      for (NetworkPair pair : pairs) {
        vectors.add(pci.connect(vector(pair.number()), () -> receive(pair)));
      }
    }
  }

  private int vector(int pair) {
    return Math.min(1 + pair, pci.vectors() - 1);
  }

  /// Has the card work, whatever it did before.
  ///
  /// @return its address
  private synchronized byte[] begin() throws VirtioException {
    device.reset();
    boolean many = pairs.size() > 1;
    long features = device.negotiate(MAC | VirtioDevice.EVENT_IDX | (many ? MANY : 0));
    if (many && ((features & MANY) != MANY || pairsOffered() < pairs.size())) {
      throw new VirtioException(pci + ": it has fewer queues than before");
    }
    byte[] address = address(features);
    Events events = (features & VirtioDevice.EVENT_IDX) == 0 ? Events.FLAGS : Events.INDEX;
    device.configVector(CONFIG_VECTOR);
    for (NetworkPair pair : pairs) {
      pair.enable(device, vector(pair.number()), events);
    }
    if (many) {
      control.enable(device, 2 * pairsOffered());
    }
    device.ready();
    for (NetworkPair pair : pairs) {
      pair.begin();
    }
    active = many && control.usePairs(pairs.size()) ? pairs.size() : 1;
    working = true;
    return address;
  }

  /// One without an address of its own gets one.
  private byte[] address(long features) throws VirtioException {
    byte[] address = new byte[MAC_BYTES];
    if ((features & MAC) == 0) {
      ThreadLocalRandom.current().nextBytes(address);
      address[0] = (byte) (address[0] & ~GROUP | LOCAL);
      return address;
    }
    for (int i = 0; i < MAC_BYTES; i++) {
      address[i] = (byte) device.config(i);
    }
    if ((address[0] & GROUP) != 0) {
      throw new VirtioException(pci + ": its address is that of a group");
    }
    return address;
  }

  /// The card's address, 6 bytes.
  public byte[] mac() {
    return mac.clone();
  }

  @Override
  public void connect(Consumer<byte[]> to) {
    receiver = to;
  }

  /// Sends a frame, or drops it if the card does not keep up.
  @Override
  public synchronized void send(byte[] frame) {
    boolean gone = false;
    try {
      gone = working && NetworkPair.isLegal(frame) && pairFor(frame).send(frame);
    } catch (VirtioException e) {
      restart();
    } catch (MachineCheckException e) {
      giveUp();
    }
    if (gone) {
      sent++;
    } else {
      dropped++;
    }
  }

  private NetworkPair pairFor(byte[] frame) {
    return active == 1 ? pairs.getFirst() : pairs.get(Conversation.hash(frame) % active);
  }

  /// Frames are handed on outside of the lock: whoever takes them may send.
  private void receive(NetworkPair pair) {
    List<byte[]> frames = new ArrayList<>();
    while (takeFrames(pair, frames)) {
      frames.forEach(receiver);
      frames.clear();
    }
  }

  /// @return whether there may be more
  private synchronized boolean takeFrames(NetworkPair pair, List<byte[]> frames) {
    if (!working) {
      return false;
    }
    try {
      int malformed = pair.take(frames);
      dropped += malformed;
      received += frames.size();
      return malformed > 0 || !frames.isEmpty() || pair.awaitInterrupt();
    } catch (VirtioException e) {
      restart();
    } catch (MachineCheckException e) {
      giveUp();
    }
    return false;
  }

  private void configChanged() {
    synchronized (this) {
      try {
        if (working && (device.status() & VirtioDevice.NEEDS_RESET) != 0) {
          restart();
        }
      } catch (MachineCheckException e) {
        giveUp();
      }
    }
    if (vector(0) == CONFIG_VECTOR) {
      receive(pairs.getFirst());
    }
  }

  private void restart() {
    working = false;
    if (resets == MOST_RESETS) {
      giveUp();
      return;
    }
    resets++;
    try {
      begin();
    } catch (VirtioException | MachineCheckException e) {
      giveUp();
    }
  }

  /// One that is gone, or does not come back, stays so, and does nothing of its own.
  private void giveUp() {
    working = false;
    pci.disableBusMaster();
  }

  /// Whether the card works. One that does not drops all frames.
  public synchronized boolean isWorking() {
    return working;
  }

  /// What has happened until now.
  public synchronized Counts counts() {
    return new Counts(received, sent, dropped, resets);
  }

  /// Gives the card and its memory back.
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    working = false;
    try {
      device.reset();
    } catch (VirtioException | MachineCheckException e) {
      // It is broken, or was pulled out: without bus mastering it does nothing more.
    }
    pci.disableBusMaster();
    giveBack();
  }

  private void giveBack() {
    vectors.forEach(InterruptVector::close);
    pairs.forEach(pair -> pair.free(memory));
    if (control != null) {
      control.free(memory);
    }
  }
}
