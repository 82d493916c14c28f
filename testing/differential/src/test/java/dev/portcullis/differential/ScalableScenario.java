package dev.portcullis.differential;

import dev.portcullis.differential.Situation.Mode;
import dev.portcullis.qtest.client.QtestException;
import java.util.SplittableRandom;

/// Software in scalable mode: two devices that make requests without PASID, domains of one stage,
/// context and PASID entries of every kind.
final class ScalableScenario extends Scenario {
  private static final int PRESENT = 1;
  private static final int FPD = 2;
  private static final int CONTEXT_BYTES = 32;
  private static final long SCALABLE_ROOT = 1 << 10;
  private static final long BEYOND_HOST = 0xffff_0000_0000_0000L;
  private static final int MENDED = -1;
  private static final int FIRST_STAGE = 1;
  private static final int SECOND_STAGE = 2;
  private static final int PASS_THROUGH = 4;
  private static final int PASS_THROUGH_DOMAIN = 9;
  private static final long SNOOPED_WALK = 1 << 23;

  /// A domain whose tables are nowhere. No two entries of one domain may have different tables.
  private static final int LOST = 20;

  private static final int[] FUNCTIONS = {Software.TESTDEV, Software.EDU};

  private final Mode mode;
  private final Tables[] domains = new Tables[3];
  private final ByQueue queue;
  private final long contexts;
  private final long[] pasids = new long[FUNCTIONS.length];
  private final long[] directories = new long[FUNCTIONS.length];
  private final int[] domainOf = new int[FUNCTIONS.length];
  private long root;
  private boolean enabled;

  ScalableScenario(Software software, SplittableRandom random, Mode mode) throws QtestException {
    super(software, random, mode);
    this.mode = mode;
    this.queue = new ByQueue(software, true, 0);
    for (int i = 0; i < domains.length; i++) {
      domains[i] =
          mode == Mode.FIRST_STAGE
              ? new FirstStage(image, random)
              : new SecondStage(
                  image, random, SecondStage.Reasons.SCALABLE, random.nextBoolean() ? 4 : 3);
    }
    contexts = image.page();
    for (int i = 0; i < FUNCTIONS.length; i++) {
      directories[i] = image.page();
      pasids[i] = image.page();
    }
  }

  @Override
  void bringUp() throws QtestException {
    root = image.page();
    image.write(root, contexts | PRESENT);
    for (int i = 0; i < FUNCTIONS.length; i++) {
      image.write(contextAt(i), directories[i] | PRESENT);
      image.write(directories[i], pasids[i] | PRESENT);
      writePasid(i, 1 + random.nextInt(domains.length), 0);
    }
    for (Tables domain : domains) {
      for (int i = 0; i < 8; i++) {
        domain.map(domain.randomAddress() & (1L << 38) - 1);
      }
    }
    software.register64(Software.RTADDR, root | SCALABLE_ROOT);
    software.register32(Software.GCMD, SRTP);
    queue.start();
    forgetAll();
    translate(true);
  }

  private long contextAt(int which) {
    return contexts + (long) FUNCTIONS[which] * CONTEXT_BYTES;
  }

  private void translate(boolean on) throws QtestException {
    software.register32(Software.GCMD, (on ? TE : 0) | QIE);
    enabled = on;
  }

  private void forgetAll() throws QtestException {
    queue.contexts();
    queue.pasids();
    queue.translations();
    queue.await();
  }

  @Override
  void forgetTranslations() throws QtestException {
    queue.translations();
    queue.await();
  }

  @Override
  void shutDown() throws QtestException {
    translate(false);
    queue.stop();
  }

  @Override
  void doSomething() throws QtestException {
    int choice = random.nextInt(100);
    if (!isRootWhole() && choice < 20) {
      changeRoot();
    } else if (choice < 78) {
      dma();
    } else if (choice < 88) {
      changeEntry();
    } else if (choice < 92) {
      changePasid();
    } else if (choice < 94) {
      changeContext();
    } else if (choice < 95) {
      changeDirectory();
    } else if (choice < 96) {
      changeRoot();
    } else if (choice < 98) {
      changeEvents();
    } else if (choice < 99) {
      step("a bad descriptor");
      queue.stumble();
    } else {
      step("translation goes " + (enabled ? "off" : "on"));
      translate(!enabled);
      forgetAll();
      software.seeCommands();
    }
  }

