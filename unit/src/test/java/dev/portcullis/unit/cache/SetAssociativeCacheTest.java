package dev.portcullis.unit.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SetAssociativeCacheTest {
  private static final long WIDEST_PAGE = (1L << 45) - 1;

  private final Epoch epoch = new Epoch();
  private final SetAssociativeCache cache = new SetAssociativeCache(4096, epoch);

  private void fill(int domain, long page, long word) {
    cache.fill(domain, page, word, epoch.current());
  }

  @Test
  void whatWasFilledIsFoundUnderItsDomainAndPageOnly() {
    fill(7, 0x1234, 42);
    assertThat(cache.lookup(7, 0x1234)).isEqualTo(42);
    assertThat(cache.lookup(6, 0x1234)).isZero();
    assertThat(cache.lookup(7, 0x1235)).isZero();
    fill(0xffff, WIDEST_PAGE, 43);
    assertThat(cache.lookup(0xffff, WIDEST_PAGE)).isEqualTo(43);
    assertThat(cache.lookup(0, 0)).isZero();
  }

  @Test
  void aPageHasOneEntry() {
    fill(7, 1, 42);
    fill(7, 1, 43);
    assertThat(cache.lookup(7, 1)).isEqualTo(43);
    epoch.advance();
    cache.removePages(7, 1, 0);
    assertThat(cache.lookup(7, 1)).isZero();
  }

  @Test
  void whatWasWalkedBeforeAnInvalidationIsNotRemembered() {
    long before = epoch.current();
    epoch.advance();
    cache.fill(7, 1, 42, before);
    assertThat(cache.lookup(7, 1)).isZero();
  }

  @Test
  void everyPageOfARunAsLongAsTheCacheIsRemembered() {
    for (int page = 0; page < 4096; page++) {
      fill(7, page, page + 1);
    }
    for (int page = 0; page < 4096; page++) {
      assertThat(cache.lookup(7, page)).isEqualTo(page + 1);
    }
  }

  @Test
  void mostDomainsWithTheSamePageHavePlacesOfTheirOwn() {
    for (int domain = 0; domain < 2048; domain++) {
      fill(domain, 0x12345, domain + 1);
    }
    int found = 0;
    for (int domain = 0; domain < 2048; domain++) {
      found += cache.lookup(domain, 0x12345) != 0 ? 1 : 0;
    }
    assertThat(found).isGreaterThan(1900);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 9, 10, 11, 18, 45, 52, 63})
  void aRangeIsRemovedAndNothingElse(int pageLog2) {
    SplittableRandom random = new SplittableRandom(pageLog2);
    Map<Long, Integer> pages = new HashMap<>();
    for (int i = 0; i < 1500; i++) {
      long page = random.nextLong(1L << random.nextInt(1, 20));
      int domain = random.nextInt(3);
      pages.put(page, domain);
      fill(domain, page, page + 1);
    }
    Map<Long, Integer> kept = new HashMap<>(pages);
    kept.entrySet().removeIf(entry -> cache.lookup(entry.getValue(), entry.getKey()) == 0);
    long target = random.nextLong(4096);

    epoch.advance();
    cache.removePages(1, target, pageLog2);

    kept.forEach((page, domain) -> {
      boolean inRange = pageLog2 >= 45 || page >>> pageLog2 == target >>> pageLog2;
      assertThat(cache.lookup(domain, page))
          .as("page %x of domain %d", page, domain)
          .isEqualTo(domain == 1 && inRange ? 0 : page + 1);
    });
  }

  @Test
  void aDomainIsRemovedAndNoOther() {
    for (int page = 0; page < 100; page++) {
      fill(page & 1, page, page + 1);
    }
    epoch.advance();
    cache.removeSpace(1);
    for (int page = 0; page < 100; page++) {
      assertThat(cache.lookup(page & 1, page)).isEqualTo((page & 1) == 1 ? 0 : page + 1);
    }
    cache.removeAll();
    assertThat(cache.lookup(0, 2)).isZero();
  }
}
