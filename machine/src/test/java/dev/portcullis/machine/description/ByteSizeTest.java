package dev.portcullis.machine.description;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "4096, 4096",
    "4k, 4096",
    "512M, 536870912",
    "512MiB, 536870912",
    "1 GB, 1073741824",
    "8191T, 9006099743113216"
  })
  void isReadAsPeopleWriteIt(String text, long bytes) {
    assertThat(ByteSize.parse(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "M", "-1", "1.5G", "1P", "99999999T", "9999999999999999"})
  void isRefusedOtherwise(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> ByteSize.parse(text));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 bytes",
    "5000, 5000 bytes",
    "4096, 4 KiB",
    "1048576, 1 MiB",
    "3221225472, 3 GiB"
  })
  void isWrittenInTheLargestUnitThatKeepsItWhole(long bytes, String text) {
    assertThat(ByteSize.toText(bytes)).isEqualTo(text);
  }
}
