package dev.portcullis.guest.nvme;

import dev.portcullis.guest.nvme.QueuePair.Completion;
import dev.portcullis.guest.nvme.QueuePair.NoAnswerException;
import dev.portcullis.guest.nvme.QueuePair.Place;
import dev.portcullis.guest.pci.PciDevice;
import dev.portcullis.guest.pci.PciException;
import dev.portcullis.guest.port.InterruptVector;
import dev.portcullis.guest.port.Processor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// One life of a controller, from when it is enabled until it is stopped: its queue pairs and their
/// interrupts. Pair 0 is the administrator's, the others are for data.
final class Session {
  /// Pairs for data, at most.
  private static final int MOST_DATA_PAIRS = 2;

  /// Two pages a pair, and one for what identify commands tell.
  static final int MEMORY_PAGES = 2 * (MOST_DATA_PAIRS + 1) + 1;

  static final int NAMESPACE = 1;

  private static final int PAGE = 4096;
  private static final int NUMBER_OF_QUEUES = 7;
  private static final int LEAST_BLOCK_LOG2 = 9;
  private static final int MOST_BLOCK_LOG2 = 12;
  private static final int NO_LIMIT_LOG2 = 30;

  private final Processor processor;
  private final PciDevice pci;
  private final ControllerRegisters registers;
  private final long memory;
  private final long limitMillis;
  private final List<QueuePair> pairs = new ArrayList<>();
  private final List<InterruptVector> vectors = new ArrayList<>();
  private Geometry geometry;

  /// What the disk looks like.
  ///
  /// @param mostBytes what a command may move
  record Geometry(int blockBytes, long blocks, long mostBytes) {}

  /// @param memory guest physical address of 7 pages
  /// @param limitMillis how long an answer may take
  Session(
      Processor processor,
      PciDevice pci,
      ControllerRegisters registers,
      long memory,
      long limitMillis) {
    this.processor = processor;
    this.pci = pci;
    this.registers = registers;
    this.memory = memory;
    this.limitMillis = limitMillis;
  }

  /// Has the controller, which is stopped, work.
  ///
  /// @throws NvmeException if it lacks what the driver needs, or does not answer
  /// @nvme 7.6.1 Initialization
  void start() throws NvmeException {
    MemorySegment zeroes = MemorySegment.ofArray(new byte[MEMORY_PAGES * PAGE]);
    processor.write(memory, zeroes, 0, zeroes.byteSize());
    pci.enableBusMaster();
    for (int number = 0; number <= MOST_DATA_PAIRS; number++) {
      long at = memory + 2L * number * PAGE;
      Place place = new Place(number, at, at + PAGE, registers.queueEntries());
      pairs.add(new QueuePair(processor, registers, place));
    }
    connect();
    Place admin = pairs.getFirst().place();
    registers.enable(admin.submission(), admin.completion(), admin.entries());
    long most = mostBytes();
    geometry = geometry(most);
    int granted = grantedPairs();
    while (pairs.size() > granted + 1) {
      pairs.removeLast();
    }
    for (QueuePair pair : pairs.subList(1, pairs.size())) {
      create(pair.place());
    }
  }

  /// Gives each pair a vector, as far as there are enough. Without any, the driver looks by itself.
  private void connect() throws NvmeException {
    int count = Math.min(pci.vectors(), pairs.size());
    for (int vector = 0; vector < count; vector++) {
      List<QueuePair> served = new ArrayList<>();
      for (QueuePair pair : pairs) {
        if (vector(pair.place().number()) == vector) {
          served.add(pair);
        }
      }
      try {
        vectors.add(pci.connect(vector, () -> served.forEach(QueuePair::interrupted)));
      } catch (PciException e) {
        throw new NvmeException(e.getMessage(), e);
      }
    }
  }

  private int vector(int pair) {
    return Math.min(pair, Math.max(0, pci.vectors() - 1));
  }