  private void dma() throws QtestException {
    int which = random.nextInt(FUNCTIONS.length);
    int domain = domainOf[which];
    long iova =
        random.nextInt(4) == 0 || !enabled || domain < 1 || domain > domains.length
            ? SecondStage.DATA + random.nextInt(SecondStage.DATA_PAGES * Image.PAGE_BYTES)
            : domains[domain - 1].randomAddress();
    int own = domainOf[0];
    Decision write = decide(0, iova, Access.WRITE);
    boolean reaches = enabled && write.reason() == 0 && Image.isMemory(write.hpa());
    if (reaches && own >= 1 && own <= domains.length && random.nextInt(8) == 0) {
      useStaleTranslation(domains[own - 1], iova, write);
      return;
    }
    dma(
        FUNCTIONS[which],
        iova,
        decide(which, iova, Access.READ),
        decide(which, iova, Access.WRITE));
  }

  /// Gives a function the tables of domain `did`.
  private void writePasid(int which, int did, long bits) throws QtestException {
    Tables domain = domains[did - 1];
    boolean first = mode == Mode.FIRST_STAGE;
    long type = (first ? FIRST_STAGE : SECOND_STAGE) << 6;
    long lo = PRESENT | type | (long) domain.width() << 2 | (first ? 0 : domain.root()) | bits;
    writePasid(which, did, lo, first ? domain.root() : 0);
  }

  private void writePasid(int which, int did, long lo, long firstStage) throws QtestException {
    long at = pasids[which];
    boolean snooped = mode == Mode.FIRST_STAGE && lo != 0;
    image.write(at + 8, did | (snooped ? SNOOPED_WALK : 0));
    image.write(at + 16, firstStage);
    image.write(at, lo);
    domainOf[which] = did;
  }

  private void changePasid() throws QtestException {
    int which = random.nextInt(FUNCTIONS.length);
    int before = domainOf[which];
    int did = 1 + random.nextInt(domains.length);
    boolean first = mode == Mode.FIRST_STAGE;
    long width = domains[did - 1].width() << 2;
    long good = PRESENT | (first ? FIRST_STAGE : SECOND_STAGE) << 6 | width;
    switch (random.nextInt(10)) {
      case 0 -> writePasid(which, 0, 0, 0);
      case 1, 2 -> {
        // With no second stage at all, AW is reserved but where the first stage is used.
        long type = new long[] {0, 3, 5}[random.nextInt(3)];
        writePasid(which, did, PRESENT | type << 6 | (first ? 0 : width), 0);
      }
      case 3 ->
          writePasid(which, LOST, good | (first ? 0 : Image.NOWHERE), first ? Image.NOWHERE : 0);
      case 4 -> writePasid(which, did, FPD);
      case 5, 6 ->
          writePasid(which, PASS_THROUGH_DOMAIN, PRESENT | (long) PASS_THROUGH << 6 | 2L << 2, 0);
      case 7 -> {
        if (first) {
          writePasid(which, did, 0);
        } else {
          writePasid(which, did, good & ~(7L << 2) | (random.nextBoolean() ? 5 : 0) << 2, 0);
        }
      }
      default -> writePasid(which, did, 0);
    }
    if (!isWhole(which) && (image.read(directories[which]) & FPD) != 0) {
      image.write(directories[which], pasids[which] | PRESENT);
    }
    step("PASID entry of %02x is %#x".formatted(FUNCTIONS[which], image.read(pasids[which])));
    if (before == PASS_THROUGH_DOMAIN || domainOf[which] == PASS_THROUGH_DOMAIN) {
      // QEMU goes on passing requests through until their context entry is invalidated.
      queue.context(before, FUNCTIONS[which]);
    }
    forgetPasid(before);
  }

