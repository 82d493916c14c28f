package dev.portcullis.management.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DebianVersionTest {
  /// In order, as `dpkg --compare-versions` has them.
  private static final List<String> ORDER =
      List.of(
          "1.0~~",
          "1.0~beta1-1",
          "1.0~beta1-1+b1",
          "1.0-0ubuntu1",
          "1.0-1~bpo12+1",
          "1.0-1",
          "1.0-1+deb13u1",
          "1.0a-1",
          "1.0+dfsg-1",
          "1.2-1",
          "1.10-1",
          "1.10.0~rc1-1",
          "1.10.0-1",
          "12-1",
          "1:0.1-1",
          "2:0-0");

  @Test
  void orderIsThatOfDpkg() {
    for (int i = 0; i < ORDER.size(); i++) {
      for (int j = 0; j < ORDER.size(); j++) {
        assertThat(Integer.signum(DebianVersion.compare(ORDER.get(i), ORDER.get(j))))
            .as("%s, %s", ORDER.get(i), ORDER.get(j))
            .isEqualTo(Integer.compare(i, j));
      }
    }
  }

  @Test
  void zeroesInFrontAndEmptyPartsDoNotCount() {
    assertThat(DebianVersion.compare("1.01-0", "1.1")).isZero();
    assertThat(DebianVersion.compare("0:1", "1")).isZero();
    assertThat(DebianVersion.compare("", "0")).isZero();
    assertThat(DebianVersion.compare("99999999999999999999", "99999999999999999998")).isPositive();
  }
}
