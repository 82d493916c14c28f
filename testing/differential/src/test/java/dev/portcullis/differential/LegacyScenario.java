package dev.portcullis.differential;

import dev.portcullis.differential.Situation.Mode;
import dev.portcullis.qtest.client.QtestException;
import java.util.SplittableRandom;

/// Software in legacy mode: two devices, three domains, contexts of every kind.
final class LegacyScenario extends Scenario {
  private static final int PRESENT = 1;
  private static final int FPD = 2;
  private static final int PASS_THROUGH = 2;
  private static final int MENDED = -1;
  private static final int WIDTH_48 = 2;

  /// A domain whose tables are nowhere. No two contexts of one domain may have different tables.
  private static final int LOST = 20;

  private static final long HOST_ADDRESSES = 1L << 48;
  private static final int[] FUNCTIONS = {Software.TESTDEV, Software.EDU};

  /// What a function is told to use.
  private record Context(int did, long lo, long hi) {}

  private final SecondStage[] domains = new SecondStage[3];
  private final Invalidations invalidations;
  private long root;
  private long contexts;
  private long rootEntry;
  private final Context[] contextOf = new Context[FUNCTIONS.length];
  private boolean enabled;

  LegacyScenario(Software software, SplittableRandom random) throws QtestException {
    super(software, random, Mode.LEGACY);
    for (int i = 0; i < domains.length; i++) {
      domains[i] =
          new SecondStage(image, random, SecondStage.Reasons.LEGACY, random.nextBoolean() ? 4 : 3);
    }
    invalidations =
        random.nextInt(3) == 0 ? new ByRegister(software) : new ByQueue(software, false, 0);
  }

  @Override
  void bringUp() throws QtestException {
    root = image.page();
    contexts = image.page();
    rootEntry = contexts | PRESENT;
    image.write(root, rootEntry);
    for (int i = 0; i < FUNCTIONS.length; i++) {
      write(i, secondStage(random.nextInt(domains.length), 0));
    }
    for (SecondStage domain : domains) {
      for (int i = 0; i < 8; i++) {
        domain.map(domain.randomAddress() & (1L << 39) - 1);
      }
    }
    software.register64(Software.RTADDR, root);
    software.register32(Software.GCMD, SRTP);
    invalidations.start();
    forgetAll();
    translate(true);
  }

  private boolean isQueued() {
    return invalidations instanceof ByQueue;
  }

  private void translate(boolean on) throws QtestException {
    software.register32(Software.GCMD, (on ? TE : 0) | (isQueued() ? QIE : 0));
    enabled = on;
  }

  private void forgetAll() throws QtestException {
    invalidations.contexts();
    invalidations.translations();
    invalidations.await();
  }

  @Override
  void used(int function, long iova, Access access) {}

  @Override
  void forgetTranslations() throws QtestException {
    invalidations.translations();
    invalidations.await();
  }

  @Override
  void shutDown() throws QtestException {
    translate(false);
    invalidations.stop();
    if (isQueued()) {
      software.register32(Software.GCMD, 0);
    }
  }

  @Override
  void doSomething() throws QtestException {
    int choice = random.nextInt(100);
    if (!isRootWhole() && choice < 20) {
      mendRoot();
    } else if (choice < 78) {
      dma();
    } else if (choice < 89) {
      changeEntry();
    } else if (choice < 92) {
      changeContext();
    } else if (choice < 93) {
      changeRoot();
    } else if (choice < 95) {
      changeEvents();
    } else if (choice < 96) {
      translateOrNot();
    } else if (choice < 97) {
      moveTables();
    } else {
      useQueue();
    }
  }

  private void dma() throws QtestException {
    int which = random.nextInt(FUNCTIONS.length);
    long iova = address(which);
    Decision write = decide(0, iova, Access.WRITE);
    boolean reaches = enabled && write.reason() == 0 && Image.isMemory(write.hpa());
    if (reaches && domain(0) >= 0 && random.nextInt(8) == 0) {
      useStaleTranslation(domains[domain(0)], iova, write);
      return;
    }
    dma(
        FUNCTIONS[which],
        iova,
        decide(which, iova, Access.READ),
        decide(which, iova, Access.WRITE));
  }