  private void forgetPasid(int did) throws QtestException {
    switch (random.nextInt(3)) {
      case 0 -> queue.pasids();
      case 1 -> queue.pasidsOf(did);
      default -> queue.pasid(did, 0);
    }
    switch (random.nextInt(3)) {
      case 0 -> queue.translations();
      case 1 -> queue.translationsOf(did);
      default -> {
        if (mode == Mode.FIRST_STAGE) {
          queue.pasidTranslations(did, 0);
        } else {
          queue.translationsOf(did);
        }
      }
    }
    queue.await();
  }

  private void changeContext() throws QtestException {
    int which = random.nextInt(FUNCTIONS.length);
    long at = contextAt(which);
    long good = directories[which] | PRESENT;
    image.write(at + 8, 0);
    image.write(at + 16, 0);
    image.write(at + 24, 0);
    switch (random.nextInt(9)) {
      case 0 -> image.write(at, good & ~PRESENT);
      case 1 -> image.write(at, FPD);
      case 2 -> image.write(at, good | 1L << 5 + random.nextInt(4));
      case 3 -> image.write(at, good | 1L << 48 + random.nextInt(16));
      case 4 -> {
        image.write(at + 8 * (2 + random.nextInt(2)), 1L << random.nextInt(64));
        image.write(at, good);
      }
      case 5 -> image.write(at, Image.NOWHERE | PRESENT);
      case 6 -> image.write(at, good | FPD);
      default -> image.write(at, good | (long) random.nextInt(8) << 9);
    }
    step("context of %02x is %#x".formatted(FUNCTIONS[which], image.read(at)));
    if (random.nextBoolean()) {
      queue.contexts();
    } else {
      queue.context(domainOf[which], FUNCTIONS[which]);
    }
    queue.pasids();
    queue.translations();
    queue.await();
  }

  private void changeDirectory() throws QtestException {
    int which = random.nextInt(FUNCTIONS.length);
    long good = pasids[which] | PRESENT;
    long entry =
        switch (random.nextInt(5)) {
          case 0 -> 0;
          case 1 -> Image.NOWHERE | PRESENT;
          case 2 -> isWhole(which) ? good | FPD : good;
          default -> good;
        };
    image.write(directories[which], entry);
    step("PASID directory of %02x has %#x".formatted(FUNCTIONS[which], entry));
    forgetAll();
  }

  /// Whether the PASID entry of a function is good. QEMU forgets FPD of the directory when it is
  /// not.
  private boolean isWhole(int which) {
    long entry = image.read(pasids[which]);
    int reason = decideByPasid(which, entry, 0, Access.READ).reason();
    return reason != 0x59 && reason != 0x5b;
  }

  private boolean isRootWhole() {
    return image.read(root) == (contexts | PRESENT);
  }

  private void changeRoot() throws QtestException {
    step("root entry");
    long good = contexts | PRESENT;
    image.write(
        root,
        switch (isRootWhole() ? random.nextInt(6) : MENDED) {
          case 0 -> contexts;
          case 1 -> good | 1L << 1 + random.nextInt(11);
          case 2 -> good | 1L << 48 + random.nextInt(16);
          case 3 -> Image.NOWHERE | PRESENT;
          default -> good;
        });
    forgetAll();
  }

  private void changeEntry() throws QtestException {
    int index = random.nextInt(domains.length);
    Tables domain = domains[index];
    long address = domain.randomAddress() << 16 >> 16;
    int level = 3;
    if (random.nextInt(3) == 0) {
      domain.map(address);
    } else {
      level = domain.change(address);
    }
    step("entry of domain %d for %#x, level %d".formatted(index + 1, address, level));
    if (mode == Mode.FIRST_STAGE) {
      forgetFirstStage(index + 1, address, level);
    } else {
      forgetSecondStage(index + 1, address, level);
    }
  }

  private void forgetFirstStage(int did, long address, int level) throws QtestException {
    switch (random.nextInt(level == 1 ? 4 : 2)) {
      case 0 -> queue.translations();
      case 1 -> queue.pasidTranslations(did, 0);
      default -> queue.pasidPages(did, 0, address, 0);
    }
    queue.await();
  }

