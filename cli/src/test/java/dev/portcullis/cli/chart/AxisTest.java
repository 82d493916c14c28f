package dev.portcullis.cli.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AxisTest {
  @ParameterizedTest
  @CsvSource({"1, 1", "1.03, 1.25", "552, 600", "27, 30", "0.004, 0.004", "99999, 100000"})
  void aLinearAxisEndsAtARoundNumberThatIsNoLess(double most, double last) {
    Axis axis = Axis.linear(List.of(0.0, most));

    assertThat(axis.ticks().getFirst()).isZero();
    assertThat(axis.ticks().getLast()).isCloseTo(last, Offset.offset(1e-9));
    assertThat(axis.ticks()).hasSizeBetween(2, 6);
    assertThat(axis.height(0)).isZero();
    assertThat(axis.height(most)).isBetween(0.5, 1.0);
  }

  @Test
  void aLogarithmicAxisGivesEachPowerOfTenTheSameAndHasNothingAtTheBottom() {
    Axis axis = Axis.logarithmic(List.of(0.0, 1.0, 32_902.0));

    assertThat(axis.ticks()).containsExactly(0.1, 1.0, 10.0, 100.0, 1_000.0, 10_000.0, 100_000.0);
    assertThat(axis.height(0)).isZero();
    assertThat(axis.height(1)).isCloseTo(1 / 6.0, Offset.offset(1e-9));
    assertThat(axis.height(100_000)).isEqualTo(1);
  }

  @Test
  void valuesThatAreAllZeroHaveAnAxis() {
    assertThat(Axis.linear(List.of(0.0)).height(0)).isZero();
    assertThat(Axis.logarithmic(List.of(0.0)).height(0)).isZero();
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "0.5246, 0.52", "1, 1.00", "12.66, 12.7", "386.4, 386", "'32902', '32,902'"})
  void valuesAreShort(double value, String words) {
    assertThat(Axis.words(value)).isEqualTo(words);
  }
}
