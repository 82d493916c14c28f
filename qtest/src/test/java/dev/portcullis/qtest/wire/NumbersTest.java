package dev.portcullis.qtest.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumbersTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "10, 10",
    "010, 8",
    "0x10, 16",
    "0XfF, 255",
    "+7, 7",
    "-1, -1",
    "-0x2, -2",
    "0xffffffffffffffff, -1",
    "18446744073709551615, -1"
  })
  void aNumberIsReadAsByStrtoullWithBase0(String word, long value) {
    assertThat(Numbers.parse(word)).hasValue(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0x",
        "-",
        "+",
        "--1",
        "+-1",
        "0x-1",
        "08",
        "1a",
        "0xg",
        " 1",
        "1 ",
        "1\r",
        "٣",
        "0x10000000000000000",
        "18446744073709551616",
        "1e3",
        "0x1_0"
      })
  void anythingElseIsNone(String word) {
    assertThat(Numbers.parse(word)).isEmpty();
  }
}
