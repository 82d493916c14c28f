package dev.portcullis.devices.nvme;

import static dev.portcullis.devices.FakeHost.LONG;
import static dev.portcullis.devices.nvme.NvmeHost.DATA;
import static dev.portcullis.devices.nvme.NvmeHost.LISTS;
import static dev.portcullis.devices.nvme.NvmeHost.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.devices.nvme.NvmeHost.Entry;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Random commands against a model of the disk that is an array of bytes.
class NvmePropertyTest {
  private static final long SEED = 20261122;
  private static final int BLOCKS = 512;
  private static final int PAGES = 64;
  private static final int COMMANDS = 3000;

  private final Random random = new Random(SEED);
  private final byte[] model = new byte[BLOCKS * 512];
  private final long[] pages = new long[PAGES + 1];

  @Test
  void everyReadFindsWhatWasLastWritten() {
    try (NvmeHost host = new NvmeHost(NvmeOptions.of("RANDOM"), new FlakyBackend(model.length))) {
      host.enable().withQueues(1, 0);
      for (int i = 0; i < COMMANDS; i++) {
        step(host, i);
      }
    }
  }

  @Test
  void andSoWithDoorbellsInMemory() {
    try (NvmeHost host = new NvmeHost(NvmeOptions.of("SHADOW"), new FlakyBackend(model.length))) {
      host.enable().withQueues(1, 0).withShadowDoorbells();
      for (int i = 0; i < COMMANDS; i++) {
        step(host, i);
      }
    }
  }

  private void step(NvmeHost host, int number) {
    int first = random.nextInt(BLOCKS);
    int count = 1 + random.nextInt(Math.min(BLOCKS - first, 64));
    int length = count * 512;
    int from = first * 512;
    String what = "command %d with seed %d".formatted(number, SEED);
    switch (random.nextInt(6)) {
      case 0 -> {
        host.expect(0, host.io(0x08).blocks(first, count));
        Arrays.fill(model, from, from + length, (byte) 0);
      }
      case 1, 2 -> {
        byte[] data = new byte[length];
        random.nextBytes(data);
        Entry entry = placed(host, host.io(0x01).blocks(first, count), length);
        copy(host, data, Direction.TO_RAM);
        host.expect(0, entry);
        System.arraycopy(data, 0, model, from, length);
      }
      case 3 -> {
        Entry entry = placed(host, host.io(0x05).blocks(first, count), length);
        byte[] data = Arrays.copyOfRange(model, from, from + length);
        boolean same = random.nextBoolean();
        data[random.nextInt(length)] ^= (byte) (same ? 0 : 1);
        copy(host, data, Direction.TO_RAM);
        host.expect(same ? 0 : 0x285, entry);
      }
      default -> {
        host.expect(0, placed(host, host.io(0x02).blocks(first, count), length));
        byte[] data = new byte[length];
        copy(host, data, Direction.FROM_RAM);
        assertThat(data).as(what).isEqualTo(Arrays.copyOfRange(model, from, from + length));
      }
    }
  }

  /// Scatters the data over random pages and writes the entries and lists that say so.
  private Entry placed(NvmeHost host, Entry entry, int length) {
    int offset = random.nextInt(PAGE / 4) * 4;
    scatter();
    pages[0] += offset;
    entry.prp1(pages[0]);
    int needed = (offset + length + PAGE - 1) / PAGE;
    if (needed == 2) {
      entry.prp2(pages[1]);
    } else if (needed > 2) {
      entry.prp2(writeLists(host, needed - 1));
    }
    return entry;
  }

  private void scatter() {
    boolean[] taken = new boolean[256];
    for (int i = 0; i < pages.length; i++) {
      int page = random.nextInt(256);
      while (taken[page]) {
        page = (page + 1) % 256;
      }
      taken[page] = true;
      pages[i] = DATA + (long) PAGE * page;
    }
  }

  /// Lists that start anywhere in a page and go on in the next.
  private long writeLists(NvmeHost host, int entries) {
    long start = LISTS + 8L * random.nextInt(PAGE / 8);
    long at = start;
    long next = LISTS + 2 * PAGE;
    for (int i = 1; i <= entries; i++) {
      boolean lastPlace = (at & PAGE - 1) == PAGE - 8;
      if (lastPlace && i < entries) {
        host.ram().set(LONG, at, next);
        at = next;
        next += PAGE;
      }
      host.ram().set(LONG, at, pages[i]);
      at += 8;
    }
    return start;
  }

  private enum Direction {
    TO_RAM,
    FROM_RAM
  }

  private void copy(NvmeHost host, byte[] data, Direction direction) {
    int done = 0;
    for (int i = 0; done < data.length; i++) {
      int room = PAGE - (int) (pages[i] & PAGE - 1);
      for (int j = 0; j < room && done < data.length; j++, done++) {
        switch (direction) {
          case TO_RAM -> host.ram().set(ValueLayout.JAVA_BYTE, pages[i] + j, data[done]);
          case FROM_RAM -> data[done] = host.ram().get(ValueLayout.JAVA_BYTE, pages[i] + j);
        }
      }
    }
  }
}