  private long address(int which) {
    return random.nextInt(3) == 0 || !enabled || domain(which) < 0
        ? SecondStage.DATA + random.nextInt(SecondStage.DATA_PAGES * Image.PAGE_BYTES)
        : domains[domain(which)].randomAddress();
  }

  /// The domain whose tables `which` uses, or less than 0.
  private int domain(int which) {
    int did = contextOf[which].did();
    return did >= 1 && did <= domains.length ? did - 1 : -1;
  }

  private Context secondStage(int index, long bits) {
    SecondStage domain = domains[index];
    int did = index + 1;
    return new Context(did, domain.root() | PRESENT | bits, domain.width() | (long) did << 8);
  }

  private void write(int which, Context context) throws QtestException {
    contextOf[which] = context;
    image.write(contexts + FUNCTIONS[which] * 16L + 8, context.hi());
    image.write(contexts + FUNCTIONS[which] * 16L, context.lo());
  }

  private Context randomContext() throws QtestException {
    int index = random.nextInt(domains.length);
    Context good = secondStage(index, 0);
    return switch (random.nextInt(16)) {
      case 0 -> new Context(good.did(), good.lo() & ~PRESENT, good.hi());
      case 1 -> new Context(good.did(), FPD, 0);
      case 2 -> secondStage(index, 1L << 4 + random.nextInt(8));
      case 3 -> secondStage(index, 1L << 48 + random.nextInt(16));
      case 4 -> new Context(good.did(), good.lo(), good.hi() | 1L << 24 + random.nextInt(40));
      case 5 -> new Context(good.did(), good.lo(), good.hi() & ~7 | badWidth());
      case 6 -> secondStage(index, 3L << 2);
      case 7 -> secondStage(index, 1L << 2);
      case 8 -> new Context(LOST, Image.NOWHERE | PRESENT, domains[index].width() | LOST << 8);
      case 9 -> secondStage(index, FPD);
      case 10, 11 -> new Context(0, PRESENT | PASS_THROUGH << 2, WIDTH_48 | 9 << 8);
      case 12 -> new Context(good.did(), good.lo(), good.hi() | 0x78);
      default -> good;
    };
  }

  private long badWidth() {
    return new long[] {0, 3, 4, 5, 6, 7}[random.nextInt(6)];
  }

  private void changeContext() throws QtestException {
    int which = random.nextInt(FUNCTIONS.length);
    int before = contextOf[which].hi() == 0 ? 0 : (int) (contextOf[which].hi() >>> 8) & 0xffff;
    boolean wasPresent = (contextOf[which].lo() & PRESENT) != 0;
    write(which, randomContext());
    step("context of %02x is %s".formatted(FUNCTIONS[which], contextOf[which]));
    if (!wasPresent && random.nextBoolean()) {
      return;
    }
    switch (random.nextInt(3)) {
      case 0 -> invalidations.context(before, FUNCTIONS[which]);
      case 1 -> invalidations.contextsOf(before);
      default -> invalidations.contexts();
    }
    if (random.nextBoolean()) {
      invalidations.translationsOf(before);
    } else {
      invalidations.translations();
    }
    invalidations.await();
  }

  private void changeEntry() throws QtestException {
    int index = random.nextInt(domains.length);
    SecondStage domain = domains[index];
    long address = domain.randomAddress() & (1L << 48) - 1;
    int level;
    if (random.nextInt(3) == 0) {
      level = 3;
      domain.map(address);
    } else {
      level = domain.change(address);
    }
    step("entry of domain %d for %#x, level %d".formatted(index + 1, address, level));
    forgetEntry(index + 1, address, level);
  }

  private void forgetEntry(int did, long address, int level) throws QtestException {
    int choice = random.nextInt(level == 1 ? 4 : 2);
    switch (choice) {
      case 0 -> invalidations.translations();
      case 1 -> invalidations.translationsOf(did);
      case 2 -> invalidations.pages(did, address, 0);
      default -> {
        int mask = 1 + random.nextInt(4);
        invalidations.pages(did, address & -4096L << mask, mask);
      }
    }
    invalidations.await();
  }