  private void forgetSecondStage(int did, long address, int level) throws QtestException {
    switch (random.nextInt(level == 1 ? 4 : 2)) {
      case 0 -> queue.translations();
      case 1 -> queue.translationsOf(did);
      default -> queue.pages(did, address, 0);
    }
    queue.await();
  }

  private Decision decide(int which, long iova, Access access) {
    if (!enabled) {
      return Decision.to(iova);
    }
    long entry = image.read(root);
    if ((entry & PRESENT) == 0) {
      return Decision.fault(0x39);
    }
    if ((entry & (BEYOND_HOST | 0xffe)) != 0) {
      return Decision.fault(0x3a);
    }
    if (!Image.isMemory(entry & -4096)) {
      return Decision.fault(0x40);
    }
    Decision decided = decideByContext(which, iova, access);
    return decided.reason() != 0 && isSilent(which, decided.reason())
        ? Decision.to(Image.NOWHERE)
        : decided;
  }

  /// Whether FPD of an entry that was met keeps a fault out of the log. Those of reading tables are
  /// not kept out.
  private boolean isSilent(int which, int reason) {
    long met = image.read(contextAt(which));
    if (reason > 0x51) {
      met |= image.read(directories[which]);
    }
    if (reason > 0x58) {
      met |= image.read(pasids[which]);
    }
    return (met & FPD) != 0 && reason != 0x50 && reason != 0x58;
  }

  @Override
  void used(int function, long iova, Access access) {
    int which = function == FUNCTIONS[0] ? 0 : 1;
    long entry = image.read(root);
    boolean usable =
        (entry & PRESENT) != 0
            && (entry & (BEYOND_HOST | 0xffe)) == 0
            && Image.isMemory(entry & -4096);
    if (enabled && usable && mode == Mode.FIRST_STAGE) {
      int reason = decideByContext(which, iova, access).reason();
      long type = image.read(pasids[which]) >>> 6 & 7;
      boolean walked = reason == 0 || reason >= 0x70 && reason != 0x73 && reason != 0x80;
      if (walked && type == FIRST_STAGE) {
        domains[domainOf[which] - 1].use(iova, access);
      }
    }
  }

  private Decision decideByContext(int which, long iova, Access access) {
    long at = contextAt(which);
    long context = image.read(at);
    if ((context & PRESENT) == 0) {
      return Decision.fault(0x41);
    }
    if ((context & (BEYOND_HOST | 0x1e0)) != 0
        || image.read(at + 16) != 0
        || image.read(at + 24) != 0) {
      return Decision.fault(0x42);
    }
    if (!Image.isMemory(context & -4096)) {
      return Decision.fault(0x50);
    }
    long directory = image.read(directories[which]);
    if ((directory & PRESENT) == 0) {
      return Decision.fault(0x51);
    }
    if (!Image.isMemory(directory & -4096)) {
      return Decision.fault(0x58);
    }
    return decideByPasid(which, image.read(pasids[which]), iova, access);
  }

  private Decision decideByPasid(int which, long entry, long iova, Access access) {
    if ((entry & PRESENT) == 0) {
      return Decision.fault(0x59);
    }
    int type = (int) (entry >>> 6) & 7;
    if (type == PASS_THROUGH) {
      return Decision.to(iova);
    }
    int width = (int) (entry >>> 2) & 7;
    boolean first = mode == Mode.FIRST_STAGE;
    if (type != (first ? FIRST_STAGE : SECOND_STAGE) || !first && width != 1 && width != 2) {
      return Decision.fault(0x5b);
    }
    if (domainOf[which] == LOST) {
      return lost(iova, width);
    }
    return domains[domainOf[which] - 1].decide(iova, access);
  }

  private Decision lost(long iova, int width) {
    if (mode == Mode.FIRST_STAGE) {
      return Decision.fault(iova << 16 >> 16 == iova ? 0x73 : 0x80);
    }
    boolean inside = Long.compareUnsigned(iova, 1L << 30 + 9 * width) < 0;
    return Decision.fault(inside ? 0x7b : 0x84);
  }
}