  private long page() {
    return memory + (MEMORY_PAGES - 1L) * PAGE;
  }

  /// @nvme 5.15 Identify command
  private void identify(int namespace, int structure) throws NvmeException {
    demand(Command.admin(Command.IDENTIFY, namespace, page(), structure), "identify itself");
  }

  private long mostBytes() throws NvmeException {
    identify(0, 1);
    int limit = (int) processor.load(page() + 77, 1);
    return limit == 0 || limit + registers.leastPageLog2() > NO_LIMIT_LOG2
        ? 1L << NO_LIMIT_LOG2
        : 1L << limit + registers.leastPageLog2();
  }

  private Geometry geometry(long mostBytes) throws NvmeException {
    identify(NAMESPACE, 0);
    long count = processor.load(page(), 8);
    int format = (int) processor.load(page() + 26, 1) & 0xf;
    long layout = processor.load(page() + 128 + 4L * format, 4);
    int log2 = (int) (layout >>> 16 & 0xff);
    if (log2 < LEAST_BLOCK_LOG2 || log2 > MOST_BLOCK_LOG2 || count <= 0 || count >= 1L << 47) {
      throw new NvmeException(
          "%s: %d blocks of 2^%d bytes make no disk".formatted(pci, count, log2));
    }
    if ((layout & 0xffff) != 0) {
      throw new NvmeException(pci + ": its blocks come with metadata");
    }
    return new Geometry(1 << log2, count, mostBytes);
  }

  /// How many pairs for data the controller lets it have, at most as many as it asks for.
  ///
  /// @nvme 5.21.1 Feature Specific Information
  private int grantedPairs() throws NvmeException {
    long wanted = MOST_DATA_PAIRS - 1L;
    long asked = NUMBER_OF_QUEUES | (wanted << 16 | wanted) << 32;
    Command command = Command.admin(Command.SET_FEATURES, 0, 0, asked);
    long granted = demand(command, "give queues").result();
    long pairs = Math.min(granted & 0xffff, granted >>> 16 & 0xffff) + 1;
    return (int) Math.min(MOST_DATA_PAIRS, pairs);
  }

  private void create(Place place) throws NvmeException {
    long size = (place.entries() - 1L) << 16 | place.number();
    int interrupts = vectors.isEmpty() ? 1 : vector(place.number()) << 16 | 3;
    demand(
        Command.admin(
            Command.CREATE_COMPLETION_QUEUE, 0, place.completion(), size | (long) interrupts << 32),
        "create a completion queue");
    demand(
        Command.admin(
            Command.CREATE_SUBMISSION_QUEUE,
            0,
            place.submission(),
            size | ((long) place.number() << 16 | 1) << 32),
        "create a submission queue");
  }

  private Completion demand(Command command, String what) throws NvmeException {
    Completion completion;
    try {
      completion = pairs.getFirst().execute(command, limitMillis);
    } catch (NoAnswerException e) {
      throw new NvmeException("%s: told to %s, %s".formatted(pci, what, e.getMessage()), e);
    }
    if (!completion.isSuccess()) {
      throw new NvmeException(
          "%s: it does not %s: status %03xh".formatted(pci, what, completion.status() & 0x7ff),
          completion.status());
    }
    return completion;
  }

  Geometry geometry() {
    return geometry;
  }

  /// Carries out a command on the calling thread's pair.
  Completion execute(Command command) throws NoAnswerException {
    int pair = 1 + (int) (Thread.currentThread().threadId() % (pairs.size() - 1));
    return pairs.get(pair).execute(command, limitMillis);
  }

  /// Answers to nothing that was asked.
  long strays() {
    return pairs.stream().mapToLong(QueuePair::strays).sum();
  }

  /// Gives up: those who wait for an answer get none. The controller itself is stopped by who calls
  /// this.
  void end() {
    pairs.forEach(QueuePair::kill);
    vectors.forEach(InterruptVector::close);
    vectors.clear();
  }
}