  private boolean isRootWhole() {
    return Image.isMemory(root) && rootEntry == (contexts | PRESENT);
  }

  private void changeRoot() throws QtestException {
    step("root entry");
    rootEntry =
        switch (isRootWhole() ? random.nextInt(6) : MENDED) {
          case 0 -> contexts;
          case 1 -> contexts | PRESENT | 1L << 1 + random.nextInt(11);
          case 2 -> contexts | PRESENT | 1L << 48 + random.nextInt(16);
          case 3 -> Image.NOWHERE | PRESENT;
          default -> contexts | PRESENT;
        };
    image.write(root, rootEntry);
    forgetAll();
  }

  private void mendRoot() throws QtestException {
    if (Image.isMemory(root)) {
      changeRoot();
    } else {
      moveTables();
    }
  }

  private void moveTables() throws QtestException {
    step("tables move");
    boolean lost = Image.isMemory(root) && random.nextInt(3) == 0;
    root = lost ? Image.NOWHERE : image.page();
    if (!lost) {
      image.write(root, rootEntry);
    }
    software.register64(Software.RTADDR, root);
    software.register32(Software.GCMD, SRTP | (enabled ? TE : 0) | (isQueued() ? QIE : 0));
    forgetAll();
    software.seeCommands();
  }

  private void translateOrNot() throws QtestException {
    step("translation goes " + (enabled ? "off" : "on"));
    translate(!enabled);
    forgetAll();
    software.seeCommands();
  }

  private void useQueue() throws QtestException {
    if (invalidations instanceof ByQueue queue) {
      if (random.nextInt(3) == 0) {
        step("a bad descriptor");
        queue.stumble();
      } else {
        step("invalidation events");
        software.register32(Software.IEADDR, 0xfee0_0000L);
        software.register32(Software.IEDATA, 0x50);
        software.register32(Software.IECTL, random.nextBoolean() ? 1L << 31 : 0);
        queue.awaitWithInterrupt();
        software.seeCommands();
        if (random.nextBoolean()) {
          software.register32(Software.ICS, 1);
        }
      }
      software.seeCommands();
    }
  }

  private Decision decide(int which, long iova, Access access) {
    if (!enabled) {
      return Decision.to(iova);
    }
    if (!Image.isMemory(root)) {
      return Decision.fault(0x08);
    }
    if ((rootEntry & PRESENT) == 0) {
      return Decision.fault(0x01);
    }
    if ((rootEntry & 0xffff_0000_0000_0ffeL) != 0) {
      return Decision.fault(0x0a);
    }
    if (!Image.isMemory(rootEntry & -4096)) {
      return Decision.fault(0x09);
    }
    return decideContext(contextOf[which], iova, access);
  }

  private Decision decideContext(Context context, long iova, Access access) {
    Decision decided = decideByContext(context, iova, access);
    boolean silent = decided.reason() != 0 && (context.lo() & FPD) != 0;
    return silent ? Decision.to(Image.NOWHERE) : decided;
  }

  private Decision decideByContext(Context context, long iova, Access access) {
    if ((context.lo() & PRESENT) == 0) {
      return Decision.fault(0x02);
    }
    int type = (int) (context.lo() >> 2) & 3;
    boolean tables = type != PASS_THROUGH;
    long reservedLo = tables ? 0xffff_0000_0000_0ff0L : 0xff0;
    if ((context.lo() & reservedLo) != 0 || (context.hi() & 0xffff_ffff_ff00_0080L) != 0) {
      return Decision.fault(0x0b);
    }
    int width = (int) context.hi() & 7;
    if (width != 1 && width != WIDTH_48 || (type & 1) != 0) {
      return Decision.fault(0x03);
    }
    if (!tables) {
      return Long.compareUnsigned(iova, HOST_ADDRESSES) < 0
          ? Decision.to(iova)
          : Decision.fault(0x04);
    }
    if (!Image.isMemory(context.lo() & -4096)) {
      return Long.compareUnsigned(iova, 1L << 30 + 9 * width) < 0
          ? Decision.fault(0x03)
          : Decision.fault(0x04);
    }
    return domains[context.did() - 1].decide(iova, access);
  }
}
