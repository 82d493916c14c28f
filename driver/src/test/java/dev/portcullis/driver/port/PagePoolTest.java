package dev.portcullis.driver.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PagePoolTest {
  private static final long BASE = 0x10_0000;

  private final PagePool pool = new PagePool(BASE, 4);

  @Test
  void pagesComeLowestFirstAndSideBySide() throws Exception {
    assertThat(pool.allocate(1)).isEqualTo(BASE);
    assertThat(pool.allocate(2)).isEqualTo(BASE + 0x1000);
    pool.free(BASE, 1);
    assertThatThrownBy(() -> pool.allocate(2))
        .as("two holes of one page")
        .isInstanceOf(DriverException.class);
    assertThat(pool.allocate(1)).isEqualTo(BASE);
  }

  @Test
  void nothingIsLeftWhenAllIsTaken() throws Exception {
    pool.allocate(3);
    assertThatThrownBy(() -> pool.allocate(2)).isInstanceOf(DriverException.class);
    assertThat(pool.taken()).isEqualTo(3);
  }

  @Test
  void whatIsNotTakenIsNotTakenBack() throws Exception {
    pool.allocate(1);
    assertThatThrownBy(() -> pool.free(BASE, 2)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> pool.free(BASE - 0x1000, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
